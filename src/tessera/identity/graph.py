"""Identifiers and what links them, as a graph of numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from tessera.tables import truths

CUSTOMER, DEVICE = "customer", "anon"
OK, SHARED, TOO_MANY = "ok", "shared", "too_many"
STATUSES = (OK, SHARED, TOO_MANY)


class Graph:
    """Identifiers as numbers in byte order, and links between them, each pair once, from the best to the worst."""

    def __init__(self, identifiers: pa.Array, left: np.ndarray, right: np.ndarray, links: pa.Table) -> None:
        self.size = len(identifiers)
        kinds = pc.list_element(pc.split_pattern(identifiers, ":", max_splits=1), 0).dictionary_encode()
        self.kinds = kinds.dictionary.to_pylist()
        self.kind = kinds.indices.to_numpy(zero_copy_only=False).astype(np.int16)
        self.is_customer = self._is_of(CUSTOMER)
        low, high = np.minimum(left, right), np.maximum(left, right)
        priority = links["priority"].to_numpy().astype(np.int32)
        seen = pc.fill_null(links["first_at"].cast(pa.timestamp("us")).cast(pa.int64()), np.iinfo(np.int64).max).to_numpy()
        joins = truths(links, "joins_customers")

        pair = low.astype(np.int64) * self.size + high
        joining = _distinct(pair[joins])
        best = np.lexsort((seen, priority, pair))
        first = np.ones(len(best), dtype=bool)
        first[1:] = pair[best][1:] != pair[best][:-1]
        best = best[first]
        best = best[low[best] != high[best]]
        # A link's number is its rank: priority, then time, then names, so that no two are equal.
        best = best[np.lexsort((pair[best], seen[best], priority[best]))]
        self.left, self.right = low[best], high[best]
        self.joins = np.isin(pair[best], joining, assume_unique=True)

    def components(self, kept: np.ndarray) -> np.ndarray:
        """Number of the component of every identifier, along the links that are kept; shape (size,)."""
        links = coo_array(
            (np.ones(int(kept.sum()), dtype=np.int8), (self.left[kept], self.right[kept])), shape=(self.size, self.size)
        )
        return connected_components(links, directed=False)[1]

    def customer_groups(self, most: int | None) -> np.ndarray:
        """Person of every identifier that joins customers, or of a customer by itself; -1 of the rest; shape (size,).

        Joining links of a value that more than `most` customers share are no longer joining, nor are those of a chain of
        values that would put more than `most` customers together.
        """
        if most is not None:
            customers = np.where(self.is_customer, np.arange(self.size), -1)
            self.joins &= ~self._ends_in(self._count_linked(self.joins, customers) > most)
            groups = self.components(self.joins)
            count = np.bincount(groups[self.is_customer], minlength=groups.max() + 1)
            self.joins &= ~self._ends_in(count[groups] > most)
        groups = self.components(self.joins)
        has_customer = np.zeros(groups.max() + 1, dtype=bool)
        has_customer[groups[self.is_customer]] = True
        persons = np.where(has_customer[groups], groups, -1)
        self.joins &= persons[self.left] >= 0
        return persons

    def people(self, persons: np.ndarray) -> np.ndarray:
        """Person of every identifier by what hangs together without devices, -1 of devices; shape (size,)."""
        is_device = self._is_of(DEVICE)
        among = ~self._ends_in(is_device)
        return np.where(is_device, -1, self.components(self.one_person_each(persons, among)))

    def isolate_shared(self, kind: str, most: int, persons: np.ndarray, counted: np.ndarray, status: np.ndarray) -> None:
        """Take away the links of values of a kind that more than `most` of those `counted` share; of a person's own none."""
        shared = self._is_of(kind) & (persons < 0) & (self._count_linked(np.ones(len(self.left), dtype=bool), counted) > most)
        if shared.any():
            status[shared] = STATUSES.index(SHARED)
            stays = ~self._ends_in(shared)
            self.left, self.right, self.joins = self.left[stays], self.right[stays], self.joins[stays]

    def one_person_each(self, persons: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Which of the links `among` are kept, so that no component holds two persons; shape (links,)."""
        kept = among.copy()
        components = self.components(kept)
        # Components with more than one person: the lowest and the highest number in them differ.
        known = persons >= 0
        lowest = np.full(components.max() + 1, np.iinfo(np.int32).max, dtype=np.int32)
        highest = np.full(components.max() + 1, -1, dtype=np.int32)
        np.minimum.at(lowest, components[known], persons[known])
        np.maximum.at(highest, components[known], persons[known])
        contested = np.flatnonzero(among & (lowest < highest)[components[self.left]] & ~self.joins)
        if not len(contested):
            return kept
        # Every person's identifiers are the root, 0; the others are numbered from 1.
        endpoints = np.concatenate([self.left[contested], self.right[contested]])
        vertices = _distinct(endpoints[persons[endpoints] < 0])
        number = np.where(persons[endpoints] >= 0, 0, np.searchsorted(vertices, endpoints) + 1)
        low, high = np.minimum(*np.split(number, 2)), np.maximum(*np.split(number, 2))
        kept[contested] = False
        inner = np.flatnonzero(low != high)
        # Parallel links to the root: the best comes first, because links are in the order of their rank.
        _, first = np.unique(low[inner].astype(np.int64) * (len(vertices) + 1) + high[inner], return_index=True)
        inner = inner[first]
        weights = coo_array((contested[inner] + 1.0, (low[inner], high[inner])), shape=(len(vertices) + 1,) * 2)
        kept[minimum_spanning_tree(weights.tocsr()).data.astype(np.int64) - 1] = True
        # A link inside one person says nothing new and refuses nothing.
        same = persons[self.left[contested]] == persons[self.right[contested]]
        kept[contested[same & (persons[self.left[contested]] >= 0)]] = True
        # So does a link between two ends that came together anyway.
        components = self.components(kept)
        kept[contested[components[self.left[contested]] == components[self.right[contested]]]] = True
        return kept

    def beyond(self, components: np.ndarray, kept: np.ndarray, limits: Mapping[str, int]) -> np.ndarray:
        """Which identifiers are the worst linked of a kind of which their component has too many; shape (size,)."""
        worst = np.zeros(self.size, dtype=bool)
        rank = np.full(self.size, len(self.left))
        kept_links = np.flatnonzero(kept)
        np.minimum.at(rank, self.left[kept_links], kept_links)
        np.minimum.at(rank, self.right[kept_links], kept_links)
        for kind, most in limits.items():
            if kind == CUSTOMER or kind not in self.kinds:
                continue
            members = np.flatnonzero(self.kind == self.kinds.index(kind))
            count = np.bincount(components[members], minlength=components.max() + 1)
            members = members[count[components[members]] > most]
            members = members[np.lexsort((members, rank[members], components[members]))]
            start = np.searchsorted(components[members], components[members])
            worst[members[np.arange(len(members)) - start >= most]] = True
        return worst

    def _ends_in(self, marked: np.ndarray) -> np.ndarray:
        """Links with an end among the marked identifiers; shape (links,)."""
        return marked[self.left] | marked[self.right]

    def _is_of(self, kind: str) -> np.ndarray:
        """Which identifiers are of a kind; shape (size,)."""
        return self.kind == (self.kinds.index(kind) if kind in self.kinds else -1)

    def _count_linked(self, links: np.ndarray, persons: np.ndarray) -> np.ndarray:
        """How many persons every identifier is linked to by some of the links; -1 is nobody; shape (size,)."""
        value = np.concatenate([self.left[links], self.right[links]])
        person = persons[np.concatenate([self.right[links], self.left[links]])]
        known = person >= 0
        pairs = _distinct(value[known].astype(np.int64) * self.size + person[known])
        return np.bincount(pairs // self.size, minlength=self.size)


def _distinct(numbers: np.ndarray) -> np.ndarray:
    """Distinct numbers, ascending, by sorting: `np.unique` hashes whole numbers, in sixteen times as long."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
