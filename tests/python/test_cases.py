"""Small inputs of the world that went wrong somewhere, each a store of one database: its right values, on both engines."""

from __future__ import annotations

import pytest

from support import Shop, both

NIGHT = "2025-07-01 00:00:00"
# The night before the zone of the store zonenight is known.
EARLIER = "2025-06-15 00:00:00"

# The raw tables, with the columns that the stores below have.
TABLES = {
    "stores": "store_id text, timezone text, currency text, created_at timestamp, loaded_at timestamp",
    "customers": "store_id text, customer_id text, email text, created_at timestamp, external_ids json, loaded_at timestamp",
    "orders": "store_id text, order_id text, customer_id text, email text, ordered_at timestamp, total_price numeric(18, 2), "
              "loaded_at timestamp",
    "order_items": "store_id text, order_id text, line_id text, product_id text, quantity bigint, price numeric(18, 2), "
                   "discount_amount numeric(18, 2)",
    "events": "store_id text, event_id text, event_type text, occurred_at timestamp, customer_id text, anonymous_id text, "
              "session_id text, page_url text, loaded_at timestamp",
    "segment_imports": "store_id text, segment_slug text, customer_id text, added_at timestamp, expires_at timestamp",
}
# Columns as a warehouse exports them, in capitals.
CAPITALS = {"orders": ["store_id", "customer_id", "total_price"], "order_items": ["order_id", "quantity"]}

