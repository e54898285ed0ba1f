"""The mean loss of a model on data."""

from __future__ import annotations

from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy._core.mlp import MovingRisk, Risk
from homotopy.arguments import number, numbers, shown
from homotopy.errors import ArgumentError, DataError
from homotopy.models.losses import Loss, loss, overflow
from homotopy.models.mlp import MLP

__all__ = ["EmpiricalRisk"]

Array = NDArray[Any]


class EmpiricalRisk(Risk):
    r"""The mean loss of a model on data, plus a penalty on the weights: an Objective.

    Parameters
    ----------
    model : MLP
        The model.
    loss : str or Loss
        "squared", "logistic" or "softmax"; see `homotopy.models.losses`.
    X : array_like of shape (n, d)
        Inputs; copied to the model's dtype once, here.
    y : array_like of shape (n,) or (n, k)
        Targets as the loss takes them; copied likewise.
    l2 : float
        Weight of the penalty, 0 or more, dimensionless.

    Raises
    ------
    ArgumentError
        If shapes do not fit the model, l2 is negative or not finite, or an array given to a method has not the
        model's dtype, C order and shape: nothing is converted there.
    DataError
        If there is no sample, a number is not finite, or the loss does not take a target.

    Notes
    -----
    .. math:: f(\theta) = \frac1n \sum_i \ell(z(x_i; \theta), y_i) + \frac{\lambda}{2} |\theta|^2

    with the loss summed over outputs. Second-order products keep the passes that depend on theta alone in memory,
    about 16 bytes a sample and unit (32 for softplus, gelu, erf and sin).

    Examples
    --------
    >>> X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    >>> risk = EmpiricalRisk(MLP([2, 2, 1]), "squared", X, y)
    >>> risk.value(np.zeros(9))
    0.25
    """

    model: MLP
    loss: Loss
    X: Array
    y: Array
    l2: float

    def __new__(cls, model: MLP, loss: str | Loss, X: ArrayLike, y: ArrayLike, *, l2: float = 0.0) -> Self:
        """Check the data and make the compiled part."""
        chosen = _loss(loss)
        if not isinstance(model, MLP):
            raise ArgumentError(f"model is {shown(model)}; it must be an MLP")
        weight = _weight("l2", l2)
        inputs = _inputs(X, model)
        targets = chosen.targets(y, model.sizes[-1], model.dtype)
        if len(targets) != len(inputs):
            raise ArgumentError(f"X has {len(inputs)} rows and y has {len(targets)}; they must be equally many")
        self = super().__new__(cls, model, chosen.code, inputs, targets, weight)
        self.model, self.loss, self.X, self.y, self.l2 = model, chosen, inputs, targets, weight
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (self.model, self.loss.name, self.X, self.y, self.l2)

    def __repr__(self) -> str:
        return f"EmpiricalRisk({self.model!r}, {self.loss.name!r}, n_samples={len(self.X)}, l2={self.l2:g})"

    def deformed(
        self,
        *,
        basis: ArrayLike | None = None,
        targets: ArrayLike | None = None,
        l2: float | None = None,
        mix: bool = False,
        smooth: float = 0.0,
    ) -> MovingRisk:
        r"""Return this risk with numbers of its own that move with t, all of which are its own at t = 1.

        Parameters
        ----------
        basis : array_like of shape (n, q) or None
            Orthonormal columns Q: what the residual r has in their span counts :math:`t^2`,
            :math:`H = \frac{1}{2n} |r - (1 - t) Q Q^T r|^2`. Squared loss only.
        targets : array_like of shape (n, k) or None
            Targets y0 at t = 0; they move as y0 + t (y - y0).
        l2 : float or None
            Weight of the penalty at t = 0; it moves linearly to the risk's own.
        mix : bool
            Whether hidden units start linear: their activation is (1 - t) z + t act(z).
        smooth : float
            Hidden activations are averaged over normal noise of width s = smooth (1 - t) on their arguments; relu,
            leaky relu, gelu, erf and sin units, in closed form.

        Returns
        -------
        MovingRisk
            ``value(x, t)``, ``grad``, ``value_and_grad``, ``hessp(x, t, v)``, ``ggnp``, ``hessian(x, t)``,
            ``dt(x, t)``, ``dt_grad(x, t)``, ``capsule()``; all derivatives are exact.

        Raises
        ------
        ArgumentError
            If the basis is not orthonormal to 1e-8, the loss is not squared, shapes do not fit, a number is
            negative, or units cannot be smoothed.
        """
        n = len(self.X)
        Q = None if basis is None else _floats(basis, n, "basis")
        if Q is not None and not np.allclose(Q.T @ Q, np.eye(Q.shape[1]), atol=1e-8):
            raise ArgumentError("basis has columns that are not orthonormal")
        easy = None if targets is None else self.loss.targets(targets, self.model.sizes[-1], name="targets")
        if easy is not None and len(easy) != n:
            raise ArgumentError(f"targets has {len(easy)} rows; the risk has {n} samples")
        if not isinstance(mix, (bool, np.bool_)):
            raise ArgumentError(f"mix is {shown(mix)}; it must be True or False")
        weight = None if l2 is None else _weight("l2", l2)
        data = (self.model, self.loss.code, self.X, self.y, self.l2)
        width = _weight("smooth", smooth)
        return MovingRisk(*data, basis=Q, targets=easy, l2_easy=weight, mix=bool(mix), smooth=width)


def _loss(which: str | Loss) -> Loss:
    return loss(which)


def _inputs(X: ArrayLike, model: MLP) -> Array:
    given = _floats(X, None, "X")
    with np.errstate(over="ignore"):
        inputs = given.astype(model.dtype)
    if inputs.shape[1] != model.sizes[0]:
        raise ArgumentError(f"X has {inputs.shape[1]} columns; the model has {model.sizes[0]} inputs")
    if not len(inputs):
        raise DataError("X has no rows; a mean needs one sample at least")
    if not np.isfinite(inputs).all():
        raise DataError(f"X has values that are not finite{overflow(given, inputs)}")
    inputs.flags.writeable = False
    return inputs


def _weight(name: str, value: float) -> float:
    return number(name, value, "a finite number, 0 or more", least=0, below=inf)


def _floats(values: ArrayLike, n_rows: int | None, name: str) -> Array:
    table = numbers(name, values)
    if table.ndim != 2 or (n_rows is not None and len(table) != n_rows):
        rows = "n" if n_rows is None else n_rows
        raise ArgumentError(f"{name} has shape {table.shape}; it must be a table of shape ({rows}, columns)")
    return table


def _remake(model: MLP, name: str, X: Array, y: Array, l2: float) -> EmpiricalRisk:
    return EmpiricalRisk(model, name, X, y, l2=l2)
