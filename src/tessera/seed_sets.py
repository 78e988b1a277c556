"""What rows of seeds say as a whole, each of which can be read: schemes of RFM, journeys, models of attribution, who is who."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

# A row by its columns, with its number in the file.
Rows = Sequence[tuple[int, dict[str, str]]]
_SCORES = ("recency", "frequency", "monetary")
_CRITERIA = ("first_seen", "event", "order_number", "days_after_order", "event_after_order")
_OF_EVENTS = ("event", "event_after_order")
# Seeds that are judged, with those that are read beside them.
JUDGED: dict[str, tuple[str, ...]] = {
    "custom_rfm_segments": (),
    "rfm_segments": ("custom_rfm_segments",),
    "journey_rules": ("event_types", "custom_event_types"),
    "attribution_models": (),
    "identity_rules": (),
    "custom_identity_rules": (),
}
# Tables whose rows tie identifiers to each other.
_EVIDENCE = ("identities", "customers", "orders", "refunds", "support_tickets", "sessions", "events")


def set_problems(name: str, seeds: Mapping[str, Rows]) -> Iterator[tuple[int, str, str]]:
    """Say what is wrong with the rows of a seed together.

    Parameters
    ----------
    name
        One of `JUDGED`.
    seeds
        The rows of that seed and of those beside it, by name; each row can be read.

    Yields
    ------
    tuple of int, str, str
        The number of a row, a column and what is wrong.
    """
    if name == "journey_rules":
        known = {row["event_type"] for seed in JUDGED[name] for _, row in seeds.get(seed, ())}
        yield from _journeys(seeds[name], known)
    elif name == "attribution_models":
        for number, row in seeds[name]:
            if not any(int(row[f"{place}_weight"]) for place in ("first", "middle", "last")):
                yield number, "first_weight", "no weight is above 0, so that nobody would have credit for an order"
    elif name in ("identity_rules", "custom_identity_rules"):
        yield from _identities(seeds[name])
    else:
        custom = {row["rule_id"] for _, row in seeds.get("custom_rfm_segments", ())}
        yield from _rfm([(number, row) for number, row in seeds[name] if name != "rfm_segments" or row["rule_id"] not in custom])


def _codes(row: Mapping[str, str]) -> set[tuple[int, ...]]:
    return set(itertools.product(*(range(int(row[f"{score}_min"]), int(row[f"{score}_max"]) + 1) for score in _SCORES)))


def _rfm(rows: Rows) -> Iterator[tuple[int, str, str]]:
    """Rows that name no code, and rows of which neither is asked first; as tests/rules say of the tables."""
    asked: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    taken: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    # lists stay as they are written in the file where nothing is asked first
    for number, row in sorted(rows, key=lambda item: (int(item[1]["priority"]), item[1]["rule_id"].encode())):
        codes, scheme = _codes(row), row["scheme"]
        twins = [
            earlier
            for earlier, other in asked[scheme]
            if int(other["priority"]) == int(row["priority"]) and codes & _codes(other)
        ]
        if not codes:
            yield number, "rule_id", f"'{row['rule_id']}' names no code: a lowest score is above its highest"
        elif twins:
            first, second = sorted((number, twins[0]))
            yield second, "priority", f"{row['priority']} is that of row {first} too, and both fit a code; neither is asked first"
        elif codes <= taken[scheme]:
            yield number, "rule_id", f"'{row['rule_id']}' names no code: rows that are asked before it take all of its codes"
        asked[scheme].append((number, row))
        taken[scheme] |= codes


def _journeys(rows: Rows, event_types: set[str]) -> Iterator[tuple[int, str, str]]:
    """Rows that would lead nobody anywhere, or to two places."""
    ranks: dict[str, set[int]] = defaultdict(set)
    stages: dict[int, set[str]] = defaultdict(set)
    ratings: dict[str, set[float | None]] = defaultdict(set)
    said = Counter((row["stage"], row["criterion"], row["value"]) for _, row in rows)
    for _, row in rows:
        ranks[row["stage"]].add(int(row["stage_rank"]))
        stages[int(row["stage_rank"])].add(row["stage"])
        if row["criterion"] in _OF_EVENTS:
            ratings[row["value"]].add(float(row["min_rating"]) if row["min_rating"] else None)
    for number, row in rows:
        criterion, value = row["criterion"], row["value"]
        is_whole = value.isascii() and value.isdigit() and 1 <= int(value[:10]) < 2**31
        if criterion not in _CRITERIA:
            yield number, "criterion", f"there is no '{criterion}'; it is one of {', '.join(_CRITERIA)}"
        elif criterion == "first_seen" and value:
            yield number, "value", "first_seen takes no value"
        elif criterion in ("order_number", "days_after_order") and not is_whole:
            yield number, "value", f"'{value}' is no whole number from 1"
        elif criterion in _OF_EVENTS and value not in event_types:
            yield number, "value", f"there is no '{value}' of event_types.csv or custom_event_types.csv"
        if criterion not in _OF_EVENTS and row["min_rating"]:
            yield number, "min_rating", "only events have one"
        if len(ranks[row["stage"]]) > 1:
            yield number, "stage_rank", f"{row['stage']} has another rank in another row"
        if len(stages[int(row["stage_rank"])]) > 1:
            yield number, "stage_rank", f"{row['stage_rank']} is the rank of another stage too"
        if said[row["stage"], criterion, value] > 1:
            yield number, "criterion", "another row of the stage says the same"
        if criterion in _OF_EVENTS and len(ratings[value]) > 1:
            yield number, "min_rating", f"another row about '{value}' has another"


def _identities(rows: Rows) -> Iterator[tuple[int, str, str]]:
    """Limits without a number, and evidence of no source."""
    for number, row in rows:
        rule, most = row["rule"], row["max_count"]
        least = {"per_person": 1, "shared_above": 0}.get(rule)
        if least is not None and (not most or int(most) < least):
            yield number, "max_count", f"{rule} needs a whole number from {least}"
        if rule == "evidence" and row["value"] not in _EVIDENCE:
            yield number, "value", f"there is no source '{row['value']}'; it is one of {', '.join(_EVIDENCE)}"
        if rule == "evidence" and row["identifier_type"] != "any":
            yield number, "identifier_type", "evidence is of any identifier"
        if rule == "evidence" and not row["priority"]:
            yield number, "priority", "evidence needs one; 1 counts most"
