"""What a demo run may be asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from tessera.demo.axes import AXES
from tessera.demo.columns import DAY


@dataclass(frozen=True)
class DemoConfig:
    """Size, time and untidiness of a demo.

    Parameters
    ----------
    customers
        People over all stores, buyers or not; purely anonymous visitors come on top.
    stores
        Number of stores. Earlier ones are bigger.
    days
        Length of the history in days.
    seed
        Everything follows from it.
    as_of
        The clock's date; history ends at its midnight UTC.
    events_per_customer, orders_per_customer
        Means that the whole demo aims at. Three visits in a hundred order: the fewer events, the fewer of the orders have a
        visit that was seen.
    separation
        Distance between the types of an axis, in multiples of the built-in centres.
    overlap
        Standard deviation within a type, on the scale on which neighbouring centres lie 1.2 to 2.4 apart.
    noise
        Share of people who fit no type.
    planted
        Names of axes, joined by commas, whose types show plainly in all that the axis looks at, while people are alike on
        the others; `all` for every axis. Empty: types of all axes are tendencies within one BG/NBD and Gamma-Gamma
        process. With planted axes nobody drops out, and `truth_parameters` describes no process.
    dirt
        Factor on every rate of dirty rows; 0 is a clean shop.
    chunk_people
        People made at once; bounds memory. Part of what defines the output, like the seed.
    """

    customers: int = 1200
    stores: int = 2
    days: int = 540
    seed: int = 7
    as_of: dt.date = dt.date(2025, 6, 30)
    events_per_customer: float = 60.0
    orders_per_customer: float = 2.0
    separation: float = 1.0
    overlap: float = 0.7
    noise: float = 0.1
    planted: str = ""
    dirt: float = 1.0
    chunk_people: int = 20_000

    def __post_init__(self) -> None:
        """Refuse a shop that cannot be."""
        checks = {
            "customers must be at least stores (one person a store)": self.customers >= self.stores,
            "stores must be between 1 and 99": 1 <= self.stores <= 99,
            "days must be at least 30": self.days >= 30,
            "seed must not be negative": self.seed >= 0,
            "as_of less days must be after 2001-01-01": self.start_date > dt.date(2001, 1, 1),
            "events_per_customer and orders_per_customer must be positive": self.events_per_customer > 0
            and self.orders_per_customer > 0,
            "separation, overlap and dirt must not be negative": min(self.separation, self.overlap, self.dirt) >= 0,
            "dirt must be at most 20": self.dirt <= 20,
            "noise must be between 0 and 1": 0 <= self.noise <= 1,
            "chunk_people must be at least 10": self.chunk_people >= 10,
            f"planted must name axes ({', '.join(AXES)}) or be all": self.planted_axes <= set(AXES),
        }
        wrong = [message for message, holds in checks.items() if not holds]
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def planted_axes(self) -> frozenset[str]:
        """Axes whose types show plainly."""
        return frozenset(AXES if self.planted == "all" else filter(None, self.planted.split(",")))

    @property
    def start_date(self) -> dt.date:
        """First day of the history."""
        return self.as_of - dt.timedelta(days=self.days)

    @property
    def end(self) -> int:
        """Midnight UTC of `as_of`, in microseconds since 1970."""
        return (self.as_of - dt.date(1970, 1, 1)).days * DAY

    @property
    def start(self) -> int:
        """Midnight UTC of the first day, in microseconds since 1970."""
        return self.end - self.days * DAY

    def people_of(self, store: int) -> int:
        """Return how many people a store has: shares fall like 1 / sqrt(rank), the first takes the rest."""
        spare = self.customers - self.stores
        weights = 1 / np.sqrt(np.arange(1, self.stores + 1))
        counts = 1 + np.floor(spare * weights / weights.sum()).astype(int)
        counts[0] += self.customers - counts.sum()
        return int(counts[store])

    def chunks_of(self, store: int) -> list[tuple[int, int]]:
        """Return (first person, people) of every chunk of a store."""
        total = self.people_of(store)
        return [(at, min(self.chunk_people, total - at)) for at in range(0, total, self.chunk_people)]

    def rng(self, store: int, chunk: int, part: int) -> np.random.Generator:
        """Return the random state of one part of one chunk: no other part or chunk moves it."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(store, chunk, part)))
