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
"""Weeks whose mean is the level of `weekday_mean`, and those of `half_year_mean`, which say how a week is shaped too."""
OUTLYING, USUAL_WEEKS, SPREAD_WEEKS, YEAR_WEEKS = 4.0, 8, 26, 52
"""A week is outlying beyond so many times how far weeks are from the median of the weeks before them, in the mean of so many."""
SHRINKAGE_WEEKS = 2.0
"""Weeks that a weekday without any difference counts as much as."""
SHRINKAGE_YEARS = 0.25
"""Years that a year without any season counts as much as, at most: less where the years are more alike than their days."""
SMOOTHED_DAYS = 29
"""Days around a day of the year over which its index is a mean."""
LEAST_SURPRISE = 1e-4
"""Share of the squares of a series that no weights err less than."""
LEVELS, TRENDS, DAMPINGS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8), (0.0, 0.02, 0.05, 0.1, 0.2), (0.8, 0.9, 0.98)


def seasonal_naive(days: Floats, ahead: int) -> Floats:
    """Every day is as the same weekday of the last week was."""
    return np.resize(days[-WEEK:], ahead)


def weekday_mean(days: Floats, ahead: int) -> Floats:
    """Every week is as the last weeks were in the mean, and shaped as those of half a year."""
    return _level(days, FLAT_WEEKS, ahead)


def half_year_mean(days: Floats, ahead: int) -> Floats:
    """Every week is as those of the last half year were in the mean: who sells in few weeks is known by many of them."""
    return _level(days, SHAPE_WEEKS, ahead)


def damped_trend(days: Floats, ahead: int) -> Floats:
    """Weeks go on with a damped trend, and are shaped as the last weeks were."""
    return _shaped(days, smoothed_by_all(tempered(weeks_of(days)), -(-ahead // WEEK)), ahead)


def damped_trend_of_year(days: Floats, ahead: int) -> Floats:
    """The same of days as they would be at an average time of the year, which is then put back."""
    index = year_index(days)
    past = np.arange(-len(days), 0) % YEAR
    return damped_trend(days / index[past], ahead) * index[np.arange(ahead) % YEAR]


METHODS: dict[str, tuple[Method, int]] = {
    "damped_trend_of_year": (damped_trend_of_year, YEAR + YEAR // 2),
    "damped_trend": (damped_trend, 4 * WEEK),
    "weekday_mean": (weekday_mean, WEEK),
    "half_year_mean": (half_year_mean, WEEK),
}
"""Name -> the method and the days that it needs."""


def weeks_of(days: Floats) -> Floats:
    """Sums of the whole weeks, of which the last one ends yesterday."""
    weeks = len(days) // WEEK
    return np.asarray(days[len(days) - weeks * WEEK :].reshape(weeks, WEEK).sum(axis=1))


def tempered(weeks: Floats) -> Floats:
    """Weeks of which an outlying one, by what those before it made likely, has its excess in the whole year and not in itself.

    A sale or a large order comes once a year or so: it is that year's, and the next weeks are no more like it. Weeks of which the
    usual one brings nothing are not tempered, since each that brings something would be outlying.
    """
    if len(weeks) <= 2 * USUAL_WEEKS:
        return weeks
    usual = np.median(np.lib.stride_tricks.sliding_window_view(weeks[:-1], USUAL_WEEKS), axis=1)
    apart = np.append(0.0, np.cumsum(np.abs(weeks[USUAL_WEEKS:] - usual)))
    week = np.arange(USUAL_WEEKS, len(usual))
    first = np.maximum(week - SPREAD_WEEKS, 0)
    limit = np.where(usual[week] > 0, OUTLYING * (apart[week] - apart[first]) / (week - first), np.inf)
    kept = weeks.copy()
    kept[2 * USUAL_WEEKS :] = np.clip(weeks[2 * USUAL_WEEKS :], usual[week] - limit, usual[week] + limit)
    return np.asarray(kept + (weeks - kept)[-YEAR_WEEKS:].mean())


def _level(days: Floats, weeks: int, ahead: int) -> Floats:
    """Every week is as the last ones were in the mean, or all days if they are fewer.

    It is never below nothing: nobody pays back for a quarter what nobody paid.
    """
    young = len(days) < weeks * WEEK
    week = float(days.mean()) * WEEK if young else float(tempered(weeks_of(days))[-weeks:].mean())
    return _shaped(days, np.full(-(-ahead // WEEK), max(week, 0.0)), ahead)


def _shaped(days: Floats, weeks: Floats, ahead: int) -> Floats:
    """Days of the weeks ahead."""
    return np.asarray(np.repeat(weeks / WEEK, WEEK)[:ahead] * np.resize(week_shape(days), ahead))


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
    sums, years, usual_years = _years(days)
    index = (sums + usual_years) / (years + usual_years)
    return np.asarray(np.maximum(index / index.mean(), 0.05))


def years_alike(days: Floats) -> float:
    """How sure a season is that days of more than a year show: 0 where the years differ as much as their days, up to 1."""
    return 1 - _years(days)[2] / SHRINKAGE_YEARS


def _years(days: Floats) -> tuple[Floats, NDArray[np.int64], float]:
    """Of each day of the year the sum of its ratios and how many they are, and the years that count for one without a season."""
    total = np.append(0.0, np.cumsum(np.maximum(days, 0.0)))
    place = np.arange(len(days))
    first = np.clip(place - YEAR // 2, 0, len(days) - YEAR)
    usual = (total[first + YEAR] - total[first]) / YEAR
    start, end = np.maximum(place - SMOOTHED_DAYS // 2, 0), np.minimum(place + SMOOTHED_DAYS // 2 + 1, len(days))
    ratio = (total[end] - total[start]) / (end - start) / np.maximum(usual, 1e-9)
    day = (place - len(days)) % YEAR
    sums, years = np.asarray(np.bincount(day, ratio, YEAR), np.float64), np.bincount(day, minlength=YEAR)
    return sums, np.asarray(years, np.int64), _years_of_no_season(ratio, day, sums / years, years)


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
    paths, error = _paths(series, ahead)
    return np.asarray(paths[error.argmin()])


def smoothed_by_all(series: Floats, ahead: int) -> Floats:
    """The same in the mean of all weights, by how likely each makes the series: another value more changes it by a little."""
    paths, error = _paths(series, ahead)
    error = error + LEAST_SURPRISE * float((series**2).sum()) + 1e-9
    likelihood = (error / error.min()) ** (-len(series) / 2)
    return np.asarray(likelihood @ paths / likelihood.sum())


def _paths(series: Floats, ahead: int) -> tuple[Floats, Floats]:
    """How a series goes on by each three weights, shape (threes, ahead), and the sum of its square errors a step ahead."""
    weights = np.array(list(product(LEVELS, TRENDS, DAMPINGS))).T
    by_level, by_trend, damping = weights
    level, trend, error = np.full(weights.shape[1], series[:4].mean()), np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    for value in series:
        expected = level + damping * trend
        error += (value - expected) ** 2
        rise = expected + by_level * (value - expected) - level
        trend = damping * trend + by_trend * (rise - damping * trend)
        level = level + rise
    steps = np.cumsum(damping[:, np.newaxis] ** np.arange(1, ahead + 1), axis=1)
    return np.maximum(level[:, np.newaxis] + trend[:, np.newaxis] * steps, 0), error
