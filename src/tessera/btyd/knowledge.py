"""What is known of what to expect of a customer: of their own rate and way of stopping, and of the parameters of the shop.

An expectation is an average over everybody with such a history. The customer behind it has a rate of orders, a way of stopping
and a mean spend of their own, of which the history tells a part: `expectation_interval` says between which values what would be
expected of the customer lies, if these were known. It is narrower than an interval of what will come, which a fate adds to.

Draws of the posterior stand for it. Someone alive has a rate that is gamma distributed as of now, someone who stopped as of
then; each draw is asked what it says of being alive and of the orders ahead. They are spread evenly, not thrown, so that the
same history has the same interval every time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri
from scipy.stats.qmc import Halton

from tessera.btyd.fitting import Fit
from tessera.btyd.histories import Floats, Histories
from tessera.btyd.models import MODELS
from tessera.btyd.predictions import expected_orders, log_alive

DRAWS = 256
CHUNK = 20_000
MOST_UNKNOWN = 2.0
"""Standard deviation of the logarithm of an expectation that parameters can cause at most: what they leave wider is not known at
all, and 13 times as much says so."""
LEAST = 1e-300
LEAST_DEGREES = 1e-9


def _spread() -> Floats:
    """Evenly spread points of the unit cube, shape (4, DRAWS): Hammersley's, without the first, which lie in a line."""
    skipped = 20
    return np.vstack([(np.arange(DRAWS) + 0.5) / DRAWS, Halton(3, scramble=False).random(DRAWS + skipped)[skipped:].T])


FATE, RATE, STOP, SPEND = _spread()


def expectation_interval(
    fit: Fit, histories: Histories, t: float, level: float = 0.8, spend: Fit | None = None, orders: ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """Between what and what the expected orders (or spend) in (T, T + t] of every customer lie, as shares of the expectation.

    Parameters
    ----------
    fit
        From `fit_purchases`; parameters without a covariance count as known.
    histories
        From `group`.
    t
        Time ahead, in the unit of the histories.
    level
        Probability of the interval, between 0 and 1.
    spend
        From `fit_spend`, for an interval of spend.
    orders
        Orders whose value is known, shape (customers,); for spend.

    Returns
    -------
    tuple of numpy.ndarray
        Shares, each of shape (customers,): the lower at most 1, the upper at least 1. Where a few people bring most of what is
        expected, the mean is above their 90th percentile; then the upper end is the mean.
    """
    kinds, kind = np.unique(
        np.stack(
            [histories.inverse.astype(np.float64), np.broadcast_to(np.asarray(orders, dtype=np.float64), histories.inverse.shape)]
        ),
        axis=1,
        return_inverse=True,
    )
    rows = kinds[0].astype(np.int64)
    expected = np.empty(len(histories.age))
    expected[histories.inverse] = expected_orders(fit, histories, t)
    side = (1 - level) / 2
    quantiles = np.array([round(share * DRAWS - 0.5) for share in (side, 1 - side)])
    low, high = np.empty(len(rows)), np.empty(len(rows))
    draw = _drawn(fit, histories, t)
    for first in range(0, len(rows), CHUNK):
        some = slice(first, first + CHUNK)
        drawn = draw(rows[some])
        if spend is not None:
            drawn = drawn * _spend_shares(spend, kinds[1, some])
        found = np.partition(drawn, quantiles, axis=1)[:, quantiles] / np.maximum(expected[rows[some], None], LEAST)
        low[some], high[some] = np.minimum(found[:, 0], 1), np.maximum(found[:, 1], 1)
    unknown = _unknown(fit, lambda other: expected_orders(other, histories, t))
    if spend is not None:
        p, q, _ = spend.values
        # the more is known of a customer, the less the mean of all matters
        of_mean = _unknown(spend, lambda fit: fit.values[0] * fit.values[2] / np.maximum(fit.values[1] - 1, LEAST_DEGREES))
        unknown = np.hypot(unknown, of_mean * (q - 1) / (p * np.asarray(orders, dtype=np.float64) + q - 1))
    unknown = ndtri(1 - side) * np.minimum(unknown, MOST_UNKNOWN)
    with np.errstate(divide="ignore"):
        below, above = np.log(low)[kind.ravel()], np.log(high)[kind.ravel()]
    return np.exp(-np.hypot(below, unknown)), np.exp(np.hypot(above, unknown))


def _drawn(fit: Fit, histories: Histories, t: float) -> Callable[[Floats], Floats]:
    """What each draw expects of some histories, shape (rows, DRAWS)."""
    model, alive = MODELS[fit.model], np.exp(log_alive(fit, histories))
    alpha = fit.values[1]

    def draw(rows: Floats) -> Floats:
        x, recency, age, is_alive = (part[rows, None] for part in (histories.frequency, histories.recency, histories.age, alive))
        lives = is_alive > FATE
        stop_share = np.clip((FATE - is_alive) / np.maximum(1 - is_alive, LEAST), 0, 1)
        stop, seen = model.lifetime(fit.values, x, age, recency, lives, stop_share, STOP)
        of_alive, of_stopped = model.rate_shapes(fit.values, x, age, age - recency)
        drawn = _gammas(of_alive)
        if of_stopped is not of_alive:
            drawn = np.where(lives, drawn, _gammas(of_stopped))
        rate = np.maximum(drawn / (alpha + seen), LEAST)
        return model.alive_given(x, age - recency, rate, stop) * model.expected_given(rate, stop, t)

    return draw


def _gammas(shape: Floats) -> Floats:
    """Draws of gamma variables of such shapes, which are few, shape (rows, 1), in the unit of time, shape (rows, DRAWS)."""
    each, row = np.unique(shape, return_inverse=True)
    return gammaincinv(each[:, None], RATE)[row.ravel()]


def _spend_shares(spend: Fit, orders: Floats) -> Floats:
    """Mean spend of each draw over the expected one, shape (rows, DRAWS)."""
    p, q, _ = spend.values
    number, row = np.unique(orders, return_inverse=True)
    degrees = p * number[:, None] + q
    return ((degrees - 1) / np.maximum(gammaincinv(degrees, SPEND), LEAST_DEGREES))[row]


def _unknown(fit: Fit, expected: Callable[[Fit], Floats]) -> Floats:
    """Standard deviation of the logarithm of an expectation by the uncertainty of the parameters, one direction at a time."""
    if not fit.covariance.any():
        return np.zeros(1)
    sizes, directions = np.linalg.eigh(fit.covariance)
    logs, found = np.log(fit.values), np.zeros(())
    for size, direction in zip(np.sqrt(np.maximum(sizes, 0)), directions.T, strict=True):
        step = min(size, 1.0)
        up, down = (
            np.log(np.maximum(expected(replace(fit, values=np.exp(logs + way * step * direction))), LEAST)) for way in (1, -1)
        )
        found = found + ((up - down) / 2 * (size / step if step else 0)) ** 2
    return np.sqrt(np.asarray(found))
