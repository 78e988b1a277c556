"""Folders are subjects, of one name in every root and in one order: what a step reads stands in its own or in an earlier one.

And the way from a raw event to a membership is no longer than it was.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Each reads those before it. What is read across subjects is in the first one that knows it.
SUBJECTS = (
    "stores",
    "rules",
    "identity",
    "sessions",
    "orders",
    "customers",
    "scores",
    "journeys",
    "predictions",
    "clusters",
    "axes",
    "profiles",
    "segments",
    "cohorts",
    "daily",
    "drift",
    "activation",
    "quality",
)
# Seeds that staging reads, and those of the shop.
SEEDS = ("vocabulary", "custom")
# The models on the longest way from a raw event to these: each is one that waits for another, time until a night is over, and
# a place to look at for who follows a number back. What is read beside the way is not on it.
HOPS = {"membership_changes": 22, "segment_memberships": 25}
REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")


@pytest.fixture(scope="module")
def models() -> dict[str, Path]:
    """The file of every model, below the project."""
    return {
        path.stem: path.relative_to(PROJECT)
        for root in ("models", "python_models")
        for path in (PROJECT / root).rglob("*")
        if path.suffix in (".sql", ".py")
    }


@pytest.fixture(scope="module")
def read(models) -> dict[str, set[str]]:
    """The models that each model reads."""
    return {
        name: {found for found in REF.findall((PROJECT / path).read_text(encoding="utf-8")) if found in models}
        for name, path in models.items()
    }


def layer(path: Path) -> str:
    """staging, intermediate, ledgers or marts; what is in Python is a step, or a ledger."""
    return path.parts[1] if path.parts[0] == "models" or path.parts[1] == "ledgers" else "intermediate"


def subject(path: Path) -> str:
    """The folder that a file is in."""
    return path.parent.name


def test_every_folder_is_a_subject():
    roots = ("models/intermediate", "models/marts", "python_models", "seeds", "tests/unit/intermediate", "tests/unit/marts")
    folders = {root: {path.name for path in (PROJECT / root).iterdir() if path.is_dir()} for root in roots}
    allowed = {"seeds": {*SUBJECTS, *SEEDS}, "python_models": {*SUBJECTS, "ledgers", "__pycache__"}}
    strange = {root: names - allowed.get(root, set(SUBJECTS)) for root, names in folders.items()}
    assert not any(strange.values()), strange
    assert set(SUBJECTS) == folders["models/intermediate"] | folders["models/marts"]


def test_a_step_reads_no_later_subject(models, read):
    def through_ledgers(name: str, seen: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        """Ways from a model to the steps that it reads; what a ledger says is what its subject said."""
        ways = set()
        for found in read[name] - set(seen):
            ways |= (
                {(found,)}
                if layer(models[found]) != "ledgers"
                else {(found, *way) for way in through_ledgers(found, (*seen, found))}
            )
        return ways

    wrong = []
    for name, path in models.items():
        for way in through_ledgers(name) if layer(path) == "intermediate" else ():
            last = models[way[-1]]
            if layer(last) == "marts" or (
                layer(last) == "intermediate" and SUBJECTS.index(subject(last)) > SUBJECTS.index(subject(path))
            ):
                wrong.append(f"{path} reads {' -> '.join(way)} of {subject(last)}")
    assert not wrong, "\n".join(["steps that read later subjects:", *wrong])


def test_staging_reads_nothing_that_stands_on_it_and_only_marts_read_marts(models, read):
    wrong = [
        f"{path} reads {models[found]}"
        for name, path in models.items()
        for found in read[name]
        if (layer(path) == "staging" and layer(models[found]) != "staging")
        or (layer(models[found]) == "marts" and (layer(path) != "marts" or subject(models[found]) != subject(path)))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_unit_test_stands_where_its_model_stands(models):
    wrong = []
    for path in (PROJECT / "tests" / "unit").rglob("*.yml"):
        model = models.get(path.stem.removesuffix("_unit_tests"))
        if model is None or path.relative_to(PROJECT / "tests" / "unit").parent != model.parent.relative_to(model.parts[0]):
            wrong.append(f"{path.relative_to(PROJECT)} beside {model}")
    assert not wrong, "\n".join(wrong)


def test_the_yaml_of_a_model_is_beside_it(models):
    assert not [str(path) for path in models.values() if not (PROJECT / path).with_suffix(".yml").exists()]


def test_a_ledger_in_python_says_that_it_keeps_its_rows(models):
    # dbt makes a table of it otherwise, whatever dbt_project.yml says: every night would begin anew
    assert not [
        str(path)
        for path in models.values()
        if layer(path) == "ledgers"
        and path.suffix == ".py"
        and 'dbt.config(materialized="incremental")' not in (PROJECT / path).read_text(encoding="utf-8")
    ]


def test_no_table_is_replaced_by_a_join_of_each_row_with_each(models):
    # dbt-duckdb's delete+insert, where several rows share a key
    files = [path.with_suffix(suffix) for path in models.values() for suffix in {path.suffix, ".yml"}]
    assert not [str(path) for path in files if "delete+insert" in (PROJECT / path).read_text(encoding="utf-8")]


def test_the_way_to_a_membership_grows_no_longer(new_shops):
    (shop,) = new_shops("ways", ["duckdb"])
    listed = shop.dbt("--quiet", "ls", "--output", "json", "--output-keys", "unique_id", "depends_on").stdout
    nodes = [json.loads(line) for line in listed.splitlines() if line.startswith("{")]
    parents = {node["unique_id"]: node.get("depends_on", {}).get("nodes", []) for node in nodes}

    @cache
    def hops(node: str) -> float:
        """How many models the longest way from the raw events to a node passes, itself with them."""
        if node.startswith("source."):
            return 0 if node.endswith(".input.events") else float("-inf")
        return 1 + max((hops(parent) for parent in parents[node]), default=float("-inf"))

    found = {name: hops(f"model.tessera.{name}") for name in HOPS}
    assert found == HOPS, "one that is shorter than it was stands in the list as it is"
