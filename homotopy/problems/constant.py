"""The loss of the best constant prediction: what a net must beat, and the yardstick where no optimum is known."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from homotopy.models.weights import weighted
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
    outputs, loss = objective.outputs, objective.outputs.loss
    if (
        getattr(loss, "weights", None) is None
    ):  # a risk's has those of the samples that count, and outputs are of these alone
        loss = weighted(loss, getattr(objective, "weights", None))
    y = np.asarray(outputs.targets, dtype=np.float64)
    return float(loss.value(np.tile(loss.constant(y), (len(y), 1)), y))
