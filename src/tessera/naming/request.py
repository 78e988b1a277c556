"""What Claude is asked about the segments of an axis.

A request holds aggregates of one axis of one store and nothing else: what the features mean, where the centres are, how
many customers the segments have, and the names that are taken. It holds no id of a store, a segment or a customer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from tessera.naming.vocabulary import FeatureWords, Words

MAX_NAME, MAX_INTERPRETATION = 40, 200
SYSTEM = f"""You name customer segments of an online shop. All segments come from one axis of behaviour and were made by \
k-means; you see aggregates of each. Give each segment of to_name a name and an interpretation.

A name is snake_case of lower-case letters, digits and single underscores, at most {MAX_NAME} characters, such as \
weekday_regulars. It tells the segment from every other one and equals none of taken_names nor another of your names. It says \
only what the centre shows: z_score is the distance from the mean of all customers in standard deviations, and the first \
feature ranks the segments. Words such as high, frequent or premium need a z_score above the mean, words such as low, rare or \
occasional one below it.

An interpretation is one sentence of at most {MAX_INTERPRETATION} characters for a marketer. It describes these customers \
against all others and makes no guess about who they are or why, and gives no advice."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["segments"],
    "properties": {
        "segments": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["segment", "segment_name", "interpretation"],
                "properties": {
                    "segment": {"type": "integer"},
                    "segment_name": {"type": "string"},
                    "interpretation": {"type": "string"},
                },
            },
        }
    },
}


def question(segments: Sequence[Mapping[str, Any]], to_name: Sequence[int], words: Words) -> str:
    """The text that asks for names.

    Parameters
    ----------
    segments
        All segments of one axis of one store that may be shown, with the columns of `name_segments` and `reserved_names`.
    to_name
        `segment_number` of those to be named.
    words
        What the features are, from `read_words`.

    Returns
    -------
    str
        JSON. Numbers have four significant digits.
    """
    return json.dumps(
        {
            "axis": segments[0]["axis_name"],
            "features": {
                feature: words.get(feature, FeatureWords()).meaning or feature.replace("_", " ")
                for segment in segments
                for feature in segment["features"]
            },
            "segments": [
                {
                    "segment": segment["segment_number"],
                    "rank_by_first_feature": f"{segment['segment_number']} of {segment['segment_count']}, ascending",
                    "name": segment["known_name"],
                    "customers": customers(segment),
                    "share_of_customers": _rounded(segment["sample_share"]),
                    "centre": {
                        feature: {"value": _rounded(value), "z_score": _rounded(z_score)}
                        for feature, value, z_score in zip(
                            segment["features"], segment["centre"], segment["centre_scaled"], strict=True
                        )
                    },
                }
                for segment in segments
            ],
            "taken_names": sorted(taken_names(segments)),
            "to_name": list(to_name),
        }
    )


def customers(segment: Mapping[str, Any]) -> int:
    """About how many customers a segment has: its share of those on the axis, of which there are `population`."""
    return round((segment["sample_share"] or 0) * (segment["population"] or 0))


def taken_names(segments: Sequence[Mapping[str, Any]], own: str | None = None) -> set[str]:
    """Names that a new one may not equal: those given before, and those of the seed but the segment's own."""
    given = {segment["known_name"] for segment in segments}
    from_seed = {segment["csv_name"] for segment in segments}.union(*(segment["reserved_names"] for segment in segments))
    return (given | (from_seed - {own})) - {None}


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
