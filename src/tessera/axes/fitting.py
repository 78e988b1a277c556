"""Segments of axes: fitted when they are due, and told from those of earlier nights."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from itertools import chain
from math import ceil
from re import sub
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from tessera.axes.clustering import Clustering, cluster
from tessera.axes.definition import TRANSFORMS, Axis, Settings, read_axes
from tessera.axes.lineage import Lineage, lineage
from tessera.axes.memberships import fuzzifier_for
from tessera.axes.reading import Group, Reader
from tessera.axes.scaling import Moments, Scaler, significant
from tessera.keys import composed_key
from tessera.refits import is_due
from tessera.tables import doubles

Row = dict[str, Any]
BORN, KEPT, SPLIT, MERGED, DIED, SKIPPED = "born", "kept", "split", "merged", "died", "skipped"
SEGMENTS = pa.schema(
    [
        ("store_id", pa.string()),
        ("axis_name", pa.string()),
        ("segment_id", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("is_trial", pa.bool_()),
        ("change_type", pa.string()),
        ("is_current", pa.bool_()),
        ("segment_number", pa.int64()),
        ("segment_count", pa.int64()),
        ("name_k", pa.int64()),
        ("name_rank", pa.int64()),
        ("name_suffix", pa.int64()),
        ("first_fitted_at", pa.timestamp("us")),
        ("distance_moved", pa.float64()),
        ("related_segment_id", pa.string()),
        ("reason", pa.string()),
        ("population", pa.int64()),
        ("sample_size", pa.int64()),
        ("sample_share", pa.float64()),
        ("silhouette", pa.float64()),
        ("silhouettes", pa.string()),
        ("is_low_quality", pa.bool_()),
        ("is_gradual", pa.bool_()),
        ("one_kind_p", pa.float64()),
        ("apart_p", pa.string()),
        ("features", pa.list_(pa.string())),
        ("transforms", pa.list_(pa.string())),
        ("scaler_mean", pa.list_(pa.float64())),
        ("scaler_std", pa.list_(pa.float64())),
        ("centre_scaled", pa.list_(pa.float64())),
        ("centre", pa.list_(pa.float64())),
        ("fuzzifier", pa.float64()),
    ]
)
_TOO_FEW = "{} of at least {} people"
_FLAT = "no feature varies enough: at most {:.0f}% of what a fit takes"
_ALIKE = "no two segments of at least {} people"
# A segment has a hundredth of the people on an axis and twenty of them; where that is more than a twentieth, a twentieth. One
# that there was stays until it has half of that.
_LEAST_SHARE, _LEAST_PEOPLE, _LEAST_OF_FEW = 0.01, 20, 0.05
# The share of people at either end whose features are clipped for a fit; of few, to what two people reach. (The value at a
# share of one and a half people is that of the second.)
_OUTLYING, _OUTLYING_PEOPLE, _HALF = 0.001, 2, 0.5
# A feature varies by a hundredth of its mean, or of all where it is a share (a quarter of the mean if that is less): in a shop
# with one refund the shares of everybody else differ by how many orders they are shrunk with, and scaled that would be a habit.
_VARIES, _VARIES_OF_MEAN = 0.01, 0.25
# A feature ranks segments whose centres it sets apart by this many standard deviations.
_RANKS = 0.25
# What a segment has from birth to death, and what its last row repeats of the one before. By name_k, name_rank and name_suffix
# earlier versions named a segment at its birth; those born since have none.
_CARRIED = ("segment_id", "name_k", "name_rank", "name_suffix", "first_fitted_at")
_LAST = ("features", "transforms", "scaler_mean", "scaler_std", "centre_scaled", "centre")


@dataclass
class _Past:
    """What earlier nights left of one axis of one store: its current segments, or why it had none."""

    segments: list[Row] = field(default_factory=list)
    fitted_at: datetime | None = None
    skipped_for: str | None = None

    @property
    def kinds(self) -> int | None:
        """How many kinds the last fit found; none where it found differences by degrees, or did not ask."""
        return len(self.segments) if self.segments and self.segments[0].get("is_gradual") is False else None


def fit_axes(read: Reader, axes: pa.Table, settings: pa.Table, earlier: pa.Table) -> pa.Table:
    """Fit the axes that are due tonight, and tell what became of their segments.

    An axis is due when it has no segments, when its last fit is `refit_days` ago, or when that is forced. Scalers are of
    everybody whom it is fitted on; k-means sees the `fit_sample` people of the smallest sample keys. An axis that has
    segments keeps them while its population is too small or does not vary.

    Parameters
    ----------
    read
        Features. Only counts are read when nothing is due.
    axes
        The seed `axes`.
    settings
        One row, see `Settings`.
    earlier
        Rows of this ledger. Those from before tonight count, but for trials.

    Returns
    -------
    pyarrow.Table
        One row per store, axis and segment that was fitted, or that the fit ended; one per axis that was skipped, unless its
        last row said the same. Of a trial also the rows that tonight had before it, since a ledger replaces a night as a
        whole. Columns as in `SEGMENTS`.

    Raises
    ------
    ValueError
        If axes or settings are malformed, or a feature is null or not finite.
    """
    chosen = Settings.from_table(settings)
    wanted = [axis for axis in read_axes(axes) if axis.features and (not chosen.axes or axis.name in chosen.axes)]
    rows: list[Row] = []
    if wanted:
        past = _pasts(earlier, chosen.as_of)
        with threadpool_limits(limits=1), ThreadPoolExecutor(os.cpu_count(), initializer=_one_thread) as pool, closing(read):
            groups = _groups(wanted, read.columns(), chosen)
            for store_id, people in read.counts(list(dict.fromkeys(chain(*groups.values())))).items():
                rows += _fit_store(read, store_id, people, groups, wanted, chosen, past, pool)
    made = pa.Table.from_pylist(rows, schema=SEGMENTS)
    return pa.concat_tables([_rows_of_night(earlier, chosen.as_of), made]) if chosen.is_trial else made


def segments_in_use(ledger: pa.Table, settings: pa.Table) -> pa.Table:
    """The segments that people are in tonight, straight from the ledger: nothing needs to stand between a fit and its scores.

    Parameters
    ----------
    ledger
        Rows of `SEGMENTS`, of any nights.
    settings
        One row, see `Settings`.

    Returns
    -------
    pyarrow.Table
        A row for each segment that the last fit which spoke of it, trials aside, left in use; its segment_key is its id.
    """
    tonight = pa.scalar(Settings.from_table(settings).as_of, ledger.schema.field("as_of").type)
    said = pc.and_(pc.invert(ledger["is_trial"]), pc.not_equal(ledger["change_type"], SKIPPED))
    spoken = ledger.filter(pc.and_(said, pc.less_equal(ledger["as_of"], tonight))).sort_by("as_of")
    keys = zip(*(spoken[name].to_pylist() for name in ("store_id", "axis_name", "segment_id")), strict=True)
    last = {key: place for place, key in enumerate(keys)}
    latest = spoken.take(pa.array(last.values(), pa.int64()))
    current = latest.filter(latest["is_current"])
    return current.append_column("segment_key", current["segment_id"])


def _rows_of_night(ledger: pa.Table, as_of: datetime) -> pa.Table:
    """Rows of tonight that are no trial; a ledger that an earlier version wrote has none of the columns that are new."""
    is_tonight = pc.equal(ledger["as_of"], pa.scalar(as_of, ledger.schema.field("as_of").type))
    rows = ledger.filter(pc.and_(is_tonight, pc.invert(ledger["is_trial"])))
    return pa.table(
        [
            rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(len(rows), field.type)
            for field in SEGMENTS
        ],
        schema=SEGMENTS,
    )


def _groups(axes: Sequence[Axis], columns: Sequence[str], settings: Settings) -> dict[str, list[Group]]:
    """Axis -> the groups that it may be fitted on, best first: its population, or if wished those of it who show the lead."""
    groups: dict[str, list[Group]] = {}
    for axis in axes:
        everybody = f"in_{axis.population}"
        shown = [f"{axis.features[0]}_{told}" for told in ("is_shown_twice", "is_known")] if settings.is_fit_on_known else []
        groups[axis.name] = [(everybody, told) for told in shown if told in columns] or [(everybody,)]
    return groups


def _enough(people: Mapping[Group, int], groups: Sequence[Group], settings: Settings) -> Group:
    """The first group that an axis can be fitted on, else the last."""
    return next((group for group in groups if people[group] >= settings.min_population), groups[-1])


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


@dataclass(frozen=True)
class _Fit:
    """A fit of one axis: which of its features vary, their scaler, clusters numbered by the lead, scaled sample, fuzzifier."""

    features: list[str]
    transforms: list[str]
    scaler: Scaler
    clusters: Clustering
    sample: np.ndarray
    fuzzifier: float


def _fit_store(
    read: Reader,
    store_id: str,
    people: Mapping[Group, int],
    choices: Mapping[str, Sequence[Group]],
    axes: Sequence[Axis],
    settings: Settings,
    pasts: Mapping[tuple[str, str], _Past],
    pool: ThreadPoolExecutor,
) -> list[Row]:
    """Rows of one store, by axis."""
    due = {axis.name: pasts.get((store_id, axis.name), _Past()) for axis in axes}
    axes = [axis for axis in axes if is_due(settings, due[axis.name].fitted_at if due[axis.name].segments else None)]
    groups = {axis.name: _enough(people, choices[axis.name], settings) for axis in axes}
    fits: dict[str, _Fit | str] = {}
    for group in dict.fromkeys(groups[axis.name] for axis in axes):
        if people[group] >= settings.min_population:
            fits |= _fit_group(
                read, store_id, group, people[group], [axis for axis in axes if groups[axis.name] == group], due, settings, pool
            )
    rows = []
    for axis in axes:
        past, count = due[axis.name], people[groups[axis.name]]
        fit = fits.get(axis.name, _TOO_FEW.format(count, settings.min_population))
        if isinstance(fit, _Fit):
            rows += _segment_rows(store_id, axis, settings, past, fit, count)
        # the same reason with other numbers is no news
        elif not past.segments and (past.skipped_for is None or sub(r"\d+", "", past.skipped_for) != sub(r"\d+", "", fit)):
            rows.append(_skipped_row(store_id, axis, settings, count, fit))
    return rows


def _fit_group(
    read: Reader,
    store_id: str,
    group: Group,
    people: int,
    axes: Sequence[Axis],
    pasts: Mapping[str, _Past],
    settings: Settings,
    pool: ThreadPoolExecutor,
) -> dict[str, _Fit | str]:
    """Axis -> its fit, or why there is none; of the axes of one group of one store, which is so many people.

    What lies beyond all but a thousandth of the people, and beyond all but one, is clipped: so it makes no segment, and
    no scale at which everybody else is alike. An axis that has no two segments then is fitted again with as many people
    clipped as a segment has: k-means cuts off two giants, and two more, at every k, until nobody is left to be told apart.
    """
    least = max(_LEAST_SHARE * people, min(_LEAST_PEOPLE, _LEAST_OF_FEW * people))
    fits = _fit_clipped(
        read, store_id, group, people, max(_OUTLYING * people, _OUTLYING_PEOPLE - _HALF), least, axes, pasts, settings, pool
    )
    alike = [axis for axis in axes if fits[axis.name] == _ALIKE.format(ceil(least))]
    if alike:
        again = _fit_clipped(read, store_id, group, people, ceil(least) - _HALF, least, alike, pasts, settings, pool)
        fits |= {name: fit for name, fit in again.items() if isinstance(fit, _Fit)}
    return fits


def _fit_clipped(
    read: Reader,
    store_id: str,
    group: Group,
    people: int,
    outlying: float,
    least: float,
    axes: Sequence[Axis],
    pasts: Mapping[str, _Past],
    settings: Settings,
    pool: ThreadPoolExecutor,
) -> dict[str, _Fit | str]:
    """As `_fit_group`, where features of `outlying` people at either end are clipped and a segment has `least` people."""
    pairs = sorted({pair for axis in axes for pair in zip(axis.features, axis.transforms, strict=True)})
    columns = list(dict.fromkeys(feature for feature, _ in pairs))
    sample = _values(read.sample(store_id, group, columns, settings.fit_sample), pairs)
    bounds = {column: read.bounds(store_id, group, column, outlying / people) for column in columns}
    low, high = (
        np.array([TRANSFORMS[transform][0](np.float64(bounds[feature][end])) for feature, transform in pairs]) for end in (0, 1)
    )
    sample = np.clip(sample, low, high)
    moments = Moments(sample.mean(axis=0))
    for batch in read.batches(store_id, group, columns):
        moments.add(np.clip(_values(batch, pairs), low, high))
    scaler = moments.scaler()
    is_share = (np.maximum(np.abs(low), np.abs(high)) <= 1) & np.array([transform == "none" for _, transform in pairs])
    size = np.abs(scaler.mean)
    least_std = np.where(is_share, np.minimum(_VARIES, _VARIES_OF_MEAN * size), _VARIES * size)
    # how much features vary, of the least that a fit takes
    variation = scaler.std / np.maximum(least_std, 1e-12 * np.maximum(size, 1))

    def fit(axis: Axis) -> _Fit | str:
        columns_of_axis = [pairs.index(pair) for pair in zip(axis.features, axis.transforms, strict=True)]
        columns_used = [column for column in columns_of_axis if variation[column] > 1]
        used = [pairs[column] for column in columns_used]
        own = Scaler(significant(scaler.mean[columns_used]), significant(scaler.std[columns_used]))
        return _fit_axis(used, own, sample[:, columns_used], pasts[axis.name], least * len(sample) / people, settings) or (
            _ALIKE.format(ceil(least)) if used else _FLAT.format(np.floor(100 * variation[columns_of_axis].max()))
        )

    return dict(zip([axis.name for axis in axes], pool.map(fit, axes), strict=True))


def _values(rows: pa.Table | pa.RecordBatch, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Transformed features, shape (n, pairs).

    Raises
    ------
    ValueError
        If one is null or not finite.
    """
    values = np.empty((rows.num_rows, len(pairs)))
    for column, (feature, transform) in enumerate(pairs):
        values[:, column] = TRANSFORMS[transform][0](doubles(rows, feature))
        if not np.isfinite(values[:, column]).all():
            raise ValueError(f"feature {feature}: null, or not finite")
    return values


