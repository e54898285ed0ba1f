"""Descents against slow Python loops, and every ending."""

import signal
import threading
import time

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from homotopy._core.descent import CompiledRosenbrock
from homotopy.descent import (
    Adam,
    Cosine,
    Exponential,
    InverseTime,
    Momentum,
    Nesterov,
    Noise,
    Ramp,
    Rprop,
    descend,
)
from homotopy.errors import ArgumentError, EvaluationError
from homotopy.objectives.family import Homotopy
from homotopy.status import Budget, Status


class Function:
    """An objective in Python."""

    def __init__(self, size, function):
        self.size = size
        self.value_and_grad = function


def rosenbrock(x):
    return rosen(x), rosen_der(x)


class Shift(Homotopy):
    """H(x, t) = |x - t a|^2 / 2."""

    def __init__(self, a):
        self.a = np.asarray(a, dtype=float)
        self.size = len(a)
        self.seen = []

    def value_and_grad(self, x, t):
        self.seen.append(t)
        d = x - t * self.a
        return 0.5 * float(d @ d), d

    def hessp(self, x, t, v):
        return v

    def dt(self, x, t):
        return -float((x - t * self.a) @ self.a)

    def dt_grad(self, x, t):
        return -self.a

    def start(self, rng=None):
        return np.zeros(self.size)


def slow(rule, x, sizes):
    """Every rule in plain NumPy."""
    x = x.copy()
    u, v, steps = np.zeros_like(x), np.zeros_like(x), None
    for k, h in enumerate(sizes):
        g = rosen_der(x)
        if isinstance(rule, Adam):
            u = rule.beta * u + (1 - rule.beta) * g
            v = rule.beta2 * v + (1 - rule.beta2) * g**2
            m, s = u / (1 - rule.beta ** (k + 1)), v / (1 - rule.beta2 ** (k + 1))
            x = x - h * m / (np.sqrt(s) + rule.epsilon)
        elif isinstance(rule, Nesterov):
            u = rule.beta * u + g
            x = x - h * (g + rule.beta * u)
        elif isinstance(rule, Momentum):
            u = rule.beta * u + g
            x = x - h * u
        elif isinstance(rule, Rprop):
            steps = np.full_like(x, h) if k == 0 else steps
            turn = g * v
            steps = np.where(turn > 0, np.minimum(steps * rule.grow, rule.largest), steps)
            steps = np.where(turn < 0, np.maximum(steps * rule.shrink, rule.smallest), steps)
            v = np.where(turn < 0, 0.0, g)
            x = x - np.sign(v) * steps
        else:
            x = x - h * g
    return x


STARTS = np.random.default_rng(5).uniform(-0.5, 1.5, (7, 5))


@pytest.mark.parametrize("rule", ["gd", Momentum(0.8), Nesterov(0.8), Adam(), Rprop()])
@pytest.mark.parametrize("compiled", [True, False])
def test_rules_agree_with_plain_numpy(rule, compiled):
    objective = CompiledRosenbrock(5) if compiled else Function(5, rosenbrock)
    end = descend(objective, STARTS[0], rule=rule, step_size=1e-4, n_steps=60)
    np.testing.assert_allclose(end.x, slow(rule, STARTS[0], [1e-4] * 60), rtol=1e-11)
    assert end.status is Status.MAX_STEPS
    assert (end.n_steps, end.n_evaluations) == (60, 61)
    assert end.value == pytest.approx(rosen(end.x), rel=1e-12)
    assert end.grad_norm == pytest.approx(np.linalg.norm(rosen_der(end.x)), rel=1e-10)


@pytest.mark.parametrize("schedule", [Exponential(1e-3, last=0.1), Cosine(1e-3), InverseTime(1e-3, half=10)])
def test_step_sizes_follow_their_schedule(schedule):
    end = descend(CompiledRosenbrock(5), STARTS[0], step_size=schedule, n_steps=50)
    np.testing.assert_allclose(end.x, slow("gd", STARTS[0], schedule.values(np.arange(50.0), 50)), rtol=1e-12)


