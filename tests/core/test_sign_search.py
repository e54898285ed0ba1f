"""The search of many systems in C: what the one in NumPy finds, for every instruction set, whatever runs beside."""

import numpy as np
import pytest

from homotopy._core import signs, vmath
from homotopy.errors import ArgumentError
from homotopy.homotopies.units.manysigns import search_many
from homotopy.homotopies.units.signs import search_signs
from homotopy.streams import Draws, generator_of, keys_of

KINDS = ["plain", "planted", "no target", "twice the same column", "integers"]


def systems(kind, m, n, r=4):
    """Return r systems A (r, m, n) and b (r, m) of a kind."""
    rng = np.random.default_rng([m, n, KINDS.index(kind)])
    A, b = rng.standard_normal((r, m, n)), 2 * rng.standard_normal((r, m))
    if kind == "planted":
        b = np.einsum("rmn,n->rm", A, rng.choice([-1.0, 1.0], n))
    elif kind == "no target":
        b[:] = 0.0
    elif kind == "twice the same column":
        A[:, :, n // 2] = A[:, :, 0]
    elif kind == "integers":  # many sign vectors leave the same
        A, b = rng.integers(-2, 3, (r, m, n)).astype(float), np.round(b)
    return A, b


def agree(one, many, i, A, b):
    """Compare the search of run i with the one in NumPy."""
    k = len(one.residual)
    np.testing.assert_array_equal(many.signs[i, :k], one.signs)
    size = np.sum(A[i] ** 2)
    atol = 1e-11 * size / max(b[i] @ b[i], 1e-12 * size, 1e-300)
    np.testing.assert_allclose(many.residual[i, :k], one.residual, rtol=1e-9, atol=atol)
    np.testing.assert_allclose(many.runner_up[i], one.runner_up, rtol=1e-9, atol=atol)
    assert np.isinf(many.residual[i, k:]).all()
    assert many.n_restarts[i] == one.n_restarts
    assert many.flops[i] == pytest.approx(one.flops, rel=1e-12)
    assert many.clear[i] == one.clear


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", range(1, 25))
def test_many_searches_find_what_one_finds(kind, n):
    for m in {1, max(1, n // 2), n, n + 7}:
        A, b = systems(kind, m, n)
        keys = keys_of(list(range(len(A))))
        many = search_many(A, b, draws=Draws(keys, 2), n_restarts=8)
        for i in range(len(A)):
            agree(search_signs(A[i], b[i], rng=generator_of(keys[i], 2), n_restarts=8), many, i, A, b)


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize(("m", "n"), [(3, 1), (2, 2), (1, 3), (5, 7), (8, 8), (9, 10), (11, 11), (20, 20), (6, 33)])
def test_every_instruction_set_finds_the_same(isa, m, n):
    A, b = systems("plain", m, n, r=6)
    units, keys = np.ascontiguousarray(A.swapaxes(1, 2)).reshape(len(A), -1), keys_of(list(range(len(A))))

    def found(isa):
        state = Draws(keys, 2).state
        return signs.search(units, b, n=n, best=3, restarts=8, tolerance=1e-3, state=state, isa=isa), state

    (ours, moved), (plain, there) = found(isa), found("plain")
    np.testing.assert_array_equal(ours[0], plain[0])
    np.testing.assert_allclose(ours[1], plain[1], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(ours[2:], plain[2:])
    np.testing.assert_array_equal(moved, there)


@pytest.mark.parametrize("n", [6, 13])
def test_a_run_does_not_see_its_neighbors(n):
    A, b = systems("plain", 9, n, r=7)
    keys = keys_of(list(range(7)))
    together = search_many(A, b, draws=Draws(keys, 3), n_restarts=30)
    A[3] = np.nan  # a run that has gone astray finds nothing, and harms no other
    for rows in ([0], [6, 2], [5, 3, 4, 1, 0]):
        apart = search_many(A[rows], b[rows], draws=Draws(keys[rows], 3), n_restarts=30)
        for i, row in enumerate(rows):
            if row == 3:
                assert np.isinf(apart.residual[i]).all()
                assert not apart.clear[i]
                assert not apart.has(0)[i]
                continue
            np.testing.assert_array_equal(apart.signs[i], together.signs[row])
            np.testing.assert_array_equal(apart.residual[i], together.residual[row])
            assert apart.n_restarts[i] == together.n_restarts[row]


def test_units_do_not_matter():
    A, b = systems("plain", 12, 12)
    for scale in (1e-100, 1e-6, 1e8, 1e100):
        for draws in (None, Draws(keys_of(list(range(len(A)))), 2)):
            one, other = (search_many(c * A, c * b, draws=draws, n_restarts=0) for c in (1.0, scale))
            np.testing.assert_array_equal(one.signs, other.signs)
            np.testing.assert_allclose(one.residual, other.residual, rtol=1e-9)


def test_searches_are_taken_apart_and_put_together():
    A, b = systems("plain", 5, 4, r=6)
    every = search_many(A, b, n_best=2)
    odd = np.arange(6) % 2 == 1
    some, other = every.where(odd), search_many(-A, b, n_best=2)
    assert len(some) == 3
    np.testing.assert_array_equal(some.signs, every.signs[odd])
    every.put(np.flatnonzero(odd), other.where(odd))
    np.testing.assert_array_equal(every.signs[odd], -some.signs)
    assert every.has(1).all()
    assert not every.has(2).any()


def test_fewer_sign_vectors_than_wanted():
    many = search_many(np.ones((2, 3, 1)), np.ones(3), n_best=5)
    np.testing.assert_array_equal(many.signs[:, :2, 0], [[1, -1], [1, -1]])
    np.testing.assert_allclose(many.residual[:, :2], [[0, 4], [0, 4]])
    assert np.isinf(many.residual[:, 2:]).all()


def slow_descent(gram, target, c):
    """Flip one or two signs at a time while that helps, in Python; return the moves."""
    n, moves = len(c), 0

    def square(c):
        return c @ gram @ c - 2 * target @ c

    while True:
        best, flips = -1e-12 * np.trace(gram), None
        for pair in [(i,) for i in range(n)] + [(i, j) for i in range(n) for j in range(i)]:
            other = c.copy()
            other[list(pair)] *= -1
            if square(other) - square(c) < best - 1e-9:
                best, flips = square(other) - square(c), pair
        if flips is None:
            return moves
        c[list(flips)] *= -1
        moves += 1


@pytest.mark.parametrize("isa", vmath.available())
@pytest.mark.parametrize("n", [1, 2, 5, 8, 9, 16, 19])
def test_flips_are_the_best_ones(isa, n):
    rng = np.random.default_rng(n)
    A, b = rng.standard_normal((n + 2, n)), rng.standard_normal(n + 2)
    ours = rng.choice([-1.0, 1.0], n)
    slow = ours.copy()
    assert signs.flip_descent(A.T @ A, A.T @ b, ours, isa) == slow_descent(A.T @ A, A.T @ b, slow)
    np.testing.assert_array_equal(ours, slow)


def test_wrong_shapes_are_named():
    with pytest.raises(ArgumentError, match=r"A has shape \(2, 3, 4\) and b \(4,\)"):
        search_many(np.ones((2, 3, 4)), np.ones(4))
    with pytest.raises(ArgumentError, match="n is 2, best 1, restarts 0"):
        signs.search(np.ones((2, 6)), np.ones(3), n=2, best=1, restarts=0, tolerance=1e-3)
