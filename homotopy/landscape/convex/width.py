"""The least number of units with which a global minimum is reached."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.convex.measure import GONE, Measure, matched
from homotopy.landscape.convex.program import Program

__all__ = ["fewest"]

Array = NDArray[np.float64]

SAME = 1e-9
"""Outputs that differ by this part of their length are the same."""
MOST = 50000
"""Choices of weights that are 0 that are looked at."""


def fewest(program: Program, measure: Measure, directions: Array, signs: Array) -> tuple[Measure, bool]:
    r"""Return a measure with the same outputs and the fewest of the given units, and whether no other has fewer.

    Parameters
    ----------
    program : Program
        The convex problem.
    measure : Measure
        Its solution.
    directions, signs : ndarrays of shape (m, r) and (m,)
        All units whose slope is the penalty, and the signs of their outgoing weights.

    Notes
    -----
    The outputs of all global minima are the same where the loss is strictly convex, and only units whose slope is the
    penalty are in them: the others are ruled out by the dual solution. All combinations of these with the outputs have
    the same penalty. One with the fewest units is a vertex of the polytope of these combinations; all its vertices are
    looked at where these are at most 50,000 choices of weights that are 0. Where the units' outputs are linearly
    independent there is one combination alone.
    """
    wanted = measure.outputs(program) - measure.c
    H = program.units(directions) * signs
    lengths = np.linalg.norm(H, axis=0)
    directions, signs, H = directions[lengths > 0], signs[lengths > 0], H[:, lengths > 0] / lengths[lengths > 0]
    weights, rest = matched(program, directions, signs, wanted)
    if rest > SAME:
        return measure, not len(measure.U)
    free = len(signs) - (int(np.linalg.matrix_rank(H, tol=1e-7)) if len(signs) else 0)
    complete = free == 0 or comb(len(signs), free) <= MOST
    if free and complete:
        weights = _vertex(H, weights * lengths[lengths > 0]) / lengths[lengths > 0]
    live = weights > GONE * weights.max(initial=0.0)
    return Measure(weights[live, None] * directions[live], signs[live], measure.c), complete


def _vertex(H: Array, weights: Array) -> Array:
    """Return weights, 0 or more, of which as few as can be are not 0, with the same H times them."""
    _, size, right = np.linalg.svd(H)
    rank = int((size > 1e-7 * size[0]).sum())
    null = right[rank:].T
    zeros = np.array(list(combinations(range(len(weights)), null.shape[1])))
    tables = null[zeros]
    regular = np.linalg.svd(tables, compute_uv=False)[:, -1] > 1e-9
    moves = np.linalg.solve(tables[regular], -weights[zeros[regular]][..., None])[..., 0]
    found = weights + moves @ null.T
    top = weights.max()
    found = found[(found >= -SAME * top).all(axis=1)]
    if not len(found):
        return weights
    counts = (found > SAME * top).sum(axis=1)
    best = found[int(np.argmin(counts))]
    return np.where(best > SAME * top, best, 0.0) if counts.min() < (weights > SAME * top).sum() else weights
