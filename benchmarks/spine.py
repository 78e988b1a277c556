"""What the spine costs on DuckDB, beside the same sessions and rollup written by hand.

    python benchmarks/spine.py --customers 27415 1000000

For each size: makes the demo shop as Parquet files (kept in --folder for the next time), builds every model up to the
night before the last, then the last night, and runs by_hand.sql over the same files. Seconds are dbt's own, from
run_results.json; memory is the peak of the process. "Same tables" are int_event_sessions and int_visitor_days with all
that they need: staging of events, stores and customers, what events tie together, and the placing of events in sessions.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psutil

PROJECT = Path(__file__).resolve().parents[1]
NIGHTS = ("2025-06-29", "2025-06-30")
SAME_TABLES = {
    "base_customers",
    "stg_customers",
    "base_stores",
    "stg_stores",
    "base_event_arrivals",
    "base_events",
    "stg_events",
    "int_event_links",
    "int_reported_customers",
    "int_events_sessionized",
    "int_events_enriched",
    "int_event_sessions",
    "int_visitor_days",
}


class Watch:
    """Memory and processor seconds of a process and its children, sampled ten times a second."""

    def __init__(self, pid: int) -> None:
        self.samples: list[tuple[float, int, float]] = []
        self.process = psutil.Process(pid)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while True:
            try:
                family = [self.process, *self.process.children(recursive=True)]
                spent = [member.cpu_times() for member in family]
                self.samples.append(
                    (
                        time.time(),
                        sum(member.memory_info().rss for member in family),
                        sum(times.user + times.system for times in spent),
                    )
                )
            except psutil.Error:
                return
            time.sleep(0.1)

    def peak(self, start: float = 0.0, end: float = float("inf")) -> float:
        """Peak in GB between two moments."""
        return max((rss for moment, rss, _ in self.samples if start <= moment <= end), default=0) / 1e9

    def processor(self, start: float = 0.0, end: float = float("inf")) -> float:
        """Seconds of processors between two moments, from sample to sample: other work on the machine changes them little."""
        until = [spent for moment, _, spent in self.samples if moment <= end]
        since = [spent for moment, _, spent in self.samples if moment <= start]
        return (until[-1] if until else 0.0) - (since[-1] if since else 0.0)


def run(command: list[str], env: dict[str, str]) -> tuple[Watch, float]:
    """Run a command to its end; its memory and its seconds."""
    start = time.time()
    process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watch = Watch(process.pid)
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{output[-4000:]}")
    return watch, time.time() - start


def ran(env: dict[str, str], watch: Watch) -> Iterator[tuple[str, dict[str, float]]]:
    """The nodes that the last command of dbt ran, by their unique ids: seconds, processor seconds, and peak memory in GB."""
    for result in json.loads((Path(env["DBT_TARGET_PATH"]) / "run_results.json").read_text())["results"]:
        timing = {part["name"]: part for part in result["timing"]}.get("execute")
        if timing:
            start, end = (
                dt.datetime.fromisoformat(timing[key].replace("Z", "+00:00")).timestamp()
                for key in ("started_at", "completed_at")
            )
            yield (
                result["unique_id"],
                {"seconds": result["execution_time"], "cpu": watch.processor(start, end), "peak_gb": watch.peak(start, end)},
            )


def night(as_of: str, env: dict[str, str]) -> dict[str, dict[str, float]]:
    """Build every model for a night: seconds and peak memory of each layer, of the same tables, and of all."""
    dbt = str(Path(sys.executable).parent / "dbt")
    variables = json.dumps({"as_of": as_of})
    watch, _ = run([dbt, "run", "--threads", "1", "--vars", variables], env)
    found: dict[str, dict[str, float]] = {}
    for node, cost in ran(env, watch):
        if not node.startswith("model."):
            continue
        name = node.split(".")[-1]
        layer = "staging" if name.startswith(("base_", "stg_")) else "intermediate"
        if not name.startswith(("base_", "stg_", "int_", "customer_identities")):
            layer = "marts"
        for group in [layer, "all models", *(["same tables"] if name in SAME_TABLES else [])]:
            entry = found.setdefault(group, {"seconds": 0.0, "peak_gb": 0.0})
            entry["seconds"] += cost["seconds"]
            entry["peak_gb"] = max(entry["peak_gb"], cost["peak_gb"])
        found[name] = cost
    return found


def counts(path: Path, sessions: str, days: str) -> tuple[int, ...]:
    """Sessions, events, page views and visits that a database holds: both ways must find the same."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(f"""
            select (select count(*) from {sessions}), (select sum(total_events) from {sessions}),
                (select sum(page_view) from {days}), (select sum(sessions) from {days})""").fetchall()[0]


def by_hand(data: Path, folder: Path, memory: str) -> tuple[float, float, tuple[int, ...]]:
    """Run by_hand.sql: seconds, peak memory in GB, and what it counted."""
    path = folder / "by_hand.duckdb"
    path.unlink(missing_ok=True)
    code = (
        "import duckdb, pathlib, sys; c = duckdb.connect(sys.argv[1]);"
        f"c.execute(\"set memory_limit = '{memory}'; set preserve_insertion_order = false; set threads = 2\");"
        f"c.execute(\"set variable data = '{data}'; set variable as_of = '{NIGHTS[0]}'\");"
        f"c.execute(\"set variable event_types = '{PROJECT / 'seeds/vocabulary/event_types.csv'}'\");"
        "c.execute(pathlib.Path(sys.argv[2]).read_text())"
    )
    watch, seconds = run([sys.executable, "-c", code, str(path), str(PROJECT / "benchmarks/by_hand.sql")], dict(os.environ))
    counted = counts(path, "sessions", "visitor_days")
    path.unlink()
    return seconds, watch.peak(), counted


def demo_files(customers: int, folder: Path) -> Path:
    """The folder of the demo shop as Parquet files, which are made unless they are there."""
    data = folder / f"demo_{customers}"
    if not (data / "events").exists():
        shape = {"out": data, "customers": customers, "orders-per-customer": 3, "events-per-customer": 20, "as-of": NIGHTS[-1]}
        arguments = [part for name, value in shape.items() for part in (f"--{name}", str(value))]
        run([str(Path(sys.executable).parent / "tessera"), "demo", "--target", "parquet", *arguments], dict(os.environ))
    return data


def land(data: Path, path: Path, **columns: str) -> None:
    """Make a database whose raw tables are those files, of each all columns or those that are named for it."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw")
        for table in sorted(data.iterdir()):
            if not table.name.startswith("truth_"):
                taken = columns.get(table.name, "*")
                connection.execute(f"create view raw.{table.name} as select {taken} from read_parquet('{table}/*.parquet')")


