"""Every homotopy that needs no net of ours, every descent, tracker and baseline works on nets of torch and JAX."""

import functools

import numpy as np
import pytest
from bridges.nets import MADE

import homotopy as hp
from homotopy import homotopies
from homotopy.errors import ArgumentError
from homotopy.methods import BY_NAME, method
from homotopy.objectives import check_derivatives, lacking
from homotopy.objectives.flops import relative_cost
from homotopy.problems import Problem

IN_PYTHON_ONLY = {"blend", "compose", "scaled"}
OF_UNITS = {"greedy", "greedy-deep", "omp", "skip", "tv-width", "width", "width-deep"}
OF_LAYERS = {"diffusion", "lifted-diffusion", "layerwise-diffusion", "length"}  # and of time steps
FROM_OUTPUTS = {"decay", "era", "graduated", "linearized", "lm"}


@functools.cache
def made(kind):
    return MADE[kind]()


@pytest.fixture(params=sorted(MADE))
def objective(request):
    return made(request.param)


def test_derivatives(objective):
    x = np.random.default_rng(0).standard_normal(objective.size)
    found = check_derivatives(objective, x, rng=1)
    assert found["gradient_error"] < 1e-8
    assert found["hessp_error"] < 1e-8
    assert found["symmetry"] < 1e-12
    assert objective.value(x) == pytest.approx(objective.value_and_grad(x)[0], rel=1e-14)


def test_many_points_are_evaluated_as_one_by_one(objective):
    X, V = np.random.default_rng(1).standard_normal((2, 5, objective.size))
    values, grads = objective.value_and_grad_many(X)
    np.testing.assert_allclose(values, [objective.value(x) for x in X], rtol=1e-12)
    np.testing.assert_allclose(grads, [objective.grad(x) for x in X], rtol=1e-10, atol=1e-13)
    products = [objective.hessp(x, v) for x, v in zip(X, V, strict=True)]
    np.testing.assert_allclose(objective.hessp_many(X, V), products, rtol=1e-9, atol=1e-12)
    assert objective.value_and_grad_many(X[:0])[1].shape == (0, objective.size)


def test_torch_maps_what_it_can():
    objective = MADE["torch"]()
    X = np.random.default_rng(1).standard_normal((3, objective.size))
    objective.value_and_grad_many(X)
    objective.hessp_many(X, X)
    assert objective._maps["many"] is not None
    assert objective._maps["products"] is not None


@pytest.mark.parametrize("kind", ["torch", "jax"])
def test_outputs_give_the_value_and_its_curvature(kind):
    objective, rng = made(kind), np.random.default_rng(2)
    x, v = rng.standard_normal((2, objective.size))
    outputs, l2 = objective.outputs, objective.l2
    Z, y, loss = outputs.forward(x), outputs.targets, outputs.loss
    assert loss.value(Z, y) + 0.5 * l2 * x @ x == pytest.approx(objective.value(x), rel=1e-12)
    np.testing.assert_allclose(outputs.vjp(x, loss.grad(Z, y)) + l2 * x, objective.grad(x), rtol=1e-10, atol=1e-13)
    ggn = outputs.vjp(x, loss.hessp(Z, y, outputs.jvp(x, v)))
    product = ggn + outputs.curvature(x, loss.grad(Z, y), v) + l2 * v
    np.testing.assert_allclose(product, objective.hessp(x, v), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(set(homotopies.BY_NAME) - IN_PYTHON_ONLY))
@pytest.mark.parametrize("kind", ["torch", "jax"])
def test_every_homotopy_has_its_derivatives_or_says_why_not(kind, name):
    objective, x = made(kind), np.random.default_rng(3).standard_normal(made(kind).size)
    reason = homotopies.BY_NAME[name].reason(objective)
    if reason is not None:
        assert lacking(objective, homotopies.BY_NAME[name].needs) == reason
        return
    family = homotopies.homotopy(name, objective, x, rng=0)
    entered = family.enter(x, 1)
    found = check_derivatives(family.at(0.4), entered, rng=2, n_directions=1)
    assert found["gradient_error"] < 1e-6
    assert found["hessp_error"] < 1e-6
    assert family.value(entered, 1.0) == pytest.approx(objective.value(family.finish(entered)), rel=1e-10)


@pytest.mark.parametrize("kind", ["torch", "torch-own-loss", "jax"])
def test_every_method_runs_or_says_why_not(kind):
    problem, refused = Problem.of(made(kind)), set()
    for name in BY_NAME:
        if method(name).accepts(problem) is not None:
            refused.add(name)
            continue
        result = method(name).solve(problem, rng=0, budget=60)
        assert result.value == pytest.approx(problem.objective.value(result.x), rel=1e-12)
        assert np.isfinite(result.value)
    assert refused == OF_UNITS | OF_LAYERS | (FROM_OUTPUTS if "-" in kind else set())


@pytest.mark.parametrize("kind", ["torch", "jax"])
def test_a_path_is_tracked_to_its_end(kind):
    objective = made(kind)
    path = hp.track(hp.homotopies.Proximal(objective, objective.start))
    assert path.success
    assert path.t == 1.0


@pytest.mark.parametrize("kind", ["torch", "jax"])
def test_many_starts_descend_as_each_alone(kind):
    objective, starts = made(kind), np.random.default_rng(4).standard_normal((3, made(kind).size))
    together = hp.descend(objective, starts, step_size=0.05, n_steps=10)
    for x0, x in zip(starts, together.x, strict=True):
        np.testing.assert_allclose(hp.descend(objective, x0, step_size=0.05, n_steps=10).x, x, rtol=1e-10)


@pytest.mark.parametrize("kind", ["torch", "jax-function"])
def test_minimize_and_solve_find_a_minimum(kind):
    objective = made(kind)
    result = hp.solve(objective, "lbfgs", rng=0)
    assert result.success
    again = hp.minimize(objective, result.x + 1e-3, homotopy="proximal")
    assert again.success
    assert again.fun == pytest.approx(result.value, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("kind", ["torch", "jax"])
def test_a_smoothed_objective_asks_for_its_points_at_once_and_is_charged_for_each(kind):
    family = hp.homotopies.Gaussian(made(kind), 0.5, samples=6)
    x = np.random.default_rng(5).standard_normal(family.size)
    alone = [made(kind).value_and_grad(point) for point in family._points(x, 0.3)]
    value, grad = family.value_and_grad(x, 0.3)
    assert value == pytest.approx(np.mean([f for f, _ in alone]), rel=1e-12)
    np.testing.assert_allclose(grad, np.mean([g for _, g in alone], axis=0), rtol=1e-10, atol=1e-13)
    assert relative_cost(family, made(kind)) == 6


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (
            "torch",
            "the Sequential of torch has no .*layers, since its outputs are those of no perceptron",
        ),
        ("torch-own-loss", "since its loss, fourth, is none of this package's"),
        (
            "jax",
            "the net of JAX has no .*layers, since its outputs are those of no perceptron",
        ),
        (
            "jax-function",
            "the function of JAX has no .*layers, since only a net with data",
        ),
    ],
)
def test_a_method_of_hidden_units_says_why_there_are_none(kind, why):
    with pytest.raises(ArgumentError, match=why):
        hp.solve(made(kind), "skip", rng=0)
