"""Segments as numbers: scaling, k-means, how good a k is, memberships, and which new segment is which old one.

Nothing here knows axes, stores or tables. Every function is pure, and gives the same digits whatever the order in which
batches of a population arrive and however many cores there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import bisect, linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from tessera.axes.kinds import Kinds, kinds

EXP, FCM = "exp", "fcm"
# Of 90 fits of 27,415 people in overlapping clusters, ten starts missed the inertia of twenty others once, one start 27
# times, and twenty starts on a fifth of the people 9 times.
_STARTS = 10
# The best start goes on until the centres stand still: two samples of one population then differ by who is in them, not by
# where the search ended. To let all starts go on would take twice the time and find the same.
_STANDSTILL = 1e-8
# Segments of people who differ by degrees: a middle and two ends.
_BY_DEGREES = 3
# The share of the fewest people at which a segment that there was is none any more.
_STAYS = 0.5
_BLOCK = 256
_UNIT = 1130
_FARTHEST = 1e100
_STEEPEST, _FLATTEST = 1e-3, 1e3
_SPREAD_STEP = 2e-9


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation (of the population, not of a sample of it) of every feature; shapes (d,)."""

    mean: np.ndarray
    std: np.ndarray

    def scale(self, values: np.ndarray) -> np.ndarray:
        """Standard deviations from the mean; shape (n, d)."""
        return (values - self.mean) / self.std

    def unscale(self, scaled: np.ndarray) -> np.ndarray:
        """Back from standard deviations to the feature's units; shape (n, d)."""
        return scaled * self.std + self.mean


class Moments:
    """Mean and standard deviation of a population that comes in batches.

    Sums are exact (integers), so that the result depends neither on the order of the rows nor on the batches. Values are
    taken less a shift near their mean, so that squares of large values do not swallow small differences.

    Parameters
    ----------
    shift
        A value of about the mean of each feature, shape (d,).
    """

    def __init__(self, shift: np.ndarray) -> None:
        self.count = 0
        self._shift = np.asarray(shift, dtype=np.float64)
        self._sums = [0] * len(self._shift)
        self._squares = [0] * len(self._shift)

    def add(self, values: np.ndarray) -> None:
        """Count more people in; shape (n, d), finite."""
        self.count += len(values)
        for feature, shift in enumerate(self._shift):
            column = values[:, feature] - shift
            self._sums[feature] += _exact_sum(column)
            self._squares[feature] += _exact_sum(column * column)

    def scaler(self) -> Scaler:
        """The scaler of everybody who was added.

        Raises
        ------
        ValueError
            If nobody was.
        """
        if not self.count:
            raise ValueError("nobody to scale by")
        unit = self.count << _UNIT
        means = [Fraction(total, unit) for total in self._sums]
        variances = [Fraction(total, unit) - mean**2 for total, mean in zip(self._squares, means, strict=True)]
        return Scaler(
            np.array([float(mean + Fraction(shift)) for mean, shift in zip(means, self._shift.tolist(), strict=True)]),
            np.sqrt([max(float(variance), 0.0) for variance in variances]))


def _exact_sum(values: np.ndarray) -> int:
    """The sum of doubles without any rounding, in units of 2 ** -1130; under 2 ** 26 values at once."""
    if not len(values):
        return 0
    mantissas, exponents = np.frexp(values)
    # The 53 bits of a mantissa are two integers of 27 and 26 bits; sums of those of one exponent are exact doubles.
    high = np.trunc(mantissas * 2.0**27)
    low = (mantissas * 2.0**27 - high) * 2.0**26
    least = int(exponents.min())
    parts = (np.bincount(exponents - least, weights=part).tolist() for part in (high, low))
    return sum(((int(upper) << 26) + int(lower)) << (exponent + least - 53 + _UNIT)
               for exponent, (upper, lower) in enumerate(zip(*parts, strict=True)))


@dataclass(frozen=True)
class Clustering:
    """Clusters of a sample: centres (k, d), the cluster of every row (n,), the mean silhouette of every k tried, and kinds.

    `kinds.k` is none where people differ by degrees.
    """

    centres: np.ndarray
    labels: np.ndarray
    silhouettes: dict[int, float]
    kinds: Kinds

    @property
    def silhouette(self) -> float:
        """Mean silhouette of the k that was chosen."""
        return self.silhouettes[len(self.centres)]


