"""A linear net whose activation bends into the true one, also one that keeps its mean and its slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import beginning, solve_easy
from homotopy.homotopies.general.moving import Moving
from homotopy.models.activations import activation
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Activation", "MatchedActivation", "mean_and_slope"]


@door
class Activation(Moving):
    """Hidden activations ``a_t(z) = (1 - t) z + t act(z)``.

    Parameters
    ----------
    objective : Objective
        The true problem: the risk of a net with at least one hidden layer, whose activation can be deformed.

    Notes
    -----
    H(., 0) is a linear net, whose only minima are global (Baldi and Hornik 1989), though it is not convex in its
    weights.

    References
    ----------
    Q. Yang, Y. Chen and W. Hao, "Homotopy relaxation training algorithms", arXiv 2309.15244.
    """

    needs = ("deformed", "hidden")

    def __init__(self, objective: Any) -> None:
        self.objective = self.accepted(objective)
        self._follow(objective.deformed(mix=True))


def mean_and_slope(name: str) -> tuple[float, float]:
    """Return the mean of an activation over N(0, 1), and that of its derivative: its best linear fit there.

    Examples
    --------
    >>> mean, slope = mean_and_slope("relu")
    >>> round(mean, 6), round(slope, 6)
    (0.398942, 0.5)
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    z = np.concatenate([6.0 * (nodes - 1.0), 6.0 * (nodes + 1.0)])  # twelve standard deviations, halves apart: the kink
    density = np.tile(6.0 * weights, 2) * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    values = np.asarray(activation(name)(z))
    return float(density @ values), float(density @ (z * values))


@door
class MatchedActivation(Homotopy):
    r"""Hidden activations ``(1 - t) (m + c z) + t act(z)``, with the mean m and the slope c of act over N(0, 1).

    Parameters
    ----------
    objective : Objective
        The true problem, with at least one hidden layer and biases.

    Raises
    ------
    ArgumentError
        If the objective is no EmpiricalRisk, has no hidden layer or no biases, or the slope is zero.

    Notes
    -----
    `Activation` begins with z itself, which for relu is twice as steep as the activation is on the average and has
    another mean; here neither changes with t where pre-activations are standard normal. With
    :math:`\kappa = (1 - t) c + t` and :math:`s = t / \kappa`,

    .. math:: (1 - t)(m + c z) + t \, \mathrm{act}(z) = \kappa \, [(1 - s) z + s \, \mathrm{act}(z)] + (1 - t) m ,

    so that H(x, t) is the risk of `Activation` at s and at weights that depend linearly on x: those behind a hidden
    layer are multiplied by kappa, and (1 - t) m times their row sums goes to the biases. An l2 of the objective
    penalizes the weights so changed. The loop runs in Python, on compiled products.

    No gain was seen over `Activation`, nor of either over L-BFGS (40 runs each, shares of success matched, plain,
    L-BFGS: ts relu 5-5 .20, .20, .23; ts tanh 5-5 .50, .58, .73; xor relu .50, .48, .40; jellyfish relu .15, .18, .25).
    """

    needs = ("deformed", "hidden")
    x0: Vector | None = None

    def __init__(self, objective: Any) -> None:
        self.objective, self._net = self.accepted(objective), objective.model
        if not self._net.bias:
            raise ArgumentError("objective: the net has no biases; MatchedActivation needs them")
        self.size = objective.size
        self.mean, self.slope = mean_and_slope(self._net.activation)
        if not self.slope > 1e-6:
            raise ArgumentError(f"the activation {self._net.activation} has no positive slope over N(0, 1)")
        self._mixed: Any = objective.deformed(mix=True)

    def _kappa(self, t: float) -> tuple[float, float]:
        """Return kappa and s."""
        kappa = (1.0 - t) * self.slope + t
        return kappa, t / kappa

    def _map(self, x: Vector, kappa: float, offset: float, keep: float = 1.0) -> Vector:
        """Return x with weights behind hidden layers times kappa, offset times their sums added to the biases.

        What is not multiplied by kappa is multiplied by `keep`: 1 for the map, 0 for its derivative in t.
        """
        layers: list[tuple[NDArray[np.float64], Any]] = []
        for number, (W, b) in enumerate(self._net.unpack(x)):
            first = number == 0
            shift = 0.0 if first else offset * W.sum(axis=1)
            layers.append((keep * W if first else kappa * W, keep * np.asarray(b) + shift))
        return np.asarray(self._net.pack(layers))

    def _back(self, g: Vector, kappa: float, offset: float, keep: float = 1.0) -> Vector:
        """Return the transpose of `_map` times g."""
        layers: list[tuple[NDArray[np.float64], Any]] = []
        for number, (W, b) in enumerate(self._net.unpack(g)):
            rows = np.asarray(b)[:, None]
            layers.append((keep * W if number == 0 else kappa * W + offset * rows, keep * np.asarray(b)))
        return np.asarray(self._net.pack(layers))

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        (kappa, s), offset = self._kappa(t), (1.0 - t) * self.mean
        value, grad = self._mixed.value_and_grad(self._map(x, kappa, offset), s)
        return float(value), self._back(grad, kappa, offset)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        (kappa, s), offset = self._kappa(t), (1.0 - t) * self.mean
        inner = self._mixed.hessp(self._map(x, kappa, offset), s, self._map(v, kappa, offset))
        return self._back(inner, kappa, offset)

    def _rates(self, kappa: float) -> tuple[float, float]:
        """Return the derivatives of kappa and of s in t."""
        return 1.0 - self.slope, self.slope / kappa**2

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        (kappa, s), offset = self._kappa(t), (1.0 - t) * self.mean
        y, (rise, rate) = self._map(x, kappa, offset), self._rates(kappa)
        grad = self._mixed.value_and_grad(y, s)[1]
        return float(grad @ self._map(x, rise, -self.mean, 0.0) + rate * self._mixed.dt(y, s))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        (kappa, s), offset = self._kappa(t), (1.0 - t) * self.mean
        y, (rise, rate) = self._map(x, kappa, offset), self._rates(kappa)
        moved = self._mixed.hessp(y, s, self._map(x, rise, -self.mean, 0.0)) + rate * self._mixed.dt_grad(y, s)
        grad = self._mixed.value_and_grad(y, s)[1]
        return self._back(grad, rise, -self.mean, 0.0) + self._back(moved, kappa, offset)

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from x0 or from random weights that `rng` draws."""
        return solve_easy(self, beginning(self, rng))
