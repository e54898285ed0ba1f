"""Hidden units of a wider net faded out."""

from __future__ import annotations

import importlib
import warnings
from math import inf
from typing import Any, ClassVar

import numpy as np

from homotopy._core.family import Family
from homotopy.arguments import generator, integer, number
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.general.weightdecay import first_decay
from homotopy.homotopies.units.rising import InPart
from homotopy.objectives.base import Objective, Seed, Vector, compiled, drawn
from homotopy.objectives.units.base import Units

__all__ = ["Scaled", "TVWidth", "Width"]


@door
class Scaled(InPart):
    r"""A function whose variables are partly scaled by 1 - t.

    Parameters
    ----------
    easy : Objective
        The function at t = 0.
    fading : ndarray of shape (n,), bool
        The variables that fade.
    toll : float
        What half of the square of a fading variable costs beside f, times t (1 - t); 0 or more.

    Raises
    ------
    ArgumentError
        If `fading` has not the easy objective's size, or `toll` is negative.

    Notes
    -----
    With D(t) diagonal, 1 - t for the fading variables and 1 for the others,

    .. math:: H(x, t) = f(D x), \quad \nabla H = D \nabla f(D x), \quad
              \partial_t \nabla H = D' \nabla f(D x) + D \nabla^2 f(D x) D' x,

    without a toll. With a toll l equal to a penalty l2 in f, the fading variables cost (1 - t) l2 / 2 of the squares of
    x, and of what counts, y = D x, l2 / (2 (1 - t)): ever more, so that they are driven out before they are gone.
    """

    x0: Vector | None = None

    def __init__(self, easy: Objective, fading: Any, *, toll: float = 0.0) -> None:
        self.function = self.easy = easy
        self.size = easy.size
        self.fading = np.array(fading, dtype=bool)
        if self.fading.shape != (self.size,):
            raise ArgumentError(f"fading has shape {self.fading.shape}; easy needs ({self.size},)")
        toll = number("toll", toll, "0 or a positive number", least=0, below=inf)
        self.toll = np.where(self.fading, toll, 0.0) if toll else None

    def _parts(self, t: float) -> tuple[Vector, Vector]:
        """Return D and its derivative in t."""
        return np.where(self.fading, 1.0 - t, 1.0), np.where(self.fading, -1.0, 0.0)

    def capsule(self) -> Any | None:
        """Return the path as compiled loops see it, or None where the easy function is not compiled."""
        inner = compiled(self.easy)
        if inner is None:
            return None
        fade = self.fading.astype(np.float64)
        return Family(inner, fade=fade, pull=(self.ridge, 0.0), toll=self.toll).capsule()

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of the easy problem, reached by L-BFGS from x0 or from random variables."""
        return solve_easy(self, drawn(self.easy, rng) if self.x0 is None else self.enter(self.x0, rng))


@door
class Width(Scaled):
    """A net of more hidden units, the last of which fade out.

    Parameters
    ----------
    objective : Objective
        The true problem, with one hidden layer.
    extra : int
        How many units more, at least 1.

    Raises
    ------
    ArgumentError
        If the objective has no units that can be added, or extra is below 1.

    Notes
    -----
    What fades is the outgoing weights of the extra units (on a teacher, whose outgoing weights are one, the rows).
    `finish` leaves them out. Where the objective has an l2, all weights of the extra units fade, and what a unit pays
    for what counts of them rises from l2 to infinity: at t = 1 nothing is paid for units that are gone, and before
    that they were not worth it any more. The method `width` takes units away one by one with compensation, the discrete
    limit.
    """

    needs: ClassVar[tuple[str, ...]] = ("units",)

    def __init__(self, objective: Any, extra: int = 4) -> None:
        extra = integer("extra", extra)
        self.units: Units = self.accepted(objective).units()
        l2 = float(getattr(objective, "l2", 0.0))
        fading = self.units.belonging(extra) if l2 else self.units.outgoing(extra)
        super().__init__(self.units.wider(extra), fading, toll=l2)
        self.objective, self.extra = objective, extra

    def enter(self, x: Vector, rng: Seed = None) -> Vector:
        """Return x with the extra units of random points that `rng` draws."""
        rng = generator("rng", rng)
        return self.units.grow(x, self.extra, lambda: drawn(self.objective, rng))

    def finish(self, x: Vector) -> Vector:
        """Return the point of the true net: x without the extra units."""
        return self.units.narrow(x)


@door
class TVWidth(Width):
    """`Width` on a wide net whose weights are penalized at first: a convex problem over measures, then made narrow.

    Parameters
    ----------
    objective : Objective
        The true problem: one hidden layer.
    extra : int
        How many units more, at least 1.
    l2 : float or None
        The penalty at t = 0, at least the objective's; None is a hundredth of `largest_decay`, or the objective's own
        where that is more.

    Raises
    ------
    ArgumentError
        If the objective is no net on data, or l2 is not positive or below the objective's.

    Notes
    -----
    The penalty l2 / 2 (|W|^2 + |a|^2) of both layers of a relu net at t = 0 is the total variation norm of the measure
    over units, up to its scale (biases are penalized with the weights; the output's too). It falls to the objective's
    own as t goes to 1.

    References
    ----------
    M. Pilanci and T. Ergen, ICML 2020 (arXiv 2002.10553): the convex reformulation; F. Bach, JMLR 18 (2017).
    """

    needs = ("units", "outputs")

    def __init__(self, objective: Any, extra: int = 4, *, l2: float | None = None) -> None:
        super().__init__(objective, extra)
        self.l2 = number("l2", first_decay(objective, l2, times=1.0), "positive", above=0)
        self.ridge = self.l2 - float(getattr(objective, "l2", 0.0))

    def certificate(self, x: Vector) -> Any:
        """Return `homotopy.landscape.largest_slope` of `easy` at x; the name goes with the next release."""
        warnings.warn(
            "TVWidth.certificate is homotopy.landscape.largest_slope(path.easy, x, path.l2) now",
            DeprecationWarning,
            stacklevel=2,
        )
        return importlib.import_module("homotopy.landscape").largest_slope(self.easy, x, self.l2)
