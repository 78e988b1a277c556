"""What nights cost: seconds, memory, and rows read and written, by model and by layer.

    python benchmarks/night.py --customers 200000
    python benchmarks/night.py --customers 200000 --json after.json --compare before.json
    python benchmarks/night.py --customers 200000 --target postgres

A shop is landed as its loader would, in parts by their time of loading, and built for a night after each:

    first   everything up to three weeks before the end
    day     the rows of one day
    week    those of seven days more
    quiet   no rows, a day later
    merge   the same night again, with a row of `identities` that says whose a busy device is
    rule    the same night again, with a segment of the shop's own in seeds/custom
    forgotten  the same night again, the second since somebody was forgotten: every row that is read is asked

Seconds are dbt's own, one thread; "cpu" is what the processors spent meanwhile, which other work on the machine changes
less, without the server's where there is one; memory is the peak of the process while a model ran. Rows are what the
engine says of its statements: read is what scans touched (DuckDB alone says so), written what was created, inserted, updated
and deleted. What Python models read is not among them.
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
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from spine import PROJECT, demo_files, environment, ran, run
from tessera.warehouse import open_marts, open_warehouse

# the demo shop ends at the last of these
END = dt.date(2025, 6, 30)
NIGHTS = {
    "first": END - dt.timedelta(21),
    "day": END - dt.timedelta(20),
    "week": END - dt.timedelta(13),
    "quiet": END - dt.timedelta(12),
    "merge": END - dt.timedelta(12),
    "rule": END - dt.timedelta(12),
    "forgotten": END - dt.timedelta(12),
}
# nights that bring what was loaded since the one before
BRING = ("first", "day", "week")
COLUMNS = ("seconds", "cpu", "peak_gb", "read", "written")
WRITES = [getattr(duckdb.StatementType, kind) for kind in ("CREATE", "INSERT", "UPDATE", "DELETE", "MERGE_INTO")]


class Rows:
    """Rows that the statements of each model read and wrote, counted in the process that runs dbt."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, int]] = defaultdict(lambda: {"read": 0, "written": 0})
        self.lock = threading.Lock()

    def add(self, read: int, written: int) -> None:
        """Count the rows of a statement for the model that runs, if one does."""
        from dbt_common.events.contextvars import get_node_info

        name = get_node_info().get("node_name")
        if name:
            with self.lock:
                self.found[name]["read"] += read
                self.found[name]["written"] += written

    def of_duckdb(self) -> None:
        """Ask DuckDB after each statement what it did."""
        from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

        def counted(cursor: DuckDBCursorWrapper, sql: str, bindings: object = None) -> object:
            connection = cursor._cursor
            connection.execute("pragma enable_profiling = 'no_output'")
            connection.execute('set custom_profiling_settings = \'{"CUMULATIVE_ROWS_SCANNED": "true"}\'')
            answer = None
            for statement in connection.extract_statements(sql):
                answer = connection.execute(statement) if bindings is None else connection.execute(statement, bindings)
                # what writes answers with how many rows
                counts = connection.fetchall() if statement.type in WRITES else []
                said = json.loads(connection.get_profiling_information() or "{}")
                self.add(said.get("cumulative_rows_scanned", 0), counts[0][0] if counts else 0)
            return answer

        DuckDBCursorWrapper.execute = counted

    def of_postgres(self) -> None:
        """Take what Postgres answers to each statement that writes, a script for the last of its own."""
        from dbt.adapters.postgres import PostgresConnectionManager

        get_response = PostgresConnectionManager.get_response

        def counted(cursor: object) -> object:
            kind = (cursor.statusmessage or "").split(" ")[0]
            # a table that is made answers as a query does, and has no columns
            if kind in ("INSERT", "UPDATE", "DELETE", "MERGE") or (kind == "SELECT" and cursor.description is None):
                self.add(0, max(cursor.rowcount, 0))
            return get_response(cursor)

        PostgresConnectionManager.get_response = staticmethod(counted)


def serve(command: list[str], counted: Path) -> int:
    """Run a dbt command, in a process of its own, and write down the rows of each model."""
    from dbt.cli.main import dbtRunner

    rows = Rows()
    rows.of_duckdb() if os.environ["TESSERA_TARGET"] == "duckdb" else rows.of_postgres()
    done = dbtRunner().invoke(command)
    counted.write_text(json.dumps(rows.found))
    return 0 if done.success else 1


def layer(node: str, folder: str) -> str:
    """Where a model stands: staging, intermediate, ledgers or marts; steps in Python are steps."""
    parts = Path(folder).parts
    name = parts[0] if parts[0] in ("staging", "intermediate", "ledgers", "marts") else "intermediate"
    return name if node.startswith("model.") else "seeds"