def _fit_axis(
    used: Sequence[tuple[str, str]], scaler: Scaler, sample: np.ndarray, past: _Past, least: float, settings: Settings
) -> _Fit | None:
    """Fit the features that vary, if segments have `least` of the sample, or half of that where there were such before.

    Centres are ordered by the lead, then by the others; by the first feature that sets them apart where the lead does not, since
    its order would be chance and another one after every fit.
    """
    if not used or (sample == sample[0]).all():
        return None
    scaled = scaler.scale(sample)
    features, transforms = [feature for feature, _ in used], [transform for _, transform in used]
    last, shared = _last_centres(past, features, transforms, scaler)
    found = cluster(
        scaled,
        settings.min_k,
        settings.max_k,
        settings.silhouette_sample,
        settings.seed % 2**32,
        past.kinds,
        least,
        last if len(shared) == len(used) else None,
        settings.match_tolerance,
    )
    if found is None:
        return None
    centres = significant(found.centres)
    ranking = int((np.ptp(centres, axis=0) >= _RANKS).argmax())
    order = np.lexsort([*centres.T[::-1], centres[:, ranking]])
    clusters = Clustering(centres[order], np.argsort(order)[found.labels], found.silhouettes, found.kinds)
    return _Fit(
        features,
        transforms,
        scaler,
        clusters,
        scaled,
        float(significant([fuzzifier_for(scaled, clusters.centres, settings.membership_entropy)])[0]),
    )


