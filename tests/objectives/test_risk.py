"""The empirical risk: data that it refuses, memory that it keeps, threads, capsules, extreme outputs."""

import gc
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.base import Objective, compiled


def make(n=20, sizes=(3, 5, 1), dtype=np.float64, loss="squared", **more):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((n, sizes[0])), rng.standard_normal((n, sizes[-1]))
    return EmpiricalRisk(MLP(sizes, dtype=dtype), loss, X, y, **more)


def test_it_is_an_objective_with_its_parts():
    risk = make(l2=0.5)
    assert isinstance(risk, Objective)
    assert (risk.size, risk.n_samples, risk.l2, risk.loss.name) == (26, 20, 0.5, "squared")
    assert risk.X.shape == (20, 3)
    assert risk.y.shape == (20, 1)


def test_the_data_are_copied():
    X, y = np.ones((4, 2)), np.zeros(4)
    risk = EmpiricalRisk(MLP([2, 1]), "squared", X, y)
    X[:] = 5
    assert risk.value(np.array([1.0, 1.0, 0.0])) == 2.0


def test_products_at_one_point_follow_a_change_of_point():
    risk = make()
    rng = np.random.default_rng(1)
    x, z, v = rng.standard_normal((3, risk.size))
    first = risk.hessp(x, v)
    risk.hessp(z, v)
    assert np.array_equal(risk.hessp(x, v), first)
    x[0] += 1
    assert not np.array_equal(risk.hessp(x, v), first)


def test_the_gradient_can_be_written_in_place():
    risk = make()
    x, grad = np.ones(risk.size), np.empty(risk.size)
    value, expected = risk.value_and_grad(x)
    assert risk.evaluate_into(x, grad) == value
    assert np.array_equal(grad, expected)
    grad.flags.writeable = False
    with pytest.raises(ArgumentError, match="grad is read-only"):
        risk.evaluate_into(x, grad)


@pytest.mark.parametrize("method", ["value", "grad", "value_and_grad"])
def test_points_of_another_kind_are_refused(method):
    risk = make()
    for bad in (np.ones(25), np.ones(26, np.float32), np.ones((26, 2))[:, 0], [0.0] * 26):
        with pytest.raises(ArgumentError, match="x must be a C-contiguous float64 array"):
            getattr(risk, method)(bad)
    with pytest.raises(ArgumentError, match="v must be"):
        risk.hessp(np.ones(26), np.ones(27))
    with pytest.raises(ArgumentError, match="x must be a C-contiguous float32 array"):
        make(dtype=np.float32).value(np.ones(26))


def test_bad_data_are_refused():
    model = MLP([2, 1])
    X, y = np.zeros((3, 2)), np.zeros(3)
    for change, error, message in [
        ({"X": np.zeros((3, 4))}, ArgumentError, "X has 4 columns; the model has 2 inputs"),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0)}, DataError, "X has no rows"),
        ({"X": np.full((3, 2), np.nan)}, DataError, "X has values that are not finite"),
        ({"X": np.zeros(6)}, ArgumentError, "X has shape"),
        ({"y": np.zeros(4)}, ArgumentError, "X has 3 rows and y has 4"),
        ({"l2": -1.0}, ArgumentError, "l2 must be a finite number, 0 or more, not -1.0"),
        ({"loss": "hinge"}, ArgumentError, "loss 'hinge' is unknown"),
        ({"model": "mlp"}, ArgumentError, "model is .mlp.; it must be an MLP"),
    ]:
        with pytest.raises(error, match=message):
            EmpiricalRisk(**({"model": model, "loss": "squared", "X": X, "y": y} | change))


def test_bad_deformations_are_refused():
    risk = make()
    with pytest.raises(ArgumentError, match="not orthogonal"):
        risk.deformed(basis=np.ones((20, 2)))
    with pytest.raises(ArgumentError, match="basis has shape"):
        risk.deformed(basis=np.eye(3))
    with pytest.raises(ArgumentError, match="l2 must be a finite number, 0 or more, not -1"):
        risk.deformed(l2=-1)
    with pytest.raises(ArgumentError, match="targets has 3 rows; the risk has 20 samples"):
        risk.deformed(targets=np.ones((3, 1)))
    model = MLP([1, 1])
    logistic = EmpiricalRisk(model, "logistic", np.zeros((2, 1)), [0, 1])
    with pytest.raises(ArgumentError, match="basis needs the squared loss"):
        logistic.deformed(basis=np.eye(2)[:, :1])


@pytest.mark.parametrize("n", [4, 3000])
def test_threads_at_once_get_what_one_gets(n):
    risk = make(n, (3, 20, 1))
    rng = np.random.default_rng(2)
    points = rng.standard_normal((40, risk.size))
    v = rng.standard_normal(risk.size)
    expected = [(risk.value_and_grad(x), risk.hessp(x, v)) for x in points]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: (risk.value_and_grad(x), risk.hessp(x, v)), points))
    for ((f, g), h), ((f0, g0), h0) in zip(found, expected, strict=True):
        assert f == f0
        assert np.array_equal(g, g0)
        assert np.array_equal(h, h0)


def test_a_capsule_keeps_its_risk_alive():
    risk = make()
    before = sys.getrefcount(risk)
    capsule = compiled(risk)
    assert "homotopy.objective" in repr(capsule)
    assert sys.getrefcount(risk) == before + 1
    del capsule
    gc.collect()
    assert sys.getrefcount(risk) == before
    with pytest.raises(ArgumentError, match="float64"):
        make(dtype=np.float32).capsule()


def test_a_risk_survives_pickling():
    risk = make(l2=0.25)
    copy = pickle.loads(pickle.dumps(risk))
    x = np.ones(risk.size)
    assert copy.value(x) == risk.value(x)
    assert "l2=0.25" in repr(copy)


def test_sure_outputs_keep_small_losses_exact():
    X = np.array([[1.0], [-1.0]])
    logistic = EmpiricalRisk(MLP([1, 1], bias=False), "logistic", X, [1, 0])
    value, grad = logistic.value_and_grad(np.array([40.0]))
    assert value == pytest.approx(np.exp(-40.0), rel=1e-12)
    assert grad[0] == pytest.approx(-np.exp(-40.0), rel=1e-12)
    softmax = EmpiricalRisk(MLP([1, 2], bias=False), "softmax", X, [0, 1])
    value, grad = softmax.value_and_grad(np.array([20.0, -20.0]))
    assert value == pytest.approx(np.exp(-40.0), rel=1e-12)
    assert grad[0] == pytest.approx(-np.exp(-40.0), rel=1e-12)
    assert np.isfinite(logistic.value_and_grad(np.array([-1e6]))[0])


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_nan_weights_give_nan(loss):
    risk = EmpiricalRisk(MLP([2, 3, 1], "relu"), loss, np.ones((4, 2)), [0, 1, 0, 1])
    x = np.full(risk.size, np.nan)
    value, grad = risk.value_and_grad(x)
    assert np.isnan(value)
    assert np.isnan(grad).all()


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_models_without_hidden_layer_are_convex(loss):
    rng = np.random.default_rng(4)
    X = rng.standard_normal((15, 3))
    risk = EmpiricalRisk(MLP([3, 1]), loss, X, rng.integers(0, 2, 15))
    for x in rng.standard_normal((10, risk.size)):
        hessian = np.array([risk.hessp(x, e) for e in np.eye(risk.size)])
        assert np.linalg.eigvalsh(hessian)[0] > -1e-14
