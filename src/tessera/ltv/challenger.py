"""What behaviour tells that orders do not: a challenger for churn, and the propensity of a first order.

The challenger is scikit-learn's gradient boosting over histograms, after Friedman (2001) and LightGBM (Ke et al. 2017). It
learns from what people were like at the holdout cutoff, and what they did next. To be judged it is fitted on one half of
the people and predicts the other, so that nobody is predicted by a fit that saw them. It tells people apart; how many order at
all is left to the model of orders, since the weeks that it saw are one season of one year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from tessera.ltv.clock import Clock
from tessera.ltv.people import Buyers, Floats, labels, matrix
from tessera.ltv.purchases import Orders
from tessera.ltv.settings import BEHAVIOUR, HISTORY, HOLDOUT, NOW

CHALLENGER, LOGISTIC, RECENCY, RATE = "challenger", "logistic", "recency", "rate"
PROPENSITIES = {RECENCY: ("days_since_seen",), LOGISTIC: BEHAVIOUR}
"""What each logistic regression of a first order looks at; the plainer first."""
LEAST_EVENTS = {RECENCY: 5, LOGISTIC: 50}
"""People of the rarer outcome under which it is not tried. Weights are held down by the penalty, and a regression that is worse
than the same rate for everybody, on people that it had not seen, is not used."""
FOLDS = 2
USUAL_RATE = 0.01
"""First orders in a holdout where nobody is known who could have had one; it weighs as much as `RATE_WEIGHT` people."""
RATE_WEIGHT = 10.0
EARLY = "early"
EVEN_ORDERS = 5.0
"""First orders that come evenly over the holdout, which stand beside those that did."""
HALVINGS = 60
PENALTY = 0.1
"""Inverse weight of the penalty (the C of scikit-learn): features of behaviour are many, alike, and first orders few."""
_SHAPE: dict[str, Any] = {
    "max_iter": 80,
    "learning_rate": 0.08,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 50,
    "l2_regularization": 1.0,
    "early_stopping": False,
}


Challenger = Callable[[Floats], Floats]
"""Features as `churn_features` gives them, shape (n, features) -> P(no order in the holdout), shape (n,)."""


def churn_features(rows: pa.Table | pa.RecordBatch) -> Floats:
    """What the challenger looks at, shape (n, features), NaN where it is not known.

    History, behaviour, weeks since the last order, and how many of their own mean pauses between orders somebody has been silent
    for: trees cut along one column at a time, and would need many cuts to find a ratio.
    """
    buyers = Buyers.of(rows)
    silent, pause = buyers.silent_weeks, buyers.recency / np.maximum(buyers.frequency, 1)
    pauses = np.divide(silent, pause, out=np.full(len(buyers), np.nan), where=pause > 0)
    return np.hstack([matrix(rows, (*HISTORY, *BEHAVIOUR)), silent[:, None], pauses[:, None]])


def fit_churn(features: Floats, is_silent: Floats, seed: int) -> Challenger:
    """Learn who does not order; there must be both kinds. Sorted rows make it the same every time, on one thread."""
    model = HistGradientBoostingClassifier(random_state=seed % 2**32, **_SHAPE).fit(features, is_silent.astype(np.int64))
    return lambda rows: model.predict_proba(rows)[:, 1]


def level_to(chances: Floats, mean: float) -> Callable[[Floats], Floats]:
    """The shift of log-odds with which some probabilities have a mean; none where that is 0 or 1, which no shift reaches."""
    if not 0 < mean < 1:
        return lambda rows: rows
    odds, low, high = logit(np.clip(chances, 1e-12, 1 - 1e-12)), -60.0, 60.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(odds + middle).mean() < mean else (low, middle)
    return lambda rows: expit(logit(np.clip(rows, 1e-12, 1 - 1e-12)) + (low + high) / 2)


def churn_challenger(sample: pa.Table, orders: Orders, clock: Clock, weeks: float, seed: int) -> Challenger | None:
    """The challenger of churn, fitted on a store's whole sample, at the level that a model of orders has for the time ahead.

    Parameters
    ----------
    sample
        Buyers at the holdout cutoff with labels, and of now, as `challenger_sample` gives them.
    orders
        The model of orders as of now.
    clock
        The store's, as of now.
    weeks
        The holdout.
    seed
        Of the boosting.

    Returns
    -------
    Challenger or None
        None where the sample lacks one of the two outcomes, or anybody of now.
    """
    then, now = (sample.filter(pc.equal(sample["cutoff"], cutoff)) for cutoff in (HOLDOUT, NOW))
    has_ordered = labels(then)[0] > 0
    if not now.num_rows or has_ordered.all() or not has_ordered.any():
        return None
    rival = fit_churn(churn_features(then), ~has_ordered, seed)
    levelled = level_to(rival(churn_features(now)), float(orders.silence(Buyers.of(now, clock), weeks).mean()))
    return lambda rows: levelled(rival(rows))


def crossed(fit: Callable[[Floats, Floats], Callable[[Floats], Floats]], features: Floats, outcome: Floats) -> Floats | None:
    """Predictions of everybody by a fit that did not see them, shape (n,); rows in the order of their sample keys.

    None where a half lacks one of two outcomes.
    """
    half = np.arange(len(outcome)) % FOLDS
    found = np.empty(len(outcome))
    for number in range(FOLDS):
        others_outcome = outcome[half != number]
        if not len(others_outcome) or (others_outcome == others_outcome[0]).all():
            return None
        found[half == number] = fit(features[half != number], others_outcome)(features[half == number])
    return found


@dataclass(frozen=True)
class Propensity:
    """P(first order in the holdout) of people without an order.

    Parameters
    ----------
    name
        `logistic` or `recency`, or `rate` where everybody has the same.
    weights
        Weight of the log of 1 + each feature that it looks at, and `intercept`; of `rate` only `probability`. Beside them
        `early`, see `early_of`.
    """

    name: str
    weights: Mapping[str, float]

    def within(self, rows: Floats, share: float) -> Floats:
        """P(first order) within a share of the holdout's time, shape (n,)."""
        first = np.minimum(self.predict(rows), 1 - 1e-12)
        return -np.expm1(share ** self.weights.get(EARLY, 1.0) * np.log1p(-first))

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


def early_of(days: Floats, soon_days: float, holdout_days: float) -> float:
    """How early in the holdout first orders come: by a share t of its time t^early of them have; 1 is evenly.

    First orders follow visits, so most come in the first weeks. It is right for `soon_days`, with `EVEN_ORDERS` orders more that
    come evenly.

    Parameters
    ----------
    days
        Days from the cutoff to each first order in the holdout, NaN of those without one.
    soon_days
        Days that the next purchase is looked for in.
    holdout_days
        Days of the holdout.
    """
    share = soon_days / holdout_days
    if share >= 1:
        return 1.0
    known = days[~np.isnan(days)]
    soon = (float((known <= soon_days).sum()) + EVEN_ORDERS * share) / (len(known) + EVEN_ORDERS)
    return float(np.log(soon) / np.log(share))


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
