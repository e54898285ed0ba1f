"""What the caller of `track` asked for: checked, in one sentence each, and completed."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import choice, integer
from homotopy.continuation.engine.settings import Course, Steps, check_part
from homotopy.continuation.parts.linear import AUTO, Krylov
from homotopy.continuation.parts.newton import ArclengthNewton, Corrector, Newton
from homotopy.continuation.parts.predictors import Predictor, Secant, Tangent
from homotopy.continuation.parts.stepcontrol import Adaptive, StepControl
from homotopy.errors import ArgumentError

__all__ = ["check_family", "check_singular", "check_times", "steps_in"]

MODES = ("arclength", "natural", "auto")


def check_family(homotopy: Any) -> None:
    """Check that something is a homotopy.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if not hasattr(homotopy, "dt_grad") or isinstance(homotopy, type):
        raise ArgumentError(f"homotopy must be a Homotopy (see homotopy_from for plain functions), not {homotopy!r}")


def check_times(homotopy: Any, course: Course) -> None:
    """Check that the homotopy is defined where the course begins and ends.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    if not hasattr(homotopy, "objective") or getattr(homotopy, "any_t", False):
        return
    for name, t in (("t0", course.t0), ("target", course.target)):
        if t is not None and not 0 <= t <= 1:
            raise ArgumentError(f"{name} must lie in [0, 1], where {type(homotopy).__name__} is defined, not {t!r}")


def check_singular(on_singular: Any, rng: Any) -> None:
    """Check what to do at a singular start, and what draws its perturbation.

    Raises
    ------
    ArgumentError
        If one is not allowed.
    """
    choice("on_singular", on_singular, ("perturb", "stop"))
    if not (rng is None or isinstance(rng, np.random.Generator)):
        integer("rng", rng, least=0)


def steps_in(
    mode: str | None, predictor: Predictor | None, corrector: Corrector | None, step_control: StepControl | None
) -> tuple[str, Steps]:
    """Return the mode and the parts of a step that fit it.

    Raises
    ------
    ArgumentError
        If there is no such mode, a part is none, or the corrector does not go with the mode.
    """
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
        corrector = ArclengthNewton(
            corrector.tolerance, corrector.final_tolerance, corrector.max_iter, corrector.linear
        )
    return mode, corrector
