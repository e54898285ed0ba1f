"""Sweeps that hand over to arclength, singular starts, probability-one homotopies."""

import curves
import numpy as np
import pytest

from homotopy.continuation import (
    LBFGS,
    ArclengthNewton,
    DenseNewton,
    GradientDescent,
    GradientSystem,
    Guess,
    ProbabilityOne,
    RootSystem,
    Secant,
    probability_one,
    track,
)
from homotopy.errors import ArgumentError
from homotopy.homotopies import Activation, OneNeuron
from homotopy.objectives.functions import Himmelblau
from homotopy.problems import problem
from homotopy.status import Status

# ---------------------------------------------------------------- auto


def test_auto_sweeps_where_nothing_folds():
    family, center = curves.moving_quadratic()
    path = track(family, mode="auto")
    assert path.success
    assert path.notes == ()
    assert len(path.points) < 15
    np.testing.assert_allclose(path.x, center(1.0), atol=1e-9)


@pytest.mark.parametrize("predictor", [None, Secant()], ids=["tangent", "secant"])
def test_auto_hands_over_to_arclength_before_a_fold(predictor):
    path = track(curves.s_curve(), curves.S_START, mode="auto", predictor=predictor)
    assert path.success
    assert path.n_folds == 2
    assert path.x[0] == pytest.approx(curves.S_END, abs=1e-9)
    assert "arclength from t = 0.5" in path.notes[0]
    s = path.column("s")
    assert np.all(np.diff(s) > 0)
    for event, t in zip(path.events, curves.S_FOLDS, strict=True):
        assert event.point.t == pytest.approx(t, abs=1e-9)
        assert path.points[event.step].s <= event.point.s <= path.points[event.step + 1].s


def test_auto_hands_over_where_the_index_changes():
    path = track(curves.pitchfork(), np.zeros(1), t0=1.0, target=-1.0, mode="auto")
    assert path.success
    assert "index changed" in path.notes[0]
    assert [e.name for e in path.events] == ["BP"]


def test_modes_and_correctors_must_fit():
    family = curves.s_curve()
    assert track(family, curves.S_START, mode="natural").status is Status.STEP_TOO_SMALL
    assert not track(family, curves.S_START, mode="natural", corrector=ArclengthNewton()).success
    assert track(family, curves.S_START, mode="arclength", corrector=DenseNewton()).success
    with pytest.raises(ArgumentError, match="mode must be"):
        track(family, curves.S_START, mode="fast")
    with pytest.raises(ArgumentError, match="LBFGS follows minima"):
        track(family, curves.S_START, mode="auto", corrector=LBFGS())
    with pytest.raises(ArgumentError, match="on_singular"):
        track(family, curves.S_START, on_singular="ignore")


# ---------------------------------------------------------------- singular starts


def product():
    """1/2 (x y - t)^2 + (1 - t)-free: at t = 0 every point of both axes is a solution."""
    return GradientSystem(
        lambda x, t: (x[0] * x[1] - t) * np.array([x[1], x[0]]),
        2,
        value=lambda x, t: float(0.5 * (x[0] * x[1] - t) ** 2),
        jacobian=lambda x, t: np.array([[x[1] ** 2, 2 * x[0] * x[1] - t], [2 * x[0] * x[1] - t, x[0] ** 2]]),
        dt=lambda x, t: -np.array([x[1], x[0]]),
    )


def test_a_singular_start_is_said_to_be_singular_and_perturbed():
    path = track(product(), np.array([1.0, 0.0]), t0=0.0)
    assert "the start is singular: 1 of 2 eigenvalues" in path.notes[0]
    assert "(1 - t)" in path.message
    assert path.points[0].t == 0.0
    assert path.points[-1].t > 0.9
    stopped = track(product(), np.array([1.0, 0.0]), on_singular="stop")
    assert stopped.status is Status.SINGULAR
    assert stopped.notes == ()


def test_what_overflows_is_a_status_and_no_warning():
    # The path of the perturbed start of this homotopy leads through values that are not finite.
    target = problem("auer:d=3")
    family = OneNeuron(target.objective)
    for seed in range(3):
        path = track(family, family.start(seed), max_steps=50)
        assert isinstance(path.status, Status)
    steep = GradientSystem(
        lambda x, t: np.exp(800 * x) - 2 + t, 1, jacobian=lambda x, t: np.diag(800 * np.exp(800 * x)),
        dt=lambda x, t: np.ones(1),
    )  # fmt: skip
    for corrector in (DenseNewton(), LBFGS(), GradientDescent()):
        assert corrector.correct(steep, Guess(np.ones(1), 0.0)).status is Status.NON_FINITE


def test_a_singular_start_with_a_hessian_that_is_not_finite_is_no_exception():
    odd = GradientSystem(
        lambda x, t: x * 0.0, 1, jacobian=lambda x, t: np.array([[np.nan]]), dt=lambda x, t: np.zeros(1)
    )
    path = track(odd, np.zeros(1))
    assert path.status is Status.SINGULAR
    assert "not finite" in path.message


