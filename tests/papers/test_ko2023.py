"""A neural ODE with a coupling that fades: derivatives, the solution, the ladder, the optimizer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import erf

pytest.importorskip("jax")

from homotopy.papers.ko2023 import PAPER, Synchronized, ladder, picture, ratio
from homotopy.papers.ko2023.problem import HIDDEN, data, start, times, truth
from homotopy.papers.ko2023.runs import _Watch


@pytest.fixture(scope="module")
def family():
    return Synchronized(data()[:11])


def test_the_free_solution_is_that_of_scipy(family):
    x = start(3)
    W, b = x[: 2 * HIDDEN].reshape(HIDDEN, 2), x[2 * HIDDEN : 3 * HIDDEN]
    C, c = x[3 * HIDDEN : 5 * HIDDEN].reshape(2, HIDDEN), x[5 * HIDDEN :]

    def law(t, u):
        z = W @ u + b
        return C @ (z * 0.5 * (1 + erf(z / np.sqrt(2)))) + c

    u = solve_ivp(law, (0, 1.01), truth()[0], t_eval=times(11), rtol=1e-10, atol=1e-10).y.T
    assert family.value(x, 1.0) == pytest.approx(np.mean((u - data()[:11]) ** 2), rel=1e-6)


def test_derivatives_agree_with_differences(family):
    x, v, t, h = start(0), np.random.default_rng(0).standard_normal(family.size), 0.3, 1e-5
    value, grad = family.value_and_grad(x, t)
    assert family.value(x, t) == value
    assert grad @ v == pytest.approx((family.value(x + h * v, t) - family.value(x - h * v, t)) / (2 * h), rel=1e-5)
    assert family.dt(x, t) == pytest.approx((family.value(x, t + h) - family.value(x, t - h)) / (2 * h), rel=1e-5)


def test_a_full_coupling_pulls_the_solution_to_the_data(family):
    assert family.value(start(0), 0.0) < 0.2 * family.value(start(0), 1.0)


def test_the_ladder_falls_by_a_ratio_to_zero():
    values = ladder(6, 0.6)
    falls = -np.diff(values)
    assert values[0] == 1
    assert values[-1] == 0
    assert len(values) == 6
    assert falls[1:] / falls[:-1] == pytest.approx(0.6)


def test_a_look_at_an_unknown_error_is_charged(family):
    watch = _Watch(family, 10)
    watch.look(start(0), 1.0)
    assert watch.spent == 0
    watch.look(start(0))
    assert watch.spent == 1
    assert watch.curve[1] == (1, family.value(start(0), 1.0))
    assert watch.least == min(1.0, watch.curve[1][1])


def test_the_populations_are_those_of_the_published_coefficients():
    u, h = truth(), 0.1
    slope = (u[2:] - u[:-2]) / (2 * h)
    law = np.stack([1.3 * u[:, 0] - 0.9 * u[:, 0] * u[:, 1], 0.8 * u[:, 0] * u[:, 1] - 1.8 * u[:, 1]], axis=1)
    assert np.abs(slope - law[1:-1]).max() < 0.1 * np.abs(law).max()
    assert u[0] == pytest.approx([0.44249296, 4.6280594])


def test_ratios_are_paired():
    found = {"a": [{"e": 1.0}, {"e": 8.0}, {"e": 3.0}], "b": [{"e": 2.0}, {"e": 16.0}, {"e": 6.0}]}
    assert ratio(found, "a", "b", "e") == pytest.approx((0.5, 0.5, 0.5))


def test_the_picture_names_its_axes_and_bars_are_called_bars():
    run = {"inside": 1.0, "curve": [(1, 1.0), (40, 0.1)], "cost": 40, "path": np.ones((22, 2)).tolist()}
    axes = picture({"lbfgs": [run]}, 11).figure.axes
    assert [ax.get_xlabel() for ax in axes] == ["time", "gradients"]
    assert any("bars" in text for text in PAPER.choices)
