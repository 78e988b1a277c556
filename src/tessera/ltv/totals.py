"""Orders of a store in the time ahead as its own weekly series goes on: to be laid beside what its people are expected to do."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from tessera.btyd import expected_orders_of_new
from tessera.forecast.methods import smoothed
from tessera.ltv.clock import Clock, Floats, read
from tessera.ltv.ledger import ORDERS, SEASON, current_rows
from tessera.ltv.purchases import Dying, Orders, Ratio, orders_of
from tessera.ltv.season import YEAR, Series
from tessera.ltv.settings import DAYS_PER_WEEK, NOW, SHOWN_DAYS, Settings

FORECASTS = pa.schema(
    [
        ("store_id", pa.string()),
        ("newcomer_orders", pa.float64()),
        ("forecast_orders", pa.float64()),
        ("window_spread", pa.float64()),
        ("past_windows", pa.int64()),
    ]
)
LEAST_WEEKS = 26
"""Weeks of orders from which a series goes on."""
SHOWN_WEEKS = -(-SHOWN_DAYS // int(DAYS_PER_WEEK))
DIGITS = 6


def store_forecasts(models: pa.Table, days: pa.Table, settings: pa.Table) -> pa.Table:
    """Repeat purchases of the next `SHOWN_DAYS` days of every store, and those of people who are yet to buy first.

    Parameters
    ----------
    models
        Rows of the ledger.
    days
        Columns store_id, purchase_date, first_purchases and repeat_purchases.
    settings
        One row, see `Settings`.

    Returns
    -------
    pyarrow.Table
        Schema `FORECASTS`, by store. `window_spread` is how far actual and expected orders lay apart in past windows of the same
        length (root of the mean square of the logarithm of their ratio); null without any.
    """
    chosen = Settings.from_table(settings)
    found: list[dict[str, Any]] = []
    for store_id, rows in sorted(current_rows(models).items()):
        known = {row["target"]: row for row in rows if row["is_chosen"]}
        if ORDERS not in known:
            continue
        season = read(json.loads(known[SEASON]["parameters"])) if SEASON in known else None
        clock = Clock.at(chosen.cutoff(NOW), season)
        series = Series.of(days, store_id, clock.cutoff)
        orders = orders_of(known[ORDERS]["model"], json.loads(known[ORDERS]["parameters"]))
        weeks = series.days // int(DAYS_PER_WEEK)
        forecast = newcomers = None
        if weeks >= LEAST_WEEKS:
            usual = [_weekly(values, series, clock, weeks) for values in (series.repeats, series.people)]
            index = clock.index(clock.cutoff + np.arange(SHOWN_DAYS))
            repeats, firsts = (
                ahead / DAYS_PER_WEEK * index for ahead in (_daily(smoothed(values, SHOWN_WEEKS)) for values in usual)
            )
            forecast = float(repeats.sum())
            left = float(clock.ahead(SHOWN_DAYS / DAYS_PER_WEEK)) - clock.ahead((np.arange(SHOWN_DAYS) + 0.5) / DAYS_PER_WEEK)
            newcomers = float(firsts @ _of_new(orders, left))
        ratios = past_windows(series, orders, clock)
        found.append(
            {
                "store_id": store_id,
                "newcomer_orders": _rounded(newcomers),
                "forecast_orders": _rounded(forecast),
                "window_spread": _rounded(float(np.sqrt((ratios**2).mean()))) if len(ratios) else None,
                "past_windows": len(ratios),
            }
        )
    return pa.Table.from_pylist(found, FORECASTS)


def past_windows(series: Series, orders: Orders, clock: Clock) -> Floats:
    """Logarithms of actual over expected orders in past windows of `SHOWN_DAYS` days, each with one order more on either side.

    Windows of which a part lies in a year without an order are none: there was no shop, of which so much was expected.
    """
    if not isinstance(orders, Dying) or series.days < 2 * SHOWN_DAYS:
        return np.empty(0)
    expected = series.expected(orders.fit, clock)
    count = series.days // SHOWN_DAYS - 1
    actual, wanted = (
        values[len(values) - count * SHOWN_DAYS :].reshape(count, SHOWN_DAYS).sum(axis=1) for values in (series.repeats, expected)
    )
    days = np.flatnonzero(series.people + series.repeats)
    ends = len(expected) - np.arange(count, 0, -1)[:, None] * SHOWN_DAYS + np.array([0, SHOWN_DAYS])
    pauses = [(before + 1, after) for before, after in pairwise(days.tolist()) if after - before > YEAR]
    is_open = np.array([all(until <= closed or start >= again for closed, again in pauses) for start, until in ends], dtype=bool)
    return np.log((actual + 1) / (wanted + 1))[is_open]


def _weekly(values: Floats, series: Series, clock: Clock, weeks: int) -> Floats:
    """Purchases of the last whole weeks as they would be in an average season."""
    days, size = weeks * int(DAYS_PER_WEEK), int(DAYS_PER_WEEK)
    first = series.first + len(values) - days
    index = clock.index(first + np.arange(days)).reshape(weeks, size).mean(axis=1)
    return values[len(values) - days :].reshape(weeks, size).sum(axis=1) / index


def _daily(weeks: Floats) -> Floats:
    """The weeks' values on each of `SHOWN_DAYS` days."""
    return np.repeat(weeks, int(DAYS_PER_WEEK))[:SHOWN_DAYS]


def _of_new(orders: Orders, time: Floats) -> Floats:
    """Expected repeat orders of somebody new in a time after the first order."""
    if isinstance(orders, Dying):
        return expected_orders_of_new(orders.fit, time * orders.level)
    return time / orders.gap if isinstance(orders, Ratio) else np.zeros(len(time))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
