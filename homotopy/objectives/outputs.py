"""Outputs on samples: what a homotopy or a method must know of a net, whatever the net is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.linalg.dense import dense_hessian
from homotopy.models.activations import activation
from homotopy.models.losses import Loss
from homotopy.models.weights import weighted
from homotopy.objectives.base import FromValueAndGrad, Vector

__all__ = ["NetObjective", "Outputs", "RiskOutputs", "Subset", "curvature", "gauss_newton", "inputs_of"]

Array = NDArray[Any]


class Outputs(Protocol):
    """The outputs z(x) of a net on N samples, shape (N, k), with derivatives, and the loss that they are put into.

    An objective that offers them is ``loss.value(z(x), targets)`` plus ``l2 / 2 |x|^2`` with its attribute ``l2``,
    zero where it has none; where samples have weights the loss has them (`homotopy.models.weights.weighted`). Two more
    members are used where they are there: ``curvature(x, G, v)``, the Hessian of the sum of G times the outputs, times
    v, which otherwise comes from differences of ``vjp``; and ``inputs``, the samples themselves, of shape (N, d). A net
    of hidden units says as ``hidden`` what their Activation is.
    """

    loss: Loss
    targets: Array

    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (N, k)."""

    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k)."""

    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,); G has shape (N, k)."""


@doors
class NetObjective(FromValueAndGrad, ABC):
    """The mean loss of a net that gives its outputs and their first derivatives: an Objective that offers ``outputs``.

    A subclass sets `size`, `loss` and `targets` and writes `forward`, `jvp` and `vjp`; values, gradients,
    Hessian-vector and Gauss-Newton products follow from these. With a ``curvature(x, G, v)`` of its own they are
    exact, else the second derivatives of the outputs are differences of `vjp`.

    Attributes
    ----------
    size : int
        The number n of variables.
    loss : Loss
        From `homotopy.models.losses.loss`; with weights of samples from `homotopy.models.weights.weighted`.
    targets : ndarray of shape (N, k)
        As ``loss.targets(y, k)`` returns them.
    l2 : float
        Weight of a penalty, (l2/2) |x|^2.
    """

    size: int
    loss: Loss
    targets: Array
    l2: float = 0.0

    @abstractmethod
    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (N, k)."""

    @abstractmethod
    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k)."""

    @abstractmethod
    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""

    @property
    def outputs(self) -> Outputs:
        """The outputs: this object."""
        return self

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        return self.loss.value(self.forward(x), self.targets) + 0.5 * self.l2 * float(x @ x)

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient at x."""
        Z = self.forward(x)
        value = self.loss.value(Z, self.targets) + 0.5 * self.l2 * float(x @ x)
        return value, np.asarray(self.vjp(x, self.loss.grad(Z, self.targets)) + self.l2 * x)

    def ggnp(self, x: Vector, v: Vector) -> Vector:
        """Return the Gauss-Newton matrix times v, shape (n,)."""
        bend = self.loss.hessp(self.forward(x), self.targets, self.jvp(x, v))
        return np.asarray(self.vjp(x, bend) + self.l2 * v)

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v, shape (n,)."""
        G = self.loss.grad(self.forward(x), self.targets)
        return self.ggnp(x, v) + curvature(self, x, G, v)

    def ggn(self, x: Vector) -> NDArray[np.float64]:
        """Return the Gauss-Newton matrix, shape (n, n)."""
        return dense_hessian(lambda v: self.ggnp(x, v), self.size, symmetric=True)


class RiskOutputs:
    """The outputs of a model on the samples of an `EmpiricalRisk` that count, by its compiled passes."""

    def __init__(self, risk: Any) -> None:
        self._risk, self._model = risk, risk.model
        self.loss: Loss = weighted(risk.loss, risk.samples.weights)
        self.inputs: Array = risk.samples.X
        self.targets: Array = risk.samples.y
        self.hidden = activation(risk.model.activation)
        self.last = activation(risk.model.output)

    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (N, k)."""
        return np.asarray(self._model.forward(x, self.inputs))

    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k)."""
        return np.asarray(self._model.jvp(x, self.inputs, v))

    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""
        return np.asarray(self._model.vjp(x, self.inputs, np.ascontiguousarray(G)))

    def curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v.

        It is that of a squared loss without weights whose residual over N is G, without the Gauss-Newton part.
        """
        far = self.forward(x) - len(self.inputs) * G
        other = type(self._risk)(self._model, "squared", self.inputs, far)
        return np.asarray(other.hessp(x, v) - other.ggnp(x, v))


def curvature(outputs: Any, x: Vector, G: Array, v: Vector) -> Vector:
    r"""Return the Hessian of the sum of G times the outputs at x, times v, shape (n,).

    Where `outputs` has no ``curvature`` it is :math:`(J(x + h v)^T G - J(x - h v)^T G) / (2 h)` with
    :math:`h = \epsilon^{1/3} (1 + |x|) / |v|`: about ten digits.
    """
    own = getattr(outputs, "curvature", None)
    if own is not None:
        return np.asarray(own(x, G, v))
    length = float(np.linalg.norm(v))
    if length == 0.0:
        return np.zeros_like(x)
    h = float(np.finfo(np.float64).eps) ** (1 / 3) * (1.0 + float(np.linalg.norm(x))) / length
    return np.asarray((outputs.vjp(x + h * v, G) - outputs.vjp(x - h * v, G)) / (2.0 * h))


def gauss_newton(objective: Any, x: Vector) -> NDArray[np.float64]:
    """Return the Gauss-Newton matrix of an objective with outputs, (n, n): its own ``ggn``, or J'BJ by columns."""
    if hasattr(objective, "ggn"):
        return np.asarray(objective.ggn(x))
    outputs, l2 = objective.outputs, float(getattr(objective, "l2", 0.0))
    Z = outputs.forward(x)

    def product(v: Vector) -> Vector:
        return np.asarray(outputs.vjp(x, outputs.loss.hessp(Z, outputs.targets, outputs.jvp(x, v))) + l2 * v)

    return dense_hessian(product, x.size, symmetric=True)


def inputs_of(outputs: Any) -> Array:
    """Return the samples, shape (N, d); of shape (N, 0) where the outputs do not say what they are."""
    inputs = getattr(outputs, "inputs", None)
    return np.empty((len(outputs.targets), 0)) if inputs is None else np.asarray(inputs)


class Subset(NetObjective):
    """The mean loss of a net over some of its samples, the indices `keep`; the net is evaluated on all of them.

    Without `weights` each of them counts what it does among all.
    """

    def __init__(self, objective: Any, keep: NDArray[np.intp], weights: NDArray[np.float64] | None = None) -> None:
        self._all, self._keep = objective.outputs, keep
        whole: Any = self._all.loss
        if weights is None and whole.weights is not None:
            weights = whole.weights[keep]
        self.size, self.loss = int(objective.size), weighted(whole, weights)
        self.targets = np.asarray(self._all.targets)[keep]
        self.l2 = float(getattr(objective, "l2", 0.0))

    def _spread(self, G: Array) -> Array:
        """Return G with zeros for the samples that are left out."""
        out = np.zeros(np.shape(self._all.targets))
        out[self._keep] = G
        return out

    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (m, k)."""
        return np.asarray(self._all.forward(x))[self._keep]

    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (m, k)."""
        return np.asarray(self._all.jvp(x, v))[self._keep]

    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""
        return np.asarray(self._all.vjp(x, self._spread(G)))

    def curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v."""
        return curvature(self._all, x, self._spread(G), v)
