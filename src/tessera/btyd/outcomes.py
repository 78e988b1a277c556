"""What will have happened: the distribution of a customer's orders and spend in a time ahead, its intervals, and its test.

The distribution is exact given the parameters, not simulated. With P(alive) from the history, and Y the orders in (T, T + t]
of someone alive,

    P(more than n orders) = P(alive) P(Y > n)

where for the coin models P(Y > n) is a product of an incomplete beta function (with a rhythm, of one for each stage) and a
ratio of beta functions, and for the Pareto/NBD a quadrature of 24 points. The parameters count as known in the
intervals of one customer, where the fate of the customer outweighs them, but not in the interval of a total.

An interval of level 80% leaves out 10% on either side: its ends are the 10th and the 90th percentile of the outcome. Orders are
whole numbers, so that it holds 80% or more; of most customers, where no order at all has more than 10%, it begins at zero.

Who else knows how likely a customer orders at all says it by a `factor` on P(alive).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, ndtri

from tessera.btyd.fitting import STEP, Fit, one_thread
from tessera.btyd.histories import Floats, Histories, Integers
from tessera.btyd.models import MODELS
from tessera.btyd.predictions import expected_orders, log_alive
from tessera.btyd.purchases import Posterior, PurchaseModel

MOST_ORDERS = 2**20
BINS = 20
OUTSIDE = 5e-4
GRID = 28
CHUNK = 100_000
NEAR = 0.01
"""Ages that differ by less, as a share, have one table of spend: hardly anybody is exactly as old as somebody else."""
NEAR_SILENT = 0.5
"""The same of silence, which moves what comes by a part of a pause."""


def order_distribution(fit: Fit, histories: Histories, t: float, orders: ArrayLike) -> Floats:
    """P(at most so many orders in (T, T + t]) of every customer.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    t
        Time ahead, in the unit of the histories.
    orders
        Whole numbers, shape (customers,); below 0 the probability is 0.

    Returns
    -------
    numpy.ndarray
        Probabilities, shape (customers,).
    """
    n, model = np.asarray(orders, dtype=np.float64), MODELS[fit.model]
    alive, pair = np.exp(log_alive(fit, histories))[histories.inverse], model.seen(histories).index[histories.inverse]
    posterior = tuple(part[pair] for part in _posterior(fit, histories))
    more = model.more_than(posterior, np.maximum(n, 0), np.full(len(n), float(t)))
    return np.where(n < 0, 0, 1 - alive * more)


def order_interval(
    fit: Fit, histories: Histories, t: float, level: float = 0.8, factor: ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """Interval of the number of orders in (T, T + t] of every customer.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    t
        Time ahead, in the unit of the histories.
    level
        Probability of the interval, between 0 and 1.
    factor
        On P(alive), of every customer or of all; the product counts up to 1.

    Returns
    -------
    tuple of numpy.ndarray
        Least and most orders, whole numbers, each of shape (customers,), of total probability `level` or a little more.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    tail, model, posterior = _tail(level), MODELS[fit.model], _posterior(fit, histories)
    alive, kind = np.unique(
        np.stack([_alive(fit, histories, factor), model.seen(histories).index[histories.inverse]]), axis=1, return_inverse=True
    )
    wanted, pair = alive[0], alive[1].astype(np.int64)
    return (
        _quantile(model, posterior, t, (1 - tail) / wanted, pair)[kind],
        _quantile(model, posterior, t, tail / wanted, pair)[kind],
    )


