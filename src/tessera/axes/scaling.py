"""Features in standard deviations from the mean of everybody, whatever the order in which batches of people arrive."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

_UNIT = 1130


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation (of the population, not of a sample of it) of every feature; shapes (d,)."""

    mean: np.ndarray
    std: np.ndarray

    def scale(self, values: np.ndarray) -> np.ndarray:
        """Standard deviations from the mean; shape (n, d)."""
        return (values - self.mean) / self.std

    def unscale(self, scaled: np.ndarray) -> np.ndarray:
        """Back from standard deviations to the feature's units; shape (n, d)."""
        return scaled * self.std + self.mean


class Moments:
    """Mean and standard deviation of a population that comes in batches.

    Sums are exact (integers), so that the result depends neither on the order of the rows nor on the batches. Values are
    taken less a shift near their mean, so that squares of large values do not swallow small differences.

    Parameters
    ----------
    shift
        A value of about the mean of each feature, shape (d,).
    """

    def __init__(self, shift: np.ndarray) -> None:
        self.count = 0
        self._shift = np.asarray(shift, dtype=np.float64)
        self._sums = [0] * len(self._shift)
        self._squares = [0] * len(self._shift)

    def add(self, values: np.ndarray) -> None:
        """Count more people in; shape (n, d), finite."""
        self.count += len(values)
        for feature, shift in enumerate(self._shift):
            column = values[:, feature] - shift
            self._sums[feature] += _exact_sum(column)
            self._squares[feature] += _exact_sum(column * column)

    def scaler(self) -> Scaler:
        """The scaler of everybody who was added.

        Raises
        ------
        ValueError
            If nobody was.
        """
        if not self.count:
            raise ValueError("nobody to scale by")
        unit = self.count << _UNIT
        means = [Fraction(total, unit) for total in self._sums]
        variances = [Fraction(total, unit) - mean**2 for total, mean in zip(self._squares, means, strict=True)]
        return Scaler(
            np.array([float(mean + Fraction(shift)) for mean, shift in zip(means, self._shift.tolist(), strict=True)]),
            np.sqrt([max(float(variance), 0.0) for variance in variances]),
        )


def _exact_sum(values: np.ndarray) -> int:
    """The sum of doubles without any rounding, in units of 2 ** -1130; under 2 ** 26 values at once."""
    if not len(values):
        return 0
    mantissas, exponents = np.frexp(values)
    # The 53 bits of a mantissa are two integers of 27 and 26 bits; sums of those of one exponent are exact doubles.
    high = np.trunc(mantissas * 2.0**27)
    low = (mantissas * 2.0**27 - high) * 2.0**26
    least = int(exponents.min())
    parts = (np.bincount(exponents - least, weights=part).tolist() for part in (high, low))
    return sum(
        ((int(upper) << 26) + int(lower)) << (exponent + least - 53 + _UNIT)
        for exponent, (upper, lower) in enumerate(zip(*parts, strict=True))
    )


def significant(values: ArrayLike, digits: int = 12) -> np.ndarray:
    """Doubles rounded to significant digits, and no negative zero."""
    return np.array([float(f"{value:.{digits}g}") + 0.0 for value in np.ravel(values)]).reshape(np.shape(values))
