"""Relations that a Python model reads more than once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from tessera.warehouse.marts import from_duckdb

_GATHERED_ROWS = 262_144
"""Rows that are put into a table together: each statement has its price."""


class StagedRelation:
    """A relation that is read once, into a temporary table, when more of it than its columns and counts is asked for.

    DuckDB does the sorting and, beyond its memory_limit, the spilling.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        What is read.
    """

    _VIEW, _STAGE, _SELECTED = "relation_read", "temp.main.relation_staged", "*"

    def __init__(self, connection: Any, relation: duckdb.DuckDBPyRelation) -> None:
        self._connection = connection
        self._relation = relation
        self._is_staged = False

    def close(self) -> None:
        """Drop what was staged."""
        self._connection.execute(f"drop table if exists {self._STAGE}")
        self._connection.execute(f"drop view if exists temp.main.{self._VIEW}")
        self._is_staged = False

    def _read(self, statement: str, values: list[Any]) -> pa.Table:
        """The rows of a statement, in the order that it says."""
        return from_duckdb(self._connection, statement, values)

    def _staged(self) -> str:
        """The name of the temporary table."""
        if not self._is_staged:
            self._relation.query(
                self._VIEW, f"create or replace temp table {self._STAGE} as select {self._SELECTED} from {self._VIEW}"
            )
            self._is_staged = True
        return self._STAGE


def gathered(connection: Any, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> duckdb.DuckDBPyRelation:
    """Put batches into a temporary table, a quarter of a million rows at a time, and return it.

    What a Python model returns is read over its own connection, which asks nothing else meanwhile: batches that are made with
    queries of that connection have to be made before.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    name
        Name of the temporary table.
    schema
        Columns of the batches.
    batches
        Rows.
    """
    connection.register("batch_gathered", schema.empty_table())
    connection.execute(f"create or replace temp table {name} as from batch_gathered")
    held: list[pa.RecordBatch] = []

    def put() -> None:
        connection.register("batch_gathered", pa.Table.from_batches(held).combine_chunks())
        connection.execute(f"insert into temp.main.{name} from batch_gathered")
        held.clear()

    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= _GATHERED_ROWS:
            put()
    if held:
        put()
    connection.unregister("batch_gathered")
    return connection.sql(f"from temp.main.{name}")
