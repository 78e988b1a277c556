"""What is expected of buyers: a buy-till-you-die fit, or the plain rate, which needs none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv
from scipy.stats import nbinom
from typing_extensions import override

from tessera.btyd import (
    MODELS,
    Fit,
    Prior,
    alive_probability,
    discounted_orders,
    expectation_intervals,
    expected_orders,
    expected_spend,
    fit_purchases,
    order_interval,
    order_probability,
    silence_probability,
    time_to_next_order,
    value_interval,
)
from tessera.ltv.people import Buyers, Floats
from tessera.ltv.settings import DAYS_PER_WEEK, WEEKS_PER_YEAR

RATIO, ROBUST, STOPS_AFTER_REPEATS = "ratio", "mbg_nbd", "bg_nbd"
YEARS = (1, 3, 5)
LEVEL = 0.8
TAIL = (1 - LEVEL) / 2
LEVEL_NAME = "level"
WEAK, LOOSE = 1.0, 2.0
"""Standard deviations of the logarithms of a prior for a store that leans on it, and for one that stands on its own data: where
the likelihood is flat (nobody ever stops) it has no maximum short of the edge, and predictions there are the same."""
PRIORS: dict[str, tuple[float, ...]] = {
    "bg_nbd": (0.243, 4.414, 0.793, 2.426),
    "mbg_nbd": (0.525, 6.183, 0.891, 1.614),
    "pareto_nbd": (0.553, 10.578, 0.606, 11.669),
    "mbg_cnbd_2": (0.580, 2.288, 1.134, 1.585),
    "mbg_cnbd_4": (0.496, 0.831, 1.407, 2.089),
    "mbg_cnbd_8": (0.425, 0.322, 1.685, 2.724),
}
"""Means of the built-in priors, times in weeks: what the models find in the public CDNOW log. At a standard deviation
of `WEAK`, a factor of 2.7 either way, a hundred repeat buyers outweigh them."""
USUAL_GAP = 13.0
"""Weeks between orders where no customer of a store has shown a gap; every store's own gap counts one order of it."""
MOST_LOG = 50.0
FASTEST = DAYS_PER_WEEK
"""Order days a week: there are no more."""
LEAST_STRENGTH, MOST_STRENGTH = 0.5, 50.0
"""Orders of the store that stand beside a customer's own in the plain rate, at least and at most."""
USUAL_SPREAD = 1.0
"""Variance of people's rates as a share of the square of their mean, before a store's people show theirs; its own standard
deviation, too."""


class Orders(ABC):
    """A model of purchases that is ready to predict. Times are in weeks, columns of shape (n,).

    A `factor` on P(alive) comes from whoever knows better how likely someone orders at all.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """As the ledger has it."""

    @abstractmethod
    def parameters(self) -> dict[str, float]:
        """By name."""

    @abstractmethod
    def alive(self, buyers: Buyers) -> Floats:
        """P(has not stopped); NaN where the model lets nobody stop yet, and so does not know."""

    @abstractmethod
    def silence(self, buyers: Buyers, weeks: float) -> Floats:
        """P(no order in the weeks ahead)."""

    @abstractmethod
    def again(self, buyers: Buyers, weeks: float) -> Floats:
        """P(an order in the weeks ahead), in all its digits where it is tiny."""

    @abstractmethod
    def expected(self, buyers: Buyers, weeks: float) -> Floats:
        """Expected orders in the weeks ahead."""

    @abstractmethod
    def discounted(self, buyers: Buyers, annual_discount: float) -> Floats:
        """Expected orders of the next `YEARS`, each at its worth today, shape (n, 3)."""

    @abstractmethod
    def next_order(self, buyers: Buyers, factor: Floats) -> Floats:
        """Weeks until it is as likely as not that there was an order; infinity where it never is."""

    @abstractmethod
    def known(self, buyers: Buyers, weeks: float, shape: Fit) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Between which shares of it (one at most, one at least) the expected orders lie with 80%; and the spend of a shape."""

    @abstractmethod
    def outcome(self, buyers: Buyers, weeks: float, factor: Floats) -> tuple[Floats, Floats]:
        """The 10th and the 90th percentile of the orders in the weeks ahead."""

    @abstractmethod
    def spend_outcome(self, buyers: Buyers, weeks: float, factor: Floats, shape: Fit) -> tuple[Floats, Floats]:
        """The same of what is spent, in expected values of an order as the shape has them."""


