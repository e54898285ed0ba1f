"""The descent that many methods end with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.recipes import POLISH, Recipe
from homotopy.methods.batch.stage import Stage

__all__ = ["polish"]


@door
def polish(batch: Batch, x: NDArray[np.float64], rows: Rows, name: str, recipe: Recipe = POLISH) -> Stage:
    """Descend the true problem from points x of some of the runs, and return the Stage; see `Batch.descend`.

    Raises
    ------
    ArgumentError
        If x has not a point for each of the runs.
    """
    wanted = (len(rows), batch.problem.size)
    if np.shape(x) != wanted and (len(rows) or len(x)):
        raise ArgumentError(f"x has shape {np.shape(x)}; the runs need {wanted}")
    return batch.descend(batch.objective, x, rows, name=name, recipe=recipe)
