"""Schedules as people run them: what happens between nights leaves no trace in what nights leave.

Two shops with the same rows see the same nights. In one of them people also run parts of a night, at any time and in any
order: every few minutes, with and without --full-refresh, before, long before and long after the night that follows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from support.shops import BY_ENGINE, NO_UNIT_TESTS, SCHEMAS, Shop, both, differences

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
