"""dbt_local_python: the same Python models on DuckDB (run by dbt-duckdb) and on Postgres (run by the plugin)."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import psycopg2
import pyarrow as pa
import pytest
from dbt.adapters.postgres.connections import PostgresCredentials
from dbt.cli.main import dbtRunner
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError

from dbt_local_python.frames import rows_for_postgres
from dbt_local_python.session import open_session
from dbt_local_python.warehouse import Warehouse

PROJECT = Path(__file__).parent / "local_python_project"
MODELS = PROJECT / "models"
ROWS = 600_000
ODD_USER = "odd user's"
ODD_PASSWORD = r"p'w \ %@:/= d"


class Engine:
    """One database, and the project built in it."""

    def __init__(self, target: str, env: dict[str, str], folder: Path) -> None:
        self.target = target
        self.env = env
        self.folder = folder
        self.results: dict[str, Any] = {}

    def arguments(self, *args: str, target: str | None = None, **variables: object) -> list[str]:
        return [
            "--quiet",
            *args,
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target",
            target or self.target,
            "--vars",
            json.dumps(variables),
            "--target-path",
            str(self.folder / "target"),
            "--log-path",
            str(self.folder / "logs"),
        ]

    def dbt(self, *args: str, target: str | None = None, **variables: object) -> Engine:
        """Run dbt in this process; results are kept by model."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.env.items():
                patch.setenv(name, value)
            done = dbtRunner().invoke(self.arguments(*args, target=target, **variables))
        if done.exception is not None:
            raise done.exception
        self.results = {result.node.name: result for result in done.result.results}
        return self

    def succeeded(self) -> Engine:
        """Check that nothing failed."""
        assert {name: result.message for name, result in self.results.items() if result.status != "success"} == {}
        return self

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self._run(statement)

    def rows(self, query: str) -> list[tuple]:
        return self._run(query)[1]

    def records(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table in a form that is the same on both engines, in the order of their first column."""
        names, rows = self._run(f"select * from {table}")
        return sorted(
            ({name: _plain(value) for name, value in zip(names, row, strict=True)} for row in rows),
            key=lambda record: str(record[names[0]]),
        )

    def types(self, table: str) -> dict[str, str]:
        """Types of a table's columns, in the engine's words."""
        if self.target == "duckdb":
            return dict(self.rows(f"select column_name, column_type from (describe {table})"))
        return dict(
            self.rows(
                "select attname::text, format_type(atttypid, atttypmod) from pg_attribute "
                f"where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped order by attnum"
            )
        )

    def connect(self) -> psycopg2.extensions.connection:
        """Connect to the database on Postgres."""
        names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "DBNAME"}
        return psycopg2.connect(**{name: self.env[f"LOCAL_PYTHON_{variable}"] for name, variable in names.items()})

    def _run(self, statement: str) -> tuple[list[str], list[tuple]]:
        if self.target == "duckdb":
            with duckdb.connect(self.env["LOCAL_PYTHON_DUCKDB"]) as connection:
                connection.execute("set TimeZone = 'UTC'")
                done = connection.execute(statement)
                return [column[0] for column in done.description or ()], done.fetchall()
        connection = self.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            names = [column.name for column in cursor.description or ()]
        connection.close()
        return names, rows


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, memoryview):
        return value.tobytes()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, str) and value[:2] in ('{"', "[{"):
        return json.loads(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[str], dict[str, str]]) -> Iterator[list[Engine]]:
    """The project on both engines, built once and once more with the next batch."""
    server = {name.replace("TESSERA_POSTGRES", "LOCAL_PYTHON"): value for name, value in new_database("local_python").items()}
    server.setdefault("LOCAL_PYTHON_PORT", "5432")
    made = [
        Engine(
            "duckdb",
            {"LOCAL_PYTHON_DUCKDB": str(tmp_path_factory.mktemp("duckdb") / "local_python.duckdb")},
            tmp_path_factory.mktemp("dbt_duckdb"),
        ),
        Engine("postgres", server, tmp_path_factory.mktemp("dbt_postgres")),
    ]
    postgres = made[1]
    postgres.execute(
        "drop role if exists local_python_reader",
        "create role local_python_reader",
        f"alter database {server['LOCAL_PYTHON_DBNAME']} set TimeZone = 'UTC'",
    )
    for engine in made:
        engine.execute('create schema "Raw Data"', 'create table "Raw Data"."All Things" as select 1 as "Some Id"')
        engine.dbt("run").succeeded()
        engine.first = engine.results
        engine.dbt("run", "--select", "config.materialized:incremental", "decorated", batch=2).succeeded()
    yield made
    postgres.execute("drop owned by local_python_reader", "drop role local_python_reader")


@pytest.fixture(scope="module")
def postgres(engines: list[Engine]) -> Engine:
    return engines[1]


@pytest.fixture(scope="module")
def failed(postgres: Engine) -> Engine:
    """Postgres after a run in which the models of the folder `errors` failed."""
    return postgres.dbt("run", "--select", "errors", fail=True)


@pytest.fixture
def warehouse(postgres: Engine) -> Iterator[Warehouse]:
    """The database, read as a model reads it."""
    made = Warehouse(credentials(postgres), 0)
    yield made
    made.close()


def credentials(postgres: Engine, **changes: Any) -> PostgresCredentials:
    env = postgres.env
    return PostgresCredentials(
        **{
            "host": env["LOCAL_PYTHON_HOST"],
            "port": int(env["LOCAL_PYTHON_PORT"]),
            "user": env["LOCAL_PYTHON_USER"],
            "password": env["LOCAL_PYTHON_PASSWORD"],
            "database": env["LOCAL_PYTHON_DBNAME"],
            "schema": "shop",
            **changes,
        }
    )


TABLES = [
    "typed_copy",
    "typed_seen",
    "totals_copy",
    "empty",
    "names",
    "from_source",
    "appended",
    "upserted",
    "widened",
    *sorted(path.stem for path in (MODELS / "returns").glob("*.py")),
]


@pytest.mark.parametrize("table", TABLES)
def test_both_engines_give_the_same_rows(engines: list[Engine], table: str) -> None:
    left, right = (engine.records(f"shop.{table}") for engine in engines)
    assert left == right
    assert left or table == "empty"


def test_a_copy_keeps_types(postgres: Engine) -> None:
    expected = postgres.types("shop.typed")
    # What DuckDB knows as one type becomes one type; 38 digits are its way to say any number of them; an array literal
    # has forgotten the precision of its elements.
    expected |= {"a_varchar": "text", "a_char": "text", "some_json": "jsonb", "a_numeric": "numeric"}
    expected |= {"numerics": "double precision[]"} if expected["numerics"] == "numeric[]" else {}
    assert postgres.types("shop.typed_copy") == expected


def test_the_types_of_what_models_return(postgres: Engine) -> None:
    # DuckDB's word for a column that is all null
    nothing = "integer" if duckdb.__version__.startswith("1.") else "text"
    assert postgres.types("shop.returns_pandas") == {
        "id": "bigint",
        "float_or_null": "double precision",
        "a_str": "text",
        "object_text": "text",
        "object_null": nothing,
        "category": "text",
        "nullable_int": "bigint",
        "nullable_bool": "boolean",
        "moment": "timestamp without time zone",
        "zoned": "timestamp with time zone",
        "nanoseconds": "timestamp without time zone",
        "elapsed": "interval",
        "day": "date",
        "price": "numeric(4,2)",
        "key": "uuid",
        "numbers": "integer[]",
        "record": "jsonb",
        "half": "real",
        "tiny": "smallint",
        "small": "integer",
        "medium": "bigint",
        "large": "numeric(20,0)",
    }
    assert postgres.types("shop.returns_arrow") == {
        "id": "bigint",
        "large_text": "text",
        "text_view": "text",
        "dictionary": "text",
        "price": "numeric(10,2)",
        "whole": "numeric(30,0)",
        "widest": "numeric",
        "seconds": "timestamp without time zone",
        "zoned": "timestamp with time zone",
        "time_of_day": "time without time zone",
        "elapsed": "interval",
        "nan": "double precision",
        "blob": "bytea",
        "key": "uuid",
        "json": "jsonb",
        "pair": "smallint[]",
        "prices": "numeric(5,2)[]",
        "nested": "jsonb",
        "record": "jsonb",
        "records": "jsonb",
        "map": "jsonb",
        "nothing": nothing,
    }
    assert postgres.types("shop.returns_polars") == {
        "id": "bigint",
        "text": "text",
        "category": "text",
        "price": "numeric(10,2)",
        "moment": "timestamp without time zone",
        "numbers": "bigint[]",
        "nan": "double precision",
    }
    assert postgres.types("shop.returns_relation") == {"id": "integer", "huge": "numeric", "record": "jsonb", "choice": "text"}


def test_an_empty_frame_keeps_columns_and_types(postgres: Engine) -> None:
    assert postgres.records("shop.empty") == []
    assert postgres.types("shop.empty") == postgres.types("shop.typed_copy")


def test_a_sum_without_precision_keeps_its_digits(postgres: Engine) -> None:
    assert postgres.types("shop.totals") == {"total": "numeric", "count_like": "numeric"}
    assert postgres.rows("select total::text, count_like::text from shop.totals_copy") == [("3.50", "3")]


def test_incremental_models_see_and_extend_their_table(postgres: Engine) -> None:
    assert postgres.rows("select id, batch from shop.appended order by id") == [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2)]
    assert postgres.rows("select key, batch, known from shop.upserted order by key") == [(1, 1, 0), (2, 2, 2), (3, 2, 2)]
    assert postgres.rows("select * from shop.widened order by batch") == [(1, None), (2, "new")]
    # The project's own strategy.
    assert postgres.rows("select batch from shop.replaced") == [(2,)]


def test_nothing_is_left_beside_the_tables(postgres: Engine) -> None:
    assert postgres.rows("select relname from pg_class where relname ~ '__dbt_(tmp|backup)'") == []


def test_hooks_grants_indexes_and_comments(postgres: Engine) -> None:
    assert postgres.rows("select name from shop.hooks") == [("before",), ("after 2",), ("outside",)] * 2
    assert postgres.rows(
        "select grantee::text, privilege_type::text from information_schema.role_table_grants "
        "where table_schema = 'shop' and table_name = 'decorated' and grantee = 'local_python_reader'"
    ) == [("local_python_reader", "SELECT")]
    ((definition,),) = postgres.rows("select indexdef from pg_indexes where tablename = 'decorated'")
    assert definition.startswith("CREATE UNIQUE INDEX") and definition.endswith("(id)")
    assert postgres.rows(
        "select obj_description('shop.decorated'::regclass), col_description('shop.decorated'::regclass, 1)"
    ) == [('One row per thing; it\'s "quoted".', "The key.")]
    assert postgres.rows("select distinct asked from shop.decorated") == [(7,)]


def test_dbt_says_how_many_rows_a_model_wrote(engines: list[Engine]) -> None:
    response = engines[1].first["typed_copy"].adapter_response
    assert (response["_message"], response["rows_affected"]) == ("SELECT 2", 2)


# Tables stay where they are


KEPT = ["kept_sql", "kept_python", "kept_incremental"]


@pytest.fixture(scope="module")
def administered(postgres: Engine) -> Engine:
    """Tables with what an administrator puts on them: a grant, a policy, an index, a constraint, and views."""
    for table in (*KEPT, "kept_constrained"):
        postgres.execute(
            f"grant select on shop.{table} to local_python_reader",
            f"alter table shop.{table} enable row level security",
            f"create policy mine on shop.{table} to local_python_reader using (batch > 0)",
            f"create index {table}_mine on shop.{table} (batch)",
            f"alter table shop.{table} add constraint mine check (batch < 9)",
            f"create view public.{table}_named with (security_barrier=true) as select name, batch from shop.{table}",
            f"create view public.{table}_on_view as select batch, 1 as one from public.{table}_named",
            f"create materialized view public.{table}_stored as select batch from shop.{table}",
            f"grant select on public.{table}_on_view to local_python_reader",
        )
    return postgres


def build_kept(postgres: Engine, **variables: object) -> None:
    postgres.dbt("run", "--full-refresh", "--select", "kept", **variables).succeeded()


def on_table(postgres: Engine, table: str) -> list[tuple]:
    """The table's identity, and what an administrator put on it."""
    return postgres.rows(f"""
        select 'table', oid::text from pg_class where oid = 'shop.{table}'::regclass
        union all select 'grant', has_table_privilege('local_python_reader', 'shop.{table}', 'select')::text
        union all select 'policy', polname from pg_policy where polrelid = 'shop.{table}'::regclass
        union all select 'constraint', conname from pg_constraint where conrelid = 'shop.{table}'::regclass and contype = 'c'
        union all select 'index', indexrelid::regclass::text from pg_index where indrelid = 'shop.{table}'::regclass
        order by 1, 2""")


def test_tables_and_all_that_is_on_them_stay_while_rows_and_columns_change(administered: Engine) -> None:
    before = {table: on_table(administered, table) for table in KEPT}
    build_kept(administered, batch=2)
    assert {table: on_table(administered, table) for table in KEPT} == before
    assert [administered.rows(f"select * from public.{table}_on_view") for table in KEPT] == [[(2, 1)]] * 3
    build_kept(administered, batch=3, shape="wider")
    assert {table: on_table(administered, table) for table in KEPT} == before
    for table in KEPT:
        assert administered.types(f"shop.{table}") == {"batch": "integer", "name": "text", "more": "numeric(5,2)"}
        administered.execute(f"create or replace view public.{table}_more as select more from shop.{table}")
    build_kept(administered, batch=4, shape="retyped")
    assert {table: on_table(administered, table) for table in KEPT} == before
    said = (administered.folder / "logs" / "dbt.log").read_text()
    for table in KEPT:
        assert administered.rows(f"select batch, name, more from shop.{table}") == [(4, "a", 2)]
        # Views that do not read the column are there still, with what was granted on them; the one that does is not.
        assert administered.rows(f"select * from public.{table}_on_view") == [(4, 1)]
        assert administered.rows(
            f"select has_table_privilege('local_python_reader', 'public.{table}_on_view', 'select'), "
            f"(select reloptions from pg_class where oid = 'public.{table}_named'::regclass), "
            f"to_regclass('public.{table}_more')::text"
        ) == [(True, ["security_barrier=true"], None)]
        assert f'"{table}_more" was dropped: columns of "' in said and f'"{table}_named" was dropped' not in said


def test_a_table_without_the_constraint_of_its_model_is_made_anew(administered: Engine) -> None:
    before = on_table(administered, "kept_constrained")
    constraint = next(name for kind, name in before if kind == "constraint" and name != "mine")
    administered.execute(f"alter table shop.kept_constrained drop constraint {constraint}")
    build_kept(administered, batch=5)
    after = on_table(administered, "kept_constrained")
    assert dict(after)["table"] != dict(before)["table"]
    assert dict(after)["grant"] == "true" and [kind for kind, _ in after].count("constraint") == 1
    assert administered.rows("select * from public.kept_constrained_on_view") == [(5, 1)]
    assert administered.rows("select relpersistence = 'p' from pg_class where oid = 'shop.kept_constrained'::regclass") == [
        (True,)
    ]


def test_a_table_that_an_administrator_partitions_stays_partitioned(administered: Engine) -> None:
    table = "shop.kept_incremental"
    administered.execute(
        f"alter table {table} rename to whole",
        f"create table {table} (like shop.whole) partition by range (batch)",
        f"create table {table}_low partition of {table} for values from (0) to (6)",
        f"create table {table}_rest partition of {table} default",
        "drop table shop.whole cascade",
    )
    for batch, partition in ((5, "low"), (6, "rest")):
        build_kept(administered, batch=batch)
        assert administered.rows(f"select tableoid::regclass::text, batch from {table}") == [(f"{table}_{partition}", batch)]


def test_readers_see_the_old_rows_until_all_new_ones_are_there(administered: Engine) -> None:
    before = administered.rows("select * from public.kept_sql_on_view")
    seen: set[tuple] = set()
    done = threading.Event()

    def read() -> None:
        connection = administered.connect()
        with connection.cursor() as cursor:
            while not done.is_set():
                cursor.execute(
                    "set statement_timeout = 2000; set role local_python_reader; select * from public.kept_sql_on_view"
                )
                seen.add(tuple(cursor.fetchall()))
                connection.rollback()
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        build_kept(administered, batch=7)
        done.set()
        reading.result()
    assert seen == {tuple(before), ((7, 1),)}


def test_errors_name_the_line_of_the_file(failed: Engine) -> None:
    for name, line, words in [
        ("failing", "raise ValueError", "ValueError: no Row(id=1)"),
        ("failing_stream", "raise RuntimeError", "RuntimeError: the stream broke"),
    ]:
        path = MODELS / "errors" / f"{name}.py"
        number = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if line in text)
        message = failed.results[name].message
        assert f"{path}:{number}: {words}" in message
        assert f'File "{path}", line {number}' in message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong_return", "The model returned a dict; it must return a pandas or polars DataFrame"),
        ("narrower", "did not return the columns note that"),
        ("killed", "Reading shop.killer failed:.*terminating connection due to administrator command"),
        ("locked", r'"shop"."typed" cannot be read: a pre-hook of this model holds it locked'),
        ("nul", "invalid byte sequence for encoding"),
        ("late", "division by zero"),
    ],
)
def test_errors_say_what_is_wrong(failed: Engine, name: str, words: str) -> None:
    assert re.search(words, failed.results[name].message, re.DOTALL), failed.results[name].message