def environment(path: Path, folder: Path, memory: str) -> dict[str, str]:
    """The variables that dbt runs with."""
    return {
        **os.environ,
        "TESSERA_TARGET": "duckdb",
        "TESSERA_DUCKDB_PATH": str(path),
        "TESSERA_DUCKDB_MEMORY": memory,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


def measure(customers: int, folder: Path, memory: str) -> dict[str, object]:
    """One size, from files to report."""
    data, path = demo_files(customers, folder), folder / f"spine_{customers}.duckdb"
    # nobody asks not to be tracked: who that is cannot be told by hand
    land(data, path, customers="* exclude (do_not_track)")
    env = environment(path, folder, memory)
    run([str(Path(sys.executable).parent / "dbt"), "seed", "--vars", json.dumps({"as_of": NIGHTS[0]})], env)
    first = night(NIGHTS[0], env)
    counted = counts(path, "analytics_intermediate.int_event_sessions", "analytics_intermediate.int_visitor_days")
    second = night(NIGHTS[1], env)
    hand_seconds, hand_peak, hand_counted = by_hand(data, folder, memory)
    size = path.stat().st_size / 1e9
    path.unlink()
    return {
        "customers": customers,
        "events": int(counted[1]),
        "first": first,
        "second": second,
        "database_gb": size,
        "by_hand": {"seconds": hand_seconds, "peak_gb": hand_peak},
        "counts": {"tessera": [int(value) for value in counted], "by_hand": [int(value) for value in hand_counted]},
    }


def report(found: dict[str, object]) -> None:
    """Print one size."""
    print(f"\n{found['customers']:,} customers, {found['events']:,} events, database {found['database_gb']:.1f} GB")
    print(f"{'':24}{'first build':>24}{'next night':>24}")
    print(f"{'':24}{'seconds':>14}{'peak GB':>10}{'seconds':>14}{'peak GB':>10}")
    names = ["staging", "intermediate", "marts", "all models", "same tables"]
    slowest = sorted((name for name in found["first"] if name not in names), key=lambda name: -found["first"][name]["seconds"])
    for name in [*names, *slowest[:12]]:
        first, second = (found[key].get(name, {"seconds": 0, "peak_gb": 0}) for key in ("first", "second"))
        print(f"{name:24}{first['seconds']:14.1f}{first['peak_gb']:10.2f}{second['seconds']:14.1f}{second['peak_gb']:10.2f}")
    hand = found["by_hand"]
    print(f"{'by hand':24}{hand['seconds']:14.1f}{hand['peak_gb']:10.2f}")
    print(
        f"same tables / by hand: {found['first']['same tables']['seconds'] / hand['seconds']:.2f}; "
        f"next night / first build: {found['second']['all models']['seconds'] / found['first']['all models']['seconds']:.2f}"
    )
    print(f"sessions, events, page views, visits: {found['counts']['tessera']} against {found['counts']['by_hand']} by hand")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[27_415, 1_000_000])
    parser.add_argument("--folder", type=Path, default=PROJECT / "benchmarks/out")
    parser.add_argument("--memory", default="8GB", help="memory limit of DuckDB (default: 8GB)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for customers in arguments.customers:
        found = measure(customers, arguments.folder.resolve(), arguments.memory)
        (arguments.folder / f"spine_{customers}.json").write_text(json.dumps(found, indent=1))
        report(found)
    shutil.rmtree(arguments.folder / "target", ignore_errors=True)


if __name__ == "__main__":
    main()
