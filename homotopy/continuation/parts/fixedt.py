"""What every corrector has: two tolerances, a limit on iterations, and a linear solver."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from homotopy.arguments import integer, number
from homotopy.continuation.parts.linear import Auto, Linear

__all__ = ["AtFixedT"]


@dataclass(frozen=True)
class AtFixedT:
    """A corrector at fixed t.

    Parameters
    ----------
    tolerance : float
        Stops when ``|grad| <= tolerance`` (Euclidean norm, absolute).
    final_tolerance : float
        The same at the end of a path.
    max_iter : int
        The largest number of iterations.
    linear : Linear
        How linear systems are solved.

    Raises
    ------
    ArgumentError
        If a tolerance is not positive or `max_iter` is below 1.
    """

    tolerance: float = 1e-8
    final_tolerance: float = 1e-10
    max_iter: int = 8
    linear: Linear = field(default_factory=Auto)
    patience: ClassVar[int] = 2  # times as many iterations at the end of a path

    def __post_init__(self) -> None:
        for name in ("tolerance", "final_tolerance"):
            number(name, getattr(self, name), "a positive number", above=0)
        integer("max_iter", self.max_iter)

    @property
    def natural(self) -> bool:
        """Whether t stays fixed: yes."""
        return True

    def tight(self) -> Self:
        """Return the same with the final tolerance and `patience` times the iterations."""
        return replace(self, tolerance=self.final_tolerance, max_iter=self.patience * self.max_iter)
