"""A made-up world for the ledger of memberships: about sixty people of two stores; their values, ids and lists change nightly.

Segments and cohorts are few, and each has one thing that makes its members come and go differently from the others.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

STORES = ("store_1", "store_2")
START = datetime(2025, 7, 10)
SKIPPED = (3, 9, 10)


@dataclass(frozen=True)
class Rule:
    """One condition over a person's values; rules of a rule_group are ANDed, groups ORed, and a blank one must always hold."""

    rule_id: str
    field: str
    operator: str
    value: str | None
    rule_group: str | None = None
    criterion: str = "entry"


@dataclass(frozen=True)
class Group:
    """A segment or cohort as a marketer defines it."""

    kind: str
    group_id: str
    rules: tuple[Rule, ...]
    refresh_days: int = 1
    auto_refresh: bool = True
    expires_after_days: int | None = None
    store_id: str | None = None
    is_active: bool = True


@dataclass
class Import:
    """One row of a list that somebody keeps; customer_id is the shop's, not the person's."""

    store_id: str
    group_id: str
    customer_id: str
    added_at: datetime
    removed_at: datetime | None
    expires_at: datetime | None
    score: Decimal | None
    source: str


@dataclass
class Night:
    """All that one night is made of."""

    as_of: datetime
    groups: list[Group]
    # (store, id of whenever) -> id of the person it is tonight; who is in none of them is gone
    names: dict[tuple[str, str], str]
    people: dict[tuple[str, str], dict[str, object]]
    imports: list[Import]
    refresh_segments: list[str] = field(default_factory=list)


def groups_of(number: int) -> list[Group]:
    """The definitions of a night: every dozen nights one rests for a while, and one has other rules from its seventh on."""
    turn, inverted = number % 12, number // 12 % 2 == 1
    rewritten = (Rule("rewritten-1", "engagement_score", "greater_or_equal", "55"),)
    if (turn >= 7) != inverted:
        rewritten = (
            Rule("rewritten-1", "engagement_score", "greater_or_equal", "35"),
            Rule("rewritten-2", "email_subscribed", "equals", "true"),
        )
    return [
        Group(
            "segment",
            "steady",
            (Rule("steady-1", "total_orders", "greater_or_equal", "3"), Rule("steady-2", "total_revenue", "greater_than", "100")),
        ),
        Group(
            "segment",
            "either",
            (
                Rule("either-1", "engagement_score", "greater_than", "60", "a"),
                Rule("either-2", "email_subscribed", "equals", "true", "b"),
                Rule("either-3", "engagement_score", "less_than", "40", "b"),
            ),
        ),
        Group(
            "segment",
            "unknown",
            (
                Rule("unknown-1", "last_order_at", "is_null", None, "a"),
                Rule("unknown-2", "last_order_at", "less_than", "20 days ago", "b"),
            ),
        ),
        Group("segment", "recent", (Rule("recent-1", "last_order_at", "greater_than", "3 days ago"),)),
        Group("segment", "weekly", (Rule("weekly-1", "engagement_score", "greater_or_equal", "50"),), refresh_days=7),
        Group("segment", "fleeting", (Rule("fleeting-1", "engagement_score", "greater_than", "40"),), expires_after_days=5),
        Group(
            "segment",
            "seldom-fleeting",
            (Rule("seldom-fleeting-1", "total_orders", "less_than", "4"),),
            refresh_days=3,
            expires_after_days=4,
        ),
        Group("segment", "by-hand", ()),
        Group("segment", "local", (Rule("local-1", "country", "in", "us|de"),), store_id="store_1"),
        Group(
            "segment",
            "resting",
            (Rule("resting-1", "engagement_score", "less_or_equal", "50"),),
            refresh_days=2,
            is_active=turn not in (4, 5, 6),
        ),
        Group("segment", "rewritten", rewritten, auto_refresh=False),
        Group(
            "cohort",
            "regulars",
            (
                Rule("regulars-in", "total_orders", "greater_or_equal", "3"),
                Rule("regulars-out", "engagement_score", "less_than", "35", criterion="exit"),
            ),
        ),
        Group("cohort", "for-good", (Rule("for-good-in", "total_revenue", "greater_or_equal", "400"),)),
    ]


