"""The daily tables by segment, night after night, against a plain telling of the same days, on each engine.

Copies of the demo shop get memberships of made-up nights, several on one day; orders and refunds come late, two people turn out
to be one, a device turns out to be somebody's. Only the models of days run. After each night their rows are what the telling
says, and in the end a full refresh says the same.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.shops import BY_ENGINE, Shop, changes

MODELS = ["int_order_versions", "int_person_versions", "path:models/intermediate/daily", "path:models/marts/daily"]
BY_PERSON = ["int_daily_activity", "int_messages", "int_campaign_visits", "int_order_touches", "int_campaign_activity"]
INCREMENTAL = [*BY_PERSON, "int_segment_daily_activity", "int_segment_daily_members", "int_segment_campaigns"]
MARTS = ["daily_metrics", "campaign_performance"]
LAWS = ["a_segment_is_a_part_of_its_store", "every_model_of_attribution_divides_all_revenue"]
STATES = ("active", "lapsing", "at_risk", "churned", "prospect")
# What is summed of what members did; the law a_day_of_a_store_holds_what_happened holds it to what happened.
SUMS = ("visits", "visits_with_order", "page_views", "orders", "buyers", "new_customers", "gross_revenue", "refunded_amount")
# The nights of memberships: the last one is that of the demo shop, and nights of this test follow. Two days have two nights.
EARLIER = [
    datetime(2025, 6, 20),
    datetime(2025, 6, 20, 17),
    datetime(2025, 6, 24),
    datetime(2025, 6, 29, 3, 59),
    datetime(2025, 6, 30),
]
NIGHTS = [*EARLIER[-1:], datetime(2025, 6, 30, 13), datetime(2025, 7, 5, 4)]
SPELLS = "analytics_intermediate.int_membership_spells"
COLUMNS = "store_id, kind, group_id, customer_id, joined_at, left_at, left_reason"


class World:
    """Memberships that a seed makes up, and what is held back of the shop's orders and refunds until a later night."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.zones = {store: ZoneInfo(zone) for store, zone in shop.rows("select store_id, timezone from analytics.stores")}
        people = shop.rows("select store_id, customer_id from analytics_intermediate.int_customers order by 1, 2")
        draw = random.Random(seed)
        self.spells: dict[tuple[str, str, str], list[tuple[datetime, datetime | None]]] = {}
        for store, customer in people:
            for group in ("first", "second"):
                nights = [night for night in sorted({*EARLIER, *NIGHTS}) if draw.random() < 0.35]
                if draw.random() < 0.4 and nights:
                    pairs = [*nights, None] if len(nights) % 2 else nights
                    self.spells[store, group, customer] = list(zip(pairs[::2], pairs[1::2], strict=True))

    def rename(self, store: str, earlier: str, later: str) -> None:
        """One person's id becomes another's, in all that daily models read."""
        for table in ("customer_identities", "int_orders"):
            self.shop.execute(
                f"update analytics_intermediate.{table} set customer_id = '{later}' "
                f"where store_id = '{store}' and customer_id = '{earlier}'"
            )
        self.shop.execute(
            f"delete from analytics_intermediate.int_customers where store_id = '{store}' and customer_id = '{earlier}'"
        )
        for group in ("first", "second"):
            theirs = self.spells.pop((store, group, earlier), [])
            self.spells.setdefault((store, group, later), theirs)

    def remember(self, as_of: datetime) -> None:
        """The ledger of memberships as it is after a night."""
        rows = [
            f"('{store}', 'segment', '{group}', '{customer}', timestamp '{joined}', "
            + (f"timestamp '{left}', 'criteria')" if left and left <= as_of else "null, null)")
            for (store, group, customer), spells in self.spells.items()
            for joined, left in spells
            if joined <= as_of
        ]
        self.shop.execute(f"delete from {SPELLS}; insert into {SPELLS} ({COLUMNS}) values {', '.join(rows)}")

    def last_day(self, store: str, night: datetime) -> date:
        """The last day that had begun before a night, on the store's own clock."""
        return (night - timedelta(microseconds=1)).replace(tzinfo=UTC).astimezone(self.zones[store]).date()

    def day_of(self, store: str, night: datetime) -> date:
        """The day that began with a night, on the store's clock; the first night's members are those of the day before, too."""
        if night == EARLIER[0]:
            return self.last_day(store, night)
        return (night + timedelta(hours=12)).replace(tzinfo=UTC).astimezone(self.zones[store]).date()


