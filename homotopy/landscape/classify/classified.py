"""What a stationary point of any objective is, beyond its Hessian."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import null_space

from homotopy.arguments import numbers, vector
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.landscape.classify.escapes import escapes
from homotopy.landscape.classify.kinds import Classification
from homotopy.landscape.classify.kinked.kinks import kinks_of
from homotopy.landscape.classify.kinked.relu import relu_kind
from homotopy.landscape.classify.kinked.sampled import count_of_others, sampled_kind
from homotopy.landscape.classify.scaled import Scaled, scale_at
from homotopy.landscape.classify.smooth import smooth_kind
from homotopy.landscape.given import objective_of
from homotopy.landscape.symmetry.directions import symmetric_directions
from homotopy.objectives.base import Vector
from homotopy.objectives.curvature import curvature_at
from homotopy.objectives.function import checked
from homotopy.threads import one_blas_thread

__all__ = ["classified"]

MOST = 1500
"""Variables up to which the whole Hessian is decomposed."""
OPEN = ("not stationary", "undecided")
"""Kinds of points that may be on their way to infinity; flat minima may look so, too."""


@door
@one_blas_thread
def classified(objective: Any, x: Vector, *, symmetric: Any = None) -> Classification:
    """Return what a stationary point is.

    Parameters
    ----------
    objective : Objective or Problem
        With ``value_and_grad`` and, where it has them, ``hessp`` and ``hessian``.
    x : ndarray of shape (n,)
        A stationary point, to the accuracy of a descent.
    symmetric : array_like of shape (m, n) or None
        Directions of continuous symmetries at x, orthonormal rows: the value is the same along them, so that they are
        left out of what is looked at. None takes those of `homotopy.landscape.symmetric_directions`, where it knows the
        objective.

    Raises
    ------
    ArgumentError
        If the objective is none, x or the directions have another shape or are not finite, or the directions are not
        orthonormal.

    Notes
    -----
    1. Eigenvalues of the Hessian above 1e-7 of the largest decide where they can. Variables are measured in units of
       their own curvature about x, so that no verdict depends on the units of x, f or data.
    2. Along the soft directions that are left, the function that remains when all stiff ones are at their minimum is
       looked at on spheres: its least value has a sign and an order (`reduced`, `spheres`). Nothing is lost by that, as
       it may be along lines: (y - x^2)(y - 3 x^2) rises along every line through 0 and is no minimum.
    3. At kinks of nets with one hidden layer of relu or leaky relu units the slopes in all directions are an exact
       piecewise linear function: bounded least squares and linear programs tell whether one falls, and along which the
       value does not change at first order; there each smooth piece is judged as above (`kinked`). Nets with several
       hidden layers, and zero rows of a student on Gaussian inputs, are looked at by random directions only.
    4. Where directions without curvature are left, `escapes` tells a point on its way to infinity.

    Above 1,500 variables only the ends of the spectrum are computed, by Lanczos's method.

    A value counts as lower, or higher, where it is 30 times the rounding errors that differences of values show there.
    So "minimum" means that no lower value was found; it is a proof of nothing, as any verdict from values.

    References
    ----------
    D. Gromoll and W. Meyer, Topology 8 (1969), 361, for the splitting lemma; F. H. Clarke, "Optimization and nonsmooth
    analysis", 1983; K. Kawaguchi, "Deep learning without poor local minima", NIPS 2016, for saddles of deep linear nets
    without negative curvature; C. Yun, S. Sra, A. Jadbabaie, ICLR 2019 (arXiv 1802.03487).

    Examples
    --------
    >>> from homotopy.objectives.functions import Polynomial
    >>> monkey = Polynomial([[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]])
    >>> print(classified(monkey, np.zeros(2)))
    a saddle without descent at second order: the value falls with order 3
    """
    objective = objective_of(objective)
    checked(objective)  # or it is said what it lacks
    x = vector("x", x, objective.size, "the objective", finite=True)
    if x.size > MOST:
        return _by_lanczos(objective, x)
    along = _known(objective, x) if symmetric is None else _orthonormal(symmetric, x.size)
    with np.errstate(all="ignore"):
        scale, kinks = scale_at(objective, x), kinks_of(objective, x)
        basis = null_space(along / scale) if len(along) else None
        others = count_of_others(objective, x) if kinks is None else 0
        if others:
            found = sampled_kind(Scaled(objective, scale), x / scale, others)
        elif kinks is None:
            found = smooth_kind(Scaled(objective, scale), x / scale, basis, symmetric=len(along))
        else:
            found = relu_kind(objective, x, kinks.scaled(scale), along / scale, scale)
        if not found.n_kinks and (found.kind in OPEN or (found.kind == "minimum" and found.flat > found.n_symmetric)):
            way = escapes(objective, x)
            found = replace(found, kind="escape", verdict=way, flat=0) if way else found
    if found.lower is None:
        return found
    lower = scale * found.lower
    lower.setflags(write=False)
    return replace(found, lower=lower)


def _by_lanczos(objective: Any, x: Vector) -> Classification:
    """Return what the ends of the spectrum say of a point of many variables."""
    found = curvature_at(objective, x)
    if found.kind in ("minimum", "saddle", "maximum"):
        return Classification(found.kind, f"{found}, by Lanczos's method", 2, found.index, complete=False)
    text = f"{found}; what its Hessian leaves open is not looked at above {MOST} variables"
    return Classification("undecided", text, complete=False)


def _known(objective: Any, x: Vector) -> Any:
    """Return the directions of continuous symmetries of an objective, shape (m, n); m is 0 where none is known."""
    hidden = getattr(getattr(objective, "outputs", None), "hidden", None)
    if getattr(hidden, "homogeneous", False) and getattr(objective, "l2", 0.0):
        return np.zeros((0, x.size))  # the penalty holds the scales of relu units
    try:
        return symmetric_directions(objective, x)
    except ArgumentError:  # it is no net of a kind that has them
        return np.zeros((0, x.size))


def _orthonormal(symmetric: Any, n: int) -> Any:
    """Return the directions as rows."""
    rows = numbers("symmetric", symmetric)
    if rows.ndim != 2 or rows.shape[1] != n or not np.isfinite(rows).all():
        raise ArgumentError(f"symmetric has shape {rows.shape}; finite rows of {n} numbers are needed")
    if np.linalg.norm(rows @ rows.T - np.eye(len(rows))) > 1e-6:
        raise ArgumentError("symmetric must have orthonormal rows")
    return rows
