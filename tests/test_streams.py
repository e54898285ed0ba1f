import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.methods.base import streams
from homotopy.problems import BY_NAME, problem
from homotopy.streams import Draws, Streams, generator_of, key_of, keys_of

RNG = np.random.default_rng(3)


def numpy_generators(keys, number):
    """Return what the module promises to be equal to, spelled out."""
    return [np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, number])) for key in keys]


def test_many_streams_are_those_of_numpy_in_any_order_of_draws():
    keys = keys_of([0, 3, 2**64 - 1, RNG, None])
    many, single = Draws(keys, 5), numpy_generators(keys, 5)
    for step in range(60):
        shape = tuple(RNG.integers(0, 5, RNG.integers(1, 3)).tolist())
        below = int(RNG.choice([1, 2, 7, 24, 2**31, 2**32, 2**40]))
        kind = step % 4
        if kind == 0:
            found, wanted = many.standard_normal(shape), [g.standard_normal(shape) for g in single]
        elif kind == 1:
            found, wanted = many.random(shape), [g.random(shape) for g in single]
        elif kind == 2:
            found, wanted = many.integers(below, shape), [g.integers(0, below, shape) for g in single]
        else:
            found, wanted = many.uniform(-2.0, 3.0, shape), [g.uniform(-2.0, 3.0, shape) for g in single]
        np.testing.assert_array_equal(found, wanted)
        if step == 31:
            single = many.generators()
    np.testing.assert_array_equal(many.words(), [g.bit_generator.random_raw() for g in single])


def test_a_counter_carries_into_its_next_word():
    key = keys_of([7])[0]
    for counter in ([2**64 - 2, 5, 0, 0], [2**64 - 1, 2**64 - 1, 3, 0], [2**64 - 1, 2**64 - 1, 2**64 - 1, 1]):
        many, single = (
            Draws([key], 0),
            np.random.Generator(np.random.Philox(key=key, counter=np.array(counter, np.uint64))),
        )
        many.state[0, 2:6] = counter
        np.testing.assert_array_equal(many.random((20,))[0], single.random(20))


def test_a_run_draws_the_same_in_any_company():
    alone, company = Draws(keys_of([7]), 2), Draws(keys_of([5, 7, 9]), 2)
    np.testing.assert_array_equal(alone.standard_normal((4,))[0], company.standard_normal((4,))[1])


def test_moves_draw_from_streams_of_their_own():
    runs = Streams(keys_of([1, 2]))
    first = runs.draws(np.array([0, 1])).random((3,))
    second, own = runs.draws(np.array([1])).random((3,)), runs.own(1).random(3)
    np.testing.assert_array_equal(second[0], generator_of((2, 0), 3).random(3))
    np.testing.assert_array_equal(first[1], generator_of((2, 0), 2).random(3))
    np.testing.assert_array_equal(own, generator_of((2, 0), 1).random(3))
    assert runs.own(1) is runs.own(1)


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - {"csv", "sequences"}))
def test_starts_drawn_together_are_those_drawn_one_by_one(name):
    chosen = problem(name)
    found = chosen.starts(Draws(keys_of(range(6))))
    np.testing.assert_array_equal(found, [chosen.start(streams(seed)[0]) for seed in range(6)])
    assert len(np.unique(found, axis=0)) == 6 or len(np.unique(found, axis=0)) == 1


def test_starts_of_a_function_of_the_users_own():
    mine = hp.Problem("mine", problem("xor").objective, lambda rng: rng.exponential(size=9))
    found = mine.starts(Draws(keys_of([4, 5])))
    np.testing.assert_array_equal(found, [mine.start(streams(seed)[0]) for seed in (4, 5)])


@pytest.mark.parametrize("bad", [-1, 2**64, 1.5, "seed", [1, 2, "x"]])
def test_what_is_no_seed_is_refused(bad):
    with pytest.raises(ArgumentError, match="rng"):
        key_of(bad)


def test_many_seeds_have_the_keys_of_one():
    seeds = [5, 0, 2**64 - 1]
    np.testing.assert_array_equal(keys_of(seeds), [key_of(seed) for seed in seeds])
    assert keys_of([]).shape == (0, 2)
