"""Values, gradients and Hessian-vector products at many points in one call, against one call a point."""

import numpy as np
import pytest

from homotopy._core import vmath
from homotopy._core.many import value_and_grad_many
from homotopy.errors import ArgumentError
from homotopy.homotopies import Gaussian, Proximal, Targets, Width
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.base import compiled
from homotopy.objectives.functions import Rosenbrock

SHAPES = [
    ((2, 2, 1), "tanh", "squared", 4),
    ((2, 4, 1), "relu", "squared", 5),
    ((1, 4, 1), "sin", "squared", 31),
    ((3, 4, 2), "gelu", "squared", 15),
    ((2, 3, 3, 1), "softplus", "logistic", 9),
    ((4, 5, 3), "leaky-relu:slope=0.1", "softmax", 12),
    ((3, 1), "tanh", "logistic", 7),
    ((8, 40, 3), "tanh", "squared", 50),
    ((30, 40, 2), "relu", "squared", 20),
]


def risk(sizes, activation, loss, n, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, sizes[0]))
    y = rng.integers(sizes[-1], size=n) if loss == "softmax" else rng.standard_normal((n, sizes[-1]))
    y = (y > 0).astype(float) if loss == "logistic" else y
    return EmpiricalRisk(MLP(sizes, activation, dtype=dtype), loss, X, y, l2=0.02)


def close(found, wanted, rtol):
    scale = np.abs(wanted).max(axis=-1, keepdims=True) if np.ndim(wanted) > 1 else np.abs(wanted)
    assert found.shape == np.shape(wanted)
    assert np.all(np.abs(found - wanted) <= rtol * scale)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("r", [0, 1, 2, 37])
def test_many_points_are_as_many_calls(shape, r):
    f, rng = risk(*shape), np.random.default_rng(1)
    X, V = rng.standard_normal((2, r, f.size))
    values, grads = f.value_and_grad_many(X)
    assert values.dtype == grads.dtype == np.float64
    close(values, np.array([f.value(x) for x in X]), 1e-12)
    close(grads, np.array([f.grad(x) for x in X]).reshape(r, f.size), 1e-11)
    products = [f.hessp(x, v) for x, v in zip(X, V, strict=True)]
    np.testing.assert_array_equal(f.hessp_many(X, V), np.array(products).reshape(r, f.size))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("isa", vmath.available())
def test_a_point_does_not_depend_on_its_neighbors(shape, isa):
    f = risk(*shape)
    X = np.random.default_rng(2).standard_normal((70, f.size))
    values, grads = value_and_grad_many(f.capsule(), X, largest=10_000, isa=isa)
    X[33] = np.nan
    for rows in (slice(0, 1), slice(3, 12), slice(34, 70), slice(40, 62)):
        few, slopes = value_and_grad_many(f.capsule(), X[rows].copy(), largest=10_000, isa=isa)
        np.testing.assert_array_equal(few, values[rows])
        np.testing.assert_array_equal(slopes, grads[rows])
    broken, _ = value_and_grad_many(f.capsule(), X, largest=10_000, isa=isa)
    assert np.isnan(broken[33])
    np.testing.assert_array_equal(np.delete(broken, 33), np.delete(values, 33))


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("shape", SHAPES)
def test_lanes_and_the_loop_agree_on_every_instruction_set(shape, isa):
    f = risk(*shape)
    X = np.random.default_rng(3).standard_normal((19, f.size))
    lanes = value_and_grad_many(f.capsule(), X, largest=10_000, isa=isa)
    loop = value_and_grad_many(f.capsule(), X, largest=0, isa=isa)
    close(lanes[0], loop[0], 1e-12)
    close(lanes[1], loop[1], 1e-11)


