"""People who have ordered, as columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from tessera.btyd import Histories, group
from tessera.ltv.clock import CALENDAR, DIGITS, Clock
from tessera.ltv.settings import LABELS
from tessera.tables import doubles

Floats = np.ndarray
LEAST_PAIRS = 30
"""People with a first and a later order under which the two count as alike."""


@dataclass(frozen=True)
class Buyers:
    """Order histories of people who have ordered, shape (n,) each.

    Parameters
    ----------
    frequency
        Order days after the first.
    recency
        Weeks from the first order to the last.
    age
        Weeks from the first order to the cutoff.
    orders
        Order days.
    mean_spend
        Net value of an order day whose value is known, money, 0 or more.
    repeat_spend
        The same of the days after the first, 0 without any.
    net_revenue
        Revenue so far less refunds, money.
    valued
        Order days whose value is known.
    valued_repeats
        The same of the days after the first.
    clock
        Time as the store's season makes it.
    first_lift
        How many times as much later orders of the store are worth as first ones, see `first_lift_of`.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    orders: Floats
    mean_spend: Floats
    repeat_spend: Floats
    net_revenue: Floats
    valued: Floats
    valued_repeats: Floats
    clock: Clock = CALENDAR
    first_lift: float = 1.0

    @classmethod
    def of(cls, rows: pa.Table | pa.RecordBatch, clock: Clock = CALENDAR, first_lift: float = 1.0) -> Buyers:
        """Read the columns of features.

        Raises
        ------
        ValueError
            If a number of orders or a time is missing. Missing money is 0, as are means below (more was returned than paid).
        """
        frequency, recency, age, orders = (
            doubles(rows, name) for name in ("frequency", "recency_weeks", "age_weeks", "orders_count")
        )
        if np.isnan(frequency + age + orders).any() or np.isnan(recency[frequency > 0]).any():
            raise ValueError("frequency, recency_weeks, age_weeks and orders_count must be there for everybody who has ordered")
        mean_spend, repeat_spend, net_revenue, valued, valued_repeats = (
            np.nan_to_num(doubles(rows, name))
            for name in ("mean_spend", "repeat_spend", "net_revenue", "valued_orders", "valued_repeats")
        )
        return cls(
            frequency,
            np.minimum(np.where(frequency > 0, recency, 0), age),
            age,
            np.maximum(orders, 1),
            np.maximum(mean_spend, 0),
            np.maximum(repeat_spend, 0),
            net_revenue,
            valued,
            valued_repeats,
            clock,
            first_lift,
        )

    def __len__(self) -> int:
        """Count the people."""
        return len(self.frequency)

    @cached_property
    def histories(self) -> Histories:
        """Grouped, for the models of purchases; by the clock, in hundredths of a week where that is not the calendar."""
        if self.clock.season is None:
            return group(self.frequency, self.recency, self.age)
        least = np.where(self.frequency > 0, 10.0**-DIGITS, 0)
        age = np.maximum(np.round(self.clock.before(self.age), DIGITS), least)
        recency = np.round(age - self.clock.before(self.age - self.recency), DIGITS)
        return group(self.frequency, np.where(self.frequency > 0, np.clip(recency, least, age), 0), age)

    @property
    def exposure(self) -> Floats:
        """Weeks from the first order to the cutoff, by the clock."""
        return self.histories.age[self.histories.inverse]

    @property
    def silent_weeks(self) -> Floats:
        """Weeks since the last order."""
        return self.age - self.recency

    @property
    def repeat_buyers(self) -> int:
        """People with more than one order day."""
        return int((self.frequency > 0).sum())

    @property
    def first_spend(self) -> Floats:
        """Net value of the first order day, money; NaN where it is not known."""
        total = self.mean_spend * self.valued - self.repeat_spend * self.valued_repeats
        return np.where(self.valued > self.valued_repeats, np.maximum(total, 0), np.nan)

    @property
    def usual_spend(self) -> Floats:
        """Net value of an order day as `mean_spend` has it, money, the first counted as a later one of the store's."""
        first = np.nan_to_num(self.first_spend)
        return self.mean_spend + np.divide(
            (self.first_lift - 1) * first, self.valued, out=np.zeros(len(self)), where=self.valued > 0
        )

    @property
    def order_value(self) -> float:
        """Net value of an order of the store, money, 0 or more, by those whose value is known."""
        orders = float(self.valued.sum())
        return max(float(self.net_revenue.sum()) / orders, 0.0) if orders else 0.0


def first_lift_of(buyers: Buyers) -> float:
    """How many times as much later orders are worth as first ones, of people with both; 1 where that is not sure.

    A ratio of means, which is 1 where orders are alike, however skewed; its logarithm is drawn towards 0 by as much as chance
    makes of it (James and Stein).
    """
    first = buyers.first_spend
    both = (buyers.valued_repeats > 0) & (first > 0) & (buyers.repeat_spend > 0)
    count = int(both.sum())
    if count < LEAST_PAIRS:
        return 1.0
    once, later = first[both], buyers.repeat_spend[both]
    ratio = float(later.sum() / once.sum())
    variance = float(((later - ratio * once) ** 2).sum()) / (count * later.mean()) ** 2
    log_ratio = float(np.log(ratio))
    return float(np.exp(log_ratio * max(1 - variance / log_ratio**2, 0))) if log_ratio else 1.0


def labels(rows: pa.Table) -> tuple[Floats, Floats, Floats]:
    """Order days, spend, and order days of known value in the holdout, shape (n,) each; spend may be below zero.

    Raises
    ------
    ValueError
        If a label is missing.
    """
    orders, spend, valued = (doubles(rows, name) for name in LABELS)
    if np.isnan(orders + spend + valued).any():
        raise ValueError(f"{', '.join(LABELS)} must be there for everybody at the holdout cutoff")
    return orders, spend, valued


def matrix(rows: pa.Table | pa.RecordBatch, columns: Sequence[str]) -> Floats:
    """Columns side by side, null as NaN, shape (n, columns)."""
    return np.stack([doubles(rows, name) for name in columns], axis=1)
