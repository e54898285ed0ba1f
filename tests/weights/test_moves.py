"""Moves of units on weighted samples: compiled as readable, and as on as many rows."""

import numpy as np
import pytest
from weights.members import check_close, risks

from homotopy._core import vmath
from homotopy._core.moves import Moves, Pool
from homotopy.models.samples import upto
from homotopy.objectives.units import growth
from homotopy.objectives.units.dictionary import balance, best_unit, draw_units, pursue
from homotopy.objectives.units.readable import refitted, removed
from homotopy.streams import Draws, keys_of

KINDS = [
    ((3, 5, 1), "tanh", "squared", 40),
    ((2, 7, 2), "relu", "logistic", 61),
    ((1, 4, 3), "softplus", "softmax", 23),
    ((4, 9, 2), "leaky-relu:slope=0.3", "squared", 90),
    ((3, 6, 1), "erf", "logistic", 35),
]
SEEDS = [3, 2**40]


def units_on(isa, kind):
    """The units of a weighted risk with compiled moves of an instruction set, those of as many rows, and two points."""
    sizes, activation, loss, n = kind
    ours, rows = risks(sizes, activation, loss, n=n, l2=0.0)
    units, own = ours.units(), ours.samples
    targets = np.ascontiguousarray(ours.loss.regression_targets(own.y))
    y, facts = np.asarray(own.y, dtype=float), {"activation": units.activation, "loss": ours.loss, "bias": True}
    moves = Moves(own.X, y, targets, **facts, weights=own.weights, shares=upto(own.weights), isa=isa)
    rng = np.random.default_rng(7)
    return units, rows.units(), moves, np.array([units.wider(3).model.init(rng) for _ in range(2)])


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1])
def test_compiled_moves_are_the_readable_ones(isa, kind):
    units, rows, moves, x = units_on(isa, kind)
    width = units.width
    draws = Draws(keys_of(SEEDS), 2)
    W, b = moves.draw(draws.state, 13, 1.7)
    for i, rng in enumerate(Draws(keys_of(SEEDS), 2).generators()):
        own = units.samples
        W2, b2 = draw_units(own.X, 13, rng, activation=units.activation, scale=1.7, weights=own.weights)
        np.testing.assert_allclose(W[i], W2, rtol=1e-13)
        np.testing.assert_allclose(b[i], b2, rtol=1e-11, atol=1e-13)
    for beside in (False, True):
        away = moves.take_away(x, width + 3, 2, beside_path=beside)
        again = moves.refit(x, width + 3, beside_path=beside)
        for i in range(2):
            check_close(away[i], removed(units, x[i], 2, beside_path=beside), 1e-7)
            check_close(away[i], removed(rows, x[i], 2, beside_path=beside), 1e-7)
            check_close(again[i], refitted(units, x[i], beside_path=beside), 1e-9)
            check_close(again[i], refitted(rows, x[i], beside_path=beside), 1e-9)
    for number, dictionary in ((3, 40), (5, 9)):
        found = moves.pursued(Draws(keys_of(SEEDS), 2).state, number, dictionary=dictionary, ridge=0.1)
        for i, rng in enumerate(Draws(keys_of(SEEDS), 2).generators()):
            W, b, a, c = growth.pursued(units, number, rng, dictionary=dictionary, ridge=0.1)
            W, b, a = balance(W, b, a) if units.activation.homogeneous else (W, b, a)
            check_close(found[i], units.pack(W, b, a, c), 1e-9)


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1])
def test_growing_takes_the_readable_units(isa, kind):
    units, _, moves, _ = units_on(isa, kind)
    scale = 1.0 if units.activation.homogeneous else 1.3
    compiled = Pool(moves, Draws(keys_of(SEEDS), 4).state, 17, scale)
    readable = [growth.Pool(units, 17, rng, 1.3) for rng in Draws(keys_of(SEEDS), 4).generators()]
    x, width = np.tile(growth.constant(units.objective), (2, 1)), 0
    for count in (1, 4, 3):
        truth = np.array([pool.add(point, width, count) for pool, point in zip(readable, x, strict=True)])
        x, width = compiled.add(x, width, count), width + count
        check_close(x, truth, 1e-7)


