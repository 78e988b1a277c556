"""Customer journeys: the stages of the demo shop, worked out again in plain Python, rule by rule."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median

import pytest

from support.shops import Shop, differences

STAGES = ("awareness", "consideration", "decision", "retention", "advocacy")
# The rules that the seed is delivered with: (stage, criterion, value).
RULES = [
    ("awareness", "first_seen", None),
    ("consideration", "event", "product_view"),
    ("consideration", "event", "search"),
    ("consideration", "event", "cart_view"),
    ("consideration", "event", "add_to_cart"),
    ("decision", "event", "checkout_start"),
    ("decision", "order_number", "1"),
    ("retention", "order_number", "2"),
    ("retention", "days_after_order", "60"),
    ("advocacy", "event_after_order", "review"),
    ("advocacy", "event_after_order", "share"),
    ("advocacy", "event_after_order", "referral"),
]
TABLES = ["int_journey_events", "int_journey_entries", "int_journey_stages"]
MARTS = ["customer_journey_stages", "journey_transitions", "journey_funnel"]

Person = tuple[str, str]
Stays = dict[Person, list[tuple[str, datetime]]]


class History:
    """What one shop knows of its persons: when they were first seen, their orders and their events."""

    def __init__(self, shop: Shop) -> None:
        self.as_of = datetime.fromisoformat(str(shop.vars["as_of"]))
        self.first_seen: dict[Person, datetime] = {}
        self.orders: dict[Person, list[datetime]] = defaultdict(list)
        self.events: dict[tuple[Person, str], list[datetime]] = defaultdict(list)
        persons = {
            (store, identifier): (store, customer)
            for store, identifier, customer in shop.rows(
                "select store_id, identifier, customer_id from analytics_intermediate.customer_identities"
            )
        }
        for store, identifier, event_type, occurred_at in shop.rows("""
                select store_id, person_identifier, event_type, occurred_at
                from analytics_intermediate.int_events_enriched where fate = 'accepted' and is_own_act"""):
            if (store, identifier) in persons:
                self.events[persons[store, identifier], event_type].append(occurred_at)
        for store, customer, ordered_at in shop.rows("""
                select store_id, customer_id, ordered_at from analytics_intermediate.int_orders
                where not is_test and cancelled_at is null and customer_id is not null order by ordered_at"""):
            self.orders[store, customer].append(ordered_at)
        for store, customer, first_seen in shop.rows(
            "select store_id, customer_id, first_seen_at from analytics.customer_behavior_summary"
        ):
            if first_seen is not None:
                self.first_seen[store, customer] = first_seen

    def met(self, person: Person, criterion: str, value: str | None) -> datetime | None:
        """When a person first met a rule; None where that was not before as_of."""
        orders = self.orders.get(person, [])
        times: list[datetime] = []
        if criterion == "first_seen":
            times = [self.first_seen[person]]
        elif criterion == "event":
            times = self.events.get((person, value), [])
        elif criterion == "event_after_order":
            times = [time for time in self.events.get((person, value), []) if orders and time > orders[0]]
        elif criterion == "order_number":
            times = orders[int(value) - 1 : int(value)]
        elif criterion == "days_after_order":
            pauses = [time + timedelta(days=int(value)) for time in orders]
            following = [*orders[1:], datetime.max]
            times = [pause for pause, order in zip(pauses, following, strict=False) if order > pause]
        return min((time for time in times if time < self.as_of), default=None)

    def stays(self, rules: list[tuple]) -> Stays:
        """The stages that every person was in, with the time of entry: forward only, a skipped one is not there."""
        found = {}
        for person in self.first_seen:
            entries: dict[str, datetime] = {}
            for stage, criterion, value in rules:
                time = self.met(person, criterion, value)
                if time is not None:
                    entries[stage] = min(time, entries.get(stage, time))
            path: list[tuple[str, datetime]] = []
            for stage in reversed([stage for stage in STAGES if stage in entries]):
                if not path or entries[stage] <= path[0][1]:
                    path.insert(0, (stage, entries[stage]))
            found[person] = path
        return found


@pytest.fixture(scope="module")
def histories(demo: list[Shop]) -> list[tuple[Shop, History]]:
    return [(shop, History(shop)) for shop in demo]


def test_the_stages_are_those_of_plain_python(histories):
    for shop, history in histories:
        expected = set()
        for (store, customer), path in history.stays(RULES).items():
            stages = [stage for stage, _ in path]
            for place, (stage, entered_at) in enumerate(path):
                left_at = path[place + 1][1] if place + 1 < len(path) else None
                expected.add(
                    (
                        store,
                        customer,
                        stage,
                        STAGES.index(stage) + 1,
                        entered_at,
                        left_at,
                        left_at is None,
                        stages[place - 1] if place else None,
                        stages[place + 1] if left_at else None,
                    )
                )
        found = shop.rows("""
            select store_id, customer_id, stage, stage_rank, entered_at, left_at, is_current, previous_stage, next_stage
            from analytics_intermediate.int_journey_stages""")
        assert len(found) == len(set(found))
        assert sorted(set(found) ^ expected, key=str) == []


def test_every_rule_leads_whom_it_should(histories):
    for shop, history in histories:
        expected = set()
        for person in history.first_seen:
            for rule in RULES:
                time = history.met(person, *rule[1:])
                if time is not None:
                    expected.add((*person, *rule, time))
        assert {row[2:5] for row in expected} == set(RULES), "the demo shop holds everything that the rules ask for"
        found = shop.rows("""
            select store_id, customer_id, entries.stage, entries.criterion, value, met_at
            from analytics_intermediate.int_journey_entries as entries
            inner join analytics_seeds.journey_rules as rules on entries.rule_id = rules.rule_id""")
        assert sorted(set(found) ^ expected, key=str) == []


def test_the_funnel_is_that_of_plain_python(histories):
    for shop, history in histories:
        stays = history.stays(RULES)
        rows = shop.rows("""
            select store_id, stage, entered, entered_by_waiting, current_customers, moved_on, reached_next_stage, skipped,
                median_days_to_next
            from analytics.journey_funnel""")
        waited = 0
        stores = {store for store, _ in shop.rows("select store_id, domain from analytics.stores")}
        assert {row[:2] for row in rows} == {(store, stage) for store in stores for stage in STAGES}
        for store, stage, *numbers, found_median in rows:
            people = {person: dict(path) for person, path in stays.items() if person[0] == store}
            paths = list(people.values())
            waits = [
                person
                for person, path in people.items()
                if stage == "retention" and stage in path and path[stage] != history.met(person, "order_number", "2")
            ]
            waited += len(waits)
            higher = STAGES[STAGES.index(stage) + 1 :]
            entered = [path for path in paths if stage in path]
            moved = [path for path in entered if any(later in path for later in higher)]
            assert numbers == [
                len(entered),
                len(waits),
                len(entered) - len(moved),
                len(moved),
                sum(higher[0] in path for path in moved),
                sum(stage not in path and any(later in path for later in higher) for path in paths),
            ]
            days = [(min(path[later] for later in higher if later in path) - path[stage]) / timedelta(days=1) for path in moved]
            assert (found_median is None) if not days else found_median == pytest.approx(median(days), abs=0.0001)
        assert waited > 0


def test_a_person_with_one_order_decides_and_is_retained_after_sixty_days(histories):
    for shop, history in histories:
        current = dict(
            ((store, customer), stage)
            for store, customer, stage in shop.rows(
                "select store_id, customer_id, current_stage from analytics.customer_journey_stages"
            )
        )
        once = {person: orders[0] for person, orders in history.orders.items() if len(orders) == 1}
        expected = {
            person: "retention" if history.as_of - time > timedelta(days=60) else "decision" for person, time in once.items()
        }
        assert set(expected.values()) == {"decision", "retention"}
        assert {person: current[person] for person in once if current[person] != "advocacy"} == {
            person: stage for person, stage in expected.items() if current[person] != "advocacy"
        }


def test_the_journeys_are_the_same_on_both_engines(demo):
    tables = [f"analytics_intermediate.{name}" for name in TABLES] + [f"analytics.{name}" for name in MARTS]
    assert differences(*demo, tables=tables) == []
