"""Maximum likelihood of the models of purchases and of spend, in the logarithms of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeResult, minimize
from threadpoolctl import threadpool_limits

from tessera.btyd.histories import Floats, Histories, thin
from tessera.btyd.models import MODELS
from tessera.btyd.purchases import PurchaseModel

SEARCHED = 5_000
"""Customers among whom the starts are compared; the best goes on with all."""
STEP = 1e-4
"""Step of the differences, in the logarithm of a parameter: wrong by a few parts in 10^9 either way."""
NEWTON_STEPS = 3
ROUGH, FINE = {"ftol": 1e-5, "gtol": 1e-3}, {"ftol": 1e-11, "gtol": 1e-7}
"""Tolerances of a search from one of several starts, and of the last: of the log-likelihood of a customer and of its slope."""
WIDEST = 10.0
"""Standard error of a log parameter about which the data says nothing: a factor of 20,000 either way."""
SHAPES = (np.log(1e-4), np.log(1e4))
SCALES = (np.log(1e-5), np.log(1e6))
Objective = Callable[[Floats], tuple[float, Floats]]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Prior:
    """Independent normal distributions of the log parameters.

    Parameters
    ----------
    mean
        Means of the natural logarithms, in the order of the model's parameters, shape (parameters,).
    sd
        Standard deviations, above 0, shape (parameters,). 1 is weak: a factor of 2.7 either way.
    """

    mean: tuple[float, ...]
    sd: tuple[float, ...]


@dataclass(frozen=True)
class Fit:
    """Fitted parameters and how well they are known.

    Parameters
    ----------
    model
        Name of the model.
    names
        Names of the parameters.
    values
        Parameters, shape (parameters,).
    log_likelihood
        At the parameters, without the prior.
    customers
        Customers in the likelihood.
    converged
        Whether the search ended at a maximum (one on the edge of what is allowed counts).
    on_edge
        Whether a parameter ended on that edge: the data would have customers all alike, or immortal, or unlike without end.
    covariance
        Of the log parameters, shape (parameters, parameters).
    """

    model: str
    names: tuple[str, ...]
    values: Floats
    log_likelihood: float
    customers: int
    converged: bool
    on_edge: bool
    covariance: Floats

    @property
    def standard_errors(self) -> Floats:
        """Of the log parameters, which is relative errors of the parameters; shape (parameters,)."""
        return np.sqrt(np.diag(self.covariance))

    def named(self) -> dict[str, float]:
        """Parameters by name."""
        return dict(zip(self.names, self.values.tolist(), strict=True))


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function run on one thread: sums do not depend on the machine then, and columns so short gain nothing by more."""
    return threadpool_limits.wrap(limits=1, user_api="blas")(function)


@one_thread
def fit_purchases(model: str, histories: Histories, prior: Prior | None = None, near: Fit | None = None) -> Fit:
    """Fit a model of purchases.

    Parameters
    ----------
    model
        One of `MODELS`.
    histories
        From `group`; parameters of time come out in the unit of it.
    prior
        Where data is scarce.
    near
        A fit of this model to nearly the same customers: the search starts there, instead of from four places.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If the model is unknown, no time has passed for anybody, or nobody has ordered again and there is no prior: the
        likelihood has no maximum then.

    Notes
    -----
    The gradient is by central differences of the terms of the likelihood, not of the likelihood: each term is a function
    of a pair, so it costs little, and small differences of a large sum do not occur.
    """
    if model not in MODELS:
        raise ValueError(f"unknown model {model}: one of {', '.join(MODELS)}")
    chosen, mean_age = MODELS[model], float(np.average(histories.age, weights=histories.weight))
    orders = float(np.average(histories.frequency, weights=histories.weight))
    if mean_age == 0:
        raise ValueError("no time has passed since anybody's first order: age is 0 for all")
    if orders == 0 and prior is None:
        raise ValueError("nobody has ordered again: frequency is 0 for all, which needs a prior")
    rate = max(orders, 0.5 / histories.customers) / mean_age
    starts = _purchase_starts(chosen, mean_age, rate) if near is None else [np.log(near.values)]
    bounds = [(SCALES[0] + np.log(mean_age), SCALES[1] + np.log(mean_age)) if time else SHAPES for time in chosen.times]
    few = thin(histories, SEARCHED)
    found, covariance, converged = maximise(
        lambda logs: purchase_likelihood(chosen, histories, logs),
        histories.customers,
        bounds,
        starts,
        prior,
        coarse=None if few is histories else (lambda logs: purchase_likelihood(chosen, few, logs), few.customers),
    )
    return Fit(
        model,
        chosen.parameters,
        np.exp(found),
        purchase_likelihood(chosen, histories, found, gradient=False)[0],
        histories.customers,
        converged,
        is_on_edge(found, bounds),
        covariance,
    )


