"""The command `tessera`.

It makes a demo shop or loads other people's data into a warehouse's raw schema, checks what a user edits, plays past nights,
draws and shows what came out, hands people to other tools as files, and forgets people.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from tessera.check import add_check
from tessera.dashboard import DashboardError, add_dashboard, add_publish, add_report
from tessera.demo import RAW_SCHEMAS, SCHEMAS, DemoConfig, load_demo
from tessera.erasure import add_erasure
from tessera.export.command import add_export
from tessera.export.files import ExportError
from tessera.pictures import PictureError, add_draw
from tessera.replay import ReplayError, add_replay
from tessera.seeds import SeedError
from tessera.warehouse import TARGETS, Warehouse, WarehouseError, open_warehouse

BATCH_ROWS = 122_880

_DEMO_HELP = {
    "customers": "people over all stores",
    "stores": "number of stores",
    "days": "length of the history in days",
    "seed": "everything follows from it",
    "as_of": "the clock's date, YYYY-MM-DD; history ends at its midnight UTC",
    "events_per_customer": "mean over the whole demo",
    "orders_per_customer": "mean over the whole demo",
    "separation": "distance between the planted types of an axis",
    "overlap": "spread within a planted type",
    "noise": "share of people who fit no type",
    "planted": "axes, by commas, whose types show plainly in all they touch while people are alike on the others; all for "
    "every axis, nothing for tendencies on every axis",
    "dirt": "factor on every rate of dirty rows, 0 for a clean shop",
    "chunk_people": "people made at once; bounds memory, and is part of what defines the rows",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        What stands behind `tessera`; the process's own arguments by default.

    Returns
    -------
    int
        0, or 1 if it could not be done; the reason is on standard error.
    """
    options = command_line().parse_args(arguments)
    try:
        options.run(options)
    except (WarehouseError, DashboardError, ExportError, PictureError, ReplayError, SeedError, ValueError) as error:
        print(f"tessera: {error}", file=sys.stderr)
        return 1
    return 0


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command and of those below it."""
    parser = argparse.ArgumentParser(prog="tessera", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser(
        "demo", help="write a demo shop whose truth is known", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    demo.add_argument("--target", choices=TARGETS, default="duckdb", help="where to write")
    demo.add_argument("--out", help="folder of the target parquet")
    for field in fields(DemoConfig):
        kind = dt.date.fromisoformat if field.name == "as_of" else type(field.default)
        demo.add_argument(
            "--" + field.name.replace("_", "-"),
            type=kind,
            default=field.default,
            metavar="N" if field.name != "as_of" else "DATE",
            help=_DEMO_HELP[field.name],
        )
    demo.set_defaults(run=_run_demo)

    load = commands.add_parser("load", help="map other people's data to the raw contract and write it")
    load.add_argument("folder", type=Path, help="holds raw.sql (DuckDB SQL), and sample.sql if it can do without data")
    load.add_argument("--data", help="folder of the data; raw.sql reads it as getvariable('data')")
    load.add_argument(
        "--target", choices=[name for name in TARGETS if name != "parquet"], default="duckdb", help="where to write"
    )
    load.set_defaults(run=_run_load)

    add_check(commands)
    add_dashboard(commands)
    add_report(commands)
    add_publish(commands)
    add_export(commands)
    add_draw(commands)
    add_erasure(commands)
    add_replay(commands)
    return parser


def _run_demo(options: argparse.Namespace) -> None:
    config = DemoConfig(**{field.name: getattr(options, field.name) for field in fields(DemoConfig)})
    with open_warehouse(options.target, options.out) as warehouse:
        _report(load_demo(config, warehouse), warehouse)


def _run_load(options: argparse.Namespace) -> None:
    with open_warehouse(options.target) as warehouse:
        _report(load_folder(options.folder, options.data, warehouse), warehouse)


def load_folder(folder: Path, data: str | None, warehouse: Warehouse) -> dict[str, int]:
    """Run a folder's SQL in an in-memory DuckDB and write what it leaves in its schema `raw`.

    Parameters
    ----------
    folder
        Holds `raw.sql`, and `sample.sql`, which is run first where there are no data.
    data
        What `getvariable('data')` is in the SQL.
    warehouse
        An open warehouse; all tables of the raw contract and of the demo's truth are dropped from it first.

    Returns
    -------
    dict of str to int
        Rows by table.

    Raises
    ------
    WarehouseError
        If files are missing, the SQL fails, or it leaves no table.
    """
    import duckdb

    mapping, sample = folder / "raw.sql", folder / "sample.sql"
    if not mapping.is_file():
        raise WarehouseError(f"There is no raw.sql in '{folder}'")
    if data is not None and not Path(data).is_dir():
        raise WarehouseError(f"There is no folder '{data}' (--data)")
    if data is None and not sample.is_file():
        raise WarehouseError(f"'{folder}' needs --data: it has no sample.sql to do without")
    with duckdb.connect() as engine:
        engine.execute("create schema raw")
        if data is not None:
            engine.execute("set variable data = $data", {"data": str(data)})
        for script in [mapping] if data is not None else [sample, mapping]:
            try:
                engine.execute(script.read_text(encoding="utf-8"))
            except duckdb.Error as error:
                raise WarehouseError(f"{script}: {error}") from error
        made = engine.execute(
            "select table_name from information_schema.tables where table_schema = 'raw' "
            "and table_catalog = current_catalog() order by table_name"
        ).fetchall()
        if not made:
            raise WarehouseError(f"{mapping} left no table in the schema raw")
        warehouse.create_schema()
        for name in SCHEMAS:
            warehouse.drop_table(name)
        written = {}
        for (name,) in made:
            try:
                reader = engine.sql(f'select * from raw."{name}"').to_arrow_reader(BATCH_ROWS)
                written[name] = warehouse.write(name, reader)
            except duckdb.Error as error:
                raise WarehouseError(f"{mapping}, {name}: {error}") from error
    return written


def _report(written: dict[str, int], warehouse: Warehouse) -> None:
    for name, rows in sorted(written.items(), key=lambda item: (item[0] not in RAW_SCHEMAS, item[0])):
        print(f"{name:<24}{rows:>12,}")
    if warehouse.cleaned_values:
        print(f"replaced NUL or broken UTF-8 in {warehouse.cleaned_values:,} text values")


if __name__ == "__main__":
    sys.exit(main())
