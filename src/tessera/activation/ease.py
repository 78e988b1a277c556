"""How much one product speaks for another: a ridge regression in closed form, and counted pairs.

EASE: Harald Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019. Each product is regressed on all others with a
ridge penalty, which has the closed form B = -P / diag(P) off the diagonal, 0 on it, P = (X'X + penalty I)^-1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

# Half as much and three times as much give the same hit rate to a hundredth on the public data of a gift shop.
PENALTY = 300.0
# Weights of a product that are kept: the largest of either sign. A hundred lose nothing against all.
KEPT = 100
# Of people with more, so many products count in pairs: resellers would make most of them, and pairs cost their square.
LONGEST = 2_000


@dataclass(frozen=True)
class Counts:
    """How many people bought each product, and each two; the latter of some products alone (rows), with all others.

    Attributes
    ----------
    people
        Who bought anything.
    buyers
        Shape (products,).
    together
        Shape (products, products), symmetric, its diagonal the buyers in it.
    """

    people: int
    buyers: np.ndarray
    together: sparse.csr_matrix


def count(histories: Iterable[sparse.csr_matrix], products: int) -> Counts:
    """Count buyers and pairs, block by block; histories: ones, shape (people of the block, products)."""
    people, buyers = 0, np.zeros(products, dtype=np.int64)
    parts: list[sparse.csr_matrix] = []
    for bought in histories:
        people += int((np.diff(bought.indptr) > 0).sum())
        buyers += np.bincount(bought.indices, minlength=products)
        short = _shortened(bought)
        parts.append((short.T @ short).tocsr())
        # like the digits of a number: what is added up is of about one size
        while len(parts) > 1 and parts[-1].nnz * 2 >= parts[-2].nnz:
            parts.append(parts.pop() + parts.pop())
    together = sum(parts, sparse.csr_matrix((products, products), dtype=np.float32))
    return Counts(people, buyers, sparse.csr_matrix(together))


def _shortened(bought: sparse.csr_matrix) -> sparse.csr_matrix:
    """Histories of at most `LONGEST` products; of longer ones every second, third, ... in the order of the products."""
    sizes = np.diff(bought.indptr)
    if sizes.max(initial=0) <= LONGEST:
        return bought
    step = np.maximum(1, -(-sizes // LONGEST))
    place = np.arange(bought.nnz) - np.repeat(bought.indptr[:-1], sizes)
    kept = place % np.repeat(step, sizes) == 0
    ends = np.concatenate(([0], np.cumsum(kept)))[bought.indptr]
    return sparse.csr_matrix((bought.data[kept], bought.indices[kept], ends), shape=bought.shape)


def ease_weights(counts: Counts, products: np.ndarray, penalty: float = PENALTY, kept: int = KEPT) -> sparse.csr_matrix:
    """Weights of products for each other by EASE.

    Parameters
    ----------
    counts
        Pairs.
    products
        Numbers of the products that are regressed on each other, ascending; shape (k,). Memory is 8 k^2 bytes, twice.
    penalty
        Ridge penalty, in people.
    kept
        Weights of each product that are kept, those of the largest size.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (all products, all products): what having bought the row says for the column.
    """
    size = len(products)
    total = len(counts.buyers)
    if size < 2:
        return sparse.csr_matrix((total, total), dtype=np.float64)
    gram = np.asfortranarray(counts.together[products][:, products].toarray(), dtype=np.float64)
    gram[np.diag_indices(size)] += penalty
    factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, failed_too = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ValueError("the pairs of products have no inverse")
    diagonal = np.diag(inverse).copy()
    parts = []
    for first in range(0, size, 512):
        last = min(first + 512, size)
        # the lower half alone is written
        block = np.concatenate((inverse[first:last, :first], inverse[first:, first:last].T), axis=1)
        square = block[:, first:last]
        square[np.tril_indices(last - first, -1)] = square.T[np.tril_indices(last - first, -1)]
        block = -block / diagonal
        block[np.arange(last - first), np.arange(first, last)] = 0
        parts.append(_largest(block, kept))
    small = sparse.vstack(parts).tocoo()
    return sparse.csr_matrix((small.data, (products[small.row], products[small.col])), shape=(total, total))


def _largest(block: np.ndarray, kept: int) -> sparse.csr_matrix:
    """The entries of each row of the largest size; of equal ones, which rounding tells, all."""
    block = np.round(block, 9)
    if kept < block.shape[1]:
        size = np.abs(block)
        bound = np.partition(size, block.shape[1] - kept, axis=1)[:, block.shape[1] - kept, None]
        block = np.where(size >= bound, block, 0)
    return sparse.csr_matrix(block)


def lift_weights(counts: Counts, kept: int = KEPT) -> sparse.csr_matrix:
    """Weights by counted pairs: people who bought both x log(lift), of pairs that more than chance brings together.

    Parameters
    ----------
    counts
        Pairs.
    kept
        Weights of each product that are kept, the largest.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (products, products), 0 to 1: divided by the largest of all.
    """
    pairs = counts.together.tocoo()
    # one person in common is no habit
    chosen = (pairs.row != pairs.col) & (pairs.data > 1)
    row, col, both = pairs.row[chosen], pairs.col[chosen], pairs.data[chosen].astype(np.float64)
    lift = both * counts.people / (counts.buyers[row].astype(np.float64) * counts.buyers[col])
    weight = both * np.log(np.maximum(lift, 1))
    chosen = weight > 0
    row, col, weight = row[chosen], col[chosen], weight[chosen]
    order = np.lexsort((col, -weight, row))
    row, col, weight = row[order], col[order], weight[order]
    starts = np.searchsorted(row, np.arange(len(counts.buyers)))
    first = np.arange(len(row)) - starts[row] < kept
    weight = np.round(weight / weight.max(initial=1e-300), 9)
    shape = counts.together.shape
    return sparse.csr_matrix((weight[first], (row[first], col[first])), shape=shape)


def most_bought(counts: Counts, products: int) -> np.ndarray:
    """Numbers of the products with most buyers, ascending; of equal ones the first."""
    order = np.lexsort((np.arange(len(counts.buyers)), -counts.buyers))[:products]
    return np.sort(order[counts.buyers[order] > 0])
