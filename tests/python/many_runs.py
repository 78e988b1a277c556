"""Several dbt commands on one parsed project, in one process: parsing costs more than most of the nights of a test.

    python many_runs.py '[[["build", "--select", "stores"], {"as_of": "2025-06-30"}], ...]'
    python many_runs.py --serve

With --serve a command is a line on stdin, [args, vars], and its answer a line on stdout: "ok", or the error as a JSON
string. Nothing holds the database between two lines, so that whoever asks can change tables there; what dbt prints goes
to stderr. The project is parsed with the first line's vars: configs that read vars keep the values of that line.
"""

from __future__ import annotations

import gc
import json
import os
import sys

from dbt.adapters.factory import cleanup_connections, reset_adapters
from dbt.cli.main import dbtRunner, dbtRunnerResult

# Writing what nobody reads takes a third of the time of a small command.
SILENT = ["--quiet", "--no-use-colors", "--no-write-json", "--log-level-file", "none"]


def main() -> int:
    """Run the commands one after the other, up to the first that fails."""
    manifest = None
    for args, variables in json.loads(sys.argv[1]):
        command = ["--no-use-colors", *args, "--vars", json.dumps(variables)]
        if manifest is None:
            parsed = dbtRunner().invoke(["--quiet", "parse", "--vars", json.dumps(variables)])
            if not parsed.success:
                print(parsed.exception)
                return 1
            manifest = parsed.result
        done = dbtRunner(manifest=manifest).invoke(command)
        if not done.success:
            print(done.exception or "")
            return 1
    return 0


def serve() -> int:
    """Answer the commands on stdin, one after the other, until it ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    manifest = None
    for line in sys.stdin:
        args, variables = json.loads(line)
        given = ["--vars", json.dumps(variables)]
        if manifest is None:
            parsed = dbtRunner().invoke(["--quiet", "parse", *given])
            manifest = parsed.result if parsed.success else None
            error = "" if parsed.success else str(parsed.exception)
        if manifest is not None:
            error = outcome(dbtRunner(manifest=manifest).invoke([*SILENT, *args, *given]))
        let_go()
        print(json.dumps(error) if error else "ok", file=answers, flush=True)
    return 0


def let_go() -> None:
    """Close what dbt keeps open for the next command: DuckDB lets a file go with its last connection."""
    cleanup_connections()
    reset_adapters()
    duckdb = sys.modules.get("dbt.adapters.duckdb.connections")
    if duckdb:
        duckdb.DuckDBConnectionManager.close_all_connections()
    gc.collect()


def outcome(done: dbtRunnerResult) -> str:
    """Why a command failed, in dbt's words; empty where it did not."""
    if done.success:
        return ""
    failed = [result for result in getattr(done.result, "results", []) if result.status in ("error", "fail", "runtime error")]
    return "\n".join([str(done.exception or "failed"), *(f"{result.node.name}: {result.message}" for result in failed)])


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:] == ["--serve"] else main())
