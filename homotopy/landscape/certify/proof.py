r"""Newton's method to many digits, and the proof that a zero of the gradient is near and alone.

With c the point, C about the inverse of the Hessian H there and X the box of all x with max |x_i - c_i| <= r, every
zero of the gradient g in X is a fixed point of x - C g(x), whose derivative on X is I - C H(X). Hence

.. math:: |C g(c)| + q r < r, \qquad q = \| I - C H(X) \|_\infty

shows that there is a zero in X (Krawczyk's operator maps X into its interior), and q < 1 alone that there is at most
one: on a convex box g is one to one.

References
----------
R. Krawczyk, Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken, Computing 4 (1969); S. M. Rump,
Verification methods: rigorous results using floating-point arithmetic, Acta Numerica 19 (2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homotopy.landscape.certify.balls import Balls, Derivatives, around, flint, most, row_sum

__all__ = ["Isolated", "isolated", "lone", "settled"]

STEPS = 40
INFLATIONS = 12
SHRINKS = 80
LEAP = 80
"""The power of two by which a box is enlarged at first."""


@dataclass(frozen=True)
class Isolated:
    """A point whose box of half width `radius` holds exactly one critical point.

    Attributes
    ----------
    center : list of ball
        The point, exact.
    inverse : arb_mat
        About the inverse of the Hessian.
    radius : ball
        Exact and positive.
    """

    center: Balls
    inverse: Any
    radius: Any


def settled(derivatives: Derivatives, x: Balls) -> tuple[Balls | None, Any]:
    """Return where Newton's method from x comes to rest, and its first step's length (None where there is none).

    Returns
    -------
    center : list of ball or None
        Exact; None where the steps do not halve each time, or the Hessian is singular.
    first : ball or None
        The largest component of the first step.
    """
    arb, arb_mat, prec = flint().arb, flint().arb_mat, flint().ctx.prec
    start, first, last = x, None, None
    rest = arb(2) ** (-(2 * prec) // 3)
    for _ in range(STEPS):
        _, g, H = derivatives(x)
        try:
            step = arb_mat(H).mid().solve(arb_mat([[a] for a in g]).mid()).entries()
        except ZeroDivisionError:
            return None, first
        size = most([a.mid() for a in step])
        first = size if first is None else first
        x = [(a - b).mid() for a, b in zip(x, step, strict=True)]
        if size <= rest * most([*start, *x]):
            return x, first
        if last is not None and not 2 * size < last:
            return None, first
        last = size
    return None, first


def isolated(derivatives: Derivatives, center: Balls) -> Isolated | None:
    """Return a proof that one critical point lies very near an exact point, None where it fails."""
    arb, arb_mat, prec = flint().arb, flint().arb_mat, flint().ctx.prec
    _, g, H = derivatives(center)
    try:
        inverse = arb_mat(H).mid().inv().mid()
    except ZeroDivisionError:
        return None
    step = most((inverse * arb_mat([[a] for a in g])).entries())
    tiny = arb(2) ** -prec * (most(center) if most(center) > 0 else 1)
    radius = (2 * step).max(tiny).upper()
    for _ in range(INFLATIONS):
        if step + contraction(derivatives, inverse, center, radius) * radius < radius:
            return Isolated(center, inverse, radius)
        radius = (16 * radius).upper()
    return None


def contraction(derivatives: Derivatives, inverse: Any, center: Balls, radius: Any) -> Any:
    """Return an upper bound of the norm of I - C H on the box around a point; NaN where H is not bounded there."""
    try:
        _, _, H = derivatives(around(center, radius))
    except ArithmeticError:
        return flint().arb.nan()
    rows = (inverse * flint().arb_mat(H)).tolist()
    for i, row in enumerate(rows):
        row[i] = row[i] - 1
    return row_sum(rows)


def lone(derivatives: Derivatives, found: Isolated) -> tuple[Any, bool]:
    """Return the half width of a large box around the point with no other critical point, and whether there is an end.

    Returns
    -------
    width : ball
        Exact.
    bounded : bool
        False where the box could be larger still, at 1024 times the point's largest component (or 1, where that is 0):
        a quadratic function has no length of its own.

    Notes
    -----
    A box is enlarged by many powers of two while the proof holds; from there the contraction's growth, as a power of
    the width, gives a guess, which is halved, or doubled, and bisected to a quarter.
    """
    arb = flint().arb
    point, scale = (derivatives, found.inverse, found.center), most(found.center)
    scale = scale if scale > 0 else arb(1)
    below, leap = found.radius, arb(2) ** LEAP
    while contraction(*point, below * leap) < 1:
        below = (below * leap).mid()
        if below > leap * scale.max(1):
            return (1024 * scale).mid(), False
    guess = _reached(point, below)
    above, held, guided = (below * leap).mid(), False, guess is not None
    for _ in range(SHRINKS):
        if not above > below * 5 / 4:
            break
        middle = (below * above).sqrt()
        if guess is None:
            guess = middle if not guided else middle.min(2 * below) if held else middle.max(above / 2)
        trial, guess = guess.mid(), None
        held = below < trial < above and bool(contraction(*point, trial) < 1)
        if held:
            below = trial
        else:
            above = trial.min(above)
    return below, True


def _reached(point: tuple[Derivatives, Any, Balls], width: Any) -> Any:
    """Return the width at which the contraction, a power of it about `width`, is about 1; None where it is no power."""
    first, second = (contraction(*point, (width * factor).mid()) for factor in (1, 256))
    if not (0 < first < second < 1 and second > 16 * first):
        return None
    power = (second / first).log() / flint().arb(256).log()
    return (width * first ** (-1 / power)).mid()
