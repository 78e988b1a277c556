"""What is expected of buyers: a buy-till-you-die fit, or the plain ratios of a store that is too small for one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from tessera.clv import (
    MODELS,
    Fit,
    Prior,
    alive_probability,
    discounted_orders,
    expected_orders,
    fit_purchases,
    order_interval,
    silence_probability,
    time_to_next_order,
)
from tessera.ltv.people import Buyers, Floats
from tessera.ltv.settings import DAYS_PER_WEEK, WEEKS_PER_YEAR

RATIO, ROBUST = "ratio", "mbg_nbd"
YEARS = (1, 3, 5)
LEVEL = 0.8
WEAK, LOOSE = 1.0, 2.0
"""Standard deviations of the logarithms of a prior for a store that leans on it, and for one that stands on its own data: where
the likelihood is flat (nobody ever stops) it has no maximum short of the edge, and predictions there are the same."""
PRIORS: dict[str, tuple[float, ...]] = {
    "bg_nbd": (0.243, 4.414, 0.793, 2.426), "mbg_nbd": (0.525, 6.183, 0.891, 1.614), "pareto_nbd": (0.553, 10.578, 0.606, 11.669),
}
"""Means of the built-in priors, times in weeks: what the models find in the public CDNOW log. At a standard deviation
of `WEAK`, a factor of 2.7 either way, a hundred repeat buyers outweigh them."""
USUAL_GAP = 13.0
"""Weeks between orders where no customer of a store has shown a gap."""
FASTEST = DAYS_PER_WEEK
"""Order days a week: there are no more."""


class Orders(ABC):
    """A model of purchases that is ready to predict. Times are in weeks, columns of shape (n,)."""

    name: str

    @abstractmethod
    def parameters(self) -> dict[str, float]:
        """By name."""

    @abstractmethod
    def alive(self, buyers: Buyers) -> Floats:
        """P(has not stopped)."""

    @abstractmethod
    def silence(self, buyers: Buyers, weeks: float) -> Floats:
        """P(no order in the weeks ahead)."""

    @abstractmethod
    def expected(self, buyers: Buyers, weeks: float) -> Floats:
        """Expected orders in the weeks ahead."""

    @abstractmethod
    def discounted(self, buyers: Buyers, annual_discount: float) -> Floats:
        """Expected orders of the next `YEARS`, each at its worth today, shape (n, 3)."""

    @abstractmethod
    def next_order(self, buyers: Buyers) -> Floats:
        """Weeks until it is as likely as not that there was an order; infinity where it never is."""

    @abstractmethod
    def interval(self, buyers: Buyers, weeks: float) -> tuple[Floats, Floats]:
        """Least and most orders in the weeks ahead, 80% or a little more."""


@dataclass(frozen=True)
class Dying(Orders):
    """A fitted buy-till-you-die model."""

    fit: Fit

    @property
    def name(self) -> str:
        return self.fit.model

    def parameters(self) -> dict[str, float]:
        return self.fit.named()

    def alive(self, buyers: Buyers) -> Floats:
        return alive_probability(self.fit, buyers.histories)

    def silence(self, buyers: Buyers, weeks: float) -> Floats:
        return silence_probability(self.fit, buyers.histories, weeks)

    def expected(self, buyers: Buyers, weeks: float) -> Floats:
        return expected_orders(self.fit, buyers.histories, weeks)

    def discounted(self, buyers: Buyers, annual_discount: float) -> Floats:
        return discounted_orders(self.fit, buyers.histories, YEARS, annual_discount, WEEKS_PER_YEAR)

    def next_order(self, buyers: Buyers) -> Floats:
        return time_to_next_order(self.fit, buyers.histories)

    def interval(self, buyers: Buyers, weeks: float) -> tuple[Floats, Floats]:
        return order_interval(self.fit, buyers.histories, weeks, LEVEL)


@dataclass(frozen=True)
class Ratio(Orders):
    """Plain ratios: the own rate of orders, and the time since the last order over the own gap between orders.

    With n order days in T weeks, silent for s weeks, and g the own mean gap (of those with one order that of the store),

        rate = min(n / (T + g), 7),    P(alive) = 1 / (1 + s / g)

    The gap in the denominator keeps the rate of a customer of yesterday from being an order a day. Orders come at this
    rate while alive.

    Parameters
    ----------
    gap
        Weeks between orders of the store.
    """

    gap: float
    name = RATIO

    @classmethod
    def of(cls, buyers: Buyers) -> Ratio:
        """The mean gap of the repeat orders, or `USUAL_GAP` where there are none; at least a day."""
        repeats = float(buyers.frequency.sum())
        gap = float(buyers.recency.sum()) / repeats if repeats else USUAL_GAP
        return cls(max(gap, 1 / FASTEST))

    def parameters(self) -> dict[str, float]:
        return {"gap": self.gap}

    def _gap(self, buyers: Buyers) -> Floats:
        own = buyers.recency / np.maximum(buyers.frequency, 1)
        return np.maximum(np.where(buyers.frequency > 0, own, self.gap), 1 / FASTEST)

    def _rate(self, buyers: Buyers) -> Floats:
        return np.minimum(buyers.orders / (buyers.age + self._gap(buyers)), FASTEST)

    def alive(self, buyers: Buyers) -> Floats:
        return 1 / (1 + buyers.silent_weeks / self._gap(buyers))

    def silence(self, buyers: Buyers, weeks: float) -> Floats:
        return 1 + self.alive(buyers) * np.expm1(-self._rate(buyers) * weeks)

    def expected(self, buyers: Buyers, weeks: float) -> Floats:
        return self.alive(buyers) * self._rate(buyers) * weeks

    def discounted(self, buyers: Buyers, annual_discount: float) -> Floats:
        months = 12 * max(YEARS)
        worth = np.cumsum((1 + annual_discount) ** (-(np.arange(months) + 0.5) / 12)) / 12
        return self.expected(buyers, WEEKS_PER_YEAR)[:, None] * worth[[12 * year - 1 for year in YEARS]]

    def next_order(self, buyers: Buyers) -> Floats:
        alive, found = self.alive(buyers), np.full(len(buyers), np.inf)
        some = alive > 0.5
        found[some] = -np.log1p(-0.5 / alive[some]) / self._rate(buyers)[some]
        return found

    def interval(self, buyers: Buyers, weeks: float) -> tuple[Floats, Floats]:
        alive, mean = self.alive(buyers), self._rate(buyers) * weeks
        side = (1 - LEVEL) / 2
        none = self.silence(buyers, weeks)
        below, above = np.where(none >= side, 0, side), np.where(none >= side, 2 * side, side)
        ends = []
        for share in (below, 1 - above):
            of_alive = np.clip(1 - (1 - share) / alive, 0, 1)
            ends.append(np.where((of_alive > 0) & (share > 0), poisson.ppf(of_alive, mean), 0))
        return ends[0], ends[1]


def fit_orders(name: str, buyers: Buyers, prior: Prior, near: Orders | None = None) -> Dying:
    """Fit a model of purchases; `near` is the same model as of another moment."""
    return Dying(fit_purchases(name, buyers.histories, prior, near.fit if isinstance(near, Dying) else None))


def orders_of(name: str, parameters: Mapping[str, float]) -> Orders:
    """A model of the ledger, from its name and parameters."""
    if name == RATIO:
        return Ratio(parameters["gap"])
    return Dying(restored(name, MODELS[name].parameters, parameters))


def restored(name: str, names: tuple[str, ...], parameters: Mapping[str, float]) -> Fit:
    """A fit of which only the parameters are left."""
    size = len(names)
    return Fit(name, names, np.array([parameters[one] for one in names]), log_likelihood=0.0, customers=0, converged=True,
               on_edge=False, covariance=np.zeros((size, size)))
