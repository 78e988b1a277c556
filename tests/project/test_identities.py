"""Identity resolution through the warehouse: the demo's truth, what must not glue people together, and ids over nights."""

from __future__ import annotations

import json

import pytest

from support.shops import BY_ENGINE, Shop, both, differences

NIGHTS = ("2025-06-01", "2025-06-02", "2025-06-03")
IDENTITIES = [
    "analytics_intermediate.identity_survivors",
    "analytics.identity_changes",
    "analytics.identity_audit",
    "analytics_intermediate.customer_identities",
    "analytics_intermediate.int_customers",
]
SELECTED = [
    "--select",
    "+identity_changes",
    "+identity_audit",
    "+int_customers",
    "--exclude-resource-type",
    "test",
    "--exclude-resource-type",
    "unit_test",
]

TRUTH = """
    with truth as (
        select store_id, person_id, is_linked,
            case identifier_type when 'customer_id' then 'customer:' when 'anonymous_id' then 'anon:'
                else identifier_type || ':' end || identifier as identifier
        from raw.truth_identities
    ),
    pairs as (
        select a.store_id, a.identifier as one, b.identifier as other, bool_or(a.is_linked and b.is_linked) as is_linked
        from truth as a inner join truth as b on a.store_id = b.store_id and a.person_id = b.person_id
        where a.identifier < b.identifier
        group by a.store_id, a.identifier, b.identifier
    ),
    identities as (
        select * from analytics_intermediate.customer_identities where identifier_type <> 'external'
    ),
    found as (
        select a.store_id, a.identifier as one, b.identifier as other
        from identities as a inner join identities as b on a.store_id = b.store_id and a.customer_id = b.customer_id
        where a.identifier < b.identifier
    )
    select
        (select count(*) from found),
        (select count(*) from found inner join pairs on found.store_id = pairs.store_id and found.one = pairs.one
            and found.other = pairs.other),
        (select count(*) from pairs where is_linked),
        (select count(*) from found inner join pairs on found.store_id = pairs.store_id and found.one = pairs.one
            and found.other = pairs.other where is_linked)
"""


def test_the_truth_of_the_demo_shop_is_found_again(demo):
    for shop in demo:
        ((found, right, true, recalled),) = shop.rows(TRUTH)
        assert found > 5000 and right / found >= 0.99, shop.target
        assert recalled / true >= 0.99, shop.target


def landed(shop: Shop, turned: bool) -> None:
    """Raw rows of two stores with the same ids; loaded_at says in which night they are known."""
    first, second, third = (f"{day} 00:00:00" for day in ("2025-05-31", "2025-06-01", "2025-06-02"))
    customers, orders, events, identities = [], [], [], []
    for store in ("north", "south"):

        def customer(number, created, loaded=first, email=None, external=None, updated=None, first_name=None, store=store):
            customers.append((store, number, email, first_name, created, updated or created, external, loaded))

        def order(number, customer_id, email, loaded=first, store=store):
            orders.append((store, number, customer_id, email, "2025-05-20 10:00:00", "10", loaded))

        def event(number, customer_id, anonymous_id, loaded=first, store=store):
            occurred = f"2025-05-{10 + len(events) % 9} 10:00:00"
            events.append((store, number, "page_view", occurred, customer_id, anonymous_id, loaded))

        for number in range(300):
            event(f"kiosk{number}", f"pos{number}", "kiosk")
        for number in range(40):
            order(f"office{number}", f"desk{number}", "office@x.example")
        order("office-guest", None, "office@x.example")
        # the one customer of an address, and a guest who orders with it
        customer("one", "2025-01-01 00:00:00", email="One@x.example ")
        order("guest", None, "one@X.example")
        # a household of two records
        customer("wife", "2025-01-01 00:00:00", email="home@x.example", first_name="W")
        customer("husband", "2025-02-01 00:00:00", email="home@x.example", first_name="H")
        # two records that a late row of identities makes one person
        customer("early", "2025-01-01 00:00:00", first_name="Ada")
        customer("late", "2025-02-01 00:00:00", email="late@x.example")
        for number in ("early", "late"):
            identities.append((store, "2025-06-02 10:00:00", number, "said@x.example", None, third))
        # an earlier record of somebody who is known already; both are of the last day: what is older would have been there
        customer("known", "2025-05-31 12:00:00", external='{"stripe_id": "s1", "crm_id": 7}')
        customer("older", "2025-05-31 06:00:00", second, external='{"stripe_id": "s1", "crm_id": 8, "till_id": "t"}')
        # two records that are no longer one person
        customer("twin1", "2025-01-01 00:00:00", external='{"stripe_id": "s2"}')
        customer("twin2", "2025-02-01 00:00:00", external='{"stripe_id": "s2"}')
        customer("twin2", "2025-02-01 00:00:00", second, external='{"stripe_id": "s3"}', updated="2025-05-31 12:00:00")
        # a device that is identified a night later, and an id that identifies nobody
        event("seen", None, "device")
        event("login", "new", "device", second)
        order("woo", "0", "woo@x.example")
        event("nobody", None, "anonymous")
    tables = {
        "customers": ("store_id customer_id email first_name created_at updated_at external_ids loaded_at", customers),
        "orders": ("store_id order_id customer_id email ordered_at total_price loaded_at", orders),
        "events": ("store_id event_id event_type occurred_at customer_id anonymous_id loaded_at", events),
        "identities": ("store_id identified_at customer_id email anonymous_id loaded_at", identities),
    }
    shop.execute("create schema raw")
    for name, (columns, rows) in tables.items():
        names = columns.split()
        shop.execute(f"create table raw.{name} ({', '.join(f'{column} text' for column in names)})")
        values = ", ".join(
            "(" + ", ".join("null" if value is None else f"'{value}'" for value in row) + ")"
            for row in (reversed(rows) if turned else rows)
        )
        shop.execute(f"insert into raw.{name} values {values}")


