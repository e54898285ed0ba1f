"""One net and several, the bound of the gap, the part held back."""

import time
from dataclasses import replace

import numpy as np
import pytest
from fits.members import classes, numbers
from scipy.optimize import minimize

from homotopy.errors import ArgumentError
from homotopy.fits import Sample, Training, constant, ensemble, linear, train, train_watched
from homotopy.fits.bounds import floor
from homotopy.status import Budget, Status

QUICK = Training(hidden=(4,), activation="tanh", method="lbfgs", budget=Budget(300.0))


@pytest.mark.parametrize("make", [numbers, classes])
def test_the_value_is_the_mean_loss_and_the_penalty(make):
    sample = make(0)
    fit = train(sample, QUICK, alpha=0.01, rng=0)
    data = sample.loss.value(fit.outputs(sample.X), sample.y)
    assert fit.value == pytest.approx(data + 0.005 * fit.theta @ fit.theta, rel=1e-12)
    assert fit.curve[-1, 1] >= fit.value * (1 - 1e-12)
    assert (np.diff(fit.curve[:, 1]) <= 0).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [numbers, classes])
def test_a_linear_model_is_at_its_minimum_within_the_gap(make, seed):
    sample = make(seed)
    fit = linear(sample, QUICK, alpha=0.02, rng=0)
    risk = sample.risk(fit.net, 0.02)
    least = minimize(risk.value_and_grad, np.zeros(risk.size), jac=True, method="BFGS", options={"gtol": 1e-10}).fun
    assert -1e-12 < fit.value - least <= fit.gap + 1e-12
    assert fit.gap < 1e-6
    assert fit.status is Status.CONVERGED


def test_the_gap_of_a_convex_model_that_was_cut_short_is_a_bound():
    sample = classes(3)
    early = train(sample, replace(QUICK, hidden=(), budget=Budget(3.0)), alpha=0.02, rng=0)
    late = linear(sample, QUICK, alpha=0.02)
    assert early.gap >= early.value - late.value > 1e-4
    assert early.status is Status.BUDGET_SPENT


@pytest.mark.parametrize("loss", ["squared", "logistic", "softmax"])
def test_no_net_is_below_the_floor_which_rows_with_equal_inputs_make(loss):
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.standard_normal((6, 2)), 4, axis=0), rng.integers(0, 2, 24)
    sample = Sample.of(X, y, loss, weights=rng.integers(1, 4, 24))
    least = floor(sample)
    wide = replace(QUICK, hidden=(30,), budget=Budget(5000.0))
    found = train(sample, wide, alpha=0.0, rng=0)
    assert least <= found.value < least + 1e-3
    assert found.gap == pytest.approx(found.value - least, abs=1e-12)
    assert floor(sample.take(np.arange(0, 24, 4))) == 0


def test_more_starts_share_the_budget_and_the_lowest_is_kept():
    sample = numbers(4)
    several = train(sample, replace(QUICK, n_starts=4), alpha=1e-3, rng=0)
    assert several.cost <= QUICK.budget.gradients
    lone = [train(sample, replace(QUICK, budget=Budget(75.0)), alpha=1e-3, rng=seed).value for seed in range(20)]
    assert several.value < np.median(lone)


def test_a_start_is_gone_on_from():
    sample = numbers(5)
    first = train(sample, replace(QUICK, budget=Budget(30.0)), alpha=1e-3, rng=0)
    second = train(sample, replace(QUICK, budget=Budget(30.0)), alpha=1e-3, start=first.theta)
    assert second.value < first.value
    assert second.cost <= 30


def test_equal_seeds_give_equal_nets_and_others_do_not():
    sample = numbers(6)
    one, same, other = (train(sample, QUICK, alpha=1e-3, rng=seed).theta for seed in (0, 0, 1))
    assert (one == same).all()
    assert not np.allclose(one, other)


def test_seconds_are_kept():
    sample = numbers(7, n=2000, d=20)
    begun = time.process_time()
    train(sample, replace(QUICK, hidden=(64,), budget=Budget(1e6, 0.3)), alpha=0.0, rng=0)
    assert time.process_time() - begun < 0.4


def test_an_ensemble_averages_numbers_and_probabilities():
    for sample in (numbers(8), classes(8)):
        made = ensemble(sample, QUICK, 3, alpha=1e-3, rng=0)
        each = np.array([fit.outputs(sample.X) for fit in made.fits])
        if sample.loss.quadratic:
            np.testing.assert_allclose(made.predict(sample.X), each.mean(axis=0))
        else:
            shares = np.exp(each) / np.exp(each).sum(axis=2, keepdims=True)
            np.testing.assert_allclose(made.predict(sample.X), shares.mean(axis=0))
        assert made.best.value == min(fit.value for fit in made.fits)
        assert len({fit.value for fit in made.fits}) == 3


def test_the_first_nets_do_not_depend_on_how_many_there_are():
    sample = numbers(9)
    few, many = (ensemble(sample, QUICK, count, alpha=1e-3, rng=0) for count in (2, 4))
    assert [fit.value for fit in few.fits] == [fit.value for fit in many.fits[:2]]


@pytest.mark.parametrize("method", ["lbfgs", "auto", "width"])
def test_the_best_point_on_the_part_held_back_is_kept(method):
    sample, held = numbers(10, n=40, noise=1.0), numbers(10, n=400, noise=1.0)
    how = replace(QUICK, hidden=(16,), method=method, budget=Budget(600.0))
    fit, losses = train_watched(sample, held, how, alpha=1e-6, rng=0, patience=1000)
    reached = held.risk(fit.net).value(fit.theta)
    assert reached <= min(losses) * (1 + 1e-12)
    plain = train(sample, how, alpha=1e-6, rng=0)
    assert reached <= held.risk(plain.net).value(plain.theta)


def test_a_run_that_gets_no_better_is_ended():
    sample, held = numbers(11, n=40, noise=1.0), numbers(11, n=200, noise=1.0)
    how = replace(QUICK, hidden=(16,), budget=Budget(2000.0))
    _, losses = train_watched(sample, held, how, alpha=1e-6, rng=0, patience=20)
    assert len(losses) == int(np.argmin(losses)) + 21


def test_constants_are_means_and_shares():
    assert constant(numbers(0)) == pytest.approx(0, abs=1e-12)
    sample = classes(0)
    np.testing.assert_allclose(constant(sample), sample.y.mean(axis=0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden": (0,)}, "hidden_layer_sizes must be an integer, at least 1"),
        ({"n_starts": 0}, "n_starts must be an integer"),
        ({"tol": -1.0}, "tol must be 0 or a positive number"),
    ],
)
def test_bad_settings_are_refused(change, words):
    with pytest.raises(ArgumentError, match=words):
        replace(QUICK, **change)


def test_a_method_that_cannot_train_the_net_is_refused():
    with pytest.raises(ArgumentError, match="cannot run"):
        train(classes(0), replace(QUICK, hidden=(3, 3), method="skip"), alpha=0.0, rng=0)
