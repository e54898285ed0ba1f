"""Newton's method on the units of a measure, as long as each keeps its activation pattern."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space

from homotopy.landscape.convex.measure import GONE, Measure
from homotopy.landscape.convex.program import Program

__all__ = ["newton", "settled"]

Array = NDArray[np.float64]

STEPS = 80
CHANGES = 60
"""Units that may come to a wall one after the other."""


def newton(program: Program, measure: Measure) -> Measure:
    """Return the minimum over the weights of these units as long as none leaves its activation pattern.

    Samples at which a unit is 0 stay so. A unit that comes to a wall of its pattern goes on within the wall, one that
    comes to 0 is gone. What is minimized is convex and smooth.
    """
    for _ in range(CHANGES):
        units = _Fixed(program, measure)
        x, hit = _within(units)
        measure = units.measure(x)
        if not hit:
            break
    return measure


def _within(units: _Fixed) -> tuple[Array, bool]:
    """Return the minimum while gates and kinks are fixed, or where a unit comes to a wall; and whether one does."""
    x = units.begin
    value, grad, bend = units.derivatives(x)
    for _ in range(STEPS if len(x) else 0):
        step = np.asarray(-np.linalg.lstsq(bend, grad, rcond=1e-14)[0], dtype=np.float64)
        slope = float(grad @ step)
        if slope >= 0 or -slope <= 1e-30 * abs(value):
            break
        room = units.room(x, step)
        size = min(1.0, room)
        while size > 1e-12 * min(1.0, room):
            new = units.derivatives(x + size * step)
            if new[0] <= value + 1e-4 * size * slope:
                break
            if new[0] <= value * (1 + 1e-14) and np.linalg.norm(new[1]) < 0.9 * np.linalg.norm(grad):
                break  # rounding hides the decrease
            size *= 0.5
        else:
            break
        x = np.asarray(x + size * step)
        if size == room:
            return x, True
        value, grad, bend = new
    return x, False


def settled(program: Program, measure: Measure) -> Array:
    """Return slopes of the loss at a measure, shape (n,), to which its units are as steep as the penalty."""
    units = _Fixed(program, measure)
    return units.dual(units.begin)


def _freedom(program: Program, kinks: NDArray[np.bool_]) -> Array:
    """Return an orthonormal basis (r, k) of the weights for which the samples `kinks` stay at the kink."""
    Q, R = program.white
    lengths = np.linalg.norm(Q, axis=1)
    rows = Q[kinks & (lengths > 0)] / lengths[kinks & (lengths > 0), None]
    if not len(rows):
        return np.eye(len(R))
    return np.asarray(np.linalg.qr(np.linalg.solve(R, null_space(rows, rcond=1e-7)))[0])


class _Fixed:
    """The penalized loss of units whose gates and kinks are fixed, in the coordinates in which the units may move."""

    def __init__(self, program: Program, measure: Measure) -> None:
        self.program = program
        norms = np.linalg.norm(measure.U, axis=1)
        self.bases, signs, columns, begin, walls = [], [], [], [], []
        for u, norm, sign, side in zip(measure.U, norms, measure.signs, program.sides(measure.U), strict=True):
            basis = _freedom(program, side == 0)
            if norm <= GONE * norms.max() or not basis.shape[1]:
                continue
            inner = np.abs(side)[:, None] * (program.Z @ basis)
            self.bases.append(basis)
            signs.append(sign)
            columns.append(sign * np.where(side > 0, 1.0, program.leak)[:, None] * inner)
            walls.append(side[:, None] * inner)
            begin.append(basis.T @ u)
        self.signs, self.walls = np.array(signs), walls
        ends = np.cumsum([basis.shape[1] for basis in self.bases], dtype=int)
        self.parts = [slice(end - basis.shape[1], end) for end, basis in zip(ends, self.bases, strict=True)]
        constant = [np.ones((len(program.y), 1))] if program.bias else []
        self.J = np.hstack([*columns, *constant, np.zeros((len(program.y), 0))])
        self.begin = np.concatenate([*begin, np.full(len(constant), measure.c)])

    def dual(self, x: Array) -> Array:
        """Return slopes of the loss, shape (n,), changed by so little that x is stationary for them.

        What a difference of outputs and targets has lost by rounding counts where the penalty is small beside them.
        """
        program = self.program
        g, penalty = program.grad(self.J @ x), np.zeros(len(x))
        for part in self.parts:
            penalty[part] = program.l2 * x[part] / np.linalg.norm(x[part])
        if program.bias:
            penalty[-1] = program.l2 * x[-1]
        return np.asarray(g - np.linalg.lstsq(self.J.T, self.J.T @ g + penalty, rcond=1e-12)[0])

    def derivatives(self, x: Array) -> tuple[float, Array, Array]:
        """Return value, gradient and Hessian; an infinite value where a unit vanishes."""
        program, l2 = self.program, self.program.l2
        z = self.J @ x
        value, grad = program.mean_loss(z), self.J.T @ program.grad(z)
        bend = self.J.T @ (program.bend(z)[:, None] * self.J)
        for part in self.parts:
            norm = float(np.linalg.norm(x[part]))
            if norm == 0.0:
                return np.inf, grad, bend
            along = x[part] / norm
            value += l2 * norm
            grad[part] += l2 * along
            bend[part, part] += l2 / norm * (np.eye(len(along)) - np.outer(along, along))
        if program.bias:
            value += 0.5 * l2 * float(x[-1]) ** 2
            grad[-1] += l2 * x[-1]
            bend[-1, -1] += l2
        return value, grad, bend

    def room(self, x: Array, step: Array) -> float:
        """Return how many steps it is to the nearest wall of a unit; infinite if there is none that way."""
        least = np.inf
        for part, walls in zip(self.parts, self.walls, strict=True):
            here, change = walls @ x[part], walls @ step[part]
            closer = change < 0
            if closer.any():
                least = min(least, float((np.maximum(here[closer], 0.0) / -change[closer]).min()))
        return least

    def measure(self, x: Array) -> Measure:
        """Return the units."""
        weights = [basis @ x[part] for basis, part in zip(self.bases, self.parts, strict=True)]
        U = np.array(weights).reshape(len(weights), self.program.Z.shape[1])
        return Measure(U, self.signs, float(x[-1]) if self.program.bias else 0.0)
