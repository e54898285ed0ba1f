"""The front door: follow a homotopy from its easy problem to the true one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from homotopy.arguments import choice, integer, shown, vector
from homotopy.continuation.engine.checkpoint import Checkpoint
from homotopy.continuation.engine.course import Course
from homotopy.continuation.engine.settings import Limits, Observed, Steps, check_part
from homotopy.continuation.engine.tracker import Tracker
from homotopy.continuation.parts.events import Event, Jump
from homotopy.continuation.parts.linear import AUTO, Krylov
from homotopy.continuation.parts.newton import ArclengthNewton, Corrector, Newton
from homotopy.continuation.parts.predictors import Predictor, Secant, Tangent
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.parts.stepcontrol import Adaptive, StepControl
from homotopy.continuation.point import Direction, Point
from homotopy.continuation.results.path import Path
from homotopy.continuation.singular import regularized
from homotopy.continuation.sweep import sweep_then_arclength
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy
from homotopy.status import Budget, Status
from homotopy.threads import one_blas_thread

__all__ = ["track"]

MODES = ("arclength", "natural", "auto")


@one_blas_thread
def track(
    homotopy: Homotopy,
    x0: Vector | None = None,
    *,
    predictor: Predictor | None = None,
    corrector: Corrector | None = None,
    step_control: StepControl | None = None,
    events: Sequence[Event | Jump] = (),
    max_steps: int = 1000,
    callback: Callable[[Point], Any] | None = None,
    mode: str | None = None,
    on_singular: str = "perturb",
    rng: np.random.Generator | int | None = None,
    budget: Budget | float | None = None,
    checkpoint: str | FilePath | None = None,
    every: int = 10,
    t0: float = 0.0,
    target: float | None = 1.0,
    bounds: tuple[float, float] | None = None,
    milestones: Sequence[float] = (),
    start_tolerance: float = 1e-6,
    direction: Direction | None = None,
    spectrum: Spectrum | None = None,
    scale: Any = None,
) -> Path:
    """Return the path of stationary points of H(., t) from t = 0 to t = 1.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    x0 : ndarray of shape (n,) or None
        A solution of the easy problem; None asks ``homotopy.start(rng)``.
    predictor : Predictor or None
        By default `Tangent`; `Secant` without a matrix.
    corrector : Corrector or None
        By default `ArclengthNewton`, which goes round folds, or in natural mode `Newton`.
    step_control : StepControl or None
        By default `Adaptive()`.
    events : sequence of Event or Jump
        What to watch besides folds and jumps.
    max_steps : int
        The largest number of attempted steps.
    callback : callable or None
        Called with each accepted Point; StopIteration ends the path with STOPPED_BY_CALLBACK.
    mode : str or None
        "arclength", "natural", or "auto": natural steps first, arclength from 5 % before the place where they fail.
        None is what the corrector does.
    on_singular : str
        What to do where the Hessian at the start is singular: "perturb" adds a term that is gone at t = 1 and says so
        in ``path.notes``; "stop" ends with SINGULAR. Targets other than t = 1 always stop.
    rng : Generator, int or None
        Draws the start where x0 is None, and the perturbation of a singular one.
    budget : Budget, float or None
        What the path may cost; a number counts gradient-equivalents.
    checkpoint : str, Path or None
        A file to which the state is written at every `every`-th accepted point and at the end. If it exists, the path
        goes on from it, and its points are, bit for bit, those of a run without a break. In "auto" mode the parts of a
        path on the way are in files beside it.
    every : int
        See `checkpoint`.
    t0, target : float
        Where the path starts and which t it must reach; target None goes on until an event or a limit ends it.
    bounds : tuple of float or None
        The path ends where t leaves this interval; by default, for a target, behind t0.
    milestones : sequence of float
        The path has a point at exactly each of these t whenever it passes, with an event "milestone"; it goes on.
    start_tolerance : float
        BAD_START unless ``|grad H(x0, t0)| <= start_tolerance * path.metric.residual``, the size of the gradient on the
        path, or the gradient is one of rounding.
    direction : Direction or None
        The first tangent's approximate direction; by default t moves toward the target.
    spectrum : Spectrum or None
        What to compute of the spectrum at the points.
    scale : float, ndarray of shape (n,) or None
        The size of x, or of each component, in which steps are measured; None learns one from the path.

    Returns
    -------
    Path
        However it ended: a numerical failure is a Status, never an exception. ``path.success`` is claimed only if x0
        solves the easy problem, no step jumped to another branch, and at the target
        ``|grad H| <= corrector.final_tolerance * path.metric.residual``, or the gradient is one of rounding, which
        ``path.points[-1].accuracy`` and a note then say. Toward an objective ``path.end`` says what the end is, from
        its Hessian, and a saddle or a maximum is no success.

    Raises
    ------
    ArgumentError
        If an argument is not allowed; t0 and the target of a homotopy onto an objective must lie in [0, 1].
    DataError
        If the checkpoint is that of another run.

    Examples
    --------
    >>> from homotopy.continuation import RootSystem
    >>> path = track(RootSystem(lambda x, t: x - t, n=1), np.zeros(1))
    >>> path.success, path.x.round(8).tolist()
    (True, [1.0])
    """
    if not hasattr(homotopy, "dt_grad") or isinstance(homotopy, type):
        raise ArgumentError(
            f"homotopy must be a Homotopy (see homotopy_from for plain functions), not {shown(homotopy)}"
        )
    choice("on_singular", on_singular, ("perturb", "stop"))
    if not (rng is None or isinstance(rng, np.random.Generator)):
        integer("rng", rng, least=0)
    mode, steps = _steps(mode, predictor, corrector, step_control)
    steps = replace(steps, scale=scale)
    course = Course(t0, target, bounds, direction, milestones=milestones)
    _check_times(homotopy, course)
    observed = Observed(events, spectrum, callback)
    limits = Limits(max_steps, Budget.of(budget), start_tolerance)
    saved = None if checkpoint is None else Checkpoint(checkpoint, every)
    x0 = vector("x0", homotopy.start(rng) if x0 is None else x0, homotopy.size, "the homotopy")
    tracker = Tracker(homotopy, x0, steps, course, observed, limits)
    follow = sweep_then_arclength if mode == "auto" else Tracker.run

    def perturbed(start: Vector) -> Path:
        own = None if saved is None else replace(saved, perturbed=True)
        return _perturbed(lambda family, x: follow(replace(tracker, homotopy=family, x0=x), own), homotopy, start, rng)

    if saved is not None and saved.of_perturbed():
        return perturbed(x0)
    path = follow(tracker, saved)
    plain = course.t0 == 0.0 and course.target == 1.0 and course.direction is None
    if path.status is not Status.SINGULAR or len(path.points) > 1 or on_singular == "stop" or not plain:
        return path
    return perturbed(path.points[0].x)


def _check_times(homotopy: Homotopy, course: Course) -> None:
    """Check that the homotopy is defined where the course begins and ends."""
    if not hasattr(homotopy, "objective") or getattr(homotopy, "any_t", False):
        return
    for name, t in (("t0", course.t0), ("target", course.target)):
        if t is not None and not 0 <= t <= 1:
            raise ArgumentError(
                f"{name} must lie in [0, 1], where {type(homotopy).__name__} is defined, not {shown(t)}"
            )


def _steps(
    mode: str | None, predictor: Predictor | None, corrector: Corrector | None, step_control: StepControl | None
) -> tuple[str, Steps]:
    """Return the mode and the parts of a step that fit it."""
    if corrector is not None:
        check_part("corrector", corrector, Corrector, "correct")
    mode, corrector = _chosen(mode, corrector)
    if predictor is None:
        free = not isinstance(corrector, Newton) or isinstance(getattr(corrector, "linear", AUTO), Krylov)
        predictor = Secant() if free else Tangent()
    return mode, Steps(predictor, corrector, Adaptive() if step_control is None else step_control)


def _chosen(mode: str | None, corrector: Corrector | None) -> tuple[str, Corrector]:
    """Return the mode and a corrector that fits it."""
    if mode is not None:
        choice("mode", mode, MODES)
    if corrector is None:
        return mode or "arclength", Newton() if mode == "natural" else ArclengthNewton()
    own = "natural" if corrector.natural else "arclength"
    if mode is None or mode == own:
        return own, corrector
    if mode == "natural" and isinstance(corrector, ArclengthNewton):
        return mode, corrector.at_fixed_t()
    if not isinstance(corrector, Newton):
        raise ArgumentError(f"corrector: {type(corrector).__name__} follows minima by natural steps only")
    if own == "natural":
        settings = (corrector.tolerance, corrector.final_tolerance, corrector.max_iter, corrector.linear)
        corrector = ArclengthNewton(*settings)
    return mode, corrector


def _perturbed(
    follow: Callable[[Homotopy, Vector], Path], homotopy: Homotopy, x0: Vector, rng: np.random.Generator | int | None
) -> Path:
    """Return the path of the perturbed homotopy of a singular start, with what was done among its notes."""
    note = "the start is singular"
    try:
        with np.errstate(all="ignore"):
            family, note = regularized(homotopy, x0, rng)
            start = family.start()
    except EvaluationError as error:
        value, g = homotopy.value_and_grad(x0, 0.0)
        start_point = Point(x0, 0.0, value, float(np.linalg.norm(g)))
        message = f"{Status.SINGULAR.value} at the start, and {error}"
        return Path((start_point,), Status.SINGULAR, message=message, notes=(note,))
    path = follow(family, start)
    if note in path.notes:  # a finished path from a file
        return path
    return replace(path, notes=(note, *path.notes), message=f"{path.message}; {note}")
