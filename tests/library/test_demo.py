"""The demo is what it says: repeatable, adding up, clean on request, and made by the process its truth names."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tessera.demo import AXES, DIRT_FATES, RAW_SCHEMAS, SCHEMAS, DemoConfig, generate, generate_chunk
from tessera.demo.purchases import repeat_times
from tessera.demo.rates import expected_repeats
from tessera.demo.shop import Store

AS_OF = "timestamp '2025-06-30'"


def in_duckdb(config: DemoConfig) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB that holds a demo."""
    parts: dict[str, list[pa.Table]] = {}
    for name, rows in generate(config):
        parts.setdefault(name, []).append(rows)
    engine = duckdb.connect()
    for name, tables in parts.items():
        engine.register("incoming", pa.concat_tables(tables))
        engine.execute(f"create table {name} as select * from incoming")
        engine.unregister("incoming")
    # The grammar of landed dates, as far as the demo writes it: without an offset they are UTC.
    engine.execute("""
        create macro moment(text) as case
            when text like '%+02:00' then try_cast(replace(left(text, 19), 'T', ' ') as timestamp) - interval 2 hour
            else try_cast(replace(rtrim(text, 'Z'), 'T', ' ') as timestamp) end""")
    return engine


@pytest.fixture(scope="module")
def demo():
    engine = in_duckdb(DemoConfig(customers=3000, chunk_people=1000, dirt=3))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def clean():
    engine = in_duckdb(DemoConfig(customers=3000, dirt=0))
    yield engine
    engine.close()


def test_the_same_configuration_gives_the_same_rows():
    config = DemoConfig(customers=300, chunk_people=100)
    for (name, one), (other_name, other) in zip(generate(config), generate(config), strict=True):
        assert name == other_name
        assert one.equals(other), name


def test_another_seed_gives_other_rows():
    one, _ = generate_chunk(DemoConfig(customers=200), 0, 0)
    other, _ = generate_chunk(DemoConfig(customers=200, seed=8), 0, 0)
    assert not one["orders"].equals(other["orders"])


def test_a_chunk_made_alone_is_the_chunk_made_in_its_turn():
    config = DemoConfig(customers=600, chunk_people=100)
    alone, _ = generate_chunk(config, 1, 1)
    in_turn = [rows for name, rows in generate(config) if name == "events"]
    before = len(config.chunks_of(0))
    assert alone["events"].equals(in_turn[before + 1])


def test_every_table_has_its_schema_in_every_chunk():
    seen = set()
    for name, rows in generate(DemoConfig(customers=60, chunk_people=20, days=40)):
        assert rows.schema == SCHEMAS[name], name
        rows.validate(full=True)
        seen.add(name)
    assert seen == set(SCHEMAS)


@pytest.mark.parametrize("customers", [1, 2, 7])
def test_a_handful_of_people_is_enough(customers):
    assert dict(generate(DemoConfig(customers=customers, stores=1)))["truth_people"].num_rows == customers


def test_ids_are_unique_within_a_store(clean):
    keys = {
        "events": "event_id",
        "orders": "order_id",
        "order_items": "line_id",
        "customers": "customer_id",
        "support_tickets": "ticket_id",
        "refunds": "refund_id",
        "sessions": "session_id",
        "products": "product_id",
    }
    for name, key in keys.items():
        ((rows, ids),) = clean.execute(f"select count(*), count(distinct (store_id, {key})) from {name}").fetchall()
        assert rows == ids > 0, name


def test_every_raw_row_has_one_fate(demo):
    for name in RAW_SCHEMAS:
        rows = dict(demo.execute(f"select coalesce(store_id, ''), count(*) from {name} group by 1").fetchall())
        fates = dict(
            demo.execute("select store_id, sum(rows) from truth_fates where table_name = ? group by 1", [name]).fetchall()
        )
        assert rows == fates, name


def test_kinds_of_dirt_add_up_to_fates(demo):
    by_fate = Counter()
    for store, table, kind, rows in demo.execute("from truth_dirt").fetchall():
        by_fate[store, table, DIRT_FATES[kind]] += rows
    for store, table, fate, rows in demo.execute("from truth_fates where fate <> 'accepted'").fetchall():
        assert by_fate.pop((store, table, fate)) == rows
    assert {fate for _, _, fate in by_fate} == {"accepted"}


