"""Features from a warehouse, through DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa

from tessera.warehouse import StagedRelation

_BATCH_ROWS = 65_536
Group = tuple[str, ...]


class Reader(Protocol):
    """Where features come from. A group are the people of whom some columns, its members, are all true."""

    def columns(self) -> Sequence[str]:
        """Names of the columns."""

    def counts(self, groups: Sequence[Group]) -> dict[str, dict[Group, int]]:
        """Store -> group -> how many people are in it, by store."""

    def sample(self, store_id: str, group: Group, columns: Sequence[str], people: int) -> pa.Table:
        """The people of the smallest sample keys, in the order of their ids."""

    def batches(self, store_id: str, group: Group, columns: Sequence[str]) -> Iterable[pa.RecordBatch]:
        """Everybody of a group, in any order."""

    def bounds(self, store_id: str, group: Group, column: str, share: float) -> tuple[float, float]:
        """Values of a column that this share of a group, from 0 to 0.5, lies at or below, and at or above."""

    def close(self) -> None:
        """Let go of what was kept for reading."""


class FeatureReader(StagedRelation):
    """Features of axes, read through a DuckDB connection.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        Features: store_id, customer_id, sample_key, in_<population>, and a column each. Nothing of it is read before it is
        asked for; what a fit needs is then read once, into a temporary table.
    """

    _VIEW, _STAGE = "axis_features_read", "temp.main.axis_features_to_fit"

    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        return self._relation.columns

    def counts(self, groups: Sequence[Group]) -> dict[str, dict[Group, int]]:
        """Store -> group -> how many people are in it, by store."""
        counts = ", ".join(f"count(*) filter (where {_all(group)})" for group in groups)
        rows = self._relation.aggregate(f"store_id, {counts}", "store_id").order("store_id").fetchall()
        return {store_id: dict(zip(groups, people, strict=True)) for store_id, *people in rows}

    def sample(self, store_id: str, group: Group, columns: Sequence[str], people: int) -> pa.Table:
        """The people of the smallest sample keys, in the order of their ids; columns as asked."""
        chosen = (
            f"select customer_id, {_list(columns)} from {self._staged()} where store_id = ? and {_all(group)} "
            f"order by sample_key, customer_id limit {people:d}"
        )
        return self._read(f"select {_list(columns)} from ({chosen}) order by customer_id", [store_id])

    def batches(self, store_id: str, group: Group, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Everybody of a group, in any order; columns as asked."""
        yield from self._connection.sql(
            f"select {_list(columns)} from {self._staged()} where store_id = ? and {_all(group)}",
            params=[store_id],
        ).to_arrow_reader(_BATCH_ROWS)

    def bounds(self, store_id: str, group: Group, column: str, share: float) -> tuple[float, float]:
        """Values of a column that this share of a group, from 0 to 0.5, lies at or below, and at or above; exactly."""
        found = f"quantile_disc(cast({_quoted(column)} as double), [{share!r}, {1 - share!r}])"
        ((found,),) = self._connection.execute(
            f"select {found} from {self._staged()} where store_id = ? and {_all(group)}", [store_id]
        ).fetchall()
        return tuple(found)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _list(columns: Sequence[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _all(group: Group) -> str:
    return " and ".join(map(_quoted, group))
