"""Frozen gates, for which a relu net is a linear model, deformed into the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.models.samples import rooted
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.units.dictionary import draw_units

__all__ = ["GatedConvex"]

Array = NDArray[np.float64]


class GatedConvex(Homotopy):
    r"""A relu net whose gates are frozen at t = 0 and its own at t = 1.

    Parameters
    ----------
    objective : Objective
        The squared loss of a net with one hidden relu layer, one identity output, biases and no l2.
    gates : ndarray of shape (N, h), bool, or None
        Which samples each unit lets through (those that count, or all); None draws hyperplanes through samples.
    rng : Generator, int or None
        Draws the gates.

    Raises
    ------
    ArgumentError
        If the objective is another, or gates has another shape.

    Notes
    -----
    Unit j puts out :math:`z_{ij} ((1 - t) g_{ij} + t [z_{ij} > 0])`. At t = 0 the outputs are linear in the products
    :math:`a_j (w_j, b_j)`, so that the problem is a linear least-squares one, which `start` solves exactly. Frozen
    gates solve the wrong problem for a narrow net: as a start it was no better than others (see the suite).

    References
    ----------
    M. Pilanci and T. Ergen, "Neural networks are convex regularizers", ICML 2020 (arXiv 2002.10553).
    """

    needs = ("growth", "outputs")

    def __init__(self, objective: Any, gates: NDArray[np.bool_] | None = None, *, rng: Seed = 0) -> None:
        self._units = self.accepted(objective).growth()
        X, self._y = objective.outputs.inputs, objective.outputs.targets[:, 0]
        self._weights = objective.outputs.loss.weights
        shape = (len(X), self._units.width)
        if gates is None:
            W, b = draw_units(X, shape[1], np.random.default_rng(rng), weights=self._weights)
            gates = X @ W.T + b > 0
        keep = self._units.samples.keep
        if keep is not None and np.shape(gates)[:1] == keep.shape:
            gates = np.asarray(gates)[keep]
        if np.shape(gates) != shape:
            raise ArgumentError(f"gates has shape {np.shape(gates)}; needed is {shape}")
        self.objective = objective
        self.size = objective.size
        self.gates: Array = np.array(gates, dtype=np.float64)
        self.X1 = np.column_stack([X, np.ones(len(X))])

    @classmethod
    def reason(cls, objective: Any) -> str | None:
        """Return None if the gates of the objective's net can be frozen, else why not, in one sentence."""
        reason = super().reason(objective)
        if reason is not None:
            return reason
        outputs, act = objective.outputs, objective.growth().activation
        relu = act.homogeneous and not act.leak
        if relu and outputs.targets.shape[1] == 1 and outputs.loss.quadratic and not objective.l2:
            return None
        return "the net needs relu units, one output, the squared loss and no l2"

    def _parts(self, x: Vector) -> tuple[Array, Array, Array]:
        """Return (W, b) of shape (h, d + 1), the outgoing weights and the output bias."""
        W, b, a, c = self._units.layers(x)
        return np.column_stack([W, b]), a[0], np.asarray(c)

    def _pack(self, V: Array, a: Array, c: Array | float) -> Vector:
        bias = np.reshape(np.asarray(c, dtype=np.float64), 1)
        return np.asarray(self._units.pack(V[:, :-1], V[:, -1], a[None], bias))

    def _forward(self, x: Vector, t: float) -> tuple[Array, Array, Array, Array, Array]:
        """Return z, the gates at t, the outgoing weights, the counted residual over N, and the gates' change in t."""
        V, a, c = self._parts(x)
        z = self.X1 @ V.T
        on = (z > 0).astype(np.float64)
        m = (1.0 - t) * self.gates + t * on
        g = self._counted((z * m) @ a + c - self._y) / len(z)
        return z, m, a, np.asarray(g), on - self.gates

    def _counted(self, values: Array) -> Array:
        """Return numbers of the samples, times what these count."""
        return values if self._weights is None else self._weights * values

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        z, m, a, g, _ = self._forward(x, t)
        far = g if self._weights is None else g / self._weights
        return float(0.5 * len(g) * g @ far), self._pack((np.outer(g, a) * m).T @ self.X1, (z * m).T @ g, g.sum())

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        z, m, a, g, _ = self._forward(x, t)
        dV, da, dc = self._parts(v)
        dz = (self.X1 @ dV.T) * m
        dg = self._counted(dz @ a + (z * m) @ da + dc) / len(z)
        rows = ((np.outer(dg, a) + np.outer(g, da)) * m).T @ self.X1
        return self._pack(rows, (z * m).T @ dg + dz.T @ g, dg.sum())

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        z, _, a, g, change = self._forward(x, t)
        return float(g @ ((z * change) @ a))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        z, m, a, g, change = self._forward(x, t)
        dg = self._counted((z * change) @ a) / len(z)
        rows = (np.outer(dg, a) * m + np.outer(g, a) * change).T @ self.X1
        return self._pack(rows, (z * m).T @ dg + (z * change).T @ g, dg.sum())

    def start(self, rng: Seed = None) -> Vector:
        """Return the exact solution of the least-squares problem at t = 0, the two layers balanced."""
        n, h = self.gates.shape
        features = (self.gates[:, :, None] * self.X1[:, None, :]).reshape(n, -1)
        A = np.column_stack([features, np.ones(n)])
        rows, y = (rooted(table, self._weights) for table in (A, self._y[:, None]))
        solution = np.linalg.lstsq(rows, y[:, 0], rcond=None)[0]
        V = solution[:-1].reshape(h, -1)
        a = np.sqrt(np.maximum(np.linalg.norm(V, axis=1), 1e-8))
        return self._pack(V / a[:, None], a, solution[-1])
