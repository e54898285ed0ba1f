"""Many runs of one method side by side, each with its own start, random stream and account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.descent import Descent, descend, is_plain
from homotopy.descent.stages import part_of
from homotopy.methods.base import Callback
from homotopy.methods.batch.account import Ledger, Rows
from homotopy.methods.batch.recipes import PLAIN, Recipe
from homotopy.methods.batch.stage import Stage, Statuses, listed
from homotopy.methods.batch.starts import drawn
from homotopy.objectives.flops import relative_cost
from homotopy.problems.base import Problem
from homotopy.status import Budget, Status
from homotopy.streams import Draws, Streams

__all__ = ["Batch", "Stage"]

FLAT = 1e-5
"""A line search that finds no lower value where the gradient's norm is below this times 1 + |value| has converged; of a
function in units that nobody states the descent says it itself."""


class Batch:
    """Runs on one problem that go through the same program side by side.

    Rows number the runs of this batch. A part of a batch (`sub`) shares its accounts and random streams.

    Parameters
    ----------
    problem : Problem
        What all runs solve.
    x : ndarray of shape (r, n) or None
        Their starts; None draws them when they are first asked for.
    streams : Streams
        The runs' random numbers.
    ledger : Ledger
        What each has spent.
    n_jobs : int
        Threads for compiled descents.
    callback : callable or None
        Passed to descents of a batch of one run.
    """

    def __init__(
        self,
        problem: Problem,
        x: NDArray[np.float64] | None,
        streams: Streams,
        ledger: Ledger,
        *,
        n_jobs: int = 1,
        callback: Callback = None,
    ) -> None:
        self.problem = problem
        self._x = x
        self.ledger = ledger
        self.n_jobs, self.callback = n_jobs, callback
        r = len(ledger.cost) if x is None else len(x)
        self.index: Rows = np.arange(r)
        self.limits = np.full(r, ledger.budget.gradients)
        self.status: Statuses = np.full(r, Status.BUDGET_SPENT, dtype=object)
        self.stages: list[list[dict[str, Any]]] = [[]] * r  # of one run only, see `note`
        self.paths: list[Any] = [None] * r
        self.stopped = np.zeros(r, dtype=bool)
        self._streams = streams

    def __len__(self) -> int:
        return len(self.index)

    @property
    def x(self) -> NDArray[np.float64]:
        """The runs' starts, shape (r, n); not every method needs them."""
        if self._x is None:
            self._x = drawn(self.problem, self._streams.keys)
            self.ledger.reserve.begin(self._x)
        return self._x

    @property
    def objective(self) -> Any:
        """The problem's objective."""
        return self.problem.objective

    def rng(self, row: int) -> np.random.Generator:
        """Return the run's own Generator; one run never draws from another's."""
        return self._streams.own(int(self.index[row]))

    def draws(self, rows: Rows) -> Draws:
        """Return what draws the next move of these runs, all at once, each from a stream of its own."""
        return self._streams.draws(self.index[rows])

    def cost(self, rows: Rows) -> NDArray[np.float64]:
        """Return what the runs have spent, in gradient-equivalents."""
        return np.asarray(self.ledger.cost[self.index[rows]])

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which runs have reached the problem's target, and so end; held-out data may refuse them all the same."""
        return np.asarray(np.isfinite(self.ledger.reached[self.index]))

    @property
    def going(self) -> NDArray[np.bool_]:
        """Which runs go on: not solved, not stopped, with something left to spend beside what is kept (`Reserve`)."""
        ledger, index = self.ledger, self.index
        left = np.minimum(self.limits, ledger.budget.gradients - ledger.reserve.gradients(index)) - ledger.cost[index]
        good = ~self.stopped & ~self.solved & ~ledger.reserve.cut[index] & (ledger.seconds_left() > 0.0)
        return np.asarray((left >= 1) & good)

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Which runs have nothing left to spend on stages, neither solved nor stopped."""
        return np.asarray(~self.going & ~self.solved & ~self.stopped)

    def purse(self, rows: Rows, *, home: bool) -> NDArray[np.float64]:
        """Return what runs may spend on a stage or, `home`, on descents of the true problem.

        Zero for runs that are solved, stopped or late; for one that is cut what `Reserve` keeps for its last descent.
        """
        going, index, reserve = self.going[rows], self.index[rows], self.ledger.reserve
        kept = reserve.gradients(index)
        if home:
            kept = np.where(going, 0.0, reserve.gradients(index, plain=True))
            going = ~self.stopped[rows] & ~self.solved[rows] & (self.ledger.seconds_left(home=True) > 0.0)
        return np.where(going, self._within(rows, self.ledger.budget.gradients - kept), 0.0)

    def _within(self, rows: Rows, most: Any) -> NDArray[np.float64]:
        """Return what the runs may spend more, who have their limits and shall spend so much at most."""
        return np.asarray(np.maximum(np.minimum(self.limits[rows], most) - self.cost(rows), 0.0))

    @property
    def rows(self) -> Rows:
        """The runs that go on, as indices."""
        return np.flatnonzero(self.going)

    def charge(self, rows: Rows, **amounts: Any) -> None:
        """Charge work to runs: value, grad, hessp or charged, one number or one a run (`Ledger.charge`)."""
        self.ledger.charge(self.index[rows], **amounts)

    def charge_flops(self, rows: Rows, flops: Any) -> None:
        """Charge work that is no evaluation by its flops over those of the problem's gradient, one number or one a run.

        A run that cannot pay it is stopped in the middle: it is charged what it has left, and goes on no more.
        """
        most = self.ledger.budget.gradients - self.ledger.reserve.gradients(self.index[rows], plain=True)
        self.charge(rows, charged=np.minimum(flops / self.ledger.flops, self._within(rows, most)))

    def begins(self, rows: Rows, flops: float) -> bool:
        """Return whether so many flops end within the seconds left, at a gradient's pace; else cut the runs."""
        ledger, left = self.ledger, self.ledger.seconds_left()
        if not np.isfinite(left) or flops / ledger.flops * ledger.pace(self.x[0]) <= left:
            return True
        self.ledger.reserve.cut[self.index[rows]] = True
        return False

    def observe(self, rows: Rows, x: Any, value: Any) -> None:
        """Note a point of the true problem for each run, at what the run has spent by now."""
        self.ledger.observe(self.index[rows], x, value)

    def goal(self, share: float) -> float | None:
        """Return the optimum and a share of the problem's tolerance; None where the optimum is unknown."""
        optimum, tolerance = self.problem.optimum, self.problem.tolerance
        return None if optimum is None else optimum + share * tolerance

    def note(self, rows: Iterable[int], **what: Any) -> None:
        """Write down a stage, in a batch of one run only; lists and arrays hold one entry a run."""
        if len(self.ledger.cost) > 1:
            return
        for i, row in enumerate(rows):
            mine = {key: value[i] if isinstance(value, np.ndarray | list) else value for key, value in what.items()}
            self.stages[row].append({k: v.item() if isinstance(v, np.generic) else v for k, v in mine.items()})

    def sub(self, rows: Rows, x: NDArray[np.float64], cutoff: float = np.inf) -> Batch:
        """Return a batch of some of the runs, at points x, that may spend at most `cutoff` more each."""
        part = Batch(self.problem, x, self._streams, self.ledger, n_jobs=self.n_jobs, callback=self.callback)
        part.index = self.index[rows]
        part.limits = np.minimum(self.limits[rows], self.cost(rows) + cutoff)
        return part

    def absorb(self, rows: Rows, part: Batch) -> None:
        """Take over how the runs of a part (made by `sub`) ended and what they did."""
        self.status[rows] = part.status
        self.stopped[rows] |= part.stopped
        if len(self.ledger.cost) == 1 or any(path is not None for path in part.paths):
            for i, row in enumerate(rows):
                self.stages[row] += part.stages[i]
                self.paths[row] = part.paths[i]

    def descend(
        self,
        objective: Any,
        x: NDArray[np.float64],
        rows: Rows,
        *,
        name: str,
        recipe: Recipe = PLAIN,
        **changes: Any,
    ) -> Stage:
        """Descend some runs and charge each evaluation by its flops over those of the problem's gradient.

        L-BFGS's recursion is charged with each, where the flops of the gradient are known (`direction_cost`).

        Parameters
        ----------
        objective : Objective or At
            What to descend. The problem's own objective is observed, and its descents stop at the problem's target.
        x : ndarray of shape (m, n)
            Where the runs stand; n is the objective's size.
        rows : ndarray of shape (m,)
            Which runs these are.
        name : str
            What the stage is called in the Result.
        recipe : Recipe
            How to descend and when to end; what a run has left to spend is a limit too.
        **changes
            Fields of the recipe that are others here: ``max_evaluations``, ``target``; an array of shape (m,) is one
            number a run.

        Returns
        -------
        Stage
            Where all the m runs stand; those that could not pay one evaluation have status BUDGET_SPENT.
        """
        rows = np.asarray(rows, dtype=np.intp)
        recipe = replace(recipe, **changes)
        cost = recipe.unit(objective, self.objective)
        settings, most = recipe.settings(), recipe.max_evaluations
        true, plain = objective is self.problem.objective, is_plain(getattr(objective, "homotopy", objective))
        if true:
            settings = {"target": self.problem.target, "record_every": 1} | settings
        allowed = np.minimum(np.floor(self.purse(rows, home=true) / cost + 1e-9), most)
        run = np.flatnonzero(allowed >= 1)
        points, values = np.array(x, dtype=np.float64), np.full(len(rows), np.nan)
        status = np.full(len(rows), Status.BUDGET_SPENT, dtype=object)
        status[self.stopped[rows]] = Status.STOPPED_BY_CALLBACK
        if len(run):
            settings = {key: part_of(value, run, len(rows)) for key, value in settings.items()}
            begun, going, seconds = points[run], self.going[rows[run]], self.ledger.seconds_left(home=true)
            found = self._descend(objective, begun, rows[run], allowed[run], settings, seconds)
            points[run], values[run] = found.x, found.value
            made = (recipe.n_steps is not None) & (np.array(found.status, dtype=object) == Status.MAX_STEPS)
            cut = ~made & ((allowed[run] < most) | (np.isfinite(seconds) & (found.n_evaluations < allowed[run])))
            status[run] = self._account(rows[run], found, cost=cost, true=true, cut=cut, plain=plain)
            self.status[rows[run]] = status[run]
            if true:
                spent = cost * np.asarray(found.n_evaluations, dtype=np.float64), found.seconds
                self.ledger.reserve.credit(self.index[rows[run]], begun, spent, status[run], going=going)
        self.status[rows] = status
        if not true:
            self.ledger.cut(self.index[rows], self.limits[rows], cost, status)
        if len(self.ledger.cost) == 1:
            ends = [one.name for one in status[run]]
            self.note(rows[run], stage=name, value=values[run], ended=ends, cost=self.cost(rows[run]))
        return Stage(rows, points, values, status)

    def _descend(
        self, objective: Any, x: NDArray[np.float64], rows: Rows, allowed: Any, settings: Any, seconds: float
    ) -> Descent:
        """Call `descend`; `allowed` counts evaluations, which it wants in gradients of the objective's own cost."""
        alone = self.callback is not None and len(self) == 1
        family = getattr(objective, "homotopy", None)
        unit = 1.0 if family is None else relative_cost(objective, family.objective)
        noisy = settings.get("noise") is not None
        gradients = (allowed + 0.5) * unit
        single = len(x) == 1 and np.isfinite(seconds)  # seconds can only be kept by one run
        found = descend(
            objective,
            np.ascontiguousarray(x[0] if alone else x),
            budget=Budget(gradients=float(gradients[0]), seconds=max(seconds, 1e-9)) if single else gradients,
            rng=self.draws(rows).words() if noisy else None,
            n_jobs=self.n_jobs,
            callback=self.callback if alone else None,
            **{key: value[0] if alone and isinstance(value, np.ndarray) else value for key, value in settings.items()},
        )
        return listed(found) if alone else found

    def _account(self, rows: Rows, found: Any, *, cost: float, true: bool, plain: bool, cut: Any) -> Statuses:
        """Charge runs for their parts of a Descent and observe them; return how each ended."""
        n = np.asarray(found.n_evaluations, dtype=np.float64)
        before = self.cost(rows)
        self.charge(rows, grad=n, charged=n * (cost - 1.0))
        if true:
            self.ledger.observe_curves(self.index[rows], before, cost, found.trace)
            self.observe(rows, found.x, found.value)
        status = np.array(found.status, dtype=object)
        if self.callback is not None:
            self.stopped[rows] |= status == Status.STOPPED_BY_CALLBACK
        spent = (status == Status.MAX_STEPS) | (status == Status.BUDGET_SPENT)
        status[spent] = Status.MAX_STEPS
        status[spent & cut] = Status.BUDGET_SPENT
        if not plain:
            flat = found.grad_norm <= FLAT * (1.0 + np.abs(found.value))
            status[(status == Status.STEP_TOO_SMALL) & flat] = Status.CONVERGED
        return status
