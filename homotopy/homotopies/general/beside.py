"""Paths beside a net, trained jointly with it and then taken away: a linear model, or one exponential neuron."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, number
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.general.moving import Moving
from homotopy.objectives.base import Seed, Vector, drawn
from homotopy.objectives.beside import AffineSide, NetBeside, Side
from homotopy.objectives.outputs import inputs_of

__all__ = ["Beside", "LinearModel", "OneNeuron"]

Array = NDArray[np.float64]


@door
class Beside(Moving):
    r"""A net with a path of variables u beside it, after the net's own; `finish` leaves u out.

    Parameters
    ----------
    objective : Objective
        The true problem, of any loss; it offers ``outputs``.
    side : Side
        The path: its outputs s(u) with their derivatives (`homotopy.objectives.beside.Side`).
    penalty : float
        Weight of the path's penalty, 0 or positive.

    Raises
    ------
    ArgumentError
        If the objective has no outputs, or the penalty is not allowed.

    Notes
    -----
    .. math:: H(x, u, t) = \ell\big(z(x) + (1 - t) s(u)\big) + \frac{\lambda_2}{2} |x|^2
              + (1 - t) \frac{\rho}{2} |u|^2

    with the net's outputs z and the path's outputs s.
    """

    needs = ("outputs",)

    def __init__(self, objective: Any, side: Side, penalty: float) -> None:
        penalty = number("penalty", penalty, "0 or a positive number", least=0, below=inf)
        self.objective, self.penalty, self.n_side = self.accepted(objective), penalty, side.size
        self._follow(NetBeside(objective, side, penalty))

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from x0 or random weights and a small path."""
        rng = generator("rng", rng)
        return solve_easy(self, self.enter(drawn(self.objective, rng) if self.x0 is None else self.x0, rng))

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return x beside a path of small variables that `rng` draws."""
        return np.concatenate([x, 0.1 * generator("rng", rng).standard_normal(self.n_side)])

    def finish(self, x: Vector) -> Vector:
        """Return the net's own variables."""
        return x[: self.objective.size].copy()


@door
class LinearModel(Beside):
    """A penalized linear model beside the net, for any loss.

    Parameters
    ----------
    objective : Objective
        The true problem, with outputs; without inputs that are known the model is one constant for each output.
    penalty : float or None
        Weight of the linear model's squared weights; None is 1e-3, or the objective's l2 where that is more.

    Raises
    ------
    ArgumentError
        If the objective has no outputs, or the penalty is not allowed.

    Notes
    -----
    For the squared loss `Skip` solves the linear model exactly instead, with no penalty but the objective's l2, which
    matters: a penalized path was no better than none on teacher problems.
    """

    def __init__(self, objective: Any, penalty: float | None = None) -> None:
        outputs = self.accepted(objective).outputs
        inputs = inputs_of(outputs)
        columns = inputs if inputs.shape[1] else np.ones((len(inputs), 1))
        super().__init__(objective, AffineSide(columns, outputs.targets.shape[1]), _price(objective, penalty, 1e-3))


@door
class OneNeuron(Beside):
    r"""One exponential neuron beside the net, :math:`a \exp(w \cdot x + b)`, driven out again.

    Parameters
    ----------
    objective : Objective
        The true problem, with one output.
    penalty : float or None
        Weight of a^2 + |w|^2 + b^2; None is 1e-2, or the objective's l2 where that is more.

    Raises
    ------
    ArgumentError
        If the objective has not one output, or the penalty is not allowed.

    Notes
    -----
    With the neuron and its penalty every local minimum is a global one for binary classification under the paper's
    conditions on the loss (three times differentiable, convex, and more). The paper penalizes a alone; then the
    minimum may lie at infinity (a to 0, w without bound), so here all of the neuron is penalized. The deformation
    that drives it out is ours; H is that of `Beside`.

    References
    ----------
    S. Liang, R. Sun, J. D. Lee and R. Srikant, "Adding one neuron can eliminate all bad local minima", NeurIPS 2018
    (arXiv 1805.08671).
    """

    def __init__(self, objective: Any, penalty: float | None = None) -> None:
        outputs = self.accepted(objective).outputs
        if outputs.targets.shape[1] != 1:
            raise ArgumentError(f"objective has {outputs.targets.shape[1]} outputs; OneNeuron needs one")
        super().__init__(objective, _Exponential(inputs_of(outputs)), _price(objective, penalty, 1e-2))


def _price(objective: Any, penalty: float | None, least: float) -> float:
    """Return the penalty of a path, which is not to be cheaper than the net where none is given."""
    return max(least, float(getattr(objective, "l2", 0.0))) if penalty is None else penalty


class _Exponential:
    """The outputs a exp(w.x + b) of one neuron, u = (a, w, b)."""

    def __init__(self, inputs: Array) -> None:
        self._affine = np.column_stack([inputs, np.ones(len(inputs))])
        self.size = self._affine.shape[1] + 1
        self.flops = float(self._affine.size * 4 + len(inputs) * 20)

    def _rise(self, u: Vector) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self._affine @ u[1:]))

    def side(self, u: Vector) -> Array:
        """Return the neuron's outputs, shape (N, 1)."""
        return np.asarray(u[0] * self._rise(u))[:, None]

    def jvp(self, u: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, 1)."""
        return np.asarray(self._rise(u) * (v[0] + u[0] * (self._affine @ v[1:])))[:, None]

    def vjp(self, u: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs."""
        weighted = G[:, 0] * self._rise(u)
        return np.concatenate([[weighted.sum()], u[0] * (self._affine.T @ weighted)])

    def curvature(self, u: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v."""
        weighted, along = G[:, 0] * self._rise(u), self._affine @ v[1:]
        return np.concatenate([[weighted @ along], self._affine.T @ (weighted * (v[0] + u[0] * along))])
