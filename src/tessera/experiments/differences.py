"""Differences between two arms, their intervals, and what could have been found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from tessera.experiments.sums import Sums, pooled

CONFIDENCE = 0.95
POWER = 0.8


@dataclass(frozen=True)
class Difference:
    """Treated less control, arrays of one shape.

    Attributes
    ----------
    control, treated
        Means.
    difference, low, high
        With its interval (Welch's t), which holds for one look at an end that was fixed before.
    p_value
        Of a difference of that size or larger where there is none, on either side.
    lift, lift_low, lift_high
        The difference / the control's mean, with an interval by the delta method on the logarithm of the ratio; not a number
        where a mean is not above 0.
    variance
        Of the difference.
    freedom
        Degrees of freedom by Welch and Satterthwaite.
    """

    control: np.ndarray
    treated: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    lift: np.ndarray
    lift_low: np.ndarray
    lift_high: np.ndarray
    variance: np.ndarray
    freedom: np.ndarray


def difference(control: Sums, treated: Sums, confidence: float = CONFIDENCE) -> Difference:
    """Compare the means of two arms.

    Parameters
    ----------
    control, treated
        Two people and more each.
    confidence
        Of the intervals.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        parts = control.variance / control.people, treated.variance / treated.people
        step, variance = treated.mean - control.mean, parts[0] + parts[1]
        freedom = _freedom(control, treated, *parts)
        quantile = stats.t.ppf((1 + confidence) / 2, freedom)
        half = quantile * np.sqrt(variance)
        p_value = 2 * stats.t.sf(np.abs(step) / np.sqrt(variance), freedom)
        ratio = np.where((control.mean > 0) & (treated.mean > 0), treated.mean / control.mean, np.nan)
        relative = parts[0] / control.mean**2, parts[1] / treated.mean**2
        factor = np.exp(
            stats.t.ppf((1 + confidence) / 2, _freedom(control, treated, *relative)) * np.sqrt(relative[0] + relative[1])
        )
        lift_low, lift_high = ratio / factor - 1, ratio * factor - 1
    return Difference(
        control.mean,
        treated.mean,
        step,
        step - half,
        step + half,
        p_value,
        ratio - 1,
        lift_low,
        lift_high,
        variance,
        freedom,
    )


def with_common_variance(control: Sums, treated: Sums) -> tuple[Sums, Sums]:
    """Give both arms the variance of all people, where that makes their difference less certain.

    Of money that few people spend an arm has a small variance when it has a small mean. By its own, a small control without a
    large order is surely less than a large arm with one: of 120 people against 1,080, a twentieth of whom spend (lognormal,
    sigma 1), Welch's test finds what is not there in 15 of 100 experiments, and of 2,000 against 18,000 in 7; with the larger
    variance in 3 or fewer. Between arms of one size both are the same.

    Returns
    -------
    control, treated
        Arms with the means that they had.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = control.people - 1, treated.people - 1
        common = (weights[0] * control.variance + weights[1] * treated.variance) / (weights[0] + weights[1])
        of_all = common / control.people + common / treated.people
        is_wider = of_all > control.variance / control.people + treated.variance / treated.people

    def arm(of: Sums) -> Sums:
        return replace(of, variance=np.where(is_wider, common, of.variance))

    return arm(control), arm(treated)


def _freedom(control: Sums, treated: Sums, of_control: np.ndarray, of_treated: np.ndarray) -> np.ndarray:
    return (of_control + of_treated) ** 2 / (of_control**2 / (control.people - 1) + of_treated**2 / (treated.people - 1))


def adjusted(control: Sums, treated: Sums) -> tuple[Sums, Sums, np.ndarray]:
    """Take out of the metric what the covariate explains (CUPED).

    Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity of online controlled experiments by utilizing pre-experiment
    data". The coefficient is that of both arms as one sample, so that the means stay comparable.

    Returns
    -------
    control, treated
        Arms of the adjusted metric, without a covariate.
    share
        The share of the variance that is gone, 0 to 1.
    """
    both = pooled(control, treated)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(both.covariate_variance > 0, both.covariance / both.covariate_variance, 0.0)
        product = both.covariate_variance * both.variance
        share = np.where(product > 0, both.covariance**2 / product, 0.0)

    def arm(of: Sums) -> Sums:
        variance = of.variance + slope**2 * of.covariate_variance - 2 * slope * of.covariance
        nothing = np.zeros_like(of.mean)
        mean = of.mean - slope * (of.covariate_mean - both.covariate_mean)
        return Sums(of.people, mean, np.maximum(variance, 0), nothing, nothing, nothing)

    return arm(control), arm(treated), share


def mixing_variance(people: ArrayLike, variance: ArrayLike, confidence: float = CONFIDENCE) -> np.ndarray:
    """The variance that makes an always-valid interval narrowest when so many people have been seen.

    Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences", section 3.5.
    Whatever it is, the interval holds as long as it is fixed before the first look.

    Parameters
    ----------
    people
        Of both arms as one number, see `effective_people`: as many as are planned.
    variance
        Of the metric, as is planned.
    """
    surprise = -2 * np.log(1 - confidence)
    return np.asarray(people, dtype=float) * np.asarray(variance, dtype=float) / (surprise + np.log(surprise + 1))


def effective_people(control: ArrayLike, treated: ArrayLike) -> np.ndarray:
    """People of both arms as one number: the variance of a difference is that of the metric over it."""
    one, other = np.asarray(control, dtype=float), np.asarray(treated, dtype=float)
    return one * other / np.maximum(one + other, 1)


def always_valid_half_width(
    variance: ArrayLike, people: ArrayLike, mixing: ArrayLike, confidence: float = CONFIDENCE
) -> np.ndarray:
    """Half the width of an interval that holds in all looks at once, so that an experiment may end when one likes.

    Robbins' mixture over normal alternatives, the mSPRT of Johari, Koomen, Pekelis and Walsh (2017), "Peeking at A/B tests". It
    is held against the sum of what was seen and its variance so far, which grows with people and with time.

    Parameters
    ----------
    variance
        Of the difference.
    people
        Of both arms as one number, see `effective_people`.
    mixing
        Of `mixing_variance`; the same in all looks.
    """
    size = np.asarray(people, dtype=float)
    fixed = np.asarray(mixing, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = size**2 * np.asarray(variance, dtype=float)
        bound = (total + fixed) * (np.log1p(total / fixed) - 2 * np.log(1 - confidence))
        return np.sqrt(bound) / size


def power(step: ArrayLike, variance: ArrayLike, freedom: ArrayLike, confidence: float = CONFIDENCE) -> np.ndarray:
    """The chance to find a difference that is there, with one look at the end.

    Parameters
    ----------
    step
        The difference.
    variance, freedom
        As in `Difference`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        quantile = stats.t.ppf((1 + confidence) / 2, freedom)
        shift = np.abs(np.asarray(step, dtype=float)) / np.sqrt(np.asarray(variance, dtype=float))
        return stats.t.sf(quantile - shift, freedom) + stats.t.cdf(-quantile - shift, freedom)


def detectable_difference(
    variance: ArrayLike, freedom: ArrayLike, confidence: float = CONFIDENCE, chance: float = POWER
) -> np.ndarray:
    """The least difference that is found with that chance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        both = stats.t.ppf((1 + confidence) / 2, freedom) + stats.t.ppf(chance, freedom)
        return both * np.sqrt(np.asarray(variance, dtype=float))


def sample_ratio_p(people: ArrayLike, shares: ArrayLike) -> np.ndarray:
    """How likely arms are as uneven as they are, or more, where everybody is drawn by the shares: Pearson's chi-square.

    Parameters
    ----------
    people, shares
        Of all arms, shape (..., arms).
    """
    counted, asked = np.asarray(people, dtype=float), np.asarray(shares, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = counted.sum(axis=-1, keepdims=True) * asked / asked.sum(axis=-1, keepdims=True)
        distance = ((counted - expected) ** 2 / expected).sum(axis=-1)
    return stats.chi2.sf(distance, counted.shape[-1] - 1)
