"""The 35 test functions of Moré, Garbow and Hillstrom with their standard starts and minima.

J. J. Moré, B. S. Garbow and K. E. Hillstrom, Testing unconstrained optimization software, ACM TOMS 7 (1981) 17-41:
f(x) = sum f_i(x)^2. The formulas were compared with two public codes, the starts and minima likewise.
"""

from dataclasses import dataclass

import numpy as np
from problems import mgh_fitted as fitted
from problems import mgh_variable as variable

__all__ = ["PROBLEMS", "SYSTEMS", "SumOfSquares"]


class SumOfSquares:
    """f(x) = |r(x)|^2, with the exact Jacobian by complex steps."""

    def __init__(self, residuals):
        self.residuals = residuals

    def r(self, x):
        """Return the residuals, shape (m,)."""
        return np.asarray(self.residuals(np.asarray(x)))

    def jacobian(self, x):
        """Return dr/dx, shape (m, n)."""
        steps = np.asarray(x) + 1e-150j * np.eye(np.size(x))
        return np.stack([self.r(row).imag for row in steps], axis=1) / 1e-150

    def value(self, x):
        r = self.r(x)
        return float(r @ r)

    def grad(self, x):
        return 2 * self.r(x) @ self.jacobian(x)


@dataclass(frozen=True)
class Known:
    """One function: start, minima of the paper (the global one first), and the minimizers where the paper has them.

    ``scales`` is how many of the starts x0, 10 x0, 100 x0 the authors' own test runs use; ``infimum`` are values that
    the paper says are approached at infinity.
    """

    name: str
    number: int
    residuals: object
    x0: np.ndarray
    minima: tuple
    x: tuple = ()
    scales: int = 1
    infimum: tuple = ()

    @property
    def function(self):
        return SumOfSquares(self.residuals)


def _fixed(number, residuals, x0, minima, x=(), scales=1, infimum=()):
    name = residuals.__name__
    return Known(name, number, residuals, np.array(x0, dtype=float), np.atleast_1d(minima), x, scales, infimum)


def _sized(number, residuals, x0, minima, **more):
    known = _fixed(number, residuals, x0, minima, **more)
    return Known(**{**vars(known), "name": f"{known.name}-{known.x0.size}"})


def _grid(n):
    return np.arange(1, n + 1) / (n + 1)


def _table():
    f, v, one = fitted, variable, np.ones
    yield _fixed(1, f.rosenbrock, [-1.2, 1], 0, ((1, 1),), 3)
    yield _fixed(2, f.freudenstein_roth, [0.5, -2], [0, 48.9842], ((5, 4), (11.41, -0.8968)), 3)
    yield _fixed(3, f.powell_badly_scaled, [0, 1], 0, ((1.098e-5, 9.106),), 2)
    yield _fixed(4, f.brown_badly_scaled, [1, 1], 0, ((1e6, 2e-6),))
    yield _fixed(5, f.beale, [1, 1], 0, ((3, 0.5),))
    yield _fixed(6, f.jennrich_sampson, [0.3, 0.4], 124.362, ((0.2578, 0.2578),))
    yield _fixed(7, f.helical_valley, [-1, 0, 0], 0, ((1, 0, 0),), 3)
    yield _fixed(8, f.bard, [1, 1, 1], 8.21487e-3, scales=3, infimum=(17.4286,))
    yield _fixed(9, f.gaussian, [0.4, 1, 0], 1.12793e-8)
    yield _fixed(10, f.meyer, [0.02, 4000, 250], 87.9458)
    yield _fixed(11, f.gulf, [5, 2.5, 0.15], 0, ((50, 25, 1.5),))
    yield _fixed(12, f.box, [0, 10, 20], 0)
    yield _fixed(13, f.powell_singular, [3, -1, 0, 1], 0, ((0, 0, 0, 0),), 3)
    yield _fixed(14, f.wood, [-3, -1, -3, -1], 0, ((1, 1, 1, 1),), 3)
    yield _fixed(15, f.kowalik_osborne, [0.25, 0.39, 0.415, 0.39], 3.07505e-4, scales=3, infimum=(1.02734e-3,))
    yield _fixed(16, f.brown_dennis, [25, 5, -5, -1], 85822.2, scales=3)
    yield _fixed(17, f.osborne_1, [0.5, 1.5, -1, 0.01, 0.02], 5.46489e-5)
    yield _fixed(18, f.biggs, [1, 2, 1, 1, 1, 1], [0, 5.65565e-3])
    yield _fixed(19, f.osborne_2, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], 4.01377e-2)
    for n, least in ((6, 2.28767e-3), (9, 1.39976e-6), (12, 4.72238e-10)):
        yield _sized(20, v.watson, np.zeros(n), least)
    yield _sized(21, v.extended_rosenbrock, [-1.2, 1] * 10, 0, x=(one(20),))
    yield _sized(22, v.extended_powell_singular, [3, -1, 0, 1] * 5, 0, x=(np.zeros(20),))
    for n, one_, two in ((4, 2.24997e-5, 9.37629e-6), (10, 7.08765e-5, 2.93660e-4)):
        yield _sized(23, v.penalty_1, np.arange(1.0, n + 1), one_)
        yield _sized(24, v.penalty_2, 0.5 * one(n), two)
    yield _sized(25, v.variably_dimensioned, 1 - np.arange(1, 11) / 10, 0, x=(one(10),), scales=3)
    yield _sized(26, v.trigonometric, one(10) / 10, [0, 2.79506e-5], scales=3)
    yield _sized(27, v.brown_almost_linear, 0.5 * one(10), [0, 1], scales=3)
    yield _sized(28, v.discrete_boundary_value, _grid(10) * (_grid(10) - 1), 0, scales=3)
    yield _sized(29, v.discrete_integral_equation, _grid(10) * (_grid(10) - 1), 0, scales=3)
    yield _sized(30, v.broyden_tridiagonal, -one(10), 0, scales=3)
    yield _sized(31, v.broyden_banded, -one(10), 0, scales=3)
    m = 10
    yield _sized(32, v.linear_full_rank, one(5), m - 5, x=(-one(5),))
    yield _sized(33, v.linear_rank_1, one(5), m * (m - 1) / (2 * (2 * m + 1)))
    yield _sized(34, v.linear_rank_1_zeros, one(5), (m * m + 3 * m - 6) / (2 * (2 * m - 3)))
    for n, least, scales in ((5, 0, 3), (6, 0, 3), (7, 0, 3), (8, 3.51687e-3, 1), (9, 0, 1), (10, 6.50395e-3, 1)):
        yield _sized(35, v.chebyquad, _grid(n), least, scales=scales)


PROBLEMS = {known.name: known for known in _table()}
SYSTEMS = (
    "rosenbrock",
    "powell_singular",
    "powell_badly_scaled",
    "helical_valley",
    "chebyquad-5",
    "chebyquad-6",
    "chebyquad-7",
    "chebyquad-9",
    "brown_almost_linear-10",
    "discrete_boundary_value-10",
    "discrete_integral_equation-10",
    "trigonometric-10",
    "broyden_tridiagonal-10",
    "broyden_banded-10",
)
"""Those with as many residuals as variables: F(x) = 0 is solvable (the paper's list of systems)."""
