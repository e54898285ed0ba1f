"""What counts as solved: the problem's own optimum, or the lowest value that any run found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Goal"]

RELATIVE, ABSOLUTE = 0.01, 1e-6  # how near to the best value found counts as solved where the optimum is unknown


@dataclass(frozen=True)
class Goal:
    """What counts as solved on a problem: a value of at most ``optimum + tolerance``."""

    optimum: float  # the global minimum, or the lowest value that any run of the comparison found
    tolerance: float
    known: bool  # whether the problem knows its optimum

    @property
    def value(self) -> float:
        """The highest value of a run that is solved."""
        return self.optimum + self.tolerance

    @classmethod
    def lowest(cls, values: NDArray[np.float64]) -> Goal:
        """Return the goal where the optimum is unknown and runs ended at these values."""
        best = float(np.nanmin(np.append(values, np.inf)))
        return cls(best, max(ABSOLUTE, RELATIVE * abs(best)), known=False)

    def judge(self, rows: NDArray[Any], hits: NDArray[np.float64]) -> None:
        """Say anew of records which reached the goal, and at what cost: `hits` by their curves, where not NaN."""
        rows["success"] = rows["value"] <= self.value
        rows["cost_to_success"] = np.where(rows["success"], np.where(np.isnan(hits), rows["cost"], hits), np.nan)