@pytest.mark.parametrize("name", sorted(path.stem for path in (MODELS / "errors").glob("*.py")))
def test_the_old_table_outlives_an_error(failed: Engine, name: str) -> None:
    assert failed.results[name].status == "error"
    assert failed.rows(f"select count(*) > 0 from shop.{name}") == [(True,)]


def test_a_failed_model_is_built_by_the_next_run(failed: Engine) -> None:
    # Rows were written, and what came after them failed.
    assert failed.rows("select relname from pg_class where relname ~ '__dbt_(tmp|backup)' order by 1") == [
        ("late__dbt_tmp",),
        ("narrower__dbt_tmp",),
    ]
    failed.dbt("run", "--select", "errors").succeeded()
    assert failed.rows("select relname from pg_class where relname ~ '__dbt_(tmp|backup)'") == []


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (None, "returned NoneType; it must return"),
        ([1], "returned a list; it must return"),
        ("text", "returned a str; it must return"),
        (pd.DataFrame(), "a frame without columns"),
        (pa.table({}), "a frame without columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns named 'a' and 'a'"),
        (pa.table([[1], [2]], names=["a", "A"]), "two columns named 'a' and 'A'"),
        (duckdb.sql("select 1 as a, 2 as a"), "two columns named"),
        (pd.DataFrame({"a" * 64: [1]}), "names have 1 to 63 bytes"),
    ],
)
def test_what_is_no_table_is_refused(warehouse: Warehouse, frame: Any, words: str) -> None:
    with open_session(warehouse, []) as session, pytest.raises(DbtRuntimeError, match=words):
        rows_for_postgres(frame, session, [])


