"""Tables that are made again for people of whom something else is known: nights give what a full refresh gives, on each engine.

A copy of the demo shop gets what changes a person: late lines of old orders, a refund of pieces, a cancelled order, another
catalogue, closed tickets, people who ask not to be tracked and change their mind, devices that turn out to be somebody's, another
time zone; and nights on which nothing but the clock moves.
"""

from __future__ import annotations

import pytest

from support.shops import BY_ENGINE, PROJECT, Shop, changes

BY_PERSON = sorted(path for path in (PROJECT / "models").rglob("*.sql") if "by_person(" in path.read_text(encoding="utf-8"))
# what is made of them by the clock of the night
READERS = ["int_axis_observations", "int_engagement_scores"]
# nothing is new on the second, which is repeated
NIGHTS = ("2025-07-01 04:00:00", "2025-07-09", "2025-07-09", "2025-08-20 13:00:00")


def again(shop: Shop, table: str, where: str, **values: str) -> None:
    """Land rows of a raw table a second time, with other values."""
    changed = ", ".join(f"{column} = {value}" for column, value in values.items())
    shop.execute(f"""
        create table raw.again as select * from raw.{table} where {where};
        update raw.again set {changed};
        insert into raw.{table} select * from raw.again;
        drop table raw.again""")


def first_changes(shop: Shop) -> None:
    """What the first night finds."""
    loaded = "'2025-07-01 03:00:00'"
    again(shop, "order_items", "md5(order_id) like '0%'", line_id="line_id || '-late'", quantity="'3'", loaded_at=loaded)
    again(shop, "refunds", "md5(order_id) like '1%'", refund_id="refund_id || '-late'", refunded_at=loaded, loaded_at=loaded)
    again(
        shop,
        "events",
        "md5(anonymous_id) like '0%' and product_id is not null",
        event_id="event_id || '-late'",
        occurred_at="'2025-06-30 20:00:00'",
        received_at="'2025-06-30 20:00:01'",
        loaded_at=loaded,
    )
    again(shop, "identities", "md5(anonymous_id) like '2%'", anonymous_id="'device-of-many'", loaded_at=loaded)
    shop.execute("""
        update raw.products set category = 'Elsewhere', vertical = 'home' where md5(product_id) like '0%';
        update raw.products set product_type = 'Service' where md5(product_id) like '1%';
        update raw.products set price = '7.77' where md5(product_id) like '2%';
        update raw.support_tickets set resolved_at = '2025-06-30 12:00:00' where resolved_at is null;
        update raw.customers set do_not_track = 'true' where md5(customer_id) like 'a%'""")


def last_changes(shop: Shop) -> None:
    """What the last night finds."""
    shop.execute("""
        update raw.customers set do_not_track = 'false' where md5(customer_id) like 'ab%';
        update raw.orders set cancelled_at = '2025-08-01 00:00:00' where md5(order_id) like '3%';
        update raw.stores set timezone = 'Pacific/Auckland' where store_id = 'store_1'""")


@pytest.fixture(params=BY_ENGINE)
def shop(demo_copies, request) -> Shop:
    """A copy of the demo shop."""
    (copy,) = demo_copies("people_nights", request.param)
    return copy


def test_nights_of_people_give_what_a_full_refresh_gives(shop):
    selected = [f"+{name}" for name in [*(path.stem for path in BY_PERSON), *READERS]]
    tables = [f"analytics_intermediate.{name}" for name in [*(path.stem for path in BY_PERSON), *READERS]]
    for number, as_of in enumerate(NIGHTS):
        if number in (0, 3):
            (first_changes, last_changes)[number == 3](shop)
        shop.dbt("run", "--select", *selected, as_of=as_of)
    before = shop.frames(tables)
    shop.dbt("run", "--full-refresh", "--select", *(path.stem for path in BY_PERSON), *READERS, as_of=NIGHTS[-1])
    assert changes(before, shop.frames(tables)) == []
    ((untracked,),) = shop.rows("select count(*) from analytics_intermediate.int_customers where do_not_track")
    assert untracked > 5
