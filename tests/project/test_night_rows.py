"""How many rows a night writes that brought something of one person in a hundred, table by table."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support.shops import PROJECT

pytestmark = pytest.mark.torture

NIGHT = "2025-07-01"
# Tables that are kept from night to night, and why one of them may write more than a tenth of its rows, or than so many.
SHARE, FEW = 0.1, 100
REASONS = {
    "staging_of_the_window": "rows that arrived within the overlap are read again, and the demo lands all days at once",
    "night_of_a_ledger": "a ledger writes this night's rows, and the demo has few nights before it",
    "days_that_moved": "a day of a segment is another one where a member's history is, and the demo has few people a day",
}
EXPECTED = {
    "base_events": "staging_of_the_window",
}


def written(shop, folder):
    """Rows that a night wrote, by the name of the model; and how many each table that is kept has after it."""
    counted = folder / "rows.json"
    command = ["build", "--quiet", "--threads", "1", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    command += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--vars", json.dumps({"as_of": NIGHT})]
    night = [sys.executable, str(PROJECT / "benchmarks" / "night.py"), "--serve", str(counted), "--", *command]
    subprocess.run(night, cwd=PROJECT, env=shop.environment(), check=True)
    rows = {name: found["written"] for name, found in json.loads(counted.read_text()).items()}
    nodes = json.loads((folder / "target" / "manifest.json").read_text())["nodes"].values()
    kept = [node for node in nodes if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"]
    counts = shop.rows_of(f"select count(*) from {node['schema']}.{node['alias']}" for node in kept)
    return rows, {node["name"]: count for node, ((count,),) in zip(kept, counts, strict=True)}


def test_a_night_writes_what_it_touched(demo_copies, tmp_path):
    (shop,) = demo_copies("night_rows", ["duckdb"])
    shop.execute(f"""
        insert into raw.events
        select * replace (event_id || '-again' as event_id, timestamp '{NIGHT}' - interval '3 hours' as occurred_at,
            timestamp '{NIGHT}' - interval '2 hours' as received_at, timestamp '{NIGHT}' - interval '1 hour' as loaded_at)
        from (
            from raw.events
            where hash(store_id || anonymous_id) % 100 = 0 and event_type = 'product_viewed'
            qualify row_number() over (partition by store_id, anonymous_id order by event_id) = 1
        )""")
    shop.env |= {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    rows, kept = written(shop, tmp_path)
    much = {name: (rows.get(name, 0), count) for name, count in kept.items() if rows.get(name, 0) > max(SHARE * count, FEW)}
    print(much)
    assert sorted(much) == sorted(EXPECTED), much
