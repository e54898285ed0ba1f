"""Proofs that a critical point is near, alone and of which index."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import integer, number, vector
from homotopy.doors import door, doors
from homotopy.landscape.certify.balls import Balls, Derivatives, around, flint, high, low, most, norm
from homotopy.landscape.certify.inertia import eigenvalue_bounds, negative, unseen
from homotopy.landscape.certify.offered import derivatives_of, differing
from homotopy.landscape.certify.proof import isolated, lone, settled
from homotopy.landscape.given import objective_of
from homotopy.objectives.base import Vector
from homotopy.objectives.function import Checked, checked
from homotopy.threads import one_blas_thread

__all__ = ["Enclosure", "enclose"]

MOST = 200
"""Variables up to which Hessians of balls are made."""
NEAR = 1e-9
"""A kink within this part of the largest component is held to be what stops Newton's method."""
_LOCK = threading.RLock()  # the precision of flint belongs to the process


@doors
@dataclass(frozen=True)
class Enclosure:
    """What is proven about a critical point near x.

    Attributes
    ----------
    verified : bool
        Whether it is proven that exactly one critical point lies in the box of half width `radius` around `x`.
    x : ndarray of shape (n,)
        The given point, read-only.
    radius : float
        Bound of the largest component of the distance from `x` to the true point, in units of x; infinite where nothing
        is proven.
    euclidean : float
        Bound of the Euclidean distance.
    unique_within : float
        No other critical point lies in the box of this half width around `x`; 0 where nothing is proven.
    nearest : ndarray of shape (n,) or None
        The true point to float64, read-only: its largest error is `error`, about one rounding.
    error : float
        Bound of the largest component of the distance from `nearest` to the true point.
    index : int or None
        The number of negative eigenvalues of the Hessian at the true point, none of which is 0; None where unproven.
    eigenvalues : ndarray of shape (n, 2)
        Bounds from below and above of its eigenvalues, ascending; infinite where nothing is proven.
    value : (float, float)
        Bounds from below and above of the value at the true point; infinite where nothing is proven.
    why : str
        In one sentence, why nothing, or no index, is proven; else empty.
    """

    verified: bool
    x: Vector
    radius: float = inf
    euclidean: float = inf
    unique_within: float = 0.0
    nearest: Vector | None = None
    error: float = inf
    index: int | None = None
    eigenvalues: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    value: tuple[float, float] = (-inf, inf)
    why: str = ""


@door
@one_blas_thread
def enclose(objective: Any, x: ArrayLike, *, within: float = 1e-4, precision: int = 256) -> Enclosure:
    r"""Return a proof by interval arithmetic that a true critical point lies near x, is alone there, and its index.

    Parameters
    ----------
    objective : Objective or Problem
        The mean loss of a perceptron of float64 weights on data (all activations and losses; relu and leaky relu where
        no pre-activation is near its kink; weights of samples and a penalty), a `TeacherStudent` risk, a `Polynomial`,
        a `Quadratic`; or one that has a method ``enclosed(x)``. That is given a list of n balls (``flint.arb``) and
        returns balls in which the value (a ball), the gradient (n) and the Hessian (n lists of n) are at *every* point
        of this box: arithmetic and functions of balls give that by themselves.
    x : array_like of shape (n,)
        The numerical critical point; at most 200 variables.
    within : float
        How far it may be from the true one, as a part of its largest component or of `unique_within`, the larger of
        the two; a point farther off is no critical point.
    precision : int
        Bits in which is computed, from 64 to 4096.

    Returns
    -------
    Enclosure
        ``verified`` False with a sentence in ``why`` where it cannot be proven: the point is none, or the Hessian may
        be singular there (flat directions, symmetries, saturated units, degenerate minima), the objective has a kink
        at hand or no enclosed derivatives. Data, weights and targets are taken as exact float64 numbers, so that the
        proof is about the function without any rounding.

    Raises
    ------
    ArgumentError
        If x is no finite vector of the objective's size, or `within` or `precision` is not allowed.
    MissingExtraError
        If python-flint is not installed.

    Notes
    -----
    Newton's method in ball arithmetic of so many bits, then Krawczyk's test in a box inflated from its last step
    (`homotopy.landscape.certify.proof`); the box in which the point is alone is enlarged as far as the same test goes.
    The index is counted by :math:`L D L^T` of the Hessian over the box (`homotopy.landscape.certify.inertia`). The
    objective's own values, gradients and products near x must agree with the middles of the balls, or the proof would
    be one of another function.

    Examples
    --------
    >>> from homotopy.objectives.functions import Himmelblau
    >>> proof = enclose(Himmelblau(), [-0.2708, -0.9230])
    >>> proof.verified, proof.index, proof.radius < 1e-4 < 0.1 < proof.unique_within
    (True, 2, True)
    >>> enclose(Himmelblau(), [1.0, 1.0]).verified
    False

    An objective of one's own, x cosh x - 2 x, whose derivatives any number has that can sinh and cosh:

    >>> import flint
    >>> class Own:
    ...     size = 1
    ...
    ...     def value_and_grad(self, x):
    ...         value, grad, _ = self.enclosed([flint.arb(a) for a in x.tolist()])
    ...         return float(value), [float(a) for a in grad]
    ...
    ...     def enclosed(self, x):
    ...         s, c = x[0].sinh(), x[0].cosh()
    ...         return x[0] * c - 2 * x[0], [c + x[0] * s - 2], [[2 * s + x[0] * c]]
    >>> proof = enclose(Own(), [0.78292])
    >>> proof.verified, proof.index, round(float(proof.nearest[0]), 12)
    (True, 0, 0.782922751343)
    """
    one = checked(objective_of(objective))
    one = one if all(hasattr(one, name) for name in ("value", "grad", "hessp")) else Checked(one)
    given = vector("x", x, one.size, "the objective", finite=True).copy()
    given.setflags(write=False)
    within = number("within", within, "a positive number below 1", above=0, below=1)
    precision = integer("precision", precision, least=64, most=4096)
    if given.size > MOST:
        return Enclosure(False, given, why=f"the objective has {given.size} variables; at most {MOST} are enclosed")
    with _LOCK, flint().ctx.workprec(precision):
        derivatives = derivatives_of(one)
        if isinstance(derivatives, str):
            return Enclosure(False, given, why=derivatives)
        try:
            return _proven(one, derivatives, given, within)
        except ArithmeticError as error:  # an evaluation at the point itself
            return Enclosure(False, given, why=str(error) or "the objective cannot be evaluated there")


