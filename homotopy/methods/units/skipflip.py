"""The skip homotopy as a method: fit beside a linear path, flip signs, go on without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.homotopies.units.manysigns import SignSearches
from homotopy.homotopies.units.skip import Skip
from homotopy.methods.batch import Batch, BatchMethod, Rows, Stage, polish
from homotopy.methods.batch.recipes import Recipe
from homotopy.methods.units.narrowing import FIRST, Narrowing, finish_recipe, fit_recipe, widen
from homotopy.naming import spelled
from homotopy.objectives.units.base import Units, units_of

__all__ = ["SkipFlip"]

Array = NDArray[np.float64]

FEW = 5
"""Random restarts of the first sign search; the second may make four times as many, the third all."""

PAIRS = 2
"""Of L-BFGS beside the path of a teacher: on seeds from a million on runs take 5 to 14 % less time than with 4, for no
more gradients (k = 6 to 50)."""

TRIAL = 40
"""Evaluations of the true problem from signs that are not sure, on data: wrong signs may do."""


class SkipFlip(BatchMethod):
    """Fit beside a free linear path, flip signs until the path vanishes, and go on without it.

    Parameters
    ----------
    extra : int
        Hidden units more than the problem's while fitting; -1 chooses: on a teacher none for k <= d, else 0.3 h; on
        data max(4, 1.75 sqrt(h)), for fewer than 10 samples one with the squared loss, else none.
    tries : int
        How many sign patterns are tried, best first, before the run gives up.
    restarts : int
        The most random restarts of each sign search.
    cycles : int
        How often a run is fitted: from where it was stuck it begins again with two, three, ... times as many fresh
        extra units, and more evaluations between removals.

    Notes
    -----
    0. With extra units on data, their outgoing weights begin at a ridge regression beside the path.
    1. L-BFGS on H(., 0) of `Skip`, until it is below the optimum plus 0.3 of the problem's tolerance (on a teacher
       0.6), or a plateau.
       With extra units, these are taken away one by one and, where that leaves more than three times the tolerance,
       with at most 20 evaluations between (on a teacher: all at once, by merges of parallel pairs); then the fit
       goes on at the true width.
    2. The sign search. Where the best signs leave more than 1e-3 of the linear
       part and a quarter of what the second best leave, the fit was not good enough to tell: on data stage 3 is tried
       with 40 evaluations, for smooth units are solved with wrong signs too; then stage 1 goes on to a thirtieth,
       twice at most.
    3. L-BFGS on the true problem from the flipped point, until the target or a plateau; else the next signs. On a
       teacher the rows first take equal steps to the sum that the signs were to bring about.

    Every evaluation and every move is charged by its flops. With the logistic and the softmax loss
    the path is trained with the net; a removal's compensation by the path is put into it.
    """

    needs = ("linear_path", "units")
    reference = "relu(z) = z + relu(-z) removes the sign errors that are the spurious minima; mathematics.md"

    def __init__(self, extra: int = -1, tries: int = 3, restarts: int = 1000, cycles: int = 4) -> None:
        self.extra = integer("extra", extra, least=-1)
        self.tries = integer("tries", tries)
        self.restarts = integer("restarts", restarts, least=0)
        self.cycles = integer("cycles", cycles)
        self.name = spelled(self, "skip")

    def run(self, batch: Batch) -> None:
        """Fit beside the path, choose signs, finish; once more with fresh units where that fails."""
        units, rows = units_of(batch.objective), batch.rows
        extra = self.extra if self.extra >= 0 else units.surplus_beside_path
        x, beside = widen(batch, units, rows, extra), _Beside(batch.objective, units)
        for number in range(self.cycles):
            more = (number + 1) * extra
            if number:
                going = batch.going[rows]
                rows, x = rows[going], x[going]
            if not len(rows) or (number and not extra):
                return
            if number:
                x = units.add_silent(x, more, batch.draws(rows))
            if extra:
                x = units.refit(x, beside_path=True)
                batch.charge_flops(rows, units.refit_flops(more, beside_path=True))
            x = self._cycle(batch, beside, rows, x, more, between=20 * (2 * number + 1))

    def _cycle(self, batch: Batch, beside: _Beside, rows: Rows, x: Array, extra: int, *, between: int) -> Array:
        """Fit, narrow, flip and finish; return the points beside the path."""
        units, homotopy = beside.units, beside.at(0)
        enough = 0.6 if units.exact else 0.3
        recipe, on_truth = _beside_recipe(units), finish_recipe(units)
        wanted: Array | None = None

        def fit(extra: int, x: Array, most: int) -> Stage:
            nonlocal wanted
            wide = beside.at(extra)
            goal = batch.goal(enough if most == FIRST else 3.0)
            x = _path_found(batch, wide, x, rows, wanted)
            stage = _fit(batch, wide, x, rows, replace(recipe, max_evaluations=most, target=goal))
            wanted = wide.outputs(stage.x)
            batch.charge_flops(rows, wide.outputs_flops)
            return replace(stage, x=wide.finish(stage.x))

        x = Narrowing(batch, units, rows, between, beside_path=True).run(x, fit, extra)
        ended, going = np.flatnonzero(batch.ended[rows]), np.flatnonzero(batch.going[rows])
        if len(ended):
            polish(batch, x[ended], rows[ended], "finish without the path", on_truth)
        if len(going):
            wanted = None if wanted is None else wanted[going]
            net = _path_found(batch, homotopy, x[going], rows[going], wanted)
            stage = _fit(batch, homotopy, net, rows[going], replace(recipe, target=batch.goal(enough)))
            x[going] = self._turned(batch, homotopy, stage, units, recipe)
        return x

    def _turned(self, batch: Batch, homotopy: Skip, stage: Stage, units: Units, recipe: Recipe) -> Array:
        """Flip and finish, fitting more closely where the signs are not sure; return the points beside the path."""
        on_truth = finish_recipe(units)
        found = self._signs(batch, homotopy, stage, min(self.restarts, FEW))
        ended = np.flatnonzero(batch.ended[stage.rows])
        if len(ended):
            _flipped(batch, homotopy, stage.where(ended), found.signs[ended, 0], on_truth)
        for share, restarts in ((0.01, min(self.restarts, 4 * FEW)), (0.0003, self.restarts)):
            unclear = ~found.clear
            if batch.problem.target is None or not unclear.any():
                break
            if not units.exact:
                some, trial = stage.where(unclear), replace(on_truth, max_evaluations=TRIAL)
                self._finish(batch, homotopy, some, found.where(unclear), trial, tries=1)
            again = np.flatnonzero(unclear & batch.going[stage.rows])
            if not len(again):
                break
            finer_still = replace(recipe, target=batch.goal(share))
            finer = _fit(batch, homotopy, stage.x[again], stage.rows[again], finer_still)
            stage.x[again] = finer.x
            found.put(again, self._signs(batch, homotopy, finer, restarts))
        self._finish(batch, homotopy, stage, found, on_truth)
        return homotopy.finish(stage.x)

    def _signs(self, batch: Batch, homotopy: Skip, stage: Stage, restarts: int) -> SignSearches:
        """Search the signs of each run and charge it."""
        found = homotopy.signs_of_many(stage.x, draws=batch.draws(stage.rows), n_best=self.tries, n_restarts=restarts)
        batch.charge_flops(stage.rows, found.flops + homotopy.system_flops)
        flips = (found.signs[:, 0] < 0).sum(axis=-1)
        batch.note(stage.rows, stage="signs", flips=flips, residual=found.residual[:, 0])
        return found

    def _finish(
        self, batch: Batch, homotopy: Skip, stage: Stage, found: SignSearches, recipe: Recipe, *, tries: int = 0
    ) -> None:
        """Flip and descend on the true problem, with the next best signs where that fails."""
        for number in range(tries or self.tries):
            going = np.flatnonzero(batch.going[stage.rows] & found.has(number))
            if not len(going):
                return
            _flipped(batch, homotopy, stage.where(going), found.signs[going, number], recipe, number)


def _flipped(batch: Batch, homotopy: Skip, stage: Stage, signs: Any, recipe: Recipe, number: int = 0) -> None:
    """Flip runs by these signs, the best or the next ones by number, and descend on the true problem."""
    flipped = homotopy.close(homotopy.flip(stage.x, signs))
    batch.charge_flops(stage.rows, homotopy.flip_flops)
    polish(batch, homotopy.finish(flipped), stage.rows, f"finish, signs {number + 1}", recipe)


class _Beside:
    """The homotopy beside the linear path for nets of every width, each made once."""

    def __init__(self, objective: Any, units: Units) -> None:
        self.units = units
        self._made = {0: Skip(objective)}

    def at(self, extra: int) -> Skip:
        """Return the homotopy of the net of `extra` units more."""
        if extra not in self._made:
            self._made[extra] = self._made[0].on(self.units.wider(extra))
        return self._made[extra]


def _beside_recipe(units: Units) -> Recipe:
    """Return how nets are fitted beside the path."""
    recipe = fit_recipe(units)
    return replace(recipe, memory=PAIRS) if units.exact else recipe


def _path_found(batch: Batch, homotopy: Skip, net: Array, rows: Rows, wanted: Array | None) -> Array:
    """Return the points beside the path at which the outputs are nearest to what is wanted, charged."""
    if wanted is not None:
        batch.charge_flops(rows, homotopy.outputs_flops)
    return homotopy.beside(net, wanted)


def _fit(batch: Batch, homotopy: Skip, x: Array, rows: Rows, recipe: Recipe) -> Stage:
    """Descend beside the linear path."""
    return batch.descend(homotopy.at(0.0), x, rows, name="fit beside the linear path", recipe=recipe)
