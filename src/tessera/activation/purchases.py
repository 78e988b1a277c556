"""What each person bought, from a warehouse, person by person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from tessera.warehouse import StagedRelation

BLOCK_PEOPLE = 4_096


@dataclass(frozen=True)
class Histories:
    """What some people bought.

    Attributes
    ----------
    people
        Their ids, ascending; n of them.
    bought
        Ones where a person bought a product, shape (n, products).
    first_day
        Of each stored one of `bought`, the day on which the person first bought it, counted from 1970.
    """

    people: pa.Array
    bought: sparse.csr_matrix
    first_day: np.ndarray

    def before(self, day: int) -> sparse.csr_matrix:
        """What they had bought before a day, shape (n, products)."""
        return self._where(self.first_day < day)

    def since(self, day: int) -> sparse.csr_matrix:
        """What they bought from a day on and never before, shape (n, products)."""
        return self._where(self.first_day >= day)

    def _where(self, chosen: np.ndarray) -> sparse.csr_matrix:
        ends = np.concatenate(([0], np.cumsum(chosen)))[self.bought.indptr]
        return sparse.csr_matrix((self.bought.data[chosen], self.bought.indices[chosen], ends), shape=self.bought.shape)


class PurchaseReader(StagedRelation):
    """Purchases, read through a DuckDB connection, a block of whole people at a time.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        store_id, customer_id, product_id, first_purchased_on (a date): one row per person and product.
    """

    _VIEW, _STAGE = "purchases_read", "temp.main.purchases_staged"
    _SELECTED = (
        "store_id, customer_id, product_id, cast(first_purchased_on as date) as first_purchased_on, "
        "dense_rank() over (order by store_id, customer_id) as person_number"
    )

    def stores(self) -> list[str]:
        """Stores that sold something, in order."""
        rows = self._connection.sql(f"select distinct store_id from {self._staged()} order by store_id").fetchall()
        return [store_id for (store_id,) in rows]

    def products(self, store_id: str) -> list[str]:
        """Products that a store sold, in order."""
        rows = self._connection.execute(
            f"select distinct product_id from {self._staged()} where store_id = ? order by product_id", [store_id]
        ).fetchall()
        return [product_id for (product_id,) in rows]

    def blocks(self, store_id: str, products: Sequence[str]) -> Iterator[Histories]:
        """A store's people in the order of their ids, `BLOCK_PEOPLE` at a time; each block is a query of its own.

        Parameters
        ----------
        store_id
            The store.
        products
            Products in the order of the columns; what is none of them is left out.
        """
        ((first, last),) = self._connection.execute(
            f"select min(person_number), max(person_number) from {self._staged()} where store_id = ?", [store_id]
        ).fetchall()
        known = pa.array(products, pa.string())
        for start in range(first or 0, (last or -1) + 1, BLOCK_PEOPLE):
            rows = self._read(
                f"select customer_id, product_id, first_purchased_on from {self._staged()} "
                "where person_number between ? and ? order by person_number, product_id",
                [start, min(start + BLOCK_PEOPLE - 1, last)],
            )
            yield _histories(rows, known)


def _histories(rows: pa.Table, products: pa.Array) -> Histories:
    rows = rows.combine_chunks()
    column = pc.index_in(rows["product_id"], value_set=products)
    days = rows["first_purchased_on"].cast(pa.date32()).cast(pa.int32()).to_numpy()
    people = rows["customer_id"].cast(pa.string()).combine_chunks()
    encoded = people.dictionary_encode()
    number = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    columns = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)[known].astype(np.int32)
    ends = np.concatenate(([0], np.cumsum(np.bincount(number[known], minlength=len(encoded.dictionary)))))
    ones = np.ones(len(columns), dtype=np.float32)
    shape = (len(encoded.dictionary), len(products))
    return Histories(encoded.dictionary, sparse.csr_matrix((ones, columns, ends), shape=shape), days[known])


class MemberReader(StagedRelation):
    """Segments of people, read through a DuckDB connection.

    Parameters
    ----------
    connection
        The session of a dbt Python model, or any DuckDB connection.
    relation
        store_id, customer_id, segment_id: one row per person and segment that they are in.
    """

    _VIEW, _STAGE = "members_read", "temp.main.members_staged"

    def segment_count(self, store_id: str) -> int:
        """How many segments of a store have members."""
        return len(self._segments(store_id))

    def block(self, store_id: str, people: pa.Array) -> sparse.csr_matrix:
        """Ones where somebody is in a segment, shape (people, segments); people: ids, ascending, one at least."""
        rows = self._read(
            f"select customer_id, segment_id from {self._staged()} where store_id = ? and customer_id between ? and ?",
            [store_id, people[0].as_py(), people[-1].as_py()],
        )
        person = pc.index_in(rows["customer_id"].cast(pa.string()), value_set=people)
        segments = self._segments(store_id)
        segment = pc.index_in(rows["segment_id"].cast(pa.string()), value_set=segments)
        known = pc.is_valid(person)
        row, col = person.filter(known).to_numpy(), segment.filter(known).to_numpy()
        return sparse.csr_matrix((np.ones(len(row), np.float32), (row, col)), shape=(len(people), len(segments)))

    def _segments(self, store_id: str) -> pa.Array:
        rows = self._connection.execute(
            f"select distinct segment_id from {self._staged()} where store_id = ? order by segment_id", [store_id]
        ).fetchall()
        return pa.array([segment_id for (segment_id,) in rows], pa.string())
