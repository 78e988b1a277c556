"""Behavioural axes: segments that are fitted now and then and keep their identity, and memberships of everybody every night.

`fit_axes` and `score_axes` are what two Python models call: Arrow in, Arrow out. What is specific to an axis is data (the
seed `axes`), so that any other set of features can be clustered by the same functions. `profile` scores people inside a
process, without a warehouse.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from tessera.clustering import (
    EXP,
    FCM,
    Clustering,
    Lineage,
    Moments,
    Scaler,
    cluster,
    fuzzifier_for,
    lineage,
    memberships,
    significant,
)

BORN, KEPT, SPLIT, MERGED, DIED, SKIPPED = "born", "kept", "split", "merged", "died", "skipped"
STRONG, BALANCED, MODERATE = STRENGTHS = ("strong", "balanced", "moderate")
SEGMENTS = pa.schema([
    ("store_id", pa.string()), ("axis_name", pa.string()), ("segment_id", pa.string()), ("as_of", pa.timestamp("us")),
    ("is_trial", pa.bool_()), ("change_type", pa.string()), ("is_current", pa.bool_()), ("segment_number", pa.int64()),
    ("segment_count", pa.int64()), ("name_k", pa.int64()), ("name_rank", pa.int64()), ("name_suffix", pa.int64()),
    ("first_fitted_at", pa.timestamp("us")), ("distance_moved", pa.float64()), ("related_segment_id", pa.string()),
    ("reason", pa.string()), ("population", pa.int64()), ("sample_size", pa.int64()), ("sample_share", pa.float64()),
    ("silhouette", pa.float64()), ("silhouettes", pa.string()), ("is_low_quality", pa.bool_()),
    ("features", pa.list_(pa.string())), ("transforms", pa.list_(pa.string())), ("scaler_mean", pa.list_(pa.float64())),
    ("scaler_std", pa.list_(pa.float64())), ("centre_scaled", pa.list_(pa.float64())), ("centre", pa.list_(pa.float64())),
    ("fuzzifier", pa.float64()),
])
SCORES = pa.schema([
    ("store_id", pa.string()), ("customer_id", pa.string()), ("fingerprint", pa.list_(pa.float64())),
    ("dominant_segment_ids", pa.list_(pa.string())), ("dominant_segment_keys", pa.list_(pa.string())),
    ("dominant_memberships", pa.list_(pa.float64())), ("membership_strengths", pa.list_(pa.string())),
    ("segment_memberships", pa.string()), ("dominant_segments", pa.string()), ("membership_strength", pa.string()),
    ("feature_vectors", pa.string()),
])
NAMES = pa.schema([
    ("axis_name", pa.string()), ("segment_count", pa.int64()), ("segment_number", pa.int64()), ("segment_word", pa.string()),
    ("segment_name", pa.string()),
])
_STRONG_ABOVE, _BALANCED_WITHIN = 0.7, 0.2
_BATCH_ROWS = 16_384
_TOO_FEW, _FLAT = "{} of at least {} people", "no feature varies"


def _log1p(values: np.ndarray) -> np.ndarray:
    """The log of 1 + x, mirrored for negative x (a customer who was refunded more than was paid), so that it is finite."""
    return np.copysign(np.log1p(np.abs(values)), values)


def _expm1(values: np.ndarray) -> np.ndarray:
    """The inverse of `_log1p`."""
    return np.copysign(np.expm1(np.abs(values)), values)


_TRANSFORMS = {"none": (np.positive, np.positive), "log1p": (_log1p, _expm1)}


@dataclass(frozen=True)
class Axis:
    """One axis of the seed: its enabled features (the lead first, which orders its segments) and how each is transformed.

    `shown` are all of its columns by the names under which a person's features are told.
    """

    number: int
    name: str
    population: str
    features: tuple[str, ...]
    transforms: tuple[str, ...]
    shown: tuple[tuple[str, str], ...]


def read_axes(table: pa.Table) -> list[Axis]:
    """Axes of the seed `axes`, by number; one without an enabled feature has none.

    Raises
    ------
    ValueError
        If a transform is unknown, an axis has two populations, or not exactly one lead among its features.
    """
    rows: dict[tuple[int, str], list[dict]] = {}
    for row in table.to_pylist():
        rows.setdefault((row["axis_number"], row["axis_name"]), []).append(row)
    return [_axis(number, name, features) for (number, name), features in sorted(rows.items())]


def _axis(number: int, name: str, rows: list[dict]) -> Axis:
    """One axis of its rows of the seed."""
    if len({row["population"] for row in rows}) > 1:
        raise ValueError(f"axis {name}: all features must have one population")
    if {row["transform"] for row in rows} - set(_TRANSFORMS):
        raise ValueError(f"axis {name}: transform must be one of {', '.join(_TRANSFORMS)}")
    if sum(_is_true(row["is_lead"]) for row in rows) != 1:
        raise ValueError(f"axis {name}: one feature must lead")
    enabled = sorted((row for row in rows if _is_true(row["is_enabled"])),
                     key=lambda row: (not _is_true(row["is_lead"]), row["feature_number"]))
    shown = sorted(rows, key=lambda row: row["feature_number"])
    return Axis(number, name, rows[0]["population"],
                tuple(row["feature"] for row in enabled), tuple(row["transform"] for row in enabled),
                tuple((row.get("document_alias") or row["feature"], row["feature"]) for row in shown))


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


@dataclass(frozen=True)
class Settings:
    """The one row of settings.

    Parameters
    ----------
    as_of
        The night.
    min_k, max_k
        Fewest and most segments of an axis.
    fit_sample, silhouette_sample
        Most people that k-means and its silhouettes are worked out on.
    min_population
        People under which an axis is not fitted.
    min_silhouette
        Silhouette under which a fit is flagged.
    match_tolerance
        How far a centre moves and stays the same segment, in standard deviations a feature.
    refit_days
        Days from one fit to the next.
    is_refit_forced, is_trial
        Whether all axes are fitted tonight; whether the rows are only looked at.
    axes
        Names of the axes that are fitted; empty for all.
    membership, membership_entropy
        `exp` or `fcm`, and how fuzzy the latter is (`clustering.fuzzifier_for`).
    seed
        Of k-means.
    """

    as_of: datetime
    min_k: int = 2
    max_k: int = 6
    fit_sample: int = 50_000
    silhouette_sample: int = 5_000
    min_population: int = 100
    min_silhouette: float = 0.3
    match_tolerance: float = 0.5
    refit_days: float = 7
    is_refit_forced: bool = False
    is_trial: bool = False
    axes: Sequence[str] = field(default_factory=tuple)
    membership: str = EXP
    membership_entropy: float = 0.5
    seed: int = 1

    def __post_init__(self) -> None:
        if not 2 <= self.min_k <= self.max_k:
            raise ValueError("min_k must be 2 or more, and max_k no less")
        if min(self.fit_sample, self.silhouette_sample, self.min_population) < 3:
            raise ValueError("fit_sample, silhouette_sample and min_population must be 3 or more")
        if self.membership not in (EXP, FCM):
            raise ValueError(f"membership must be {EXP} or {FCM}, not {self.membership}")
        if not 0 < self.membership_entropy < 1:
            raise ValueError("membership_entropy must be between 0 and 1")

    @classmethod
    def from_table(cls, table: pa.Table) -> Settings:
        """Read the settings of a table of one row; columns that are absent or null have their defaults.

        Raises
        ------
        ValueError
            If there is not one row, or a value is out of its range.
        """
        if table.num_rows != 1:
            raise ValueError(f"settings must be one row, not {table.num_rows}")
        row = table.to_pylist()[0]
        return cls(**{known.name: row[known.name] for known in fields(cls) if row.get(known.name) is not None})


class Reader(Protocol):
    """Where features come from."""

    def populations(self) -> dict[str, dict[str, int]]:
        """Store -> population -> how many people are in it."""

    def sample(self, store_id: str, population: str, columns: Sequence[str], people: int) -> pa.Table:
        """The people of the smallest sample keys, in the order of their ids."""

    def batches(self, store_id: str, population: str, columns: Sequence[str]) -> Iterable[pa.RecordBatch]:
        """Everybody of a population, in any order."""


class FeatureReader:
    """Reads features through a DuckDB connection, which does the sorting and, beyond its memory_limit, the spilling.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        Features: store_id, customer_id, sample_key, in_<population>, and a column each. Nothing of it is read before it is
        asked for; what a fit needs is then read once, into a temporary table.
    """

    _STAGE = "temp.main.axis_features_to_fit"

    def __init__(self, connection: Any, relation: duckdb.DuckDBPyRelation) -> None:
        self._connection = connection
        self._relation = relation
        self._is_staged = False

    def populations(self) -> dict[str, dict[str, int]]:
        """Store -> population -> how many people are in it."""
        populations = [column.removeprefix("in_") for column in self._relation.columns if column.startswith("in_")]
        counts = ", ".join(f"count(*) filter (where in_{population})" for population in populations)
        rows = self._relation.aggregate(f"store_id, {counts}", "store_id").order("store_id").fetchall()
        return {store_id: dict(zip(populations, people, strict=True)) for store_id, *people in rows}

    def sample(self, store_id: str, population: str, columns: Sequence[str], people: int) -> pa.Table:
        """The people of the smallest sample keys, in the order of their ids; columns as asked."""
        chosen = (f"select customer_id, {_names(columns)} from {self._staged()} where store_id = ? and in_{population} "
                  f"order by sample_key, customer_id limit {people:d}")
        return self._connection.execute(
            f"select {_names(columns)} from ({chosen}) order by customer_id", [store_id]).to_arrow_table()

    def batches(self, store_id: str, population: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Everybody of a population, in any order; columns as asked."""
        yield from self._connection.execute(
            f"select {_names(columns)} from {self._staged()} where store_id = ? and in_{population}", [store_id],
        ).to_arrow_reader(_BATCH_ROWS * 4)

    def close(self) -> None:
        """Drop what was staged."""
        self._connection.execute(f"drop table if exists {self._STAGE}")
        self._is_staged = False

    def _staged(self) -> str:
        if not self._is_staged:
            self._relation.query("axis_features_read", f"create or replace temp table {self._STAGE} as from axis_features_read")
            self._is_staged = True
        return self._STAGE


