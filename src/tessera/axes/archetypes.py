"""Archetypes: how much a person is of each of the most frequent combinations of dominant segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MEMBERSHIPS = pa.schema(
    [
        ("store_id", pa.string()),
        ("customer_id", pa.string()),
        ("archetype_id", pa.string()),
        ("membership", pa.float64()),
        ("is_exact", pa.bool_()),
        ("archetype_memberships", pa.list_(pa.float64())),
    ]
)
DECIMALS = 12


def archetype_memberships(fingerprints: np.ndarray, combinations: np.ndarray) -> np.ndarray:
    """Give the membership in every archetype: the product of the memberships in its segments, normalised.

    Parameters
    ----------
    fingerprints
        Memberships of people in segments, shape (people, segments), at least 0.
    combinations
        Columns of `fingerprints` that each archetype is made of, shape (archetypes, axes).

    Returns
    -------
    numpy.ndarray
        Shape (people, archetypes); rows add up to 1. Products are made of logarithms, so that they never vanish all at
        once; who has none of any archetype's segments is of each alike.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(fingerprints)
    sums = sum(logs[:, columns] for columns in combinations.T)
    top = sums.max(axis=1, keepdims=True)
    shares = np.exp(np.where(np.isneginf(top), 0.0, sums - np.where(np.isneginf(top), 0.0, top)))
    return shares / shares.sum(axis=1, keepdims=True)


def score_archetypes(people: pa.RecordBatchReader, archetypes: pa.Table, segments: pa.Table) -> pa.RecordBatchReader:
    """Place people among the archetypes of their store, batch by batch.

    Parameters
    ----------
    people
        store_id, customer_id, segment_ids (the person's own combination, joined by commas) and fingerprint (memberships
        in all of the store's segments, by `fingerprint_position`; null where the person is not on the axis).
    archetypes
        store_id, archetype_number (from 1), archetype_id, segment_ids (list).
    segments
        store_id, segment_id and fingerprint_position (from 1) of the current segments.

    Returns
    -------
    pyarrow.RecordBatchReader
        `MEMBERSHIPS`, one row a person: the own archetype where it is among those kept (`is_exact`), else the one with
        the highest membership (ties: the more frequent), and the memberships in order of archetype_number, rounded to
        12 decimals.
    """
    position = {(row["store_id"], row["segment_id"]): row["fingerprint_position"] - 1 for row in segments.to_pylist()}
    stores: dict[str, list[dict[str, Any]]] = {}
    for row in archetypes.sort_by([("store_id", "ascending"), ("archetype_number", "ascending")]).to_pylist():
        stores.setdefault(row["store_id"], []).append(row)
    combinations = {
        store: np.array([[position[store, segment] for segment in row["segment_ids"]] for row in rows])
        for store, rows in stores.items()
    }

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in people:
            for store, rows in stores.items():
                mine = batch.filter(pc.equal(batch["store_id"], store))
                if mine.num_rows:
                    yield _placed(
                        mine,
                        [row["archetype_id"] for row in rows],
                        [",".join(row["segment_ids"]) for row in rows],
                        combinations[store],
                    )

    return pa.RecordBatchReader.from_batches(MEMBERSHIPS, batches())


def _placed(people: pa.RecordBatch, ids: list[str], own: list[str], combinations: np.ndarray) -> pa.RecordBatch:
    fingerprint = people["fingerprint"]
    width = len(fingerprint.flatten()) // len(fingerprint)
    matrix = fingerprint.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
    shares = np.round(archetype_memberships(matrix, combinations), DECIMALS)
    number = pc.index_in(people["segment_ids"], value_set=pa.array(own))
    is_exact = pc.is_valid(number).to_numpy(zero_copy_only=False)
    best = np.where(is_exact, pc.fill_null(number, 0).to_numpy(zero_copy_only=False), shares.argmax(axis=1))
    columns = [
        people["store_id"],
        people["customer_id"],
        pa.array(ids).take(pa.array(best)),
        pa.array(shares[np.arange(len(best)), best]),
        pa.array(is_exact),
        pa.ListArray.from_arrays(np.arange(len(best) + 1, dtype=np.int32) * len(ids), pa.array(shares.ravel())),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=MEMBERSHIPS)
