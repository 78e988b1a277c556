"""docs/coverage.csv gives every column of five schemas of other systems a mart and a column: both must exist and be described."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
HEADER = ["schema", "table", "column", "mart", "mart_column", "note"]


@pytest.fixture(scope="module")
def marts() -> dict[str, dict[str, str]]:
    """Descriptions by mart and column, from the YAML beside each mart."""
    found = {}
    models = PROJECT / "models"
    for path in sorted([*(models / "marts").glob("**/*.yml"), models / "ledgers" / "segmentation_runs.yml"]):
        for model in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).get("models") or []:
            columns = model.get("columns") or []
            if columns:
                found[model["name"]] = {column["name"]: (column.get("description") or "").strip() for column in columns}
    return found


@pytest.fixture(scope="module")
def coverage() -> list[dict[str, str]]:
    with (PROJECT / "docs" / "coverage.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == HEADER
        return list(reader)


def test_every_covered_column_exists_in_its_mart(coverage, marts):
    broken = []
    for line, row in enumerate(coverage, start=2):
        promise = f"docs/coverage.csv:{line}: {row['schema']} {row['table']}.{row['column']}"
        if row["mart"] not in marts:
            broken.append(f"{promise}: there is no mart {row['mart']}")
        elif row["mart_column"] not in marts[row["mart"]]:
            broken.append(f"{promise}: {row['mart']} has no column {row['mart_column']}")
    assert not broken, "\n".join(["", *broken])


def test_every_line_of_the_coverage_says_something_new(coverage):
    lines = Counter(tuple(row[name] for name in HEADER[:5]) for row in coverage)
    incomplete = [" ".join(line) for line in lines if not all(line)]
    repeated = [" ".join(line) for line, count in lines.items() if count > 1]
    assert not incomplete, "\n".join(["lines of docs/coverage.csv with an empty field:", *incomplete])
    assert not repeated, "\n".join(["lines of docs/coverage.csv that are there twice:", *repeated])


def test_every_column_of_a_mart_is_described(marts):
    silent = [f"{mart}.{column}" for mart, columns in marts.items() for column, text in columns.items() if not text]
    assert not silent, "\n".join(["columns of models/marts without a description:", *silent])