def told(world: World, as_of: datetime) -> dict[tuple, dict[str, object]]:
    """What each segment's days were, member by member."""
    did: dict[tuple[str, str], dict[date, dict]] = defaultdict(dict)
    for store, customer, day, is_active, *sums in world.shop.rows(
        f"""select store_id, customer_id, activity_date, is_active, {", ".join(SUMS)}
        from analytics_intermediate.int_daily_activity"""
    ):
        did[store, customer][day] = {"is_active": is_active, **dict(zip(SUMS, sums, strict=True))}
    identified = set(
        world.shop.rows("select store_id, customer_id from analytics_intermediate.int_customers where is_identified")
    )
    found: dict[tuple, dict[str, object]] = {}
    for (store, group, customer), spells in world.spells.items():
        known = [(joined, left if left and left <= as_of else None) for joined, left in spells if joined <= as_of]
        theirs = did[store, customer]
        day, last = date(2025, 6, 15), world.last_day(store, as_of)
        was_member = False
        while day <= last:
            is_member = any(
                world.day_of(store, joined) <= day and (left is None or day < world.day_of(store, left)) for joined, left in known
            )
            row = found.setdefault((store, day, group), defaultdict(int))
            row["members_joined"] += is_member and not was_member
            row["members_left"] += was_member and not is_member
            if is_member:
                for name, value in state(theirs, day, (store, customer) in identified).items():
                    row[name] += value
                for name in SUMS:
                    row[name] += theirs.get(day, {}).get(name, 0)
            was_member, day = is_member, day + timedelta(days=1)
    return {key: row for key, row in found.items() if row["members"] or row["members_left"]}


def state(theirs: dict[date, dict], day: date, is_identified: bool) -> dict[str, object]:
    """What one member is at the end of a day."""
    past = {then: what for then, what in theirs.items() if then <= day}
    active = [then for then, what in past.items() if what["is_active"]]
    row: dict[str, object] = {"members": 1}
    if active:
        days = (day - max(active)).days
        has_ordered = any(what["orders"] for what in past.values())
        name = "active" if days < 30 else "prospect" if not has_ordered else "lapsing" if days < 60 else "at_risk"
        name = "churned" if days > 180 and name == "at_risk" else name
        row |= {f"{name}_customers": int(is_identified or has_ordered), "active_members": int(name == "active")}
        row["net_revenue_to_date"] = sum(what["gross_revenue"] - what["refunded_amount"] for what in past.values())
        row["orders_30d"] = sum(what["orders"] for then, what in past.items() if (day - then).days < 30)
    return row


NAMES = (
    *SUMS,
    "members",
    "members_joined",
    "members_left",
    "active_members",
    "net_revenue_to_date",
    "orders_30d",
    *(f"{name}_customers" for name in STATES),
)


def compare(world: World, as_of: datetime) -> None:
    """Hold daily_metrics to the telling."""
    rows = {
        tuple(key): tuple(values)
        for *key, values in (
            (store, day, group, values)
            for store, day, group, *values in world.shop.rows(
                f"select store_id, activity_date, segment_id, {', '.join(NAMES)} from analytics.daily_metrics where not is_store"
            )
        )
    }
    expected = {key: tuple(row[name] for name in NAMES) for key, row in told(world, as_of).items()}
    assert set(rows) == set(expected), as_of
    wrong = [
        (key, dict(zip(NAMES, zip(rows[key], expected[key], strict=True), strict=True)))
        for key in rows
        if rows[key] != expected[key]
    ]
    assert not wrong, (as_of, len(wrong), wrong[0])


@pytest.fixture(params=BY_ENGINE)
def shop(demo_copies, request) -> Shop:
    """A copy of the demo shop."""
    (copy,) = demo_copies("daily", request.param)
    return copy


def test_days_of_segments_night_after_night(shop):
    world = World(shop, 7)
    orders, refunds = (f"analytics_intermediate.{name}" for name in ("int_orders", "int_refunds"))
    shop.execute(f"""
        create table analytics.late_orders as select * from {orders} where order_date >= '2025-06-10' and items_count % 3 = 0;
        create table analytics.late_refunds as select * from {refunds} where refund_date >= '2025-06-01';
        delete from {orders} where order_date >= '2025-06-10' and items_count % 3 = 0;
        delete from {refunds} where refund_date >= '2025-06-01'""")
    for number, as_of in enumerate(NIGHTS):
        if number == 1:
            shop.execute(f"insert into {orders} select * from analytics.late_orders")
        if number == 2:
            shop.execute(f"insert into {refunds} select * from analytics.late_refunds")
            # a customer who is a member turns out to be another one, and a device to be a customer's
            named, devices = (
                shop.rows(f"""
                    select customer_id from analytics_intermediate.int_customers
                    where store_id = 'store_1' and {which} and customer_id in (
                        select customer_id from analytics.customer_behavior_summary
                        where store_id = 'store_1' and total_sessions > 3
                    ) order by 1 limit 2""")
                for which in ("is_identified", "not is_identified")
            )
            (earlier,), (later,) = named
            world.rename("store_1", earlier, later)
            world.rename("store_1", devices[0][0], later)
        world.remember(as_of)
        shop.dbt("run", "--select", *MODELS, as_of=str(as_of))
        compare(world, as_of)
    tables = [f"analytics.{mart}" for mart in MARTS]
    before = shop.frames(tables)
    shop.dbt("run", "--full-refresh", "--select", *INCREMENTAL, *MARTS, as_of=str(NIGHTS[-1]))
    shop.dbt("test", "--select", *LAWS, as_of=str(NIGHTS[-1]))
    assert changes(before, shop.frames(tables)) == []