def _names(columns: Sequence[str]) -> str:
    """Column names as SQL."""
    return ", ".join('"' + column.replace('"', '""') + '"' for column in columns)


@dataclass
class _Past:
    """What earlier nights left of one axis of one store: its current segments, or why it had none."""

    segments: list[dict] = field(default_factory=list)
    fitted_at: datetime | None = None
    skipped_for: str | None = None


def fit_axes(read: Reader, axes: pa.Table, settings: pa.Table, earlier: pa.Table, names: pa.Table) -> pa.Table:
    """Fit the axes that are due tonight, and tell what became of their segments.

    An axis is due when it has no segments, when its last fit is `refit_days` ago, or when that is forced. Scalers are of
    everybody; k-means sees the `fit_sample` people of the smallest sample keys. An axis that has segments keeps them while
    its population is too small or does not vary.

    Parameters
    ----------
    read
        Features. Only counts are read when nothing is due.
    axes
        The seed `axes`.
    settings
        One row, see `Settings`.
    earlier
        Rows of this ledger from before tonight; trials among them do not count.
    names
        The seed of names: axis_name, segment_count, segment_number, segment_word, segment_name.

    Returns
    -------
    pyarrow.Table
        One row per store, axis and segment that was fitted, or that the fit ended; one per axis that was skipped, unless its
        last row said the same. Columns as in `SEGMENTS`.

    Raises
    ------
    ValueError
        If axes or settings are malformed, or a feature is null or not finite.
    """
    chosen = Settings.from_table(settings)
    wanted = [axis for axis in read_axes(axes) if axis.features and (not chosen.axes or axis.name in chosen.axes)]
    rows: list[dict] = []
    if wanted:
        past = _pasts(earlier, chosen.as_of)
        known_names = _Names(names)
        with threadpool_limits(limits=1), ThreadPoolExecutor(os.cpu_count(), initializer=_one_thread) as pool:
            for store_id, people in read.populations().items():
                rows += _fit_store(read, store_id, people, wanted, chosen, past, known_names, pool)
    return pa.Table.from_pylist(rows, schema=SEGMENTS)


