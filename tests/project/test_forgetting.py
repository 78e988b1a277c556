"""Who is forgotten is nowhere: a person planted in every column of every raw table, looked for in every column of ours."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

import tessera.cli
import tessera.erasure
from support.shops import NO_UNIT_TESTS, PROJECT, Shop, changes
from tessera.keys import composed_key
from tessera.warehouse import WarehouseError

SECRET = "0123456789abcdef" * 4
STORE, CUSTOMER, EMAIL, PHONE = "store_1", "zz-forget-0042", "ada.vergessen@forgotten.example", "+491715550042"
DEVICES, VISIT, ORDER, EXTERNAL = ("dev-forget-a1", "dev-forget-b2"), "visit-forget-1", "order-forget-1", "cus-forget-77"
NAME, AGENT = "Adalind", "Vergessener/4.2"
# What may be found of the person nowhere.
MARKS = ("forget", "vergessen", "5550042", NAME.lower(), "203.0.113")
OTHER, OTHER_DEVICE = "by-stander-1", "dev-stander-1"
# Another person, whose identifiers are too short to be told from words in a text: only marks of columns say where they stand.
SHORT = dict(customer_id="Qj7c", anonymous_id="Qj7d", session_id="Qj7v", order_id="Qj7o")
# Texts that name the person as texts do.
MENTIONS = (
    f"https://shop.example/u?email={EMAIL.replace('@', '%40')}&x=1",
    f"write to <{EMAIL.upper()}>.",
    f"account {CUSTOMER}; again",
    "call 0049 171 555-0042 now",
    f"{DEVICES[0]}/{DEVICES[1]}",
    f"stripe:{EXTERNAL}",
    f"mail+{EMAIL}",
    f"visit {VISIT}",
)
BUILD = ["build", *NO_UNIT_TESTS, "--exclude-resource-type", "test"]
# Every table that holds what was landed, and the ledgers and marts of identities; all tables are the long form.
SOME = [
    "--select",
    "+rejected_rows",
    "+staging_quality",
    "+customer_events",
    "+sessions",
    "+funnel_steps",
    "+identity_changes",
    "+identity_audit",
    "+rfm_movements",
    "erasures",
]


@cache
def contract() -> dict[str, dict[str, str]]:
    """The columns of each raw table and their kinds."""
    sources = yaml.safe_load((PROJECT / "models" / "staging" / "_sources.yml").read_text())["sources"]
    raw = next(source for source in sources if source["name"] == "raw")
    return {
        table["name"]: {column["name"]: column["config"]["meta"]["kind"] for column in table["columns"]}
        for table in raw["tables"]
    }


def row(table: str, number: int, **given: str | None) -> dict[str, str | None]:
    """A row of a raw table whose every text and JSON names the person; ids are new ones."""
    values: dict[str, str | None] = {}
    for place, (column, kind) in enumerate(contract()[table].items()):
        mention = MENTIONS[(place + number) % len(MENTIONS)]
        values[column] = {
            "id": f"{table}-{number}",
            "text": mention,
            "json": json.dumps({"who": [mention, EMAIL], "n": 1}),
            "timestamp": "2025-06-01 10:00:00",
            "boolean": "false",
            "integer": "1",
            "double": "1",
        }.get(kind, "10")
        if kind in ("email", "phone", "currency") or column in (*identifiers(), "external_ids"):
            values[column] = None
        elif column in ("event_type", "timezone", "state"):
            values[column] = {"event_type": "page_view"}.get(column)
    return {**values, "store_id": STORE, **{name: value for name, value in given.items() if name in values}}


def identifiers() -> tuple[str, ...]:
    """Columns that say whose a row is."""
    return ("customer_id", "email", "phone", "anonymous_id", "session_id", "order_id")


def planted() -> dict[str, list[dict]]:
    """The person's own rows, accepted, twice and refused, under each identifier; rows of another customer; rows of nobody."""
    rows: dict[str, list[dict]] = {table: [] for table in contract()}
    own = dict(
        customer_id=CUSTOMER,
        email=EMAIL,
        phone="0049 171 5550042",
        first_name=NAME,
        last_name=NAME,
        display_name=NAME,
        external_ids=json.dumps({"stripe_id": EXTERNAL}),
        session_id=VISIT,
        order_id=ORDER,
        user_agent=AGENT,
        ip_address="203.0.113.77",
    )
    for table, columns in contract().items():
        about_people = "customer_id" in columns or "order_id" in columns
        if not about_people:
            # the shop, its products and rates are about nobody
            rows[table] += [row(table, 1), row(table, 2, **{table[:-1] + "_id": None})] if table == "products" else []
            continue
        ways = [own] + [
            {**own, "customer_id": None, "anonymous_id": device, "email": None, "phone": None}
            for device in DEVICES
            if "anonymous_id" in columns
        ]
        # who is named in no other column is named in texts
        ways += [{**own, "customer_id": None}, {name: own[name] for name in ("session_id", "order_id")}]
        required = next(
            name
            for name, kind in columns.items()
            if kind in ("timestamp", "number", "id") and name not in ("store_id", "loaded_at")
        )
        for number, way in enumerate(ways):
            first = row(table, number, **way)
            # as it is, again, refused, of no store, and refused for a column that nobody can read
            broken = [
                name
                for name, kind in columns.items()
                if kind in ("timestamp", "number") and name not in ("loaded_at", "received_at")
            ]
            rows[table] += [
                first,
                {**first, "loaded_at": "2025-06-02 10:00:00"},
                {**first, required: None},
                {**first, "store_id": None},
                {**first, **{name: EMAIL for name in broken}},
            ]
        # an identities row would say that both are one person
        carried = {"anonymous_id": DEVICES[0], "email": EMAIL, "phone": PHONE}
        rows[table].append(
            row(
                table,
                100,
                customer_id=OTHER,
                session_id="visit-stander",
                order_id="order-stander",
                **(carried if table != "identities" else {"anonymous_id": OTHER_DEVICE}),
            )
        )
        rows[table].append({**row(table, 101, customer_id=OTHER, order_id="order-stander-2"), required: None})
    # what ties the devices to the person, and the other customer to nothing of the person's
    rows["identities"] += [
        {**row("identities", 50 + place, **own), "anonymous_id": device} for place, device in enumerate(DEVICES)
    ]
    rows["events"] += [
        row("events", 200),
        {**row("events", 201), "event_type": None},
        row("events", 202, customer_id=OTHER, anonymous_id=OTHER_DEVICE),
    ]
    rows["customers"].append({**row("customers", 203), "customer_id": None})
    return rows


