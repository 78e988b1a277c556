"""The pages and the YAML say what is there.

Links lead somewhere, files that are named exist, lists are whole, macros have the arguments that are described, and the warehouse
has the descriptions of marts as comments.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import yaml
from test_folders import SUBJECTS

from support.shops import Shop

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").glob("*.md"),
        *(PROJECT / "examples").glob("**/*.md"),
        PROJECT / "src" / "dbt_local_python" / "README.md",
    ]
)
ROOTS = ("analyses", "benchmarks", "docs", "examples", "macros", "models", "python_models", "seeds", "src", "tests")


def text(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as hosts of repositories make them: lower case, blanks as hyphens, no punctuation."""
    return {
        re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_of_a_page_leads_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_file_that_a_page_names_is_there(page):
    named = re.findall(rf"`((?:{'|'.join(ROOTS)})/[\w./-]*)`", text(page))
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_the_page_of_marts_has_every_mart_with_its_key():
    keys = {}
    for path in [*(PROJECT / "models" / "marts").glob("**/*.yml"), PROJECT / "models" / "ledgers" / "segmentation_runs.yml"]:
        for model in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).get("models") or []:
            described = re.search(r"Key: (.+?)[.(]|(No key)", model.get("description", ""))
            if "columns" in model:
                keys[model["name"]] = described[1] if described and described[1] else "none"
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \|", text(PROJECT / "docs" / "marts.md"), re.MULTILINE)
    assert len(rows) == len(dict(rows))
    assert dict(rows) == {name: " ".join(key.split()) for name, key in keys.items()}


def test_the_page_of_decisions_lists_each_of_them_once():
    page = text(PROJECT / "docs" / "decisions.md")
    decided = re.findall(r"^## (.*)$", page, re.MULTILINE)
    listed = re.findall(r"^- \[(.*)\]\(#", page, re.MULTILINE)
    assert sorted(listed) == sorted(decided)


def test_the_page_of_the_architecture_lists_the_subjects_in_their_order():
    page = text(PROJECT / "docs" / "architecture.md")
    part = page[page.index("## Subjects") :].split("\n## ")[0]
    assert re.findall(r"^\| (\w+) \|", part, re.MULTILINE)[1:] == list(SUBJECTS)


def test_every_macro_that_others_call_is_described_with_its_arguments():
    written, described, called = {}, {}, set()
    for path in (PROJECT / "macros").rglob("*"):
        if path.suffix == ".sql":
            for name, signature in re.findall(r"{%-?\s*macro (\w+)\((.*?)\)\s*-?%}", path.read_text(encoding="utf-8"), re.DOTALL):
                written[name] = re.findall(r"(\w+)(?:\s*=\s*(?:'[^']*'|\[\]|\w+))?\s*(?:,|$)", signature)
        elif path.suffix == ".yml":
            for macro in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["macros"]:
                described[macro["name"]] = [argument["name"] for argument in macro.get("arguments", [])]
    callers = [path for root in ("models", "tests", "analyses") for path in (PROJECT / root).rglob("*.sql")]
    for path in [*callers, PROJECT / "dbt_project.yml"]:
        for tag in re.findall(r"{[{%].*?[}%]}", path.read_text(encoding="utf-8"), re.DOTALL):
            called |= set(re.findall(r"\b(\w+)\(", tag)) & set(written)
    assert called - set(described) == set()
    assert described == {name: written.get(name) for name in described}


def test_every_query_of_a_page_can_be_asked(demo: list[Shop]):
    with duckdb.connect(demo[0].database()) as connection:
        connection.execute("set search_path = 'analytics,analytics_intermediate'")
        for page in (PROJECT / "docs").glob("*.md"):
            for block in re.findall(r"^ *```sql\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
                connection.execute(block)


def test_the_questions_for_bi_tools_have_the_same_answers_on_both_engines(demo: list[Shop]):
    page = (PROJECT / "docs" / "guide-bi.md").read_text(encoding="utf-8")
    queries = re.findall(r"^```sql\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    answers = [shop.rows_of(queries) for shop in demo]
    assert [len(rows) for rows in answers[0]] == [len(rows) for rows in answers[1]]
    # a shop may have no open alert
    assert len(queries) > 6 and all(answers[0][:-1])


def test_postgres_has_an_index_where_people_look_up_one_of_many(demo: list[Shop]):
    indexes = {definition.split(" ON ", 1)[1] for (definition,) in demo[1].rows("select indexdef from pg_indexes")}
    people = "analytics.audience_profiles USING"
    assert {
        f"{people} btree (store_id, {column})" for column in ("customer_id", "email", "lifecycle_stage", "wtp_score")
    } <= indexes
    assert {f"{people} btree (store_id, {column})" for column in ("engagement_score", "last_seen_at")} <= indexes
    assert {
        f"{people} gin (interests)",
        "analytics.predictions USING btree (store_id, prediction_type, predicted_value)",
        "analytics_intermediate.int_membership_spells USING btree (store_id, customer_id)",
    } <= indexes


COMMENTS = {
    "duckdb": """
        select table_name, '' as column_name, comment from duckdb_tables() where schema_name = 'analytics'
        union all select view_name, '', comment from duckdb_views() where schema_name = 'analytics'
        union all select table_name, column_name, comment from duckdb_columns() where schema_name = 'analytics'""",
    "postgres": """
        select relname, '' as column_name, obj_description(oid, 'pg_class') from pg_class
        where relnamespace = cast('analytics' as regnamespace) and relkind in ('r', 'v')
        union all
        select relname, attname, col_description(attrelid, attnum)
        from pg_attribute inner join pg_class on pg_attribute.attrelid = pg_class.oid
        where relnamespace = cast('analytics' as regnamespace) and relkind in ('r', 'v') and attnum > 0 and not attisdropped""",
}


def test_what_marts_and_their_columns_mean_stands_in_the_warehouse(demo: list[Shop]):
    found = [{(table, column): comment for table, column, comment in shop.rows(COMMENTS[shop.target])} for shop in demo]
    assert found[0] == found[1]
    assert [place for place, comment in found[0].items() if not comment] == []
    assert found[0]["stores", ""].startswith("One row per store.")
    assert found[0]["stores", "store_id"] == "The shop (tenant): first in every key."
    # a view, and the ledger that people query
    assert found[0]["sessions", ""].startswith("One row per visit.")
    assert found[0]["segmentation_runs", ""].startswith("One row per store, model")