def _one_thread() -> None:
    """Limit OpenMP in a thread of the pool: its limit is a thread's own, and axes already run side by side."""
    threadpool_limits(limits=1, user_api="openmp")


def _pasts(earlier: pa.Table, as_of: datetime) -> dict[tuple[str, str], _Past]:
    """Store and axis -> what earlier nights left."""
    is_earlier = pc.less(earlier["as_of"], pa.scalar(as_of, earlier.schema.field("as_of").type))
    real = earlier.filter(pc.and_(pc.invert(earlier["is_trial"]), is_earlier))
    fitted = pc.not_equal(real["change_type"], SKIPPED)
    found: dict[tuple[str, str], _Past] = {}
    for row in real.filter(fitted).group_by(["store_id", "axis_name"]).aggregate([("as_of", "max")]).to_pylist():
        found[row["store_id"], row["axis_name"]] = _Past(fitted_at=row["as_of_max"])
    for row in real.filter(pc.and_(fitted, real["is_current"])).to_pylist():
        past = found[row["store_id"], row["axis_name"]]
        if row["as_of"] == past.fitted_at:
            past.segments.append(row)
    for row in real.filter(pc.invert(fitted)).select(["store_id", "axis_name", "as_of", "reason"]).sort_by("as_of").to_pylist():
        found.setdefault((row["store_id"], row["axis_name"]), _Past()).skipped_for = row["reason"]
    for past in found.values():
        past.segments.sort(key=lambda row: row["segment_number"])
    return found


