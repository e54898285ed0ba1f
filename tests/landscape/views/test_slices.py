"""Slices against values one by one, directions against their definitions, paths on planes."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.landscape import filter_normalized, off_plane, path_directions, project, slice_1d, slice_2d
from homotopy.objectives import Function
from homotopy.objectives.functions import Rosenbrock


def net(seed=0, activation="tanh"):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((15, 3)), rng.standard_normal((15, 2))
    return hp.EmpiricalRisk(hp.MLP((3, 4, 2), activation), "squared", X, y, l2=1e-3)


@pytest.mark.parametrize("made", [net, Rosenbrock, lambda: hp.TeacherStudent(3, 4)])
def test_slices_are_the_values_of_their_points(made):
    f, rng = made(), np.random.default_rng(1)
    x, d = rng.standard_normal(f.size), rng.standard_normal((2, f.size))
    line = slice_1d(f, x, d[0], n=7, span=(-0.5, 2.0))
    assert line.steps[[0, -1]].tolist() == [-0.5, 2.0]
    np.testing.assert_allclose(line.values, [f.value(x + a * d[0]) for a in line.steps], rtol=1e-12)
    np.testing.assert_allclose(line.slopes, [f.grad(x + a * d[0]) @ d[0] for a in line.steps], rtol=1e-9, atol=1e-12)
    plane = slice_2d(f, x, d, n=5, span=((-1.0, 1.0), (0.0, 3.0)))
    assert plane.values.shape == (5, 5)
    want = [[f.value(x + a * d[0] + b * d[1]) for a in plane.a] for b in plane.b]
    np.testing.assert_allclose(plane.values, want, rtol=1e-12)


def test_points_that_cannot_be_evaluated_are_nan():
    def value(x):
        if x[0] > 0.5:
            raise ArithmeticError("no")
        return x[0] ** 2

    line = slice_1d(Function(value, lambda x: 2 * x, 1), [0.0], [1.0], n=5)
    assert np.isnan(line.values).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("biases", ["zero", "own"])
def test_filter_normalized_units_are_as_long_as_their_weights(biases):
    risk = net()
    x = risk.draw(np.random.default_rng(2)) + 0.1
    d = filter_normalized(risk, x, 3, biases=biases)
    for (W, b), (V, c) in zip(risk.model.unpack(x), risk.model.unpack(d), strict=True):
        np.testing.assert_allclose(np.linalg.norm(V, axis=1), np.linalg.norm(W, axis=1), rtol=1e-13)
        np.testing.assert_array_equal(c, np.zeros_like(b) if biases == "zero" else b)
    assert np.array_equal(d, filter_normalized(risk.model, x, 3, biases=biases))
    assert not np.array_equal(d, filter_normalized(risk, x, 4, biases=biases))
    rows = np.random.default_rng(0).standard_normal(12)
    moved = filter_normalized(hp.TeacherStudent(3, 4), rows, 0).reshape(4, 3)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), np.linalg.norm(rows.reshape(4, 3), axis=1), rtol=1e-13)


def test_slices_of_a_relu_net_do_not_depend_on_how_its_units_are_scaled():
    risk = hp.EmpiricalRisk(net().model, "squared", net().X, net().y)
    relu = hp.EmpiricalRisk(hp.MLP((3, 4, 2), "relu", bias=False), "squared", risk.X, risk.y)
    x = relu.draw(np.random.default_rng(5))
    (W, _), (V, _) = relu.model.unpack(x)
    c = np.array([10.0, 0.1, 3.0, 1.0])
    y = relu.model.pack([(c[:, None] * W, None), (V / c, None)])
    d = filter_normalized(relu, x, 1)
    (D, _), (E, _) = relu.model.unpack(d)
    e = relu.model.pack([(c[:, None] * D, None), (E / c, None)])
    np.testing.assert_allclose(slice_1d(relu, x, d).values, slice_1d(relu, y, e).values, rtol=1e-10)


def test_the_plane_of_a_path_holds_one_that_stays_in_a_plane():
    rng = np.random.default_rng(0)
    rows = np.linalg.qr(rng.standard_normal((6, 2)))[0].T
    coordinates = np.cumsum(rng.standard_normal((30, 2)) * [3.0, 1.0], axis=0)
    points = rng.standard_normal(6) + coordinates @ rows
    found = path_directions(points)
    assert found.shares.sum() == pytest.approx(1.0)
    assert np.allclose(found.directions @ found.directions.T, np.eye(2))
    at = project(points, found.center, found.directions)
    np.testing.assert_allclose(found.center + at @ found.directions, points, atol=1e-12)
    assert off_plane(points, found.center, found.directions).max() < 1e-12
    away = points + 5.0 * np.linalg.svd(rows)[2][-1]
    np.testing.assert_allclose(project(away, found.center, found.directions), at, atol=1e-12)
    assert off_plane(away, found.center, found.directions)[-1] == pytest.approx(1.0)


def test_arguments():
    f, x = Rosenbrock(), [1.0, 1.0]
    bad = [
        (lambda: slice_1d(f, x, [0.0, 0.0]), "direction must not be zero"),
        (lambda: slice_1d(f, [1.0], [1.0, 0.0]), "x has shape"),
        (lambda: slice_2d(f, x, [[1.0, 2.0], [2.0, 4.0]]), "directions must be independent"),
        (lambda: slice_2d(f, x, [1.0, 2.0]), "directions has 1 rows"),
        (lambda: slice_1d(f, x, [1.0, 0.0], span=(1.0, 0.0)), "span is"),
        (lambda: slice_1d(f, x, [1.0, 0.0], n=1), "n must be"),
        (lambda: filter_normalized(f, x), "model is"),
        (lambda: filter_normalized(net(), np.ones(26), biases="all"), "biases must be"),
        (lambda: path_directions(np.ones((4, 3))), "points move in fewer than 2"),
        (lambda: project([[1.0, 2.0, 3.0]], x, [1.0, 0.0]), "points has shape"),
        (lambda: project([[1.0, 2.0]], x, [[1.0, 0.0], [0.0, 0.0]]), "directions must be independent"),
    ]
    for call, message in bad:
        with pytest.raises(ArgumentError, match=message):
            call()
