"""How far an objective can at most be above its global minimum."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from homotopy.fits.sample import Sample
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.base import Vector

__all__ = ["floor", "gap"]


def floor(sample: Sample) -> float:
    """Return the mean loss below which no function of the inputs comes: that of rows with equal inputs, other targets.

    Examples
    --------
    >>> floor(Sample.of([[0.0], [0.0], [1.0]], [0.0, 2.0, 5.0], "squared"))
    0.333...
    """
    which, mass, y = sample.alike, sample.mass, sample.y
    mean = (np.column_stack([np.bincount(which, mass * column) for column in y.T]) / np.bincount(which, mass)[:, None])[
        which
    ]
    if sample.loss.quadratic:
        each = 0.5 * (y - mean) ** 2
    else:
        each = -xlogy(y, mean)
        if sample.loss.name == "logistic":
            each -= xlogy(1.0 - y, np.maximum(1.0 - mean, 0.0))
    return max(float(np.average(each.sum(axis=1), weights=mass)), 0.0)


def gap(sample: Sample, risk: EmpiricalRisk, theta: Vector) -> float:
    r"""Return a bound on how far `theta` is above the global minimum of the objective.

    Notes
    -----
    No function of the inputs has a mean loss below `floor`, and a penalty is never negative, so that the gap is at most
    the value less the floor. Without a hidden layer the objective is convex, with a penalty strongly: then the gap is
    also at most :math:`|g|^2 / (2 \alpha)` with the gradient g. Where a net has hidden units nothing better is known.
    """
    value, grad = risk.value_and_grad(np.ascontiguousarray(theta))
    bound = max(float(value) - floor(sample), 0.0)
    if risk.convex and risk.l2 > 0.0:
        with np.errstate(over="ignore"):
            bound = min(bound, float(grad @ grad) / (2.0 * risk.l2))
    return bound
