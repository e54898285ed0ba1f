"""The samples of a risk that count, and means over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.errors import ArgumentError
from homotopy.models.prepared import frozen, table_of
from homotopy.models.weights import of_mean_one

__all__ = ["Samples", "mean_of", "nearest", "rooted", "upto"]

Array = NDArray[Any]
Weights = NDArray[np.float64]

COPIES = 1e-9
"""Weights are copies of a sample where they are whole multiples of the smallest, but for this part of one."""
MOST = 2**31
"""Copies that are counted one by one."""


def mean_of(table: Array, weights: Weights | None) -> Array:
    """Return the mean of the rows of a table, by their weights where there are any."""
    return np.asarray(table.mean(axis=0) if weights is None else np.average(table, axis=0, weights=weights))


def rooted(table: Array, weights: Weights | None) -> Array:
    """Return the rows of a table times the roots of their weights, whose sums of products are weighted ones."""
    return table if weights is None else np.asarray(np.sqrt(weights)[:, None] * table)


def copies_of(weights: Weights) -> NDArray[np.int64] | None:
    """Return how often each sample is there where weights are whole multiples of the smallest but 0, else None."""
    least = weights[weights > 0].min()
    if weights.max() >= MOST * least:
        return None
    copies = weights / least
    whole = np.round(copies)
    if whole.sum() >= MOST or np.any(np.abs(copies - whole) > COPIES * np.maximum(copies, 1.0)):
        return None
    return np.asarray(whole, dtype=np.int64)


def upto(weights: Weights) -> NDArray[np.int64]:
    """Return, for each sample, how many of equal shares of all weights belong to it and those before it, shape (n,).

    A random share, one of as many as the last number, then is one of each sample as often as it counts; where weights
    are copies the shares are these, so that the same number finds the same sample among rows that are repeated.
    """
    copies = copies_of(weights)
    if copies is not None:
        return np.cumsum(copies)
    shares = np.cumsum(weights)
    return np.asarray(np.round(shares * (MOST / shares[-1])), dtype=np.int64)


@dataclass(frozen=True)
class Samples:
    """Inputs X (n, d), targets y (n, k) and weights (n,), positive and of mean one, or None where all count alike.

    They may be a part of more samples, of which `keep` says which count.
    """

    X: Array
    y: Array
    weights: Weights | None = None
    keep: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.X)

    def rows(self, name: str, table: Array) -> Array:
        """Return the rows of a table that belong to samples that count; it has these rows, or one for each sample.

        Raises
        ------
        ArgumentError
            If it has others.
        """
        if len(table) == len(self):
            return table
        n = len(self) if self.keep is None else len(self.keep)
        if self.keep is None or len(table) != n:
            raise ArgumentError(f"{name} has {len(table)} rows; the risk has {n} samples")
        return np.ascontiguousarray(table[self.keep])

    def basis(self, columns: ArrayLike) -> Array:
        """Return a basis of functions of the samples, with rows as `rows` takes them.

        Raises
        ------
        ArgumentError
            If its columns are not orthogonal by the weights to 1e-8, are longer than one, or it has other rows.
        """
        given = table_of("basis", columns)
        Q = given
        if len(given) != len(self):
            n = len(self if self.keep is None else self.keep)
            Q = self.rows("basis", table_of("basis", columns, n))
            Q = Q * np.sqrt(n / len(Q))  # weights have the mean one over these alone
        R = rooted(Q, self.weights)
        gram = R.T @ R
        lengths = np.diag(gram)
        if not np.allclose(gram, np.diag(lengths), atol=1e-8) or lengths.max(initial=0.0) > 1.0 + 1e-8:
            raise ArgumentError("basis has columns that are not orthogonal, or longer than one")
        return Q

    @classmethod
    def counting(cls, X: Array, y: Array, keep: NDArray[np.bool_], weights: Weights) -> Samples:
        """Return the samples that `keep` names, with weights of any unit; without where these are all the same."""
        every = bool(keep.all())
        if not every:
            X, y, weights = frozen(X[keep]), frozen(y[keep]), weights[keep]
        alike = bool((weights == weights[0]).all())
        return cls(X, y, None if alike else frozen(of_mean_one(weights)), None if every else keep)


def nearest(far: Weights, share: float, weights: Weights | None) -> tuple[NDArray[np.intp], Weights | None]:
    """Return which samples make up a share of all, the least `far` ones, in their order, and what each counts.

    They are round(share n), at least one. Weights that are whole multiples of the smallest are copies of a sample, of
    which a part may be taken; of other weights the last sample counts what is left of the share.
    """
    order = np.argsort(far, kind="stable")
    if weights is None:
        return np.sort(order[: max(1, round(share * len(far)))]), None
    copies = copies_of(weights)
    counts = np.asarray(weights if copies is None else copies, dtype=np.float64)[order]
    wanted = share * counts.sum() if copies is None else max(1, round(share * counts.sum()))
    taken = np.zeros(len(far))
    taken[order] = np.clip(wanted - np.concatenate([[0.0], np.cumsum(counts)[:-1]]), 0.0, counts)
    keep = np.flatnonzero(taken > COPIES * counts.max())
    return keep, taken[keep]
