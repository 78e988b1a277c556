"""What the fit of one store knows, and the rows that it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tessera.btyd import RHYTHMS, Fit, Prior
from tessera.ltv.ledger import FITTED, POOLED, WITH_PRIOR, Row
from tessera.ltv.measuring import DIGITS, Measures
from tessera.ltv.people import Buyers, Floats
from tessera.ltv.purchases import LOOSE, PRIORS, WEAK, Orders
from tessera.ltv.season import Series
from tessera.ltv.settings import Settings
from tessera.ltv.spend import GAMMA_GAMMA, USUAL_P, USUAL_Q, OrderValue, spend_prior

MARGIN = 0.01
"""How much smaller the deviance of another model must be before it takes the place of the last fit's."""
COVARIANCE_DIGITS = 9
LEAST_SD = 0.5
"""Other stores' parameters, pooled, count as no more alike than a standard deviation of so much in the logarithms."""
Known = dict[str, dict[str, tuple[float, ...]]]
"""Store -> model -> logs of the parameters that it found on its own data."""


@dataclass
class StoreFit:
    """What the fit of one store knows.

    `last` has the last fit's model of each target, `others` the parameters of other stores where they may be used, `series` the
    purchases by day up to each cutoff.
    """

    store_id: str
    settings: Settings
    now: Buyers
    then: Buyers
    next_orders: Floats
    next_spend: Floats
    next_valued: Floats
    last: Mapping[str, str]
    others: Known
    series: Mapping[str, Series]
    rows: list[Row] = field(default_factory=list)

    @property
    def weeks(self) -> float:
        """The holdout."""
        return self.settings.holdout_weeks

    def stands_alone(self, buyers: Buyers) -> bool:
        """Whether there are repeat buyers enough for a fit without a prior."""
        return buyers.repeat_buyers >= self.settings.min_repeat_buyers

    def source(self, buyers: Buyers) -> str:
        """Where the parameters of a fit to these buyers come from."""
        if self.stands_alone(buyers):
            return FITTED
        return POOLED if self.others else WITH_PRIOR

    def purchase_prior(self, model: str, buyers: Buyers) -> Prior:
        """The prior of a model of purchases."""
        pooled = None if self.stands_alone(buyers) else self._pooled(model)
        return pooled or Prior(tuple(np.log(PRIORS[model]).tolist()), (self._sd(buyers),) * len(PRIORS[model]))

    def spend_prior(self, buyers: Buyers) -> Prior | None:
        """The prior of the Gamma-Gamma model, where one is needed; its scale is the store's own."""
        if self.stands_alone(buyers):
            return None
        pooled = self._pooled(GAMMA_GAMMA)
        p, q = np.exp(pooled.mean[:2]).tolist() if pooled else (USUAL_P, USUAL_Q)
        return spend_prior(buyers.order_value, WEAK, p, q)

    def _sd(self, buyers: Buyers) -> float:
        return LOOSE if self.stands_alone(buyers) else WEAK

    def _pooled(self, model: str) -> Prior | None:
        """Mean and spread of the other stores' parameters; they count as no more alike than `LEAST_SD`, one alone as `WEAK`."""
        found = np.array([logs[model] for logs in self.others.values() if model in logs])
        if not len(found):
            return None
        spread = np.maximum(found.std(axis=0, ddof=1), LEAST_SD) if len(found) > 1 else np.full(found.shape[1], WEAK)
        return Prior(tuple(found.mean(axis=0).tolist()), tuple(spread.tolist()))

    def chosen(self, target: str, deviance: Mapping[str, float], plain: str, incumbent: str | None = None) -> tuple[str, str]:
        """Of the models of a target the one of the least deviance in the holdout, and why.

        The last fit's (or the incumbent where that is none of them) stays unless another is better by `MARGIN`; it must not be
        worse than the plain one.
        """
        last = self.last.get(target)
        held = last if last in deviance else incumbent
        best = min(deviance, key=lambda name: deviance[name])
        deviances = ", ".join(f"{name} {value:.4f}" for name, value in deviance.items())
        if (
            held is not None
            and held in deviance
            and held != best
            and deviance[best] >= deviance[held] * (1 - MARGIN)
            and deviance[held] <= deviance.get(plain, np.inf)
        ):
            told_first = "The last fit's model" if held == last else "The default"
            return held, f"{told_first}, no other is {MARGIN:.0%} better; deviance in the holdout: {deviances}."
        return best, f"The least deviance in the holdout: {deviances}."

    def add(
        self,
        target: str,
        model: str,
        source: str,
        reason: str,
        is_chosen: bool,
        fitted: Orders | OrderValue | None = None,
        parameters: Mapping[str, float] | None = None,
        measures: Measures | None = None,
    ) -> None:
        """Add a row."""
        fit: Fit | None = getattr(fitted, "fit", None)
        known = parameters if fitted is None else fitted.parameters()
        searched = fit if fit is not None and fit.customers > 0 else None
        errors = dict(zip(searched.names, searched.standard_errors.tolist(), strict=True)) if searched else {}
        self.rows.append(
            {
                "store_id": self.store_id,
                "as_of": self.settings.as_of,
                "target": target,
                "model": model,
                "is_chosen": is_chosen,
                "source": source,
                "reason": reason,
                "parameters": json.dumps(dict(known or {})),
                "standard_errors": json.dumps({name: round(value, DIGITS) for name, value in errors.items()}),
                # of people with a rhythm it would have to look at every pause
                "log_likelihood": searched.log_likelihood if searched and searched.model not in RHYTHMS else None,
                "customers": len(self.now),
                "repeat_buyers": self.now.repeat_buyers,
                "converged": searched.converged if searched else None,
                "covariance": json.dumps(np.round(searched.covariance, COVARIANCE_DIGITS).tolist()) if searched else None,
                **(measures or {}),
            }
        )
