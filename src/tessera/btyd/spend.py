"""The Gamma-Gamma model of spend per order: Colombo and Jiang 1999, Fader and Hardie 2013.

The values of one customer's orders are gamma distributed (shape p) around a mean of their own; the rates of these
distributions are gamma distributed (q, v) over customers. Spend and the number of orders must be unrelated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from tessera.btyd.fitting import SEARCHED, SHAPES, Fit, Objective, Prior, is_on_edge, maximise, one_thread
from tessera.btyd.histories import Floats

NAMES = ("p", "q", "v")
LEAST_Q = 1.05
"""Least q: at 1 and below there is no mean spend of a customer of whom nothing is known."""


@one_thread
def fit_spend(orders: ArrayLike, mean_spend: ArrayLike, weight: ArrayLike | None = None, prior: Prior | None = None) -> Fit:
    """Fit the Gamma-Gamma model to those of whom spend is known.

    Parameters
    ----------
    orders
        Orders that the mean is of, shape (customers,). The published fits use repeat orders.
    mean_spend
        Mean value of these orders, in money, shape (customers,).
    weight
        How many customers a row stands for, shape (customers,); 1 if absent.
    prior
        Where data is scarce.

    Returns
    -------
    Fit
        Model `gamma_gamma` with p, q and v; `customers` are those that count. A row without orders, or with a mean of zero
        (gifts, whole refunds: a gamma distribution has no zeros), does not count.

    Raises
    ------
    ValueError
        If a mean is negative or missing, or no row counts.
    """
    x, m, weight = _checked(orders, mean_spend, weight)
    counts = (x > 0) & (m > 0)
    if not counts.any():
        raise ValueError("nobody has an order of a value above zero")
    x, m, weight = x[counts], m[counts], weight[counts]
    scale = float(np.average(m, weights=weight))
    starts = [np.log([p, q, max(q - 1, 0.2) * scale / p]) for p, q in ((1.0, 3.0), (5.0, 4.0), (20.0, 2.0), (2.0, 20.0))]
    bounds = [SHAPES, (np.log(LEAST_Q), SHAPES[1]), (np.log(scale) + SHAPES[0] * 2, np.log(scale) + SHAPES[1])]
    customers = float(weight.sum())
    coarse = None
    if len(x) > SEARCHED:
        few = np.lexsort((weight, m, x))[np.linspace(0, len(x) - 1, SEARCHED).astype(np.int64)]
        coarse = _likelihood(x[few], m[few], weight[few]), float(weight[few].sum())
    objective = _likelihood(x, m, weight)
    logs, covariance, converged = maximise(objective, customers, bounds, starts, prior, coarse)
    return Fit(
        "gamma_gamma", NAMES, np.exp(logs), objective(logs)[0], round(customers), converged, is_on_edge(logs, bounds), covariance
    )


def _likelihood(x: Floats, m: Floats, weight: Floats) -> Objective:
    """Log-likelihood and its gradient by the logarithms of p, q and v."""
    number, of_row = np.unique(x, return_inverse=True)
    log_sum, total = np.log(x * m), x * m
    constant = weight @ np.log(m)

    def likelihood(logs: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(logs)
        shape, log_all = p * number, np.log(total + v)
        degrees = (shape + q)[of_row]
        share = log_sum - log_all
        of_number = gammaln(shape + q) - gammaln(shape) - gammaln(q)
        of_p, of_q = number * (digamma(shape + q) - digamma(shape)), digamma(shape + q) - digamma(q)
        # q log v - (p x + q) log_all + p x log_sum, without the difference of large numbers
        value = weight @ (of_number[of_row] + shape[of_row] * share + q * (logs[2] - log_all)) - constant
        slopes = (
            weight @ (of_p[of_row] + x * share),
            weight @ (of_q[of_row] + logs[2] - log_all),
            weight @ (q / v - degrees / (total + v)),
        )
        return float(value), np.array([p, q, v]) * slopes

    return likelihood


def expected_spend(fit: Fit, orders: ArrayLike, mean_spend: ArrayLike) -> Floats:
    """Expected mean value of a customer's future orders.

    Parameters
    ----------
    fit
        From `fit_spend`.
    orders
        Orders known, 0 for a customer of whom nothing is known, shape (customers,).
    mean_spend
        Their mean value, ignored where there are none, shape (customers,).

    Returns
    -------
    numpy.ndarray
        p (v + x m) / (p x + q - 1), money per order, shape (customers,): between the customer's own mean and everybody's.

    Raises
    ------
    ValueError
        If a mean is negative or missing.
    """
    x, m, _ = _checked(orders, mean_spend, None)
    p, q, v = fit.values
    return p * (v + x * m) / (p * x + q - 1)


def _checked(orders: ArrayLike, mean_spend: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """Columns as numbers; the mean of no orders is 0."""
    x = np.asarray(orders, dtype=np.float64)
    m = np.where(x > 0, np.asarray(mean_spend, dtype=np.float64), 0)
    if not (np.isfinite(x).all() and (x >= 0).all()):
        raise ValueError("orders must be numbers of 0 or more")
    if not (np.isfinite(m).all() and (m >= 0).all()):
        raise ValueError("mean spend must be a number of 0 or more wherever there are orders")
    return x, m, np.ones_like(m) if weight is None else np.asarray(weight, dtype=np.float64)
