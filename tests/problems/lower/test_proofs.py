"""Bounds by exhaustion: rows that contradict each other, one relu unit, one monotone unit, the axes of `auer`."""

from itertools import permutations
from math import factorial, log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import expit

from homotopy.models import MLP, RNN
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.recurrent import RecurrentRisk
from homotopy.problems.bounds import lower_bound
from homotopy.problems.lower.axes import auer_bound, least_of_one_axis
from homotopy.problems.lower.fewunits import few_units_bound, hermite_squares
from homotopy.problems.lower.onedirection import one_direction, orders
from homotopy.problems.lower.onerelu import least_kink, one_relu
from homotopy.problems.lower.repeated import repeated_inputs
from homotopy.problems.teachers import teacher
from homotopy.problems.traps import auer


def test_equal_rows_with_other_targets():
    X = [[0.0, 1.0], [0.0, 1.0], [2.0, 0.0], [2.0, 0.0], [2.0, 0.0]]
    net = MLP((2, 3, 1), "relu")
    squared = repeated_inputs(EmpiricalRisk(net, "squared", X, [0.0, 2.0, 5.0, 5.0, 5.0], l2=0.3))
    assert squared.value == pytest.approx(2 * 0.5 / 5)
    classes = repeated_inputs(EmpiricalRisk(net, "logistic", X, [0, 1, 1, 1, 0], weights=[1, 1, 2, 0, 2]))
    assert classes.value == pytest.approx(log(2))
    three = repeated_inputs(EmpiricalRisk(MLP((2, 3, 3)), "softmax", X, [0, 1, 2, 2, 2]))
    assert three.value == pytest.approx(2 / 5 * log(2))
    assert repeated_inputs(EmpiricalRisk(net, "squared", X, [1.0, 1.0, 5.0, 5.0, 5.0])) is None


def test_probabilities_leave_their_entropy():
    soft = EmpiricalRisk(MLP((1, 2, 1)), "logistic", [[0.0], [1.0]], [0.5, 1.0])
    assert repeated_inputs(soft).value == pytest.approx(log(2) / 2)
    waves = RecurrentRisk(RNN(1, 2, 1), "logistic", np.random.default_rng(0).standard_normal((2, 3, 1)), [0.5, 0.5])
    assert repeated_inputs(waves).value == pytest.approx(log(2))


@pytest.mark.parametrize("seed", range(8))
def test_one_relu_unit_on_one_input(seed):
    """Against a fine scan of kinks, with a regression at each."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    x = rng.integers(-6, 7, n).astype(float)
    y, w = rng.standard_normal(n), rng.uniform(0.1, 2.0, n)
    w = w / w.mean()
    found, best = least_kink(x, y, w), np.inf
    for kink in np.concatenate([np.linspace(-20, 7, 676), x]):
        for side in (1.0, -1.0):
            design = np.sqrt(w)[:, None] * np.column_stack([np.ones(n), np.maximum(side * (x - kink), 0.0)])
            rest = np.sqrt(w) * y - design @ np.linalg.lstsq(design, np.sqrt(w) * y, rcond=None)[0]
            best = min(best, rest @ rest / (2 * n))
    assert best - 5e-3 <= found <= best + 1e-12
    units = 1e5 * x - 3e7
    assert least_kink(units, y, w) == pytest.approx(found, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("apart", [1e-6, 1e-11, 1e-15])
def test_a_kink_between_inputs_that_nearly_agree_is_seen_in_any_units(apart):
    """A unit fits the last two points exactly, however near they are: what is left is that of the others' mean."""
    rng = np.random.default_rng(round(-np.log10(apart)))
    for unit in (1.0, 1e-140, 1e140):
        for side in (1.0, -1.0):
            x = side * np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0 * (1 + apart)]) * unit
            y = np.concatenate([rng.standard_normal(4), [7.0, 50.0]])
            left = 0.5 * np.sum((y[:4] - y[:4].mean()) ** 2) / 6
            assert least_kink(x, y, np.ones(6)) <= left * (1 + 1e-12)


def test_one_relu_unit_is_never_beaten_and_is_reached():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((2, 7))
    risk = EmpiricalRisk(MLP((1, 1, 1), "relu"), "squared", x[:, None], y)
    bound = one_relu(risk)
    starts = 3 * rng.standard_normal((60, risk.size))
    values = [minimize(risk.value_and_grad, start, jac=True, method="BFGS").fun for start in starts]
    assert not any(bound.contradicted(value) for value in values)
    assert bound.gap(min(values)) < 1e-4  # the kink is at an input, where descents slow down
    assert one_relu(EmpiricalRisk(MLP((1, 1, 1), "tanh"), "squared", x[:, None], y)) is None
    assert one_relu(EmpiricalRisk(MLP((1, 2, 1), "relu"), "squared", x[:, None], y)) is None