def write(warehouse: Warehouse, table: str, frame: Any) -> int:
    with open_session(warehouse, []) as session:
        return warehouse.write("public", table, *rows_for_postgres(frame, session, []), False)


def read(warehouse: Warehouse, query: str) -> pa.Table:
    with open_session(warehouse, []) as session:
        return session.sql(query).to_arrow_table()


def test_odd_types_are_written(warehouse: Warehouse, postgres: Engine) -> None:
    halves = pa.table({"half": pa.array(np.array([0.5], dtype="float16"))})
    assert write(warehouse, "halves", halves) == 1
    assert postgres.types("public.halves") == {"half": "real"}
    with open_session(warehouse, []) as session:
        odd = session.sql(
            "select time_ns '10:00:00' as a, '1010'::bit as b, timetz '10:00:00+01' as c, 3::bignum as d, ['1'::json] as e"
        )
        columns, _ = rows_for_postgres(odd, session, [])
    assert columns == {"a": "time", "b": "text", "c": "text", "d": "text", "e": "jsonb"}


def test_names_of_columns_and_tables_are_quoted(warehouse: Warehouse, postgres: Engine) -> None:
    write(warehouse, 'a "b" c', pa.table({'it\'s "x"': [1], "Größe %s": ["y"]}))
    assert postgres.rows('select "it\'s ""x""", "Größe %s" from "a ""b"" c"') == [(1, "y")]
    assert read(warehouse, 'select * from public."a ""b"" c"').to_pylist() == [{'it\'s "x"': 1, "Größe %s": "y"}]


