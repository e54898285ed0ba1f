"""What the end of a run is, and the way on from a saddle or a maximum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from homotopy.doors import door, doors
from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.polish import polish
from homotopy.methods.batch.recipes import FULL
from homotopy.methods.batch.stage import Stage
from homotopy.objectives.base import Vector
from homotopy.objectives.curvature import Curvature, curvature_at
from homotopy.status import Status

__all__ = ["Ends", "settle"]

ROUNDS = 8
"""How often a saddle or a maximum is left."""
FIRST, LARGEST = 1e-3, 1e6
"""The first and the largest step away from it, over the length that the run has come."""
STEPS, FLAT_STEPS = np.concatenate([0.25 ** np.arange(20), 4.0 ** np.arange(1, 15)]), np.array([1.0, 10.0])
"""Steps that are tried in turn over the first: where the curvature is negative, and where there is none."""
NOTHING = 1e-6
"""Below this part of the size of x a run has not moved."""
AFFORDABLE, FEW = 2000.0, 100
"""With so many gradient-equivalents left `curvature_at` may choose; else the most products."""
SECOND_LOOK = {False: 22.0, True: 82.0}
"""What `curvature_at` may take beyond these products for a second look at what bends down: by all eigenvalues, or by
Lanczos's method, with a Newton step."""
AGAIN = 1000
"""The most evaluations of a descent from behind it."""


@doors
class Ends:
    """How the end of a run is looked at, left where it is no minimum, and descended to again.

    Attributes
    ----------
    tries_flat : bool
        Whether a way down is looked for along a flat direction too.
    """

    tries_flat = False

    def look(self, batch: Batch, x: Vector, scale: float) -> Curvature:
        """Return what x is, charged to the batch's one run; `scale` is a length over which it has moved."""
        return self.charged(batch, batch.objective, x, scale)

    def charged(self, batch: Batch, objective: object, x: Vector, scale: float) -> Curvature:
        """Return `curvature_at`, with as many products as can be paid, and charge what it took."""
        ledger, left = batch.ledger, float(batch.purse(np.array([0]), home=True)[0])
        if np.isfinite(ledger.budget.seconds):  # in gradients of the pace until now
            left = min(left, AFFORDABLE - 1.0, ledger.seconds_left() * float(ledger.cost[0]) / ledger.seconds)
        products = None if left >= AFFORDABLE else _paid(left, all_of=x.size)
        found = curvature_at(objective, x, products=products, scale=scale or None)
        batch.charge(np.array([0]), grad=found.counts.grad, hessp=found.counts.hessp)
        return found

    def held(self, batch: Batch, x: Vector, found: Curvature) -> Curvature:
        """Return what x is, where no way down was found from what looked like a saddle or a maximum."""
        del batch, x
        return found

    def inside(self, x: Vector) -> Vector:
        """Return the point that is tried in place of x: x itself, where there are no bounds."""
        return x

    def polished(self, batch: Batch, x: Vector, rows: Rows, name: str) -> Stage:
        """Descend the true problem from points x of shape (m, n)."""
        return polish(batch, x, rows, name, replace(FULL, max_evaluations=AGAIN))


@door
def settle(batch: Batch, ends: Ends) -> Curvature | None:
    """Return what the end of the batch's one run is; saddles and maxima are left, and what is not left is no success.

    None where nothing is claimed: where the optimum is known (its value is the proof) or the ending is no good one.

    Notes
    -----
    A saddle is left to the side of its lowest curvature where the value is lower, by a step that is doubled while that
    falls, and descended from again. Each look and each value is charged. Where no lower value is found, or after eight
    rounds, the status is NOT_CONVERGED.
    """
    rows = np.array([0])
    if batch.problem.optimum is not None:
        return None
    for left in reversed(range(ROUNDS + 1)):
        if batch.stopped[0] or not batch.status[0].ok:
            return None
        row = int(batch.index[0])
        x, value = batch.ledger.best_x[row].copy(), float(batch.ledger.best_value[row])
        if not np.isfinite(value):
            return None
        found = ends.look(batch, x, _length(batch.x[0], x))
        batch.note(rows, stage="curvature", end=str(found), products=found.counts.hessp, cost=batch.cost(rows))
        # A start that is stationary may be anything, and differences tell little of a flat point.
        unsure = found.kind == "degenerate" or np.array_equal(x, batch.x[0])
        if found.ok and not (ends.tries_flat and unsure):
            return found
        there = _lower(batch, ends, found, x, value) if left else None
        if there is None:
            found = found if found.ok else ends.held(batch, x, found)
            break
        ends.polished(batch, there[None], rows, "behind a saddle")
    if not found.ok:
        batch.status[0] = Status.NOT_CONVERGED
    return found


def _paid(left: float, *, all_of: int) -> int:
    """Return the products that so many gradient-equivalents pay: all of them with one look, or fewer with the other."""
    every, some = (int(min(max(left - SECOND_LOOK[lanczos], 0.0) // 2, FEW)) for lanczos in (False, True))
    return every if every >= all_of else some


def _length(start: Vector, x: Vector) -> float:
    """Return the length that a run has come, or where that is next to nothing the size of x; 0 where both are zero."""
    moved, size = float(np.linalg.norm(x - start)), float(np.linalg.norm(x))
    return moved if moved > NOTHING * size else size


def _lower(batch: Batch, ends: Ends, found: Curvature, x: Vector, value: float) -> Vector | None:
    """Return a point of lower value along the direction of negative curvature, or None where there is none.

    Where no curvature is negative two steps are tried, along a flat or a fixed random direction, and the fall must be
    more than rounding.
    """
    way = found.direction
    if way is None:
        way = np.random.default_rng(x.size).standard_normal(x.size)
        way /= np.linalg.norm(way)
    flat, steep = found.ok, abs(found.lowest) > 0.0
    length = _length(batch.x[0], x) or (float(np.sqrt(abs(2.0 * value / found.lowest))) if steep else 0.0) or 1.0
    limit = value - (1e3 * np.finfo(np.float64).eps * abs(value) if flat else 0.0)
    for step in FIRST * length * (FLAT_STEPS if flat else STEPS):
        best = _sides(batch, ends, x, step * way)
        if best[0] < limit:
            break
    else:
        return None
    while not flat and step <= LARGEST * length:
        step *= 2.0
        further = _sides(batch, ends, x, step * way)
        if not further[0] < best[0]:
            break
        best = further
    batch.observe(np.array([0]), best[1], best[0])
    return best[1]


def _sides(batch: Batch, ends: Ends, x: Vector, step: Vector) -> tuple[float, Vector]:
    """Return the lower value of those at x + step and x - step, with its point; infinite where none can be paid."""
    best = np.inf, x
    for side in (step, -step):
        point = ends.inside(x + side)
        if np.array_equal(point, x) or not batch.going[0]:
            continue
        value = float(batch.objective.value(point))
        batch.charge(np.array([0]), value=1)
        if value < best[0]:
            best = value, point
    return best
