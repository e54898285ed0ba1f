"""The compiled kernels of nets against tests/reference.py, over random shapes, activations and losses."""

import numpy as np
import pytest
import reference

from homotopy._core import vmath
from homotopy._core.mlp import MovingRisk, use_isa
from homotopy.errors import ArgumentError
from homotopy.models import MLP
from homotopy.models.activations import BY_NAME as ACTIVATIONS
from homotopy.models.losses import BY_NAME as LOSSES
from homotopy.objectives import EmpiricalRisk, check_derivatives
from homotopy.objectives.family import At

N_CASES = 240
NAMES = [*ACTIVATIONS, "leaky-relu:slope=0.3"]
SMOOTHED = ["relu", "leaky-relu:slope=0.3", "gelu", "erf", "sin"]
KINKED = ("relu", "leaky-relu", "leaky-relu:slope=0.3")


@pytest.fixture
def restore_isa():
    yield
    use_isa(vmath.isa())


def case(seed, dtype=np.float64, **fixed):
    """A random net, risk, point and direction; small shapes, every size down to one."""
    rng = np.random.default_rng(seed)
    depth = fixed.get("depth", int(rng.integers(0, 4)))
    sizes = [int(rng.integers(1, 6)) for _ in range(depth + 1)]
    loss = fixed.get("loss", str(rng.choice(list(LOSSES))))
    sizes.append(int(rng.integers(2, 5)) if loss == "softmax" else int(rng.integers(1, 4)))
    activation = fixed.get("activation", str(rng.choice(NAMES)))
    output = str(rng.choice(NAMES)) if rng.random() < 0.3 else "identity"
    bias = bool(rng.random() < 0.8)
    n = int(rng.choice([1, 2, 3, 4, 5, 8, 13, 30]))
    model = MLP(sizes, activation, output=output, bias=bias, dtype=dtype)
    X = rng.standard_normal((n, sizes[0]))
    y = {
        "squared": rng.standard_normal((n, sizes[-1])),
        "logistic": rng.random((n, sizes[-1])) if rng.random() < 0.5 else rng.integers(0, 2, (n, sizes[-1])),
        "softmax": rng.integers(0, sizes[-1], n),
    }[loss]
    l2 = 0.0 if rng.random() < 0.5 else 0.3
    risk = EmpiricalRisk(model, loss, X, y, l2=l2)
    theta, v = (rng.standard_normal((2, model.size)) * 0.8).astype(dtype)
    return model, risk, theta, v


def truth(model, risk, theta, v, **more):
    return reference.risk(
        model.sizes, risk.loss.name, theta.astype(float), risk.X.astype(float), risk.y.astype(float), v.astype(float),
        l2=risk.l2, activation=model.activation, output=model.output, bias=model.bias, **more,
    )  # fmt: skip


def check_close(got, expected, rtol):
    scale = np.max(np.abs(expected)) + 1e-300
    assert np.max(np.abs(np.asarray(got, dtype=float) - expected)) <= rtol * max(scale, 1e-3)


@pytest.mark.parametrize("seed", range(N_CASES))
def test_value_gradient_and_products_agree_with_the_reference(seed):
    model, risk, theta, v = case(seed)
    value, grad, hessp, ggnp = truth(model, risk, theta, v)
    got_value, got_grad = risk.value_and_grad(theta)
    assert got_value == pytest.approx(value, rel=1e-12, abs=1e-14)
    assert risk.value(theta) == pytest.approx(value, rel=1e-12, abs=1e-14)
    check_close(got_grad, grad, 1e-12)
    check_close(risk.grad(theta), grad, 1e-12)
    check_close(risk.hessp(theta, v), hessp, 1e-12)
    check_close(risk.ggnp(theta, v), ggnp, 1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_single_precision_agrees_with_the_reference(seed):
    model, risk, theta, v = case(seed, np.float32)
    value, grad, hessp, ggnp = truth(model, risk, theta, v)
    got_value, got_grad = risk.value_and_grad(theta)
    assert got_grad.dtype == np.float32
    assert got_value == pytest.approx(value, rel=2e-5, abs=1e-5)
    check_close(got_grad, grad, 2e-4)
    check_close(risk.hessp(theta, v), hessp, 1e-3)
    check_close(risk.ggnp(theta, v), ggnp, 1e-3)


@pytest.mark.parametrize("seed", range(40))
def test_outputs_and_their_derivatives_agree_with_the_reference(seed):
    model, risk, theta, v = case(seed)
    z, z_i, z_v, _ = reference.outputs(
        model.sizes, theta, risk.X, v, activation=model.activation, output=model.output, bias=model.bias
    )
    u = np.random.default_rng(seed).standard_normal(z.shape)
    check_close(model.forward(theta, risk.X), z, 1e-12)
    check_close(model.jvp(theta, risk.X, v), z_v, 1e-12)
    check_close(model.vjp(theta, risk.X, u), np.einsum("nk,pnk->p", u, z_i), 1e-12)


@pytest.mark.parametrize("seed", range(90))
def test_dense_matrices_agree_with_the_reference(seed):
    model, risk, theta, _ = case(seed)
    columns = [truth(model, risk, theta, e)[2:] for e in np.eye(model.size)]
    hessian, ggn = (np.array(part) for part in zip(*columns, strict=True))
    check_close(risk.hessian(theta), hessian, 1e-12)
    assert np.array_equal(risk.hessian(theta), risk.hessian(theta).T)
    check_close(risk.ggn(theta), ggn, 1e-12)
    check_close(risk.hessp_many(theta, np.eye(model.size)), hessian, 1e-12)
    z_i = reference.outputs(
        model.sizes, theta, risk.X, theta, activation=model.activation, output=model.output, bias=model.bias
    )[1]
    check_close(model.jacobian(theta, risk.X), np.moveaxis(z_i, 0, 2), 1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name not in KINKED])
