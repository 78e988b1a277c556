"""What behaviour tells that orders do not: a challenger for churn and value, and the propensity of a first order.

The challenger is scikit-learn's gradient boosting over histograms, after Friedman (2001) and LightGBM (Ke et al. 2017). It
learns from what people were like at the holdout moment, and what they did next. To be judged it is fitted on one half of
the people and predicts the other, so that nobody is predicted by a fit that saw them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from tessera.ltv.people import Floats, labels, matrix
from tessera.ltv.settings import BEHAVIOUR, HISTORY

CHALLENGER, LOGISTIC, RECENCY, RATE = "challenger", "logistic", "recency", "rate"
FEATURES = (*HISTORY, *BEHAVIOUR)
PROPENSITIES = {RECENCY: ("days_since_seen",), LOGISTIC: BEHAVIOUR}
"""What each logistic regression of a first order looks at; the plainer first."""
LEAST_EVENTS = {RECENCY: 20, LOGISTIC: 50}
"""People of the rarer outcome under which it is not tried: ten for each of two weights (Peduzzi et al. 1996); the weights of many
features are held down by the penalty."""
FOLDS = 2
USUAL_RATE = 0.01
"""First orders in a holdout where nobody is known who could have had one; it weighs as much as `RATE_WEIGHT` people."""
RATE_WEIGHT = 10.0
PENALTY = 0.1
"""Inverse weight of the penalty (the C of scikit-learn): features of behaviour are many, alike, and first orders few."""
_SHAPE: dict[str, Any] = {
    "max_iter": 80, "learning_rate": 0.08, "max_leaf_nodes": 15, "min_samples_leaf": 50, "l2_regularization": 1.0,
    "early_stopping": False,
}


@dataclass(frozen=True)
class Challenger:
    """Fitted boosting.

    Parameters
    ----------
    predict
        Features as in `FEATURES`, shape (n, features) -> P(no order in the holdout) or expected spend of it, shape (n,).
    """

    predict: Callable[[Floats], Floats]


def fit_churn(features: Floats, is_silent: Floats, seed: int) -> Challenger:
    """Learn who does not order; there must be both kinds. Sorted rows make it the same every time, on one thread."""
    model = HistGradientBoostingClassifier(random_state=seed % 2**32, **_SHAPE).fit(features, is_silent.astype(np.int64))
    return Challenger(lambda rows: model.predict_proba(rows)[:, 1])


def fit_value(features: Floats, spend: Floats, seed: int) -> Challenger:
    """Learn what people spend, by Poisson deviance, whose least is at means that are above zero; refunds count as nothing.

    At least one spend must be above zero.
    """
    paid = np.maximum(spend, 0)
    unit = float(paid.mean())
    model = HistGradientBoostingRegressor(loss="poisson", random_state=seed % 2**32, **_SHAPE).fit(features, paid / unit)
    return Challenger(lambda rows: unit * model.predict(rows))


def challengers(rows: pa.Table, wanted: set[str], seed: int) -> dict[str, Challenger]:
    """Target -> its challenger, fitted on a store's whole sample.

    Parameters
    ----------
    rows
        Buyers at the holdout moment with labels, as `holdout_sample` gives them.
    wanted
        Of `churn` and `value`.
    seed
        Of the boosting.
    """
    if not rows.num_rows or not wanted:
        return {}
    orders, spend = labels(rows)
    features, found = matrix(rows, FEATURES), {}
    if "churn" in wanted and 0 < (orders > 0).sum() < len(orders):
        found["churn"] = fit_churn(features, orders == 0, seed)
    if "value" in wanted and (spend > 0).any():
        found["value"] = fit_value(features, spend, seed)
    return found


def crossed(fit: Callable[[Floats, Floats], Callable[[Floats], Floats]], features: Floats, outcome: Floats) -> Floats | None:
    """Predictions of everybody by a fit that did not see them, shape (n,); rows in the order of their sample keys.

    None where a half lacks one of two outcomes, or has no outcome above zero.
    """
    half = np.arange(len(outcome)) % FOLDS
    found = np.empty(len(outcome))
    for number in range(FOLDS):
        seen = outcome[half != number]
        if not (seen > 0).any() or (seen == seen[0]).all():
            return None
        found[half == number] = fit(features[half != number], seen)(features[half == number])
    return found


@dataclass(frozen=True)
class Propensity:
    """P(first order in the holdout) of people without an order.

    Parameters
    ----------
    name
        `logistic` or `recency`, or `rate` where everybody has the same.
    weights
        Weight of the log of 1 + each feature that it looks at, and `intercept`; of `rate` only `probability`.
    """

    name: str
    weights: Mapping[str, float]

    def predict(self, rows: Floats) -> Floats:
        """Behaviour as in `BEHAVIOUR`, shape (n, features) -> probabilities, shape (n,)."""
        if self.name == RATE:
            return np.full(len(rows), self.weights["probability"])
        logit = _logs(rows) @ np.array([self.weights.get(name, 0.0) for name in BEHAVIOUR]) + self.weights["intercept"]
        return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))


def _logs(rows: Floats) -> Floats:
    return np.log1p(np.maximum(rows, 0))


def first_order_rate(has_ordered: Floats) -> Propensity:
    """The share of those who ordered, drawn a little towards `USUAL_RATE`."""
    share = (float(has_ordered.sum()) + USUAL_RATE * RATE_WEIGHT) / (len(has_ordered) + RATE_WEIGHT)
    return Propensity(RATE, {"probability": share})


def fit_first_order(name: str, rows: Floats, has_ordered: Floats) -> Propensity:
    """Logistic regression with an l2 penalty on standardised logs of behaviour; there must be both kinds.

    Parameters
    ----------
    name
        One of `PROPENSITIES`.
    rows
        Behaviour as in `BEHAVIOUR`, shape (n, features).
    has_ordered
        1 for a first order in the holdout, else 0, shape (n,).
    """
    features = PROPENSITIES[name]
    logs = _logs(rows[:, [BEHAVIOUR.index(feature) for feature in features]])
    mean, std = logs.mean(axis=0), logs.std(axis=0)
    std = np.where(std > 1e-12, std, 1)
    model = LogisticRegression(C=PENALTY, max_iter=1000).fit((logs - mean) / std, has_ordered.astype(np.int64))
    weights = model.coef_[0] / std
    intercept = float(model.intercept_[0] - weights @ mean)
    return Propensity(name, {**dict(zip(features, weights.tolist(), strict=True)), "intercept": intercept})
