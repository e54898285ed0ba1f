"""Where runs stand after one descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.descent import Descent
from homotopy.methods.batch.account import Rows

__all__ = ["Stage", "Statuses", "listed"]

Statuses = NDArray[np.object_]
"""One Status a run, shape (m,)."""


@dataclass(frozen=True)
class Stage:
    """Where some runs stand after one descent.

    `rows` of shape (m,) are the runs, as indices into the batch, `x` of shape (m, n) their points, `value` what was
    descended there, NaN where a run had nothing left to spend, and `status` how each descent ended.
    """

    rows: Rows
    x: NDArray[np.float64]
    value: NDArray[np.float64]
    status: Statuses

    def where(self, keep: NDArray[np.bool_] | Rows) -> Stage:
        """Return the part of the stage that a mask, or a list of places, keeps."""
        return Stage(self.rows[keep], self.x[keep], self.value[keep], self.status[keep])


def listed(found: Descent) -> Descent:
    """Return the Descent of one start as that of a list of one."""
    status = np.empty(1, dtype=object)
    status[0] = found.status
    names = ("x", "value", "grad_norm", "n_steps", "n_evaluations", "cost_to_target")
    arrays = {name: np.array([getattr(found, name)]) for name in names}
    return Descent(**arrays, status=status, trace=(found.trace,), seconds=found.seconds)