def _skipped_row(store_id: str, axis: Axis, settings: Settings, population: int, reason: str) -> Row:
    return {
        "store_id": store_id,
        "axis_name": axis.name,
        "segment_id": f"{axis.name}-none",
        "as_of": settings.as_of,
        "is_trial": settings.is_trial,
        "change_type": SKIPPED,
        "is_current": False,
        "reason": reason,
        "population": population,
        "sample_size": 0,
    }


def _segment_rows(store_id: str, axis: Axis, settings: Settings, past: _Past, fit: _Fit, population: int) -> list[Row]:
    """Rows of one fitted axis: its segments by number, then those that ended."""
    k = len(fit.clusters.centres)
    became = _lineage(past, fit, settings.match_tolerance)
    survivors = {new: past.segments[old] for old, new in became.kept.items()}
    shares = np.round(np.bincount(fit.clusters.labels, minlength=k) / len(fit.sample), 6).tolist()
    centres = _original(fit)
    common = {
        "store_id": store_id,
        "axis_name": axis.name,
        "as_of": settings.as_of,
        "is_trial": settings.is_trial,
        "segment_count": k,
        "population": population,
        "sample_size": len(fit.sample),
        "silhouette": fit.clusters.silhouette,
        "silhouettes": json.dumps({str(tried): value for tried, value in fit.clusters.silhouettes.items()}),
        "is_low_quality": fit.clusters.silhouette < settings.min_silhouette,
        "fuzzifier": fit.fuzzifier,
        "is_gradual": fit.clusters.kinds.k is None,
        "one_kind_p": round(fit.clusters.kinds.one_kind_p, 6),
        "apart_p": json.dumps({str(tried): round(p_value, 6) for tried, p_value in fit.clusters.kinds.apart_p.items()}),
    }
    rows = []
    for segment in range(k):
        row = {
            **common,
            "is_current": True,
            "segment_number": segment + 1,
            "sample_share": shares[segment],
            "features": fit.features,
            "transforms": fit.transforms,
            "scaler_mean": fit.scaler.mean.tolist(),
            "scaler_std": fit.scaler.std.tolist(),
            "centre_scaled": fit.clusters.centres[segment].tolist(),
            "centre": centres[segment].tolist(),
        }
        if segment in survivors:
            origin = next(old for old, new in became.kept.items() if new == segment)
            row |= {name: survivors[segment][name] for name in _CARRIED}
            row |= {"change_type": KEPT, "distance_moved": _distance(became, origin, segment)}
        else:
            row |= {
                "segment_id": _segment_id(store_id, axis.name, settings, segment + 1),
                "first_fitted_at": settings.as_of,
                "change_type": BORN,
            }
            if segment in became.split:
                row |= {"change_type": SPLIT, "related_segment_id": past.segments[became.split[segment]]["segment_id"]}
        rows.append(row)
    for segment, last in enumerate(past.segments):
        if segment not in became.kept:
            target = became.merged.get(segment)
            nearest = None if became.distances is None else int(became.distances[segment].argmin())
            rows.append(
                {
                    **common,
                    **{name: last[name] for name in (*_CARRIED, *_LAST)},
                    "is_current": False,
                    "sample_share": 0.0,
                    "change_type": DIED if target is None else MERGED,
                    "distance_moved": _distance(became, segment, nearest),
                    "related_segment_id": None if target is None else survivors[target]["segment_id"],
                }
            )
    return rows


