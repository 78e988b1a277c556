"""How good predictions were, on a time that they had not seen: pure functions over what was predicted and what came.

Errors, deviances and the area under the curve are scikit-learn's, within bounds that keep them finite; it has no Gini index of
amounts and no tenths in which equal predictions stay together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from sklearn import metrics

Floats = NDArray[np.float64]
LEAST_MEAN = 1e-6
LEAST_CHANCE = 1e-6
LEAST_SHARE = 1e-3
OUTERMOST = 0.01, 0.99


@dataclass(frozen=True)
class Decile:
    """Customers with about the same prediction.

    Parameters
    ----------
    number
        1 is the lowest.
    customers
        How many.
    predicted, observed
        Means.
    """

    number: int
    customers: int
    predicted: float
    observed: float


def mean_absolute_error(predicted: ArrayLike, observed: ArrayLike) -> float:
    """Mean distance of prediction and outcome, in their unit."""
    prediction, outcome = _columns(predicted, observed)
    return float(metrics.mean_absolute_error(outcome, prediction))


def poisson_deviance(predicted: ArrayLike, observed: ArrayLike) -> float:
    """Mean Poisson deviance of counts, least for predictions that are the true means.

    A mean absolute error does not choose a model of orders: it is least at medians, which are zero for most customers.
    Predictions below a millionth count as that.
    """
    prediction, outcome = _columns(predicted, observed)
    return float(metrics.mean_poisson_deviance(outcome, np.maximum(prediction, LEAST_MEAN)))


def chance_deviance(predicted: ArrayLike, happened: ArrayLike) -> float:
    """Mean deviance of probabilities of outcomes of 0 and 1 (twice the log loss), least for those that are the true ones.

    Probabilities closer to 0 or 1 than a millionth count as that.
    """
    prediction, outcome = _columns(predicted, happened)
    return float(2 * metrics.log_loss(outcome, np.clip(prediction, LEAST_CHANCE, 1 - LEAST_CHANCE), labels=[0, 1]))


def amount_deviance(predicted: ArrayLike, observed: ArrayLike) -> float:
    """Mean gamma deviance of amounts above zero, least for predictions that are the true means; the currency is of no matter.

    The lowest and the highest hundredth count as the next within, so that no single order decides; predictions below a thousandth
    of the mean outcome count as that.
    """
    prediction, outcome = _columns(predicted, observed)
    outcome = np.clip(outcome, *np.quantile(outcome, OUTERMOST))
    return float(metrics.mean_gamma_deviance(outcome, np.maximum(prediction, LEAST_SHARE * outcome.mean())))


def total_error(predicted: ArrayLike, observed: ArrayLike) -> float | None:
    """Predicted over observed total, less 1: 0.1 is a tenth too much. None where nothing came, or more was returned."""
    prediction, outcome = _columns(predicted, observed)
    return float(prediction.sum() / outcome.sum() - 1) if outcome.sum() > 0 else None


def normalised_gini(predicted: ArrayLike, observed: ArrayLike) -> float | None:
    """How well predictions put outcomes in order: 1 is as well as can be, 0 is chance, below 0 is worse.

    Parameters
    ----------
    predicted, observed
        Shape (customers,); what came is 0 or more. Equal predictions share their place, whatever the order of the rows.

    Returns
    -------
    float or None
        The Gini index of outcomes in the order of predictions over the one in their own order; None where all outcomes
        are equal, which no order can improve.

    Raises
    ------
    ValueError
        If the columns are empty, differ in length, or a value is missing.
    """
    prediction, outcome = _columns(predicted, observed)
    best = _concentration(outcome, outcome)
    return float(_concentration(prediction, outcome) / best) if best > 0 else None


def area_under_curve(score: ArrayLike, happened: ArrayLike) -> float | None:
    """P(one to whom it happened has the higher score than one to whom not), equal scores counting one half.

    Parameters
    ----------
    score
        Of churn, for instance, shape (customers,).
    happened
        Whether it came so, shape (customers,).

    Returns
    -------
    float or None
        0.5 is a coin; None where it happened to all or to none.

    Raises
    ------
    ValueError
        If the columns are empty, differ in length, or a value is missing.
    """
    prediction, outcome = _columns(score, happened)
    if len(np.unique(outcome > 0)) < 2:
        return None
    return float(metrics.roc_auc_score(outcome > 0, prediction))


def deciles(predicted: ArrayLike) -> NDArray[np.int64]:
    """Tenth of every prediction, 1 (lowest) to 10; equal predictions are in the same, so tenths may be unequal or absent.

    Parameters
    ----------
    predicted
        Shape (customers,).

    Returns
    -------
    numpy.ndarray
        By the middle of the places that equal predictions share, shape (customers,).

    Raises
    ------
    ValueError
        If the column is empty or a value is missing.
    """
    prediction, _ = _columns(predicted, predicted)
    return np.ceil(10 * (rankdata(prediction) - 0.5) / len(prediction)).clip(1, 10).astype(np.int64)


def calibration(predicted: ArrayLike, observed: ArrayLike) -> list[Decile]:
    """What was predicted and what came, by tenth of the prediction; tenths without customers are left out."""
    prediction, outcome = _columns(predicted, observed)
    tenth = deciles(prediction)
    return [
        Decile(
            int(number),
            int((tenth == number).sum()),
            float(prediction[tenth == number].mean()),
            float(outcome[tenth == number].mean()),
        )
        for number in np.unique(tenth)
    ]


def nearest_decile(predicted: ArrayLike, means: ArrayLike) -> NDArray[np.int64]:
    """Which of some deciles each prediction belongs to: the one whose mean prediction is nearest, of two the lower.

    Parameters
    ----------
    predicted
        Shape (customers,).
    means
        Mean predictions of the deciles, rising, shape (deciles,).

    Returns
    -------
    numpy.ndarray
        Places in `means`, from 0, shape (customers,).
    """
    centres = np.asarray(means, dtype=np.float64)
    return np.searchsorted((centres[1:] + centres[:-1]) / 2, np.asarray(predicted, dtype=np.float64))


def _concentration(order: Floats, amount: Floats) -> float:
    """Covariance of amounts and the places of customers, of which the Gini index is a multiple."""
    return float((rankdata(order) - (len(order) + 1) / 2) @ (amount - amount.mean()))


def _columns(predicted: ArrayLike, observed: ArrayLike) -> tuple[Floats, Floats]:
    """Two columns as numbers."""
    prediction, outcome = np.asarray(predicted, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    if prediction.ndim != 1 or prediction.shape != outcome.shape or len(prediction) == 0:
        raise ValueError("predictions and outcomes must be columns of one length, and not empty")
    if not (np.isfinite(prediction).all() and np.isfinite(outcome).all()):
        raise ValueError("predictions and outcomes must be numbers, none of them missing")
    return prediction, outcome
