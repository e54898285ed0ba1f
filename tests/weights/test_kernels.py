"""The compiled risk with weights of samples: against the reference, and against repeated rows, in every layout."""

import pickle

import numpy as np
import pytest
from weights.members import LOSSES, check_close, data, drawn, risks, truth

from homotopy._core import vmath
from homotopy._core.mlp import use_isa
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.base import check_derivatives
from homotopy.objectives.family import At

SHAPES = [((3, 2), 25), ((1, 1, 1), 7), ((2, 3, 1), 4), ((3, 8, 3), 70), ((2, 5, 4, 2), 40), ((30, 40, 2), 70)]
"""Sizes and samples that the small, the narrow and the row kernels take."""


@pytest.fixture
def restore_isa():
    yield
    use_isa(vmath.isa())


def hold(risk, theta, v, tol):
    """Hold everything that a risk evaluates to the reference."""
    value, grad, hessp, ggnp = truth(risk, theta, v)
    found = risk.value_and_grad(theta)
    assert found[0] == pytest.approx(value, rel=tol[0], abs=tol[0])
    check_close(found[1], grad, tol[1])
    check_close(risk.hessp(theta, v), hessp, tol[2])
    check_close(risk.ggnp(theta, v), ggnp, tol[2])
    check_close(risk.hessian(theta) @ v, hessp, tol[2])
    check_close(risk.ggn(theta) @ v, ggnp, tol[2])
    values, grads = risk.value_and_grad_many(np.array([theta, v]))
    assert values[0] == pytest.approx(value, rel=tol[0], abs=tol[0])
    check_close(grads[0], grad, tol[1])
    check_close(risk.hessp_many(np.array([theta]), np.array([v]))[0], hessp, tol[2])


@pytest.mark.parametrize("isa", vmath.available())
def test_every_instruction_set_agrees_with_the_reference(isa, restore_isa):
    use_isa(isa)
    for seed in range(40):
        hold(*drawn(seed), (1e-12, 1e-12, 1e-12))
    for seed in range(60, 66):  # several tiles
        hold(*drawn(seed, depth=seed % 3, n=300, wide=8), (1e-12, 1e-12, 1e-11))


def test_single_precision_agrees_with_the_reference():
    for seed in range(25):
        hold(*drawn(seed, np.float32), (5e-5, 5e-4, 2e-3))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("sizes", "n"), SHAPES)
def test_weights_are_repeated_rows(sizes, n, loss):
    if loss == "softmax" and sizes[-1] == 1:
        sizes = (*sizes[:-1], 2)
    ours, rows = risks(sizes, "softplus", loss, n=n, unit=7.3)
    x, v = np.random.default_rng(1).standard_normal((2, ours.size))
    assert ours.value(x) == pytest.approx(rows.value(x), rel=1e-12)
    for method in ("grad", "hessian", "ggn") if ours.size < 1000 or loss == "squared" else ("grad",):
        check_close(getattr(ours, method)(x), getattr(rows, method)(x), 1e-12)
    check_close(ours.hessp(x, v), rows.hessp(x, v), 1e-12)
    outputs = ours.outputs
    value = outputs.loss.value(outputs.forward(x), outputs.targets) + 0.005 * x @ x
    assert value == pytest.approx(rows.value(x), rel=1e-12)


def moved(risk, rng, which):
    """A deformation of a risk, the same for repeated rows."""
    n, k = risk.y.shape
    columns = np.column_stack([np.ones(n), risk.X[:, :1] ** 2]) if n > 1 else np.ones((1, 1))
    easy = rng.random((n, k))
    easy = easy / easy.sum(axis=1, keepdims=True)
    chosen = {"targets": easy, "l2": 0.9, "mix": True}
    if risk.loss.quadratic:
        weights = np.ones(n) if risk.weights is None else risk.weights
        R = np.linalg.qr(np.sqrt(weights)[:, None] * columns)[1]
        chosen["basis"] = columns @ np.linalg.inv(R)
    return chosen if which == "all" else {which: chosen[which]}


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("which", ["basis", "targets", "mix", "all"])
def test_deformations_are_those_of_repeated_rows(isa, which, restore_isa):
    use_isa(isa)
    for seed, (sizes, n) in enumerate(SHAPES):
        loss = "squared" if which in ("basis", "all") else LOSSES[seed % 3]
        if loss == "softmax" and sizes[-1] == 1:
            loss = "logistic"
        ours, rows = risks(sizes, "tanh", loss, n=n, seed=seed)
        counts = np.round(ours.weights / ours.weights[ours.weights > 0].min()).astype(int)
        own = moved(ours, np.random.default_rng(seed), which)
        repeated = dict(own)
        if "targets" in own:
            repeated["targets"] = np.repeat(own["targets"], counts, axis=0)
        if "basis" in own:
            repeated["basis"] = np.repeat(own["basis"], counts, axis=0) * np.sqrt(n / counts.sum())
        a, b = ours.deformed(**own), rows.deformed(**repeated)
        x, v = np.random.default_rng(seed + 1).standard_normal((2, ours.size))
        for t in (0.0, 0.4, 1.0):
            assert a.value(x, t) == pytest.approx(b.value(x, t), rel=1e-12)
            assert a.dt(x, t) == pytest.approx(b.dt(x, t), rel=1e-11, abs=1e-13)
            for name in ("grad", "dt_grad"):
                check_close(getattr(a, name)(x, t), getattr(b, name)(x, t), 1e-11)
            if ours.size < 100:
                check_close(a.hessian(x, t), b.hessian(x, t), 1e-11)
            check_close(a.hessp(x, t, v), b.hessp(x, t, v), 1e-11)
            check_close(a.ggnp(x, t, v), b.ggnp(x, t, v), 1e-11)
            check_close(a.value_and_grad_many(x[None], t)[1], b.value_and_grad_many(x[None], t)[1], 1e-11)
            check_close(a.value_and_grad_many(x[None], t)[1][0], a.grad(x, t), 1e-11)


