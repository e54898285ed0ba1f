"""Targets that are easy at first: their mean, or their linear regression, moved to the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import choice
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.general.moving import Moving
from homotopy.models.samples import mean_of, rooted
from homotopy.objectives.facets import offered
from homotopy.objectives.moving import MovingTargets
from homotopy.objectives.outputs import inputs_of

__all__ = ["Targets"]


@door
class Targets(Moving):
    r"""Expanded range approximation: targets that move from easy ones to the true ones.

    Parameters
    ----------
    objective : Objective
        The true problem, with outputs and targets y.
    easy : str or array_like of shape (n, k)
        ``"mean"``: the mean of the targets, which the constant net fits; ``"linear"``: their linear regression on
        the inputs (for probabilities clipped to [0, 1]; the mean where the outputs do not say what their inputs
        are); or targets.

    Raises
    ------
    ArgumentError
        If the objective has no outputs or `easy` is unknown.

    Notes
    -----
    The targets are :math:`y_0 + t (y - y_0)`.

    References
    ----------
    D. Gorse, A. J. Shepherd and J. G. Taylor, "The new ERA in supervised learning", Neural Networks 10 (1997)
    343-352: from the mean.
    """

    needs = ("outputs",)

    def __init__(self, objective: Any, easy: str | ArrayLike = "linear") -> None:
        self.objective = self.accepted(objective)
        outputs = objective.outputs
        if isinstance(easy, str):
            choice("easy", easy, ("mean", "linear"))
            easy = easy_targets(outputs, easy)
        if offered(objective, "deformed"):
            self._follow(objective.deformed(targets=easy))
        else:
            prepared = outputs.loss.targets(easy, outputs.targets.shape[1], name="targets")
            if prepared.shape != outputs.targets.shape:
                raise ArgumentError(f"easy has {len(prepared)} rows; the objective has {len(outputs.targets)} samples")
            self._follow(MovingTargets(objective, prepared))


def easy_targets(outputs: Any, kind: str) -> NDArray[np.float64]:
    """Return the mean of the targets, or their linear regression on the inputs, shape (n, k)."""
    y = np.asarray(outputs.targets, dtype=np.float64)
    weights = outputs.loss.weights
    mean = np.tile(mean_of(y, weights), (len(y), 1))
    if kind == "mean":
        return mean
    A = np.column_stack([inputs_of(outputs), np.ones(len(y))])
    line = np.linalg.lstsq(rooted(A, weights), rooted(y, weights), rcond=None)[0]
    return np.asarray(outputs.loss.feasible(A @ line))