def short() -> dict[str, list[dict]]:
    """A row in every table that is about people, of the person whose identifiers are short, without any text."""
    return {
        table: [
            {
                column: None if kind in ("text", "json") and column not in (*SHORT, "event_type") else value
                for (column, kind), value in zip(columns.items(), row(table, 300, **SHORT).values(), strict=True)
            }
        ]
        for table, columns in contract().items()
        if "customer_id" in columns or "order_id" in columns
    }


def plant(shop: Shop) -> None:
    """Land the rows beside those of a demo shop, in every column of the contract."""
    landed = shop.rows(
        "select table_name, column_name, lower(data_type) from information_schema.columns where table_schema = 'raw'"
    )
    statements = []
    for table, rows in planted().items():
        there = {column: kind for name, column, kind in landed if name == table}
        for column in contract()[table]:
            statements.append(f"alter table raw.{table} add column if not exists {column} text")
            # everything as text, so that anything can stand anywhere
            if there.get(column, "text") not in ("text", "varchar"):
                statements.append(f"alter table raw.{table} alter column {column} type text")
        shown = [
            ", ".join("null" if value is None else "'" + value.replace("'", "''") + "'" for value in values.values())
            for values in rows + short().get(table, [])
        ]
        if shown:
            statements.append(f"insert into raw.{table} ({', '.join(contract()[table])}) values ({'), ('.join(shown)})")
    shop.execute(";\n".join(statements))


