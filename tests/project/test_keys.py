"""Ids that joined by any separator would be equal in twos, in every id column of every raw table: nothing becomes one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from support.shops import Shop, both, differences

CONTRACT = Path(__file__).resolve().parents[2] / "models" / "staging" / "_sources.yml"
SEPARATORS = ["|", ":", "=", ",", "\x1f"]
DAY, LATER, LOADED = "2025-06-01 10:00:00", "2025-06-03 10:00:00", "2025-06-20 10:00:00"
# What a row needs beside ids, to be one that counts.
REQUIRED = {"number": "10", "integer": "1", "quantity": "1", "rate": "1", "text": "page_view", "currency": "USD"}
# Rows of these share their first id, and are told apart by the others.
LINES = ("order_items", "purchase_attributions")
KINDS = {"customer_id": "customer", "email": "email", "phone": "phone", "anonymous_id": "anon"}
NAMING = ("identities", "customers", "orders", "refunds", "support_tickets", "sessions", "events")
SELECTED = [
    "path:models/staging/base",
    "+int_segment_imports",
    "+int_sessions",
    "+int_visitor_days",
    "+int_refunds",
    "+int_product_interactions",
]
COMPARED = [
    f"analytics_intermediate.{name}"
    for name in (
        "customer_identities",
        "int_sessions",
        "int_visitor_days",
        "int_orders",
        "int_order_items",
        "int_refunds",
        "int_product_interactions",
        "int_segment_imports",
    )
]
VICTIM = "victim@shop.example"
# Of the store `taken`: what a shop writes, and the person that it is.
PERSONS = {
    f"email:{VICTIM}": f"email:{VICTIM}",
    f"customer:email:{VICTIM}": f"customer:email:{VICTIM}",
    "phone:+15550100": "phone:+15550100",
    "customer:phone:+15550100": "customer:phone:+15550100",
    "anon:by_phone": "phone:+15550100",
    "anon:d1": "anon:d1",
    "customer:anon:d1": "customer:anon:d1",
    "customer:c1": "c1",
    "customer:customer:c1": "customer:customer:c1",
    "customer:gid://c1": "gid://c1",
    "external:3:a=b:1:c": "x1",
    "external:1:a:3:b=c": "x2",
    "customer:x1": "x1",
    "customer:x2": "x2",
}
BY_HAND: dict[str, list[dict[str, str]]] = {
    "customers": [{"customer_id": "x1", "external_ids": '{"a=b": "c"}'}, {"customer_id": "x2", "external_ids": '{"a": "b=c"}'}],
    "orders": [
        {"order_id": "of the guest", "email": VICTIM},
        *(
            {"order_id": customer, "customer_id": customer}
            for customer in (f"email:{VICTIM}", "phone:+15550100", "anon:d1", "c1", "customer:c1", "gid://c1")
        ),
    ],
    "identities": [{"anonymous_id": "by_phone", "phone": "+15550100"}],
    "events": [{"event_id": "e1", "anonymous_id": "d1"}],
    "segment_imports": [{"segment_slug": "wholesale-partners", "customer_id": f"email:{VICTIM}"}],
}
# A store without orders: each of these is one, and none is another.
PURCHASES = [
    {"event_id": "e1", "event_value": "1", "order_id": "event:e2"},
    {"event_id": "e2", "event_value": "2"},
    {"event_id": "e3", "event_value": "3", "order_id": "order:event:e2"},
]


@dataclass
class Table:
    """One table of the contract: its columns of ids, and what else a row needs."""

    name: str
    ids: list[str]
    required: dict[str, str]
    rows: list[dict[str, str | None]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Ids that a row must have."""
        return [name for name in self.ids if name in self.required]


