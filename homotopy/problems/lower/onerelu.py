"""The minimum of a net of one relu unit on one input: a linear regression for every place of its kink."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.models.weights import weights_of
from homotopy.problems.bounds import Bound
from homotopy.problems.lower.facts import activations, last_place, one_unit

__all__ = ["least_kink", "one_relu"]

Array = NDArray[np.float64]
MOST = 500
"""The most samples of which all places of the kink are gone through."""
SAFETY = 64.0
"""Times the unit of the last place that sums over samples are off."""


def one_relu(objective: Any) -> Bound | None:
    """Return the bound of a net with one relu unit, one input and one output, of squared loss; None of any other.

    Notes
    -----
    Without a penalty it is the minimum (`least_kink`).
    """
    outputs = one_unit(objective)
    if outputs is None:
        return None
    inputs, y = getattr(outputs, "inputs", None), np.asarray(outputs.targets)
    names = [getattr(part, "name", "") for part in activations(outputs)]
    fits = inputs is not None and np.shape(inputs)[1:] == (1,) and y.shape[1] == 1 and len(y) <= MOST
    if not fits or names != ["relu", "identity"] or not outputs.loss.quadratic:
        return None
    x, target = np.asarray(inputs, dtype=np.float64)[:, 0], y[:, 0].astype(np.float64)
    value = least_kink(x, target, weights_of(outputs.loss, len(y)))
    slack = SAFETY * last_place(value, outputs)
    if value <= slack:
        return None
    return Bound(value, "a linear regression for every place of the kink of one relu unit", rounding=slack)


def least_kink(x: Array, y: Array, weights: Array) -> float:
    r"""Return the minimum of the mean of :math:`\frac12 (v (w x + b)_+ + c - y)^2` over w, b, v and c.

    Parameters
    ----------
    x, y, weights : ndarray of shape (n,)
        Inputs, targets, and what they count, one on the mean.

    Notes
    -----
    Such a function is constant on one side of its kink and affine on the other, and continuous. With the kink between
    two neighboring inputs it is a regression by three functions; those whose kink really lies there are a cone of
    slope a >= 0 and one of a <= 0, so that the minimum is that of the regression, or the kink is at an input, where two
    functions are left.

    Examples
    --------
    >>> x, y = np.array([5.0, 4.0, 3.0, 1.0, -1.0]), np.array([2.0, 1.0, 0.0, -3.0, 3.0])
    >>> round(10 * least_kink(x, y, np.ones(5)), 12)
    14.0
    """
    root, least = np.sqrt(weights), np.inf
    for side in (1.0, -1.0):
        for columns, inside in _regressions(side * x):
            design = root[:, None] * columns
            found = np.linalg.lstsq(design, root * y, rcond=None)[0]
            if inside(found):
                rest = root * y - design @ found
                least = min(least, 0.5 * float(rest @ rest) / len(y))
    return float(least)


def _regressions(z: Array) -> Iterator[tuple[Array, Any]]:
    """Yield the functions of each regression as columns, and whether coefficients are those of a unit."""
    ones, knots = np.ones_like(z), np.unique(z)
    yield np.column_stack([ones, _from(z, knots[0])]), _always  # the kink below all inputs
    for knot in knots[1:]:
        yield np.column_stack([ones, _from(z, knot)]), _always
    for low, high in pairwise(knots):
        on = z > low
        yield np.column_stack([ones * ~on, ones * on, _from(z, high)]), _between(low, high, float(z.max() - high))


def _from(z: Array, knot: float) -> Array:
    """Return how far each input is beyond a knot, the farthest one being 1, so that their unit does not count.

    Differences of near inputs are exact, so that a kink between them is seen however near they are.
    """
    beyond = np.maximum(z - knot, 0.0)
    return np.asarray(beyond / (beyond.max() or 1.0))


def _always(_: Array) -> bool:
    return True


def _between(low: float, high: float, reach: float) -> Any:
    """Return whether the affine part e + a (z - high) / reach meets the constant c in between, of (c, e, a)."""

    def inside(found: Array) -> bool:
        c, e, a = found
        return bool(low - high <= (c - e) / a * reach <= 0.0) if a else bool(c == e)

    return inside
