"""Which rows are held out: a share of them, or one of several folds; drawn from a seed, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, number
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError

__all__ = ["held_out"]


@door
def held_out(
    n: int,
    *,
    share: float = 0.0,
    folds: int | None = None,
    fold: int | None = None,
    strata: Sequence[Any] | None = None,
    seed: int = 0,
) -> NDArray[np.bool_]:
    """Return which of n rows are held out.

    Parameters
    ----------
    n : int
        Rows.
    share : float
        The part of the rows that is held out, at least 0 and below 1.
    folds, fold : int or None
        Instead: the rows are dealt out to so many folds, and those of this one, 0 to ``folds - 1``, are held out. Every
        row is in exactly one fold.
    strata : sequence of length n or None
        The class of each row: of each class as nearly that part is held out as whole rows allow, and with a share at
        least one row of each class stays.
    seed : int
        Draws the rows.

    Returns
    -------
    ndarray of shape (n,), bool
        True where a row is held out.

    Raises
    ------
    ArgumentError
        If the share is not in [0, 1), only one of `folds` and `fold` is given, both they and a share are, or a number
        is not allowed.
    DataError
        If no row, or fewer than two others, would be left.

    Examples
    --------
    >>> int(held_out(8, share=0.25, strata="aaaabbbb", seed=1).sum())
    2
    >>> sum(held_out(7, folds=3, fold=i) for i in range(3)).tolist()
    [1, 1, 1, 1, 1, 1, 1]
    """
    n = integer("n", n)
    share = number("test", share, "a number, at least 0 and below 1", least=0, below=1)
    rng = np.random.default_rng(integer("seed", seed, least=0))
    groups = _groups(n, strata, rng)
    out = np.zeros(n, dtype=bool)
    if folds is None and fold is None:
        if share:
            for rows, count in zip(groups, _parts(groups, share, n), strict=True):
                out[rows[:count]] = True
    else:
        if folds is None:
            raise ArgumentError(f"fold={fold} needs folds=, how many there are")
        most = integer("folds", folds, least=2)
        if fold is None:
            raise ArgumentError(f"folds={most} needs fold=0 to {most - 1}, the one that is held out")
        if share:
            raise ArgumentError(f"test={share:g} and folds={most} both say what is held out; give one of them")
        if most > n:
            raise DataError(f"{n} rows cannot be dealt out to {most} folds")
        out[np.concatenate(groups)[integer("fold", fold, least=0, most=most - 1) :: most]] = True
    wanted = bool(share) or folds is not None
    if wanted and (not out.any() or (~out).sum() < 2):
        raise DataError(f"of {n} rows {int(out.sum())} would be held out; both parts need rows, training at least 2")
    return out


def _groups(n: int, strata: Sequence[Any] | None, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return the rows of each class in random order."""
    order = rng.permutation(n)
    if strata is None:
        return [order]
    if len(strata) != n:
        raise ArgumentError(f"strata has {len(strata)} entries; {n} rows need as many")
    _, codes = np.unique(np.asarray([str(one) for one in strata]), return_inverse=True)
    return [order[codes[order] == code] for code in range(int(codes.max()) + 1)]


def _parts(groups: list[NDArray[np.intp]], share: float, n: int) -> list[int]:
    """Return how many rows of each class are held out: largest remainders, all but one at most."""
    total = min(max(round(share * n), 1), n)
    exact = [share * len(rows) for rows in groups]
    most = [len(rows) - (len(groups) > 1) for rows in groups]
    counts = [min(int(part), bound) for part, bound in zip(exact, most, strict=True)]
    for i in sorted(range(len(groups)), key=lambda i: int(exact[i]) - exact[i]):
        if sum(counts) < total and counts[i] < most[i]:
            counts[i] += 1
    return counts
