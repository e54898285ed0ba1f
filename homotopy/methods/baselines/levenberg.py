"""Levenberg-Marquardt with the generalized Gauss-Newton matrix."""

from __future__ import annotations

from homotopy.arguments import positive
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.method import BatchMethod
from homotopy.methods.batch.polish import polish
from homotopy.methods.batch.recipes import gauss_newton
from homotopy.naming import spelled
from homotopy.problems.base import Problem

__all__ = ["MOST_WEIGHTS", "LevenbergMarquardt"]

MOST_WEIGHTS = 1000
"""Nets up to this size have a compiled Gauss-Newton matrix."""


class LevenbergMarquardt(BatchMethod):
    """Levenberg-Marquardt from the start, on any objective with outputs; compiled for our own nets.

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

    needs = ("outputs",)
    keeps_finish = False
    reference = "Marquardt, J. SIAM 11 (1963) 431-441; damping after Nielsen, report IMM-REP-1999-05 (1999)"

    def __init__(self, limit: float = 20_000.0, damping: float = 1e-2) -> None:
        self.limit, self.damping = positive("limit", limit), positive("damping", damping)
        self.name = spelled(self, "lm")

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no Gauss-Newton matrix, or None."""
        if problem.size > MOST_WEIGHTS:
            return f"it has {problem.size} variables; dense matrices are made for up to {MOST_WEIGHTS}"
        return super().accepts(problem)

    def run(self, batch: Batch) -> None:
        """Descend all runs; where the objective is no compiled one, the loop calls its outputs."""
        rows = batch.rows
        polish(batch, batch.x[rows], rows, "lm", gauss_newton(self.limit, self.damping))
