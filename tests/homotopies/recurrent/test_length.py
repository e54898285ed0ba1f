"""Sequences that open step by step: the ends of the family, its price, its start, what it refuses."""

import numpy as np
import pytest
from methods.recurrent.members import recall, risk

import homotopy as hp
from homotopy.descent import descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Compose, Length, Plateau, WeightDecay, homotopy
from homotopy.methods.tracked.guard import Guard
from homotopy.objectives.flops import relative_cost
from homotopy.objectives.functions import Rosenbrock


@pytest.mark.parametrize("T", [1, 2, 7])
@pytest.mark.parametrize("loss", ["squared", "softmax"])
def test_it_begins_with_the_shortest_problem_and_ends_with_the_true_one(T, loss):
    true = risk(T, loss=loss)
    for first in {1, min(3, T), T}:
        path = Length(true, first)
        x = np.random.default_rng(T).standard_normal(path.size)
        short = true.shorter(first)
        assert path.value(x, 0.0) == pytest.approx(short.value(x), rel=1e-12)
        np.testing.assert_allclose(path.grad(x, 0.0), short.grad(x), rtol=1e-10, atol=1e-14)
        assert path.value(x, 1.0) == pytest.approx(true.value(x), rel=1e-12)
        assert path.length(0.0) == first
        assert path.length(1.0) == pytest.approx(T)


def test_between_the_ends_it_is_the_mean_by_what_steps_count():
    true = risk(9, l2=0.0)
    path = Length(true, 2.5)
    x = np.random.default_rng(4).standard_normal(path.size)
    each = np.array([true.changed(steps=np.eye(9)[s]).value(x) for s in range(9)])
    for t in (0.0, 0.3, 0.8, 1.0):
        u = np.clip(2.5 * (9 / 2.5) ** t - np.arange(9), 0.0, 1.0)
        counts = u**2 * (3 - 2 * u)
        assert path.value(x, t) == pytest.approx(counts @ each / counts.sum(), rel=1e-10)


def test_a_step_costs_what_its_length_is():
    path = Length(risk(12), 3.0)
    costs = [relative_cost(path.at(t), path.objective) for t in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(costs, [3 / 12, 6 / 12, 1.0])
    assert relative_cost(path, path.objective) == 1.0
    x = np.random.default_rng(0).standard_normal(path.size)
    assert descend(path.at(0.0), x, n_steps=10_000, budget=10).n_evaluations == 40
    assert descend(path.at(1.0), x, n_steps=10_000, budget=10).n_evaluations == 10
    waiting = descend(path, x, rule="lbfgs", n_steps=30, schedule=Plateau(2, drop=0.5, window=2), budget=8)
    assert waiting.n_evaluations > 8  # its first stages are cheap


def test_evaluations_of_a_tracked_path_are_charged_by_length():
    path = Length(risk(16, l2=0.1), 4)
    x = np.random.default_rng(0).standard_normal(path.size)
    with Guard(path, 100.0, lambda: np.inf) as guard:
        path.value_and_grad(x, 0.0)
        assert guard.spent == pytest.approx(4 / 16)
        path.hessp(x, 0.5, x)
        assert guard.spent == pytest.approx(4 / 16 + 2 * 8 / 16)
        path.dt_grad(x, 1.0)
    assert guard.spent == pytest.approx(4 / 16 + 2 * 8 / 16 + 1)
    assert guard.saved == pytest.approx(12 / 16 + 2 * 8 / 16)


def test_a_tracked_path_is_followed_and_no_dearer_than_its_evaluations():
    target = hp.Problem("strongly penalized", risk(10, l2=1.0), lambda rng: 0.1 * rng.standard_normal(path.size))
    path = Length(target.objective, 2)
    found = hp.solve(target, "track:along=length+start=2", rng=0)
    assert found.path.t == 1.0
    counts = found.counts
    assert 0 < found.cost < 0.9 * (counts.grad + 2 * counts.hessp)


def test_its_start_solves_the_shortest_problem_and_is_told():
    path = Length(risk(8, sizes=(1, 2, 1), n=20), 2)
    before = path.spent
    x = path.start(3)
    assert np.linalg.norm(path.grad(x, 0.0)) < 1e-6
    assert path.spent - before <= 0.25 * 20_000
    away = Length(risk(8, sizes=(1, 2, 1), n=20), 2)
    away.x0 = x
    np.testing.assert_allclose(away.start(), x, atol=1e-6)


def test_it_comes_behind_a_fading_penalty_of_the_shortest_problem():
    true = risk(8, l2=0.01)
    both = Compose(WeightDecay(true.shorter(2), 0.1), Length(true, 2))
    x = np.random.default_rng(1).standard_normal(both.size)
    assert both.value(x, 0.0) == pytest.approx(true.shorter(2).value(x) + 0.5 * 0.09 * x @ x)
    assert both.value(x, 1.0) == pytest.approx(true.value(x))
    assert both.flops_at(0.25) == pytest.approx(0.25 * both.flops_at(1.0))


def test_its_name_makes_it():
    made = homotopy("length:start=3.5", risk(8))
    assert (type(made), made.first) == (Length, 3.5)
    assert homotopy("length", risk(8, sizes=(2, 5, 2))).first == 5.0
    assert homotopy("length", risk(2)).first == 2.0


@pytest.mark.parametrize("start", [0, 0.5, 9, np.nan, np.inf, "3", True])
def test_a_length_outside_the_sequences_is_refused(start):
    with pytest.raises(ArgumentError, match="start must be a number from 1 to the 8 steps of the sequences"):
        Length(risk(8), start)


def test_what_has_no_steps_to_open_is_told_why():
    with pytest.raises(ArgumentError, match="Length needs another objective: a Rosenbrock has no sequences to shorten"):
        Length(Rosenbrock())
    with pytest.raises(ArgumentError, match="the loss is at the last step of each sequence alone"):
        Length(recall().objective)


@pytest.mark.parametrize("seed", range(5))
def test_steps_that_are_not_run_are_not_charged_whatever_the_lengths(seed):
    rng = np.random.default_rng(seed)
    lengths, steps = rng.integers(1, 13, 10), (rng.random((10, 12)) < 0.6).astype(float)
    steps[0, 1], lengths[0] = 1.0, 9
    true = risk(12, lengths=lengths, steps=steps)
    counts = steps * (np.arange(12) < lengths[:, None])
    last = np.max(np.arange(1, 13) * (counts > 0), axis=1)
    path = Length(true, 2)
    assert path.length(1.0) == pytest.approx(last.max())
    for t in (0.0, 0.4, 1.0):
        run = min(int(np.ceil(path.length(t))), last.max())
        by_hand = true.model.gradient_flops(int(np.minimum(last, run).sum()), np.count_nonzero(counts[:, :run]))
        assert path.flops_at(t) == pytest.approx(by_hand)
    assert path.flops_at(1.0) == true.flops == path.flops


def test_it_begins_with_the_first_step_that_counts():
    late = risk(12, steps=np.arange(12) >= 8)
    assert Length(late).first == 9
    assert Length(risk(12, steps=np.arange(12) < 5)).length(1.0) == pytest.approx(5)
    with pytest.raises(ArgumentError, match="start must be a number from 1 to the 5 steps of the sequences"):
        Length(risk(12, steps=np.arange(12) < 5), 8)
