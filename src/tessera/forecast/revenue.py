"""The forecast of a store's revenue: its past days in, its next days out, with how far off such forecasts were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import gammaincinv

from tessera.forecast.methods import METHODS, SHAPE_WEEKS, WEEK, YEAR, Floats, seasonal_naive, weeks_of, year_index, years_alike
from tessera.ltv.clock import MONTHS, Season
from tessera.ltv.season import seeded

REVENUE_FORECASTS = pa.schema(
    [
        ("store_id", pa.string()),
        ("forecast_date", pa.date32()),
        ("revenue", pa.float64()),
        ("revenue_low", pa.float64()),
        ("revenue_high", pa.float64()),
        ("model", pa.string()),
        ("reason", pa.string()),
        ("history_days", pa.int64()),
        ("cuts", pa.int64()),
        ("cut_days", pa.int64()),
        ("relative_error", pa.float64()),
        ("mase", pa.float64()),
        ("total_low", pa.float64()),
        ("total_high", pa.float64()),
    ]
)
AHEAD = 90
"""Days that are forecast."""
CUTS, MOST_CUTS = 4, 6
PLANS = ((90, 28), (28, 14), (7, 7))
"""Days behind a cut that are held against what came, and days between cuts: the first that a history is long enough for."""
LEAST_PAST, LEAST_DAYS = 8 * WEEK, 2 * WEEK
"""Days before the first cut, and days without which nothing is forecast."""
FIRST_SHARE = 0.001
"""What was sold before the first thousandth is an accident: a store begins with the day of that."""
UNJUDGED, OF_YEAR = "half_year_mean", "damped_trend_of_year"
BLOCK = 28
"""Days whose sum is held against its forecast: of single days nothing is the best guess where most bring nothing."""
SHARPNESS, LEAST_ERROR = 2, 0.05
"""A method weighs by its mean square error to that power, to which so much of the mean square of sums is added."""
PRIOR_CUTS, LEVEL_SPREAD, UNJUDGED_SPREAD, LEVEL_WEEKS = 2.0, 0.2, 0.7, 20
"""Cuts that count as much as what is known beforehand: how far a level moves in a quarter, judged or not, and chance in weeks."""
HALF_YEAR, HALF = YEAR // 2, 0.5
WITHIN = (0.1, 0.9)
NORMAL_WITHIN = 1.2815515655446004
"""80% of a normal distribution lie within so many standard deviations."""
SURE_OF_ONE = 2.3
"""Days with revenue that are expected where one in ten sees none at all."""
DIGITS, TINY, LARGEST = 6, 1e-9, 100.0
PLACES, LEAST_BETTER, NO_WORSE = 31, 0.5, 1.1
"""Days of a month, the last being the last of any; and what of weekdays' square errors they may have: of days, of sums."""
Interval = tuple[float, float]


@dataclass(frozen=True)
class Judged:
    """What the methods have of the forecast, and how that did in the cuts.

    Parameters
    ----------
    shares
        Method -> its share, by how little its sums of `BLOCK` days were off.
    error
        Mean absolute error of a day over that of `seasonal_naive` in the same cuts: under 1 where it is the better of the two.
    mase
        The same over the error of last week's same weekday in the year before the cut (Hyndman and Koehler 2006).
    forecast, actual
        Of each day after each cut, shape (cuts, days).
    ends
        Days before each cut.
    """

    shares: dict[str, float]
    error: float
    mase: float
    forecast: Floats
    actual: Floats
    ends: list[int]


def revenue_forecasts(days: pa.Table, seasonality: pa.Table | None = None) -> pa.Table:
    """Revenue of the next `AHEAD` days of every store.

    Parameters
    ----------
    days
        Columns store_id, activity_date, net_revenue, and as_of_date: the store's day that has only begun, and is forecast first.
        Days that are not there brought nothing.
    seasonality
        The seed: store_id, month (1 to 12) and seasonal_index, 1 for a month that is not named; none is known without it.

    Returns
    -------
    pyarrow.Table
        Schema `REVENUE_FORECASTS`, by store and day; one row without a day of a store of which nothing is forecast, whose reason
        says why.
    """
    found: list[dict[str, Any]] = []
    stores = pc.unique(days["store_id"]).to_pylist() if days.num_rows else []
    for store_id in sorted(stores):
        mine = days.filter(pc.equal(days["store_id"], store_id))
        begins: date = mine["as_of_date"][0].as_py()
        rows = of_store(series_of(mine, begins), begins, seeded(seasonality, store_id))
        found += [{"store_id": store_id, **row} for row in rows]
    return pa.Table.from_pylist(found, REVENUE_FORECASTS)


