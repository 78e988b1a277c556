"""The demo shop on both engines: the same tables, the planted truth found again, and runs that change nothing."""

from __future__ import annotations

import pytest

from support import both, changes, differences

FATES = ("accepted", "duplicate", "rejected", "suppressed", "not_yet")


def test_both_engines_make_the_same_tables(demo):
    assert differences(*demo) == []


def test_every_planted_row_gets_the_fate_that_was_planted(demo):
    for shop in demo:
        planted = dict(((store, table, fate), int(rows)) for store, table, fate, rows in shop.rows(
            "select store_id, table_name, fate, rows from raw.truth_fates where rows > 0"))
        found = {
            (store, table, fate): int(rows)
            for fate in FATES
            for store, table, rows in shop.rows(
                f"select store_id, table_name, {fate}_rows from analytics.staging_quality where {fate}_rows > 0")
        }
        # planted are events that name a customer who asked not to be tracked; those of their devices and addresses go with them
        unnamed = dict(shop.rows("""
            select events.store_id, count(*) from analytics_intermediate.int_events_enriched as events
            left join analytics_staging.stg_customers as customers on events.store_id = customers.store_id
                and events.event_customer_id = customers.source_customer_id and customers.do_not_track
            where events.fate = 'suppressed' and customers.source_customer_id is null group by events.store_id"""))
        assert unnamed, shop.target
        for store, rows in unnamed.items():
            found[store, "events", "suppressed"] -= rows
            found[store, "events", "accepted"] += rows
        assert found == planted, shop.target


def test_nobody_loses_an_event_to_another_who_is_not_tracked(demo):
    for shop in demo:
        assert shop.rows("""
            with quiet as (
                select truth.store_id, truth.identifier_type, truth.identifier from raw.truth_identities as truth
                inner join raw.truth_identities as theirs on truth.store_id = theirs.store_id
                    and truth.person_id = theirs.person_id and theirs.identifier_type = 'customer_id'
                inner join analytics_staging.stg_customers as customers on theirs.store_id = customers.store_id
                    and theirs.identifier = customers.source_customer_id and customers.do_not_track
            )
            select count(*) > 20, count(*) filter (where events.event_customer_id is not null and not exists (
                select 1 from quiet where quiet.store_id = events.store_id and quiet.identifier = events.event_customer_id
                    and quiet.identifier_type = 'customer_id'))
            from analytics_intermediate.int_events_enriched as events where events.fate = 'suppressed'""") == [(True, 0)]


@pytest.mark.parametrize("engine", [0, pytest.param(1, marks=pytest.mark.torture)], ids=["duckdb", "postgres"])
def test_a_second_run_of_the_same_night_changes_nothing(demo, engine):
    shop = demo[engine]
    before = shop.frames()
    shop.build("--exclude-resource-type", "test")
    assert changes(before, shop.frames()) == []
    # tables that dbt fills others from, and nobody knows of
    assert shop.rows("select table_schema, table_name from information_schema.tables where table_name like '%dbt_tmp%'") == []


def test_an_earlier_night_is_refused_in_a_sentence(demo):
    for done in both(demo, lambda shop: shop.dbt("run", check=False, as_of="2025-06-01")):
        assert done.returncode != 0
        assert "is before the last night that was built" in done.stdout