def test_deformations_have_exact_derivatives():
    ours, _ = risks((2, 3, 2), "gelu", n=12)
    for which in ("basis", "targets", "mix", "all"):
        moving = ours.deformed(**moved(ours, np.random.default_rng(0), which))
        x = np.random.default_rng(1).standard_normal(ours.size)
        found = check_derivatives(At(moving, 0.35), x, rng=0)
        assert found["gradient_error"] < 1e-8
        assert found["hessp_error"] < 1e-7
    assert ours.deformed(smooth=0.8).value(x, 1.0) == pytest.approx(ours.value(x), rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_sample_of_weight_zero_is_left_out(dtype):
    rng = np.random.default_rng(0)
    for loss in LOSSES:
        X, y = data(rng, 20, 3, 2, loss)
        weights = rng.random(20) * (rng.random(20) < 0.6)
        X[weights == 0] = 1e30  # what does not count may overflow
        model = MLP((3, 4, 2), "relu", dtype=dtype)
        keep = weights > 0
        ours = EmpiricalRisk(model, loss, X, y, weights=weights)
        less = EmpiricalRisk(model, loss, X[keep], y[keep], weights=weights[keep])
        x, v = rng.standard_normal((2, model.size)).astype(dtype)
        assert ours.value(x) == less.value(x)
        np.testing.assert_array_equal(ours.grad(x), less.grad(x))
        np.testing.assert_array_equal(ours.hessp(x, v), less.hessp(x, v))
        assert ours.weights.shape == (20,)
        np.testing.assert_allclose(ours.weights, weights / weights.mean())


def test_equal_weights_change_nothing_at_all():
    plain = risks((3, 4, 2), n=12)[1]
    n = len(plain.X)
    same = plain.changed(weights=np.full(n, 0.3))
    x = np.random.default_rng(0).standard_normal(plain.size)
    assert same.value(x) == plain.value(x)
    np.testing.assert_array_equal(same.weights, np.ones(n))
    assert plain.weights is None


def test_the_unit_of_weights_does_not_matter():
    rng = np.random.default_rng(3)
    X, y = data(rng, 30, 2, 1, "logistic")
    weights, x = rng.random(30), rng.standard_normal(13)
    expected = EmpiricalRisk(MLP((2, 3, 1)), "logistic", X, y, weights=weights)
    for unit in (1e-300, 3.7e-9, 1e5, 1e300):
        found = EmpiricalRisk(MLP((2, 3, 1)), "logistic", X, y, weights=unit * weights)
        assert found.value(x) == pytest.approx(expected.value(x), rel=1e-14)
        check_close(found.grad(x), expected.grad(x), 1e-13)


def test_weights_go_along():
    ours, _ = risks((3, 4, 1), l2=0.2)
    x = np.random.default_rng(1).standard_normal(ours.size)
    back = pickle.loads(pickle.dumps(ours))
    assert back.value(x) == ours.value(x)
    np.testing.assert_array_equal(back.weights, ours.weights)
    assert "weighted" in repr(ours)
    assert ours.changed(l2=0.0).value(x) == pytest.approx(ours.value(x) - 0.1 * x @ x)
    other = ours.resampled(ours.X[:5], ours.y[:5])
    assert other.weights is None
    assert ours.resampled(ours.X[:5], ours.y[:5], np.arange(5)).weights is not None
    logistic = MLP((3, 1), output="logistic")
    squares = EmpiricalRisk(logistic, "squared", ours.X, ours.y > 0, weights=ours.weights)
    np.testing.assert_array_equal(squares.matched().weights, squares.weights)
    assert not ours.weights.flags.writeable
