"""What an objective offers beyond its derivatives, and the sentence for what it does not.

An objective is asked for *facets*, never for its class. It offers a facet where it has an attribute of that name and
its method ``lacks(facet)``, if it has one, returns None and not a reason. Homotopies and methods declare what they
need in a tuple ``needs``; `lacking` makes the sentence for all of them.

| facet | what it is |
|---|---|
| ``outputs`` | an `Outputs`: ``forward(x)``, ``jvp(x, v)``, ``vjp(x, G)`` on all samples, ``loss``, ``targets`` |
| ``deformed`` | a method: the same risk with a number of its own that moves with t, compiled |
| ``matched`` | a method: the loss that matches the output activation, in place of the squared one |
| ``resampled`` | a method: the same risk on other data, ``resampled(X, y)``, or ``resampled(X, y, weights)`` |
| ``hidden`` | a method: the widths of the hidden layers, at least one |
| ``units`` | a method: hidden units as `Units`, to widen, join, take away, add silently, refit |
| ``growth`` | a method: the units of a net that can be put together out of random ones |
| ``layers`` | a method: two hidden layers as `Widths`, whose widths can be changed |
| ``linear_path`` | a method: a `LinearPath`, beside which units can be turned round |
| ``chain`` | a method: a `Chain` of affine maps and activations, for noise on the weights in closed form |
| ``smoothed`` | a method: the Gaussian smoothing of a given width in closed form, a family in t |
| ``shorter`` | a method: a problem of fewer steps, ``shorter(t)``, of the same net on sequences |
| ``draw`` | a method: a random point, ``draw(rng)`` |

Plain attributes that may be missing: ``flops`` (of one gradient), ``safe_step`` (a step size for gradient descent),
``l2`` (the weight of a penalty), ``at_least`` (a bound of the values from below; ``rounding`` says how far below it
they may come by rounding alone, nothing by default), ``convex`` (whether it is), ``strong_convexity`` (a number mu with
which f(x) - mu/2 |x|^2 is convex, too).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from homotopy.arguments import shown
from homotopy.doors import door
from homotopy.errors import ArgumentError

__all__ = ["FACETS", "lacking", "offered", "require"]

FACETS = {
    "outputs": "outputs on samples",
    "deformed": "compiled deformation",
    "resampled": "data that could be others",
    "matched": "output activation that a loss of its own would match",
    "hidden": "hidden layers",
    "units": "hidden units",
    "growth": "samples for units to pass through",
    "layers": "two hidden layers whose widths could change",
    "linear_path": "units that could be turned beside a linear path",
    "chain": "chain of affine maps and activations",
    "smoothed": "smoothing in closed form",
    "shorter": "sequences to shorten",
    "draw": "random points of its own",
}
"""Every facet, and in words what is missing where it is not offered."""


@door
def lacking(objective: Any, needs: Iterable[str]) -> str | None:
    """Return None where an objective offers every facet in `needs`, else why not, in one sentence.

    Parameters
    ----------
    objective : Objective
        Any objective, also one that knows nothing of facets.
    needs : iterable of str
        Keys of `FACETS`.

    Raises
    ------
    ArgumentError
        If there is no such facet.

    Examples
    --------
    >>> from homotopy.objectives.functions import Rosenbrock
    >>> lacking(Rosenbrock(), ("outputs",))
    'a Rosenbrock has no outputs on samples'
    """
    for facet in needs:
        if facet not in FACETS:
            raise ArgumentError(f"needs must name facets, {', '.join(FACETS)}, not {shown(facet)}")
        own = getattr(objective, "lacks", None)
        reason = None if own is None else own(facet)
        if reason is None and not hasattr(objective, facet):
            kind = type(objective).__name__
            reason = f"{'an' if kind[0] in 'AEIOUaeiou' else 'a'} {kind} has no {FACETS[facet]}"
        if reason is not None:
            return str(reason)
    return None


@door
def offered(objective: Any, facet: str) -> bool:
    """Return whether an objective offers a facet.

    Examples
    --------
    >>> from homotopy.objectives.teacher import TeacherStudent
    >>> offered(TeacherStudent(3, 3), "smoothed")
    True
    """
    return lacking(objective, (facet,)) is None


def require(objective: Any, needs: Iterable[str]) -> None:
    """Raise where an objective lacks a facet.

    Raises
    ------
    ArgumentError
        With the sentence of `lacking`.
    """
    reason = lacking(objective, needs)
    if reason is not None:
        raise ArgumentError(f"objective: {reason}")
