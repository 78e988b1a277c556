"""Who is like the members of a segment: a logistic regression of members against everybody else, cross-fitted and calibrated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit
from scipy.stats import mannwhitneyu
from sklearn.linear_model import LogisticRegression
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
        scaled = np.clip((features - self.mean) / self.std, -_CUT, _CUT)
        return self.weights[fold, 0] + np.einsum("nf,nf->n", scaled, self.weights[fold, 1:])

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
    mean = np.average(features, axis=0, weights=weight)
    std = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight))
    std = np.where(std > 1e-9 * np.maximum(np.abs(mean), 1), std, np.inf)
    scaled = np.clip((features - mean) / std, -_CUT, _CUT)
    rows = []
    regression = _regression(_INVERSE_PENALTY)
    for number in range(FOLDS):
        seen = fold != number
        # weights as in the store: of the members of all folds; each fit begins where the one before ended
        regression.fit(scaled[seen], is_member[seen], sample_weight=weight[seen])
        rows.append(np.concatenate((regression.intercept_, regression.coef_[0])))
    fit = Fit(mean, std, np.array(rows), 1.0, 0.0)
    odds = fit.odds(features, fold)
    if mannwhitneyu(odds[is_member], odds[~is_member], alternative="greater", method="asymptotic").pvalue > _CHANCE:
        return None
    calibrated = _regression(1e3).fit(odds[:, None], is_member, sample_weight=weight)
    slope = float(calibrated.coef_[0, 0])
    if slope <= 0:
        return None
    return Fit(mean, std, fit.weights, slope, float(calibrated.intercept_[0]))


def _regression(inverse_penalty: float) -> LogisticRegression:
    # where features nearly part the two, steps along gradients take ten times as many passes and stop short of the best weights
    return LogisticRegression(C=inverse_penalty, solver="newton-cholesky", max_iter=1_000, tol=1e-6, warm_start=True)


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

    def people(self, store_id: str) -> Iterator[pa.Table]:
        """Everybody of a store in the order of their ids, some at a time; each time is a query of its own."""
        ((first, last),) = self._connection.execute(
            f"select min(person_number), max(person_number) from {self._staged()} where store_id = ?", [store_id]
        ).fetchall()
        for start in range(first or 0, (last or -1) + 1, _BATCH_ROWS):
            some = self._read(
                f"select * from {self._staged()} where person_number between ? and ?",
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
    drawn = {segment_id: (_Drawn(settings.fit_sample), _Drawn(settings.fit_sample)) for segment_id in members}
    for batch in read.people(store_id):
        features, fold, key = _features(batch, axes)
        for segment_id, ids in members.items():
            is_member = pc.is_in(batch["customer_id"].cast(pa.string()), value_set=ids).to_numpy(zero_copy_only=False)
            for side, sample in enumerate(drawn[segment_id]):
                sample.add(features[is_member == side], fold[is_member == side], key[is_member == side])
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
    folds = [np.unique(sample.fold) for sample in (others, own)]
    if min(others.people, own.people) < settings.min_members or min(map(len, folds)) < 2:
        return None
    weight = [np.full(len(sample.fold), sample.people / len(sample.fold)) for sample in (others, own)]
    return fit_lookalikes(
        np.concatenate((others.features, own.features)),
        np.concatenate((np.zeros(len(others.fold), bool), np.ones(len(own.fold), bool))),
        np.concatenate(weight),
        np.concatenate((others.fold, own.fold)),
    )


class _Drawn:
    """People of the smallest keys, of those who were added."""

    def __init__(self, most: int) -> None:
        self.most, self.people = most, 0
        self.features, self.fold, self.key = np.empty((0, 0)), np.empty(0, np.int64), np.empty(0, np.int64)

    def add(self, features: np.ndarray, fold: np.ndarray, key: np.ndarray) -> None:
        """Add people."""
        self.people += len(key)
        together = np.concatenate((self.features.reshape(-1, features.shape[1]), features))
        keys = np.concatenate((self.key, key))
        # in the order in which they came
        kept = np.sort(np.argsort(keys, kind="stable")[: self.most])
        self.features, self.key = together[kept], keys[kept]
        self.fold = np.concatenate((self.fold, fold))[kept]


def _asked(axes: Sequence[Axis]) -> tuple[list[tuple[str, str]], list[str]]:
    """Features with their transforms, and populations, of axes."""
    pairs = {pair for axis in axes for pair in zip(axis.features, axis.transforms, strict=True)}
    return sorted(pairs), sorted({axis.population for axis in axes})


def _features(batch: pa.Table, axes: Sequence[Axis]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transformed features, shape (n, features), fold and sample key of people."""
    pairs, populations = _asked(axes)
    columns = [TRANSFORMS[transform][0](doubles(batch, feature)) for feature, transform in pairs]
    columns += [truths(batch, f"in_{population}").astype(float) for population in populations]
    key = np.array([int(text[:15], 16) for text in batch["sample_key"].to_pylist()], dtype=np.int64)
    return np.column_stack(columns), key % FOLDS, key
