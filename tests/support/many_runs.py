"""dbt commands in a process that stays, on a project that is parsed once for all tests.

To start and to parse costs more than most commands do.

    python many_runs.py '[[["build", "--select", "stores"], {"as_of": "2025-06-30"}], ...]'
    python many_runs.py --serve

With --serve a line on stdin is {"env": the variables of a shop, "runs": commands as above}, and its answer a line on stdout:
{"ok": whether all of them succeeded, "printed": what dbt printed}. Commands run one after the other, up to the first that fails.
Nothing holds the database between two lines, so that whoever asks can change tables there. What was parsed is kept in the
folder TESSERA_PARSED, once for each engine: no config reads a var, and what is said of a var while parsing is for the command
"parse", which parses.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pickle
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path

from dbt.adapters.factory import cleanup_connections, reset_adapters
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from quick_dbt import INLINE, make_quick, remember_columns

PROJECT = Path(__file__).resolve().parents[2]
# Writing what nobody reads takes a third of the time of a small command.
TERSE = ["--no-use-colors", "--no-write-json", "--log-level-file", "none"]


def main() -> int:
    """Run the commands of the command line."""
    return 0 if succeed(json.loads(sys.argv[1])) else 1


def serve() -> int:
    """Answer the lines on stdin, one after the other, until it ends."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.clear()
        os.environ.update(asked["env"])
        with tempfile.TemporaryFile("w+") as printed:
            # whoever prints, in Python or below it
            for stream in (1, 2):
                os.dup2(printed.fileno(), stream)
            with warnings.catch_warnings():
                if "TESSERA_TEST_WARNINGS" in os.environ:
                    warnings.simplefilter(os.environ["TESSERA_TEST_WARNINGS"], RuntimeWarning)
                succeeded = succeed(asked["runs"])
            let_go()
            sys.stdout.flush()
            sys.stderr.flush()
            printed.seek(0)
            print(json.dumps({"ok": succeeded, "printed": printed.read()}), file=answers, flush=True)
    return 0


def succeed(runs: list) -> bool:
    """Whether the commands succeed, one after the other, up to the first that fails."""
    for number, (args, variables) in enumerate(runs):
        if number:
            collect()
        done = run([*args, "--vars", json.dumps(variables)])
        if not done.success:
            print(done.exception or "")
            return False
    return True


def run(command: list[str]) -> dbtRunnerResult:
    """Run a command, on the parsed project unless it is to parse it."""
    manifest = None if "parse" in command else project()
    remember_columns(command[0] == "test")
    return dbtRunner(manifest=manifest).invoke([*TERSE, *command])


def project() -> Manifest:
    """The parsed project, its tables in the shop's database."""
    manifest = parsed()
    # what an earlier command showed
    manifest.nodes.pop(INLINE, None)
    move(manifest, database())
    return manifest


@cache
def parsed() -> Manifest:
    """The parsed project of this process's engine."""
    kept = Path(os.environ["TESSERA_PARSED"]) / f"{os.environ['TESSERA_TARGET']}.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            done = parse()
            if not done.success:
                raise RuntimeError("the project cannot be parsed") from done.exception
            # a lock cannot be kept, and is made anew
            kept.write_bytes(pickle.dumps({name: part for name, part in vars(done.result).items() if name != "_lock"}))
    manifest = Manifest()
    vars(manifest).update(pickle.loads(kept.read_bytes()))
    return manifest


def parse() -> dbtRunnerResult:
    """Parse the project; of this one on DuckDB what it says is left where lint looks for it, see the Makefile."""
    command = ["--quiet", "--no-use-colors", "--log-level-file", "none", "--no-partial-parse", "parse"]
    if os.environ["TESSERA_TARGET"] != "duckdb" or Path.cwd() != PROJECT:
        return dbtRunner().invoke([*command, "--no-write-json"])
    shop = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith("TESSERA_")}
    try:
        place = ["--profile", "tessera", "--target", "duckdb", "--target-path", str(PROJECT / "target" / "duckdb")]
        return dbtRunner().invoke([*command, *place])
    finally:
        os.environ.update(shop)


def database() -> str:
    """What the engine calls the shop's database."""
    if os.environ["TESSERA_TARGET"] == "duckdb":
        return Path(os.environ["TESSERA_DUCKDB_PATH"]).stem
    return os.environ["TESSERA_POSTGRES_DBNAME"]


def move(manifest: Manifest, name: str) -> None:
    """Give every table of a parsed project its database, if it has another."""
    if manifest.flat_graph and all(source.database == name for source in manifest.sources.values()):
        return
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
    collect()


def collect() -> None:
    """Let go of what only refers to itself; what stays has not to be looked at again."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    # looking for cycles among dbt's many small objects takes a fifth of its time
    gc.disable()
    make_quick()
    sys.exit(serve() if sys.argv[1:] == ["--serve"] else main())
