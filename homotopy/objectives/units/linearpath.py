"""The linear path of the skip homotopy, on each kind of objective: how it is solved for, and what a flip does to it.

Points, signs and outputs may have leading axes: of shape (n,) for one run, (r, n) for r runs. Each run's results are
computed for itself, whatever the others are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.beside import Beside
from homotopy.models.activations import activation
from homotopy.models.samples import mean_of
from homotopy.objectives.base import Vector
from homotopy.objectives.beside import AffineSide, NetBeside
from homotopy.objectives.units.affine import Affine
from homotopy.objectives.units.onelayer import flat, layers_of, outputs_flops, outputs_of, packed
from homotopy.objectives.units.onrisk import turning_slope

__all__ = ["LinearPath", "Population", "Projected", "Trained"]

Array = NDArray[np.float64]


class LinearPath(ABC):
    """A linear path beside the units of an objective: `deformed` is H with ``value_and_grad(x, t)`` and the others.

    Attributes
    ----------
    deformed : object
        H, as a function of (x, t).
    trained : bool
        Whether the path has variables of its own.
    system_flops, flip_flops, outputs_flops : float
        Flops of `system`, of `flip`, and of `outputs` or of the path that `beside` finds; 0 where they are next to
        nothing of a gradient.
    """

    deformed: Any
    trained: bool = False
    system_flops: float = 0.0
    flip_flops: float = 0.0
    outputs_flops: float = 0.0

    @abstractmethod
    def system(self, x: Vector) -> tuple[Array, Array]:
        """Return A (..., m, n) and b: signs c leave the linear path 1/2 |A c - b| in the norm of functions.

        b has shape (..., m), or (m,) where all points share it.
        """

    @abstractmethod
    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped points; signs have shape (..., n)."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Vector:
        """Return a random point."""

    def on(self, objective: Any) -> LinearPath:
        """Return the path beside another net on the same samples, sharing what does not depend on the net."""
        path: LinearPath = objective.linear_path()
        return path

    def outputs(self, x: Vector) -> Array | None:
        """Return the outputs at t = 0 on the samples, (..., N, k), or None where the path has no variables."""
        del x
        return None

    def beside(self, net: Vector, outputs: Array | None) -> Vector:
        """Return the points with these weights of the net, and the path with which they are nearest to the outputs."""
        del outputs
        return net

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return x

    def close(self, x: Vector) -> Vector:
        """Return flipped points without what is left of their linear path, where units can take it over."""
        return x


class Population(LinearPath):
    """relu units with outgoing weights one: the flips must add up to the teacher's sum, sum c_i w_i = sum v_j."""

    def __init__(self, objective: Any) -> None:
        self.deformed = objective.deformed()
        self.d = objective.teacher.shape[1]
        self.total = objective.teacher.sum(axis=0)

    def _rows(self, x: Vector) -> Array:
        return x.reshape(*x.shape[:-1], x.shape[-1] // self.d, self.d)

    def system(self, x: Vector) -> tuple[Array, Array]:
        """Return the units' rows as columns, and their wanted sum."""
        return self._rows(x).swapaxes(-1, -2), np.asarray(self.total)

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the rows times their signs."""
        return np.asarray((self._rows(x) * signs[..., None]).reshape(x.shape))

    def close(self, x: Vector) -> Vector:
        """Return the rows, all moved by the same step, so that they add up to the teacher's sum."""
        W = self._rows(x)
        step = (self.total - W.sum(axis=-2)) / W.shape[-2]
        return np.asarray((W + step[..., None, :]).reshape(x.shape))

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return rows of N(0, I/d)."""
        return np.asarray(rng.standard_normal(self.deformed.size) / np.sqrt(self.d))


class OnData(LinearPath):
    """A net on data: a flip of unit j moves c a_j (w_j.x + b_j) into the linear path."""

    def __init__(self, risk: Any, affine: Affine | None = None) -> None:
        self.risk, self.model = risk, risk.model
        self.samples = risk.samples
        self.affine = Affine(self.samples.X, self.samples.weights) if affine is None else affine
        self.slope = turning_slope(risk.model.activation) or 1.0
        self.mean, self.root = self.affine.mean, self.affine.root
        self.net_flops = outputs_flops(risk.model, len(self.samples))

    def layers(self, x: Vector) -> tuple[Array, Any, Array, Any]:
        """Return W, b, the outgoing weights and the output bias of nets."""
        return layers_of(x, self.model.sizes[0], self.model.sizes[2])

    def on(self, objective: Any) -> LinearPath:
        """Return the path beside another net on the same samples."""
        return type(self)(objective, self.affine)

    @abstractmethod
    def path(self, x: Vector) -> Array:
        """Return the weights of the linear path at x, shape (..., d, k)."""

    def system(self, x: Vector) -> tuple[Array, Array]:
        """Return what each unit's flip moves, and twice the path that is there."""
        W, _, outgoing, _ = self.layers(self.finish(x))
        gauge = self.risk.loss.gauge
        turned, path = gauge(self.slope * outgoing.swapaxes(-1, -2)), self.root @ gauge(self.path(x))
        moved = (W @ self.root.T)[..., None] * turned[..., None, :]
        moved = flat(moved)
        return moved.swapaxes(-1, -2), moved.sum(axis=-2) + 2.0 * flat(path)

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random weights."""
        return np.asarray(self.risk.model.init(rng))


class Projected(OnData):
    """The squared loss: the path is an exact linear regression."""

    def __init__(self, risk: Any, affine: Affine | None = None) -> None:
        super().__init__(risk, affine)
        basis, inverse = self.affine.ridge(risk.l2)
        self.inverse = inverse[:-1]
        self.deformed = risk.deformed(basis=basis)
        self.system_flops = self.net_flops + 2.0 * len(self.samples) * risk.X.shape[1] * risk.y.shape[1]
        self.flip_flops = 0.0 if risk.l2 else self.net_flops

    def _residual(self, x: Vector) -> Array:
        return np.asarray(self.samples.y - outputs_of(self.model, x, self.samples.X))

    def path(self, x: Vector) -> Array:
        """Return the regression of the residual on the inputs."""
        return np.asarray(self.inverse @ self._residual(x))

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped nets, without l2 with a refitted output bias."""
        W, b, outgoing, bias = self.layers(x)
        flipped = packed(W * signs[..., None], b * signs, outgoing, bias)
        if not self.risk.l2:  # at t = 0 the penalty ties the bias down, so x would no longer solve H(., 0)
            flipped[..., -bias.shape[-1] :] += mean_of(
                np.moveaxis(self._residual(flipped), -2, 0), self.samples.weights
            )
        return flipped


class Trained(OnData):
    """Another loss: the path has variables of its own, after the net's, that are trained with the net."""

    trained = True

    def __init__(self, risk: Any, affine: Affine | None = None) -> None:
        super().__init__(risk, affine)
        self.side = AffineSide(self.affine.centered, risk.model.sizes[-1])
        self.deformed = NetBeside(risk, self.side, risk.l2, self._compiled())
        self.inverse = self.affine.centered_inverse
        self.outputs_flops = self.net_flops + 2.0 * len(self.samples) * self.side.size

    def _compiled(self) -> Beside:
        """Return the net beside its path for compiled loops; `net_lacks` has seen to one hidden layer and biases."""
        act = activation(self.model.activation)
        tables = [np.asarray(table, dtype=np.float64) for table in (self.samples.X, self.side.columns, self.samples.y)]
        codes = {"activation": act.code, "loss": self.risk.loss.code, "leak": act.leak, "l2": self.risk.l2}
        codes["penalty"] = self.risk.l2
        return Beside(self.model.sizes[1], *tables, weights=self.samples.weights, **codes)

    def _path(self, x: Vector) -> Array:
        """Return the path's weights and, last, its constants, shape (..., k, d + 1)."""
        return x[..., self.model.size :].reshape(*x.shape[:-1], self.side.n_outputs, self.side.columns.shape[1])

    def path(self, x: Vector) -> Array:
        """Return the path's weights."""
        return self._path(x)[..., :-1].swapaxes(-1, -2)

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped nets and the paths that make up for it; without l2 the constant is in the output bias."""
        W, b, outgoing, bias = self.layers(self.finish(x))
        lines = np.concatenate([W, (W @ self.mean + b)[..., None]], axis=-1)
        path = self._path(x) + (self.slope * outgoing * (signs < 0)[..., None, :]) @ lines
        if not self.risk.l2:
            bias = bias + path[..., -1]
            path[..., -1] = 0.0
        net = packed(W * signs[..., None], b * signs, outgoing, bias)
        return np.concatenate([net, flat(path)], axis=-1)

    def outputs(self, x: Vector) -> Array:
        """Return the outputs of net and path."""
        own = outputs_of(self.model, self.finish(x), self.samples.X)
        return np.asarray(own + self.side.columns @ self._path(x).swapaxes(-1, -2))

    def beside(self, net: Vector, outputs: Array | None) -> Vector:
        """Return the nets with the path of least squares; without wanted outputs with no path."""
        if outputs is None:
            path = np.zeros((*net.shape[:-1], self.side.size))
        else:
            left = self.inverse @ (outputs - outputs_of(self.model, net, self.samples.X))
            path = flat(left.swapaxes(-1, -2))
        return np.concatenate([net, path], axis=-1)

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random weights and no path."""
        return self.beside(super().draw(rng), None)

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return x[..., : self.model.size].copy()
