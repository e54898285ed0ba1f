"""Patterns found by sampling and by ascent, where there are too many to look at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.convex.cells import Slopes, signs_of, slopes
from homotopy.landscape.convex.patterns import Signs
from homotopy.landscape.convex.program import EPS, Program
from homotopy.landscape.convex.slopes import ascend, slope_of

__all__ = ["Sampled", "slope_bound"]

Array = NDArray[np.float64]

BEST = 64
"""Directions that are ascended from."""


class Sampled:
    """Patterns of some directions, to which each look adds those of local maxima of the slope."""

    def __init__(self, program: Program, directions: Array, count: int, rng: np.random.Generator) -> None:
        self.program = program
        r = program.Z.shape[1]
        some = program.Z[:: -(-len(program.Z) // 256)]
        U = np.vstack([directions, some, -some, rng.standard_normal((count, r))])
        norms = np.linalg.norm(U, axis=1)
        self._tries = U[norms > 0] / norms[norms > 0, None]
        self.patterns: Signs = np.unique(signs_of(program, self._tries), axis=0)

    def look(self, g: Array, least: float) -> Slopes:
        """Return the slopes of the units of all patterns, those that ascent finds from random directions included."""
        Z, leak, G = self.program.Z, self.program.leak, g[:, None]
        steep = np.argsort(-slope_of(self._tries, Z, G, leak)[0], kind="stable")[:BEST]
        _, U = ascend(self._tries[steep], Z, G, leak)
        known = {row.tobytes() for row in self.patterns}
        new = [row for row in np.unique(signs_of(self.program, U), axis=0) if row.tobytes() not in known]
        if new:
            self.patterns = np.vstack([self.patterns, new])
        return slopes(self.program, self.patterns, g, least=least)

    def bound(self, g: Array, found: Slopes) -> tuple[float, str]:
        """Return a bound for all patterns, known or not."""
        return slope_bound(self.program, g), "a bound of the slopes of all units"


def slope_bound(program: Program, g: Array) -> float:
    r"""Return a number that the slope of no unit is above.

    Notes
    -----
    :math:`\sigma(t) = \frac{1 + s}{2} t + \frac{1 - s}{2} |t|`, and
    :math:`\sum_i p_i |z_i \cdot u| \le (\sum_i p_i)^{1/2} \lambda_{\max}(\sum_i p_i z_i z_i^T)^{1/2}` for
    :math:`p \ge 0`: once with the positive parts of g, once with the negative ones.
    """
    Z, leak = program.Z, program.leak
    linear = 0.5 * (1.0 + leak) * float(np.linalg.norm(Z.T @ g))
    bent = [0.5 * (1.0 - leak) * _bent(Z, np.maximum(part, 0.0)) for part in (g, -g)]
    size = float(np.abs(g) @ np.linalg.norm(Z, axis=1))
    return min(linear + max(bent), size) + 4.0 * (len(g) + 8) * EPS * size


def _bent(Z: Array, p: Array) -> float:
    """Return a bound of the sum of p |Z u| over unit vectors."""
    rows = np.sqrt(p)[:, None] * Z
    return float(np.sqrt(p.sum()) * np.linalg.norm(rows, 2))
