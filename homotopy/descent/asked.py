"""What the caller of `descend` asked for: checked, in one sentence each, and brought into the loops' form."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import function, generator, integer, one_of, shown
from homotopy.descent.rules import Rule
from homotopy.descent.schedules import Noise
from homotopy.descent.settings import Aim, Starts, evaluations
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector
from homotopy.status import Budget

__all__ = ["check_callback", "check_parts", "each_start", "is_number", "points", "stream_keys"]


def check_parts(schedule: Any, step_schedule: Any, step_size: Any, noise: Any) -> None:
    """Raise ArgumentError for a schedule or a noise that is none.

    Raises
    ------
    ArgumentError
        If one is none.
    """
    for name, given in (("schedule", schedule), ("step_schedule", step_schedule)):
        if given is not None and (isinstance(given, type) or not hasattr(given, "values")):
            raise ArgumentError(f"{name} must be a Schedule or None, not {shown(given)}")
    if step_schedule is not None and not is_number(step_size):
        raise ArgumentError("step_schedule multiplies a step_size that is a number, not a schedule")
    if noise is not None:
        one_of("noise", noise, Noise, "a Noise or None")


def check_callback(callback: Any, every: Any, *, single: bool) -> None:
    """Raise ArgumentError for a callback that cannot be called, or does not go with the starts.

    Raises
    ------
    ArgumentError
        If it cannot be called, or there are many starts.
    """
    if callback is None:
        return
    function("callback", callback, "callback(point)")
    integer("callback_every", every)
    if not single:
        raise ArgumentError("callback goes with one start of shape (p,), not with many")


def points(starts: Any, size: int) -> Vector:
    """Return a copy of the starts of shape (r, p).

    Raises
    ------
    ArgumentError
        If they are no real numbers, or have not the objective's size.
    """
    try:
        raw = np.asarray(starts)
    except ValueError:  # rows of different lengths
        raw = np.empty(0, dtype=object)
    if raw.dtype.kind not in "iuf":
        raise ArgumentError(f"starts must be an array of real numbers, not {shown(starts)}")
    if raw.ndim not in (1, 2) or raw.shape[-1] != size:
        raise ArgumentError(f"starts has shape {raw.shape}; the objective needs ({size},) or (r, {size})")
    return np.array(raw, dtype=np.float64, order="C", ndmin=2)


def is_number(step_size: Any) -> bool:
    """Return whether a step size is a number or an array of them, or the rule's own, and no schedule."""
    return step_size is None or not hasattr(step_size, "values")


def _each(name: str, value: Any, r: int) -> Vector:
    """Return `value`, a number or an array of shape (r,), as an array of shape (r,)."""
    try:
        if isinstance(value, (int, float)):
            return np.full(r, float(value))
        if isinstance(value, str):
            raise TypeError(value)
        array = np.asarray(value, dtype=np.float64)
        return np.ascontiguousarray(np.broadcast_to(array, (r,)))
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"{name} must be a number or an array of shape ({r},), not {shown(value)}") from None


def each_start(
    rule: Rule, aim: Aim, x: Vector, keys: NDArray[np.uint64], *, step_size: Any, target: Any, budget: Any
) -> Starts:
    """Return the starts with what is each one's own.

    Raises
    ------
    ArgumentError
        If a step size or a budget is not positive, or a target is no number.
    """
    r = len(x)
    given = step_size is not None and is_number(step_size)
    sizes = _each("step_size", step_size if given else (rule.step_size if step_size is None else 1.0), r)
    targets = _each("target", -inf if target is None else target, r)
    shared = budget is None or isinstance(budget, Budget) or np.ndim(budget) == 0
    gradients = _each("budget", Budget.of(budget).gradients if shared else budget, r)
    own = slice(0, 1) if r and all(np.ndim(each) == 0 for each in (step_size, target, budget)) else slice(r)
    if given and not ((sizes[own] > 0) & (sizes[own] < inf)).all():
        raise ArgumentError(f"step_size must be positive, not {shown(step_size)}")
    if np.isnan(targets[own]).any():
        raise ArgumentError(f"target must be a number, not {shown(target)}")
    if not (gradients[own] > 0).all():
        raise ArgumentError(f"budget must be positive, not {shown(budget)}")
    return Starts(x, keys, sizes, targets, evaluations(gradients, aim.cost))


def stream_keys(rng: Any, r: int, noisy: bool) -> NDArray[np.uint64]:
    """Return the key of each start's random stream; nothing is drawn where there is no noise.

    Raises
    ------
    ArgumentError
        If there are not as many seeds as starts, or one is none.
    """
    several = isinstance(rng, (list, tuple, np.ndarray))
    if several and len(rng) != r:
        raise ArgumentError(f"rng has {len(rng)} entries for {r} starts")
    if not (several or rng is None or isinstance(rng, np.random.Generator)):
        integer("rng", rng, least=0)
    if not noisy:
        return np.zeros(r, dtype=np.uint64)
    if isinstance(rng, np.ndarray) and rng.dtype == np.uint64:
        return np.ascontiguousarray(rng)
    if several:
        return np.array([np.random.default_rng(one).integers(2**64, dtype=np.uint64) for one in rng], dtype=np.uint64)
    return generator("rng", rng).integers(2**64, size=r, dtype=np.uint64)
