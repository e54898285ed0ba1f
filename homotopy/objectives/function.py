"""A user's own functions as an objective."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from homotopy.arguments import function, integer
from homotopy.errors import ArgumentError
from homotopy.objectives.base import FromValueAndGrad, Vector

__all__ = ["Function"]


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
        If there is no gradient, something is no function, or, when it is evaluated, a gradient has another shape.

    Examples
    --------
    >>> from scipy.optimize import rosen, rosen_der
    >>> objective = Function(rosen, rosen_der, 2)
    >>> objective.value(np.ones(2)), objective.hessp(np.ones(2), np.array([1.0, 0.0])).round(3)
    (0.0, array([ 802., -400.]))
    """

    def __init__(
        self,
        fun: Callable[[Vector], Any],
        jac: Callable[[Vector], Vector] | bool | None,
        size: int,
        *,
        hessp: Callable[[Vector, Vector], Vector] | None = None,
    ) -> None:
        function("fun", fun, "fun(x)")
        if jac is not True and not callable(jac):
            raise ArgumentError(f"jac must be a function, or True where fun returns value and gradient, not {jac!r}")
        if hessp is not None:
            function("hessp", hessp, "hessp(x, v)")
        self.size = integer("size", size)
        self._fun, self._jac, self._product = fun, jac, hessp

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient at x.

        Raises
        ------
        ArgumentError
            If the gradient has another shape than x.
        """
        value, grad = (self._fun(x), self._jac(x)) if callable(self._jac) else self._fun(x)
        grad = np.asarray(grad, dtype=np.float64)
        if grad.shape != (self.size,):
            raise ArgumentError(f"jac returned a gradient of shape {grad.shape}; x has shape ({self.size},)")
        return float(value), grad

    def value(self, x: Vector) -> float:
        """Return the value at x."""
        return float(self._fun(x)) if callable(self._jac) else self.value_and_grad(x)[0]

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v; without a function for it, by a central difference of the gradient."""
        if self._product is not None:
            return np.asarray(self._product(x, v), dtype=np.float64)
        norm = float(np.linalg.norm(v))
        if norm == 0.0:
            return np.zeros(self.size)
        step = 6e-6 * (1.0 + float(np.linalg.norm(x))) / norm
        return (self.grad(x + step * v) - self.grad(x - step * v)) / (2.0 * step)
