"""What a fitted model says of every customer: alive, silent, next order, orders to come, and their discounted number.

Each function takes a fit and histories and returns one number a customer, in the order in which they came to `group`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from tessera.btyd.fitting import Fit
from tessera.btyd.histories import Floats, Histories, group
from tessera.btyd.models import MODELS

MONTHS, LATER_MONTHS = 12, 3


def log_alive(fit: Fit, histories: Histories) -> Floats:
    """Logarithm of P(alive now) of every distinct history, shape (histories,); at most 0."""
    model = MODELS[fit.model]
    seen = model.seen(histories)
    alive = model.log_alive(fit.values, seen.frequency, seen.time, seen.silent)[seen.index]
    return np.minimum(alive - _log_total(fit, histories, _log_a3(fit, histories)), 0)


def alive_probability(fit: Fit, histories: Histories) -> Floats:
    """P(alive | x, t_x, T): that the customer has not stopped for good.

    Of little use as a churn score: under BG/NBD it is 1 for everybody who has ordered once. See `silence_probability`.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.

    Returns
    -------
    numpy.ndarray
        Probabilities, shape (customers,).
    """
    return np.exp(log_alive(fit, histories))[histories.inverse]


def silence_probability(fit: Fit, histories: Histories, t: float) -> Floats:
    """P(no order in (T, T + t]), the likelihood ratio L(x, t_x, T + t) / L(x, t_x, T), by the part of it that time takes.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    t
        Time ahead of 0 or more, in the unit of the histories.

    Returns
    -------
    numpy.ndarray
        Probabilities, shape (customers,): 1 for t = 0, and falling with t.

    Raises
    ------
    ValueError
        If t is negative.
    """
    return 1 - order_probability(fit, histories, t)


def order_probability(fit: Fit, histories: Histories, t: float) -> Floats:
    """P(an order in (T, T + t]), what `silence_probability` leaves of 1, in all its digits where it is tiny.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    t
        Time ahead of 0 or more, in the unit of the histories.

    Returns
    -------
    numpy.ndarray
        Probabilities, shape (customers,): 0 for t = 0, and rising with t.

    Raises
    ------
    ValueError
        If t is negative.
    """
    _check_time(t)
    now, later = (_log_a3(fit, histories, wait) for wait in (0, t))
    # of somebody who is all but gone the whole ratio would be 1 but for its last digits
    waned = -np.expm1(np.minimum(later - now, 0))
    return (np.exp(np.minimum(now - _log_total(fit, histories, now), 0)) * waned)[histories.inverse]


def time_to_next_order(fit: Fit, histories: Histories, level: ArrayLike = 0.5) -> Floats:
    """Time from now at which it has a probability (as likely as not) that the customer has ordered again.

    The median of the time to the next order where "never" counts as beyond everything: a mean would be infinite.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    level
        The probability, above 0: one number, or one of every customer.

    Returns
    -------
    numpy.ndarray
        Times in the unit of the histories, shape (customers,); infinity where the probability is never reached.
    """
    model, of_customer = MODELS[fit.model], histories.inverse
    log_a3 = _log_a3(fit, histories)
    ever = np.exp(np.minimum(log_a3 - _log_total(fit, histories, log_a3), 0))[of_customer]
    wanted = np.broadcast_to(np.asarray(level, dtype=np.float64), ever.shape)
    found = np.full(len(ever), np.inf)
    some = ever > wanted
    if some.any():
        log_ratio = np.log1p(-wanted[some] / ever[some])
        own = of_customer[some]
        x, recency, age = (part[own] for part in (histories.frequency, histories.recency, histories.age))
        found[some] = model.time_until(fit.values, x, age, age - recency, log_ratio)
    return found


def expected_orders(fit: Fit, histories: Histories, t: float) -> Floats:
    """Expected orders in (T, T + t].

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    t
        Time ahead of 0 or more, in the unit of the histories.

    Returns
    -------
    numpy.ndarray
        P(alive) times what someone alive with this frequency and age would order, shape (customers,).

    Raises
    ------
    ValueError
        If t is negative.
    """
    _check_time(t)
    return (np.exp(log_alive(fit, histories)) * _if_alive(fit, histories, t)[MODELS[fit.model].seen(histories).index])[
        histories.inverse
    ]


def expected_orders_of_new(fit: Fit, times: ArrayLike) -> Floats:
    """Expected repeat orders in a time after the first order, of someone of whom nothing else is known.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    times
        Times of 0 or more in the unit of the histories, of any shape.

    Returns
    -------
    numpy.ndarray
        Of the same shape, rising with the time.

    Raises
    ------
    ValueError
        If a time is negative.
    """
    t = np.asarray(times, dtype=np.float64)
    _check_time(float(t.min(initial=0)))
    model, none = MODELS[fit.model], np.zeros(t.size)
    of_alive = model.expected(model.posterior(fit.values, none, none, none), t.ravel()).reshape(t.shape)
    return np.exp(log_alive(fit, group([0], [0], [0])))[0] * of_alive


def discounted_orders(
    fit: Fit,
    histories: Histories,
    years: Sequence[int],
    annual_discount: float,
    units_per_year: float,
    clock: Callable[[float], float] | None = None,
) -> Floats:
    """Expected orders of the next years, each counted as what it is worth today.

    Parameters
    ----------
    fit
        From `fit_purchases`.
    histories
        From `group`.
    years
        Horizons, whole numbers of 1 or more.
    annual_discount
        An order in a year is worth 1 / (1 + annual_discount) of one today; 0 or more.
    units_per_year
        Units of time in a year: 365.25 for days.
    clock
        How long a time ahead counts for the model, where that is not as it is.

    Returns
    -------
    numpy.ndarray
        Shape (customers, horizons). Times the expected spend this is the expected discounted future value.

    Raises
    ------
    ValueError
        If a horizon is below 1 or the discount is negative.

    Notes
    -----
    A finite form of the discounted expected residual transactions of Fader, Hardie and Lee (2005, RFM and CLV): what is
    expected of each month of the first year, and of each quarter after it, is discounted from its middle.
    """
    if min(years) < 1 or annual_discount < 0:
        raise ValueError("years must be 1 or more and the discount 0 or more")
    seen = MODELS[fit.model].seen(histories)
    by_month, so_far, worth = {}, np.zeros(len(seen.time)), np.zeros(len(seen.time))
    months = [*range(1, MONTHS + 1), *range(MONTHS + LATER_MONTHS, max(years) * MONTHS + 1, LATER_MONTHS)]
    for before, month in pairwise([0, *months]):
        time = month * units_per_year / MONTHS
        until = _if_alive(fit, histories, time if clock is None else clock(time))
        worth = worth + (until - so_far) * (1 + annual_discount) ** (-(before + month) / 2 / MONTHS)
        so_far, by_month[month] = until, worth
    of_alive = np.stack([by_month[year * MONTHS] for year in years], axis=1)
    return (np.exp(log_alive(fit, histories))[:, None] * of_alive[seen.index])[histories.inverse]


def _if_alive(fit: Fit, histories: Histories, t: float) -> Floats:
    """Expected orders in t of everybody whom the model sees as one, if alive."""
    model = MODELS[fit.model]
    seen = model.seen(histories)
    return model.expected(model.posterior(fit.values, seen.frequency, seen.time, seen.silent), np.full(len(seen.time), float(t)))


def _log_a3(fit: Fit, histories: Histories, t: float = 0) -> Floats:
    """Log of the part of the likelihood of every distinct history that wanes, if t more had passed without an order."""
    model = MODELS[fit.model]
    seen = model.seen(histories)
    return model.log_a3(fit.values, seen.frequency, seen.time + t, seen.silent + t)[seen.index]


def _log_total(fit: Fit, histories: Histories, log_a3: Floats) -> Floats:
    """Log-likelihood of every distinct history, but for its constant factor; log_a3: the part that wanes."""
    by_recency = histories.by_recency
    log_a4 = MODELS[fit.model].log_a4(fit.values, by_recency.frequency, by_recency.time)
    return np.logaddexp(log_a3, log_a4[by_recency.index])


def _check_time(t: float) -> None:
    """Refuse to look back."""
    if not t >= 0:
        raise ValueError("t must be 0 or more")
