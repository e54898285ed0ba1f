"""Slopes at kinks: whether the value falls along some direction, and along which it does not change at first order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, lsq_linear

from homotopy.landscape.classify.kinked.kinks import Kinks
from homotopy.objectives.base import Vector

__all__ = ["Slopes", "slopes_at"]

Matrix = NDArray[np.float64]
ZERO = 1e-6
"""Slopes below this part of the terms that cancel in them are zero."""
MOST = 10
"""Kinks of a unit that bend the slope down, up to which all cases are looked at."""
SAMPLED = 512


@dataclass(frozen=True)
class Slopes:
    """The slopes in all directions.

    Attributes
    ----------
    down : ndarray of shape (n,) or None
        A unit direction along which the value falls at first order, None where there is none.
    slope : float
        The derivative along it; 0 without one.
    clarke : bool
        Whether zero is in the hull of the gradients of the pieces around, to rounding.
    up, below : ndarray of bool, shape (m,)
        Whether some direction of zero slope leads to where the kink's pre-activation is positive, or negative.
    complete : bool
        Whether all cases were looked at.
    """

    down: Vector | None
    slope: float
    clarke: bool
    up: NDArray[np.bool_]
    below: NDArray[np.bool_]
    complete: bool


def slopes_at(kinks: Kinks) -> Slopes:
    r"""Return the slopes at a point of a net with kinks.

    Notes
    -----
    What a unit's own weights do is apart from all other units, so that each is looked at alone. A kink that bends the
    slope down counts :math:`\min_{t \in \{0, 1\}} t j a \cdot d`, one that bends it up :math:`\max_{t \in [0, 1]}`;
    so no direction falls just where for *every* choice of the former there is one of the latter with which the slopes
    cancel: a least-squares problem with bounds, whose rest is otherwise a direction that falls. Zero is in Clarke's
    subdifferential if *some* choice within [0, 1] of all of them cancels, where a unit's samples on kinks are linearly
    independent; where they are not, this is a larger set. Directions of zero slope come from linear programs.

    References
    ----------
    F. H. Clarke, "Optimization and nonsmooth analysis", Wiley 1983, sections 2.3 and 2.5.
    """
    m = len(kinks.jumps)
    up, below = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    inside = np.zeros(kinks.base.size, dtype=bool)
    down, slope, clarke, complete = np.zeros(kinks.base.size), 0.0, True, True
    for unit in np.unique(kinks.units):
        here = np.flatnonzero(kinks.units == unit)
        slots = (kinks.normals[here] != 0).any(axis=0)
        inside |= slots
        block = _Block(kinks, here, slots)
        complete &= block.complete
        fall = block.falling()
        if fall is not None:
            down[slots] = fall
            clarke &= block.clarke()
        else:
            up[here], below[here] = block.open()
    rest = np.where(inside, 0.0, kinks.base)
    if float(np.linalg.norm(rest)) > ZERO * float(np.linalg.norm(kinks.scale)):
        down -= rest
        clarke = False
    if not down.any():
        return Slopes(None, 0.0, True, up, below, complete)
    down /= np.linalg.norm(down)
    slope = kinks.slope(down)
    return Slopes(down, slope, clarke, up, below, complete)


class _Block:
    """The kinks of one unit, in units of the size of its gradient's terms."""

    def __init__(self, kinks: Kinks, here: NDArray[np.intp], slots: NDArray[np.bool_]) -> None:
        self.size = float(np.linalg.norm(kinks.scale[slots])) or 1.0
        self.base = kinks.base[slots] / self.size
        normals = kinks.normals[np.ix_(here, slots)]
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        self.normals = normals / lengths
        jumps = kinks.jumps[here] * lengths[:, 0] / self.size
        self.jumps = np.where(np.abs(jumps) > ZERO, jumps, 0.0)
        self.bent = self.jumps[:, None] * self.normals
        self.down, self.raised = self.jumps < 0, self.jumps > 0
        count = int(self.down.sum())
        self.complete = count <= MOST
        if self.complete:
            self.choices = np.array(list(product((0.0, 1.0), repeat=count)))
        else:
            self.choices = np.random.default_rng(count).integers(0, 2, (SAMPLED, count)).astype(np.float64)

    def _rest(self, start: Vector, bent: Matrix) -> Vector:
        """Return the shortest start + sum of t bent, t in [0, 1]."""
        if not len(bent):
            return start
        found = lsq_linear(bent.T, -start, bounds=(0.0, 1.0), method="bvls", tol=1e-13)
        return np.asarray(start + bent.T @ found.x)

    def falling(self) -> Vector | None:
        """Return the direction of the steepest fall, None where none falls."""
        worst = np.zeros(self.base.size)
        for choice in self.choices:
            rest = self._rest(self.base + self.bent[self.down].T @ choice, self.bent[self.raised])
            if np.linalg.norm(rest) > np.linalg.norm(worst):
                worst = rest
        return -worst * self.size if np.linalg.norm(worst) > ZERO else None

    def clarke(self) -> bool:
        """Return whether some choice of all kinks cancels the slopes."""
        return bool(np.linalg.norm(self._rest(self.base, self.bent)) <= ZERO)

    def open(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which kinks a direction of zero slope leads above, and below."""
        m, above, below = len(self.jumps), np.zeros(len(self.jumps), dtype=bool), np.zeros(len(self.jumps), dtype=bool)
        for choice in self.choices:
            start = self.base + self.bent[self.down].T @ choice
            for k in range(m):
                for side, open_to in ((1.0, above), (-1.0, below)):
                    if not open_to[k]:
                        open_to[k] = self._farthest(start, side * self.normals[k]) > 1e3 * ZERO
        return above, below

    def _farthest(self, start: Vector, aim: Vector) -> float:
        """Return the largest aim.d over the box |d| <= 1 of start.d + sum of max(0, bent.d) <= 0."""
        raised = self.bent[self.raised]
        n, m = start.size, len(raised)
        cost = np.concatenate([-aim, np.zeros(m)])
        slack = np.hstack([raised, -np.eye(m)])
        rows = np.vstack([np.concatenate([start, np.ones(m)])[None], slack])
        bounds = [(-1.0, 1.0)] * n + [(0.0, None)] * m
        found = linprog(cost, A_ub=rows, b_ub=np.append(ZERO, np.zeros(m)), bounds=bounds, method="highs")
        return -float(found.fun) if found.status == 0 else 0.0
