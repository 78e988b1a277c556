"""What a user types works as it is typed: the real commands, from an empty database, with no vars but those that a page names.

The long form plays all commands on both engines.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from conftest import administer
from support.shops import PROJECT, SCHEMAS, Shop
from tessera.variables import VARS, variable_problems

VARS_PAGE = (PROJECT / "docs" / "vars.md").read_text(encoding="utf-8")
EXAMPLES = (PROJECT / "examples" / "README.md").read_text(encoding="utf-8")
TOMORROW = f"as_of: '{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)}'"
# Every var of docs/vars.md at a legal value that is not its default.
OTHER_VALUES = {
    "as_of": "2025-06-30 03:30",
    "rebuild_from": "2025-06-01",
    "raw_schema": "landed",
    "raw_tables": ["stores", "customers", "products", "orders", "order_items", "events", "sessions"],
    "earliest_date": "1997-01-01",
    "loaded_at_overlap_hours": 12,
    "session_timeout_minutes": 20,
    "session_max_gap_hours": 12,
    "quarantine_session_hours": 6,
    "quarantine_session_events": 50,
    "engaged_session_seconds": 20,
    "time_spent_cap_minutes": 10,
    "opens_are_activity": False,
    "merge_customers_by": ["email", "phone"],
    "max_identity_cluster": 10,
    "rfm_scheme": "eleven_groups",
    "interest_days": 90,
    "new_customer_days": 30,
    "refresh_segments": ["high-value-customers"],
    "acquisition_basis": "first_seen",
    "cohort_activity": "orders_and_returns",
    "daily_history_days": 400,
    "false_alarm_rate": 0.05,
    "min_k": 3,
    "max_k": 4,
    "min_population": 50,
    "fit_sample": 200,
    "silhouette_sample": 100,
    "fit_seed": 7,
    "fit_on_known": False,
    "min_silhouette": 0.5,
    "match_tolerance": 1,
    "refit_days": 1,
    "refit": True,
    "axes": ["purchase_frequency", "purchase_value"],
    "trial_fit": True,
    "membership": "fcm",
    "membership_entropy": 0.3,
    "is_night": True,
    "readers": ["postgres"],
    "churn_window_days": 60,
    "next_purchase_days": 14,
    "holdout_days": 60,
    "discount_rate_annual": 0.2,
    "min_repeat_buyers": 20,
    "pool_stores": True,
    "archetype_axes": ["purchase_frequency", "purchase_value"],
    "max_archetypes": 5,
    "min_archetype_people": 5,
    "cluster_count": 3,
    "ai_naming": True,
    "ai_naming_model": "a-model",
    "ai_naming_timeout_seconds": 5,
    "impulse_window_minutes": 30,
    "recommendations_per_customer": 3,
    "recommend_within_segments": True,
    "ease_products": 20,
    "lookalike_min_members": 20,
    "action_outcome_days": 7,
}


@dataclass
class Terminal:
    """A terminal in the project's folder, with no variable of ours set but those that are given."""

    env: dict[str, str]

    def __call__(self, *command: str, fails: bool = False) -> str:
        """Run a command; what it printed."""
        ours = ("TESSERA_", "DBT_", "ANTHROPIC_", "MAKE", "MFLAGS")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        # the tests run in the environment of the commands
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env={**env, **self.env, "DO_NOT_TRACK": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode != 0) is fails, f"{' '.join(command)}\n{done.stdout[-6000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def new_terminal(tmp_path_factory: pytest.TempPathFactory, new_database: Callable) -> Callable[..., Terminal]:
    """Opens a terminal for an empty database."""

    def make(engine: str, name: str) -> Terminal:
        folder = tmp_path_factory.mktemp(f"{engine}_{name}")
        env = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs"), "TESSERA_TARGET": engine}
        place = {"TESSERA_DUCKDB_PATH": str(folder / f"{name}.duckdb")} if engine == "duckdb" else new_database(f"typed_{name}")
        return Terminal({**env, **place})

    return make


@pytest.fixture(scope="module")
def demo_copy(demo_copies: Callable[..., list[Shop]]) -> Shop:
    """What `dbt build` made on DuckDB."""
    (shop,) = demo_copies("typed", ("duckdb",))
    return shop


