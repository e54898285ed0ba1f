"""Classical test functions with every derivative, and their Gaussian smoothings where these are closed forms.

The homotopies of Lin et al.: X. Lin, Z. Yang, X. Zhang, Q. Zhang, Continuation path learning for homotopy
optimization, ICML 2023 (PMLR 202).
"""

from __future__ import annotations

from functools import cached_property
from math import perm, prod
from typing import Any

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import integer, numbers
from homotopy.errors import ArgumentError
from homotopy.linalg.dense import dense_hessian
from homotopy.objectives.base import Vector

__all__ = ["Ackley", "Himmelblau", "Polynomial", "Quadratic", "Rosenbrock"]

Matrix = NDArray[np.float64]


class Polynomial:
    r"""A polynomial of two variables, f(x, y) = sum c[i, j] x^i y^j.

    Parameters
    ----------
    coefficients : array_like of shape (m, n)
        c; finite.

    Raises
    ------
    ArgumentError
        If the coefficients are not a matrix of finite numbers.

    Examples
    --------
    >>> saddle = Polynomial([[0, 0, -1], [0, 0, 0], [1, 0, 0]])
    >>> saddle.value(np.array([3.0, 2.0]))
    5.0
    """

    size = 2

    def __init__(self, coefficients: ArrayLike) -> None:
        self.coefficients: Matrix = numbers("coefficients", coefficients)
        if self.coefficients.ndim != 2 or not np.isfinite(self.coefficients).all():
            raise ArgumentError("coefficients must be a matrix of finite numbers")
        self.coefficients.setflags(write=False)
        self._first = [polynomial.polyder(self.coefficients, axis=a) for a in (0, 1)]
        self._second = [[polynomial.polyder(g, axis=a) for a in (0, 1)] for g in self._first]

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        return float(polynomial.polyval2d(x[0], x[1], self.coefficients))

    def grad(self, x: Vector) -> Vector:
        """Return the gradient, shape (2,)."""
        return np.array([polynomial.polyval2d(x[0], x[1], g) for g in self._first])

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient."""
        return self.value(x), self.grad(x)

    def hessian(self, x: Vector) -> Matrix:
        """Return the Hessian, shape (2, 2)."""
        return np.array([[polynomial.polyval2d(x[0], x[1], h) for h in row] for row in self._second])

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian times v."""
        return np.asarray(self.hessian(x) @ v)

    def enclosed(self, x: list[Any]) -> tuple[Any, list[Any], list[list[Any]]]:
        """Return value, gradient and Hessian at two numbers of any kind, balls for one, without other rounding."""
        terms = [(i, j, c) for (i, j), c in np.ndenumerate(self.coefficients) if c]

        def part(a: int, b: int) -> Any:
            """Return the sum of the derivatives of order (a, b) of all terms."""
            total = 0 * x[0]
            for i, j, c in terms:
                if i >= a and j >= b:
                    powers = [x[0]] * (i - a) + [x[1]] * (j - b)
                    total = total + prod(powers, start=float(c) + 0 * x[0]) * (perm(i, a) * perm(j, b))
            return total

        return part(0, 0), [part(1, 0), part(0, 1)], [[part(2, 0), part(1, 1)], [part(1, 1), part(0, 2)]]

    def lacks(self, facet: str) -> str | None:
        """Return why the polynomial does not offer a facet: `smoothed` is here a smoothing at one width."""
        return "a polynomial is smoothed by one width at a time" if facet == "smoothed" else None

    def laplacian(self) -> Polynomial:
        """Return the polynomial f_xx + f_yy."""
        total = np.zeros_like(self.coefficients)
        for part in (self._second[0][0], self._second[1][1]):
            total[: part.shape[0], : part.shape[1]] += part
        return Polynomial(total)

    def smoothed(self, s: float) -> Polynomial:
        r"""Return E f(x + s u), u standard normal, exactly.

        Notes
        -----
        By the heat equation the smoothing is :math:`\sum_q (s^2 \Delta / 2)^q f / q!`, a finite sum. Its derivative
        in s is s times the Laplacian of the smoothed polynomial.
        """
        total, term, factor = self.coefficients.copy(), self, 1.0
        for q in range(1, sum(self.coefficients.shape) // 2 + 1):
            term, factor = term.laplacian(), factor * s * s / (2 * q)
            total += factor * term.coefficients
        return Polynomial(total)


class Rosenbrock(Polynomial):
    """Rosenbrock's valley (1 - x)^2 + 100 (y - x^2)^2, minimum 0 at (1, 1).

    Notes
    -----
    `smoothed` gives the exact Gaussian homotopy of Lin et al. (ICML 2023), who start at (-3, 2) with s = 1.5 (1 - t),
    :math:`100 x^4 + (-200 y + 600 s^2 + 1) x^2 - 2 x + 100 y^2 - 200 s^2 y + 300 s^4 + 101 s^2 + 1`.

    Examples
    --------
    >>> Rosenbrock().value(np.array([1.0, 1.0]))
    0.0
    """

    def __init__(self) -> None:
        c = np.zeros((5, 3))
        c[0, 0], c[1, 0], c[2, 0] = 1, -2, 1
        c[0, 2], c[2, 1], c[4, 0] = 100, -200, 100
        super().__init__(c)


class Himmelblau(Polynomial):
    """Himmelblau's function (x^2 + y - 11)^2 + (x + y^2 - 7)^2 with four minima of value 0, one at (3, 2).

    Notes
    -----
    `smoothed` gives the exact Gaussian homotopy of Lin et al. (ICML 2023), who start at (-3, -2) with s = 2 (1 - t),
    :math:`x^4 + (2 y + 6 s^2 - 21) x^2 + (2 y^2 + 2 s^2 - 14) x + y^4 + (6 s^2 - 13) y^2
    + (2 s^2 - 22) y + 6 s^4 - 34 s^2 + 170`.

    Examples
    --------
    >>> Himmelblau().value(np.array([3.0, 2.0]))
    0.0
    """

    def __init__(self) -> None:
        c = np.zeros((5, 5))
        c[0, 0], c[1, 0], c[2, 0], c[4, 0] = 170, -14, -21, 1
        c[0, 1], c[0, 2], c[0, 4], c[2, 1], c[1, 2] = -22, -13, 1, 2, 2
        super().__init__(c)


class Quadratic:
    """The quadratic form 1/2 x'Ax - b'x.

    Parameters
    ----------
    matrix : array_like of shape (n, n)
        A; symmetric.
    vector : array_like of shape (n,)
        b.

    Raises
    ------
    ArgumentError
        If A is not square and symmetric, or b does not fit.

    Examples
    --------
    >>> Quadratic([[2.0]], [2.0]).value(np.array([1.0]))
    -1.0
    """

    def __init__(self, matrix: ArrayLike, vector: ArrayLike) -> None:
        self.matrix: Matrix = numbers("matrix", matrix)
        self.vector: Vector = numbers("vector", vector)
        n = self.vector.size
        if self.vector.shape != (n,) or self.matrix.shape != (n, n):
            raise ArgumentError(
                f"matrix and vector must have shapes (n, n) and (n,), not {self.matrix.shape} and {self.vector.shape}"
            )
        if not np.array_equal(self.matrix, self.matrix.T):
            raise ArgumentError("matrix must be symmetric")
        self.size = n

    @cached_property
    def strong_convexity(self) -> float:
        """The least eigenvalue of A, less what rounding may add to it; 0 where A is not positive definite."""
        spectrum = np.linalg.eigvalsh(self.matrix)
        rest = self.size * float(np.finfo(np.float64).eps) * float(np.abs(spectrum).max())
        return max(float(spectrum[0]) - rest, 0.0)

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        return float(0.5 * x @ (self.matrix @ x) - self.vector @ x)

    def grad(self, x: Vector) -> Vector:
        """Return A x - b."""
        return np.asarray(self.matrix @ x - self.vector)

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient."""
        return self.value(x), self.grad(x)

    def hessian(self, x: Vector) -> Matrix:
        """Return A."""
        del x
        return self.matrix.copy()

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return A v."""
        del x
        return np.asarray(self.matrix @ v)

    def enclosed(self, x: list[Any]) -> tuple[Any, list[Any], list[list[Any]]]:
        """Return value, gradient and Hessian at n numbers of any kind, balls for one, without other rounding."""
        rows = [[a + 0 * x[0] for a in row] for row in self.matrix.tolist()]
        b = self.vector.tolist()
        Ax = [sum((a * c for a, c in zip(row, x, strict=True)), 0 * x[0]) for row in rows]
        value = sum(((p / 2 - q) * c for p, q, c in zip(Ax, b, x, strict=True)), 0 * x[0])
        return value, [p - q for p, q in zip(Ax, b, strict=True)], rows


class Ackley:
    """Ackley's function of n variables, minimum 0 at the origin among very many local ones.

    Parameters
    ----------
    n : int
        The number of variables.

    Notes
    -----
    f(x) = -20 exp(-r/5) - exp(mean cos(2 pi x_i)) + 20 + e with r the root mean square of x. It has a kink at the
    origin; there the derivatives are those of the second term.

    References
    ----------
    D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing, Kluwer 1987.

    Examples
    --------
    >>> round(Ackley(3).value(np.zeros(3)), 12)
    0.0
    """

    def __init__(self, n: int = 2) -> None:
        self.size = integer("n", n)

    def _parts(self, x: Vector) -> tuple[float, float, float]:
        """Return r, the factor 1/r or 0 at the origin, and exp(mean cos)."""
        r = float(np.sqrt(np.mean(x * x)))
        return r, 0.0 if r == 0 else 1 / r, float(np.exp(np.mean(np.cos(2 * np.pi * x))))

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        r, _, wave = self._parts(x)
        return float(-20 * np.exp(-0.2 * r) - wave + 20 + np.e)

    def grad(self, x: Vector) -> Vector:
        """Return the gradient, shape (n,)."""
        r, inverse, wave = self._parts(x)
        slope = 4 * np.exp(-0.2 * r) * inverse * x + 2 * np.pi * wave * np.sin(2 * np.pi * x)
        return np.asarray(slope / self.size)

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient."""
        return self.value(x), self.grad(x)

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian times v."""
        n = self.size
        r, inverse, wave = self._parts(x)
        sine, along = np.sin(2 * np.pi * x), float(x @ v) * inverse / n
        funnel = 4 * np.exp(-0.2 * r) * inverse * (v - x * along * (inverse + 0.2))
        waves = 4 * np.pi**2 * wave * (np.cos(2 * np.pi * x) * v - sine * float(sine @ v) / n)
        return np.asarray((funnel + waves) / n)

    def hessian(self, x: Vector) -> Matrix:
        """Return the Hessian, shape (n, n)."""
        return dense_hessian(lambda v: self.hessp(x, v), self.size).T
