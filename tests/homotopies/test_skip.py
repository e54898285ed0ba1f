"""The skip homotopy: flips leave the easy problem as it is and make the linear path vanish."""

import numpy as np
import pytest

from homotopy._core import vmath
from homotopy._core.beside import Beside
from homotopy.descent import descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Skip
from homotopy.models import MLP
from homotopy.models.activations import activation
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.beside import AffineSide, NetBeside
from homotopy.objectives.units.onelayer import outputs_of
from homotopy.streams import Draws, generator_of, keys_of

ODD = ["relu", "softplus", "gelu", "leaky-relu", "leaky-relu:slope=0.3"]


def net(activation="relu", sizes=(4, 5, 1), n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, sizes[0]))
    model = MLP(sizes, activation)
    return EmpiricalRisk(model, "squared", X, model.forward(model.init(rng), X)), model


@pytest.mark.parametrize("activation", ODD)
def test_easy_value_is_the_residual_of_the_linear_fit(activation):
    risk, model = net(activation)
    x = model.init(1)
    residual = risk.y - model.forward(x, risk.X)
    A = np.column_stack([risk.X, np.ones(len(risk.X))])
    left = residual - A @ np.linalg.lstsq(A, residual, rcond=None)[0]
    assert Skip(risk).value(x, 0.0) == pytest.approx(0.5 * np.sum(left**2) / len(left), rel=1e-10)


@pytest.mark.parametrize("l2", [1e-3, 0.3])
@pytest.mark.parametrize("activation", ODD)
def test_a_weight_of_the_path_costs_what_a_weight_of_the_net_does(activation, l2):
    risk, model = net(activation)
    risk, x = risk.changed(l2=l2), model.init(1)
    residual = risk.y - model.forward(x, risk.X)
    A = np.column_stack([risk.X, np.ones(len(risk.X))])
    u = np.linalg.solve(A.T @ A + l2 * len(A) * np.eye(5), A.T @ residual)
    beside = 0.5 * np.sum((residual - A @ u) ** 2) / len(A) + 0.5 * l2 * (u[:, 0] @ u[:, 0] + x @ x)
    assert Skip(risk).value(x, 0.0) == pytest.approx(beside, rel=1e-10)
    assert Skip(risk).value(x, 1.0) == pytest.approx(risk.value(x), rel=1e-13)


@pytest.mark.parametrize("sizes", [(4, 5, 1), (3, 6, 2)])
@pytest.mark.parametrize("activation", ODD)
def test_flips_leave_the_easy_problem_as_it_is(activation, sizes):
    risk, model = net(activation, sizes)
    skip = Skip(risk)
    x = model.init(2)
    signs = np.where(np.arange(sizes[1]) % 2, 1.0, -1.0)
    assert skip.value(skip.flip(x, signs), 0.0) == pytest.approx(skip.value(x, 0.0), rel=1e-10)


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("loss", ["logistic", "softmax"])
@pytest.mark.parametrize("activation", ODD)
def test_flips_beside_a_trained_path_change_what_the_path_costs_and_nothing_else(activation, loss, l2):
    rng = np.random.default_rng(0)
    X, k = rng.standard_normal((30, 3)) + 1.0, 1 if loss == "logistic" else 3
    model = MLP((3, 5, k), activation)
    skip = Skip(EmpiricalRisk(model, loss, X, rng.integers(2 if k == 1 else k, size=30).astype(float), l2=l2))
    assert skip.size == model.size + 4 * k
    x = rng.standard_normal(skip.size)
    flipped = skip.flip(x, np.array([1.0, -1, -1, 1, -1]))
    path, turned = x[model.size :], flipped[model.size :]
    dearer = 0.5 * l2 * (turned @ turned - path @ path)
    assert skip.value(flipped, 0.0) - dearer == pytest.approx(skip.value(x, 0.0), rel=1e-12)
    slopes = [skip.grad(at, 0.0)[model.size :] - l2 * at[model.size :] for at in (x, flipped)]
    assert np.linalg.norm(slopes[1]) == pytest.approx(np.linalg.norm(slopes[0]), rel=1e-10)
    assert skip.value(flipped, 1.0) != pytest.approx(skip.value(x, 1.0), rel=1e-3)


@pytest.mark.parametrize("loss", ["logistic", "softmax"])
def test_signs_beside_a_trained_path_bring_a_flipped_solution_back(loss):
    rng = np.random.default_rng(1)
    X, k = rng.standard_normal((80, 4)), 1 if loss == "logistic" else 3
    model = MLP((4, 5, k), "relu")
    solution = rng.standard_normal(model.size)
    Z = model.forward(solution, X)
    y = 1 / (1 + np.exp(-Z)) if k == 1 else np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    skip = Skip(EmpiricalRisk(model, loss, X, y))
    signs = np.array([1.0, -1, 1, -1, -1])
    (W, b), outgoing = model.unpack(solution)
    wrong = model.pack([(W * signs[:, None], b * signs), outgoing])
    x = skip.beside(wrong, Z + (0.0 if k == 1 else X[:, :1]))  # softmax does not see what all outputs share
    np.testing.assert_allclose(skip.outputs(x), Z + (0.0 if k == 1 else X[:, :1]), atol=1e-10)
    found = skip.signs(x)
    assert found.residual[0] < 1e-12
    end = skip.finish(skip.flip(x, found.signs[0]))
    assert skip.objective.value(wrong) > skip.objective.value(solution) + 1e-2
    assert skip.objective.value(end) == pytest.approx(skip.objective.value(solution), rel=1e-10)