@pytest.fixture(scope="module")
def duckdb_shop(demo_copy: Shop) -> Terminal:
    """A terminal for it."""
    return Terminal(demo_copy.env)


def test_the_first_command_of_the_readme_builds_everything(new_terminal):
    terminal = new_terminal("duckdb", "first")
    # the environment of the tests is the one that it would make; a small shop and one of its nights are enough here, without
    # the file of dbt's words for debugging, which takes a quarter of it
    terminal.env["DBT_LOG_LEVEL_FILE"] = "none"
    made = [f"--old-file={sys.prefix}/.made", f"VENV={sys.prefix}", "CUSTOMERS=60", "NIGHTS=2025-06-30"]
    assert "\nmake build " in (PROJECT / "README.md").read_text(encoding="utf-8")
    said = terminal("make", "build", *made)
    assert re.search(r"Done\. PASS=1\d{3} WARN=\d+ ERROR=0", said)
    with duckdb.connect(terminal.env["TESSERA_DUCKDB_PATH"], read_only=True) as connection:
        assert connection.execute("select count(*) > 0 from analytics.segment_memberships").fetchall() == [(True,)]


def test_a_night_long_after_the_newest_fact_says_so(demo_copy):
    """As a build without as_of is, where a shop's history ended long ago."""
    test = ["test", "--select", "the_newest_fact_is_not_long_ago"]
    assert "Does the loader run?" not in demo_copy.dbt(*test, as_of="2025-07-05").stdout
    said = demo_copy.dbt(*test, as_of="2026-11-29").stdout
    assert "WARN=1" in said
    assert (
        "  store_1 (2025-06-29), store_2 (2025-06-29): the newest order, event or visit is of the day in brackets, "
        "and this night is 2026-11-29. Does the loader run? "
        """For a night of the past: --vars '{as_of: "2025-06-30", rebuild_from: "2025-06-30"}'"""
    ) in said.splitlines()


def test_a_store_that_is_silent_among_others_is_no_reason_to_go_back(demo_copies):
    """What is played again is played again for all stores."""
    (shop,) = demo_copies("closed", ("duckdb",))
    shop.execute("""
        update analytics_intermediate.int_orders set ordered_at = ordered_at - interval '90 days' where store_id = 'store_2';
        update analytics_intermediate.int_activity_totals set last_seen_at = last_seen_at - interval '90 days'
        where store_id = 'store_2'""")
    said = shop.dbt("test", "--select", "the_newest_fact_is_not_long_ago", as_of="2025-07-01").stdout
    assert (
        "  store_2: the newest order, event or visit is of 2025-03-31, while other stores have newer ones. "
        "Where a loader stopped, what it missed counts from the night on in which it comes; "
        "where a store is closed, nothing is to be done."
    ) in said.splitlines()


def test_money_that_is_kept_of_cancelled_orders_is_told_of(demo_copies):
    """As of bookings that are paid back but for a fee: they are no revenue, and nor is the fee."""
    (shop,) = demo_copies("kept", ("duckdb",))
    test = ["test", "--select", "cancelled_orders_keep_no_money"]
    assert "was kept" not in shop.dbt(*test, as_of="2025-07-01").stdout
    shop.execute("""
        create temp table kept as select order_id from analytics_intermediate.int_refunds
        where store_id = 'store_1' and has_order and is_counted group by order_id having count(*) = 1 order by order_id limit 6;
        update analytics_intermediate.int_refunds set is_counted = false, amount = 4
        where store_id = 'store_1' and order_id in (select order_id from kept);
        update analytics_intermediate.int_orders set is_counted = false, gross_revenue = 10
        where store_id = 'store_1' and order_id in (select order_id from kept)""")
    said = shop.dbt(*test, as_of="2025-07-01").stdout
    assert (
        "  store_1: 6 orders that do not count (cancelled or failed) were paid back in part: "
        "36.00 of 60.00 was kept and is no revenue. "
        "Land them as partially_refunded where it is."
    ) in said.splitlines()


