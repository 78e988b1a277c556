"""dbt commands on a project that is parsed once for all tests: parsing costs more than most commands do.

    python many_runs.py '[[["build", "--select", "stores"], {"as_of": "2025-06-30"}], ...]'
    python many_runs.py --serve

With --serve a command is a line on stdin, [args, vars], and its answer a line on stdout: "ok", or the error as a JSON
string. Nothing holds the database between two lines, so that whoever asks can change tables there; what dbt prints goes
to stderr. What was parsed is kept in the folder TESSERA_PARSED, once for each engine: no config reads a var, and what is
said of a var while parsing is for the command "parse", which parses.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pickle
import sys
from functools import cache
from pathlib import Path

from dbt.adapters.factory import cleanup_connections, reset_adapters
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

# Writing what nobody reads takes a third of the time of a small command.
TERSE = ["--no-use-colors", "--no-write-json", "--log-level-file", "none"]


def main() -> int:
    """Run the commands one after the other, up to the first that fails."""
    for args, variables in json.loads(sys.argv[1]):
        done = run([*args, "--vars", json.dumps(variables)])
        gc.collect()
        if not done.success:
            print(done.exception or "")
            return 1
    return 0


def serve() -> int:
    """Answer the commands on stdin, one after the other, until it ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        args, variables = json.loads(line)
        error = outcome(run(["--quiet", *args, "--vars", json.dumps(variables)]))
        let_go()
        print(json.dumps(error) if error else "ok", file=answers, flush=True)
    return 0


def run(command: list[str]) -> dbtRunnerResult:
    """Run a command, on the parsed project unless it is to parse it."""
    manifest = None if "parse" in command else project()
    return dbtRunner(manifest=manifest).invoke([*TERSE, *command])


@cache
def project() -> Manifest:
    """The parsed project, its tables in this process's database."""
    kept = Path(os.environ["TESSERA_PARSED"]) / f"{os.environ['TESSERA_TARGET']}.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            done = dbtRunner().invoke(["--quiet", *TERSE, "--no-partial-parse", "parse"])
            if not done.success:
                raise RuntimeError("the project cannot be parsed") from done.exception
            # a lock cannot be kept, and is made anew
            kept.write_bytes(pickle.dumps({name: part for name, part in vars(done.result).items() if name != "_lock"}))
    manifest = Manifest()
    vars(manifest).update(pickle.loads(kept.read_bytes()))
    move(manifest, database())
    return manifest


def database() -> str:
    """What the engine calls this process's database."""
    if os.environ["TESSERA_TARGET"] == "duckdb":
        return Path(os.environ["TESSERA_DUCKDB_PATH"]).stem
    return os.environ["TESSERA_POSTGRES_DBNAME"]


def move(manifest: Manifest, name: str) -> None:
    """Give every table of a parsed project another database."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}".', f'"{name}".', 1)
        node.database = name
    manifest.build_flat_graph()


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
    # looking for cycles among dbt's many small objects takes a fifth of its time
    gc.disable()
    sys.exit(serve() if sys.argv[1:] == ["--serve"] else main())
