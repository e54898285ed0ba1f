"""An elastic band between two points, relaxed until it lies in a valley and its top near a saddle."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.landscape.barriers.spectrum import modes
from homotopy.objectives.base import grads_at

__all__ = ["relaxed", "tangents", "tops"]

Array = NDArray[np.float64]
STEPS = 600
CLOSE = 0.02
"""The band is relaxed when no image is farther than this share of their spacing from balance, by the largest
curvature."""
UP, DOWN, BEFORE, MIXED = 1.1, 0.5, 5, 0.1  # the constants of Bitzek and others


def relaxed(objective: Any, band: Array, *, stiffness: float = 0.1) -> tuple[Array, Array]:
    r"""Return an elastic band relaxed, points (m, n) and values (m,).

    Parameters
    ----------
    objective : Objective
        The function.
    band : ndarray of shape (m, n)
        Where it begins; its first and last point stay.
    stiffness : float
        The springs' constant in units of the largest curvature at the ends and between them.

    Notes
    -----
    Along the tangent, by the rule of Henkelman and Jonsson, an image feels the springs alone; across it, the gradient
    and the part of the springs that is at right angles to that (the doubly nudged band). Once no force is above
    0.1 spacing x kappa, with kappa the largest curvature, or after 200 steps, the highest image climbs: along the
    tangent its gradient is turned round and it feels no spring. The band moves by damped dynamics (FIRE), in units of
    kappa and of the images' spacing, so that neither the units of x nor those of f matter. It ends when it climbs
    and no force is above 0.02 spacing x kappa, or after 600 steps.

    References
    ----------
    G. Henkelman and H. Jonsson, J. Chem. Phys. 113 (2000) 9978; G. Henkelman, B. P. Uberuaga and H. Jonsson, the same
    volume, 9901; S. A. Trygubenko and D. J. Wales, J. Chem. Phys. 120 (2004) 2082; E. Bitzek and others, Phys. Rev.
    Lett. 97 (2006) 170201.
    """
    band = np.array(band, dtype=np.float64)
    some = band[[0, len(band) // 2, -1]]
    kappa = max(modes(objective, x).largest for x in some) or 1.0
    spacing = float(np.linalg.norm(np.diff(band, axis=0), axis=1).mean())
    speed = np.zeros_like(band[1:-1])
    dt, mixed, since, climb = 0.3, MIXED, 0, False
    for step in range(STEPS):
        values, grads = grads_at(objective, band)
        if not np.isfinite(values).all():
            break
        force = _forces(band, values, grads / kappa, stiffness=stiffness, climb=climb)
        far = float(np.linalg.norm(force, axis=1).max())
        if far <= CLOSE * spacing and climb:
            break
        climb = climb or far <= 5 * CLOSE * spacing or step >= STEPS // 3
        step_on = float((force * speed).sum())
        if step_on > 0:
            since += 1
            pull = np.linalg.norm(speed) / max(float(np.linalg.norm(force)), 1e-300)
            speed = (1 - mixed) * speed + mixed * pull * force
            if since > BEFORE:
                dt, mixed = min(dt * UP, 1.0), mixed * 0.99
        else:
            since, mixed, dt, speed = 0, MIXED, dt * DOWN, np.zeros_like(speed)
        speed = speed + dt * force
        move = dt * speed
        longest = float(np.linalg.norm(move, axis=1).max())
        band[1:-1] += move * min(1.0, 0.5 * spacing / max(longest, 1e-300))
    values, _ = grads_at(objective, band)
    return band, values


def tangents(band: Array, values: Array) -> Array:
    """Return the unit tangents at the inner points of a band, shape (m - 2, n).

    Towards the higher neighbor where values rise or fall; at an extremum both sides, weighted by how much they differ
    (Henkelman and Jonsson, equations 8 to 11).
    """
    ahead, behind = band[2:] - band[1:-1], band[1:-1] - band[:-2]
    up, down = values[2:] - values[1:-1], values[:-2] - values[1:-1]
    large, small = np.maximum(abs(up), abs(down)), np.minimum(abs(up), abs(down))
    forward = np.where(up > down, large, small)[:, None]
    backward = np.where(up > down, small, large)[:, None]
    mixed = ahead * forward + behind * backward
    out = np.where((up > 0) & (down < 0), ahead.T, np.where((up < 0) & (down > 0), behind.T, mixed.T)).T
    length = np.linalg.norm(out, axis=1, keepdims=True)
    out = np.where(length > 0, out, ahead + behind)
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-300))


def tops(values: Array) -> list[int]:
    """Return the numbers of the inner points of a band that are no lower than their neighbors, the highest first."""
    inner = range(1, len(values) - 1)
    found = [i for i in inner if values[i] >= values[i - 1] and values[i] > values[i + 1]]
    return sorted(found, key=lambda i: -values[i])


def _forces(band: Array, values: Array, grads: Array, *, stiffness: float, climb: bool) -> Array:
    """Return the forces on the inner images, in units of length: gradients are already divided by the curvature."""
    along = tangents(band, values)
    g = grads[1:-1]
    slope = (g * along).sum(axis=1, keepdims=True)
    across = g - slope * along
    ahead, behind = band[2:] - band[1:-1], band[1:-1] - band[:-2]
    spring = stiffness * (ahead - behind)
    parallel = stiffness * (np.linalg.norm(ahead, axis=1) - np.linalg.norm(behind, axis=1))[:, None] * along
    aside = spring - (spring * along).sum(axis=1, keepdims=True) * along
    unit = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-300)
    nudged = aside - (aside * unit).sum(axis=1, keepdims=True) * unit
    force = -across + parallel + nudged
    if climb:
        top = int(np.argmax(values[1:-1]))
        force[top] = -g[top] + 2 * slope[top] * along[top]
    return np.asarray(force)
