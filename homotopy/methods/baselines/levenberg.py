"""Levenberg-Marquardt with the generalized Gauss-Newton matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import positive
from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch, Stage
from homotopy.methods.batch.method import BatchMethod
from homotopy.methods.batch.recipes import GAUSS_NEWTON
from homotopy.naming import spelled
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem

__all__ = ["MOST_WEIGHTS", "LevenbergMarquardt", "levenberg", "levenberg_cost"]

MOST_WEIGHTS = 1000
"""Nets up to this size have a compiled Gauss-Newton matrix."""


def levenberg_cost(n_variables: int) -> float:
    """Return the gradient-equivalents of a step whose first trial is good: the gradient, and n/6 for the matrix."""
    return 1.0 + n_variables / 6.0


def levenberg(
    batch: Batch,
    risk: EmpiricalRisk,
    x: NDArray[np.float64],
    rows: Rows,
    *,
    name: str,
    cost: float = 1.0,
    most: float = 2000.0,
    damping: float = 1e-2,
    target: float | None = None,
) -> Stage:
    """Descend some runs by Levenberg-Marquardt and charge them.

    Parameters
    ----------
    batch : Batch
        Keeps the accounts.
    risk : EmpiricalRisk
        What to descend; the problem's own objective is observed.
    x : ndarray of shape (m, n)
        Where the runs stand.
    rows : ndarray of shape (m,)
        Which runs these are.
    name : str
        What the stage is called.
    cost : float
        Gradient-equivalents of one gradient of `risk`.
    most : float
        The most gradient-equivalents of this stage, in gradients of `risk`.
    damping : float
        The first damping over the largest diagonal entry of the first matrix.
    target : float or None
        Where to stop; for the problem's own objective its target is the default.

    Notes
    -----
    A trial costs a gradient, a matrix a sixth of one for each variable. It ends at the target, where the gradient's
    norm is below 1e-9, or where ten accepted steps lowered the value by less than 1 %.
    """
    return batch.descend(
        risk,
        x,
        rows,
        name=name,
        recipe=GAUSS_NEWTON,
        cost=cost,
        max_evaluations=int(min(max(most, 1.0), 1e15)),
        step_size=damping,
        target=target,
    )


class LevenbergMarquardt(BatchMethod):
    """Levenberg-Marquardt from the start, compiled.

    Parameters
    ----------
    limit : float
        The most gradient-equivalents.
    damping : float
        The first damping over the largest diagonal entry of the first matrix: small is bold.

    Raises
    ------
    ArgumentError
        If the limit or the damping is not positive.

    Notes
    -----
    On relu nets a bold step may switch units off on every sample, for good: the four points of `jellyfish` trap it
    always, where L-BFGS escapes in half of the runs, and no first damping from 1e-8 to 10 changes that.
    """

    reference = "Marquardt, J. SIAM 11 (1963) 431-441; damping after Nielsen, report IMM-REP-1999-05 (1999)"

    def __init__(self, limit: float = 20_000.0, damping: float = 1e-2) -> None:
        self.limit, self.damping = positive("limit", limit), positive("damping", damping)
        self.name = spelled(self, "lm")

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no Gauss-Newton matrix, or None."""
        if not isinstance(problem.objective, EmpiricalRisk):
            return f"its objective is a {type(problem.objective).__name__}; an EmpiricalRisk is needed"
        if problem.size > MOST_WEIGHTS:
            return f"the net has {problem.size} weights; dense matrices are made for up to {MOST_WEIGHTS}"
        return None

    def run(self, batch: Batch) -> None:
        """Descend all runs."""
        risk: Any = batch.problem.objective
        rows = batch.rows
        levenberg(batch, risk, batch.x[rows], rows, name="lm", most=self.limit, damping=self.damping)
