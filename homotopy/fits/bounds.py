"""How far an objective can at most be above its global minimum."""

from __future__ import annotations

import numpy as np

from homotopy.fits.sample import Sample
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.base import Vector
from homotopy.problems.lower.repeated import least_mean

__all__ = ["floor", "gap"]


def floor(sample: Sample) -> float:
    """Return the mean loss below which no function of the inputs comes: that of rows with equal inputs, other targets.

    Examples
    --------
    >>> floor(Sample.of([[0.0], [0.0], [1.0]], [0.0, 2.0, 5.0], "squared"))
    0.333...
    """
    return least_mean(sample.alike, sample.mass, sample.y, sample.loss)


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
