"""Degenerate points of polynomials in random linear coordinates, of many units and sizes: all answers are known."""

import numpy as np
import pytest
from landscape.classify.polynomials import Monomials

from homotopy.errors import ArgumentError
from homotopy.landscape import classified

# Terms, the kind, the dimension of the flat set, the order that decides.
CASES = {
    "x^4 + y^2": ([(1, (4, 0)), (1, (0, 2))], "minimum", 0, 4),
    "x^3": ([(1, (3,))], "saddle", 0, 3),
    "x^3 + y^2": ([(1, (3, 0)), (1, (0, 2))], "saddle", 0, 3),
    "x^2 y": ([(1, (2, 1))], "saddle", 0, 3),
    "monkey": ([(1, (3, 0)), (-3, (1, 2))], "saddle", 0, 3),
    "x^2 - y^4": ([(1, (2, 0)), (-1, (0, 4))], "saddle", 0, 4),
    "y^4 - x^2": ([(-1, (2, 0)), (1, (0, 4))], "saddle", 0, 2),
    "(x^2 - y)^2": ([(1, (4, 0)), (-2, (2, 1)), (1, (0, 2))], "minimum", 1, 0),
    "-(x^2 - y)^2": ([(-1, (4, 0)), (2, (2, 1)), (-1, (0, 2))], "maximum", 1, 0),
    "x^2 y^2": ([(1, (2, 2))], "minimum", 1, 0),
    "x^2 (y^2 + z^2)": ([(1, (2, 2, 0)), (1, (2, 0, 2))], "minimum", 2, 0),
    "(x - y^2)(x - 3 y^2)": ([(1, (2, 0)), (-4, (1, 2)), (3, (0, 4))], "saddle", 0, 4),
    "(x^2 - y^4)(x^2 - 3 y^4)": ([(1, (4, 0)), (-4, (2, 4)), (3, (0, 8))], "saddle", 0, 8),
    "(x^2 - 2 y^4)^2 + y^8": ([(1, (4, 0)), (-4, (2, 4)), (5, (0, 8))], "minimum", 0, 8),
    "x^2 y^2 + x^6 + y^6": ([(1, (2, 2)), (1, (6, 0)), (1, (0, 6))], "minimum", 0, 6),
    "x^6 + y^4 + z^2": ([(1, (6, 0, 0)), (1, (0, 4, 0)), (1, (0, 0, 2))], "minimum", 0, 6),
    "(x - y z)^2 + y^4": ([(1, (2, 0, 0)), (-2, (1, 1, 1)), (1, (0, 2, 2)), (1, (0, 4, 0))], "minimum", 1, 0),
    "-x^4 - y^4": ([(-1, (4, 0)), (-1, (0, 4))], "maximum", 0, 4),
    "Motzkin without 1": ([(1, (4, 2)), (1, (2, 4)), (-3, (2, 2))], "maximum", 1, 0),
    "x^2 + y^2": ([(1, (2, 0)), (1, (0, 2))], "minimum", 0, 2),
    "x^2 + 0 y": ([(1, (2, 0))], "minimum", 1, 0),
    "x^2 - y^2 + 0 z": ([(1, (2, 0, 0)), (-1, (0, 2, 0))], "saddle", 0, 2),
}
UNITS = [{}, {"constant": 1.0}, {"unit": 1e-6, "length": 1e5, "constant": 3.0}, {"unit": 1e7, "length": 1e-5}]


SLOW = ("(x - y z)^2 + y^4", "x^6 + y^4 + z^2", "x^2 (y^2 + z^2)", "Motzkin without 1", "x^2 y^2", "-x^4 - y^4")


def wrong(name, seed, units):
    """What is not as it should be; None if all is right."""
    terms, kind, flat, order = CASES[name]
    f = Monomials(terms, seed=seed, **units)
    found = classified(f, f.middle)
    right = found.order == order or (order > 6 and found.order > 5)
    return None if right and (found.kind, found.flat) == (kind, flat) else (name, seed, units, found)