@pytest.mark.parametrize("size", [2, 5, 40])
@pytest.mark.parametrize("memory", [1, 3, 20])
def test_lbfgs_solves_rosenbrock(size, memory):
    start = np.random.default_rng(size).uniform(-2, 2, size)
    end = descend(CompiledRosenbrock(size), start, rule="lbfgs", memory=memory, gradient_tolerance=1e-6, n_steps=5000)
    assert end.status is Status.CONVERGED
    assert np.linalg.norm(rosen_der(end.x)) < 1e-6
    assert end.n_evaluations < 5000


def test_lbfgs_stops_at_the_target_at_every_evaluation():
    end = descend(CompiledRosenbrock(2), np.array([-1.2, 1.0]), rule="lbfgs", target=1e-3, record_every=1)
    assert end.status is Status.REACHED_TARGET
    assert end.value <= 1e-3
    assert end.cost_to_target == end.n_evaluations
    assert (end.trace[:-1, 1] > 1e-3).all()


def test_lbfgs_shrinks_the_step_at_values_that_are_not_finite():
    def log_barrier(x):
        if (x <= 0).any():
            raise EvaluationError("outside")
        return float((x - np.log(x)).sum()), 1 - 1 / x

    start = np.array([1e-3, 50.0])
    end = descend(Function(2, log_barrier), start, rule="lbfgs", step_size=1.0, gradient_tolerance=1e-9)
    assert end.status is Status.CONVERGED
    np.testing.assert_allclose(end.x, 1.0, atol=1e-8)


def test_lbfgs_is_never_endless():
    def cone(x):
        return float(np.abs(x).sum()), np.sign(x)

    def liar(x):
        return float(x @ x), -2 * x

    kink = descend(Function(3, cone), np.array([1.0, -0.3, 0.2]), rule="lbfgs", n_steps=10**6)
    assert kink.status in (Status.STEP_TOO_SMALL, Status.CONVERGED)
    wrong = descend(Function(3, liar), np.ones(3), rule="lbfgs", n_steps=10**6)
    assert wrong.status is Status.STEP_TOO_SMALL
    np.testing.assert_array_equal(wrong.x, np.ones(3))


def test_lbfgs_at_a_stationary_start_has_converged():
    end = descend(CompiledRosenbrock(3), np.ones(3), rule="lbfgs")
    assert end.status is Status.CONVERGED
    assert end.n_evaluations == 1


def test_every_ending():
    f, x = CompiledRosenbrock(5), STARTS[0]
    assert descend(f, x, step_size=1e-3, n_steps=3).status is Status.MAX_STEPS
    assert descend(f, x, step_size=1e-3, target=1e9).status is Status.REACHED_TARGET
    assert descend(f, x, step_size=1e-3, gradient_tolerance=1e9).status is Status.CONVERGED
    assert descend(f, x, step_size=1.0).status is Status.NON_FINITE
    assert descend(f, x, step_size=1e-9, plateau=(1e-3, 10), n_steps=1000).n_steps == 10
    end = descend(f, x, step_size=1e-4, budget=7)
    assert (end.status, end.n_evaluations) == (Status.BUDGET_SPENT, 7)
    end = descend(f, x, step_size=1e-12, n_steps=10**11, budget=Budget(seconds=0.05))  # hours without the budget
    assert end.status is Status.BUDGET_SPENT
    assert end.seconds < 60

    def stop(point):
        if point.n_iter == 30:
            raise StopIteration

    end = descend(f, x, step_size=1e-4, callback=stop, callback_every=10)
    assert (end.status, end.n_steps) == (Status.STOPPED_BY_CALLBACK, 30)


def test_lbfgs_keeps_to_its_budget():
    for budget in range(1, 40):
        end = descend(CompiledRosenbrock(5), STARTS[1], rule="lbfgs", budget=budget)
        assert end.n_evaluations <= budget
        assert end.status is Status.BUDGET_SPENT


@pytest.mark.parametrize("rule", ["gd", "adam", "lbfgs"])
def test_callback_sees_points_with_their_own_value(rule):
    points = []
    descend(CompiledRosenbrock(5), STARTS[0], rule=rule, step_size=1e-3, n_steps=9, callback=points.append)
    assert [p.n_iter for p in points] == list(range(1, 9))
    for point in points:
        assert point.value == pytest.approx(rosen(point.x), rel=1e-12)


