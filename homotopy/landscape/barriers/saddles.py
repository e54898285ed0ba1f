"""Saddles of index 1: found uphill from the top of a band, and left on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.landscape.barriers.flow import Flow, leaving, steepest_descent
from homotopy.landscape.barriers.spectrum import Modes, modes, polished
from homotopy.objectives.base import Vector

__all__ = ["both_sides", "climbed"]

STEPS = 200


def both_sides(objective: Any, saddle: Vector, *, scale: float) -> tuple[Flow, Flow]:
    """Return the paths of steepest descent that leave a saddle along its most negative mode, on either side.

    The first point of each is the saddle itself.
    """
    here = modes(objective, saddle)
    step = leaving(objective, saddle, here, scale=scale) * here.vectors[:, 0]
    paths = []
    for side in (1.0, -1.0):
        path = steepest_descent(objective, saddle + side * step, scale=scale, rate=abs(float(here.values[0])))
        points = np.vstack([saddle, path.points])
        paths.append(Flow(points, np.append(here.value, path.values), path.end))
    return paths[0], paths[1]


def climbed(objective: Any, x: Vector, along: Vector, *, scale: float) -> Vector | None:
    r"""Return the saddle of index 1 to which eigenvector following goes from x, or None where it finds none.

    Parameters
    ----------
    objective : Objective
        The function.
    x : ndarray of shape (n,)
        Where it begins, near the top of a band.
    along : ndarray of shape (n,)
        The band's direction there: uphill goes the mode that overlaps most with it.
    scale : float
        A length in the units of x; a step is at most a twentieth of it.

    Notes
    -----
    In the Hessian's eigenvectors the step is :math:`-g_i / |\lambda_i|`, uphill along the mode that is followed and
    downhill along all others. The mode is the one that overlaps most with the one before.

    References
    ----------
    C. J. Cerjan and W. H. Miller, J. Chem. Phys. 75 (1981) 2800; D. J. Wales, Energy Landscapes (2003), section 6.2.
    """
    x, along = np.array(x), np.asarray(along)
    most = scale / 20
    for _ in range(STEPS):
        here = modes(objective, x)
        if not np.isfinite(here.value):
            return None
        up = int(np.argmax(np.abs(here.vectors.T @ along)))
        along = here.vectors[:, up]
        if up == 0 and here.index == 1:
            found = polished(objective, x, index=1, near=scale, here=here)
            if found is not None:
                return found
        step = _step(here, up)
        length = float(np.linalg.norm(step))
        if length <= 1e-14 * scale:
            return None
        x = x + step * min(1.0, most / length)
    return None


def _step(here: Modes, up: int) -> Vector:
    """Return the step uphill along one mode and downhill along the others."""
    live = np.abs(here.values) > here.zero
    signs = np.full(here.values.size, -1.0)
    signs[up] = 1.0
    part = here.vectors[:, live]
    return np.asarray(part @ (signs[live] * (part.T @ here.grad) / np.abs(here.values[live])))