def build(night: str, project: Path, env: dict[str, str]) -> dict[str, dict[str, float]]:
    """Build a night: of each model, layer and all together the seconds, peak memory in GB, and rows read and written."""
    target = Path(env["DBT_TARGET_PATH"])
    counted = target.parent / "rows.json"
    variables = json.dumps({"as_of": str(NIGHTS[night]), "is_night": True})
    command = ["build", "--quiet", "--threads", "1", "--project-dir", str(project), "--profiles-dir", str(project)]
    command += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", "--vars", variables]
    watch, seconds = run([sys.executable, __file__, "--serve", str(counted), "--", *command], env)
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    rows = json.loads(counted.read_text())
    found: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for node, cost in ran(env, watch):
        # hooks are no nodes
        if node not in nodes:
            continue
        name = node.split(".")[-1]
        group = layer(node, "/".join(nodes[node]["fqn"][1:-1]))
        found[name] = {**dict.fromkeys(COLUMNS, 0), **cost, **rows.get(name, {})}
        for place in (f"({group})", "(all)"):
            for column, value in found[name].items():
                found[place][column] = max(found[place][column], value) if column == "peak_gb" else found[place][column] + value
    found["(command)"] = {"seconds": seconds, "cpu": watch.processor(), "peak_gb": watch.peak(), "read": 0, "written": 0}
    return dict(found)


class Loader:
    """Lands what a loader brings: rows of the demo shop's files, by the time at which they say that they were loaded."""

    def __init__(self, target: str, data: Path) -> None:
        self.target = target
        self.files = {path.name: f"read_parquet('{path}/*.parquet')" for path in data.iterdir() if path.name[:6] != "truth_"}
        self.until = dt.date.min

    def bring(self, until: dt.date) -> int:
        """Land what was loaded before a day and was not yet landed; how many rows that is."""
        is_first = self.until == dt.date.min
        loaded_at = "cast(loaded_at as timestamp)"
        with open_warehouse(self.target) as warehouse, duckdb.connect() as files:
            warehouse.create_schema()
            count = 0
            for table, file in sorted(self.files.items()):
                since = "" if is_first else f"and {loaded_at} >= timestamp '{self.until}'"
                rows = files.sql(f"from {file} where {loaded_at} < timestamp '{until}' {since}")
                count += warehouse.write(table, rows.to_arrow_reader(), replace=is_first)
        self.until = until
        return count

    def identify(self) -> int:
        """Land the row that says whose the busiest device of nobody is: the first customer's of its store."""
        events, customers, identities = (self.files[table] for table in ("events", "customers", "identities"))
        loaded_at = f"timestamp '{self.until}' - interval '1 hour'"
        with open_warehouse(self.target) as warehouse, duckdb.connect() as files:
            row = files.sql(f"""
                with device as (
                    select store_id, anonymous_id from {events} group by all
                    having count(customer_id) = 0 and count(email) = 0 and max(cast(loaded_at as timestamp)) < {loaded_at}
                    order by count(*) desc, store_id, anonymous_id limit 1
                )
                select identities.* replace (
                    device.store_id as store_id, device.anonymous_id as anonymous_id, {loaded_at} as loaded_at,
                    {loaded_at} as identified_at, null as email, null as phone,
                    (select min(customer_id) from {customers} where store_id = device.store_id) as customer_id
                ) from device, (from {identities} limit 1) as identities""")
            return warehouse.write("identities", row.to_arrow_reader(), replace=False)


def with_a_segment_more(project: Path) -> None:
    """Write a segment of the shop's own into the seeds of a copy of the project."""
    for seed, row in {
        "custom_segment_definitions": {
            "segment_id": "buyers-of-two",
            "name": "Buyers of two",
            "segment_type": "rule_based",
            "status": "active",
        },
        "custom_segment_rules": {
            "rule_id": "buyers-of-two-1",
            "segment_id": "buyers-of-two",
            "rule_group": "1",
            "field": "total_orders",
            "operator": "greater_than",
            "value": "1",
        },
    }.items():
        path = project / "seeds" / "custom" / f"{seed}.csv"
        columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        with path.open("a", encoding="utf-8") as lines:
            lines.write(",".join(row.get(column, "") for column in columns) + "\n")


def forget_somebody(project: Path, env: dict[str, str]) -> None:
    """Forget the first customer of all who ordered, as a shop would."""
    schema = pa.schema([("store_id", pa.string()), ("person", pa.string())])
    with open_marts(env["TESSERA_TARGET"]) as marts:
        query = "select store_id, customer_id as person from {marts}.rfm_scores order by 1, 2 limit 1"
        [found] = marts.ask(query, schema).to_pylist()
    command = [sys.executable, "-m", "tessera.cli", "forget", "--store", found["store_id"], "--person", found["person"]]
    subprocess.run(command, check=True, cwd=project, env=env)


