"""The ledger of memberships, night after night, against a plain telling of the same nights, on each engine.

Copies of the demo shop are emptied of their people; every night a made-up world (membership_world.py) writes what the models
of memberships read, and only those models run. Three nights are skipped, one is run twice, one is run with other values
and then again with the right ones, and in the end the last two are taken back and played again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from support.membership_oracle import Oracle
from support.membership_world import Group, Night, nights
from support.planted import RULE_MODELS
from support.shops import Shop, both, differences

LEDGERS = [
    f"analytics_intermediate.{name}"
    for name in ("group_calculations", "rules_met_history", "membership_changes", "movement_reasons")
]
SPELLS = "analytics_intermediate.int_membership_spells"
NIGHTLY = [
    "int_rule_results",
    "int_segment_imports",
    "rules_met_history",
    "group_calculations",
    "int_memberships_wanted",
    "membership_changes",
    "movement_reasons",
    "int_membership_spells_by_id",
    "int_membership_spells",
]
DEFINITIONS = [*RULE_MODELS, "int_groups"]
VALUES = ["total_orders", "total_revenue", "engagement_score", "email_subscribed", "last_order_at", "country"]
# Of the first few hundred the first under which every mistake that these models ever made shows within a dozen nights.
SEED = 68


def sql(value: object) -> str:
    """A value as a literal of both engines."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | Decimal):
        return str(value).lower()
    return f"timestamp '{value}'" if isinstance(value, datetime) else f"'{value}'"


