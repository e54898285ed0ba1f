"""The linear path of the skip homotopy, on each kind of objective: how it is solved for, and what a flip does to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orth

from homotopy.objectives.base import Vector
from homotopy.objectives.beside import AffineSide, NetBeside
from homotopy.objectives.units.onrisk import turning_slope

__all__ = ["LinearPath", "Population", "Projected", "Trained"]

Array = NDArray[np.float64]


class LinearPath(ABC):
    """A linear path beside the units of an objective: `deformed` is H with ``value_and_grad(x, t)`` and the others.

    `trained` says whether the path has variables of its own.
    """

    deformed: Any
    trained: bool = False

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

    def __init__(self, objective: Any) -> None:
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

    def __init__(self, risk: Any) -> None:
        self.risk = risk
        self.slope = turning_slope(risk.model.activation) or 1.0
        self.mean = risk.X.mean(axis=0)
        self.root = np.linalg.qr(risk.X - self.mean, mode="r") / np.sqrt(len(risk.X))

    @abstractmethod
    def path(self, x: Vector) -> Array:
        """Return the weights of the linear path at x, shape (d, k)."""

    def layers(self, x: Vector) -> tuple[Array, ...]:
        """Return W, b, the outgoing weights and the output bias; `net_lacks` has seen to the biases."""
        return tuple(np.asarray(part) for layer in self.risk.model.unpack(x) for part in layer)

    def system(self, x: Vector) -> tuple[Array, Vector]:
        """Return what each unit's flip moves, and twice the path that is there."""
        W, _, outgoing, _ = self.layers(self.finish(x))
        gauge = self.risk.loss.gauge
        path, outgoing = gauge(self.path(x)), gauge(self.slope * outgoing.T).T
        moved = np.einsum("dj,kj->dkj", self.root @ W.T, outgoing).reshape(-1, len(W))
        return moved, moved.sum(axis=1) + 2.0 * (self.root @ path).ravel()

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random weights."""
        return np.asarray(self.risk.model.init(rng))


class Projected(OnData):
    """The squared loss: the path is an exact linear regression."""

    def __init__(self, risk: Any) -> None:
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

    trained = True

    def __init__(self, risk: Any) -> None:
        super().__init__(risk)
        centered = risk.X - risk.X.mean(axis=0)
        self.side = AffineSide(np.column_stack([centered, np.ones(len(centered))]), risk.model.sizes[-1])
        self.deformed = NetBeside(risk, self.side, 0.0)
        self.inverse = np.linalg.pinv(self.side.columns)

    def _split(self, x: Vector) -> tuple[Vector, Array]:
        net, u = self.deformed.split(x)
        return net, self.side.weights(u)

    def path(self, x: Vector) -> Array:
        """Return the path's weights."""
        return self._split(x)[1][:, :-1].T

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
        return np.asarray(self.risk.model.forward(net, self.risk.X) + self.side.columns @ path.T)

    def beside(self, net: Vector, outputs: Array | None) -> Vector:
        """Return the net with the path of least squares; without wanted outputs with no path."""
        if outputs is None:
            return np.concatenate([net, np.zeros(self.side.size)])
        left = outputs - self.risk.model.forward(net, self.risk.X)
        return np.concatenate([net, (self.inverse @ left).T.ravel()])

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random weights and no path."""
        return self.beside(super().draw(rng), None)

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return self._split(x)[0].copy()
