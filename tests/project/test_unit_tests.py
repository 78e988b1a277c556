"""Unit tests of the SQL depend on nothing but themselves: neither on the vars of a run nor on tables that it has yet to make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support.shops import PROJECT

MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(\s*(\w*).*?%}(.*?){%-?\s*endmacro", re.DOTALL)
CALL = re.compile(r"\b(\w+)\((?=\s*(?:['\"](\w+)['\"])?)")
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


class Project:
    """Which vars the project's models read, as its files say: by themselves, and through macros that they call."""

    def __init__(self) -> None:
        macros = [found for path in (PROJECT / "macros").glob("**/*.sql") for found in MACRO.findall(_without_comments(path))]
        self.macros = {name: CALL.findall(body) for name, _, body in macros}
        self.models = {path.stem: CALL.findall(_without_comments(path)) for path in (PROJECT / "models").glob("**/*.sql")}
        # macros such as refuse_unknown('rfm_scheme', ...) read the var that their first argument names
        self.readers = {"var"} | {name for name, first, body in macros if first and re.search(rf"\bvar\({first}\b", body)}

    def vars_of(self, model: str, overridden: set[str]) -> set[str]:
        """The vars that a model reads when some of the macros that it calls itself are overridden."""
        found, known, waiting = set(), set(overridden), list(self.models[model])
        while waiting:
            name, text = waiting.pop()
            if name in self.readers and text:
                found.add(text)
            # what adapter.dispatch('name') may call
            called = text if name == "dispatch" else name
            for macro in (called, f"default__{called}", f"duckdb__{called}", f"postgres__{called}"):
                if macro in self.macros and macro not in known:
                    known.add(macro)
                    waiting += self.macros[macro]
        return found


def _without_comments(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project() -> Project:
    return Project()


@pytest.fixture(scope="module")
def unit_tests() -> list[tuple[str, dict]]:
    """Every unit test with the file that it is in."""
    files = sorted((PROJECT / "tests" / "unit").glob("**/*_unit_tests.yml"))
    return [
        (f"{path.relative_to(PROJECT)}: {test['name']}", test)
        for path in files
        for test in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["unit_tests"]
    ]


def test_the_vars_that_a_model_reads_are_found(project):
    # by itself, through a macro, through a macro's macro, through a macro that is given the name
    assert {"session_timeout_minutes", "time_spent_cap_minutes"} <= project.vars_of("int_events_sessionized", set())
    assert "as_of" in project.vars_of("rfm_history", set())
    assert "as_of" in project.vars_of("base_orders", set())
    assert "loaded_at_overlap_hours" in project.vars_of("base_events", set())
    assert "loaded_at_overlap_hours" not in project.vars_of("base_events", {"arrival_window"})
    assert "acquisition_basis" in project.vars_of("int_acquisitions", set())


def test_a_unit_test_pins_every_var_that_its_model_reads(project, unit_tests):
    open_vars = []
    for place, test in unit_tests:
        overrides = test.get("overrides") or {}
        read = project.vars_of(test["model"], set(overrides.get("macros") or {}))
        missing = read - set(overrides.get("vars") or {})
        if missing:
            open_vars.append(f"{place}: {', '.join(sorted(missing))}")
    assert not open_vars, "\n".join(["vars to pin in overrides: vars:", *open_vars])


def test_the_table_that_a_unit_test_takes_for_its_own_need_not_exist(unit_tests):
    needing = [
        place
        for place, test in unit_tests
        for given in test["given"]
        if given["input"].strip() == "this" and given.get("format") != "sql"
    ]
    assert not needing, "\n".join(["of `input: this` only format: sql names its columns itself:", *needing])


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_they_pass_whatever_the_vars_are(demo_copies, engine):
    (shop,) = demo_copies("unit_tests", [engine])
    shop.dbt("test", "--select", "test_type:unit", as_of="2031-03-01 05:00", earliest_date="1997-01-01")