def refill(table: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Statements after which a table holds these rows and no others."""
    values = ", ".join(f"({', '.join(map(sql, row))})" for row in rows)
    return f"delete from {table};" + (f"insert into {table} ({', '.join(columns)}) values {values};" if values else "")


def definitions(groups: list[Group]) -> str:
    """The statements of a night on which definitions change."""
    segments = [group for group in groups if group.kind == "segment"]
    cohorts = [group for group in groups if group.kind == "cohort"]
    return "".join(
        [
            refill(
                "analytics_seeds.custom_segment_definitions",
                [
                    "segment_id",
                    "name",
                    "segment_type",
                    "status",
                    "store_id",
                    "refresh_days",
                    "auto_refresh",
                    "expires_after_days",
                ],
                [
                    (
                        group.group_id,
                        group.group_id,
                        "rule_based" if group.rules else "manual",
                        "active" if group.is_active else "inactive",
                        group.store_id,
                        str(group.refresh_days),
                        str(group.auto_refresh).lower(),
                        group.expires_after_days and str(group.expires_after_days),
                    )
                    for group in segments
                ],
            ),
            refill(
                "analytics_seeds.custom_segment_rules",
                ["rule_id", "segment_id", "rule_group", "field", "operator", "value"],
                [
                    (rule.rule_id, group.group_id, rule.rule_group, rule.field, rule.operator, rule.value)
                    for group in segments
                    for rule in group.rules
                ],
            ),
            refill(
                "analytics_seeds.custom_cohort_definitions",
                ["cohort_id", "name", "cohort_type", "cohort_period", "status"],
                [(group.group_id, group.group_id, "behavioral", "month", "active") for group in cohorts],
            ),
            refill(
                "analytics_seeds.custom_cohort_rules",
                ["rule_id", "cohort_id", "criterion", "field", "operator", "value"],
                [
                    (rule.rule_id, group.group_id, rule.criterion, rule.field, rule.operator, rule.value)
                    for group in cohorts
                    for rule in group.rules
                ],
            ),
        ]
    )


def world(night: Night) -> str:
    """The statements that make a night's people, their ids and the lists."""
    identifiers = [
        (
            store,
            name if ":" in name else f"customer:{name}",
            name.split(":")[0] if ":" in name else "customer",
            name.split(":")[-1],
            person,
            "ok",
        )
        for (store, name), person in night.names.items()
    ]
    return "".join(
        [
            refill(
                "analytics_intermediate.customer_identities",
                ["store_id", "identifier", "identifier_type", "identifier_value", "customer_id", "status"],
                identifiers,
            ),
            refill(
                "analytics_intermediate.int_profile_facts",
                ["store_id", "customer_id", *VALUES],
                [(*key, *(values[name] for name in VALUES)) for key, values in night.people.items()],
            ),
            refill(
                "analytics_staging.base_segment_imports",
                ["store_id", "segment_slug", "customer_id", "added_at", "removed_at", "expires_at", "score", "source", "fate"],
                [
                    (
                        row.store_id,
                        row.group_id,
                        row.customer_id,
                        row.added_at,
                        row.removed_at,
                        row.expires_at,
                        row.score,
                        row.source,
                        "accepted",
                    )
                    for row in night.imports
                ],
            ),
        ]
    )


class Play:
    """One shop in which nights are played."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.groups: list[Group] = []
        seeds = ("segment_definitions", "segment_rules", "cohort_definitions", "cohort_rules")
        shop.execute(
            ";".join(
                [
                    f"delete from {table}"
                    for table in [
                        *LEDGERS,
                        SPELLS,
                        "analytics_intermediate.dominant_changes",
                        "analytics_intermediate.int_behavior_rules_met",
                        *(f"analytics_seeds.{seed}" for seed in seeds),
                    ]
                ]
            )
        )

    def run(self, night: Night, flags: Sequence[str] = (), **extra_vars: object) -> None:
        """Write what the night is made of, and run it."""
        changed = night.groups != self.groups
        self.shop.execute(world(night) + (definitions(night.groups) if changed else ""))
        self.groups = night.groups
        self.shop.dbt(
            "run",
            *flags,
            "--select",
            *(DEFINITIONS if changed else []),
            *NIGHTLY,
            as_of=str(night.as_of),
            refresh_segments=night.refresh_segments,
            is_night=True,
            **extra_vars,
        )

    def spells(self) -> set[tuple]:
        """What the models say of everybody's times as a member."""
        rows = self.shop.rows(
            f"select store_id, kind, group_id, customer_id, joined_at, left_at, joined_reason, left_reason, "
            f"score, source, expires_at from {SPELLS}"
        )
        assert len(set(rows)) == len(rows)
        return set(rows)

    def moved(self) -> dict[tuple, tuple]:
        """Why the models say that rules moved somebody."""
        key = "store_id, kind, group_id, customer_id, as_of"
        return {
            row[:5]: row[5:]
            for row in self.shop.rows(
                f"select {key}, reasons.moved_rules, reasons.moved_fields from {LEDGERS[2]} "
                f"left join {LEDGERS[3]} as reasons using ({key}) where reason = 'criteria' and not is_reset"
            )
        }

    def ledgers(self, before: datetime | None = None) -> list[list[tuple]]:
        """The rows of the ledgers, all of them or those of the nights before one."""
        queries = [f"select * from {ledger} where as_of < timestamp '{before or datetime.max}'" for ledger in LEDGERS]
        return [sorted(rows, key=repr) for rows in self.shop.rows_of(queries)]


def agrees(play: Play, oracle: Oracle, night: Night) -> None:
    """The models and the oracle say the same; else what each says of the first few that differ."""
    got, expected = play.spells(), oracle.told()
    assert got == expected, "\n".join(
        [
            f"{play.shop.target}, night {night.as_of}: {len(got - expected)} of the models', "
            f"{len(expected - got)} of the oracle's",
            *(
                f"{who}: {row}"
                for who, rows in (("models", got - expected), ("oracle", expected - got))
                for row in sorted(rows, key=repr)[:8]
            ),
        ]
    )
    got, expected = play.moved(), oracle.moved
    assert got == expected, [
        (key, got.get(key), expected.get(key)) for key in sorted({*got, *expected}, key=repr) if got.get(key) != expected.get(key)
    ][:8]


def other_values(night: Night) -> Night:
    """The same night with other people's values: what a run says before somebody mends its input."""
    people = list(night.people)
    shuffled = random.Random(1).sample(list(night.people.values()), len(people))
    return replace(night, people=dict(zip(people, shuffled, strict=True)))


def play_all(shop: Shop, count: int) -> None:
    """All nights in one shop; the oracle hears of them once, in order."""
    played = nights(count, SEED)
    oracle = Oracle()
    twice, mended, back = 5, 7, count - 2
    play = Play(shop)
    for number, night in enumerate(played):
        if number == mended:
            before = play.ledgers()
            wrong = oracle.copy()
            play.run(other_values(night))
            wrong.tell(other_values(night))
            agrees(play, wrong, night)
            assert play.ledgers(before=night.as_of) == before
        play.run(night)
        oracle.tell(night)
        agrees(play, oracle, night)
        if number == mended:
            assert play.ledgers(before=night.as_of) == before
        if number == twice:
            before = play.ledgers()
            play.run(night)
            assert play.ledgers() == before
            agrees(play, oracle, night)
    first_time = play.ledgers()
    for number in range(back, count):
        play.run(played[number], **({"rebuild_from": str(played[back].as_of)} if number == back else {}))
    assert play.ledgers() == first_time
    play.run(played[-1], flags=["--full-refresh"])
    assert play.ledgers() == first_time
    agrees(play, oracle, played[-1])


def same_nights(shops: list[Shop], count: int) -> None:
    """Both engines play the nights side by side and end with the same ledgers."""
    both(shops, lambda shop: play_all(shop, count))
    assert differences(*shops, tables=[*LEDGERS, SPELLS]) == []


def test_a_dozen_nights_give_what_an_oracle_tells(demo_copies: Callable[[str], list[Shop]]) -> None:
    same_nights(demo_copies("dozen_nights"), 12)


@pytest.mark.torture
def test_sixty_nights_give_what_an_oracle_tells(demo_copies: Callable[[str], list[Shop]]) -> None:
    same_nights(demo_copies("sixty_nights"), 60)


def test_the_nights_hold_what_makes_them_hard() -> None:
    oracle = Oracle()
    played = nights(12, SEED)
    for night in played:
        oracle.tell(night)
    told = oracle.told()
    assert {row[6] for row in told} == {"criteria", "added", "merged"}
    assert {row[7] for row in told} == {None, "criteria", "removed", "expired", "inactive", "merged", "gone"}
    assert {row[9] for row in told} == {"automatic", "manual", "import"}
    often = {}
    for row in told:
        often[row[:4]] = often.get(row[:4], 0) + 1
    assert sum(times > 1 for times in often.values()) > 50
    assert any(state.waits for state in oracle.now.values())
