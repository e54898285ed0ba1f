"""Narrow nets on many samples, whose kernels run along the samples: against the reference, in every instruction set."""

import numpy as np
import pytest
import reference

from homotopy._core import vmath
from homotopy._core.mlp import use_isa
from homotopy.models import MLP
from homotopy.models.activations import BY_NAME as ACTIVATIONS
from homotopy.models.losses import BY_NAME as LOSSES
from homotopy.objectives import EmpiricalRisk

NAMES = [*ACTIVATIONS, "leaky-relu:slope=0.3"]
PATHS = [name for name in vmath.available() if name != "plain"]


@pytest.fixture(params=vmath.available())
def isa(request):
    use_isa(request.param)
    yield request.param
    use_isa(vmath.isa())


def case(seed):
    """A random narrow net with some hundred samples: several tiles, and every remainder of units and samples."""
    rng = np.random.default_rng(seed)
    loss = str(rng.choice(list(LOSSES)))
    k = int(rng.integers(2, 6)) if loss == "softmax" else int(rng.choice([1, 1, 2, 5]))
    hidden = [int(rng.integers(1, 22)) for _ in range(rng.choice([0, 1, 1, 1, 2]))]
    sizes = [int(rng.integers(1, 20)), *hidden, k]
    output = str(rng.choice(NAMES)) if rng.random() < 0.2 else "identity"
    model = MLP(sizes, str(rng.choice(NAMES)), output=output, bias=bool(rng.random() < 0.8))
    n = int(rng.choice([7, 65, 128, 301, 777])) + int(rng.integers(0, 9))
    X = rng.standard_normal((n, sizes[0]))
    y = {
        "squared": rng.standard_normal((n, k)),
        "logistic": rng.random((n, k)),
        "softmax": rng.integers(0, k, n),
    }[loss]
    risk = EmpiricalRisk(model, loss, X, y, l2=float(rng.choice([0.0, 0.3])))
    return risk, *(rng.standard_normal((2, model.size)) / np.sqrt(max(sizes)))


def deformed(risk, seed):
    """A family around the risk with every deformation that its loss and its activation allow."""
    rng = np.random.default_rng(seed)
    basis = None
    if risk.loss.name == "squared":
        basis = np.linalg.qr(rng.standard_normal((len(risk.X), min(len(risk.X), 4))))[0]
    easy = (
        rng.dirichlet(np.ones(risk.y.shape[1]), len(risk.X))
        if risk.loss.name == "softmax"
        else rng.random(risk.y.shape)
    )
    return risk.deformed(basis=basis, targets=easy, l2=0.7, mix=bool(rng.random() < 0.5))


def check_close(got, expected, rtol=1e-11):
    assert np.max(np.abs(got - expected)) <= rtol * max(np.max(np.abs(expected)), 1e-3)


@pytest.mark.parametrize("seed", range(60))
def test_values_gradients_and_products_agree_with_the_reference(seed, isa):
    risk, theta, v = case(seed)
    model = risk.model
    value, grad, hessp, ggnp = reference.risk(
        model.sizes, risk.loss.name, theta, risk.X, risk.y, v,
        l2=risk.l2, activation=model.activation, output=model.output, bias=model.bias,
    )  # fmt: skip
    found = risk.value_and_grad(theta)
    assert found[0] == pytest.approx(value, rel=1e-12)
    assert risk.value(theta) == found[0]
    check_close(found[1], grad)
    check_close(risk.hessp(theta, v), hessp)
    check_close(risk.ggnp(theta, v), ggnp)
    assert np.array_equal(risk.value_and_grad(theta)[1], found[1])


@pytest.mark.parametrize("seed", range(24))
def test_dense_matrices_are_those_of_the_products(seed, isa):
    risk, theta, _ = case(100 + seed)
    eye = np.eye(risk.size)
    for matrix, product in ((risk.ggn(theta), risk.ggnp), (risk.hessian(theta), risk.hessp)):
        assert np.array_equal(matrix, matrix.T)
        check_close(matrix, np.array([product(theta, e) for e in eye]), 1e-10)


@pytest.mark.parametrize("seed", range(24))
def test_families_agree_with_the_kernels_of_rows(seed):
    risk, theta, v = case(200 + seed)
    moving, found = deformed(risk, seed), {}
    for name in ("plain", *PATHS):
        use_isa(name)
        found[name] = [
            (
                *moving.value_and_grad(theta, t),
                moving.hessp(theta, t, v),
                moving.ggnp(theta, t, v),
                moving.dt_grad(theta, t),
            )
            for t in (0.0, 0.4, 1.0)
        ]
    use_isa(vmath.isa())
    for name in PATHS:
        for ours, plain in zip(found[name], found["plain"], strict=True):
            assert ours[0] == pytest.approx(plain[0], rel=1e-11, abs=1e-13)
            for mine, its in zip(ours[1:], plain[1:], strict=True):
                check_close(mine, its)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_what_is_not_finite_stays_so(activation, isa):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((203, 3)), rng.standard_normal(203)
    model = MLP((3, 6, 1), activation)
    risk = EmpiricalRisk(model, "squared", X, y)
    theta = rng.standard_normal(model.size)
    for place in (0, 20, 25, model.size - 1):  # an inner weight, its bias, an outer weight, the last bias
        for bad in (np.nan, np.inf):
            broken = theta.copy()
            broken[place] = bad
            finite = np.isfinite(model.forward(broken, X)).all()
            assert finite == (activation == "tanh" and place <= 20 and bad == np.inf)
            assert np.isfinite(risk.value(broken)) == finite
            assert np.isfinite(risk.grad(broken)).all() == finite


def test_saturated_units_have_no_slope(isa):
    rng = np.random.default_rng(1)
    X = rng.choice([-1.0, 1.0], (100, 2))
    model = MLP((2, 5, 1), "tanh")
    theta = rng.standard_normal(model.size)
    theta[:15] = 1e4 * np.sign(theta[:15]) * np.array([1, 3] * 5 + [0.5] * 5)
    risk = EmpiricalRisk(model, "squared", X, np.zeros(100))
    assert np.all(risk.grad(theta)[:15] == 0)
    assert risk.value(theta) == pytest.approx(0.5 * np.mean(model.forward(theta, X) ** 2), rel=1e-13)


def test_read_only_data_give_the_same():
    rng = np.random.default_rng(3)
    X, y, model = rng.standard_normal((150, 4)), rng.standard_normal(150), MLP((4, 7, 1), "tanh")
    theta = rng.standard_normal(model.size)
    expected = EmpiricalRisk(model, "squared", X, y).grad(theta)
    for array in (X, y, theta):
        array.flags.writeable = False
    assert np.array_equal(EmpiricalRisk(model, "squared", X, y).grad(theta), expected)