def test_flips_leave_the_easy_population_risk_as_it_is():
    skip = Skip(TeacherStudent(5, 5))
    x = np.random.default_rng(0).standard_normal(25)
    flipped = skip.flip(x, np.array([1.0, -1, -1, 1, -1]))
    assert skip.value(flipped, 0.0) == pytest.approx(skip.value(x, 0.0), rel=1e-12)
    assert skip.objective.value(flipped) != pytest.approx(skip.objective.value(x), rel=1e-3)


def test_closing_takes_the_rest_of_the_path_away():
    risk = TeacherStudent(4, 6)
    skip = Skip(risk)
    x = np.random.default_rng(1).standard_normal(24)
    rows = skip.close(x).reshape(6, 4)
    np.testing.assert_allclose(rows.sum(axis=0), risk.teacher.sum(axis=0), atol=1e-13)
    assert np.ptp(rows - x.reshape(6, 4), axis=0).max() < 1e-13
    data, model = net()
    np.testing.assert_array_equal(Skip(data).close(model.init(1)), model.init(1))


@pytest.mark.parametrize("activation", ODD)
def test_signs_of_a_flipped_solution_bring_the_solution_back(activation):
    risk, model = net(activation, seed=3)
    skip = Skip(risk)
    solution = model.init(np.random.default_rng(3).spawn(1)[0])
    teacher = EmpiricalRisk(model, "squared", risk.X, model.forward(solution, risk.X))
    skip = Skip(teacher)
    (W, b), outgoing = model.unpack(solution)
    turned = np.array([1.0, -1, 1, -1, -1])
    wrong = model.pack([(W * turned[:, None], b * turned), outgoing])
    assert teacher.value(wrong) > 1e-3
    found = skip.signs(wrong)
    assert found.residual[0] < 1e-12
    assert teacher.value(skip.flip(wrong, found.signs[0])) < 1e-20


def test_a_constant_column_does_not_spoil_the_basis():
    risk, model = net(sizes=(3, 4, 1))
    X = risk.X.copy()
    X[:, 2] = 1.0
    skip = Skip(EmpiricalRisk(model, "squared", X, risk.y))
    signs = np.array([-1.0, 1, -1, 1])
    x = model.init(5)
    assert skip.value(skip.flip(x, signs), 0.0) == pytest.approx(skip.value(x, 0.0), rel=1e-10)


def test_objectives_without_a_linear_path_are_refused():
    X = np.random.default_rng(0).standard_normal((10, 3))
    for model, loss, words in [
        (MLP((3, 4, 1), "tanh"), "squared", "a flip of tanh units"),
        (MLP((3, 4, 1), "identity"), "squared", "a flip of identity units"),
        (MLP((3, 4, 4, 1), "relu"), "squared", "2 hidden layers"),
        (MLP((3, 4, 1), "relu", output="logistic"), "squared", "identity output"),
        (MLP((3, 4, 1), "relu", bias=False), "squared", "biases"),
    ]:
        with pytest.raises(ArgumentError, match=words):
            Skip(EmpiricalRisk(model, loss, X, np.ones(10)))
    with pytest.raises(ArgumentError, match="an object has no units that could be turned"):
        Skip(object())


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize(
    ("loss", "k"), [("squared", 2), ("logistic", 1), ("logistic", 3), ("softmax", 2), ("softmax", 5)]
)
@pytest.mark.parametrize("name", [*ODD, "tanh"])
def test_a_net_beside_its_path_is_compiled(name, loss, k, isa):
    rng, act = np.random.default_rng([k, len(name)]), activation(name)
    for n, d, h, l2 in [(1, 1, 1, 0.0), (17, 3, 5, 0.1), (40, 2, 4, 0.0)]:
        X, y = rng.standard_normal((n, d)), rng.standard_normal((n, k))
        y = y if loss == "squared" else rng.random((n, k)) if loss == "logistic" else np.eye(k)[rng.integers(k, size=n)]
        y = y if loss != "softmax" or n % 2 else 0.7 * y + 0.3 / k
        risk = EmpiricalRisk(MLP((d, h, k), name), loss, X, y, l2=l2)
        side = AffineSide(np.column_stack([X, np.ones(n)]), k)
        codes = {"activation": act.code, "loss": risk.loss.code, "leak": act.leak, "l2": l2}
        fast, slow = Beside(h, X, side.columns, risk.y, **codes, isa=isa), NetBeside(risk, side, 0.0)
        assert fast.size == slow.size
        for size in (0.0, 1.0, 30.0):
            x = size * rng.standard_normal(fast.size)
            for t in (0.0, 0.4, 1.0):
                (value, grad), (wanted, slope) = fast.value_and_grad(x, t), slow.value_and_grad(x, t)
                assert value == pytest.approx(wanted, rel=1e-12, abs=1e-14)
                np.testing.assert_allclose(grad, slope, rtol=1e-10, atol=1e-12 * max(np.abs(slope).max(), 1.0))


