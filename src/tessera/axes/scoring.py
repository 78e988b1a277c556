"""Memberships of people in the segments of their store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import rankdata

from tessera.axes.definition import TRANSFORMS, Axis, Settings, read_axes
from tessera.axes.memberships import memberships
from tessera.axes.scaling import Scaler
from tessera.tables import doubles, is_known, truths

STRONG, BALANCED, MODERATE = STRENGTHS = ("strong", "balanced", "moderate")
SCORES = pa.schema(
    [
        ("store_id", pa.string()),
        ("customer_id", pa.string()),
        ("fingerprint", pa.list_(pa.float64())),
        ("dominant_segment_ids", pa.list_(pa.string())),
        ("dominant_segment_keys", pa.list_(pa.string())),
        ("dominant_memberships", pa.list_(pa.float64())),
        ("membership_strengths", pa.list_(pa.string())),
        ("membership_strength", pa.string()),
        ("feature_vectors", pa.string()),
    ]
)
NAMED = pa.schema(
    [
        ("store_id", pa.string()),
        ("customer_id", pa.string()),
        ("segment_memberships", pa.string()),
        ("dominant_segments", pa.string()),
    ]
)
POSITIONS = pa.schema([("store_id", pa.string()), ("customer_id", pa.string()), ("axis_position", pa.list_(pa.float64()))])
_STRONG_ABOVE, _BALANCED_WITHIN = 0.7, 0.2
_BATCH_ROWS = 8_192


@dataclass(frozen=True)
class Scorer:
    """One axis of one store: how its people are scored, and the texts of its segments."""

    axis: Axis
    pairs: list[tuple[str, str]]
    scaler: Scaler
    centres: np.ndarray
    fuzzifier: float
    segment_ids: list[str]
    segment_keys: list[str]

    def scaled(self, features: _Features) -> np.ndarray:
        """Standard deviations from the population's mean, shape (n, d); 0 for who is not on the axis."""
        scaled = self.scaler.scale(np.stack([features.transformed(pair) for pair in self.pairs], axis=1))
        scaled[~features.population(self.axis.population)] = 0
        if not np.isfinite(scaled).all():
            column = int(np.flatnonzero(~np.isfinite(scaled).all(axis=0))[0])
            raise ValueError(f"feature {self.pairs[column][0]}: null, or not finite")
        return scaled

    def memberships(self, features: _Features, kind: str) -> np.ndarray:
        """Memberships to twelve decimals, shape (n, k); of anybody, also of who is not on the axis."""
        return self.of_scaled(self.scaled(features), kind)

    def of_scaled(self, scaled: np.ndarray, kind: str) -> np.ndarray:
        """The same, of scaled features, shape (n, d)."""
        return np.round(memberships(scaled, self.centres, kind, self.fuzzifier), 12)


class _Features:
    """Features of a batch of people of one store; each is transformed once, however many axes use it."""

    def __init__(self, rows: pa.RecordBatch | pa.Table) -> None:
        self._rows = rows
        self._transformed: dict[tuple[str, str], np.ndarray] = {}
        self._populations: dict[str, np.ndarray] = {}

    def transformed(self, pair: tuple[str, str]) -> np.ndarray:
        """A feature after its transform, shape (n,)."""
        if pair not in self._transformed:
            self._transformed[pair] = TRANSFORMS[pair[1]][0](doubles(self._rows, pair[0]))
        return self._transformed[pair]

    def population(self, name: str) -> np.ndarray:
        """Who is in a population, shape (n,)."""
        if name not in self._populations:
            self._populations[name] = truths(self._rows, f"in_{name}")
        return self._populations[name]


def score_axes(batches: Iterable[pa.RecordBatch], axes: pa.Table, segments: pa.Table, settings: pa.Table) -> pa.RecordBatchReader:
    """Memberships of everybody in the current segments, in a stream that holds a batch at a time.

    Parameters
    ----------
    batches
        Features, as `FeatureReader` takes them, in any order.
    axes
        The seed `axes`.
    segments
        Current rows of the ledger, with segment_key.
    settings
        One row, see `Settings`.

    Returns
    -------
    pyarrow.RecordBatchReader
        One row per person who is in the population of a fitted axis; columns as in `SCORES`. `fingerprint` has a place for
        every current segment of the store, by axis and number, null where the person is not on the axis. The lists
        beside it have a place for every axis of the seed. The texts are JSON objects by axis.

    Raises
    ------
    ValueError
        While it is read, if a feature of somebody on its axis is null or not finite.
    """
    kind = Settings.from_table(settings).membership
    known = read_axes(axes)
    scorers = scorers_of(known, segments)
    width = max((axis.number for axis in known), default=0)

    def scored() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for start in range(0, batch.num_rows, _BATCH_ROWS):
                for store_id, rows in _by_store(batch.slice(start, _BATCH_ROWS)):
                    on_any = _on_any(rows, scorers.get(store_id, ()))
                    if on_any.num_rows:
                        yield _score(on_any, scorers[store_id], width, kind)

    return pa.RecordBatchReader.from_batches(SCORES, scored())


