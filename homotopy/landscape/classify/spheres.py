"""The least value of a reduced function on spheres of falling radii: its sign and its order."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from homotopy.landscape.classify.reduced import Reduced, Rise
from homotopy.objectives.base import Vector

__all__ = ["SURE", "Sphere", "least_on", "local_radius", "order_of", "spheres"]

Matrix = NDArray[np.float64]
SURE = 30.0
"""A value counts where it is so many times the noise."""
RELATIVE = 1e-11
"""What is below this part of the largest value on its sphere is rounding too."""
CLEAR, WELL = 1e4, 1e13
"""So many times the noise are values from which orders are read, and at the origin those to begin with."""
ALIKE = 0.1
DEEP, GROWN = 20, 20
"""Fourths of a radius that are looked at, and fourfolds of 1 at the origin."""
RADII = 14
PROBES = 12
STARTS, LATER = 10, 3
"""Points that the least value is searched from on the largest sphere, and on the others beside where it was before."""


@dataclass(frozen=True)
class Sphere:
    """What was found on a sphere |u| = radius.

    Attributes
    ----------
    radius : float
        In units of x.
    low, high : float
        The least and the largest value found.
    u : ndarray of shape (k,)
        Where the least one is.
    noise : float
        What of `low` is rounding.
    """

    radius: float
    low: float
    high: float
    u: Vector
    noise: float

    @property
    def sign(self) -> int:
        """The sign of the least value; 0 where it is rounding."""
        return 0 if abs(self.low) <= SURE * self.noise else int(np.sign(self.low))

    @property
    def seen(self) -> bool:
        """Whether some value of the sphere is more than rounding."""
        return max(abs(self.low), abs(self.high)) > SURE * self.noise


def local_radius(reduced: Reduced, length: float) -> float | None:
    """Return a radius within which the stiff directions are solved for and one order prevails; None if there is none.

    It is at most `length`, in units of x; at the origin, which says nothing of units, it grows from 1 until the
    function is seen well.
    """
    radius = length or 1.0
    for _ in range(30):
        found = _values(reduced, radius)
        if found is not None:
            break
        radius *= 0.25
    else:
        return None
    if not length:
        for _ in range(GROWN):
            wider = None if found[1] > WELL else _values(reduced, 4.0 * radius)
            if wider is None:
                break
            radius, found = 4.0 * radius, wider
    return _one_order(reduced, radius)


def _one_order(reduced: Reduced, radius: float) -> float:
    """Return the largest radius, of fourths of the given one, below which values only change by a power of the radius.

    Farther off other terms prevail, and at all too large a radius these look like an order as well.
    """
    shapes: list[tuple[Vector, float]] = []
    for j in range(DEEP):
        found = _values(reduced, radius * 0.25**j)
        if found is None or found[1] < CLEAR:
            break
        size = float(np.linalg.norm(found[0]))
        shapes.append((found[0] / size, log2(size)))
    keep = len(shapes) - 1
    for j in range(len(shapes) - 2, 0, -1):
        (above, a), (here, b), (_, c) = shapes[j - 1], shapes[j], shapes[j + 1]
        if np.linalg.norm(above - here) > ALIKE or abs((a - b) - (b - c)) > 2.0 * ALIKE:
            break
        keep = j - 1
    return float(radius * 0.25 ** max(0, min(keep, len(shapes) - 4)))


def _values(reduced: Reduced, radius: float) -> tuple[Vector, float] | None:
    """Return the values on probes and the largest over its noise, infinite without noise; None where one is missing."""
    points = radius * _probes(reduced.size)
    found = [rise for rise in map(reduced.at, points) if rise is not None]
    if len(found) < len(points):
        return None
    u, top = max(zip(points, found, strict=True), key=lambda pair: abs(pair[1].value))
    noise = max(top.noise, reduced.around.noise_at(reduced.place(u, top.stiff)))
    over = abs(top.value) / noise if noise else (np.inf if top.value else 0.0)
    return np.array([rise.value for rise in found]), over


def spheres(reduced: Reduced, radius: float) -> list[Sphere]:
    """Return what is on spheres of halved radii, the largest first, as long as anything is seen there.

    Directions at random are looked at first; where none of them falls, each sphere is searched for its least value.
    """
    seen: list[tuple[Sphere, list[Vector]]] = []
    for j in range(RADII):
        looked = _looked(reduced, radius * 0.5**j)
        if looked is not None and looked[0].seen:
            seen.append(looked)
        elif looked is not None and not seen:
            return [looked[0]]
        else:
            break
        if len(seen) > 2 and _settled([one[0] for one in seen[-3:]]) == -1:
            return [one[0] for one in seen]
    out: list[Sphere] = []
    for sphere, points in seen:
        before = [] if not out else [out[-1].u * (sphere.radius / out[-1].radius)]
        out.append(least_on(reduced, sphere, before + points[: LATER if out else STARTS]))
        if len(out) > 2 and _settled(out[-3:]) is not None:
            break
    return out


def _settled(three: list[Sphere]) -> int | None:
    """Return the sign of three spheres where it is the same and so is the order, else None."""
    signs = {one.sign for one in three}
    if len(signs) > 1:
        return None
    sign = signs.pop()
    return sign if not sign or abs(order_of(three[:2]) - order_of(three[1:])) < ALIKE else None


def least_on(reduced: Reduced, sphere: Sphere, starts: list[Vector]) -> Sphere:
    """Return the sphere with the least value that descents along it find from these points."""
    k, radius = reduced.size, sphere.radius
    scale = max(abs(sphere.low), abs(sphere.high))
    best: tuple[float, Vector, float] = (sphere.low, sphere.u, sphere.noise)

    def along(q: Vector) -> tuple[float, Vector]:
        length = float(np.linalg.norm(q))
        rise = reduced.at(radius * q / length)
        if rise is None:
            return 1e3, np.zeros(k)
        inward = rise.grad - q * (float(q @ rise.grad) / length**2)
        return rise.value / scale, np.asarray(inward * (radius / length / scale))

    if k > 1:
        for start in starts:
            options = {"maxiter": 60, "ftol": 1e-16, "gtol": 1e-10, "maxcor": 12}
            end = minimize(along, start / radius, jac=True, method="L-BFGS-B", options=options).x
            u = np.asarray(radius * end / np.linalg.norm(end))
            found = reduced.at(u)
            if found is not None and found.value < best[0]:
                best = (found.value, u, _noise(reduced, u, found, scale))
    return Sphere(radius, best[0], sphere.high, best[1], best[2])


def order_of(found: list[Sphere]) -> float:
    """Return the exponent p of low ~ radius^p from the two smallest of several spheres with values of one sign."""
    a, b = found[-2:]
    return log2(a.low / b.low) / log2(a.radius / b.radius)


def _probes(k: int) -> Matrix:
    """Return unit directions, shape (m, k): those of the axes and random ones, each with its opposite."""
    if k == 1:
        return np.array([[1.0], [-1.0]])
    random = np.random.default_rng(k).standard_normal((PROBES, k))
    some = random / np.linalg.norm(random, axis=1, keepdims=True)
    return np.vstack([some, -some])


def _noise(reduced: Reduced, u: Vector, rise: Rise, scale: float) -> float:
    """Return what of a value is rounding, there and beside."""
    there = reduced.around.noise_at(reduced.place(u, rise.stiff))
    return max(rise.noise, there, RELATIVE / SURE * scale)


def _looked(reduced: Reduced, radius: float) -> tuple[Sphere, list[Vector]] | None:
    """Return the extremes over random directions, and the points to search from: the lowest."""
    points = [radius * u for u in _probes(reduced.size)]
    found = [(rise, u) for rise, u in ((reduced.at(u), u) for u in points) if rise is not None]
    if not found:
        return None
    found.sort(key=lambda pair: pair[0].value)
    low, high = found[0][0], found[-1][0]
    scale = max(abs(low.value), abs(high.value))
    sphere = Sphere(radius, low.value, high.value, found[0][1], _noise(reduced, found[0][1], low, scale))
    return sphere, [u for _, u in found[:STARTS]]
