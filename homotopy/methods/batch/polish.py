"""The descent that many methods end with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch, Stage

__all__ = ["polish"]


def polish(
    batch: Batch,
    x: NDArray[np.float64],
    rows: Rows,
    name: str,
    *,
    most: int = 2000,
    plateau: tuple[float, int] = (1e-4, 50),
) -> Stage:
    """Descend the true problem by L-BFGS to its target, a plateau, or a gradient norm of 1e-8, and return the Stage.

    Parameters
    ----------
    batch : Batch
        Keeps the accounts.
    x : ndarray of shape (m, n)
        Where the runs stand.
    rows : ndarray of shape (m,)
        Which runs these are.
    name : str
        What the stage is called.
    most : int
        The most evaluations.
    plateau : (float, int)
        See `homotopy.descend`.
    """
    return batch.descend(
        batch.problem.objective,
        x,
        rows,
        name=name,
        max_evaluations=most,
        rule="lbfgs",
        n_steps=most,
        plateau=plateau,
        gradient_tolerance=1e-8,
        record_every=1,
    )
