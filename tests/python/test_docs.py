"""The pages say what is there: links lead somewhere, files that are named exist, and lists of marts and decisions are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from test_folders import SUBJECTS

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md"), *(PROJECT / "examples").glob("**/*.md"),
                PROJECT / "src" / "dbt_local_python" / "README.md"])
ROOTS = ("analyses", "benchmarks", "docs", "examples", "macros", "models", "python_models", "seeds", "src", "tests")


def text(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as hosts of repositories make them: lower case, blanks as hyphens, no punctuation."""
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")
            for head in re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)}


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
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
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
    part = page[page.index("## Subjects"):page.index("## How a night runs")]
    assert re.findall(r"^\| (\w+) \|", part, re.MULTILINE)[1:] == list(SUBJECTS)
