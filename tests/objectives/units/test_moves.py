"""Units come and go: exact where the mathematics says so, least squares elsewhere."""

import numpy as np
import pytest

from homotopy._core import vmath
from homotopy._core.prune import merge_cheapest, merge_parallel
from homotopy.errors import ArgumentError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.facets import lacking
from homotopy.objectives.flops import relative_cost
from homotopy.objectives.functions import Rosenbrock
from homotopy.objectives.teacher import merge_costs
from homotopy.objectives.units.base import units_of
from homotopy.objectives.units.dictionary import draw_units
from homotopy.streams import Draws, generator_of, keys_of


def net(activation="tanh", sizes=(3, 4, 2), bias=True, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, sizes[0]))
    model = MLP(sizes, activation, bias=bias)
    return EmpiricalRisk(model, "squared", X, rng.standard_normal((40, sizes[-1]))), model


@pytest.mark.parametrize("bias", [True, False])
def test_silent_units_leave_the_function_as_it_is(bias):
    risk, model = net(bias=bias)
    units, rng = units_of(risk), np.random.default_rng(1)
    x = model.init(rng)
    wide = units.add_silent(x, 3, rng)
    assert units.wider(3).size == wide.size
    assert units.wider(3).value(wide) == pytest.approx(risk.value(x), rel=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_silent_units_are_the_first_to_go(bias):
    risk, model = net(bias=bias)
    units, rng = units_of(risk), np.random.default_rng(2)
    x = model.init(rng)
    for count in (1, 3):
        back = units.take_away(units.add_silent(x, count, rng), count)
        np.testing.assert_allclose(back, x, atol=1e-12)


def test_a_doubled_unit_goes_without_a_trace():
    risk, model = net("relu", seed=3)
    units = units_of(risk)
    x = model.init(5)
    W, b, outgoing, bias = units.layers(x)
    double = units.pack(
        np.vstack([W, 2 * W[1:2]]), np.append(b, 2 * b[1]), np.column_stack([outgoing, outgoing[:, 2]]), bias
    )
    back = units.take_away(double, 1)
    assert risk.value(back) == pytest.approx(units.wider(1).value(double), rel=1e-5)


def test_removal_compensates_by_least_squares():
    risk, _model = net(seed=4)
    units = units_of(risk)
    wide = units.wider(1)
    x = wide.model.init(6)
    back = units.take_away(x, 1)
    W, b, outgoing, bias = units.layers(back)
    A = np.column_stack([units.hidden(W, b), np.ones(40)])
    best = np.linalg.lstsq(A, wide.model.forward(x, risk.X), rcond=None)[0]
    np.testing.assert_allclose(np.vstack([outgoing.T, bias]), best, atol=1e-4)


def test_beside_a_linear_path_affine_functions_are_free():
    risk, model = net("relu", (3, 4, 1), seed=5)
    units = units_of(risk)
    x = model.init(7)
    W, b, outgoing, bias = units.layers(x)
    opposite = units.pack(np.vstack([W, -W[:1]]), np.append(b, -b[0]), np.append(outgoing, [[0.5]], axis=1), bias)
    back = units.take_away(opposite, 1, beside_path=True)
    A = np.column_stack([risk.X, np.ones(40)])

    def beside(objective, point):
        r = objective.model.forward(point, risk.X) - risk.y
        return np.linalg.norm(r - A @ np.linalg.lstsq(A, r, rcond=None)[0])

    assert beside(risk, back) == pytest.approx(beside(units.wider(1), opposite), rel=1e-4)


def test_joined_units_are_the_donors():
    risk, model = net()
    units = units_of(risk)
    x, donor = model.init(1), model.init(2)
    W, _b, outgoing, _ = units.layers(units.join(x, donor, 2))
    np.testing.assert_array_equal(W[-2:], units.layers(donor)[0][:2])
    np.testing.assert_allclose(outgoing[:, :4] * np.sqrt(6 / 4), units.layers(x)[2])
    grown = units.grow(x, 9, lambda: donor)
    assert len(units.layers(grown)[0]) == 13


def test_merges_take_the_cheapest_pair_and_pay_its_cost():
    risk = TeacherStudent(3, 3)
    units = units_of(risk)
    rows = np.random.default_rng(0).standard_normal((5, 3))
    costs = merge_costs(rows) + np.diag(np.full(5, np.inf))
    i, j = np.unravel_index(np.argmin(costs), costs.shape)
    merged = units.take_away(rows.ravel(), 1).reshape(4, 3)
    assert np.abs(merged - (rows[i] + rows[j])).sum(axis=1).min() < 1e-14
    split = np.vstack([np.eye(3), 0.3 * np.eye(3)[1:2]])
    split[1] *= 0.7
    assert risk.value(units.take_away(split.ravel(), 1)) < 1e-14


def test_parallel_merges_forget_the_sign():
    risk = TeacherStudent(3, 3)
    rows = np.vstack([np.eye(3), -0.5 * np.eye(3)[2:]])
    merged = units_of(risk).take_away(rows.ravel(), 1, beside_path=True).reshape(3, 3)
    np.testing.assert_allclose(np.sort(np.linalg.norm(merged, axis=1)), [1, 1, 1.5])


@pytest.mark.parametrize("beside_path", [False, True])
@pytest.mark.parametrize(("n", "count"), [(1, 0), (2, 1), (7, 3), (12, 11)])
def test_merges_of_many_students_are_those_of_each(n, count, beside_path):
    units = units_of(TeacherStudent(3, 3))
    x = np.random.default_rng(n).standard_normal((6, n * 3))
    x[2, :3] = 0.0  # a silent unit is merged first
    many = units.take_away(x, count, beside_path=beside_path)
    assert many.shape == (6, (n - count) * 3)
    for i in range(6):
        np.testing.assert_array_equal(many[i], units.take_away(x[i], count, beside_path=beside_path))
    assert units.take_away(x[:0], count).shape == (0, (n - count) * 3)


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize(("n", "d"), [(2, 1), (5, 3), (8, 4), (9, 17), (21, 6)])
def test_every_instruction_set_merges_the_cheapest_pairs(isa, n, d):
    rows = np.random.default_rng([n, d]).standard_normal((n, d))
    rows[0] = 0.0
    ours, paid = merge_cheapest(rows, n - 1, isa=isa)
    slow = [*rows]
    for price in paid:
        costs = merge_costs(slow) + np.diag(np.full(len(slow), np.inf))
        i, j = np.unravel_index(np.argmin(costs), costs.shape)
        np.testing.assert_allclose(price, costs[i, j], rtol=1e-9, atol=1e-13)
        slow = [w for k, w in enumerate(slow) if k not in (i, j)] + [slow[i] + slow[j]]
    np.testing.assert_allclose(ours, slow, rtol=1e-12, atol=1e-14)
    beside, defects = merge_parallel(rows, n - 1, isa=isa)
    again, same = merge_parallel(rows, n - 1, isa="plain")
    np.testing.assert_allclose(beside, again, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(defects, same, rtol=1e-9, atol=1e-14)


def test_a_student_that_has_gone_astray_harms_no_other():
    rows = np.random.default_rng(0).standard_normal((3, 5, 4))
    rows[1] = np.nan
    merged, paid = merge_cheapest(rows, 2)
    assert merged.shape == (3, 3, 4)
    assert np.isinf(paid[1]).all()
    for i in (0, 2):
        alone, costs = merge_cheapest(rows[i], 2)
        np.testing.assert_array_equal(merged[i], alone)
        np.testing.assert_array_equal(paid[i], costs)


def test_merges_that_cannot_be_made_are_named():
    with pytest.raises(ArgumentError, match="less than the 3 units, not 3"):
        merge_cheapest(np.ones((3, 2)), 3)
    with pytest.raises(ArgumentError, match=r"units has shape \(3,\)"):
        merge_parallel(np.ones(3), 1)


KINDS = [TeacherStudent(3, 3), net()[0], net("relu", (2, 5, 1))[0], net(bias=False)[0]]


@pytest.mark.parametrize("risk", KINDS, ids=repr)
def test_moves_of_many_points_are_those_of_each(risk):
    units, keys = units_of(risk), keys_of([3, 4, 5, 6])
    rng = np.random.default_rng(7)
    x, donors = (np.array([risk.draw(rng) for _ in range(4)]) for _ in range(2))
    wide = units.join(x, donors, 2)
    moved = {
        "join": (wide, lambda i: units.join(x[i], donors[i], 2)),
        "narrow": (units.narrow(wide), lambda i: units.narrow(wide[i])),
        "grow": (units.grow(x, 7, lambda: donors), lambda i: units.grow(x[i], 7, lambda: donors[i])),
        "take away": (units.take_away(wide, 2), lambda i: units.take_away(wide[i], 2)),
        "refit": (units.refit(wide), lambda i: units.refit(wide[i])),
        "silent": (
            units.add_silent(x, 3, Draws(keys, 2)),
            lambda i: units.add_silent(x[i], 3, generator_of(keys[i], 2)),
        ),
    }
    for many, one in moved.values():
        for i in range(4):
            np.testing.assert_allclose(many[i], one(i), rtol=1e-12, atol=1e-12)
    backward = units.take_away(np.ascontiguousarray(wide[::-1]), 2)
    np.testing.assert_array_equal(backward[::-1], moved["take away"][0])


def test_costs_are_those_of_flops():
    def cost(objective, extra):
        return relative_cost(units_of(objective).wider(extra), objective)

    assert cost(TeacherStudent(20, 20), 5) == pytest.approx((25**2 + 25 * 20) / 800)
    assert cost(net()[0], 2) == pytest.approx(6 / 4)
    assert cost(TeacherStudent(4, 4), 0) == cost(net()[0], 0) == 1.0


def test_dictionary_units_pass_through_samples_and_follow_the_scale():
    X = 10 * np.random.default_rng(0).standard_normal((30, 2))
    for activation in ("relu", "tanh"):
        W, b = draw_units(X, 50, np.random.default_rng(1), activation=activation)
        assert np.abs(X @ W.T + b).min(axis=0).max() < 1e-10
        W10, b10 = draw_units(X / 10, 50, np.random.default_rng(1), activation=activation)
        np.testing.assert_allclose(W10, 10 * W)
        np.testing.assert_allclose(b10, b, atol=1e-12)


def test_objectives_without_units_are_refused():
    deep = EmpiricalRisk(MLP((2, 3, 3, 1)), "squared", np.zeros((2, 2)) + np.eye(2), np.ones(2))
    assert "2 hidden layers" in lacking(deep, ("units",))
    with pytest.raises(ArgumentError, match="a Rosenbrock has no hidden units"):
        units_of(Rosenbrock())
