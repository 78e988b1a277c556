"""Names of axis segments by Claude, which may fail in any way and never stops a build.

One request per store and axis names all of its new segments together, so that they are told apart. What goes out is in
`tessera.naming.request`: aggregates only. What comes back is judged in `tessera.naming.answers`; what is rejected is asked again
once, with the reason.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tessera.naming.answers import judge
from tessera.naming.client import ERROR, OUT_OF_TIME, Asker, NamingSettings, NoAnswerError, new_client
from tessera.naming.request import customers, question
from tessera.naming.vocabulary import Words, read_words

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import MessageParam

NAMED, FAILED = "named", "failed"
TOO_FEW = "too_few_customers"
NAMES = pa.schema(
    [
        ("store_id", pa.string()),
        ("axis_name", pa.string()),
        ("segment_id", pa.string()),
        ("status", pa.string()),
        ("segment_name", pa.string()),
        ("interpretation", pa.string()),
        ("reason", pa.string()),
        ("model", pa.string()),
    ]
)
LEDGER = NAMES.append(pa.field("as_of", pa.timestamp("us")))
COLUMNS = (
    "store_id",
    "axis_name",
    "segment_id",
    "segment_number",
    "segment_count",
    "csv_name",
    "held_names",
    "members_over",
    "known_name",
    "features",
    "centre",
    "centre_scaled",
    "sample_share",
    "population",
)
_KEY = ("store_id", "axis_name", "segment_id")
Outcome = dict[int, tuple[str, str] | str]
"""segment_number -> name and interpretation, or the reason why there is none."""


def name_for_night(
    segments: pa.Table,
    seed_names: pa.Table,
    feature_words: pa.Table,
    ledger: pa.Table,
    as_of: datetime,
    settings: NamingSettings,
    client: Anthropic | None = None,
) -> pa.Table:
    """The rows that tonight adds to the ledger of names.

    Parameters
    ----------
    segments
        As in `name_segments`, but for `known_name`, which comes from the ledger.
    seed_names, feature_words
        As in `name_segments`.
    ledger
        What was said so far (schema `LEDGER`). Only nights before `as_of` count, so that a night run again asks what it
        asked the first time.
    as_of
        The night, UTC.
    settings, client
        As in `name_segments`.

    Returns
    -------
    pyarrow.Table
        Schema `LEDGER`.
    """
    earlier = ledger.select([*_KEY, "status", "segment_name", "as_of"]).to_pylist()
    known = {
        _key(row): row["segment_name"]
        for row in sorted(earlier, key=lambda row: row["as_of"])
        if row["status"] == NAMED and row["as_of"] < as_of
    }
    known_names = pa.array([known.get(_key(row)) for row in segments.select(_KEY).to_pylist()], pa.string())
    segments = segments.append_column("known_name", known_names)
    names = name_segments(segments, feature_words, settings, client, seed_names=seed_names)
    return names.append_column(LEDGER.field("as_of"), pa.array([as_of] * len(names), pa.timestamp("us")))


def name_segments(
    segments: pa.Table,
    feature_words: pa.Table,
    settings: NamingSettings,
    client: Anthropic | None = None,
    *,
    seed_names: pa.Table | None = None,
) -> pa.Table:
    """Ask Claude for the names of segments that have none.

    Parameters
    ----------
    segments
        One row per current segment, of all stores and axes: `store_id`, `axis_name`, `segment_id`, `segment_number` (rank
        from 1), `segment_count`, `csv_name` (its name should this fail, or null), `held_names` (names of the seed whose claims
        its members bear out, or null), `members_over` (list of doubles: for every feature, how often a member is above somebody
        else, 0 to 1, or null), `known_name` (given before, or null;
        such a segment is shown but not asked about), `features` (list of text, the one that ranks first), `centre` and
        `centre_scaled` (lists of doubles, original units and z-scores), `sample_share` (0..1) and `population`
        (customers on the axis). Other columns are not looked at.
    feature_words
        The seed of that name: what features measure, and the phrases that say that one is high or low.
    settings
        How to ask.
    client
        A client to use instead of one that is made here.
    seed_names
        Names (`axis_name`, `segment_name`) that no segment gets but whose `csv_name` it is: other segments, to come after
        a refit too, go by them whenever their naming fails.

    Returns
    -------
    pyarrow.Table
        Schema `NAMES`, one row per segment without a `known_name`, in the order of store, axis and rank. `status` is
        `named`, or `failed` with a `reason`: `no key`, `no client` (the package is not installed), `timeout`,
        `rate_limited`, `unreachable`, `http_` and a status, `refused`, `malformed`, `not_snake_case`, `too_long`,
        `duplicate`, `contradiction`, `too_few_customers`, `out_of_time`, or `error`. Nothing that happens on the way
        to an answer raises. Reasons are words of this list, so that no message can hold the key.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    axes = _axes_to_name(segments, seed_names)
    outcomes: dict[int, Outcome] = {}
    if axes:
        made = client or new_client()
        if isinstance(made, str):
            outcomes = {number: _failed(_to_name(axis), made) for number, axis in enumerate(axes)}
        else:
            outcomes = _ask_all(axes, read_words(feature_words), settings, made)
    return _table(axes, outcomes, settings.model)


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[column] for column in _KEY)


