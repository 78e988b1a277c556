"""Other people's data through the raw contract: known figures come out, on both engines alike."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from support.shops import NO_UNIT_TESTS, Shop, both, differences


def built(shops: list[Shop], example: str, *data: str) -> list[Shop]:
    """An example, loaded and built with the laws, which hold the reconciliation."""
    for shop in shops:
        shop.tessera("load", f"examples/{example}", *data)
    both(shops, with_laws)
    return shops


def with_laws(shop: Shop) -> None:
    """Build with the singular tests; keys and values of every column are tested on the demo shop."""
    shop.build("--exclude", "test_type:generic")


def only(shop: Shop, query: str) -> tuple:
    """The single row of a query."""
    (row,) = shop.rows(query)
    return row


# what is recommended is tested elsewhere, and takes longest with all products
UCI = {"as_of": "2011-12-10", "ease_products": 300}


@pytest.fixture(scope="module")
def uci(new_shops, example_data):
    (shop,) = built(new_shops("uci", ("duckdb",), **UCI), "uci_online_retail", "--data", str(example_data("uci_online_retail")))
    return shop


def test_uci_gives_its_published_total(uci):
    found = only(
        uci,
        """
        select count(*), count(distinct customer_id), sum(gross_revenue)
        from analytics_intermediate.int_orders where is_counted and customer_id is not null""",
    )
    assert found == (18532, 4338, Decimal("8911407.90"))


def test_uci_returns_are_refunds_and_not_orders(uci):
    assert only(uci, "select count(*) from analytics_intermediate.int_orders where upper(order_id) like 'C%'") == (0,)
    assert only(uci, "select count(*), count(case when has_order then 1 end) from analytics_intermediate.int_refunds") == (
        9288,
        0,
    )
    refunded, of_people = only(
        uci,
        """
        select (select sum(amount) from analytics_intermediate.int_refunds where person_identifier is not null),
            (select sum(refunded_amount) from analytics.customer_behavior_summary)""",
    )
    assert refunded == of_people > 600000


FIRST_MONTHLY_COHORT = """
    select active_customers from analytics.cohort_retention
    where cohort_key = 'acquisition-month:2010-12-01' and period_number <= 2
    order by period_number"""


def test_uci_first_monthly_cohort_by_orders(uci):
    assert uci.rows(FIRST_MONTHLY_COHORT) == [(885,), (324,), (286,)]


def test_uci_first_monthly_cohort_has_its_published_size_where_returns_count(uci, tmp_path):
    # publications take every invoice with a customer, returns too
    first = Path(uci.env["TESSERA_DUCKDB_PATH"])
    shop = replace(uci, env={**uci.env, "TESSERA_DUCKDB_PATH": str(tmp_path / first.name)})
    shutil.copy(first, shop.env["TESSERA_DUCKDB_PATH"])
    shop.dbt("run", "--select", "int_order_days", "int_acquisitions+", cohort_activity="orders_and_returns")
    assert shop.rows(FIRST_MONTHLY_COHORT) == [(948,), (362,), (317,)]


@pytest.mark.torture
def test_uci_is_the_same_on_both_engines(uci, new_shops, example_data):
    (shop,) = built(new_shops("uci", ("postgres",), **UCI), "uci_online_retail", "--data", str(example_data("uci_online_retail")))
    assert differences(uci, shop) == []
    assert shop.rows(FIRST_MONTHLY_COHORT) == [(885,), (324,), (286,)]


@pytest.mark.parametrize(
    ("size", "engines"),
    [
        ("2k", ("duckdb",)),
        pytest.param("2k", ("duckdb", "postgres"), marks=pytest.mark.torture),
        pytest.param("20k", ("duckdb", "postgres"), marks=pytest.mark.torture),
    ],
)
def test_thelook_gives_its_known_figures(new_shops, example_data, size, engines):
    name = f"thelook_{size}_{len(engines)}"
    shops = built(new_shops(name, engines, as_of="2026-11-21"), "thelook", "--data", str(example_data(f"thelook_{size}")))
    events, orders, cancelled, gross, not_yet = {
        "2k": (48838, 2487, 354, Decimal("191760.30"), 36),
        "20k": (483040, 24987, 3695, Decimal("1855569.36"), 356),
    }[size]
    for shop in shops:
        assert only(shop, "select raw_rows, not_yet_rows from analytics.staging_quality where table_name = 'events'") == (
            events,
            not_yet,
        )
        assert only(
            shop,
            """
            select count(*), count(cancelled_at), sum(case when is_counted then gross_revenue end)
            from analytics_intermediate.int_orders""",
        ) == (orders, cancelled, gross)
        # purchase events are one per item, so purchases come from orders and not from them
        assert only(shop, "select sum(total_purchases) from analytics.customer_behavior_summary") == (orders - cancelled,)
    days_of_thelook_are_those_of_its_raw_rows(shops[0])
    if len(shops) > 1:
        assert differences(*shops) == []
    users_who_share_an_address_stay_apart(shops[0], {"2k": 11, "20k": 807}[size])


def days_of_thelook_are_those_of_its_raw_rows(shop: Shop) -> None:
    """Visits, orders, buyers and money of each day, counted from what was landed: a shop in UTC whose visits pause for days."""
    days, wrong = only(
        shop,
        """
        with events as (
            select occurred_at, lag(occurred_at) over (
                partition by session_id, coalesce(anonymous_id, ''), coalesce(cast(customer_id as text), '') order by occurred_at
            ) as earlier from raw.events where occurred_at < '2026-11-21'
        ), visits as (
            select cast(occurred_at as date) as day, count(*) as visits from events
            where earlier is null or occurred_at > earlier + interval '24 hours' group by 1
        ), kept as (
            select orders.*, row_number() over (partition by customer_id order by ordered_at, order_id) as order_number
            from raw.orders as orders where cancelled_at is null and ordered_at < '2026-11-21'
        ), orders as (
            select cast(ordered_at as date) as day, count(*) as orders, sum(total_price) as gross,
                count(distinct customer_id) as buyers, count(case when order_number = 1 then 1 end) as new_customers
            from kept group by 1
        ), refunds as (
            select cast(refunded_at as date) as day, sum(refund_amount) as refunded
            from raw.order_items inner join kept using (order_id) where refunded_at < '2026-11-21' group by 1
        )
        select count(*), count(case
            when days.visits <> coalesce(visits.visits, 0) or days.orders <> coalesce(orders.orders, 0)
                or days.gross_revenue <> coalesce(orders.gross, 0) or days.refunded_amount <> coalesce(refunds.refunded, 0)
                or days.buyers <> coalesce(orders.buyers, 0) or days.new_customers <> coalesce(orders.new_customers, 0)
            then 1 end)
        from analytics.daily_metrics as days
        left join visits on days.activity_date = visits.day
        left join orders on days.activity_date = orders.day
        left join refunds on days.activity_date = refunds.day
        where days.is_store""",
    )
    assert (days, wrong) == (730, 0)


def users_who_share_an_address_stay_apart(shop: Shop, known: int) -> None:
    """Under the default rules; the audit lists the addresses, and a var makes one person of up to five users of one."""
    users, alone = only(
        shop,
        """
        select count(*), count(case when customer_id = identifier_value then 1 end)
        from analytics_intermediate.customer_identities where identifier_type = 'customer'""",
    )
    assert users == alone
    shared, merged = only(
        shop,
        """
        select count(*), cast(sum(case when users <= 5 then users - 1 end) as bigint) from (
            select count(*) as users from analytics_staging.stg_customers group by store_id, email having count(*) > 1
        ) as addresses""",
    )
    assert shared == known
    assert only(
        shop,
        "select count(distinct identifier) from analytics.identity_audit "
        "where finding in ('shared', 'two_customers') and identifier like 'email:%'",
    ) == (known,)
    shop.dbt("run", "--select", "int_identity_links+,+customer_identities", merge_customers_by=["email"], is_night=True)
    assert only(
        shop,
        "select count(distinct customer_id) from analytics_intermediate.customer_identities where identifier_type = 'customer'",
    ) == (users - merged,)


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    ("example", "data", "nights"),
    [
        ("uci_online_retail", "uci_online_retail", ["2011-09-10", "2011-12-10"]),
        ("thelook", "thelook_2k", ["2026-08-21", "2026-11-21"]),
        ("cdnow", "cdnow", ["1998-04-01", "1998-07-01"]),
    ],
)
def test_the_laws_hold_on_two_nights_of_other_peoples_shops(new_shops, example_data, example, data, nights, engine):
    """A quarter lies between the nights, so that ledgers have movements, closed spells and outcomes."""
    (shop,) = new_shops(f"{example}_nights", (engine,), earliest_date="1997-01-01", is_night=True)
    shop.tessera("load", f"examples/{example}", "--data", str(example_data(data)))
    laws = shop.nights(nights, "build", *NO_UNIT_TESTS, "--exclude", "test_type:generic")
    assert laws.count("who_asked_not_to_be_tracked_is_not") >= len(nights)
    assert only(shop, "select count(*) > 100 from analytics.customer_ltv_predictions") == (True,)


@pytest.fixture(scope="module")
def small(new_shops):
    """Examples that are built on one engine, side by side."""
    shops = {
        "shopify": new_shops("shopify", ("duckdb",), as_of="2025-07-01"),
        "behavior_tables": new_shops("behavior", ("duckdb",), as_of="2025-07-01"),
    }
    for example, (shop,) in shops.items():
        shop.tessera("load", f"examples/{example}")
    both([shop for (shop,) in shops.values()], with_laws)
    return {example: shop for example, (shop,) in shops.items()}


def test_shopify_tables_and_pixel_build(small):
    shop = small["shopify"]
    assert only(shop, "select count(*), sum(gross_revenue) from analytics_intermediate.int_orders where is_counted") == (
        546,
        Decimal("103647.76"),
    )
    assert only(shop, "select sum(amount) from analytics_intermediate.int_refunds where is_counted") == (Decimal("4120.58"),)
    assert only(shop, "select count(*) > 1000, count(distinct customer_id) > 100 from analytics.sessions") == (True, True)


def test_a_shop_with_a_pixel_and_no_orders_has_purchases(small):
    shop = small["behavior_tables"]
    assert only(
        shop,
        """
        select sum(total_purchases), sum(total_spent), count(case when total_purchases > 0 then 1 end)
        from analytics.customer_behavior_summary""",
    ) == (561, Decimal("31802.00"), 253)
    assert only(
        shop, "select has_rows, leaves_empty is not null from analytics.data_completeness where table_name = 'orders'"
    ) == (False, True)