@dataclass(frozen=True)
class Dying(Orders):
    """A fitted buy-till-you-die model, by the clock of whom it is asked about.

    Parameters
    ----------
    fit
        From `tessera.btyd`.
    level
        How much more than the model explains is ordered of late: so much longer counts the time ahead.
    """

    fit: Fit
    level: float = 1.0

    @override
    @property
    def name(self) -> str:
        return self.fit.model

    @override
    def parameters(self) -> dict[str, float]:
        return self.fit.named() | ({} if self.level == 1 else {LEVEL_NAME: self.level})

    def _ahead(self, buyers: Buyers, weeks: float) -> float:
        return float(buyers.clock.ahead(weeks)) * self.level

    @override
    def alive(self, buyers: Buyers) -> Floats:
        found = alive_probability(self.fit, buyers.histories)
        return np.where(buyers.frequency == 0, np.nan, found) if self.name == STOPS_AFTER_REPEATS else found

    @override
    def silence(self, buyers: Buyers, weeks: float) -> Floats:
        return silence_probability(self.fit, buyers.histories, self._ahead(buyers, weeks))

    @override
    def again(self, buyers: Buyers, weeks: float) -> Floats:
        return order_probability(self.fit, buyers.histories, self._ahead(buyers, weeks))

    @override
    def expected(self, buyers: Buyers, weeks: float) -> Floats:
        return expected_orders(self.fit, buyers.histories, self._ahead(buyers, weeks))

    @override
    def discounted(self, buyers: Buyers, annual_discount: float) -> Floats:
        return discounted_orders(
            self.fit, buyers.histories, YEARS, annual_discount, WEEKS_PER_YEAR, lambda weeks: self._ahead(buyers, weeks)
        )

    @override
    def next_order(self, buyers: Buyers, factor: Floats) -> Floats:
        return buyers.clock.back(time_to_next_order(self.fit, buyers.histories, _half(factor)) / self.level)

    @override
    def known(self, buyers: Buyers, weeks: float, shape: Fit) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        return expectation_intervals(self.fit, buyers.histories, self._ahead(buyers, weeks), LEVEL, shape, buyers.valued)

    @override
    def outcome(self, buyers: Buyers, weeks: float, factor: Floats) -> tuple[Floats, Floats]:
        return order_interval(self.fit, buyers.histories, self._ahead(buyers, weeks), LEVEL, factor)

    @override
    def spend_outcome(self, buyers: Buyers, weeks: float, factor: Floats, shape: Fit) -> tuple[Floats, Floats]:
        return value_interval(
            self.fit, shape, buyers.histories, buyers.valued, buyers.usual_spend, self._ahead(buyers, weeks), LEVEL, factor
        )


@dataclass(frozen=True)
class Ratio(Orders):
    """The plain rate: the own orders a week, drawn towards those of the store; nobody stops.

    With x repeat orders in T weeks, and the store's mean gap g, which counts as much as r orders, rates are gamma distributed
    with k = x + r degrees over b = T + r g weeks, and orders come at random:

        rate = k / b,    P(no order in t weeks) = (b / (b + t))^k

    The store's gap is known by its orders alone: what it leaves unknown of a rate, s times the share r g / b of it, takes degrees
    away, so that they are 1 / (1 / k + (s r g / b)^2) at the same rate.

    Parameters
    ----------
    gap
        Mean weeks between orders of the store.
    strength
        r.
    unknown
        s, the standard deviation of the logarithm of the gap.
    """

    gap: float
    strength: float = LEAST_STRENGTH
    unknown: float = 0.0
    name = RATIO

    @classmethod
    def of(cls, buyers: Buyers) -> Ratio:
        """The store's own gap, with one order of the usual one; the strength by the method of moments, between and within.

        Few people do not tell how much people differ: what they show counts by how well it is known, beside `USUAL_SPREAD`.
        """
        age = buyers.exposure if len(buyers) else buyers.age
        rate = min((float(buyers.frequency.sum()) + 1) / (float(age.sum()) + USUAL_GAP), FASTEST)
        expected = rate * age
        squares = float((expected**2).sum())
        shown = float(((buyers.frequency - expected) ** 2).sum() - expected.sum()) * squares
        # the variance of what is shown, of negative binomial orders
        variance = expected + USUAL_SPREAD * expected**2
        unsure = float((variance**2 * (2 + 6 * USUAL_SPREAD) + variance).sum()) / USUAL_SPREAD**2
        spread = (shown + USUAL_SPREAD * unsure) / (squares**2 + unsure) if squares else USUAL_SPREAD
        strength = float(np.clip(1 / max(spread, 1 / MOST_STRENGTH), LEAST_STRENGTH, MOST_STRENGTH))
        orders = float(expected.sum())
        between = squares / (strength * orders**2) if orders else 0.0
        return cls(1 / rate, strength, float(np.sqrt(1 / (float(buyers.frequency.sum()) + 1) + between)))

    @override
    def parameters(self) -> dict[str, float]:
        return {"gap": self.gap, "strength": self.strength, "unknown": self.unknown}

    def _posterior(self, buyers: Buyers) -> tuple[Floats, Floats]:
        """The degrees k and the time b, of no rate above an order a day."""
        degrees = buyers.frequency + self.strength
        over = np.maximum(buyers.exposure + self.strength * self.gap, degrees / FASTEST)
        fewer = 1 / (1 + degrees * (self.unknown * self.strength * self.gap / over) ** 2)
        return degrees * fewer, over * fewer

    @override
    def alive(self, buyers: Buyers) -> Floats:
        return np.full(len(buyers), np.nan)

    @override
    def silence(self, buyers: Buyers, weeks: float) -> Floats:
        return 1 - self.again(buyers, weeks)

    @override
    def again(self, buyers: Buyers, weeks: float) -> Floats:
        degrees, over = self._posterior(buyers)
        return -np.expm1(-degrees * np.log1p(float(buyers.clock.ahead(weeks)) / over))

    @override
    def expected(self, buyers: Buyers, weeks: float) -> Floats:
        degrees, over = self._posterior(buyers)
        return degrees / over * float(buyers.clock.ahead(weeks))

    @override
    def discounted(self, buyers: Buyers, annual_discount: float) -> Floats:
        degrees, over = self._posterior(buyers)
        months = np.arange(12 * max(YEARS) + 1)
        spans = np.diff(buyers.clock.ahead(months * WEEKS_PER_YEAR / 12))
        worth = np.cumsum(spans * (1 + annual_discount) ** (-(months[:-1] + 0.5) / 12))
        return (degrees / over)[:, None] * worth[[12 * year - 1 for year in YEARS]]

    @override
    def next_order(self, buyers: Buyers, factor: Floats) -> Floats:
        degrees, over = self._posterior(buyers)
        wanted, found = _half(factor), np.full(len(buyers), np.inf)
        some = wanted < 1
        found[some] = over[some] * np.expm1(np.minimum(-np.log1p(-wanted[some]) / degrees[some], MOST_LOG))
        return buyers.clock.back(found)

    @override
    def known(self, buyers: Buyers, weeks: float, shape: Fit) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        degrees, _ = self._posterior(buyers)
        low, high = (np.log(gammaincinv(degrees, share) / degrees) for share in (TAIL, 1 - TAIL))
        p, q, _ = shape.values
        of_spend = p * buyers.valued + q
        less, more = (np.log((of_spend - 1) / gammaincinv(of_spend, share)) for share in (1 - TAIL, TAIL))
        return _shares(low, high), _shares(-np.hypot(low, less), np.hypot(high, more))

    @override
    def outcome(self, buyers: Buyers, weeks: float, factor: Floats) -> tuple[Floats, Floats]:
        alive, (degrees, over) = np.clip(factor, 1e-300, 1), self._posterior(buyers)
        time = float(buyers.clock.ahead(weeks))
        levels = (np.clip(1 - (1 - share) / alive, 0, 1) for share in (TAIL, 1 - TAIL))
        low, high = (np.where(of_alive > 0, nbinom.ppf(of_alive, degrees, over / (over + time)), 0) for of_alive in levels)
        return low, high

    @override
    def spend_outcome(self, buyers: Buyers, weeks: float, factor: Floats, shape: Fit) -> tuple[Floats, Floats]:
        value = expected_spend(shape, buyers.valued, buyers.usual_spend)
        low, high = self.outcome(buyers, weeks, factor)
        return low * value, high * value