@pytest.fixture(scope="module", params=BY_ENGINE)
def nights(new_shops, request):
    """The same rows, in two orders, over three nights, on each engine; the first was played twice in its last night."""
    shops, turned = (new_shops(name, request.param, is_night=True) for name in ("identity_nights", "identity_turned"))
    for shop in shops:
        landed(shop, turned=False)
    for shop in turned:
        landed(shop, turned=True)

    both([*shops, *turned], lambda shop: shop.nights(NIGHTS, "build", *SELECTED))
    return shops, turned


def person(shop: Shop, identifier: str, store: str = "north") -> str:
    """The person of an identifier."""
    ((found,),) = shop.rows(
        "select customer_id from analytics_intermediate.customer_identities "
        f"where store_id = '{store}' and identifier = '{identifier}'"
    )
    return found


def people(shop: Shop, start: str, store: str) -> set[str]:
    """The persons of all identifiers that start alike."""
    return {
        found
        for (found,) in shop.rows(
            "select customer_id from analytics_intermediate.customer_identities "
            f"where store_id = '{store}' and identifier like '{start}%'"
        )
    }


def test_a_kiosk_and_a_shared_address_join_nobody(nights):
    for shop in nights[0]:
        for store in ("north", "south"):
            assert people(shop, "customer:pos", store) == {f"pos{n}" for n in range(300)}
            assert person(shop, "anon:kiosk", store) == "anon:kiosk"
            assert people(shop, "customer:desk", store) == {f"desk{n}" for n in range(40)}
            assert person(shop, "email:office@x.example", store) == "email:office@x.example"
            assert (person(shop, "customer:wife", store), person(shop, "customer:husband", store)) == ("wife", "husband")
        assert shop.rows("""
            select finding, identifier, count(*), max(row_count) from analytics.identity_audit
            where store_id = 'north' and finding <> 'blocked' group by finding, identifier order by finding, identifier""") == [
            ("shared", "anon:kiosk", 300, 300),
            ("shared", "email:office@x.example", 40, 40),
            ("two_customers", "email:home@x.example", 1, 1),
        ]


def test_a_guest_joins_the_one_customer_who_has_the_address(nights):
    for shop in nights[0]:
        assert person(shop, "email:one@x.example") == "one"


def test_values_that_identify_nobody_are_listed_and_give_way_to_better_ones(nights):
    for shop in nights[0]:
        assert shop.rows(
            "select source, identifier, row_count from analytics.identity_audit "
            "where store_id = 'north' and finding = 'blocked' order by source"
        ) == [("events", "anon:anonymous", 1), ("orders", "customer:0", 1)]
        assert person(shop, "email:woo@x.example") == "email:woo@x.example"
        assert shop.rows(
            "select count(*) from analytics_intermediate.customer_identities where identifier in ('customer:0', 'anon:anonymous')"
        ) == [(0,)]


def test_a_device_is_its_customers_from_the_night_in_which_it_is_identified(nights):
    for shop in nights[0]:
        assert person(shop, "anon:device") == "new"


def test_who_is_known_keeps_the_id_when_an_earlier_record_turns_up(nights):
    for shop in nights[0]:
        assert person(shop, "customer:older") == person(shop, "customer:known") == "known"


def test_merges_and_splits_are_recorded_in_their_night(nights):
    for shop in nights[0]:
        changes = shop.rows(
            "select cast(as_of as date), change_type, from_customer_id, to_customer_id "
            "from analytics.identity_changes where store_id = 'north' order by 1, 2"
        )
        assert [(str(night), *rest) for night, *rest in changes] == [
            ("2025-06-02", "split", "twin1", "twin2"),
            ("2025-06-03", "merge", "late", "early"),
        ]


def test_merged_profiles_take_the_primarys_fields_first(nights):
    for shop in nights[0]:
        ((name, email, created, records),) = shop.rows(
            "select first_name, email, cast(created_at as date), record_count from analytics_intermediate.int_customers "
            "where store_id = 'north' and customer_id = 'early'"
        )
        assert (name, email, str(created), records) == ("Ada", "late@x.example", "2025-01-01", 2)
        ((ids,),) = shop.rows(
            "select cast(external_ids as text) from analytics_intermediate.int_customers "
            "where store_id = 'north' and customer_id = 'known'"
        )
        assert json.loads(ids) == {"crm_id": "7", "stripe_id": "s1", "till_id": "t"}


def test_the_order_of_rows_and_playing_the_same_nights_elsewhere_change_nothing(nights):
    for shop, other in zip(*nights, strict=True):
        assert differences(shop, other, IDENTITIES) == []


def test_a_second_run_changes_nothing_and_nights_can_be_played_again(nights):
    shops, others = nights

    both(shops, lambda shop: shop.nights(NIGHTS[2:], "build", *SELECTED))
    for shop, other in zip(*nights, strict=True):
        assert differences(shop, other, IDENTITIES) == []
    shops[0].nights(NIGHTS[1:], "build", *SELECTED, rebuild_from=NIGHTS[1])
    assert differences(shops[0], others[0], IDENTITIES) == []
