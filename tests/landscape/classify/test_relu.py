"""Relu nets at kinks: published points, points whose slopes to both sides are differences, many kinks at once."""

import numpy as np
import pytest
from landscape.classify.kinkednets import on_a_kink, one_sided
from landscape.classify.sampling import lowest_near
from scipy.linalg import null_space
from scipy.optimize import minimize

from homotopy.landscape import classified
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.problems import problem
from homotopy.problems.published import SWIRSZCZ_D1, SWIRSZCZ_D2

SETTINGS = [{}, {"hidden": 3}, {"d": 2, "k": 2}, {"d": 2, "l2": 1e-2}, {"activation": "leaky-relu:slope=0.2"}]


def test_the_published_points():
    found = classified(problem("swirszcz-d1").objective, SWIRSZCZ_D1)
    assert (found.kind, found.flat, found.n_symmetric, found.n_kinks) == ("minimum", 1, 1, 1)
    found = classified(problem("swirszcz-d2").objective, SWIRSZCZ_D2)
    # Beside the scales of two units the kink may move to the left, where x = 10 is fitted by the other piece.
    assert (found.kind, found.flat, found.n_symmetric, found.n_kinks) == ("minimum", 3, 2, 1)
    assert found.complete


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_a_kink_is_judged_as_the_slopes_to_its_sides_say(number):
    kinds = set()
    for seed in range(10):
        made = on_a_kink(seed, **SETTINGS[number])
        if made is None:
            continue
        risk, x, unit, _ = made
        up, down = one_sided(risk, x, unit)
        if min(abs(up), abs(down)) < 1e-4:
            continue
        want = "minimum" if up > 0 and down > 0 else "saddle" if up < 0 and down < 0 else "not stationary"
        found = classified(risk, x)
        kinds.add(found.kind)
        assert found.kind == want, (seed, up, down, found)
        if want == "minimum":
            assert lowest_near(risk, x, 1e-4) > -1e-13
        else:
            assert risk.value(found.lower) < risk.value(x)
    assert kinds


@pytest.mark.parametrize("case", range(8))
def test_several_kinks_at_once(case):
    rng = np.random.default_rng(case)
    d, n, l2 = 1 + case % 2, 8, [0.0, 1e-2][case // 2 % 2]
    X, y = rng.integers(-2, 3, (n, d)).astype(float), rng.integers(-3, 4, n).astype(float)
    risk = EmpiricalRisk(MLP((d, 2, 1), "relu"), "squared", X, y, l2=l2)
    rows = np.zeros((d, risk.size))
    samples = rng.choice(n, d, replace=False)
    rows[:, :d], rows[:, 2 * d] = X[samples], 1.0  # unit 0 is zero on these samples
    B = null_space(rows)

    def inner(s):
        value, grad = risk.value_and_grad(np.ascontiguousarray(B @ s))
        return value, B.T @ grad

    s = B.T @ rng.standard_normal(risk.size)
    for _ in range(4):
        s = minimize(inner, s, jac=True, method="BFGS", options={"gtol": 1e-13, "maxiter": 3000}).x
    x = np.ascontiguousarray(B @ s)
    if np.linalg.norm(inner(s)[1]) > 1e-9 or np.linalg.norm(x) > 60:
        x = np.ascontiguousarray(B @ (B.T @ rng.standard_normal(risk.size)))
        assert classified(risk, x).kind == "not stationary"
        return
    found = classified(risk, x)
    assert found.n_kinks >= len(samples)
    low = lowest_near(risk, x, 1e-3 * np.linalg.norm(x))
    if found.kind == "minimum":
        assert low > -1e-13
    else:
        assert found.kind in ("saddle", "not stationary")
        assert risk.value(found.lower) < risk.value(x)


def test_units_that_are_all_zero_or_never_on():
    risk = problem("swirszcz-d2").objective
    mean = float(np.mean(risk.y))
    found = classified(risk, np.array([0, 0, 0, 0, 0, 0, mean]))
    assert found.kind == "saddle"
    assert risk.value(found.lower) < risk.value(np.array([0, 0, 0, 0, 0, 0, mean]))
    found = classified(risk, np.array([-1.0, -1, -20, -20, 1, 1, mean]))
    assert (found.kind, found.flat, found.n_kinks) == ("minimum", 6, 0)


def test_no_verdict_depends_on_units():
    risk = problem("swirszcz-d1").objective
    for a, b in ((1e-4, 1e5), (1e5, 1e-4)):  # inputs, targets
        other = EmpiricalRisk(risk.model, "squared", a * risk.X, b * risk.y)
        x = SWIRSZCZ_D1 * np.array([1 / a, 1.0, b, b])
        found = classified(other, x)
        assert (found.kind, found.flat, found.n_kinks) == ("minimum", 1, 1), (a, b, found)


def test_nets_of_several_hidden_layers_and_zero_rows_are_only_sampled():
    rng = np.random.default_rng(0)
    risk = EmpiricalRisk(MLP((2, 3, 3, 1), "relu"), "squared", rng.standard_normal((10, 2)), rng.standard_normal(10))
    x = rng.standard_normal(risk.size)
    W, b = risk.model.unpack(x)[0]
    b[0] = -W[0] @ risk.X[3]
    found = classified(risk, x)
    assert (found.kind, found.n_kinks, found.complete) == ("not stationary", 1, False)
    student = np.vstack([np.eye(3)[:2], np.zeros((1, 3))]).ravel()
    teacher = TeacherStudent(3, 3)
    found = classified(teacher, student)
    assert (found.kind, found.n_kinks, found.order) == ("saddle", 1, 1)
    assert teacher.value(found.lower) < teacher.value(student)
    more = np.vstack([np.eye(3), np.zeros((1, 3))]).ravel()
    assert classified(TeacherStudent(3, 4), more).kind == "undecided"
