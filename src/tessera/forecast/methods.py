"""Ways in which a daily series goes on.

Each takes the days so far, rising, the last one being yesterday, and gives the days ahead; what is needed for it, in days, stands
in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Method = Callable[[Floats, int], Floats]

WEEK, YEAR = 7, 365
FLAT_WEEKS, SHAPE_WEEKS = 8, 26
"""Weeks whose mean is the level of `weekday_mean`, and those that say how a week is shaped."""
SHRINKAGE_WEEKS = 2.0
"""Weeks that a weekday without any difference counts as much as."""
SHRINKAGE_YEARS = 0.25
"""Years that a year without any season counts as much as, at most: less where the years are more alike than their days."""
SMOOTHED_DAYS = 29
"""Days around a day of the year over which its index is a mean."""
LEVELS, TRENDS, DAMPINGS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8), (0.0, 0.02, 0.05, 0.1, 0.2), (0.8, 0.9, 0.98)


def seasonal_naive(days: Floats, ahead: int) -> Floats:
    """Every day is as the same weekday of the last week was."""
    return np.resize(days[-WEEK:], ahead)


def weekday_mean(days: Floats, ahead: int) -> Floats:
    """Every day is as the same weekdays of the last weeks were in the mean."""
    weeks = min(FLAT_WEEKS, len(days) // WEEK)
    return np.resize(days[-weeks * WEEK :].reshape(weeks, WEEK).mean(axis=0), ahead)


def damped_trend(days: Floats, ahead: int) -> Floats:
    """Weeks go on with a damped trend, and are shaped as the last weeks were."""
    shape = week_shape(days)
    weeks = len(days) // WEEK
    level = smoothed(days[-weeks * WEEK :].reshape(weeks, WEEK).sum(axis=1), -(-ahead // WEEK)) / WEEK
    return np.repeat(level, WEEK)[:ahead] * np.resize(shape, ahead)


def damped_trend_of_year(days: Floats, ahead: int) -> Floats:
    """The same of days as they would be at an average time of the year, which is then put back."""
    index = year_index(days)
    past = np.arange(-len(days), 0) % YEAR
    return damped_trend(days / index[past], ahead) * index[np.arange(ahead) % YEAR]


METHODS: dict[str, tuple[Method, int]] = {
    "damped_trend_of_year": (damped_trend_of_year, YEAR + YEAR // 2),
    "damped_trend": (damped_trend, 4 * WEEK),
    "weekday_mean": (weekday_mean, WEEK),
    "seasonal_naive": (seasonal_naive, WEEK),
}
"""Name -> the method and the days that it needs."""


def week_shape(days: Floats) -> Floats:
    """Of each weekday, the first being tomorrow's, how much more is sold than on an average day; shape (7,), mean 1."""
    weeks = min(SHAPE_WEEKS, len(days) // WEEK)
    of_weekday = np.maximum(days[-weeks * WEEK :].reshape(weeks, WEEK).sum(axis=0), 0.0)
    mean = of_weekday.mean()
    if mean <= 0:
        return np.ones(WEEK)
    shape = (of_weekday / mean * weeks + SHRINKAGE_WEEKS) / (weeks + SHRINKAGE_WEEKS)
    return np.asarray(shape / shape.mean())


def year_index(days: Floats) -> Floats:
    """Of each day of the year, the first being tomorrow, how much more is sold than in the year around it; shape (365,), mean 1.

    The ratio of `SMOOTHED_DAYS` days to the mean of a whole year, the nearest one where none lies around the day, in the mean of
    the years.
    """
    total = np.append(0.0, np.cumsum(np.maximum(days, 0.0)))
    place = np.arange(len(days))
    first = np.clip(place - YEAR // 2, 0, len(days) - YEAR)
    usual = (total[first + YEAR] - total[first]) / YEAR
    start, end = np.maximum(place - SMOOTHED_DAYS // 2, 0), np.minimum(place + SMOOTHED_DAYS // 2 + 1, len(days))
    ratio = (total[end] - total[start]) / (end - start) / np.maximum(usual, 1e-9)
    day = (place - len(days)) % YEAR
    sums, years = np.bincount(day, ratio, YEAR), np.bincount(day, minlength=YEAR)
    usual_years = _years_of_no_season(ratio, day, sums / years, years)
    index = (sums + usual_years) / (years + usual_years)
    return np.asarray(np.maximum(index / index.mean(), 0.05))


def _years_of_no_season(ratio: Floats, day: NDArray[np.int64], mean: Floats, years: NDArray[np.int64]) -> float:
    """Years that one without a season counts as much as: how far years differ about a day, over how far days do.

    By the method of moments, at most `SHRINKAGE_YEARS`, and so much where no day was there twice: a shop of nine in ten orders
    before Christmas has a quiet January every year.
    """
    again = len(ratio) - YEAR
    if again <= 0:
        return SHRINKAGE_YEARS
    of_years = float(((ratio - mean[day]) ** 2).sum()) / again
    of_days = float(mean.var()) - of_years * float((1 / years).mean())
    return SHRINKAGE_YEARS if of_days <= 0 else min(of_years / of_days, SHRINKAGE_YEARS)


def smoothed(series: Floats, ahead: int) -> Floats:
    """A series as it goes on, never below zero; shape (ahead,).

    Exponential smoothing with a damped trend (Gardner and McKenzie 1985), with the three weights that err least a step ahead.
    """
    weights = np.array(list(product(LEVELS, TRENDS, DAMPINGS))).T
    by_level, by_trend, damping = weights
    level, trend, error = np.full(weights.shape[1], series[:4].mean()), np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    for value in series:
        expected = level + damping * trend
        error += (value - expected) ** 2
        rise = expected + by_level * (value - expected) - level
        trend = damping * trend + by_trend * (rise - damping * trend)
        level = level + rise
    best = int(error.argmin())
    steps = np.arange(1, ahead + 1)
    return np.asarray(np.maximum(level[best] + trend[best] * np.cumsum(damping[best] ** steps), 0))
