"""Deflation finds roots of all sizes alike, and says that it proves nothing."""

from itertools import product

import numpy as np
import pytest

from homotopy.continuation import (
    Deflated,
    DeflatedNewton,
    Deflation,
    GradientSystem,
    RootSystem,
    deflated_continuation,
    find_solutions,
)
from homotopy.errors import ArgumentError
from homotopy.landscape.deflating.solutions import Solutions
from homotopy.objectives.functions import Himmelblau


def polynomials(roots, *, turn=None):
    """The product of z_j - r over the roots r of each variable, z = turn x, and all its roots."""
    n = len(roots)
    turn = np.eye(n) if turn is None else turn

    def slope(z, rs):
        return sum(np.prod([z - other for m, other in enumerate(rs) if m != k]) for k in range(len(rs)))

    system = RootSystem(
        lambda x, t: np.array([np.prod(z - rs) for z, rs in zip(turn @ x, roots, strict=True)]),
        n,
        jacobian=lambda x, t: np.array([slope(z, rs) for z, rs in zip(turn @ x, roots, strict=True)])[:, None] * turn,
    )
    return system, [turn.T @ np.array(each) for each in product(*roots)]


def drawn(rng, n, size, degree):
    return [size * np.cumsum(rng.uniform(0.2, 1.5, degree)) * rng.choice([-1, 1]) for _ in range(n)]


def _scaled(f, c, s, b=0.0):
    return lambda x, t: s * f(x / c - b, t)


def check(found, true, rtol=1e-6):
    """Every root that was found is one, and none is there twice; returns how many."""
    nearest = [int(np.argmin([np.linalg.norm(x - r) for r in true])) for x in found]
    assert len(set(nearest)) == len(found)
    for x, k in zip(found, nearest, strict=True):
        np.testing.assert_allclose(x, true[k], rtol=rtol, atol=rtol * np.linalg.norm(true[k]))
    return len(found)


@pytest.mark.parametrize("seed", range(15))
def test_roots_of_sizes_from_1e_minus_6_to_1e6_in_one_polynomial(seed):
    rng = np.random.default_rng(seed)
    roots = 10.0 ** rng.uniform(-6, 6, rng.integers(2, 6)) * rng.choice([-1, 1])
    system, true = polynomials([np.sort(roots)])
    found = find_solutions(system, [np.ones(1)])
    assert check(found, true) == len(true)
    assert not found.complete
    assert "no proof" in found.note


@pytest.mark.parametrize("seed", range(10))
def test_roots_of_an_expanded_polynomial_are_those_of_numpy(seed):
    rng = np.random.default_rng(seed)
    coefficients = np.poly(10.0 ** rng.uniform(-3, 3, 4))
    system = RootSystem(
        lambda x, t: np.array([np.polyval(coefficients, x[0])]),
        1,
        jacobian=lambda x, t: np.array([[np.polyval(np.polyder(coefficients), x[0])]]),
    )
    true = [np.array([root.real]) for root in np.roots(coefficients) if abs(root.imag) < 1e-9 * abs(root)]
    found = find_solutions(system, [np.ones(1)], count=4)
    assert check(found, true) == 4
    assert found.complete
    assert found.note == "4 solutions found, which are all"


@pytest.mark.parametrize("size", [1e-6, 1e-2, 1.0, 1e6])
@pytest.mark.parametrize(("n", "degree"), [(2, 2), (2, 3), pytest.param(5, 2, marks=pytest.mark.slow)])
def test_systems_of_roots_of_one_size(n, degree, size):
    rng = np.random.default_rng(n)
    turn = np.linalg.qr(rng.standard_normal((n, n)))[0]
    system, true = polynomials(drawn(rng, n, size, degree), turn=turn)
    found = find_solutions(system, [size * rng.standard_normal(n) for _ in range(3)], count=len(true))
    n_found = check(found, true)
    assert n_found >= 0.75 * len(true)
    assert found.complete == (n_found == len(true))
    if not found.complete:
        assert f"of {len(true)}; further searches led nowhere" in found.note


@pytest.mark.parametrize("size", [1e-8, 1e-6, 1e-3, 1.0, 1e6])
def test_a_jacobian_by_differences_has_the_size_of_x(size):
    rng = np.random.default_rng(3)
    exact, true = polynomials(drawn(rng, 1, size, 4))
    assert check(find_solutions(RootSystem(exact.grad, 1), [size * np.ones(1)]), true) == 4
    wide, true = polynomials([np.array([-2e-6, 1e-4, 0.3, 50.0, 2e5])])
    assert check(find_solutions(RootSystem(wide.grad, 1), [np.ones(1)]), true) == 5
    zero = RootSystem(lambda x, t: np.expm1(x / size) * (x / size - 2), 1)
    found = sorted(float(x[0]) / size for x in find_solutions(zero, [np.full(1, 0.7 * size)]))
    assert found == pytest.approx([0.0, 2.0], abs=1e-9)


