"""What a bound is, how a problem holds it, and that no named problem comes below its own."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from homotopy.errors import ArgumentError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.functions import Rosenbrock
from homotopy.problems import Bound, Problem, problem
from homotopy.problems.bounds import best, lower_bound
from homotopy.problems.published import PERMUTED_WEIGHTS, SWIRSZCZ_D1
from tests.problems.test_problems import NAMES

NAMES = [*NAMES, "xor:hidden=1", "xor:hidden=1,loss=logistic", "teacher:k=5,n=3", "linear:d=2,n=9,noise=0"]


def test_a_gap_is_told_with_its_certificate():
    bound = Bound(0.25, "a proof", rounding=1e-6)
    assert bound.gap(0.75) == 0.5
    assert bound.told(0.75) == "gap 0.5 above 0.25: a proof"
    assert bound.gap(0.25 - 5e-7) == 0.0
    assert not bound.contradicted(0.25 - 5e-7)
    assert math.isnan(bound.gap(math.nan))
    assert bound.told(math.nan) == ""
    assert bound.gap(math.inf) == math.inf


@pytest.mark.parametrize("unit", [1e-200, 1e-9, 1.0, 1e12])
def test_a_contradiction_is_told_in_every_unit(unit):
    bound = Bound(0.25 * unit, "a proof")
    assert not bound.contradicted(0.25 * unit * (1 - 1e-15))
    assert bound.gap(0.25 * unit * (1 - 1e-15)) == 0.0
    near = 0.25 * unit * (1 - 1e-9)  # as rounding of large terms may have it: told, and no contradiction
    assert not bound.contradicted(near)
    assert bound.gap(near) == near - bound.value < 0
    assert "below" in bound.told(near)
    assert "by rounding" in bound.told(near)
    wrong = 0.25 * unit * (1 - 1e-5)
    assert bound.contradicted(wrong)
    assert bound.gap(wrong) < 0
    assert "contradiction" in bound.told(wrong)
    assert "a proof" in bound.told(wrong)
    assert bound.contradicted(-math.inf)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((math.nan, "a proof"), "value"),
        ((math.inf, "a proof"), "value"),
        (("0", "a proof"), "value"),
        ((0.0, ""), "certificate"),
        ((0.0, None), "certificate"),
        ((0.0, "a proof", -1.0), "rounding"),
    ],
)
def test_a_bound_refuses_what_is_none(arguments, word):
    with pytest.raises(ArgumentError, match=f"^{word}"):
        Bound(*arguments)


def test_a_problem_takes_the_best_bound():
    risk = EmpiricalRisk(MLP((1, 2, 1)), "squared", [[0.0], [0.0], [1.0]], [0.0, 2.0, 5.0])
    plain = Problem("mine", risk, risk.draw)
    assert plain.lower.value == pytest.approx(1 / 3)
    assert "equal inputs" in plain.lower.certificate
    assert plain.bounded(0.1, "weaker").lower == plain.lower
    assert plain.bounded(0.4, "stronger").lower == Bound(0.4, "stronger")
    assert plain.bounded(1 / 3, "attained", optimum=1 / 3).target == pytest.approx(1 / 3 + 1e-6)
    assert plain.optimum is None
    assert Problem("mine", Rosenbrock(), lambda rng: rng.normal(size=2)).lower is None
    assert best([None, Bound(1, "first"), Bound(1, "second"), Bound(0, "third")]).certificate == "first"
    assert best([]) is None


def test_a_bound_is_computed_when_it_is_asked_for_and_once():
    calls = []

    def prove():
        calls.append(1)
        return Bound(-1.0, "a proof")

    mine = Problem("mine", Rosenbrock(), lambda rng: rng.normal(size=2), bound=prove)
    assert not calls
    assert mine.lower == mine.lower == Bound(-1.0, "a proof")
    assert len(calls) == 1
    assert Problem("mine", Rosenbrock(), mine.start, bound=lambda: None).lower is None


def test_wrong_bounds_are_refused():
    objective, start = Rosenbrock(), (lambda rng: rng.normal(size=2))
    with pytest.raises(ArgumentError, match=r"^bound must be a Bound"):
        Problem("mine", objective, start, bound=0.0)
    for wrong in (lambda: 0.0, lambda: lambda: None):
        with pytest.raises(ArgumentError, match=r"^bound must be a Bound"):
            _ = Problem("mine", objective, start, bound=wrong).lower
    with pytest.raises(ArgumentError, match="one of them is wrong") as caught:
        Problem("mine", objective, start, optimum=0.0, tolerance=1e-3, bound=Bound(0.01, "a proof"))
    assert "\n" not in str(caught.value)
    with pytest.raises(ArgumentError, match="one of them is wrong"):
        problem("xor").bounded(1.0, "nonsense")
    with pytest.raises(ArgumentError, match=r"^optimum"):
        problem("sine:hidden=2").bounded(0.0, "trivial", optimum="0")


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_named_problem_is_below_its_bound(name):
    chosen = problem(name)
    bound = chosen.lower
    assert bound is not None
    rng = np.random.default_rng(1)
    points = [chosen.start(rng) * scale for scale in (1.0, 0.3, 3.0) for _ in range(34)]
    low = min(points, key=chosen.objective.value)
    end = minimize(chosen.objective.value_and_grad, low, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    values = [chosen.objective.value(x) for x in [*points, end.x]]
    assert not any(bound.contradicted(value) for value in values)
    if chosen.optimum is not None:
        assert not bound.contradicted(chosen.optimum)


TIGHT = {
    "auer": 1e-12,
    "auer:hard=yes": 1e-12,
    "linear": 1e-11,
    "logistic": 1e-11,
    "swirszcz-d1": 1e-12,
    "swirszcz-d2": 0.0,
    "ts:act=tanh,d=3,h=4,N=50,teacher_seed=0,loss=logistic,labels=soft": 1e-14,
    "xor:hidden=0": 1e-14,
    "xor:hidden=2,activation=identity,loss=logistic": 1e-14,
    "yun": 0.0,
}


@pytest.mark.parametrize("name", TIGHT)
def test_optima_that_are_proved_are(name):
    chosen = problem(name)
    assert abs(chosen.optimum - chosen.lower.value) <= TIGHT[name]


def test_best_known_points_attain_the_bounds():
    d1 = problem("swirszcz-d1")
    best_unit = np.array([-1.0, 0.0, 3.0, 0.0])  # active at x = -1 alone, where the target is 3; the others' mean is 0
    assert d1.objective.value(best_unit) == pytest.approx(d1.lower.value, abs=1e-14)
    assert d1.lower.gap(d1.objective.value(SWIRSZCZ_D1)) == pytest.approx(0.4)
    assert problem("permuted").lower.gap(problem("permuted").objective.value(PERMUTED_WEIGHTS)) == 0.0
    teacher = problem("teacher:k=4")
    assert teacher.lower.gap(teacher.objective.value(np.eye(4)[::-1].ravel().copy())) < 1e-13


def test_rounding_of_a_risk_whose_terms_cancel_is_no_contradiction():
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1.0, 1e3):
        rows = scale * rng.standard_normal((12, 12))
        risk = TeacherStudent(12, 12, teacher=rows)
        values = [risk.value(rows[rng.permutation(12)].ravel() * (1 + 1e-9 * rng.standard_normal())) for _ in range(50)]
        assert all(lower_bound(risk).gap(value) >= 0.0 for value in values)
