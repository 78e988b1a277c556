"""How many rows a night writes that brought something of one person in a hundred, table by table."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support.shops import PROJECT

pytestmark = pytest.mark.torture

# half an hour after the night of the demo: what a whole day brings touches a fifth of so small a shop
NIGHT = "2025-06-30 00:30:00"
# Tables that are kept from night to night write no more than a tenth of their rows, or than so many. Ledgers write their night.
SHARE, FEW = 0.1, 100
# Days of segments begin with the first night, and the demo has had one: tonight is half of all their days.
YOUNG = {"int_segment_campaigns", "int_segment_daily_activity", "int_segment_daily_members"}


def written(shop, folder):
    """Rows that the statements of a night wrote, by model, and how many each table that is kept has after it.

    A row that is replaced counts three times: it is written aside, deleted and inserted.
    """
    counted = folder / "rows.json"
    command = ["build", "--quiet", "--threads", "1", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    command += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--vars", json.dumps({"as_of": NIGHT})]
    night = [sys.executable, str(PROJECT / "benchmarks" / "night.py"), "--serve", str(counted), "--", *command]
    subprocess.run(night, cwd=PROJECT, env=shop.environment(), check=True)
    rows = {name: found["written"] for name, found in json.loads(counted.read_text()).items()}
    nodes = json.loads((folder / "target" / "manifest.json").read_text())["nodes"].values()
    kept = [
        node
        for node in nodes
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental" and "ledgers" not in node["fqn"]
    ]
    counts = shop.rows_of(f"select count(*) from {node['schema']}.{node['alias']}" for node in kept)
    return rows, {node["name"]: count for node, ((count,),) in zip(kept, counts, strict=True)}


def test_a_night_writes_what_it_touched(demo_copies, tmp_path):
    (shop,) = demo_copies("night_rows", ["duckdb"])
    shop.execute(f"""
        insert into raw.events
        select * replace (event_id || '-again' as event_id, timestamp '{NIGHT}' - interval '20 minutes' as occurred_at,
            timestamp '{NIGHT}' - interval '19 minutes' as received_at, timestamp '{NIGHT}' - interval '10 minutes' as loaded_at)
        from (
            from raw.events
            where hash(store_id || anonymous_id) % 100 = 0 and event_type = 'product_viewed'
            qualify row_number() over (partition by store_id, anonymous_id order by event_id) = 1
        )""")
    shop.env |= {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    rows, kept = written(shop, tmp_path)
    assert rows["int_events_enriched"] > 0
    assert len(kept) > 20
    much = {name: (rows.get(name, 0), count) for name, count in kept.items() if rows.get(name, 0) > max(SHARE * count, FEW)}
    assert set(much) <= YOUNG, much
