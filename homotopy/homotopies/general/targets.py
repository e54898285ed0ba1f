"""Targets that are easy at first: their mean, or their linear regression, moved to the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.errors import ArgumentError
from homotopy.homotopies.general.moving import Moving, needs_risk
from homotopy.objectives.risk import EmpiricalRisk

__all__ = ["Targets"]


class Targets(Moving):
    r"""Expanded range approximation: targets that move from easy ones to the true ones.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem, of targets y.
    easy : str or array_like of shape (n, k)
        ``"mean"``: the mean of the targets, which the constant net fits; ``"linear"``: their linear regression on
        the inputs (for probabilities clipped to [0, 1]); or targets.

    Raises
    ------
    ArgumentError
        If the objective is no EmpiricalRisk or `easy` is unknown.

    Notes
    -----
    The targets are :math:`y_0 + t (y - y_0)`.

    References
    ----------
    D. Gorse, A. J. Shepherd and J. G. Taylor, "The new ERA in supervised learning", Neural Networks 10 (1997)
    343-352: from the mean.
    """

    def __init__(self, objective: EmpiricalRisk, easy: str | ArrayLike = "linear") -> None:
        self.objective = needs_risk(objective, "Targets")
        self.size = objective.size
        if isinstance(easy, str):
            if easy not in ("mean", "linear"):
                raise ArgumentError(f"easy must be 'mean', 'linear' or targets, not {easy!r}")
            easy = easy_targets(objective, easy)
        self._moving: Any = objective.deformed(targets=easy)


def easy_targets(risk: EmpiricalRisk, kind: str) -> NDArray[np.float64]:
    """Return the mean of the targets, or their linear regression on the inputs, shape (n, k)."""
    y = np.asarray(risk.y, dtype=np.float64)
    mean = np.tile(y.mean(axis=0), (len(y), 1))
    if kind == "mean":
        return mean
    A = np.column_stack([risk.X, np.ones(len(y))])
    fit = A @ np.linalg.lstsq(A, y, rcond=None)[0]
    if risk.loss.name == "squared":
        return np.asarray(fit)
    fit = np.clip(fit, 0.0, 1.0)
    if risk.loss.name == "softmax":
        fit = fit / fit.sum(axis=1, keepdims=True)
    return np.asarray(fit)
