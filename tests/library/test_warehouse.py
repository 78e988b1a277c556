"""Both warehouses receive the same rows, whatever the loader threw at them."""

from __future__ import annotations

import ast
import datetime as dt
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials

from support.shops import PROJECT, connect
from tessera.cli import main
from tessera.demo import DemoConfig, load_demo
from tessera.duckdb_plugin import Plugin
from tessera.warehouse import WarehouseError, clean_text, duckdb_path, open_warehouse, postgres_settings

PROFILES = Path(__file__).resolve().parents[2] / "profiles.yml"

BROKEN = "\ufffd"


@pytest.fixture
def duckdb_file(tmp_path, monkeypatch):
    path = tmp_path / "shop.duckdb"
    monkeypatch.setenv("TESSERA_DUCKDB_PATH", str(path))
    monkeypatch.delenv("TESSERA_RAW_SCHEMA", raising=False)
    return path


@pytest.fixture
def postgres(postgres_env, monkeypatch):
    """Point the environment at a server and a schema of this test's own; return a function that runs a query."""
    for name, value in postgres_env.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("TESSERA_RAW_SCHEMA", "loading_test")
    connection = connect(postgres_env)
    connection.autocommit = True

    def query(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    query("drop schema if exists loading_test cascade")
    yield query
    query("drop schema if exists loading_test cascade")
    connection.close()


def awkward() -> pa.Table:
    """Return a table of what loaders deliver: NUL, dictionaries, unsigned numbers, nanoseconds, an empty column."""
    return pa.table(
        {
            "name": pa.array(["plain", "a\0b", None]),
            "kind": pa.array(["x", "y\0", "x"]).dictionary_encode(),
            "big": pa.array([1, 2**64 - 1, None], pa.uint64()),
            "small": pa.array([1, 2, 3], pa.uint8()),
            "price": pa.array([Decimal("1.10"), Decimal("-2.20"), None], pa.decimal128(18, 2)),
            "seen_at": pa.array(np.array(["2024-01-01T00:00:00.123456789"] * 3, dtype="M8[ns]")),
            "nothing": pa.nulls(3),
            "flag": pa.array([True, False, None]),
            "loaded_at": pa.array([dt.datetime(2024, 1, 1)] * 3, pa.timestamp("us")),
        }
    )


SEEN = dt.datetime(2024, 1, 1, 0, 0, 0, 123456)
EXPECTED = [
    ("plain", "x", 1, 1, Decimal("1.10"), SEEN, None, True),
    (f"a{BROKEN}b", f"y{BROKEN}", 2**64 - 1, 2, Decimal("-2.20"), SEEN, None, False),
    (None, "x", None, 3, None, SEEN, None, None),
]
READ = "select name, kind, big, small, price, seen_at, nothing, flag from {} order by small"


def test_duckdb_holds_cleaned_rows_and_lets_go_of_the_file(duckdb_file):
    with open_warehouse("duckdb") as warehouse:
        warehouse.create_schema()
        assert warehouse.write("things", awkward()) == 3
        assert warehouse.write("things", awkward().to_reader(), replace=False) == 3
        assert warehouse.cleaned_values == 4
        assert warehouse.write("things", awkward()) == 3
    with duckdb.connect(str(duckdb_file), read_only=True) as engine:
        assert engine.execute(READ.format("raw.things")).fetchall() == EXPECTED


def test_postgres_holds_the_same_cleaned_rows(postgres):
    with open_warehouse("postgres") as warehouse:
        warehouse.create_schema()
        assert warehouse.write("things", awkward()) == 3
        assert warehouse.write("things", awkward().to_reader(), replace=False) == 3
        assert warehouse.write("things", awkward()) == 3
        assert warehouse.cleaned_values == 6
    assert postgres(READ.format("loading_test.things")) == EXPECTED
    assert postgres("select count(*) from pg_indexes where schemaname = 'loading_test'") == [(1,)]


def test_a_view_on_a_raw_table_does_not_stop_the_next_load(postgres):
    for _ in range(2):
        with open_warehouse("postgres") as warehouse:
            warehouse.create_schema()
            warehouse.write("things", awkward())
        postgres("create view loading_test.stg_things as select name from loading_test.things")
        postgres("select count(*) from loading_test.stg_things")


@pytest.mark.parametrize("target", ["duckdb", "postgres"])
def test_a_load_that_dies_leaves_what_was_there(target, duckdb_file, request):
    query = request.getfixturevalue("postgres") if target == "postgres" else None
    with open_warehouse(target) as warehouse:
        warehouse.create_schema()
        warehouse.write("things", awkward())

    def dying():
        yield awkward().to_batches()[0]
        raise RuntimeError("the source broke off")

    with pytest.raises(Exception, match="broke off"), open_warehouse(target) as warehouse:
        warehouse.write("things", awkward().slice(0, 1))
        warehouse.write("others", pa.RecordBatchReader.from_batches(awkward().schema, dying()))
    if query:
        assert query("select count(*) from loading_test.things") == [(3,)]
        assert query("select to_regclass('loading_test.others')::text") == [(None,)]
    else:
        with duckdb.connect(str(duckdb_file), read_only=True) as engine:
            assert engine.execute("select table_name from information_schema.tables").fetchall() == [("things",)]
            assert engine.execute("select count(*) from raw.things").fetchall() == [(3,)]


def test_broken_utf8_is_replaced_and_counted():
    raw = pa.array([b"fine", b"caf\xe9", b"nul\0", None], pa.binary())
    unchecked = pa.Array.from_buffers(pa.string(), 4, raw.buffers())
    column, count = clean_text(unchecked)
    assert column.to_pylist() == ["fine", f"caf{BROKEN}", f"nul{BROKEN}", None]
    assert count == 2


def test_both_warehouses_hold_the_same_demo(duckdb_file, postgres, monkeypatch):
    config = DemoConfig(customers=120, chunk_people=50)
    counts = []
    for target in ("duckdb", "postgres"):
        with open_warehouse(target) as warehouse:
            counts.append(load_demo(config, warehouse))
    assert counts[0] == counts[1]
    with duckdb.connect(str(duckdb_file), read_only=True) as engine:
        for statement in (
            "select count(*), sum(total_price), sum(discount_amount), max(ordered_at) from {}.orders",
            "select count(*), count(email), min(created_at), max(loaded_at) from {}.customers",
            "select count(*), min(occurred_at), max(loaded_at), count(distinct event_id), max(properties) from {}.events",
            "select sum(rows) from {}.truth_fates",
        ):
            assert engine.execute(statement.format("loading_test")).fetchall() == postgres(statement.format("loading_test")), (
                statement
            )


def test_what_is_not_set_is_what_profiles_yml_says(monkeypatch):
    for name in ("DUCKDB_PATH", *(f"POSTGRES_{part}" for part in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME"))):
        monkeypatch.delenv(f"TESSERA_{name}", raising=False)
    said = dict(re.findall(r"env_var\('TESSERA_(\w+)', '(.*?)'\)", PROFILES.read_text(encoding="utf-8")))
    assert duckdb_path() == said["DUCKDB_PATH"]
    for part, value in postgres_settings().items():
        assert value == said[f"POSTGRES_{part.upper()}"], part


@pytest.mark.parametrize("name", ["main.duckdb", "TEMP.duckdb", "system.db", ".main.duckdb", "information_schema.x.duckdb"])
def test_a_file_cannot_have_a_name_of_duckdbs_own(monkeypatch, tmp_path, name):
    monkeypatch.setenv("TESSERA_DUCKDB_PATH", str(tmp_path / name))
    with pytest.raises(WarehouseError, match="needs another name"):
        open_warehouse("duckdb")
    assert not list(tmp_path.iterdir())


def test_a_file_may_be_called_like_the_schema_in_it(monkeypatch, tmp_path):
    monkeypatch.setenv("TESSERA_DUCKDB_PATH", str(tmp_path / "raw.duckdb"))
    for _ in range(2):
        with open_warehouse("duckdb") as warehouse:
            warehouse.create_schema()
            warehouse.write("things", awkward())
            warehouse.write("things", awkward(), replace=False)
    with duckdb.connect(str(tmp_path / "raw.duckdb"), read_only=True) as engine:
        assert engine.execute("select count(*) from raw.raw.things").fetchall() == [(6,)]


def test_a_file_that_another_process_has_open_is_a_sentence(duckdb_file):
    holding = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding, str(duckdb_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(WarehouseError, match=rf"is open in another process \(PID {other.pid}\)") as caught:
            open_warehouse("duckdb")
        # dbt-duckdb shows a RuntimeError as it is
        with pytest.raises(RuntimeError, match=re.escape(str(caught.value))):
            Plugin("duckdb_plugin", {}).update_connection_config(DuckDBCredentials(path=str(duckdb_file)), {})


def test_unreachable_postgres_says_where_without_the_password(monkeypatch, tmp_path):
    for name, value in {"HOST": str(tmp_path), "USER": "somebody", "PASSWORD": "hunter-two", "DBNAME": "shop"}.items():
        monkeypatch.setenv(f"TESSERA_POSTGRES_{name}", value)
    with pytest.raises(WarehouseError, match="Cannot connect to Postgres") as caught:
        open_warehouse("postgres")
    assert str(tmp_path) in str(caught.value)
    assert "hunter-two" not in str(caught.value)


def test_no_query_with_values_is_a_relation_whose_order_matters():
    """DuckDB keeps the rows of a relation that has values, and reads them again in whatever order its threads come to them."""
    found = [
        f"{path.name}:{call.lineno}"
        for path in (PROJECT / "src").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") == "sql"
        and any(keyword.arg == "params" for keyword in call.keywords)
        and "order by" in ast.unparse(call)
    ]
    assert found == []


def test_strange_names_and_targets_are_refused(duckdb_file):
    with pytest.raises(WarehouseError, match="Unknown target 'oracle'"):
        open_warehouse("oracle")
    with pytest.raises(WarehouseError, match="--out"):
        open_warehouse("parquet")
    with open_warehouse("duckdb") as warehouse, pytest.raises(WarehouseError, match="cannot name"):
        warehouse.write('orders"; drop table x; --', awkward())


def test_parquet_replaces_only_its_own_files(tmp_path):
    with open_warehouse("parquet", tmp_path / "lake") as warehouse:
        warehouse.create_schema()
        warehouse.write("things", awkward())
        warehouse.write("things", awkward(), replace=False)
    assert len(list((tmp_path / "lake" / "things").iterdir())) == 2
    (tmp_path / "lake" / "things" / "notes.txt").write_text("mine")
    with open_warehouse("parquet", tmp_path / "lake") as warehouse, pytest.raises(WarehouseError, match=r"notes\.txt"):
        warehouse.write("things", awkward())


def test_the_command_writes_a_demo(duckdb_file, capsys):
    assert main(["demo", "--customers", "60", "--stores", "2", "--days", "90", "--as-of", "2024-03-01"]) == 0
    assert "orders" in capsys.readouterr().out
    with duckdb.connect(str(duckdb_file), read_only=True) as engine:
        assert engine.execute("select count(*) from raw.truth_people").fetchall() == [(60,)]


def test_the_command_says_what_is_wrong(duckdb_file, capsys, tmp_path):
    assert main(["demo", "--customers", "1"]) == 1
    assert "at least stores" in capsys.readouterr().err
    assert main(["load", str(tmp_path)]) == 1
    assert "raw.sql" in capsys.readouterr().err
    (tmp_path / "raw.sql").write_text("create table raw.orders as select 1 as order_id")
    assert main(["load", str(tmp_path)]) == 1
    assert "--data" in capsys.readouterr().err
    (tmp_path / "raw.sql").write_text("select from nowhere")
    assert main(["load", str(tmp_path), "--data", str(tmp_path)]) == 1
    assert "raw.sql" in capsys.readouterr().err


def test_load_maps_a_folder_and_drops_the_shop_before_it(duckdb_file, tmp_path):
    assert main(["demo", "--customers", "20", "--days", "60"]) == 0
    shop, data = tmp_path / "shop", tmp_path / "data"
    shop.mkdir()
    data.mkdir()
    (data / "sales.csv").write_text("id,amount\n1,10.5\n2,20\n")
    (shop / "raw.sql").write_text(
        "create table sales as from read_csv(getvariable('data') || '/sales.csv');\n"
        "create view raw.orders as select 'shop' as store_id, cast(id as varchar) as order_id, amount as total_price "
        "from sales;\ncreate table raw.stores as select 'shop' as store_id;"
    )
    assert main(["load", str(shop), "--data", str(data)]) == 0
    with duckdb.connect(str(duckdb_file), read_only=True) as engine:
        tables = engine.execute("select table_name from information_schema.tables order by 1").fetchall()
        assert tables == [("orders",), ("stores",)]
        assert engine.execute("select sum(total_price) from raw.orders").fetchall() == [(30.5,)]


def test_load_runs_the_sample_where_there_are_no_data(duckdb_file, tmp_path):
    (tmp_path / "sample.sql").write_text("create table sales as select range as id from range(3)")
    (tmp_path / "raw.sql").write_text("create table raw.orders as select id as order_id from sales")
    assert main(["load", str(tmp_path)]) == 0
    with duckdb.connect(str(duckdb_file), read_only=True) as engine:
        assert engine.execute("select count(*) from raw.orders").fetchall() == [(3,)]
