"""Many students at once, against one after the other: bit for bit, for every instruction set."""

import numpy as np
import pytest

from homotopy._core import teacher as core
from homotopy._core import vmath
from homotopy.errors import ArgumentError
from homotopy.objectives.teacher import TeacherStudent

SHAPES = [(1, 1, 1), (1, 1, 3), (2, 3, 2), (3, 3, 3), (4, 6, 7), (5, 2, 3), (9, 8, 5), (20, 20, 20), (3, 33, 17)]
SHAPES += [(1, 9, 8), (17, 2, 16), (8, 8, 8)]


@pytest.fixture(params=vmath.available(), autouse=True)
def instruction_set(request):
    core.use_isa(request.param)
    yield request.param
    core.use_isa(vmath.isa())


def risks(k, n, d):
    """A random teacher with one zero row where it has several, and the unit vectors where they fit."""
    rows = np.random.default_rng([k, n, d]).standard_normal((k, d))
    rows[1:2] = 0.0
    yield TeacherStudent(k, n, d, teacher=rows)
    if k <= d:
        yield TeacherStudent(k, n, d)


def points(risk, r, seed=0):
    """Random points; some of rows nearly parallel to the teacher's and to each other, up to sign; zero rows."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((r, risk.size))
    near = np.resize(risk.teacher, (risk.n, risk.d)) * rng.choice([-1.0, 1.0, 2.0], (risk.n, 1))
    for i in range(0, r, 3):
        X[i] = (near + 10.0 ** -(2.0 + i) * rng.standard_normal(near.shape)).ravel()
    X[1::5, : risk.d] = 0.0
    X[2::7] *= 1e-100
    return X


def assert_same(many, alone):
    np.testing.assert_array_equal(many[0], [value for value, _ in alone])
    np.testing.assert_array_equal(many[1], [grad for _, grad in alone])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("r", [1, 2, 3, 8, 13])
def test_values_and_gradients(shape, r):
    for risk in risks(*shape):
        X = points(risk, r)
        assert_same(risk.value_and_grad_many(X), [risk.value_and_grad(x) for x in X])
        for path in (risk.deformed(), risk.smoothed(0.5)):
            for t in (0.0, 0.3, 1.0):
                assert_same(path.value_and_grad_many(X, t), [path.value_and_grad(x, t) for x in X])


@pytest.mark.parametrize("shape", SHAPES)
def test_products_with_hessians(shape):
    for risk in risks(*shape):
        X, V = points(risk, 5, 1), points(risk, 5, 2)
        np.testing.assert_array_equal(risk.hessp_many(X, V), [risk.hessp(x, v) for x, v in zip(X, V, strict=True)])
        path = risk.deformed()
        np.testing.assert_array_equal(
            path.hessp_many(X, 0.3, V), [path.hessp(x, 0.3, v) for x, v in zip(X, V, strict=True)]
        )


def test_a_point_of_nan_or_of_huge_numbers_leaves_its_neighbors_alone():
    risk = next(risks(4, 6, 7))
    X = points(risk, 8)
    X[3, 5], X[6] = np.nan, 1e200
    values, grads = risk.value_and_grad_many(X)
    assert np.isnan(values[3])
    assert not np.isfinite(values[6])
    for i in (0, 1, 2, 4, 5, 7):
        value, grad = risk.value_and_grad(X[i])
        assert values[i] == value
        np.testing.assert_array_equal(grads[i], grad)
    after = risk.value_and_grad_many(np.delete(X, [3, 6], axis=0))
    np.testing.assert_array_equal(after[0], np.delete(values, [3, 6]))


def test_no_points():
    risk = next(risks(4, 6, 7))
    values, grads = risk.value_and_grad_many(np.empty((0, 42)))
    assert values.shape == (0,)
    assert grads.shape == (0, 42)
    assert risk.hessp_many(np.empty((0, 42)), np.empty((0, 42))).shape == (0, 42)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda f: f.value_and_grad_many(np.zeros(42)), r"X must be .* of shape \(any, 42\)"),
        (lambda f: f.value_and_grad_many(np.zeros((2, 41))), r"X must be .* of shape \(any, 42\)"),
        (lambda f: f.value_and_grad_many(np.zeros((2, 42), np.float32)), "X must be a C-contiguous float64"),
        (lambda f: f.value_and_grad_many(np.zeros((42, 2)).T), "not C-contiguous"),
        (lambda f: f.hessp_many(np.zeros((2, 42)), np.zeros((3, 42))), r"V must be .* of shape \(2, 42\)"),
        (lambda f: f.deformed().value_and_grad_many(None, 0.3), "not a NoneType"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ArgumentError, match=words):
        call(next(risks(4, 6, 7)))
