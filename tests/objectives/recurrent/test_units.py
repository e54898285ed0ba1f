"""Units of recurrent nets come and go: what must not change does not, and least squares makes up for the rest."""

import numpy as np
import pytest
from objectives.recurrent.members import CELLS, member

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.objectives.flops import relative_cost
from homotopy.objectives.units.base import units_of
from homotopy.streams import Draws, keys_of

KINDS = [(cell, state) for cell in CELLS for state in ("zero", "learned")]


def net(cell="elman", state="zero", activation="tanh", h=4, seed=0, **more):
    """A risk whose units differ well, and its solution."""
    rng = np.random.default_rng(seed)
    model = hp.RNN(2, h, 2, activation if cell == "elman" else "tanh", cell=cell, state=state)
    x, X = model.init(rng) + 0.3 * rng.standard_normal(model.size), rng.standard_normal((12, 6, 2))
    return hp.EmpiricalRisk(model, "squared", X, model.forward(x, X), **more), x


@pytest.mark.parametrize(("cell", "state"), KINDS)
def test_silent_units_leave_the_function_as_it_is(cell, state):
    risk, x = net(cell, state)
    units = units_of(risk)
    wide = units.add_silent(x, 3, np.random.default_rng(1))
    assert units.wider(3).size == wide.size
    assert units.wider(3).value(wide) < 1e-25
    assert not wide[units.outgoing(3)].any()
    assert np.count_nonzero(wide[units.belonging(3)]) >= 3 * (7 + 2)
    assert units.belonging(3)[units.outgoing(3)].all()
    np.testing.assert_array_equal(units.narrow(wide), x)
    moved = wide + units.belonging(3)
    np.testing.assert_array_equal(units.narrow(moved), x)
    loud = wide.copy()
    loud[units.outgoing(3)] = 0.1
    assert units.wider(3).value(loud) > 1e-6


@pytest.mark.parametrize("by", ["loss", "score"])
@pytest.mark.parametrize(("cell", "state"), KINDS)
def test_silent_units_are_the_first_to_go(cell, state, by):
    risk, x = net(cell, state)
    units = risk.units(by=by)
    for count in (1, 3) if by == "loss" else (1,):  # a score counts what silent units receive of each other
        back = units.take_away(units.add_silent(x, count, np.random.default_rng(2)), count)
        np.testing.assert_allclose(back, x, atol=1e-10)


def doubled(units, x):
    """The net with unit 1 twice: what the others receive of it they receive of both, in two parts."""
    parts, wide = units.layout.split(x), units.layout.grown(units.layout.split(x), 1)
    for name in wide.keys() & {"U", "b", "e", "h0"}:
        at = (..., -1, slice(None)) if name == "U" else (..., -1)
        wide[name][at] = parts[name][(..., 1, slice(None)) if name == "U" else (..., 1)]
    wide["W"][..., -1, :-1] = parts["W"][..., 1, :]
    for name in ("W", "C"):
        wide[name][..., -1], wide[name][..., 1] = 0.3 * wide[name][..., 1], 0.7 * wide[name][..., 1]
    return units.layout.joined(wide)


@pytest.mark.parametrize("by", ["loss", "score"])
@pytest.mark.parametrize(("cell", "state"), KINDS)
def test_a_doubled_unit_goes_without_a_trace(cell, state, by):
    risk, x = net(cell, state, seed=3)
    units = risk.units(by=by)
    double = doubled(units, x)
    assert units.wider(1).value(double) < 1e-20
    assert risk.value(units.take_away(double, 1)) < 1e-9


def test_a_part_of_many_sequences_is_enough():
    risk, x = net(seed=3)
    X = np.random.default_rng(4).standard_normal((3000, 20, 2))
    many = risk.resampled(X, risk.model.forward(x, X), np.random.default_rng(5).exponential(size=3000))
    units = units_of(many)
    assert many.value(units.take_away(doubled(units, x), 1)) < 1e-9


