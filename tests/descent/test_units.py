"""Descents do not depend on the units of x and f: s f(x / c) descends as f(x) does.

With powers of two for c and of four for s (factorizations take roots of it) every operation is exact, so that the
iterates must be equal bit for bit.
"""

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize import rosen, rosen_der

import homotopy as hp
from homotopy._core.family import Family
from homotopy.descent import Flat, descend, is_plain
from homotopy.homotopies.general.blend import Blend
from homotopy.models import MLP
from homotopy.models.losses import loss
from homotopy.objectives import EmpiricalRisk, Function, NetObjective
from homotopy.objectives.family import At
from homotopy.problems.base import Problem
from homotopy.status import Status

POWERS = [
    (0, 26),
    (0, -26),
    (0, 400),
    (0, -400),
    (27, 0),
    (-27, 0),
    (27, 26),
    (27, -26),
    (-27, 26),
    (-13, -200),
    (-3, 4),
]
BENDS = np.array([1.0, 10.0, 100.0])


def quartic(x):
    k = np.arange(1, x.size + 1)
    return float(np.sum((x - 1) ** 4 + k * (x - 0.3) ** 2)), 4 * (x - 1) ** 3 + 2 * k * (x - 0.3)


def plateau_and_bowl(x):
    """A value far from zero, and negative."""
    k = np.arange(1, x.size + 1)
    return float(np.sum(np.logaddexp(0, k * x)) + 0.05 * x @ x - 30), k / (1 + np.exp(-k * x)) + 0.1 * x


CASES = {
    "rosenbrock": (lambda x: (rosen(x), rosen_der(x)), np.array([-1.2, 1.0, 0.5, -0.7])),
    "quartic from zero": (quartic, np.zeros(5)),
    "negative values": (plateau_and_bowl, np.full(3, 2.0)),
}


class Scaled:
    """s f(x / c + shift)."""

    def __init__(self, f, size, c=1.0, s=1.0, shift=0.0):
        self.f, self.size, self.c, self.s, self.shift = f, size, c, s, shift

    def value_and_grad(self, x):
        value, grad = self.f(x / self.c + self.shift)
        return self.s * value, self.s / self.c * grad


@pytest.mark.parametrize("rule", ["lbfgs", "newton"])
@pytest.mark.parametrize("case", CASES)
def test_plain_functions_descend_alike_in_all_units(case, rule):
    f, start = CASES[case]
    settings = {"rule": rule, "n_steps": 200, "plateau": (1e-10, 20)}
    base = descend(Scaled(f, start.size), start, **settings)
    assert base.status is Status.CONVERGED
    for power, scale in POWERS:
        c, s = 2.0**power, 2.0**scale
        end = descend(Scaled(f, start.size, c, s), c * np.array([start, start]), **settings)
        for x, value, n, status in zip(end.x, end.value, end.n_evaluations, end.status, strict=True):
            np.testing.assert_array_equal(x / c, base.x)
            assert (value / s, n, status) == (base.value, base.n_evaluations, base.status)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("c", "s"), [(1e8, 1.0), (1e-8, 1.0), (1.0, 1e8), (1.0, 1e-8), (1e8, 1e-8), (3e-7, 7e5)])
def test_any_units_and_origins_lead_to_the_same_point(case, c, s):
    f, start = CASES[case]
    settings = {"rule": "lbfgs", "n_steps": 500, "gradient_tolerance": Flat(1e-6)}
    base = descend(Scaled(f, start.size), start, **settings)
    for shift in (0.0, 1.5):
        end = descend(Scaled(f, start.size, c, s, shift), c * (start - shift), **settings)
        assert end.status is base.status is Status.CONVERGED
        np.testing.assert_allclose(end.x / c + shift, base.x, rtol=1e-6, atol=1e-6)
        assert abs(end.n_evaluations - base.n_evaluations) <= 3 + 0.05 * base.n_evaluations


