"""How many kinds of people there are: whether what they do has more than one peak, and which segments have a gap between them.

K-means cuts anything into k pieces, and silhouettes and likelihoods of mixtures prefer some k even where people differ by
degrees. A gap is what tells kinds from degrees, and the dip test of Hartigan and Hartigan (1985) finds it whatever the form of
the peaks. Nothing here knows axes, stores or tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import isotonic_regression

# Quantiles of the dip times the root of n, of 20,000 uniform samples of each size.
_SIZES = (20, 50, 100, 200, 500, 1000, 2000, 5000)
_P_VALUES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
_QUANTILES = (
    (0.3280, 0.3956, 0.4354, 0.4685, 0.5097, 0.5374, 0.5644, 0.6124),
    (0.3457, 0.4161, 0.4591, 0.4972, 0.5399, 0.5704, 0.5953, 0.6648),
    (0.3550, 0.4273, 0.4724, 0.5112, 0.5562, 0.5911, 0.6223, 0.6956),
    (0.3609, 0.4359, 0.4796, 0.5200, 0.5702, 0.6035, 0.6328, 0.7065),
    (0.3680, 0.4433, 0.4896, 0.5289, 0.5801, 0.6135, 0.6496, 0.7349),
    (0.3710, 0.4470, 0.4946, 0.5346, 0.5847, 0.6179, 0.6505, 0.7109),
    (0.3737, 0.4496, 0.4958, 0.5391, 0.5880, 0.6214, 0.6557, 0.7394),
    (0.3748, 0.4522, 0.4997, 0.5428, 0.5947, 0.6255, 0.6620, 0.7349),
)
# How sure it must be that there are kinds, and so many; and that there are none any more, where the last fit found so many.
_SURE, _STAYS = 0.05, 0.2
# The same of three segments, where it is sure that there are kinds: an axis without any is cut in three as well.
_USUAL_K, _SURE_OF_USUAL, _USUAL_STAYS = 3, 0.3, 0.5
_RIDGE = 1e-3
# A value is passed over that is shared by less than this part of the people; a value is common from this share of all on.
_COMPARABLE, _COMMON = 0.25, 0.1


@dataclass(frozen=True)
class Kinds:
    """What was found.

    k (none where people differ by degrees), the chance of such a sample if there is one kind, and by k the largest chance over
    its pairs of segments, times the number of pairs, that the two are one.
    """

    k: int | None
    one_kind_p: float
    apart_p: dict[int, float]


def kinds(points: np.ndarray, labelings: Mapping[int, np.ndarray], seed: int, last_k: int | None = None) -> Kinds:
    """Tell how many kinds there are.

    There are several if the first principal component has more than one peak, and k of them if any two of the k segments
    have a gap between them: on the line through their centres, and on the direction that tells them best. The largest such
    k is taken. A test is passed at 5%, over all pairs of a partition; of three segments at 10% a pair once there are kinds.

    Parameters
    ----------
    points
        Scaled features of a sample, shape (n, d); see `spread_out` for what becomes of counts.
    labelings
        Segments of the rows, shape (n,), by the number of segments.
    seed
        Of how values are spread.
    last_k
        How many kinds an earlier fit found, if any: they stay while the tests are passed at 20% (three at 50% over their pairs)
        and no more are found.

    Returns
    -------
    Kinds
    """
    spread = spread_out(points, seed)
    one_kind_p = dip_p_value(_first_component(spread))
    apart_p = {k: _apart_p(spread, labels, k) for k, labels in labelings.items()}
    found = [k for k, p_value in apart_p.items() if one_kind_p < _SURE and p_value < (_SURE_OF_USUAL if k == _USUAL_K else _SURE)]
    if last_k in apart_p and one_kind_p < _STAYS and apart_p[last_k] < (_USUAL_STAYS if last_k == _USUAL_K else _STAYS):
        found.append(last_k)
    return Kinds(max(found, default=None), one_kind_p, apart_p)


def spread_out(points: np.ndarray, seed: int) -> np.ndarray:
    """Features without the steps of counts and of rates of few; shape (n, d).

    Each value moves at random by up to half the gap to the next one on either side that a quarter as many people share.
    Where a tenth of the people or more share one value, and as many another, all values of the feature move by half the
    largest gap between such values as well: a rate of one or two orders has gaps that no kind made.
    """
    rng = np.random.default_rng(seed)
    spread = points.astype(np.float64)
    for column in spread.T:
        values, of_value, counts = np.unique(column, return_inverse=True, return_counts=True)
        if len(values) > 1:
            below, above = _halfway(values, counts)
            column += rng.uniform(-below[of_value], above[of_value])
            column += rng.uniform(-0.5, 0.5, len(column)) * np.diff(values[counts >= _COMMON * len(column)]).max(initial=0.0)
    return spread


def _halfway(values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half the gaps from values that differ to the next smaller and larger ones that a quarter as many share."""
    gaps = np.empty((2, len(values)))
    for number, count in enumerate(counts):
        others = values[counts >= count * _COMPARABLE]
        at = np.searchsorted(others, values[number])
        beside = (
            values[number] - others[at - 1] if at else np.nan,
            others[at + 1] - values[number] if at + 1 < len(others) else np.nan,
        )
        gaps[:, number] = np.nan_to_num(np.where(np.isnan(beside), beside[::-1], beside)) / 2
    return gaps[0], gaps[1]


