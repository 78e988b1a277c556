"""The forecast of a store's revenue: its past days in, its next days out, with how far off such forecasts were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.forecast.methods import FLAT_WEEKS, METHODS, WEEK, YEAR, Floats
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
        ("total_spread", pa.float64()),
    ]
)
AHEAD = 90
"""Days that are forecast."""
CUTS = 4
PLANS = ((90, 28), (28, 14), (7, 7))
"""Days behind a cut that are held against what came, and days between cuts: the first that a history is long enough for."""
LEAST_PAST, LEAST_DAYS = 8 * WEEK, 2 * WEEK
"""Days before the first cut, and days without which nothing is forecast."""
FIRST_SHARE = 0.001
"""What was sold before the first thousandth is an accident: a store begins with the day of that."""
NAIVE, UNJUDGED = "seasonal_naive", "weekday_mean"
OF_YEAR = "damped_trend_of_year"
WITHIN = (0.1, 0.9)
DIGITS, TINY, LARGEST = 6, 1e-9, 100.0


@dataclass(frozen=True)
class Judged:
    """How a method did in the cuts.

    Parameters
    ----------
    error
        Mean absolute error of a day over that of `seasonal_naive` in the same cuts: under 1 where it is the better of the two.
    mase
        The same over the error of last week's same weekday in the year before the cut (Hyndman and Koehler 2006).
    errors
        Actual less forecast of each day over the mean of the forecast, shape (cuts * days,).
    total_spread
        Root of the mean square of the logarithm of actual over forecast of all days of a cut.
    """

    error: float
    mase: float
    errors: Floats
    total_spread: float


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
    usual_days = series / index[: len(series)]
    if plan is None:
        model = UNJUDGED
        reason = f"Too short to be judged: {len(series)} days are known."
        usual = METHODS[UNJUDGED][0](usual_days, WEEK)
        recent = usual_days[-min(FLAT_WEEKS, len(series) // WEEK) * WEEK :]
        errors = (recent - np.resize(usual, len(recent))) / max(usual.mean(), TINY)
    else:
        found = judge(series, *plan, index)
        best_first = sorted(found, key=lambda name: found[name].error)
        model = best_first[0]
        judged, errors = found[model], found[model].errors
        said = ", ".join(f"{name} {found[name].error:.3f}" for name in best_first)
        reason = f"The least error of a day in {CUTS} cuts of {plan[0]} days, that of {NAIVE} being 1: {said}."
        told |= {
            "cuts": CUTS,
            "cut_days": plan[0],
            "relative_error": round(judged.error, DIGITS),
            "mase": round(judged.mase, DIGITS),
            "total_spread": round(judged.total_spread, DIGITS),
        }
    ahead = METHODS[model][0](usual_days, AHEAD) * index[len(series) :]
    low, high = (float(value) * max(ahead.mean(), 0.0) for value in np.quantile(errors, WITHIN))
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


def judge(series: Floats, ahead: int, apart: int, index: Floats | None = None) -> dict[str, Judged]:
    """How each method did that has days enough before all cuts; index: how much more is sold at each day's time of the year."""
    index = np.ones(len(series)) if index is None else index
    ends = [len(series) - ahead - number * apart for number in range(CUTS)]
    actual = np.array([series[end : end + ahead] for end in ends])
    scales = np.array([_weekly_change(series[max(end - YEAR, 0) : end]) for end in ends])
    naive = np.array([METHODS[NAIVE][0](series[:end], ahead) for end in ends])
    naive_error = max(float(np.abs(actual - naive).mean()), TINY)
    found = {}
    for name, (method, needed) in METHODS.items():
        if min(ends) >= needed:
            forecast = np.array([method(series[:end] / index[:end], ahead) * index[end : end + ahead] for end in ends])
            errors = actual - forecast
            off = np.abs(errors).mean(axis=1)
            usual = np.maximum(forecast.mean(axis=1, keepdims=True), TINY)
            found[name] = Judged(
                error=float(off.mean()) / naive_error,
                mase=float((off / scales).mean()),
                errors=np.clip(errors / usual, -LARGEST, LARGEST).ravel(),
                total_spread=_spread(actual.sum(axis=1), forecast.sum(axis=1)),
            )
    return found


def _weekly_change(days: Floats) -> float:
    """How far a day is from the same weekday of the week before, in the mean."""
    return max(float(np.abs(days[WEEK:] - days[:-WEEK]).mean()), TINY)


def _spread(actual: Floats, forecast: Floats) -> float:
    """Root of the mean square of the logarithm of actual over forecast; a hundredth of the usual total stands in for nothing."""
    actual, forecast = np.maximum(actual, 0.0), np.maximum(forecast, 0.0)
    little = max(0.01 * float(actual.mean()), TINY)
    return float(np.sqrt((np.log((actual + little) / (forecast + little)) ** 2).mean()))
