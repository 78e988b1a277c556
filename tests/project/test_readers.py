"""Who reads the marts while a night is built, who replaces raw tables between two nights, and what a killed night leaves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psycopg2
import pyarrow.compute as pc
import pytest

from support.shops import PROJECT, Shop, changes

NEXT_NIGHT = "2025-07-01"
NO_TESTS = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
# Views of what is large: while a night is built they may show today's rows with yesterday's names of people or segments.
LIVE = {
    f"analytics.{name}"
    for name in (
        "sessions",
        "funnel_steps",
        "product_interactions",
        "customer_events",
        "axis_memberships",
        "prediction_history",
        "product_recommendations",
    )
}
FITS = "analytics.segmentation_runs"
READER, AUDITOR = "tessera_test_reader", "tessera_test_auditor"


def marts(shop: Shop) -> list[str]:
    return [table for table in shop.tables() if table.startswith("analytics.")]


def test_any_other_mart_that_is_a_view_reads_one_table():
    models = {path.stem: path.read_text() for path in (PROJECT / "models").rglob("*.sql")}
    views = {name for name, text in models.items() if "materialized='view'" in text}
    marts_that_are_views = views & {path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")}
    assert {f"analytics.{name}" for name in marts_that_are_views} >= LIVE
    for name in marts_that_are_views - {table.split(".")[1] for table in LIVE}:
        read = set(re.findall(r"ref\('(\w+)'\)", models[name]))
        assert len(read) == 1 and not read & views, name


# A night on Postgres with readers


@dataclass
class Night:
    """What was there before a night, what a reader saw while it was built, and what is there after it."""

    shop: Shop
    before: dict[str, tuple]
    seen: dict[str, set] = field(default_factory=dict)
    after: dict[str, tuple] = field(default_factory=dict)


def answers(connection: psycopg2.extensions.connection, tables: list[str]) -> dict[str, tuple]:
    """How many rows each mart has for the reader, and a sum that changes with any of them."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(f"set role {READER}")
        for table in tables:
            told = "sum(cast(hashtext(cast(marts as text)) as bigint))" if table not in LIVE else "null"
            cursor.execute(f"select count(*), {told} from {table} as marts")
            found[table] = cursor.fetchone()
    return found


@contextmanager
def roles(shop: Shop) -> Iterator[None]:
    for role in (READER, AUDITOR):
        shop.execute(f"do $$ begin create role {role}; exception when duplicate_object then null; end $$")
    yield
    for role in (READER, AUDITOR):
        shop.execute(f"drop owned by {role}; drop role {role}")


@pytest.fixture(scope="module")
def night(demo_copies) -> Iterator[Night]:
    """The next night of the demo shop, with a reader who comes back again and again and a loader who was there before it."""
    (shop,) = demo_copies("readers", ("postgres",))
    with roles(shop):
        tables = marts(shop)
        shop.execute(
            "; ".join(
                [
                    f"grant usage on schema analytics to {READER}, {AUDITOR}",
                    f"grant select on all tables in schema analytics to {READER}, {AUDITOR}",
                    "alter table analytics.rfm_scores enable row level security",
                    f"create policy store_1 on analytics.rfm_scores to {READER} using (store_id = 'store_1')",
                    "create view public.visits as select store_id, count(*) as visits from analytics.sessions group by store_id",
                    "create view public.people as "
                    "select store_id, count(*) as people from analytics.audience_profiles group by store_id",
                ]
            )
        )
        connection = shop.connect()
        connection.autocommit = True
        found = Night(shop, answers(connection, tables))
        # what loaders do: a table dropped and made again, another type, a column that goes
        shop.execute("""
            create table raw.other as select * from raw.products;
            drop table raw.products;
            alter table raw.other rename to products;
            alter table raw.orders alter column total_price type text using cast(total_price as text);
            alter table raw.orders alter column ordered_at type timestamptz using ordered_at at time zone 'UTC';
            alter table raw.customers drop column do_not_track""")
        over = threading.Event()

        def read() -> None:
            # a moment between two rounds, so that the night has the other half of a core
            while not over.wait(1):
                for table, answer in answers(connection, tables).items():
                    found.seen.setdefault(table, set()).add(answer)

        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(read)
            try:
                shop.dbt("build", *NO_TESTS, as_of=NEXT_NIGHT)
            finally:
                over.set()
            reading.result()
        found.after = answers(connection, tables)
        connection.close()
        yield found


def test_every_mart_can_be_read_at_any_moment_and_is_yesterdays_or_todays(night):
    assert len(night.before) > 40
    assert set(night.seen) == set(night.before) == set(night.after)
    torn = {
        table: seen
        for table, seen in night.seen.items()
        if table not in LIVE and not seen <= {night.before[table], night.after[table]}
    }
    assert torn == {}
    assert night.before["analytics.audience_profiles"] != night.after["analytics.audience_profiles"]


def test_what_an_administrator_did_to_the_marts_lasts(night):
    assert (
        night.shop.rows(
            "select relname from pg_class where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'v') "
            f"and not has_table_privilege('{AUDITOR}', oid, 'select')"
        )
        == []
    )
    assert night.shop.rows("select polname from pg_policy where polrelid = 'analytics.rfm_scores'::regclass") == [("store_1",)]
    ((own, every),) = night.shop.rows("select count(*) filter (where store_id = 'store_1'), count(*) from analytics.rfm_scores")
    assert night.after["analytics.rfm_scores"][0] == own < every
    for view in ("visits", "people"):
        assert len(night.shop.rows(f"select * from public.{view}")) >= 2