def test_types_of_postgres_alone_are_read(warehouse: Warehouse, postgres: Engine) -> None:
    postgres.execute(
        "create type mood as enum ('sad', 'glad')",
        "create type pair as (a integer, b text)",
        "create domain price as numeric(8, 3)",
        "create domain word as text",
        """create table odd_types as select 'glad'::mood as mood, (1, 'x')::pair as pair, 1.5::price as price, 'w'::word as word,
           '10.0.0.0/8'::cidr as network, '12.5'::money as money, '10:00+01'::timetz as zoned_time, int4range(1, 3) as span,
           array['sad', null]::mood[] as moods, 1.25::numeric(50, 2) as wide, 'NaN'::float4 as nan""",
        "create table matrix (grid integer[][])",
        "insert into matrix values ('{{1,2},{3,4}}')",
    )
    table = read(warehouse, "select * from public.odd_types")
    assert table.to_pylist()[0] | {"nan": 0} == {
        "mood": "glad",
        "pair": '{"a": 1, "b": "x"}',
        "price": Decimal("1.500"),
        "word": "w",
        "network": "10.0.0.0/8",
        "money": "$12.50",
        "zoned_time": "10:00:00+01",
        "span": "[1,3)",
        "moods": ["sad", None],
        "wide": Decimal("1.25"),
        "nan": 0,
    }
    assert table.schema.field("price").type == pa.decimal128(8, 3)
    assert math.isnan(table["nan"][0].as_py())
    assert json.loads(read(warehouse, "select * from public.matrix")["grid"][0].as_py()) == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("1.5, 2.25", pa.decimal128(38, 2)),
        ("null", pa.decimal128(38, 0)),
        ("12345678901234567890123456789.5, 0.12345678901234567890", pa.decimal128(38, 9)),
    ],
)
def test_numerics_without_precision_keep_all_digits_there_is_room_for(
    warehouse: Warehouse, values: str, kind: pa.DataType
) -> None:
    decimals = read_view(warehouse, f"select unnest(array[{values}]::numeric[]) as value")
    assert decimals.schema.field("value").type == kind


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("'NaN'::numeric(5, 2)", "column value: .*NaN"),
        ("'infinity'::date", "column value holds an infinite date or time"),
        ("'-infinity'::timestamp", "column value holds an infinite date or time"),
        ("'infinity'::timestamptz", "column value holds an infinite date or time"),
    ],
)
def test_what_arrow_cannot_hold_is_refused(warehouse: Warehouse, value: str, words: str) -> None:
    with pytest.raises(duckdb.Error, match=words):
        read_view(warehouse, f"select {value} as value")


