"""One homotopy after another."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.units.skip import Skip
from homotopy.homotopies.units.width import Scaled, Width
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.family import Homotopy

__all__ = ["Compose", "Narrowed"]


class Narrowed(Homotopy):
    """A homotopy of a wide net whose extra units are gone, in the variables of the wide net.

    Parameters
    ----------
    inner : Homotopy
        On the wide net.
    width : Width
        Says which variables are gone, and how points of the true net are made wide and narrow.

    Raises
    ------
    ArgumentError
        If the two have different sizes.

    Notes
    -----
    H(x, t) is inner's at M x, M the diagonal matrix that is zero where `width` fades variables.
    """

    def __init__(self, inner: Homotopy, width: Width) -> None:
        if inner.size != width.size:
            raise ArgumentError(f"inner has {inner.size} variables; the wide net has {width.size}")
        self.inner, self.width, self.size = inner, width, inner.size
        self.objective = width.objective
        self.kept = np.where(width.fading, 0.0, 1.0)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        value, grad = self.inner.value_and_grad(self.kept * x, t)
        return value, self.kept * grad

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return self.kept * self.inner.hessp(self.kept * x, t, self.kept * v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        return self.inner.dt(self.kept * x, t)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return self.kept * self.inner.dt_grad(self.kept * x, t)

    def start(self, rng: Seed = None) -> Vector:
        """Return the solved easy problem of the wide net, without the extra units, solved again."""
        return solve_easy(self, self.kept * self.inner.start(rng))

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return x with extra units."""
        return self.width.enter(x, rng)

    def finish(self, x: Vector) -> Vector:
        """Return x without the extra units."""
        return self.width.finish(x)


@door
class Compose(Homotopy):
    """The first homotopy for t below one half, the second from there on.

    Parameters
    ----------
    first, second : Homotopy
        The true problem of the first is the easy problem of the second: `Targets` on the wide net of a `Width`, then
        that `Width`; or `width_inside_skip`.

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

    @property
    def flops(self) -> float:
        """Flops of one `value_and_grad`: those of the dearer part."""
        return max(self.first.flops, self.second.flops)

    def flops_at(self, t: float) -> float:
        """Return the flops of one `value_and_grad` at t: those of the part that is there."""
        part, s = self._part(t)
        return part.flops_at(s)

    @classmethod
    def width_inside_skip(cls, objective: Any, extra: int = 4) -> Compose:
        """Return extra units that fade beside the free linear path of `Skip`, and then that path taken away.

        Parameters
        ----------
        objective : Objective
            What both `Width` and `Skip` accept; of risks the squared loss, whose path has no variables.
        extra : int
            How many units more, at least 1.

        Raises
        ------
        ArgumentError
            If the objective is another.
        """
        width = Width(objective, extra)
        skip = Skip(width.easy)
        if skip.size != width.size:
            raise ArgumentError("objective must have the squared loss, whose linear path is solved and not trained")
        return cls(Scaled(skip.at(0.0), width.fading, toll=float(getattr(objective, "l2", 0.0))), Narrowed(skip, width))

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

    def start(self, rng: Seed = None) -> Vector:
        """Return the start of the first."""
        return self.first.start(rng)

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return the second's point for x."""
        return self.second.enter(x, rng)

    def finish(self, x: Vector) -> Vector:
        """Return the finish of the second."""
        return self.second.finish(x)