def test_outputs_are_made_up_for_by_least_squares():
    risk, _ = net(
        seed=4, weights=np.random.default_rng(9).exponential(size=12), lengths=[6, 6, 3, 6, 1, 6, 6, 2, 6, 6, 5, 6]
    )
    units = units_of(risk)
    wide = units.wider(2)
    parts = units.layout.split(np.random.default_rng(5).standard_normal(wide.size))
    parts["W"] *= 0.0  # nothing feeds back: the outputs alone are to be kept
    point = units.layout.joined(parts)
    back = units.layout.split(risk.units(by="score").take_away(point, 1))
    own = risk.sequences
    S = np.asarray(units.wider(1).model.states(units.layout.joined(back), risk.X))[own.counts > 0]
    Z = np.asarray(wide.model.forward(point, risk.X))[own.counts > 0]
    root = np.sqrt(own.counts[own.counts > 0])[:, None]
    best = np.linalg.lstsq(root * np.column_stack([S, np.ones(len(S))]), root * Z, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([back["C"].T, back["c"]]), best, atol=1e-3)


@pytest.mark.parametrize("cell", CELLS)
def test_the_unit_that_costs_least_goes(cell):
    x, X = net(cell, seed=6, h=5)[1], np.random.default_rng(7).standard_normal((12, 6, 2))
    risk = net(cell)[0].resampled(X, hp.RNN(2, 5, 2, cell=cell).forward(x, X))
    units = units_of(risk)
    best = risk.value(units.take_away(x, 1))
    others = []
    for j in range(5):  # without unit j and without compensation
        others.append(risk.value(units.layout.joined(units.layout.kept(units.layout.split(x), np.arange(5) != j))))
    assert best < min(others)
    assert best <= risk.value(risk.units(by="score").take_away(x, 1)) * (1 + 1e-9)


def test_removal_has_no_unit_of_the_states():
    risk, _ = net(activation="identity", seed=8)
    units, c = units_of(risk), 1e6
    wide = units.layout.split(units.wider(1).model.init(3))
    scaled = {**wide, "U": wide["U"] * c, "b": wide["b"] * c, "C": wide["C"] / c}  # states are c times as large
    one, other = (units.take_away(units.layout.joined(parts), 1) for parts in (wide, scaled))
    assert risk.value(other) == pytest.approx(risk.value(one), rel=1e-6)


@pytest.mark.parametrize(("cell", "state"), KINDS)
def test_joined_nets_stand_side_by_side(cell, state):
    risk, x = net(cell, state)
    units, donor = units_of(risk), net(cell, state, seed=11)[1]
    both = units.join(x, donor, 4)
    model, c = risk.model, units.layout.split(x)["c"]
    c2 = units.layout.split(donor)["c"]
    together = units.wider(4).model.forward(both, risk.X) - c
    apart = (model.forward(x, risk.X) - c) + (model.forward(donor, risk.X) - c2)
    np.testing.assert_allclose(together, apart / np.sqrt(2), atol=1e-12)
    assert units.grow(x, 6, lambda: donor).size == units.wider(6).size


def test_refitted_outputs_are_a_ridge_regression():
    risk, x = net(seed=12, steps=[0, 1, 2, 1, 0.5, 3], lengths=[6, 5, 4, 3, 6, 6, 6, 6, 6, 6, 6, 2])
    units = units_of(risk)
    back = units.refit(x)
    parts, own = units.layout.split(back), risk.sequences
    np.testing.assert_array_equal(parts["W"], units.layout.split(x)["W"])
    on = own.counts > 0
    S, share = np.asarray(risk.model.states(x, risk.X))[on], own.counts[on] / own.counts.sum()
    mean = share @ S
    A = np.sqrt(share)[:, None] * (S - mean)
    ridge = 1e-3 * np.trace(A.T @ A) / 4
    best = np.linalg.solve(A.T @ A + ridge * np.eye(4), A.T @ (np.sqrt(share)[:, None] * risk.y[on]))
    np.testing.assert_allclose(parts["C"], best.T, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("cell", "state"), KINDS)
def test_what_becomes_of_a_point_depends_on_no_other_one(cell, state):
    risk, _ = net(cell, state)
    units = units_of(risk)
    x = np.array([units.wider(2).model.init(s) for s in range(3)])
    for many, one in [
        (units.take_away(x, 2), lambda i: units.take_away(x[i], 2)),
        (units.refit(x), lambda i: units.refit(x[i])),
        (units.narrow(x), lambda i: units.narrow(x[i])),
        (units.join(x, x, 2), lambda i: units.join(x[i], x[i], 2)),
    ]:
        np.testing.assert_array_equal(many, [one(i) for i in range(3)])
    keys = keys_of([3, 4, 5])
    silent = units.add_silent(x, 2, Draws(keys, 7))
    alone = [units.add_silent(x[i], 2, Draws(keys[i : i + 1], 7).generators()[0]) for i in range(3)]
    np.testing.assert_array_equal(silent, alone)
    assert not np.array_equal(silent[0], silent[1])


