"""Where runs stand between two descents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.descent import Descent
from homotopy.methods.batch.account import Rows
from homotopy.status import Status

__all__ = ["Stage", "listed"]


@dataclass(frozen=True)
class Stage:
    """Where some runs stand after one descent.

    Attributes
    ----------
    rows : ndarray of shape (m,)
        The runs, as indices into the batch.
    x : ndarray of shape (m, n)
        Their points.
    value : ndarray of shape (m,)
        The values of what was descended; NaN where a run had nothing left to spend.
    status : tuple of Status
        How each descent ended.
    """

    rows: Rows
    x: NDArray[np.float64]
    value: NDArray[np.float64]
    status: tuple[Status, ...]

    def where(self, mask: NDArray[np.bool_]) -> Stage:
        """Return the part of the stage that the mask keeps."""
        keep = np.flatnonzero(mask)
        return Stage(self.rows[keep], self.x[keep], self.value[keep], tuple(self.status[i] for i in keep))


def listed(found: Descent) -> Descent:
    """Return the Descent of one start as that of a list of one."""
    status = np.empty(1, dtype=object)
    status[0] = found.status
    names = ("x", "value", "grad_norm", "n_steps", "n_evaluations", "cost_to_target")
    arrays = {name: np.array([getattr(found, name)]) for name in names}
    return Descent(**arrays, status=status, trace=(found.trace,), seconds=found.seconds)