# The raw contract's rules once more, in SQL: required values, the ids that repeat, which version of an id wins.
RULES = {
    "events": (
        "event_id",
        "event_id is null or trim(event_id) = '' or event_type is null or occurred_at is null "
        "or occurred_at < '2000-01-01' or occurred_at > received_at + interval 1 day",
        "loaded_at",
    ),
    "orders": (
        "order_id",
        "order_id is null or trim(order_id) = '' or ordered_at is null or total_price is null "
        "or total_price < 0 or ordered_at < '2000-01-01' or ordered_at > loaded_at + interval 1 day or "
        "(currency not in (select s.currency from stores as s where s.store_id = raw.store_id) and currency not "
        "in (select e.currency from exchange_rates as e where e.store_id = raw.store_id))",
        "updated_at desc, loaded_at desc",
    ),
    "order_items": (
        "line_id",
        "order_id is null or trim(order_id) = '' or "
        "coalesce(try_cast(quantity as integer), -1) < 0 or try_cast(price as decimal(18, 2)) is null",
        "moment(updated_at) desc, loaded_at desc",
    ),
    "customers": ("customer_id", "customer_id is null or trim(customer_id) = ''", "moment(updated_at) desc, loaded_at desc"),
    "support_tickets": (
        "ticket_id",
        "ticket_id is null or trim(ticket_id) = '' or moment(opened_at) is null or "
        "moment(opened_at) < '2000-01-01' or moment(opened_at) > loaded_at::timestamp + interval 1 day",
        "loaded_at desc",
    ),
    "refunds": (
        "refund_id",
        "refund_id is null or refunded_at is null or amount is null or refunded_at < '2000-01-01' "
        "or refunded_at > loaded_at + interval 1 day",
        "loaded_at desc",
    ),
    "identities": (
        "rowid",
        "identified_at is null or identified_at < '2000-01-01' or (anonymous_id is not null)::int "
        "+ (customer_id is not null)::int + (email is not null)::int + (phone is not null)::int < 2",
        "loaded_at",
    ),
    "sessions": ("rowid", "session_id is null or started_at is null", "loaded_at"),
    "segment_imports": ("rowid", "trim(customer_id) = ''", "loaded_at"),
    "purchase_attributions": ("rowid", "order_id is null", "loaded_at"),
    "campaign_costs": (
        "cost_date, source, medium, campaign",
        "cost_date is null or cost is null or cost_date < '2000-01-01' or cost_date > loaded_at + interval 1 day or "
        "(currency not in (select s.currency from stores as s where s.store_id = raw.store_id) and currency not "
        "in (select e.currency from exchange_rates as e where e.store_id = raw.store_id))",
        "loaded_at",
    ),
}
HIDDEN = """
    customer_id in (
        select c.customer_id from customers as c where c.store_id = raw.store_id and c.customer_id is not null
            and loaded_at::timestamp < {as_of}
        group by 1
        having arg_max(c.do_not_track, moment(c.updated_at)) in ('true', '1', 'yes'))"""


@pytest.mark.parametrize("name", RULES)
def test_the_contracts_rules_find_the_planted_fates(demo, name):
    key, rejected, order = RULES[name]
    hidden = HIDDEN.format(as_of=AS_OF) if name == "events" else "false"
    found = demo.execute(f"""
        with judged as (
            select *, case
                when loaded_at::timestamp >= {AS_OF} then 'not_yet'
                when store_id is null or {rejected} then 'rejected'
                end as verdict
            from (select rowid, * from {name}) as raw),
        numbered as (
            select *, row_number() over (partition by store_id, {key}, verdict order by {order}) as arrival
            from judged)
        select coalesce(store_id, ''), coalesce(verdict, case
            when arrival > 1 then 'duplicate' when {hidden} then 'suppressed' else 'accepted' end) as fate, count(*)
        from numbered as raw group by 1, 2 order by 1, 2""").fetchall()
    planted = demo.execute("select store_id, fate, rows from truth_fates where table_name = ? order by 1, 2", [name]).fetchall()
    assert found == planted


def test_every_kind_of_dirt_is_planted(demo):
    assert {kind for (kind,) in demo.execute("select distinct kind from truth_dirt").fetchall()} == set(DIRT_FATES)


