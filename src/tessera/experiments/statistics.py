"""Arms of experiments, as SQL sums them up, to what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from tessera.experiments.differences import (
    Difference,
    adjusted,
    always_valid_half_width,
    detectable_difference,
    difference,
    effective_people,
    mixing_variance,
    power,
    sample_ratio_p,
    with_common_variance,
)
from tessera.experiments.sums import Sums

_NUMBERS = (
    "sample_ratio_p",
    "difference",
    "difference_low",
    "difference_high",
    "always_low",
    "always_high",
    "p_value",
    "lift",
    "lift_low",
    "lift_high",
    "adjusted_difference",
    "adjusted_low",
    "adjusted_high",
    "adjusted_always_low",
    "adjusted_always_high",
    "adjusted_p_value",
    "adjusted_lift",
    "variance_reduction",
    "detectable_lift",
    "power",
    "people_needed",
)
STATISTICS = pa.schema(
    [("store_id", pa.string()), ("experiment_id", pa.string()), ("metric", pa.string()), ("arm", pa.string())]
    + [(name, pa.float64()) for name in _NUMBERS]
)
# With fewer people in an arm a mean of money is not yet near normal: intervals would promise too much.
LEAST_PEOPLE = 30
# More than all people, and still a whole number to a double.
_MOST = 1e15
_KEY = ("store_id", "experiment_id", "metric")


def experiment_statistics(arms: pa.Table) -> pa.Table:
    """Hold the arms of experiments against their controls.

    Parameters
    ----------
    arms
        One row per store, experiment, metric and arm (``store_id``, ``experiment_id``, ``metric``, ``arm``, ``arm_number``, 1
        being the control): ``arm_share``, ``people``, ``mean``, ``variance``, ``covariate_mean``, ``covariate_variance``,
        ``covariance``; ``first_people`` and ``first_variance`` are what was planned with (see `mixing_variance`),
        ``minimum_lift`` what is worth finding.

    Returns
    -------
    pyarrow.Table
        `STATISTICS`, a row for each given one; what is not known is null: all of a control but the sample ratio, and all of arms
        with too few people or of a metric without any variance.
    """
    experiments: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in arms.to_pylist():
        experiments.setdefault(tuple(row[name] for name in _KEY), []).append(row)
    rows = []
    for key in sorted(experiments):
        of_one = sorted(experiments[key], key=lambda row: row["arm_number"])
        share = [row["arm_share"] for row in of_one]
        ratio = float(sample_ratio_p([row["people"] for row in of_one], share)) if len(of_one) > 1 else np.nan
        for row in of_one:
            found = _against(of_one[0], row) if row["arm_number"] > 1 and of_one[0]["arm_number"] == 1 else {}
            rows.append({**dict(zip(_KEY, key, strict=True)), "arm": row["arm"], "sample_ratio_p": ratio, **found})
    return pa.Table.from_pylist([{name: _known(row.get(name)) for name in STATISTICS.names} for row in rows], STATISTICS)


def _known(value: Any) -> Any:
    """A finite number, in digits on which engines agree, or text; else nothing."""
    if isinstance(value, str) or value is None:
        return value
    return float(f"{value:.10g}") if np.isfinite(value) else None


def _sums(row: Mapping[str, Any]) -> Sums:
    names = ("people", "mean", "variance", "covariate_mean", "covariate_variance", "covariance")
    return Sums(*(np.asarray(0.0 if row[name] is None else row[name], dtype=float) for name in names))


def _against(first: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of an arm beside its control."""
    control, treated = _sums(first), _sums(row)
    if min(first["people"], row["people"]) < LEAST_PEOPLE or control.variance + treated.variance <= 0:
        return {}
    adjusted_control, adjusted_treated, share = adjusted(control, treated)
    control, treated = with_common_variance(control, treated)
    plain = difference(control, treated)
    cuped = difference(*with_common_variance(adjusted_control, adjusted_treated))
    people = effective_people(control.people, treated.people)
    planned = first["first_variance"] or 0.0
    mixing = mixing_variance(
        np.maximum(effective_people(first["first_people"] or 0, row["first_people"] or 0), LEAST_PEOPLE / 2),
        planned if planned > 0 else (control.variance + treated.variance) / 2,
    )
    half, adjusted_half = (always_valid_half_width(of.variance, people, mixing) for of in (plain, cuped))
    wanted = row["minimum_lift"] * plain.control
    chance = power(wanted, cuped.variance, cuped.freedom) if wanted > 0 else np.nan
    least = detectable_difference(cuped.variance, cuped.freedom)
    return {
        **_plain(plain),
        "always_low": plain.difference - half,
        "always_high": plain.difference + half,
        "adjusted_difference": cuped.difference,
        "adjusted_low": cuped.low,
        "adjusted_high": cuped.high,
        "adjusted_always_low": cuped.difference - adjusted_half,
        "adjusted_always_high": cuped.difference + adjusted_half,
        "adjusted_p_value": cuped.p_value,
        "adjusted_lift": cuped.lift,
        "variance_reduction": share,
        "detectable_lift": least / plain.control if plain.control > 0 else np.nan,
        "power": chance,
        "people_needed": np.ceil(np.minimum((control.people + treated.people) * (least / wanted) ** 2, _MOST))
        if wanted > 0
        else np.nan,
    }


def _plain(found: Difference) -> dict[str, Any]:
    return {
        "difference": found.difference,
        "difference_low": found.low,
        "difference_high": found.high,
        "p_value": found.p_value,
        "lift": found.lift,
        "lift_low": found.lift_low,
        "lift_high": found.lift_high,
    }