def holds_mark(column: str) -> str:
    """The condition that something of the person's stands in a column."""
    return " or ".join(f"""position('{mark}' in lower(cast("{column}" as text))) > 0""" for mark in MARKS)


def holds_short(column: str) -> str:
    """The condition that a short identifier stands in a column, alone or between signs."""
    return f"""cast("{column}" as text) ~ '^(.*[^A-Za-z0-9])?({"|".join(SHORT.values())})([^A-Za-z0-9].*)?$'"""


def places(shop: Shop, holds: Callable[[str], str] = holds_mark) -> list[str]:
    """Columns of any table or view of ours, of any schema but the loader's, in which something of the person's stands."""
    columns = shop.rows("""
        select table_schema, table_name, column_name from information_schema.columns
        where table_schema not in ('raw', 'information_schema', 'pg_catalog', 'main', 'public')
            and lower(data_type) not in ('bytea', 'boolean', 'bigint', 'integer', 'double', 'double precision', 'date')""")
    tables: dict[str, list[str]] = {}
    for schema, table, column in columns:
        tables.setdefault(f"{schema}.{table}", []).append(column)

    counted = shop.rows_of(
        f"select {', '.join(f'count(case when {holds(name)} then 1 end)' for name in names)} from {table}"
        for table, names in tables.items()
    )
    return [
        f"{table}.{name}: {count}"
        for (table, names), ((*counts,),) in zip(tables.items(), counted, strict=True)
        for name, count in zip(names, counts, strict=True)
        if count
    ]


def forget(shop: Shop, check: bool = True, **given: object) -> str:
    """What the operation says that `tessera forget` runs, in a process that has the project parsed."""
    return shop.dbt("run-operation", "forget_customer", "--args", json.dumps(given), check=check).stdout


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("duckdb", SOME), id="duckdb"),
        pytest.param(("postgres", SOME), id="postgres", marks=pytest.mark.torture),
        pytest.param(("duckdb", []), id="duckdb_all", marks=pytest.mark.torture),
        pytest.param(("postgres", []), id="postgres_all", marks=pytest.mark.torture),
    ],
)
def forgetful(new_shops, request):
    """A shop in which the person was planted, built and forgotten; where the person was found when, and what was said."""
    engine, selected = request.param
    # a part of a night that counts as one
    (shop,) = new_shops(f"forgetful_{len(selected)}", [engine], is_night=True)
    shop.tessera("demo", "--customers", "20")
    plant(shop)
    shop.dbt(*BUILD, *selected)
    shop.execute(
        f"insert into analytics.identity_changes values ('{STORE}', timestamp '2025-06-01', 'merge', "
        f"'{SHORT['customer_id']}', '{OTHER}', 1)"
    )
    found = {"built": places(shop), "short built": places(shop, holds_short)}
    # to look needs no secret
    tried = forget(shop, store_id=STORE, person=CUSTOMER, dry_run=True)
    shop.env["TESSERA_ERASURE_SECRET"] = SECRET
    found["tried"] = places(shop)
    said = forget(shop, store_id=STORE, person=CUSTOMER)
    found["forgotten"] = places(shop)
    forget(shop, store_id=STORE, person=SHORT["customer_id"])
    found["short forgotten"] = places(shop, holds_short)
    # a reload lands everything again, under other ids of the events
    shop.execute("""
        create table raw.again as select * from raw.events;
        update raw.again set event_id = event_id || '-again', loaded_at = '2025-06-29 20:00:00';
        insert into raw.events select * from raw.again; drop table raw.again""")
    shop.dbt(*BUILD, *selected)
    found["built again"], found["short built again"] = places(shop), places(shop, holds_short)
    return shop, found, (tried, said), selected


