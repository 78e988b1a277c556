"""The dashboard over the built demo shop: its numbers are those of the marts, on both engines, and pages say what is missing."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest import mock

import duckdb
import pyarrow as pa
import pytest
import yaml

pytest.importorskip("streamlit")

import streamlit as st
from streamlit.testing.v1 import AppTest

from support.shops import PROJECT, Shop, changes
from tessera.cli import main
from tessera.dashboard import building, queries
from tessera.dashboard.building import Builder, draft
from tessera.dashboard.command import APP
from tessera.dashboard.reading import Reader
from tessera.warehouse import PATIENCE, WarehouseBusyError, WarehouseError, connect_duckdb, open_marts, publish

STORE, PERSON, SEGMENT = "store_1", "c1000344", "at-risk-customers"
SINCE = date(2025, 4, 1)
VALUES = {
    "segment": SEGMENT,
    "since": SINCE,
    "personal": False,
    "model": "last_touch",
    "period": "month",
    "customer": PERSON,
    "text": PERSON,
}
QUERIES = {
    name: function
    for name, function in vars(queries).items()
    if inspect.isfunction(function) and not name.startswith("_") and "store" in inspect.signature(function).parameters
}


@contextmanager
def at(shop: Shop):
    """The environment of a shop, as the command has it."""
    st.cache_resource.clear()
    with mock.patch.dict(os.environ, {**shop.env, "TESSERA_TARGET": shop.target, "TESSERA_PROJECT": str(PROJECT)}):
        yield


def asked(shop: Shop, *names: str, **given) -> list[pa.Table]:
    """What queries say."""
    with at(shop), open_marts(shop.target) as marts:
        return [
            QUERIES[name](
                marts, STORE, *[given.get(key, VALUES.get(key)) for key in list(inspect.signature(QUERIES[name]).parameters)[2:]]
            )
            for name in names
        ]


@pytest.fixture(scope="module")
def answers(demo) -> list[dict[str, list[dict]]]:
    """What every query says, on each engine."""
    return [{name: table.to_pylist() for name, table in zip(QUERIES, asked(shop, *QUERIES), strict=True)} for shop in demo]


def screen(name: str) -> None:
    """A page without the navigation around it, as a script."""
    from importlib import import_module

    from tessera.dashboard.view import open_view

    import_module(f"tessera.dashboard.screens.{name}").show(open_view())


def shown(shop: Shop, name: str, **address: str) -> AppTest:
    """A page as it is at an address."""
    page = AppTest.from_function(screen, default_timeout=60, kwargs={"name": name})
    for key, value in address.items():
        page.query_params[key] = value
    with at(shop):
        page.run()
    assert [error.value for error in page.exception] == []
    return page


# in a shop's first night
MAY_BE_EMPTY = ("alerts", "performance", "revenue_change")


def alike(value: object) -> object:
    """A value as it is held against the other engine's: JSON is compared as what it says."""
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-9)
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_says_the_same_on_both_engines(answers, name):
    left, right = (said[name] for said in answers)
    assert len(left) == len(right)
    assert left or name in MAY_BE_EMPTY
    for mine, other in zip(left, right, strict=True):
        assert {key: alike(value) for key, value in mine.items()} == {key: alike(value) for key, value in other.items()}


