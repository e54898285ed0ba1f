"""The compiled moves of units are those of the readable ones, on every instruction set and for every member."""

import numpy as np
import pytest

from homotopy._core import vmath
from homotopy._core.moves import Moves, Pool
from homotopy.errors import ArgumentError
from homotopy.models import MLP
from homotopy.models.activations import BY_NAME
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.units import growth
from homotopy.objectives.units.dictionary import balance, draw_units
from homotopy.objectives.units.readable import refitted, removed
from homotopy.streams import Draws, keys_of

ACTIVATIONS = [*BY_NAME, "leaky-relu:slope=0.3"]
SEEDS = [3, 2**40, 11]


class Member:
    """A random net on random data, its compiled moves on one instruction set, and three points of three units more."""

    def __init__(self, activation, seed, isa=None, bias=True):
        rng = np.random.default_rng([seed, len(activation)])
        self.d, self.k, self.h = int(rng.integers(1, 11)), int(rng.integers(1, 4)), int(rng.integers(1, 12))
        self.n = int(rng.choice([23, 40, 61, 200]))
        X = rng.standard_normal((self.n, self.d)) * 3.0 ** rng.uniform(-1, 1)
        loss = ["squared", "logistic", "softmax" if self.k > 1 else "squared"][seed % 3]
        y = {
            "squared": rng.standard_normal((self.n, self.k)),
            "logistic": rng.integers(0, 2, (self.n, self.k)),
            "softmax": rng.integers(0, self.k, self.n),
        }[loss]
        self.risk = EmpiricalRisk(MLP((self.d, self.h, self.k), activation, bias=bias), loss, X, y)
        self.units = self.risk.units()
        self.moves = moves_of(self.risk, isa)
        self.x = np.array([self.units.wider(3).model.init(rng) for _ in range(3)])

    def draws(self, number=2):
        return Draws(keys_of(SEEDS), number)


def moves_of(risk, isa=None):
    targets = np.ascontiguousarray(risk.loss.regression_targets(risk.y))
    activation = risk.units().activation
    return Moves(risk.X, risk.y, targets, activation=activation, loss=risk.loss, bias=risk.model.bias, isa=isa)


def pursued(units, rng, width, dictionary, ridge):
    W, b, outgoing, bias = growth.pursued(units, width, rng, dictionary=dictionary, ridge=ridge)
    if units.activation.homogeneous:
        W, b, outgoing = balance(W, b, outgoing)
    return units.pack(W, b, outgoing, bias)


def members(bias=True):
    """Every activation on every instruction set, with odd shapes that differ."""
    for i, isa in enumerate(vmath.available()):
        for j, activation in enumerate(ACTIVATIONS):
            yield Member(activation, 7 * i + j, isa, bias)


def condition(units, x, beside):
    """How much rounding grows in the inverse of the Gram matrix of all that may compensate."""
    W, b, _, _ = units.layers(x)
    A = np.column_stack([units.hidden(W, b), np.ones(units.n_samples)] + ([units.objective.X] if beside else []))
    return np.linalg.cond(A.T @ A / len(A) + 1e-8 * np.eye(A.shape[1]))


def test_the_same_units_are_drawn():
    for one in members():
        W, b = one.moves.draw(one.draws().state, 13, 1.7)
        for i, rng in enumerate(one.draws().generators()):
            W2, b2 = draw_units(one.risk.X, 13, rng, activation=one.units.activation, scale=1.7)
            np.testing.assert_allclose(W[i], W2, rtol=1e-14)
            np.testing.assert_allclose(b[i], b2, rtol=1e-12, atol=1e-14 * np.abs(b2).max())


def test_the_stream_goes_on_where_the_generator_would():
    one = Member("tanh", 0)
    draws, rngs = one.draws(), one.draws().generators()
    one.moves.draw(draws.state, 7)
    for rng in rngs:
        draw_units(one.risk.X, 7, rng, activation="tanh")
    np.testing.assert_array_equal(draws.standard_normal((3,)), [rng.standard_normal(3) for rng in rngs])


def test_pursuit_takes_and_fits_the_same():
    for one in members():
        for width, dictionary in ((1, 1), (one.h, 40), (min(one.h, 5), 9)):
            x = one.moves.pursued(one.draws().state, width, dictionary=dictionary, ridge=0.1)
            for i, rng in enumerate(one.draws().generators()):
                truth = pursued(one.units, rng, width, dictionary, 0.1)
                np.testing.assert_allclose(x[i], truth, rtol=1e-10, atol=1e-12 * np.abs(truth).max())