@pytest.mark.parametrize("name", [name for name in CASES if name not in SLOW])
def test_every_kind_is_told(name):
    assert wrong(name, 5, {"unit": 1e-6, "length": 1e5, "constant": 3.0}) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_kind_is_told_whatever_the_coordinates_and_units(name):
    for seed, units in zip((None, 0, 1, 2), UNITS, strict=True):
        assert wrong(name, seed, units) is None


@pytest.mark.parametrize("name", ["x^3 + y^2", "monkey", "x^2 - y^4", "(x - y^2)(x - 3 y^2)"])
def test_the_lower_point_of_a_saddle_is_lower_and_near(name):
    f = Monomials(CASES[name][0], seed=5, constant=2.0)
    found = classified(f, f.middle)
    assert f.value(found.lower) < 2.0
    assert 2.0 - f.value(found.lower) == pytest.approx(found.decrease, rel=1e-2)
    assert np.linalg.norm(found.lower - f.middle) < 0.3 * np.linalg.norm(f.middle)


def test_points_that_a_descent_has_not_quite_reached_are_told_as_well():
    for name in ("x^4 + y^2", "x^2 - y^4", "(x^2 - y)^2", "(x - y^2)(x - 3 y^2)"):
        terms, kind, flat, _ = CASES[name]
        f = Monomials(terms, seed=3, constant=1.0)
        x = f.middle + np.linalg.solve(f.A, [1e-4, 1e-8])
        found = classified(f, x)
        assert (found.kind, found.flat) == (kind, flat), name


@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e5])
@pytest.mark.parametrize("name", ["(x^2 - y)^2", "(x - y^2)(x - 3 y^2)"])
def test_the_origin_says_nothing_of_units(name, unit):
    """The stiff directions can be solved for only so far out: the sphere must not lie beyond."""
    terms, kind, flat, _ = CASES[name]
    a, b = 0.6, 0.8  # a rotation, so that the stiff direction is none of the axes

    class Turned:
        size = 2

        def value_and_grad(self, z):
            x, y = a * z[0] + b * z[1], a * z[1] - b * z[0]
            value = sum(c * x**i * y**j for c, (i, j) in terms)
            gx = sum(c * i * x ** max(i - 1, 0) * y**j for c, (i, j) in terms)
            gy = sum(c * j * x**i * y ** max(j - 1, 0) for c, (i, j) in terms)
            return unit * value, unit * np.array([a * gx - b * gy, b * gx + a * gy])

        def hessian(self, z):
            g = [self.value_and_grad(z + 1e-5 * e)[1] - self.value_and_grad(z - 1e-5 * e)[1] for e in np.eye(2)]
            return np.array(g) / 2e-5

    found = classified(Turned(), np.zeros(2))
    assert (found.kind, found.flat) == (kind, flat)


def test_arguments():
    f = Monomials(CASES["monkey"][0])
    for x in (np.zeros(3), [0.0, np.nan], "x"):
        with pytest.raises(ArgumentError, match="x "):
            classified(f, x)
    with pytest.raises(ArgumentError, match="symmetric must have orthonormal rows"):
        classified(f, np.zeros(2), symmetric=[[1.0, 1.0]])
    with pytest.raises(ArgumentError, match="symmetric has shape"):
        classified(f, np.zeros(2), symmetric=[1.0, 1.0])


def test_above_1500_variables_only_the_ends_of_the_spectrum_are_looked_at():
    class Diagonal:
        def __init__(self, d):
            self.d, self.size = d, d.size

        def value_and_grad(self, x):
            return 0.5 * float(self.d @ (x * x)), self.d * x

        def hessp(self, x, v):
            return self.d * v

    d = np.linspace(1.0, 2.0, 1600)
    assert classified(Diagonal(d), np.zeros(1600)).kind == "minimum"
    d[:3] = -1.0
    assert classified(Diagonal(d), np.zeros(1600)).kind == "saddle"
    d[:3] = 0.0
    found = classified(Diagonal(d), np.zeros(1600))
    assert found.kind == "undecided"
    assert "1500 variables" in found.verdict
