"""The commands that forget a person for good: a secret, the forgetting itself, and a DuckDB file without deleted bytes."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
from pathlib import Path

from tessera.export.removals import write_removals
from tessera.warehouse import WarehouseError, connect_duckdb, duckdb_path, open_marts

MIN_SECRET = 32


def add_erasure(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of `tessera`."""
    forget = commands.add_parser(
        "forget",
        help="forget a person in every table, and write nothing down of who it was",
        description="Deletes a person from every table and keeps them out of every later run. Needs the secret of the "
        "installation in TESSERA_ERASURE_SECRET (see tessera secret), and runs in the folder of the project.",
    )
    forget.add_argument("--store", required=True, help="store_id of the person")
    forget.add_argument(
        "--person",
        help="a customer id, or an identifier with its kind, such as email:a@b.example; asked for "
        "where it is not given, so that it is in no history of a shell",
    )
    forget.add_argument("--dry-run", action="store_true", help="say what would be deleted, and delete nothing")
    forget.add_argument(
        "--removals",
        type=Path,
        metavar="FOLDER",
        help="write the requests that delete the person from tools they were handed to, into files of this new folder, before "
        "anything else; with --dry-run, only say which",
    )
    forget.add_argument("--target", help="target of the profile; by default as for dbt")
    forget.add_argument("--vars", default="{}", help="vars that the nights are run with, as for dbt")
    forget.set_defaults(run=_run_forget)

    secret = commands.add_parser("secret", help="make a secret for TESSERA_ERASURE_SECRET")
    secret.set_defaults(run=lambda options: print(secrets.token_hex(32)))

    shrink = commands.add_parser("compact", help="write the DuckDB file anew, without what was deleted from it")
    shrink.set_defaults(run=lambda options: compact(Path(duckdb_path())))


def _run_forget(options: argparse.Namespace) -> None:
    person = options.person if options.person is not None else input("Whom? (customer id, or kind:value) ")
    if options.removals is not None:
        with open_marts(options.target or os.environ.get("TESSERA_TARGET") or "duckdb") as marts:
            paths = write_removals(marts, options.store, person, options.removals, options.dry_run)
        said = [f"would write {path}" if options.dry_run else str(path) for path in paths]
        print("\n".join(said or ["No destination ever had the person."]))
    forget(options.store, person, options.dry_run, options.target, options.vars)


def forget(store: str, person: str, dry_run: bool = False, target: str | None = None, variables: str = "{}") -> None:
    """Run the operation forget_customer with all that dbt writes down turned off.

    Parameters
    ----------
    store, person
        Whom, as texts.
    dry_run
        Only say what would be deleted.
    target
        Target of the profile.
    variables
        Vars of the run, as YAML or JSON.

    Raises
    ------
    WarehouseError
        If it could not be done; dbt has said why.
    """
    from dbt.cli.main import dbtRunner

    secret = os.environ.get("TESSERA_ERASURE_SECRET", "")
    if 0 < len(secret) < MIN_SECRET:
        raise WarehouseError(
            f"TESSERA_ERASURE_SECRET has {len(secret)} characters, which can be guessed: it needs {MIN_SECRET} "
            "or more (tessera secret makes one)"
        )
    # JSON is YAML in which every text is quoted
    arguments = json.dumps({"store_id": store, "person": person, "dry_run": dry_run})
    done = dbtRunner().invoke(
        [
            "--quiet",
            "--log-level-file",
            "none",
            "--log-level",
            "info",
            "--no-write-json",
            "run-operation",
            "tessera.forget_customer",
            "--args",
            arguments,
            "--vars",
            variables,
            *(["--target", target] if target else []),
        ]
    )
    if not done.success:
        raise WarehouseError(f"forgetting did not come to its end{f': {done.exception}' if done.exception else ''}")


def compact(path: Path) -> None:
    """Copy a DuckDB file into a new one and put that in its place: pages of deleted rows are left behind.

    Until the last step, which cannot be done by halves, the file is as it was; a copy that a killed command left is
    removed by the next one.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    WarehouseError
        If there is no such file, another process has it open, or it cannot be copied.
    """
    import duckdb

    if not path.is_file():
        raise WarehouseError(f"There is no DuckDB file '{path}' (TESSERA_DUCKDB_PATH)")
    copy = path.with_name(path.name + ".compacting")
    before = path.stat().st_size
    with connect_duckdb(path) as engine:
        for rest in (copy, Path(f"{copy}.wal")):
            rest.unlink(missing_ok=True)
        try:
            ((catalog,),) = engine.execute("select current_catalog()").fetchall()
            engine.execute("checkpoint")
            engine.execute(f"attach {_literal(copy)} as tessera_compacting")
            engine.execute(f"copy from database {_name(catalog)} to tessera_compacting")
            engine.execute("detach tessera_compacting")
            shutil.copymode(path, copy)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            # the old file is still held: nobody writes to it between the copy and this
            copy.replace(path)
        except (duckdb.Error, OSError) as error:
            copy.unlink(missing_ok=True)
            raise WarehouseError(f"'{path}' could not be compacted, and is as it was: {error}") from error
    print(f"{path}: {before:,} bytes before, {path.stat().st_size:,} now")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
