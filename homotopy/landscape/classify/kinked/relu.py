"""What a point of a net with one hidden layer of relu units is, on kinks or beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import minimize

from homotopy.landscape.classify.around import Around
from homotopy.landscape.classify.kinds import Classification
from homotopy.landscape.classify.kinked.kinks import Kinks, at_kinks
from homotopy.landscape.classify.kinked.piece import Piece
from homotopy.landscape.classify.kinked.pieces import faces, patterns
from homotopy.landscape.classify.kinked.slopes import Slopes, slopes_at
from homotopy.landscape.classify.scaled import Scaled
from homotopy.landscape.classify.smooth import directions, smooth_kind
from homotopy.landscape.classify.spheres import SURE
from homotopy.objectives.base import Vector

__all__ = ["relu_kind"]

Matrix = NDArray[np.float64]
NEAR = 0.5
"""How far to look, over the distance to the next kink."""


def relu_kind(objective: Any, x: Vector, kinks: Kinks, along: Matrix, scale: Vector) -> Classification:
    """Return what a point is, in the variables z = x / scale, which also the kinks and the result are in.

    The rows of `along`, shape (m, n), are directions of continuous symmetries in z.
    """
    z, net = x / scale, Scaled(objective, scale)
    reach = min(NEAR * kinks.reach, float(np.linalg.norm(z)) or np.inf)
    reach, symmetric = (reach if np.isfinite(reach) else 0.0), len(along)
    if not len(kinks.jumps):
        return smooth_kind(net, z, _beside(along), symmetric=symmetric, reach=reach)
    slopes = slopes_at(kinks)
    if slopes.down is not None:
        return _falling(net, z, kinks, slopes, reach)
    found, complete = patterns(kinks, slopes.up, slopes.below)
    each = []
    for on in found:
        piece = Scaled(Piece(objective, kinks.samples, kinks.units, on), scale)
        each.append(_in_piece((net, piece), z, kinks, (slopes, on, along), reach))
        if each[-1].kind == "saddle":  # one piece that falls will do
            break
    worst = next((one for kind in ("saddle", "undecided") for one in each if one.kind == kind), None)
    facts: dict[str, Any] = {"n_kinks": len(kinks.jumps), "complete": complete and slopes.complete}
    at = at_kinks(len(kinks.jumps))
    if worst is not None:
        return replace(worst, **facts, verdict=f"{at} no slope falls, but inside: {worst.verdict}")
    flat = max((one.flat for one in each), default=symmetric)
    n_zero = max((one.n_zero for one in each), default=0)
    order = 1 if not flat and not n_zero else max((one.order for one in each), default=0)
    kind = "a strict minimum" if not flat else f"a non-strict minimum, flat in a set of dimension {flat}"
    if flat and flat == symmetric:
        kind = f"a minimum, strict but for {directions(flat)} of continuous symmetries"
    text = f"{kind}: {at} no slope falls, and along directions of zero slope the value does not either"
    return Classification("minimum", text, order, 0, n_zero, symmetric, flat, **facts)


def _beside(rows: Matrix) -> Matrix | None:
    """Return an orthonormal basis, in columns, of what is orthogonal to all rows; None for all of space."""
    if not len(rows):
        return None
    return np.asarray(null_space(rows / np.linalg.norm(rows, axis=1, keepdims=True), rcond=1e-10))


def _falling(objective: Any, x: Vector, kinks: Kinks, slopes: Slopes, reach: float) -> Classification:
    """Return the verdict where a slope falls."""
    around, down = Around(objective, x), slopes.down
    assert down is not None
    lower, decrease = None, 0.0
    for step in (reach or 1.0) * 0.5 ** np.arange(1, 40):
        rise = around.rise(step * down)[0]
        if rise < -SURE * around.noise:
            lower, decrease = around.point(step * down), -rise
            break
    facts: dict[str, Any] = {"n_kinks": len(kinks.jumps), "complete": slopes.complete}
    if lower is None:
        return Classification("undecided", "a slope falls, but no value does beyond rounding", **facts)
    facts |= {"lower": lower, "decrease": decrease, "order": 1}
    if slopes.clarke:
        at = at_kinks(len(kinks.jumps))
        text = f"a saddle: stationary in Clarke's sense, but {at} the value falls with slope {slopes.slope:.3g}"
        return Classification("saddle", text, **facts)
    text = f"not stationary: the value falls with slope {slopes.slope:.3g}"
    return Classification("not stationary", text, **facts)


def _in_piece(
    nets: tuple[Any, Any], z: Vector, kinks: Kinks, where: tuple[Slopes, NDArray[np.bool_], Matrix], reach: float
) -> Classification:
    """Return what the point is within one piece, along directions of zero slope; `nets` are the net and the piece."""
    slopes, on, along = where
    free = slopes.up | slopes.below
    free = faces(kinks, on, free) if free.any() else free
    basis = _beside(np.vstack([kinks.normals[~free], along]))
    found = smooth_kind(nets[1], z, basis, symmetric=len(along), reach=reach)
    sides = kinks.normals[free] * np.where(on[free], 1.0, -1.0)[:, None]
    if found.kind == "maximum":
        found = replace(found, kind="saddle")
    if found.kind == "minimum" or not len(sides):
        return found
    return _within_cone(nets[0], z, (found, basis), sides, reach)


def _within_cone(
    objective: Any, x: Vector, inside: tuple[Classification, Matrix | None], sides: Matrix, reach: float
) -> Classification:
    """Return the verdict where the piece falls along some direction, which may not be one of its cone.

    A point of lower value of the net itself, in the cone, makes a saddle; it is looked for from several starts.
    """
    found, basis = inside
    around = Around(objective, x, basis, reach=reach)
    cone = sides if basis is None else sides @ basis
    radius = 0.1 * (reach or 1.0)
    seeds = list(np.random.default_rng(len(sides)).standard_normal((12, around.size)))
    if found.lower is not None:
        step = found.lower - x
        seeds += [side * (step if basis is None else basis.T @ step) for side in (1.0, -1.0)]
    best: tuple[float, Vector | None] = (0.0, None)
    for seed in seeds:
        start = radius * seed / np.linalg.norm(seed)
        scale = max(abs(around.rise(start)[0]), around.noise) or 1.0
        end = minimize(
            lambda s, scale=scale: _scaled(around, s, scale),
            start,
            jac=True,
            method="SLSQP",
            constraints=[
                {"type": "ineq", "fun": lambda s: cone @ s, "jac": lambda s: cone},
                {"type": "ineq", "fun": lambda s: radius**2 - s @ s, "jac": lambda s: -2.0 * s},
            ],
            options={"maxiter": 100, "ftol": 1e-12},
        ).x
        value = around.rise(end)[0]
        if np.linalg.norm(end) <= 2.0 * radius and (cone @ end >= -1e-9 * radius).all() and value < best[0]:
            best = (value, end)
    if best[1] is not None and best[0] < -SURE * around.noise:
        return replace(found, kind="saddle", lower=around.point(best[1]), decrease=-best[0])
    return Classification("minimum", "no point of the cone is lower", n_zero=1, complete=False)


def _scaled(around: Around, s: Vector, scale: float) -> tuple[float, Vector]:
    value, grad = around.rise(s)
    return value / scale, grad / scale
