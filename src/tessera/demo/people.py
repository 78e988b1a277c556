"""People of a store: traits, accounts, devices, and the tables that describe them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit

from tessera.demo import axes
from tessera.demo.columns import DAY, hex_id, joined, nulls_where, pick, scramble, text, unit
from tessera.demo.config import DemoConfig
from tessera.demo.habits import Habits, draw_habits
from tessera.demo.names import first_names, last_names
from tessera.demo.shop import Store

MAX_DEVICES = 3
SECOND_ACCOUNT = 500_000_000  # added to a person's number in the id of a second account


@dataclass
class People:
    """A chunk of people, one array element a person; day numbers count from the start of the history."""

    store: Store
    chunk: int
    first: int
    number: np.ndarray
    is_noise: np.ndarray
    latent: dict[str, axes.Latent]
    acquired_day: np.ndarray
    first_season_day: np.ndarray
    buying_days: np.ndarray
    is_buyer: np.ndarray
    has_account: np.ndarray
    has_email: np.ndarray
    has_phone: np.ndarray
    has_second_account: np.ndarray
    shares_email: np.ndarray
    do_not_track: np.ndarray
    created_day: np.ndarray
    city: np.ndarray
    devices: np.ndarray
    borrows: np.ndarray
    habits: Habits
    left_list: np.ndarray

    def __len__(self) -> int:
        """Count the people."""
        return len(self.number)

    def level(self, axis: str) -> np.ndarray:
        """Return the position on an ordered axis, shape (n,)."""
        return self.latent[axis].level

    def plain(self, axis: str) -> np.ndarray:
        """Return the position on an ordered axis whose types show plainly, 0 on any other, shape (n,)."""
        return self.level(axis) * (axis in self.store.config.planted_axes)

    def weights(self, axis: str) -> np.ndarray:
        """Return the preferences on an axis without order, shape (n, types)."""
        return self.latent[axis].weights

    # Columns by person; `at` chooses people by their place in the chunk, -1 is nobody.

    def customer_ids(self, at: np.ndarray) -> pa.Array:
        """Return customer ids; they repeat over stores, as numbers of separate shops do."""
        return pick(joined("c", text(1_000_001 + self.number)), at)

    def emails(self, at: np.ndarray) -> pa.Array:
        """Return e-mail addresses; people of a household share one."""
        owner = np.where(self.shares_email, self.number - 1, self.number)
        first, last = first_names(self._called(owner)), last_names(self._called(owner))
        made = joined(pc.utf8_lower(first), ".", pc.utf8_lower(last), text(owner), "@mail.example")
        return pick(nulls_where(made, ~self.has_email), at)

    def names(self, at: np.ndarray) -> tuple[pa.Array, pa.Array]:
        """Return first and last names; people of a household share the last."""
        owner = np.where(self.shares_email, self.number - 1, self.number)
        return pick(first_names(self._called(self.number)), at), pick(last_names(self._called(owner)), at)

    def _called(self, number: np.ndarray) -> np.ndarray:
        return number + 1_000_003 * self.store.index

    def phones(self) -> pa.Array:
        """Return phone numbers as digits with a leading +."""
        country = "+1555" if self.store.is_pixel else "+491555"
        made = joined(country, pc.utf8_lpad(text(self.number + 100_000), 8, "0"))
        return nulls_where(made, ~self.has_phone)

    def person_ids(self) -> pa.Array:
        """Return the ids by which the truth tables know people."""
        return joined("person-", text(self.number))

    def device_codes(self, at: np.ndarray, slot: np.ndarray | int) -> np.ndarray:
        """Return codes of people's devices, unique in the store."""
        return self.number[at] * MAX_DEVICES + slot


def device_ids(code: np.ndarray) -> pa.Array:
    """Return the anonymous_id of devices; visitors have negative codes, -1 is no device."""
    visible = hex_id(scramble(code.astype(np.int64).view(np.uint64) ^ np.uint64(0xD0D0)), "anon-")
    return nulls_where(visible, code == -1)


def buyer_share(config: DemoConfig) -> float:
    """Return the share of people who would ever order, given the time.

    About half of those whom a shop knows only ever look, read or subscribe; where types are to show plainly, most order.
    """
    return min(0.82 if config.planted_axes else 0.53, 0.8 * config.orders_per_customer)


