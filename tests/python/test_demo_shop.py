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
        assert found == planted, shop.target


@pytest.mark.parametrize("engine", [0, pytest.param(1, marks=pytest.mark.torture)], ids=["duckdb", "postgres"])
def test_a_second_run_of_the_same_night_changes_nothing(demo, engine):
    shop = demo[engine]
    before = shop.frames()
    shop.build("--exclude-resource-type", "test")
    assert changes(before, shop.frames()) == []


def test_an_earlier_night_is_refused_in_a_sentence(demo):
    for done in both(demo, lambda shop: shop.dbt("run", check=False, as_of="2025-06-01")):
        assert done.returncode != 0
        assert "is before the last night that was built" in done.stdout