def test_orders_of_points_in_the_plane():
    X = np.random.default_rng(0).standard_normal((5, 2))
    found = {tuple(order) for order in orders(X)} | {tuple(order[::-1]) for order in orders(X)}
    assert len(found) == 5 * 4  # as n (n - 1) of points in general position
    angles = np.random.default_rng(1).uniform(0, 2 * np.pi, 4000)
    seen = {tuple(np.argsort(X @ [np.cos(a), np.sin(a)])) for a in angles}
    assert seen <= found <= set(permutations(range(5)))
    square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert (0, 3) not in {tuple(order[:2]) for order in orders(square)}
    assert [list(order) for order in orders(np.zeros((3, 2)))] == [[0, 1, 2]]


@pytest.mark.parametrize(("activation", "loss"), [("tanh", "squared"), ("relu", "squared"), ("softplus", "logistic")])
def test_one_monotone_unit(activation, loss):
    rng = np.random.default_rng(len(activation))
    X = rng.standard_normal((9, 2))
    y = rng.standard_normal(9) if loss == "squared" else rng.integers(0, 2, 9)
    risk = EmpiricalRisk(MLP((2, 1, 1), activation), loss, X, y)
    bound = one_direction(risk)
    starts = 3 * rng.standard_normal((25, risk.size))
    ends = [minimize(risk.value_and_grad, start, jac=True, method="L-BFGS-B").fun for start in starts]
    assert bound.value > 0
    assert not any(bound.contradicted(value) for value in ends)
    assert bound.gap(min(ends)) < 0.5 * min(ends)
    assert one_direction(EmpiricalRisk(MLP((2, 1, 1), "sin"), loss, X, y)) is None
    assert one_direction(EmpiricalRisk(MLP((2, 2, 1), activation), loss, X, y)) is None


def test_one_step_cuts_off_one_point_of_the_exclusive_or():
    """A tanh unit becomes a step in the limit: isotonic regression is its infimum."""
    bits = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    risk = EmpiricalRisk(MLP((2, 1, 1), "tanh"), "squared", bits, [0.0, 1.0, 1.0, 0.0])
    assert lower_bound(risk).value == pytest.approx(1 / 12)
    step = np.array([60.0, 60.0, -90.0, -1 / 3, 1 / 3])  # 2/3 at three points, 0 at (1, 1)
    assert lower_bound(risk).gap(risk.value(step)) < 1e-14


@pytest.mark.parametrize("hard", [False, True])
def test_the_axes_of_auer_are_separate(hard):
    copies = 8 if hard else 1
    bound = auer_bound(copies)
    values = [auer(d, hard).optimum for d in (1, 3, 7)]
    np.testing.assert_allclose(values, values[0], rtol=1e-12)
    assert 0 <= values[0] - bound.value < 1e-13
    w, b = np.meshgrid(np.linspace(-3, 30, 3301), np.linspace(-8, 8, 321))
    p, s, q = expit(0.3 * w + b), expit(b), expit(10 * w + b)
    grid = q**2 + copies * (p - 0.9) ** 2 + 10 * copies * (s - 0.5) ** 2
    least = least_of_one_axis(copies)
    assert least <= grid.min() < least + 1e-3
    risk = auer(2, hard).objective
    rng = np.random.default_rng(0)
    ends = [minimize(risk.value_and_grad, 4 * rng.standard_normal(3), jac=True, method="BFGS").fun for _ in range(30)]
    assert not any(bound.contradicted(value) for value in ends)
    assert bound.gap(min(ends)) < 1e-9


def test_hermite_coefficients_of_the_relu():
    """Against quadrature of the relu times normalized Hermite polynomials."""
    for m, square in enumerate(hermite_squares(4), start=1):
        basis = np.polynomial.hermite_e.HermiteE.basis(2 * m) / np.sqrt(float(factorial(2 * m)))
        found = quad(lambda z, basis=basis: z * basis(z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi), 0, np.inf)[0]
        assert found**2 == pytest.approx(square, rel=1e-6)
    assert hermite_squares(20000).sum() == pytest.approx(1 / 4 - 1 / (2 * np.pi), abs=1e-6)


@pytest.mark.parametrize(("k", "n", "d"), [(2, 1, 2), (3, 2, 3), (6, 5, 6), (6, 1, 6), (4, 2, 6), (8, 6, 4), (5, 1, 2)])
def test_a_student_of_fewer_units_keeps_a_risk(k, n, d):
    rng = np.random.default_rng(k + n)
    rows = np.eye(k, d) if d >= k and d < 6 else rng.standard_normal((k, d))
    risk, bound = TeacherStudent(k, n, d, teacher=rows), few_units_bound(rows, n)
    starts = rng.standard_normal((10, n * d))
    ends = [minimize(risk.value_and_grad, start, jac=True, method="L-BFGS-B").fun for start in starts]
    assert 0 < bound.value < min(ends)
    assert few_units_bound(3.0 * rows, n).value == pytest.approx(9.0 * bound.value, rel=1e-9)
    assert few_units_bound(rows, k) is None


def test_the_bound_of_an_orthonormal_teacher_is_a_closed_form():
    for k, n in ((2, 1), (5, 3), (9, 1)):
        closed = (k - n) * (1 / 4 - 1 / (2 * np.pi)) / 2
        assert closed * (1 - 1e-4) < teacher(k, n).lower.value < closed
    assert teacher(4, 4).lower.value == 0.0
