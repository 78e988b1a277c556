"""A demo shop whose truth is known: raw tables of any size, and tables that say how they came about.

People buy by a BG/NBD process with Gamma-Gamma spend, browse, read mails and send things back, each by the types they
were given on 14 axes and by what they come for (`habits`); visitors whom nobody knows come on top. A loader then makes
known mistakes. `truth_*` tables hold what was planted.

The same configuration gives the same rows. Every chunk of people draws from its own random state, so chunks may be made
in any order, or alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from tessera.demo.axes import AXES
from tessera.demo.chunks import chunk_tables
from tessera.demo.config import DemoConfig
from tessera.demo.dirt import Tally
from tessera.demo.dirt_kinds import DIRT_FATES
from tessera.demo.schemas import RAW_SCHEMAS, truth_schemas
from tessera.demo.shop import Store
from tessera.demo.store_tables import store_tables
from tessera.demo.truth import parameter_row, tally_tables

if TYPE_CHECKING:
    from tessera.warehouse import Warehouse

TRUTH_SCHEMAS = truth_schemas(list(AXES))
SCHEMAS = {**RAW_SCHEMAS, **TRUTH_SCHEMAS}

__all__ = [
    "AXES",
    "DIRT_FATES",
    "RAW_SCHEMAS",
    "SCHEMAS",
    "TRUTH_SCHEMAS",
    "DemoConfig",
    "generate",
    "generate_chunk",
    "load_demo",
]


def generate_chunk(config: DemoConfig, store: int, chunk: int) -> tuple[dict[str, pa.Table], Tally]:
    """Make the rows of one chunk of people.

    Parameters
    ----------
    config
        The run.
    store, chunk
        Numbers from 0; `DemoConfig.chunks_of` says how many chunks a store has.

    Returns
    -------
    tables, tally
        Tables by name, and what was planted in them.
    """
    return chunk_tables(Store(config, store), chunk)


def generate(config: DemoConfig) -> Iterator[tuple[str, pa.Table]]:
    """Make all rows, a chunk of one table at a time.

    Parameters
    ----------
    config
        The run.

    Yields
    ------
    name, rows
        Each table has one schema (`SCHEMAS`) in all of its chunks; a table may come in many chunks and, where a chunk
        has none of its rows, with no rows. The counts of what was planted come last.
    """
    tally = Tally()
    parameters = []
    for index in range(config.stores):
        store = Store(config, index)
        parameters.append(parameter_row(store))
        yield from store_tables(store, tally).items()
        for chunk in range(len(config.chunks_of(index))):
            tables, planted = chunk_tables(store, chunk)
            tally.update(planted)
            while tables:
                # Handed on, not kept: one chunk at a time is in memory.
                yield tables.popitem()
    yield "truth_parameters", pa.Table.from_pylist(parameters, schema=TRUTH_SCHEMAS["truth_parameters"])
    yield from tally_tables(tally, TRUTH_SCHEMAS).items()


def load_demo(config: DemoConfig, warehouse: Warehouse) -> dict[str, int]:
    """Write the demo into a warehouse, replacing the tables it writes.

    Parameters
    ----------
    config
        The run.
    warehouse
        An open warehouse.

    Returns
    -------
    dict of str to int
        Rows by table.
    """
    warehouse.create_schema()
    # A table that this run does not have (a single store keeps no rows of refunds) must not stay from an earlier one.
    for name in SCHEMAS:
        warehouse.drop_table(name)
    written: dict[str, int] = {}
    for name, rows in generate(config):
        written[name] = written.get(name, 0) + warehouse.write(name, rows, replace=name not in written)
    return written