def test_an_orders_total_is_the_sum_of_its_lines(clean):
    wrong = clean.execute("""
        select count(*) from orders left join (
            select store_id, order_id,
                sum(quantity::integer * price::decimal(18, 2) - coalesce(discount_amount::decimal(18, 2), 0)) as total,
                sum(coalesce(discount_amount::decimal(18, 2), 0)) as discount
            from order_items group by all) as lines using (store_id, order_id)
        where total_price is distinct from total or orders.discount_amount is distinct from discount""").fetchall()
    assert wrong == [(0,)]


def test_accepted_money_adds_up_among_dirt(demo):
    ((ordered, sold),) = demo.execute(f"""
        with latest as (
            select * from orders where loaded_at < {AS_OF} and trim(order_id) <> '' and total_price >= 0
                and store_id is not null and currency not in ('XTS', 'XXX') and ordered_at >= '2000-01-01'
                and ordered_at <= loaded_at + interval 1 day
            qualify row_number() over (partition by store_id, order_id order by updated_at desc, loaded_at desc) = 1),
        lines as (
            select * from order_items where loaded_at::timestamp < {AS_OF} and trim(order_id) <> ''
                and store_id is not null and order_id is not null and try_cast(quantity as integer) >= 0
                and try_cast(price as decimal(18, 2)) is not null
            qualify row_number() over (
                partition by store_id, line_id order by moment(updated_at) desc, loaded_at desc) = 1)
        select (select sum(total_price) from latest), (select sum(quantity::integer * price::decimal(18, 2)
            - coalesce(discount_amount::decimal(18, 2), 0)) from lines)""").fetchall()
    assert ordered == sold


def test_refunds_never_exceed_what_a_line_cost(clean):
    assert clean.execute("""
        select count(*) from order_items as i left join refunds as r using (store_id, line_id)
        where coalesce(i.refund_amount::decimal(18, 2), r.amount) > i.quantity::integer * i.price::decimal(18, 2)
            - coalesce(i.discount_amount::decimal(18, 2), 0)""").fetchall() == [(0,)]


def test_without_dirt_every_row_is_accepted_or_suppressed(clean):
    assert {kind for (kind,) in clean.execute("select distinct kind from truth_dirt").fetchall()} == {"do_not_track"}
    fates = clean.execute("select distinct fate from truth_fates order by 1").fetchall()
    assert fates == [("accepted",), ("suppressed",)]
    for name in RAW_SCHEMAS:
        assert clean.execute(f"select count(*) from {name} where loaded_at::timestamp >= {AS_OF}").fetchall() == [(0,)]


def test_sizes_are_what_was_asked_for():
    config = DemoConfig(customers=6000, orders_per_customer=2.0, events_per_customer=30.0, stores=3)
    rows = Counter()
    for name, table in generate(config):
        rows[name] += table.num_rows
    assert rows["truth_people"] == 6000
    assert rows["orders"] / 6000 == pytest.approx(2.0, rel=0.12)
    assert rows["events"] / 6000 == pytest.approx(30.0, rel=0.08)


def test_repeat_purchases_follow_the_bgnbd_mean():
    rng, n = np.random.default_rng(1), 60_000
    r, alpha, a, b, span = 0.9, 60.0, 0.7, 3.5, 365.0
    person, _ = repeat_times(rng, rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), np.full(n, span))
    expected = float(expected_repeats(r, alpha, a, b, np.array([span]))[0])
    assert len(person) / n - 1 == pytest.approx(expected, rel=0.03)


def test_people_are_drawn_from_the_stores_parameters():
    config = DemoConfig(customers=20_000, stores=1, dirt=0, events_per_customer=4)
    tables = {}
    for name, rows in generate(config):
        tables.setdefault(name, []).append(rows)
    people = pa.concat_tables(tables["truth_people"])
    known = tables["truth_parameters"][0].to_pylist()[0]
    rate, p, spend = (people[name].to_numpy() for name in ("lambda", "p", "mean_spend"))
    assert rate.mean() == pytest.approx(known["r"] / known["alpha"], rel=0.04)
    assert rate.var() == pytest.approx(known["r"] / known["alpha"] ** 2, rel=0.12)
    assert p.mean() == pytest.approx(known["a"] / (known["a"] + known["b"]), rel=0.04)
    assert spend.mean() == pytest.approx(known["spend_p"] * known["spend_v"] / (known["spend_q"] - 1), rel=0.06)
    assert people["order_count"].to_numpy().mean() == pytest.approx(config.orders_per_customer, rel=0.1)


