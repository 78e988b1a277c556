"""Sums over the people of an arm, which is all that is needed of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Sums:
    """An arm, or arms of many experiments at once: arrays of one shape.

    Attributes
    ----------
    people
        How many.
    mean, variance
        Of the metric; the variance with n - 1.
    covariate_mean, covariate_variance, covariance
        Of what was known before the exposure, and with the metric, likewise.
    """

    people: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    covariate_mean: np.ndarray
    covariate_variance: np.ndarray
    covariance: np.ndarray


def sums_of(values: ArrayLike, covariate: ArrayLike | None = None) -> Sums:
    """Sum people up.

    Parameters
    ----------
    values
        The metric, shape (..., people).
    covariate
        What was known of them before, likewise; none is 0.

    Returns
    -------
    Sums
        Arrays of the shape (...).
    """
    given = np.asarray(values, dtype=float)
    before = np.zeros_like(given) if covariate is None else np.asarray(covariate, dtype=float)
    people = np.full(given.shape[:-1], given.shape[-1], dtype=float)
    mean, before_mean = given.mean(axis=-1), before.mean(axis=-1)
    centred, before_centred = given - mean[..., None], before - before_mean[..., None]
    freedom = np.maximum(people - 1, 1)
    return Sums(
        people,
        mean,
        (centred**2).sum(axis=-1) / freedom,
        before_mean,
        (before_centred**2).sum(axis=-1) / freedom,
        (centred * before_centred).sum(axis=-1) / freedom,
    )


def pooled(one: Sums, other: Sums) -> Sums:
    """The people of two arms as one sample; Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance"."""
    people = one.people + other.people
    weight = one.people * other.people / people
    freedom = np.maximum(people - 1, 1)

    def moment(first: np.ndarray, second: np.ndarray, apart: np.ndarray) -> np.ndarray:
        return ((one.people - 1) * first + (other.people - 1) * second + weight * apart) / freedom

    step, before_step = other.mean - one.mean, other.covariate_mean - one.covariate_mean
    return Sums(
        people,
        one.mean + step * other.people / people,
        moment(one.variance, other.variance, step**2),
        one.covariate_mean + before_step * other.people / people,
        moment(one.covariate_variance, other.covariate_variance, before_step**2),
        moment(one.covariance, other.covariance, step * before_step),
    )