def series_of(rows: pa.Table, begins: date) -> Floats:
    """A store's revenue by day, from its first day to the day before `begins`, each day once; shape (days,)."""
    place = rows["activity_date"].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    value = rows["net_revenue"].cast(pa.float64()).to_numpy()
    end = (begins - date(1970, 1, 1)).days
    known = place < end
    if not known.any():
        return np.empty(0)
    first = int(place[known].min())
    series = np.bincount(place[known] - first, value[known], end - first).astype(np.float64)
    sold = np.cumsum(np.maximum(series, 0.0))
    return series[int(np.searchsorted(sold, FIRST_SHARE * sold[-1])) :] if sold[-1] > 0 else series


def of_store(series: Floats, begins: date, season: Season | None = None) -> list[dict[str, Any]]:
    """The rows of one store, but for its id.

    `season` is how much more is sold in each month, as whoever knows the shop has it. It is used where two years
    have not told the store's own: days go on as they would at an average time of the year, and it is put back.
    """
    told: dict[str, Any] = {"history_days": len(series), "cuts": 0}
    if len(series) < LEAST_DAYS:
        return [told | {"reason": f"Nothing is forecast: {len(series)} days are known, and {LEAST_DAYS} are needed."}]
    if series[-AHEAD:].max() <= 0:
        return [told | {"reason": f"Nothing is forecast: nothing was sold in the last {min(len(series), AHEAD)} days."}]
    plan = next((plan for plan in PLANS if len(series) >= plan[0] + (CUTS - 1) * plan[1] + LEAST_PAST), None)
    knows_its_year = plan is not None and len(series) >= plan[0] + (CUTS - 1) * plan[1] + METHODS[OF_YEAR][1]
    index = np.ones(len(series) + AHEAD)
    time_of_year = ""
    if not knows_its_year and season is None:
        time_of_year = " The time of the year is not known: that takes two years, or the seed seasonality."
    elif not knows_its_year and season is not None:
        time_of_year = " The time of the year is that of seed seasonality."
        day = np.datetime64(begins, "D") + np.arange(-len(series), AHEAD)
        index = np.array(season)[day.astype("datetime64[M]").astype(np.int64) % MONTHS]
    judged = None if plan is None else judge(series, *plan, index)
    shares = {UNJUDGED: 1.0} if judged is None else judged.shares
    ahead = _mixed(shares, series / index[: len(series)], AHEAD) * index[len(series) :]
    model = max(shares, key=lambda name: shares[name])
    of_month = None if judged is None else by_month(series, begins, judged, index)
    if of_month is not None:
        judged = of_month
        ahead = _shaped_by_month(ahead, series / index[: len(series)], month_places(begins, len(series), AHEAD))
        time_of_year += " Days are those of the month, which erred less than weekdays."
    if judged is None:
        reason = f"Too short to be judged: {len(series)} days are known."
    else:
        by_share = sorted(shares, key=lambda name: -shares[name])
        said = ", ".join(f"{name} {shares[name]:.3f}" for name in by_share)
        cuts, cut_days = judged.actual.shape
        reason = f"The mean of what erred little in sums of {min(BLOCK, cut_days)} days after {cuts} cuts, by shares: {said}."
        told |= {
            "cuts": cuts,
            "cut_days": cut_days,
            "relative_error": round(judged.error, DIGITS),
            "mase": round(judged.mase, DIGITS),
        }
    if OF_YEAR in shares:
        year = 1 + shares[OF_YEAR] * (year_index(series) - 1)
        index = year[np.arange(-len(series), AHEAD) % YEAR]
    (low, high), total_bounds = _bounds(series, ahead, index, judged)
    told |= dict(zip(("total_low", "total_high"), (round(value, DIGITS) for value in total_bounds), strict=True))
    # a day brings less than nothing where one in ten did
    least = min(float(np.quantile(series[-YEAR:], WITHIN[0])), 0.0)
    return [
        told
        | {
            "forecast_date": begins + timedelta(days=number),
            "revenue": round(value, DIGITS),
            "revenue_low": round(min(max(value + min(low, 0.0), least), value), DIGITS),
            "revenue_high": round(value + max(high, 0.0), DIGITS),
            "model": model,
            "reason": reason + time_of_year,
        }
        for number, value in enumerate(ahead.tolist())
    ]