def cluster(points: np.ndarray, min_k: int, max_k: int, sample_size: int, seed: int, last_k: int | None = None,
            least: float = 1, last: np.ndarray | None = None, tolerance: float = 0) -> Clustering | None:
    """Cut people into as many segments by k-means as there are kinds of them, or into three where they differ by degrees.

    The caller limits the threads of OpenMP and BLAS: with one, results are the same on any machine with the same numbers.

    Parameters
    ----------
    points
        Scaled features, shape (n, d), in an order of their own (that of a key); at least two rows differ.
    min_k, max_k
        Smallest and largest k. Where fewer rows differ, or segments would be too small, smaller ones only.
    sample_size
        Most rows that kinds and silhouettes are worked out on.
    seed
        Of the starts of k-means (k-means++: Arthur and Vassilvitskii 2007).
    last_k
        How many kinds an earlier fit found, if any; see `tessera.axes.kinds.kinds`.
    least
        Fewest rows of a segment; half as many of one that there was.
    last, tolerance
        Centres of the segments that there were, if any, and how far these move and stay themselves; see `match`.

    Returns
    -------
    Clustering or None
        None where not even two segments are large enough.

    Raises
    ------
    ValueError
        If all rows are equal, or there are fewer than three.
    """
    most = min(_distinct(points, max_k), len(points) - 1)
    if most < 2:
        raise ValueError("clusters need three rows, and two that differ")
    limit = _Limit(least, last, tolerance)
    fits = {k: fit for k in range(min(min_k, most), min(max_k, most) + 1) if (fit := _segments(points, k, seed, limit))}
    for k in range(min(min_k, most) - 1, 1, -1):
        if not fits and (fit := _segments(points, k, seed, limit)):
            fits[k] = fit
    if not fits:
        return None
    labelings = np.array([labels for _, labels in fits.values()])
    sample = _stratified(labelings, sample_size)
    means = np.round(silhouette_samples(points[sample], labelings[:, sample]).mean(axis=1), 9)
    found = kinds(points[sample], dict(zip(fits, labelings[:, sample], strict=True)), seed, last_k)
    chosen = found.k or min(fits, key=lambda k: abs(k - _BY_DEGREES))
    return Clustering(*fits[chosen], dict(zip(fits, means.tolist(), strict=True)), found)


@dataclass(frozen=True)
class _Limit:
    """Fewest rows of a segment. One near the centre of a segment that there was stays until it has half of them."""

    least: float
    last: np.ndarray | None
    tolerance: float

    def too_small(self, fit: KMeans) -> np.ndarray:
        """Which clusters are no segments; shape (k,)."""
        sizes = np.bincount(fit.labels_, minlength=len(fit.cluster_centers_))
        least = np.full(len(sizes), float(self.least))
        if self.last is not None and (sizes < self.least).any():
            least[list(match(self.last, fit.cluster_centers_, self.tolerance)[0].values())] *= _STAYS
        return sizes < least


def _segments(points: np.ndarray, k: int, seed: int, limit: _Limit) -> tuple[np.ndarray, np.ndarray] | None:
    """Centres (k, d) and segments of the rows (n,), of which none is too small; None where there are no such.

    The people of a segment that is too small are set aside while the others are clustered, and are then of the nearest
    centre; when they are as many as a segment has at least, they are no outliers.
    """
    used = np.ones(len(points), dtype=bool)
    while used.sum() > k and (used.all() or _distinct(points[used], k) == k):
        fit = _kmeans(points[used], k, seed)
        small = limit.too_small(fit)
        if not small.any():
            return fit.cluster_centers_, fit.labels_ if used.all() else distances(points, fit.cluster_centers_).argmin(axis=1)
        used[np.flatnonzero(used)[small[fit.labels_]]] = False
        if (~used).sum() >= limit.least:
            break
    return None


def _kmeans(points: np.ndarray, k: int, seed: int) -> KMeans:
    """K-means of the least inertia of several starts."""
    best = KMeans(k, n_init=_STARTS, random_state=seed).fit(points)
    return KMeans(k, init=best.cluster_centers_, n_init=1, tol=_STANDSTILL, random_state=seed).fit(points)


def _distinct(points: np.ndarray, most: int) -> int:
    """How many rows differ, counted up to `most`."""
    count = 0
    while len(points) and count < most:
        points = points[(points != points[0]).any(axis=1)]
        count += 1
    return count


