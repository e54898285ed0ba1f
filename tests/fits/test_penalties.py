"""The penalty path."""

import time

import numpy as np
import pytest
from fits.members import classes, numbers

from homotopy.errors import ArgumentError, DataError
from homotopy.fits import ALPHAS, PenaltyPath, Sample, Training, linear, penalty_path
from homotopy.status import Budget

NET = Training(hidden=(8,), activation="tanh", budget=Budget(500.0))


@pytest.mark.parametrize("make", [numbers, classes])
def test_the_warm_path_costs_less_than_fits_from_scratch_and_is_as_good(make):
    costs, lowest = np.zeros(2), np.zeros(2)
    for seed in range(4):
        sample = make(seed)
        warm = penalty_path(sample, NET, rng=seed)
        cold = [penalty_path(sample, NET, alphas=[alpha], rng=seed) for alpha in ALPHAS]
        costs += warm.cost, sum(path.cost for path in cold)
        lowest += warm.losses.mean(axis=1).min(), min(path.losses.mean() for path in cold)
    assert costs[0] < 0.9 * costs[1]
    assert lowest[0] < 1.05 * lowest[1]


def test_little_data_with_much_noise_asks_for_a_large_penalty_and_much_without_for_a_small_one():
    noisy = penalty_path(numbers(0, n=40, noise=2.0), NET, rng=0)
    clean = penalty_path(numbers(0, n=400, noise=0.0), NET, rng=0)
    assert noisy.best >= 0.03
    assert clean.best <= 0.001
    assert len(noisy.alphas) < len(clean.alphas)


def test_the_rules_choose_the_minimum_or_the_simplest_within_a_standard_error():
    losses = np.array([[0.9, 1.1], [0.5, 0.7], [0.4, 0.6], [0.8, 0.8]])
    path = PenaltyPath(np.array([1.0, 0.1, 0.01, 0.001]), losses, 1.0, 1.0)
    assert path.best == 0.01
    assert path.simplest == 0.1
    np.testing.assert_allclose(path.errors, [0.1, 0.1, 0.1, 0.0])


def test_held_out_losses_of_a_linear_model_are_those_of_its_folds():
    sample = numbers(3)
    rows = [(np.arange(40), np.arange(40, 80)), (np.arange(40, 80), np.arange(40))]
    path = penalty_path(sample, Training(hidden=()), alphas=[0.1, 0.01], cv=rows)
    for alpha, losses in zip(path.alphas, path.losses, strict=True):
        for (train, held), loss in zip(rows, losses, strict=True):
            fit = linear(sample.take(train), Training(), alpha=alpha)
            assert loss == pytest.approx(sample.take(held).risk(fit.net).value(fit.theta), rel=1e-3)


def test_folds_of_ones_own_number_the_rows_given_and_those_of_weight_zero_are_in_none():
    base = numbers(3)
    weights = np.ones(80)
    weights[::7] = 0.0
    left = np.flatnonzero(weights)
    sample = Sample.of(base.X, base.y, "squared", weights=weights)
    rows = [(np.arange(40), np.arange(40, 80)), (np.arange(40, 80), np.arange(40))]
    theirs = [tuple(np.flatnonzero(np.isin(left, side)) for side in pair) for pair in rows]
    options = {"alphas": [0.1], "rng": 0}
    mine = penalty_path(sample, Training(hidden=()), cv=rows, **options).losses
    other = penalty_path(base.take(left).merged(), Training(hidden=()), cv=rows, **options).losses
    np.testing.assert_allclose(mine, other, rtol=1e-4)
    assert [len(pair[0]) for pair in theirs] == [int(weights[:40].sum()), int(weights[40:].sum())]
    with pytest.raises(DataError, match="without a row that counts"):
        penalty_path(sample, NET, cv=[(left, np.arange(80)[::7]), rows[0]])


def test_seconds_end_the_path():
    sample = numbers(4, n=2000, d=20)
    begun = time.process_time()
    path = penalty_path(sample, Training(hidden=(64,), budget=Budget(1e6, 0.3)), rng=0)
    assert time.process_time() - begun < 0.45
    assert np.isfinite(path.losses).all()


def test_penalties_must_be_positive():
    with pytest.raises(ArgumentError, match="alphas must be a positive number"):
        penalty_path(numbers(0), NET, alphas=[0.1, 0.0])
    with pytest.raises(ArgumentError, match="alphas is empty"):
        penalty_path(numbers(0), NET, alphas=[])
