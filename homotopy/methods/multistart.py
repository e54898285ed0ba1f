"""New starts until one of them succeeds."""

from __future__ import annotations

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.methods.base import full_name
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.problems.base import Problem

__all__ = ["Multistart"]


class Multistart(BatchMethod):
    """Another method, started again from new points until it succeeds.

    Parameters
    ----------
    of : BatchMethod
        The method.
    cutoff : float or None
        Gradient-equivalents after which a start is given up; None leaves that to the method.
    restarts : int
        The most starts.

    Notes
    -----
    The first start is that of every other method at the same seed; the following ones come from the method's own
    stream. The cost is that of all starts together.
    """

    def __init__(self, of: BatchMethod, cutoff: float | None = None, restarts: int = 1000) -> None:
        if cutoff is not None and not cutoff > 0:
            raise ArgumentError(f"cutoff must be a positive number of gradient-equivalents, not {cutoff!r}")
        if restarts < 1:
            raise ArgumentError(f"restarts must be at least 1, not {restarts!r}")
        self.of, self.cutoff, self.restarts = of, cutoff, restarts
        rest = full_name("", cutoff=(cutoff, None), restarts=(restarts, 1000)).replace(":", ",")
        self.name = f"multistart:of={of.name.replace(':', '+').replace(',', '+')}{rest}"
        self.reference = f"restarts of: {of.reference}"

    def accepts(self, problem: Problem) -> str | None:
        """Return the reason why the method cannot run, if there is one."""
        return self.of.accepts(problem)

    def run(self, batch: Batch) -> None:
        """Run the method from new starts until every run is solved or has spent what it may."""
        cutoff = np.inf if self.cutoff is None else float(self.cutoff)
        for number in range(self.restarts):
            rows = batch.rows
            if not len(rows):
                return
            x = batch.x[rows]
            if number:
                x = np.array([batch.problem.start(batch.rng(row)) for row in rows])
            before = batch.cost(rows)
            part = batch.sub(rows, x, cutoff)
            self.of.run(part)
            batch.absorb(rows, part)
            if not (batch.cost(rows) > before).any():
                return
