"""All the critical points that searches find, each once."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import choice, generator, integer, numbers
from homotopy.descent import descend
from homotopy.descent.settings import Flat
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.landscape.critical.collecting import Collector
from homotopy.landscape.critical.copies import Copies
from homotopy.landscape.critical.escaping import far_and_flat
from homotopy.landscape.critical.finding.deflated import deflate
from homotopy.landscape.critical.finding.exploring import explore
from homotopy.landscape.critical.finding.scattering import grows, scatter
from homotopy.landscape.critical.moving.follow import NEWTON, eigen, follow, step_lengths
from homotopy.landscape.critical.moving.surface import Array, Surface, natural_scale
from homotopy.landscape.critical.points import CriticalPoints
from homotopy.landscape.critical.separable.blocks import find_blocks
from homotopy.landscape.critical.separable.products import products
from homotopy.landscape.given import objective_of
from homotopy.objectives.base import Seed, compiled, drawn
from homotopy.objectives.function import checked
from homotopy.threads import one_blas_thread

__all__ = ["critical_points"]

LOOKED_AT = 64
"""Points whose Hessians say what variables are measured in."""
NEWTONS = 10.0
"""The least spread of different points, in Newton steps from the ends of descents."""
NEARBY = 16
"""Ends around which the curvature is looked at."""
MOST = 100_000
"""The most searches of a census whose caller does not say."""
STEPS = 3000
"""The most steps of a compiled descent."""


@door
@one_blas_thread
def critical_points(
    objective: Any,
    starts: Any = 200,
    *,
    rng: Seed = None,
    kinds: str = "all",
    max_searches: int | None = None,
) -> CriticalPoints:
    """Return the critical points of an objective that searches from random starts, and from points found, lead to.

    Parameters
    ----------
    objective : Objective or Problem
        A twice differentiable function.
    starts : int or ndarray of shape (r, n)
        How many random starts, drawn by the problem or the objective's own ``draw``, else standard normal; or the
        starts themselves.
    rng : Generator, int or None
        Draws them; equal ones give an equal census.
    kinds : {"all", "minima"}
        Whether saddles and maxima are looked for, too.
    max_searches : int or None
        The most searches in all. None is 100,000, and of more than a dozen variables, where a search costs their number
        cubed, 2e8 over that, but at least 1,000 and ten a start: a minute or less. `notes` say where that ended it.

    Returns
    -------
    CriticalPoints
        Each point once, symmetric copies counted in its multiplicity.

    Raises
    ------
    ArgumentError
        If an argument is not allowed, or starts are no points of the objective, or it computes in float32.

    Notes
    -----
    Searches end in damped Newton steps until the gradient g falls no more. A point is one if
    ``|g| <= 1e-10 |H| max(L, |z|)``, in variables z = x / s of curvature about one, with H the Hessian and L the length
    over which the ends of descents are spread, and the Newton step that is left is at most 1e-6 of that length. These
    are free of the units of f and of each variable; most points are far more accurate.

    First, coordinates are looked for in which f is a sum of functions of few variables each (`find_blocks`); such parts
    are searched alone. Else descents, Newton's method, eigenvector following of every index and least gradients begin
    at the starts, then along the eigenvectors of every point found, and then at random points around those known until
    two rounds find nothing new, eight searches from random points have ended at every point, and, of a function that
    grows in all directions, `morse_sum` is 1. Hits count searches from the starts alone.

    Where the data of a net look the same with inputs or outputs in another order, or with other signs (`mirrors`), the
    images of every point are points, too, and need not be met.

    Points on a curve of copies (units of relu that scale, mixed linear units) are one, at its balanced member. Sets of
    other degenerate points, such as nets without a penalty have, are told apart by the outputs on the data, of other
    functions by places 1e-2 L apart, so that a connected set may be listed as several points. Where a search ends far
    out or `escapes` says so, it is counted in ``n_escaped`` if it was a descent, and is no point.

    Examples
    --------
    >>> from homotopy.objectives.functions import Himmelblau
    >>> points = critical_points(Himmelblau(), 5, rng=0)
    >>> points, points.morse_sum
    (CriticalPoints(9: 4 of index 0, 4 of index 1, 1 of index 2), 1)
    """
    choice("kinds", kinds, ("all", "minima"))
    source = generator("rng", rng)
    objective, X = _starts(objective, starts, source)
    most = _most(*X.shape) if max_searches is None else integer("max_searches", max_searches)
    collector = _census(objective, X, source.spawn(1)[0], minima=kinds == "minima", most=most)
    return collector.points(len(X))


def _most(r: int, n: int) -> int:
    """Return how many searches there are where the caller does not say, of r starts in n variables."""
    return max(10 * r, min(MOST, max(1000, int(2e8 / n**3))))


def _census(
    objective: Any, X: Array, rng: np.random.Generator, *, minima: bool, most: int, whole: bool = False
) -> Collector:
    """Return what searches from these starts found; a `whole` function is not taken apart."""
    rough = Surface(objective, natural_scale(objective, X[:LOOKED_AT]))
    made = None if whole else _products(rough, rough.z(X), rng, minima=minima, most=most)
    ends = _descended(objective, X, rough) if made is None else rough.x(made)
    seen = _some(ends)
    seen = seen[~far_and_flat(rough, rough.z(seen), _distance(rough.z(X)))]
    surface = Surface(objective, natural_scale(objective, seen)) if len(seen) else rough
    Z, parts = surface.z(X), surface.z(ends)
    length = _length(surface, surface.z(seen), _spread(Z))
    curvature = _curvature(surface, parts[:NEARBY], length, rng)
    collector = Collector(surface, Copies(objective), length, curvature=curvature, most=most, home=_distance(Z))
    if made is not None:
        collector.take(parts, "product", hits=False)
        parts = surface.z(_descended(objective, X, surface))
    collector.take(parts, "descent", hits=True)
    if not minima:
        _from_starts(collector, Z)
        if made is None:
            explore(collector)
            explore(collector, deflate(collector, Z))
        collector.growing = grows(objective, collector, rng)
        if made is None:
            scatter(collector, rng)
    return collector


def _some(ends: Array) -> Array:
    """Return some of the points, evenly chosen."""
    return ends[:: -(-len(ends) // LOOKED_AT)]


def _products(surface: Surface, Z: Array, rng: np.random.Generator, *, minima: bool, most: int) -> Array | None:
    """Return the combinations of the points of the parts of a sum; None of a function that is none."""
    blocks = find_blocks(surface, Z, rng)
    if blocks is None:
        return None

    def census(block: Any, Y: Array) -> Array:
        inner = _census(block, Y, rng, minima=minima, most=most, whole=True)
        return np.array([point.x for point in inner.known.points]).reshape(-1, block.size)

    return products(surface, blocks, Z, census, minima=minima, most=most)


def _from_starts(collector: Collector, Z: Array) -> None:
    """Search from the starts by Newton's method, by eigenvector following and by least gradients."""
    m = len(Z)
    surface, length = collector.surface, collector.length
    collector.search(follow(surface, Z, np.full(m, NEWTON), length=length), "newton")
    uphill = np.arange(m) % collector.n_uphill
    names = np.where(uphill == 0, "saddle-free newton", "eigenvector following")
    collector.search(follow(surface, Z, uphill, length=length), names)
    collector.take(Z[: max(1, m // 4)], "gradient norm", hits=True)


def _starts(objective: Any, starts: Any, rng: np.random.Generator) -> tuple[Any, Array]:
    """Return the objective itself and the starts, shape (r, n)."""
    given = objective_of(objective)
    inner = checked(given)
    if getattr(getattr(inner, "model", None), "dtype", np.float64) != np.float64:
        raise ArgumentError("objective computes in float32; critical points need float64")
    n = int(inner.size)
    if not np.iterable(starts):
        r = integer("starts", starts)
        rows = [drawn(inner, rng) if given is objective else objective.start(rng) for _ in range(r)]
        return inner, np.array(rows, dtype=np.float64).reshape(r, n)
    X = numbers("starts", starts)
    if X.ndim != 2 or X.shape[1] != n or not len(X):
        raise ArgumentError(f"starts has shape {X.shape}; the objective needs (r, {n}), r at least 1")
    if not np.isfinite(X).all():
        raise ArgumentError("starts has entries that are not finite; every entry must be a finite number")
    return inner, X


def _descended(objective: Any, X: Array, surface: Surface) -> Array:
    """Return where descents end: compiled L-BFGS, or saddle-free Newton of what is not compiled."""
    if compiled(objective) is None:
        Z = surface.z(X)
        return surface.x(follow(surface, Z, np.zeros(len(Z), dtype=np.int64), length=_spread(Z)).Z)
    ends = descend(objective, X, rule="lbfgs", n_steps=STEPS, gradient_tolerance=Flat(1e-9)).x
    return np.where(np.isfinite(ends).all(axis=1, keepdims=True), ends, X)


def _distance(Z: Array) -> float:
    """Return the root mean square distance of starts from 0, or 1: as far as that, no point is far out.

    Their spread alone would not do, since starts may all be near one place.
    """
    return float(np.sqrt((Z**2).sum(axis=1).mean()) or 1.0)


def _spread(Z: Array) -> float:
    """Return the root mean square distance of points from their mean; of one point its distance from 0, or 1."""
    middle = np.sqrt(((Z - Z.mean(axis=0)) ** 2).sum(axis=1).mean())
    return float(middle or np.linalg.norm(Z[0]) or 1.0)


def _length(surface: Surface, Z: Array, starts: float) -> float:
    """Return over what length points are spread: that of the ends Z of descents where they differ, else of the starts.

    Where Newton steps from the ends are as long as they are spread, they are one degenerate point.
    """
    if not len(Z):
        return starts
    away = np.linalg.norm(Z - np.median(Z, axis=0), axis=1)
    cut = max(30.0 * float(np.median(away)), starts)  # most ends may be one point, and few others tell what is far
    spread = float(np.sqrt(np.mean(np.minimum(away, cut) ** 2)))
    size = float(np.median(np.linalg.norm(Z, axis=1)))
    w, V = eigen(surface.hessians(Z))
    with np.errstate(all="ignore"):
        steps = step_lengths(w, np.einsum("mji,mj->mi", V, surface.grads(Z)[1]))
    step = float(np.median(np.nan_to_num(np.linalg.norm(steps, axis=1), nan=np.inf)))
    if spread > 1e-4 * size and spread > NEWTONS * step:
        return spread
    return size if size > NEWTONS * step else starts


def _curvature(surface: Surface, Z: Array, length: float, rng: np.random.Generator) -> float:
    """Return the size of the curvature a length away from points."""
    ways = rng.standard_normal(Z.shape)
    w, _ = eigen(surface.hessians(Z + length * ways / np.linalg.norm(ways, axis=1, keepdims=True)))
    sizes = np.abs(w).max(axis=1)
    sizes = sizes[np.isfinite(sizes)]
    return float(np.median(sizes)) if sizes.size else 0.0
