"""What is known of what to expect of a customer: of their own rate and way of stopping, and of the parameters of the shop.

An expectation is an average over everybody with such a history. The customer behind it has a rate of orders, a way of stopping
and a mean spend of their own, of which the history tells a part: `expectation_interval` says between which values what would be
expected of the customer lies, if these were known. It is narrower than an interval of what will come, which a fate adds to.

Draws of the posterior stand for it. Someone alive has a rate that is gamma distributed as of now, someone who stopped as of
then; each draw is asked what it says of being alive and of the orders ahead. They are spread evenly, not thrown, so that the
same history has the same interval every time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri
from scipy.stats.qmc import Halton

from tessera.btyd.fitting import Fit
from tessera.btyd.histories import Floats, Histories, Integers
from tessera.btyd.models import MODELS
from tessera.btyd.predictions import expected_orders, log_alive
from tessera.btyd.purchases import LEAST

DRAWS = 256
CHUNK = 2_000
MOST_UNKNOWN = 2.0
"""Standard deviation of the logarithm of an expectation that parameters can cause at most: what they leave wider is not known at
all, and 13 times as much says so."""
LEAST_DEGREES = 1e-9

Interval = tuple[Floats, Floats]


def _spread() -> Floats:
    """Evenly spread points of the unit cube, shape (4, DRAWS): Hammersley's, without the first, which lie in a line."""
    skipped = 20
    return np.vstack([(np.arange(DRAWS) + 0.5) / DRAWS, Halton(3, scramble=False).random(DRAWS + skipped)[skipped:].T])


FATE, RATE, STOP, SPEND = _spread()


def expectation_interval(
    fit: Fit, histories: Histories, t: float, level: float = 0.8, spend: Fit | None = None, orders: ArrayLike = 0.0
) -> Interval:
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
    return _intervals(fit, histories, t, level, [spend], orders)[0]


def expectation_intervals(
    fit: Fit, histories: Histories, t: float, level: float, spend: Fit, orders: ArrayLike
) -> tuple[Interval, Interval]:
    """The intervals of orders and of spend, see `expectation_interval`; together they cost hardly more than one."""
    of_orders, of_spend = _intervals(fit, histories, t, level, [None, spend], orders)
    return of_orders, of_spend


def _intervals(
    fit: Fit, histories: Histories, t: float, level: float, spends: Sequence[Fit | None], orders: ArrayLike
) -> list[Interval]:
    """The interval of orders for no model of spend, of spend for one."""
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
    ends = [(np.empty(len(rows)), np.empty(len(rows))) for _ in spends]
    draw = _drawn(fit, histories, t, rows)
    shares = [None if spend is None else _spend_shares(spend, kinds[1]) for spend in spends]
    for first in range(0, len(rows), CHUNK):
        some = slice(first, first + CHUNK)
        drawn, least = draw(some), np.maximum(expected[rows[some], None], LEAST)
        for (low, high), share in zip(ends, shares, strict=True):
            of_draws = drawn if share is None else drawn * share(some)
            found = np.partition(of_draws, quantiles, axis=1)[:, quantiles] / least
            low[some], high[some] = np.minimum(found[:, 0], 1), np.maximum(found[:, 1], 1)
    unknown_orders = _unknown(fit, lambda other: expected_orders(other, histories, t))
    intervals = []
    for (low, high), spend in zip(ends, spends, strict=True):
        unknown = unknown_orders
        if spend is not None:
            p, q, _ = spend.values
            # the more is known of a customer, the less the mean of all matters
            of_mean = _unknown(spend, lambda fit: fit.values[0] * fit.values[2] / np.maximum(fit.values[1] - 1, LEAST_DEGREES))
            unknown = np.hypot(unknown, of_mean * (q - 1) / (p * np.asarray(orders, dtype=np.float64) + q - 1))
        unknown = ndtri(1 - side) * np.minimum(unknown, MOST_UNKNOWN)
        with np.errstate(divide="ignore"):
            below, above = np.log(low)[kind.ravel()], np.log(high)[kind.ravel()]
        intervals.append((np.exp(-np.hypot(below, unknown)), np.exp(np.hypot(above, unknown))))
    return intervals


def _drawn(fit: Fit, histories: Histories, t: float, rows: Integers) -> Callable[[slice], Floats]:
    """What each draw expects of some of the rows of histories, shape (rows, DRAWS)."""
    model, of_histories = MODELS[fit.model], (histories.frequency, histories.recency, histories.age)
    alpha, (x, recency, age) = fit.values[1], (part[rows] for part in of_histories)
    alive = np.exp(log_alive(fit, histories))[rows]
    lifetimes = model.lifetimes(fit.values, x, age, recency, alive, FATE, STOP)
    of_alive, of_stopped = model.rate_shapes(fit.values, x, age, age - recency)
    rates = _gammas(of_alive)
    rates_stopped = rates if of_stopped is of_alive else _gammas(of_stopped)

    def draw(some: slice) -> Floats:
        stop, seen, odds = lifetimes(some)
        drawn = rates(some)
        if rates_stopped is not rates:
            drawn = np.where(alive[some, None] > FATE, drawn, rates_stopped(some))
        rate = np.maximum(drawn / (alpha + seen), LEAST)
        silent = (age[some] - recency[some])[:, None]
        return model.alive_given(x[some, None], silent, rate, stop, odds) * model.expected_given(rate, stop, t)

    return draw


def _gammas(shape: Floats) -> Callable[[slice], Floats]:
    """Draws of gamma variables of such shapes, which are few, in the unit of time; of some of them, shape (rows, DRAWS)."""
    each, row = np.unique(shape, return_inverse=True)
    drawn = gammaincinv(each[:, None], RATE)
    return lambda some: drawn[row[some]]


def _spend_shares(spend: Fit, orders: Floats) -> Callable[[slice], Floats]:
    """Mean spend of each draw over the expected one; of some of the rows, shape (rows, DRAWS)."""
    p, q, _ = spend.values
    number, row = np.unique(orders, return_inverse=True)
    degrees = p * number[:, None] + q
    shares = (degrees - 1) / np.maximum(gammaincinv(degrees, SPEND), LEAST_DEGREES)
    return lambda some: shares[row[some]]


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
