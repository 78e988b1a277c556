"""The best products for each of some people, of what is spoken for by what they bought, and of what is popular."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

# A person's candidates are sorted as whole numbers: the person (15 bits), the tier (2), what is missing to the best score (26),
# the product (20). So a million people cost seconds, and equal scores are in the order of products.
_PERSON, _TIER, _SCORE = 48, 46, 20
_SCORES, _PRODUCTS, _SHARP = 1 << 26, 1 << 20, 1e6
BLOCK = 32_768
# Popularity of late moves scores by (share of late buyers / share of all buyers) to this power, shares of so many buyers more.
_TREND, _EVERYBODY = 0.75, 5
# A matrix of so many entries is looked up whole.
_SMALL = 1 << 20


@dataclass(frozen=True)
class Listed:
    """Products for people: one entry per person and product, people in order, the best first.

    Attributes
    ----------
    person, product
        Rows and columns of the histories, shape (entries,).
    rank
        From 1 for each person, shape (entries,).
    tier
        Which of the weights speak for it, from 0; their number for what is merely popular. Shape (entries,).
    score
        Sum of weights x trend; 0 where merely popular. Shape (entries,).
    """

    person: np.ndarray
    product: np.ndarray
    rank: np.ndarray
    tier: np.ndarray
    score: np.ndarray


def trend(recent: np.ndarray, buyers: np.ndarray) -> np.ndarray:
    """How much more of late buyers than of all buyers a product has, as a factor; shape (products,)."""
    late = (recent + _EVERYBODY) / (recent.sum() + _EVERYBODY * len(recent))
    ever = (buyers + _EVERYBODY) / (buyers.sum() + _EVERYBODY * len(buyers))
    return (late / ever) ** _TREND


def by_popularity(recent: np.ndarray, buyers: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Numbers of allowed products, those with most late buyers first, then with most of all, then in order."""
    order = np.lexsort((np.arange(len(buyers)), -buyers, -recent))
    return order[allowed[order]]


def best_products(
    bought: sparse.csr_matrix,
    weights: Sequence[sparse.csr_matrix],
    factor: np.ndarray,
    popular: np.ndarray,
    most: int,
    allowed: sparse.csr_matrix | None = None,
) -> Listed:
    """List what people have not bought.

    Parameters
    ----------
    bought
        Ones, shape (people, products), at most `BLOCK` people.
    weights
        Weights of products for each other, shape (products, products): what the first of them speak for goes before what the
        others do, and that before what is popular.
    factor
        What scores of products are multiplied with, 0 for those that are not to be listed, shape (products,).
    popular
        Numbers of products, the most popular first, for lists that are not full.
    most
        Products of a list.
    allowed
        Ones where a product may be listed for a person, shape (people, products); all of them where it is None.

    Returns
    -------
    Listed
        At most `most` products of each person.
    """
    people, products = bought.shape
    if people > BLOCK or products > _PRODUCTS or len(weights) > 2:
        raise ValueError(f"lists are made for {people} people, {products} products and {len(weights)} weights at once")
    listed = _NONE
    for number, kind in enumerate(weights):
        short = _short(listed, people, most)
        listed = _filled(listed, _keys(bought, kind, factor, allowed, short, most, number), products, most)
    short = _short(listed, people, most)
    if len(short) and len(popular):
        listed = _filled(listed, _popular_keys(bought, allowed, short, popular, most, len(weights)), products, most)
    person = (listed >> _PERSON).astype(np.int64)
    tier = ((listed >> _TIER) & 3).astype(np.int64)
    score = (_SCORES - 1 - ((listed >> _SCORE) & (_SCORES - 1))) / _SHARP
    return Listed(
        person,
        (listed & (_PRODUCTS - 1)).astype(np.int64),
        _rank(person) + 1,
        tier,
        np.where(tier == len(weights), 0.0, score),
    )


_NONE = np.empty(0, dtype=np.int64)
_NOTHING = np.iinfo(np.int64).max


def _short(listed: np.ndarray, people: int, most: int) -> np.ndarray:
    """Of whom fewer products are listed than may be."""
    return np.flatnonzero(np.bincount(listed >> _PERSON, minlength=people) < most)


def _filled(listed: np.ndarray, more: np.ndarray, products: int, most: int) -> np.ndarray:
    """Sorted candidates with more of them, each product of a person once, the first of each person."""
    if not len(more):
        return listed
    together = np.sort(np.concatenate((listed, more)))
    return _first(_once(together, products) if len(listed) else together, most)


