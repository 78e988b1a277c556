"""Who is like the members of a segment: a logistic regression of members against everybody else, cross-fitted and calibrated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit
from scipy.stats import mannwhitneyu
from threadpoolctl import threadpool_limits

from tessera.activation.settings import LookalikeSettings
from tessera.axes.definition import TRANSFORMS, Axis, read_axes
from tessera.tables import doubles, from_one_row, truths
from tessera.warehouse import StagedRelation

LOOKALIKES = pa.schema(
    [
        ("store_id", pa.string()),
        ("segment_id", pa.string()),
        ("customer_id", pa.string()),
        ("is_member", pa.bool_()),
        ("probability", pa.float64()),
    ]
)
FOLDS = 5
# The inverse penalty of standardised features: fifty features and fifty members would else learn the members by heart.
_INVERSE_PENALTY = 0.1
# A feature is cut at so many standard deviations: nobody is a lookalike for one number.
_CUT = 5.0
# Of lists without a signal so many are ranked all the same.
_CHANCE = 0.05
# A regression ends where neither the gradient of the mean loss nor what a step gains is above this.
_SHARP = 1e-6
# Rows of features that are worked on at once where whole copies of them would be made.
_CHUNK_ROWS = 2_048
_MOST_STEPS, _LEAST_STEP, _ROUNDING = 1_000, 1e-6, 16 * float(np.finfo(np.float64).eps)
_BATCH_ROWS = 32_768
# Segments that are fitted in one pass over people: of each a sample stands in memory, 40 MB of fifty features.
_TOGETHER = 8


@dataclass(frozen=True)
class Fit:
    """A regression for each fold, fitted on the people of the other folds, and what makes its odds chances.

    Attributes
    ----------
    mean, std
        Of the features, shape (features,).
    weights
        Shape (folds, 1 + features), the intercept first.
    slope, intercept
        What calibrates log odds.
    """

    mean: np.ndarray
    std: np.ndarray
    weights: np.ndarray
    slope: float
    intercept: float

    def odds(self, features: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Log odds of people, each by the regression that has not seen their fold; shape (n,)."""
        odds = np.empty(len(features))
        # some at a time, which stay near the processor
        for first in range(0, len(features), _CHUNK_ROWS):
            some = slice(first, first + _CHUNK_ROWS)
            each = _scaled(features[some], self.mean, self.std) @ self.weights[:, 1:].T + self.weights[:, 0]
            odds[some] = each[np.arange(len(each)), fold[some]]
        return odds

    def probability(self, features: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """The chance of being a member, of people of whom no more is known than their features; shape (n,)."""
        return expit(self.slope * self.odds(features, fold) + self.intercept)


def fit_lookalikes(features: np.ndarray, is_member: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> Fit | None:
    """Fit members against everybody else.

    Parameters
    ----------
    features
        Shape (n, features), finite.
    is_member
        Shape (n,).
    weight
        How many people each one stands for, shape (n,).
    fold
        From 0 to `FOLDS` - 1, shape (n,). Members and others are in two folds at least.

    Returns
    -------
    Fit or None
        None where the odds of people who were not looked at do not put members before others by more than chance (Mann and
        Whitney's test at one in twenty): any order of them would be noise.
    """
    order = np.argsort(fold, kind="stable")
    features, is_member, weight, fold = features[order], is_member[order], weight[order], fold[order]
    share = weight / weight.sum()
    mean = share @ features
    std = np.sqrt(share @ (features - mean) ** 2)
    std = np.where(std > 1e-9 * np.maximum(np.abs(mean), 1), std, np.inf)
    scaled = _scaled(features, mean, std)
    rough, rows, start = scaled.astype(np.float32), [], np.zeros(1 + scaled.shape[1])
    for number in range(FOLDS):
        # weights as in the store: of the members of all folds; each fit begins where the one before ended
        start = fit_logistic(scaled, rough, is_member, np.where(fold != number, weight, 0), _INVERSE_PENALTY, start)
        rows.append(start)
    fit = Fit(mean, std, np.array(rows), 1.0, 0.0)
    odds = fit.odds(features, fold)
    if mannwhitneyu(odds[is_member], odds[~is_member], alternative="greater", method="asymptotic").pvalue > _CHANCE:
        return None
    own = odds[:, None]
    intercept, slope = fit_logistic(own, own, is_member, weight, 1e3, np.zeros(2)).tolist()
    return Fit(mean, std, fit.weights, slope, intercept) if slope > 0 else None


def _scaled(features: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Standard deviations from the mean, cut at `_CUT`."""
    scaled = features - mean
    scaled /= std
    return np.clip(scaled, -_CUT, _CUT, out=scaled)


def fit_logistic(
    features: np.ndarray,
    rough: np.ndarray,
    is_member: np.ndarray,
    weight: np.ndarray,
    inverse_penalty: float,
    start: np.ndarray,
) -> np.ndarray:
    """A logistic regression with a ridge penalty on all weights but the intercept, by Newton's steps.

    Where features nearly part the two, steps along gradients take ten times as many passes and stop short of the best weights.

    Parameters
    ----------
    features
        Shape (n, features), of about one size.
    rough
        The same, in which precision second derivatives are found: these say where a step goes, and single is enough. How good the
        weights are is asked in double.
    is_member
        Shape (n,).
    weight
        How many people each one stands for, shape (n,); 0 for those who are not looked at.
    inverse_penalty
        As scikit-learn's C.
    start
        Where steps begin, as they are returned.

    Returns
    -------
    numpy.ndarray
        The intercept and a weight for each feature, shape (1 + features,).
    """
    share, member = weight / weight.sum(), is_member.astype(np.float64)
    penalty = np.full(len(start), 1 / (inverse_penalty * weight.sum()))
    penalty[0] = 0
    weights, odds = start, features @ start[1:] + start[0]

    def loss_of(weights: np.ndarray, odds: np.ndarray) -> float:
        return float(share @ (np.logaddexp(0, odds) - member * odds) + penalty @ weights**2 / 2)

    def gradient_of(weights: np.ndarray, odds: np.ndarray) -> np.ndarray:
        missed = share * (expit(odds) - member)
        return np.concatenate(([missed.sum()], missed @ features)) + penalty * weights

    loss, gradient = loss_of(weights, odds), gradient_of(weights, odds)
    for _ in range(_MOST_STEPS):
        curvature = _curvature(rough, share * expit(odds) * expit(-odds)) + np.diag(penalty)
        step = np.linalg.solve(curvature, -gradient)
        along, size = features @ step[1:] + step[0], 1.0
        while True:
            reached, reached_odds = weights + size * step, odds + size * along
            reached_loss, reached_gradient = loss_of(reached, reached_odds), gradient_of(reached, reached_odds)
            is_better = reached_loss - loss <= size * (gradient @ step) / 2048
            # where losses are equal but for rounding, the gradient tells
            is_equal = abs(reached_loss - loss) <= _ROUNDING * loss and np.abs(reached_gradient).sum() < np.abs(gradient).sum()
            if is_better or is_equal:
                break
            size /= 2
            if size < _LEAST_STEP:
                return weights
        weights, odds, loss, gradient = reached, reached_odds, reached_loss, reached_gradient
        if np.abs(gradient).max() <= _SHARP and step @ curvature @ step / 2 <= _SHARP:
            break
    return weights


def _curvature(features: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Second derivatives of the loss by intercept and weights, shape (1 + features, 1 + features)."""
    found = np.zeros((features.shape[1] + 1,) * 2)
    found[0, 0] = curve.sum()
    root = np.sqrt(curve).astype(features.dtype)
    for first in range(0, len(features), _CHUNK_ROWS):
        some = slice(first, first + _CHUNK_ROWS)
        # whole chunks of people are not looked at
        if root[some].any():
            rooted = features[some] * root[some, None]
            found[0, 1:] += root[some] @ rooted
            found[1:, 1:] += rooted.T @ rooted
    found[1:, 0] = found[0, 1:]
    return found


class LookalikeReader(StagedRelation):
    """Features of people and members of segments, read through a DuckDB connection.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        Features: store_id, customer_id, sample_key (hexadecimal digits), in_<population>, and a column each.
    members
        store_id, segment_id, customer_id.
    """

    _VIEW, _STAGE = "lookalike_features_read", "temp.main.lookalike_features_staged"
    _SELECTED = "*, row_number() over (order by store_id, customer_id) as person_number"

    def __init__(self, connection: Any, relation: duckdb.DuckDBPyRelation, members: duckdb.DuckDBPyRelation) -> None:
        super().__init__(connection, relation)
        self._members = members.to_arrow_table()

    def segments(self) -> dict[str, list[str]]:
        """Store -> segments with members, in order."""
        pairs = self._members.group_by(["store_id", "segment_id"]).aggregate([]).to_pylist()
        found: dict[str, list[str]] = {}
        for store_id, segment_id in sorted((row["store_id"], row["segment_id"]) for row in pairs):
            found.setdefault(store_id, []).append(segment_id)
        return found

    def members(self, store_id: str, segment_id: str) -> pa.Array:
        """Ids of the members of a segment."""
        is_of = pc.and_(pc.equal(self._members["store_id"], store_id), pc.equal(self._members["segment_id"], segment_id))
        return self._members.filter(is_of)["customer_id"].cast(pa.string()).combine_chunks()

    def people(self, store_id: str, columns: str = "*") -> Iterator[pa.Table]:
        """Everybody of a store in the order of their ids, some at a time; each time is a query of its own.

        Parameters
        ----------
        store_id
            The store.
        columns
            Which are read, person_number among them.
        """
        ((first, last),) = self._connection.execute(
            f"select min(person_number), max(person_number) from {self._staged()} where store_id = ?", [store_id]
        ).fetchall()
        for start in range(first or 0, (last or -1) + 1, _BATCH_ROWS):
            some = self._read(
                f"select {columns} from {self._staged()} where person_number between ? and ?",
                [start, min(start + _BATCH_ROWS - 1, last)],
            )
            # wide rows are sorted here in a tenth of the time
            yield some.sort_by("person_number").combine_chunks()


def score_lookalikes(read: LookalikeReader, axes: pa.Table, settings: pa.Table) -> Iterator[pa.RecordBatch]:
    """Give everybody of a store the chance of being a member of each segment that has enough of them.

    Parameters
    ----------
    read
        Features and members.
    axes
        The seed `axes`, whose enabled features are looked at.
    settings
        One row, see `LookalikeSettings`.

    Yields
    ------
    pyarrow.RecordBatch
        `LOOKALIKES`: one row per segment and person of its store, members too, each by a regression that has not seen them.
    """
    chosen, known = from_one_row(LookalikeSettings, settings), read_axes(axes)
    for store_id, segments in read.segments().items():
        members = {segment_id: read.members(store_id, segment_id) for segment_id in segments}
        enough = [segment_id for segment_id in segments if len(members[segment_id]) >= chosen.min_members]
        for first in range(0, len(enough), _TOGETHER):
            some = {segment_id: members[segment_id] for segment_id in enough[first : first + _TOGETHER]}
            yield from _segments(read, store_id, some, known, chosen)
    read.close()


def lookalike_columns(axes: pa.Table, columns: Sequence[str]) -> list[str]:
    """Which of the columns of features are read.

    Parameters
    ----------
    axes
        The seed `axes`.
    columns
        Columns of the features.
    """
    pairs, populations = _asked(read_axes(axes))
    read = {"store_id", "customer_id", "sample_key", *(feature for feature, _ in pairs), *(f"in_{name}" for name in populations)}
    return [column for column in columns if column in read]


def _segments(
    read: LookalikeReader, store_id: str, members: Mapping[str, pa.Array], axes: Sequence[Axis], settings: LookalikeSettings
) -> Iterator[pa.RecordBatch]:
    """Fit some segments of a store in one pass over its people, and score everybody in another."""
    drawn = {segment_id: (_Drawn(), _Drawn()) for segment_id in members}
    # who is looked at is known by the keys alone, so that nobody else's features are kept
    for batch in read.people(store_id, "customer_id, sample_key, person_number"):
        key = _keys(batch)
        for segment_id, is_member in _are_members(batch, members):
            for side, sample in enumerate(drawn[segment_id]):
                sample.meet(key[is_member == side])
    for sample in chain.from_iterable(drawn.values()):
        sample.draw(settings.fit_sample)
    for batch in read.people(store_id):
        features, fold, key = _features(batch, axes)
        for segment_id, is_member in _are_members(batch, members):
            for side, sample in enumerate(drawn[segment_id]):
                sample.add(features, fold, key, is_member == side)
    with threadpool_limits(limits=1):
        fits = {segment_id: _fit(*samples, settings) for segment_id, samples in drawn.items()}
    if not any(fits.values()):
        return
    for batch in read.people(store_id):
        features, fold, _ = _features(batch, axes)
        people = batch["customer_id"].cast(pa.string()).combine_chunks()
        for segment_id, fit in fits.items():
            if fit is not None:
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.repeat(pa.scalar(store_id, pa.string()), batch.num_rows),
                        pa.repeat(pa.scalar(segment_id, pa.string()), batch.num_rows),
                        people,
                        pc.is_in(people, value_set=members[segment_id]),
                        pa.array(np.round(fit.probability(features, fold), 6)),
                    ],
                    schema=LOOKALIKES,
                )


def _fit(others: _Drawn, own: _Drawn, settings: LookalikeSettings) -> Fit | None:
    """The fit of a segment; none where members or others are too few, or nothing tells them apart."""
    if min(others.people, own.people) < settings.min_members:
        return None
    fold = [np.concatenate(sample.fold) for sample in (others, own)]
    if min(len(np.unique(folds)) for folds in fold) < 2:
        return None
    weight = [np.full(len(folds), sample.people / len(folds)) for folds, sample in zip(fold, (others, own), strict=True)]
    return fit_lookalikes(
        np.concatenate([*others.features, *own.features]),
        np.repeat([False, True], [len(folds) for folds in fold]),
        np.concatenate(weight),
        np.concatenate(fold),
    )


class _Drawn:
    """People of the smallest keys, of those who were met; of equal keys the first."""

    def __init__(self) -> None:
        self.people = 0
        self.features: list[np.ndarray] = []
        self.fold: list[np.ndarray] = []
        self._keys: list[np.ndarray] = []
        self._bound, self._at_bound = -1, 0

    def meet(self, key: np.ndarray) -> None:
        """Count people in, by their keys."""
        self.people += len(key)
        self._keys.append(key)

    def draw(self, most: int) -> None:
        """Choose so many of those who were met at most."""
        keys = np.concatenate([np.empty(0, np.int64), *self._keys])
        self._keys = []
        if len(keys):
            last = min(most, len(keys)) - 1
            self._bound = int(np.partition(keys, last)[last])
            self._at_bound = last + 1 - int((keys < self._bound).sum())

    def add(self, features: np.ndarray, fold: np.ndarray, key: np.ndarray, is_met: np.ndarray) -> None:
        """Keep those of people, met in the same order, who were chosen."""
        some = np.flatnonzero(is_met & (key <= self._bound))
        is_last = key[some] == self._bound
        kept = ~is_last | (np.cumsum(is_last) <= self._at_bound)
        self._at_bound -= int((is_last & kept).sum())
        self.features.append(features[some[kept]])
        self.fold.append(fold[some[kept]])


def _asked(axes: Sequence[Axis]) -> tuple[list[tuple[str, str]], list[str]]:
    """Features with their transforms, and populations, of axes."""
    pairs = {pair for axis in axes for pair in zip(axis.features, axis.transforms, strict=True)}
    return sorted(pairs), sorted({axis.population for axis in axes})


def _features(batch: pa.Table, axes: Sequence[Axis]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transformed features, shape (n, features), fold and sample key of people."""
    pairs, populations = _asked(axes)
    columns = [TRANSFORMS[transform][0](doubles(batch, feature)) for feature, transform in pairs]
    columns += [truths(batch, f"in_{population}").astype(float) for population in populations]
    key = _keys(batch)
    return np.column_stack(columns), key % FOLDS, key


def _keys(batch: pa.Table) -> np.ndarray:
    """Sample keys of people, as numbers."""
    return np.array([int(text[:15], 16) for text in batch["sample_key"].to_pylist()], dtype=np.int64)


def _are_members(batch: pa.Table, members: Mapping[str, pa.Array]) -> Iterator[tuple[str, np.ndarray]]:
    """Of every segment who of the people is in it."""
    people = batch["customer_id"].cast(pa.string())
    for segment_id, ids in members.items():
        yield segment_id, pc.is_in(people, value_set=ids).to_numpy(zero_copy_only=False)
