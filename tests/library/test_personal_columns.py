"""Every column that names a person says so in its YAML: what is unmarked is forgotten only where a text is unmistakable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
KINDS = {"person", "customer", "identifier", "email", "phone", "anon", "session", "order", "device"}
# Names of columns that name somebody, whatever table they are in.
NAMING = re.compile(
    r"(?:^|_)customer_id(?:_|$)|(?:^|_)identifier$|^(?:person_id|earlier_id|component|email|phone)$"
    r"|^(?:anonymous_id|device_id|session_id|order_id)$"
)


@pytest.fixture(scope="module")
def marks() -> dict[str, str | None]:
    """Model and column -> what the column is marked to name."""
    found = {}
    for root in ("models", "python_models"):
        for path in sorted((PROJECT / root).rglob("*.yml")):
            for model in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).get("models", []):
                for column in model.get("columns", []):
                    meta = (column.get("config") or {}).get("meta") or {}
                    found[f"{model['name']}.{column['name']}"] = meta.get("names")
    return found


def test_no_column_that_names_a_person_is_unmarked(marks):
    unmarked = [place for place, kind in marks.items() if kind is None and NAMING.search(place.split(".")[1])]
    assert not unmarked, "\n".join(["columns that want config: {meta: {names: ...}}:", *unmarked])


def test_marks_are_kinds_that_forgetting_knows(marks):
    assert set(marks.values()) - {None} == KINDS
    # a shop's own ids stand in staging, a person's id behind it
    assert marks["base_orders.customer_id"] == "customer" and marks["int_orders.customer_id"] == "person"
    assert marks["identity_changes.from_customer_id"] == marks["identity_changes.to_customer_id"] == "person"