def test_who_is_forgotten_is_nowhere_at_once_and_after_a_reload(forgetful):
    _, found, _, _ = forgetful
    assert len(found["built"]) > 100 and found["tried"] == found["built"]
    assert found["forgotten"] == []
    assert found["built again"] == []


def test_columns_are_marked_that_name_somebody_whom_no_text_could_be_told_from(forgetful):
    _, found, _, _ = forgetful
    assert len(found["short built"]) > 50 and any("identity_changes.from_customer_id" in place for place in found["short built"])
    assert found["short forgotten"] == []
    assert found["short built again"] == []


def test_what_will_be_deleted_is_said_before_and_after(forgetful):
    _, _, said, _ = forgetful
    before, after = ([line for line in text.splitlines() if line.startswith("  ") and " rows " in line] for text in said)
    would = [
        line.replace(" rows to delete", " rows deleted").replace(" rows of others to clear of it", " rows of others without it")
        for line in before
    ]
    assert "rows deleted" not in said[0] and would == after and len(before) > 20
    for table in ("base_events", "base_rejected_events", "int_orders", "identity_survivors", "rejected_rows"):
        assert any(f".{table}: " in line for line in before), table
    for text in said:
        assert "1 customer, 1 email, 1 external, 1 order, 1 phone, 1 session" in text
        assert not any(mark in text.replace(CUSTOMER, "").lower() for mark in MARKS if mark != "forget")


def test_what_belongs_to_another_customer_stays_without_what_is_the_persons(forgetful):
    shop, _, _, _ = forgetful
    table = "analytics_staging.base_"
    assert shop.rows(
        f"select customer_id, anonymous_id, email, device_id, page_url, properties, fate from {table}events "
        f"where customer_id = '{OTHER}' and fate = 'accepted' and event_id = 'events-100'"
    ) == [(OTHER, None, None, f"customer:{OTHER}", None, None, "accepted")]
    assert shop.rows(f"select count(*), count(email), count(phone) from {table}customers where customer_id = '{OTHER}'") == [
        (1, 0, 0)
    ]
    assert shop.rows(
        f"select count(*), count(email), count(topic) from {table}support_tickets where customer_id = '{OTHER}' "
        "and fate = 'accepted'"
    ) == [(1, 0, 0)]
    assert shop.rows(f"select count(*) from {table}orders where customer_id = '{OTHER}' and fate = 'accepted'") == [(1,)]
    # and nobody else lost anything
    assert shop.rows(f"""
        select count(*) from {table}customers as kept inner join raw.customers as landed
            on kept.store_id = landed.store_id and kept.customer_id = landed.customer_id
        where kept.email is null and landed.email is not null and landed.customer_id <> '{OTHER}'""") == [(0,)]


def test_forgotten_rows_are_suppressed_and_every_row_has_one_fate(forgetful):
    shop, _, _, _ = forgetful
    quality = shop.rows("""
        select table_name, sum(suppressed_rows),
            sum(raw_rows) - sum(accepted_rows + duplicate_rows + rejected_rows + suppressed_rows + not_yet_rows)
        from analytics.staging_quality group by table_name""")
    assert all(unseen == 0 for _, _, unseen in quality)
    erased = {table for table, count, _ in quality if count}
    assert {"customers", "orders", "order_items", "events", "sessions", "identities"} <= erased


def test_a_tombstone_is_the_hmac_of_python(forgetful):
    shop, _, _, _ = forgetful
    kept = {tombstone for (tombstone,) in shop.rows("select tombstone from analytics_intermediate.erasures")}
    for store in (STORE, ""):
        for identifier in (
            f"customer:{CUSTOMER}",
            f"email:{EMAIL}",
            f"phone:{PHONE}",
            f"anon:{DEVICES[1]}",
            f"session:{VISIT}",
            f"order:{ORDER}",
            f"text:{EMAIL}",
        ):
            assert hmac.new(SECRET.encode(), composed_key(store, identifier).encode(), hashlib.sha256).hexdigest() in kept
    assert not any(SECRET[:20] in str(row) for row in shop.rows("select * from analytics_intermediate.erasures"))


