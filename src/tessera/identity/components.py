"""Who is who: connected components over the identifiers that raw rows link together, with guards.

The method, in four steps, none of which depends on the order of the rows:

1. Customer ids that are said to be one person (an equal external id, a row of `identities`) are put together, unless
   that would give one person more customer ids than a limit.
2. A value that is linked to more customers than a limit says nothing about anybody (an address of a whole office) and stands
   alone. So does a device of more people than a limit (a kiosk), whatever identifies them: people are what hangs together
   without any device.
3. What is left are connected components. Where one of them would still join two customers, only a minimum spanning
   forest of it counts, grown from the customers along the links of the best rank: Kruskal's algorithm with the customers
   contracted to one root, which refuses just those links that would join two customers over worse evidence than what
   already holds each of them.
4. The worst linked values of a kind beyond what one person may have stand alone.

Graphs are scipy's (`connected_components`, `minimum_spanning_tree`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.identity.graph import CUSTOMER, DEVICE, STATUSES, TOO_MANY, Graph
from tessera.identity.limits import Limits

COMPONENTS = pa.schema(
    [
        ("store_id", pa.string()),
        ("identifier", pa.string()),
        ("component", pa.string()),
        ("component_size", pa.int64()),
        ("status", pa.string()),
    ]
)


def resolve(links: pa.Table, limits: Limits) -> pa.Table:
    """Put identifiers together that belong to one person.

    Parameters
    ----------
    links
        One row per link: `store_id`, `left_identifier` and `right_identifier` (kind, colon, value), `priority` (1 is the
        best evidence), `first_at` (when it was first seen, may be null) and `joins_customers` (whether the link may put
        two customer ids together). A link may come several times; its best row counts.
    limits
        When a value or a person has too much.

    Returns
    -------
    pyarrow.Table
        One row per identifier of the links, in the order of store and identifier: `store_id`, `identifier`, `component`
        (the first identifier of the component in byte order), `component_size` (identifiers), and `status`: `ok`,
        `shared` (linked to more customers or people than it may be) or `too_many` (more of the kind than a person may have). The
        last two stand alone.

    Raises
    ------
    ValueError
        If a value of a key column is null.
    """
    keys = links.select(["store_id", "left_identifier", "right_identifier"])
    if any(column.null_count for column in keys.columns):
        raise ValueError("links: store_id, left_identifier and right_identifier must not be null")
    if links.num_rows == 0:
        return COMPONENTS.empty_table()
    names, left, right = _numbers(keys)
    graph = Graph(names["identifier"], left, right, links)
    status = np.zeros(names.num_rows, dtype=np.int8)

    persons = graph.customer_groups(limits.per_person.get(CUSTOMER))
    customers = np.where(graph.is_customer, persons, -1)
    for kind, most in limits.shared_above.items():
        if kind != DEVICE:
            graph.isolate_shared(kind, most, persons, customers, status)
    if DEVICE in limits.shared_above:
        graph.isolate_shared(DEVICE, limits.shared_above[DEVICE], persons, graph.people(persons), status)
    kept = graph.one_person_each(persons, np.ones(len(graph.left), dtype=bool))
    components = graph.components(kept)
    worst = graph.beyond(components, kept, limits.per_person)
    if worst.any():
        status[worst] = STATUSES.index(TOO_MANY)
        kept &= ~(worst[graph.left] | worst[graph.right])
        components = graph.components(kept)
    return _table(names, components, status)


def _numbers(keys: pa.Table) -> tuple[pa.RecordBatch, np.ndarray, np.ndarray]:
    """Number identifiers in the byte order of store and identifier: those two of each, and both ends of every link."""
    stores, store = _ranked(keys["store_id"].cast(pa.large_string()))
    identifiers, end = _ranked(
        pa.chunked_array(
            [
                *keys["left_identifier"].cast(pa.large_string()).chunks,
                *keys["right_identifier"].cast(pa.large_string()).chunks,
            ],
            pa.large_string(),
        )
    )
    # An identifier is one of its store: two numbers, and no text that both are joined to.
    codes, number = _ranked(pa.chunked_array([np.tile(store, 2).astype(np.int64) * len(identifiers) + end]))
    store, end = np.divmod(codes.to_numpy(), len(identifiers))
    names = pa.record_batch({"store_id": stores.take(pa.array(store)), "identifier": identifiers.take(pa.array(end))})
    return names, number[: keys.num_rows], number[keys.num_rows :]


def _ranked(values: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Distinct values in order, and the place of every value among them."""
    encoded = values.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return encoded.dictionary.take(pa.array(order)), rank[encoded.indices.to_numpy(zero_copy_only=False)]


def _table(names: pa.RecordBatch, components: np.ndarray, status: np.ndarray) -> pa.Table:
    """Write the result out: names are in byte order, so the first of a component is its smallest number."""
    first = np.full(components.max() + 1, len(components), dtype=np.int64)
    np.minimum.at(first, components, np.arange(len(components)))
    identifier = names["identifier"]
    return pa.table(
        [
            names["store_id"].cast(pa.string()),
            identifier.cast(pa.string()),
            identifier.take(pa.array(first[components])).cast(pa.string()),
            pa.array(np.bincount(components)[components]),
            pa.DictionaryArray.from_arrays(pa.array(status), pa.array(STATUSES)).cast(pa.string()),
        ],
        schema=COMPONENTS,
    )
