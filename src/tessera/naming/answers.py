"""Whether a name that Claude gave is taken: its form, whether another segment has it, and whether the numbers bear it out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tessera.naming.request import MAX_INTERPRETATION, MAX_NAME, taken_names
from tessera.naming.vocabulary import Words, borrowed, contradiction

MALFORMED, NOT_SNAKE_CASE, TOO_LONG = "malformed", "not_snake_case", "too_long"
DUPLICATE, CONTRADICTION = "duplicate", "contradiction"
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


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
