"""What lint says: the commands of `make lint`, among the tests so that no core waits for them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.shops import PROJECT

JOIN = re.compile(r"\b(?:left|full)\s+join\s+(?:\{\{.*?\}\}|\w+)\s+(?:as\s+)?(\w+)\s+on\b")
# what ends a condition, and what parts it
NEXT = re.compile(
    r"'[^']*'|--.*|[()]|\bcase\b|\bend\b|\band\b|\b(?:left|full|inner|cross|where|group|order|window|union|having)\b|\{[%#]"
)


def conditions(sql: str) -> list[str]:
    """The parts, joined by `and`, of the condition that a statement begins with."""
    depth, start, parts = 0, 0, []
    for token in NEXT.finditer(sql):
        depth += {"(": 1, "case": 1, ")": -1, "end": -1}.get(token[0], 0)
        if depth > 0 or token[0][:1] in "'-" or (token[0] in (")", "end") and depth == 0):
            continue
        parts.append(sql[start : token.start()])
        start = token.end()
        if token[0] != "and":
            return parts
    return [*parts, sql[start:]]


@pytest.fixture(scope="module")
def manifest(new_shops):
    """What the process parses that runs dbt for the tests, where lint looks for it."""
    (shop,) = new_shops("lint", ["duckdb"])
    shop.dbt("ls", "--select", "stores")


@pytest.mark.parametrize("target", ["lint-python", "conventions", "lint-sql"])
def test_lint_finds_nothing(target, manifest):
    # flags of a make that runs the tests are not for this one
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(
        ["make", target, f"BIN={Path(sys.executable).parent}", "PROCESSES=1", "--old-file=manifest"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"make {target}\n{done.stdout}\n{done.stderr}"


def test_conditions_of_outer_joins_speak_of_what_is_joined():
    # one of the other side alone makes DuckDB compare each row with each
    found = [
        f"{path.relative_to(PROJECT)}: {part.strip()}"
        for path in sorted((PROJECT / "models").rglob("*.sql"))
        for text in [path.read_text(encoding="utf-8")]
        for join in JOIN.finditer(text)
        for part in conditions(text[join.end() :])
        if not re.search(rf"\b{join[1]}\.|^\s*\{{\{{", part)
    ]
    assert not found, "\n".join(found)
