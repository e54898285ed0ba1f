"""A user's functions: copies of x handed out, calls counted, the last result remembered, missing derivatives made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy

from homotopy.arguments import choice, function
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.objectives.function import Function
from homotopy.returned import matrix_of

__all__ = ["ACCURACY", "DIFFERENCES", "User"]

EPS = float(np.finfo(np.float64).eps)
DIFFERENCES = {"2-point": EPS**0.5, "3-point": EPS ** (1 / 3), "cs": EPS**0.5}
"""The ways to a gradient by differences, each with its step over the size of x."""
AGAIN = {"2-point": 1e-3, "3-point": 1e-4, "cs": 1e-5, "": EPS ** (1 / 3)}
"""The steps over the size of x between two such gradients, or exact ones, for products with the Hessian."""


ACCURACY = {"2-point": 1e-7, "3-point": 1e-10}
"""What such gradients leave open of the value at a minimum, over it."""


class Counted:
    """A function of a vector: it gets a copy, its calls are counted, and the last result is kept.

    `scalar` says that the result, or the first part of a pair, is a value.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], *, scalar: bool = False) -> None:
        self.function, self.args, self.scalar = function, args, scalar
        self.calls = 0
        self._at: Vector | None = None
        self._last: Any = None

    def fresh(self, x: Any, *more: Any) -> Any:
        """Call the function."""
        self.calls += 1
        found = self.function(np.array(x), *(np.array(v) for v in more), *self.args)
        return _kept(_number(found) if self.scalar else found)

    def __call__(self, x: Vector, *more: Any) -> Any:
        """Call the function, unless the last call was at the same x; products with other vectors are not kept."""
        if more:
            return self.fresh(x, *more)
        if self._at is None or not np.array_equal(x, self._at):
            self._last, self._at = self.fresh(x), np.array(x)
        return self._last


def _kept(found: Any) -> Any:
    """Return a result that no later call can overwrite."""
    if isinstance(found, tuple | list):
        return tuple(_kept(part) for part in found)
    return found.copy() if isinstance(found, np.ndarray) else found


def _number(found: Any) -> Any:
    """Return a value of shape (1,) or (1, 1) as a scalar, also one in a pair, and what is none as it is."""
    if isinstance(found, tuple) and found:
        return (_number(found[0]), *found[1:])
    return found.reshape(-1)[0] if isinstance(found, np.ndarray) and found.size == 1 else found


class User:
    """The functions of a call of `minimize` as one Objective.

    Parameters
    ----------
    fun, jac : callable
        As SciPy's; jac may also be True or one of `DIFFERENCES`.
    x0 : ndarray of shape (n,)
        The start, whose size is that of the steps of differences.
    args : tuple
        Further arguments of each function.
    hess, hessp : callable or None
        As SciPy's.
    bounds : tuple of two ndarrays, or None
        Lower and upper ones, which differences keep.

    Attributes
    ----------
    objective : Function
        What is minimized.
    how : str
        How its gradient is made by differences, or empty.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        jac: Any,
        x0: Vector,
        *,
        args: tuple[Any, ...] = (),
        hess: Any = None,
        hessp: Any = None,
        bounds: tuple[Vector, Vector] | None = None,
    ) -> None:
        function("fun", fun, "fun(x, *args)")
        self.bounds = (-np.inf, np.inf) if bounds is None else bounds
        self._fun = Counted(fun, args, scalar=True)
        self._size = np.where(x0 != 0.0, np.abs(x0), np.abs(x0).max() or 1.0)
        self.how = "" if jac is True or callable(jac) else choice("jac", jac, DIFFERENCES)
        self._plain = Function(self._fun.fresh, np.zeros_like, x0.size)
        given: Any = jac
        if jac is not True:
            self._jac = given = Counted(self._difference, ()) if self.how else Counted(jac, args)
        anew: tuple[Any, Any] = (self._fun.fresh, True) if jac is True else (lambda x: 0.0, given.fresh)
        self._grad = Function(*anew, x0.size).grad
        matrix: Any = Counted(hess, args) if callable(hess) else None
        self._hess = matrix
        product = self._product(hess, hessp, args)
        self.objective = Function(self._fun, given, x0.size, hessp=product)
        if callable(hess):
            self.objective.hessian = lambda x: matrix_of("hess", self._hess(x), x.size)  # type: ignore[attr-defined]

    def _product(self, hess: Any, hessp: Any, args: tuple[Any, ...]) -> Any:
        """Return the product with the Hessian as the objective takes it."""
        if hessp is not None:
            function("hessp", hessp, "hessp(x, v, *args)")
            self._second = Counted(hessp, args)
            return self._second
        if callable(hess):
            self._second = self._hess
            return lambda x, v: np.asarray(self._hess(x) @ v)
        if hess is not None and hess not in DIFFERENCES:
            raise ArgumentError(f"hess must be a function, hess(x, *args), None or one of {', '.join(DIFFERENCES)}")
        return self._between

    @property
    def counts(self) -> dict[str, int]:
        """The calls until now, as SciPy names them."""
        nfev, second = self._fun.calls, getattr(self, "_second", None)
        jac = getattr(self, "_jac", None)
        return {"nfev": nfev, "njev": nfev if jac is None else jac.calls, "nhev": second.calls if second else 0}

    def _difference(self, x: Vector) -> Vector:
        """Return the gradient by differences, with steps over the size that each variable has or had at x0."""
        step = DIFFERENCES[self.how] * np.maximum(np.abs(x), self._size)
        value = self._plain.value if self.how != "cs" else self._complex
        low, high = (np.broadcast_to(side, x.shape) for side in self.bounds)
        grad, free = np.zeros(x.size), low < high  # a fixed variable has no step to go

        def along(y: Any) -> Any:
            point = x.astype(np.asarray(y).dtype)
            point[free] = y
            return value(point)

        if free.any():
            grad[free] = scipy.optimize._numdiff.approx_derivative(
                along,
                x[free],
                method=self.how,
                abs_step=step[free],
                f0=float(self._fun(x)),
                bounds=(low[free], high[free]),
            )
        return grad

    def _complex(self, x: Any) -> Any:
        """Return the value at a complex x."""
        found = self._fun.fresh(x)
        if not np.iscomplexobj(found):
            raise ArgumentError("jac='cs' needs a fun that takes complex x and returns a complex value")
        return found

    def _between(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian times v by a central difference of gradients."""
        norm = float(np.linalg.norm(v / self._size))
        if norm == 0.0:
            return np.zeros_like(v)
        far = max(1.0, float(np.abs(x / self._size).max()))
        step = AGAIN[self.how] * far / norm
        ends = [np.clip(x + side * step * v, *self.bounds) for side in (1.0, -1.0)]
        return np.asarray((self._grad(ends[0]) - self._grad(ends[1])) / (2.0 * step))