def _proven(objective: Any, derivatives: Derivatives, given: Vector, within: float) -> Enclosure:
    """Return what can be proven near a point of an objective whose derivatives have balls."""
    other = differing(objective, derivatives, given)
    if other:
        return Enclosure(False, given, why=f"the objective's own {other} differs from that of its enclosed formula")
    start = [flint().arb(a) for a in given.tolist()]
    center, step = settled(derivatives, start)
    found = None if center is None else isolated(derivatives, center)
    if center is None or found is None:
        return Enclosure(False, given, why=_reason(derivatives, start, center or start, step))
    wide, bounded = lone(derivatives, found)
    box = around(center, found.radius)
    away = [a - b for a, b in zip(box, start, strict=True)]
    radius = most(away)
    reach = within * most(start).max(wide if bounded else flint().arb(1))
    if not radius <= reach:
        why = f"x is no critical point: the one to which Newton's method leads is {high(radius):.2g} away"
        return Enclosure(False, given, why=f"{why}, and {high(reach):.2g} at most counts as the same point")
    alone = (wide - most([a - b for a, b in zip(center, start, strict=True)])).lower()
    if not radius <= alone:
        why = (
            f"a critical point lies within {high(radius):.2g}, which is proven to be alone within {low(wide):.2g} of it"
        )
        return Enclosure(False, given, why=f"{why} only: another may be as near to x")
    value, _, H = derivatives(box)
    index = negative(H)
    nearest = np.array([float(a) for a in center])
    return Enclosure(
        True,
        given,
        radius=high(radius),
        euclidean=high(norm(away)),
        unique_within=low(alone),
        nearest=_frozen(nearest),
        error=high(most([a - b for a, b in zip(box, nearest.tolist(), strict=True)])),
        index=index,
        eigenvalues=_frozen(eigenvalue_bounds(H)),
        value=(low(value), high(value)),
        why="" if index is not None else "the sign of an eigenvalue cannot be told from 0",
    )


def _frozen(table: NDArray[np.float64]) -> NDArray[np.float64]:
    table.setflags(write=False)
    return table


def _reason(derivatives: Derivatives, start: Balls, end: Balls, step: Any) -> str:
    """Return why no critical point is proven near the start, in one sentence."""
    for x in (start, end):
        _, g, H = derivatives(x)
        if not all(a.is_finite() for line in [g, *H] for a in line):
            return "the derivatives are not finite there"
        zeros = unseen(H)
        if zeros:
            which = "an eigenvalue" if zeros == 1 else f"{zeros} eigenvalues"
            return (
                f"the Hessian has {which} that cannot be told from 0: the point is degenerate or not alone, "
                "as along a flat direction or a symmetry"
            )
    try:
        derivatives(around(start, NEAR * most(start)))
    except ArithmeticError as error:  # a kink so near that Newton's steps go to and fro across it
        return str(error)
    length = "" if step is None else f", the first {high(step):.2g} long,"
    return f"x is no critical point: Newton's steps from there{length} do not come to rest"