def purchase_likelihood(
    model: PurchaseModel, histories: Histories, logs: ArrayLike, gradient: bool = True
) -> tuple[float, Floats]:
    """Log-likelihood of a model of purchases and its gradient, by log parameters.

    Parameters
    ----------
    model
        One of `MODELS`.
    histories
        From `group`.
    logs
        Logarithms of the parameters, shape (4,).
    gradient
        Whether to find the gradient too.

    Returns
    -------
    tuple
        The log-likelihood, and its gradient of shape (4,), empty if it is not asked for.
    """
    logs = np.asarray(logs, dtype=np.float64)
    seen, by_recency = model.seen(histories), histories.by_recency
    x, of_seen_x = np.unique(seen.frequency, return_inverse=True)

    def terms(at: Floats) -> tuple[Floats, Floats, Floats]:
        values = np.exp(at)
        return (
            model.log_a1(values, x),
            model.log_a3(values, seen.frequency, seen.time, seen.silent),
            model.log_a4(values, by_recency.frequency, by_recency.time),
        )

    log_a1, log_a3, log_a4 = terms(logs)
    log_a3, log_a4 = log_a3[seen.index], log_a4[by_recency.index]
    total = np.logaddexp(log_a3, log_a4)
    of_seen = np.bincount(seen.index, histories.weight, len(seen.time))
    weights = np.bincount(of_seen_x, of_seen, len(x))
    value = float(histories.weight @ total + weights @ log_a1)
    if not gradient:
        return value, np.empty(0)
    part = histories.weight * np.exp(log_a3 - total)
    parts = (
        weights,
        np.bincount(seen.index, part, len(seen.time)),
        np.bincount(by_recency.index, histories.weight - part, len(by_recency.time)),
    )
    slopes = np.empty(len(logs))
    for number in range(len(logs)):
        step = STEP * (np.arange(len(logs)) == number)
        slopes[number] = sum(
            float(weight @ (up - down)) for weight, up, down in zip(parts, terms(logs + step), terms(logs - step), strict=True)
        )
    return value, slopes / (2 * STEP)


