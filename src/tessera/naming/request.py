"""What Claude is asked about the segments of an axis, and how the answer is judged.

A request holds aggregates of one axis of one store and nothing else: what the features mean, where the centres are, how
many customers the segments have, and the names that are taken. It holds no id of a store, a segment or a customer.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tessera.naming.vocabulary import FeatureWords, Words, borrowed, contradiction

MAX_NAME, MAX_INTERPRETATION = 40, 200
MALFORMED, NOT_SNAKE_CASE, TOO_LONG = "malformed", "not_snake_case", "too_long"
DUPLICATE, CONTRADICTION = "duplicate", "contradiction"
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
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


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


def judge(
    answer: Any,
    segments: Sequence[Mapping[str, Any]],
    to_name: Sequence[int],
    words: Words,
) -> tuple[dict[int, tuple[str, str]], dict[int, tuple[str, str]]]:
    """Judge an answer.

    Parameters
    ----------
    answer
        What the JSON of the answer says; anything may have come.
    segments
        All segments of the axis that were shown.
    to_name
        `segment_number` of those that were to be named.
    words
        What names claim of features, from `read_words`.

    Returns
    -------
    accepted, rejected
        `segment_number` -> name and interpretation; `segment_number` -> reason and a sentence about it. Every segment
        of `to_name` is in one of them. Of two that were given the same name the first keeps it.
    """
    given = _by_number(answer)
    accepted: dict[int, tuple[str, str]] = {}
    rejected: dict[int, tuple[str, str]] = {}
    for segment in segments:
        number = segment["segment_number"]
        if number not in to_name:
            continue
        name, interpretation = given.get(number, ("", ""))
        taken = taken_names(segments, segment["csv_name"]) | {name for name, _ in accepted.values()}
        fault = _fault(name, interpretation, segment, taken, words)
        if fault is None:
            accepted[number] = (name, interpretation)
        else:
            rejected[number] = fault
    return accepted, rejected


def _by_number(answer: Any) -> dict[int, tuple[str, str]]:
    """What an answer holds in the form that was asked for; of two entries for one segment the first counts."""
    entries = answer.get("segments") if isinstance(answer, dict) else None
    found: dict[int, tuple[str, str]] = {}
    for entry in entries if isinstance(entries, list) else []:
        if (
            isinstance(entry, dict)
            and isinstance(entry.get("segment"), int)
            and all(isinstance(entry.get(key), str) for key in ("segment_name", "interpretation"))
        ):
            found.setdefault(entry["segment"], (entry["segment_name"].strip(), " ".join(entry["interpretation"].split())))
    return found


def _fault(
    name: str,
    interpretation: str,
    segment: Mapping[str, Any],
    taken: set[str],
    words: Words,
) -> tuple[str, str] | None:
    """Why a name cannot be taken: the reason, and a sentence; None if it can."""
    if not name or not interpretation or not interpretation.isprintable():
        return MALFORMED, "There was no segment_name or no interpretation for it."
    if not _SNAKE_CASE.fullmatch(name):
        return NOT_SNAKE_CASE, "The name was not snake_case."
    if len(name) > MAX_NAME:
        return TOO_LONG, f"The name had {len(name)} characters; {MAX_NAME} are allowed."
    if len(interpretation) > MAX_INTERPRETATION:
        return TOO_LONG, f"The interpretation had {len(interpretation)} characters; {MAX_INTERPRETATION} are allowed."
    if name in taken:
        return DUPLICATE, "The name is taken by another segment."
    broken = borrowed(name, segment["reserved_names"], [*(segment["held_names"] or []), segment["csv_name"]])
    if broken is not None:
        return CONTRADICTION, f"The name claims what {broken} does, and the customers of the segment do not bear it out."
    z_scores = dict(zip(segment["features"], segment["centre_scaled"], strict=True))
    members_over = dict(zip(segment["features"], segment["members_over"] or [], strict=False))
    for text, is_name in ((name, True), (interpretation, False)):
        against = contradiction(text, z_scores, words, members_over, is_name=is_name)
        if against is not None:
            return CONTRADICTION, f"The numbers contradict the {'name' if is_name else 'interpretation'}: {against}."
    return None


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")