def test_descents_beside_a_trained_path_are_compiled():
    X = np.random.default_rng(0).standard_normal((30, 2))
    skip = Skip(EmpiricalRisk(MLP((2, 4, 1), "relu"), "logistic", X, X[:, 0] > 0))
    assert skip.capsule() is not None
    x = np.random.default_rng(1).standard_normal(skip.size)
    found = descend(skip.at(0.0), x, rule="lbfgs", n_steps=30)
    assert found.value == pytest.approx(skip.value(found.x, 0.0), rel=1e-10)
    assert found.value < skip.value(x, 0.0)


@pytest.mark.parametrize("activation", [*ODD, "tanh", "sin"])
def test_outputs_of_many_nets_are_those_of_each(activation):
    rng = np.random.default_rng(8)
    for sizes, n in [((3, 5, 2), 17), ((1, 1, 1), 1), ((2, 70, 3), 600)]:
        model, X = MLP(sizes, activation), rng.standard_normal((n, sizes[0]))
        x = 3 * rng.standard_normal((4, model.size))
        many = outputs_of(model, x, X)
        for i in range(4):
            np.testing.assert_allclose(many[i], model.forward(x[i], X), rtol=1e-12, atol=1e-11)
            np.testing.assert_array_equal(outputs_of(model, x[i], X), many[i])
        assert outputs_of(model, x[:0], X).shape == (0, n, sizes[2])


def paths():
    """Return skip homotopies of each kind of path, with one and more outputs and inputs."""
    rng = np.random.default_rng(5)
    for loss, d, h, k, l2 in [
        ("squared", 1, 1, 1, 0.0), ("squared", 3, 5, 2, 0.0), ("squared", 2, 11, 1, 0.1),
        ("logistic", 1, 2, 1, 0.0), ("logistic", 4, 12, 1, 0.1), ("softmax", 2, 3, 3, 0.0),
    ]:  # fmt: skip
        X = rng.standard_normal((17, d)) + 1.0
        y = (
            rng.standard_normal((17, k))
            if loss == "squared"
            else rng.integers(2 if k == 1 else k, size=17).astype(float)
        )
        yield Skip(EmpiricalRisk(MLP((d, h, k), "softplus" if h % 2 else "relu"), loss, X, y, l2=l2))
    yield Skip(TeacherStudent(4, 6))
    yield Skip(TeacherStudent(2, 12, 5, teacher=rng.standard_normal((2, 5))))


@pytest.mark.parametrize("skip", list(paths()), ids=lambda skip: repr(skip.objective)[:60])
def test_moves_of_many_points_are_those_of_each(skip):
    rng = np.random.default_rng(6)
    keys, x = keys_of([1, 2, 3, 4, 5]), rng.standard_normal((5, skip.size))
    net = rng.standard_normal((5, skip.objective.size))
    found = skip.signs_of_many(x, draws=Draws(keys, 2), n_restarts=6)
    signs, outputs = found.signs[:, 0], skip.outputs(x)
    moved = {
        "flip": (skip.flip(x, signs), lambda i: skip.flip(x[i], signs[i])),
        "close": (skip.close(x), lambda i: skip.close(x[i])),
        "finish": (skip.finish(x), lambda i: skip.finish(x[i])),
        "bare": (skip.beside(net), lambda i: skip.beside(net[i])),
    }
    if outputs is not None:
        moved["outputs"] = outputs, lambda i: skip.outputs(x[i])
        moved["beside"] = skip.beside(net, outputs), lambda i: skip.beside(net[i], outputs[i])
    for many, one in moved.values():
        for i in range(5):
            np.testing.assert_allclose(many[i], one(i), rtol=1e-12, atol=1e-12)
    for i in range(5):
        alone = skip.signs(x[i], rng=generator_of(keys[i], 2), n_restarts=6)
        np.testing.assert_array_equal(found.signs[i, : len(alone.signs)], alone.signs)
        assert found.n_restarts[i] == alone.n_restarts
    # bit for bit, whatever the others are
    for rows in ([3], [4, 1]):
        again = skip.signs_of_many(x[rows], draws=Draws(keys[rows], 2), n_restarts=6)
        np.testing.assert_array_equal(again.residual, found.residual[rows])
        np.testing.assert_array_equal(skip.flip(x[rows], signs[rows]), moved["flip"][0][rows])
        np.testing.assert_array_equal(skip.close(x[rows]), moved["close"][0][rows])
        if outputs is not None:
            np.testing.assert_array_equal(skip.outputs(x[rows]), outputs[rows])
            np.testing.assert_array_equal(skip.beside(net[rows], outputs[rows]), moved["beside"][0][rows])