def test_another_secret_stops_the_run_in_a_sentence(forgetful):
    shop, _, _, _ = forgetful
    for secret in ("f" * 64, ""):
        other = Shop(shop.target, {**shop.env, "TESSERA_ERASURE_SECRET": secret}, shop.vars)
        done = other.dbt("run", "--select", "base_stores", check=False)
        # Postgres keeps the secret that it was given last, in a table of its owner's
        if shop.target == "postgres" and not secret:
            assert done.returncode == 0
            assert shop.rows(
                "select count(*) from information_schema.role_table_grants where table_name = 'erasure_key' "
                "and grantee <> current_user"
            ) == [(0,)]
        else:
            assert done.returncode and "TESSERA_ERASURE_SECRET" in done.stdout and "tombstones" in done.stdout


def test_whoever_is_not_there_or_no_text_is_refused_in_a_sentence(forgetful):
    shop, _, _, _ = forgetful
    said = forget(shop, check=False, store_id=STORE, person="nobody")
    assert "No person in the store store_1 has the identifier nobody" in said
    number = shop.dbt("run-operation", "forget_customer", "--args", "{store_id: store_1, person: 0123}", check=False).stdout
    assert "was read as 83" in number and 'person: "0123"' in number


@pytest.mark.torture
def test_after_forgetting_nights_still_give_what_a_full_build_gives(forgetful):
    shop, _, _, selected = forgetful
    before = shop.frames()
    shop.dbt("run", "--full-refresh", *selected)
    assert changes(before, shop.frames()) == []


def test_a_shop_of_two_tables_can_forget_whoever_is_spelled_in_another_way(new_shops):
    (shop,) = new_shops("forgets_two", ["duckdb"], is_night=True)
    shop.execute("""
        create schema raw;
        create table raw.customers (store_id text, customer_id text, email text, phone text, created_at timestamp);
        create table raw.orders (store_id text, order_id bigint, customer_id text, ordered_at timestamp, total_price bigint);
        insert into raw.customers values ('s', 'c1', 'ann.example@mail.example', null, '2025-01-01'),
            ('s', 'c2', null, '+49301234567', '2025-01-01'), ('s', 'c3', 'other@mail.example', null, '2025-01-01'),
            ('s', 'c4', null, '98000 00036', '2025-01-01');
        insert into raw.orders select 's', n, 'c' || n, '2025-05-01', 10 from range(1, 5) as numbers (n)""")
    selected = ["--select", "+stg_orders", "+customer_identities", "erasures"]
    shop.dbt(*BUILD, *selected)
    shop.env["TESSERA_ERASURE_SECRET"] = SECRET
    for asked in ("email:Ann.Example@Mail.EXAMPLE", "phone:0049 (0)30 1234567", "phone:(98000) 00036"):
        forget(shop, store_id="s", person=asked)
    shop.dbt(*BUILD, *selected)
    assert shop.rows("select source_customer_id from analytics_staging.stg_orders") == [("c3",)]


