"""A free linear path, solved exactly, that carries the linear part of the targets and is then taken away."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orth
from scipy.optimize import minimize

from homotopy.errors import ArgumentError
from homotopy.homotopies.base import Homotopy
from homotopy.homotopies.signs import SignSearch, search_signs
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent

__all__ = ["Skip", "skip_reason"]

FLIPPABLE = ("relu", "softplus")
"""Activations with act(z) - act(-z) = z: a flipped unit differs from the unit by a linear function."""


class Skip(Homotopy):
    r"""The true problem beside a free linear path whose weight goes from 1 to 0.

    Parameters
    ----------
    objective : TeacherStudent or EmpiricalRisk
        The population risk of relu units, or the squared loss on data of a net with one hidden layer of relu or
        softplus units, identity output and biases.

    Raises
    ------
    ArgumentError
        If the objective is none of these.

    Notes
    -----
    At t = 0 a linear model a.x + b is added to the net and solved for exactly at every point (variable projection),
    so that the hidden units fit only what is left. With r the residual on N samples and Q an orthonormal basis of
    [X, 1],

    .. math:: H(x, t) = \frac{1}{2N} \left(|r|^2 - (1 - t^2) |Q^T r|^2\right),

    and for the population risk the Hermite parts of degree 0 and 1 have weight :math:`t^2`. Because
    relu(z) = z + relu(-z), turning a unit's sign leaves H(., 0) as it is: all sign patterns are equal there, where
    at t = 1 most are traps. `signs` finds the flips that make the linear path vanish and `flip` makes them; after that
    H(., t) hardly depends on t.

    An evaluation costs 1 + 1 / h gradients on data with h hidden units: the path is one unit more.

    `start` runs L-BFGS on H(., 0) from a random point and flips. H(., 0) is not convex in the weights of the units
    (it is in those of the linear path).
    """

    objective: Objective

    def __init__(self, objective: Any) -> None:
        reason = skip_reason(objective)
        if reason is not None:
            raise ArgumentError(f"objective: {reason}")
        self.objective = objective
        self.size = objective.size
        self._side: _Side = _Population(objective) if isinstance(objective, TeacherStudent) else _Data(objective)
        self._deformed = self._side.deformed
        self.cost_of_path = self._side.cost_of_path
        self.cost = 1.0 + self.cost_of_path

    def capsule(self) -> Any:
        """Return H as compiled loops see it."""
        return self._deformed.capsule()

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        value, grad = self._deformed.value_and_grad(x, t)
        return float(value), np.asarray(grad)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return np.asarray(self._deformed.hessp(x, t, v))

    def hessian(self, x: Vector, t: float) -> NDArray[np.float64]:
        """Return the Hessian of H(., t) at x, shape (n, n)."""
        return np.asarray(self._deformed.hessian(x, t))

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        return float(self._deformed.dt(x, t))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return np.asarray(self._deformed.dt_grad(x, t))

    def signs(
        self, x: Vector, *, rng: np.random.Generator | int | None = None, n_best: int = 3, n_restarts: int = 20
    ) -> SignSearch:
        """Return the signs of the units that make the linear path smallest, best first (`search_signs`)."""
        A, b = self._side.system(x)
        return search_signs(A, b, rng=rng, n_best=n_best, n_restarts=n_restarts)

    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return x with the units of sign -1 turned round and, without l2, the output bias refitted."""
        return self._side.flip(x, signs)

    def start(self, rng: np.random.Generator | int | None = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from random units, with its signs chosen.

        Parameters
        ----------
        rng : Generator, int or None
            Draws the units and the restarts of the sign search.
        """
        rng = np.random.default_rng(rng)
        options = {"maxiter": 20_000, "maxfun": 20_000, "maxcor": 20, "ftol": 0.0, "gtol": 1e-9}
        easy = self.at(0.0)
        x = minimize(easy.value_and_grad, self._side.draw(rng), jac=True, method="L-BFGS-B", options=options).x
        return self.flip(x, self.signs(x, rng=rng, n_best=1).signs[0])


class _Side(ABC):
    """What the population risk and the risk on data do in their own ways."""

    deformed: Any
    cost_of_path: float

    @abstractmethod
    def system(self, x: Vector) -> tuple[NDArray[np.float64], Vector]:
        """Return A and b: signs c leave the linear path 1/2 |A c - b| in the norm of functions."""

    @abstractmethod
    def flip(self, x: Vector, signs: Vector) -> Vector:
        """Return the flipped point."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Vector:
        """Return a random point."""


class _Population(_Side):
    """relu units with outgoing weights one: the flips must add up to the teacher's sum, sum c_i w_i = sum v_j."""

    cost_of_path = 0.0

    def __init__(self, objective: TeacherStudent) -> None:
        self.deformed = objective.deformed()
        self.d = objective.teacher.shape[1]
        self.total = objective.teacher.sum(axis=0)

    def system(self, x: Vector) -> tuple[NDArray[np.float64], Vector]:
        return np.asarray(x.reshape(-1, self.d).T), np.asarray(self.total)

    def flip(self, x: Vector, signs: Vector) -> Vector:
        return np.asarray((x.reshape(-1, self.d) * signs[:, None]).ravel())

    def draw(self, rng: np.random.Generator) -> Vector:
        return np.asarray(rng.standard_normal(self.deformed.size) / np.sqrt(self.d))


class _Data(_Side):
    """A net on data: a flip of unit j moves its outgoing weights times (w_j.x + b_j) into the linear path."""

    def __init__(self, risk: EmpiricalRisk) -> None:
        self.risk = risk
        n = len(risk.X)
        self.basis = np.ascontiguousarray(orth(np.column_stack([risk.X, np.ones(n)])))
        centered = risk.X - risk.X.mean(axis=0)
        self.root = np.linalg.qr(centered, mode="r") / np.sqrt(n)
        self.inverse = np.linalg.pinv(np.column_stack([risk.X, np.ones(n)]))[:-1]
        self.deformed = risk.deformed(basis=self.basis)
        self.cost_of_path = 1.0 / risk.model.sizes[1]

    def _layers(self, x: Vector) -> tuple[NDArray[np.float64], ...]:
        """Return W, b, the outgoing weights and the output bias; `skip_reason` has seen to the biases."""
        return tuple(np.asarray(part) for layer in self.risk.model.unpack(x) for part in layer)

    def _residual(self, x: Vector) -> NDArray[np.float64]:
        return np.asarray(self.risk.y - self.risk.model.forward(x, self.risk.X)).reshape(len(self.risk.X), -1)

    def system(self, x: Vector) -> tuple[NDArray[np.float64], Vector]:
        W, _, outgoing, _ = self._layers(x)
        path = self.root @ (self.inverse @ self._residual(x))
        moved = np.einsum("dj,kj->dkj", self.root @ W.T, outgoing).reshape(-1, len(W))
        return moved, moved.sum(axis=1) + 2.0 * path.ravel()

    def flip(self, x: Vector, signs: Vector) -> Vector:
        W, b, outgoing, bias = self._layers(x)
        flipped = self.risk.model.pack([(W * signs[:, None], b * signs), (outgoing, bias)])
        if self.risk.l2:
            return np.asarray(flipped)  # at t = 0 the penalty ties the bias down, so x would no longer solve H(., 0)
        bias = bias + self._residual(flipped).mean(axis=0)
        return np.asarray(self.risk.model.pack([(W * signs[:, None], b * signs), (outgoing, bias)]))

    def draw(self, rng: np.random.Generator) -> Vector:
        return np.asarray(self.risk.model.init(rng))


def skip_reason(objective: Any) -> str | None:
    """Return None if `objective` can have a linear skip path, else the reason why not, in one sentence."""
    if isinstance(objective, TeacherStudent):
        return None
    if not isinstance(objective, EmpiricalRisk):
        return f"a {type(objective).__name__} is neither a TeacherStudent nor an EmpiricalRisk"
    model = objective.model
    if getattr(objective.loss, "name", objective.loss) != "squared":
        return "the linear path is solved exactly only for the squared loss"
    if len(model.sizes) != 3:
        return f"the net has {len(model.sizes) - 2} hidden layers; one is needed"
    if _name(model.activation) not in FLIPPABLE:
        return f"the activation {_name(model.activation)} is not one of {', '.join(FLIPPABLE)}"
    if _name(model.output) != "identity" or not model.bias:
        return "the net needs an identity output and biases"
    return None


def _name(thing: Any) -> str:
    return str(getattr(thing, "name", thing))
