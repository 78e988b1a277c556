"""A store's own season, and its level: how much more is ordered of late than its model explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.btyd import Fit
from tessera.ltv.clock import MONTHS, Clock, Floats, Season, as_season
from tessera.ltv.tracking import tracking

LEAST_DAYS = 730
"""Days of orders from which a store's own season is told: every month has been there twice."""
YEAR, RECENT_DAYS = 365, 182
WEIGHT = 30.0
"""Expected orders that the level of 1 counts as much as, and an index of 1 where months differ little."""
LEAST_WEIGHT = 1.0
FIRST_SHARE = 0.01
"""Orders before the first hundredth are an accident: a store begins with the day of that."""


@dataclass(frozen=True)
class Series:
    """Purchases of a store by day, from its first day to the day before a cutoff, each day once; shape (days,).

    Parameters
    ----------
    first
        Days since 1970-01-01 of the first.
    people
        Who bought first on each day.
    repeats
        Repeat purchases of each day.
    """

    first: int
    people: Floats
    repeats: Floats

    @classmethod
    def of(cls, rows: pa.Table | None, store_id: str, cutoff: int) -> Series:
        """Read columns store_id, purchase_date, first_purchases and repeat_purchases."""
        if rows is None:
            return cls(cutoff, np.empty(0), np.empty(0))
        mine = rows.filter(pc.equal(rows["store_id"], store_id))
        days = mine["purchase_date"].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
        known = days < cutoff
        if not known.any():
            return cls(cutoff, np.empty(0), np.empty(0))
        first = int(days[known].min())
        people, repeats = (
            np.bincount(days[known] - first, mine[name].cast(pa.float64()).to_numpy()[known], cutoff - first)
            for name in ("first_purchases", "repeat_purchases")
        )
        return cls(first, people, repeats)

    @property
    def days(self) -> int:
        """Days since a store has had orders, but for accidents."""
        total = np.cumsum(self.people + self.repeats)
        return 0 if not len(total) else len(total) - int(np.searchsorted(total, FIRST_SHARE * total[-1]))

    def expected(self, fit: Fit, clock: Clock) -> Floats:
        """Repeat purchases of each day that a model expects of people of whom only the first day is known."""
        first_days = np.flatnonzero(self.people)
        week_ends = self.first + np.arange(len(self.people))
        return np.diff(tracking(fit, clock, self.first + first_days, self.people[first_days], week_ends), prepend=0)


def season_of(series: Series, fit: Fit, season: Season | None = None) -> Season:
    """The season of a store with two years of orders.

    Parameters
    ----------
    series
        Its purchases by day.
    fit
        A model of purchases.
    season
        The season that the model was fitted in, which is mended by what it leaves.

    Returns
    -------
    Season
        Actual over expected orders of every month, against the level of the year around it, drawn towards 1 the less the more
        months differ (see `weight_of`).
    """
    start = len(series.people) - series.days
    actual, expected = series.repeats[start:], series.expected(fit, Clock(season=season))[start:]
    sums = [np.append(0, np.cumsum(values)) for values in (actual, expected)]
    first = np.clip(np.arange(len(actual)) - RECENT_DAYS, 0, len(actual) - YEAR)
    level_then, of_model = (values[first + YEAR] - values[first] for values in sums)
    usual = expected * level_then / np.maximum(of_model, 1e-9)
    days = np.arange(series.first + start, series.first + len(series.people))
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % MONTHS
    actual_orders, usual_orders = (np.bincount(months, values, MONTHS) for values in (actual, usual))
    weight = weight_of(actual_orders, usual_orders)
    return as_season(np.array(season or (1.0,) * MONTHS) * (actual_orders + weight) / (usual_orders + weight))


def weight_of(actual: Floats, usual: Floats) -> float:
    """Expected orders that an index of 1 counts as much as: indices are gamma distributed around 1, as widely as months differ.

    By the method of moments, between `LEAST_WEIGHT` and `WEIGHT`: in a shop of nine in ten orders before Christmas hardly
    anything speaks for a usual January.
    """
    spread = float(((actual - usual) ** 2 - usual).sum() / max((usual**2).sum(), 1e-9))
    return WEIGHT if spread <= 1 / WEIGHT else max(1 / spread, LEAST_WEIGHT)


def seeded(rows: pa.Table | None, store_id: str) -> Season | None:
    """The season of seed `seasonality`, whose months that are not named count 1; none without any."""
    found = [] if rows is None else [row for row in rows.to_pylist() if row["store_id"] == store_id]
    indices = {int(row["month"]): float(row["seasonal_index"]) for row in found}
    return as_season([indices.get(number + 1, 1.0) for number in range(MONTHS)]) if indices else None


def level_of(series: Series, fit: Fit, clock: Clock) -> float:
    """Actual over expected orders of late, drawn towards 1 by `WEIGHT` expected orders; 1 within a year.

    Of late is in the last `RECENT_DAYS`, where a day on which the season makes little counts by its index: of the quiet months
    of a shop of one season, or of a part of that, the level would be what their index missed. At most it is in the last year.
    """
    if series.days < YEAR:
        return 1.0
    days = np.arange(series.first, series.first + len(series.people))
    so_far = np.cumsum(np.minimum(clock.index(days)[::-1][:YEAR], 1))
    recent = int(np.searchsorted(np.round(so_far, 9), RECENT_DAYS)) + 1
    actual, expected = (values[-recent:].sum() for values in (series.repeats, series.expected(fit, clock)))
    return float((actual + WEIGHT) / (expected + WEIGHT))


def swing_of(series: Series, fit: Fit, days: int) -> float:
    """How many times too much or too little a model that knows no season expected at most in so many days on end.

    Actual and expected orders are drawn together by `WEIGHT` expected orders; 1 where nothing is known.
    """
    sums = [np.append(0, np.cumsum(values)) for values in (series.repeats, series.expected(fit, Clock()))]
    actual, expected = (values[days:] - values[:-days] for values in sums)
    return float(np.exp(np.abs(np.log((actual + WEIGHT) / (expected + WEIGHT))).max(initial=0.0)))
