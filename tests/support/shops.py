"""What the tests share: databases to build in, ways to run dbt, and the comparison of two databases."""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar
from unittest import mock

import duckdb
import numpy as np
import pandas as pd
import psycopg2
import pyarrow as pa
import pytest

from tessera.cli import main as tessera
from tessera.warehouse import Warehouse, connect_postgres, open_warehouse, postgres_settings

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data"
SCHEMAS = ("analytics", "analytics_intermediate", "analytics_staging")
# What says how a table came about and not what it says: numbers of loads differ between one build and many.
INTERNAL = {"batch_id", "source_batch_id", "tie_hash"}
# The row as it was landed, in the engine's own spelling of times and numbers.
INTERNAL |= {"raw_row"}
# How long a run took.
INTERNAL |= {"seconds"}
# What a day or a person was made of, in the hashes of the engine.
INTERNAL |= {"day_hash", "activity_hash", "campaigns_hash", "members_hash", "identifier_version", "person_version", "lines_hash"}
LEDGERS = [
    "analytics_intermediate.identity_survivors",
    "analytics.identity_changes",
    "analytics_intermediate.rfm_history",
    "analytics.rfm_movements",
    *(
        f"analytics_intermediate.{name}"
        for name in (
            "group_calculations",
            "rules_met_history",
            "membership_changes",
            "movement_reasons",
            "int_membership_spells",
            "int_cohort_members",
            "segment_engagement",
            "actions_decided",
            "arms_assigned",
            "int_experiment_people",
            "int_experiment_plans",
            "int_experiment_outcomes",
            "int_experiment_arms",
            "experiment_statistics",
            "int_segment_nights",
            "int_segment_spells",
            "int_segment_days",
            "int_segment_moves",
            "int_segment_daily_activity",
            "int_segment_daily_members",
            "int_daily_segments",
            "int_segment_campaigns",
            "feature_bins",
            "int_feature_drift",
            "int_valuable_declines",
            "int_drift_series",
            "int_drift_months",
            "int_drift_surprises",
            "int_drift_expectations",
            "int_drift_tests",
            "int_drift_findings",
            "int_drift_episodes",
            "int_drift_durations",
            "export_history",
            "int_export_contacts",
        )
    ),
    *(
        f"analytics.{name}"
        for name in (
            "segments",
            "segment_memberships",
            "segment_movements",
            "customer_actions",
            "experiment_assignments",
            "experiment_results",
            "segment_overlaps",
            "segment_traits",
            "cohorts",
            "cohort_members",
            "cohort_retention",
            "daily_metrics",
            "behavioral_analytics",
            "segment_performance",
            "campaign_performance",
            "message_performance",
            "segment_kpis",
            "segment_drift",
            "segment_revenue_change",
            "feature_drift",
            "drift_alerts",
            "alert_payloads",
            "marketing_export",
        )
    ),
]
# For fixtures whose tests hold on each engine by itself: Postgres is a long form, what both must agree on is the demo shop.
BY_ENGINE = [pytest.param(("duckdb",), id="duckdb"), pytest.param(("postgres",), id="postgres", marks=pytest.mark.torture)]
# The variables that name a shop's file or database.
PLACES = {"duckdb": "TESSERA_DUCKDB_PATH", "postgres": "TESSERA_POSTGRES_DBNAME"}
NO_UNIT_TESTS = ["--exclude-resource-type", "unit_test"]