def value_interval(
    fit: Fit,
    spend: Fit,
    histories: Histories,
    orders: ArrayLike,
    mean_spend: ArrayLike,
    t: float,
    level: float = 0.8,
    factor: ArrayLike = 1.0,
) -> tuple[Floats, Floats]:
    """Interval of what every customer spends in (T, T + t], not discounted.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    spend
        From `fit_spend`.
    histories
        From `group`.
    orders
        Orders whose mean value is known, shape (customers,).
    mean_spend
        Their mean value, ignored where there are none, shape (customers,).
    t
        Time ahead, in the unit of the histories.
    level
        Probability of the interval, between 0 and 1.
    factor
        On P(alive), of every customer or of all; the product counts up to 1.

    Returns
    -------
    tuple of numpy.ndarray
        Least and most money, each of shape (customers,).

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.

    Notes
    -----
    The spend of n orders, over v + x m, is a beta prime variable with p n and p x + q degrees. Mixed over n it depends on
    frequency, age and x alone, so its distribution is tabulated once for each of these (at 28 points, the orders of heavy
    buyers in 40 bins; ages are rounded to a hundredth of themselves) and read between the points: the probability of the interval
    is right to half a point in a hundred, and to one where somebody has hundreds of orders.
    """
    p, q, v = spend.values
    x = np.asarray(orders, dtype=np.float64)
    scale = v + x * np.where(x > 0, np.asarray(mean_spend, dtype=np.float64), 0)
    model = MODELS[fit.model]
    seen = model.seen(histories)
    columns = (seen.frequency, _rounded(seen.time, NEAR), _rounded(seen.silent, NEAR_SILENT))
    (frequency, age, silent, known), kind = np.unique(
        np.stack([*(column[seen.index[histories.inverse]] for column in columns), x]), axis=1, return_inverse=True
    )
    tail, alive = _tail(level), _alive(fit, histories, factor)
    table = _spend_table(model, model.posterior(fit.values, frequency, age, silent), t, p, p * known + q, tail)
    least, most = np.zeros(len(x)), np.zeros(len(x))
    for first in range(0, len(x), CHUNK):
        some = slice(first, first + CHUNK)
        grid, more = (part[kind[some]] for part in table)
        least[some] = scale[some] * _read(grid, more, (1 - tail) / alive[some])
        most[some] = scale[some] * _read(grid, more, tail / alive[some])
    return least, most


@one_thread
def total_interval(fit: Fit, histories: Histories, t: float, level: float = 0.8) -> tuple[float, float, float]:
    """Expected orders of all customers together in (T, T + t], and an interval of their number.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    t
        Time ahead, in the unit of the histories.
    level
        Probability of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Expected orders, least and most.

    Notes
    -----
    Normal: the variance is that of the customers' own fates, who are independent, plus that of the parameters to first
    order (delta method), which a large cohort does not average away.
    """
    model = MODELS[fit.model]
    pair = model.seen(histories).index
    alive, posterior = np.exp(log_alive(fit, histories)), _posterior(fit, histories)
    count, mass = _order_bins(model, posterior, t)
    first, second = ((mass * count**power).sum(axis=1)[pair] * alive for power in (1, 2))
    fates = float(histories.weight @ (second - first**2))

    def total(logs: Floats) -> float:
        return float(expected_orders(replace(fit, values=np.exp(logs)), histories, t).sum())

    logs = np.log(fit.values)
    slope = np.array([(total(logs + step) - total(logs - step)) / (2 * STEP) for step in np.eye(len(logs)) * STEP])
    expected = total(logs)
    half = float(ndtri((1 + level) / 2)) * np.sqrt(fates + slope @ fit.covariance @ slope)
    return expected, max(expected - half, 0.0), expected + half


def randomised_pit(below: ArrayLike, at_most: ArrayLike, dice: ArrayLike) -> Floats:
    """Where outcomes fell in their predicted distributions: uniform on [0, 1] if these are right.

    Parameters
    ----------
    below
        P(outcome below the one observed), shape (n,).
    at_most
        P(outcome at most the one observed), shape (n,).
    dice
        Uniform random numbers, shape (n,), which spread an outcome of a probability of its own over that probability.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Notes
    -----
    The randomised probability integral transform of Smith (1985) and Czado, Gneiting and Held (2009).
    """
    low = np.asarray(below, dtype=np.float64)
    return low + np.asarray(dice) * (np.asarray(at_most) - low)


