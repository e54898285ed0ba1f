r"""The teacher-student risk in ball arithmetic, also where rows are parallel.

With unit vectors u, v of the rows, a their angle, e a unit vector along u - v and f one along u + v,

.. math:: K = \frac{|w| |v|}{2 \pi} (\sin a + (\pi - a) \cos a), \qquad
          \partial_w K = \frac{1}{2 \pi} (\sin a |v| u + (\pi - a) v),

and the second derivatives are (I. Safran and O. Shamir, ICML 2018; papers/mathematics.md, section 2)

.. math:: \partial_w^2 K = \frac{\sin a |v|}{2 \pi |w|} (I - u u^T + n n^T), \qquad
          \partial_w \partial_v K = \frac{1}{2 \pi} \big((\pi - a) I + M\big),

n the unit vector along v - \cos a u. M, the sum of two outer products that grow as 1 / sin a, is
tan(a/2) (u u^T + v v^T - 2 e e^T), and also cot(a/2) (2 f f^T - u u^T - v v^T): it goes to 0 at parallel rows and at
opposite ones, so that F is twice continuously differentiable wherever no row is 0.
"""

from __future__ import annotations

from typing import Any

from homotopy.errors import EvaluationError
from homotopy.landscape.certify.balls import Balls, dot, flint, norm, outer, unit

__all__ = ["TeacherBalls"]


class TeacherBalls:
    """Balls of value, gradient and Hessian of a `TeacherStudent` risk.

    Parameters
    ----------
    teacher : array of shape (k, d)
        The teacher's rows, taken as exact.
    n : int
        Student units.
    """

    def __init__(self, teacher: Any, n: int) -> None:
        self.teacher = [[flint().arb(float(v)) for v in row] for row in teacher]
        self.n = n

    def __call__(self, x: Balls) -> tuple[Any, Balls, list[Balls]]:
        """Return balls of the value, the gradient and the Hessian at every point of a box.

        Raises
        ------
        EvaluationError
            If a student's row may be 0 there.
        """
        d = len(self.teacher[0])
        rows = [_Row(x[i * d : (i + 1) * d]) for i in range(self.n)]
        for i, row in enumerate(rows):
            if not row.norm > 0:
                raise EvaluationError(f"row {i} of the student may be 0, where the risk is not smooth")
        targets = [_Row(row) for row in self.teacher if any(a != 0 for a in row)]
        half = flint().arb(1) / 2
        value = half * sum((_Pair(a, b).value() for a in targets for b in targets), flint().arb(0))
        g = [[half * a for a in row.entries] for row in rows]
        H = [[flint().arb(0)] * len(x) for _ in x]
        for i, row in enumerate(rows):
            value += half * half * row.norm * row.norm
            for m in range(i * d, (i + 1) * d):
                H[m][m] += half
            for target in targets:
                pair = _Pair(row, target)
                value -= pair.value()
                g[i] = [a - b for a, b in zip(g[i], pair.grad(), strict=True)]
                _add(H, i * d, i * d, pair.same(), -1)
            for j in range(i):
                pair = _Pair(row, rows[j])
                value += pair.value()
                _between(H, g, i, j, pair)
        return value, [a for row in g for a in row], H


class _Row:
    """A vector with its norm and direction."""

    def __init__(self, entries: Balls) -> None:
        self.entries, self.norm, self.unit = entries, norm(entries), unit(entries)


class _Pair:
    """K(w, v) and its derivatives, without cancellation near parallel and opposite rows.

    Numbers are enclosed in two ways, by u - v or u + v and by u . v; what is in both counts, since the second balls are
    several times as small where the rows are far from parallel.
    """

    def __init__(self, w: _Row, v: _Row) -> None:
        self.w, self.v = w, v
        self.less = [a - b for a, b in zip(w.unit, v.unit, strict=True)]
        self.more = [a + b for a, b in zip(w.unit, v.unit, strict=True)]
        minus, plus = norm(self.less), norm(self.more)
        # the angle is 2 asin(|u - v| / 2), and pi minus it 2 asin(|u + v| / 2)
        self.near = minus < plus
        short = (minus if self.near else plus) / 2
        half = short.intersection(flint().arb("0.5", "0.5")).asin()
        pi = flint().arb.pi()
        inner = dot(w.unit, v.unit)
        self.two_pi = 2 * pi
        self.rest = _both(pi - 2 * half if self.near else 2 * half, pi - inner.acos())
        self.sin = _both((2 * half).sin().nonnegative_part(), (1 - inner * inner).nonnegative_part().sqrt())
        self.cos = _both((2 * half).cos() if self.near else -(2 * half).cos(), inner)
        self.tan = half.tan()

    def value(self) -> Any:
        """Return K."""
        return self.w.norm * self.v.norm / self.two_pi * (self.sin + self.rest * self.cos)

    def grad(self) -> Balls:
        """Return the derivative in w."""
        a, b = self.sin * self.v.norm / self.two_pi, self.rest / self.two_pi
        return [a * u + b * v for u, v in zip(self.w.unit, self.v.entries, strict=True)]

    def same(self) -> list[Balls]:
        """Return the second derivative in w."""
        factor = self.sin * self.v.norm / (self.w.norm * self.two_pi)
        across = unit([v - self.cos * u for u, v in zip(self.w.unit, self.v.unit, strict=True)])
        A, B = outer(self.w.unit, self.w.unit), outer(across, across)
        return [[factor * ((1 if i == j else 0) - A[i][j] + B[i][j]) for j in range(len(A))] for i in range(len(A))]

    def cross(self) -> list[Balls]:
        """Return the second derivative in w and v."""
        E = outer(*[unit(self.less if self.near else self.more)] * 2)
        A, B = outer(self.w.unit, self.w.unit), outer(self.v.unit, self.v.unit)
        C = outer(self.w.unit, self.v.unit)
        factor = self.tan if self.near else -self.tan

        def entry(i: int, j: int) -> Any:
            squares = A[i][j] + B[i][j]
            found = _both(factor * (squares - 2 * E[i][j]), (C[i][j] + C[j][i] - self.cos * squares) / self.sin)
            return (found + self.rest if i == j else found) / self.two_pi

        return [[entry(i, j) for j in range(len(A))] for i in range(len(A))]


def _both(one: Any, other: Any) -> Any:
    """Return what lies in two balls that hold the same number; one of them may be infinite."""
    return one.intersection(other) if one.is_finite() and other.is_finite() else one if one.is_finite() else other


def _between(H: list[Balls], g: list[Balls], i: int, j: int, pair: _Pair) -> None:
    """Add the derivatives of K of rows i and j of the student."""
    d, turned = len(g[0]), _Pair(pair.v, pair.w)
    g[i] = [a + b for a, b in zip(g[i], pair.grad(), strict=True)]
    g[j] = [a + b for a, b in zip(g[j], turned.grad(), strict=True)]
    _add(H, i * d, i * d, pair.same(), 1)
    _add(H, j * d, j * d, turned.same(), 1)
    cross = pair.cross()  # symmetric, so that the transposed block is the same
    _add(H, i * d, j * d, cross, 1)
    _add(H, j * d, i * d, cross, 1)


def _add(H: list[Balls], row: int, column: int, block: list[Balls], sign: int) -> None:
    """Add a block, times 1 or -1, to a matrix."""
    for i, line in enumerate(block):
        for j, a in enumerate(line):
            H[row + i][column + j] += sign * a
