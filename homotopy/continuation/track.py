"""The front door: follow a homotopy from its easy problem to the true one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from homotopy.continuation.correctors import ArclengthNewton, Corrector, NewtonKrylov
from homotopy.continuation.events import Event, Jump
from homotopy.continuation.path import Path
from homotopy.continuation.point import Point
from homotopy.continuation.predictors import Predictor, Secant, Tangent
from homotopy.continuation.stepcontrol import Adaptive, StepControl
from homotopy.continuation.tracker import Tracker
from homotopy.homotopies.base import Homotopy
from homotopy.objectives.base import Vector
from homotopy.status import Budget

__all__ = ["track"]


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
    rng: np.random.Generator | int | None = None,
    budget: Budget | float | None = None,
    **options: Any,
) -> Path:
    """Return the path of stationary points of H(., t) from t = 0 to t = 1.

    Parameters
    ----------
    homotopy : Homotopy
        The family.
    x0 : ndarray of shape (n,) or None
        A solution of the easy problem; None asks ``homotopy.start(rng)``.
    predictor : Predictor or None
        By default `Tangent`.
    corrector : Corrector or None
        By default `ArclengthNewton`, which goes round folds; a natural corrector makes natural steps.
    step_control : StepControl or None
        By default `Adaptive()`.
    events : sequence of Event or Jump
        What to watch besides folds and jumps.
    max_steps : int
        The largest number of attempted steps.
    callback : callable or None
        Called with each accepted Point; StopIteration ends the path with STOPPED_BY_CALLBACK.
    rng : Generator, int or None
        Draws the start where x0 is None.
    budget : Budget, float or None
        What the path may cost; a number counts gradient-equivalents.
    **options
        The other parameters of `Tracker`: t0, target, bounds, start_tolerance, direction, spectrum.

    Returns
    -------
    Path
        However it ended: a numerical failure is a Status, never an exception. ``path.success`` is claimed only if x0
        solves the easy problem, no step jumped to another branch, and at the target
        ``|grad H| <= corrector.final_tolerance``.

    Examples
    --------
    >>> from homotopy.continuation import RootSystem
    >>> path = track(RootSystem(lambda x, t: x - t, n=1), np.zeros(1))
    >>> path.success, path.x.round(8).tolist()
    (True, [1.0])
    """
    if x0 is None:
        x0 = homotopy.start(rng)
    corrector = corrector or ArclengthNewton()
    free = isinstance(corrector, NewtonKrylov) or not hasattr(corrector, "linear")
    predictor = predictor or (Secant() if free else Tangent())
    return Tracker(
        homotopy,
        x0,
        predictor=predictor,
        corrector=corrector,
        step_control=step_control or Adaptive(),
        events=events,
        max_steps=max_steps,
        callback=callback,
        budget=Budget.of(budget),
        **options,
    ).run()
