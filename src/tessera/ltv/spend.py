"""What an order is worth: the Gamma-Gamma model, or the own mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc
from typing_extensions import override

from tessera.btyd import Fit, Prior, expected_spend, fit_spend
from tessera.btyd.spend import NAMES
from tessera.ltv.people import Buyers, Floats
from tessera.ltv.purchases import restored

GAMMA_GAMMA, MEAN, STORE_MEAN = "gamma_gamma", "mean", "store_mean"
USUAL_P, USUAL_Q = 6.25, 3.74
"""p and q that the Gamma-Gamma model finds in the public CDNOW log: the means of the built-in prior. The scale v follows from
the store's own mean, so that no currency is built in."""
FIRST_LIFT = "first_lift"
UPGRADE = 1.25
"""An order is an upgrade that is worth so many times the customer's own mean."""
LEAST_MEAN = 0.01


class OrderValue(ABC):
    """A model of the value of an order that is ready to predict. Money, columns of shape (n,)."""

    name: str

    @abstractmethod
    def parameters(self) -> dict[str, float]:
        """By name."""

    @abstractmethod
    def expected(self, buyers: Buyers) -> Floats:
        """Expected value of an order to come."""


@dataclass(frozen=True)
class GammaGamma(OrderValue):
    """The Gamma-Gamma model: fitted to the repeat orders of those who have any (Fader and Hardie 2013), asked with all orders.

    One order does not tell how much customers differ from how much orders do, and where most have one, the fit would take the
    one for the other. What a customer is expected to spend rests on the first order too: of most it is the only one. Where first
    orders are cheaper (or dearer) than later ones, it counts as a later one.

    Parameters
    ----------
    fit
        From `tessera.btyd`.
    first_lift
        What the first order is multiplied with to that end.
    """

    fit: Fit
    first_lift: float = 1.0
    name = GAMMA_GAMMA

    @override
    def parameters(self) -> dict[str, float]:
        return self.fit.named() | ({} if self.first_lift == 1 else {FIRST_LIFT: self.first_lift})

    @override
    def expected(self, buyers: Buyers) -> Floats:
        return expected_spend(self.fit, buyers.valued, buyers.usual_spend)

    def upgrade(self, buyers: Buyers) -> Floats:
        """P(the next order is worth `UPGRADE` times the own mean); 0 where the own mean is 0, of which nothing is a quarter more.

        The next order over the scale v + x m of what is known is beta prime distributed with p and p x + q degrees.
        """
        p, q, v = self.fit.values
        wanted = UPGRADE * buyers.mean_spend
        found = 1 - betainc(p, p * buyers.valued + q, wanted / (wanted + v + buyers.valued * buyers.usual_spend))
        return np.where(buyers.mean_spend > 0, found, 0)


@dataclass(frozen=True)
class Mean(OrderValue):
    """The customer's own mean.

    Parameters
    ----------
    of_store
        Mean value of an order of the store, money: of whom no value is known.
    """

    of_store: float
    name = MEAN

    @override
    def parameters(self) -> dict[str, float]:
        return {"mean": self.of_store}

    @override
    def expected(self, buyers: Buyers) -> Floats:
        return np.where(buyers.valued > 0, buyers.mean_spend, self.of_store)


@dataclass(frozen=True)
class StoreMean(OrderValue):
    """The same for everybody: where what someone paid says nothing of what they will pay.

    Parameters
    ----------
    of_store
        Mean value of an order of the store, money.
    """

    of_store: float
    name = STORE_MEAN

    @override
    def parameters(self) -> dict[str, float]:
        return {"mean": self.of_store}

    @override
    def expected(self, buyers: Buyers) -> Floats:
        return np.full(len(buyers), self.of_store)


def can_fit_spend(buyers: Buyers, least: int) -> bool:
    """Whether so many people have repeat orders of a mean above zero, and not all the same."""
    some = buyers.repeat_spend[(buyers.valued_repeats > 0) & (buyers.repeat_spend > 0)]
    return len(some) >= least and bool((some != some[0]).any())


def fit_order_value(buyers: Buyers, prior: Prior | None) -> GammaGamma:
    """Fit the Gamma-Gamma model."""
    some = buyers.valued_repeats > 0
    return GammaGamma(fit_spend(buyers.valued_repeats[some], buyers.repeat_spend[some], prior=prior), buyers.first_lift)


def usual_order_value(mean: float) -> GammaGamma:
    """The built-in shape around a store's mean, for a store of which nothing can be fitted."""
    return GammaGamma(restored(GAMMA_GAMMA, NAMES, dict(zip(NAMES, _around(mean, USUAL_P, USUAL_Q), strict=True))))


def spend_prior(mean: float, sd: float, p: float = USUAL_P, q: float = USUAL_Q) -> Prior:
    """A prior of p and q whose scale fits a store's mean, money."""
    return Prior(tuple(float(np.log(value)) for value in _around(mean, p, q)), (sd,) * len(NAMES))


def _around(mean: float, p: float, q: float) -> tuple[float, float, float]:
    """p, q and the v with which an order is worth the mean."""
    return p, q, max(mean, LEAST_MEAN) * (q - 1) / p


def order_value_of(name: str, parameters: Mapping[str, float], covariance: Sequence[Sequence[float]] = ()) -> OrderValue:
    """A model of the ledger, from its name, parameters and how well these are known."""
    if name in (MEAN, STORE_MEAN):
        return (Mean if name == MEAN else StoreMean)(parameters["mean"])
    return gamma_gamma_of(parameters, covariance)


def gamma_gamma_of(parameters: Mapping[str, float], covariance: Sequence[Sequence[float]] = ()) -> GammaGamma:
    """The Gamma-Gamma model of the ledger."""
    return GammaGamma(restored(GAMMA_GAMMA, NAMES, parameters, covariance), parameters.get(FIRST_LIFT, 1.0))