class Waves(NetObjective):
    """Outputs a sum_j b_j sin(w_j s), targets times a: the loss times a^2; parameters times c."""

    def __init__(self, a, c):
        self.a, self.c, self.size, self.s = a, c, 6, np.linspace(-3, 3, 40)
        self.loss = loss("squared")
        self.targets = self.loss.targets(a * (np.sin(2 * self.s) + 0.3 * self.s), 1)

    def forward(self, x):
        x = x / self.c
        return self.a * (np.sin(np.outer(self.s, x[3:])) @ x[:3])[:, None]

    def jvp(self, x, v):
        x, v = x / self.c, v / self.c
        phase = np.outer(self.s, x[3:])
        return self.a * (np.sin(phase) @ v[:3] + np.cos(phase) @ (x[:3] * v[3:]) * self.s)[:, None]

    def vjp(self, x, G):
        x, g = x / self.c, self.a * G[:, 0] / self.c
        phase = np.outer(self.s, x[3:])
        return np.concatenate([g @ np.sin(phase), x[:3] * ((self.s * g) @ np.cos(phase))])


@pytest.mark.parametrize("rule", ["lm", "lbfgs"])
def test_nets_in_python_descend_alike_in_all_units(rule):
    start = np.array([0.5, -0.3, 0.8, 1.7, 0.6, -0.4])
    settings = {"rule": rule, "n_steps": 60, "plateau": (1e-6, 20)}
    base = descend(Waves(1.0, 1.0), start, **settings)
    assert base.value < 0.1
    for power, half in [(0, 13), (0, -13), (20, 0), (-20, 0), (13, -13), (-13, 100)]:
        c, a = 2.0**power, 2.0**half
        end = descend(Waves(a, c), c * start, **settings)
        np.testing.assert_array_equal(end.x / c, base.x)
        assert (end.value / a**2, end.n_evaluations, end.status) == (base.value, base.n_evaluations, base.status)


@pytest.mark.parametrize("rule", ["lbfgs", "newton"])
@pytest.mark.parametrize("power", [-60, -26, 26, 44, 60])
def test_compiled_losses_descend_alike_in_all_units_of_the_loss(rule, power):
    rng = np.random.default_rng(0)
    x, s = rng.standard_normal((30, 3)), 2.0**power
    risk = EmpiricalRisk(MLP((3, 5, 1), "tanh"), "squared", x, np.sin(x.sum(axis=1)), l2=1e-3)
    starts = rng.standard_normal((2, risk.size))

    class Weighted:
        size, dt_grad = risk.size, None

        def __init__(self, weight):
            path = Family(risk.capsule(), weights=(weight, weight))
            self.value_and_grad, self.capsule = path.value_and_grad, path.capsule

    settings = {"rule": rule, "n_steps": 300, "plateau": (1e-8, 30)}
    base, end = (descend(At(Weighted(weight), 1.0), starts, **settings) for weight in (1.0, s))
    np.testing.assert_allclose(end.value / s, base.value, rtol=1e-6)
    assert (np.abs(end.n_evaluations - base.n_evaluations) <= 0.05 * base.n_evaluations).all()


@pytest.mark.parametrize("s", [1e-12, 1e-6, 1.0, 1e6, 1e10, 1e13, 1e15])
def test_minimize_takes_as_many_evaluations_at_every_scale(s):
    quadratic = hp.minimize(
        lambda x: float(0.5 * s * np.sum(BENDS * (x - 1) ** 2)), np.zeros(3), jac=lambda x: s * BENDS * (x - 1)
    )
    truth = scipy_minimize(lambda x: 0.5 * np.sum(BENDS * (x - 1) ** 2), np.zeros(3), method="L-BFGS-B").x
    assert quadratic.success
    assert quadratic.nfev <= 20
    np.testing.assert_allclose(quadratic.x, truth, atol=1e-5)
    np.testing.assert_allclose(quadratic.x, 1, atol=1e-8)
    banana = hp.minimize(lambda x: s * rosen(x), np.array([-1.2, 1.0]), jac=lambda x: s * rosen_der(x))
    assert banana.success
    assert banana.nfev <= 60
    assert banana.fun <= 1e-15 * s