def maximise(
    objective: Objective,
    size: float,
    bounds: Sequence[tuple[float, float]],
    starts: Sequence[Floats],
    prior: Prior | None,
    coarse: tuple[Objective, float] | None = None,
) -> tuple[Floats, Floats, bool]:
    """Highest point of a log-likelihood with a prior, from the best of several starts, within bounds.

    Every start is followed until it gains little; the best of them is followed to the end.

    Parameters
    ----------
    objective
        Log parameters, shape (k,) -> log-likelihood and its gradient.
    size
        What the log-likelihood is divided by in the search: the number of customers.
    bounds
        Least and greatest value of every log parameter.
    starts
        Log parameters to start from.
    prior
        Added to the log-likelihood.
    coarse
        A cheaper objective and its size, in which the starts are compared.

    Returns
    -------
    tuple
        Log parameters, their covariance (inverse of the observed information, its eigenvalues at least 1 / `WIDEST`^2),
        and whether the search converged.

    Raises
    ------
    ValueError
        If the prior does not fit the parameters.
    """
    if prior is not None and (len(prior.mean) != len(bounds) or len(prior.sd) != len(bounds) or min(prior.sd) <= 0):
        raise ValueError("the prior needs a mean and an sd above 0 for every parameter")
    low, high = np.array(bounds).T
    search, search_size = (objective, size) if coarse is None else coarse
    found = [_climb(_with_prior(search, prior), search_size, low, high, start, ROUGH) for start in starts]
    whole = _with_prior(objective, prior)
    best = _climb(whole, size, low, high, min(found, key=lambda one: one.fun).x, FINE)
    logs = np.asarray(best.x)
    inverse = _inverse(-_curvature(whole, logs))
    slope, moved = _free(whole(logs)[1], logs, low, high), 0.0
    for _ in range(NEWTON_STEPS):
        better = np.clip(logs + inverse @ slope * (slope != 0), low, high)
        further = np.abs(better - logs).max()
        if not 1e-9 < further < 0.5 or whole(better)[0] < whole(logs)[0]:
            break
        logs, moved = better, moved + further
        slope = _free(whole(logs)[1], logs, low, high)
    if moved > 1e-3:
        inverse = _inverse(-_curvature(whole, logs))
    return logs, inverse, bool(best.success or slope @ inverse @ slope < 1e-4)


def is_on_edge(logs: Floats, bounds: Sequence[tuple[float, float]]) -> bool:
    """Whether log parameters are on the edge of their bounds."""
    return bool(np.isclose(logs[:, None], bounds, rtol=0, atol=1e-6).any())


def _free(slope: Floats, logs: Floats, low: Floats, high: Floats) -> Floats:
    """The gradient without what points out of bounds."""
    return np.where(((logs <= low) & (slope < 0)) | ((logs >= high) & (slope > 0)), 0, slope)


def _climb(
    objective: Objective,
    size: float,
    low: Floats,
    high: Floats,
    start: Floats,
    tolerances: Mapping[str, float],
) -> OptimizeResult:
    """One search; `tolerances` are the tolerances at which it ends."""

    def downhill(logs: Floats) -> tuple[float, Floats]:
        value, slope = objective(logs)
        return -value / size, -slope / size

    return minimize(
        downhill,
        np.clip(start, low, high),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(low, high, strict=True)),
        options={"maxiter": 200, **tolerances},
    )


def _with_prior(objective: Objective, prior: Prior | None) -> Objective:
    """The objective plus the log density of the prior, but for its constant."""
    if prior is None:
        return objective
    mean, sd = np.array(prior.mean), np.array(prior.sd)

    def penalised(logs: Floats) -> tuple[float, Floats]:
        value, slope = objective(logs)
        distances = (logs - mean) / sd
        return value - distances @ distances / 2, slope - distances / sd

    return penalised


def _curvature(objective: Objective, logs: Floats) -> Floats:
    """Second derivatives, as differences of the gradient."""
    rows = [(objective(logs + step)[1] - objective(logs - step)[1]) / (2e-3) for step in np.eye(len(logs)) * 1e-3]
    return (np.array(rows) + np.array(rows).T) / 2


def _inverse(information: Floats) -> Floats:
    """Inverse of an information matrix whose directions without information get the widest standard error."""
    values, vectors = np.linalg.eigh(information)
    return (vectors / np.maximum(values, WIDEST**-2)) @ vectors.T


def _purchase_starts(model: PurchaseModel, mean_age: float, rate: float) -> list[Floats]:
    """Four starts around the mean rate: alike or unlike buyers, who stop seldom or often."""
    starts = []
    for r in (0.4, 2.0):
        for stop, stay in ((0.6, 2.5), (1.5, 12.0)):
            last = mean_age * stay / 4 if model.times[3] else stay
            starts.append(np.log([r, r / (rate * model.stages) / 2, stop, last]))
    return starts