def name_scores(batches: Iterable[pa.RecordBatch], axes: pa.Table, segments: pa.Table) -> pa.RecordBatchReader:
    """Fingerprints as people read them: by the names of the segments, in a stream that holds a batch at a time.

    Parameters
    ----------
    batches
        What `score_axes` returns: store_id, customer_id, fingerprint, dominant_segment_ids.
    axes
        The seed `axes`.
    segments
        The segments that they were scored in, with segment_name.

    Returns
    -------
    pyarrow.RecordBatchReader
        One row per person; columns as in `NAMED`. The texts are JSON objects by axis: of names and memberships to six decimals,
        and of the dominant segment's name.
    """
    known = read_axes(axes)
    rows = _by_axis(segments)
    named = {
        store_id: [(axis, rows[store_id, axis.name]) for axis in known if (store_id, axis.name) in rows] for store_id, _ in rows
    }

    def told() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for start in range(0, batch.num_rows, _BATCH_ROWS):
                for store_id, people in _by_store(batch.slice(start, _BATCH_ROWS)):
                    yield _named(people, named[store_id])

    return pa.RecordBatchReader.from_batches(NAMED, told())


def _named(people: pa.RecordBatch, segments: Sequence[tuple[Axis, Sequence[dict[str, Any]]]]) -> pa.RecordBatch:
    """Name the scores of people of one store; segments of every fitted axis, in the order of the fingerprint."""
    shares = _matrix(people.column("fingerprint")).to_numpy(zero_copy_only=False).reshape(people.num_rows, -1)
    dominant = _matrix(people.column("dominant_segment_ids"))
    places = len(dominant) // max(people.num_rows, 1)
    memberships_texts: list[pa.Array] = []
    dominant_texts: list[pa.Array] = []
    first = 0
    for axis, own in segments:
        key, names = json.dumps(axis.name) + ":", [row["segment_name"] for row in own]
        ours = shares[:, first : first + len(own)]
        first += len(own)
        memberships_texts.append(_memberships_text(key, names, ours, ~np.isnan(ours[:, 0])))
        chosen = dominant.take(pa.array(np.arange(people.num_rows) * places + axis.number - 1))
        found = pc.fill_null(pc.index_in(chosen, pa.array([row["segment_id"] for row in own], pa.string())), -1)
        dominant_texts.append(_chosen(found.to_numpy(zero_copy_only=False), [key + json.dumps(name) for name in names]))
    return pa.record_batch(
        [
            people.column("store_id").cast(pa.string()),
            people.column("customer_id").cast(pa.string()),
            _object(memberships_texts),
            _object(dominant_texts),
        ],
        schema=NAMED,
    )


def _matrix(lists: pa.Array) -> pa.Array:
    """The values of lists of one length, one after another, null where they are null."""
    values = lists.flatten()
    return values.cast(pa.float64()) if pa.types.is_floating(values.type) else values.cast(pa.string())