def _posterior(fit: Fit, histories: Histories) -> Posterior:
    """Parameters of everybody whom the model sees as one, if alive."""
    model = MODELS[fit.model]
    seen = model.seen(histories)
    return model.posterior(fit.values, seen.frequency, seen.time, seen.silent)


def _rounded(time: Floats, near: float) -> Floats:
    """Times on a grid whose steps are so much of them."""
    some = time > 0
    return np.where(some, np.exp(np.round(np.log(np.where(some, time, 1)) / near) * near), 0)


def _tail(level: float) -> float:
    """The probability left out on either side."""
    if not 0 < level < 1:
        raise ValueError("the level must be between 0 and 1")
    return (1 - level) / 2


def _alive(fit: Fit, histories: Histories, factor: ArrayLike) -> Floats:
    """P(alive) of every customer times the factor, at most 1."""
    return np.clip(np.exp(log_alive(fit, histories))[histories.inverse] * factor, 1e-300, 1)


def _quantile(model: PurchaseModel, posterior: Posterior, t: float, beyond: Floats, pair: Integers) -> Floats:
    """Least n with P(Y > n) at most `beyond`, for a pair each: doubling, then halving, of those who are not there yet."""
    low, high = np.full(len(beyond), -1.0), np.zeros(len(beyond))
    active = np.flatnonzero(beyond < 1)

    def more(rows: Integers, n: Floats) -> Floats:
        """Many rows ask the same."""
        asked, of_row = np.unique(pair[rows] * (2 * MOST_ORDERS) + n.astype(np.int64), return_inverse=True)
        which, count = np.divmod(asked, 2 * MOST_ORDERS)
        chosen = tuple(part[which] for part in posterior)
        return model.more_than(chosen, count.astype(np.float64), np.full(len(asked), float(t)))[of_row]

    while len(active):
        active = active[(more(active, high[active]) > beyond[active]) & (high[active] < MOST_ORDERS)]
        low[active], high[active] = high[active], np.minimum(2 * high[active] + 1, MOST_ORDERS)
    active = np.flatnonzero(high - low > 1)
    while len(active):
        middle = np.floor((low[active] + high[active]) / 2)
        enough = more(active, middle) <= beyond[active]
        low[active], high[active] = np.where(enough, low[active], middle), np.where(enough, middle, high[active])
        active = active[high[active] - low[active] > 1]
    return high


def _order_bins(model: PurchaseModel, posterior: Posterior, t: float) -> tuple[Floats, Floats]:
    """Orders of someone alive who orders at all, in bins: middles and probabilities, shape (pairs, bins).

    Bins are one number wide where there are few numbers. Otherwise they widen from `low` to `bulk`, where those are who
    stop on the way, and again from there to `high`, where those are who go on. A bin without a number has no probability;
    the first takes what is below it, the last what is above.
    """
    alpha = posterior[1]
    pairs = np.arange(len(alpha))
    high = _quantile(model, posterior, t, np.full(len(pairs), OUTSIDE), pairs)
    low = np.maximum(_quantile(model, posterior, t, np.full(len(pairs), 1 - OUTSIDE), pairs), 1)
    high = np.maximum(high, low) + 1
    mean = model.mean_orders(posterior, np.full(len(pairs), float(t)))
    bulk = np.clip(np.floor(mean - 3.5 * np.sqrt(mean * (1 + t / alpha) / model.stages)), low, high)
    edges = np.hstack([_widening(low, bulk, BINS)[:, :-1], _widening(bulk, high, BINS)])
    middle = (edges[:, :-1] + np.maximum(edges[:, 1:] - 1, edges[:, :-1])) / 2
    edges[:, 0] = 1
    more = np.zeros_like(edges)
    rows, columns = np.nonzero(np.diff(edges, axis=1) > 0)
    more[rows, columns] = model.more_than(
        tuple(part[rows] for part in posterior), edges[rows, columns] - 1, np.full(len(rows), float(t))
    )
    # A bin without width passes on what is beyond it, and beyond the last there is nothing.
    for column in range(more.shape[1] - 2, -1, -1):
        empty = edges[:, column + 1] == edges[:, column]
        more[empty, column] = more[empty, column + 1]
    return middle, np.maximum(more[:, :-1] - more[:, 1:], 0)