def _first_component(points: np.ndarray) -> np.ndarray:
    """Where people are on the direction in which they differ most, shape (n,)."""
    _, directions = np.linalg.eigh(np.atleast_2d(np.cov(points, rowvar=False)))
    return points @ directions[:, -1]


def _apart_p(points: np.ndarray, labels: np.ndarray, k: int) -> float:
    """The largest p-value over the pairs of segments that they are one, times the number of pairs."""
    centres = np.array([points[labels == segment].mean(axis=0) for segment in range(k)])
    within = np.atleast_2d(np.cov(points - centres[labels], rowvar=False)) + _RIDGE * np.eye(points.shape[1])
    p_values = []
    for one, other in combinations(range(k), 2):
        people = points[(labels == one) | (labels == other)]
        line = centres[one] - centres[other]
        p_values += [dip_p_value(people @ line), dip_p_value(people @ np.linalg.solve(within, line))]
    return min(1.0, max(p_values) * k * (k - 1) / 2)


def dip_p_value(values: np.ndarray) -> float:
    """The chance that a sample of one peak has a dip as large, 0.001 to 1, from a table; 1 for fewer than 20 values."""
    if len(values) < _SIZES[0]:
        return 1.0
    size = np.log(min(len(values), _SIZES[-1]))
    quantiles = [np.interp(size, np.log(_SIZES), column) for column in zip(*_QUANTILES, strict=True)]
    scaled = dip(values) * np.sqrt(len(values))
    if scaled < quantiles[0]:
        return 1.0
    return float(np.exp(np.interp(scaled, quantiles, np.log(_P_VALUES))))


def dip(values: np.ndarray) -> float:
    """Hartigan's dip: how far at least the distribution of a sample is from any that has one peak.

    Parameters
    ----------
    values
        Shape (n,), finite.

    Returns
    -------
    float
        1 / (2 n) to 1 / 4; 0 where all values are equal.
    """
    distinct, counts = np.unique(values, return_counts=True)
    above = np.cumsum(counts) / len(values)
    below = above - counts / len(values)
    found = 1 / len(values)
    while len(distinct) > 1:
        # a distribution of one peak is convex before it and concave after it
        convex, concave = _hull(distinct, below, 1), _hull(distinct, above, -1)
        gap = concave - convex
        on_convex, on_concave = np.flatnonzero(convex >= below - 1e-12), np.flatnonzero(concave <= above + 1e-12)
        left, right = on_convex[gap[on_convex].argmax()], on_concave[gap[on_concave].argmax()]
        widest = max(gap[left], gap[right])
        if widest <= found + 1e-12:
            return found / 2
        if gap[left] > gap[right]:
            right = on_concave[np.searchsorted(on_concave, left)]
        else:
            left = on_convex[np.searchsorted(on_convex, right, side="right") - 1]
        found = max(found, (above - convex)[: left + 1].max(), (concave - below)[right:].max())
        if right - left == len(distinct) - 1:
            return found / 2
        distinct, above, below = (part[left : right + 1] for part in (distinct, above, below))
    return found / 2 if len(values) > 1 and values.min() < values.max() else 0.0


def _hull(distinct: np.ndarray, heights: np.ndarray, sign: int) -> np.ndarray:
    """The greatest convex function below the points (sign 1), or the least concave one above them (-1); shape (n,)."""
    steps = np.diff(distinct)
    slopes = isotonic_regression(np.diff(heights) / steps, weights=steps, increasing=sign > 0).x
    return heights[0] + np.concatenate([[0.0], np.cumsum(slopes * steps)])
