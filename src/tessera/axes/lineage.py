"""Which new segment is which old one, and what became of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from tessera.axes.memberships import distances


def match(old: np.ndarray, new: np.ndarray, tolerance: float) -> tuple[dict[int, int], np.ndarray]:
    """Which new centre is which old one: as many pairs within the tolerance as there can be, then the least distance.

    Parameters
    ----------
    old, new
        Centres under one scaler, shapes (m, d) and (k, d).
    tolerance
        Farthest that a segment moves and stays itself: root mean square of standard deviations over the features.

    Returns
    -------
    tuple
        Pairs old -> new, and the distances, shape (m, k). Pairs by the Hungarian method (Kuhn 1955).
    """
    gaps = cdist(old, new) / np.sqrt(old.shape[1])
    # One pair more within the tolerance outweighs any distance of the others.
    beyond = tolerance * (min(gaps.shape) + 1) + 1
    rows, columns = linear_sum_assignment(np.where(gaps <= tolerance, gaps, beyond))
    pairs = {int(row): int(column) for row, column in zip(rows, columns, strict=True) if gaps[row, column] <= tolerance}
    return pairs, gaps


@dataclass(frozen=True)
class Lineage:
    """What became of segments: pairs old -> new that are one segment; old -> new merged into; new -> old split from."""

    kept: dict[int, int]
    merged: dict[int, int]
    split: dict[int, int]
    distances: np.ndarray | None


def lineage(old: np.ndarray, new: np.ndarray, sample: np.ndarray, labels: np.ndarray, tolerance: float) -> Lineage:
    """Tell kept segments from dead, merged, split and new ones.

    Parameters
    ----------
    old, new
        Centres under one scaler and over the features that both have, shapes (m, d) and (k, d).
    sample
        People under the same scaler and features, shape (n, d); a person's old segment is that of the nearest old centre.
    labels
        Their new segments, shape (n,).
    tolerance
        See `match`.

    Returns
    -------
    Lineage
        An old segment that is not kept is merged into the kept one in which more than half of its people are; a new one is
        split from the kept one from which more than half of its people came.
    """
    kept, gaps = match(old, new, tolerance)
    came_from = distances(sample, old).argmin(axis=1)
    people = np.bincount(came_from * len(new) + labels, minlength=len(old) * len(new)).reshape(len(old), len(new))
    survivors = {new_segment: old_segment for old_segment, new_segment in kept.items()}
    merged = {
        segment: target
        for segment, target in enumerate(_majorities(people))
        if target is not None and segment not in kept and target in survivors
    }
    split = {
        segment: origin
        for segment, origin in enumerate(_majorities(people.T))
        if origin is not None and segment not in survivors and origin in kept
    }
    return Lineage(kept, merged, split, gaps)


def _majorities(people: np.ndarray) -> Sequence[int | None]:
    """The column that holds more than half of each row's people, if any."""
    best = people.argmax(axis=1)
    return [int(column) if row[column] * 2 > row.sum() else None for row, column in zip(people, best, strict=True)]
