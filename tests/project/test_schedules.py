"""Schedules as people run them: what happens between nights leaves no trace in what nights leave.

Two shops with the same rows see the same nights. In one of them people also run parts of a night, at any time and in any
order: every few minutes, with and without --full-refresh, before, long before and long after the night that follows.
And what a loader deletes between nights, rows or whole stores, is not in what the next one leaves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from support.shops import BY_ENGINE, LEDGERS, NO_UNIT_TESTS, SCHEMAS, Shop, both, differences

# What may hold what is later than the last night.
ARRIVALS = [
    f"{schema}.{table}"
    for schema in SCHEMAS
    for table in (
        "base_events",
        "base_rejected_events",
        "stg_events",
        "int_event_links",
        "int_events_sessionized",
        "int_events_enriched",
    )
]
QUIET = ["--exclude-resource-type", "test", *NO_UNIT_TESTS]
MINUTES = ["run", "--selector", "events"]
TOLD = "analytics_staging.stg_events"
FIRST = datetime(2025, 6, 20)
# What is run before each night, and how long before (after) that night's as_of its own lies, in hours.
DAYS: list[list[tuple[list[str], float]]] = [
    [],
    [(MINUTES, -15), (MINUTES, -15 + 1 / 12), (MINUTES, 3)],
    [(["build", "--select", "base_events+", *QUIET], 8.9)],
    [(["build", "--full-refresh", "--select", "base_events+", *QUIET], 8.9), (MINUTES, 9)],
    [(["run", "--full-refresh", "--select", "base_events"], 5), (["run", "--select", "int_events_enriched"], 30)],
    [(["run", "--select", "int_fit_settings+", "int_ltv_settings+"], 7), (["run", "--select", "axis_segments"], -7)],
    [(["run", "--select", "+customer_behavior_summary"], -24 * 100), (MINUTES, 2)],
    [(["run", "--full-refresh", "--select", "int_visitor_days", "int_event_sessions"], 4), (["run", "--select", "stores"], 9)],
    [(["build", "--select", "base_events+", *QUIET], 24 * 365 * 50)],
    [(["run", "--full-refresh", "--select", "+rfm_movements", "+segments"], 8.9), (MINUTES, -2)],
]
# What changes on a day, in both shops: a zone, the vocabulary, a var.
ZONE = """
    insert into raw.stores (store_id, timezone, currency, updated_at, loaded_at)
    select store_id, 'Pacific/Auckland', max(currency), timestamp '2025-06-22 12:00:00', timestamp '2025-06-22 12:00:00'
    from raw.stores where store_id = 'store_1' group by store_id"""
VOCABULARY = "update analytics_seeds.event_types set event_type = 'collection_view' where raw_name = 'product_view'"
CHANGES = {3: ZONE, 5: VOCABULARY}


# What quick nights are made of: all that remembers what earlier runs read, and a ledger.
REMEMBERING = [
    "path:models/staging",
    *(f"path:models/intermediate/{name}" for name in ("sessions", "orders", "identity")),
    "path:python_models/identity",
    "identity_survivors",
    "erasures",
]
LAWS_OF_EVENTS = ["every_act_in_the_shop_is_in_one_session", "every_raw_row_has_one_fate", "rollup_holds_every_event_and_session"]
# Two stores, each with these events; then one of them leaves as a whole, and what is called gone leaves the other.
STORES = """
    create schema raw;
    create table raw.stores (store_id text, timezone text, loaded_at timestamp);
    insert into raw.stores values ('stays', null, '2025-06-01'), ('leaves', 'America/New_York', '2025-06-01');
    create table raw.orders (store_id text, order_id text, customer_id text, ordered_at timestamp, total_price text);
    insert into raw.orders select store_id, 'o1', 'c1', timestamp '2025-06-19 12:00:00', '10' from raw.stores;
    create table raw.events (
        store_id text, event_id text, event_type text, occurred_at timestamp, anonymous_id text, customer_id text,
        loaded_at timestamp
    );
    insert into raw.events
    select stores.store_id, events.* from raw.stores as stores cross join (values
        ('before the window', 'page_view', timestamp '2025-06-10 10:00:00', 'd1', 'c1', timestamp '2025-06-10 11:00:00'),
        ('gone of a visit', 'product_view', timestamp '2025-06-19 21:00:00', 'd1', null, timestamp '2025-06-19 22:00:00'),
        ('left of a visit', 'page_view', timestamp '2025-06-19 21:01:00', 'd1', null, timestamp '2025-06-19 22:00:00'),
        ('gone, all of a device', 'page_view', timestamp '2025-06-19 21:00:00', 'd2', 'c2', timestamp '2025-06-19 22:00:00'),
        ('twice', 'page_view', timestamp '2025-06-19 21:00:00', 'gone', null, timestamp '2025-06-19 22:00:00'),
        ('twice', 'page_view', timestamp '2025-06-19 21:00:00', 'd4', null, timestamp '2025-06-19 23:00:00'),
        ('gone, not stamped', 'page_view', timestamp '2025-05-01 10:00:00', 'd5', null, null),
        ('not stamped', 'page_view', timestamp '2025-05-02 10:00:00', 'd5', 'c5', null)
    ) as events (event_id, event_type, occurred_at, anonymous_id, customer_id, loaded_at)"""
LEAVE = """
    create table raw.all_stores as select * from raw.stores; delete from raw.stores where store_id = 'leaves';
    create table raw.all_orders as select * from raw.orders; delete from raw.orders where store_id = 'leaves';
    create table raw.all_events as select * from raw.events;
    delete from raw.events where store_id = 'leaves' or event_id like 'gone%' or anonymous_id = 'gone'"""
COME_BACK = """
    delete from raw.stores; insert into raw.stores select * from raw.all_stores;
    delete from raw.orders; insert into raw.orders select * from raw.all_orders;
    delete from raw.events; insert into raw.events select * from raw.all_events;
    insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, loaded_at)
    select store_id, 'new', 'page_view', timestamp '2025-06-21 10:00:00', 'd2', timestamp '2025-06-21 11:00:00' from raw.stores"""
# A store that joins the others brings its history with stamps of its own: one event of it is refused, one came twice. A known one
# imports such.
JOIN = """
    insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, loaded_at)
    select events.store_id, events.event_id, 'page_view', events.occurred_at, 'd1', timestamp '2024-03-02 11:00:00' from (values
        (' joins', 'twice', timestamp '2024-03-01 10:00:00'), ('joins', 'twice', timestamp '2024-03-01 10:00:00'),
        ('joins', 'refused', null), ('joins', 'old', timestamp '2024-03-01 10:00:00'),
        (null, 'of no store', timestamp '2024-03-01 10:00:00'), ('is refused', 'refused', null),
        ('stays', 'new', timestamp '2024-03-01 10:00:00'), ('stays', 'imported', timestamp '2024-03-01 10:00:00'),
        ('stays', 'refused', null)
    ) as events (store_id, event_id, occurred_at)"""


def settings(day: int) -> dict[str, object]:
    """The vars from a day on."""
    return {"session_timeout_minutes": 45} if day >= 7 else {}


def at(day: int, hours: float = 0) -> str:
    """A moment so many hours after a night."""
    return str((FIRST + timedelta(days=day, hours=hours)).replace(microsecond=0))


def visible(shop: Shop) -> list[tuple]:
    """What staging holds of events, without what is not yet."""
    return shop.rows(
        "select store_id, event_id, event_type, device_id, fate, count(*) from analytics_staging.stg_events "
        "where fate <> 'not_yet' group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"
    )


def same(busy: Shop, quiet: Shop, when: object) -> None:
    """Both shops hold the same, ledgers too."""
    assert differences(busy, quiet, skip=ARRIVALS) == [], when
    assert visible(busy) == visible(quiet), when


def landed(shop: Shop, customers: int) -> Shop:
    shop.tessera("demo", "--customers", str(customers), "--as-of", "2025-06-30")
    return shop


@pytest.mark.parametrize("engine", BY_ENGINE)
def test_parts_of_nights_leave_no_trace_in_what_remembers(new_shops, engine):
    night = ["run", "--select", *REMEMBERING]
    (quiet,) = new_shops("schedule_quiet", engine)
    landed(quiet, 60).dbt("seed", as_of=at(0))
    quiet.dbt(*night, as_of=at(0), is_night=True)
    (busy,) = new_shops("schedule_busy", engine, copy_of={quiet.target: quiet.database()})

    def live(shop: Shop) -> None:
        shop.execute(f"{ZONE}; {VOCABULARY}")
        if shop is busy:
            shop.dbt(*MINUTES, as_of=at(4, 8.9))
            shop.dbt("run", "--full-refresh", "--select", "base_events", as_of=at(-90))
            shop.dbt(*night, as_of=at(5))
        shop.dbt(*night, as_of=at(4), is_night=True)

    both([busy, quiet], live)
    same(busy, quiet, "after a night")
    ((zones,),) = busy.rows("select count(*) from analytics_staging.model_settings where value = 'Pacific/Auckland'")
    assert zones == 2


@pytest.mark.parametrize("engine", BY_ENGINE)
def test_what_leaves_the_raw_tables_counts_no_longer_until_it_is_back(new_shops, engine):
    night = ["run", "--select", "+int_event_sessions", "+int_visitor_days", "+staging_quality"]
    (many,), (one,) = new_shops("rows_left", engine), new_shops("rows_never_there", engine)

    def live(shop: Shop) -> None:
        shop.execute(STORES)
        shop.dbt("seed", as_of=at(0))
        if shop is many:
            shop.dbt(*night, as_of=at(0), is_night=True)
        shop.execute(LEAVE)
        shop.dbt(*night, as_of=at(1), is_night=True)

    def counted(shop: Shop) -> list[tuple]:
        return shop.rows(f"select store_id, event_id, device_id from {TOLD} where fate = 'accepted' order by 1, 2, 3")

    both([many, one], live)
    assert differences(many, one, skip=[*ARRIVALS, *LEDGERS]) == []
    assert counted(many) == counted(one) and len(counted(one)) == 4

    # what is not read again stays, in the store that is back too
    many.execute(f"{COME_BACK}; delete from raw.events where event_id = 'before the window' and store_id = 'leaves'; {JOIN}")
    # a run that was killed between the two that read events, one for each
    many.dbt("run", "--select", "base_rejected_events", as_of=at(2))
    many.dbt(*night, as_of=at(2), is_night=True)
    assert len(counted(many)) == 16 + 2
    failed = many.dbt("test", "--select", LAWS_OF_EVENTS[1], as_of=at(2), check=False)
    assert "store_id stays" in failed.stdout and "type dbt build again" in failed.stdout

    # the known store is read whole by the next run
    many.dbt(*night, as_of=at(2), is_night=True)
    assert len(counted(many)) == 16 + 2 + 1
    many.dbt("test", "--select", *LAWS_OF_EVENTS, as_of=at(2))
    refused = many.rows("select store_id, count(*) from analytics_staging.base_rejected_events group by 1 order by 1 nulls last")
    assert refused == [("is refused", 1), ("joins", 1), ("stays", 1), (None, 1)]


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_whatever_is_run_between_nights_they_leave_what_nights_leave(new_shops, engine):
    busy, quiet = (landed(new_shops(f"schedule_{name}", (engine,))[0], 300) for name in ("busy", "quiet"))

    def live(shop: Shop, day: int) -> None:
        if day in CHANGES:
            shop.execute(CHANGES[day])
        for command, hours in DAYS[day] if shop is busy else []:
            shop.dbt(*command, as_of=at(day, hours), **settings(day))
        shop.dbt("run", as_of=at(day), **settings(day))

    last = len(DAYS) - 1
    both([busy, quiet], lambda shop: shop.dbt("seed", as_of=at(0)))
    for day in range(len(DAYS)):
        both([busy, quiet], lambda shop, day=day: live(shop, day))
        same(busy, quiet, f"day {day}")
    quiet.dbt("run", "--full-refresh", as_of=at(last), **settings(last))
    same(busy, quiet, "after a full refresh")
    busy.dbt("test", "--select", "test_type:singular", as_of=at(last), **settings(last))

    # what an earlier version doubled: a night says what to type, and that heals it
    busy.execute(
        "insert into analytics_intermediate.axis_segments select * from analytics_intermediate.axis_segments "
        "where as_of = (select max(as_of) from analytics_intermediate.axis_segments)"
    )
    ((fitted,),) = busy.rows("select cast(max(as_of) as text) from analytics_intermediate.axis_segments")
    with pytest.raises(AssertionError, match="axis_segments holds what was fitted on") as refused:
        busy.dbt("run", as_of=at(last), **settings(last))
    assert f'rebuild_from: "{fitted[:19]}"' in str(refused.value)
    for day in range(last + 1):
        if at(day) >= fitted[:19]:
            going_back = {"rebuild_from": fitted[:19]} if at(day) == fitted[:19] else {}
            busy.dbt("run", as_of=at(day), **going_back, **settings(day))
    ((doubled,),) = busy.rows(
        "select count(*) - count(distinct store_id || axis_name || cast(as_of as text) || segment_id) "
        "from analytics_intermediate.axis_segments"
    )
    assert doubled == 0
