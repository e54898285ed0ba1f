"""The loss of the best constant prediction: what a net must beat, and the yardstick where no optimum is known."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from homotopy.objectives.facets import offered

__all__ = ["constant_loss"]


def constant_loss(objective: Any) -> float:
    """Return the loss of the constant outputs that fit the targets best, without any penalty; NaN where there is none.

    Parameters
    ----------
    objective : Objective
        It has such a loss where it offers ``outputs``: raw outputs, targets and a loss that they are put into. Weights
        of the samples, an attribute ``weights`` of shape (n,) or None, count.

    Returns
    -------
    float
        In the unit of the objective: half the variance of the targets for the squared loss, the entropy of the classes
        for the others.

    Examples
    --------
    >>> from homotopy.models import MLP
    >>> from homotopy.objectives.risk import EmpiricalRisk
    >>> constant_loss(EmpiricalRisk(MLP((1, 1)), "squared", [[0.0], [1.0]], [1.0, 3.0]))
    0.5
    """
    if not offered(objective, "outputs"):
        return nan
    outputs, weights = objective.outputs, getattr(objective, "weights", None)
    y = np.asarray(outputs.targets, dtype=np.float64)
    if weights is None:
        z = outputs.loss.constant(y)
        return float(outputs.loss.value(np.tile(z, (len(y), 1)), y))
    rows, at = np.unique(y, axis=0, return_inverse=True)
    mass = np.bincount(at.ravel(), weights=np.asarray(weights, dtype=np.float64))
    z = outputs.loss.link(np.average(rows, axis=0, weights=mass))
    return float(np.average([outputs.loss.value(z[None], row[None]) for row in rows], weights=mass))