class World:
    """Makes one night after the other; the seed says everything."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names: dict[tuple[str, str], str] = {}
        self.people: dict[tuple[str, str], dict[str, object]] = {}
        self.imports: list[Import] = []
        self.merged: list[tuple[str, str, str]] = []
        self.gone: list[tuple[str, str, dict[str, object]]] = []
        self.newcomers = 0
        for store in STORES:
            for number in range(30):
                self._arrive(store, f"{number + 101}" if number < 27 else f"anon:{number}")

    def night(self, number: int, as_of: datetime) -> Night:
        """The next night; number counts the nights that are built, and the first dozen holds one of everything."""
        self.as_of = as_of
        if number:
            self._walk()
            for what, first in (
                (self._merge, (1, 2, 5, 7, 9)),
                (self._rename, (3,)),
                (self._vanish, (4,)),
                (self._return, (8,)),
                (self._split, (6, 10)),
            ):
                if number in first or (number > 11 and self.random.random() < 0.3):
                    what()
            if self.random.random() < 0.5:
                self.newcomers += 1
                self._arrive(self.random.choice(STORES), f"{500 + self.newcomers}")
            for store in STORES:
                for _ in range(12 - sum(at == store for at, _ in self.people)):
                    self.newcomers += 1
                    self._arrive(store, f"{500 + self.newcomers}")
        for person in self.people.values():
            if self.random.random() < 0.15:
                person["last_order_at"] = as_of - timedelta(minutes=self.random.randrange(1, 40 * 1440))
        self._keep_lists(as_of)
        refresh = ["rewritten", "weekly"] if number % 12 == 9 else []
        return copy.deepcopy(Night(as_of, groups_of(number), self.names, self.people, self.imports, refresh))

    def _arrive(self, store: str, name: str) -> None:
        self.names[store, name] = name
        self.people[store, name] = {
            "total_orders": self.random.randrange(6),
            "total_revenue": Decimal(self.random.randrange(60000)) / 100,
            "engagement_score": self.random.randrange(101),
            "email_subscribed": self.random.choice([True, False, None]),
            "last_order_at": None,
            "country": self.random.choice(["us", "de", "fr", None]),
        }

    def _walk(self) -> None:
        for person in self.people.values():
            steps = {
                "total_orders": (self.random.choice([0, 0, -1, 1]), 6),
                "total_revenue": (self.random.randrange(-60, 61), 600),
                "engagement_score": (self.random.randrange(-22, 23), 100),
            }
            for name, (step, most) in steps.items():
                person[name] = min(max(person[name] + step, 0), most)
            if self.random.random() < 0.1:
                person["email_subscribed"] = self.random.choice([True, False, None])
            if self.random.random() < 0.05:
                person["country"] = self.random.choice(["us", "de", "fr", None])

    def _merge(self) -> None:
        """Four pairs turn out to be one person each; mostly the smaller id stays, and lists may lose what is there twice."""
        for _ in range(4):
            store = self.random.choice(STORES)
            stays, goes = sorted(self.random.sample(sorted(id_ for at, id_ in self.people if at == store), 2))
            if self.random.random() < 0.2:
                stays, goes = goes, stays
            self._give(store, goes, stays)
            self.merged.append((store, stays, goes))
            for row in self.imports:
                if (row.store_id, row.customer_id) == (store, goes) and self.random.random() < 0.5:
                    row.removed_at = row.removed_at or self.as_of - timedelta(minutes=1)

    def _split(self) -> None:
        """The earliest pair that still is one person is two again: the id that went is a person of its own."""
        for pair in self.merged:
            store, stays, goes = pair
            if self.names.get((store, goes)) == stays and (store, stays) in self.people:
                self._arrive(store, goes)
                self.merged.remove(pair)
                return

    def _rename(self) -> None:
        """A device turns out to be a customer of whom nothing was known; the person's id is another one."""
        for store, name in sorted(self.people):
            if name.startswith("anon:"):
                self.newcomers += 1
                self._arrive(store, f"{500 + self.newcomers}")
                self.people[store, f"{500 + self.newcomers}"] = dict(self.people[store, name])
                self._give(store, name, f"{500 + self.newcomers}")
                if self.random.random() < 0.5:
                    return

    def _vanish(self) -> None:
        """Two people with all their ids are gone."""
        for store, name in self.random.sample(sorted(self.people), 2):
            self.gone.append((store, name, self.people.pop((store, name))))
            for key in [key for key, person in self.names.items() if key[0] == store and person == name]:
                del self.names[key]

    def _return(self) -> None:
        """One who was gone is back."""
        if self.gone:
            store, name, values = self.gone.pop()
            self.people[store, name], self.names[store, name] = values, name

    def _give(self, store: str, goes: str, stays: str) -> None:
        """All ids of one person are another's."""
        del self.people[store, goes]
        for key, person in self.names.items():
            if key[0] == store and person == goes:
                self.names[key] = stays

    def _keep_lists(self, as_of: datetime) -> None:
        for _ in range(14):
            store, name = self.random.choice(sorted(key for key in self.names if ":" not in key[1]))
            earlier = self.random.choice(self.imports) if self.imports and self.random.random() < 0.3 else None
            self.imports.append(
                Import(
                    earlier.store_id if earlier else store,
                    earlier.group_id
                    if earlier
                    else self.random.choice(
                        [
                            "by-hand",
                            "by-hand",
                            "steady",
                            "fleeting",
                            "fleeting",
                            "seldom-fleeting",
                            "resting",
                            "weekly",
                            "local",
                            "regulars",
                            "no-such-segment",
                        ]
                    ),
                    earlier.customer_id if earlier else name,
                    as_of + timedelta(minutes=self.random.randrange(-1440, 600)),
                    None,
                    as_of + timedelta(minutes=self.random.choice([60, 1440, 2880, 4000])) if self.random.random() < 0.4 else None,
                    self.random.choice([None, Decimal("0.25"), Decimal("0.50"), Decimal("1.00")]),
                    self.random.choice(["manual", "import"]),
                )
            )
        for row in self.random.sample(self.imports, len(self.imports) // 8):
            row.removed_at = row.removed_at or as_of + timedelta(minutes=self.random.choice([-30, 0, 700]))


def nights(count: int, seed: int) -> list[Night]:
    """So many nights, a day apart but for three that were skipped."""
    days = [day for day in range(count + len(SKIPPED)) if day not in SKIPPED]
    world = World(seed)
    return [world.night(number, START + timedelta(days=day)) for number, day in enumerate(days)]