def read_view(warehouse: Warehouse, query: str) -> pa.Table:
    with warehouse.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create or replace view public.looked_at as {query}")
        try:
            return read(warehouse, "select * from public.looked_at")
        finally:
            cursor.execute("drop view public.looked_at")


@pytest.mark.parametrize("value", ["timestamp 'infinity'", "date '-infinity'", "timestamptz 'infinity'"])
def test_infinite_times_are_not_written_as_others(warehouse: Warehouse, value: str) -> None:
    with pytest.raises((duckdb.Error, DbtDatabaseError), match="column moment holds an infinite"):
        write(warehouse, "infinite", duckdb.sql(f"select {value} as moment"))
    with warehouse.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('public.infinite')::text")
        assert cursor.fetchone() == (None,)


def test_a_variable_comes_before_a_table_unless_that_is_named_in_full(warehouse: Warehouse) -> None:
    typed = pa.table({"x": [7]})
    with open_session(warehouse, []) as session:
        assert session.sql("select * from typed").fetchall() == [(7,)]
        assert len(session.sql("select * from shop.typed").fetchall()) == 2
        del typed
        assert len(session.sql("select * from typed").fetchall()) == 2
        session.execute("create temp table appended as select 1 as mine")
        assert session.sql("select mine from appended").fetchall() == [(1,)]