def draw_people(store: Store, chunk: int, count: int, first: int = 0) -> People:
    """Draw a chunk of people.

    Parameters
    ----------
    store
        Their store.
    chunk
        Number of the chunk; -1 is the sample by which the store's purchase rate is found.
    count, first
        How many, and the number of the first.
    """
    config = store.config
    rng = config.rng(store.index, chunk + 1, 0)
    number = first + np.arange(count)
    is_noise = rng.random(count) < config.noise
    planted = config.planted_axes
    latent = axes.draw(rng, is_noise, config.separation, config.overlap, config.noise, planted)

    maturity, scatter = latent["customer_maturity"].level, rng.standard_normal(count)
    if not planted:
        tenure = expit(1.2 * maturity + 0.3 * scatter)
    elif "customer_maturity" in planted:
        tenure = 0.48 + 0.33 * maturity
    else:
        # Long enough that everybody has a past to compare with.
        tenure = expit(2.2 + 0.3 * scatter)
    acquired_day = config.days * (1 - np.clip(tenure, 0.01, 0.995))
    season_end = float(config.days)
    first_season_day = store.season_time(acquired_day) + rng.exponential(6.0, count)
    buying_days = np.maximum(season_end - 1 - first_season_day, 0.0)

    is_buyer = (rng.random(count) < buyer_share(config)) & (buying_days > 0)
    has_account = rng.random(count) < np.where(is_buyer, 0.94, 0.8)
    has_email = ~has_account | (rng.random(count) < 0.97)
    even = number % 2 == 0
    shares_email = ~even & (np.arange(count) > 0) & (unit(number + 7_000_003) < 0.01) & has_account & has_email
    first_day = store.calendar_time(np.minimum(first_season_day, season_end))
    created_day = acquired_day + rng.random(count) * np.maximum(np.minimum(first_day, config.days) - acquired_day, 0)
    return People(
        store=store,
        chunk=chunk,
        first=first,
        number=number,
        is_noise=is_noise,
        latent=latent,
        acquired_day=acquired_day,
        first_season_day=first_season_day,
        buying_days=buying_days,
        is_buyer=is_buyer,
        has_account=has_account,
        has_email=has_email,
        has_phone=has_account & (rng.random(count) < 0.6),
        has_second_account=has_account & (rng.random(count) < 0.01),
        shares_email=shares_email,
        do_not_track=has_account & (rng.random(count) < 0.01),
        created_day=np.minimum(created_day, config.days - 0.5),
        city=rng.choice(len(store.cities), count, p=[0.3, 0.2, 0.16, 0.14, 0.12, 0.08]),
        devices=1 + (rng.random(count) < 0.35) + (rng.random(count) < 0.1),
        borrows=rng.random(count) < 0.015,
        left_list=np.full(count, np.iinfo(np.int64).max),
        habits=draw_habits(
            config.rng(store.index, chunk + 1, 12),
            number,
            is_buyer,
            has_account & has_email & (not planted),
            acquired_day,
            config.days,
        ),
    )


def local_moment(rng: np.random.Generator, people: People, at: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Choose local day and second near given days by people's purchase cadence.

    Parameters
    ----------
    at
        Places of people, shape (m,).
    day
        Calendar days since the start, shape (m,).

    Returns
    -------
    day, second
        Whole local days, at most three from the given ones, and seconds of the day; shape (m,).
    """
    store, m = people.store, len(at)
    weights = people.weights("purchase_cadence")[at]
    habit = (rng.random(m)[:, None] > np.cumsum(weights, axis=1)[:, :-1]).sum(axis=1)
    # A fifth of everything comes at any time; where cadence is planted, little.
    anytime = 0.05 if "purchase_cadence" in store.config.planted_axes else 0.2
    habit = np.where(rng.random(m) < anytime, 3, habit)
    day = np.clip(np.floor(day), 0, store.config.days - 1).astype(np.int64)
    weekday = store.weekday[day]
    wanted = np.where(habit == 2, rng.integers(5, 7, m), rng.integers(0, 5, m))
    shift = (wanted - weekday + 3) % 7 - 3
    stays = (habit == 3) | ((habit == 2) & (weekday >= 5)) | ((habit < 2) & (weekday < 5))
    day = day + np.where(stays, 0, shift)
    out = day >= store.config.days
    day = np.clip(np.where(out, day - 7, day), 0, store.config.days - 1)
    low = np.array([9.0, 18.0, 10.0, 6.5])[habit]
    high = np.array([17.0, 24.0, 20.0, 24.0])[habit]
    return day, np.minimum((low + (high - low) * rng.random(m)) * 3600, DAY // 1_000_000 - 1)
