"""The loss below which no function of the inputs comes: equal inputs have different targets, or these no class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from homotopy.models.losses import Loss
from homotopy.models.weights import weights_of
from homotopy.objectives.facets import offered
from homotopy.problems.bounds import Bound
from homotopy.problems.lower.facts import last_place

__all__ = ["least_mean", "losses_at", "repeated_inputs"]

Array = NDArray[Any]
MOST = 20_000_000
"""Numbers of a table of inputs that are sorted to find equal rows; of a larger one nothing is said."""
SAFETY = 16.0
"""Times the unit of the last place that sums over samples are off, measured in the size of what is summed."""


def least_mean(which: NDArray[np.intp], mass: Array, y: Array, loss: Loss) -> float:
    """Return the least mean loss of outputs that are equal within each group of samples, without any penalty.

    Parameters
    ----------
    which : ndarray of int, shape (n,)
        The number of each sample's group, from 0 on, none left out.
    mass : ndarray of shape (n,)
        What each sample counts, positive.
    y : ndarray of shape (n, k)
        Targets as the loss prepares them.
    loss : Loss
        The loss; weights of its own do not count.

    Notes
    -----
    In each group the best outputs predict the mean target m. What is left is half the variance of the squared loss, and
    the cross-entropy -sum y log m of the others, the infimum where m is 0 or 1.
    """
    total = np.bincount(which, mass)[:, None]
    mean = (np.column_stack([np.bincount(which, mass * column) for column in y.T]) / total)[which]
    return max(float(np.average(losses_at(mean, y, loss).sum(axis=1), weights=mass)), 0.0)


def losses_at(mean: Array, y: Array, loss: Loss) -> Array:
    """Return the loss of each target where outputs predict these means, of the shape of y; the infimum at 0 and 1."""
    if loss.quadratic:
        return np.asarray(0.5 * (y - mean) ** 2)
    each = -xlogy(y, mean)
    if loss.name == "logistic":
        each -= xlogy(1.0 - y, np.maximum(1.0 - mean, 0.0))
    return np.asarray(each)


def repeated_inputs(objective: Any) -> Bound | None:
    """Return the bound that equal inputs with different targets give, or targets that are probabilities; else None.

    Parameters
    ----------
    objective : Objective
        It must offer ``outputs``. Where they say what their ``inputs`` are, outputs at equal inputs are equal.
    """
    if not offered(objective, "outputs"):
        return None
    outputs = objective.outputs
    inputs, y = getattr(outputs, "inputs", None), np.asarray(outputs.targets)
    if not len(y):
        return None
    which = np.arange(len(y))
    if inputs is not None and inputs.size <= MOST:
        which = np.unique(np.asarray(inputs).reshape(len(y), -1), axis=0, return_inverse=True)[1].reshape(-1)
    alike = int(which.max()) + 1 < len(y)
    if not alike and outputs.loss.quadratic:
        return None
    value = least_mean(which, weights_of(outputs.loss, len(y)), y.astype(np.float64), outputs.loss)
    if value == 0.0:
        return None
    words = "equal inputs have different targets" if alike else "no outputs come below the entropy of the targets"
    return Bound(value, words, rounding=SAFETY * last_place(value, outputs))