def _stratified(labelings: np.ndarray, most: int) -> np.ndarray:
    """Rows that stand for all, ascending: every cluster of every labeling in proportion, and with a row at least.

    People are sorted by the clusters that they are in, the finest labeling first, and taken at even steps.
    """
    labels, rows = labelings.shape
    if rows <= most:
        return np.arange(rows)
    order = np.lexsort(labelings)
    firsts = np.concatenate([np.unique(labeling, return_index=True)[1] for labeling in labelings])
    steps = max(most - len(firsts), labels)
    return np.union1d(order[(np.arange(steps) * 2 + 1) * rows // (2 * steps)], firsts)


def silhouette_samples(points: np.ndarray, labelings: np.ndarray) -> np.ndarray:
    """The silhouette of every row under several labelings (Rousseeuw 1987), the same as scikit-learn's.

    Each distance is worked out once, for a block of rows, and added up by the clusters of all labelings in one product of
    matrices: for 5,000 people and five labelings a ninth of the time of scikit-learn's function called for each, and a quarter of
    what that takes on distances that are kept, which need 200 MB.

    Parameters
    ----------
    points
        Shape (n, d).
    labelings
        Clusters of the rows, shape (labelings, n), whole numbers from 0; at least two clusters in each.

    Returns
    -------
    numpy.ndarray
        Shape (labelings, n), from -1 to 1; 0 where a cluster is a single row, or where all distances are 0.
    """
    sizes = [np.bincount(labeling) for labeling in labelings]
    members = np.concatenate([labeling[:, None] == np.arange(len(size))
                              for labeling, size in zip(labelings, sizes, strict=True)], axis=1).astype(np.float64)
    offsets = np.cumsum([0, *map(len, sizes)])
    found = np.empty(labelings.shape)
    for start in range(0, len(points), _BLOCK):
        rows = slice(start, start + _BLOCK)
        sums = cdist(points[rows], points) @ members
        for number, (labeling, size) in enumerate(zip(labelings, sizes, strict=True)):
            found[number, rows] = _silhouettes(sums[:, offsets[number]:offsets[number + 1]], labeling[rows], size)
    return found


def _silhouettes(sums: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Silhouettes of rows from the sums of their distances to the members of every cluster (n, k); shape (n,)."""
    rows = np.arange(len(labels))
    within = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    others = sums / np.maximum(sizes, 1)
    others[:, sizes == 0] = np.inf
    others[rows, labels] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(within, nearest)
    known = (sizes[labels] > 1) & (larger > 0)
    return np.divide(nearest - within, larger, out=np.zeros(len(labels)), where=known)


def distances(scaled: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Euclidean distances of people (n, d) to centres (k, d); shape (n, k), finite for anything finite."""
    people, centres = (np.clip(values, -_FARTHEST, _FARTHEST) for values in (scaled, centres))
    squares = np.zeros((len(people), len(centres)))
    for feature in range(people.shape[1]):
        gaps = people[:, feature, None] - centres[:, feature]
        squares += np.multiply(gaps, gaps, out=gaps)
    return np.sqrt(squares, out=squares)


def memberships(scaled: np.ndarray, centres: np.ndarray, kind: str = EXP, fuzzifier: float | None = None) -> np.ndarray:
    """How much each person belongs to each segment.

    Parameters
    ----------
    scaled
        Scaled features, shape (n, d), finite.
    centres
        Scaled centres, shape (k, d).
    kind
        `exp`: exp(-d_i) / sum of exp(-d_j) over the distances d to the centres. `fcm`: 1 / sum of
        (d_i / d_j) ** (2 / (m - 1)), of fuzzy c-means (Bezdek 1981); who is on a centre is wholly there.
    fuzzifier
        m of `fcm`, above 1.

    Returns
    -------
    numpy.ndarray
        Shape (n, k); rows sum to 1 within 1e-9, however far away a person is.

    Raises
    ------
    ValueError
        If the kind is unknown, or `fcm` has no fuzzifier above 1.
    """
    if kind == EXP:
        return _softmax(-distances(scaled, centres))
    if kind != FCM:
        raise ValueError(f"membership must be {EXP} or {FCM}, not {kind}")
    if fuzzifier is None or not fuzzifier > 1:
        raise ValueError("fuzzifier must be above 1")
    return _fuzzy(distances(scaled, centres), fuzzifier)


def _softmax(logs: np.ndarray) -> np.ndarray:
    """Shares from the logs of weights (n, k), which are used up: the largest has weight 1, so that no row is 0 / 0."""
    logs -= logs.max(axis=1, keepdims=True)
    weights = np.exp(logs, out=logs)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def _fuzzy(to_centres: np.ndarray, fuzzifier: float) -> np.ndarray:
    """Memberships of fuzzy c-means from distances; both of shape (n, k)."""
    on_centre = to_centres == 0
    logs = np.log(np.where(on_centre, 1.0, to_centres))
    logs *= -2 / (fuzzifier - 1)
    there = on_centre.any(axis=1)
    logs[there] = np.where(on_centre[there], 0.0, -np.inf)
    return _softmax(logs)


def fuzzifier_for(scaled: np.ndarray, centres: np.ndarray, entropy: float) -> float:
    """The fuzzifier at which memberships of fuzzy c-means are as fuzzy as wished, by bisection.

    At the usual m = 2 how fuzzy memberships are depends on the number of features and clusters; the entropy does not.

    Parameters
    ----------
    scaled
        Scaled features of a sample, shape (n, d).
    centres
        Scaled centres, shape (k, d), k of 2 or more.
    entropy
        Mean normalised entropy that memberships shall have, from 0 to 1.

    Returns
    -------
    float
        m, above 1; the end of 1.001 to 1001 that comes nearest where the wish is out of reach.
    """
    to_centres = distances(scaled, centres)
    shared = (to_centres == 0).sum(axis=1)
    # Who is on a centre has the same memberships at any m.
    fixed = np.log(shared[shared > 0]).sum()
    logs = -2 * np.log(to_centres[shared == 0])
    wished = entropy * len(to_centres) * np.log(len(centres))

    def excess(log_spread: float) -> float:
        return fixed + _entropy(logs / np.exp(log_spread)) - wished

    low, high = np.log(_STEEPEST), np.log(_FLATTEST)
    if excess(low) >= 0:
        return float(1 + np.exp(low))
    if excess(high) <= 0:
        return float(1 + np.exp(high))
    return float(1 + np.exp(bisect(excess, low, high, xtol=_SPREAD_STEP)))


def _entropy(logs: np.ndarray) -> float:
    """Sum of the entropies of shares whose weights have these logs, shape (n, k)."""
    logs -= logs.max(axis=1, keepdims=True)
    weights = np.exp(logs)
    totals = weights.sum(axis=1)
    return float(np.log(totals).sum() - ((weights * logs).sum(axis=1) / totals).sum())


def match(old: np.ndarray, new: np.ndarray, tolerance: float) -> tuple[dict[int, int], np.ndarray]:
    """Which new centre is which old one: as many pairs within the tolerance as there can be, then the least distance.

    Parameters
    ----------
    old, new
        Centres under one scaler, shapes (m, d) and (k, d).
    tolerance
        Farthest that a segment moves and stays itself: root mean square of standard deviations over the features.

    Returns
    -------
    tuple
        Pairs old -> new, and the distances, shape (m, k). Pairs by the Hungarian method (Kuhn 1955).
    """
    gaps = cdist(old, new) / np.sqrt(old.shape[1])
    # One pair more within the tolerance outweighs any distance of the others.
    beyond = tolerance * (min(gaps.shape) + 1) + 1
    rows, columns = linear_sum_assignment(np.where(gaps <= tolerance, gaps, beyond))
    pairs = {int(row): int(column) for row, column in zip(rows, columns, strict=True) if gaps[row, column] <= tolerance}
    return pairs, gaps


@dataclass(frozen=True)
class Lineage:
    """What became of segments: pairs old -> new that are one segment; old -> new merged into; new -> old split from."""

    kept: dict[int, int]
    merged: dict[int, int]
    split: dict[int, int]
    distances: np.ndarray | None


def lineage(old: np.ndarray, new: np.ndarray, sample: np.ndarray, labels: np.ndarray, tolerance: float) -> Lineage:
    """Tell kept segments from dead, merged, split and new ones.

    Parameters
    ----------
    old, new
        Centres under one scaler and over the features that both have, shapes (m, d) and (k, d).
    sample
        People under the same scaler and features, shape (n, d); a person's old segment is that of the nearest old centre.
    labels
        Their new segments, shape (n,).
    tolerance
        See `match`.

    Returns
    -------
    Lineage
        An old segment that is not kept is merged into the kept one in which more than half of its people are; a new one is
        split from the kept one from which more than half of its people came.
    """
    kept, gaps = match(old, new, tolerance)
    came_from = distances(sample, old).argmin(axis=1)
    people = np.bincount(came_from * len(new) + labels, minlength=len(old) * len(new)).reshape(len(old), len(new))
    survivors = {new_segment: old_segment for old_segment, new_segment in kept.items()}
    merged = {segment: target for segment, target in enumerate(_majorities(people))
              if target is not None and segment not in kept and target in survivors}
    split = {segment: origin for segment, origin in enumerate(_majorities(people.T))
             if origin is not None and segment not in survivors and origin in kept}
    return Lineage(kept, merged, split, gaps)


def _majorities(people: np.ndarray) -> Sequence[int | None]:
    """The column that holds more than half of each row's people, if any."""
    best = people.argmax(axis=1)
    return [int(column) if row[column] * 2 > row.sum() else None for row, column in zip(people, best, strict=True)]


def significant(values: ArrayLike, digits: int = 12) -> np.ndarray:
    """Doubles rounded to significant digits, and no negative zero."""
    return np.array([float(f"{value:.{digits}g}") + 0.0 for value in np.ravel(values)]).reshape(np.shape(values))
