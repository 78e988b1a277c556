"""Claims that names of segments make, and whether the members of a segment bear them out.

A claim is a measure of a feature or fact, an operator, and a number or a percentile of the store's people:
`median(orders_per_month) > p90`, `share(orders >= 3) >= 0.7` and `share(lifetime_value >= p20) >= 0.8` (of the members for whom
that holds), `mean(evening_ratio) >= 0.5` (of all their trials together), `z(refund_rate) > 0.5` (standard deviations of the
members' mean from everybody's, as the axis is fitted) and `abs_z(...)`, and `over(refund_rate) >= 0.65` (how often a member's
value is above that of somebody else on the axis; equal ones count half). Claims of a name are joined by semicolons; all must
hold. All but z speak of what was observed. Of whom a feature is not known, nothing is claimed: they do not count in medians and
means, and where they are more than half of the members there is none.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import rankdata

MEDIAN, MEAN, SHARE, Z, ABS_Z, OVER = MEASURES = ("median", "mean", "share", "z", "abs_z", "over")
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER = r"-?\d+(?:\.\d+)?"
_CLAIM = re.compile(rf"(\w+)\((\w+)(?: (=|<=|>=|<|>) (p?)({_NUMBER}))?\) (=|<=|>=|<|>) (p?)({_NUMBER})")


@dataclass(frozen=True)
class Claim:
    """One claim: what is measured of which feature, and what it must be.

    `inner` is the operator, value and whether that is a percentile (of the store's people) of a share; the last two say it of
    the claim itself.
    """

    measure: str
    feature: str
    inner: tuple[str, float, bool] | None
    operator: str
    value: float
    is_percentile: bool


def read_claims(text: str) -> list[Claim]:
    """Read the claims of a name.

    Raises
    ------
    ValueError
        If one cannot be read.
    """
    return [_claim(part.strip()) for part in text.split(";")]


def _claim(text: str) -> Claim:
    found = _CLAIM.fullmatch(text)
    if (
        found is None
        or found[1] not in MEASURES
        or (found[1] == SHARE) != (found[3] is not None)
        or (found[7] and found[1] != MEDIAN)
    ):
        raise ValueError(
            f"claim '{text}': it must read as median(feature) > 3, median(feature) > p90, mean(feature) > 3, "
            "share(feature >= 1) >= 0.7, share(feature >= p20) >= 0.7, z(feature) < -0.5, abs_z(feature) < 0.5 "
            "or over(feature) >= 0.65"
        )
    measure, feature, inner, is_inner_percentile, inner_value, sign, percentile, value = found.groups()
    return Claim(
        measure,
        feature,
        (inner, float(inner_value), bool(is_inner_percentile)) if inner else None,
        sign,
        float(value),
        bool(percentile),
    )


@dataclass(frozen=True)
class People:
    """Everybody of a store on one axis.

    Parameters
    ----------
    values
        Feature or fact -> what was observed, shape (n,), NaN where it is not known.
    scaled
        Feature of the fit -> standard deviations from everybody's mean, shape (n,), NaN where it is not known.
    segments
        Number, from 0, of the segment that each person is in, shape (n,).
    trials
        Feature -> in how many trials (orders, responses, gaps) it was observed, shape (n,), of features that are such shares or
        means.
    """

    values: Mapping[str, np.ndarray]
    scaled: Mapping[str, np.ndarray]
    segments: np.ndarray
    trials: Mapping[str, np.ndarray] = field(default_factory=dict)
    _ranked: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def z(self, segment: int, feature: str) -> float | None:
        """How far the members of a segment are from the mean of everybody; none where the feature does not vary."""
        if feature not in self.scaled:
            return None
        known = self._known(self.scaled[feature], self.segments == segment)
        return float(self.scaled[feature][known].mean()) if known.any() else None

    def median(self, feature: str, among: np.ndarray) -> float | None:
        """Median of some people (a mask); none where it is not known of most."""
        known = self._known(self.values[feature], among)
        return float(np.median(self.values[feature][known])) if known.any() else None

    def mean(self, feature: str, among: np.ndarray) -> float | None:
        """Mean of some people (a mask), of their trials together where it was observed in such; none if not known of most."""
        known = self._known(self.values[feature], among)
        if not known.any():
            return None
        weights = self.trials[feature][known] if feature in self.trials else None
        return float(np.average(self.values[feature][known], weights=weights))

    def over(self, segment: int, feature: str) -> float | None:
        """How often a member's value is above that of somebody in another segment; none where it is not known of most members.

        Equal values count half (Mann and Whitney 1947): 0.5 says that nothing sets them apart.
        """
        if feature not in self.values:
            return None
        members = self._known(self.values[feature], self.segments == segment)
        others = (self.segments != segment) & ~np.isnan(self.values[feature])
        own, rest = int(members.sum()), int(others.sum())
        if not own or not rest:
            return None
        above = self._ranks(feature)[members].sum() - own * (own + 1) / 2
        return float(above / (own * rest))

    def _ranks(self, feature: str) -> np.ndarray:
        """Ranks of those of whom a feature is known, from 1, the mean of them for equal ones; worked out once."""
        if feature not in self._ranked:
            known = ~np.isnan(self.values[feature])
            self._ranked[feature] = np.full(len(known), np.nan)
            self._ranked[feature][known] = rankdata(np.round(self.values[feature][known], 9))
        return self._ranked[feature]

    def percentile(self, feature: str, percent: float) -> float:
        """Percentile of the store's people of whom a feature is known."""
        values = self.values[feature]
        return float(np.percentile(values[~np.isnan(values)], percent))

    def _known(self, values: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Those of some people of whom there is a value, if they are half of them or more, else nobody; masks."""
        known = among & ~np.isnan(values)
        return known if 2 * known.sum() >= among.sum() else np.zeros_like(known)

    def holds(self, segment: int, claim: Claim) -> bool:
        """Whether the members of a segment bear a claim out."""
        measured = self._measured(segment, claim)
        if measured is None:
            return False
        value = claim.value
        if claim.is_percentile:
            value = self.percentile(claim.feature, claim.value)
        # a share of 7 in 10 is 0.7
        return bool(_OPERATORS[claim.operator](round(measured, 9), round(value, 9)))

    def _measured(self, segment: int, claim: Claim) -> float | None:
        if claim.measure in (Z, ABS_Z):
            z_score = self.z(segment, claim.feature)
            return abs(z_score) if z_score is not None and claim.measure == ABS_Z else z_score
        if claim.feature not in self.values or np.isnan(self.values[claim.feature]).all():
            return None
        if claim.measure == OVER:
            return self.over(segment, claim.feature)
        among = self.segments == segment
        if claim.measure in (MEDIAN, MEAN):
            return (self.median if claim.measure == MEDIAN else self.mean)(claim.feature, among)
        if claim.inner is None:
            raise ValueError(f"a {SHARE} of {claim.feature} must say of what")
        inner, value, is_percentile = claim.inner
        members = self.values[claim.feature][among]
        value = self.percentile(claim.feature, value) if is_percentile else value
        # who is not known (NaN) does not count as one for whom it holds
        return float(_OPERATORS[inner](np.round(members, 9), round(value, 9)).mean()) if len(members) else None
