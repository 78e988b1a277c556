"""The settings of a night, and the columns of what comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa

from tessera.tables import from_one_row

DAYS_PER_WEEK = 7.0
SHOWN_DAYS = 90
"""Days ahead whose expected orders stand beside the churn of the same time."""
YEAR_DAYS = 365.25
WEEKS_PER_YEAR = YEAR_DAYS / DAYS_PER_WEEK
NOW, HOLDOUT = "now", "holdout"
HISTORY = (
    "frequency",
    "recency_weeks",
    "age_weeks",
    "repeat_spend",
    "net_revenue",
    "orders_count",
    "mean_spend",
    "valued_orders",
    "valued_repeats",
)
BEHAVIOUR = (
    "days_since_seen",
    "days_known",
    "active_days_30",
    "active_days_90",
    "sessions_30",
    "sessions_90",
    "product_views_30",
    "product_views_90",
    "carts_30",
    "carts_90",
    "email_clicks_90",
    "orders_90",
    "orders_365",
    "discounted_share",
)
DUE_DAYS = "due_days"
"""Days until the next order of somebody who orders like a clock; missing of others."""
LABELS = ("next_orders", "next_spend", "next_valued_orders")
NEXT_ORDER_DAYS = "next_order_days"


@dataclass(frozen=True)
class Settings:
    """The one row of settings.

    Parameters
    ----------
    as_of
        The night.
    holdout_days
        Days that the models do not see when they are judged.
    churn_window_days
        Someone without an order in so many days to come is lost.
    next_purchase_days
        Days ahead that a next purchase is looked for in.
    discount_rate_annual
        What money of next year is worth less today, as a share.
    min_repeat_buyers
        People with a repeat order under which a store does not stand on its own data.
    fit_sample
        Most people that churn is judged on, and that the challenger and the first-order propensity are fitted on.
    refit_days
        Days from one fit to the next.
    is_refit_forced
        Whether all stores are fitted tonight.
    pool_stores
        Whether small stores lean on the parameters of the others. Off: nothing crosses stores.
    seed
        Of the challenger.
    """

    as_of: datetime
    holdout_days: float = 91
    churn_window_days: float = 90
    next_purchase_days: float = 30
    discount_rate_annual: float = 0.10
    min_repeat_buyers: int = 100
    fit_sample: int = 50_000
    refit_days: float = 7
    is_refit_forced: bool = False
    pool_stores: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be predicted by."""
        if min(self.holdout_days, self.churn_window_days, self.next_purchase_days) <= 0:
            raise ValueError("holdout_days, churn_window_days and next_purchase_days must be above 0")
        if self.discount_rate_annual < 0:
            raise ValueError("discount_rate_annual must be 0 or more")
        if self.min_repeat_buyers < 1 or self.fit_sample < 1:
            raise ValueError("min_repeat_buyers and fit_sample must be 1 or more")

    def cutoff(self, cutoff: str) -> date:
        """The day of a cutoff; that of the store's own clock may be the one beside it, which no season tells apart."""
        return self.as_of.date() - timedelta(days=self.holdout_days if cutoff == HOLDOUT else 0)

    @property
    def holdout_weeks(self) -> float:
        """The holdout in weeks, the unit of the models."""
        return self.holdout_days / DAYS_PER_WEEK

    @classmethod
    def from_table(cls, table: pa.Table) -> Settings:
        """Read the settings of a table of one row; columns that are absent or null have their defaults.

        Raises
        ------
        ValueError
            If there is not one row, or a value is out of its range.
        """
        return from_one_row(cls, table)
