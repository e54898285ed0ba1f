"""The least number of units with which a global minimum is reached."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.convex.measure import Measure, matched
from homotopy.landscape.convex.program import Program

__all__ = ["fewest"]

Array = NDArray[np.float64]

SAME = 1e-9
"""Outputs that differ by this part of their length are the same."""
TRIES = 20000
"""Sets of units that are tried at most."""


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
    penalty are in them: the others are ruled out by the dual solution. All combinations of these with the outputs then
    have the same penalty. Sets of one unit, of two, ... are tried, up to 20,000 sets; where the units' outputs are
    linearly independent there is one combination alone.
    """
    wanted = measure.outputs(program) - measure.c
    width = len(measure.U)
    H = program.units(directions) * signs
    lengths = np.linalg.norm(H, axis=0)
    if width <= 1 or not len(H.T):
        return measure, True
    if np.linalg.matrix_rank(H / np.where(lengths > 0, lengths, 1.0), tol=1e-7) == len(lengths):
        return measure, True
    tried = 0
    for count in range(1, width):
        tried += comb(len(signs), count)
        if tried > TRIES:
            return measure, False
        for subset in combinations(range(len(signs)), count):
            some = list(subset)
            weights, rest = matched(program, directions[some], signs[some], wanted)
            if rest <= SAME:
                return Measure(weights[:, None] * directions[some], signs[some], measure.c), True
    return measure, True
