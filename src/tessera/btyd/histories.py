"""Order histories as the purchase models need them: three numbers a customer, and each distinct triple once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Distinct pairs of a frequency and a time, sorted, and which of them each history has.

    Parameters
    ----------
    frequency
        Repeat orders, shape (pairs,).
    time
        Age or recency, shape (pairs,).
    silent
        Time since the last order, shape (pairs,); 0 where pairs do not tell it.
    index
        Number of the pair of every history, shape (histories,).
    """

    frequency: Floats
    time: Floats
    silent: Floats
    index: Integers


@dataclass(frozen=True)
class Histories:
    """Distinct order histories, sorted by frequency, age and recency, so that nothing depends on the order of the rows.

    Parameters
    ----------
    frequency
        Repeat orders (orders after the first), whole, shape (histories,).
    recency
        Time from the first order to the last, 0 without a repeat order, shape (histories,).
    age
        Time from the first order to now, in the unit of `recency`, shape (histories,).
    weight
        How many customers have this history, shape (histories,).
    inverse
        Which history every customer has, in the order they came, shape (customers,).
    by_age
        The distinct pairs of frequency and age.
    by_recency
        The distinct pairs of frequency and recency.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats
    inverse: Integers
    by_age: Pairs
    by_recency: Pairs

    @cached_property
    def by_silence(self) -> Pairs:
        """The histories themselves, for a model that asks for how long somebody has been silent too."""
        return Pairs(self.frequency, self.age, self.age - self.recency, np.arange(len(self.age)))

    @property
    def customers(self) -> int:
        """Number of customers."""
        return len(self.inverse)


def group(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Histories:
    """Put customers with the same history together.

    Whole days make this worth while: a million customers of two years have a few hundred thousand triples, and far fewer
    pairs, and all that is dear in the models is a function of a pair.

    Parameters
    ----------
    frequency
        Repeat orders, whole numbers of 0 or more, shape (customers,).
    recency
        Time from the first order to the last, shape (customers,); 0 where there is no repeat order.
    age
        Time from the first order to now in the same unit, shape (customers,).

    Returns
    -------
    Histories

    Raises
    ------
    ValueError
        If there are no customers, if the shapes differ, if a value is missing, or if it is not a history: a frequency that
        is negative or not whole, a recency without a repeat order, below zero or beyond the age.
    """
    x, t_x, ages = (np.asarray(column, dtype=np.float64) for column in (frequency, recency, age))
    _check(x, t_x, ages)
    recencies, recency_code = np.unique(t_x, return_inverse=True)
    by_age = _pairs(x, ages)
    codes, inverse, counts = np.unique(by_age.index * len(recencies) + recency_code, return_inverse=True, return_counts=True)
    pair, code = np.divmod(codes, len(recencies))
    found, t_x = by_age.frequency[pair], recencies[code]
    return Histories(
        found,
        t_x,
        by_age.time[pair],
        counts.astype(np.float64),
        inverse,
        Pairs(by_age.frequency, by_age.time, by_age.silent, pair),
        _pairs(found, t_x),
    )


def thin(histories: Histories, most: int) -> Histories:
    """Every n-th customer of sorted histories, at most `most` of them: a sample without dice, to search for a start in."""
    if histories.customers <= most:
        return histories
    cumulative = np.cumsum(histories.weight)
    taken = np.searchsorted(cumulative, (np.arange(most) + 0.5) * (cumulative[-1] / most))
    return group(histories.frequency[taken], histories.recency[taken], histories.age[taken])


def _pairs(frequency: Floats, time: Floats) -> Pairs:
    """Distinct pairs of two columns."""
    times, time_code = np.unique(time, return_inverse=True)
    counts, count_code = np.unique(frequency, return_inverse=True)
    codes, index = np.unique(count_code * len(times) + time_code, return_inverse=True)
    return Pairs(counts[codes // len(times)], times[codes % len(times)], np.zeros(len(codes)), index)


def _check(x: Floats, t_x: Floats, age: Floats) -> None:
    """Refuse what is no history."""
    if x.ndim != 1 or x.shape != t_x.shape or x.shape != age.shape:
        raise ValueError("frequency, recency and age must be columns of one length")
    if len(x) == 0:
        raise ValueError("there are no customers")
    if not (np.isfinite(x).all() and np.isfinite(t_x).all() and np.isfinite(age).all()):
        raise ValueError("frequency, recency and age must be numbers, none of them missing")
    if (x < 0).any() or (x != np.floor(x)).any():
        raise ValueError("frequency must be a whole number of 0 or more")
    if (t_x < 0).any() or (t_x > age).any():
        raise ValueError("recency must lie between 0 and age")
    if ((x == 0) & (t_x > 0)).any():
        raise ValueError("recency must be 0 where there is no repeat order")