def people_of(rows: pa.Table, scorer: Scorer, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Scaled features of people of one store, shape (n, d), and the place of their dominant segment (-1 off the axis), (n,)."""
    features = _Features(rows)
    scaled = scorer.scaled(features)
    best, _, _ = _dominance(scorer.of_scaled(scaled, kind))
    return scaled, np.where(features.population(scorer.axis.population), best, -1)


def position_columns(axes: pa.Table) -> set[str]:
    """The columns that `axis_positions` reads, of those that there are."""
    known = read_axes(axes)
    leads = {axis.features[0] for axis in known if axis.features}
    populations = {f"in_{axis.population}" for axis in known}
    return {"store_id", "customer_id"} | populations | leads | {f"{lead}_is_known" for lead in leads}


def axis_positions(people: pa.Table, axes: pa.Table) -> pa.Table:
    """Where everybody stands on every axis among the people of their store.

    Parameters
    ----------
    people
        Features, with store_id, customer_id, in_<population> and, where a feature is not known of everybody, <feature>_is_known.
    axes
        The seed `axes`.

    Returns
    -------
    pyarrow.Table
        One row per person; columns as in `POSITIONS`. `axis_position` has a place for every axis number: the share of those on
        the axis whose leading feature is lower, 0 to 1, to six decimals; null where the person is not on the axis or the feature
        is not known of them.
    """
    known = read_axes(axes)
    width = max((axis.number for axis in known), default=1)
    positions = np.full((people.num_rows, width), np.nan)
    stores = pc.dictionary_encode(people["store_id"].combine_chunks())
    store_numbers = stores.indices.to_numpy(zero_copy_only=False)
    for axis in known:
        if axis.features:
            member = truths(people, f"in_{axis.population}") & is_known(people, axis.features[0])
            lead = np.round(doubles(people, axis.features[0]), 9)
            for number in range(len(stores.dictionary)):
                own = np.flatnonzero(member & (store_numbers == number))
                if len(own):
                    positions[own, axis.number - 1] = np.round((rankdata(lead[own], "min") - 1) / len(own), 6)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(positions.ravel(), from_pandas=True), width)
    told = lists.cast(POSITIONS.field("axis_position").type)
    return pa.table([people["store_id"], people["customer_id"], told], schema=POSITIONS)


def _by_store(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of every store of a batch."""
    stores = pc.unique(batch.column("store_id")).to_pylist()
    for store_id in stores:
        yield store_id, batch if len(stores) == 1 else batch.filter(pc.equal(batch.column("store_id"), store_id))


def _by_axis(segments: pa.Table) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Store and axis -> its segments by number."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in segments.to_pylist():
        rows.setdefault((row["store_id"], row["axis_name"]), []).append(row)
    return {key: sorted(own, key=lambda row: row["segment_number"]) for key, own in rows.items()}


def scorers_of(axes: Sequence[Axis], segments: pa.Table) -> dict[str, list[Scorer]]:
    """Store -> its fitted axes by number."""
    rows = _by_axis(segments)
    scorers: dict[str, list[Scorer]] = {}
    for axis in axes:
        for store_id in sorted(store_id for store_id, axis_name in rows if axis_name == axis.name):
            own = rows[store_id, axis.name]
            first = own[0]
            scorers.setdefault(store_id, []).append(
                Scorer(
                    axis,
                    list(zip(first["features"], first["transforms"], strict=True)),
                    Scaler(np.array(first["scaler_mean"]), np.array(first["scaler_std"])),
                    np.array([row["centre_scaled"] for row in own]),
                    first["fuzzifier"],
                    [row["segment_id"] for row in own],
                    [row["segment_key"] for row in own],
                )
            )
    return scorers


def _on_any(rows: pa.RecordBatch, scorers: Sequence[Scorer]) -> pa.RecordBatch:
    """Rows of those who are on any of the axes."""
    features, member = _Features(rows), np.zeros(rows.num_rows, dtype=bool)
    for population in {scorer.axis.population for scorer in scorers}:
        member |= features.population(population)
    return rows if member.all() else rows.filter(pa.array(member))


def _score(rows: pa.RecordBatch, scorers: Sequence[Scorer], width: int, kind: str) -> pa.RecordBatch:
    """Score people of one store."""
    features, people = _Features(rows), rows.num_rows
    fingerprint: list[np.ndarray] = []
    absent: list[np.ndarray] = []
    top = np.zeros((people, width))
    dominant, strength = np.full((people, width), -1), np.full((people, width), -1)
    texts: dict[str, list[pa.Array]] = {"membership_strength": [], "feature_vectors": []}
    segment_ids: list[str] = []
    segment_keys: list[str] = []
    for scorer in scorers:
        shares, on_axis = scorer.memberships(features, kind), features.population(scorer.axis.population)
        best, first, words = _dominance(shares)
        column = scorer.axis.number - 1
        top[:, column] = first
        dominant[:, column] = np.where(on_axis, best + len(segment_ids), -1)
        strength[:, column] = np.where(on_axis, words, -1)
        segment_ids += scorer.segment_ids
        segment_keys += scorer.segment_keys
        fingerprint.append(shares)
        absent.append(np.broadcast_to(~on_axis[:, None], shares.shape))
        key = json.dumps(scorer.axis.name) + ":"
        texts["membership_strength"].append(_chosen(strength[:, column], [key + json.dumps(word) for word in STRENGTHS]))
        texts["feature_vectors"].append(_features_text(key, rows, scorer.axis.shown, on_axis))
    values = np.concatenate(fingerprint, axis=1)
    return pa.record_batch(
        [
            rows.column("store_id").cast(pa.string()),
            rows.column("customer_id").cast(pa.string()),
            _lists(pa.array(values.ravel(), mask=np.concatenate(absent, axis=1).ravel()), people),
            _lists(_chosen(dominant.ravel(), segment_ids), people),
            _present(_chosen(dominant.ravel(), segment_keys), (dominant >= 0).sum(axis=1)),
            _lists(pa.array(top.ravel(), mask=(dominant < 0).ravel()), people),
            _lists(_chosen(strength.ravel(), STRENGTHS), people),
            *(_object(parts) for parts in texts.values()),
        ],
        schema=SCORES,
    )


def _dominance(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Segment of the largest membership (of equal ones the first), that membership, and its strength as a place in `STRENGTHS`.

    Strong above 0.7; else balanced, where the next largest is within 0.2; else moderate. Shapes (n,).
    """
    best = shares.argmax(axis=1)
    first = shares[np.arange(len(shares)), best]
    second = np.partition(shares, -2, axis=1)[:, -2]
    # Differences of memberships that are rounded to twelve decimals: 0.6 - 0.4 is 0.2.
    is_balanced = np.round(first - second, 12) <= _BALANCED_WITHIN
    return best, first, np.where(first > _STRONG_ABOVE, 0, np.where(is_balanced, 1, 2))


def _chosen(rows_of_texts: np.ndarray, texts: Sequence[str]) -> pa.Array:
    """The text of each row, null below 0."""
    return pa.array(texts, pa.string()).take(pa.array(rows_of_texts, mask=rows_of_texts < 0))


def _lists(values: pa.Array, people: int) -> pa.ListArray:
    """One list a person, all of one length."""
    return pa.ListArray.from_arrays(pa.array(np.arange(people + 1, dtype=np.int32) * (len(values) // max(people, 1))), values)


def _present(values: pa.Array, counts: np.ndarray) -> pa.ListArray:
    """One list a person of those values that are there; `counts` says how many each has."""
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)), values.drop_null())


def _features_text(key: str, rows: pa.RecordBatch, shown: Sequence[tuple[str, str]], on_axis: np.ndarray) -> pa.Array:
    """`"axis":{"feature":1.5,...}` of every person, null of those not on the axis; texts are quoted."""
    parts: list[pa.Array | str] = []
    for position, (name, column) in enumerate(shown):
        value = _json(rows.column(column))
        parts += [("," if position else key + "{") + json.dumps(name) + ":", pc.fill_null(value, "null")]
    return pc.if_else(pa.array(on_axis), pc.binary_join_element_wise(*parts, "}", ""), pa.scalar(None, pa.string()))


def _json(values: pa.Array) -> pa.Array:
    """JSON of numbers, booleans or texts; null stays null."""
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        encoded = values.dictionary_encode()
        return pa.array([json.dumps(text) for text in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)
    return values.cast(pa.string())


def _memberships_text(key: str, names: Sequence[str], shares: np.ndarray, on_axis: np.ndarray) -> pa.Array:
    """`"axis":{"segment":0.123456,...}` of every person, null of those not on the axis."""
    # A null among the parts makes the whole null.
    parts: list[pa.Array | str] = []
    for position, name in enumerate(names):
        number = pa.array(np.round(shares[:, position], 6), mask=None if position else ~on_axis).cast(pa.string())
        parts += [("," if position else key + "{") + json.dumps(name) + ":", number]
    return pc.binary_join_element_wise(*parts, "}", "")


def _object(parts: Sequence[pa.Array]) -> pa.Array:
    """A JSON object of the parts that are there."""
    inner = pc.binary_join_element_wise(*parts, ",", null_handling="skip")
    return pc.binary_join_element_wise("{", inner, "}", "")


def profile(
    people: Mapping[str, Any] | Sequence[Mapping[str, Any]], axes: pa.Table, segments: pa.Table, settings: pa.Table
) -> list[dict[str, Any]]:
    """Score people inside the process, without a warehouse, along the path of `score_axes`.

    Parameters
    ----------
    people
        One person or many: store_id, customer_id, in_<population>, and the features of the axes that the person is on.
    axes, segments, settings
        As `score_axes` takes them.

    Returns
    -------
    list of dict
        Columns of `SCORES` and `NAMED`, the JSON texts read; people who are on no fitted axis are not among them.

    Raises
    ------
    ValueError
        If a feature of an axis that a person is on is missing.
    """
    given = [people] if isinstance(people, Mapping) else list(people)
    known = read_axes(axes)
    populations = list(dict.fromkeys(axis.population for axis in known))
    columns = [
        "store_id",
        "customer_id",
        *(f"in_{name}" for name in populations),
        *dict.fromkeys(column for axis in known for _, column in axis.shown),
    ]
    # What is only shown may be of any type.
    types = dict.fromkeys(columns[:2], pa.string()) | {f"in_{name}": pa.bool_() for name in populations}
    types |= {feature: pa.float64() for axis in known for feature in axis.features}
    table = pa.table({name: pa.array([person.get(name) for person in given], types.get(name)) for name in columns})
    found = score_axes(table.to_batches(), axes, segments, settings).read_all()
    names = name_scores(found.to_batches(), axes, segments).read_all()
    for column in NAMED.names[2:]:
        found = found.append_column(NAMED.field(column), names[column])
    texts = {field.name for field in found.schema if field.type == pa.string()} - set(columns)
    return [{name: json.loads(value) if name in texts else value for name, value in row.items()} for row in found.to_pylist()]
