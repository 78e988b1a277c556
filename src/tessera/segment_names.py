"""Names of axis segments: the first of the seed whose claims the members bear out, else a plain one of what sets them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.axes.definition import Settings, read_axes
from tessera.axes.scoring import Scorer, people_of, scorers_of
from tessera.segment_claims import ABS_Z, Claim, People, read_claims
from tessera.tables import doubles

SAID = pa.schema([
    ("store_id", pa.string()), ("axis_name", pa.string()), ("segment_id", pa.string()), ("as_of", pa.timestamp("us")),
    ("segment_name", pa.string()), ("interpretation", pa.string()), ("claims", pa.string()),
    ("held_names", pa.list_(pa.string())),
])
# A plain name speaks of features whose members are this far from everybody's mean, in standard deviations.
_APART = 0.25
_MOST_WORDS = 3
_LIKE_ALL = "Are much like everybody on the axis."
_TOLD = 2
_OTHER_NOUNS = ("customers", "buyers", "shoppers", "people")


def name_axis_segments(people: Iterable[pa.RecordBatch], axes: pa.Table, segments: pa.Table, settings: pa.Table, names: pa.Table,
                       axis_words: pa.Table, feature_words: pa.Table, taken: pa.Table) -> pa.Table:
    """Name the current segments of every store by who is in them tonight.

    Parameters
    ----------
    people
        Features of axes and facts, with store_id, in_<population> and, where a feature is not known of everybody,
        <feature>_is_known.
    axes, segments, settings
        As `score_axes` takes them; segments without names.
    names
        The seed axis_segment_names: axis_name, priority, segment_name, claims, sentence.
    axis_words
        axis_name and noun: what its people are called in a plain name.
    feature_words
        feature, low_word, high_word, tells (a sentence's end with {} for the number) and unit.
    taken
        store_id and name of other kinds of segments, which no axis segment goes by.

    Returns
    -------
    pyarrow.Table
        `SAID`, one row per current segment. `held_names` are all names of the axis whose claims hold.

    Raises
    ------
    ValueError
        If claims cannot be read.
    """
    chosen = Settings.from_table(settings)
    known = read_axes(axes)
    scorers = scorers_of(known, segments)
    rules = _rules(names)
    nouns = {row["axis_name"]: row["noun"] for row in axis_words.to_pylist()}
    words = {row["feature"]: row for row in feature_words.to_pylist()}
    table = pa.Table.from_batches(people) if not isinstance(people, pa.Table) else people
    rows = []
    for store_id, own in scorers.items():
        used = {_plain(row["name"]) for row in taken.to_pylist() if row["store_id"] in (store_id, None)}
        mine = table.filter(pc.equal(table["store_id"], store_id))
        for scorer in own:
            axis = scorer.axis.name
            axis_people = _people(mine, scorer, chosen.membership, words, rules.get(axis, ()))
            said = _name_axis(axis_people, scorer, rules.get(axis, ()), nouns.get(axis, "people"), words, used)
            rows += [{"store_id": store_id, "axis_name": axis, "segment_id": segment_id, "as_of": chosen.as_of, **row}
                     for segment_id, row in zip(scorer.segment_ids, said, strict=True)]
    return pa.Table.from_pylist(rows, schema=SAID)


def _rules(names: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Axis -> rows of the seed by priority, with their claims read."""
    rules: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(names.to_pylist(), key=lambda row: row["priority"]):
        rules.setdefault(row["axis_name"], []).append({**row, "read": read_claims(row["claims"])})
    return rules


def _people(rows: pa.Table, scorer: Scorer, kind: str, words: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> People:
    """Everybody of a store on an axis."""
    scaled, best = people_of(rows, scorer, kind)
    on_axis = best >= 0
    wanted = {feature for feature, _ in scorer.pairs} | {claim.feature for rule in rules for claim in rule["read"]}
    values = {feature: np.where(_is_known(rows, feature), doubles(rows, feature), np.nan)[on_axis]
              for feature in sorted(wanted & set(rows.column_names))}
    known_scaled = {feature: np.where(_is_known(rows, feature), scaled[:, place], np.nan)[on_axis]
                    for place, (feature, _) in enumerate(scorer.pairs)}
    return People(values, known_scaled, best[on_axis])


def _is_known(rows: pa.Table, feature: str) -> np.ndarray:
    """Of whom a feature is known, shape (n,)."""
    if f"{feature}_is_known" not in rows.column_names:
        return np.ones(len(rows), dtype=bool)
    return pc.fill_null(rows[f"{feature}_is_known"], False).to_numpy(zero_copy_only=False).astype(bool)


def _name_axis(people: People, scorer: Scorer, rules: Sequence[Mapping[str, Any]], noun: str, words: Mapping[str, Any],
               used: set[str]) -> list[dict[str, Any]]:
    """Names of the segments of one axis, by number; `used` grows by them."""
    places = range(len(scorer.segment_ids))
    sizes = np.bincount(people.segments, minlength=len(places))
    held = [[rule for rule in rules if sizes[place] and all(people.holds(place, claim) for claim in rule["read"])]
            for place in places]
    said: dict[int, dict[str, Any]] = {}
    for rule in rules:
        # of two segments that bear one name out, the larger has it
        for place in sorted(places, key=lambda place: (-sizes[place], place)):
            if place not in said and rule in held[place] and rule["segment_name"] not in used:
                used.add(rule["segment_name"])
                sentence = " ".join(filter(None, [rule["sentence"], _numbers(people, place, words, rule["read"])]))
                said[place] = {"segment_name": rule["segment_name"], "claims": rule["claims"], "interpretation": sentence}
    z_scores = {feature: [people.z(place, feature) or 0.0 for place in places] for feature, _ in scorer.pairs}
    for place in places:
        if place not in said:
            name, claims = next((name, claims) for name, claims in _plain_names(z_scores, place, noun, words) if name not in used)
            used.add(name)
            sentence = _numbers(people, place, words, read_claims(claims)) or _LIKE_ALL
            said[place] = {"segment_name": name, "claims": claims, "interpretation": sentence}
    return [{**said[place], "held_names": list(dict.fromkeys(rule["segment_name"] for rule in held[place]))} for place in places]


def _plain_names(z_scores: Mapping[str, Sequence[float]], place: int, noun: str,
                 words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of one or two features that set a segment apart, the plainest first, with what they claim."""
    def apart(feature: str) -> tuple[bool, float]:
        others = z_scores[feature]
        return others[place] not in (min(others), max(others)), -abs(others[place])

    features = [feature for feature in sorted(z_scores, key=apart)
                if feature in words and abs(z_scores[feature][place]) >= _APART]
    told = [(words[feature]["high_word" if z_scores[feature][place] > 0 else "low_word"],
             f"z({feature}) {'>= ' if z_scores[feature][place] > 0 else '<= -'}{_APART}") for feature in features]
    if not told:
        told = [("typical", "; ".join(f"abs_z({feature}) <= {_APART}" for feature in z_scores))]
    for others in (noun, *_OTHER_NOUNS):
        yield from ((f"{word}_{others}", claim) for word, claim in told)
        for pair in combinations(told, 2):
            name = "_".join([*(word for word, _ in pair), others])
            if name.count("_") < _MOST_WORDS:
                yield name, "; ".join(claim for _, claim in pair)
    for number in range(2, 1000):
        yield f"{told[0][0]}_{noun}_{number}", told[0][1]


def _numbers(people: People, place: int, words: Mapping[str, Any], claims: Sequence[Claim]) -> str:
    """The segment's own numbers beside the store's: of what its name claims, then of the features that set it apart most.

    None of what does not vary.
    """
    told = []
    claimed = [claim.feature for claim in claims if claim.feature in people.values and claim.measure != ABS_Z]
    for feature in dict.fromkeys([*claimed, *sorted(people.scaled, key=lambda feature: -abs(people.z(place, feature) or 0.0))]):
        own, store = people.median(place, feature), people.of_store(feature)
        if own is None or feature not in words:
            continue
        measure, everybody = "median", float(np.median(store))
        if own == everybody:
            measure, own, everybody = "mean", people.mean(place, feature), float(store.mean())
        texts = [_told(value, words[feature]["unit"]) for value in (own, everybody)]
        if texts[0] != texts[1] or feature in claimed:
            told.append(f"They {words[feature]['tells'].format(texts[0])}, the store's {measure} is {texts[1]}.")
    return " ".join(told[:_TOLD])


def _told(value: float, unit: str) -> str:
    """A number as a reader takes it."""
    if unit == "percent":
        return f"{100 * value:.0f}%"
    if unit == "days" or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if unit == "money" else f"{value:.2g}"


def _plain(name: str) -> str:
    """A name as names of axis segments are written, so that names of other kinds can be held against it."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
