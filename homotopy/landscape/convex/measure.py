"""Units with their outgoing weights: their value, which of them can be one, and the best weights of given ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from homotopy.landscape.convex.cells import Slopes, distinct
from homotopy.landscape.convex.program import Program

__all__ = ["GONE", "Measure", "matched", "merged", "tied", "weighed"]

Array = NDArray[np.float64]

GONE = 1e-9
"""Units below this part of the largest are no units."""
SMALL = 1e-3


@dataclass(frozen=True)
class Measure:
    """Units: a net of any width in which each unit's two layers count as one.

    Attributes
    ----------
    U : ndarray of shape (m, r)
        Weights of each unit times the size of its outgoing weight.
    signs : ndarray of shape (m,)
        The signs of the outgoing weights.
    c : float
        The output bias.
    """

    U: Array
    signs: Array
    c: float

    def outputs(self, program: Program) -> Array:
        """Return the outputs, shape (n,)."""
        return np.asarray(program.units(self.U) @ self.signs + self.c)

    def value(self, program: Program) -> float:
        """Return the penalized loss."""
        size = float(np.linalg.norm(self.U, axis=1).sum())
        return program.mean_loss(self.outputs(program)) + program.l2 * (size + 0.5 * self.c**2)


def tied(program: Program, found: Slopes, tie: float) -> tuple[Array, Array]:
    """Return the different directions (m, r) whose slopes are the penalty or more, but for a part `tie`, and signs.

    A direction with a positive slope has a negative outgoing weight.
    """
    live = (found.top >= program.l2 * (1.0 - tie)) & found.directions.any(axis=2)
    directions, signs = [], []
    for side, sign in ((0, -1.0), (1, 1.0)):
        here = found.directions[live[:, side], side]
        here = here[np.argsort(-found.top[live[:, side], side], kind="stable")]
        here = here[distinct(program, here)]
        directions.append(here)
        signs.append(np.full(len(here), sign))
    return np.vstack(directions), np.concatenate(signs)


def matched(program: Program, directions: Array, signs: Array, wanted: Array) -> tuple[Array, float]:
    """Return the sizes of outgoing weights, 0 or more, with which units come closest to outputs, and how close.

    The distance is a part of the length of the outputs.
    """
    H = program.units(directions) * signs
    sizes = np.linalg.norm(H, axis=0)
    sizes = np.where(sizes > 0, sizes, 1.0)
    unit = float(np.linalg.norm(wanted)) or 1.0
    if not len(sizes):
        return np.zeros(0), float(wanted.any())
    weights, rest = nnls(H / sizes, wanted / unit)
    return weights * unit / sizes, float(rest)


def weighed(program: Program, measure: Measure, directions: Array, signs: Array) -> Measure:
    r"""Return about the best measure on given units: one step of Newton's method in their weights, from a measure.

    Notes
    -----
    With z the outputs of the measure, b the second derivatives of the loss and :math:`t = z - L'(z) / b` the step
    minimizes :math:`\frac{1}{2} \sum_i b_i (H a + c - t)_i^2 + \lambda |a|_1 + \frac{\lambda}{2} c^2` over
    :math:`a \ge 0`, exactly for the squared loss, as nonnegative least squares: c is a difference of two numbers, and
    the penalty a row :math:`\epsilon |a|_1 + \lambda / \epsilon`, whose square is the penalty but for
    :math:`\frac{1}{2} \epsilon^2 |a|_1^2`.
    """
    if not len(directions) and not program.bias:
        return Measure(directions, signs, 0.0)  # nothing to weigh, and SciPy's nnls breaks down without columns
    l2, z = program.l2, measure.outputs(program)
    bend = program.bend(z)
    root = np.sqrt(np.maximum(bend, 1e-9 * bend.max()))
    wanted = root * z - program.grad(z) / root
    total = float(np.linalg.norm(measure.U, axis=1).sum()) or 1.0
    small = SMALL * np.sqrt(l2 / total)
    H = root[:, None] * (program.units(directions) * signs)
    m, sides = H.shape[1], np.array([1.0, -1.0]) if program.bias else np.zeros(0)
    k = len(sides)
    A = np.vstack(
        [
            np.hstack([H, root[:, None] * sides]),
            np.concatenate([np.full(m, small), np.zeros(k)])[None],
            np.concatenate([np.zeros(m), np.sqrt(l2) * sides])[None],
        ]
    )
    scale = np.linalg.norm(A, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    weights = nnls(A / scale, np.concatenate([wanted, [-l2 / small, 0.0]]))[0] / scale
    live = weights[:m] > GONE * weights[:m].max(initial=0.0)
    c = float(sides @ weights[m:])
    return Measure(weights[:m][live, None] * directions[live], signs[live], c)


def merged(program: Program, measure: Measure) -> Measure:
    """Return the measure with units of one sign that share a cell, its walls included, added up.

    The outputs are the same, and the penalty no more.
    """
    U: list[Array] = []
    signs: list[float] = []
    sides: list[Array] = []
    for u, sign, side in zip(measure.U, measure.signs, program.sides(measure.U), strict=True):
        for k, other in enumerate(sides):
            if sign == signs[k] and (side * other >= 0).all():
                U[k], sides[k] = U[k] + u, np.where(other == 0, side, other)
                break
        else:
            U, signs, sides = [*U, u], [*signs, float(sign)], [*sides, side]
    return Measure(np.array(U).reshape(-1, program.Z.shape[1]), np.array(signs), measure.c)