@pytest.mark.parametrize(("cell", "state"), KINDS)
def test_weights_are_copies(cell, state):
    plain, _ = net(cell, state)
    copies = np.array([2, 0, 1, 3, 1, 1, 0, 2, 1, 1, 4, 1])
    y = np.random.default_rng(3).standard_normal(plain.y.shape)
    weighted = plain.resampled(plain.X, y, 1e-7 * copies)
    repeated = plain.resampled(np.repeat(plain.X, copies, axis=0), np.repeat(y, copies, axis=0))
    x = plain.units().wider(2).model.init(1)
    for by in ("loss", "score"):
        one, other = weighted.units(by=by), repeated.units(by=by)
        np.testing.assert_allclose(one.take_away(x, 2), other.take_away(x, 2), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(one.refit(x), other.refit(x), rtol=1e-8, atol=1e-10)


def test_a_net_that_blows_up_is_made_narrow_all_the_same():
    risk, _ = net(activation="relu")
    units = units_of(risk)
    x = 1e80 * units.wider(2).model.init(0)
    with np.errstate(all="ignore"):
        back = units.take_away(x, 2)
    assert back.shape == (risk.size,)


def test_costs_are_those_of_flops():
    risk, _ = net()
    units = units_of(risk)
    assert relative_cost(units.wider(2), risk) == risk.model.wider(2).gradient_flops(1) / risk.model.gradient_flops(1)
    one = units.removal_flops(1, 2) / units.wider(2).flops
    assert one == pytest.approx(1 + 6 / 3)
    assert units.removal_flops(2, 2) == pytest.approx(units.removal_flops(1, 2) + units.removal_flops(1, 1))
    assert risk.units(by="score").removal_flops(1, 2) == units.wider(2).flops
    assert 0 < units.refit_flops(1) < units.wider(1).flops


def test_how_many_units_more():
    assert units_of(net()[0]).surplus == 2
    assert units_of(net(activation="relu")[0]).surplus == units_of(net(activation="relu")[0]).surplus_beside_path == 4


def test_units_of_another_width_are_refused():
    units = units_of(net()[0])
    with pytest.raises(ArgumentError, match="x has 7 numbers; no elman net from 2 inputs to 2 outputs has as many"):
        units.narrow(np.zeros(7))


@pytest.mark.parametrize("seed", range(600, 610))
def test_random_members_keep_their_loss_through_silence(seed):
    state = ("zero", "learned")[seed % 2]
    one = member(seed, state=state, scale=0.4)
    units = units_of(one.risk)
    wide = units.add_silent(one.x, 2, np.random.default_rng(seed))
    assert units.wider(2).value(wide) - one.risk.l2 / 2 * (wide @ wide - one.x @ one.x) == pytest.approx(
        one.risk.value(one.x), rel=1e-10
    )
    back = units.take_away(wide, 2)
    assert back.shape == one.x.shape
    assert np.isfinite(one.risk.value(back))


def test_no_silent_units_and_states_in_other_units():
    risk, x = net("gru", "learned")
    np.testing.assert_array_equal(risk.units().add_silent(x, 0, np.random.default_rng(0)), x)
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((9, 5, 2)), rng.standard_normal((9, 5, 1))
    model, found = hp.RNN(2, 3, 1, "relu"), []
    for size in (1.0, 1e-9):  # of the inputs, and so of the states of relu units without biases
        own = hp.EmpiricalRisk(model, "squared", size * X, y)
        found.append(own.value(own.units().refit(model.init(4))))
    assert found[1] == pytest.approx(found[0], rel=1e-9)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("by", ["loss", "score"])
def test_the_unit_that_goes_is_the_same_whatever_the_unit_of_the_targets(cell, by):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((12, 9, 2)), rng.standard_normal((12, 9, 1))
    model, found = hp.RNN(2, 4, 1, cell=cell), []
    for size in (1.0, 1e-6, 1e6, 1e100):
        x = model.init(3)
        parts = model.unpack(x)
        parts["C"][...] *= size
        parts["c"][...] *= size
        units = hp.EmpiricalRisk(model, "squared", X, size * y).units(by)
        found.append(units.wider(-1).value(units.take_away(x, 1)) / size**2)
    np.testing.assert_allclose(found, found[0], rtol=1e-9)
