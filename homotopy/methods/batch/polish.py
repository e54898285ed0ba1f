"""The descent that many methods end with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch, Stage
from homotopy.methods.batch.recipes import POLISH, Recipe

__all__ = ["polish"]


def polish(
    batch: Batch,
    x: NDArray[np.float64],
    rows: Rows,
    name: str,
    recipe: Recipe = POLISH,
) -> Stage:
    """Descend the true problem to its target or to where the recipe ends, and return the Stage.

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
    recipe : Recipe
        How to descend and when to end.
    """
    return batch.descend(batch.objective, x, rows, name=name, recipe=recipe)