# What a query adds up or counts, and the mart that says the same.
NUMBERS = {
    (
        "members",
        "select member_count from analytics.segments where store_id = 'store_1' and segment_id = 'at-risk-customers'",
    ): len,
    (
        "days",
        "select sum(revenue) from analytics.behavioral_analytics where store_id = 'store_1' and segment_id = 'at-risk-customers' "
        "and activity_date >= date '2025-04-01'",
    ): lambda rows: sum(row["revenue"] for row in rows),
    (
        "performance",
        "select coalesce(sum(revenue_generated), 0) from analytics.segment_performance "
        "where store_id = 'store_1' and is_whole_day and activity_date >= date '2025-04-01'",
    ): lambda rows: sum(row["revenue"] for row in rows),
    (
        "campaigns",
        "select sum(net_revenue) + sum(cost) from analytics.campaign_performance where store_id = 'store_1' and is_store "
        "and attribution_model = 'last_touch' and activity_date >= date '2025-04-01'",
    ): lambda rows: sum(row["net_revenue"] + (row["cost"] or 0) for row in rows),
    (
        "retention",
        "select sum(active_customers) from analytics.cohort_retention "
        "where store_id = 'store_1' and cohort_id = 'acquisition-month'",
    ): lambda rows: sum(row["active_customers"] for row in rows),
    (
        "transitions",
        "select count(*) from analytics.journey_transitions where store_id = 'store_1' and to_stage is not null",
    ): lambda rows: sum(row["people"] for row in rows),
    (
        "axes",
        "select sum(customer_count) from analytics.dim_segment_master where store_id = 'store_1'",
    ): lambda rows: sum(row["customer_count"] for row in rows),
    (
        "contributions",
        "select sum(contribution) from analytics.score_contributions where store_id = 'store_1' and customer_id = 'c1000344'",
    ): lambda rows: sum(row["contribution"] for row in rows),
    (
        "fingerprint",
        "select count(*) from analytics.axis_memberships where store_id = 'store_1' and customer_id = 'c1000344'",
    ): len,
}


@pytest.mark.parametrize(("name", "mart"), NUMBERS, ids=[name for name, _ in NUMBERS])
def test_a_number_is_that_of_its_mart(demo, answers, name, mart):
    ((expected,),) = demo[0].rows(mart)
    assert NUMBERS[name, mart](answers[0][name]) == pytest.approx(float(expected))


def marts_read() -> set[str]:
    """The marts that queries name."""
    source = inspect.getsource(queries) + inspect.getsource(building)
    read = re.findall(r"\{marts\}+\.(\w+)|\.read\(\s*\"(\w+)\"|_days\(marts, \"(\w+)\"", source)
    return {name for found in read for name in found if name}


def test_no_query_reads_events():
    assert len(marts_read()) > 20
    assert not marts_read() & {"customer_events", "sessions", "product_interactions", "funnel_steps"}


def test_cards_are_those_of_the_mart(demo):
    ((segments, members, active, size),) = demo[0].rows(
        "select total_segments, total_members, active_segments, average_size "
        "from analytics.segment_kpis where store_id = 'store_1'"
    )
    ((customers,),) = demo[0].rows(
        "select total_customers from analytics.behavioral_analytics "
        "where is_store and store_id = 'store_1' order by activity_date desc limit 1"
    )
    for shop in demo:
        cards = [card.value for card in shown(shop, "overview").metric]
        assert cards == [f"{segments:,}", f"{members:,}", f"{customers:,}", f"{active:,}", f"{size:,.1f}"]


HEADINGS = {
    "Segments": ["Members", "Members by day", "Shared with other segments", "Who came and went", "People"],
    "Analytics": [
        "Revenue",
        "Customers by state",
        "Rates",
        "Out of the ordinary",
        "Segments by revenue",
        "Segments on their last day",
        "Campaigns",
        "What campaigns cost and brought back",
    ],
    "Cohorts": ["Retention", "Value per customer", "Other cohorts"],
    "Journeys": ["Funnel", "Stages", "Transitions", "Who is where now"],
}


@pytest.mark.parametrize("tab", HEADINGS)
def test_a_tab_that_the_address_names_is_shown(demo, tab):
    page = shown(demo[0], "overview", tab=tab, segment=SEGMENT)
    assert [head.value for head in page.subheader] == HEADINGS[tab]


def test_the_address_says_the_store_and_the_segment(demo):
    page = shown(demo[0], "overview", store="store_2", segment="champions")
    assert page.selectbox(key="store").value == "store_2"
    assert page.selectbox(key="segment").value == "champions"
    assert any("rfm segment is champions" in text.value.lower() for text in page.markdown)
    elsewhere = shown(demo[0], "overview", store="no_such_store", segment="no_such_segment")
    assert elsewhere.selectbox(key="store").value == STORE


@pytest.mark.parametrize("name", ["axes", "predictions", "quality"])
def test_a_page_is_shown(demo, name):
    assert len(shown(demo[0], name).subheader) > 2


