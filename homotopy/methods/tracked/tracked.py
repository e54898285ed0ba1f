"""Methods that follow a homotopy's path exactly and polish its end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from homotopy.arguments import integer, positive
from homotopy.continuation import ArclengthNewton, Path, Point, track
from homotopy.errors import EvaluationError
from homotopy.homotopies.general.linearized import Linearized
from homotopy.homotopies.general.proximal import Proximal
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.tracked.along import Along
from homotopy.methods.tracked.guard import Guard, SpentError
from homotopy.naming import spelled
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.objectives.flops import relative_cost
from homotopy.problems.base import Problem
from homotopy.status import Counts, Status

__all__ = ["Track", "Tracked", "TrackedLinearized", "TrackedProximal"]


class Tracked(BatchMethod):
    """Solve the easy problem, follow its solution to t = 1 by pseudo-arclength, polish with L-BFGS.

    Parameters
    ----------
    factory : callable
        ``factory(objective, x0)`` returns the Homotopy of one start.
    name : str
        The method's name.
    steps : int
        The most steps of the tracker.

    Notes
    -----
    A path may turn back, run away or be cut off by the budget; the polish then begins at its last point, and the
    stage says why it ended. The polish runs in every case, so a success is one at t = 1. An easy problem that is no
    closed form is solved first, to a gradient norm of about 1e-8, and charged. No evaluation is begun that the budget
    does not pay, a Hessian counted as n products: a path is cut off within a step.
    """

    reference = "Watson, SIAM J. Optim. 11 (2000) 761-780; Allgower and Georg, Numerical Continuation Methods (1990)"

    def __init__(self, factory: Callable[[Any, Vector], Homotopy], *, name: str, steps: int = 500) -> None:
        self.factory, self.name, self.steps = factory, name, integer("steps", steps)

    def run(self, batch: Batch) -> None:
        """Follow the path of each run, one after the other."""
        for row in batch.rows:
            self._one(batch, int(row))

    def _one(self, batch: Batch, row: int) -> None:
        rows = np.array([row])
        homotopy = self._built(batch, row)
        if homotopy is None:
            return
        path = self._path(batch, row, homotopy)
        if path is None:
            return
        batch.paths[row] = path
        batch.note(rows, stage="path", ended=path.status.name, t=path.t, n_points=len(path.points), folds=path.n_folds)
        x = homotopy.finish(path.x)
        if path.status is Status.STOPPED_BY_CALLBACK:
            batch.stopped[row] = True
            batch.status[row] = path.status
            batch.observe(rows, x, batch.objective.value(x))
            batch.charge(rows, value=1)
        elif np.isfinite(x).all():
            self.ends.polished(batch, x[None], rows, "polish")

    def _built(self, batch: Batch, row: int) -> Homotopy | None:
        """Return the homotopy of a run, or None where the seconds that are left are too few to build it."""
        if not batch.begins(np.array([row]), self.setup_flops(batch.objective)):
            return None
        return self.factory(batch.objective, batch.x[row])

    def setup_flops(self, objective: Any) -> float:
        """Return the flops of building the homotopy, where they are many."""
        del objective
        return 0.0

    def _path(self, batch: Batch, row: int, homotopy: Homotopy) -> Path | None:
        """Return the path, charged, as far as the budget leads; None where there is no start."""
        rows, cost = np.array([row]), relative_cost(homotopy, batch.objective)
        with Guard(homotopy, float(batch.purse(rows, home=False)[0]) / cost, batch.ledger.seconds_left) as guard:
            start = self._start(batch, row, guard, cost)
            if start is None:
                return None
            before, saved, points = (guard.grad, guard.hessp), guard.saved, [Point(start, 0.0, np.nan, np.nan)]

            def note(point: Point) -> None:
                points.append(point)
                if batch.callback is not None:
                    batch.callback(point)

            try:
                path = track(homotopy, start, corrector=ArclengthNewton(), max_steps=self.steps, callback=note)
            except SpentError:
                batch.ledger.reserve.cut[batch.index[rows]] = True
                counts = Counts(grad=guard.grad - before[0], hessp=guard.hessp - before[1], accepted=len(points) - 1)
                path = Path(tuple(points), Status.BUDGET_SPENT, counts=counts, message=Status.BUDGET_SPENT.value)
        n = path.counts  # each at the cost of the homotopy
        surplus = (cost - 1.0) * (0.5 * n.value + n.grad + 2.0 * n.hessp) - cost * (guard.saved - saved)
        batch.charge(rows, value=n.value, grad=n.grad, hessp=n.hessp, charged=n.charged + surplus)
        return path

    def _start(self, batch: Batch, row: int, guard: Guard, cost: float) -> Vector | None:
        """Return the solution of the easy problem, charged, or None where there is none or the budget ends before."""
        rows, start, why = np.array([row]), None, None
        try:
            start = guard.homotopy.start(batch.rng(row))
        except EvaluationError as error:
            why, batch.status[row] = str(error), Status.BAD_START
        except SpentError:
            why, batch.ledger.reserve.cut[batch.index[rows]] = "the budget ends before it is found", True
        if why is not None:
            batch.note(rows, stage="start", ended=batch.status[row].name, why=why)
        if guard.spent:
            batch.charge(rows, charged=cost * guard.spent)
            batch.note(rows, stage="start", cost=cost * guard.spent)
        return start


class TrackedProximal(Tracked):
    """`Tracked` along `Proximal` from the start; `mu` is the curvature of the easy problem."""

    def __init__(self, mu: float = 0.5, steps: int = 500) -> None:
        self.mu = positive("mu", mu)
        super().__init__(partial(Proximal, mu=mu), name="proximal", steps=steps)
        self.name = spelled(self, "proximal")


class TrackedLinearized(Tracked):
    """`Tracked` along `Linearized` from the start, with the ridge of that."""

    def __init__(self, ridge: float | None = None, steps: int = 500) -> None:
        self.ridge = None if ridge is None else positive("ridge", ridge, or_zero=True)
        super().__init__(partial(Linearized, ridge=ridge), name="linearized", steps=steps)
        self.name = spelled(self, "linearized")

    def setup_flops(self, objective: Any) -> float:
        """Return the flops of the linearized model and its minimum."""
        return Linearized.setup_flops(objective)

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no linearized model, or None."""
        return Linearized.reason(problem.objective)


class Track(Tracked):
    """`Tracked` along any homotopy (`Along`): one's own class, or a name with parameters: ``proximal+mu=0.2``."""

    def __init__(self, along: str | type[Homotopy] = "proximal", steps: int = 500) -> None:
        self.along = Along(along)
        super().__init__(self.along, name="track", steps=steps)
        self.name = spelled(self, "track")

    def setup_flops(self, objective: Any) -> float:
        """Return the flops of building the homotopy, where they are many."""
        return self.along.setup_flops(objective)

    def accepts(self, problem: Problem) -> str | None:
        """Return why the problem has no such homotopy, or None."""
        return self.along.reason(problem)
