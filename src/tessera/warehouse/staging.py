"""Relations that a Python model reads more than once."""

from __future__ import annotations

from typing import Any

import duckdb


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

    _VIEW, _STAGE = "relation_read", "temp.main.relation_staged"

    def __init__(self, connection: Any, relation: duckdb.DuckDBPyRelation) -> None:
        self._connection = connection
        self._relation = relation
        self._is_staged = False

    def close(self) -> None:
        """Drop what was staged."""
        self._connection.execute(f"drop table if exists {self._STAGE}")
        self._connection.execute(f"drop view if exists temp.main.{self._VIEW}")
        self._is_staged = False

    def _staged(self) -> str:
        """The name of the temporary table."""
        if not self._is_staged:
            self._relation.query(self._VIEW, f"create or replace temp table {self._STAGE} as from {self._VIEW}")
            self._is_staged = True
        return self._STAGE
