"""What is proved of the least value of a problem, and how far a value lies above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan
from typing import Any

import numpy as np

from homotopy.arguments import number, positive, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector

__all__ = ["Bound", "best", "bound_of", "lower_bound", "never_below", "rounding_at"]

LOOKS, SCATTER = 8, 8.0
"""How often an objective is evaluated next to a point, and times the scatter of its values that they may be off."""
ULPS = 16.0
"""Relative rounding of a value, in units of the last place of float64, that is no gap below a bound."""
CANCELS = 1e-6
"""And relative rounding up to which a value below a bound is no contradiction, though it is told."""
PROVED = 1e-6
"""Of a value: so little above a bound it is that of the global minimum."""


@doors
@dataclass(frozen=True)
class Bound:
    """A value that no point comes below, and what that rests on.

    Parameters
    ----------
    value : float
        No point has a lower value; in the unit of the objective.
    certificate : str
        On what that rests, in words that can follow a colon: ``the loss is never negative``.
    rounding : float
        How far below `value` a computed value of the objective may lie by rounding alone, in its unit; 0 where it
        cannot, as that of a sum of squares.

    Raises
    ------
    ArgumentError
        If `value` is no finite number, `certificate` is no text or empty, or `rounding` is negative or not finite.

    Examples
    --------
    >>> bound = Bound(0.25, "the least-squares value")
    >>> bound.gap(0.75), bound.gap(0.25 - 1e-17)
    (0.5, 0.0)
    >>> bound.told(0.75)
    'gap 0.5 above 0.25: the least-squares value'
    """

    value: float
    certificate: str
    rounding: float = 0.0

    def __post_init__(self) -> None:
        value = number("value", self.value, "a finite number", above=-inf, below=inf)
        rounding = positive("rounding", self.rounding, or_zero=True)
        if not isinstance(self.certificate, str) or not self.certificate.strip():
            raise ArgumentError(f"certificate must say in words what the bound rests on, not {shown(self.certificate)}")
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "rounding", rounding)

    def gap(self, value: float) -> float:
        """Return how far a value is above the bound: 0 where it is below by `rounding` or less; NaN of NaN.

        It is negative where the value is further below, which `told` tells in words.
        """
        gap, size = float(value) - self.value, max(abs(value), abs(self.value))
        slack = self.rounding + ULPS * float(np.finfo(np.float64).eps) * size
        return 0.0 if gap < 0.0 and -gap <= slack < inf else gap

    def proves(self, value: float) -> bool:
        """Return whether the bound says that a value is that of the global minimum, to a part in a million."""
        return 0.0 <= self.gap(value) <= PROVED * abs(value)

    def contradicted(self, value: float) -> bool:
        """Return whether a value is below the bound, and not by rounding, so that one of the two must be wrong.

        Rounding is `rounding`, and a millionth of the value: more than sums have that do not cancel, but evaluations
        far out, of terms that do, may have as much.
        """
        gap = self.gap(value)
        return bool(gap < 0.0 and not -gap <= CANCELS * max(abs(value), abs(self.value)) < inf)

    def told(self, value: float) -> str:
        """Return in words how far a value is above the bound and what that rests on; a contradiction says so."""
        gap = self.gap(value)
        if isnan(value) or value == inf:
            return ""
        if self.contradicted(value):
            return (
                f"contradiction: the value {value:.6g} is {-gap:.3g} below {self.value:.6g}, which should be a lower "
                f"bound ({self.certificate}); the bound or the computed value is wrong"
            )
        if gap < 0.0:
            return f"{-gap:.3g} below {self.value:.6g}, by rounding of terms that cancel: {self.certificate}"
        return f"gap {gap:.3g} above {self.value:.6g}: {self.certificate}"


def rounding_at(objective: Any, x: Vector) -> float:
    """Return how far a computed value of an objective may be off at x: by what it scatters next to x, in its unit.

    All components are changed by a unit in the last place, some times at random: values are then rounded otherwise.
    Infinite where the objective cannot be evaluated there.
    """
    rng, eps = np.random.default_rng(0), float(np.finfo(np.float64).eps)
    try:
        with np.errstate(all="ignore"):
            values = [
                float(objective.value(np.ascontiguousarray(x * (1.0 + eps * rng.integers(-1, 2, x.size)))))
                for _ in range(LOOKS)
            ]
    except EvaluationError:
        return inf
    return SCATTER * (max(values) - min(values))


Given = Bound | Callable[[], Bound | None] | None
"""A bound, or what computes one when it is asked for, or none."""


def best(bounds: Iterable[Bound | None]) -> Bound | None:
    """Return the highest of several bounds, the first one among equals; None where there is none."""
    found = [bound for bound in bounds if bound is not None]
    return max(found, key=lambda bound: bound.value, default=None)


def bound_of(given: Any) -> Given:
    """Return what a problem keeps as its bound: a Bound, a function that makes one, or None.

    Raises
    ------
    ArgumentError
        If it is none of the three.
    """
    if given is None or isinstance(given, Bound):
        return given
    if callable(given):
        made: Callable[[], Bound | None] = given
        return made
    raise ArgumentError(
        f"bound must be a Bound, as in Bound(0.25, 'the least-squares value'), or a function that returns one, "
        f"not {shown(given)}"
    )


def lower_bound(objective: Any, given: Given = None) -> Bound | None:
    """Return the best lower bound that is known of an objective; None where there is none.

    Parameters
    ----------
    objective : Objective
        It is asked for ``at_least``, for rows that contradict each other (`repeated_inputs`), and whether it is convex
        (`dual_bound`, `strongly_convex`).
    given : Bound, callable or None
        What is known beside.

    Raises
    ------
    ArgumentError
        If what is known beside is no bound, or a function that returns none.

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> lower_bound(problem("sine").objective)
    Bound(value=0.0, certificate='the loss is never negative', rounding=0.0)
    """
    # the proofs are made by what knows of bounds
    from homotopy.problems.lower.affine import dual_bound
    from homotopy.problems.lower.onedirection import one_direction
    from homotopy.problems.lower.onerelu import one_relu
    from homotopy.problems.lower.repeated import repeated_inputs
    from homotopy.problems.lower.strong import strongly_convex

    known = bound_of(given)
    if callable(known):
        known = bound_of(known())
        if callable(known):
            raise ArgumentError("bound must be a Bound or a function that returns one, not one that returns a function")
    proofs = (never_below, repeated_inputs, dual_bound, strongly_convex, one_relu, one_direction)
    return best([known, *(proof(objective) for proof in proofs)])


def never_below(objective: Any) -> Bound | None:
    """Return the bound that an objective states by its attribute ``at_least``; None where it states none."""
    least = getattr(objective, "at_least", None)
    least = nan if least is None else float(least)
    if not isfinite(least):
        return None
    words = "the loss is never negative" if least == 0.0 else f"the loss is never below {least:.6g}"
    return Bound(least, words, rounding=float(getattr(objective, "rounding", 0.0)))