def _axes_to_name(segments: pa.Table, seed_names: pa.Table | None) -> list[list[dict[str, Any]]]:
    """The segments of every axis of a store that has one without a name, in the order of rank, with the seed's names."""
    reserved: dict[str, set[str]] = {}
    for row in [] if seed_names is None else seed_names.select(["axis_name", "segment_name"]).to_pylist():
        reserved.setdefault(row["axis_name"], set()).add(row["segment_name"])
    rows = [{**row, "reserved_names": reserved.get(row["axis_name"], set())} for row in segments.select(COLUMNS).to_pylist()]
    rows.sort(key=lambda row: (row["store_id"], row["axis_name"], row["segment_number"]))
    axes = [list(group) for _, group in groupby(rows, key=lambda row: (row["store_id"], row["axis_name"]))]
    return [axis for axis in axes if _to_name(axis)]


def _failed(numbers: Sequence[int], reason: str) -> Outcome:
    """An outcome of one reason for all."""
    return {number: reason for number in numbers}


def _to_name(axis: Sequence[Mapping[str, Any]]) -> list[int]:
    return [segment["segment_number"] for segment in axis if segment["known_name"] is None]


def _ask_all(
    axes: Sequence[Sequence[dict[str, Any]]],
    words: Words,
    settings: NamingSettings,
    client: Anthropic,
) -> dict[int, Outcome]:
    """Number of an axis, from 0 -> segment_number -> name and interpretation, or the reason.

    The requests run in threads that are left behind when the budget is spent: a server that sends a byte now and then
    keeps every timeout of the client, and would hold the build.
    """
    deadline = time.monotonic() + settings.budget_seconds
    ask = Asker(client.with_options(max_retries=0), settings, deadline)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()
    for number in range(len(axes)):
        waiting.put(number)

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            done.put((number, _named_axis(axes[number], words, ask, settings)))

    for _ in range(min(settings.parallel, len(axes))):
        threading.Thread(target=work, daemon=True).start()
    outcomes = {number: _failed(_to_name(axis), OUT_OF_TIME) for number, axis in enumerate(axes)}
    for _ in axes:
        try:
            number, outcome = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        outcomes[number] = outcome
    return outcomes


def _named_axis(
    axis: Sequence[dict[str, Any]],
    words: Words,
    ask: Callable[[list[MessageParam]], str],
    settings: NamingSettings,
) -> Outcome:
    """Name the segments of one axis of one store: segment_number -> name and interpretation, or the reason."""
    to_name = _to_name(axis)
    outcome: Outcome = _failed(to_name, TOO_FEW)
    try:
        shown = [segment for segment in axis if customers(segment) >= settings.min_customers]
        to_name = _to_name(shown)
        if not to_name:
            return outcome
        messages: list[MessageParam] = [{"role": "user", "content": question(shown, to_name, words)}]
        for _ in range(2):
            answer = ask(messages)
            accepted, rejected = judge(_json(answer), shown, to_name, words)
            outcome.update(accepted)
            outcome.update({number: reason for number, (reason, _) in rejected.items()})
            if not rejected:
                break
            shown = [
                {**segment, "known_name": accepted[segment["segment_number"]][0]}
                if segment["segment_number"] in accepted
                else segment
                for segment in shown
            ]
            to_name = list(rejected)
            faults = " ".join(f"Segment {number}: {sentence}" for number, (_, sentence) in rejected.items())
            messages += [
                {"role": "assistant", "content": answer.strip() or "{}"},
                {"role": "user", "content": f"{faults} Name these again, and only these: {question(shown, to_name, words)}"},
            ]
    except Exception as failure:
        # a naming that fails in a way nobody thought of is still no reason to stop a build
        reason = str(failure) if isinstance(failure, NoAnswerError) else ERROR
        outcome.update(_failed(to_name, reason))
    return outcome


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _table(
    axes: Sequence[Sequence[Mapping[str, Any]]],
    outcomes: Mapping[int, Outcome],
    model: str,
) -> pa.Table:
    rows = []
    for number, axis in enumerate(axes):
        for segment in axis:
            if segment["known_name"] is None:
                outcome = outcomes[number][segment["segment_number"]]
                named = isinstance(outcome, tuple)
                rows.append(
                    {
                        **{key: segment[key] for key in _KEY},
                        "status": NAMED if named else FAILED,
                        "segment_name": outcome[0] if named else None,
                        "interpretation": outcome[1] if named else None,
                        "reason": None if named else outcome,
                        "model": model,
                    }
                )
    return pa.Table.from_pylist(rows, schema=NAMES)
