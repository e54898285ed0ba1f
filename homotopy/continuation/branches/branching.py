"""The branching equation: all half-branches that leave a singular point, from the equation on its kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from homotopy.continuation.parts.linear import hessian_of
from homotopy.continuation.point import Direction, Metric
from homotopy.errors import EvaluationError
from homotopy.linalg import full
from homotopy.objectives.base import Vector
from homotopy.objectives.family import Homotopy

__all__ = ["DENSE", "Kernel", "Reduced", "half_branches", "kernel"]

Array = NDArray[np.float64]

DENSE = 400  # up to this many variables the kernel is taken from a singular value decomposition
GAP = 1e3  # between the singular values that vanish and those that do not
DEGREE = 4  # of the polynomial that stands for the branching equation
CHORDS = 60
RADII = (1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4)  # of the radius asked for, until one is small enough


@dataclass(frozen=True)
class Kernel:
    """The kernel of [A, b] at a point, of dimension k + 1, in coordinates in which the metric is the Euclidean.

    Attributes
    ----------
    basis : ndarray of shape (n + 1, k + 1)
        The tangent of the known branch first.
    range : ndarray of shape (n + 1, n - k)
        Of the orthogonal complement.
    left : ndarray of shape (n, k), right : ndarray of shape (n, n - k)
        What of F, its rows of size one, is the branching equation, and what is solved for the rest.
    values : ndarray of shape (n - k,)
        The singular values that do not vanish.
    rows : ndarray of shape (n,)
        What the rows of F are multiplied with.
    """

    basis: Array
    range: Array
    left: Array
    right: Array
    values: Array
    rows: Array

    @property
    def k(self) -> int:
        """The number of branching equations."""
        return int(self.left.shape[1])


def kernel(homotopy: Homotopy, x: Vector, t: float, along: Direction, metric: Metric) -> Kernel | None:
    """Return the kernel at a point; None if no gap tells which singular values vanish, or more than two do."""
    roots = np.sqrt(np.append(np.broadcast_to(metric.x_weight, x.shape), metric.t_weight))
    try:
        matrix = np.column_stack([full(hessian_of(homotopy, x, t)), homotopy.dt_grad(x, t)]) / roots
    except EvaluationError:
        return None
    sizes = np.linalg.norm(matrix, axis=1)
    if not np.isfinite(sizes).all():
        return None
    # A row that vanishes as a whole, as that of a pitchfork may, has the size of the largest, or that of F.
    largest = max(float(sizes.max()), 1e-3 * metric.residual)
    rows = 1.0 / np.where(sizes > 1e-6 * largest, sizes, largest)
    u, s, vt = np.linalg.svd(rows[:, None] * matrix)
    n = x.size
    k = _vanishing(s)
    if k is None:
        return None
    basis = vt[n - k :].T
    tangent = np.append(along.x, along.t) * roots
    inside = basis.T @ tangent
    length = float(np.linalg.norm(inside))
    if length < 0.9:  # the tangent of the branch lies in the kernel
        return None
    turn = np.linalg.qr(np.column_stack([inside / length, np.eye(k + 1)]))[0]
    turn[:, 0] = inside / length
    return Kernel(basis @ turn, vt[: n - k].T, u[:, n - k :], u[:, : n - k], s[: n - k], rows)


def _vanishing(s: Array) -> int | None:
    """Return how many of the singular values, in falling order, vanish: one or two, None if that is not clear."""
    padded = np.append(1.0, s)
    ratios = [padded[-1 - k] / max(padded[-k], 1e-300) for k in (1, 2, 3) if k < padded.size]
    gaps = [k for k, ratio in enumerate(ratios, start=1) if ratio > GAP]
    return gaps[-1] if gaps and gaps[-1] <= 2 else None


class Reduced:
    """The branching equation g(y) = 0 at a point, k equations in k + 1 unknowns."""

    def __init__(self, homotopy: Homotopy, x: Vector, t: float, metric: Metric, frame: Kernel) -> None:
        self.homotopy, self.origin, self.frame = homotopy, np.append(x, t), frame
        self.roots = np.sqrt(np.append(np.broadcast_to(metric.x_weight, x.shape), metric.t_weight))

    def point(self, y: Array) -> tuple[Array, Array] | None:
        """Return (x, t) as one array, and g, at coordinates y, the other equations solved by a chord iteration.

        None where that does not converge.
        """
        frame = self.frame
        ahead = frame.basis @ y
        w = np.zeros(frame.values.size)
        limit, last = 10.0 * float(np.linalg.norm(y)), np.inf
        for _ in range(CHORDS):
            z = self.origin + (ahead + frame.range @ w) / self.roots
            try:
                f = frame.rows * self.homotopy.grad(z[:-1], float(z[-1]))
            except EvaluationError:
                return None
            move = (frame.right.T @ f) / frame.values
            size = float(np.linalg.norm(move))
            if not np.isfinite(size) or size > limit:
                return None
            if size <= 1e-15 or (size >= 0.5 * last and size < 1e-11):
                return z, frame.left.T @ f
            w, last = w - move, size
        return None


def half_branches(reduced: Reduced, radius: float) -> tuple[list[Array], tuple[int, int]] | None:
    """Return the coordinates y at which branches leave an ellipsoid around the point, and which two are the known one.

    The radius along the known branch is given, or less where that is too far; that across it is what balances the
    terms of the equation. None where the equation cannot be evaluated, its zeros are no isolated points, or the known
    branch is not among them.

    Notes
    -----
    A polynomial of degree four stands for g: its zeros on the ellipsoid are found all, by their signs on a fine grid of
    the circle (k = 1) or by Newton's method from many points of the sphere (k = 2). No assumption is made on which
    terms vanish, so that pitchforks, transcritical points and points of contact are alike.
    """
    k = reduced.frame.k
    for along in radius * np.array(RADII):
        across = _balanced(reduced, along)
        if across is None:
            continue
        scale = np.append(along, np.full(k, across))
        model = _model(reduced, scale)
        if model is None:
            continue
        found = _on_circle(model) if k == 1 else _on_sphere(model)
        known = None if found is None or len(found) % 2 else _known(found)
        if found is not None and known is not None:
            return [scale * y for y in found], known
    return None


def _known(found: list[Array]) -> tuple[int, int] | None:
    """Return which two solutions are the two halves of the known branch.

    They lie to both sides along its tangent, and the chord between them is parallel to it.
    """
    ahead, behind = ([i for i, y in enumerate(found) if sign * y[0] > 0.95] for sign in (1.0, -1.0))
    pairs = [(float(np.linalg.norm(found[i][1:] - found[j][1:])), i, j) for i in ahead for j in behind]
    chord, *pair = min(pairs, default=(np.inf, 0, 0))
    return (pair[0], pair[1]) if chord < 0.2 else None


def _balanced(reduced: Reduced, along: float) -> float | None:
    """Return the radius across the branch at which the pure terms of g do not exceed the mixed ones; None if none."""
    k, across = reduced.frame.k, along
    while across > 1e-9 * along:
        pure = mixed = 0.0
        for i in range(k):
            for sign in (1.0, -1.0):
                side = np.zeros(k + 1)
                side[1 + i] = sign * across
                values = [reduced.point(side + shift * np.eye(k + 1)[0]) for shift in (0.0, along, -along)]
                if any(value is None for value in values):
                    pure = np.inf
                    break
                here, ahead, behind = (value[1] for value in values if value is not None)
                pure = max(pure, float(np.linalg.norm(here)))
                mixed = max(mixed, 0.5 * float(np.linalg.norm(ahead - behind)))
        if np.isfinite(pure) and pure <= 2.0 * mixed:
            return across
        across *= 0.3
    return None


def _exponents(m: int) -> Array:
    """Return the exponents of all monomials of m variables up to the degree."""
    chosen = [c for d in range(DEGREE + 1) for c in combinations_with_replacement(range(m), d)]
    return np.array([[c.count(i) for i in range(m)] for c in chosen])


def _monomials(y: Array, exponents: Array) -> Array:
    return np.asarray(np.prod(y[:, None, :] ** exponents[None], axis=2))


def _model(reduced: Reduced, scale: Array) -> Callable[[Array], Array] | None:
    """Return the polynomial for g in coordinates of size one: ``model(y)``, y of shape (m, k + 1), has shape (m, k)."""
    m = scale.size
    exponents = _exponents(m)
    draws = np.random.default_rng(0).standard_normal((3 * len(exponents), m))
    shells = draws / np.linalg.norm(draws, axis=1, keepdims=True)
    shells *= np.tile([1.0, 0.6, 1.2], len(exponents))[:, None]
    values = []
    for y in shells:
        at = reduced.point(scale * y)
        if at is None:
            return None
        values.append(at[1])
    sizes = np.abs(values).max(axis=0)
    if not (sizes > 0.0).all():
        return None
    matrix, wanted = _monomials(shells, exponents), np.array(values) / sizes
    coefficients, *_ = np.linalg.lstsq(matrix, wanted, rcond=None)
    if np.abs(matrix @ coefficients - wanted).max() > 0.02:
        return None
    return lambda y: np.asarray(_monomials(y, exponents) @ coefficients)


def _on_circle(model: Callable[[Array], Array]) -> list[Array] | None:
    """Return the zeros of one function on the unit circle."""
    angles = np.linspace(-0.1, 2.0 * np.pi - 0.1, 8001)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    values = model(circle)[:, 0]
    changes = np.flatnonzero(values[:-1] * values[1:] < 0.0)
    if np.count_nonzero(np.abs(values) < 1e-12) > 20:
        return None
    found = []
    for i in changes:
        share = values[i] / (values[i] - values[i + 1])
        angle = angles[i] + share * (angles[i + 1] - angles[i])
        found.append(np.array([np.cos(angle), np.sin(angle)]))
    return found


def _on_sphere(model: Callable[[Array], Array]) -> list[Array] | None:
    """Return the common zeros of two functions on the unit sphere, by Newton's method from many of its points."""
    rng = np.random.default_rng(1)
    y = rng.standard_normal((600, 3))
    y = np.vstack([y, y[:300] * [0.05, 1.0, 1.0], y[300:400] * [1.0, 0.05, 0.05]])  # many branches leave across
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    for _ in range(40):
        f = np.column_stack([model(y), 0.5 * (np.sum(y * y, axis=1) - 1.0)])
        slopes = np.stack([_slope(model, y, i) for i in range(3)], axis=2)
        whole = np.concatenate([slopes, y[:, None, :]], axis=1)
        good = np.abs(np.linalg.det(whole)) > 1e-14
        move = np.zeros_like(y)
        move[good] = np.linalg.solve(whole[good], f[good][:, :, None])[:, :, 0]
        length = np.linalg.norm(move, axis=1, keepdims=True)
        y = y - move * np.minimum(1.0, 0.3 / np.maximum(length, 1e-300))
    f = np.column_stack([model(y), 0.5 * (np.sum(y * y, axis=1) - 1.0)])
    y = y[np.abs(f).max(axis=1) < 1e-9]
    found: list[Array] = []
    for one in y:
        if all(np.linalg.norm(one - other) > 1e-4 for other in found):
            found.append(one)
    return found if len(found) <= 26 else None  # more are no isolated points


def _slope(model: Callable[[Array], Array], y: Array, i: int) -> Array:
    step = 1e-5 * np.eye(3)[i]
    return (model(y + step) - model(y - step)) / 2e-5