def test_a_store_all_of_whose_orders_are_refused_is_told_so(demo_copies):
    """As after its currency was changed in stores and no rates were landed: purchase events are not its orders then."""
    (shop,) = demo_copies("refused", ("duckdb",))
    shop.execute("""
        insert into raw.stores by name
            select * replace ('JPY' as currency, timestamp '2025-06-29' as updated_at) from raw.stores where store_id = 'store_2';
        update raw.orders set currency = 'EUR' where store_id = 'store_2';
        delete from raw.exchange_rates where store_id = 'store_2'""")
    models = "base_stores stg_stores base_exchange_rates base_orders base_refunds int_row_fates int_nulled_values staging_issues"
    models += " staging_quality int_event_orders int_orders int_refunds"
    shop.dbt("run", "--select", *models.split(), as_of="2025-06-30")
    assert shop.rows("select distinct store_id from analytics_intermediate.int_orders") == [("store_1",)]
    assert shop.rows("""
        select distinct store_id from analytics_intermediate.int_refunds
        where has_order or refund_key like 'event:%'""") == [("store_1",)]
    said = shop.dbt("test", "--select", "orders_are_not_all_refused", as_of="2025-06-30").stdout
    assert re.search(r"^  store_2: all of its orders are refused \(\d+ rows, most for no_rate of currency\)", said, re.MULTILINE)
    assert "so that it has none; purchase events do not stand in for them." in said


def test_the_night_in_which_a_store_is_in_no_raw_table_says_so(demo_copy):
    ledger = "analytics_intermediate.membership_changes"
    demo_copy.execute(
        f"insert into {ledger} by name select * replace ('store_9' as store_id, timestamp '2025-07-05' as as_of, "
        f"false as is_member, 'gone' as reason) from {ledger} limit 1"
    )
    said = demo_copy.dbt("test", "--select", "no_store_left_the_raw_tables", as_of="2025-07-05").stdout
    demo_copy.execute(f"delete from {ledger} where store_id = 'store_9'")
    assert (
        "  store_9: is in no raw table any more, and 1 of its customers left their segments this night. Does the loader run?"
        in said
    )
    assert "WARN=0" in demo_copy.dbt("test", "--select", "no_store_left_the_raw_tables", as_of="2025-07-05").stdout


def test_a_night_of_raw_tables_without_any_row_says_so(demo_copies):
    """As after a loader that made its tables and no more."""
    (shop,) = demo_copies("bare", ("duckdb",))
    test = ["test", "--select", "some_raw_table_has_rows"]
    assert "WARN=0" in shop.dbt(*test, as_of="2025-07-05").stdout
    for (table,) in shop.rows("select table_name from information_schema.tables where table_schema = 'raw'"):
        shop.execute(f"delete from raw.{table}")
    assert "  No raw table has any row. Does the loader run" in shop.dbt(*test, as_of="2025-07-05").stdout


def test_a_visitor_who_is_a_crowd_is_told_of(demo_copies):
    """As a monitor is that looks at a page every minute."""
    (shop,) = demo_copies("crowd", ("duckdb",))
    test = ["test", "--select", "no_device_is_a_crowd"]
    assert "WARN=0" in shop.dbt(*test, as_of="2025-07-05").stdout
    shop.execute("""
        update analytics_intermediate.int_visitor_days set events = 500000
        where store_id = 'store_1' and visitor_key = (
            select min(visitor_key) from analytics_intermediate.int_visitor_days where store_id = 'store_1')""")
    said = shop.dbt(*test, as_of="2025-07-05").stdout
    assert "store_id store_1, One visitor has " in said
    assert "store_2" not in said
    # a crawler of three short visits is no crowd by its events, and has most of what was looked at
    shop.execute("""
        update analytics_intermediate.int_event_sessions set total_events = 6000, page_views = 200000
        where store_id = 'store_2' and session_key in (
            select session_key from analytics_intermediate.int_event_sessions
            where store_id = 'store_2' order by session_key limit 3)""")
    said = shop.dbt(*test, as_of="2025-07-05").stdout
    assert "store_id store_2, Quarantined visits (3) have 600000 of the " in said
    # nobody is no crowd, and is told of by itself
    shop.execute("""
        update analytics_intermediate.int_visitor_days set device_id = 'nobody:' || visitor_key, person_identifier = null
        where store_id = 'store_2'""")
    said = shop.dbt("test", "--select", "no_device_is_a_crowd", "most_events_are_of_somebody", as_of="2025-07-05").stdout
    assert "store_id store_2, 100% of the events of the store (" in said and "store_id store_2, One visitor" not in said


