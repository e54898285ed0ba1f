"""Rows dealt into folds, or held back, each class in its share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, number
from homotopy.errors import ArgumentError, DataError
from homotopy.fits.sample import Sample

__all__ = ["chosen", "folds", "held_back"]

Rows = NDArray[np.intp]


def folds(sample: Sample, n_folds: Any, rng: np.random.Generator) -> list[tuple[Rows, Rows]]:
    """Return (training rows, held-out rows) of each fold, drawn by `rng`, classes in their shares.

    Raises
    ------
    ArgumentError
        If there are fewer than two folds.
    DataError
        If there are fewer rows than folds.
    """
    n_folds = integer("cv", n_folds, least=2)
    if len(sample) < n_folds:
        raise DataError(
            f"n_samples={len(sample)} is too few for {n_folds} folds; cv must be at most the number of different rows"
        )
    place = np.empty(len(sample), dtype=np.intp)
    place[_order(sample, rng)] = np.arange(len(sample)) % n_folds
    return [(np.flatnonzero(place != k), np.flatnonzero(place == k)) for k in range(n_folds)]


def chosen(sample: Sample, pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Rows, Rows]]:
    """Return the rows of the sample in each fold of one's own, which numbers the rows that `Sample.of` was given.

    Raises
    ------
    ArgumentError
        If a fold is no pair.
    DataError
        If there is no fold, or a side of one has no row that counts.
    """
    dealt = []
    listed = list(pairs) if isinstance(pairs, Iterable) else [pairs]
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in listed):
        raise ArgumentError("cv must be a number of folds, or pairs of the rows to train on and to hold out")
    for train, held in listed:
        sides = tuple(np.flatnonzero(np.isin(sample.rows, np.asarray(side))) for side in (train, held))
        if not all(side.size for side in sides):
            raise DataError("cv has a fold without a row that counts to train on, or to hold out")
        dealt.append((sides[0], sides[1]))
    if len(dealt) < 2:
        raise DataError(f"cv has {len(dealt)} folds; it must have two at least")
    return dealt


def held_back(sample: Sample, share: float, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """Return the sample to train on and the one held back, a share of the rows of each class.

    Of three rows and more one is held back at least.

    Raises
    ------
    ArgumentError
        If the share is not between 0 and 1.
    DataError
        If no row is left on one of the sides.
    """
    share = number("validation_fraction", share, "a number above 0 and below 1", above=0.0, below=1.0)
    ends = np.floor(np.arange(1, len(sample) + 1) * share + 0.5)
    back = np.diff(ends, prepend=0.0) > 0  # every so many rows of the order, whose classes lie together
    back[-1] |= not back.any() and len(back) > 2
    if back.all() or not back.any():
        raise DataError(
            f"n_samples={len(sample)} cannot be split with validation_fraction={share:g}; a side would be empty"
        )
    order = _order(sample, rng)
    return sample.take(np.sort(order[~back])), sample.take(np.sort(order[back]))


def _order(sample: Sample, rng: np.random.Generator) -> Rows:
    """Return the rows in random order, where targets are classes class by class."""
    order = rng.permutation(len(sample))
    if sample.loss.quadratic:
        return order
    return np.asarray(order[np.argsort(sample.labels[order], kind="stable")])
