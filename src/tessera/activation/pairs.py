"""Weights of products for each other, fitted on everything that was bought when a store was last judged."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from tessera.activation.ease import Counts, count, ease_weights, lift_weights, most_bought
from tessera.activation.judging import EASE, LIFT, last_judged
from tessera.activation.purchases import PurchaseReader
from tessera.activation.settings import RecommendationSettings
from tessera.tables import from_one_row

PAIRS = pa.schema(
    [
        ("store_id", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("recommender", pa.string()),
        ("product_id", pa.string()),
        ("recommended_product_id", pa.string()),
        ("weight", pa.float64()),
        ("common_buyers", pa.int64()),
    ]
)


def fit_pairs(read: PurchaseReader, judged: pa.Table, settings: pa.Table, known: pa.Table) -> pa.Table:
    """Fit the pairs of the stores that were judged since theirs were fitted.

    Parameters
    ----------
    read
        Purchases.
    judged
        The ledger of `judge_recommenders`.
    settings
        One row, see `RecommendationSettings`.
    known
        store_id and as_of of the pairs that there are.

    Returns
    -------
    pyarrow.Table
        Pairs of the stores that are due and go by pairs; `PAIRS`. as_of is the night on which the store was judged.
    """
    chosen = from_one_row(RecommendationSettings, settings)
    have = {(row["store_id"], row["as_of"]) for row in known.group_by(["store_id", "as_of"]).aggregate([]).to_pylist()}
    tables = [PAIRS.empty_table()]
    names = chosen_recommenders(judged, chosen)
    for store_id, as_of in last_judged(judged, chosen.as_of).items():
        if names.get(store_id) in (EASE, LIFT) and (store_id, as_of) not in have:
            products = read.products(store_id)
            counts = count((block.bought for block in read.blocks(store_id, products)), len(products))
            weights = {LIFT: lift_weights(counts)}
            if names[store_id] == EASE:
                weights[EASE] = ease_weights(counts, most_bought(counts, chosen.ease_products))
            for name, matrix in sorted(weights.items()):
                tables.append(_rows(store_id, as_of, name, products, matrix, counts))
    read.close()
    return pa.concat_tables(tables)


def chosen_recommenders(judged: pa.Table, settings: RecommendationSettings) -> dict[str, str]:
    """Store -> the recommender that was chosen when it was last judged."""
    last = last_judged(judged, settings.as_of)
    rows = judged.filter(judged["is_chosen"]).select(["store_id", "as_of", "recommender"]).to_pylist()
    return {row["store_id"]: row["recommender"] for row in rows if row["as_of"] == last.get(row["store_id"])}


def _rows(store_id: str, as_of: object, name: str, products: list[str], matrix: sparse.csr_matrix, counts: Counts) -> pa.Table:
    entries = matrix.tocoo()
    order = np.lexsort((entries.col, entries.row))
    row, col, ids = entries.row[order], entries.col[order], pa.array(products, pa.string())
    both = np.asarray(counts.together[row, col]).ravel() if len(row) else np.empty(0)
    size = len(row)
    return pa.table(
        [
            pa.repeat(pa.scalar(store_id, pa.string()), size),
            pa.repeat(pa.scalar(as_of, pa.timestamp("us")), size),
            pa.repeat(pa.scalar(name, pa.string()), size),
            ids.take(pa.array(row)),
            ids.take(pa.array(col)),
            pa.array(entries.data[order].astype(np.float64)),
            pa.array(both.astype(np.int64)),
        ],
        schema=PAIRS,
    )


def matrices(pairs: pa.Table, products: list[str]) -> dict[str, tuple[sparse.csr_matrix, sparse.csr_matrix]]:
    """Weights and common buyers by recommender, of one store's pairs; each of shape (products, products)."""
    ids, found = pa.array(products, pa.string()), {}
    for name in (EASE, LIFT):
        rows = pairs.filter(pc.equal(pairs["recommender"], name))
        places = [pc.index_in(rows[column], value_set=ids) for column in ("product_id", "recommended_product_id")]
        # a product that nobody bought any more, since an order was cancelled
        sold = pc.and_(pc.is_valid(places[0]), pc.is_valid(places[1]))
        row, col = (place.filter(sold).to_numpy() for place in places)
        shape = (len(products), len(products))
        found[name] = tuple(
            sparse.csr_matrix((rows[column].filter(sold).cast(pa.float64()).to_numpy(), (row, col)), shape=shape)
            for column in ("weight", "common_buyers")
        )
    return {name: both for name, both in found.items() if both[0].nnz}
