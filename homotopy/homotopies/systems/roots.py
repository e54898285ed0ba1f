"""Homotopies from plain functions: gradient systems and root systems F(x, t) = 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from homotopy.arguments import integer, vector
from homotopy.calls import Given, Named, NumberCall, called, called_or_none
from homotopy.differences import Differences
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.systems.calls import ArrayCall, FactorsCall, SquareCall
from homotopy.objectives.base import Objective, Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.function import checked

__all__ = ["GradientSystem", "RootSystem", "Still"]

_NOISE = 1e-12  # the relative rounding error of a gradient by differences of order four


@door
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
        If n is below 1, x0 is no vector of n numbers, or, when it is called, a function returns anything but an array
        (or a sparse matrix) of real numbers of exactly its shape.

    Notes
    -----
    The functions are given copies, which they may overwrite, and what they return is copied, so that they may fill one
    array again and again. Arrays of any real type, integers among them, become float64. A list, a number, a column or
    a row, also where n = 1, is refused as None and complex numbers are: a vector has shape (n,), a matrix (n, n). The
    value H of a gradient system is a number or an array of one. A ZeroDivisionError, OverflowError, FloatingPointError
    or LinAlgError that a function raises becomes an EvaluationError: F cannot be evaluated there, and the tracker
    tries a shorter step (a LinAlgError of `factorize` says that the matrix is singular). Any other error passes with a
    note that names the function (`homotopy.calls`). Differences learn how long their steps must be
    (`homotopy.differences`).
    """

    symmetric = False

    def __init__(
        self,
        function: Callable[..., Any],
        n: int,
        *,
        jacobian: Callable[..., Any] | None = None,
        jvp: Callable[..., Any] | None = None,
        dt: Callable[..., Any] | None = None,
        factorize: Callable[..., Any] | None = None,
        args: tuple[Any, ...] = (),
        x0: Any = None,
    ) -> None:
        n = integer("n", n)
        self.x0 = None if x0 is None else vector("x0", x0, n, "the system")
        self.size, self.args = n, args
        self._differences = Differences()
        self._calls: Any = {"n": n, "args": args, "given": Given()}
        self._function = called(ArrayCall, "function", function, "(x, t, *args)", **self._calls).at
        self._jvp = called_or_none(ArrayCall, "jvp", jvp, "(x, t, v, *args)", **self._calls)
        self._dt = called_or_none(ArrayCall, "dt", dt, "(x, t, *args)", **self._calls)
        if jacobian is not None:
            self.hessian = called(SquareCall, "jacobian", jacobian, "(x, t, *args)", **self._calls)
        if factorize is not None:
            self.factorize = called(FactorsCall, "factorize", factorize, "(x, t, *args)", **self._calls)
        derivatives = {"jvp": jvp if jacobian is None else jacobian, "dt": dt}
        self.differenced = tuple(name for name, derivative in derivatives.items() if derivative is None)

    def grad(self, x: Vector, t: float) -> Vector:
        """Return F(x, t)."""
        return self._function(x, t)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return |F|^2 / 2 and F."""
        f = self._function(x, t)
        return 0.5 * float(f.dot(f)), f

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return dF/dx v, by central differences where no derivative was given."""
        if self._jvp is not None:
            return self._jvp(x, t, v.copy())
        if hasattr(self, "hessian"):
            along: Vector = self.hessian(x, t) @ v
            return along
        return self._differences.along(lambda y: self.grad(y, t), x, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of |F|^2 / 2 in t."""
        return float(self.grad(x, t) @ self.dt_grad(x, t))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return dF/dt, by central differences where it was not given."""
        if self._dt is not None:
            return self._dt.at(x, t)
        slope: Vector = self._differences.in_t(lambda s: self.grad(x, s), t)
        return slope

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


@door
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
        If neither grad nor value is given, or as for `RootSystem`, whose notes hold here, too.
    """

    symmetric = True

    def __init__(
        self,
        grad: Callable[..., Any] | None,
        n: int,
        *,
        value: Callable[..., Any] | None = None,
        jacobian: Callable[..., Any] | None = None,
        jvp: Callable[..., Any] | None = None,
        dt: Callable[..., Any] | None = None,
        factorize: Callable[..., Any] | None = None,
        args: tuple[Any, ...] = (),
        x0: Any = None,
    ) -> None:
        if grad is None and value is None:
            raise ArgumentError("grad: give the gradient or the value, not neither")
        function = Named("value", value) if grad is None else Named("grad", grad)
        super().__init__(function, n, jacobian=jacobian, jvp=jvp, dt=dt, factorize=factorize, args=args, x0=x0)
        self._value = called_or_none(NumberCall, "value", value, "(x, t, *args)", **self._calls)
        self._slopes = Differences()  # of the value
        self._has_grad = grad is not None
        if grad is None:
            self._differences = Differences(noise=_NOISE)
            self.differenced = ("grad", *self.differenced)

    def grad(self, x: Vector, t: float) -> Vector:
        """Return the gradient in x, by central differences of the value where it was not given."""
        if self._has_grad:
            return self._function(x, t)
        assert self._value is not None
        value = self._value
        return self._slopes.gradient(lambda y: value(y, t), x)

    def value(self, x: Vector, t: float) -> float:
        """Return H, or |grad|^2 / 2 where it was not given."""
        return self.value_and_grad(x, t)[0] if self._value is None else self._value(x, t)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H and its gradient."""
        g = self.grad(x, t)
        return (0.5 * float(g.dot(g)) if self._value is None else self._value(x, t)), g

    def dt(self, x: Vector, t: float) -> float:
        """Return the derivative of H in t, by central differences."""
        return float(self._slopes.in_t(lambda s: self.value(x, s), t))


@door
class Still(Homotopy):
    """An objective as a homotopy that does not move.

    Parameters
    ----------
    objective : Objective
        The function at every t.
    """

    any_t = True

    def __init__(self, objective: Objective) -> None:
        self.objective = checked(objective)
        self.size = self.objective.size
        matrix: Any = getattr(self.objective, "hessian", None)
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
