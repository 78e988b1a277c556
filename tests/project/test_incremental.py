"""Derived tables: many nights give what one full refresh gives, on each engine.

The raw rows of the demo shop arrive in four nights, shuffled. A part of them is committed late (their loaded_at lies
before the night in which they become visible), some carry no loaded_at or one before all times, some events are sent
again from another device, a few of these with an earlier loaded_at than the one that was accepted first, and customers
change their mind about being tracked. One run dies half-way.
"""

from __future__ import annotations

import pytest

from support.shops import BY_ENGINE, LEDGERS, Shop, both, differences

NIGHTS = ("2024-12-01", "2025-03-01", "2025-06-01", "2025-06-30")
# The models that keep what earlier nights read, with what they stand on; everything else is made anew by each night.
REMEMBERING = [
    "path:python_models/identity",
    "path:models/staging",
    "identity_survivors",
    "erasures",
    *(f"path:models/intermediate/{folder}" for folder in ("identity", "sessions", "orders")),
]
# Whoever has spent more than six of ten: a rule on the place among tonight's people.
BIG_SPENDERS = """
    insert into analytics_seeds.custom_segment_definitions (segment_id, name, segment_type, status, refresh_days, auto_refresh)
    values ('big-spenders', 'Big spenders', 'rule_based', 'active', '1', 'true');
    insert into analytics_seeds.custom_segment_rules (rule_id, segment_id, field, operator, value)
    values ('big-spenders-1', 'big-spenders', 'axis_position.purchase_value', 'greater_than', '0.6')"""


def stir(shop: Shop) -> None:
    """Give every event of the demo a night in which it becomes visible, and add what makes nights hard."""
    shop.execute("alter table raw.events add column night integer")
    for number, night in enumerate(NIGHTS):
        before = NIGHTS[number - 1] if number else "1900-01-01"
        shop.execute(f"""
            update raw.events set night = {number} where loaded_at >= '{before}' and loaded_at < '{night}';
            update raw.events set loaded_at = timestamp '{night}' - interval '3 hours'
            where night = {number} and substr(md5(event_id), 1, 1) in ('0', '1', '2')
                and loaded_at < timestamp '{night}' - interval '3 hours'""")
    last = len(NIGHTS) - 1
    shop.execute(f"""
        update raw.events set night = {last} where night is null;
        update raw.events set loaded_at = case
            when substr(md5(event_id), 3, 1) in ('0', '1', '2') then timestamp '1970-01-01'
            when substr(md5(event_id), 3, 1) in ('3', '4', '5') then timestamp '-infinity'
        end where substr(md5(event_id), 2, 1) = '0';
        create table raw.again as
            select * from raw.events where substr(md5(event_id), 1, 2) = '55' and night < {last};
        update raw.again set night = night + 1, anonymous_id = 'again', loaded_at = case night
            {" ".join(f"when {number} then timestamp '{NIGHTS[number + 1]}'" for number in range(last))}
        end - interval '2 hours';
        update raw.again set loaded_at = timestamp '1970-01-01' where substr(md5(event_id), 3, 1) in ('0', '1', '2', '3');
        create table raw.earlier as
            select * from raw.events where substr(md5(event_id), 1, 2) in ('00', '01', '02', '03') and night < {last};
        update raw.earlier set night = night + 1, anonymous_id = 'earlier' || coalesce(anonymous_id, ''),
            loaded_at = loaded_at - interval '1 hour';
        update raw.events set night = night + 1
        where night < {last} and substr(md5(event_id), 1, 2) in ('1a', '1b', '2c', '2d');
        insert into raw.events select * from raw.again;
        insert into raw.events select * from raw.earlier;
        create table raw.changed_minds as select * from raw.customers where substr(md5(customer_id), 1, 1) = 'a';
        insert into raw.changed_minds select * from raw.customers where do_not_track in ('true', '1', 'yes', 't');
        update raw.changed_minds set updated_at = '2025-05-20 00:00:00', loaded_at = '2025-05-20 00:00:00',
            do_not_track = case when do_not_track in ('true', '1', 'yes', 't') then 'false' else 'true' end;
        insert into raw.customers select * from raw.changed_minds;
        create table raw.all_events as select * from raw.events""")


@pytest.fixture(scope="module", params=BY_ENGINE)
def nights(new_shops, request):
    """The same shop built in four nights and at once, on each engine."""
    (many,), (one,) = new_shops("nights", request.param), new_shops("at_once", request.param)
    for shop in (many, one):
        shop.tessera("demo", "--customers", "600", "--events-per-customer", "20", "--dirt", "3")
        stir(shop)
    many.execute("delete from raw.events")

    def build_nights() -> None:
        many.dbt("seed")
        many.execute(BIG_SPENDERS)
        for number, night in enumerate(NIGHTS):
            many.execute(
                f"insert into raw.events select * from raw.all_events where night = {number} "
                "order by md5(coalesce(event_id, '') || 'shuffle')"
            )
            if number == 2:
                many.dbt("run", "--select", "base_events", as_of=night)
                continue
            many.dbt("run", *(["--select", *REMEMBERING] if night != NIGHTS[-1] else []), as_of=night, is_night=True)

    def build_at_once() -> None:
        one.dbt("seed", as_of=NIGHTS[-1])
        one.execute(BIG_SPENDERS)
        one.dbt("run", as_of=NIGHTS[-1])

    both([build_nights, build_at_once], lambda build: build())
    return many, one


def test_nights_give_what_one_full_build_gives(nights):
    # ledgers say what was found out in which night
    assert differences(*nights, skip=LEDGERS) == []


def test_a_rule_on_a_place_on_an_axis_is_met_by_the_same_people(nights):
    many, one = (
        shop.rows(
            "select store_id, customer_id from analytics.segment_memberships "
            "where segment_id = 'big-spenders' and is_current order by 1, 2"
        )
        for shop in nights
    )
    assert many == one and len(many) > 50


def test_the_nights_held_what_makes_them_hard(nights):
    shop = nights[0]
    fates = dict(shop.rows("select fate, count(*) from analytics_intermediate.int_events_enriched group by fate"))
    assert fates["suppressed"] > 20 and fates["duplicate"] > 50
    ((moved,),) = shop.rows(
        "select count(*) from analytics_staging.stg_events where anonymous_id like 'earlier%' and fate = 'accepted'"
    )
    assert moved > 5
    ((unstamped,),) = shop.rows("select count(*) from analytics_staging.stg_events where loaded_at is null")
    assert unstamped > 100


def test_laws_hold_after_many_nights(nights):
    nights[0].dbt("test", "--select", "test_type:singular", as_of=NIGHTS[-1])
