"""A bound of the slopes of all units by branch and bound on cones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from homotopy.landscape.convex.program import EPS, Program

__all__ = ["Steepest", "slope_bound", "steepest"]

Array = NDArray[np.float64]

BATCH = 256
"""Cones that are bounded at once."""
MOST_DIMENSIONS = 10
"""Directions of more dimensions are not divided: the first cones are the orthants."""
TIGHT = 1e-10
"""A bound above a slope that a unit has by less than this part of it is not improved."""
TINY = 1e-12
"""Cones whose rows have cosines of one but for this are not divided."""
TURNS = 5
"""Solutions for one line; any weights within their bounds give a bound."""
LINE = 20
"""Cones that are divided in the time in which one is bounded by its best line."""
CLOSE = 0.01
"""Cones whose bound is above the goal by less than this part of it are bounded by their best line."""


@dataclass(frozen=True)
class Steepest:
    """What `steepest` found.

    Attributes
    ----------
    slope : float
        No unit has a larger slope.
    closed : bool
        Whether it is the goal or, to 1e-10, the slope of a unit, but for rounding.
    cones : int
        The cones that were looked at.
    beyond : ndarray of shape (m, r)
        Directions within cones whose slopes may be above the goal, the most promising ones first, at most 64.
    """

    slope: float
    closed: bool
    cones: int
    beyond: Array


def slope_bound(program: Program, g: Array) -> float:
    r"""Return a number that the slope of no unit is above, in closed form.

    Notes
    -----
    :math:`\sigma(t) = \frac{1 + s}{2} t + \frac{1 - s}{2} |t|`, and
    :math:`\sum_i p_i |z_i \cdot u| \le (\sum_i p_i)^{1/2} \lambda_{\max}(\sum_i p_i z_i z_i^T)^{1/2}` for
    :math:`p \ge 0`: once with the positive parts of g, once with the negative ones.
    """
    Z, leak = program.Z, program.leak
    linear = 0.5 * (1.0 + leak) * float(np.linalg.norm(Z.T @ g))
    bent = [0.5 * (1.0 - leak) * _bent(Z, np.maximum(part, 0.0)) for part in (g, -g)]
    return min(linear + max(bent), program.size(g)) + program.rounding(g)


def _bent(Z: Array, p: Array) -> float:
    """Return a bound of the sum of p |Z u| over unit vectors."""
    rows = np.sqrt(p)[:, None] * Z
    return float(np.sqrt(p.sum()) * np.linalg.norm(rows, 2))


def steepest(program: Program, g: Array, goal: float, *, most: int) -> Steepest:
    r"""Return a number that the slope of no unit is above, the goal where that can be shown.

    Parameters
    ----------
    program : Program
        The convex problem.
    g : ndarray of shape (n,)
        Slopes of the loss.
    goal : float
        A bound that is good enough: cones without larger slopes are not divided further.
    most : int
        The most cones that are looked at.

    Notes
    -----
    On a cone of directions :math:`u = \sum_k c_k v_k, c \ge 0`, a term with :math:`g_i > 0` is at most
    :math:`g_i \sum_k c_k \sigma(z_i \cdot v_k)`, as :math:`\sigma` is convex and homogeneous; one with
    :math:`g_i < 0` is at most :math:`g_i \alpha z_i \cdot u` for every slope :math:`\alpha` from s to 1 (1 or s where
    the cone is on one side of the kink). Their sum is linear, :math:`b^T c`, and its largest value over the unit ball
    is at most :math:`|V^{-T} b|`, and at most :math:`\max_k b_k` over the least length of a mean of the v. Cones that
    may have a slope above the goal are divided at the middle of their longest edge, the most promising ones first.
    """
    r = program.Z.shape[1]
    simple = slope_bound(program, g)
    if simple <= goal or r > MOST_DIMENSIONS or most < 2 ** (r + 1):
        return Steepest(simple, simple <= goal, 0, np.zeros((0, r)))
    orthants = np.array(list(product((1.0, -1.0), repeat=r)))[:, :, None] * np.eye(r)
    cones, sides = np.concatenate([orthants, orthants]), np.repeat([1.0, -1.0], len(orthants))
    bounds, seen, at = _bounds(program, g, cones, sides)
    looked, cost, closed = len(cones), len(cones), 0.0
    while True:
        goal = max(goal, seen * (1.0 + TIGHT))  # slopes that units have: no cone is below the largest
        open_ = bounds > goal
        closed = max(closed, float(bounds[~open_].max(initial=0.0)))
        order = np.argsort(-bounds[open_], kind="stable")
        cones, sides, bounds = cones[open_][order], sides[open_][order], bounds[open_][order]
        if not len(cones) or cost >= most or _longest(cones[:BATCH])[0].min() > 1.0 - TINY:
            break
        new, new_sides = _halved(cones[:BATCH]), np.tile(sides[:BATCH], 2)
        new_bounds, top, where = _bounds(program, g, new, new_sides)
        new_bounds = np.minimum(new_bounds, np.tile(bounds[:BATCH], 2))
        seen, at = (top, where) if top > seen else (seen, at)
        close = np.flatnonzero((new_bounds > goal) & (new_bounds < (1.0 + CLOSE) * goal))
        for i in close:
            new_bounds[i] = min(new_bounds[i], _line(program, new_sides[i] * g, new[i]))
        looked, cost = looked + len(new), cost + len(new) + LINE * len(close)
        cones = np.concatenate([cones[BATCH:], new])
        sides, bounds = np.concatenate([sides[BATCH:], new_sides]), np.concatenate([bounds[BATCH:], new_bounds])
    slope = min(max(closed, float(bounds.max(initial=0.0))) + 2.0 * program.rounding(g), simple)
    return Steepest(slope, not len(cones), looked, np.vstack([at[None], cones[:63].sum(axis=1)]))


def _longest(cones: Array) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """Return the least cosine between two rows of each cone, and which two."""
    m, r = cones.shape[:2]
    products = (np.einsum("mir,mjr->mij", cones, cones) + 2.0 * np.eye(r)).reshape(m, -1)
    place = products.argmin(axis=1)
    return products[np.arange(m), place], place // r, place % r


def _halved(cones: Array) -> Array:
    """Return the two halves of each cone (m, r, r), rows of unit length, all first ones before all second ones."""
    _, i, j = _longest(cones)
    every = np.arange(len(cones))
    middle = cones[every, i] + cones[every, j]
    middle /= np.linalg.norm(middle, axis=1)[:, None]
    first, second = cones.copy(), cones.copy()
    first[every, i], second[every, j] = middle, middle
    return np.concatenate([first, second])


def _bounds(program: Program, g: Array, cones: Array, sides: Array) -> tuple[Array, float, Array]:
    """Return a bound of the slopes, of sides times g, over each cone (m, r, r); the largest at a row, and that row."""
    leak, r = program.leak, cones.shape[1]
    G = (sides[:, None] * g)[:, None, :]
    T = cones @ program.Z.T
    middle = T.sum(axis=1, keepdims=True)
    chord = np.where(T > 0, T, leak * T)
    tangent = np.where(middle > 0, 1.0, leak) * T
    b, values = np.where(G > 0, G * chord, G * tangent).sum(axis=2), (G * chord).sum(axis=2)
    i, k = divmod(int(values.argmax()), r)
    lines = np.linalg.solve(cones, b[..., None])[..., 0]
    lengths = _mean_lengths(cones)
    bounds = np.minimum(_over(cones, b, lines, lengths), np.maximum(b.max(axis=1), 0.0) / lengths)
    return bounds, float(values[i, k]), cones[i, k]


def _mean_lengths(cones: Array) -> Array:
    """Return for each cone (m, r, r) a number that no mean of its rows is shorter than, shape (m,)."""
    least = np.clip(np.einsum("mir,mjr->mij", cones, cones).reshape(len(cones), -1).min(axis=1), 0.0, 1.0)
    return np.asarray(np.sqrt(least + (1.0 - least) / cones.shape[1]))


def _over(cones: Array, b: Array, lines: Array, lengths: Array) -> Array:
    """Return a bound of b . c over all c >= 0 with V^T c of length 1, V the cone (m, r, r): |l| for l with V l >= b.

    Lines l of thin cones have large rounding errors: by what V l is below b, the bound is raised.
    """
    sizes = np.linalg.norm(lines, axis=1)
    missing = (b - np.einsum("mir,mr->mi", cones, lines)).max(axis=1) + 4.0 * lines.shape[1] * EPS * sizes
    return np.asarray(sizes + np.maximum(missing, 0.0) / lengths)


def _line(program: Program, g: Array, cone: Array) -> float:
    """Return the least bound of a cone, over the slopes of terms with a kink in it and over its walls."""
    leak = program.leak
    T = cone @ program.Z.T
    kinked = (g < 0) & (T.min(axis=0) < 0) & (T.max(axis=0) > 0)
    chord = np.where(T > 0, T, leak * T)
    b = np.where(kinked, 0.0, g * chord).sum(axis=1)
    back = np.linalg.inv(cone)
    moves = np.column_stack([(g * program.Z.T)[:, kinked], back / np.linalg.norm(back, axis=0)])
    low, high = np.zeros(moves.shape[1]), np.full(moves.shape[1], np.inf)
    low[: int(kinked.sum())], high[: int(kinked.sum())] = leak, 1.0
    start, weights = back @ b, low.copy()
    free = np.ones(len(low), dtype=bool)
    for _ in range(TURNS):  # bounds from above are kept by fixing what goes beyond them
        begin = start + moves[:, ~free] @ weights[~free] + moves[:, free] @ low[free]
        weights[free] = low[free] + nnls(moves[:, free], -begin)[0]
        over = free & (weights > high)
        weights = np.minimum(weights, high)
        if not over.any():
            break
        free &= ~over
    line, count = start + moves @ weights, int(kinked.sum())
    above = b + (g * T)[:, kinked] @ weights[:count]
    return float(_over(cone[None], above[None], line[None], _mean_lengths(cone[None]))[0])