def test_growing_takes_the_same_units_again_and_again():
    for one in members():
        scale = 1.0 if one.units.activation.homogeneous else 1.3
        compiled = Pool(one.moves, one.draws().state, 17, scale)
        readable = [growth.Pool(one.units, 17, rng, 1.3) for rng in one.draws().generators()]
        x, width = np.tile(growth.constant(one.risk), (3, 1)), 0
        for count in (1, 4, 3, 7, 5):  # more than there are: the last look begins anew
            truth = np.array([pool.add(point, width, count) for pool, point in zip(readable, x, strict=True)])
            x, width = compiled.add(x, width, count), width + count
            # Balanced, a unit that adds nothing has weights of the size of the root of rounding.
            atol = (1e-7 if one.units.activation.homogeneous else 1e-10) * np.abs(truth).max()
            np.testing.assert_allclose(x, truth, rtol=1e-8, atol=atol)


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("bias", [True, False])
def test_removal_and_refit_are_the_readable_ones(beside, bias):
    for one in members(bias):
        for count in (1, 3):
            found = one.moves.take_away(one.x, one.h + 3, count, beside_path=beside)
            for x, x2 in zip(found, one.x, strict=True):
                truth = removed(one.units, x2, count, beside_path=beside)
                accuracy = 1e-14 * condition(one.units, x2, beside)
                np.testing.assert_allclose(x, truth, rtol=0, atol=max(accuracy, 1e-12) * np.abs(truth).max())
        if beside and one.units.activation.name == "identity":
            continue  # nothing but rounding is left of linear units beside a linear path
        found = one.moves.refit(one.x, one.h + 3, beside_path=beside)
        for x, x2 in zip(found, one.x, strict=True):
            truth = refitted(one.units, x2, beside_path=beside)
            np.testing.assert_allclose(x, truth, rtol=1e-9, atol=1e-10 * np.abs(truth).max())


def test_a_point_is_a_list_of_one_and_neighbors_do_not_matter():
    for activation in ACTIVATIONS:
        one = Member(activation, 5)
        u = one.units
        for move in (lambda x, u=u: u.take_away(x, 2), lambda x, u=u: u.refit(x, beside_path=True), u.narrow):
            many = move(one.x)
            for i in range(3):
                np.testing.assert_array_equal(move(one.x[i]), many[i])
                np.testing.assert_array_equal(move(one.x[[i, 0]])[0], many[i])
        joined = u.join(one.x, one.x[::-1], 2)
        np.testing.assert_array_equal(u.join(one.x[0], one.x[2], 2), joined[0])
        alone = Draws(keys_of(SEEDS[1:2]), 2)
        np.testing.assert_array_equal(
            u.pursued(alone, one.h, dictionary=30, ridge=0.1),
            u.pursued(one.draws(), one.h, dictionary=30, ridge=0.1)[1:2],
        )
        start, alone = growth.constant(one.risk), Draws(keys_of(SEEDS[1:2]), 2)
        grown = u.pool(one.draws(), 30, 2.0).add(np.tile(start, (3, 1)), 0, 3)
        np.testing.assert_array_equal(u.pool(alone, 30, 2.0).add(start[None], 0, 3), grown[1:2])


def test_many_runs_are_those_of_their_parts():
    """More runs than are gone through between two looks for Ctrl-C."""
    u = Member("tanh", 8).units
    keys = keys_of(range(600))
    x = u.pursued(Draws(keys, 2), u.width, dictionary=12, ridge=0.1)
    W, b = u.moves.draw(Draws(keys, 3).state, 4)
    pool = u.pool(Draws(keys, 4), 6, 2.0)
    start = np.tile(growth.constant(u.objective), (600, 1))
    grown = pool.add(pool.add(start, 0, 2), 2, 3)
    wide = u.add_silent(x, 2, Draws(keys, 5))
    less, fitted = u.take_away(wide, 1), u.refit(wide)
    for part in (slice(0, 3), slice(254, 259), slice(511, 600)):
        np.testing.assert_array_equal(u.pursued(Draws(keys[part], 2), u.width, dictionary=12, ridge=0.1), x[part])
        for found, whole in zip(u.moves.draw(Draws(keys[part], 3).state, 4), (W, b), strict=True):
            np.testing.assert_array_equal(found, whole[part])
        pool = u.pool(Draws(keys[part], 4), 6, 2.0)
        np.testing.assert_array_equal(pool.add(pool.add(start[part], 0, 2), 2, 3), grown[part])
        np.testing.assert_array_equal(u.add_silent(x[part], 2, Draws(keys[part], 5)), wide[part])
        np.testing.assert_array_equal(u.take_away(wide[part], 1), less[part])
        np.testing.assert_array_equal(u.refit(wide[part]), fitted[part])


