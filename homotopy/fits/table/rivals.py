"""What a fit of a table is compared with: the best constant, and a linear model whose penalty is cross-validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from homotopy.fits.baselines import constant
from homotopy.fits.penalties import ALPHAS, PenaltyPath, penalty_path
from homotopy.fits.sample import Sample, with_constant
from homotopy.fits.scores import predicted
from homotopy.fits.table.parts import CONSTANT, Rows
from homotopy.fits.training import Training, train
from homotopy.problems.table import TableData

__all__ = ["FOLDS", "Said", "best_of", "constant_name", "constant_said", "linear_name", "linear_said", "n_folds"]

Said = dict[str, NDArray[np.float64]]
"""What a model says of the rows of each part: probabilities, or standardized numbers, (n, k)."""
FOLDS = 5
USUAL = {"squared": 0.02, "logistic": 0.003, "softmax": 0.003}
"""Penalties for where the time does not reach to choose one: those that `homotopy.estimators` have by default."""


def n_folds(sample: Sample) -> int:
    """Return how many folds a penalty is chosen by: five, or fewer where there are fewer different rows."""
    return min(FOLDS, len(sample))


def best_of(path: PenaltyPath, data: TableData) -> float:
    """Return the penalty that cross-validation chooses, or a usual one where it had no time to come to one so small."""
    cut = len(path.alphas) < len(ALPHAS) and path.best == path.alphas[-1]
    return min(USUAL[data.target.loss], path.best) if cut else path.best


def constant_name(data: TableData) -> str:
    """Return what the best constant is called."""
    return "mean" if data.target.loss == "squared" else "most frequent class"


def linear_name(data: TableData) -> str:
    """Return what the linear model is called."""
    return "ridge regression" if data.target.loss == "squared" else "logistic regression"


def constant_said(sample: Sample, rows: Mapping[str, Rows]) -> Said:
    """Return what the best constant for a sample says of all rows."""
    best = constant(sample)
    return {part: np.tile(best, (len(here), 1)) for part, here in rows.items()}


def linear_said(
    sample: Sample, how: Training, rows: Mapping[str, Rows], data: TableData, rng: np.random.Generator
) -> tuple[Said, float, float]:
    """Return what a linear model says of all rows, its penalty, and its cost in gradients of its own.

    Parameters
    ----------
    sample : Sample
        The data, with the constant column.
    how : Training
        Budget and tolerance.
    rows : dict
        The rows of each part.
    data : TableData
        What the targets are.
    rng : Generator
        Deals the folds.
    """
    how = replace(how, hidden=(), method="lbfgs", n_starts=1)
    path = penalty_path(sample, how, cv=n_folds(sample), rng=rng)
    alpha = best_of(path, data)
    fit = train(sample, how.within(how.budget.seconds - path.seconds), alpha=alpha, rng=rng)
    said = {part: predicted(fit.outputs(with_constant(here.X, CONSTANT)), sample.loss) for part, here in rows.items()}
    return said, alpha, path.cost + fit.cost