def contract() -> Iterator[Table]:
    raw = next(source for source in yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"] if source["name"] == "raw")
    for table in raw["tables"]:
        kinds = {column["name"]: column["config"]["meta"] for column in table["columns"]}
        ids = [name for name, meta in kinds.items() if meta["kind"] in ("id", "email")]
        required = {name: REQUIRED.get(meta["kind"], DAY) for name, meta in kinds.items() if meta.get("required")}
        yield Table(table["name"], ids, required)


def twins(table: Table) -> Iterator[dict[str, str | None]]:
    """Rows in twos that are equal where two of their ids are joined: every pair of columns, every separator, or a null."""
    number = 0
    for first, second in permutations(table.ids, 2):
        if second == "store_id":
            continue
        # many stores are slow: each of their pairs has one separator
        separators = SEPARATORS if first != "store_id" else [SEPARATORS[number % len(SEPARATORS)]]
        values = [((f"{{}}{separator}m", "{}"), ("{}", f"m{separator}{{}}")) for separator in separators]
        if not {first, second} & set(table.keys):
            values.append((("{0}", None), (None, "{0}")))
        for pair in values:
            number += 1
            for place, (left, right) in enumerate(pair):
                row = {**table.required, "store_id": "s", "loaded_at": LOADED}
                own = number if table.name in LINES else f"{number}-{place}"
                row |= {name: f"{table.name}-{name}-{own}" for name in table.keys if name != "store_id"}
                if table.name == "events":
                    # two days apart, so that each is a visit, on one device where its ids alone tell the visits apart
                    row["occurred_at"] = (DAY, LATER)[place]
                    row["anonymous_id"] = f"device-{number}" if {first, second} == {"session_id", "event_id"} else None
                if table.name == "identities":
                    row["phone"] = f"+1{7_770_000 + 10 * number + place}"
                token = f"{table.name}-{first}-{second}-{number}"
                row |= {first: left and left.format(token), second: right and right.format(f"{token}-n")}
                yield row


def written() -> dict[str, Table]:
    """All raw tables: twins, what goes with them, and the two stores by hand."""
    tables = {table.name: table for table in contract()}
    for table in tables.values():
        table.rows = list(twins(table))
        table.rows += [{**table.required, "store_id": "taken", "loaded_at": LOADED, **row} for row in BY_HAND.get(table.name, [])]
    needed = dict.fromkeys((row["store_id"], row["order_id"]) for row in tables["order_items"].rows)
    tables["orders"].rows += [
        {**tables["orders"].required, "store_id": store, "order_id": order, "loaded_at": LOADED} for store, order in needed
    ]
    for row in tables["order_items"].rows:
        row["refund_amount"] = "1"
    purchase = {**tables["events"].required, "event_type": "purchase", "store_id": "events alone", "loaded_at": LOADED}
    tables["events"].rows += [{**purchase, **row} for row in PURCHASES]
    stores = dict.fromkeys(row["store_id"] for name, table in tables.items() if name != "stores" for row in table.rows)
    tables["stores"].rows = [{"store_id": store, "loaded_at": LOADED} for store in stores]
    return {name: table for name, table in tables.items() if table.rows}


@pytest.fixture(scope="module")
def raw() -> dict[str, Table]:
    return written()


@pytest.fixture(scope="module")
def shops(new_shops, raw) -> list[Shop]:
    """The two engines after a run of what ids are keys of."""
    made = new_shops("keys", is_night=True)
    for shop in made:
        with shop.warehouse() as warehouse:
            for table in raw.values():
                names = dict.fromkeys(name for row in table.rows for name in row)
                warehouse.write(
                    table.name, pa.table({name: pa.array([row.get(name) for row in table.rows], pa.string()) for name in names})
                )
    both(made, lambda shop: shop.build("--select", *SELECTED, "--exclude-resource-type", "test"))
    return made


def named(raw: dict[str, Table]) -> list[set[tuple[str, str, str]]]:
    """Who stands in each row of twins that names somebody, as store, kind and value."""
    rows = [
        {(row["store_id"], kind, row[name]) for name, kind in KINDS.items() if row.get(name)}
        for table in NAMING
        for row in raw[table].rows
        if row["store_id"] != "taken"
    ]
    return [row for row in rows if row]


def test_rows_are_told_apart(shops, raw):
    counts = {name: len(table.rows) for name, table in raw.items()}
    assert len(counts) == 13 and counts["events"] > 500
    for shop in shops:
        query = "select count(*), count(case when fate = 'accepted' then 1 end) from analytics_staging.base_{}"
        found = {name: shop.rows(query.format(name))[0] for name in counts}
        assert found == {name: (count, count) for name, count in counts.items()}


def test_orders_lines_and_refunds_are_told_apart(shops, raw):
    lines, refunds, orders = raw["order_items"].rows, raw["refunds"].rows, raw["orders"].rows
    for shop in shops:
        assert shop.rows("""
            select
                (select count(*) from analytics_intermediate.int_order_items),
                (select count(distinct (store_id, refund_key)) from analytics_intermediate.int_refunds),
                (select count(distinct (store_id, order_id)) from analytics_intermediate.int_orders where is_landed),
                (select count(distinct (store_id, interaction_id)) from analytics_intermediate.int_product_interactions
                    where interaction_type = 'purchased')""") == [
            (len(lines), len(refunds) + len(lines), len(orders), sum(row.get("product_id") is not None for row in lines))
        ]


def test_visits_and_visitors_are_told_apart(shops, raw):
    kinds = ("anonymous_id", "customer_id", "email", "session_id", "event_id")

    def device(row: dict[str, str | None]) -> tuple[str, str | None]:
        return next((kind, row[kind]) for kind in kinds if row.get(kind))

    events, told = raw["events"].rows, raw["sessions"].rows
    # what names nothing but itself is in no visit
    visits = sum(device(row)[0] != "event_id" for row in events)
    visitors = {(row["store_id"], device(row), row.get("customer_id")) for row in events}
    for shop in shops:
        assert shop.rows("""
            select
                (select count(distinct session_key) from analytics_intermediate.int_sessions where has_events),
                (select count(distinct session_key) from analytics_intermediate.int_sessions),
                (select count(distinct visitor_key) from analytics_intermediate.int_visitor_days)""") == [
            (visits, visits + len(told), len(visitors))
        ]


def test_identifiers_and_people_are_told_apart(shops, raw):
    rows = named(raw)
    identifiers = {(store, f"{kind}:{value}") for row in rows for store, kind, value in row}
    # the two visits of one device are one person's
    devices = len({next(iter(row)) for row in rows if next(iter(row))[2].startswith("device-")})
    for shop in shops:
        found = shop.rows("""
            select store_id, identifier, customer_id from analytics_intermediate.customer_identities where store_id <> 'taken'""")
        assert {(store, identifier) for store, identifier, _ in found} == identifiers
        assert len({(store, customer) for store, _, customer in found}) == len(rows) - devices


def test_nobody_takes_over_a_guest(shops):
    owners = {
        row["order_id"]: PERSONS[f"customer:{row['customer_id']}" if "customer_id" in row else f"email:{VICTIM}"]
        for row in BY_HAND["orders"]
    }
    asked = (("identifier", "customer_identities"), ("order_id", "int_orders"), ("group_id", "int_segment_imports"))
    for shop in shops:
        people, orders, members = shop.rows_of(
            f"select {name}, customer_id from analytics_intermediate.{table} where store_id = 'taken'" for name, table in asked
        )
        assert dict(people) == PERSONS
        assert dict(orders) == owners
        assert members == [("wholesale-partners", f"customer:email:{VICTIM}")]


def test_nobody_gives_the_id_of_an_order_that_an_event_tells_of(shops):
    for shop in shops:
        assert dict(
            shop.rows("""
            select order_id, cast(gross_revenue as integer) from analytics_intermediate.int_orders
            where store_id = 'events alone'""")
        ) == {"event:e2": 2, "order:event:e2": 1, "order:order:event:e2": 3}


def test_the_engines_agree_on_every_key(shops):
    assert differences(*shops, COMPARED) == []


@pytest.mark.torture
def test_everything_is_built_of_such_ids(shops):
    both(shops, Shop.build)
    for shop in shops:
        assert shop.rows("""
            select segment_id, customer_id from analytics.segment_memberships
            where store_id = 'taken' and source = 'import'""") == [("wholesale-partners", f"customer:email:{VICTIM}")]
    assert differences(*shops) == []
