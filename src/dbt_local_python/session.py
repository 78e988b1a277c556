"""The `session` of a model: a DuckDB connection in which tables of the warehouse resolve when a statement names them."""

from __future__ import annotations

import functools
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from dbt_local_python.warehouse import Warehouse, quoted

# With more, a result that is read in batches runs ahead of its reader without bound (measured: the whole table), and models
# run side by side as it is. A model may set another number.
THREADS = 1
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d]\w*)'
_NAME = re.compile(rf"{_PART}(?:\s*\.\s*{_PART})*")
_WITH_NAMES = {"sql", "query", "execute", "executemany", "from_query"}
_DUCKDB_SCHEMAS = {"information_schema", "pg_catalog", "main", "temp"}


@contextmanager
def open_session(warehouse: Warehouse, failures: list[Exception]) -> Iterator[Session]:
    """Open an in-memory DuckDB for one model; what it spills goes to a folder that is deleted afterwards.

    Parameters
    ----------
    warehouse
        Where names resolve.
    failures
        Receives what fails while a table is read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dbt_local_python_") as folder,
        duckdb.connect(config={"temp_directory": folder, "threads": THREADS}) as connection,
    ):
        connection.execute(f"attach if not exists ':memory:' as {quoted(warehouse.database)}")
        yield Session(warehouse, connection, failures)


class Session:
    """A DuckDB connection (every method of one) that knows the tables of the warehouse.

    Views are made for the names in a statement just before it runs, and a view reads its table anew in each scan, so
    a table costs nothing until rows of it are needed. DuckDB asks objects with ``__arrow_c_stream__`` for a new
    stream a scan; it tells them neither columns nor filters, so every scan reads whole rows.
    """

    def __init__(self, warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, failures: list[Exception]) -> None:
        self._warehouse = warehouse
        self._connection = connection
        self._failures = failures
        self._known: set[tuple[str, str]] = set()
        self._make_schema(warehouse.schema)
        connection.execute(f"use {quoted(warehouse.database)}.{quoted(warehouse.schema)}")
        # Statements pass through a method of this class, and variables that they name are those of its callers.
        connection.execute("set python_scan_all_frames = true")
        try:
            connection.execute(f"set TimeZone = '{warehouse.timezone}'")
        except duckdb.Error:
            connection.execute("set TimeZone = 'UTC'")

    def load(self, name: str) -> duckdb.DuckDBPyRelation:
        """The relation of a rendered name: what dbt.ref and dbt.source return."""
        return self.query(f"select * from {name}")

    # DuckDB's own find no view of a schema, and tables of the warehouse are such views here.
    table = view = load

    def cursor(self) -> Session:
        """Another connection to the same DuckDB that knows the same tables."""
        return Session(self._warehouse, self._connection.cursor(), self._failures)

    duplicate = cursor

    def __getattr__(self, name: str) -> Any:
        """Take everything else from the connection; what is given SQL makes the tables first that it names."""
        member = getattr(self._connection, name)
        return functools.partial(self._run, member) if name in _WITH_NAMES else member

    # DuckDB looks variables up in every frame, this one included: its names are such as no model uses.
    def _run(_dbt_self, _dbt_member: Any, *_dbt_args: Any, **_dbt_kwargs: Any) -> Any:
        _dbt_self._resolve([*_dbt_args[:1], *_dbt_kwargs.values()], sys._getframe(1))
        return _dbt_member(*_dbt_args, **_dbt_kwargs)

    def _resolve(self, arguments: list[Any], frame: Any) -> None:
        """Make views of the tables whose names occur in a statement.

        Any name will do, be it a column's or inside a string: one that is no table is not found, and one that is a
        table by chance is never read. DuckDB's own list of a statement's tables is empty for many kinds of statement.
        """
        found = set()
        for argument in arguments:
            text = argument.query if isinstance(argument, duckdb.Statement) else argument
            for match in _NAME.finditer(text) if isinstance(text, str) else ():
                parts = [
                    part[1:-1].replace('""', '"') if part.startswith('"') else part for part in re.findall(_PART, match.group())
                ]
                if len(parts) > 2 and parts[0].lower() == self._warehouse.database.lower():
                    parts = parts[1:]
                # A variable of the model comes before a table, unless the table is named in full.
                if len(parts) == 1 and not _is_variable(parts[0], frame):
                    parts = [self._warehouse.schema, *parts]
                if len(parts) > 1 and parts[0].lower() not in _DUCKDB_SCHEMAS:
                    found.add((parts[0], parts[1]))
        found -= self._known
        self._known |= found
        for table in self._warehouse.tables(found, self._failures):
            self._connection.register(table.name, table)
            self._make_schema(table.schema_name)
            try:
                self._connection.execute(
                    f"create view if not exists {quoted(self._warehouse.database)}.{quoted(table.schema_name)}."
                    f"{quoted(table.table_name)} as select * from temp.main.{quoted(table.name)}"
                )
            except duckdb.CatalogException:
                # The model made a table of this name for itself.
                self._connection.unregister(table.name)

    def _make_schema(self, name: str) -> None:
        self._connection.execute(f"create schema if not exists {quoted(self._warehouse.database)}.{quoted(name)}")


def _is_variable(name: str, frame: Any) -> bool:
    """Whether a name is a variable where the model's statement stands."""
    while frame is not None and frame.f_globals.get("__name__") != "dbt_local_python.job":
        if name in frame.f_locals or name in frame.f_globals:
            return True
        frame = frame.f_back
    return False
