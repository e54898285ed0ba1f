"""The contract of every homotopy: an easy problem at t = 0 deformed into the true one at t = 1."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from homotopy._core.many import value_and_grad_many
from homotopy.arguments import shown, vector
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Objective, Seed, Vector, compiled
from homotopy.objectives.facets import lacking
from homotopy.objectives.flops import counted_flops, flops_of
from homotopy.objectives.function import checked
from homotopy.status import Budget
from homotopy.threads import hold

__all__ = ["At", "Homotopy"]


@doors
class Homotopy(ABC):
    """A family H(x, t), t in [0, 1]: H(., 0) is the easy problem, H(., 1) the true one.

    A subclass gives `value_and_grad`, `hessp`, `dt`, `dt_grad` and `start`; the rest is supplied here. Constructors
    raise ArgumentError where the objective does not offer what is needed (`reason`), a point has another size or is
    not finite, or a number is out of its range. A homotopy that is a change of a compiled kernel's own numbers also has
    ``capsule()`` (ext/objective/objective.h), so that descents move t inside their compiled loop.

    Attributes
    ----------
    size : int
        The number n of variables of H(., t).
    objective : Objective
        The true problem.
    needs : tuple of str
        The facets that the objective must offer (`homotopy.objectives.facets`).
    any_t : bool
        Whether H is defined outside [0, 1] too.
    spent : float
        Gradients of H that `start` has taken in compiled loops, where nobody else can count them.
    start_budget : Budget
        What `start` may spend in each of these, in gradients of H, and seconds.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    size: int
    objective: Objective
    any_t: bool = False
    spent: float = 0.0
    start_budget: Budget = Budget()
    _flops: float | None = None

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        hold(cls, "__init__", "start")

    @abstractmethod
    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""

    @abstractmethod
    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""

    @abstractmethod
    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""

    @abstractmethod
    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient in x, shape (n,); the tangent needs it."""

    @abstractmethod
    def start(self, rng: Seed = None) -> Vector:
        """Return a solution of the easy problem: a point where the gradient of H(., 0) really vanishes.

        Parameters
        ----------
        rng : Generator, int or None
            Draws whatever the easy problem leaves free.
        """

    @classmethod
    def reason(cls, objective: Any) -> str | None:
        """Return None if the homotopy can be built on an objective, else why not, in one sentence."""
        return lacking(objective, cls.needs)

    @classmethod
    def setup_flops(cls, objective: Any) -> float:
        """Return the flops of building the homotopy on an objective and solving its easy problem, where they are many.

        They say whether a budget of seconds allows it; zero where they are few, or nobody has counted them.
        """
        del objective
        return 0.0

    @classmethod
    def accepted(cls, objective: Any) -> Any:
        """Return the objective, a user's own as `checked`, if the homotopy can be built on it.

        Raises
        ------
        ArgumentError
            With the `reason` if it cannot.
        """
        reason = cls.reason(objective)
        if reason is not None:
            raise ArgumentError(f"{cls.__name__} needs another objective: {reason}")
        return checked(objective)

    @property
    def flops(self) -> float:
        """Flops of one `value_and_grad`, counted once: those of the objectives that it evaluates."""
        if self._flops is None:
            self._flops = counted_flops(self)
        return self._flops

    def flops_at(self, t: float) -> float:
        """Return the flops of one `value_and_grad` at t: `flops`, which a family that is cheaper at some t bounds."""
        del t
        return self.flops

    def value(self, x: Vector, t: float) -> float:
        """Return H(x, t)."""
        return self.value_and_grad(x, t)[0]

    def grad(self, x: Vector, t: float) -> Vector:
        """Return the gradient of H(., t) at x, shape (n,)."""
        return self.value_and_grad(x, t)[1]

    def value_and_grad_many(self, X: Vector, t: float) -> tuple[Vector, Vector]:
        """Return H(., t) at the rows of X, shape (r,), and its gradients there, shape (r, n).

        In one compiled loop where there is a ``capsule()``, for small nets with lanes across rows; else one by one.
        """
        capsule = compiled(self)
        if capsule is not None:
            return value_and_grad_many(capsule, X, t)
        values, grads = np.empty(len(X)), np.empty((len(X), self.size))
        for row, x in enumerate(X):
            values[row], grads[row] = self.value_and_grad(x, t)
        return values, grads

    def hessp_many(self, X: Vector, t: float, V: Vector) -> Vector:
        """Return the Hessian of H(., t) at each row of X times the same row of V, shape (r, n)."""
        products = np.empty((len(X), self.size))
        for row, (x, v) in enumerate(zip(X, V, strict=True)):
            products[row] = self.hessp(x, t, v)
        return products

    def at(self, t: float) -> At:
        """Return the objective H(., t)."""
        return At(self, t)

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return a point of the path that belongs to x of the true problem; x itself unless the path is larger.

        Raises
        ------
        ArgumentError
            If the path has more variables and does not say what these begin with.
        """
        del rng
        if self.size != len(x):
            raise ArgumentError(f"{type(self).__name__} has {self.size} variables and cannot begin at {len(x)}")
        return x

    def finish(self, x: Vector) -> Vector:
        """Return the point of the true problem that belongs to x; the identity unless the path is on a larger net."""
        return x


def around(objective: Any, x0: Any) -> Vector:
    """Return a read-only copy of the point around which a homotopy is built.

    Raises
    ------
    ArgumentError
        If the objective is none, or x0 is no finite vector of its size.
    """
    if isinstance(objective, type) or not (hasattr(objective, "value_and_grad") and hasattr(objective, "size")):
        raise ArgumentError(f"objective must be an Objective with size and value_and_grad, not {shown(objective)}")
    point = vector("x0", x0, objective.size, "the objective", finite=True)
    point.setflags(write=False)
    return point


@doors
class At:
    """The objective H(., t) of a homotopy at one t."""

    def __init__(self, homotopy: Homotopy, t: float) -> None:
        self.homotopy = homotopy
        self.t = float(t)
        self.size = homotopy.size

    @property
    def flops(self) -> float:
        """Flops of one `value_and_grad`: those of the homotopy at t."""
        known = getattr(self.homotopy, "flops_at", None)
        return flops_of(self.homotopy) if known is None else float(known(self.t))

    def value(self, x: Vector) -> float:
        """Return H(x, t)."""
        return self.homotopy.value(x, self.t)

    def grad(self, x: Vector) -> Vector:
        """Return the gradient at x."""
        return self.homotopy.grad(x, self.t)

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient at x."""
        return self.homotopy.value_and_grad(x, self.t)

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v."""
        return self.homotopy.hessp(x, self.t, v)

    def value_and_grad_many(self, X: Vector) -> tuple[Vector, Vector]:
        """Return the values at the rows of X, shape (r,), and the gradients there, shape (r, n)."""
        return self.homotopy.value_and_grad_many(X, self.t)

    def hessp_many(self, X: Vector, V: Vector) -> Vector:
        """Return the Hessian at each row of X times the same row of V, shape (r, n)."""
        return self.homotopy.hessp_many(X, self.t, V)
