"""What a stationary point of a smooth function is: the Hessian first, then what it leaves open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from homotopy.landscape.classify.around import Around
from homotopy.landscape.classify.flat import flat_dimension
from homotopy.landscape.classify.kinds import Classification
from homotopy.landscape.classify.reduced import Reduced
from homotopy.landscape.classify.spheres import SURE, Sphere, local_radius, order_of, spheres
from homotopy.objectives.base import Vector

__all__ = ["directions", "smooth_kind"]

Matrix = NDArray[np.float64]
AWAY = 1e-3
"""A Newton step beyond this part of the size of x, or of the distance to a kink, leads from no stationary point."""
SOFT = 1e-7
"""Eigenvalues below this part of the largest are left to values on spheres."""


def smooth_kind(
    objective: Any, x: Vector, basis: Matrix | None = None, *, symmetric: int = 0, reach: float | None = None
) -> Classification:
    """Return what a point is among the points x + B s, of a function that is smooth there.

    Parameters
    ----------
    objective : Objective
        The function.
    x : ndarray of shape (n,)
        A stationary point, to the accuracy of a descent.
    basis : ndarray of shape (n, m) or None
        Orthonormal columns B; None is all of space.
    symmetric : int
        How many directions of continuous symmetries the basis leaves out.
    reach : float or None
        Within this distance the function is smooth; None is the size of x.
    """
    around = Around(objective, x, basis, reach=reach)
    if not around.size:
        return Classification("minimum", "the point is alone in its space", flat=symmetric, n_symmetric=symmetric)
    hessian = around.hessian()
    if not (np.isfinite(hessian).all() and np.isfinite(around.grad).all() and np.isfinite(around.value)):
        return Classification("undecided", "the value, the gradient or the Hessian is not finite")
    values, vectors = eigh(hessian)
    largest = float(np.abs(values).max())
    soft = np.abs(values) <= SOFT * largest
    away = _away(around, values[~soft], vectors[:, ~soft])
    if away:
        return Classification("not stationary", away)
    index, point, by = _falling(around, values, vectors)
    soft |= (values < 0) & (np.arange(values.size) >= index)
    facts: dict[str, Any] = {"index": index, "n_zero": int(soft.sum()) + symmetric, "n_symmetric": symmetric}
    if index and (values > SOFT * largest).any():
        return Classification("saddle", f"a saddle of index {index}", 2, **facts, lower=point, decrease=by)
    if not soft.any():
        return _by_hessian(index, facts)
    if index:  # nothing rises: the opposite may be a minimum
        upside = _soft_kind(around.opposite(), -values[::-1], vectors[:, ::-1], soft[::-1], facts)
        return _turned(upside)
    return _soft_kind(around, values, vectors, soft, facts)


def _away(around: Around, values: Vector, vectors: Matrix) -> str:
    """Return a sentence where Newton's step in the stiff directions is no small one, else an empty text."""
    along = vectors.T @ around.grad
    step, gain = float(np.linalg.norm(along / values)), 0.5 * float((along**2 / np.abs(values)).sum())
    if gain > SURE * around.noise and step > AWAY * (around.reach or 1.0):
        return f"not stationary: Newton's step changes the value by {gain:.2g}"
    return ""


def _by_hessian(index: int, facts: dict[str, Any]) -> Classification:
    """Return the verdict where no eigenvalue is soft."""
    n_symmetric = facts["n_symmetric"]
    if index:
        return Classification("maximum", "a strict maximum: all eigenvalues are negative", 2, **facts)
    if n_symmetric:
        text = f"a minimum, strict but for {directions(n_symmetric)} of continuous symmetries"
        return Classification("minimum", text, 2, **facts, flat=n_symmetric)
    return Classification("minimum", "a strict minimum: all eigenvalues are positive", 2, **facts)


def _falling(around: Around, values: Vector, vectors: Matrix) -> tuple[int, Vector | None, float]:
    """Return how many eigenvalues are negative beyond doubt, a point that is lower along the first, and by how much.

    They are below the soft ones, and there is such a point.
    """
    negative = int((values < -SOFT * float(np.abs(values).max())).sum())
    point, by = _lowest_along(around, vectors[:, 0]) if negative else (None, 0.0)
    return negative if point is not None else 0, point, by


def _lowest_along(around: Around, direction: Vector) -> tuple[Vector | None, float]:
    """Return a point of lower value along a direction or its opposite, and by how much; None where none is."""
    length = around.reach or 1.0
    best: tuple[Vector | None, float] = (None, 0.0)
    for step in length * 2.0 ** -np.arange(0, 40, 2):
        for side in (step, -step):
            rise = around.rise(side * direction)[0]
            if rise < -max(best[1], SURE * around.noise):
                best = around.point(side * direction), -rise
        if best[0] is not None and step <= 2e-3 * length:
            break
    return best