def test_a_compacted_file_holds_the_same_and_no_deleted_bytes(tmp_path, monkeypatch, capsys):
    path = tmp_path / "shop.duckdb"
    monkeypatch.setenv("TESSERA_DUCKDB_PATH", str(path))
    with duckdb.connect(str(path)) as engine:
        engine.execute("pragma force_compression = 'uncompressed'")
        engine.execute("create type mood as enum ('fine'); create schema deep")
        engine.execute("create table deep.people (id int, name text not null, tags text[], j json)")
        engine.execute(f"insert into deep.people select i, i || ' {EMAIL}', ['a'], '{{}}' from range(20000) as t (i)")
        engine.execute("create view deep.seen as select * from deep.people; create view upper_seen as select * from deep.seen")
        engine.execute("checkpoint")
        engine.execute("delete from deep.people where id < 19990")
        engine.execute("update deep.people set name = 'kept'")
        engine.execute("checkpoint")
    assert EMAIL.encode() in path.read_bytes()
    (tmp_path / "shop.duckdb.compacting").write_bytes(b"left by a killed run")
    held = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        with pytest.raises(WarehouseError, match="another process"):
            tessera.erasure.compact(path)
        process.communicate("\n")
    tessera.erasure.compact(path)
    assert "bytes before" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["shop.duckdb"] and EMAIL.encode() not in path.read_bytes()
    with duckdb.connect(str(path), read_only=True) as engine:
        assert engine.execute("select count(*), min(name), min(typeof(tags)), min(typeof(j)) from upper_seen").fetchall() == [
            (10, "kept", "VARCHAR[]", "JSON")
        ]
        assert engine.execute("select count(*) from duckdb_types() where type_name = 'mood'").fetchall() == [(1,)]


def test_the_command_takes_text_and_lets_dbt_write_nothing(monkeypatch):
    asked = []

    class Runner:
        def invoke(self, arguments):
            asked.append(arguments)
            return type("Done", (), {"success": True, "exception": None})

    monkeypatch.setattr("dbt.cli.main.dbtRunner", Runner)
    monkeypatch.setenv("TESSERA_ERASURE_SECRET", SECRET)
    assert tessera.cli.main(["forget", "--store", "1_000", "--person", "0123", "--dry-run"]) == 0
    (arguments,) = asked
    assert yaml.safe_load(arguments[arguments.index("--args") + 1]) == {"store_id": "1_000", "person": "0123", "dry_run": True}
    assert arguments[arguments.index("--log-level-file") + 1] == "none" and "--no-write-json" in arguments
    monkeypatch.setenv("TESSERA_ERASURE_SECRET", "short")
    assert tessera.cli.main(["forget", "--store", "s", "--person", "p"]) == 1 and len(asked) == 1


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_forgetting_writes_nothing_down(new_shops, engine):
    (shop,) = new_shops(f"written_{engine}", [engine], is_night=True)
    shop.tessera("demo", "--customers", "60")
    plant(shop)
    shop.env["TESSERA_ERASURE_SECRET"] = SECRET
    shop.dbt(*BUILD, *SOME)
    written = [Path(shop.env["DBT_LOG_PATH"]), Path(shop.env["DBT_TARGET_PATH"])]

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).parent / arguments[0]), *arguments[1:]],
            cwd=PROJECT,
            env=shop.environment(),
            capture_output=True,
            text=True,
        )

    def found() -> list[str]:
        # the word and the network of the address are in the project's own files too
        marks = [mark.encode() for mark in (*MARKS[1:-1], "203.0.113.77", CUSTOMER, SECRET)]
        return [
            str(file)
            for folder in written
            for file in folder.rglob("*")
            if file.is_file() and any(mark in file.read_bytes().lower() for mark in marks)
        ]

    person = {"store_id": STORE, "person": f"email:{EMAIL}"}
    refused = command("dbt", "run-operation", "forget_customer", "--args", json.dumps(person))
    assert refused.returncode and "tessera" in refused.stdout and found()
    for folder in written:
        for file in [file for file in folder.rglob("*") if file.name in ("dbt.log", "run_results.json")]:
            file.unlink()
    done = command("tessera", "forget", "--store", STORE, "--person", f"email:{EMAIL}", "--vars", json.dumps(shop.vars))
    assert done.returncode == 0 and "Forgotten: " in done.stdout, done.stdout + done.stderr
    built = command("dbt", *BUILD, *SOME, "--vars", json.dumps(shop.vars))
    assert built.returncode == 0, built.stdout[-3000:]
    assert any(file.name == "dbt.log" for folder in written for file in folder.rglob("*"))
    assert found() == [] and places(shop) == []
