"""What an objective is, and how its derivatives are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, integer
from homotopy.doors import door
from homotopy.errors import ArgumentError

__all__ = [
    "FromValueAndGrad",
    "Objective",
    "Seed",
    "Vector",
    "check_derivatives",
    "compiled",
    "drawn",
    "grads_at",
    "products_at",
]

Vector = NDArray[np.float64]
Seed = np.random.Generator | int | None
"""What a random generator is made of: one, a number, or None for a fresh one."""


@runtime_checkable
class Objective(Protocol):
    """A twice differentiable function of one flat vector.

    Every argument and result is C-contiguous; ``x`` and ``v`` have shape (n,), n = ``size``. An objective may also
    have ``hessian(x)`` of shape (n, n), ``capsule()``, the function as compiled loops see it
    (ext/objective/objective.h), ``value_and_grad_many(X)``, values (r,) and gradients (r, n) at the rows of X in one
    call, and ``hessp_many(X, V)``, the Hessian at each row of X times the same row of V.
    """

    @property
    def size(self) -> int:
        """The number of variables n."""

    def value(self, x: Vector) -> float:
        """Return f(x)."""

    def grad(self, x: Vector) -> Vector:
        """Return the gradient at x, a new array of shape (n,)."""

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient at x."""

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v, shape (n,)."""


class FromValueAndGrad:
    """A function that evaluates value and gradient together: each alone is a part of both."""

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient at x."""
        raise TypeError(f"{type(self).__name__} must have value_and_grad")

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        return self.value_and_grad(x)[0]

    def grad(self, x: Vector) -> Vector:
        """Return the gradient at x."""
        return self.value_and_grad(x)[1]


def compiled(thing: Any) -> Any | None:
    """Return the capsule through which compiled loops evaluate `thing`, or None where it has none."""
    capsule = getattr(thing, "capsule", None)
    return capsule() if callable(capsule) else None


def drawn(objective: Any, rng: Seed = None) -> Vector:
    """Return a random point of an objective, shape (n,): its own ``draw``, or standard normal variables."""
    rng = generator("rng", rng)
    own = getattr(objective, "draw", None)
    return np.asarray(rng.standard_normal(objective.size) if own is None else own(rng), dtype=np.float64)


def grads_at(objective: Any, X: Vector) -> tuple[Vector, Vector]:
    """Return an objective's values at the rows of X, shape (r,), and its gradients there, shape (r, n).

    By ``value_and_grad_many`` where an objective that is not compiled has it, as nets of torch and JAX do, else one by
    one.
    """
    many = None if compiled(objective) is not None else getattr(objective, "value_and_grad_many", None)
    if many is not None:
        values, grads = many(X)
        return np.asarray(values, dtype=np.float64), np.asarray(grads, dtype=np.float64)
    pairs = [objective.value_and_grad(x) for x in X]
    return np.array([f for f, _ in pairs], dtype=np.float64), np.array([g for _, g in pairs], dtype=np.float64)


def products_at(objective: Any, X: Vector, V: Vector) -> Vector:
    """Return an objective's Hessian at each row of X times the same row of V, shape (r, n); see `grads_at`."""
    many = None if compiled(objective) is not None else getattr(objective, "hessp_many", None)
    if many is not None:
        return np.asarray(many(np.ascontiguousarray(X), np.ascontiguousarray(V)), dtype=np.float64)
    return np.array([objective.hessp(x, v) for x, v in zip(X, V, strict=True)], dtype=np.float64)


@door
def check_derivatives(objective: Objective, x: Vector, *, rng: Seed = None, n_directions: int = 3) -> dict[str, float]:
    """Return the Taylor-remainder slopes of grad and hessp along random directions.

    Parameters
    ----------
    objective : Objective
        What to check.
    x : ndarray of shape (n,)
        A point where it is smooth.
    rng : Generator, int or None
        Draws the directions.
    n_directions : int
        How many directions; the worst slope counts.

    Returns
    -------
    dict
        ``grad``: the slope of log |f(x + h v) - f(x) - h g.v| against log h, 2 for a right gradient;
        ``hessp``: of log |f(x + h v) - f(x) - h g.v - h^2/2 v.Hv|, 3; ``symmetry``: the largest relative
        |u.Hv - v.Hu|; ``gradient_error`` and ``hessp_error``: the relative errors against central differences of
        order four. A remainder at rounding level (an exactly quadratic function) counts as slope infinity.

    Raises
    ------
    ArgumentError
        If x has not the objective's size.
    """
    if x.shape != (objective.size,):
        raise ArgumentError(f"x has shape {x.shape}; the objective needs ({objective.size},)")
    rng = generator("rng", rng)
    f, g = objective.value_and_grad(x)
    out = {"grad": np.inf, "hessp": np.inf, "symmetry": 0.0, "gradient_error": 0.0, "hessp_error": 0.0}
    for _ in range(integer("n_directions", n_directions)):
        v, u = rng.standard_normal((2, objective.size))
        v, u = v / np.linalg.norm(v), u / np.linalg.norm(u)
        hv, hu = objective.hessp(x, v), objective.hessp(x, u)
        first = float(g @ v)
        second = float(v @ hv)

        def remainder1(h: float, v: Vector = v, first: float = first) -> float:
            return objective.value(x + h * v) - f - h * first

        def remainder2(h: float, v: Vector = v, first: float = first, second: float = second) -> float:
            return objective.value(x + h * v) - f - h * first - 0.5 * h * h * second

        out["grad"] = min(out["grad"], _slope(remainder1, f))
        out["hessp"] = min(out["hessp"], _slope(remainder2, f))
        scale = max(float(np.linalg.norm(hv)), float(np.linalg.norm(hu)), 1e-300)
        out["symmetry"] = max(out["symmetry"], float(abs(u @ hv - v @ hu) / scale))

        def along(h: float, v: Vector = v) -> float:
            return objective.value(x + h * v)

        def grad_along(h: float, v: Vector = v) -> Vector:
            return objective.grad(x + h * v)

        length = max(float(np.linalg.norm(g)), 1e-12)
        out["gradient_error"] = max(out["gradient_error"], float(abs(_central4(along, 1e-3) - first)) / length)
        bend = _central4(grad_along, 1e-3)
        out["hessp_error"] = max(out["hessp_error"], float(np.linalg.norm(bend - hv)) / scale)
    return out


def _central4(function: Callable[[float], Any], h: float) -> Any:
    """Return the central difference of order four at 0."""
    return (8 * (function(h) - function(-h)) - (function(2 * h) - function(-2 * h))) / (12 * h)


def _slope(remainder: Callable[[float], float], scale: float) -> float:
    """Return the median log-log slope of a remainder over a ladder of steps, ignoring the rounding floor."""
    steps = 2.0 ** -np.arange(3, 13)
    values = np.array([abs(remainder(h)) for h in steps])
    keep = values > 1e-12 * max(1.0, abs(scale))
    if keep.sum() < 3:
        return float("inf")
    slopes = -np.diff(np.log2(values[keep]))
    return float(np.median(slopes))