def _lineage(past: _Past, fit: _Fit, tolerance: float) -> Lineage:
    """What became of the old segments, over the features that old and new ones share, under the new scaler."""
    old, shared = _last_centres(past, fit.features, fit.transforms, fit.scaler)
    if old is None:
        return Lineage({}, {}, {}, None)
    return lineage(old, fit.clusters.centres[:, shared], fit.sample[:, shared], fit.clusters.labels, tolerance)


def _last_centres(
    past: _Past, features: Sequence[str], transforms: Sequence[str], scaler: Scaler
) -> tuple[np.ndarray | None, list[int]]:
    """Centres of the old segments under a new scaler, shape (k, shared), if any, and numbers of the features they have."""
    shared = [number for number, feature in enumerate(features) if past.segments and feature in past.segments[0]["features"]]
    if not shared:
        return None, shared
    old = np.empty((len(past.segments), len(shared)))
    for column, number in enumerate(shared):
        source = past.segments[0]["features"].index(features[number])
        old[:, column] = TRANSFORMS[transforms[number]][0](np.array([row["centre"][source] for row in past.segments]))
    return Scaler(scaler.mean[shared], scaler.std[shared]).scale(old), shared


def _distance(became: Lineage, old: int, new: int | None) -> float | None:
    return None if new is None or became.distances is None else round(float(became.distances[old, new]), 6)


def _original(fit: _Fit) -> np.ndarray:
    """Centres in the features' own units, shape (k, d)."""
    centres = fit.scaler.unscale(fit.clusters.centres)
    for column, transform in enumerate(fit.transforms):
        centres[:, column] = TRANSFORMS[transform][1](centres[:, column])
    # a feature that is 0 for a whole segment shall be 0, and not what is left of scaling it to and fro
    return significant(np.round(centres, 9))


def _segment_id(store_id: str, axis_name: str, settings: Settings, number: int) -> str:
    """An id that the next run of the same night gives again, and no other store, axis, night or kind of fit."""
    key = composed_key(settings.fit_kind, store_id, axis_name, settings.as_of.isoformat(), str(number))
    return f"{axis_name}-{md5(key.encode(), usedforsecurity=False).hexdigest()}"
