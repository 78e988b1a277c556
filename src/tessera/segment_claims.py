"""Claims that names of segments make, and whether the members of a segment bear them out.

A claim is a measure of a feature or fact, an operator, and a number or a percentile of the store's people:
`median(orders_per_month) > p90`, `share(orders >= 3) >= 0.7` (of the members for whom that holds), `z(refund_rate) > 0.5`
(standard deviations from the mean of everybody) and `abs_z(...)`. Claims of a name are joined by semicolons; all must hold.
Of whom a feature is not known, nothing is claimed: they do not count in medians and means, and where they are more than half
of the members there is none.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

MEDIAN, SHARE, Z, ABS_Z = MEASURES = ("median", "share", "z", "abs_z")
_OPERATORS: dict[str, Callable] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NUMBER = r"-?\d+(?:\.\d+)?"
_CLAIM = re.compile(rf"(\w+)\((\w+)(?: (=|<=|>=|<|>) ({_NUMBER}))?\) (=|<=|>=|<|>) (p?)({_NUMBER})")


@dataclass(frozen=True)
class Claim:
    """One claim: what is measured of which feature, and what it must be; a value that is a percentile is that of the store."""

    measure: str
    feature: str
    inner: tuple[str, float] | None
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
    if found is None or found[1] not in MEASURES or (found[1] == SHARE) != (found[3] is not None) or (
            found[6] and found[1] != MEDIAN):
        raise ValueError(f"claim '{text}': it must read as median(feature) > 3, median(feature) > p90, "
                         "share(feature >= 1) >= 0.7, z(feature) < -0.5 or abs_z(feature) < 0.5")
    measure, feature, inner, inner_value, sign, percentile, value = found.groups()
    return Claim(measure, feature, (inner, float(inner_value)) if inner else None, sign, float(value), bool(percentile))


@dataclass(frozen=True)
class People:
    """Everybody of a store on one axis.

    Parameters
    ----------
    values
        Feature or fact -> its values, shape (n,), NaN where it is not known.
    scaled
        Feature of the fit -> standard deviations from everybody's mean, shape (n,), NaN where it is not known.
    segments
        Place of the segment that each person is in, shape (n,).
    """

    values: Mapping[str, np.ndarray]
    scaled: Mapping[str, np.ndarray]
    segments: np.ndarray

    def z(self, place: int, feature: str) -> float | None:
        """How far the members of a segment are from the mean of everybody; none where the feature does not vary."""
        known = self._known(self.scaled[feature], place) if feature in self.scaled else None
        return None if known is None else float(known.mean())

    def median(self, place: int, feature: str) -> float | None:
        """Median of the members; none where it is not known of most."""
        known = self._known(self.values[feature], place)
        return None if known is None else float(np.median(known))

    def mean(self, place: int, feature: str) -> float | None:
        """Mean of the members; none where it is not known of most."""
        known = self._known(self.values[feature], place)
        return None if known is None else float(known.mean())

    def of_store(self, feature: str) -> np.ndarray:
        """What is known of everybody."""
        values = self.values[feature]
        return values[~np.isnan(values)]

    def _known(self, values: np.ndarray, place: int) -> np.ndarray | None:
        """Values of those members of whom there is one, if they are half of the members or more."""
        members = values[self.segments == place]
        known = members[~np.isnan(members)]
        return known if len(known) and 2 * len(known) >= len(members) else None

    def holds(self, place: int, claim: Claim) -> bool:
        """Whether the members of a segment bear a claim out."""
        measured = self._measured(place, claim)
        if measured is None:
            return False
        value = claim.value
        if claim.is_percentile:
            value = float(np.percentile(self.of_store(claim.feature), claim.value))
        # a share of 7 in 10 is 0.7
        return bool(_OPERATORS[claim.operator](round(measured, 9), round(value, 9)))

    def _measured(self, place: int, claim: Claim) -> float | None:
        if claim.measure in (Z, ABS_Z):
            z_score = self.z(place, claim.feature)
            return abs(z_score) if z_score is not None and claim.measure == ABS_Z else z_score
        if claim.feature not in self.values:
            return None
        if claim.measure == MEDIAN:
            return self.median(place, claim.feature)
        inner, value = claim.inner
        members = self.values[claim.feature][self.segments == place]
        # who is not known (NaN) does not count as one for whom it holds
        return float(_OPERATORS[inner](np.round(members, 9), value).mean()) if len(members) else None