def test_a_person_is_shown_without_what_is_personal(demo):
    ((first_name, email),) = demo[0].rows(
        f"select first_name, email from analytics.audience_profiles where store_id = '{STORE}' and customer_id = '{PERSON}'"
    )
    assert first_name or email
    for personal in ("0", "1"):
        with mock.patch.dict(os.environ, {"TESSERA_SHOW_PERSONAL": personal}):
            page = shown(demo[0], "person", person=PERSON)
        text = " ".join([*(said.value for said in page.markdown), *(frame.value.to_csv() for frame in page.dataframe)])
        assert [head.value for head in page.subheader] == [
            "Predictions",
            "Why the scores are so",
            "Fingerprint",
            "Recommendations",
            "Segments",
            "Timeline",
        ]
        assert (str(first_name or email) in text) == (personal == "1")


def test_an_id_that_is_an_address_is_hidden_and_found_all_the_same(demo):
    ((customer, alias),) = demo[0].rows(
        f"""select customer_id, 'person-' || substring(md5(customer_id) from 1 for 12) from analytics.audience_profiles
        where store_id = '{STORE}' and customer_id like 'email:%' order by 1 limit 1"""
    )
    for shop in demo:
        assert asked(shop, "find_person", text=alias)[0].to_pylist() == [{"customer_id": customer}]
        assert asked(shop, "find_person", text=customer)[0].num_rows == 0
        assert asked(shop, "find_person", text=customer, personal=True)[0].num_rows == 1
        for table in asked(shop, "members", "at_risk", segment="repeat-customers"):
            assert table.num_rows > 0
            assert not [row for row in table.to_pylist() if "@" in row["person"]]
    assert "nobody called" in shown(demo[0], "person", person="nobody").warning[0].value


def test_at_stake_is_what_is_expected_and_not_what_was_paid(demo):
    for table in asked(demo[0], "at_risk"):
        rows = [row for row in table.to_pylist() if row["value_at_stake"] is not None]
        assert rows and any(row["current_ltv"] > row["expected_value_1year"] for row in rows)
        assert [row["value_at_stake"] for row in rows] == pytest.approx(
            [row["expected_value_1year"] * row["churn_probability"] for row in rows]
        )


def test_a_draft_of_a_segment_that_is_there_has_its_members(demo):
    """Every segment of rules alone, compiled for the page, has the people whom the night's compiler put in it."""
    for shop in demo:
        wanted = shop.rows("""
            select segments.segment_id, cast(segments.rules as text), segments.member_count, cast(segments.updated_at as text)
            from analytics.segments
            where segments.store_id = 'store_1' and segments.rules is not null and segments.status = 'active'
            and not exists (
                select 1 from analytics.segment_memberships as memberships
                where memberships.store_id = segments.store_id and memberships.segment_id = segments.segment_id
                and memberships.is_current and memberships.source <> 'automatic'
            )
            order by 1""")
        builder = Builder(PROJECT, shop.target, wanted[0][3])
        found = {}
        with at(shop), open_marts(shop.target) as marts:
            for segment_id, written, _, _ in wanted:
                rules = [{**rule, "rule_group": rule["group"]} for rule in json.loads(written)]
                read, problems = builder.read(draft(segment_id, "", rules))
                assert problems == []
                found[segment_id] = building.preview(marts, STORE, builder.people(read)).to_pylist()[0]["members"]
        assert len(found) > 20
        assert found == {segment_id: members for segment_id, _, members, _ in wanted}


def test_a_segment_is_built_from_another_and_its_rows_are_given(demo):
    page = shown(demo[0], "build", **{"from": SEGMENT})
    ((members, people),) = demo[0].rows(
        f"""select member_count, (select count(*) from analytics.audience_profiles where store_id = '{STORE}')
        from analytics.segments where store_id = '{STORE}' and segment_id = '{SEGMENT}'"""
    )
    assert [card.value for card in page.metric][:2] == [f"{members:,}", f"{members / people:.1%}"]
    with at(demo[0]):
        page.text_input(key="value_3").set_value("nothing").run()
        assert "value 'nothing' is no number" in page.warning[0].value
        page.text_input(key="value_3").set_value("101").run()
        assert "beyond what health_score can be" in page.warning[0].value
        page.button(key="remove_3").click().run()
    assert int(page.metric[0].value.replace(",", "")) >= members
    assert [len(code.value.splitlines()) for code in page.code] == [1, 2]


