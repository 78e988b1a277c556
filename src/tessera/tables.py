"""What the Python models share in reading tables: settings of one row, columns of numbers, and features staged for a fit."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

T = TypeVar("T")


def from_one_row(kind: type[T], table: pa.Table) -> T:
    """Make a dataclass of a table of one row; columns that are absent or null have their defaults, others are ignored.

    Raises
    ------
    ValueError
        If there is not one row, or the dataclass refuses a value.
    """
    if table.num_rows != 1:
        raise ValueError(f"settings must be one row, not {table.num_rows}")
    row = {name: float(value) if isinstance(value, Decimal) else value for name, value in table.to_pylist()[0].items()}
    return kind(**{known.name: row[known.name] for known in fields(kind) if row.get(known.name) is not None})


def doubles(rows: pa.Table | pa.RecordBatch, column: str) -> np.ndarray:
    """A column as doubles, null as NaN; shape (n,)."""
    return rows.column(column).cast(pa.float64()).to_numpy(zero_copy_only=False)


def truths(rows: pa.Table | pa.RecordBatch, column: str) -> np.ndarray:
    """A column of truth values, false where it is null; shape (n,)."""
    return np.array(pc.fill_null(rows.column(column), False).to_numpy(zero_copy_only=False), dtype=bool)


def is_known(rows: pa.Table, feature: str) -> np.ndarray:
    """Of whom a feature is known: of everybody where no column <feature>_is_known says otherwise; shape (n,)."""
    known = f"{feature}_is_known"
    return truths(rows, known) if known in rows.column_names else np.ones(rows.num_rows, dtype=bool)


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