def _keys(
    bought: sparse.csr_matrix,
    weights: sparse.csr_matrix,
    factor: np.ndarray,
    allowed: sparse.csr_matrix | None,
    people: np.ndarray,
    most: int,
    tier: int,
) -> np.ndarray:
    """Candidates of one tier for some people, the best of each, as numbers to sort."""
    if not len(people):
        return _NONE
    if len(people) < bought.shape[0]:
        bought, allowed = bought[people], None if allowed is None else allowed[people]
    # what was bought is far below 0
    scores = (bought @ weights - bought * 1e9).tocsr()
    if allowed is not None:
        scores = scores.multiply(allowed > 0).tocsr()
    data = np.minimum(np.rint(scores.data * factor[scores.indices] * _SHARP), _SCORES - 1)
    chosen = data > 0
    ends = np.concatenate(([0], np.cumsum(chosen)))[scores.indptr]
    missing = _SCORES - 1 - data[chosen].astype(np.int64)
    best = _best_of_rows(missing << _SCORE | scores.indices[chosen], np.diff(ends), most)
    row, place = np.nonzero(best < _NOTHING)
    return people[row] << _PERSON | tier << _TIER | best[row, place]


def _best_of_rows(keys: np.ndarray, sizes: np.ndarray, most: int) -> np.ndarray:
    """The least keys of each row, shape (rows, most), in no order; `_NOTHING` where a row has no more. Keys come row by row."""
    found = np.full((len(sizes), most), _NOTHING)
    # rows of about one length are a matrix, in which the least of each are found in a tenth of the time that sorting takes
    width = np.exp2(np.ceil(np.log2(np.maximum(sizes, most)))).astype(np.int64)
    for wide in np.unique(width[sizes > 0]):
        rows = np.flatnonzero(width == wide)
        own = keys if len(rows) == len(sizes) else keys[np.repeat(width == wide, sizes)]
        matrix = np.full((len(rows), wide), _NOTHING)
        matrix[np.arange(wide) < sizes[rows, None]] = own
        found[rows] = np.partition(matrix, most - 1, axis=1)[:, :most]
    return found


def _popular_keys(
    bought: sparse.csr_matrix,
    allowed: sparse.csr_matrix | None,
    people: np.ndarray,
    popular: np.ndarray,
    most: int,
    tier: int,
) -> np.ndarray:
    """What is popular and was not bought by people whose lists are not full; its place stands for a score."""
    own = bought[people]
    # so many at least are new to whoever bought most, and not listed before
    top = popular[: 2 * most + int(np.diff(own.indptr).max(initial=0))] if allowed is None else popular
    is_new = own[:, top].toarray() == 0
    if allowed is not None:
        is_new &= allowed[people][:, top].toarray() > 0
    row, place = np.nonzero(is_new)
    first = place[:, None].ravel()
    return (
        people[row].astype(np.int64) << _PERSON | tier << _TIER | first.astype(np.int64) << _SCORE | top[place].astype(np.int64)
    )


def _once(keys: np.ndarray, products: int) -> np.ndarray:
    """Sorted candidates, each product of a person in the best of its places alone."""
    same = (keys >> _PERSON) * products + (keys & (_PRODUCTS - 1))
    return keys[np.sort(np.unique(same, return_index=True)[1])]


def _first(keys: np.ndarray, most: int) -> np.ndarray:
    """Of sorted candidates the first of each person."""
    return keys[_rank(keys >> _PERSON) < most]


def _rank(person: np.ndarray) -> np.ndarray:
    """The place of each entry among those of its person, from 0; people are in order."""
    starts = np.flatnonzero(np.concatenate(([True], person[1:] != person[:-1]))) if len(person) else np.empty(0, np.int64)
    return np.arange(len(person)) - np.repeat(starts, np.diff(np.concatenate((starts, [len(person)]))))


def speaking(
    bought: sparse.csr_matrix, weights: sparse.csr_matrix, person: np.ndarray, product: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find which of the products that a person bought speaks most for another.

    Parameters
    ----------
    bought
        Ones, shape (people, products).
    weights
        Weights, shape (products, products).
    person, product
        Whom what is recommended, shape (entries,).

    Returns
    -------
    product, weight
        Of equal weights the first product; -1 and 0 where none has a weight above 0. Shape (entries,) each.
    """
    sizes = np.diff(bought.indptr)[person]
    entry = np.repeat(np.arange(len(person)), sizes)
    own = bought.indices[
        np.repeat(bought.indptr[person], sizes) + np.arange(len(entry)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    ]
    weight = _looked_up(weights, own.astype(np.int64), product[entry])
    found, best = np.full(len(person), -1, dtype=np.int64), np.zeros(len(person))
    np.maximum.at(best, entry, weight)
    is_best = (weight > 0) & (weight == best[entry])
    # backwards, so that the first is written last
    found[entry[is_best][::-1]] = own[is_best][::-1]
    return found, best


def _looked_up(matrix: sparse.csr_matrix, row: np.ndarray, col: np.ndarray) -> np.ndarray:
    """Entries of a matrix, 0 where none is stored."""
    size = matrix.shape[1]
    if matrix.shape[0] * size <= _SMALL:
        return matrix.toarray()[row, col]
    known = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * size + matrix.indices
    if not len(known):
        return np.zeros(len(row))
    order = np.argsort(known) if np.any(known[1:] < known[:-1]) else slice(None)
    known, data = known[order], matrix.data[order]
    wanted = row * size + col
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, data[place], 0.0)
