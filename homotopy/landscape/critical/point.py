"""What is known of one critical point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homotopy.doors import doors
from homotopy.objectives.base import Vector

__all__ = ["FOUND_BY", "CriticalPoint", "morse_sum"]

FOUND_BY = (
    "descent",
    "newton",
    "saddle-free newton",
    "gradient norm",
    "eigenvector following",
    "deflation",
    "product",
    "symmetry",
    "given",
)
"""The searches that a point may come from; "symmetry" is a point's image under what the data have for symmetries."""


@doors
@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """A point where the gradient vanishes, polished as far as rounding allows.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The point, read-only; one of its symmetric copies.
    value : float
        f(x).
    grad_norm : float
        The Euclidean norm of the gradient there, in units of f over x.
    index : int
        The number of negative eigenvalues of the Hessian.
    eigenvalues : ndarray of shape (n,)
        All eigenvalues, ascending, in units of f over x squared; read-only.
    n_zero : int
        How many of them are zero to rounding.
    n_symmetric : int
        How many of these are explained by continuous symmetries.
    kind : str
        "minimum", "saddle", "maximum", or "degenerate": no eigenvalue negative, zero ones that no symmetry explains.
    multiplicity : int
        How many different symmetric copies the point stands for; 1 without symmetries.
    hits : int
        How many searches from random starts ended at it or a copy of it.
    found_by : str
        The search that found it first, one of `FOUND_BY`.
    verdict : str
        A sentence on what the Hessian cannot tell; "" if there is none.
    """

    x: Vector
    value: float
    grad_norm: float
    index: int
    eigenvalues: Vector
    n_zero: int = 0
    n_symmetric: int = 0
    kind: str = "minimum"
    multiplicity: int = 1
    hits: int = 0
    found_by: str = "given"
    verdict: str = ""

    def __post_init__(self) -> None:
        self.x.setflags(write=False)
        self.eigenvalues.setflags(write=False)

    @property
    def is_minimum(self) -> bool:
        """Whether no eigenvalue is negative: a minimum as far as the Hessian tells."""
        return self.kind in ("minimum", "degenerate")

    def __repr__(self) -> str:
        copies = f", multiplicity={self.multiplicity}" if self.multiplicity > 1 else ""
        zero = f", n_zero={self.n_zero}" if self.n_zero else ""
        return (
            f"CriticalPoint({self.kind}, value={self.value:.10g}, index={self.index}{zero}{copies}, hits={self.hits})"
        )


def morse_sum(points: Sequence[CriticalPoint]) -> int | None:
    """Return the sum of multiplicity * (-1)^index; None where a point has zero eigenvalues (`CriticalPoints`)."""
    if any(point.n_zero for point in points):
        return None
    return sum(-point.multiplicity if point.index % 2 else point.multiplicity for point in points)