def _shares(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Shares of logarithms, one at most and one at least."""
    return np.exp(np.minimum(low, 0)), np.exp(np.maximum(high, 0))


def _half(factor: Floats) -> Floats:
    """The probability without a factor that is a half with it."""
    return 0.5 / np.maximum(factor, 1e-12)


def fit_orders(name: str, buyers: Buyers, prior: Prior, near: Orders | None = None) -> Dying:
    """Fit a model of purchases; `near` is the same model as of another cutoff. Where no time has passed, its prior's means."""
    if not len(buyers) or buyers.age.max() <= 0:
        means = np.exp(prior.mean).tolist()
        return Dying(restored(name, MODELS[name].parameters, dict(zip(MODELS[name].parameters, means, strict=True))))
    start = near.fit if isinstance(near, Dying) and near.fit.customers > 0 else None
    return Dying(fit_purchases(name, buyers.histories, prior, start))


def usual_orders() -> Dying:
    """The model of purchases of a store of which nothing is known."""
    return Dying(restored(ROBUST, MODELS[ROBUST].parameters, dict(zip(MODELS[ROBUST].parameters, PRIORS[ROBUST], strict=True))))


def orders_of(name: str, parameters: Mapping[str, float], covariance: Sequence[Sequence[float]] = ()) -> Orders:
    """A model of the ledger, from its name, parameters and how well these are known."""
    if name == RATIO:
        return Ratio(parameters["gap"], parameters.get("strength", LEAST_STRENGTH), parameters.get("unknown", 0.0))
    return Dying(restored(name, MODELS[name].parameters, parameters, covariance), parameters.get(LEVEL_NAME, 1.0))


def restored(
    name: str, names: tuple[str, ...], parameters: Mapping[str, float], covariance: Sequence[Sequence[float]] = ()
) -> Fit:
    """A fit of which only the parameters are left, and the covariance of their logarithms where it was kept."""
    known = np.array(covariance) if len(covariance) else np.zeros((len(names), len(names)))
    return Fit(
        name,
        names,
        np.array([parameters[one] for one in names]),
        log_likelihood=0.0,
        customers=0,
        converged=True,
        on_edge=False,
        covariance=known,
    )