def _is_due(past: _Past, settings: Settings) -> bool:
    if not past.segments or settings.is_refit_forced:
        return True
    return settings.as_of - past.fitted_at >= timedelta(days=settings.refit_days)


class _Names:
    """Words and names of segments by axis, k and rank."""

    def __init__(self, table: pa.Table) -> None:
        self._known = {(row["axis_name"], row["segment_count"], row["segment_number"]): (row["segment_word"], row["segment_name"])
                       for row in table.to_pylist()}

    def of(self, axis_name: str, k: int, rank: int, suffix: int | None) -> set[tuple[str, str]]:
        """What a segment is called: its word and its name, with the suffix; one that has no name has its number."""
        word, name = self._known.get((axis_name, k, rank), (f"segment_{rank}_of_{k}",) * 2)
        ending = "" if suffix is None else f"_{suffix}"
        return {("word", word + ending), ("name", name + ending)}

    def suffix(self, axis_name: str, k: int, rank: int, taken: set[tuple[str, str]]) -> int | None:
        """The smallest suffix, from 2, that a newborn needs so that neither its word nor its name is taken."""
        suffix = None
        while self.of(axis_name, k, rank, suffix) & taken:
            suffix = 2 if suffix is None else suffix + 1
        return suffix


@dataclass(frozen=True)
class _Fit:
    """A fit of one axis: which of its features vary, their scaler, clusters numbered by the lead, scaled sample, fuzzifier."""

    features: list[str]
    transforms: list[str]
    scaler: Scaler
    clusters: Clustering
    sample: np.ndarray
    fuzzifier: float


def _fit_store(read: Reader, store_id: str, people: Mapping[str, int], axes: Sequence[Axis], settings: Settings,
               pasts: Mapping[tuple[str, str], _Past], names: _Names, pool: ThreadPoolExecutor) -> list[dict]:
    """Rows of one store, by axis."""
    due = {axis.name: pasts.get((store_id, axis.name), _Past()) for axis in axes}
    axes = [axis for axis in axes if _is_due(due[axis.name], settings)]
    fits: dict[str, _Fit | None] = {}
    for population in dict.fromkeys(axis.population for axis in axes):
        if people[population] >= settings.min_population:
            fits |= _fit_population(read, store_id, population, [axis for axis in axes if axis.population == population],
                                    settings, pool)
    rows = []
    for axis in axes:
        past, count, fit = due[axis.name], people[axis.population], fits.get(axis.name)
        if fit is not None:
            rows += _segment_rows(store_id, axis, settings, past, fit, count, names)
        elif not past.segments:
            reason = _FLAT if axis.name in fits else _TOO_FEW.format(count, settings.min_population)
            if past.skipped_for is None or (past.skipped_for == _FLAT) != (reason == _FLAT):
                rows.append(_skipped_row(store_id, axis, settings, count, reason))
    return rows