STORES = {
    # a browser whose clock is 20 seconds fast, just before the night
    "skew": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, page_url, loaded_at) values
            ('skew', 'e1', 'page_view', '2025-07-01 00:00:10', 'd1', 'https://shop.example/', '2025-06-30 23:59:50'),
            ('skew', 'e2', 'page_view', '2025-06-30 10:00:00', 'd2', 'https://shop.example/', '2025-06-30 10:00:01')""",
    # a clock that is ten hours ahead: an order and an event of the day after, loaded before it
    "future": """
        insert into raw.stores (store_id, timezone, currency, created_at) values
            ('future', 'America/New_York', 'USD', '2024-01-01');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, loaded_at) values
            ('future', 'o1', 'c1', '2025-07-01 10:00:00', 50, '2025-06-30 23:30:00'),
            ('future', 'o2', 'c2', '2025-06-15 10:00:00', 20, '2025-06-15 23:30:00');
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, page_url, loaded_at) values
            ('future', 'e1', 'page_view', '2025-07-01 10:00:00', 'c3', 'https://shop.example/', '2025-06-30 23:30:00')""",
    # an external id whose name begins with a dollar sign, as analytics tools call their own
    "dollar": """
        insert into raw.customers (store_id, customer_id, created_at, external_ids) values
            ('dollar', 'c1', '2025-01-01', '{"$device_id": "x1"}');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('dollar', 'o1', 'c1', '2025-06-01 10:00:00', 10)""",
    # a barcode was scanned into the field of the quantity
    "barcode": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('barcode', 'o1', 'c1', '2025-06-01 10:00:00', 9990), ('barcode', 'o2', 'c2', '2025-06-02 10:00:00', 20);
        insert into raw.order_items (store_id, order_id, line_id, product_id, quantity, price) values
            ('barcode', 'o1', 'l1', 'p1', 4006381333931, 9990), ('barcode', 'o2', 'l1', 'p1', 1, 20)""",
    # a membership that never expires
    "inf": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('inf', 'o1', 'c1', '2025-06-01 10:00:00', 10);
        insert into raw.segment_imports (store_id, segment_slug, customer_id, added_at, expires_at) values
            ('inf', 'vip-customers', 'c1', '2025-05-01', 'infinity')""",
    # the shop's own zone becomes known after the first night; visits at 20:00 in Los Angeles
    "zonenight": """
        insert into raw.stores (store_id, timezone, currency, loaded_at) values
            ('zonenight', 'UTC', 'USD', '2025-06-01'), ('zonenight', 'America/Los_Angeles', 'USD', '2025-06-15 12:00:00');
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, page_url, loaded_at) values
            ('zonenight', 'e0', 'page_view', '2025-06-10 03:00:00', 'c1', 'https://shop.example/', '2025-06-10 04:00:00'),
            ('zonenight', 'e1', 'page_view', '2025-06-11 03:00:00', 'c1', 'https://shop.example/', '2025-06-11 04:00:00'),
            ('zonenight', 'e2', 'page_view', '2025-06-12 03:00:00', 'c1', 'https://shop.example/', '2025-06-12 04:00:00'),
            ('zonenight', 'e3', 'page_view', '2025-06-13 03:00:00', 'c1', 'https://shop.example/', '2025-06-13 04:00:00'),
            ('zonenight', 'e4', 'page_view', '2025-06-14 03:00:00', 'c1', 'https://shop.example/', '2025-06-14 04:00:00'),
            ('zonenight', 'x', 'page_view', '2025-06-15 20:00:00', 'c2', 'https://shop.example/', '2025-06-15 21:00:00');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, loaded_at) values
            ('zonenight', 'o1', 'c1', '2025-06-12 03:30:00', 10, '2025-06-12 04:00:00')""",
    # ids with the character that keys were joined by: two sessions of one device, two visitors
    "keys": """
        insert into raw.stores (store_id, timezone, currency, created_at) values ('keys', 'UTC', 'USD', '2024-01-01');
        insert into raw.events
            (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, customer_id, loaded_at)
        values
            ('keys', 'x|e1', 'page_view', '2025-06-10 10:00:00', 'd1', 's1', null, '2025-06-10 23:00:00'),
            ('keys', 'e1', 'page_view', '2025-06-12 10:00:00', 'd1', 's1|x', null, '2025-06-12 23:00:00'),
            ('keys', 'f1', 'page_view', '2025-06-14 10:00:00', 'd2', null, 'auth0|5', '2025-06-14 23:00:00'),
            ('keys', 'f2', 'page_view', '2025-06-14 10:00:00', 'd2|auth0', null, '5', '2025-06-14 23:00:00')""",
    # three pieces for 1.00, wholly paid by a coupon: the price of one rounds to 0.33, so the line is worth -0.01
    "cent": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('cent', 'o1', 'c1', '2025-05-01 10:00:00', 0), ('cent', 'o2', 'c1', '2025-06-01 10:00:00', 10);
        insert into raw.order_items (store_id, order_id, line_id, product_id, quantity, price, discount_amount) values
            ('cent', 'o1', 'l1', 'p1', 3, 0.33, 1), ('cent', 'o2', 'l2', 'p2', 1, 10, 0)""",
    # two people whose customer_id stands under a name in capitals
    "upper": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('upper', 'o1', 'c1', '2025-06-01 10:00:00', 50), ('upper', 'o2', 'c2', '2025-06-02 10:00:00', 70)""",
}


@pytest.fixture(scope="module")
def cases(new_shops) -> list[Shop]:
    """All stores after a night before a zone was known, of which only sessions and days are made, and the night itself."""
    shops = new_shops("cases", as_of=NIGHT)

    def make(shop: Shop) -> None:
        statements = ["create schema raw", *(f"create table raw.{name} ({columns})" for name, columns in TABLES.items()),
                      *STORES.values()]
        for table, columns in CAPITALS.items():
            for column in columns:
                statements += [f"alter table raw.{table} rename column {column} to landed",
                               f'alter table raw.{table} rename column landed to "{column.upper()}"']
        shop.execute(";\n".join(statements))
        shop.commands(["seed"], ["run", "--select", "+int_visitor_days", "+int_event_sessions"], as_of=EARLIER)
        shop.build()

    both(shops, make)
    return shops


def test_what_happens_after_the_night_is_not_yet(cases):
    for shop in cases:
        assert shop.rows("select event_id from analytics.customer_events where store_id = 'skew'") == [("e2",)]
        assert shop.rows("select customer_id from analytics.customer_behavior_summary where store_id = 'future' order by 1") \
            == [("c2",)]
        assert shop.rows("""select store_id, table_name, accepted_rows, not_yet_rows from analytics.staging_quality
                            where store_id in ('skew', 'future') and not_yet_rows > 0 order by 1, 2""") \
            == [("future", "events", 0, 1), ("future", "orders", 1, 1), ("skew", "events", 1, 1)]


def test_an_external_id_may_have_any_name(cases):
    for shop in cases:
        ((identifier,),) = shop.rows("""select identifier_value from analytics_intermediate.customer_identities
                                        where store_id = 'dollar' and identifier_type = 'external' and customer_id = 'c1'""")
        assert "$device_id" in identifier and "x1" in identifier


def test_a_barcode_for_a_quantity_is_refused_and_its_order_stays(cases):
    for shop in cases:
        assert shop.rows("""select accepted_rows, rejected_rows from analytics.staging_quality
                            where store_id = 'barcode' and table_name = 'order_items'""") == [(1, 1)]
        assert [(customer, int(spent)) for customer, spent in shop.rows(
            "select customer_id, total_spent from analytics.customer_behavior_summary where store_id = 'barcode' order by 1")] \
            == [("c1", 9990), ("c2", 20)]


def test_a_membership_until_infinity_has_no_end(cases):
    for shop in cases:
        assert shop.rows("""select customer_id, left_at from analytics.segment_memberships
                            where store_id = 'inf' and segment_id = 'vip-customers'""") == [("c1", None)]


def test_a_zone_that_becomes_known_moves_the_days_before(cases):
    for shop in cases:
        assert [str(day) for (day,) in shop.rows("""
            select activity_date from analytics_intermediate.int_visitor_days
            where store_id = 'zonenight' and source_customer_id = 'c1' order by 1""")] \
            == [f"2025-06-{day:02d}" for day in range(9, 14)]
        assert shop.rows("""select days_since_seen from analytics_intermediate.int_profile_attributes
                            where store_id = 'zonenight' and customer_id = 'c1'""") == [(17,)]


def test_ids_that_hold_what_joins_keys_stay_apart(cases):
    for shop in cases:
        assert shop.rows("""select session_id, total_events from analytics.sessions
                            where store_id = 'keys' and session_id like 's1%' order by 1""") == [("s1", 1), ("s1|x", 1)]
        assert shop.rows("""select customer_id, event_id from analytics.customer_events
                            where store_id = 'keys' and event_id like 'f%' order by 2""") == [("auth0|5", "f1"), ("5", "f2")]


def test_a_cent_of_discount_too_much_leaves_scores_in_their_range(cases):
    for shop in cases:
        ((score,),) = shop.rows("""select discount_hunt_score from analytics_intermediate.int_customer_axis_features
                                   where store_id = 'cent' and customer_id = 'c1'""")
        assert 0 <= score <= 1


def test_columns_in_capitals_are_the_contracts(cases):
    for shop in cases:
        assert [(customer, int(spent)) for customer, spent in shop.rows(
            "select customer_id, total_spent from analytics.customer_behavior_summary where store_id = 'upper' order by 1")] \
            == [("c1", 50), ("c2", 70)]
