"""The smoothed functions against quadrature and differences, the path model against differences and PyTorch's Adam."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.papers.lin2023 import closed_forms, ridge_path, rosenbrock_path, trajectories
from homotopy.papers.lin2023.model import PathModel, gradients, level
from homotopy.papers.smoothed import FAMILIES, Smoothed, problem


@pytest.mark.parametrize("name", FAMILIES)
def test_means_are_those_of_a_quadrature_and_obey_the_heat_equation(name):
    found = closed_forms(name, 5)
    assert found["mean"] < 1e-11
    assert max(found["gradient"], found["heat"]) < 1e-7


def test_ackley_mean_at_a_large_scale_is_the_sample_mean():
    family, u = FAMILIES["ackley"], np.random.default_rng(0).standard_normal((2, 200_000))
    values = family.value(1.3 + u[0], -0.4 + u[1])
    error = values.std() / np.sqrt(values.size)
    assert abs(float(family.value(1.3, -0.4, 1.0)) - values.mean()) < 4 * error
    assert abs(float(family.value(1.3, -0.4, 1e-4)) - float(family.value(1.3, -0.4))) < 1e-6


@pytest.mark.parametrize("name", FAMILIES)
def test_minima_and_derivatives_of_the_functions(name):
    place = problem(name, 1.0)
    for x in FAMILIES[name].minima:
        assert abs(place.objective.value(np.array(x))) < 1e-12
    x = np.array([0.7, -1.2])
    v, h = np.array([0.6, 0.8]), 1e-5
    rise = (place.objective.value(x + h * v) - place.objective.value(x - h * v)) / (2 * h)
    assert place.objective.grad(x) @ v == pytest.approx(rise, rel=1e-6)
    family = Smoothed(place.objective, FAMILIES[name].start)
    for t in (0.2, 0.7):
        slope = (family.value_and_grad(x, t + h)[0] - family.value_and_grad(x, t - h)[0]) / (2 * h)
        assert family.dt(x, t) == pytest.approx(slope, rel=1e-5, abs=1e-8)
        bend = (family.value_and_grad(x, t + h)[1] - family.value_and_grad(x, t - h)[1]) / (2 * h)
        np.testing.assert_allclose(family.dt_grad(x, t), bend, rtol=1e-4, atol=1e-6)
        turn = (family.value_and_grad(x + h * v, t)[1] - family.value_and_grad(x - h * v, t)[1]) / (2 * h)
        np.testing.assert_allclose(family.hessp(x, t, v), turn, rtol=1e-5, atol=1e-6)


def test_starts_fill_the_disc():
    starts = np.array([problem("ackley", 2.0).start(np.random.default_rng(seed)) for seed in range(200)])
    r = np.linalg.norm(starts - 5.0, axis=1)
    assert r.max() <= 2
    assert abs(np.mean(r < np.sqrt(2)) - 0.5) < 0.15


def test_tracked_paths_are_the_known_ones():
    assert rosenbrock_path()["error"] < 1e-4
    assert ridge_path()["error"] < 1e-4
    x, y = FAMILIES["rosenbrock"].path(0.3)
    np.testing.assert_allclose(FAMILIES["rosenbrock"].first(x, y, 0.3)[1:], 0, atol=1e-12)


def test_the_path_model_has_the_gradient_that_differences_have():
    model = PathModel(np.random.default_rng(1), width=8)
    model.weights = [one.astype(float) for one in model.weights]
    t, g = np.array([0.1, 0.6, 1.0]), np.random.default_rng(2).standard_normal((3, 2)).astype(np.float32)
    model(t)
    parts = model.vjp(g)
    for w, part in zip(model.weights, parts, strict=True):
        index = tuple(0 for _ in w.shape)
        h = 1e-3
        w[index] += h
        up = float((g * model(t)).sum())
        w[index] -= 2 * h
        down = float((g * model(t)).sum())
        w[index] += h
        assert part[index] == pytest.approx((up - down) / (2 * h), abs=2e-3)


def test_adam_makes_its_first_step_of_the_rate():
    model = PathModel(np.random.default_rng(1), width=4)
    before = [w.copy() for w in model.weights]
    model(np.ones(1))
    model.adam(np.ones((1, 2)), 1e-2)
    moved = np.concatenate([np.abs(a - b).ravel() for a, b in zip(before, model.weights, strict=True)])
    assert np.all((np.abs(moved - 1e-2) < 1e-4) | (moved == 0))
    assert moved.max() > 0


def test_gradients_of_the_levels_are_those_of_the_means():
    family, t = FAMILIES["himmelblau"], np.array([1.0, 0.5])
    assert level(family, t).tolist() == [0.0, 1.0]
    x = np.array([[0.3, 0.2], [1.0, -1.0]])
    found = gradients(family, x, t, np.random.default_rng(0))
    np.testing.assert_allclose(found[1], family.first(1.0, -1.0, 1.0)[1:])


def test_the_picture_names_its_axes():
    axes = trajectories(0.0).figure.axes
    assert [(ax.get_xlabel(), ax.get_ylabel()) for ax in axes[:2]] == [("x", "y")] * 2
