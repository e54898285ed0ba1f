"""The samples of a risk that count, and means over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.models.prepared import frozen
from homotopy.models.weights import of_mean_one

__all__ = ["Samples", "mean_of", "nearest", "rooted"]

Array = NDArray[Any]
Weights = NDArray[np.float64]

COPIES = 1e-9
"""Weights are copies of a sample where they are whole multiples of the smallest, but for this part of one."""


def mean_of(table: Array, weights: Weights | None) -> Array:
    """Return the mean of the rows of a table, by their weights where there are any."""
    return np.asarray(table.mean(axis=0) if weights is None else np.average(table, axis=0, weights=weights))


def rooted(table: Array, weights: Weights | None) -> Array:
    """Return the rows of a table times the roots of their weights, whose sums of products are weighted ones."""
    return table if weights is None else np.asarray(np.sqrt(weights)[:, None] * table)


@dataclass(frozen=True)
class Samples:
    """Inputs X (n, d), targets y (n, k) and weights (n,), positive and of mean one, or None where all count alike."""

    X: Array
    y: Array
    weights: Weights | None = None

    def __len__(self) -> int:
        return len(self.X)

    @classmethod
    def counting(cls, X: Array, y: Array, keep: NDArray[np.bool_], weights: Weights) -> Samples:
        """Return the samples that `keep` names, with weights of any unit; without where these are all the same."""
        if not keep.all():
            X, y, weights = frozen(X[keep]), frozen(y[keep]), weights[keep]
        alike = bool((weights == weights[0]).all())
        return cls(X, y, None if alike else frozen(of_mean_one(weights)))


def nearest(far: Weights, share: float, weights: Weights | None) -> tuple[NDArray[np.intp], Weights | None]:
    """Return which samples make up a share of all, the least `far` ones, in their order, and what each counts.

    They are round(share n), at least one. Weights that are whole multiples of the smallest are copies of a sample, of
    which a part may be taken; of other weights the last sample counts what is left of the share.
    """
    order = np.argsort(far, kind="stable")
    if weights is None:
        return np.sort(order[: max(1, round(share * len(far)))]), None
    copies = weights / weights[weights > 0].min()
    total = float(copies.sum())
    whole = bool(np.all(np.abs(copies - np.round(copies)) < COPIES * np.maximum(copies, 1.0)))
    wanted = max(1, round(share * round(total))) if whole else share * total
    taken = np.zeros(len(far))
    taken[order] = np.clip(wanted - np.concatenate([[0.0], np.cumsum(copies[order])[:-1]]), 0.0, copies[order])
    keep = np.flatnonzero(taken > COPIES)
    return keep, taken[keep]
