"""Segments as numbers: k-means, and how many segments there are.

Nothing here knows axes, stores or tables, nor do `scaling`, `kinds`, `silhouettes`, `memberships` and `lineage`. Every function
is pure, and gives the same digits whatever the order in which batches of a population arrive and however many cores there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from tessera.axes.kinds import Kinds, kinds
from tessera.axes.lineage import match
from tessera.axes.memberships import distances
from tessera.axes.silhouettes import silhouette_samples

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


def cluster(
    points: np.ndarray,
    min_k: int,
    max_k: int,
    sample_size: int,
    seed: int,
    last_k: int | None = None,
    least: float = 1,
    last: np.ndarray | None = None,
    tolerance: float = 0,
) -> Clustering | None:
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
