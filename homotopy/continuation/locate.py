"""Where an event happened: bisection and secants on the length of the step over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import eigh

from homotopy.continuation.events import BranchPoint, Event, Fold, Occurrence, Setting
from homotopy.continuation.linear import hessian_of, is_symmetric
from homotopy.continuation.point import Point
from homotopy.continuation.spectrum import Spectrum
from homotopy.homotopies.base import Homotopy
from homotopy.objectives.base import Vector

__all__ = ["locate", "null_vector", "occurrence"]

_Side = tuple[float, Any, Point]


def locate(
    event: Event,
    setting: Setting,
    probe: Callable[[float], Point | None],
    low: _Side,
    high: _Side,
    *,
    tolerance: float = 1e-12,
) -> Point:
    """Return the point of an event between two sides (step, value, point).

    Parameters
    ----------
    probe : callable
        Returns the curve's point at a step from the low side, or None where the corrector fails.
    tolerance : float
        Stops when the bracket is at most ``tolerance * high step``, or the event function is zero.

    Notes
    -----
    The Illinois variant of the secant method for a continuous function, bisection for any other, and bisection
    wherever three secant steps did not halve the bracket.
    """
    (a, va, pa), (b, vb, pb) = low, high
    whole = b - a
    fa, fb = va, vb  # the values that the secant uses, the stale one halved
    width, slow = whole, 0
    for _ in range(80):
        if b - a <= tolerance * whole or (event.continuous and vb == 0.0):
            break
        secant = event.continuous and slow < 3 and fb != fa
        middle = b - fb * (b - a) / (fb - fa) if secant else 0.5 * (a + b)
        margin = 0.5 * tolerance * whole
        middle = min(max(middle, a + margin), b - margin)
        point = probe(middle)
        if point is None:  # singular just here: step aside
            middle = a + 0.4 * (b - a)
            point = probe(middle)
        if point is None:
            break
        value = event.value(point, setting)
        if event.happened(va, value):
            if event.continuous:
                fa = 0.5 * fa if vb != fb or slow else fa
                fb = value
            b, vb, pb = middle, value, point
        else:
            if event.continuous:
                fb = 0.5 * fb
                fa = value
            a, va, pa = middle, value, point
        slow = slow + 1 if b - a > 0.5 * width else 0
        if slow == 0 or slow > 3:
            width, slow = b - a, 0
    return pa if event.continuous and abs(va) < abs(vb) else pb


def null_vector(homotopy: Homotopy, x: Vector, t: float, *, dense_limit: int = 400) -> Vector | None:
    """Return the unit eigenvector of the Hessian whose eigenvalue is nearest to zero; None above `dense_limit`.

    Of an unsymmetric Jacobian, the right singular vector of the least singular value.
    """
    if homotopy.size > dense_limit:
        return None
    a = hessian_of(homotopy, x, t)
    a = a.toarray() if hasattr(a, "toarray") else a
    if not is_symmetric(homotopy):
        return np.asarray(np.linalg.svd(a)[2][-1])
    values, vectors = eigh(a)
    return np.ascontiguousarray(vectors[:, int(np.argmin(np.abs(values)))])


def occurrence(event: Event, setting: Setting, where: Point, last: Point, point: Point, step: int) -> Occurrence:
    """Return the record of a located event, with the null vector and the index on both sides."""
    homotopy = setting.homotopy
    before, after = last.index, point.index
    spectrum = Spectrum()
    small = homotopy.size <= spectrum.dense_limit and is_symmetric(homotopy)
    if small and before < 0:
        before = spectrum.index(homotopy, last.x, last.t)[0]
    if small and after < 0:
        after = spectrum.index(homotopy, point.x, point.t)[0]
    kernel = None
    if isinstance(event, (Fold, BranchPoint)):
        kernel = null_vector(homotopy, where.x, where.t)
        if kernel is None and isinstance(event, Fold) and where.tangent is not None:
            kernel = where.tangent.x / np.linalg.norm(where.tangent.x)
    return Occurrence(event.name, replace(where), step, kernel, before, after)
