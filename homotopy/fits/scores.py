"""What nets predict, averaged over several, and how good predictions are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.models.losses import Loss

__all__ = ["accuracy", "log_loss", "mean", "predicted", "r2"]

Array = NDArray[np.float64]


def predicted(outputs: Array, loss: Loss) -> Array:
    """Return what raw outputs (n, k) say: probabilities where targets are classes, else the outputs themselves."""
    if loss.name == "softmax":
        return np.asarray(softmax(outputs, axis=1))
    return np.asarray(expit(outputs)) if loss.name == "logistic" else outputs


@door
def mean(outputs: Sequence[Array], loss: Loss) -> Array:
    """Return the mean over nets of what their raw outputs (n, k) say, shape (n, k): of probabilities, or of numbers."""
    return np.asarray(np.mean([predicted(one, loss) for one in outputs], axis=0))


def _weighed(rows: int, weights: Array | None) -> None:
    """Check that there is a weight for each row."""
    if weights is not None and np.shape(weights) != (rows,):
        raise ArgumentError(f"weights has shape {np.shape(weights)}; {rows} rows need {(rows,)}")


@door
def accuracy(y: NDArray[np.intp], probabilities: Array, weights: Array | None = None) -> float:
    """Return the share of rows whose likeliest class is y, class indices of shape (n,), among columns (n, k).

    One column is the probability of class 1.

    Raises
    ------
    ArgumentError
        If the shapes do not fit.
    """
    if probabilities.ndim != 2 or probabilities.shape[:1] != np.shape(y):
        raise ArgumentError(f"probabilities has shape {probabilities.shape}; {np.shape(y)} classes need (n, k)")
    _weighed(len(y), weights)
    one = probabilities.shape[1] == 1
    classes = (probabilities[:, 0] > 0.5).astype(np.intp) if one else probabilities.argmax(axis=1)
    return float(np.average(classes == y, weights=weights))


@door
def log_loss(y: Array, probabilities: Array, weights: Array | None = None) -> float:
    """Return the mean over rows of the cross-entropy of targets y (n, k) and probabilities (n, k), in nats.

    One column is the probability of class 1 and has that of class 0 beside it; of several columns each row is a
    distribution. Probabilities are kept 1e-15 away from 0.

    Raises
    ------
    ArgumentError
        If the shapes do not fit.
    """
    if np.ndim(y) != 2 or np.shape(y) != np.shape(probabilities):
        shapes = f"{np.shape(y)} and {np.shape(probabilities)}"
        raise ArgumentError(f"y and probabilities have shapes {shapes}; both must be (n, k)")
    _weighed(len(y), weights)
    p = np.clip(probabilities, 1e-15, 1.0)
    each = -(y * np.log(p)).sum(axis=1)
    if y.shape[1] == 1:
        each -= ((1.0 - y) * np.log(np.clip(1.0 - probabilities, 1e-15, 1.0))).sum(axis=1)
    return float(np.average(each, weights=weights))


@door
def r2(y: Array, numbers: Array, weights: Array | None = None) -> float:
    """Return the share of the variance of y, shape (n,) or (n, k), that predictions explain, the mean over columns.

    A constant column counts 1 where it is predicted exactly, else 0.

    Raises
    ------
    ArgumentError
        If the shapes do not fit, or there is no row.
    """
    if not np.ndim(y) or np.size(y) != np.size(numbers) or not np.size(y):
        raise ArgumentError(
            f"y and predictions have shapes {np.shape(y)} and {np.shape(numbers)}; equal ones are needed"
        )
    _weighed(len(y), weights)
    y, numbers = y.reshape(len(y), -1), numbers.reshape(len(y), -1)
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers whose squares are none
        rest = np.average((y - numbers) ** 2, axis=0, weights=weights)
        spread = np.average((y - np.average(y, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    return float(np.mean(np.where(spread > 0.0, 1.0 - rest / np.where(spread > 0.0, spread, 1.0), rest == 0.0)))