def test_types_shift_behaviour_and_overlap():
    tables = dict(generate(DemoConfig(customers=8000, stores=1, dirt=0, events_per_customer=4)))
    people = tables["truth_people"].to_pandas()
    for axis, column in (("purchase_frequency", "lambda"), ("purchase_value", "mean_spend")):
        means = people.groupby(axis)[column].mean()
        names = [name for name, _, _ in AXES[axis]]
        assert means[names[0]] < means[names[1]] < means[names[2]]
        low = people.loc[people[axis] == names[0], column].quantile(0.9)
        next_up = people.loc[people[axis] == names[1], column].quantile(0.1)
        assert low > next_up, "types that never meet flatter every clustering"


def test_planted_types_lie_apart_and_other_axes_have_none():
    planted = "purchase_frequency,purchase_value"
    config = DemoConfig(customers=3000, stores=1, dirt=0, overlap=0.2, orders_per_customer=10, planted=planted)
    people = dict(generate(config))["truth_people"].to_pandas()
    for axis, column in (("purchase_frequency", "lambda"), ("purchase_value", "mean_spend")):
        names = [name for name, _, _ in AXES[axis]]
        low, middle, high = (people.loc[people[axis] == name, column] for name in names)
        assert low.quantile(0.9) < middle.quantile(0.1)
        assert middle.quantile(0.9) < high.quantile(0.1)
    assert (people[[axis for axis in AXES if axis not in planted]] == "none").all(axis=None)
    assert people["order_count"].mean() == pytest.approx(config.orders_per_customer, rel=0.1)


def test_every_axis_can_be_planted_at_once():
    tables = {}
    for name, rows in generate(DemoConfig(customers=300, chunk_people=100, planted="all", overlap=0.2)):
        assert rows.schema == SCHEMAS[name], name
        tables.setdefault(name, []).append(rows)
    people = pa.concat_tables(tables["truth_people"]).to_pandas()
    assert all(set(people[axis]) - {"none"} == {name for name, _, _ in types} for axis, types in AXES.items())


def test_devices_are_shared_and_identified_later(clean):
    shared = clean.execute("""
        select count(*) from (select anonymous_id from events where customer_id is not null
            group by store_id, anonymous_id having count(distinct customer_id) = 2)""").fetchall()[0][0]
    identified_later = clean.execute("""
        select count(*) from (
            select anonymous_id from events where anonymous_id is not null group by store_id, anonymous_id
            having arg_min(customer_id is null, occurred_at) and count(customer_id) > 0)""").fetchall()[0][0]
    assert shared > 0
    assert identified_later > 100


def test_a_product_view_shares_its_second_and_address_with_its_page_view(clean):
    ((views, paired),) = clean.execute("""
        select count(*), count(*) filter (where exists (
            select 1 from events as p where p.store_id = e.store_id and p.anonymous_id = e.anonymous_id
                and p.event_type = 'page_viewed' and p.occurred_at = e.occurred_at and p.page_url = e.page_url))
        from events as e where e.event_type = 'product_viewed'""").fetchall()
    assert 0.8 < paired / views < 0.98


def test_only_the_first_store_gives_session_ids(clean):
    given = dict(clean.execute("select store_id, count(session_id) > 0 from events group by 1").fetchall())
    assert given == {"store_1": True, "store_2": False}
    assert clean.execute("""
        select count(*) from orders where session_id is not null and session_id not in (
            select session_id from events where session_id is not null)""").fetchall() == [(0,)]


def test_november_is_the_busiest_month(clean):
    busiest = clean.execute("""
        select month(ordered_at) from orders where ordered_at between '2024-01-15' and '2025-01-15'
        group by 1 order by count(*) desc limit 1""").fetchall()
    assert busiest == [(11,)]


def test_truth_identities_cover_every_identifier_in_the_rows(clean):
    for column, source in (
        ("customer_id", "customers"),
        ("email", "customers"),
        ("customer_id", "events"),
        ("anonymous_id", "events"),
        ("email", "events"),
        ("email", "orders"),
        ("customer_id", "orders"),
        ("phone", "identities"),
        ("anonymous_id", "identities"),
        ("anonymous_id", "sessions"),
    ):
        assert clean.execute(f"""
            select count(*) from {source} where {column} is not null and (store_id, {column}) not in (
                select (store_id, identifier) from truth_identities where identifier_type = '{column}')
            """).fetchall() == [(0,)], (column, source)


