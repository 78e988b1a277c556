"""Time as it counts for orders: where the season makes half as much of a month, a month is half as long.

Buy-till-you-die models in which time is replaced by the sum of the season's index over its days (Hardie, note 040) stay what they
are; recency, age and horizon are lengths of that time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from tessera.ltv.settings import DAYS_PER_WEEK

Floats = np.ndarray
MONTHS = 12
LEAST_INDEX, MOST_INDEX = 0.05, 20.0
DAYS_AHEAD, DAYS_BEFORE = 4_000, 22_000
DIGITS = 2
"""Of weeks that a clock counts: histories that hardly differ are one."""
Season = tuple[float, ...]
"""Index of every month from January on; their mean is 1."""


def as_season(indices: Sequence[float]) -> Season:
    """Indices within bounds, of a mean of 1."""
    found = np.clip(np.asarray(indices, dtype=np.float64), LEAST_INDEX, MOST_INDEX)
    return tuple((found / found.mean()).tolist())


def written(season: Season | None) -> dict[str, float]:
    """Parameters of the ledger: index by number of the month."""
    return {} if season is None else {str(number + 1): index for number, index in enumerate(season)}


def read(parameters: Mapping[str, float]) -> Season | None:
    """A season of the ledger."""
    return tuple(parameters[str(number + 1)] for number in range(MONTHS)) if parameters else None


@dataclass(frozen=True)
class Clock:
    """Time as a season makes it, in weeks, around a cutoff.

    Parameters
    ----------
    cutoff
        Days since 1970-01-01.
    season
        Index of every month; none where days are as they are.
    """

    cutoff: int = 0
    season: Season | None = None

    @classmethod
    def at(cls, day: date, season: Season | None = None) -> Clock:
        """Around a day."""
        return cls((day - date(1970, 1, 1)).days, season)

    @cached_property
    def _ahead(self) -> Floats:
        """Weeks after the cutoff until each day after it begins."""
        return np.append(0, np.cumsum(self.index(np.arange(self.cutoff, self.cutoff + DAYS_AHEAD)))) / DAYS_PER_WEEK

    @cached_property
    def _before(self) -> Floats:
        """Weeks before the cutoff since each day before it began."""
        return np.append(0, np.cumsum(self.index(self.cutoff - 1 - np.arange(DAYS_BEFORE)))) / DAYS_PER_WEEK

    def index(self, days: Floats) -> Floats:
        """The season's index of some days."""
        months = np.asarray(days, dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64) % MONTHS
        return np.ones(len(months)) if self.season is None else np.array(self.season)[months]

    def ahead(self, weeks: Floats | float) -> Floats:
        """How long weeks after the cutoff count."""
        return np.asarray(weeks, dtype=np.float64) if self.season is None else _interpolated(self._ahead, weeks)

    def back(self, weeks: Floats) -> Floats:
        """Weeks after the cutoff that count so long; infinity beyond eleven years."""
        if self.season is None:
            return weeks
        found = np.interp(weeks, self._ahead, np.arange(len(self._ahead)) / DAYS_PER_WEEK)
        return np.where(weeks <= self._ahead[-1], found, np.inf)

    def before(self, weeks: Floats) -> Floats:
        """How long weeks before the cutoff count."""
        return weeks if self.season is None else _interpolated(self._before, weeks)


CALENDAR = Clock()
"""Days as they are."""


def _interpolated(cumulative: Floats, weeks: Floats | float) -> Floats:
    """A sum by days at some weeks, in which a day is even; beyond the last day weeks count as on the average."""
    days = np.asarray(weeks, dtype=np.float64) * DAYS_PER_WEEK
    last = len(cumulative) - 1
    return np.interp(days, np.arange(last + 1), cumulative) + np.maximum(days - last, 0) / DAYS_PER_WEEK
