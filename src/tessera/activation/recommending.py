"""Products that people have not bought, with the reason for each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from tessera.activation.judging import EASE, LIFT, POPULAR, last_judged
from tessera.activation.listing import best_products, by_popularity, speaking, trend
from tessera.activation.pairs import chosen_recommenders, matrices
from tessera.activation.purchases import MemberReader, PurchaseReader
from tessera.activation.settings import RecommendationSettings
from tessera.tables import doubles, from_one_row, truths

RECOMMENDED = pa.schema(
    [
        ("store_id", pa.string()),
        ("customer_id", pa.string()),
        ("recommendation_rank", pa.int64()),
        ("product_id", pa.string()),
        ("score", pa.float64()),
        ("method", pa.string()),
        ("because_product_id", pa.string()),
        ("common_buyers", pa.int64()),
    ]
)
# One person in common is no habit, and would say what that one bought.
_LEAST_COMMON = 2


def recommend(
    read: PurchaseReader, members: MemberReader, products: pa.Table, judged: pa.Table, pairs: pa.Table, settings: pa.Table
) -> Iterator[pa.RecordBatch]:
    """List for everybody who bought something what else they may want, block by block.

    Parameters
    ----------
    read
        Purchases.
    members
        Segments of people; nothing of them is read unless lists keep within segments.
    products
        store_id, product_id, buyers, recent_buyers (who first bought it of late) and is_offered of what was sold.
    judged, pairs
        What `judge_recommenders` and `fit_pairs` made.
    settings
        One row, see `RecommendationSettings`.

    Yields
    ------
    pyarrow.RecordBatch
        `RECOMMENDED`, at most `per_customer` rows a person; nothing that they bought, and nothing that is not offered.
    """
    chosen = from_one_row(RecommendationSettings, settings)
    names, last = chosen_recommenders(judged, chosen), last_judged(judged, chosen.as_of)

    for store_id in read.stores():
        sold = products.filter(pc.equal(products["store_id"], store_id)).sort_by("product_id")
        mine = pc.equal(pairs["store_id"], store_id)
        if store_id in last:
            now = pa.scalar(last[store_id], pairs.schema.field("as_of").type)
            mine = pc.and_(mine, pc.equal(pairs["as_of"], now))
        kept = pairs.filter(mine) if names.get(store_id) in (EASE, LIFT) else pairs.slice(0, 0)
        yield from _store(read, members, store_id, sold, kept, chosen)
    read.close()
    members.close()


def _store(
    read: PurchaseReader, members: MemberReader, store_id: str, sold: pa.Table, pairs: pa.Table, settings: RecommendationSettings
) -> Iterator[pa.RecordBatch]:
    ids = sold["product_id"].cast(pa.string()).combine_chunks()
    products = ids.to_pylist()
    fitted = matrices(pairs, products)
    weights, common = [both[0] for both in fitted.values()], [both[1] for both in fitted.values()]
    recent, buyers, is_offered = doubles(sold, "recent_buyers"), doubles(sold, "buyers"), truths(sold, "is_offered")
    factor = np.where(is_offered, trend(recent, buyers), 0)
    popular = by_popularity(recent, buyers, is_offered)
    methods = pa.array([*fitted, POPULAR])
    of_segments = _bought_in_segments(read, members, store_id, products) if settings.within_segments else None
    for block in read.blocks(store_id, products):
        bought, people = block.bought, block.people
        allowed = None if of_segments is None else (members.block(store_id, people) @ of_segments).tocsr()
        best = best_products(bought, weights, factor, popular, settings.per_customer, allowed)
        because, both = np.full(len(best.person), -1, dtype=np.int64), np.zeros(len(best.person), dtype=np.int64)
        for tier, matrix in enumerate(weights):
            of_tier = np.flatnonzero(best.tier == tier)
            because[of_tier], _ = speaking(bought, matrix, best.person[of_tier], best.product[of_tier])
            known = of_tier[because[of_tier] >= 0]
            both[known] = np.asarray(common[tier][because[known], best.product[known]]).ravel() if len(known) else 0
        is_said = both >= _LEAST_COMMON
        yield pa.RecordBatch.from_arrays(
            [
                pa.repeat(pa.scalar(store_id, pa.string()), len(best.person)),
                people.take(pa.array(best.person)),
                pa.array(best.rank.astype(np.int64)),
                ids.take(pa.array(best.product)),
                pa.array(np.round(best.score, 6)),
                methods.take(pa.array(best.tier)),
                ids.take(pa.array(because, mask=~is_said)),
                pa.array(both, mask=~is_said),
            ],
            schema=RECOMMENDED,
        )


def _bought_in_segments(read: PurchaseReader, members: MemberReader, store_id: str, products: list[str]) -> sparse.csr_matrix:
    """How many members of each segment bought each product, shape (segments, products)."""
    parts = [(members.block(store_id, block.people).T @ block.bought).tocsr() for block in read.blocks(store_id, products)]
    return sum(parts, sparse.csr_matrix((members.segment_count(store_id), len(products)), dtype=np.float32))