def test_trace_holds_evaluations_and_values():
    end = descend(CompiledRosenbrock(5), STARTS[0], step_size=1e-4, n_steps=20, record_every=5)
    np.testing.assert_array_equal(end.trace[:, 0], [1, 6, 11, 16, 21])
    assert end.trace[0, 1] == pytest.approx(rosen(STARTS[0]))
    assert end.trace[-1, 1] == end.value


@pytest.mark.parametrize("rule", ["gd", "adam", "lbfgs"])
@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_a_start_does_not_see_the_others(rule, n_jobs):
    noise = None if rule == "lbfgs" else Noise(0.01, period=3)
    settings = {"rule": rule, "step_size": 1e-4, "n_steps": 80, "noise": noise}
    f = CompiledRosenbrock(5)
    many = descend(f, STARTS, rng=[100 + i for i in range(7)], n_jobs=n_jobs, **settings)
    for i, start in enumerate(STARTS):
        one = descend(f, start, rng=100 + i, **settings)
        np.testing.assert_array_equal(many.x[i], one.x)
        assert (many.value[i], many.status[i], many.n_evaluations[i]) == (one.value, one.status, one.n_evaluations)
    few = descend(f, STARTS[:2], rng=100, **settings)
    all_of_them = descend(f, STARTS, rng=100, n_jobs=n_jobs, **settings)
    np.testing.assert_array_equal(few.x, all_of_them.x[:2])


@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
@pytest.mark.parametrize("n", range(1, 7))
def test_every_variable_has_noise_of_its_own(kind, n):
    flat = Function(n, lambda x: (0.0, np.zeros_like(x)))
    noise = Noise(0.5, kind, period=1, share=1, annealing="none")
    x = descend(flat, np.zeros((300, n)), n_steps=2, noise=noise, rng=3).x
    variance = 0.25 / 3 if kind == "uniform" else 0.25
    np.testing.assert_allclose(x.var(axis=0), variance, rtol=0.4)
    assert np.all(np.abs(np.corrcoef(x.T) - np.eye(n)) < 0.3)


@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
def test_noise_has_its_distribution_and_its_end(kind):
    flat = Function(20001, lambda x: (0.0, np.zeros_like(x)))
    start = np.zeros(20001)
    once = descend(flat, start, n_steps=1, noise=Noise(0.5, kind, period=1, share=1, annealing="none"), rng=3)
    assert (once.x == 0).all()
    once = descend(flat, start, n_steps=2, noise=Noise(0.5, kind, period=1, share=1, annealing="none"), rng=3)
    variance = 0.25 / 3 if kind == "uniform" else 0.25
    assert abs(once.x.mean()) < 4 * np.sqrt(variance / 20001)
    assert once.x.var() == pytest.approx(variance, rel=0.05)
    assert np.abs(np.corrcoef(once.x[:-1], once.x[1:])[0, 1]) < 0.03
    assert np.abs(once.x).max() < 0.5 or kind == "gaussian"
    other = descend(flat, start, n_steps=2, noise=Noise(0.5, kind, period=1, share=1, annealing="none"), rng=4)
    assert not np.array_equal(once.x, other.x)


def test_a_homotopy_moves_t_and_ends_at_the_true_problem():
    shift = Shift([1.0, 2.0])
    end = descend(shift, np.zeros(2), schedule=Ramp(share=0.5), step_size=0.5, n_steps=40, target=1e-12)
    np.testing.assert_allclose(shift.seen[:21], np.arange(21) / 20)
    assert set(shift.seen[20:]) == {1.0}
    assert end.status is Status.REACHED_TARGET
    assert end.cost_to_target > 20
    np.testing.assert_allclose(end.x, [1, 2], atol=1e-5)