def test_single_precision_goes_through_a_loop_of_its_own():
    f, g = (risk((3, 5, 2), "tanh", "squared", 20, dtype) for dtype in (np.float32, np.float64))
    X, V = np.random.default_rng(4).standard_normal((2, 11, f.size)).astype(np.float32)
    values, grads = f.value_and_grad_many(X)
    assert (values.dtype, grads.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(values, [f.value(x) for x in X])
    np.testing.assert_array_equal(grads, [f.grad(x) for x in X])
    close(values, g.value_and_grad_many(X.astype(float))[0], 1e-5)
    np.testing.assert_array_equal(f.hessp_many(X, V), [f.hessp(x, v) for x, v in zip(X, V, strict=True)])


def test_one_point_meets_many_directions():
    f = risk((3, 5, 2), "tanh", "squared", 20)
    x, *V = np.random.default_rng(5).standard_normal((9, f.size))
    np.testing.assert_array_equal(f.hessp_many(x, np.array(V)), [f.hessp(x, v) for v in V])
    np.testing.assert_allclose(f.hessp_many(x, np.eye(f.size)), f.hessian(x), atol=1e-12)


FAMILIES = {
    "targets": lambda f: Targets(f),
    "decay": lambda f: f.deformed(l2=0.4),
    "mix": lambda f: f.deformed(mix=True),
    "basis": lambda f: f.deformed(basis=np.linalg.qr(np.c_[np.ones(len(f.X)), f.X])[0]),
    "proximal": lambda f: Proximal(f, np.ones(f.size)),
    "width": lambda f: Width(f, 1),
    "gaussian": lambda f: Gaussian(f, 0.3, samples=4),
    "interpreted": lambda f: Proximal(Rosenbrock(), np.ones(2)),
}


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("t", [0.0, 0.37, 1.0])
def test_families_take_many_points_too(name, t):
    family = FAMILIES[name](risk((2, 3, 1), "tanh", "squared", 12))
    X, V = np.random.default_rng(6).standard_normal((2, 21, family.size))
    sides = [(family.value_and_grad_many(X, t), family.hessp_many(X, t, V) if hasattr(family, "hessp_many") else None)]
    if hasattr(family, "at"):
        sides.append((family.at(t).value_and_grad_many(X), family.at(t).hessp_many(X, V)))
    for (values, grads), products in sides:
        close(values, np.array([family.value_and_grad(x, t)[0] for x in X]), 1e-11)
        close(grads, np.array([family.grad(x, t) for x in X]), 1e-10)
        np.testing.assert_array_equal(products, [family.hessp(x, t, v) for x, v in zip(X, V, strict=True)])


def test_other_compiled_functions_go_through_the_loop():
    from homotopy._core.descent import CompiledRosenbrock

    f = CompiledRosenbrock()
    X = np.random.default_rng(7).standard_normal((9, 2))
    values, grads = value_and_grad_many(compiled(f), X)
    wanted = Rosenbrock()
    np.testing.assert_allclose(values, [wanted.value(x) for x in X], rtol=1e-13)
    np.testing.assert_allclose(grads, [wanted.grad(x) for x in X], rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.zeros((3, 8)), r"X must be a C-contiguous float64 array of shape \(any, 9\), not one .* shape \(3, 8\)"),
        (np.zeros((3, 9), np.float32), "float32"),
        (np.zeros((9, 3)).T, "not C-contiguous"),
        (np.zeros(9), r"shape \(9,\)"),
        ([[0.0] * 9], "a list"),
    ],
)
def test_wrong_points_are_refused_in_one_sentence(wrong, words):
    f = risk((2, 2, 1), "tanh", "squared", 4)
    with pytest.raises(ArgumentError, match=words):
        f.value_and_grad_many(wrong)
    with pytest.raises(ArgumentError, match="V must be" if np.shape(wrong) == (9,) else words):
        f.hessp_many(wrong, np.zeros((3, 8)))
    with pytest.raises(ArgumentError, match=r"V must be .* shape \(3, 9\)"):
        f.hessp_many(np.zeros((3, 9)), np.zeros((2, 9)))