def measure(
    customers: int, target: str, folder: Path, memory: str, played: Sequence[str], is_kept: bool, keep: Callable
) -> dict[str, object]:
    """Nights of a shop of one size; keep takes what was found after each."""
    data, project = demo_files(customers, folder), folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    kept = (
        ".dbtignore",
        "dbt_project.yml",
        "profiles.yml",
        "models",
        "python_models",
        "macros",
        "seeds",
        "tests",
        "analyses",
        "src",
    )
    project.mkdir()
    for name in kept:
        (shutil.copytree if (PROJECT / name).is_dir() else shutil.copy)(PROJECT / name, project / name)
    path = folder / f"night_{customers}.duckdb"
    path.unlink(missing_ok=True)
    env = environment(path, folder, memory) | {"TESSERA_TARGET": target}
    os.environ.update(env)
    loader = Loader(target, data)
    nights: dict[str, dict] = {}
    found = {"customers": customers, "target": target, "database_gb": None, "nights": nights}
    for name, as_of in NIGHTS.items():
        if name not in played:
            continue
        rows = loader.bring(as_of) if name in BRING else 0
        if name == "merge":
            rows = loader.identify()
        if name == "rule":
            with_a_segment_more(project)
        if name == "forgotten":
            env["TESSERA_ERASURE_SECRET"] = "benchmark" * 4
            forget_somebody(project, env)
            build(name, project, env)
        nights[name] = build(name, project, env)
        nights[name]["(landed)"] = {**dict.fromkeys(COLUMNS, 0), "written": rows}
        show(nights, name)
        found["database_gb"] = path.stat().st_size / 1e9 if target == "duckdb" else None
        keep(found)
    if not is_kept:
        path.unlink(missing_ok=True)
    return found


def ratio(night: dict[str, dict], other: dict[str, dict], place: str = "(all)") -> float:
    """The seconds of a night, in those of another."""
    return night[place]["seconds"] / max(other[place]["seconds"], 1e-9)


def show(nights: dict[str, dict], name: str) -> None:
    """Print a night: the layers, and the ten models that took most."""
    night = nights[name]
    print(f"\n{name}: {night['(landed)']['written']:,} rows landed, {ratio(night, nights['first']):.2f} of the first build")
    print(f"{'':36}{'seconds':>10}{'cpu':>10}{'peak GB':>10}{'read':>16}{'written':>16}")
    groups = sorted(place for place in night if place.startswith("(") and place != "(landed)")
    slowest = sorted((place for place in night if not place.startswith("(")), key=lambda place: -night[place]["seconds"])
    for place in [*groups, *slowest[:10]]:
        seconds, cpu, peak, read, written = (night[place][column] for column in COLUMNS)
        print(f"{place:36}{seconds:10.1f}{cpu:10.1f}{peak:10.2f}{int(read):16,}{int(written):16,}", flush=True)


def compare(found: dict, before: dict) -> None:
    """Print every night beside that of an earlier run, and the models that changed most."""
    print(f"\n{'':12}{'before':>10}{'now':>10}{'ratio':>8}   of its first build, before and now; what changed most")
    for name, night in found["nights"].items():
        old = before["nights"].get(name)
        if old is None:
            continue
        changes = {
            place: night.get(place, {}).get("seconds", 0) - old.get(place, {}).get("seconds", 0) for place in {*night, *old}
        }
        most = sorted((place for place in changes if place[0] != "("), key=lambda place: -abs(changes[place]))[:5]
        print(
            f"{name:12}{old['(all)']['seconds']:10.1f}{night['(all)']['seconds']:10.1f}{ratio(night, old):8.2f}   "
            f"{ratio(old, before['nights']['first']):.2f} {ratio(night, found['nights']['first']):.2f}; "
            + ", ".join(f"{place} {changes[place]:+.1f}" for place in most)
        )


def main() -> None:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--target", choices=["duckdb", "postgres"], default="duckdb")
    parser.add_argument("--folder", type=Path, default=PROJECT / "target" / "benchmarks")
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory_limit")
    parser.add_argument(
        "--nights", nargs="+", choices=list(NIGHTS), default=list(NIGHTS), help="which of them; the first is needed"
    )
    parser.add_argument("--keep", action="store_true", help="leave the database where it is")
    parser.add_argument("--json", type=Path, help="keeps what was found, after each night")
    parser.add_argument("--compare", type=Path, help="what an earlier run kept")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        sys.exit(serve(given.command, given.serve))
    given.folder.mkdir(parents=True, exist_ok=True)

    def keep(found: dict) -> None:
        if given.json:
            given.json.write_text(json.dumps(found, indent=1))

    nights = ["first", *given.nights]
    found = measure(given.customers, given.target, given.folder.resolve(), given.memory, nights, given.keep, keep)
    if given.compare:
        compare(found, json.loads(given.compare.read_text()))


if __name__ == "__main__":
    main()
