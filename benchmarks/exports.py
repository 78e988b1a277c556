"""What handing people over costs on DuckDB: models and the command, for so many people as a built shop has times a number.

    python benchmarks/exports.py tessera.duckdb --times 1 18 900

Copies the file of a built shop, makes each of its people so many that differ in their ids and addresses, runs the models of
exports for the first night and for the next one, in which one in fifty changed, and writes everybody of the destination email in
some formats. Seconds of models are dbt's own; memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
MODELS = [
    "int_export_segments",
    "int_export_permissions",
    "int_export_profiles",
    "int_export_contacts",
    "export_history",
    "marketing_export",
]
STEPS = "analytics_intermediate"
# Tables of people that the models read: the columns that tell one from another.
PEOPLE = {
    "int_customers": ("customer_id", "email", "phone"),
    "int_profile_facts": ("customer_id",),
    "int_rule_results": ("customer_id",),
    "int_membership_spells": ("customer_id",),
    "customer_identities": ("identifier", "identifier_value", "customer_id"),
}


def multiplied(column: str) -> str:
    """A value of the n-th of somebody: an address keeps its form, and a number its digits."""
    number = "left({0}, 5) || lpad(cast(n as text), 4, '0') || substring({0} from 10)"
    if column == "phone":
        other = number.format("phone")
    elif column in ("identifier", "identifier_value"):
        value = column if column == "identifier_value" else "substring(identifier from position(':' in identifier) + 1)"
        kind = "" if column == "identifier_value" else "identifier_type || ':' || "
        other = f"{kind}case when identifier_type = 'phone' then {number.format(value)} else n || '.' || {value} end"
    else:
        other = f"n || '.' || {column}"
    return f"case when n > 0 then {other} else {column} end as {column}"


def multiply(file: Path, times: int) -> int:
    """Make each person of a shop so many; how many are identified then."""
    with duckdb.connect(str(file)) as connection:
        for table, columns in PEOPLE.items():
            replaced = ", ".join(multiplied(column) for column in columns)
            connection.execute(
                f"create table {STEPS}.many as select * replace ({replaced}) from {STEPS}.{table}, range({times}) as times (n)"
            )
            connection.execute(f"drop table {STEPS}.{table}; alter table {STEPS}.many rename to {table}")
        for table in ("marketing_export", "export_history"):
            schema = "analytics" if table == "marketing_export" else STEPS
            connection.execute(f"drop table if exists {schema}.{table}")
        return int(connection.execute(f"select count(*) from {STEPS}.int_customers where is_identified").fetchall()[0][0])


def measured(arguments: list[str], file: Path, folder: Path) -> tuple[float, float]:
    """Run a command on a shop: seconds, and gigabytes at its peak."""
    environment = {
        **os.environ,
        "TESSERA_DUCKDB_PATH": str(file),
        "DBT_TARGET_PATH": str(folder),
        "DBT_LOG_PATH": str(folder),
        "TESSERA_TARGET": "duckdb",
    }
    began = time.monotonic()
    process = subprocess.Popen(arguments, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} failed")
    return time.monotonic() - began, used.ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)


def models(folder: Path) -> float:
    """Seconds of the models of the last run."""
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    return sum(result["execution_time"] for result in results if result["unique_id"].startswith("model."))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 18])
    parser.add_argument("--night", default="2025-06-30", help="the last one that was built")
    options = parser.parse_args()
    programs = Path(sys.executable).parent
    for times in options.times:
        with tempfile.TemporaryDirectory(dir=options.file.parent) as name:
            folder = Path(name)
            file = folder / "shop.duckdb"
            shutil.copy(options.file, file)
            people = multiply(file, times)
            run = [str(programs / "dbt"), "--quiet", "run", "--select", *MODELS, "--vars"]
            _, peak = measured([*run, f'{{as_of: "{options.night}", is_night: true}}'], file, folder)
            first = models(folder)
            with duckdb.connect(str(file)) as connection:
                connection.execute(
                    f"update {STEPS}.int_profile_facts set total_orders = total_orders + 1 where hash(customer_id) % 50 = 0"
                )
                contacts = connection.execute("select count(*) from analytics.marketing_export").fetchall()[0][0]
            measured([*run, f'{{as_of: "{options.night} 12:00:00", is_night: true}}'], file, folder)
            print(
                f"{people:,} people, {contacts:,} contacts: first night {first:.1f} s, {peak:.1f} GB; next {models(folder):.1f} s"
            )
            for form in ("csv", "parquet", "klaviyo"):
                out = folder / form
                command = [
                    str(programs / "tessera"),
                    "export",
                    "all",
                    "--store",
                    "store_1",
                    "--format",
                    form,
                    "--output",
                    str(out),
                ]
                seconds, peak = measured(command, file, folder)
                print(f"  {form}: {seconds:.1f} s, {peak:.1f} GB, {out.stat().st_size / 1e6:.1f} MB")
    print(f"peak of the whole {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 << 20):.1f} GB")


if __name__ == "__main__":
    main()