def test_linked_devices_are_those_that_some_row_ties_to_their_person(clean):
    wrong = clean.execute("""
        with hidden as (select store_id, customer_id from customers where do_not_track in ('true', '1', 'yes')),
        ties as (
            select store_id, anonymous_id, customer_id, email from events
            where (store_id, customer_id) not in (from hidden) or customer_id is null
            union all select store_id, anonymous_id, customer_id, email from identities
            union all select store_id, anonymous_id, customer_id, null from sessions),
        tied as (
            select distinct t.store_id, t.anonymous_id, p.person_id, t.customer_id is not null as by_customer
            from ties as t join truth_identities as p on p.store_id = t.store_id
                and p.identifier = coalesce(t.customer_id, t.email)
            where t.anonymous_id is not null)
        select p.is_linked, count(*) from truth_identities as p
        where identifier_type = 'anonymous_id' and person_id like 'person-%' and is_linked is distinct from exists (
            select 1 from tied as t where t.store_id = p.store_id and t.anonymous_id = p.identifier
                and t.person_id = p.person_id and (t.by_customer or p.is_linked))
        group by 1""").fetchall()
    assert wrong == []


def test_a_newsletter_goes_out_weekly_and_never_to_who_is_not_on_the_list(clean):
    sent = "event_type in ('email_sent', 'email_received')"
    assert clean.execute(f"""
        select distinct dayofweek(occurred_at), count(distinct occurred_at::date) over (partition by store_id)
        from (select distinct store_id, occurred_at::date as occurred_at from events where {sent})""").fetchall() == [(4, 26)]
    # until when people were on it, by their own word and by the shop's record
    assert clean.execute(f"""
        with leaving as (
            select store_id, customer_id, min(occurred_at) as left_at
            from events where event_type = 'email_unsubscribe' group by 1, 2)
        select count(*) from events inner join leaving using (store_id, customer_id) where {sent} and occurred_at > left_at
        """).fetchall() == [(0,)]
    assert clean.execute(f"""
        select count(*) from events inner join customers using (store_id, customer_id)
        where {sent} and email_subscribed in ('false', '0', 'no') and not exists (
            select 1 from events as leaving where leaving.store_id = events.store_id
                and leaving.customer_id = events.customer_id and leaving.event_type = 'email_unsubscribe')
        """).fetchall() == [(0,)]


def test_people_and_products_have_names_that_read_as_names(clean):
    people, names, addresses = clean.execute("""
        select count(*), count(distinct (store_id, display_name)),
            count(*) filter (where email similar to '[a-z.]+[0-9]+(\\+2)?@mail.example')
        from customers where email is not null""").fetchall()[0]
    assert names > 0.8 * people and addresses == people
    for store, category, names, first, last in clean.execute("""
            select store_id, category, count(distinct title), min_by(title, price), max_by(title, price)
            from products group by 1, 2
            """).fetchall():
        assert (names, first == last) == (30, False), (store, category)
    assert clean.execute("""
        select min_by(title, price), max_by(title, price) from products where store_id = 'store_1' and category = 'Shoes'
        """).fetchall() == [("Canvas Flip-Flops", "Leather Winter Boots")]


def test_what_people_come_for_moves_no_order():
    for name in ("orders", "order_items", "truth_people"):
        few, many = (
            generate_chunk(DemoConfig(customers=300, dirt=0, events_per_customer=events), 0, 0)[0][name] for events in (10, 60)
        )
        moved = ["session_id"] if name == "orders" else []
        assert few.drop_columns(moved).equals(many.drop_columns(moved)), name


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"customers": 1, "stores": 2}, "at least stores"),
        ({"noise": 1.5}, "noise"),
        ({"days": 3}, "days"),
        ({"dirt": -1}, "must not be negative"),
        ({"as_of": dt.date(2001, 6, 1)}, "as_of"),
        ({"planted": "purchase_value,shoe_size"}, "planted"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(wrong, words):
    with pytest.raises(ValueError, match=words):
        DemoConfig(**wrong)


def test_stores_alternate_in_zone_and_dialect():
    config = DemoConfig(stores=3)
    assert [Store(config, i).timezone for i in range(3)] == ["America/New_York", "Europe/Berlin", "America/New_York"]
    assert sum(config.people_of(i) for i in range(3)) == config.customers