def test_lbfgs_follows_a_homotopy_to_its_end():
    end = descend(Shift([1.0, 2.0]), np.zeros(2), rule="lbfgs", schedule=Ramp(share=0.5), n_steps=10)
    np.testing.assert_allclose(end.x, [1, 2], atol=1e-8)
    assert end.status in (Status.CONVERGED, Status.MAX_STEPS)


def test_a_homotopy_at_one_t_is_a_plain_objective():
    shift = Shift([1.0, 2.0])
    end = descend(shift.at(0.5), np.zeros(2), step_size=0.5, target=1e-12, n_steps=100)
    assert end.status is Status.REACHED_TARGET
    assert set(shift.seen) == {0.5}
    with pytest.raises(ArgumentError, match="schedule"):
        descend(shift.at(0.5), np.zeros(2), schedule=Ramp())


def test_a_very_long_schedule_ends_at_its_end():
    shift = Shift([1.0, 2.0])
    end = descend(shift, np.zeros(2), schedule=Ramp(share=0.5), step_size=0.5, n_steps=300_001, target=1e-12)
    assert end.status is Status.REACHED_TARGET
    assert 150_000 <= end.n_steps <= 150_000 + 100
    assert (np.diff(shift.seen) >= 0).all()


def test_settings_of_each_start():
    f = CompiledRosenbrock(5)
    sizes, targets, budgets = np.array([1e-4, 2e-4]), np.array([1e9, 0.0]), np.array([50.0, 9.0])
    many = descend(f, STARTS[:2], step_size=sizes, target=targets, budget=budgets)
    assert list(many.status) == [Status.REACHED_TARGET, Status.BUDGET_SPENT]
    assert list(many.n_evaluations) == [1, 9]
    one = descend(f, STARTS[1], step_size=2e-4, budget=9)
    np.testing.assert_array_equal(many.x[1], one.x)


def test_an_error_in_python_comes_through():
    def broken(x):
        raise RuntimeError("no such function")

    for n_jobs in (1, 2):
        with pytest.raises(RuntimeError, match="no such function"):
            descend(Function(2, broken), np.zeros((3, 2)), n_jobs=n_jobs)


def interrupted_descent(n_jobs):
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        descend(CompiledRosenbrock(5), STARTS[:4], step_size=1e-12, n_steps=10**11, n_jobs=n_jobs)
    finally:
        timer.join()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_stops_every_thread(n_jobs, interruptible):
    begin = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        interrupted_descent(n_jobs)
    assert time.perf_counter() - begin < 60  # hours without the signal


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": "sgd"}, "rule must be"),
        ({"step_size": -1.0}, "step_size must be positive"),
        ({"n_steps": -1}, "n_steps must be"),
        ({"momentum": 0.9}, "GD has none"),
        ({"rule": "momentum", "momentum": 1.0}, r"momentum must be a number in \[0, 1\)"),
        ({"rule": "lbfgs", "memory": 0}, "memory must be"),
        ({"rule": "lbfgs", "noise": Noise(0.1)}, "noise goes with"),
        ({"plateau": (1, 0)}, "plateau must be"),
        ({"budget": -3}, "budget"),
        ({"n_jobs": 0}, "n_jobs must be"),
        ({"target": np.nan}, "target must be"),
        ({"gradient_tolerance": -1}, "gradient_tolerance"),
        ({"schedule": Ramp()}, "not one"),
    ],
)
def test_bad_arguments_get_one_sentence(settings, message):
    with pytest.raises(ArgumentError, match=message):
        descend(CompiledRosenbrock(5), STARTS[0], **settings)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_no_starts_are_no_descents(n_jobs):
    end = descend(CompiledRosenbrock(5), np.empty((0, 5)), n_jobs=n_jobs)
    assert end.x.shape == (0, 5)
    assert end.status.shape == (0,)
    assert end.trace == ()


def test_bad_starts_get_one_sentence():
    with pytest.raises(ArgumentError, match="starts has shape"):
        descend(CompiledRosenbrock(5), np.zeros(4))
    with pytest.raises(ArgumentError, match="one start"):
        descend(CompiledRosenbrock(5), np.zeros((2, 5)), callback=print)
    with pytest.raises(ArgumentError, match="has not both"):
        descend(print, np.zeros(5))
