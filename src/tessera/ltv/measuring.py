"""What the ledger says of a prediction on the holdout, beside two baselines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from tessera.ltv.metrics import (
    area_under_curve,
    calibration,
    chance_deviance,
    mean_absolute_error,
    normalised_gini,
    poisson_deviance,
    total_error,
)
from tessera.ltv.people import Buyers, Floats

Measures = dict[str, Any]
DIGITS = 6


def of_amount(
    predicted: Floats,
    actual: Floats,
    by_spend: Floats,
    by_rate: Floats,
    deviance: Callable[[Floats, Floats], float] = poisson_deviance,
) -> Measures:
    """Measures of orders or money.

    It beats the baselines where it has a smaller mean absolute error than both, or a greater Gini than both.

    Parameters
    ----------
    predicted, actual
        Of the holdout, shape (n,).
    by_spend, by_rate
        The two baselines, shape (n,).
    deviance
        What models of this are chosen by.
    """
    found: Measures = {
        "holdout_customers": len(actual),
        "deviance": deviance(predicted, actual),
        "total_error": total_error(predicted, actual),
        "mae": mean_absolute_error(predicted, actual),
        "gini": normalised_gini(predicted, actual),
        "calibration": _calibration(predicted, actual),
    }
    errs_less, ranks_better = [], []
    for name, baseline in (("spend", by_spend), ("rate", by_rate)):
        mae, gini = mean_absolute_error(baseline, actual), normalised_gini(baseline, actual)
        found |= {f"baseline_{name}_mae": mae, f"baseline_{name}_gini": gini}
        errs_less.append(found["mae"] < mae)
        ranks_better.append(gini is not None and found["gini"] > gini)
    return _rounded(found | {"beats_baselines": all(errs_less) or all(ranks_better)})


def of_chance(
    predicted: Floats,
    happened: Floats,
    by_recency: Floats | None = None,
    by_frequency: Floats | None = None,
) -> Measures:
    """Measures of a probability: it beats the baselines where its AUC is above theirs, and above a half.

    Parameters
    ----------
    predicted
        Probabilities, shape (n,).
    happened
        1 where it came so, else 0, shape (n,).
    by_recency, by_frequency
        Orders of the same people by one thing that is known of them, shape (n,); none where there is none to compare with.
    """
    area = area_under_curve(predicted, happened)
    found: Measures = {
        "holdout_customers": len(happened),
        "deviance": chance_deviance(predicted, happened),
        "total_error": total_error(predicted, happened),
        "mae": mean_absolute_error(predicted, happened),
        "gini": normalised_gini(predicted, happened),
        "auc": area,
        "calibration": _calibration(predicted, happened),
    }
    rivals = [0.5]
    for name, baseline in (("recency", by_recency), ("frequency", by_frequency)):
        if baseline is not None and area is not None:
            found[f"baseline_{name}_auc"] = area_under_curve(baseline, happened)
            rivals.append(found[f"baseline_{name}_auc"])
    return _rounded(found | {"beats_baselines": None if area is None else area > max(rivals)})


def money_deviance(predicted: Floats, actual: Floats) -> float:
    """Poisson deviance of money in units of its mean, whatever the currency; more returned than paid counts as nothing."""
    paid = np.maximum(actual, 0)
    unit = float(paid.mean()) or 1.0
    return poisson_deviance(predicted / unit, paid / unit)


def spend_scaled(buyers: Buyers, weeks: float) -> Floats:
    """Baseline: what was spent so far, over the age of the store's oldest customer (at least the weeks), for the weeks ahead."""
    return np.maximum(buyers.net_revenue, 0) * weeks / max(float(buyers.age.max()), weeks)


def rate_scaled(buyers: Buyers, weeks: float) -> Floats:
    """Baseline: the own rate of orders (over at least the weeks: one order of yesterday is no rate) in the weeks ahead."""
    return buyers.orders * weeks / np.maximum(buyers.age, weeks)


def _calibration(predicted: Floats, actual: Floats) -> str:
    """Deciles as JSON."""
    return json.dumps(
        [
            {"n": tenth.customers, "predicted": round(tenth.predicted, DIGITS), "actual": round(tenth.observed, DIGITS)}
            for tenth in calibration(predicted, actual)
        ]
    )


def _rounded(found: Measures) -> Measures:
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in found.items()}