@dataclass
class Shop:
    """One shop in one engine: where it is, and how to build and read it. dbt runs through many_runs.py."""

    target: str
    env: dict[str, str]
    vars: dict[str, object] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The variables that a command for this shop runs with."""
        return {**os.environ, **self.env, "TESSERA_TARGET": self.target, "DO_NOT_TRACK": "1"}

    def dbt(self, *args: str, check: bool = True, **extra_vars: object) -> subprocess.CompletedProcess[str]:
        """Run one dbt command; an unexpected failure shows dbt's own words."""
        return self._runs([(args, {**self.vars, **extra_vars})], check)

    def commands(self, *commands: list[str], **extra_vars: object) -> str:
        """Run several commands in one process; what they printed."""
        return self._runs([(command, {**self.vars, **extra_vars}) for command in commands]).stdout

    def nights(self, nights: Iterable[str], *args: str, **first_vars: object) -> str:
        """Run one command for several nights in one process, with more vars in the first of them; what they printed."""
        runs = [(args, {**self.vars, "as_of": night}) for night in nights]
        runs[0][1].update(first_vars)
        return self._runs(runs).stdout

    def _runs(self, runs: list[tuple], check: bool = True) -> subprocess.CompletedProcess[str]:
        done = Runner.ask(self.environment(), runs)
        if check and done.returncode:
            commands = "; ".join(" ".join(args) for args, _ in runs)
            raise AssertionError(f"dbt failed on {self.target}: {commands}\n{done.stdout[-8000:]}")
        return done

    def build(self, *args: str, **extra_vars: object) -> Shop:
        """Build everything with its data tests; unit tests run once, in a test of their own."""
        self.dbt("build", *NO_UNIT_TESTS, *args, **extra_vars)
        return self

    def tessera(self, *args: str) -> None:
        """Run the command line of the package for this shop."""
        try:
            with mock.patch.dict(os.environ, self.env):
                assert tessera([*args, "--target", self.target]) in (0, None)
        finally:
            # a connection of the loader that lingers would keep others from opening the file
            gc.collect()

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """The raw schema, made, to write tables to."""
        with mock.patch.dict(os.environ, self.env), open_warehouse(self.target) as warehouse:
            warehouse.create_schema()
            yield warehouse

    def execute(self, statement: str) -> None:
        """Run statements that return nothing."""
        if self.target == "duckdb":
            with duckdb.connect(self.database()) as connection:
                connection.execute(statement)
        else:
            with self.connect() as connection, connection.cursor() as cursor:
                cursor.execute(statement)
                connection.commit()

    def rows(self, query: str) -> list[tuple]:
        """The rows of a query."""
        (rows,) = self.rows_of([query])
        return rows

    def rows_of(self, queries: Iterable[str]) -> list[list[tuple]]:
        """The rows of several queries."""
        if self.target == "duckdb":
            with duckdb.connect(self.database(), read_only=True) as connection:
                return [connection.execute(query).fetchall() for query in queries]
        found = []
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for query in queries:
                cursor.execute(query)
                found.append(cursor.fetchall())
        return found

    def frames(self, tables: Iterable[str] | None = None) -> dict[str, pa.Table]:
        """Tables (all that the build made) as text, integers and doubles, in the order of their columns' names."""
        tables = self.tables() if tables is None else tables
        if self.target == "duckdb":
            with duckdb.connect(self.database(), read_only=True) as connection:
                return {table: connection.sql(_as_text(table, _types(connection, table))).to_arrow_table() for table in tables}
        types: dict[str, dict[str, str]] = {}
        for table, column, data_type in self.rows("""
                select table_schema || '.' || table_name, column_name, data_type from information_schema.columns"""):
            types.setdefault(table, {})[column] = data_type
        found = {}
        with mock.patch.dict(os.environ, self.env):
            settings = postgres_settings()
        with closing(connect_postgres(**settings)) as connection, connection.cursor() as cursor:
            for table in tables:
                cursor.execute(_as_text(table, types[table]))
                found[table] = cursor.fetch_arrow_table()
        return found

    def sums(self, tables: Iterable[str] | None = None) -> dict[str, tuple]:
        """How many rows tables on DuckDB (all that the build made) have, and a sum that changes with any of them."""
        tables = self.tables() if tables is None else tables
        found = {}
        with duckdb.connect(self.database(), read_only=True) as connection:
            for table in tables:
                types = _types(connection, table)
                names = sorted(set(types) - INTERNAL)
                columns = ", ".join(f'"{name}"' for name in names)
                rows = connection.sql(f"select count(*), sum(cast(hash({columns}) as hugeint)) from {table}").fetchall()
                found[table] = [(name, types[name]) for name in names], rows
        return found

    def database(self) -> str:
        """The file or the database of it."""
        return self.env[PLACES[self.target]]

    def at(self, database: str) -> Shop:
        """The same shop in another database of its engine, to be read."""
        return replace(self, env={**self.env, PLACES[self.target]: database})

    def tables(self) -> list[str]:
        """Every table and view that the models made."""
        schemas = ", ".join(f"'{schema}'" for schema in SCHEMAS)
        return sorted(
            f"{schema}.{name}"
            for schema, name in self.rows(
                f"select table_schema, table_name from information_schema.tables where table_schema in ({schemas}) "
                "and table_name <> 'model_settings'"
            )
        )

    def connect(self) -> psycopg2.extensions.connection:
        """A connection to the shop's database on Postgres."""
        return connect(self.env)


