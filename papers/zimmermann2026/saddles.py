"""Where descents beside a linear path stall: two units in one direction, judged in closed form."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

__all__ = ["bends", "even_kernel", "is_saddle"]

Array = NDArray[np.float64]
CLOSE = 0.05
"""Radians within which two directions are taken for one."""


def even_kernel(angle: Array, order: int) -> Array:
    """Return E|u.x||v.x|/4 of unit vectors in the plane against the angle between them, or a derivative.

    Parameters
    ----------
    angle : ndarray
        In radians; opposite directions are the same.
    order : int
        0 for the kernel, 1 or 2 for its derivative.
    """
    s = np.mod(angle + pi / 2, pi) - pi / 2
    a = np.abs(s)
    rest = pi / 2 - a
    if order == 0:
        return np.asarray((np.sin(a) + rest * np.cos(a)) / (2 * pi))
    if order == 1:
        return np.asarray(-np.sign(s) * rest * np.sin(a) / (2 * pi))
    return np.asarray((np.sin(a) - rest * np.cos(a)) / (2 * pi))


def bends(masses: Array, angles: Array, teacher: Array, order: int = 2) -> Array:
    """Return, at each unit, how the slope in its mass changes with its direction: the derivative of an order.

    Notes
    -----
    The slope of the risk in the mass of a unit of direction a is G(a) = sum_i m_i k(a - a_i) - sum_j u_j k(a - b_j), k
    the `even_kernel`. At a stationary point G = G' = 0 at all units. Two units of one direction that are turned apart,
    their mean direction kept, change the risk by G''/2 times the second moment of the turn, to leading order: where
    G'' < 0, it falls.
    """
    own = even_kernel(angles[:, None] - angles, order) @ masses
    other = np.arctan2(teacher[:, 1], teacher[:, 0])
    return np.asarray(own - even_kernel(angles[:, None] - other, order) @ np.linalg.norm(teacher, axis=1))


def is_saddle(W: Array, teacher: Array) -> bool:
    """Return whether a stalled net lies at a saddle: units in one direction that lower the risk when turned apart.

    Parameters
    ----------
    W, teacher : ndarray of shape (n, 2) and (k, 2)
        The rows of the student and of the teacher.

    Notes
    -----
    Units within 0.05 rad of each other are made one, the net of fewer units is brought to its stationary point, and
    G'' is looked at where units were made one: it must be below -1e-11 at a point that is stationary to 1e-13. Where
    descents meet a point several times, its G'' differs by some 1e-15.
    """
    masses, angles = np.linalg.norm(W, axis=1), np.mod(np.arctan2(W[:, 1], W[:, 0]), pi)
    order = np.argsort(angles)
    groups: list[list[int]] = []
    for i in order:
        if groups and angles[i] - angles[groups[-1][-1]] < CLOSE:
            groups[-1].append(int(i))
        else:
            groups.append([int(i)])
    merged = np.array([len(group) > 1 for group in groups])
    if not merged.any():
        return False
    m = np.array([masses[group].sum() for group in groups])
    a = np.array([masses[group] @ angles[group] for group in groups]) / m
    n = len(m)

    def slopes(p: Array) -> Array:
        return np.concatenate([bends(p[:n], p[n:], teacher, order) for order in (0, 1)])

    end = least_squares(slopes, np.concatenate([m, a]), method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15).x
    there = np.abs(slopes(end)).max() < 1e-13
    return bool(there and (bends(end[:n], end[n:], teacher)[merged] < -1e-11).any())
