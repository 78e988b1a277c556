"""A shop whose loader delivers everything as text, much of it wrong: the build is green and every row has one fate.

Each row below names its own fate; the test adds them up per table and compares the two engines.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from support.shops import BY_ENGINE, Shop, both

A, D, R, N, S = "accepted", "duplicate", "rejected", "not_yet", "suppressed"
LOADED = "2025-03-02 00:00:00"
HUGE = "x" * 1_000_000

EVENTS = [
    # fate, and what differs from a good event
    (A, {}),
    (A, {"event_id": "E1"}),
    (A, {"event_id": " e2 "}),
    (D, {"event_id": "e2", "loaded_at": "2025-03-03 00:00:00"}),
    (D, {"event_id": "\te2\n", "loaded_at": "2025-03-04 00:00:00"}),
    (A, {"occurred_at": "2025-03-01T10:00:00Z"}),
    (A, {"occurred_at": "2025-03-01T10:00:00.1234567+02:00"}),
    (A, {"occurred_at": "2025-03-01"}),
    (A, {"occurred_at": "2024-02-29 23:59"}),
    (R, {"occurred_at": "2025-02-29 10:00:00"}),
    (R, {"occurred_at": "2025-13-01"}),
    (R, {"occurred_at": "01/03/2025"}),
    (A, {"occurred_at": "2025-03-01 24:00:00"}),
    (R, {"occurred_at": "yesterday"}),
    (R, {"occurred_at": "1740823200"}),
    (R, {"occurred_at": "infinity"}),
    (R, {"occurred_at": None}),
    (R, {"occurred_at": "   "}),
    (R, {"occurred_at": "1999-12-31 23:59:59"}),
    (A, {"occurred_at": "2000-01-01 00:00:00"}),
    (A, {"occurred_at": "2025-03-03 00:00:00"}),
    (R, {"occurred_at": "2025-03-03 00:00:00.000001"}),
    (R, {"occurred_at": "9999-12-31 00:00:00"}),
    (R, {"event_id": ""}),
    (R, {"event_id": " \t"}),
    (R, {"event_id": None}),
    (R, {"event_type": None}),
    (R, {"store_id": None}),
    (R, {"store_id": "  "}),
    (A, {"event_type": "never_heard_of"}),
    (A, {"event_type": "PRODUCT_VIEWED "}),
    (A, {"event_type": "DROP TABLE students; --'"}),
    (A, {"properties": '{"a": '}),
    (A, {"properties": '{"a": NaN}'}),
    (A, {"properties": '{"a": "\\u0000"}'}),
    (A, {"properties": "not json"}),
    (A, {"properties": '{"a": [1, 2, {"b": null}], "c": "ü€"}'}),
    (A, {"event_value": "1,000.00"}),
    (A, {"event_value": "1e3"}),
    (A, {"event_value": "1e9999"}),
    (A, {"event_value": "99999999999999999999"}),
    (A, {"event_value": "NaN"}),
    (A, {"event_value": "twelve"}),
    (A, {"latitude": "north", "longitude": "181.5"}),
    (A, {"view_duration": "-5"}),
    (A, {"view_duration": "0"}),
    (A, {"page_title": "nul \x00 inside"}),
    (A, {"page_url": HUGE}),
    (A, {"search_query": HUGE}),
    (A, {"event_id": "huge", "properties": '{"a": "' + HUGE + '"}'}),
    (A, {"page_url": "https://shop.example/%E0%A4%A?utm_source=%20&utm_medium="}),
    (A, {"ip_address": "999.1.2.3.4"}),
    (A, {"ip_address": "::ffff:10.0.0.1"}),
    (A, {"customer_id": None, "anonymous_id": None, "session_id": None}),
    (A, {"customer_id": "C1"}),
    (A, {"customer_id": " c1 "}),
    (S, {"customer_id": "quiet"}),
    (S, {"customer_id": " quiet\n"}),
    (N, {"loaded_at": "2025-06-30 00:00:00"}),
    (N, {"loaded_at": "2031-01-01 00:00:00", "occurred_at": "2030-12-31 00:00:00"}),
    (A, {"loaded_at": "2025-06-29 23:59:59.999999"}),
    (A, {"loaded_at": None}),
    (A, {"loaded_at": "soon"}),
    (N, {"loaded_at": None, "occurred_at": "2025-07-01"}),
]
ORDERS = [
    (A, {}),
    (A, {"order_id": "O0"}),
    (A, {"order_id": "versions", "updated_at": "2025-03-02"}),
    (D, {"order_id": "versions", "updated_at": "2025-03-01"}),
    (D, {"order_id": "versions", "updated_at": None}),
    (N, {"order_id": "versions", "updated_at": "2025-07-02", "loaded_at": "2025-07-02"}),
    (R, {"total_price": "-0.01"}),
    (A, {"total_price": "-0.00"}),
    (A, {"total_price": "0"}),
    (A, {"total_price": "12.345"}),
    (R, {"total_price": "12,50"}),
    (R, {"total_price": "€12"}),
    (R, {"total_price": ""}),
    (R, {"total_price": None}),
    (R, {"total_price": "1e15"}),
    (A, {"currency": "eur "}),
    (A, {"currency": "USD"}),
    (R, {"currency": "USD", "ordered_at": "2024-12-31"}),
    (R, {"currency": "XXX"}),
    (A, {"currency": None}),
    (A, {"is_test": "yes"}),
    (A, {"is_test": "perhaps"}),
    (A, {"cancelled_at": "2025-03-05"}),
    (A, {"cancelled_at": "2026-03-05"}),
    (A, {"cancelled_at": "never"}),
    (A, {"customer_id": None, "email": None}),
    (A, {"customer_id": "", "email": "  Guest@Example.COM "}),
    (R, {"ordered_at": "2025-02-30"}),
    (R, {"order_id": "\n"}),
]
ITEMS = [
    (A, {}),
    (A, {"line_id": "2", "quantity": "2.0"}),
    (A, {"line_id": "3", "quantity": "2.5"}),
    (R, {"line_id": "4", "quantity": "-1"}),
    (R, {"line_id": "5", "quantity": "many"}),
    (A, {"line_id": "6", "quantity": "0"}),
    (A, {"line_id": None, "product_id": "p1"}),
    (D, {"line_id": None, "product_id": "p1"}),
    (A, {"line_id": None, "product_id": "p1", "price": "6"}),
    (R, {"line_id": "7", "price": None}),
    (A, {"line_id": "8", "refund_amount": "lots"}),
    (A, {"order_id": "unheard-of"}),
]
CUSTOMERS = [
    (A, {"customer_id": "quiet", "do_not_track": "1"}),
    (A, {"customer_id": "c1", "email": " A@Example.com", "phone": "0049 (30) 123-456"}),
    (A, {"customer_id": "C1", "email": "a@example.com", "metafields": "{]"}),
    (D, {"customer_id": " c1", "updated_at": "2024-12-31"}),
    (R, {"customer_id": None}),
    (A, {"customer_id": "c2", "created_at": "in spring", "timezone": "Mars/Olympus_Mons"}),
    (A, {"customer_id": "c4", "phone": "-1"}),
    (N, {"customer_id": "c3", "created_at": "2025-06-29 12:00:00", "loaded_at": "2025-08-01"}),
    # was there, and has been written over since
    (A, {"customer_id": "c5", "loaded_at": "2025-08-01"}),
]
IDENTITIES = [
    (A, {}),
    (D, {}),
    (R, {"anonymous_id": None}),
    (R, {"identified_at": "once"}),
    (A, {"customer_id": None, "email": "a@example.com"}),
]
GOOD = {
    "events": {
        "store_id": "s",
        "event_type": "page_view",
        "occurred_at": "2025-03-01 10:00:00",
        "customer_id": "c1",
        "anonymous_id": "d1",
        "session_id": None,
        "page_url": "/",
        "page_title": None,
        "search_query": None,
        "properties": None,
        "event_value": None,
        "latitude": None,
        "longitude": None,
        "view_duration": None,
        "ip_address": None,
        "loaded_at": LOADED,
    },
    "orders": {
        "store_id": "s",
        "customer_id": "c1",
        "email": None,
        "ordered_at": "2025-03-01 10:00:00",
        "total_price": "10",
        "currency": "EUR",
        "is_test": None,
        "cancelled_at": None,
        "updated_at": "2025-03-01",
        "loaded_at": LOADED,
    },
    "order_items": {
        "store_id": "s",
        "order_id": "o0",
        "line_id": "1",
        "product_id": None,
        "quantity": "1",
        "price": "5",
        "refund_amount": None,
        "loaded_at": LOADED,
    },
    "customers": {
        "store_id": "s",
        "email": None,
        "phone": None,
        "created_at": "2025-01-01",
        "updated_at": "2025-01-01",
        "timezone": None,
        "metafields": None,
        "do_not_track": None,
        "loaded_at": LOADED,
    },
    "identities": {
        "store_id": "s",
        "identified_at": "2025-03-01",
        "anonymous_id": "d1",
        "customer_id": "c1",
        "email": None,
        "loaded_at": LOADED,
    },
}
IDS = {"events": ("event_id", "e"), "orders": ("order_id", "o")}
CORPUS = {"events": EVENTS, "orders": ORDERS, "order_items": ITEMS, "customers": CUSTOMERS, "identities": IDENTITIES}
RATES = [{"store_id": "s", "currency": "USD", "rate_date": "2025-01-01", "rate": "0.9", "loaded_at": LOADED}]
STORES = [{"store_id": "s", "timezone": "Europe/Nowhere", "currency": "EUR", "loaded_at": LOADED}]


def rows_of(table: str) -> list[dict[str, str | None]]:
    """The corpus of a table, every value text."""
    made = []
    for number, (_, change) in enumerate(CORPUS[table]):
        row = dict(GOOD[table])
        if table in IDS:
            column, letter = IDS[table]
            row[column] = f"{letter}{number}"
        made.append(row | change)
    return made


@pytest.fixture(scope="module", params=BY_ENGINE)
def corpus(new_shops, request):
    shops = new_shops("malformed", request.param)
    for shop in shops:
        with shop.warehouse() as warehouse:
            for table, rows in [*((table, rows_of(table)) for table in CORPUS), ("exchange_rates", RATES), ("stores", STORES)]:
                names = sorted({name for row in rows for name in row})
                schema = pa.schema([(name, pa.string()) for name in names])
                warehouse.write(table, pa.Table.from_pylist(rows, schema=schema))
    both(shops, Shop.build)
    return shops


@pytest.mark.parametrize("table", CORPUS)
def test_every_row_has_the_fate_it_should(corpus, table):
    expected = Counter(fate for fate, _ in CORPUS[table])
    for shop in corpus:
        found = Counter()
        for fate in (A, D, R, N, S):
            found[fate] = int(
                shop.rows(f"select coalesce(sum({fate}_rows), 0) from analytics.staging_quality where table_name = '{table}'")[0][
                    0
                ]
            )
        assert +found == expected, shop.target


def test_refused_rows_say_why(corpus):
    for shop in corpus:
        reasons = {
            tuple(row) for row in shop.rows("select distinct table_name, reason, column_name from analytics.rejected_rows")
        }
        assert reasons >= {
            ("events", "invalid", "occurred_at"),
            ("events", "missing", "occurred_at"),
            ("events", "too_old", "occurred_at"),
            ("events", "future", "occurred_at"),
            ("events", "missing", "event_id"),
            ("events", "missing", "store_id"),
            ("orders", "negative", "total_price"),
            ("orders", "no_rate", "currency"),
            ("orders", "invalid", "total_price"),
            ("order_items", "invalid", "quantity"),
            ("order_items", "negative", "quantity"),
            ("identities", "missing", "identifiers"),
        }


def test_rows_without_a_store_are_of_the_same_store_wherever_they_are_told_of(corpus):
    for shop in corpus:
        refused = "select count(*) from analytics.rejected_rows where store_id = '' and table_name = 'events'"
        counted = "select rejected_rows from analytics.staging_quality where store_id = '' and table_name = 'events'"
        assert shop.rows(refused) == shop.rows(counted) != [(0,)]
        assert shop.rows("select count(*) from analytics.rejected_rows where store_id is null") == [(0,)]


def test_words_that_are_not_known_and_lines_without_an_order_are_flagged(corpus):
    for shop in corpus:
        assert set(shop.rows("select table_name, column_name, reason from analytics.staging_issues where issue = 'flagged'")) == {
            ("events", "event_type", "unknown"),
            ("order_items", "order_id", "no_order"),
        }


def test_broken_optional_values_are_null_and_counted(corpus):
    for shop in corpus:
        nulled = {
            (table, column): int(count)
            for table, column, count in shop.rows(
                "select table_name, column_name, sum(row_count) from analytics.staging_issues "
                "where issue = 'nulled' group by table_name, column_name"
            )
        }
        assert nulled == {
            ("events", "properties"): 4,
            ("events", "event_value"): 5,
            ("events", "latitude"): 1,
            ("events", "view_duration"): 1,
            ("events", "loaded_at"): 1,
            ("orders", "is_test"): 1,
            ("orders", "cancelled_at"): 1,
            ("order_items", "refund_amount"): 1,
            ("customers", "metafields"): 1,
            ("customers", "created_at"): 1,
            ("customers", "timezone"): 1,
            ("customers", "phone"): 1,
            ("stores", "timezone"): 1,
        }


def test_values_are_read_by_one_grammar(corpus):
    for shop in corpus:
        assert shop.rows("select email, phone from analytics_staging.stg_customers where source_customer_id = 'c1'") == [
            ("a@example.com", "+4930123456")
        ]
        assert shop.rows(
            "select count(distinct source_customer_id) from analytics_staging.stg_customers "
            "where lower(source_customer_id) = 'c1'"
        ) == [(2,)]
        assert shop.rows("select distinct timezone from analytics.stores") == [("UTC",)]
        ((occurred,),) = shop.rows("select cast(occurred_at as text) from analytics.customer_events where event_id = 'e6'")
        assert occurred == "2025-03-01 08:00:00.123456"
