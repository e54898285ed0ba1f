"""Descents along a homotopy: the easy problem first, then the true one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import ArgumentError
from homotopy.homotopies.skip import Skip, skip_reason
from homotopy.methods.base import full_name
from homotopy.methods.batch import Batch, BatchMethod, Stage
from homotopy.methods.ledger import Rows
from homotopy.problems.base import Problem

__all__ = ["SkipFlip"]


class SkipFlip(BatchMethod):
    """Fit beside a free linear path, flip signs until the path vanishes, and go on without it.

    Parameters
    ----------
    tries : int
        How many sign patterns are tried, best first, before the run gives up.
    restarts : int
        The most random restarts of each sign search.

    Notes
    -----
    1. L-BFGS on H(., 0) of `Skip` until it is below the optimum plus 0.3 of the problem's tolerance, or a plateau.
    2. The sign search (charged 1, and 0.3 a random restart). Where the best signs leave more than 1e-3 of the linear
       part, the fit was not good enough to tell: stage 1 goes on to a thirtieth, twice at most.
    3. L-BFGS on the true problem from the flipped point, until the target or a plateau; else the next signs.

    For softplus and relu units on data an evaluation of H(., 0) costs (h + 1) / h gradients.
    """

    reference = "relu(z) = z + relu(-z) removes the sign errors that are the spurious minima; mathematics.md"

    def __init__(self, tries: int = 3, restarts: int = 20) -> None:
        if tries < 1:
            raise ArgumentError(f"tries must be at least 1, not {tries!r}")
        if restarts < 0:
            raise ArgumentError(f"restarts must be at least 0, not {restarts!r}")
        self.tries, self.restarts = tries, restarts
        self.name = full_name("skip", tries=(tries, 3), restarts=(restarts, 20))

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem cannot have a linear path, or None."""
        return skip_reason(problem.objective)

    def run(self, batch: Batch) -> None:
        """Fit beside the path, choose signs, finish."""
        homotopy = Skip(batch.problem.objective)
        rows = batch.rows
        stage = self._fit(batch, homotopy, batch.x[rows], rows, 0.3)
        found = self._signs(batch, homotopy, stage)
        for share in (0.01, 0.0003):
            unclear = np.array([signs.residual[0] > 1e-3 for signs in found], dtype=bool)
            if batch.problem.target is None or not unclear.any():
                break
            again = np.flatnonzero(unclear)
            finer = self._fit(batch, homotopy, stage.x[again], stage.rows[again], share)
            stage.x[again] = finer.x
            for i, signs in zip(again, self._signs(batch, homotopy, finer), strict=True):
                found[i] = signs
        self._finish(batch, homotopy, stage, found)

    def _fit(self, batch: Batch, homotopy: Skip, x: NDArray[np.float64], rows: Rows, share: float) -> Stage:
        problem = batch.problem
        target = None if problem.optimum is None else problem.optimum + share * problem.tolerance
        return batch.descend(
            homotopy.at(0.0),
            x,
            rows,
            name="fit beside the linear path",
            cost=homotopy.cost,
            max_evaluations=2000,
            rule="lbfgs",
            n_steps=2000,
            target=target,
            plateau=(1e-3, 100),
            gradient_tolerance=1e-9,
        )

    def _signs(self, batch: Batch, homotopy: Skip, stage: Stage) -> list[Any]:
        found = []
        for row, x in zip(stage.rows, stage.x, strict=True):
            found.append(homotopy.signs(x, rng=batch.rng(row), n_best=self.tries, n_restarts=self.restarts))
        batch.charge(stage.rows, charged=np.array([1.0 + 0.3 * signs.n_restarts for signs in found]))
        flips = [int((signs.signs[0] < 0).sum()) for signs in found]
        batch.note(stage.rows, stage="signs", flips=flips, residual=[float(s.residual[0]) for s in found])
        return found

    def _finish(self, batch: Batch, homotopy: Skip, stage: Stage, found: list[Any]) -> None:
        for number in range(self.tries):
            open_ = batch.going[stage.rows]
            going = [i for i in range(len(found)) if open_[i] and number < len(found[i].signs)]
            if not going:
                return
            batch.descend(
                batch.problem.objective,
                np.array([homotopy.flip(stage.x[i], found[i].signs[number]) for i in going]),
                stage.rows[going],
                name=f"finish, signs {number + 1}",
                max_evaluations=2000,
                rule="lbfgs",
                n_steps=2000,
                plateau=(1e-4, 20),
                gradient_tolerance=1e-9,
                record_every=1,
            )