def _widening(start: Floats, end: Floats, count: int) -> Floats:
    """Whole numbers from start to end, as many times greater at each step, but by one at least; shape (n, count + 1)."""
    step = np.arange(count + 1)
    grown = np.ceil(start[:, None] * (end / start)[:, None] ** (step / count) - 1e-9)
    return np.minimum(np.maximum(start[:, None] + step, grown), end[:, None])


def _spend_table(model: PurchaseModel, posterior: Posterior, t: float, p: float, q: Floats, tail: float) -> tuple[Floats, Floats]:
    """Spend over its scale, rising, and P(someone alive spends more); shape (kinds, GRID + 1) each."""
    count, mass = _order_bins(model, posterior, t)
    most = np.maximum(_quantile(model, posterior, t, np.full(len(q), tail / 2), np.arange(len(q))), 1)
    least = np.where(mass > 0, count, np.inf).min(axis=1, initial=MOST_ORDERS)
    edges = [betaincinv(p * least, q, 1e-3), betaincinv(p * most, q, 1 - tail / 2)]
    low, high = (np.log(np.maximum(edge, 1e-12)) - np.log(np.maximum(1 - edge, 1e-12)) for edge in edges)
    high = np.maximum(high, low + 1e-6)
    grid = np.exp(low[:, None] + (high - low)[:, None] * np.linspace(0, 1, GRID - 1))
    grid = np.hstack([np.zeros((len(q), 1)), grid])
    more = _spends_more(grid, count, mass, p, q, np.stack([q, low, high], axis=1))
    # Points where the probability moves: those who go on spend much the same, those who stop anything below it.
    levels = more[:, :1] + (more[:, -1:] - more[:, :1]) * np.linspace(0, 1, GRID + 1)
    finer = np.stack([_read(grid, more, levels[:, number]) for number in range(GRID)] + [grid[:, -1]], axis=1)
    return finer, _spends_more(finer, count, mass, p, q)


def _spends_more(grid: Floats, count: Floats, mass: Floats, p: float, q: Floats, same: Floats | None = None) -> Floats:
    """P(spend over its scale is above each point of a grid) of someone alive.

    Rows of which all in `same` is equal have one grid, and are asked once for so many orders; without it each has its own.
    """
    more, rest = np.zeros_like(grid), 1 / (1 + grid)
    group = None if same is None else np.unique(same, axis=0, return_inverse=True)[1].ravel()
    for column in range(mass.shape[1]):
        rows = np.flatnonzero(mass[:, column] > 0)
        if len(rows):
            asked, of_row = rows, np.arange(len(rows))
            if group is not None:
                pairs = np.stack([group[rows], count[rows, column]])
                _, first, place = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
                asked, of_row = rows[first], place.ravel()
            found = betainc(q[asked, None], p * count[asked, column, None], rest[asked])
            more[rows] += mass[rows, column, None] * found[of_row]
    return more


def _read(grid: Floats, more: Floats, wanted: Floats) -> Floats:
    """Where a falling function of a grid, which begins with 0, reaches what is wanted, row by row."""
    column = np.clip((more > wanted[:, None]).sum(axis=1), 1, grid.shape[1] - 1)
    rows = np.arange(len(column))
    left, right = more[rows, column - 1], more[rows, column]
    share = np.clip((left - wanted) / np.maximum(left - right, 1e-300), 0, 1)
    return np.where(wanted >= more[:, 0], 0, grid[rows, column - 1] + share * (grid[rows, column] - grid[rows, column - 1]))