def test_nothing_depends_on_a_raw_table(night):
    assert (
        night.shop.rows("""
        select distinct pg_rewrite.ev_class::regclass::text, refobjid::regclass::text
        from pg_depend
        join pg_rewrite on pg_rewrite.oid = objid and classid = 'pg_rewrite'::regclass
        join pg_class on pg_class.oid = refobjid and refclassid = 'pg_class'::regclass
        where relnamespace = 'raw'::regnamespace""")
        == []
    )


def test_filters_reach_raw_tables_and_columns_that_nobody_asks_for_are_not_computed(night):
    plan = "\n".join(
        line
        for (line,) in night.shop.rows(
            "explain (verbose) select event_id from analytics_input.events where loaded_at >= '2025-06-29'"
        )
    )
    assert "Function Scan" not in plan and "landed.loaded_at >=" in plan and "to_jsonb" not in plan


def test_the_var_readers_lets_roles_read_the_marts(night):
    shop = night.shop
    shop.execute(f"drop owned by {READER}")
    shop.dbt("run", "--select", "stores", "segment_movements", as_of=NEXT_NIGHT, readers=[READER])
    for table in ("stores", "segment_movements"):
        assert shop.rows(f"set role {READER}; select count(*) > 0 from analytics.{table}") == [(True,)]
    done = shop.dbt("run", "--select", "stores", check=False, as_of=NEXT_NIGHT, readers=[READER, "nobody at all"])
    assert done.returncode != 0
    assert "names roles that the database does not have: nobody at all" in done.stdout


# Nights that are killed


def start(shop: Shop) -> subprocess.Popen:
    run = json.dumps([[["build", *NO_TESTS], {**shop.vars, "as_of": NEXT_NIGHT}]])
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "tests" / "support" / "many_runs.py"), run],
        cwd=PROJECT,
        env=shop.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def others(shop: Shop) -> str:
    """The sessions of others in the shop's database, for a from clause."""
    return (
        f"from pg_stat_activity where datname = '{shop.database()}' and pid <> pg_backend_pid() "
        "and backend_type = 'client backend'"
    )


def wait_for_rollbacks(shop: Shop) -> None:
    """Wait until Postgres saw that nobody is there."""
    while shop.target == "postgres" and shop.rows(f"select count(*) {others(shop)}") != [(0,)]:
        time.sleep(0.2)


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_killed_at_ten_points_every_mart_is_whole_and_the_next_run_gives_what_an_uninterrupted_one_gives(demo_copies, engine):
    (whole,) = demo_copies("uninterrupted", (engine,))
    yesterday = whole.frames()
    began = time.monotonic()
    assert start(whole).wait() == 0
    took = time.monotonic() - began
    today = whole.frames()
    (shop,) = demo_copies("killed", (engine,))
    for point in range(10):
        process = start(shop)
        time.sleep(took * (point + 1) / 11)
        if engine == "postgres" and point % 3 == 2:
            # the server goes, as far as dbt sees
            shop.rows(f"select pg_terminate_backend(pid) {others(shop)}")
            process.wait()
        else:
            process.send_signal(signal.SIGKILL)
            process.wait()
            wait_for_rollbacks(shop)
        found = shop.frames(marts(shop))
        assert set(found) == {table for table in yesterday if table.startswith("analytics.")}
        # a fit whose connection was cut is in the log of that run, as failed
        found[FITS] = found[FITS].filter(pc.not_equal(found[FITS]["status"], "failed"))
        for table in set(found) - LIVE:
            one = {table: found[table]}
            assert not changes({table: yesterday[table]}, one) or not changes({table: today[table]}, one), (point, table)
        if point in (3, 9):
            assert start(shop).wait() == 0
            wait_for_rollbacks(shop)
            assert changes(today, shop.frames()) == [], point
            if point == 3:
                (shop,) = demo_copies("killed_again", (engine,))


# A disk that is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for the demo shop and little more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", str(folder)], capture_output=True).returncode
    ):
        pytest.skip("a disk can be mounted by root alone")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.torture
def test_a_full_disk_is_told_of_and_loses_nothing(demo_copies, small_disk):
    (shop,) = demo_copies("full_disk", ("duckdb",))
    yesterday: dict[str, pd.DataFrame] = shop.frames(marts(shop))
    path = Path(shutil.copy(shop.database(), small_disk))
    shop.env["TESSERA_DUCKDB_PATH"] = str(path)
    # DuckDB writes a part of a night into space that the file has already
    room = os.statvfs(small_disk)
    (small_disk / "others").write_bytes(bytes(room.f_bavail * room.f_frsize - (1 << 20)))
    done = shop.dbt("build", *NO_TESTS, check=False, as_of=NEXT_NIGHT)
    assert done.returncode != 0 and "No space left on device" in done.stdout
    found = shop.frames(marts(shop))
    assert set(found) == set(yesterday)
    (small_disk / "others").unlink()
    shop.dbt("build", *NO_TESTS, as_of=NEXT_NIGHT)
    (other,) = demo_copies("roomy_disk", ("duckdb",))
    other.dbt("build", *NO_TESTS, as_of=NEXT_NIGHT)
    assert changes(other.frames(), shop.frames()) == []
