"""The linear path of the skip homotopy, on each kind of objective: how it is solved for, and what a flip does to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orth

from homotopy.homotopies.general.beside import Beside
from homotopy.models.activations import activation
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent

__all__ = ["Affine", "LinearPath", "odd_slope", "path_of"]

Array = NDArray[np.float64]


def odd_slope(name: Any) -> float | None:
    """Return c where act(z) - act(-z) = c z for all z, else None: a unit and its flip then differ by c times a line.

    None too where act is linear itself, so that nothing is left of a unit beside a linear path.

    Examples
    --------
    >>> odd_slope("leaky-relu:slope=0.2"), odd_slope("tanh"), odd_slope("identity")
    (1.2, None, None)
    """
    slope = activation(name).odd_slope
    return None if slope == 2.0 else slope


class Affine(Beside):
    """A net beside an affine function of the inputs that is trained with it and has no penalty.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem, of any loss.

    Notes
    -----
    The path's variables are, for each output, d weights of the centered inputs and a constant.
    """

    def __init__(self, objective: EmpiricalRisk) -> None:
        centered = objective.X - objective.X.mean(axis=0)
        self.columns = np.ascontiguousarray(np.column_stack([centered, np.ones(len(centered))]))
        super().__init__(objective, self.columns.shape[1] * objective.model.sizes[-1], 0.0)

    def weights(self, u: Vector) -> Array:
        """Return the path's variables as a table of shape (k, d + 1)."""
        return u.reshape(self.objective.model.sizes[-1], -1)

    def side(self, u: Vector) -> Array:
        """Return the path's outputs, shape (N, k)."""
        return np.asarray(self.columns @ self.weights(u).T)

    def side_jvp(self, u: Vector, v: Vector) -> Array:
        """Return the outputs at v."""
        return self.side(v)

    def side_vjp(self, u: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs."""
        return np.asarray((G.T @ self.columns).ravel())

    def hessian(self, x: Vector, t: float) -> Array:
        """Return the Hessian of H(., t) at x, shape (n, n)."""
        return np.array([self.hessp(x, t, unit) for unit in np.eye(self.size)])


class LinearPath(ABC):
    """A linear path beside the units of an objective.

    Attributes
    ----------
    deformed : object
        H with ``value_and_grad(x, t)`` and the other derivatives.
    cost_of_path : float
        Gradient-equivalents of the path in one evaluation.
    """

    deformed: Any
    cost_of_path: float

    @abstractmethod
    def system(self, x: Vector) -> tuple[Array, Vector]:
        """Return A and b: signs c leave the linear path 1/2 |A c - b| in the norm of functions."""

    @abstractmethod
    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped point."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Vector:
        """Return a random point."""

    def outputs(self, x: Vector) -> Array | None:
        """Return the outputs at t = 0 on the samples, shape (N, k), or None where the path has no variables."""
        del x
        return None

    def beside(self, net: Vector, outputs: Array | None) -> Vector:
        """Return the point with these weights of the net, and the path with which it is nearest to the outputs."""
        del outputs
        return net

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return x

    def close(self, x: Vector) -> Vector:
        """Return a flipped point without what is left of its linear path, where units can take it over."""
        return x


class Population(LinearPath):
    """relu units with outgoing weights one: the flips must add up to the teacher's sum, sum c_i w_i = sum v_j."""

    cost_of_path = 0.0

    def __init__(self, objective: TeacherStudent) -> None:
        self.deformed = objective.deformed()
        self.d = objective.teacher.shape[1]
        self.total = objective.teacher.sum(axis=0)

    def system(self, x: Vector) -> tuple[Array, Vector]:
        """Return the units' rows as columns, and their wanted sum."""
        return np.asarray(x.reshape(-1, self.d).T), np.asarray(self.total)

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the rows times their signs."""
        return np.asarray((x.reshape(-1, self.d) * signs[:, None]).ravel())

    def close(self, x: Vector) -> Vector:
        """Return the rows, all moved by the same step, so that they add up to the teacher's sum."""
        W = x.reshape(-1, self.d)
        return np.asarray((W + (self.total - W.sum(axis=0)) / len(W)).ravel())

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return rows of N(0, I/d)."""
        return np.asarray(rng.standard_normal(self.deformed.size) / np.sqrt(self.d))


class OnData(LinearPath):
    """A net on data: a flip of unit j moves c a_j (w_j.x + b_j) into the linear path."""

    def __init__(self, risk: EmpiricalRisk) -> None:
        self.risk = risk
        self.slope = odd_slope(risk.model.activation) or 1.0
        self.mean = risk.X.mean(axis=0)
        self.root = np.linalg.qr(risk.X - self.mean, mode="r") / np.sqrt(len(risk.X))
        self.cost_of_path = 1.0 / risk.model.sizes[1]

    @abstractmethod
    def path(self, x: Vector) -> Array:
        """Return the weights of the linear path at x, shape (d, k)."""

    def layers(self, x: Vector) -> tuple[Array, ...]:
        """Return W, b, the outgoing weights and the output bias; `skip_reason` has seen to the biases."""
        return tuple(np.asarray(part) for layer in self.risk.model.unpack(x) for part in layer)

    def system(self, x: Vector) -> tuple[Array, Vector]:
        """Return what each unit's flip moves, and twice the path that is there."""
        W, _, outgoing, _ = self.layers(self.finish(x))
        path, outgoing = self.gauge(self.path(x)), self.gauge(self.slope * outgoing.T).T
        moved = np.einsum("dj,kj->dkj", self.root @ W.T, outgoing).reshape(-1, len(W))
        return moved, moved.sum(axis=1) + 2.0 * (self.root @ path).ravel()

    def gauge(self, outputs: Array) -> Array:
        """Return rows of outputs without what the loss does not see."""
        return outputs

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random weights."""
        return np.asarray(self.risk.model.init(rng))


class Projected(OnData):
    """The squared loss: the path is an exact linear regression."""

    def __init__(self, risk: EmpiricalRisk) -> None:
        super().__init__(risk)
        affine = np.column_stack([risk.X, np.ones(len(risk.X))])
        self.inverse = np.linalg.pinv(affine)[:-1]
        self.deformed = risk.deformed(basis=np.ascontiguousarray(orth(affine)))

    def _residual(self, x: Vector) -> Array:
        return np.asarray(self.risk.y - self.risk.model.forward(x, self.risk.X)).reshape(len(self.risk.X), -1)

    def path(self, x: Vector) -> Array:
        """Return the regression of the residual on the inputs."""
        return np.asarray(self.inverse @ self._residual(x))

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped net, without l2 with a refitted output bias."""
        W, b, outgoing, bias = self.layers(x)
        flipped = self.risk.model.pack([(W * signs[:, None], b * signs), (outgoing, bias)])
        if self.risk.l2:
            return np.asarray(flipped)  # at t = 0 the penalty ties the bias down, so x would no longer solve H(., 0)
        bias = bias + self._residual(flipped).mean(axis=0)
        return np.asarray(self.risk.model.pack([(W * signs[:, None], b * signs), (outgoing, bias)]))


class Trained(OnData):
    """Another loss: the path has variables of its own, after the net's, that are trained with the net."""

    def __init__(self, risk: EmpiricalRisk) -> None:
        super().__init__(risk)
        self.deformed = Affine(risk)
        self.inverse = np.linalg.pinv(self.deformed.columns)

    def _split(self, x: Vector) -> tuple[Vector, Array]:
        n = self.risk.size
        return np.ascontiguousarray(x[:n]), self.deformed.weights(x[n:])

    def path(self, x: Vector) -> Array:
        """Return the path's weights."""
        return self._split(x)[1][:, :-1].T

    def gauge(self, outputs: Array) -> Array:
        """Return the rows less their means for softmax, which sees differences of outputs only."""
        return outputs - outputs.mean(axis=1, keepdims=True) if self.risk.loss.name == "softmax" else outputs

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped net and the path that makes up for it; without l2 its constant is in the output bias."""
        net, path = self._split(x)
        W, b, outgoing, bias = self.layers(net)
        moved = self.slope * outgoing * (signs < 0)
        path = path + moved @ np.column_stack([W, W @ self.mean + b])
        if not self.risk.l2:
            bias = bias + path[:, -1]
            path[:, -1] = 0.0
        net = self.risk.model.pack([(W * signs[:, None], b * signs), (outgoing, bias)])
        return np.concatenate([net, path.ravel()])

    def outputs(self, x: Vector) -> Array:
        """Return the outputs of net and path."""
        net, path = self._split(x)
        return np.asarray(self.risk.model.forward(net, self.risk.X) + self.deformed.columns @ path.T)

    def beside(self, net: Vector, outputs: Array | None) -> Vector:
        """Return the net with the path of least squares; without wanted outputs with no path."""
        if outputs is None:
            return np.concatenate([net, np.zeros(self.deformed.n_side)])
        left = outputs - self.risk.model.forward(net, self.risk.X)
        return np.concatenate([net, (self.inverse @ left).T.ravel()])

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random weights and no path."""
        return self.beside(super().draw(rng), None)

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return self._split(x)[0].copy()


def path_of(objective: Any) -> LinearPath:
    """Return the linear path beside an objective that `skip_reason` accepts."""
    if isinstance(objective, TeacherStudent):
        return Population(objective)
    return Projected(objective) if objective.loss.name == "squared" else Trained(objective)
