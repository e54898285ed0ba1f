"""Kinks that are only looked at by random directions: of nets with several hidden layers, and of rows that are zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.landscape.classify.around import Around
from homotopy.landscape.classify.kinds import Classification
from homotopy.landscape.classify.kinked.kinks import VANISHES, at_kinks, vanishing
from homotopy.landscape.classify.spheres import SURE
from homotopy.objectives.base import Vector

__all__ = ["count_of_others", "sampled_kind"]

DIRECTIONS, TURNS = 400, 40
SMALL = 1e-5
"""A slope below this part of the largest is none."""
STEP = 1e-7
"""How far off a direction's slope is taken, over the size of x."""


def count_of_others(objective: Any, x: Vector) -> int:
    """Return how many kinks a point has that are of no net with one hidden layer.

    They are pre-activations of relu nets with several hidden layers that vanish on samples, and the zero rows of a
    student on Gaussian inputs.
    """
    if hasattr(objective, "teacher") and hasattr(objective, "rows"):
        rows = np.asarray(objective.rows(x))
        return int((np.abs(rows).max(axis=1) <= VANISHES * float(np.abs(rows).max())).sum())
    model, outputs = getattr(objective, "model", None), getattr(objective, "outputs", None)
    act, H = getattr(outputs, "hidden", None), getattr(outputs, "inputs", None)
    sizes = getattr(model, "sizes", ())
    if act is None or not act.homogeneous or H is None or np.ndim(H) != 2 or len(sizes) < 4:
        return 0
    count, H = 0, np.asarray(H)
    for W, b in model.unpack(np.ascontiguousarray(x))[:-1]:  # type: ignore[union-attr]
        shift = np.zeros(len(W)) if b is None else b
        Z, terms = H @ W.T + shift, np.abs(H) @ np.abs(W).T + np.abs(shift)
        there = (np.abs(H).max(axis=1, keepdims=True) > 0) | (b is not None)
        count += int((vanishing(Z, terms) & there).sum())
        H = act(Z)
    return count


def sampled_kind(objective: Any, x: Vector, n_kinks: int) -> Classification:
    """Return what the slopes in random directions say: that the value falls, or nothing.

    The lowest directions are turned further down at random.
    """
    around, rng = Around(objective, x), np.random.default_rng(x.size)
    length = float(np.linalg.norm(x)) or 1.0

    def slope(d: Vector) -> float:
        return float(around.rise(STEP * length * d)[1] @ d)

    random = [_unit(d) for d in rng.standard_normal((DIRECTIONS, x.size))]
    slopes = [slope(d) for d in random]
    steepest, (low, best), size = max(map(abs, slopes)), _least(slopes, random), 0.5
    for _ in range(TURNS):
        near = [_unit(best + size * _unit(d)) for d in rng.standard_normal((8, x.size))]
        fall, one = _least([slope(d) for d in near], near)
        best, low, size = (one, fall, size) if fall < low else (best, low, 0.7 * size)
    facts: dict[str, Any] = {"n_kinks": n_kinks, "complete": False}
    at = at_kinks(n_kinks)
    step = 8.0 * SURE * around.noise / abs(low) if low < -SMALL * steepest else np.inf
    rise = around.rise(step * best)[0] if step < length else 0.0
    if not -rise > 2.0 * SURE * around.noise:
        return Classification(
            "undecided", f"no slope was seen to fall {at}; more is not looked at for such a net", **facts
        )
    facts |= {"order": 1, "lower": around.point(step * best), "decrease": -rise}
    if abs(low + slope(-best)) < 0.1 * abs(low):
        return Classification("not stationary", f"not stationary: the value falls with slope {low:.3g}", **facts)
    return Classification("saddle", f"no minimum: {at} the value falls with slope {low:.3g}", **facts)


def _least(slopes: list[float], directions: list[Vector]) -> tuple[float, Vector]:
    return min(zip(slopes, directions, strict=True), key=lambda pair: pair[0])


def _unit(d: Vector) -> Vector:
    return np.asarray(d / np.linalg.norm(d))
