"""The operation `export_segment`: dbt-core imports every installed module whose name starts with ``dbt_`` and starts its plugins.

Macros cannot write files, so adapters are taught to. They read over dbt's own connection: nobody else can open a DuckDB file that
dbt has open.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.plugins.manager import dbtPlugin
from typing_extensions import override

ADAPTERS = (("dbt.adapters.duckdb.impl", "DuckDBAdapter"), ("dbt.adapters.postgres.impl", "PostgresAdapter"))


class Export(dbtPlugin):
    """Gives the adapters that are installed a method `export_segment`."""

    @override
    def initialize(self) -> None:
        for module, name in ADAPTERS:
            try:
                adapter: Any = getattr(importlib.import_module(module), name)
            except ImportError:
                continue
            adapter.export_segment = export_segment
            adapter._available_ = adapter._available_ | {"export_segment"}


def export_segment(adapter: Any, segment: str, form: str, path: str | None, since: Any, **named: Any) -> str:
    """Write a segment's contacts to a file, see `tessera.export.command.export`; what was written, in a sentence.

    Raises
    ------
    DbtRuntimeError
        If it could not be done; the message says why.
    """
    # Imported here: every dbt command starts the plugin.
    from dbt_common.exceptions import DbtRuntimeError

    from tessera.export.command import export
    from tessera.export.files import ExportError
    from tessera.warehouse import WarehouseError

    night = None if since is None else str(since)
    try:
        with _marts(adapter) as marts:
            return export(marts, str(segment), form, since=night, output=Path(path) if path else None, **named)
    except (ExportError, WarehouseError, ValueError) as error:
        raise DbtRuntimeError(str(error)) from error


@contextmanager
def _marts(adapter: Any) -> Iterator[Any]:
    """The marts over dbt's connection, which stays open; of Postgres over one that cannot change anything."""
    from tessera.warehouse import connect_postgres
    from tessera.warehouse.marts import POSTGRES_OPTIONS, Marts, from_duckdb, from_postgres

    given = adapter.config.credentials
    if adapter.type() == "duckdb":
        yield Marts(adapter.connections.get_thread_connection().handle.cursor(), given.schema, from_duckdb)
        return
    connection = connect_postgres(
        given.host, str(given.port), given.user, given.password or "", given.database, options=POSTGRES_OPTIONS
    )
    with Marts(connection, given.schema, from_postgres) as marts:
        yield marts


plugins = [Export]