def test_the_perturbation_is_the_same_every_time_unless_a_generator_is_given():
    runs = [track(product(), np.array([1.0, 0.0]), rng=rng) for rng in (None, None, 5)]
    assert runs[0].points[0].x.tobytes() == runs[1].points[0].x.tobytes()
    assert runs[0].points[0].x.tobytes() != runs[2].points[0].x.tobytes()


@pytest.mark.parametrize("seed", range(3))
def test_the_linear_start_of_the_activation_homotopy_on_xor_is_said_to_be_singular(seed):
    # The product parametrization makes the linear net's solutions a manifold: a bifurcation point of the homotopy
    # (Coetzee and Stonick 1995, Neural Computation 7, 672-705).
    family = Activation(problem("xor:hidden=2").objective)
    start = family.start(seed)
    path = track(family, start, max_steps=300)
    assert "the start is singular" in path.notes[0]
    assert "of 9 eigenvalues" in path.notes[0]
    assert "was added" in path.message
    assert len(path.points) > 5
    assert path.points[0].t == 0.0
    assert track(family, start, on_singular="stop").status is Status.SINGULAR


# ---------------------------------------------------------------- probability one


def brown(n):
    """Brown's almost linear function."""

    def function(x):
        f = x + x.sum() - (n + 1)
        f[-1] = np.prod(x) - 1
        return f

    def jacobian(x):
        j = np.eye(n) + 1.0
        j[-1] = [np.prod(np.delete(x, k)) for k in range(n)]
        return j

    return function, jacobian


def trigonometric_exponential(n):
    """Toint's trigexp: tridiagonal, solution (1, ..., 1)."""

    def function(x):
        f = np.empty(n)
        f[0] = 3 * x[0] ** 3 + 2 * x[1] - 5 + np.sin(x[0] - x[1]) * np.sin(x[0] + x[1])
        a, b, c = x[:-2], x[1:-1], x[2:]
        f[1:-1] = -a * np.exp(a - b) + b * (4 + 3 * b * b) + 2 * c + np.sin(b - c) * np.sin(b + c) - 8
        f[-1] = -x[-2] * np.exp(x[-2] - x[-1]) + 4 * x[-1] - 3
        return f

    return function


def exponential_of_cosines(n):
    """x_i = exp(cos(i (x_1 + ... + x_n))), whose paths fold many times."""
    k = np.arange(1, n + 1)

    def function(x):
        return x - np.exp(np.cos(k * x.sum()))

    def jacobian(x):
        s = x.sum()
        return np.eye(n) + np.outer(np.exp(np.cos(k * s)) * np.sin(k * s) * k, np.ones(n))

    return function, jacobian


def powell(x):
    return np.array([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])


@pytest.mark.parametrize("n", range(5, 31, 5))
@pytest.mark.parametrize("seed", [0, 1])
def test_browns_function_is_solved(n, seed):
    function, jacobian = brown(n)
    path = track(probability_one(function, n, jacobian=jacobian, rng=seed, scale=0.1))
    assert path.success
    assert np.linalg.norm(function(path.x)) < 1e-9


@pytest.mark.parametrize("n", [5, 20])
def test_the_trigonometric_exponential_is_solved(n):
    path = track(probability_one(trigonometric_exponential(n), n, rng=0))
    assert path.success
    np.testing.assert_allclose(path.x, 1.0, atol=1e-9)


@pytest.mark.parametrize("n", [5, 10])
def test_the_exponential_of_cosines_is_solved_through_many_folds(n):
    function, jacobian = exponential_of_cosines(n)
    path = track(probability_one(function, n, jacobian=jacobian, rng=0), max_steps=2000)
    assert path.success
    assert path.n_folds >= 4
    assert np.linalg.norm(function(path.x)) < 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_powells_badly_scaled_function_is_solved(seed):
    a = np.random.default_rng(seed).uniform(0, 1, 2)
    path = track(probability_one(powell, 2, a=a))
    assert path.success
    np.testing.assert_allclose(np.sort(path.x), [1.0981593e-5, 9.1061467], rtol=1e-6)


def test_an_objective_s_gradient_is_solved_too():
    path = track(probability_one(Himmelblau(), rng=3))
    assert path.success
    assert np.linalg.norm(Himmelblau().grad(path.x)) < 1e-9


def test_probability_one_blends_its_ends():
    function, jacobian = brown(5)
    family = probability_one(function, 5, jacobian=jacobian, rng=0)
    x = np.random.default_rng(1).standard_normal(5)
    np.testing.assert_allclose(family.grad(x, 0.0), x - family.a)
    np.testing.assert_allclose(family.grad(x, 1.0), function(x))
    h = 1e-6
    np.testing.assert_allclose(
        family.dt_grad(x, 0.3), (family.grad(x, 0.3 + h) - family.grad(x, 0.3 - h)) / (2 * h), atol=1e-7
    )
    assert family.dt(x, 0.3) == pytest.approx((family.value(x, 0.3 + h) - family.value(x, 0.3 - h)) / (2 * h), rel=1e-6)
    with pytest.raises(ArgumentError, match="how many variables"):
        probability_one(function)
    with pytest.raises(ArgumentError, match="a has shape"):
        ProbabilityOne(RootSystem(lambda x, t: x, 2), np.zeros(3))