def test_a_table_is_read_anew_by_each_scan_and_let_go_early(warehouse: Warehouse, postgres: Engine) -> None:
    postgres.execute("create table counted as select i from generate_series(1, 200000) as numbers (i)")
    with open_session(warehouse, []) as session:
        counted = session.sql("select * from public.counted")
        assert len(counted.limit(1).fetchall()) == 1
        postgres.execute("delete from counted where i > 10")
        assert counted.count("*").fetchall() == [(10,)]
        assert postgres.rows("select count(*) from pg_stat_activity where query ilike 'copy%counted%'") == [(0,)]


# Users, roles and servers


@pytest.fixture(scope="module")
def odd_user(postgres: Engine) -> Iterator[bool]:
    """A user with a name and a password that need quoting; whether the server asks for the password."""
    quoted = '"' + ODD_USER + '"'
    postgres.execute(
        f"drop role if exists {quoted}",
        "drop role if exists builder",
        "create role builder",
        f"""create role {quoted} login in role builder password '{ODD_PASSWORD.replace("'", "''")}'""",
        f"grant create on database {postgres.env['LOCAL_PYTHON_DBNAME']} to builder",
    )
    rules = Path(postgres.rows("show hba_file")[0][0])
    asks = os.access(rules, os.W_OK) and postgres.env["LOCAL_PYTHON_HOST"].startswith("/")
    if asks:
        before = rules.read_text()
        rules.write_text(f"local all {quoted} scram-sha-256\n{before}")
        postgres.execute("select pg_reload_conf()")
    yield asks
    if asks:
        rules.write_text(before)
        postgres.execute("select pg_reload_conf()")
    postgres.execute("drop owned by builder", f"drop role {quoted}", "drop role builder")


