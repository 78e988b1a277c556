"""What scores, axes, segments with history, cohorts and journeys cost on DuckDB, beside the same rules written by hand.

    python benchmarks/segments.py --customers 27415 1000000

For each size: makes the demo shop as Parquet files and builds the models that come before (both kept in --folder for the
next time), puts 30 segments of 100 rules in the place of those in the seeds, and builds the models of scores, axes, rules,
segments, cohorts and journeys for two nights. Seconds are dbt's own, from run_results.json; memory is the peak of the
process. Evaluation is int_rule_results; the query by hand is one CASE for each segment over int_profile_facts and the scores, in
the same run, and must find the same members.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
import time
from pathlib import Path

import duckdb

from spine import NIGHTS, PROJECT, demo_files, environment, land, run

SUBJECTS = ("scores", "axes", "clusters", "profiles", "rules", "segments", "journeys", "cohorts")
# Ledgers of other subjects.
OTHERS = ("identity_survivors", "erasures", "predictions_made", "ltv_models", "export_history")
LEDGERS = [path.stem for path in PROJECT.glob("*/ledgers/*.*") if path.suffix != ".yml" and path.stem not in OTHERS]
MODELS = [f"path:{path.relative_to(PROJECT)}" for name in SUBJECTS for path in sorted(PROJECT.glob(f"models/*/{name}"))] + [
    *sorted(LEDGERS),
    "path:python_models/axes",
    "path:python_models/clusters",
    "int_interests",
    "int_preferred_lists",
    "int_content_interactions",
    "int_ticket_features",
]
# The work of segments, by its steps.
AXES = {
    "features": ("int_axis_", "int_customer_axis_features"),
    "fit": ("axis_segments",),
    "scores": ("axis_fingerprints",),
    "profiles": ("archetype_memberships", "int_archetypes", "named_fingerprints", "customer_profiles"),
}
COMPARED = {"greater_than": ">", "less_than": "<", "greater_or_equal": ">=", "equals": "="}
FIELDS = [
    ("total_orders", (0, 8)),
    ("total_revenue", (0, 600)),
    ("average_order_value", (10, 150)),
    ("engagement_score", (0, 60)),
    ("wtp_score", (40, 90)),
    ("health_score", (10, 60)),
    ("lead_score", (0, 40)),
    ("total_sessions", (0, 20)),
    ("total_product_views", (0, 30)),
    ("days_since_seen", (1, 300)),
    ("days_since_purchase", (1, 300)),
    ("rfm_recency", (1, 5)),
    ("refund_rate", (0, 1)),
    ("discounted_order_rate", (0, 1)),
    ("emails_opened", (0, 10)),
    ("cart_abandonment_rate", (0, 1)),
]


def made_rules(segments: int, rules: int) -> list[tuple[str, str, str, str, str, str]]:
    """Rules as rows: rule_id, segment_id, rule_group, field, operator, value; half of the segments have two groups."""
    dice = random.Random(1)
    rows = []
    for number in range(rules):
        segment = number % segments
        field, (low, high) = dice.choice(FIELDS)
        value = dice.randint(low, high) if high > 1 else round(dice.random(), 2)
        group = str(number // segments % 2 + 1) if segment % 2 else ""
        operator = dice.choice(list(COMPARED)[:3])
        rows.append((f"r{number}", f"segment-{segment}", group, field, operator, str(value)))
    return rows


def by_hand(rows: list[tuple[str, str, str, str, str, str]]) -> str:
    """The same rules as somebody would write them: one CASE for each segment."""
    cases = []
    for segment in dict.fromkeys(row[1] for row in rows):
        groups: dict[str, list[str]] = {}
        for _, owner, group, field, operator, value in rows:
            if owner == segment:
                groups.setdefault(group, []).append(f"{field} {COMPARED[operator]} {value}")
        condition = " or ".join("(" + " and ".join(rules) + ")" for rules in groups.values())
        cases.append(f'case when {condition} then true else false end as "{segment}"')
    facts, results = (f"analytics_intermediate.{name}" for name in ("int_profile_facts", "int_rule_results"))
    return f"select store_id, customer_id, {', '.join(cases)} from {facts} inner join {results} using (store_id, customer_id)"


def night(as_of: str, env: dict[str, str]) -> dict[str, dict[str, float]]:
    """Build the models for a night: seconds and peak memory of each, and of all."""
    command = [
        str(Path(sys.executable).parent / "dbt"),
        "run",
        "--threads",
        "1",
        "--select",
        *MODELS,
        "--vars",
        json.dumps({"as_of": as_of, "is_night": True}),
    ]
    watch, _ = run(command, env)
    found = {"all models": {"seconds": 0.0, "peak_gb": 0.0}}
    for result in json.loads((Path(env["DBT_TARGET_PATH"]) / "run_results.json").read_text())["results"]:
        if result["unique_id"].startswith("model."):
            timing = {part["name"]: part for part in result["timing"]}["execute"]
            start, end = (
                dt.datetime.fromisoformat(timing[key].replace("Z", "+00:00")).timestamp()
                for key in ("started_at", "completed_at")
            )
            peak = watch.peak(start, end)
            found[result["unique_id"].split(".")[-1]] = {"seconds": result["execution_time"], "peak_gb": peak}
            found["all models"]["seconds"] += result["execution_time"]
            found["all models"]["peak_gb"] = max(found["all models"]["peak_gb"], peak)
    return found


def measure(customers: int, folder: Path, memory: str) -> dict[str, object]:
    """One size: what came before is built unless it is there, then the two nights and the query by hand."""
    data, path = demo_files(customers, folder), folder / f"segments_{customers}.duckdb"
    env = environment(path, folder, memory)
    dbt = str(Path(sys.executable).parent / "dbt")
    if not path.exists():
        making = path.with_suffix(".making")
        land(data, making)
        before = {**env, "TESSERA_DUCKDB_PATH": str(making)}
        run([dbt, "seed", "--vars", json.dumps({"as_of": NIGHTS[0]})], before)
        run(
            [
                dbt,
                "run",
                "--threads",
                "1",
                "--exclude",
                *MODELS,
                "path:models/marts",
                "--vars",
                json.dumps({"as_of": NIGHTS[0], "is_night": True}),
            ],
            before,
        )
        making.rename(path)
    rows = made_rules(30, 100)
    with duckdb.connect(str(path)) as connection:
        for ledger in LEDGERS:
            connection.execute(f"drop table if exists analytics_intermediate.{ledger}")
        for seed in ("segment_definitions", "segment_rules", "custom_segment_definitions", "custom_segment_rules"):
            connection.execute(f"delete from analytics_seeds.{seed}")
        connection.executemany(
            "insert into analytics_seeds.custom_segment_rules (rule_id, segment_id, rule_group, field, operator, value) "
            "values (?, ?, nullif(?, ''), ?, ?, ?)",
            rows,
        )
        connection.execute(
            "insert into analytics_seeds.custom_segment_definitions "
            "(segment_id, name, segment_type, status, refresh_days, auto_refresh) "
            "select distinct segment_id, segment_id, 'rule_based', 'active', '1', 'true' "
            "from analytics_seeds.custom_segment_rules"
        )
    first = night(NIGHTS[0], env)
    second = night(NIGHTS[1], env)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"set memory_limit = '{memory}'; set preserve_insertion_order = false; set threads = 2")
        start = time.time()
        connection.execute(f"create or replace table by_hand as {by_hand(rows)}")
        seconds = time.time() - start
        people = connection.execute("select count(*) from by_hand").fetchall()[0][0]
        members = dict(
            connection.execute(
                "select segment_id, sum(member_count)::bigint from analytics.segments "
                "where segment_type = 'rule_based' group by all"
            ).fetchall()
        )
        for segment, count in members.items():
            hand = connection.execute(f'select count(*) from by_hand where "{segment}"').fetchall()[0][0]
            if hand != count:
                raise SystemExit(f"{segment}: {count} members, {hand} by hand")
        connection.execute("drop table by_hand")
        reading = one_profile(connection)
    return {
        "customers": customers,
        "people": people,
        "memberships": sum(members.values()),
        "first": first,
        "second": second,
        "by_hand": seconds,
        "one_profile": reading,
    }


def one_profile(connection: duckdb.DuckDBPyConnection) -> float:
    """Median seconds in which one customer's profile is read."""
    keys = connection.execute("select store_id, customer_id from analytics.customer_profiles using sample 50 rows").fetchall()
    seconds = []
    for key in keys:
        start = time.time()
        connection.execute("select * from analytics.customer_profiles where store_id = ? and customer_id = ?", key).fetchall()
        seconds.append(time.time() - start)
    return sorted(seconds)[len(seconds) // 2]


def report(found: dict[str, object]) -> None:
    """Print one size."""
    first, second = found["first"], found["second"]
    print(
        f"\n{found['customers']:,} customers, {found['people']:,} persons, "
        f"{found['memberships']:,} memberships in 30 segments of 100 rules"
    )
    print(f"{'':32}{'first night':>18}{'next night':>18}")
    print(f"{'':32}{'seconds':>10}{'GB':>8}{'seconds':>10}{'GB':>8}")
    for name in sorted(first, key=lambda name: -first[name]["seconds"])[:25]:
        print(
            f"{name:32}{first[name]['seconds']:10.1f}{first[name]['peak_gb']:8.2f}{second[name]['seconds']:10.1f}{second[name]['peak_gb']:8.2f}"
        )
    steps = {
        step: sum(timing["seconds"] for name, timing in first.items() if name.startswith(models)) for step, models in AXES.items()
    }
    parts = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in steps.items())
    print(f"axes: {parts}, all {sum(steps.values()):.1f} s")
    print(f"one profile read in {found['one_profile'] * 1000:.1f} ms")
    evaluation = second["int_rule_results"]["seconds"]
    print(
        f"evaluation {evaluation:.2f} s, by hand {found['by_hand']:.2f} s: {evaluation / found['by_hand']:.2f}; the same members"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[27_415, 1_000_000])
    parser.add_argument("--folder", type=Path, default=PROJECT / "benchmarks/out")
    parser.add_argument("--memory", default="6GB", help="memory limit of DuckDB; the process holds more (default: 6GB)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for customers in arguments.customers:
        found = measure(customers, arguments.folder.resolve(), arguments.memory)
        (arguments.folder / f"segments_{customers}.json").write_text(json.dumps(found, indent=1))
        report(found)


if __name__ == "__main__":
    main()