def test_mail_programs_that_open_everything_are_told_of(demo_copies):
    (shop,) = demo_copies("opened", ("duckdb",))
    test = ["test", "--select", "most_opens_are_of_people"]
    assert "WARN=0" in shop.dbt(*test, as_of="2025-07-05").stdout
    shop.execute("""
        update analytics_intermediate.int_messages set is_opened = true, is_clicked = false, channel = 'email'
        where store_id = 'store_1' and hash(customer_id) % 4 = 0""")
    said = shop.dbt(*test, as_of="2025-07-05").stdout
    assert re.search(
        r"  store_1: \d+ of \d+ people who were sent eight e-mails or more opened all of them and clicked on none", said
    )
    assert "store_2" not in said
    assert "WARN=0" in shop.dbt(*test, as_of="2025-07-05", opens_are_activity=False).stdout


def test_a_night_of_events_that_all_came_after_it_says_so(demo_copies):
    """As of a loader that fills the table anew at ten past midnight, and stamps it."""
    (shop,) = demo_copies("stamped", ("duckdb",))
    test = ["test", "--select", "events_come_before_the_night"]
    assert "WARN=0" in shop.dbt(*test, as_of="2025-07-05").stdout
    shop.execute("update raw.events set loaded_at = timestamp '2025-07-05 00:10:00' where store_id = 'store_1'")
    said = shop.dbt(*test, as_of="2025-07-05").stdout
    assert "  store_id store_1, " in said and " events from before yesterday have a loaded_at" in said
    assert "store_2" not in said


def test_a_run_that_reads_no_rows_ends_nothing_in_the_ledgers(demo_copy):
    """As `dbt run --empty` is, with which people try whether everything compiles."""
    ledgers = ["membership_changes", "rfm_history", "dominant_changes"]
    count = " union all ".join(f"select count(*) from analytics_intermediate.{ledger}" for ledger in ledgers)
    before = demo_copy.rows(count)
    said = demo_copy.dbt("run", "--empty", "--select", *ledgers, as_of="2025-07-05", is_night=True).stdout
    assert "This run reads no rows (--empty)" in said
    assert demo_copy.rows(count) == before and min(before) > (0,)


def test_a_build_leaves_marts_that_can_be_read_under_any_name(duckdb_shop, tmp_path):
    copy = shutil.copy(duckdb_shop.env["TESSERA_DUCKDB_PATH"], tmp_path / "analytics.duckdb")
    with duckdb.connect(str(copy), read_only=True) as connection:
        tables = connection.execute("""
            select table_schema, table_name from information_schema.tables where table_catalog = 'analytics'""").fetchall()
        assert {schema for schema, _ in tables} >= set(SCHEMAS)
        for schema, name in tables:
            connection.execute(f'select * from analytics."{schema}"."{name}" limit 1')


def test_two_builds_at_once_on_one_file_are_a_sentence(demo_copy, duckdb_shop):
    with duckdb.connect(demo_copy.database()):
        # dbt in a process that has the project parsed
        done = demo_copy.dbt("run", "--select", "stores", check=False)
        assert done.returncode != 0
        for said in (done.stdout, duckdb_shop("tessera", "demo", fails=True)):
            assert f"is open in another process (PID {os.getpid()})" in said
            assert "Traceback" not in said


def test_a_demo_on_postgres_needs_what_the_profile_needs(postgres_server):
    needed = {name: value for name, value in postgres_server.items() if value and not name.endswith("_DBNAME")}
    try:
        Terminal({**needed, "TESSERA_RAW_SCHEMA": "typed_raw"})("tessera", "demo", "--target", "postgres", "--customers", "10")
    finally:
        administer({**postgres_server, "TESSERA_POSTGRES_DBNAME": "postgres"}, "drop schema if exists typed_raw cascade")