def test_taylor_remainders_fall_as_the_square_and_the_cube(activation, loss):
    _, risk, theta, _ = case(3, activation=activation, loss=loss, depth=2)
    found = check_derivatives(risk, theta, rng=0)
    assert found["grad"] > 1.9
    assert found["hessp"] > 2.9 or found["hessp_error"] < 1e-9
    assert found["symmetry"] < 1e-12


@pytest.mark.parametrize("activation", ["tanh", "erf"])
@pytest.mark.parametrize("loss", LOSSES)
def test_many_rows_and_wide_layers_cross_the_blocks(activation, loss):
    rng = np.random.default_rng(5)
    k = 3 if loss == "softmax" else 1
    n = 1500
    X = rng.standard_normal((n, 2))
    y = {"squared": rng.standard_normal(n), "logistic": rng.integers(0, 2, n), "softmax": rng.integers(0, k, n)}[loss]
    model = MLP([2, 70, 3, k], activation)
    risk = EmpiricalRisk(model, loss, X, y)
    theta, v = rng.standard_normal((2, model.size))
    parts = [EmpiricalRisk(model, loss, X[i : i + 100], y[i : i + 100]) for i in range(0, n, 100)]
    check_close(risk.value(theta), np.mean([part.value(theta) for part in parts]), 1e-12)
    check_close(risk.grad(theta), np.mean([part.grad(theta) for part in parts], axis=0), 1e-12)
    check_close(risk.hessp(theta, v), np.mean([part.hessp(theta, v) for part in parts], axis=0), 1e-11)
    check_close(risk.ggnp(theta, v), np.mean([part.ggnp(theta, v) for part in parts], axis=0), 1e-11)
    wide = EmpiricalRisk(MLP([2, 40, k], activation), loss, X, y)
    point, u = rng.standard_normal((2, wide.size))
    check_close(wide.hessian(point) @ u, wide.hessp(point, u), 1e-11)
    check_close(wide.ggn(point) @ u, wide.ggnp(point, u), 1e-11)


@pytest.mark.parametrize("seed", range(12))
def test_the_activation_mix_agrees_with_the_reference(seed):
    model, risk, theta, v = case(seed, depth=2)
    moving = MovingRisk(model, risk.loss.code, risk.X, risk.y, risk.l2, mix=True)
    value, grad, hessp, ggnp = truth(model, risk, theta, v, mix=0.4)
    got_value, got_grad = moving.value_and_grad(theta, 0.4)
    assert got_value == pytest.approx(value, rel=1e-12)
    check_close(got_grad, grad, 1e-12)
    check_close(moving.hessp(theta, 0.4, v), hessp, 1e-12)
    check_close(moving.ggnp(theta, 0.4, v), ggnp, 1e-12)


def deformations(risk, seed):
    rng = np.random.default_rng(seed)
    n, k = risk.y.shape
    easy = {"squared": rng.standard_normal((n, k)), "logistic": rng.random((n, k))}.get(risk.loss.name)
    if easy is None:
        easy = rng.dirichlet(np.ones(k), n)
    basis = None
    if risk.loss.name == "squared":
        basis = np.linalg.qr(rng.standard_normal((n, min(n, 3))))[0]
    return {"basis": basis, "targets": easy, "l2": 0.9, "mix": True}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("which", ["basis", "targets", "l2", "mix", "all", *SMOOTHED])
def test_deformed_risks_have_exact_derivatives_in_x_and_t(seed, which):
    smooth = which in SMOOTHED
    _, risk, theta, v = case(seed, activation=which if smooth else "tanh", depth=1)
    chosen = deformations(risk, seed)
    if smooth:
        chosen = {"smooth": 0.8}
    elif which != "all":
        chosen = {which: chosen[which]}
    moving = risk.deformed(**chosen)
    t, h = 0.35, 5e-4
    found = check_derivatives(At(moving, t), theta, rng=0)
    assert found["gradient_error"] < 1e-7
    assert found["hessp_error"] < 1e-6

    def central(f):
        return (8 * (f(t + h) - f(t - h)) - (f(t + 2 * h) - f(t - 2 * h))) / (12 * h)

    assert moving.dt(theta, t) == pytest.approx(central(lambda s: moving.value(theta, s)), rel=1e-8, abs=1e-9)
    check_close(moving.dt_grad(theta, t), central(lambda s: moving.grad(theta, s)), 1e-8)
    assert moving.value(theta, 1.0) == pytest.approx(risk.value(theta), rel=1e-13)
    check_close(moving.hessp(theta, 1.0, v), risk.hessp(theta, v), 1e-12)
    check_close(moving.ggnp(theta, 1.0, v), risk.ggnp(theta, v), 1e-12)
    check_close(moving.hessian(theta, t) @ v, moving.hessp(theta, t, v), 1e-11)