def _fit_population(read: Reader, store_id: str, population: str, axes: Sequence[Axis], settings: Settings,
                    pool: ThreadPoolExecutor) -> dict[str, _Fit | None]:
    """Axis -> its fit, none where nothing varies; of the axes of one population of one store."""
    pairs = sorted({pair for axis in axes for pair in zip(axis.features, axis.transforms, strict=True)})
    if not pairs:
        return {}
    columns = list(dict.fromkeys(feature for feature, _ in pairs))
    sample = _values(read.sample(store_id, population, columns, settings.fit_sample), pairs)
    moments = Moments(sample.mean(axis=0))
    for batch in read.batches(store_id, population, columns):
        moments.add(_values(batch, pairs))
    scaler = moments.scaler()
    varies = scaler.std > 1e-12 * np.maximum(np.abs(scaler.mean), 1)

    def fit(axis: Axis) -> _Fit | None:
        used = [pair for pair in zip(axis.features, axis.transforms, strict=True) if varies[pairs.index(pair)]]
        places = [pairs.index(pair) for pair in used]
        own = Scaler(significant(scaler.mean[places]), significant(scaler.std[places]))
        return _fit_axis(used, own, sample[:, places], settings)

    return dict(zip([axis.name for axis in axes], pool.map(fit, axes), strict=True))