def test_a_model_runs_with_the_role_and_settings_of_the_profile(postgres: Engine, odd_user: bool) -> None:
    postgres.env |= {"LOCAL_PYTHON_ODD_USER": ODD_USER, "LOCAL_PYTHON_ODD_PASSWORD": ODD_PASSWORD}
    postgres.dbt("run", "--select", "odd", target="odd").succeeded()
    (seen,) = postgres.records("odd.who_reads")
    assert seen == {
        "reads_as": "builder",
        "connected_as": ODD_USER,
        "search_path": '"odd place", public',
        "application_name": "it's 100% @home",
        "schemas": "{public}",
    }
    assert postgres.rows("select tableowner::text from pg_tables where schemaname = 'odd'") == [("builder",)]


def test_a_wrong_password_is_not_repeated(postgres: Engine, odd_user: bool) -> None:
    if not odd_user:
        pytest.skip("the server lets everybody in")
    wrong = Warehouse(credentials(postgres, user=ODD_USER, password="swordfish' @"), 0)
    with pytest.raises(DbtDatabaseError, match="password authentication failed") as error:
        _ = wrong.timezone
    assert "swordfish" not in str(error.value)
    assert wrong.redact("it was swordfish' @!") == "it was ***!"


def test_without_a_password_the_password_file_is_asked(
    postgres: Engine, odd_user: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pgpass"
    file.write_text("*:*:*:*:" + ODD_PASSWORD.replace("\\", "\\\\").replace(":", "\\:"))
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    own = Warehouse(credentials(postgres, user=ODD_USER, password=""), 0)
    assert own.timezone
    own.close()


def test_certificates_and_modes_reach_the_server(postgres: Engine, tmp_path: Path) -> None:
    own = Warehouse(
        credentials(postgres, host="localhost", port=1, sslmode="verify-full", sslrootcert=str(tmp_path / "no file"), retries=0),
        0,
    )
    with pytest.raises(DbtDatabaseError):
        _ = own.timezone


def test_a_connection_is_tried_again(postgres: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("dbt_local_python.warehouse.time", SimpleNamespace(sleep=waits.append))
    with pytest.raises(DbtDatabaseError):
        _ = Warehouse(credentials(postgres, host="/nowhere", retries=3), 0).timezone
    assert waits == [1, 4, 9]


def test_the_package_does_nothing_without_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    import dbt_local_python

    monkeypatch.setitem(sys.modules, "dbt.adapters.postgres.impl", None)
    assert dbt_local_python.LocalPython("any").project_name == "any"


# Many rows


# A process reports the size of the one that started it as its own peak, so memory is looked at while models run, one after the
# other.
RUN_AND_WATCH = """
import sys, threading, time
import psutil
from dbt.cli.main import dbtRunner
peak, me = [0], psutil.Process()
def watch():
    while True:
        peak[0] = max(peak[0], me.memory_info().rss)
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
for model in ("typed_copy", "streamed", "held"):
    peak[0] = 0
    done = dbtRunner().invoke([*sys.argv[1:], "--select", model])
    print("peak", done.success, peak[0])
"""


def test_a_model_that_streams_holds_neither_input_nor_output(postgres: Engine) -> None:
    postgres.execute(f"""create table "Raw Data".big as
        select i as id, 'customer ' || i as name, i * 0.5 as score, (i % 100000 / 100.0)::numeric(12, 2) as amount,
               timestamp '2024-01-01' + i * interval '1 second' as seen_at, md5(i::text) as token
        from generate_series(1, {ROWS}) as numbers (i)""")
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_WATCH, *postgres.arguments("run", big=True)],
        env={**os.environ, **postgres.env},
        capture_output=True,
        text=True,
    )
    told = re.findall(r"^peak (\w+) (\d+)$", done.stdout, re.MULTILINE)
    assert [success for success, _ in told] == ["True"] * 3, done.stdout
    small, streamed, held = (int(peak) for _, peak in told)
    expected = postgres.rows('select count(*), min(id) + 1, max(id) + 1, sum(amount) from "Raw Data".big')
    for model in ("streamed", "held"):
        assert postgres.rows(f"select count(*), min(id), max(id), sum(amount)::numeric(20, 2) from shop.{model}") == expected
    assert streamed - small < (held - small) / 3