def _soft_kind(
    around: Around, values: Vector, vectors: Matrix, soft: NDArray[np.bool_], facts: dict[str, Any]
) -> Classification:
    """Return the verdict from the reduced function of the soft directions."""
    reduced = Reduced(around, values, vectors, soft)
    radius = local_radius(reduced, around.reach)
    if radius is None:
        return Classification("undecided", "the stiff directions cannot be solved for beside the point", **facts)
    if _slides(reduced, radius):
        return Classification("not stationary", f"not stationary: the gradient is {reduced.slope:.2g}", **facts)
    found = spheres(reduced, radius)
    sure = [sphere for sphere in found if sphere.sign]
    if len(sure) > 1 and sure[-1].sign < 0 and sure[-2].sign < 0:
        return _saddle(reduced, found, sure, facts)
    if len(sure) > 1 and sure[-1].sign > 0 and sure[-2].sign > 0:
        order = order_of(sure)
        free = facts["n_symmetric"]
        beside = f", but for {directions(free)} of continuous symmetries" if free else ""
        text = f"a strict minimum{beside}: along {directions(reduced.size)} the value rises with order {order:.3g}"
        return Classification("minimum", text, round(order), **facts, flat=free)
    if sure and sure[-1].sign < 0:
        return Classification("undecided", "the value falls far off, but not near enough to tell the order", **facts)
    return _flat(reduced, found, facts)


def _slides(reduced: Reduced, radius: float) -> bool:
    """Return whether the value falls linearly against the gradient as far as the radius, and not only near x."""
    center = reduced.at(np.zeros(reduced.size))
    if center is None or not reduced.slope:
        return False
    step = 0.25 * radius
    down = reduced.at(-step / reduced.slope * center.grad)
    fall = 0.0 if down is None else -down.value
    return fall > SURE * reduced.around.noise and 0.25 < fall / (step * reduced.slope) < 4.0


def _saddle(reduced: Reduced, found: list[Sphere], sure: list[Sphere], facts: dict[str, Any]) -> Classification:
    """Return the verdict where some value near is lower."""
    order, low = order_of([one for one in sure if one.sign < 0]), sure[-1]
    place, decrease = _near(reduced, low)
    shared: Any = {"order": round(order), **facts, "lower": place, "decrease": decrease}
    text = f"a saddle without descent at second order: the value falls with order {order:.3g}"
    rising = bool(reduced.curvature.size) or any(one.high > SURE * one.noise for one in found)
    if rising:
        return Classification("saddle", text, **shared)
    soft = np.ones(reduced.size, dtype=bool)
    upside = _soft_kind(reduced.around.opposite(), np.zeros(soft.size), reduced.soft, soft, facts)
    return _turned(upside) if upside.kind == "minimum" else Classification("saddle", text, **shared)


def _near(reduced: Reduced, low: Sphere) -> tuple[Vector | None, float]:
    """Return a lower point, as near as it still is beyond doubt, and by how much it is lower."""
    for share in 0.25 ** np.arange(5, -1, -1.0):
        rise = reduced.at(share * low.u)
        if rise is not None and -rise.value > SURE**2 * rise.noise:
            return reduced.around.point(reduced.place(share * low.u, rise.stiff)), -rise.value
    rise = reduced.at(low.u)
    return (None, 0.0) if rise is None else (reduced.around.point(reduced.place(low.u, rise.stiff)), -low.low)


def _flat(reduced: Reduced, found: list[Sphere], facts: dict[str, Any]) -> Classification:
    """Return the verdict where no value near is lower and some is the same."""
    at = next((one for one in found if one.sign == 0), None)
    if at is None:
        return Classification("undecided", "values beside the point are not beyond rounding", **facts)
    more, n_symmetric = flat_dimension(reduced, at), facts["n_symmetric"]
    flat = more + n_symmetric
    whole = "all" if more == reduced.size else "some"
    text = f"a non-strict minimum: the value is the same on a set of dimension {flat}"
    if n_symmetric:
        text += f", of which continuous symmetries explain {n_symmetric}"
    text += f", {whole} that the Hessian leaves open" if whole == "all" else ", and rises beside it"
    return Classification("minimum", text, **facts, flat=flat)


def directions(count: int) -> str:
    """Return a number of directions in words."""
    return "one direction" if count == 1 else f"{count} directions"


def _turned(upside: Classification) -> Classification:
    """Return the verdict on f from that on -f, which has no direction of descent at second order."""
    if upside.kind == "minimum":
        how = "a strict maximum" if upside.strict else f"a maximum, the same on a set of dimension {upside.flat}"
        return replace(upside, kind="maximum", verdict=how)
    if upside.kind == "saddle":
        text = f"a saddle of index {upside.index}, along which others rise with order {upside.order}"
        return replace(upside, verdict=text, order=2, lower=None, decrease=0.0)
    return upside
