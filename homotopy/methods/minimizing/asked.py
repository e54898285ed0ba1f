"""What the caller of `minimize` asked for: bounds, options and callback, checked and brought into one form."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from homotopy.arguments import function, integer, one_of, positive, shown
from homotopy.continuation.point import Point
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector

__all__ = ["Asked", "Steps", "as_bounds"]

MOST = 20_000
"""The most iterations and evaluations of a descent."""


@dataclass(frozen=True)
class Asked:
    """The options of a call.

    `gtol` and `ftol` are None where the caller leaves it to `minimize` when to end.
    """

    maxiter: int = MOST
    maxfun: int = MOST
    gtol: float | None = None
    ftol: float | None = None
    disp: bool = False

    @classmethod
    def of(cls, options: Any, tol: Any) -> Asked:
        """Return the options; one that is unknown warns, as SciPy does.

        Raises
        ------
        ArgumentError
            If `options` is no dictionary, or a value is not allowed.
        """
        one_of("options", {} if options is None else options, dict, "a dictionary or None")
        given = dict(options or {})
        tol = given.pop("tol", tol)
        if tol is not None:
            given = {"gtol": tol, "ftol": tol} | given
        known: dict[str, Any] = {}
        for name in ("maxiter", "maxfun"):
            if given.get(name) is not None:
                known[name] = integer(f"options: {name}", given[name])
        for name in ("gtol", "ftol"):
            if given.get(name) is not None:
                known[name] = positive("tol" if tol == given[name] else f"options: {name}", given[name], or_zero=True)
        known["disp"] = bool(given.get("disp", False))
        unknown = sorted(set(given) - {"maxiter", "maxfun", "gtol", "ftol", "disp"})
        if unknown:
            warnings.warn(f"Unknown solver options: {', '.join(unknown)}", scipy.optimize.OptimizeWarning, stacklevel=5)
        return cls(**known)


def as_bounds(bounds: Any, size: int) -> tuple[Vector, Vector] | None:
    """Return lower and upper bounds of shape (size,), or None where there are none.

    Parameters
    ----------
    bounds : Bounds, sequence of pairs, or None
        SciPy's forms: an entry None is no bound.
    size : int
        The number of variables.

    Raises
    ------
    ArgumentError
        If they are of another form or number, or a lower bound lies above the upper one.
    """
    if bounds is None:
        return None
    try:
        if isinstance(bounds, scipy.optimize.Bounds):
            low, high = (
                np.broadcast_to(np.asarray(side, dtype=np.float64), (size,)) for side in (bounds.lb, bounds.ub)
            )
        else:
            pairs = [(low, high) for low, high in bounds]
            low = np.array([-np.inf if one is None else one for one, _ in pairs], dtype=np.float64)
            high = np.array([np.inf if one is None else one for _, one in pairs], dtype=np.float64)
    except (TypeError, ValueError):
        allowed = f"a scipy.optimize.Bounds or {size} pairs (low, high), None for no bound"
        raise ArgumentError(f"bounds must be {allowed}, not {shown(bounds)}") from None
    if low.shape != (size,) or high.shape != (size,):
        raise ArgumentError(f"bounds has {low.size} pairs; x0 has {size} entries")
    wrong = np.flatnonzero(~(low <= high) | (low == np.inf) | (high == -np.inf))
    if wrong.size:
        i = int(wrong[0])
        raise ArgumentError(
            f"bounds of x[{i}] are ({low[i]:g}, {high[i]:g}); the lower one must not lie above the upper"
        )
    if np.all(low == -np.inf) and np.all(high == np.inf):
        return None
    return np.array(low), np.array(high)


class Steps:
    """What is called after each step: it counts them, and tells the user's callback in the form that it has.

    A function of one argument named ``intermediate_result`` gets an OptimizeResult with x and fun (and t along a
    homotopy, where fun is H(x, t)), any other one x alone; both are copies.
    """

    def __init__(self, callback: Callable[..., Any] | None, x0: Vector) -> None:
        self.count, self._last = 0, x0
        self._callback, self._named = callback, False
        if callback is not None:
            function("callback", callback, "callback(intermediate_result) or callback(xk)")
            try:
                self._named = set(inspect.signature(callback).parameters) == {"intermediate_result"}
            except (TypeError, ValueError):  # built-in functions have no signature
                self._named = False

    def __call__(self, point: Any) -> None:
        """Count a step, and call the callback."""
        self.count, self._last = self.count + 1, point.x
        if self._callback is None:
            return
        x = np.array(point.x)
        if self._named:
            self._callback(
                intermediate_result=scipy.optimize.OptimizeResult(x=x, fun=float(point.value), t=float(point.t))
            )
        else:
            self._callback(x)

    def finish(self, x: Vector, value: float) -> None:
        """Tell of the last step, which a descent that it ended has not told."""
        if np.array_equal(x, self._last):
            return
        with contextlib.suppress(StopIteration):  # it is the end anyway
            self(Point(x, 1.0, value, np.nan))
