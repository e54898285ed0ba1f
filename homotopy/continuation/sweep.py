"""Natural steps while they go, pseudo-arclength from a little before the place where they fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from homotopy.continuation.engine.checkpoint import Checkpoint, signature
from homotopy.continuation.engine.landing import behind
from homotopy.continuation.engine.tracker import Tracker
from homotopy.continuation.parts.linear import Linear, is_symmetric
from homotopy.continuation.parts.newton import ArclengthNewton
from homotopy.continuation.parts.predictors import Constant, Tangent
from homotopy.continuation.parts.stepcontrol import Adaptive
from homotopy.continuation.point import Point
from homotopy.continuation.results.path import Path
from homotopy.errors import EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Budget, Status

__all__ = ["sweep_then_arclength"]

BACK_OFF = 0.05  # of the way to the failure

SWEEP = Adaptive(initial=0.05, minimum=2e-3, maximum=0.2)


class _Inertia:
    """A callback that stops a sweep where the Hessian's index, or the sign of its determinant, changes."""

    def __init__(self, homotopy: Homotopy, linear: Linear, callback: Callable[[Point], Any] | None) -> None:
        self.homotopy, self.linear, self.callback = homotopy, linear, callback
        self.first: int | None = None
        self.changed = False

    def at(self, x: Vector, t: float) -> int | None:
        try:
            factors = self.linear.factor(self.homotopy, x, t)
        except (np.linalg.LinAlgError, EvaluationError):
            return None
        index = getattr(factors, "n_negative", None) if is_symmetric(self.homotopy) else None
        if index is None and hasattr(factors, "det_sign"):
            index = factors.det_sign()
        return None if index is None else int(index)

    def __call__(self, point: Point) -> None:
        index = self.at(point.x, point.t)
        self.changed = index is not None and self.first is not None and index != self.first
        if self.changed:
            raise StopIteration
        if self.callback is not None:
            self.callback(point)


def sweep_then_arclength(
    homotopy: Homotopy, x0: Vector, *, t0: float = 0.0, checkpoint: Checkpoint | None = None, **parts: Any
) -> Path:
    """Return the path by natural steps as far as they go, then by pseudo-arclength.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    x0 : ndarray of shape (n,)
        The start.
    t0 : float
        Its t.
    checkpoint : Checkpoint or None
        Where the path is written; while it is on the way, each part is in a file beside it.
    **parts
        As for `Tracker`; the corrector is an `ArclengthNewton`, whose tolerances and linear solver the sweep shares.

    Raises
    ------
    DataError
        If the checkpoint is that of another run.

    Notes
    -----
    The sweep ends where Newton's method fails down to a step of 0.002, where the guard against jumps fires, or where
    the index of the Hessian (of a root system: the sign of the determinant) changes. Arclength then begins 5 % of the
    way before that place.
    """
    corrector: ArclengthNewton = parts["corrector"]
    watch = _Inertia(homotopy, corrector.linear, parts.get("callback"))
    watch.first = watch.at(np.asarray(x0, dtype=np.float64), t0)
    natural = {"corrector": corrector.at_fixed_t(), "step_control": SWEEP, "callback": watch, "t0": t0}
    sweeper = Tracker(homotopy, x0, checkpoint=checkpoint and checkpoint.part("sweep"), **(parts | natural))
    sweeper.diagnose = False
    settings = "" if checkpoint is None else f"auto; {signature(sweeper)}; {corrector}; {parts['step_control']}"
    finished = None if checkpoint is None else checkpoint.finished(settings)
    if finished is not None:
        return finished
    sweep = sweeper.run()
    last = sweep.points[-1]
    watch.changed |= watch.first is not None and watch.at(last.x, last.t) not in (None, watch.first)
    path = sweep
    if _handed_over(sweep, watch):
        path = _finished_by_arclength(homotopy, sweep, watch, t0=t0, checkpoint=checkpoint, parts=parts)
    if checkpoint is not None and len(path.points) > 1:
        checkpoint.whole(path, settings, type(homotopy).__name__)
    return path


def _handed_over(sweep: Path, watch: _Inertia) -> bool:
    """Return whether arclength goes on where the sweep ended."""
    moved = sweep.status in (Status.NON_FINITE, Status.SINGULAR) and len(sweep.points) > 1
    stopped = watch.changed and sweep.status is Status.STOPPED_BY_CALLBACK
    return stopped or moved or sweep.status in (Status.STEP_TOO_SMALL, Status.NOT_CONVERGED)


def _finished_by_arclength(
    homotopy: Homotopy,
    sweep: Path,
    watch: _Inertia,
    *,
    t0: float,
    checkpoint: Checkpoint | None,
    parts: dict[str, Any],
) -> Path:
    """Return the sweep's points up to a little before its end, and the path from there by arclength."""
    stopped = watch.changed and sweep.status is Status.STOPPED_BY_CALLBACK
    why = "the index changed" if stopped else sweep.message
    kept = _backed_off(sweep, t0)
    last, budget = kept[-1], parts.get("budget") or Budget()
    predictor = parts["predictor"]
    rest = {
        "predictor": Tangent() if isinstance(predictor, Constant) else predictor,
        "budget": Budget(
            max(budget.gradients - sweep.counts.gradient_equivalents, 1e-9), max(budget.seconds - sweep.seconds, 1e-9)
        ),
        "max_steps": max(1, parts["max_steps"] - sweep.counts.accepted - sweep.counts.rejected),
        "t0": last.t,
        "bounds": parts.get("bounds") or behind(t0, parts.get("target", 1.0)),
        "direction": None,
        "checkpoint": checkpoint and checkpoint.part("rest"),
    }
    path = Tracker(homotopy, last.x, **(parts | rest)).run()
    return _joined(sweep, kept, path, f"by arclength from t = {last.t:.6g}, because by natural steps: {why}")


def _backed_off(sweep: Path, t0: float) -> list[Point]:
    """Return the sweep's points up to 5 % before its end, at least the first."""
    reached = sweep.points[-1].t - t0
    kept = [p for p in sweep.points if abs(p.t - t0) <= (1.0 - BACK_OFF) * abs(reached)]
    return kept or [sweep.points[0]]


def _joined(sweep: Path, kept: list[Point], rest: Path, note: str) -> Path:
    """Return one path; the arclength of the first part is measured by its chords."""
    offset, count = kept[-1].s, len(kept) - 1
    points = (*kept, *(replace(p, s=p.s + offset) for p in rest.points[1:]))
    before = tuple(e for e in sweep.events if e.step < count and e.name != "jump")
    after = tuple(replace(e, step=e.step + count, point=replace(e.point, s=e.point.s + offset)) for e in rest.events)
    return replace(
        rest,
        points=points,
        events=(*before, *after),
        counts=sweep.counts + rest.counts,
        seconds=sweep.seconds + rest.seconds,
        notes=(note, *rest.notes),
    )
