"""Days of made-up stores in which nothing changes but by chance, and of others in which something does from a known day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

SERIES = "analytics_intermediate.int_drift_series"
# The last day that is simulated, and how many there are, without the year before or with it: the last 90 are tested.
LAST_DAY = dt.date(2025, 6, 29)
DAYS, DAYS_WITH_A_YEAR = 230, 520
WEEK = np.array([1.0, 0.9, 0.9, 1.0, 1.1, 1.2, 0.9])
# What a planted change makes of a number from its day on, by store's or segment's metric.
PLANTED = {
    ("(store)", "visits"): 0.3,
    ("(store)", "orders"): 3.0,
    ("(store)", "avg_order_value"): 0.4,
    ("(store)", "valuable_declining"): 5.0,
    ("large", "orders"): 0.3,
    ("large", "conversion_rate"): 0.25,
    ("large", "members_joined"): 4.0,
    ("large", "members_left"): 4.0,
}


def garden(day: dt.date) -> float:
    """How much more a shop for gardens sells on a day: spring, the best of it in May, and four days of a sale."""
    if day.month == 5 and 8 <= day.day <= 11:
        return 6
    return {3: 1.4, 4: 2.2, 5: 3, 6: 1.6}.get(day.month, 1)


def simulated(
    stores: int,
    segments: int,
    seed: int,
    planted: dict[str, tuple[tuple[str, str], int]] | None = None,
    days_known: int = DAYS,
    year: Callable[[dt.date], float] = lambda day: 1,
    batch: float = 0,
    missed: tuple[str, dt.date] | None = None,
) -> pd.DataFrame:
    """Rows of int_drift_series.

    Stores differ in size, in how far one day is from another beyond chance (a standard deviation of 5 to 25%, of which half lasts
    for some days), and in where they are going (-1 to 1.5% a week); every weekday has its own level. planted: by store what
    changes, see PLANTED, and how many days before the last one. year: how much more there is of everything on a day of the year.
    batch: the orders that come on the first of a month besides, as many as so many days bring; missed: the store and the day on
    which they do not come.
    """
    draw = np.random.default_rng(seed)
    days = np.array([LAST_DAY - dt.timedelta(days=days_known - 1 - day) for day in range(days_known)])
    season = WEEK[[day.weekday() for day in days]] * [year(day) for day in days]
    frames = []

    def add(store: str, segment: str, metric: str, kind: str, observed: np.ndarray, exposure: np.ndarray) -> None:
        frames.append(
            pd.DataFrame(
                {
                    "store_id": store,
                    "segment_id": segment,
                    "metric": metric,
                    "kind": kind,
                    "activity_date": days,
                    "observed": np.round(observed, 2).astype(float),
                    "exposure": exposure.astype(np.int64),
                }
            )
        )

    def shocks(spread: float) -> np.ndarray:
        lasting = draw.normal(0, spread * np.sqrt(0.5 * (1 - 0.7**2)), days_known)
        lasting[0] /= np.sqrt(1 - 0.7**2)
        for day in range(1, days_known):
            lasting[day] += 0.7 * lasting[day - 1]
        return draw.gamma(2 / spread**2, spread**2 / 2, days_known) * np.exp(lasting)

    def money(orders: np.ndarray, spread: float, level: np.ndarray) -> np.ndarray:
        sigma = np.sqrt(np.log1p(spread**2))
        each = draw.lognormal(-(sigma**2) / 2, sigma, int(orders.sum()))
        return np.array([part.sum() for part in np.split(each, np.cumsum(orders)[:-1])]) * 60 * level

    one = np.ones(days_known)
    for number in range(stores):
        store = f"store_{number:04d}"
        changed, since = (planted or {}).get(store, (None, 0))

        def level(segment: str, metric: str, changed: object = changed, since: int = since) -> np.ndarray:
            times = PLANTED[segment, metric] if changed == (segment, metric) else 1.0
            return np.where(np.arange(days_known) >= days_known - since, times, 1.0)

        size = 300 if planted else draw.choice([20, 100, 500, 2000])
        spread, trend = draw.uniform(0.05, 0.15 if planted else 0.25), draw.uniform(-0.01, 0.015)
        busy = size * season * np.exp(trend * np.arange(days_known) / 7) * shocks(spread)
        visits = draw.poisson(busy * level("(store)", "visits"))
        orders = draw.poisson(busy * 0.15 * level("(store)", "orders"))
        if batch:
            firsts = [day.day == 1 and (store, day) != missed for day in days]
            orders = orders + np.random.default_rng([seed, number]).poisson(batch * orders.mean(), days_known) * firsts
        ordering = draw.binomial(visits, 0.12)
        dearness = draw.uniform(0.5, 1.5) if not planted else 0.7
        add(store, "(store)", "visits", "number", visits, one)
        add(store, "(store)", "orders", "number", orders, one)
        add(store, "(store)", "new_customers", "number", draw.poisson(busy * 0.05), one)
        add(store, "(store)", "refunds", "number", draw.poisson(busy * 0.01), one)
        add(store, "(store)", "conversion_rate", "part", ordering, visits)
        add(store, "(store)", "avg_order_value", "money", money(orders, dearness, level("(store)", "avg_order_value")), orders)
        declining = draw.poisson(size * 0.03 * shocks(spread) * level("(store)", "valuable_declining"))
        add(store, "(store)", "valuable_declining", "number", declining, one)
        for place in range(segments):
            segment = "large" if place == 0 else f"segment_{place}"
            share = 0.4 if place == 0 else draw.beta(0.6, 3)
            theirs = draw.binomial(visits, share)
            bought = draw.binomial(orders, share * level(segment, "orders") if segment == "large" else share)
            rate = 0.12 * (level(segment, "conversion_rate") if segment == "large" else 1)
            add(store, segment, "orders", "part", bought, orders)
            add(store, segment, "conversion_rate", "part", draw.binomial(theirs, rate), theirs)
            add(store, segment, "avg_order_value", "money", money(bought, dearness, one), bought)
            for metric in ("members_joined", "members_left"):
                moves = size * share * draw.uniform(0.01, 0.2) if segment != "large" else size * 0.1
                factor = level(segment, metric) if segment == "large" else 1
                add(store, segment, metric, "number", draw.poisson(moves * shocks(spread) * factor), one)
    return pd.concat(frames, ignore_index=True)
