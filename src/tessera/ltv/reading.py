"""Features of predictions from a warehouse, through DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import pyarrow as pa

from tessera.ltv.settings import BEHAVIOUR, HISTORY, HOLDOUT, LABELS, NOW
from tessera.warehouse import StagedRelation


class Reader(Protocol):
    """Where features come from."""

    def stores(self) -> dict[str, int]:
        """Store -> people who have ordered more than once by now, by store."""

    def buyers(self, store_id: str, cutoff: str, columns: Sequence[str]) -> pa.Table:
        """Everybody of a store who had ordered by a cutoff, in the order of their ids."""

    def sample(self, store_id: str, cutoff: str, has_ordered: bool, columns: Sequence[str], people: int) -> pa.Table:
        """Of those who had ordered by a cutoff, or had not, the ones of the smallest sample keys, in that order."""

    def close(self) -> None:
        """Let go of what was kept for reading."""


class PredictionReader(StagedRelation):
    """Features of predictions, read through a DuckDB connection.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        Features, one row per store_id, customer_id and cutoff. Only the stores are read before more is asked for; what a fit
        needs is then read once, into a temporary table.
    """

    _VIEW, _STAGE = "ltv_features_read", "temp.main.ltv_features_to_fit"

    def stores(self) -> dict[str, int]:
        """Store -> people who have ordered more than once by now, by store."""
        repeat = "count(*) filter (where cutoff = 'now' and frequency > 0)"
        return dict(self._relation.aggregate(f"store_id, {repeat}", "store_id").order("store_id").fetchall())

    def buyers(self, store_id: str, cutoff: str, columns: Sequence[str]) -> pa.Table:
        """Everybody of a store who had ordered by a cutoff, in the order of their ids; columns as asked."""
        return self._read(
            f"select {', '.join(columns)} from {self._staged()} where store_id = ? and cutoff = ? and frequency is not null "
            "order by customer_id",
            [store_id, cutoff],
        )

    def sample(self, store_id: str, cutoff: str, has_ordered: bool, columns: Sequence[str], people: int) -> pa.Table:
        """Of those who had ordered by a cutoff, or had not, the ones of the smallest sample keys, in that order."""
        return self._read(
            f"select {', '.join(columns)} from {self._staged()} where store_id = ? and cutoff = ? "
            f"and frequency is {'not ' if has_ordered else ''}null order by sample_key, customer_id limit {people:d}",
            [store_id, cutoff],
        )


SAMPLE = ("store_id", "customer_id", "cutoff", *HISTORY, *BEHAVIOUR, *LABELS)


def buyers_sample(read: Reader, store_ids: Iterable[str], people: int) -> pa.Table:
    """What the challengers of some stores learn from: buyers at the holdout cutoff with what they did next, and those of now.

    Parameters
    ----------
    read
        Features.
    store_ids
        Stores that need it.
    people
        Most people of a store and cutoff, `fit_sample`.

    Returns
    -------
    pyarrow.Table
        Columns as in `SAMPLE`, by store, cutoff and sample key.
    """
    empty = pa.schema([(name, pa.string() if name in SAMPLE[:3] else pa.float64()) for name in SAMPLE]).empty_table()
    found = [
        read.sample(store_id, cutoff, True, SAMPLE, people).cast(empty.schema)
        for store_id in sorted(store_ids)
        for cutoff in (HOLDOUT, NOW)
    ]
    return pa.concat_tables([empty, *found])