def judge(series: Floats, ahead: int, apart: int, index: Floats | None = None) -> Judged:
    """The methods that have days enough before `CUTS` cuts; index: how much more is sold at each day's time of the year.

    Who knows a season of the year is needed most in cuts that lie in none. So the more alike the years are, the less the
    others weigh beside it.
    """
    index = np.ones(len(series)) if index is None else index
    cuts = min(MOST_CUTS, (len(series) - ahead - LEAST_PAST) // apart + 1)
    ends = [len(series) - ahead - number * apart for number in range(cuts)]
    actual = np.array([series[end : end + ahead] for end in ends])
    blocks = max(ahead // BLOCK, 1)

    def squares(days: Floats) -> Floats:
        return (days[:, : ahead // blocks * blocks].reshape(len(days), blocks, -1).sum(axis=2) ** 2).mean(axis=1)

    year = series[-(min(len(series), YEAR) // ahead * ahead) :]
    least = LEAST_ERROR * float(squares(year.reshape(-1, ahead)).mean()) + TINY
    found: dict[str, Floats] = {}
    weights: dict[str, float] = {}
    usual = np.array([METHODS[UNJUDGED][0](series[:end] / index[:end], ahead) * index[end : end + ahead] for end in ends])
    usual_error = squares(actual - usual)
    for name, (method, needed) in METHODS.items():
        known = [end for end in ends if end >= needed]
        if len(known) >= CUTS:
            found[name] = np.array([method(series[:end] / index[:end], ahead) * index[end : end + ahead] for end in known])
            error = squares(actual[: len(known)] - found[name]).mean() + least
            weights[name] = float((error / (usual_error[: len(known)].mean() + least)) ** -SHARPNESS)
    if OF_YEAR in weights:
        others = (1 - years_alike(series)) ** SHARPNESS
        weights = {name: weight * (1.0 if name == OF_YEAR else others) for name, weight in weights.items()}
    total = sum(weights.values())
    shares = {name: weight / total for name, weight in weights.items()}
    summed, present = np.zeros_like(actual), np.zeros((cuts, 1))
    for name, forecasts in found.items():
        summed[: len(forecasts)] += shares[name] * forecasts
        present[: len(forecasts)] += shares[name]
    forecast = np.where(present > TINY, summed / np.maximum(present, TINY), usual)
    naive = np.array([seasonal_naive(series[:end], ahead) for end in ends])
    scales = np.array([_weekly_change(series[max(end - YEAR, 0) : end]) for end in ends])
    off = np.abs(actual - forecast).mean(axis=1)
    return Judged(
        shares=shares,
        error=float(off.mean()) / max(float(np.abs(actual - naive).mean()), TINY),
        mase=float((off / scales).mean()),
        forecast=forecast,
        actual=actual,
        ends=ends,
    )


def month_places(begins: date, past: int, ahead: int) -> NDArray[np.int64]:
    """The place of each day in its month, from 0; the last one has the last place, however long the month is."""
    day = np.datetime64(begins, "D") + np.arange(-past, ahead)
    month = day.astype("datetime64[M]")
    is_last = (day + 1).astype("datetime64[M]") != month
    return np.where(is_last, PLACES - 1, (day - month.astype("datetime64[D]")).astype(np.int64))


def by_month(series: Floats, begins: date, judged: Judged, index: Floats) -> Judged | None:
    """The same with days of the month in place of weekdays, where these err much less and sums no more: else nothing."""
    if min(judged.ends) < HALF_YEAR:
        return None
    place, usual, days = month_places(begins, len(series), 0), series / index[: len(series)], judged.actual.shape[1]
    parts = zip(judged.forecast, judged.ends, strict=True)
    forecast = np.array([_shaped_by_month(part, usual[:end], place[: end + days]) for part, end in parts])
    off, off_of_weekdays = judged.actual - forecast, judged.actual - judged.forecast
    if (off**2).sum() > LEAST_BETTER * (off_of_weekdays**2).sum():
        return None
    if (off.sum(axis=1) ** 2).sum() > NO_WORSE * (off_of_weekdays.sum(axis=1) ** 2).sum():
        return None
    scales = np.array([_weekly_change(series[max(end - YEAR, 0) : end]) for end in judged.ends])
    part_left = float(np.abs(off).mean()) / max(float(np.abs(off_of_weekdays).mean()), TINY)
    return replace(
        judged, forecast=forecast, error=judged.error * part_left, mase=float((np.abs(off).mean(axis=1) / scales).mean())
    )


def _shaped_by_month(ahead: Floats, days: Floats, place: NDArray[np.int64]) -> Floats:
    """The weeks ahead, each day with what its day of the month had of the last half year."""
    recent = np.maximum(days[-HALF_YEAR:], 0.0)
    known = place[len(days) - len(recent) : len(days)]
    shape = np.bincount(known, recent, PLACES) / np.maximum(np.bincount(known, minlength=PLACES), 1)
    weeks = np.array([ahead[max(min(first, len(ahead) - WEEK), 0) :][:WEEK].mean() for first in range(0, len(ahead), WEEK)])
    return np.asarray(np.repeat(weeks, WEEK)[: len(ahead)] * shape[place[len(days) :]] / max(float(recent.mean()), TINY))


def _mixed(shares: dict[str, float], days: Floats, ahead: int) -> Floats:
    """The mean of what the methods say, by their shares."""
    return np.asarray(sum(share * METHODS[name][0](days, ahead) for name, share in shares.items()))


def _bounds(series: Floats, ahead: Floats, index: Floats, judged: Judged | None) -> tuple[Interval, Interval]:
    """How far below and above its forecast a day is, and between what the sum of all days is, in four cases of five.

    Errors are in units of the forecast, or of half of what the last half year brought where that is more, so that a store of
    which little is expected is not surer of it. Single days have the quantiles of past ones. Of sums there are a few that share
    most of their days, so chance in the weeks, and how far a level moves in a quarter, stand beside them.
    """
    known = len(series)
    usual = series / index[:known]

    def unit(forecast: Floats, end: int) -> float:
        rate = float(np.maximum(usual[max(end - HALF_YEAR, 0) : end], 0.0).mean() * index[end : end + len(forecast)].mean())
        return max(float(forecast.mean()), HALF * rate, TINY)

    scale = unit(ahead, known)
    level = max(float(usual[-HALF_YEAR:].mean()), TINY)
    weeks = weeks_of(usual)[-SHAPE_WEEKS:] / WEEK / level
    chance = float(weeks.var(ddof=1)) * (1 / (AHEAD / WEEK) + 1 / min(len(weeks), LEVEL_WEEKS))
    # of what half a year brought, its chance is as large as it was where less is expected
    chance *= (min(level * float(index[known:].mean()) / scale, 1 / HALF)) ** 2
    spread = chance + (UNJUDGED_SPREAD if judged is None else LEVEL_SPREAD) ** 2
    if judged is None:
        recent = usual[-(len(weeks) * WEEK) :]
        errors = (recent - recent.mean()) / max(float(recent.mean()), HALF * level, TINY)
        below_nothing = False
    else:
        units = np.array([unit(forecast, end) for forecast, end in zip(judged.forecast, judged.ends, strict=True)])
        errors = (judged.actual - judged.forecast) / units[:, np.newaxis]
        apart = (judged.ends[0] - judged.ends[1]) / judged.actual.shape[1]
        cuts = 1 + (len(units) - 1) * min(apart, 1.0)
        square = float((np.clip(errors.mean(axis=1), -LARGEST, LARGEST) ** 2).mean())
        spread = (PRIOR_CUTS * spread + cuts * square) / (PRIOR_CUTS + cuts)
        below_nothing = bool((judged.actual.sum(axis=1) < 0).any())
    low, high = (float(value) * scale for value in np.quantile(np.clip(errors, -LARGEST, LARGEST), WITHIN))
    total, deviation = float(ahead.sum()), float(np.sqrt(spread)) * scale * len(ahead)
    selling_days = float((series[-HALF_YEAR:] > 0).mean()) * len(ahead)
    if below_nothing:
        least = total - NORMAL_WITHIN * deviation
    elif selling_days < SURE_OF_ONE or total <= 0:
        least = 0.0
    else:
        # what is never below nothing is skewed: the sum is as gamma distributed with its mean and variance
        shape = (total / deviation) ** 2
        least = total * float(gammaincinv(shape, WITHIN[0])) / shape
    return (low, high), (min(least, total), total + NORMAL_WITHIN * deviation)


def _weekly_change(days: Floats) -> float:
    """How far a day is from the same weekday of the week before, in the mean."""
    return max(float(np.abs(days[WEEK:] - days[:-WEEK]).mean()), TINY)
