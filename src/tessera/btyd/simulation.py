"""Shops that obey a model, drawn: to see what a fit and its intervals make of a truth that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tessera.btyd.histories import Floats
from tessera.btyd.models import MODELS, RHYTHMS


@dataclass(frozen=True)
class Shop:
    """Drawn histories, and what came after, shape (customers,) each.

    Parameters
    ----------
    frequency, recency, age
        As `group` takes them.
    later
        Orders in the time ahead.
    alive
        Whether the customer had not stopped at the age.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    later: Floats
    alive: np.ndarray


def simulate(model: str, values: ArrayLike, age: ArrayLike, t: float, dice: np.random.Generator) -> Shop:
    """Draw one customer for every age from a model of purchases.

    Parameters
    ----------
    model
        One of `MODELS`.
    values
        Its parameters, shape (4,).
    age
        Time from the first order to now, shape (customers,).
    t
        Time ahead.
    dice
        Source of chance.

    Returns
    -------
    Shop

    Raises
    ------
    ValueError
        If the model is unknown.
    """
    if model not in MODELS:
        raise ValueError(f"unknown model {model}: one of {', '.join(MODELS)}")
    r, alpha, third, fourth = np.asarray(values, dtype=np.float64).tolist()
    ages = np.asarray(age, dtype=np.float64)
    rate = np.maximum(dice.gamma(r, 1 / alpha, len(ages)), 1e-12)
    if model == "pareto_nbd":
        stop = dice.exponential(size=len(ages)) / np.maximum(dice.gamma(third, 1 / fourth, len(ages)), 1e-12)
        x = dice.poisson(rate * np.minimum(stop, ages)).astype(np.float64)
        later = dice.poisson(rate * np.maximum(np.minimum(stop, ages + t) - ages, 0)).astype(np.float64)
        recency = np.minimum(stop, ages) * dice.random(len(ages)) ** (1 / np.maximum(x, 1)) * (x > 0)
        return Shop(x, recency, ages, later, stop > ages)
    coins = dice.geometric(np.clip(dice.beta(third, fourth, len(ages)), 1e-9, 1)) - (model != "bg_nbd")
    if model in RHYTHMS:
        return orders_with_rhythm(rate / RHYTHMS[model].stages, RHYTHMS[model].stages, coins + 1, ages, t, dice)
    # The order after which the customer stops comes at `stop`; those before it lie anywhere before.
    stop = dice.gamma(np.maximum(coins, 1)) / rate * (coins > 0)
    gone = stop <= ages
    others = np.maximum(coins - 1, 0)
    before = dice.binomial(others, np.where(gone, 1, ages / np.maximum(stop, 1e-300)))
    x = np.where(gone, coins, before)
    last = ages * dice.random(len(ages)) ** (1 / np.maximum(x, 1)) * (x > 0)
    soon = stop <= ages + t
    within = dice.binomial(others - before, np.where(soon, 1, t / np.maximum(stop - ages, t)))
    later = np.where(gone, 0, within + soon)
    return Shop(x.astype(np.float64), np.where(gone, stop, last), ages, later.astype(np.float64), ~gone)


def orders_with_rhythm(rate: Floats, stages: int, orders: np.ndarray, ages: Floats, t: float, dice: np.random.Generator) -> Shop:
    """Order by order; `rate` is of orders, which are `orders` with the first one, if there is time."""
    x, last, later, time = np.zeros_like(ages), np.zeros_like(ages), np.zeros_like(ages), np.zeros_like(ages)
    number = 1
    while (going := (number < orders) & (time < ages + t)).any():
        time = np.where(going, time + dice.gamma(stages, 1 / (stages * rate)), time)
        known, ahead = going & (time <= ages), going & (time > ages) & (time <= ages + t)
        x, last, later = x + known, np.where(known, time, last), later + ahead
        number += 1
    return Shop(x, last, ages, later, x + 1 < orders)


def simulate_spend(values: ArrayLike, orders: ArrayLike, later: ArrayLike, dice: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw mean spend of the orders known (0 of none) and the total of later ones from the Gamma-Gamma model.

    Parameters
    ----------
    values
        p, q and v, shape (3,).
    orders, later
        Orders known and later orders, shape (customers,).
    dice
        Source of chance.

    Returns
    -------
    tuple of numpy.ndarray
        Mean value of the orders known, and total of the later ones, money, shape (customers,) each.
    """
    p, q, v = np.asarray(values, dtype=np.float64).tolist()
    x, y = np.asarray(orders, dtype=np.float64), np.asarray(later, dtype=np.float64)
    rate = dice.gamma(q, 1 / v, len(x))
    mean = dice.gamma(p * np.maximum(x, 1)) / rate / np.maximum(x, 1) * (x > 0)
    return mean, dice.gamma(p * np.maximum(y, 1e-9)) / rate * (y > 0)
