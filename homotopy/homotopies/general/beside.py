"""Paths beside a net, trained jointly with it and then taken away: a linear model, or one exponential neuron."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.general.moving import needs_risk
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.risk import EmpiricalRisk

__all__ = ["Beside", "LinearModel", "OneNeuron"]

Array = NDArray[np.float64]


class Beside(Homotopy):
    r"""A net with a path beside it, of variables u after the net's own.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem, of any loss.
    n_side : int
        Variables of the path.
    penalty : float
        Weight of the path's penalty, 0 or positive.

    Raises
    ------
    ArgumentError
        If the objective is no EmpiricalRisk.

    Notes
    -----
    .. math:: H(x, u, t) = \ell\big(z(x) + (1 - t) s(u)\big) + \frac{\lambda_2}{2} |x|^2
              + (1 - t) \frac{\rho}{2} |u|^2

    with the net's outputs z and the path's outputs s. `finish` leaves u out.
    The products of second derivatives are exact: those of the net are the Hessian of a squared loss whose residual is
    the wanted weight, without its Gauss-Newton part.
    """

    def __init__(self, objective: EmpiricalRisk, n_side: int, penalty: float) -> None:
        if not (np.isfinite(penalty) and penalty >= 0):
            raise ArgumentError(f"penalty must be 0 or a positive number, not {penalty!r}")
        self.objective: EmpiricalRisk = objective
        self.n_side, self.penalty = n_side, float(penalty)
        self.size = objective.size + n_side
        self.cost = 1.0 + n_side / objective.size

    @abstractmethod
    def side(self, u: Vector) -> Array:
        """Return the path's outputs, shape (N, k)."""

    @abstractmethod
    def side_jvp(self, u: Vector, v: Vector) -> Array:
        """Return the derivative of the path's outputs along v, shape (N, k)."""

    @abstractmethod
    def side_vjp(self, u: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs."""

    def side_curvature(self, u: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v; zero for a linear path."""
        del u, G
        return np.zeros_like(v)

    def _split(self, y: Vector) -> tuple[Vector, Vector]:
        n = self.objective.size
        return np.ascontiguousarray(y[:n]), np.ascontiguousarray(y[n:])

    def _outputs(self, x: Vector, u: Vector, t: float) -> Array:
        return np.asarray(self.objective.model.forward(x, self.objective.X) + (1.0 - t) * self.side(u))

    def _net_curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the net's outputs, times v."""
        risk = self.objective
        model, n = risk.model, len(risk.X)
        weighted = EmpiricalRisk(model, "squared", risk.X, model.forward(x, risk.X) - n * G)
        return np.asarray(weighted.hessp(x, v) - weighted.ggnp(x, v))

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        risk, (net, u) = self.objective, self._split(x)
        V, s = self._outputs(net, u, t), 1.0 - t
        G = risk.loss.grad(V, risk.y)
        value = risk.loss.value(V, risk.y) + 0.5 * risk.l2 * net @ net + 0.5 * s * self.penalty * u @ u
        own = risk.model.vjp(net, risk.X, np.ascontiguousarray(G)) + risk.l2 * net
        return float(value), np.concatenate([own, s * (self.side_vjp(u, G) + self.penalty * u)])

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        risk, (net, u), (vn, vu) = self.objective, self._split(x), self._split(v)
        V, s = self._outputs(net, u, t), 1.0 - t
        G = risk.loss.grad(V, risk.y)
        moved = risk.model.jvp(net, risk.X, vn) + s * self.side_jvp(u, vu)
        bend = np.ascontiguousarray(risk.loss.hessp(V, risk.y, moved))
        own = risk.model.vjp(net, risk.X, bend) + self._net_curvature(net, G, vn) + risk.l2 * vn
        other = self.side_vjp(u, bend) + self.side_curvature(u, G, vu) + self.penalty * vu
        return np.concatenate([own, s * other])

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        risk, (net, u) = self.objective, self._split(x)
        G = risk.loss.grad(self._outputs(net, u, t), risk.y)
        return float(-np.sum(G * self.side(u)) - 0.5 * self.penalty * u @ u)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        risk, (net, u) = self.objective, self._split(x)
        V, s = self._outputs(net, u, t), 1.0 - t
        G = risk.loss.grad(V, risk.y)
        bend = np.ascontiguousarray(risk.loss.hessp(V, risk.y, -self.side(u)))
        other = s * self.side_vjp(u, bend) - self.side_vjp(u, G) - self.penalty * u
        return np.concatenate([risk.model.vjp(net, risk.X, bend), other])

    def start(self, rng: np.random.Generator | int | None = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from random weights and a path of small ones."""
        rng = np.random.default_rng(rng)
        x = np.concatenate([self.objective.model.init(rng), 0.1 * rng.standard_normal(self.n_side)])
        return solve_easy(self.at(0.0), x)

    def enter(self, x: Vector, rng: np.random.Generator | int | None = None) -> Vector:
        """Return x beside a path of small variables that `rng` draws."""
        return np.concatenate([x, 0.1 * np.random.default_rng(rng).standard_normal(self.n_side)])

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return self._split(x)[0].copy()


class LinearModel(Beside):
    """A penalized linear model beside the net, for any loss.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem.
    penalty : float
        Weight of the linear model's squared weights.

    Notes
    -----
    For the squared loss `Skip` solves the linear model exactly instead, without a penalty, which matters: a penalized
    path was no better than none on teacher problems.
    """

    def __init__(self, objective: EmpiricalRisk, penalty: float = 1e-3) -> None:
        risk = needs_risk(objective, "LinearModel")
        super().__init__(risk, risk.X.shape[1] * risk.model.sizes[-1], penalty)

    def _weights(self, u: Vector) -> Array:
        return u.reshape(self.objective.model.sizes[-1], -1)

    def side(self, u: Vector) -> Array:
        """Return X B', shape (N, k)."""
        return np.asarray(self.objective.X @ self._weights(u).T)

    def side_jvp(self, u: Vector, v: Vector) -> Array:
        """Return the outputs at v."""
        return self.side(v)

    def side_vjp(self, u: Vector, G: Array) -> Vector:
        """Return G'X, flat."""
        return np.asarray((G.T @ self.objective.X).ravel())


class OneNeuron(Beside):
    r"""One exponential neuron beside the net, :math:`a \exp(w \cdot x + b)`, driven out again.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem, with one output.
    penalty : float
        Weight of a^2 + |w|^2 + b^2.

    Raises
    ------
    ArgumentError
        If the objective is no EmpiricalRisk with one output, or the penalty is not allowed.

    Notes
    -----
    With the neuron and its penalty every local minimum is a global one for binary classification under the paper's
    conditions on the loss (three times differentiable, convex, and more). The paper penalizes a alone; then the
    minimum may lie at infinity (a to 0, w without bound), so here all of the neuron is penalized. The deformation
    that drives it out is ours.

    References
    ----------
    S. Liang, R. Sun, J. D. Lee and R. Srikant, "Adding one neuron can eliminate all bad local minima", NeurIPS 2018
    (arXiv 1805.08671).
    """

    def __init__(self, objective: EmpiricalRisk, penalty: float = 1e-2) -> None:
        risk = needs_risk(objective, "OneNeuron")
        if risk.model.sizes[-1] != 1:
            raise ArgumentError(f"objective has {risk.model.sizes[-1]} outputs; OneNeuron needs one")
        self._affine = np.column_stack([risk.X, np.ones(len(risk.X))])
        super().__init__(risk, self._affine.shape[1] + 1, penalty)

    def _rise(self, u: Vector) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self._affine @ u[1:]))

    def side(self, u: Vector) -> Array:
        """Return the neuron's outputs, shape (N, 1)."""
        return np.asarray(u[0] * self._rise(u))[:, None]

    def side_jvp(self, u: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, 1)."""
        return np.asarray(self._rise(u) * (v[0] + u[0] * (self._affine @ v[1:])))[:, None]

    def side_vjp(self, u: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs."""
        weighted = G[:, 0] * self._rise(u)
        return np.concatenate([[weighted.sum()], u[0] * (self._affine.T @ weighted)])

    def side_curvature(self, u: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v."""
        weighted, along = G[:, 0] * self._rise(u), self._affine @ v[1:]
        return np.concatenate([[weighted @ along], self._affine.T @ (weighted * (v[0] + u[0] * along))])
