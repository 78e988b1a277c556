"""Reading marts of either engine, as of one moment and without being able to change anything."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from tessera.warehouse.connections import (
    WarehouseError,
    connect_duckdb,
    connect_postgres,
    duckdb_path,
    postgres_settings,
)

# What dbt puts behind the name of the schema for layers of models.
_SCHEMAS = {"marts": "", "steps": "_intermediate", "staged": "_staging"}
_READ = re.compile(rf"\{{({'|'.join(_SCHEMAS)})\}}\.(\w+)")
_SQL_TYPES = {
    pa.string(): "text",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
    pa.timestamp("us"): "timestamp",
    pa.date32(): "date",
}
# One snapshot for all tables; a DuckDB file that is open to be read cannot change.
POSTGRES_OPTIONS = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"


def marts_schema() -> str:
    """Return the schema of the marts that the environment names, with the default of profiles.yml."""
    return os.environ.get("TESSERA_SCHEMA") or "analytics"


def open_marts(target: str) -> Marts:
    """Open the marts of a target named by the environment, to read them.

    Parameters
    ----------
    target
        ``duckdb`` or ``postgres``; where they are is said by the variables of `tessera.warehouse.open_warehouse`, the schema by
        `TESSERA_SCHEMA`, default ``analytics``.

    Raises
    ------
    WarehouseError
        If the warehouse cannot be reached.
    """
    schema = marts_schema()
    if target == "postgres":
        return Marts(connect_postgres(**postgres_settings(), options=POSTGRES_OPTIONS), schema, from_postgres)
    return Marts(connect_duckdb(duckdb_path(), read_only=True), schema, from_duckdb)


class Marts:
    """Marts of one warehouse. Use it in a ``with`` block, and keep that short: no build can open the DuckDB file meanwhile.

    Parameters
    ----------
    connection
        Of DuckDB or of ADBC.
    schema
        Of the marts.
    fetch
        Reads the rows of a statement with values over such a connection.
    """

    def __init__(self, connection: Any, schema: str, fetch: Callable[[Any, str, list[Any]], pa.Table]) -> None:
        self._connection = connection
        self._schema = schema
        self._fetch = partial(fetch, connection)
        # A file analytics.duckdb has a schema of the same name as its catalog.
        self._catalog = self._fetch("select current_database() as name", [])["name"][0].as_py()

    def __enter__(self) -> Marts:
        """Give the marts, connected."""
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connection."""
        self._connection.close()

    def read(self, table: str, schema: pa.Schema, where: Mapping[str, str]) -> pa.Table:
        """Read columns of a mart.

        Parameters
        ----------
        table
            Name of the mart.
        schema
            Columns and the types that they are read in; JSON is read as text.
        where
            Column -> the text that it equals.

        Returns
        -------
        pyarrow.Table
            In no order.

        Raises
        ------
        WarehouseError
            If the mart or a column of it is not there.
        """
        conditions = " and ".join(f"{name} = ${number}" for number, name in enumerate(where, start=1)) or "true"
        return self.ask(f"select * from {{marts}}.{table} where {conditions}", schema, *where.values())

    def ask(self, statement: str, schema: pa.Schema, *values: str | int | date) -> pa.Table:
        """Read what a query of marts says.

        Parameters
        ----------
        statement
            A query that both engines read alike; ``{marts}`` stands for the schema of the marts, ``{steps}`` and ``{staged}`` for
            those of intermediate and of staged tables, ``$1`` for the first value.
        schema
            Columns of it and the types that they are read in; JSON is read as text.
        values
            Of the statement.

        Returns
        -------
        pyarrow.Table
            In no order.

        Raises
        ------
        WarehouseError
            If a mart or a column of it is not there.
        """
        import adbc_driver_manager
        import duckdb

        columns = ", ".join(f"cast({field.name} as {_SQL_TYPES[field.type]}) as {field.name}" for field in schema)
        placed = statement
        for name, suffix in _SCHEMAS.items():
            placed = placed.replace(f"{{{name}}}", self._place(suffix))
        try:
            return self._fetch(f"select {columns} from ({placed}) as found", list(values)).cast(schema)
        except (duckdb.Error, adbc_driver_manager.Error) as error:
            read = " and ".join(
                dict.fromkeys(f"{self._schema}{_SCHEMAS[name]}.{table}" for name, table in _READ.findall(statement))
            )
            reason = str(error).splitlines()[0]
            raise WarehouseError(f"Cannot read {read}, which `dbt build` makes: {reason}") from error

    def _place(self, suffix: str) -> str:
        return ".".join('"' + name.replace('"', '""') + '"' for name in (self._catalog, self._schema + suffix))


def from_duckdb(connection: Any, statement: str, values: list[Any]) -> pa.Table:
    """Read the rows of a statement over a connection of DuckDB, in the order that it says.

    Where the order of rows is not kept (preserve_insertion_order), DuckDB 1 reads a relation with values again in any order, and
    DuckDB 2 hands what was executed over in any.
    """
    if int(duckdb.__version__.split(".")[0]) < 2:
        return connection.execute(statement, values).to_arrow_table()
    return connection.sql(statement, params=values).to_arrow_table()


def from_postgres(connection: Any, statement: str, values: list[Any]) -> pa.Table:
    """Read the rows of a statement over a connection of ADBC."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetch_arrow_table()
