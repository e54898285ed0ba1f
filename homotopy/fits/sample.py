"""Data as a net sees them: inputs, targets of a loss, and how much each row counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import numbers
from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.models import MLP
from homotopy.models.losses import Loss
from homotopy.models.losses import loss as by_name
from homotopy.objectives import EmpiricalRisk
from homotopy.problems.base import Starts
from homotopy.problems.data import fan_in, layer_starts, normal

__all__ = ["Sample", "with_constant"]

Array = NDArray[np.float64]


def _no_rows() -> NDArray[np.intp]:
    return np.empty(0, dtype=np.intp)


@doors
@dataclass(frozen=True, eq=False)
class Sample:
    """Inputs and targets, which `Sample.of` checks.

    Attributes
    ----------
    X : ndarray of shape (n, d)
        The inputs, in the units in which they are fitted.
    y : ndarray of shape (n, k)
        The targets as the loss has them: numbers, or probabilities.
    loss : Loss
        The loss.
    weights : ndarray of shape (n,) or None
        How much each row counts, positive; None where all count alike.
    constant: float
        0, or the number that the last column of X is in every row (`Sample.biased`).
    rows : ndarray of shape (n,)
        The number of each row in what `Sample.of` was given; of a merged row that of the first.
    """

    X: Array
    y: Array
    loss: Loss
    weights: Array | None = None
    constant: float = 0.0
    rows: NDArray[np.intp] = field(default_factory=_no_rows)

    @classmethod
    def of(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        loss: str | Loss,
        *,
        n_outputs: int | None = None,
        weights: ArrayLike | None = None,
    ) -> Self:
        """Return the sample of these rows; those of weight 0 are left out.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Inputs.
        y : array_like of shape (n,) or (n, k)
            Targets as the loss takes them; class indices for "softmax".
        loss : str or Loss
            "squared", "logistic" or "softmax".
        n_outputs : int or None
            Outputs of the net; None counts the columns of y, or the classes.
        weights : array_like of shape (n,) or None
            Nonnegative, not all zero.

        Raises
        ------
        ArgumentError
            If shapes do not fit.
        DataError
            If the loss does not take a target, or a weight is negative, not finite, or all are zero.
        """
        chosen, inputs, given = by_name(loss), numbers("X", X), numbers("y", y)
        if inputs.ndim != 2 or not given.ndim or len(inputs) != len(given):
            raise ArgumentError(
                f"X has shape {inputs.shape} and y {given.shape}; they must be (n, d), and (n,) or (n, k)"
            )
        if n_outputs is None:
            one = int(given.max(initial=0)) + 1 if chosen.name == "softmax" else 1
            n_outputs = one if given.ndim == 1 else given.shape[1]
        targets = chosen.targets(given, n_outputs)
        if weights is None:
            return cls(inputs, targets, chosen, rows=np.arange(len(inputs)))
        share = _weights(weights, len(inputs))
        counts = np.flatnonzero(share)
        return cls(inputs, targets, chosen, share, rows=np.arange(len(inputs))).take(counts)

    def __len__(self) -> int:
        return len(self.X)

    @property
    def mass(self) -> Array:
        """How much each row counts, shape (n,), 1 on average."""
        return np.ones(len(self)) if self.weights is None else self.weights / self.weights.mean()

    @property
    def labels(self) -> NDArray[np.intp]:
        """A number for each different target, shape (n,): what splits are stratified by where targets are classes."""
        return np.unique(self.y, axis=0, return_inverse=True)[1].reshape(-1)

    @cached_property
    def alike(self) -> NDArray[np.intp]:
        """A number for each different input, shape (n,)."""
        return np.unique(self.X, axis=0, return_inverse=True)[1].reshape(-1)

    def take(self, rows: NDArray[Any]) -> Self:
        """Return some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        kept = self.rows[rows] if self.rows.size else np.arange(len(self.X))[rows]
        return replace(self, X=self.X[rows], y=self.y[rows], weights=weights, rows=kept)

    def scaled(self, X: Array, y: Array | None = None) -> Self:
        """Return the sample with other inputs, and other targets where given."""
        return replace(self, X=X, y=self.y if y is None else y)

    def biased(self, constant: float) -> Self:
        """Return the sample with one input more, a constant, so that the first layer's biases are penalized less.

        A bias b may then be made of the constant's weight b / constant, which costs that much less; 0 adds none.
        """
        return replace(self, X=with_constant(self.X, constant), constant=constant) if constant else self

    def merged(self) -> Self:
        """Return the sample with equal rows made one that counts as much, and rows in an order of their own.

        A fit then depends on the data alone: not on the order of rows, nor on whether one is repeated or counts twice.
        """
        table = np.column_stack([self.X, self.y])
        first, which = np.unique(table, axis=0, return_index=True, return_inverse=True)[1:]
        mass = np.bincount(which.reshape(-1), self.weights)
        weights = None if (mass == mass[0]).all() else np.asarray(mass, dtype=np.float64)
        return replace(
            self,
            X=self.X[first],
            y=self.y[first],
            weights=weights,
            rows=self.rows[first] if self.rows.size else self.rows,
        )

    def starts(self, net: MLP) -> Starts:
        """Return the distribution of starts: weights N(0, 1/n_inputs), biases N(0, 0.01), the constant as a 1."""
        layers = len(net.sizes) - 1
        drawn = layer_starts(net.sizes, [fan_in()] * layers, [normal(0.1)] * layers)
        if not self.constant:
            return drawn
        factors = np.ones(net.size)
        net.unpack(factors)[0][0][:, -1] = 1.0 / self.constant
        return Starts(lambda rng: drawn(rng) * factors)

    def net(self, hidden: tuple[int, ...], activation: str) -> MLP:
        """Return a net for these inputs and targets."""
        return MLP((self.X.shape[1], *hidden, self.y.shape[1]), activation)

    def risk(self, net: MLP, alpha: float = 0.0) -> EmpiricalRisk:
        """Return the mean loss of a net on the rows, plus alpha/2 |theta|^2."""
        if self.weights is None:
            return EmpiricalRisk(net, self.loss, self.X, self.y, l2=alpha)
        return EmpiricalRisk(net, self.loss, self.X, self.y, l2=alpha, weights=self.weights)


def with_constant(X: Array, constant: float) -> Array:
    """Return a table with one column more, which is this number, unless it is 0."""
    return np.column_stack([X, np.full(len(X), constant)]) if constant else X


def _weights(weights: ArrayLike, n: int) -> Array:
    given = numbers("weights", weights)
    if given.shape != (n,):
        raise ArgumentError(f"weights has shape {given.shape}; it must be ({n},), one weight a row")
    if not np.isfinite(given).all() or (given < 0).any():
        raise DataError("weights has entries that are negative or not finite; a weight is 0 or a positive number")
    if not given.any():
        raise DataError("weights are all zero; one row at least must count")
    return given