def test_dictionaries_are_searched_as_on_as_many_rows():
    ours, rows = risks((3, 4, 2), n=30)
    W, b = draw_units(ours.X, 40, np.random.default_rng(0), activation="tanh")
    ours, rows = ours.units(), rows.units()
    H, H2 = ours.hidden(W, b), rows.hidden(W, b)
    weights, y, y2 = ours.samples.weights, ours.samples.y, rows.samples.y
    np.testing.assert_array_equal(pursue(H, y, 6, weights=weights), pursue(H2, y2, 6))
    used = np.zeros(40, dtype=bool)
    (j, new), (j2, new2) = best_unit(H, y, used, weights=weights), best_unit(H2, y2, used)
    assert j == j2
    check_close(new, new2, 1e-9)


def test_two_layers_are_the_ones_of_as_many_rows():
    ours, rows = risks((2, 4, 3, 1), "tanh", "squared", n=30, l2=0.0)
    rng = np.random.default_rng(0)
    layers = [(W.copy(), b.copy()) for W, b in ours.model.unpack(ours.model.init(rng))]
    a, b = ours.layers(), rows.layers()
    assert a.constant_loss == pytest.approx(b.constant_loss, rel=1e-12)
    for layer in (0, 1):
        for (W, c), (W2, c2) in zip(a.take_away(layers, layer), b.take_away(layers, layer), strict=True):
            check_close(W, W2, 1e-8)
            check_close(c, c2, 1e-8)
    grown = a.grow(a.begin(4, np.random.default_rng(1)), 20, np.random.default_rng(2))
    assert a.risk(grown).value(a.risk(grown).model.pack([*grown])) < a.constant_loss


def test_what_does_not_count_is_not_seen():
    """Units draw their hyperplanes through samples that count, and heuristics count no others."""
    ours, _ = risks((2, 3, 1), n=50)
    plain = ours.changed(X=ours.X[ours.weights > 0], y=ours.y[ours.weights > 0], weights=ours.weights[ours.weights > 0])
    a, b = ours.units(), plain.units()
    assert a.n_samples == b.n_samples < 50
    x = a.wider(4).model.init(3)
    np.testing.assert_array_equal(a.take_away(x, 2), b.take_away(x, 2))
    np.testing.assert_array_equal(a.refit(x), b.refit(x))
    drawn = [u.add_silent(x, 2, np.random.default_rng(1)) for u in (a, b)]
    np.testing.assert_array_equal(*drawn)


def test_units_are_drawn_through_samples_as_often_as_they_count():
    for kind in KINDS[:2]:
        sizes, activation, loss, n = kind
        ours, rows = risks(sizes, activation, loss, n=n)  # rows are repeated in the order of the samples
        a, b = ours.units(), rows.units()
        x = np.array([a.wider(2).model.init(i) for i in range(2)])
        check_close(a.add_silent(x, 9, Draws(keys_of(SEEDS), 1)), b.add_silent(x, 9, Draws(keys_of(SEEDS), 1)), 1e-12)
        found = [u.pursued(Draws(keys_of(SEEDS), 2), 4, dictionary=30, ridge=0.1) for u in (a, b)]
        check_close(*found, 1e-9)
    weights = np.array([0.1, 0.4, np.pi, 0.1])
    shares = upto(weights)
    assert shares[-1] == 2**31
    np.testing.assert_allclose(np.diff(shares, prepend=0) / 2**31, weights / weights.sum(), rtol=1e-8)
    np.testing.assert_array_equal(upto(np.array([0.2, 0.4, 0.2])), [1, 3, 4])
