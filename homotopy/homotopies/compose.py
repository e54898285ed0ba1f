"""One homotopy after another."""

from __future__ import annotations

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.homotopies.base import Homotopy
from homotopy.objectives.base import Vector

__all__ = ["Compose"]


class Compose(Homotopy):
    """The first homotopy for t below one half, the second from there on.

    Parameters
    ----------
    first, second : Homotopy
        The true problem of the first is the easy problem of the second: `Targets` on the wide net of a `Width`, then
        that `Width`; or `Scaled` beside the linear path of a wide net, then `Skip`.

    Raises
    ------
    ArgumentError
        If the sizes differ, or the values of the two differ at a random point where they meet.

    Notes
    -----
    H(x, t) is first at 2 t, then second at 2 t - 1. At t = 1/2 the derivative in t jumps; there it is the second's.
    """

    def __init__(self, first: Homotopy, second: Homotopy) -> None:
        if first.size != second.size:
            raise ArgumentError(f"first has {first.size} variables and second {second.size}; they must be as many")
        x = np.random.default_rng(0).standard_normal(first.size)
        end, begin = first.value(x, 1.0), second.value(x, 0.0)
        if not np.isclose(end, begin, rtol=1e-8, atol=1e-10):
            raise ArgumentError(f"first ends at another problem than second begins with: {end!r} against {begin!r}")
        self.first, self.second, self.size = first, second, first.size
        self.objective = second.objective
        self.cost = max(first.cost, second.cost)

    def _part(self, t: float) -> tuple[Homotopy, float]:
        return (self.first, 2.0 * t) if t < 0.5 else (self.second, 2.0 * t - 1.0)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        part, s = self._part(t)
        return part.value_and_grad(x, s)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        part, s = self._part(t)
        return part.hessp(x, s, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        part, s = self._part(t)
        return 2.0 * part.dt(x, s)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        part, s = self._part(t)
        return 2.0 * part.dt_grad(x, s)

    def start(self, rng: np.random.Generator | int | None = None) -> Vector:
        """Return the start of the first."""
        return self.first.start(rng)

    def enter(self, x: Vector, rng: np.random.Generator | int | None = None) -> Vector:
        """Return the second's point for x."""
        return self.second.enter(x, rng)

    def finish(self, x: Vector) -> Vector:
        """Return the finish of the second."""
        return self.second.finish(x)
