"""Problems of memory: their distributions, names, families, and numbers of an independent implementation."""

import pickle

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.problems import problem

RNG = np.random.default_rng(20)
TASKS = ("adding", "latch", "multiplication", "order", "temporal-xor")
VARIANCE = {"adding": 1 / 6, "latch": 1.0, "multiplication": 7 / 144, "order": 2.0, "temporal-xor": 1.0}
"""The mean square error, summed over outputs, of the best constant."""
PROTOTYPE = {
    "adding:T=30,data_seed=7000": (1.7339635302261398, 1.7811822452604846),
    "latch:T=20,n=256,data_seed=8000": (0.6450168139091889, 0.6594865322949726),
    "temporal-xor:T=10,n=256,data_seed=8000": (0.973055248644739, 0.8408474403558256),
    "order:T=20,n=256,data_seed=8000": (1.8784913086437798, 1.9994729589874634),
}
"""Losses on training and held-out sequences at a random point, half of what the prototype's C code gives."""


@pytest.mark.parametrize("name", PROTOTYPE)
def test_losses_are_those_of_the_prototype(name):
    chosen = problem(name)
    x = 0.5 * np.random.default_rng(3).standard_normal(chosen.size)
    np.testing.assert_allclose([chosen.objective.value(x), chosen.test.value(x)], PROTOTYPE[name], rtol=1e-12)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("T", [2, int(RNG.integers(3, 9)), int(RNG.integers(10, 40))])
def test_targets_follow_from_the_inputs(task, T):
    chosen = problem(f"{task}:T={T},n=50,data_seed={int(RNG.integers(1000))}")
    for risk in (chosen.objective, chosen.test):
        X, y = risk.X, np.reshape(risk.y, (len(risk.X), -1))
        for x, target in zip(X, y, strict=True):
            np.testing.assert_array_equal(expected(task, x), target)


def expected(task, x):
    """Return the target of one sequence of shape (T, d), by what the task says."""
    if task == "latch":
        assert abs(x[0, 0]) == 1.0
        return x[0]
    if task == "order":
        (at,) = np.nonzero(x[:, 0])
        assert len(at) == 2
        assert at[0] < max(1, len(x) // 3)
        assert len(x) // 2 <= at[1] <= max(len(x) // 2, 0.8 * len(x))
        return x[at, 0]
    (at,) = np.nonzero(x[:, 1])
    assert len(at) == 2
    assert at[0] < len(x) // 2 <= at[1]
    first, second = x[at, 0]
    return [first + second if task == "adding" else first * second]


@pytest.mark.parametrize("task", TASKS)
def test_the_best_constant_has_the_variance(task):
    y = np.reshape(problem(f"{task}:T=6,n=4000").objective.y, (4000, -1))
    squares = ((y - {"adding": 1.0, "multiplication": 0.25}.get(task, 0.0)) ** 2).sum(axis=1)
    assert abs(squares.mean() - VARIANCE[task]) <= 4 * squares.std() / np.sqrt(4000) + 1e-12


@pytest.mark.parametrize("task", TASKS)
def test_shorter_problems_are_of_the_same_kind_and_always_the_same(task):
    chosen = problem(f"{task}:T=12,n=40,data_seed=5")
    for t in (2, int(RNG.integers(3, 12))):
        X, y = chosen.objective.family(t)
        assert X.shape[:2] == (40, t)
        for x, target in zip(X, y, strict=True):
            np.testing.assert_array_equal(expected(task, x), target)
        for other in (problem(chosen.name), pickle.loads(pickle.dumps(chosen))):
            np.testing.assert_array_equal(other.objective.family(t)[0], X)
        assert not np.array_equal(problem(f"{task}:T=12,n=40,data_seed=6").objective.family(t)[0], X)


@pytest.mark.parametrize("task", TASKS)
def test_steps_that_may_be_left_out_do_not_change_the_target(task):
    chosen = problem(f"{task}:T=9,n=30")
    kept = ~np.asarray(chosen.objective.deletable)
    assert set(kept.sum(axis=1)) == ({1} if task == "latch" else {2})
    for x, keep, target in zip(chosen.objective.X, kept, np.reshape(chosen.objective.y, (30, -1)), strict=True):
        told = x[keep]
        if task == "latch":
            np.testing.assert_array_equal(told[0], target)
        elif task == "order":
            np.testing.assert_array_equal(told[:, 0], target)
        else:
            np.testing.assert_array_equal(told[:, 0].sum() if task == "adding" else told[:, 0].prod(), target[0])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    "words", ["", "T=7,h=3,act=relu,n=20,data_seed=9,start=normal", "T=5,n=8,cell=gru", "T=5,hidden=2"]
)
def test_names_build_the_same_again(task, words):
    chosen = problem(f"{task}:{words}")
    again = problem(chosen.name)
    assert again.name == chosen.name
    np.testing.assert_array_equal(again.objective.X, chosen.objective.X)
    np.testing.assert_array_equal(again.objective.y, chosen.objective.y)
    np.testing.assert_array_equal(again.start(np.random.default_rng(1)), chosen.start(np.random.default_rng(1)))
    assert again.target == chosen.target
    assert again.test_target == chosen.test_target


@pytest.mark.parametrize("start", ["normal", "orthogonal", "identity", "zero", "small"])
def test_starts(start):
    chosen = problem(f"order:T=5,n=8,h=40,start={start}")
    parts = chosen.objective.model.unpack(chosen.start(np.random.default_rng(int(RNG.integers(1000)))))
    W = parts["W"]
    if start == "orthogonal":
        np.testing.assert_allclose(W @ W.T, np.eye(40), atol=1e-12)
    elif start == "identity":
        np.testing.assert_array_equal(W, np.eye(40))
    elif start == "zero":
        assert not W.any()
    else:
        assert abs(W.std() * np.sqrt(40) / (0.1 if start == "small" else 1.0) - 1) < 0.1
    assert not parts["b"].any()
    assert not parts["c"].any()
    assert abs(parts["U"].std() * np.sqrt(2) / (0.1 if start == "small" else 1.0) - 1) < 0.4


@pytest.mark.parametrize(
    "name",
    [
        "adding:T=1",
        "latch:n=0",
        "order:h=0",
        "temporal-xor:T=2.5",
        "adding:data_seed=-1",
        "adding:start=near",
        "multiplication:act=tan",
        "latch:cell=rnn",
        "latch:cell=gru,act=relu",
        "adding:t=3",
    ],
)
def test_bad_parameters(name):
    with pytest.raises(ArgumentError) as told:
        problem(name)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize("task", TASKS)
def test_the_score_is_the_share_of_the_variance_that_is_explained(task):
    chosen = problem(f"{task}:T=4,n=16")
    x = chosen.start(np.random.default_rng(int(RNG.integers(1000))))
    y = np.reshape(chosen.test.y, (len(chosen.test.X), -1))
    z = chosen.objective.model.forward(x, chosen.test.X)[:, -1]
    assert chosen.score_name == "R2"
    assert chosen.score(x) == pytest.approx(1 - ((z - y) ** 2).sum() / ((y - y.mean(axis=0)) ** 2).sum())