@pytest.mark.parametrize("method", ["saddle-free", "gd:steps=300", "momentum:steps=300", "lbfgs"])
def test_methods_solve_plain_functions_alike_in_all_units(method):
    def run(power, scale):
        c, s = 2.0**power, 2.0**scale
        f = Scaled(quartic, 4, c, s)
        objective = Function(
            f.value_and_grad, True, 4, hessp=lambda x, v: s / c**2 * (12 * (x / c - 1) ** 2 + TWICE) * v
        )
        return c, hp.method(method).solve(Problem("quartic", objective, lambda rng: c * np.full(4, 2.0)))

    _, base = run(0, 0)
    for power, scale in POWERS[:2] + POWERS[4:]:
        c, end = run(power, scale)
        np.testing.assert_allclose(end.x / c, base.x, rtol=1e-13)
        assert (end.status, end.cost) == (base.status, base.cost)


TWICE = 2.0 * np.arange(1, 5)


def test_what_is_around_a_compiled_objective_has_its_units():
    risk = EmpiricalRisk(MLP((2, 2, 1)), "squared", np.eye(2), np.ones(2))
    assert not is_plain(risk)
    assert not is_plain(Blend(risk, risk))
    assert is_plain(Function(rosen, rosen_der, 2))
    assert is_plain(Waves(1.0, 1.0))


def test_a_flat_gradient_is_absolute_for_nets_and_relative_for_plain_functions():
    risk = EmpiricalRisk(MLP((2, 3, 1), "tanh"), "squared", np.eye(2), np.ones(2), l2=0.1)
    start = np.linspace(-1, 1, risk.size)
    assert 1e-7 < descend(risk, start, rule="lbfgs", n_steps=500, gradient_tolerance=Flat(1e-4)).grad_norm < 1e-4
    f = Scaled(lambda x: (rosen(x), rosen_der(x)), 2, s=1e9)
    first = np.linalg.norm(f.value_and_grad(np.zeros(2))[1])
    end = descend(f, np.zeros(2), rule="lbfgs", n_steps=500, gradient_tolerance=Flat(1e-4))
    assert end.status is Status.CONVERGED
    assert first * 1e-9 < end.grad_norm < first * 1e-3


def test_a_small_gradient_at_the_start_is_no_convergence():
    end = hp.minimize(lambda x: 1e-12 * rosen(x), np.array([-1.2, 1.0]), jac=lambda x: 1e-12 * rosen_der(x))
    np.testing.assert_allclose(end.x, 1, atol=1e-6)


@pytest.mark.parametrize("s", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("rule", ["lbfgs", "newton"])
def test_a_start_that_has_converged_costs_next_to_nothing(rule, s):
    f = Scaled(lambda x: (8.7 + float(x[0] * x[1] + x[2] ** 2), np.array([x[1], x[0], 2 * x[2]])), 3, s=s, shift=-0.7)
    at_saddle = np.full(3, 0.7) + 1e-16 * np.array([1, -1, 2])
    end = descend(f, at_saddle, rule=rule, n_steps=100, gradient_tolerance=Flat(1e-8))
    assert end.status is Status.CONVERGED
    assert end.n_evaluations <= 8


def test_a_kink_ends_a_descent_at_every_scale():
    for s in (1e-9, 1.0, 1e9):
        for c in (1e-6, 1.0, 1e6):
            f = Scaled(lambda x: (float(np.abs(x).sum()), np.sign(x)), 3, c, s)
            end = descend(f, c * np.array([1.0, -0.3, 0.2]), rule="lbfgs", n_steps=10**6)
            assert end.status in (Status.STEP_TOO_SMALL, Status.CONVERGED)
            assert end.n_evaluations < 10_000
