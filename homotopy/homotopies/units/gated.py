"""Frozen gates, for which a relu net is a linear model, deformed into the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator
from homotopy.doors import door
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.homotopies.easy import solve_easy
from homotopy.models.samples import rooted
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.units.dictionary import draw_units

__all__ = ["GatedConvex"]

Array = NDArray[np.float64]
SOLVED = 1e-6
"""The gradient of a solved group lasso, over one plus that at its begin; what a slope may be above the penalty."""
SMALL = 1e-3
"""Units whose outgoing weights are below this part of the largest count as zero."""
ROUNDS = 20
"""Descents of the group lasso, each but the first from off a saddle."""


@door
class GatedConvex(Homotopy):
    r"""A relu net whose gates are frozen at t = 0 and its own at t = 1.

    Parameters
    ----------
    objective : Objective
        The squared loss of a net with one hidden relu layer, one identity output and biases.
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
    :math:`v_j = a_j (w_j, b_j)`, so that the problem is a linear least-squares one, which `start` solves exactly.
    Frozen gates solve the wrong problem for a narrow net: as a start it was no better than others (see the suite).

    An l2 of the objective is paid in full all the way. The least that a product costs is :math:`\lambda |v_j|`, so that
    the problem at t = 0 is a group lasso, convex in the products and the output bias c. A point with
    :math:`|a_j| = |(w_j, b_j)|` is its solution where the gradient in the weights vanishes and, with r the residual
    over N, :math:`|\sum_i r_i g_{ij} (x_i, 1)| \le \lambda` for the units that are zero: other stationary points are
    saddles. `start` descends from the regression and goes on from a saddle along that sum, and checks the end.

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
            W, b = draw_units(X, shape[1], generator("rng", rng), weights=self._weights)
            gates = X @ W.T + b > 0
        keep = self._units.samples.keep
        if keep is not None and np.shape(gates)[:1] == keep.shape:
            gates = np.asarray(gates)[keep]
        if np.shape(gates) != shape:
            raise ArgumentError(f"gates has shape {np.shape(gates)}; needed is {shape}")
        self.objective = objective
        self.size, self.l2 = objective.size, float(objective.l2)
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
        if relu and outputs.targets.shape[1] == 1 and outputs.loss.quadratic:
            return None
        return "the net needs relu units, one output and the squared loss"

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
        grad = self._pack((np.outer(g, a) * m).T @ self.X1, (z * m).T @ g, g.sum())
        return float(0.5 * len(g) * g @ far + 0.5 * self.l2 * x @ x), grad + self.l2 * x

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        z, m, a, g, _ = self._forward(x, t)
        dV, da, dc = self._parts(v)
        dz = (self.X1 @ dV.T) * m
        dg = self._counted(dz @ a + (z * m) @ da + dc) / len(z)
        rows = ((np.outer(dg, a) + np.outer(g, da)) * m).T @ self.X1
        return self._pack(rows, (z * m).T @ dg + dz.T @ g, dg.sum()) + self.l2 * v

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
        """Return the solution of the problem at t = 0, the two layers balanced; `rng` is not used.

        Raises
        ------
        EvaluationError
            If the group lasso of an objective with l2 was not solved: to a gradient norm of 1e-6 times one plus that at
            the regression.
        """
        x = self._regression()
        limit = SOLVED * (1.0 + float(np.linalg.norm(self.value_and_grad(x, 0.0)[1])))
        for _ in range(ROUNDS if self.l2 else 0):
            x = solve_easy(self, x)
            better = self._beyond(x)
            if better is None:
                if np.linalg.norm(self.value_and_grad(x, 0.0)[1]) <= limit:
                    return x
                break
            x = better
        if self.l2:
            raise EvaluationError("the group lasso of the frozen gates was not solved to a stationary point")
        return x

    def _beyond(self, x: Vector) -> Vector | None:
        """Return a point off a saddle of H(., 0) with units that are zero and should not be; None at the minimum."""
        V, a, c = self._parts(x)
        g = self._forward(x, 0.0)[3]
        slopes = -(self.gates * g[:, None]).T @ self.X1
        norms = np.linalg.norm(slopes, axis=1)
        wanted = (norms > self.l2 * (1.0 + SOLVED)) & (np.abs(a) < SMALL * np.abs(a).max(initial=SMALL))
        if not wanted.any():
            return None
        size = SMALL + SMALL * float(np.abs(x).max())
        V, a = V.copy(), a.copy()
        V[wanted] = size * slopes[wanted] / norms[wanted, None]
        a[wanted] = size
        return self._pack(V, a, c)

    def _regression(self) -> Vector:
        """Return the least-squares solution without the penalty, balanced."""
        n, h = self.gates.shape
        features = (self.gates[:, :, None] * self.X1[:, None, :]).reshape(n, -1)
        A = np.column_stack([features, np.ones(n)])
        rows, y = (rooted(table, self._weights) for table in (A, self._y[:, None]))
        solution = np.linalg.lstsq(rows, y[:, 0], rcond=None)[0]
        V = solution[:-1].reshape(h, -1)
        a = np.sqrt(np.maximum(np.linalg.norm(V, axis=1), 1e-8))
        return self._pack(V / a[:, None], a, solution[-1])
