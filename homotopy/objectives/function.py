"""A user's own functions, and a user's own objective, as an Objective whose answers are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from homotopy.arguments import integer, shown
from homotopy.calls import MatrixCall, NumberCall, PairCall, VectorCall, called, called_or_none
from homotopy.differences import Differences
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import FromValueAndGrad, Vector
from homotopy.objectives.flops import flops_of

__all__ = ["Checked", "Function", "checked"]


@doors
class Function(FromValueAndGrad):
    """A function of a vector with its gradient, and its Hessian-vector product where there is one, as an Objective.

    Parameters
    ----------
    fun : callable
        ``fun(x)`` returns the value, or the value and the gradient where `jac` is True.
    jac : callable or True
        ``jac(x)`` returns the gradient, shape (n,).
    size : int
        The number n of variables.
    hessp : callable or None
        ``hessp(x, v)`` returns the Hessian at x times v; None takes central differences of the gradient.

    Raises
    ------
    ArgumentError
        If there is no gradient, something is no function, or, when it is called, a function returns what cannot be
        meant: the sentence names the function.

    Notes
    -----
    The functions are given copies, which they may overwrite, and what they return is copied, so that they may fill one
    array again and again. Lists, integers, columns and rows of n numbers are converted, an array of one number is a
    value. An ArithmeticError or a LinAlgError that they raise becomes an EvaluationError; any other error passes with a
    note that names the function (`homotopy.calls`).

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import rosen, rosen_der
    >>> objective = Function(rosen, rosen_der, 2)
    >>> objective.value(np.ones(2)), objective.hessp(np.ones(2), np.array([1.0, 0.0])).round(3)
    (0.0, array([ 802., -400.]))
    """

    def __init__(
        self,
        fun: Callable[[Vector], Any],
        jac: Callable[[Vector], Any] | bool | None,
        size: int,
        *,
        hessp: Callable[[Vector, Vector], Any] | None = None,
    ) -> None:
        if jac is not True and not callable(jac):
            raise ArgumentError(
                f"jac must be a function, or True where fun returns value and gradient, not {shown(jac)}"
            )
        self.size = integer("size", size, most=2**48)
        settings: Any = {"n": self.size}
        self._both = called(PairCall, "fun", fun, "(x)", **settings) if jac is True else None
        self._value = called(NumberCall, "fun", fun, "(x)", **settings)
        self._grad = None if jac is True else called(VectorCall, "jac", jac, "(x)", **settings)
        self._product = called_or_none(VectorCall, "hessp", hessp, "(x, v)", **settings)
        self._differences = Differences()

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient at x.

        Raises
        ------
        ArgumentError
            If they are no number and no vector of n numbers.
        """
        if self._grad is None:
            assert self._both is not None
            return self._both(x)
        return self._value(x), self._grad(x)

    def value(self, x: Vector) -> float:
        """Return the value at x."""
        return self._value(x) if self._both is None else self._both(x)[0]

    def grad(self, x: Vector) -> Vector:
        """Return the gradient at x."""
        return self.value_and_grad(x)[1] if self._grad is None else self._grad(x)

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v; without a function for it, by a central difference of the gradient."""
        if self._product is not None:
            return self._product(x, v.copy())
        return self._differences.along(self.grad, x, v)


class Checked(FromValueAndGrad):
    """A user's objective whose answers are looked at, with what it lacks made of what it has.

    Parameters
    ----------
    inner : Objective
        It has ``size``, and ``value_and_grad`` or ``value`` and ``grad``. Where it has no ``hessp``, that is a central
        difference of its gradient; everything else that it has (facets, ``hessian``) is offered here, too.

    Raises
    ------
    ArgumentError
        If it lacks one of these, or, when it is called, as for `Function`; the sentence names class and method.

    Examples
    --------
    >>> import numpy as np
    >>> class Bowl:
    ...     size = 2
    ...
    ...     def value_and_grad(self, x):
    ...         return x @ x, list(2 * x)
    >>> Checked(Bowl()).hessp(np.ones(2), np.array([1.0, 0.0])).round(6)
    array([2., 0.])
    """

    def __init__(self, inner: Any) -> None:
        kind, own = type(inner).__name__, {name: getattr(inner, name, None) for name in _METHODS}
        pair = own["value_and_grad"]
        alone = own["value"] is not None and own["grad"] is not None
        if isinstance(inner, type) or not hasattr(inner, "size") or not (pair is not None or alone):
            raise ArgumentError(f"objective must be an Objective with size and value_and_grad, not {shown(inner)}")
        self.inner, self.size = inner, integer(f"the size of {kind}", inner.size, most=2**48)
        settings: Any = {"n": self.size}

        def call(of: Any, name: str, form: str) -> Any:
            return called_or_none(of, f"{kind}.{name}", own[name], form, **settings)

        self._both = call(PairCall, "value_and_grad", "(x)")
        self._value, self._grad = call(NumberCall, "value", "(x)"), call(VectorCall, "grad", "(x)")
        self._product = call(VectorCall, "hessp", "(x, v)")
        if own["hessian"] is not None:
            self.hessian = call(MatrixCall, "hessian", "(x)")
        self._differences = Differences()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "inner":  # copies and pickles ask before there is an inner one
            raise AttributeError(name)
        return getattr(self.inner, name)

    @property
    def flops(self) -> float:
        """Flops of one `value_and_grad`: those of the user's objective."""
        return flops_of(self.inner)

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient at x."""
        pair: tuple[float, Vector] = (self._value(x), self._grad(x)) if self._both is None else self._both(x)
        return pair

    def value(self, x: Vector) -> float:
        """Return the value at x."""
        return self.value_and_grad(x)[0] if self._value is None else float(self._value(x))

    def grad(self, x: Vector) -> Vector:
        """Return the gradient at x."""
        found: Vector = self.value_and_grad(x)[1] if self._grad is None else self._grad(x)
        return found

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v; without a function for it, by a central difference of the gradient."""
        if self._product is None:
            return self._differences.along(self.grad, x, v)
        found: Vector = self._product(x, v.copy())
        return found


_METHODS = ("value_and_grad", "value", "grad", "hessp", "hessian")


def checked(objective: Any) -> Any:
    """Return a user's objective as `Checked`; what is compiled, or of this package, needs no look and is returned.

    Raises
    ------
    ArgumentError
        If it is no objective.
    """
    ours = type(objective).__module__.startswith("homotopy.")
    return objective if ours or hasattr(objective, "capsule") else Checked(objective)
