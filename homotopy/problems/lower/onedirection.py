"""The bound of a net with one hidden unit: its outputs rise or fall along one direction of the inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from homotopy.models.losses import Loss
from homotopy.models.weights import weights_of
from homotopy.problems.bounds import Bound
from homotopy.problems.lower.facts import activations, last_place, one_unit
from homotopy.problems.lower.repeated import losses_at

__all__ = ["monotone_loss", "one_direction", "orders"]

Array = NDArray[Any]
MOST = 60
"""The most samples in the plane of which all orders are gone through."""
SAFETY = 16.0
"""Times the unit of the last place that sums over samples are off."""


def one_direction(objective: Any) -> Bound | None:
    """Return the bound of a net with one monotone hidden unit on inputs in one or two dimensions, else None.

    Notes
    -----
    The outputs depend on one projection of the inputs, and each of them rises or falls with it. No such function has a
    lower loss than the isotonic regression of the targets in the order of the projections (the best outputs in each
    block are those of its mean target; T. Robertson, F. T. Wright and R. L. Dykstra, Order Restricted Statistical
    Inference, 1988, theorem 1.5.2); the least one of all orders that projections have is the bound. It is attained in
    the limit where isotonic regression has two blocks and the unit can become a step.
    """
    found = _single_unit(objective)
    if found is None:
        return None
    X, y, loss = found
    weights = weights_of(loss, len(y))
    value = min(
        sum(min(monotone_loss(column, weights, order, loss), monotone_loss(column, weights, order[::-1], loss))
            for column in y.T)
        for order in orders(X)
    )  # fmt: skip
    slack = SAFETY * last_place(value, objective.outputs)
    if value <= slack:
        return None
    return Bound(
        value, "one unit rises or falls along one direction; isotonic regression in every order", rounding=slack
    )


def monotone_loss(y: Array, weights: Array, order: NDArray[np.intp], loss: Loss) -> float:
    """Return the least mean loss of one output that does not fall in this order of the samples.

    Parameters
    ----------
    y, weights : ndarray of shape (n,)
        Targets and what they count, one on the mean.
    order : ndarray of int, shape (n,)
        The samples, first the one whose output is least.
    loss : Loss
        The squared or the logistic loss.
    """
    mean = np.empty(len(y))
    mean[order] = scipy.optimize.isotonic_regression(y[order], weights=weights[order]).x
    if not loss.quadratic:
        mean = np.clip(mean, 0.0, 1.0)
    return float(np.average(losses_at(mean, y, loss), weights=weights))


def orders(X: Array) -> Iterator[NDArray[np.intp]]:
    """Yield the orders of samples X, shape (n, 1) or (n, 2), by their projections on directions, up to reversal.

    Ties are broken in some way: outputs that are equal are monotone in every order of them.
    """
    if X.shape[1] == 1:
        yield np.argsort(X[:, 0], kind="stable")
        return
    i, j = np.triu_indices(len(X), 1)
    gaps = X[i] - X[j]
    gaps = gaps[np.abs(gaps).max(axis=1) > 0]
    turns = np.unique(np.mod(np.arctan2(gaps[:, 0], -gaps[:, 1]), np.pi))  # directions in which two samples are tied
    turns = np.append(turns, turns[0] + np.pi) if turns.size else np.array([0.0, np.pi])
    for angle in 0.5 * (turns[1:] + turns[:-1]):
        yield np.argsort(X @ np.array([np.cos(angle), np.sin(angle)]), kind="stable")


def _single_unit(objective: Any) -> tuple[Array, Array, Loss] | None:
    """Return inputs, targets and loss of a net with one monotone hidden unit on few inputs; None of any other."""
    outputs = one_unit(objective)
    if outputs is None:
        return None
    inputs, loss = getattr(outputs, "inputs", None), outputs.loss
    if inputs is None or not all(getattr(part, "monotone", False) for part in activations(outputs)) or loss.classes:
        return None
    X, y = np.asarray(inputs, dtype=np.float64), np.asarray(outputs.targets, dtype=np.float64)
    return (X, y, loss) if X.shape[1] == 1 or (X.shape[1] == 2 and len(X) <= MOST) else None