@pytest.mark.torture
@pytest.mark.parametrize("name", ["main", "temp", "System"])
def test_dbt_refuses_a_file_with_a_name_of_duckdbs_own(new_terminal, name):
    said = new_terminal("duckdb", name)("dbt", "build", fails=True)
    assert "needs another name" in said
    assert "Traceback" not in said


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_every_command_works_from_an_empty_database_and_on_the_next_night(new_terminal, engine):
    terminal = new_terminal(engine, "commands")
    selectors = [selector["name"] for selector in yaml.safe_load((PROJECT / "selectors.yml").read_text())["selectors"]]
    terminal("tessera", "demo", "--target", engine, "--customers", "300")
    terminal("dbt", "build")
    terminal("dbt", "compile")
    terminal("dbt", "docs", "generate")
    terminal("dbt", "build", "--vars", f"{{{TOMORROW}}}")
    for selector in selectors:
        terminal("dbt", "build", "--selector", selector, "--vars", f"{{{TOMORROW}}}")
    terminal("dbt", "build", "--select", "audience_profiles+", "--vars", f"{{{TOMORROW}}}")
    terminal("dbt", "build", "--full-refresh", "--vars", f"{{{TOMORROW}}}")


def test_every_var_of_the_page_has_its_default_and_another_legal_value():
    rows = re.findall(r"^\| `([a-z_]+)` \| (\S.*?) \| (.*?) \|", VARS_PAGE, re.MULTILINE)
    named = {name: None if default == "none" else yaml.safe_load(default.strip("`")) for name, default, _ in rows}
    assert {name: legal for name, _, legal in rows} == {name: legal.words for name, legal in VARS.items()}
    assert variable_problems(PROJECT) == variable_problems(PROJECT, OTHER_VALUES) == []
    defaults = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert {name: str(default) for name, default in named.items()} == {name: str(default) for name, default in defaults.items()}
    # where the raw tables are is the target's own database in the tests
    assert set(defaults) - {"raw_database"} == set(OTHER_VALUES)
    assert list(defaults) == list(VARS)
    assert [name for name, value in OTHER_VALUES.items() if defaults[name] == value] == []


def test_a_var_that_cannot_be_used_stops_a_build_before_it_begins(new_terminal, tmp_path):
    terminal = new_terminal("duckdb", "wrong_vars")
    # in a project that somebody edited
    written = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    (tmp_path / "dbt_project.yml").write_text(
        written.replace("min_population: 100", "min_population: ten\n  sesion_timeout_minutes: 20")
    )
    shutil.copy(PROJECT / "profiles.yml", tmp_path)
    place = ["--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path)]
    said = terminal("dbt", "build", *place, "--vars", "{as_off: 2025-06-30, refit: 'yes'}", fails=True)
    assert said.splitlines()[-5:] == [
        "    Vars that cannot be used; nothing was changed.",
        "    The var min_population must be a whole number of people from 3, not 'ten' (dbt_project.yml).",
        "    There is no var sesion_timeout_minutes; near it is session_timeout_minutes (dbt_project.yml).",
        "    There is no var as_off; near it is as_of (--vars).",
        "    The var refit must be true or false, not 'yes' (--vars).",
    ]
    assert not Path(terminal.env["TESSERA_DUCKDB_PATH"]).exists()


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_every_var_may_have_another_value(new_terminal, engine):
    terminal = new_terminal(engine, "vars")
    terminal.env["TESSERA_RAW_SCHEMA"] = OTHER_VALUES["raw_schema"]
    terminal("tessera", "demo", "--target", engine, "--customers", "300", "--as-of", "2025-06-30")
    terminal("dbt", "build", "--vars", yaml.safe_dump(OTHER_VALUES, default_flow_style=True))


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize("example", sorted(folder.name for folder in (PROJECT / "examples").iterdir() if folder.is_dir()))
def test_an_example_is_built_by_the_commands_of_its_page(new_terminal, example_data, engine, example):
    terminal = new_terminal(engine, example)
    variables = re.search(rf"^\| \[{example}\].*\| `(.*)` \|$", EXAMPLES, re.MULTILINE)[1]
    data = (
        []
        if (PROJECT / "examples" / example / "sample.sql").exists()
        else ["--data", str(example_data({"thelook": "thelook_2k"}.get(example, example)))]
    )
    terminal("tessera", "load", f"examples/{example}", *data, "--target", engine)
    terminal("dbt", "build", "--vars", variables if variables.startswith("{") else f"{{{variables}}}")
