"""Losses of raw outputs by name: what targets they take, and their values and derivatives in the outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logsumexp, softmax

from homotopy._core.mlp import losses
from homotopy.arguments import numbers, shown
from homotopy.errors import ArgumentError, DataError
from homotopy.models.codes import agree
from homotopy.models.prepared import frozen, target_table

__all__ = ["BY_NAME", "Logistic", "Loss", "Softmax", "Squared", "loss"]

Array = NDArray[Any]


class Loss(ABC):
    """A loss of one sample's raw outputs z (k,) against a target y (k,); the mean over samples is minimized.

    Attributes
    ----------
    name : str
        The name under which `BY_NAME` has it.
    code : int
        Its code in ext/passes/loss.h.
    quadratic : bool
        Whether it is 1/2 |z - y|^2, whose fits are projections.
    classes : bool
        Whether a target may be the index of a class instead of k numbers.
    curvature : float
        The largest eigenvalue of its second derivative in the outputs: minus the gradient *over* it is a change of the
        outputs that cannot overshoot.
    weights : ndarray of shape (n,) or None
        What each sample counts in the mean, 1 on the mean (`homotopy.models.weights.weighted`); None for 1 each.

    Examples
    --------
    >>> y = loss("logistic").targets([0, 0, 0, 1], 1)
    >>> loss("logistic").constant(y).round(4), loss("logistic").regression_targets(y).ravel()
    (array([-1.0986]), array([-4., -4., -4.,  4.]))
    """

    name: str
    code: int
    quadratic: bool = False
    classes: bool = False
    curvature: float
    weights: NDArray[np.float64] | None = None

    @abstractmethod
    def targets(self, y: ArrayLike, n_outputs: int, dtype: Any = np.float64, *, name: str = "y") -> Array:
        """Return y as an array of shape (n, n_outputs), read-only and C-contiguous; messages call it `name`.

        Raises
        ------
        DataError
            If y has values that are no targets of this loss.
        """

    @abstractmethod
    def value(self, Z: Array, y: Array) -> float:
        """Return the mean loss of outputs Z (n, k) against prepared targets y (n, k)."""

    def each(self, Z: Array, y: Array) -> Array:
        """Return the loss of each sample, shape (n,)."""
        return np.array([self.value(Z[i : i + 1], y[i : i + 1]) for i in range(len(Z))])

    @abstractmethod
    def grad(self, Z: Array, y: Array) -> Array:
        """Return the gradient of the mean loss in the outputs, shape (n, k)."""

    @abstractmethod
    def hessp(self, Z: Array, y: Array, U: Array) -> Array:
        """Return the Hessian of the mean loss in the outputs times U, shape (n, k)."""

    @abstractmethod
    def link(self, mean: Array) -> Array:
        """Return the outputs at which the loss of this mean target is least, in its shape (..., k).

        Probabilities are kept 1e-12 away from 0 and 1, where the outputs would be infinite.
        """

    def counted(self, table: Array) -> Array:
        """Return a table of one row a sample, each times what the sample counts."""
        return table

    def constant(self, y: Array) -> Array:
        """Return the outputs, shape (k,), of the best constant for prepared targets y (n, k)."""
        return self.link(np.asarray(y.mean(axis=0)))

    def regression_targets(self, y: Array) -> Array:
        """Return what outputs are fitted to by least squares: 4 (2 y - 1) for probabilities y, shape (n, k)."""
        return np.asarray(4.0 * (2.0 * y - 1.0))

    @abstractmethod
    def feasible(self, y: Array) -> Array:
        """Return the targets of this loss, shape (n, k), that numbers (n, k) are brought back to."""

    def gauge(self, Z: Array) -> Array:
        """Return outputs, shape (..., k), without what the loss does not see of them."""
        return Z


class Squared(Loss):
    """1/2 (z - y)^2, summed over outputs; targets are any finite numbers."""

    name = "squared"
    code = 0
    quadratic = True
    curvature = 1.0

    def targets(self, y: ArrayLike, n_outputs: int, dtype: Any = np.float64, *, name: str = "y") -> Array:
        """Return y of shape (n,) or (n, k) as (n, k)."""
        return target_table(y, n_outputs, dtype, name)

    def value(self, Z: Array, y: Array) -> float:
        """Return the mean loss."""
        return float(0.5 * np.sum((Z - y) ** 2) / len(Z))

    def each(self, Z: Array, y: Array) -> Array:
        """Return the loss of each sample."""
        return np.asarray(0.5 * np.sum((Z - y) ** 2, axis=1))

    def grad(self, Z: Array, y: Array) -> Array:
        """Return (Z - y) / n."""
        return (Z - y) / len(Z)

    def hessp(self, Z: Array, y: Array, U: Array) -> Array:
        """Return U / n."""
        return U / len(Z)

    def link(self, mean: Array) -> Array:
        """Return the mean."""
        return mean

    def regression_targets(self, y: Array) -> Array:
        """Return y."""
        return y

    def feasible(self, y: Array) -> Array:
        """Return y."""
        return y


class Logistic(Loss):
    """log(1 + e^z) - y z, summed over outputs; targets are probabilities in [0, 1], or all of them -1 or 1."""

    name = "logistic"
    code = 1
    curvature = 0.25

    def targets(self, y: ArrayLike, n_outputs: int, dtype: Any = np.float64, *, name: str = "y") -> Array:
        """Return y as probabilities of shape (n, k); labels that are all -1 or 1 become 0 and 1.

        Raises
        ------
        DataError
            If a label is neither 0 nor 1 nor between, or the shape does not fit.
        """
        table = target_table(y, n_outputs, dtype, name)
        if np.isin(table, (-1, 1)).all():
            table = frozen((table + 1) / 2)
        if ((table < 0) | (table > 1)).any():
            bad = table[(table < 0) | (table > 1)][0]
            raise DataError(f"{name} has {bad:g}; the logistic loss takes 0 and 1, -1 and 1, or probabilities")
        return table

    def value(self, Z: Array, y: Array) -> float:
        """Return the mean loss."""
        return float(np.sum((1 - y) * np.logaddexp(0, Z) + y * np.logaddexp(0, -Z)) / len(Z))

    def each(self, Z: Array, y: Array) -> Array:
        """Return the loss of each sample."""
        return np.asarray(np.sum((1 - y) * np.logaddexp(0, Z) + y * np.logaddexp(0, -Z), axis=1))

    def grad(self, Z: Array, y: Array) -> Array:
        """Return (expit(Z) - y) / n."""
        return np.asarray(((1 - y) * expit(Z) - y * expit(-Z)) / len(Z))

    def hessp(self, Z: Array, y: Array, U: Array) -> Array:
        """Return p (1 - p) U / n."""
        return np.asarray(expit(Z) * expit(-Z) * U / len(Z))

    def link(self, mean: Array) -> Array:
        """Return log p - log(1 - p)."""
        share = _inside(mean)
        return np.asarray(np.log(share) - np.log(1 - share))

    def feasible(self, y: Array) -> Array:
        """Return y clipped to [0, 1]."""
        return np.clip(y, 0.0, 1.0)


class Softmax(Loss):
    """log sum e^z - y.z; targets are class indices 0 .. k-1, or rows of probabilities that sum to 1."""

    name = "softmax"
    code = 2
    classes = True
    curvature = 0.5

    def targets(self, y: ArrayLike, n_outputs: int, dtype: Any = np.float64, *, name: str = "y") -> Array:
        """Return y as rows of probabilities of shape (n, k); class indices of shape (n,) become rows of 0 and 1.

        Raises
        ------
        DataError
            If a class index is out of range, or rows are no distributions.
        """
        labels = numbers(name, y)
        if labels.ndim == 1:
            if not np.isin(labels, np.arange(n_outputs)).all():
                bad = labels[~np.isin(labels, np.arange(n_outputs))][0]
                raise DataError(
                    f"{name} has class {bad:g}; the softmax loss of {n_outputs} outputs takes 0 to {n_outputs - 1}"
                )
            return frozen(np.eye(n_outputs, dtype=dtype)[labels.astype(int)])
        table = target_table(y, n_outputs, dtype, name)
        if (table < 0).any() or not np.allclose(table.sum(1), 1, atol=1e-6):
            raise DataError(f"{name} has rows that are no probabilities: they must be nonnegative and sum to 1")
        return table

    def value(self, Z: Array, y: Array) -> float:
        """Return the mean loss."""
        return float(np.sum(self.each(Z, y)) / len(Z))

    def each(self, Z: Array, y: Array) -> Array:
        """Return the loss of each sample."""
        return np.asarray(logsumexp(Z, axis=1) - np.sum(y * Z, axis=1))

    def grad(self, Z: Array, y: Array) -> Array:
        """Return (softmax(Z) - y) / n."""
        return np.asarray((softmax(Z, axis=1) - y) / len(Z))

    def hessp(self, Z: Array, y: Array, U: Array) -> Array:
        """Return (p U - p (p.U)) / n, row by row."""
        p = softmax(Z, axis=1)
        return np.asarray(p * (U - np.sum(p * U, axis=1, keepdims=True)) / len(Z))

    def link(self, mean: Array) -> Array:
        """Return log p."""
        return np.asarray(np.log(_inside(mean)))

    def feasible(self, y: Array) -> Array:
        """Return y clipped to [0, 1], each row over its sum."""
        share = np.clip(y, 0.0, 1.0)
        return np.asarray(share / share.sum(axis=1, keepdims=True))

    def gauge(self, Z: Array) -> Array:
        """Return each row less its mean: only differences of outputs count."""
        return np.asarray(Z - Z.mean(axis=-1, keepdims=True))


BY_NAME: dict[str, Loss] = {"squared": Squared(), "logistic": Logistic(), "softmax": Softmax()}
"""Every loss."""

agree("loss", BY_NAME, losses())


def loss(which: str | Loss) -> Loss:
    """Return a loss given by name, a key of `BY_NAME`, or as an object.

    Raises
    ------
    ArgumentError
        If there is no such loss.

    Examples
    --------
    >>> loss("logistic").targets([-1, 1], 1).ravel()
    array([0., 1.])
    """
    if isinstance(which, Loss):
        return which
    if not isinstance(which, str):
        raise ArgumentError(f"loss is {shown(which)}; it must be a name or a Loss")
    if which not in BY_NAME:
        raise ArgumentError(f"loss {which!r} is unknown; there are {', '.join(BY_NAME)}")
    return BY_NAME[which]


def _inside(mean: Array) -> Array:
    return np.clip(mean, 1e-12, 1 - 1e-12)
