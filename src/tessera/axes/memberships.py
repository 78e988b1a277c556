"""How much each person is of each segment."""

from __future__ import annotations

import numpy as np
from scipy.optimize import bisect

EXP, FCM = "exp", "fcm"
_FARTHEST = 1e100
_STEEPEST, _FLATTEST = 1e-3, 1e3
_SPREAD_STEP = 2e-9


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
