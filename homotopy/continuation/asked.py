"""What the caller of `track` asked for: checked, in one sentence each, and completed."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from homotopy.arguments import function, integer, number, one_of, shown
from homotopy.continuation.parts.events import Event, Jump
from homotopy.continuation.parts.newton import ArclengthNewton, Corrector, Newton
from homotopy.continuation.parts.predictors import Predictor
from homotopy.continuation.parts.spectrum import Spectrum
from homotopy.continuation.parts.stepcontrol import StepControl
from homotopy.continuation.point import Direction
from homotopy.errors import ArgumentError

__all__ = ["check_bounds", "check_family", "check_limits", "check_parts", "chosen"]

MODES = ("arclength", "natural", "auto")
OPTIONS = ("t0", "target", "bounds", "start_tolerance", "direction", "spectrum")
KINDS: dict[str, tuple[Any, str]] = {
    "predictor": (Predictor, "predict"),
    "corrector": (Corrector, "correct"),
    "step_control": (StepControl, "next"),
}


def check_family(homotopy: Any) -> None:
    """Raise ArgumentError for what is no homotopy.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if not hasattr(homotopy, "dt_grad") or isinstance(homotopy, type):
        raise ArgumentError(f"homotopy must be a Homotopy (see homotopy_from for plain functions), not {homotopy!r}")


def check_parts(events: Any, callback: Any, **parts: Any) -> None:
    """Raise ArgumentError for a part that is not what it must be.

    Raises
    ------
    ArgumentError
        If one is not what it must be.
    """
    for name, part in parts.items():
        kind, verb = KINDS[name]
        if part is not None and (isinstance(part, type) or not callable(getattr(part, verb, None))):
            raise ArgumentError(f"{name} must be a {kind.__name__} object, not {part!r}")
    if not isinstance(events, Sequence) or isinstance(events, str):
        raise ArgumentError(f"events must be a sequence of Event and Jump objects, not {shown(events)}")
    for event in events:
        one_of("events", event, (Event, Jump), "a sequence of Event and Jump objects; one of them is no such object")
    if callback is not None:
        function("callback", callback, "callback(point)")


def check_limits(homotopy: Any, max_steps: Any, on_singular: Any, rng: Any, options: dict[str, Any]) -> None:
    """Raise ArgumentError for a limit, a t or another option that is not allowed.

    Raises
    ------
    ArgumentError
        If one is not allowed.
    """
    integer("max_steps", max_steps)
    if on_singular not in ("perturb", "stop"):
        raise ArgumentError(f"on_singular must be 'perturb' or 'stop', not {on_singular!r}")
    if not (rng is None or isinstance(rng, np.random.Generator)):
        integer("rng", rng, least=0)
    for name in options:
        if name not in OPTIONS:
            raise ArgumentError(f"track has no argument {name!r}; beside its own it takes {', '.join(OPTIONS)}")
    _check_times(homotopy, options)
    number("start_tolerance", options.get("start_tolerance", 0.0), "a number, at least 0", least=0.0)
    for name, kind in (("direction", Direction), ("spectrum", Spectrum)):
        if options.get(name) is not None:
            one_of(name, options[name], kind, f"a {kind.__name__} or None")


def _check_times(homotopy: Any, options: dict[str, Any]) -> None:
    """Check the first t, the target and the bounds."""
    t0, target, bounds = options.get("t0", 0.0), options.get("target", 1.0), options.get("bounds")
    times = {"t0": t0} if target is None else {"t0": t0, "target": target}
    for name, t in times.items():
        if not isfinite(number(name, t, "a finite number")):
            raise ArgumentError(f"{name} must be a finite number, not {t!r}")
        if hasattr(homotopy, "objective") and not getattr(homotopy, "any_t", False) and not 0 <= t <= 1:
            raise ArgumentError(f"{name} must lie in [0, 1], where {type(homotopy).__name__} is defined, not {t!r}")
    if bounds is not None:
        check_bounds(bounds)


def check_bounds(bounds: Any) -> None:
    """Raise for what is no interval of t.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    try:
        low, high = bounds
        good = bool(low < high)
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ArgumentError(f"bounds must be two numbers, low < high, not {shown(bounds)}")


def chosen(mode: str | None, corrector: Corrector | None) -> tuple[str, Corrector]:
    """Return the mode and a corrector that fits it.

    Raises
    ------
    ArgumentError
        If there is no such mode, or the corrector does not go with it.
    """
    if mode is not None and mode not in MODES:
        raise ArgumentError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
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
