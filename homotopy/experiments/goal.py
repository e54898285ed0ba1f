"""What counts as solved: the problem's own optimum, or the neighborhood of the lowest value that any run found."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Goal"]

NEAR = 0.01  # how near to the lowest value found counts as solved where the optimum is unknown
LEAST = 1e-3  # and of what share of the yardstick at least: a loss of next to nothing is not asked for to 1 %


@dataclass(frozen=True)
class Goal:
    """What counts as solved on a problem: a value of at most ``optimum + tolerance``.

    Attributes
    ----------
    optimum : float
        The global minimum, or the lowest value that any run of the comparison found.
    tolerance : float
        How far above it a run is still solved.
    known : bool
        Whether the problem knows its optimum.
    constant : float
        The loss of the best constant prediction; NaN where there is none or the optimum is known.
    measure : str
        Of what the tolerance is a share where the optimum is unknown: ``lowest``, the lowest value found; ``gain``,
        what it lies below the constant's loss or the starts; ``scale``, the constant's loss or the way from the
        starts, since the lowest value is next to nothing. Empty where the optimum is known.
    test : float
        The largest loss on held-out data of a run that is solved; NaN where none is asked for.
    """

    optimum: float
    tolerance: float
    known: bool
    constant: float = nan
    measure: str = ""
    test: float = nan

    @property
    def value(self) -> float:
        """The highest value of a run that is solved."""
        return self.optimum + self.tolerance

    @property
    def scale(self) -> float:
        """What differences of values are told against: the constant's loss, or without one 100 tolerances."""
        return self.constant if isfinite(self.constant) else 100.0 * self.tolerance

    @classmethod
    def lowest(cls, values: NDArray[np.float64], *, constant: float = nan, start: float = nan) -> Goal:
        """Return the goal where the optimum is unknown and runs ended at these values.

        Parameters
        ----------
        values : ndarray
            Where runs ended; NaN counts for nothing.
        constant : float
            The loss of the best constant prediction, NaN where there is none.
        start : float
            The median value of the starts, which stands in for it.

        Notes
        -----
        Let b be the lowest value and c the yardstick, `constant` or else `start`. The tolerance is 1 % of the smaller
        one of the size of b and of c - b, so that a run that does nothing is no success where most of the loss cannot
        be removed, or a function is shifted; but it is at least 1e-5 of c, or of c - b where c is that of the starts.
        No number in it has a unit.
        """
        best = float(np.nanmin(np.append(values, np.inf)))
        yardstick = constant if isfinite(constant) else start
        if not isfinite(yardstick) or not isfinite(best):
            return cls(best, NEAR * abs(best) if isfinite(best) else 0.0, known=False, measure="lowest")
        gain = max(yardstick - best, 0.0)
        least = LEAST * (constant if isfinite(constant) else gain)
        measure = "lowest" if abs(best) <= gain else "gain"
        if min(abs(best), gain) < least:
            measure = "scale"
        tolerance = NEAR * max(min(abs(best), gain), least)
        return cls(best, tolerance, known=False, constant=constant, measure=measure)

    def judge(self, rows: NDArray[Any], hits: NDArray[np.float64]) -> None:
        """Say anew of records which reached the goal, and at what cost: `hits` by their curves, where not NaN."""
        rows["success"] = rows["value"] <= self.value
        rows["cost_to_success"] = np.where(rows["success"], np.where(np.isnan(hits), rows["cost"], hits), np.nan)