def _values(rows: pa.Table | pa.RecordBatch, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Transformed features, shape (n, pairs).

    Raises
    ------
    ValueError
        If one is null or not finite.
    """
    values = np.empty((rows.num_rows, len(pairs)))
    for place, (feature, transform) in enumerate(pairs):
        values[:, place] = _TRANSFORMS[transform][0](_doubles(rows, feature))
        if not np.isfinite(values[:, place]).all():
            raise ValueError(f"feature {feature}: null, or not finite")
    return values


def _doubles(rows: pa.Table | pa.RecordBatch, column: str) -> np.ndarray:
    """A column as doubles, null as NaN; shape (n,)."""
    return rows.column(column).cast(pa.float64()).to_numpy(zero_copy_only=False)


def _fit_axis(used: Sequence[tuple[str, str]], scaler: Scaler, sample: np.ndarray, settings: Settings) -> _Fit | None:
    """Fit the features that vary, if any; centres are ordered by the lead, then by the others."""
    if not used or (sample == sample[0]).all():
        return None
    scaled = scaler.scale(sample)
    found = cluster(scaled, settings.min_k, settings.max_k, settings.silhouette_sample, settings.seed % 2**32)
    centres = significant(found.centres)
    order = np.lexsort(centres.T[::-1])
    clusters = Clustering(centres[order], np.argsort(order)[found.labels], found.silhouettes)
    return _Fit([feature for feature, _ in used], [transform for _, transform in used], scaler, clusters, scaled,
                float(significant([fuzzifier_for(scaled, clusters.centres, settings.membership_entropy)])[0]))


def _skipped_row(store_id: str, axis: Axis, settings: Settings, population: int, reason: str) -> dict:
    return {"store_id": store_id, "axis_name": axis.name, "segment_id": f"{axis.name}-none", "as_of": settings.as_of,
            "is_trial": settings.is_trial, "change_type": SKIPPED, "is_current": False, "reason": reason,
            "population": population, "sample_size": 0}


def _segment_rows(store_id: str, axis: Axis, settings: Settings, past: _Past, fit: _Fit, population: int,
                  names: _Names) -> list[dict]:
    """Rows of one fitted axis: its segments by number, then those that ended."""
    k = len(fit.clusters.centres)
    became = _lineage(past, fit, settings.match_tolerance)
    survivors = {new: past.segments[old] for old, new in became.kept.items()}
    taken = {called for row in survivors.values()
             for called in names.of(axis.name, row["name_k"], row["name_rank"], row["name_suffix"])}
    shares = np.round(np.bincount(fit.clusters.labels, minlength=k) / len(fit.sample), 6).tolist()
    centres = _original(fit)
    common = {
        "store_id": store_id, "axis_name": axis.name, "as_of": settings.as_of, "is_trial": settings.is_trial,
        "segment_count": k, "population": population, "sample_size": len(fit.sample),
        "silhouette": fit.clusters.silhouette,
        "silhouettes": json.dumps({str(tried): value for tried, value in fit.clusters.silhouettes.items()}),
        "is_low_quality": fit.clusters.silhouette < settings.min_silhouette, "fuzzifier": fit.fuzzifier,
    }
    rows = []
    for place in range(k):
        row = {**common, "is_current": True, "segment_number": place + 1, "sample_share": shares[place],
               "features": fit.features, "transforms": fit.transforms, "scaler_mean": fit.scaler.mean.tolist(),
               "scaler_std": fit.scaler.std.tolist(), "centre_scaled": fit.clusters.centres[place].tolist(),
               "centre": centres[place].tolist()}
        if place in survivors:
            origin = next(old for old, new in became.kept.items() if new == place)
            row |= {name: survivors[place][name] for name in _CARRIED}
            row |= {"change_type": KEPT, "distance_moved": _distance(became, origin, place)}
        else:
            suffix = names.suffix(axis.name, k, place + 1, taken)
            taken |= names.of(axis.name, k, place + 1, suffix)
            row |= {"segment_id": _segment_id(store_id, axis.name, settings.as_of, place + 1), "name_k": k,
                    "name_rank": place + 1, "name_suffix": suffix, "first_fitted_at": settings.as_of, "change_type": BORN}
            if place in became.split:
                row |= {"change_type": SPLIT, "related_segment_id": past.segments[became.split[place]]["segment_id"]}
        rows.append(row)
    for place, last in enumerate(past.segments):
        if place not in became.kept:
            goal = became.merged.get(place)
            nearest = None if became.distances is None else int(became.distances[place].argmin())
            rows.append({
                **common, **{name: last[name] for name in (*_CARRIED, *_LAST)}, "is_current": False, "sample_share": 0.0,
                "change_type": DIED if goal is None else MERGED, "distance_moved": _distance(became, place, nearest),
                "related_segment_id": None if goal is None else survivors[goal]["segment_id"]})
    return rows


_CARRIED = ("segment_id", "name_k", "name_rank", "name_suffix", "first_fitted_at")
_LAST = ("features", "transforms", "scaler_mean", "scaler_std", "centre_scaled", "centre")


def _lineage(past: _Past, fit: _Fit, tolerance: float) -> Lineage:
    """What became of the old segments, over the features that old and new ones share, under the new scaler."""
    if not past.segments:
        return Lineage({}, {}, {}, None)
    shared = [place for place, feature in enumerate(fit.features) if feature in past.segments[0]["features"]]
    if not shared:
        return Lineage({}, {}, {}, None)
    old = np.empty((len(past.segments), len(shared)))
    for column, place in enumerate(shared):
        source = past.segments[0]["features"].index(fit.features[place])
        old[:, column] = _TRANSFORMS[fit.transforms[place]][0](np.array([row["centre"][source] for row in past.segments]))
    scaler = Scaler(fit.scaler.mean[shared], fit.scaler.std[shared])
    return lineage(scaler.scale(old), fit.clusters.centres[:, shared], fit.sample[:, shared], fit.clusters.labels, tolerance)


def _distance(became: Lineage, old: int, new: int | None) -> float | None:
    return None if new is None else round(float(became.distances[old, new]), 6)


def _original(fit: _Fit) -> np.ndarray:
    """Centres in the features' own units, shape (k, d)."""
    centres = fit.scaler.unscale(fit.clusters.centres)
    for place, transform in enumerate(fit.transforms):
        centres[:, place] = _TRANSFORMS[transform][1](centres[:, place])
    return significant(centres)


def _segment_id(store_id: str, axis_name: str, as_of: datetime, number: int) -> str:
    """An id that the next run of the same night gives again."""
    key = f"{store_id}|{axis_name}|{as_of.isoformat()}|{number}"
    return f"{axis_name}-{md5(key.encode(), usedforsecurity=False).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Scorer:
    """One axis of one store: how its people are scored, and the texts of its segments."""

    axis: Axis
    pairs: list[tuple[str, str]]
    scaler: Scaler
    centres: np.ndarray
    fuzzifier: float
    segment_ids: list[str]
    segment_keys: list[str]
    segment_names: list[str]

    def memberships(self, features: _Features, kind: str) -> np.ndarray:
        """Memberships to twelve decimals, shape (n, k); of anybody, also of who is not on the axis."""
        scaled = self.scaler.scale(np.stack([features.transformed(pair) for pair in self.pairs], axis=1))
        scaled[~features.population(self.axis.population)] = 0
        if not np.isfinite(scaled).all():
            column = int(np.flatnonzero(~np.isfinite(scaled).all(axis=0))[0])
            raise ValueError(f"feature {self.pairs[column][0]}: null, or not finite")
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
            self._transformed[pair] = _TRANSFORMS[pair[1]][0](_doubles(self._rows, pair[0]))
        return self._transformed[pair]

    def population(self, name: str) -> np.ndarray:
        """Who is in a population, shape (n,)."""
        if name not in self._populations:
            member = pc.fill_null(self._rows.column(f"in_{name}"), False)
            self._populations[name] = member.to_numpy(zero_copy_only=False).astype(bool)
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
        Current rows of the ledger, with segment_key and segment_name.
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
    scorers = _scorers(known, segments)
    places = max((axis.number for axis in known), default=0)

    def scored() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for start in range(0, batch.num_rows, _BATCH_ROWS):
                for store_id, rows in _by_store(batch.slice(start, _BATCH_ROWS)):
                    on_any = _on_any(rows, scorers.get(store_id, ()))
                    if on_any.num_rows:
                        yield _score(on_any, scorers[store_id], places, kind)

    return pa.RecordBatchReader.from_batches(SCORES, scored())


def _by_store(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of every store of a batch."""
    stores = pc.unique(batch.column("store_id")).to_pylist()
    for store_id in stores:
        yield store_id, batch if len(stores) == 1 else batch.filter(pc.equal(batch.column("store_id"), store_id))


def _scorers(axes: Sequence[Axis], segments: pa.Table) -> dict[str, list[_Scorer]]:
    """Store -> its fitted axes by number."""
    rows: dict[tuple[str, str], list[dict]] = {}
    for row in segments.to_pylist():
        rows.setdefault((row["store_id"], row["axis_name"]), []).append(row)
    scorers: dict[str, list[_Scorer]] = {}
    for axis in axes:
        for store_id in sorted(store_id for store_id, axis_name in rows if axis_name == axis.name):
            own = sorted(rows[store_id, axis.name], key=lambda row: row["segment_number"])
            first = own[0]
            scorers.setdefault(store_id, []).append(_Scorer(
                axis, list(zip(first["features"], first["transforms"], strict=True)),
                Scaler(np.array(first["scaler_mean"]), np.array(first["scaler_std"])),
                np.array([row["centre_scaled"] for row in own]), first["fuzzifier"],
                [row["segment_id"] for row in own], [row["segment_key"] for row in own],
                [row["segment_name"] for row in own]))
    return scorers


def _on_any(rows: pa.RecordBatch, scorers: Sequence[_Scorer]) -> pa.RecordBatch:
    """Rows of those who are on any of the axes."""
    features, member = _Features(rows), np.zeros(rows.num_rows, dtype=bool)
    for population in {scorer.axis.population for scorer in scorers}:
        member |= features.population(population)
    return rows if member.all() else rows.filter(pa.array(member))


def _score(rows: pa.RecordBatch, scorers: Sequence[_Scorer], places: int, kind: str) -> pa.RecordBatch:
    """Score people of one store."""
    features, people = _Features(rows), rows.num_rows
    fingerprint: list[np.ndarray] = []
    absent: list[np.ndarray] = []
    top = np.zeros((people, places))
    dominant, strength = np.full((people, places), -1), np.full((people, places), -1)
    texts: dict[str, list[pa.Array]] = {
        "segment_memberships": [], "dominant_segments": [], "membership_strength": [], "feature_vectors": []}
    segment_ids: list[str] = []
    segment_keys: list[str] = []
    for scorer in scorers:
        shares, on_axis = scorer.memberships(features, kind), features.population(scorer.axis.population)
        best, first, words = _dominance(shares)
        place = scorer.axis.number - 1
        top[:, place] = first
        dominant[:, place] = np.where(on_axis, best + len(segment_ids), -1)
        strength[:, place] = np.where(on_axis, words, -1)
        segment_ids += scorer.segment_ids
        segment_keys += scorer.segment_keys
        fingerprint.append(shares)
        absent.append(np.broadcast_to(~on_axis[:, None], shares.shape))
        key = json.dumps(scorer.axis.name) + ":"
        texts["segment_memberships"].append(_memberships_text(key, scorer.segment_names, shares, on_axis))
        texts["dominant_segments"].append(
            _chosen(np.where(on_axis, best, -1), [key + json.dumps(name) for name in scorer.segment_names]))
        texts["membership_strength"].append(_chosen(strength[:, place], [key + json.dumps(word) for word in STRENGTHS]))
        texts["feature_vectors"].append(_features_text(key, rows, scorer.axis.shown, on_axis))
    values = np.concatenate(fingerprint, axis=1)
    return pa.record_batch([
        rows.column("store_id").cast(pa.string()), rows.column("customer_id").cast(pa.string()),
        _lists(pa.array(values.ravel(), mask=np.concatenate(absent, axis=1).ravel()), people),
        _lists(_chosen(dominant.ravel(), segment_ids), people),
        _present(_chosen(dominant.ravel(), segment_keys), (dominant >= 0).sum(axis=1)),
        _lists(pa.array(top.ravel(), mask=(dominant < 0).ravel()), people),
        _lists(_chosen(strength.ravel(), STRENGTHS), people),
        *(_object(parts) for parts in texts.values()),
    ], schema=SCORES)


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


def _chosen(places: np.ndarray, texts: Sequence[str]) -> pa.Array:
    """The text at each place, null below 0."""
    return pa.array(texts, pa.string()).take(pa.array(places, mask=places < 0))


def _lists(values: pa.Array, people: int) -> pa.ListArray:
    """One list a person, all of one length."""
    return pa.ListArray.from_arrays(pa.array(np.arange(people + 1, dtype=np.int32) * (len(values) // max(people, 1))), values)


def _present(values: pa.Array, counts: np.ndarray) -> pa.ListArray:
    """One list a person of those values that are there; `counts` says how many each has."""
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)), values.drop_null())


def _features_text(key: str, rows: pa.RecordBatch, shown: Sequence[tuple[str, str]], on_axis: np.ndarray) -> pa.Array:
    """`"axis":{"feature":1.5,...}` of every person, null of those not on the axis; texts are quoted."""
    parts: list[pa.Array | str] = []
    for place, (name, column) in enumerate(shown):
        values = rows.column(column)
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            value = pc.binary_join_element_wise('"', values.cast(pa.string()), '"', "")
        else:
            value = values.cast(pa.string())
        parts += [("," if place else key + "{") + json.dumps(name) + ":", pc.fill_null(value, "null")]
    return pc.if_else(pa.array(on_axis), pc.binary_join_element_wise(*parts, "}", ""), pa.scalar(None, pa.string()))


def _memberships_text(key: str, names: Sequence[str], shares: np.ndarray, on_axis: np.ndarray) -> pa.Array:
    """`"axis":{"segment":0.123456,...}` of every person, null of those not on the axis."""
    # A null among the parts makes the whole null.
    parts: list[pa.Array | str] = []
    for place, name in enumerate(names):
        number = pa.array(np.round(shares[:, place], 6), mask=None if place else ~on_axis).cast(pa.string())
        parts += [("," if place else key + "{") + json.dumps(name) + ":", number]
    return pc.binary_join_element_wise(*parts, "}", "")


def _object(parts: Sequence[pa.Array]) -> pa.Array:
    """A JSON object of the parts that are there."""
    inner = pc.binary_join_element_wise(*parts, ",", null_handling="skip")
    return pc.binary_join_element_wise("{", inner, "}", "")


def profile(people: Mapping[str, Any] | Sequence[Mapping[str, Any]], axes: pa.Table, segments: pa.Table,
            settings: pa.Table) -> list[dict[str, Any]]:
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
        Columns of `SCORES`, the JSON texts read; people who are on no fitted axis are not among them.

    Raises
    ------
    ValueError
        If a feature of an axis that a person is on is missing.
    """
    given = [people] if isinstance(people, Mapping) else list(people)
    known = read_axes(axes)
    populations = list(dict.fromkeys(axis.population for axis in known))
    columns = ["store_id", "customer_id", *(f"in_{name}" for name in populations),
               *dict.fromkeys(column for axis in known for _, column in axis.shown)]
    # What is only shown may be of any type.
    types = dict.fromkeys(columns[:2], pa.string()) | {f"in_{name}": pa.bool_() for name in populations}
    types |= {feature: pa.float64() for axis in known for feature in axis.features}
    table = pa.table({name: pa.array([person.get(name) for person in given], types.get(name)) for name in columns})
    found = score_axes(table.to_batches(), axes, segments, settings).read_all().to_pylist()
    return [{name: json.loads(value) if SCORES.field(name).type == pa.string() and name not in columns else value
             for name, value in row.items()} for row in found]