@pytest.mark.parametrize(("power", "scale"), [(0, 27), (0, -200), (27, 0), (-27, 0), (-27, 27), (13, -60)])
def test_powers_of_two_change_no_bit(power, scale):
    c, s = 2.0**power, 2.0**scale
    rng = np.random.default_rng(5)
    for n, degree in ((1, 4), (2, 2)):
        system, _ = polynomials(drawn(rng, n, 1.0, degree))
        start = rng.standard_normal(n)
        other = RootSystem(_scaled(system.grad, c, s), n, jacobian=_scaled(system.hessian, c, s / c))
        base, found = find_solutions(system, [start]), find_solutions(other, [c * start])
        assert len(base) == len(found) == degree**n
        np.testing.assert_array_equal(np.array(found) / c, np.array(base))


@pytest.mark.parametrize(("c", "s"), [(1e-8, 1.0), (1e8, 1e-8), (1e-3, 1e8)])
def test_any_units_and_a_shifted_origin_give_the_same_solutions(c, s):
    f = Himmelblau()
    base = np.array(sorted(x.tolist() for x in find_solutions(f, [np.ones(2)])))
    for b in (0.0, 7.0):
        moved = GradientSystem(
            _scaled(lambda x, t: f.grad(x), c, s, b),
            2,
            jacobian=_scaled(lambda x, t: np.array([f.hessp(x, e) for e in np.eye(2)]), c, s / c, b),
        )
        found = np.array(sorted((x / c - b).tolist() for x in find_solutions(moved, [c * (np.ones(2) + b)])))
        np.testing.assert_allclose(found, base, atol=1e-7)


@pytest.mark.parametrize("size", [1e-6, 1e-2, 1.0, 1e6])
def test_deflated_continuation_keeps_branches_of_every_size(size):
    # x^3 - x = 4 t - 2 in x / size: one solution outside the folds and three between them
    family = GradientSystem(
        lambda x, t: (x / size) ** 3 - x / size - (4 * t - 2),
        1,
        jacobian=lambda x, t: np.array([[3 * (x[0] / size) ** 2 - 1]]) / size,
    )
    table = deflated_continuation(family, [np.array([-1.5 * size])], [0.0, 0.2, 0.5, 0.8, 1.0])
    assert [len(row) for row in table] == [1, 1, 3, 1, 1]
    assert "at the time before there were 3" in table[3].note
    assert all(isinstance(row, Solutions) and not row.complete for row in table)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_what_has_no_root_has_no_solution(size):
    bowl = RootSystem(
        lambda x, t: (x / size - 1) ** 2 + 1e-20, 1, jacobian=lambda x, t: np.array([[2 * (x[0] / size - 1) / size]])
    )
    assert find_solutions(bowl, [np.array([3.0 * size])]) == []


def test_a_double_root_is_found_once():
    double = RootSystem(
        lambda x, t: (x - 1) ** 2 * (x - 3), 1, jacobian=lambda x, t: np.array([[(x[0] - 1) * (3 * x[0] - 7)]])
    )
    found = find_solutions(double, [np.array([0.2])])
    assert sorted(float(x[0]) for x in found) == pytest.approx([1.0, 3.0], abs=1e-6)


@pytest.mark.parametrize("size", [1e-6, 1e6])
@pytest.mark.parametrize("start", [0.0, 0.3])
def test_zero_is_a_root_like_others(size, start):
    cubic = RootSystem(
        lambda x, t: x * (x - size) * (x + 2 * size),
        1,
        jacobian=lambda x, t: np.array([[3 * x[0] ** 2 + 2 * size * x[0] - 2 * size**2]]),
    )
    found = sorted(float(x[0]) / size for x in find_solutions(cubic, [np.array([start * size])]))
    assert found == pytest.approx([-2.0, 0.0, 1.0], abs=1e-9)


def test_a_length_is_the_operators_own_unit():
    f, r, x = Himmelblau(), np.array([3.0, 2.0]), np.array([1.0, 0.5])
    for length in (1e-5, 1e5):
        value, slope = Deflation([r * length], length=length).value_and_slope(x * length)
        expected, by = Deflation([r]).value_and_slope(x)
        assert value == pytest.approx(expected)
        np.testing.assert_allclose(slope * length, by)
    near = Deflated(f, Deflation([r], length=0.1))
    h, v = 1e-5, np.array([0.6, -0.8])
    np.testing.assert_allclose(near.grad(x) @ v, (near.value(x + h * v) - near.value(x - h * v)) / (2 * h), rtol=1e-6)
    with pytest.raises(ArgumentError, match="length must be a positive number, or None"):
        Deflation(length=0.0)


def test_a_given_tolerance_is_absolute():
    f = Himmelblau()
    loose = find_solutions(f, [np.zeros(2)], newton=DeflatedNewton(tolerance=1e-3))
    assert loose
    assert all(np.linalg.norm(f.grad(x)) <= 1e-3 for x in loose)


def test_a_search_that_was_cut_says_so():
    alone = find_solutions(Himmelblau(), [np.zeros(2)], restart=False)
    assert 1 <= len(alone) <= 9
    found = find_solutions(Himmelblau(), [np.zeros(2)], max_solutions=3)
    assert (len(found), found.complete) == (3, False)
    assert found.note == "3 solutions found, the most that were asked for; there may be others"
    with pytest.raises(ArgumentError, match="count"):
        find_solutions(Himmelblau(), [np.zeros(2)], count=2.5)