@pytest.fixture
def empty(tmp_path):
    """A shop without a warehouse."""
    return Shop("duckdb", {"TESSERA_DUCKDB_PATH": str(tmp_path / "none.duckdb")})


def whole_page(shop: Shop) -> AppTest:
    """The dashboard's first page, with what is said around it."""
    with at(shop):
        return AppTest.from_file(str(APP), default_timeout=60).run()


def test_a_wrong_path_is_said_in_a_sentence(empty):
    assert "There is no DuckDB file" in whole_page(empty).error[0].value
    done = subprocess.run(
        [sys.executable, "-m", "tessera.cli", "dashboard", "--target", "duckdb"],
        env={**os.environ, **empty.env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"tessera: .*none\.duckdb.*\n", done.stderr)


def test_what_a_half_built_warehouse_lacks_is_said(empty, demo):
    empty.execute("create schema analytics")
    assert "Cannot read analytics.stores, which `dbt build` makes" in whole_page(empty).error[0].value
    empty.execute(f"""
        attach '{demo[0].database()}' as built (read_only);
        create table analytics.stores as select * from built.analytics.stores;
        create table analytics.segment_kpis as select * from built.analytics.segment_kpis;
        create table analytics.behavioral_analytics as select * from built.analytics.behavioral_analytics""")
    page = whole_page(empty)
    assert len(page.metric) == 5
    assert "Cannot read analytics.segments, which `dbt build` makes" in page.error[0].value


def test_a_part_whose_mart_is_not_there_says_so_and_the_others_are_shown(empty, demo):
    marts = ("stores", "customer_ltv_predictions", "ltv_totals", "ltv_model_quality", "ltv_tracking", "model_sufficiency")
    copied = "; ".join(f"create table analytics.{name} as select * from built.analytics.{name}" for name in marts)
    empty.execute(f"create schema analytics; attach '{demo[0].database()}' as built (read_only); {copied}")
    page = shown(empty, "predictions")
    assert page.info[0].value.startswith("Cannot read analytics.revenue_forecast, which `dbt build` makes")
    assert "Which model, and why" in [head.value for head in page.subheader]


@pytest.fixture
def built(empty):
    """A shop of a single mart."""
    empty.execute("""
        create schema analytics;
        create table analytics.stores as select
            's' as store_id, 'S' as name, 'UTC' as timezone, 'EUR' as currency, timestamp '2025-06-30' as updated_at""")
    return empty


@contextmanager
def building_process(path: str, seconds: float):
    """Another process that has a DuckDB file for a while."""
    code = f"import duckdb, time; c = duckdb.connect({path!r}); print('open', flush=True); time.sleep({seconds})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_while_a_build_has_the_file_what_was_read_before_is_shown(built):
    with at(built):
        reader = Reader("duckdb")
        assert reader(queries.stores).num_rows == 1
        os.utime(built.database())
        with building_process(built.database(), 60):
            assert reader(queries.stores).num_rows == 1
            assert "is open in another process" in reader.busy
            with pytest.raises(WarehouseBusyError):
                Reader("duckdb")(queries.stores)
            assert "is open in another process" in whole_page(built).warning[0].value
        os.utime(built.database(), (1, 1))
        assert reader(queries.stores).num_rows == 1
        assert reader.busy == ""


def test_a_build_waits_for_who_reads_in_moments(built):
    with building_process(built.database(), 1):
        started = time.monotonic()
        connect_duckdb(built.database(), PATIENCE).close()
        assert time.monotonic() - started < PATIENCE


def test_what_was_read_is_read_anew_when_the_warehouse_changes(built):
    with at(built):
        reader = Reader("duckdb")
        assert reader(queries.stores)["name"].to_pylist() == ["S"]
        built.execute("update analytics.stores set name = 'T'")
        os.utime(built.database(), (1, 1))
        assert reader(queries.stores)["name"].to_pylist() == ["T"]


def test_nothing_can_be_written(demo):
    for shop in demo:
        with at(shop), open_marts(shop.target) as marts, pytest.raises(WarehouseError):
            marts.ask("update {marts}.stores set name = 'x' returning store_id", queries.columns(store_id=queries.TEXT))
    with pytest.raises(duckdb.Error), duckdb.connect(demo[0].database(), read_only=True) as connection:
        connection.execute("update analytics.stores set name = 'x'")


def test_a_report_has_the_numbers_of_the_store_and_nothing_from_elsewhere(demo, tmp_path, capsys):
    ((members,),) = demo[0].rows("select total_members from analytics.segment_kpis where store_id = 'store_1'")
    texts = []
    for shop in demo:
        path = tmp_path / f"{shop.target}.html"
        with at(shop):
            assert main(["report", "--target", shop.target, "--store", STORE, "--output", str(path)]) == 0
        texts.append(path.read_text(encoding="utf-8"))
    assert f"<strong>{members:,}</strong>" in texts[0]
    assert "Total orders is over 0, and last order is more than 90 days ago" in texts[0]
    assert texts[0].count("<svg") == 7
    assert "<script" not in texts[0]
    assert set(re.findall(r"(?:https?:)?//[\w.]+", texts[0])) == {"http://www.w3.org"}
    assert "@" not in re.sub(r"<style>.*?</style>", "", texts[0], flags=re.DOTALL)
    # the same, but for names of parts of pictures that are drawn anew
    assert [re.sub(r"(?:clip|gradient_)\d+", "", text) for text in texts[:1]] == [re.sub(r"(?:clip|gradient_)\d+", "", texts[1])]
    with at(demo[0]):
        assert main(["report", "--target", "duckdb", "--store", "no_such_store", "--output", str(tmp_path / "none.html")]) == 1
    assert "There is no store 'no_such_store'; there are store_1, store_2" in capsys.readouterr().err


def test_a_published_copy_has_the_marts_of_either_engine_as_tables(demo, tmp_path):
    described = """
        select table_name, column_name, data_type, comment from duckdb_columns()
        where schema_name = 'analytics' order by table_name, column_index"""
    found = []
    for shop in demo:
        path = tmp_path / f"{shop.target}.duckdb"
        with at(shop):
            rows = publish(shop.target, path)
        with duckdb.connect(path, read_only=True) as copy:
            assert copy.sql("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
            types = copy.sql(described).fetchall()
        copied = Shop("duckdb", {"TESSERA_DUCKDB_PATH": str(path)})
        found.append((rows, types, copied))
    (rows, types, copied), (rows_of_other, types_of_other, copied_other) = found
    assert rows == rows_of_other
    assert types == types_of_other
    assert [column for _, column, _, comment in types if not comment] == []
    assert {table for table, _, _, _ in types} == {
        name.removeprefix("analytics.") for name in demo[0].tables() if name.startswith("analytics.")
    }
    assert changes(copied.frames(), copied_other.frames()) == []
    assert len(shown(copied, "overview").metric) == 5


def test_a_copy_is_replaced_in_one_step_or_not_at_all(built, tmp_path):
    path = tmp_path / "copy.duckdb"
    with at(built):
        assert publish("duckdb", path) == {"stores": 1}
        with duckdb.connect(path, read_only=True) as reading:
            built.execute("insert into analytics.stores select 't', 'T', 'UTC', 'EUR', timestamp '2025-06-30'")
            assert publish("duckdb", path) == {"stores": 2}
            assert reading.sql("select count(*) from analytics.stores").fetchall() == [(1,)]
        built.execute("drop schema analytics cascade")
        with pytest.raises(WarehouseError, match="There is no mart in the schema analytics"):
            publish("duckdb", path)
        with pytest.raises(WarehouseError, match="is the warehouse itself"):
            publish("duckdb", Path(built.database()))
        with building_process(built.database(), 60), pytest.raises(WarehouseBusyError):
            publish("duckdb", path)
    with duckdb.connect(path, read_only=True) as copy:
        assert copy.sql("select count(*) from analytics.stores").fetchall() == [(2,)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.duckdb", "none.duckdb"]


def test_exposures_depend_on_what_pages_read():
    exposures = yaml.safe_load((PROJECT / "models" / "marts" / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    of_pages = [exposure for exposure in exposures if exposure["name"] in ("dashboard", "report")]
    assert len(of_pages) == 2
    for exposure in of_pages:
        assert {name[5:-2] for name in exposure["depends_on"]} == marts_read()