def test_silent_units_of_many_are_those_of_their_generators():
    one = Member("relu", 1)
    wide = one.units.add_silent(one.x, 4, one.draws())
    for x, x2, rng in zip(wide, one.x, one.draws().generators(), strict=True):
        np.testing.assert_allclose(x, one.units.add_silent(x2, 4, rng), rtol=1e-13, atol=1e-15)


def test_columns_that_are_zero_or_parallel_are_no_trouble():
    """Relu units behind all samples, or before them: outputs of zeros, or affine ones."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 2))
    risk = EmpiricalRisk(MLP((2, 3, 1), "relu"), "squared", X, rng.standard_normal(30))
    units = risk.units()
    W = np.array([[1.0, 0.5], [2.0, 1.0], [1.0, 0.5], [1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    b = np.array([0.1, 0.2, 0.1, -9.0, 9.0, 9.0])  # three alike, one dead, two affine
    x = units.pack(W, b, np.array([[1.0, -0.5, 0.3, 5.0, 0.2, 0.1]]), np.zeros(1))
    for beside in (False, True):
        back = units.take_away(x, 3, beside_path=beside)
        assert np.isfinite(back).all()
        assert np.isfinite(units.refit(x, beside_path=beside)).all()
    back = units.take_away(x, 3)
    assert risk.value(back) == pytest.approx(units.wider(3).value(x), rel=1e-5)


def test_a_dictionary_of_nothing_but_alike_or_constant_units():
    one = EmpiricalRisk(MLP((1, 2, 1), "relu"), "squared", np.zeros((5, 1)), np.arange(5.0))
    draws = Draws(keys_of(SEEDS), 2)
    x = one.units().pursued(draws, 4, dictionary=6, ridge=1e-300)  # no unit varies; the ridge is below rounding
    grown = one.units().pool(draws, 6, 1.0).add(np.tile(growth.constant(one), (3, 1)), 0, 4)
    for points in (x, grown):
        assert np.isfinite(points).all()
        assert one.units().wider(2).value(points[0]) == pytest.approx(1.0)  # the best constant


def test_nan_and_infinity_come_out_as_such():
    X = np.random.default_rng(0).standard_normal((12, 2))
    risk = EmpiricalRisk(MLP((2, 3, 2), "tanh"), "squared", X, X)
    for bad in (np.nan, np.inf):
        x = np.full((2, 5 * 5 + 2), bad)
        draws = Draws(keys_of([0, 1]))
        with np.errstate(all="ignore"):
            moves = Moves(np.full((12, 2), bad), X, X, activation=BY_NAME["relu"], loss=risk.loss, bias=True)
        for found in (
            moves.take_away(x, 5, 2),
            moves.refit(x, 5, beside_path=True),
            moves.pursued(draws.state, 3, dictionary=8, ridge=0.1),
            Pool(moves, draws.state, 8, 1.0).add(x, 5, 3),
        ):
            assert not np.isfinite(found).all()


def test_what_does_not_fit_is_one_sentence():
    one = Member("tanh", 4)
    with pytest.raises(ArgumentError, match=r"x has \d+ numbers; a net from \d+ inputs"):
        one.units.take_away(np.zeros(one.x.shape[1] + 1), 1)
    with pytest.raises(ArgumentError, match="states must be a C-contiguous uint64 array of shape"):
        one.moves.draw(np.zeros((3, 16)), 4)
    with pytest.raises(ArgumentError, match="x must be a C-contiguous float64 array of shape"):
        one.moves.refit(one.x.astype(np.float32), one.h + 3)
    with pytest.raises(ValueError, match="units cannot be taken away"):
        one.moves.take_away(one.x, one.h + 3, one.h + 3)
    assert one.units.pursued(Draws(keys_of([])), 3, dictionary=8, ridge=0.1).shape[0] == 0
