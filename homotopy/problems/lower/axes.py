"""The minimum of the logistic unit with two minima on each axis, `homotopy.problems.traps.auer`: branch and bound."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import expit, logit

from homotopy.problems.bounds import Bound

__all__ = ["auer_bound", "least_of_one_axis"]

Array = NDArray[np.float64]
FAR, NEAR, AIM, HOLD = 10.0, 0.3, 0.9, 0.5
"""Where the far and the near point of an axis lie, the target of the near one, and of those that hold the bias."""
SATURATED = 30.0
"""From this argument on the far point counts as fitted not at all: its loss is above 1 - 2e-13."""
GRID, ROUNDS, MOST = 32, 12, 200_000
"""Boxes a side at first, how often they are halved, and how many there may be."""
SAFETY = 64.0
"""Times the unit of the last place that a sum of three squares is off."""


def auer_bound(copies: int) -> Bound | None:
    """Return the bound of `auer` with so many near points an axis; None where the proof fails.

    Notes
    -----
    With d axes, f is the mean over the axes of g(w_i, b) / (2 + 22 copies), since the points that hold the bias can be
    dealt out to them: for every b each weight has the same problem, so that no point is below the least g.
    """
    least = least_of_one_axis(copies)
    if least is None:
        return None
    value = least / (2.0 + 22.0 * copies)
    safety = SAFETY * float(np.finfo(np.float64).eps) * value
    return Bound(value - safety, "given the bias all axes are separate; branch and bound over it and a weight", safety)


@lru_cache
def least_of_one_axis(copies: int) -> float | None:
    r"""Return a sharp lower bound of the problem of one weight and the bias; None where the proof fails.

    Notes
    -----
    Let :math:`p = \sigma(0.3 w + b)`, :math:`s = \sigma(b)` and :math:`q = \sigma(10 w + b)`, which p and s determine,

    .. math:: g = q^2 + m (p - 0.9)^2 + 10 m (s - 0.5)^2

    with m copies. The square of a logistic unit less its target y is convex in its argument where the unit is between
    :math:`(1 + y \mp \sqrt{1 - y + y^2}) / 3`; where that holds of all three g is convex, and no point there is below
    :math:`g - |\nabla g| \, D` at any of them, D their distance. Where 10 w + b >= 30 the first term alone bounds g.
    Boxes in (p, s) cover the rest; q falls with s and rises with p, so that their corners bound all terms.
    """
    found = _convex(copies)
    if found is None:
        return None
    target = min(found, float(expit(SATURATED)) ** 2)
    corner = np.stack(np.meshgrid(*[np.arange(GRID) / GRID] * 2), axis=-1).reshape(-1, 2)
    width = 1.0 / GRID
    for _ in range(ROUNDS):
        corner = corner[~_settled(corner, width, copies, target)]
        if not len(corner):
            return target
        width /= 2.0
        corner = np.concatenate([corner + width * np.array(step) for step in ((0, 0), (0, 1), (1, 0), (1, 1))])
        if len(corner) > MOST:
            break
    return None


def _settled(corner: Array, width: float, copies: int, target: float) -> NDArray[np.bool_]:
    """Return which boxes of (p, s), given by their lower corners, hold no point below the target that is not covered.

    Covered are the points where g is convex, and those where 10 w + b >= 30.
    """
    p, s = corner[:, 0], corner[:, 1]
    high_p, high_s = np.minimum(p + width, 1.0), np.minimum(s + width, 1.0)
    low_z, high_z = _far(p, high_s), _far(high_p, s)
    off = [np.maximum(np.maximum(low - y, y - high), 0.0) for y, low, high in ((AIM, p, high_p), (HOLD, s, high_s))]
    low = expit(low_z) ** 2 + copies * off[0] ** 2 + 10 * copies * off[1] ** 2
    ends_p, ends_s, ends_q = (_bends(y) for y in (AIM, HOLD, 0.0))
    inside = (p >= ends_p[0]) & (high_p <= ends_p[1]) & (s >= ends_s[0]) & (high_s <= ends_s[1])
    return np.asarray((low >= target) | (inside & (expit(high_z) <= ends_q[1])) | (low_z >= SATURATED))


def _far(p: Array, s: Array) -> Array:
    """Return 10 w + b of p = sigma(0.3 w + b) and s = sigma(b); infinite at the ends, of one sign for opposite ones."""
    ratio = FAR / NEAR
    return np.asarray(ratio * logit(p) + (1.0 - ratio) * logit(s))


def _bends(y: float) -> tuple[float, float]:
    """Return between which values of a logistic unit the square of it less y is convex in its argument."""
    middle, half = (1.0 + y) / 3.0, sqrt(1.0 - y + y * y) / 3.0
    return middle - half, middle + half


def _convex(copies: int) -> float | None:
    """Return the bound of the points where g is convex; None where no minimum is found among them."""
    rows, y = np.array([[FAR, 1.0], [NEAR, 1.0], [0.0, 1.0]]), np.array([0.0, AIM, HOLD])
    mass = np.array([1.0, copies, 10.0 * copies])

    def both(x: Array) -> tuple[float, Array]:
        h = expit(rows @ x)
        return float(mass @ (h - y) ** 2), 2.0 * (mass * (h - y) * h * (1.0 - h)) @ rows

    x = scipy.optimize.minimize(both, [-0.2, 0.0], jac=True, method="BFGS", options={"gtol": 1e-13}).x
    value, grad = both(x)
    ends = [_bends(target) for target in y]
    if not all(low <= unit <= high for unit, (low, high) in zip(expit(rows @ x), ends, strict=True)):
        return None
    b = np.array([logit(ends[2][0]), logit(ends[2][1])])
    w = (logit(np.array(ends[1])) - b[::-1]) / NEAR  # the least and the largest weight with p and s within
    reach = max(float(np.hypot(x[0] - one, x[1] - other)) for one in w for other in b)
    return value - float(np.linalg.norm(grad)) * reach
