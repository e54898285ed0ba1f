"""Homotopies from plain functions: gradient systems and root systems F(x, t) = 0."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from homotopy.arguments import function as function_check
from homotopy.arguments import integer
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy

__all__ = ["GradientSystem", "RootSystem", "Still"]

_EPS = float(np.finfo(np.float64).eps)
_CUBE: float = _EPS ** (1 / 3)  # the best step of a central difference of order two
_FIFTH: float = _EPS ** (1 / 5)  # and of order four


class RootSystem(Homotopy):
    """The system F(x, t) = 0, not necessarily a gradient, as the tracker sees it.

    ``grad`` is F itself, ``hessp`` its Jacobian-vector product, ``value`` is |F|^2 / 2.

    Parameters
    ----------
    function : callable
        ``function(x, t, *args)`` returns F of shape (n,).
    n : int
        The number of variables.
    jacobian : callable or None
        ``jacobian(x, t, *args)`` returns dF/dx, dense or sparse, of shape (n, n).
    jvp : callable or None
        ``jvp(x, t, v, *args)`` returns dF/dx v.
    dt : callable or None
        ``dt(x, t, *args)`` returns dF/dt.
    factorize : callable or None
        ``factorize(x, t, *args)`` returns an object whose ``solve(b)`` solves with dF/dx, b of shape (n,) or (n, k).
    args : tuple
        Further arguments of every callable.
    x0 : ndarray of shape (n,) or None
        The solution at the first t, which `start` returns.

    Attributes
    ----------
    differenced : tuple of str
        Which derivatives are finite differences because they were not given.

    Raises
    ------
    ArgumentError
        If n is below 1.
    """

    symmetric = False

    def __init__(
        self,
        function: Callable[..., Vector],
        n: int,
        *,
        jacobian: Callable[..., Any] | None = None,
        jvp: Callable[..., Vector] | None = None,
        dt: Callable[..., Vector] | None = None,
        factorize: Callable[..., Any] | None = None,
        args: tuple[Any, ...] = (),
        x0: Vector | None = None,
    ) -> None:
        function_check("function", function, "F(x, t, *args)")
        n = integer("n", n)
        self.x0 = None if x0 is None else np.array(x0, dtype=np.float64)
        self.size, self.args = n, args
        self._function, self._jvp, self._dt = function, jvp, dt
        if jacobian is not None:
            self.hessian = _bound(jacobian, args)
        if factorize is not None:
            self.factorize = _bound(factorize, args)
        given = {"jvp": jvp if jacobian is None else jacobian, "dt": dt}
        self.differenced = tuple(name for name, derivative in given.items() if derivative is None)

    def grad(self, x: Vector, t: float) -> Vector:
        """Return F(x, t)."""
        return np.asarray(self._function(x, t, *self.args))

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return |F|^2 / 2 and F."""
        f = self._function(x, t, *self.args)
        return 0.5 * float(f.dot(f)), f

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return dF/dx v, by central differences where no derivative was given."""
        if self._jvp is not None:
            return self._jvp(x, t, v, *self.args)
        if hasattr(self, "hessian"):
            along: Vector = self.hessian(x, t) @ v
            return along
        length = sqrt(float(v @ v))
        if length == 0.0:
            return np.zeros_like(v)
        h = _CUBE * (1.0 + sqrt(float(x @ x))) / length
        return (self.grad(x + h * v, t) - self.grad(x - h * v, t)) / (2 * h)

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of |F|^2 / 2 in t."""
        return float(self.grad(x, t) @ self.dt_grad(x, t))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return dF/dt, by central differences where it was not given."""
        if self._dt is not None:
            return self._dt(x, t, *self.args)
        h = _CUBE * max(1.0, abs(t))
        return (self.grad(x, t + h) - self.grad(x, t - h)) / (2 * h)

    def start(self, rng: Any = None) -> Vector:
        """Return x0.

        Raises
        ------
        ArgumentError
            If none was given: a plain function does not say where its path begins.
        """
        if self.x0 is None:
            raise ArgumentError("x0: a homotopy from plain functions has no start of its own; give x0")
        return self.x0.copy()


class GradientSystem(RootSystem):
    """The gradient system of a plain H(x, t).

    Parameters
    ----------
    grad : callable or None
        ``grad(x, t, *args)`` returns the gradient in x; None differences `value`.
    n : int
        The number of variables.
    value : callable or None
        ``value(x, t, *args)`` returns H; None reports |grad|^2 / 2 in its place.
    jacobian, jvp, dt, factorize : callable or None
        As in `RootSystem`: the Hessian, its product, the derivative of the gradient in t, factors of the Hessian.
    args : tuple
        Further arguments of every callable.
    x0 : ndarray of shape (n,) or None
        The solution at the first t.

    Raises
    ------
    ArgumentError
        If neither grad nor value is given.
    """

    symmetric = True

    def __init__(
        self,
        grad: Callable[..., Vector] | None,
        n: int,
        *,
        value: Callable[..., float] | None = None,
        jacobian: Callable[..., Any] | None = None,
        jvp: Callable[..., Vector] | None = None,
        dt: Callable[..., Vector] | None = None,
        factorize: Callable[..., Any] | None = None,
        args: tuple[Any, ...] = (),
        x0: Vector | None = None,
    ) -> None:
        function = grad
        if function is None:
            if value is None:
                raise ArgumentError("grad: give the gradient or the value, not neither")
            function = _differenced(value)
        super().__init__(function, n, jacobian=jacobian, jvp=jvp, dt=dt, factorize=factorize, args=args, x0=x0)
        if grad is None:
            self.differenced = ("grad", *self.differenced)
        self._value = value

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H and its gradient."""
        g = self.grad(x, t)
        return (0.5 * float(g.dot(g)) if self._value is None else float(self._value(x, t, *self.args))), g

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of H in t, by central differences."""
        h = _CUBE * max(1.0, abs(t))
        return (self.value(x, t + h) - self.value(x, t - h)) / (2 * h)


class Still(Homotopy):
    """An objective as a homotopy that does not move.

    Parameters
    ----------
    objective : Objective
        The function at every t.
    """

    any_t = True

    def __init__(self, objective: Objective) -> None:
        self.objective, self.size = objective, objective.size
        matrix: Any = getattr(objective, "hessian", None)
        if matrix is not None:
            self.hessian = lambda x, t: matrix(x)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return f(x) and its gradient."""
        return self.objective.value_and_grad(x)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian times v."""
        return self.objective.hessp(x, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return 0."""
        return 0.0

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the zero vector."""
        return np.zeros_like(x)

    def start(self, rng: Any = None) -> Vector:
        """Return the origin."""
        return np.zeros(self.size)


def _bound(function: Callable[..., Any], args: tuple[Any, ...]) -> Callable[[Vector, float], Any]:
    return (lambda x, t: function(x, t, *args)) if args else function


def _differenced(value: Callable[..., float]) -> Callable[..., Vector]:
    """Return the gradient of a function by central differences of order four."""

    def grad(x: Vector, t: float, *args: Any) -> Vector:
        out = np.empty_like(x)
        for i in range(x.size):
            h = _FIFTH * (1.0 + abs(x[i]))
            e = np.zeros_like(x)
            e[i] = h
            near = value(x + e, t, *args) - value(x - e, t, *args)
            far = value(x + 2 * e, t, *args) - value(x - 2 * e, t, *args)
            out[i] = (8 * near - far) / (12 * h)
        return out

    return grad
