"""Cohorts: what a shop is told of a definition that cannot be used, and that the night goes on without it."""

from __future__ import annotations

from support.shops import Shop, both

BROKEN = """cohort_id,name,description,cohort_type,cohort_period,start_date,end_date,lookback_days,status
good,Good,,acquisition,month,2024-10-01,2024-10-01,1,active
twice,Twice,,value,month,,,,active
twice,Twice,,value,month,,,,active
type,Type,,other,month,,,,active
period,Period,,value,year,,,,active
status,Status,,value,month,,,,on
date,Date,,acquisition,month,2024-02-30,2024-12-31,,active
turned,Turned,,acquisition,month,2024-12-31,2024-10-01,,active
half,Half,,acquisition,month,2024-10-01,,,active
dated,Dated,,value,month,2024-10-01,2024-12-31,,active
days,Days,,value,month,,,0,active
idle,Idle,,value,month,,,,active
asleep,Asleep,,value,month,,,,inactive
ruled,Ruled,,acquisition,month,,,,active
Upper,Upper,,acquisition,month,,,,active
a:b,Colon,,value,month,,,,active
"""
REASONS = {
    "twice": "the cohort_id is there more than once",
    "type": "the cohort_type is none of acquisition, behavioral, lifecycle, value, engagement",
    "period": "the cohort_period is none of day, week, month, quarter",
    "status": "the status is neither active nor inactive",
    "date": "the start_date is no date such as 2024-10-01",
    "turned": "the start_date is after the end_date",
    "half": "one of start_date and end_date is missing",
    "dated": "only acquisition has dates",
    "days": "the lookback_days are no whole number from 1",
    "idle": "the cohort has no entry rules",
    "ruled": "a cohort by acquisition has no rules",
    "Upper": "a cohort_id is at most 55 lower case letters, digits, - and _",
    "a:b": "the cohort_id holds a colon",
}


def test_a_wrong_definition_is_named_with_its_reason(new_shops):
    header, *lines = [line.split(",") for line in BROKEN.splitlines()]
    columns = ", ".join(f"{name} text" for name in header)
    rows = ", ".join("(" + ", ".join(f"'{value}'" if value else "null" for value in line) + ")" for line in lines)

    def found(shop: Shop) -> dict[str, str]:
        shop.execute(f"""
            create schema raw; create table raw.orders (store_id text, order_id text);
            create schema analytics_seeds;
            create table analytics_seeds.cohort_definitions ({columns});
            create table analytics_seeds.custom_cohort_definitions ({columns});
            insert into analytics_seeds.custom_cohort_definitions values {rows}""")
        for seed in ("cohort_rules", "custom_cohort_rules"):
            shop.execute(f"create table analytics_seeds.{seed} (cohort_id text, criterion text)")
        shop.execute("insert into analytics_seeds.custom_cohort_rules values ('ruled', 'entry'), ('idle', 'exit')")
        # a warning: the night goes on
        shop.dbt("build", "--select", "int_cohorts", "int_cohort_errors", "cohort_definitions_are_valid", "--store-failures")
        return dict(shop.rows("select cohort_id, reason from analytics_dbt_test__audit.cohort_definitions_are_valid"))

    assert both(new_shops("definitions"), found) == [REASONS, REASONS]
