"""Which recommender a store goes by: what each would have recommended before the last days, held against what came in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import md5
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from tessera.activation.ease import count, ease_weights, lift_weights, most_bought
from tessera.activation.listing import best_products, by_popularity, trend
from tessera.activation.purchases import BLOCK_PEOPLE, Histories, PurchaseReader
from tessera.activation.settings import RecommendationSettings
from tessera.refits import is_due
from tessera.tables import from_one_row

Row = dict[str, Any]
RECOMMENDERS = pa.schema(
    [
        ("store_id", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("recommender", pa.string()),
        ("is_chosen", pa.bool_()),
        ("reason", pa.string()),
        ("judged_customers", pa.int64()),
        ("hit_rate", pa.float64()),
        ("recall", pa.float64()),
        ("coverage", pa.float64()),
        ("customers", pa.int64()),
        ("products", pa.int64()),
    ]
)
EASE, LIFT, POPULAR, BESTSELLERS = "ease", "lift", "popular", "bestsellers"
# Lists are judged by so many products, of so many people at most and at least, and a difference by one side of 5%.
AT, _MOST_JUDGED, _LEAST_JUDGED, _ONE_SIDE = 10, 20_000, 50, 1.645
# Late buyers are those of so many days.
RECENT_DAYS = 30
_EPOCH = date(1970, 1, 1)


def judge_recommenders(read: PurchaseReader, settings: pa.Table, earlier: pa.Table) -> pa.Table:
    """Judge the recommenders of the stores that are due tonight.

    What people bought before the last `holdout_days` recommends, and what they bought for the first time in those days judges.
    A recommender is chosen where its lists hit more people than the better of two popularities, by more than chance does.

    Parameters
    ----------
    read
        Purchases.
    settings
        One row, see `RecommendationSettings`.
    earlier
        Rows of this ledger. Those from before tonight count.

    Returns
    -------
    pyarrow.Table
        Four rows a store, of columns as in `RECOMMENDERS`; what could not be judged has no numbers.
    """
    chosen = from_one_row(RecommendationSettings, settings)
    last = last_judged(earlier, chosen.as_of, is_before=True)
    rows: list[Row] = []
    for store_id in read.stores():
        if is_due(chosen, last.get(store_id)):
            rows += _judge_store(read, store_id, chosen)
    read.close()
    return pa.Table.from_pylist(rows, schema=RECOMMENDERS)


def last_judged(ledger: pa.Table, as_of: datetime, is_before: bool = False) -> dict[str, datetime]:
    """Store -> the last night on which it was judged, up to a night or before it."""
    tonight = pa.scalar(as_of, ledger.schema.field("as_of").type)
    known = ledger.filter((pc.less if is_before else pc.less_equal)(ledger["as_of"], tonight))
    return {row["store_id"]: row["as_of_max"] for row in known.group_by("store_id").aggregate([("as_of", "max")]).to_pylist()}


def _judge_store(read: PurchaseReader, store_id: str, settings: RecommendationSettings) -> list[Row]:
    products = read.products(store_id)
    cutoff = (settings.as_of.date() - _EPOCH - timedelta(days=settings.holdout_days)).days
    histories = list(read.blocks(store_id, products))
    counts = count((block.before(cutoff) for block in histories), len(products))
    recent = sum((_bought_from(block, cutoff - RECENT_DAYS, cutoff) for block in histories), np.zeros(len(products)))
    known, came = _judges(histories, cutoff)
    lift = lift_weights(counts)
    kinds = {
        EASE: [ease_weights(counts, most_bought(counts, settings.ease_products)), lift],
        LIFT: [lift],
        POPULAR: [],
        BESTSELLERS: [],
    }
    factor, sold = trend(recent, counts.buyers), counts.buyers > 0
    hits: dict[str, np.ndarray] = {}
    rows: list[Row] = []
    for recommender, weights in kinds.items():
        late = np.zeros_like(recent) if recommender == BESTSELLERS else recent
        found, listed = _hits(known, came, weights, factor, by_popularity(late, counts.buyers, sold))
        hits[recommender] = found > 0
        rows.append(
            {
                "store_id": store_id,
                "as_of": settings.as_of,
                "recommender": recommender,
                "judged_customers": known.shape[0],
                "hit_rate": _mean(hits[recommender]),
                "recall": _mean(found / np.diff(came.indptr)),
                "coverage": round(len(listed) / len(products), 6) if known.shape[0] else None,
                "customers": sum(len(block.people) for block in histories),
                "products": len(products),
            }
        )
    chosen, reason = _choice(hits)
    for row in rows:
        row["is_chosen"], row["reason"] = row["recommender"] == chosen, reason
    return rows


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 6) if len(values) else None


def _bought_from(block: Histories, first: int, end: int) -> np.ndarray:
    chosen = (block.first_day >= first) & (block.first_day < end)
    return np.bincount(block.bought.indices[chosen], minlength=block.bought.shape[1]).astype(np.float64)


def _judges(histories: Sequence[Histories], cutoff: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """What those who bought before a day and something new since had bought, and what was new; of so many people at most."""
    known, came, keys = [], [], []
    for block in histories:
        before, since = block.before(cutoff), block.since(cutoff)
        both = np.flatnonzero((np.diff(before.indptr) > 0) & (np.diff(since.indptr) > 0))
        known.append(before[both])
        came.append(since[both])
        keys += [md5(person.encode(), usedforsecurity=False).digest() for person in block.people.take(pa.array(both)).to_pylist()]
    drawn = np.sort(sorted(range(len(keys)), key=keys.__getitem__)[:_MOST_JUDGED]).astype(np.int64)
    return sparse.vstack(known, format="csr")[drawn], sparse.vstack(came, format="csr")[drawn]


def _hits(
    known: sparse.csr_matrix,
    came: sparse.csr_matrix,
    weights: Sequence[sparse.csr_matrix],
    factor: np.ndarray,
    popular: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """How many of the listed products came, by person, and which products were listed at all."""
    found, listed = np.zeros(known.shape[0]), np.zeros(known.shape[1], dtype=bool)
    for first in range(0, known.shape[0], BLOCK_PEOPLE):
        best = best_products(known[first : first + BLOCK_PEOPLE], weights, factor, popular, AT)
        listed[best.product] = True
        hit = np.asarray(came[first + best.person, best.product]).ravel() > 0
        found += np.bincount(first + best.person[hit], minlength=len(found))
    return found, np.flatnonzero(listed)


def _choice(hits: dict[str, np.ndarray]) -> tuple[str, str]:
    """The recommender that a store goes by, and why."""
    judged = len(hits[POPULAR])
    if judged < _LEAST_JUDGED:
        return POPULAR, f"{judged} of at least {_LEAST_JUDGED} people bought before and something new since: no signal is known."
    known = max((POPULAR, BESTSELLERS), key=lambda name: hits[name].sum())
    better = {}
    for name in (EASE, LIFT):
        difference = hits[name].astype(float) - hits[known]
        if difference.mean() > _ONE_SIDE * difference.std() / np.sqrt(judged):
            better[name] = hits[name].sum()
    if not better:
        return POPULAR, "No signal: what people bought tells no more of what they buy next than what is popular does."
    chosen = max(better, key=lambda name: better[name])
    of_known = int(hits[known].sum())
    if not of_known:
        return chosen, f"{chosen} hits {int(hits[chosen].sum())} of {judged} people, {known} none."
    return chosen, f"{chosen} hits {hits[chosen].sum() / of_known:.2f} times as many people as {known} does."
