"""A descent within bounds, by SciPy's L-BFGS-B, and what its end is."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from homotopy.continuation.point import Point
from homotopy.methods.batch import Batch, Rows, Stage
from homotopy.methods.minimizing.asked import Asked
from homotopy.methods.minimizing.sharp import Sharp
from homotopy.objectives.base import FromValueAndGrad, Vector
from homotopy.objectives.curvature import Curvature
from homotopy.status import Status

__all__ = ["Within", "projected"]


def projected(x: Vector, grad: Vector, low: Vector, high: Vector) -> Vector:
    """Return the gradient without the parts against which a bound stands."""
    return np.asarray(np.where(((x <= low) & (grad > 0)) | ((x >= high) & (grad < 0)), 0.0, grad))


class Face(FromValueAndGrad):
    """A function of the variables that are free at x; the others stay."""

    def __init__(self, objective: Any, x: Vector, free: NDArray[np.bool_]) -> None:
        self.objective, self.x, self.free, self.size = objective, x, free, int(free.sum())

    def _whole(self, y: Vector) -> Vector:
        x = self.x.copy()
        x[self.free] = y
        return x

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return the value and the gradient in the free variables."""
        value, grad = self.objective.value_and_grad(self._whole(x))
        return value, np.asarray(grad)[self.free]

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian in the free variables times v."""
        way = np.zeros(self.free.size)
        way[self.free] = v
        return np.asarray(self.objective.hessp(self._whole(x), way))[self.free]


class Within(Sharp):
    """`Sharp` within bounds.

    SciPy's loop runs on variables over the size of x0 and on values over the first slope, so that nothing depends on
    the units of either.
    """

    def __init__(
        self,
        bounds: tuple[Vector, Vector],
        slope: float,
        value: float,
        asked: Asked,
        *,
        accuracy: float,
        x0: Vector,
    ) -> None:
        super().__init__(slope, value, asked, accuracy=accuracy)
        self.low, self.high = bounds
        spans = (self.high - self.low)[np.isfinite(self.high - self.low)]
        self.unit = float(np.abs(x0).max()) or float(spans.max(initial=0.0)) or 1.0
        self.height = self.unit * slope or 1.0

    def inside(self, x: Vector) -> Vector:
        """Return the point within the bounds nearest to x."""
        return np.asarray(np.clip(x, self.low, self.high))

    def slope(self, x: Vector, grad: Vector) -> Vector:
        """Return the gradient without the parts against which a bound stands."""
        return projected(x, grad, self.low, self.high)

    def look(self, batch: Batch, x: Vector, scale: float) -> Curvature:
        """Return what x is in the variables that a bound does not hold."""
        if not batch.going[0]:
            return Curvature("unknown", why="the budget allows no gradient")
        grad = np.asarray(batch.objective.value_and_grad(x)[1])
        batch.charge(np.array([0]), grad=1)
        return self.look_at(batch, x, self.loose(x) | ((grad == 0.0) & (self.low < self.high)), scale)

    def loose(self, x: Vector) -> NDArray[np.bool_]:
        """Return which variables lie between their bounds."""
        return np.asarray((x > self.low) & (x < self.high))

    def held(self, batch: Batch, x: Vector, found: Curvature) -> Curvature:
        """Return what x is in the variables between their bounds, where the others are kept by them."""
        del found
        return self.look_at(batch, x, self.loose(x), self.unit)

    def look_at(self, batch: Batch, x: Vector, free: NDArray[np.bool_], scale: float) -> Curvature:
        """Return what x is in some of the variables."""
        if not free.any():
            return Curvature("minimum", exact=True)
        found = self.charged(batch, Face(batch.objective, x, free), x[free], scale)
        if found.direction is None:
            return found
        way = np.zeros(x.size)
        way[free] = found.direction
        return Curvature(**{**vars(found), "direction": way})

    def polished(self, batch: Batch, x: Vector, rows: Rows, name: str) -> Stage:
        """Descend from x of shape (1, n) by L-BFGS-B, and check how that ended."""
        run = _Run(self, batch)
        end = run.from_point(self.inside(x[0]))
        batch.status[0] = end
        batch.note(rows, stage=name, value=run.value, ended=end.name, cost=batch.cost(rows))
        self.check(batch, run.x)
        return Stage(rows, run.x[None], np.array([run.value]), batch.status.copy())


class _OverError(Exception):
    """The budget is spent."""


class _Run:
    """One run of L-BFGS-B."""

    def __init__(self, ends: Within, batch: Batch) -> None:
        self.ends, self.batch = ends, batch
        self.x, self.value = batch.x[0], np.inf
        self._still: list[float] = []
        self._n = 0

    def from_point(self, x: Vector) -> Status:
        """Descend, and return how it ended."""
        ends = self.ends
        self.x = x
        if not (ends.low < ends.high).any():
            self._evaluate(x / ends.unit)
            return Status.CONVERGED
        options = {
            "maxcor": 20,
            "maxiter": ends.asked.maxiter,
            "maxfun": ends.asked.maxfun,
            "ftol": 0.0,
            "gtol": ends.gradient_tolerance * ends.unit / ends.height,
        }
        bounds = list(zip(ends.low / ends.unit, ends.high / ends.unit, strict=True))
        try:
            found: Any = scipy.optimize.minimize(
                self._evaluate,
                x / ends.unit,
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options=options,
                callback=self._step,
            )
        except _OverError:
            return Status.BUDGET_SPENT
        if self.batch.stopped[0]:
            return Status.STOPPED_BY_CALLBACK
        if found.status == 1:
            return Status.MAX_STEPS
        return Status.CONVERGED if found.success or self._is_still() else Status.STEP_TOO_SMALL

    def _evaluate(self, y: Vector) -> tuple[float, Vector]:
        """Return value and gradient in the units of the loop."""
        batch, ends, rows = self.batch, self.ends, np.array([0])
        if not batch.going[0]:
            raise _OverError
        low, high = ends.low / ends.unit, ends.high / ends.unit
        x = np.where(y <= low, ends.low, np.where(y >= high, ends.high, y * ends.unit))
        value, grad = batch.objective.value_and_grad(x)
        batch.charge(rows, grad=1)
        batch.observe(rows, x, value)
        if not np.isfinite(value):
            return 1e300, np.zeros_like(y)
        if value < self.value:
            self.x, self.value = x, float(value)
        return (value - ends.value) / ends.height, np.asarray(grad) * (ends.unit / ends.height)

    def _step(self, intermediate_result: scipy.optimize.OptimizeResult) -> None:
        """Tell the callback of a step, and end the loop where it asks for it or the value stands still."""
        del intermediate_result
        self._n += 1
        self._still.append(self.value)
        if self.batch.callback is not None:
            try:
                self.batch.callback(Point(self.x.copy(), 1.0, self.value, np.nan, n_iter=self._n))
            except StopIteration:
                self.batch.stopped[0] = True
                raise
        if self._is_still():
            raise StopIteration

    def _is_still(self) -> bool:
        """Whether the last steps lowered the value by rounding only, or by as little as the caller asks for."""
        drop, window = self.ends.plateaus[-1]
        seen = self._still
        return len(seen) > window and seen[-1 - window] - seen[-1] <= drop * abs(seen[-1])