def connect(variables: Mapping[str, str]) -> psycopg2.extensions.connection:
    """A connection to the Postgres that the variables of a shop name; without a database, to the one that every server has."""
    return psycopg2.connect(
        host=variables["TESSERA_POSTGRES_HOST"],
        port=variables.get("TESSERA_POSTGRES_PORT") or "5432",
        user=variables["TESSERA_POSTGRES_USER"],
        password=variables.get("TESSERA_POSTGRES_PASSWORD", ""),
        dbname=variables.get("TESSERA_POSTGRES_DBNAME", "postgres"),
    )


class Runner:
    """A process that runs dbt commands for one shop after the other, see many_runs.py."""

    idle: ClassVar[dict[str, list[Runner]]] = {}

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "many_runs.py"), "--serve"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.end)

    @classmethod
    def ask(cls, environment: Mapping[str, str], runs: list[tuple]) -> subprocess.CompletedProcess[str]:
        """Let a process that has nothing to do run commands, or a new one."""
        idle = cls.idle.setdefault(environment["TESSERA_TARGET"], [])
        runner = idle.pop() if idle else cls(environment)
        print(json.dumps({"env": dict(environment), "runs": runs}), file=runner.process.stdin, flush=True)
        answer = runner.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the process of dbt ended with {runner.process.wait()}")
        idle.append(runner)
        answer = json.loads(answer)
        return subprocess.CompletedProcess(runs, 0 if answer["ok"] else 1, answer["printed"], "")

    def end(self) -> None:
        """Let the process end."""
        with self.process:
            self.process.stdin.close()


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return dict(connection.sql(f"select column_name, column_type from (describe {table})").fetchall())


def _as_text(table: str, types: dict[str, str]) -> str:
    """A query that casts everything but doubles to text, so that both engines hand over the same values."""
    names = sorted(set(types) - INTERNAL)
    doubles = {name for name in names if types[name].lower() in ("double", "double precision")}
    lists = {name for name in names if types[name] == "ARRAY" or types[name].endswith("[]")}
    texts = {name: f'to_json("{name}")' if name in lists else f'"{name}"' for name in names}
    shown = ", ".join(f'"{name}"' if name in doubles else f'cast({texts[name]} as text) as "{name}"' for name in names)
    return f"select {shown} from {table}"


