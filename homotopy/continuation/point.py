"""The small records that predictors, correctors and the tracker pass to each other."""

from __future__ import annotations

from dataclasses import dataclass

from homotopy.objectives.base import Vector
from homotopy.status import Status

__all__ = ["Correction", "Guess", "Point"]


@dataclass(frozen=True)
class Point:
    """An accepted point of a path.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The point.
    t : float
        The homotopy parameter.
    value : float
        H(x, t).
    grad_norm : float
        Euclidean norm of the gradient of H(., t) at x.
    step : float
        The step that led here, in t or in arclength.
    n_iter : int
        Corrector iterations that it took.
    """

    x: Vector
    t: float
    value: float
    grad_norm: float
    step: float = 0.0
    n_iter: int = 0


@dataclass(frozen=True)
class Guess:
    """A predicted point, with the tangent (dx, dt) along which it was predicted, shape (n + 1,) or None."""

    x: Vector
    t: float
    tangent: Vector | None = None


@dataclass(frozen=True)
class Correction:
    """What a corrector made of a guess.

    Attributes
    ----------
    status : Status
        CONVERGED, or why not.
    distance : float
        How far the corrector moved from the guess; a large one against the step betrays a jump to another branch.
    """

    x: Vector
    t: float
    value: float
    grad_norm: float
    status: Status
    n_iter: int
    distance: float
