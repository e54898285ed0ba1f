"""A net with a path of variables of its own beside it, whose outputs are added and then taken away."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.base import Vector
from homotopy.objectives.flops import flops_of
from homotopy.objectives.outputs import curvature

__all__ = ["AffineSide", "NetBeside", "Side"]

Array = NDArray[np.float64]


class Side(Protocol):
    """The outputs s(u) of a path of `size` variables u on N samples, shape (N, k)."""

    @property
    def size(self) -> int:
        """The number of variables."""

    @property
    def flops(self) -> float:
        """Flops of the outputs and of one gradient."""

    def side(self, u: Vector) -> Array:
        """Return the path's outputs, shape (N, k)."""

    def jvp(self, u: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k)."""

    def vjp(self, u: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs."""

    def curvature(self, u: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v."""


class AffineSide:
    """Outputs that are linear in columns (N, m), ``columns @ B'``; u holds B of shape (k, m), row by row."""

    def __init__(self, columns: Array, n_outputs: int) -> None:
        self.columns = np.ascontiguousarray(columns)
        self.n_outputs = n_outputs
        self.size = self.columns.shape[1] * n_outputs
        self.flops = 4.0 * len(self.columns) * self.size

    def weights(self, u: Vector) -> Array:
        """Return the path's variables as a table of shape (k, m)."""
        return u.reshape(self.n_outputs, -1)

    def side(self, u: Vector) -> Array:
        """Return the path's outputs, shape (N, k)."""
        return np.asarray(self.columns @ self.weights(u).T)

    def jvp(self, u: Vector, v: Vector) -> Array:
        """Return the outputs at v."""
        return self.side(v)

    def vjp(self, u: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs."""
        return np.asarray((G.T @ self.columns).ravel())

    def curvature(self, u: Vector, G: Array, v: Vector) -> Vector:
        """Return zeros: the path is linear."""
        del u, G
        return np.zeros_like(v)


class NetBeside:
    r"""A net with a path beside it, of variables u after the net's own, as a function of t.

    .. math:: H(x, u, t) = \ell\big(z(x) + (1 - t) s(u)\big) + \frac{\lambda_2}{2} |x|^2
              + (1 - t) \frac{\rho}{2} |u|^2

    with the objective's outputs z, the path's outputs s and its penalty rho, 0 or positive.

    Parameters
    ----------
    objective : Objective
        The net, with `outputs`.
    side : Side
        The path.
    penalty : float
        The path's own.
    compiled : object or None
        The same function with a ``capsule()``, where there is one (`homotopy._core.beside`).
    """

    def __init__(self, objective: Any, side: Side, penalty: float, compiled: Any = None) -> None:
        self.objective, self.outputs, self.side, self.penalty = objective, objective.outputs, side, float(penalty)
        self.size = int(objective.size) + side.size
        self.l2 = float(getattr(objective, "l2", 0.0))
        self._compiled = compiled

    @property
    def flops(self) -> float:
        """Flops of one gradient: those of the objective and of the path."""
        return flops_of(self.objective) + self.side.flops

    def capsule(self) -> Any | None:
        """Return the function of (x, t) as compiled loops see it, or None where it is not compiled."""
        return None if self._compiled is None else self._compiled.capsule()

    def split(self, y: Vector) -> tuple[Vector, Vector]:
        """Return the net's variables and the path's, contiguous."""
        n = int(self.objective.size)
        return np.ascontiguousarray(y[:n]), np.ascontiguousarray(y[n:])

    def _outputs(self, x: Vector, u: Vector, t: float) -> Array:
        return np.asarray(self.outputs.forward(x) + (1.0 - t) * self.side.side(u))

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        (net, u), out, loss = self.split(x), self.outputs, self.outputs.loss
        V, s = self._outputs(net, u, t), 1.0 - t
        G = loss.grad(V, out.targets)
        value = loss.value(V, out.targets) + 0.5 * self.l2 * net @ net + 0.5 * s * self.penalty * u @ u
        own = out.vjp(net, G) + self.l2 * net
        return float(value), np.concatenate([own, s * (self.side.vjp(u, G) + self.penalty * u)])

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        (net, u), (vn, vu), out = self.split(x), self.split(v), self.outputs
        V, s = self._outputs(net, u, t), 1.0 - t
        G = out.loss.grad(V, out.targets)
        moved = out.jvp(net, vn) + s * self.side.jvp(u, vu)
        bend = np.ascontiguousarray(out.loss.hessp(V, out.targets, moved))
        own = out.vjp(net, bend) + curvature(out, net, G, vn) + self.l2 * vn
        other = self.side.vjp(u, bend) + self.side.curvature(u, G, vu) + self.penalty * vu
        return np.concatenate([own, s * other])

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        (net, u), out = self.split(x), self.outputs
        G = out.loss.grad(self._outputs(net, u, t), out.targets)
        return float(-np.sum(G * self.side.side(u)) - 0.5 * self.penalty * u @ u)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        (net, u), out = self.split(x), self.outputs
        V, s = self._outputs(net, u, t), 1.0 - t
        G = out.loss.grad(V, out.targets)
        bend = np.ascontiguousarray(out.loss.hessp(V, out.targets, -self.side.side(u)))
        other = s * self.side.vjp(u, bend) - self.side.vjp(u, G) - self.penalty * u
        return np.concatenate([out.vjp(net, bend), other])