def both(shops: Iterable[Shop], work: Callable[[Shop], object]) -> list[object]:
    """Do the same on several shops side by side."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, shops))


def build_alike(shop: Shop) -> Shop:
    """Build one of two shops whose tables are held against each other: data tests on DuckDB are enough then."""
    return shop.build(*([] if shop.target == "duckdb" else ["--exclude-resource-type", "test"]))


def differences(left: Shop, right: Shop, tables: Iterable[str] | None = None, skip: Iterable[str] = ()) -> list[str]:
    """What differs between two builds of the same shop, see `changes`."""
    tables = None if tables is None else list(tables)
    if left.target == right.target == "duckdb":
        # nearly all tables of one engine are equal to the last bit, which it finds without handing them over
        one, other = both([left, right], lambda shop: shop.sums(tables))
        rest = {table for table in {*one, *other} - set(skip) if one.get(table) != other.get(table)}
        return changes(left.frames(sorted(rest & set(one))), right.frames(sorted(rest & set(other))))
    before, after = both([left, right], lambda shop: shop.frames(tables))
    return changes(before, after, skip)


def changes(before: Mapping[str, pa.Table], after: Mapping[str, pa.Table], skip: Iterable[str] = ()) -> list[str]:
    """What differs between two sets of tables, one line a table; doubles may differ by 1e-9 of their size."""
    found = [f"tables: {sorted(set(before) ^ set(after))}"] if set(before) != set(after) else []
    with duckdb.connect() as engine:
        for table in sorted(set(before) & set(after) - set(skip)):
            reason = _difference(engine, before[table], after[table])
            if reason:
                found.append(f"{table}: {reason}")
    return found


def _difference(engine: duckdb.DuckDBPyConnection, left: pa.Table, right: pa.Table) -> str:
    """Why two tables are not the same set of rows; empty where they are."""
    if left.column_names != right.column_names:
        return f"columns {sorted(set(left.column_names) ^ set(right.column_names))}"
    if len(left) != len(right):
        return f"{len(left)} rows against {len(right)}"
    columns = ", ".join(f'"{name}"' for name in left.column_names)
    # nearly all rows are equal to the last bit, which an engine finds at once
    engine.register("one", left).register("other", right)
    one, other = (engine.sql(f"select sum(cast(hash({columns}) as hugeint)) from {rows}").fetchall() for rows in ("one", "other"))
    if one == other:
        return ""
    return _rest(engine.sql("from one except all from other").df(), engine.sql("from other except all from one").df())


def _rest(left: pd.DataFrame, right: pd.DataFrame) -> str:
    """Why rows that are not equal to the last bit are not the same; empty where they are."""
    if left.empty:
        return ""
    doubles = [name for name in left.columns if left[name].dtype.kind == "f" or right[name].dtype.kind == "f"]
    left, right = (_normal(frame, doubles) for frame in (left, right))
    for name in left.columns:
        if name in doubles:
            same = np.isclose(left[name], right[name], rtol=1e-9, atol=1e-12, equal_nan=True)
        else:
            same = (left[name] == right[name]).to_numpy()
        if not same.all():
            place = int(np.argmin(same))
            return (
                f"{int((~same).sum())} rows differ in {name}, first {left[name].iloc[place]!r} against "
                f"{right[name].iloc[place]!r} in {dict(left.iloc[place])}"
            )
    return ""


def _normal(frame: pd.DataFrame, doubles: list[str]) -> pd.DataFrame:
    """Rows in one order, JSON and times in one spelling, nothing null in text."""
    frame = frame.copy()
    for name in frame.columns:
        if name in doubles:
            frame[name] = frame[name].astype(float)
            continue
        text = frame[name].astype("str").fillna("~")
        is_json = text.str.startswith(("[", "{", '"'))
        frame[name] = text.where(~is_json, text[is_json].map(spelling)) if is_json.any() else text
    keys = [name for name in frame.columns if name not in doubles]
    return frame.sort_values(keys + doubles, kind="stable").reset_index(drop=True)


def spelling(value: str) -> str:
    """JSON in one spelling, any other text as it is."""
    if value[:1] in '[{"':
        try:
            return json.dumps(json.loads(value, parse_float=_number, parse_int=_number), sort_keys=True)
        except ValueError:
            return value
    return value


def _number(text: str) -> float | int:
    """A number of JSON: 1.0 and 1 are the same, and what a double cannot tell apart."""
    value = float(text)
    return int(value) if value.is_integer() else value