@pytest.mark.parametrize("name", ["gelu", "leaky-relu"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_far_out_units_have_their_limits(name, dtype):
    model = MLP([1, 1, 1], name, dtype=dtype)
    X = np.array([[-1e30], [-40.0], [1e30], [np.inf], [np.nan]], dtype)
    with np.errstate(over="ignore"):
        got = model.forward(np.array([1, 0, 1, 0], dtype), X)[:, 0]
    assert got[0] == (0 if name == "gelu" else dtype(0.01) * X[0, 0])
    assert got[2] == X[2, 0]
    assert got[3] == np.inf
    assert np.isnan(got[4])
    if name == "gelu":
        risk = EmpiricalRisk(model, "squared", X[:2], np.ones(2))
        assert np.isfinite(risk.hessp(np.array([1, 0, 1, 0], dtype), np.ones(4, dtype))).all()


def test_smoothed_activations_are_averages_over_noise():
    rng = np.random.default_rng(0)
    for name in SMOOTHED:
        risk = EmpiricalRisk(MLP([1, 1, 1], name), "squared", [[0.7]], [0.0])
        theta = np.array([1.3, -0.4, 1.0, 0.0])
        z = 1.3 * 0.7 - 0.4 + 0.6 * rng.standard_normal(400_000)
        mean = reference.ACTIVATIONS[name](z)[0].mean()
        assert risk.deformed(smooth=1.2).value(theta, 0.5) == pytest.approx(mean**2 / 2, rel=0.01)
    with pytest.raises(ArgumentError, match="smooth needs relu, leaky-relu, gelu, erf or sin"):
        EmpiricalRisk(MLP([1, 1, 1], "tanh"), "squared", [[0.7]], [0.0]).deformed(smooth=1.0)


@pytest.mark.parametrize("sizes", [(3, 4, 1), (40, 50, 2)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_passes_kept_for_a_point_are_not_used_for_one_that_differs_in_a_single_weight(sizes, dtype):
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((70, sizes[0])).astype(dtype), rng.standard_normal((70, sizes[-1])).astype(dtype)

    def new():
        return EmpiricalRisk(MLP(sizes, "tanh", dtype=dtype), "squared", X, y)

    kept = new()
    theta, v = (0.3 * rng.standard_normal((2, kept.size))).astype(dtype)
    for place in [*rng.permutation(kept.size)[:20], 0, kept.size - 1]:
        theta[place] += 1
        np.testing.assert_array_equal(kept.hessp(theta, v), new().hessp(theta, v))
        np.testing.assert_array_equal(kept.ggnp(theta, v), new().ggnp(theta, v))


@pytest.mark.parametrize("sizes", [(3, 4, 1), (40, 50, 2)])  # samples in vectors, and products of matrices
def test_a_basis_takes_the_projected_residual_out(sizes):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, sizes[0])), rng.standard_normal((60, sizes[-1]))
    risk = EmpiricalRisk(MLP(sizes, "relu"), "squared", X, y)
    Q = np.linalg.qr(np.c_[X, np.ones(60)])[0]
    theta, v = rng.standard_normal((2, risk.size)) / np.sqrt(sizes[0])
    moving, h = risk.deformed(basis=Q), 1e-6
    r = risk.model.forward(theta, risk.X) - y
    for t in (0.0, 0.3, 1.0):
        expected = np.sum((r - (1 - t) * Q @ (Q.T @ r)) ** 2) / 120
        assert moving.value(theta, t) == pytest.approx(expected, rel=1e-12)
        slope = (moving.value(theta + h * v, t) - moving.value(theta - h * v, t)) / (2 * h)
        assert moving.grad(theta, t) @ v == pytest.approx(slope, rel=1e-6, abs=1e-6)
        bend = (moving.grad(theta + h * v, t) - moving.grad(theta - h * v, t)) / (2 * h)
        check_close(moving.hessp(theta, t, v), bend, 1e-5)


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_instruction_set_agrees_with_the_reference(isa, dtype, restore_isa):
    use_isa(isa)
    single = dtype == np.float32
    for seed in range(1000, 1060):
        model, risk, theta, v = case(seed, dtype)
        value, grad, hessp, ggnp = truth(model, risk, theta, v)
        got_value, got_grad = risk.value_and_grad(theta)
        assert got_value == pytest.approx(value, rel=2e-5 if single else 1e-12, abs=1e-5 if single else 1e-14)
        check_close(got_grad, grad, 2e-4 if single else 1e-12)
        check_close(risk.hessp(theta, v), hessp, 1e-3 if single else 1e-12)
        check_close(risk.ggnp(theta, v), ggnp, 1e-3 if single else 1e-12)
        check_close(risk.hessian(theta) @ v, hessp, 2e-3 if single else 1e-12)
