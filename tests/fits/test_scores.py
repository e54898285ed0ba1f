"""Scores beside scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics

from homotopy.fits import accuracy, log_loss, r2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [2, 5])
def test_scores_are_those_of_scikit_learn(seed, k):
    rng = np.random.default_rng(seed)
    weights = rng.random(60)
    y, shares = rng.integers(0, k, 60), rng.dirichlet(np.ones(k), 60)
    y[:k] = np.arange(k)
    assert accuracy(y, shares, weights) == pytest.approx(
        metrics.accuracy_score(y, shares.argmax(axis=1), sample_weight=weights)
    )
    assert log_loss(np.eye(k)[y], shares, weights) == pytest.approx(metrics.log_loss(y, shares, sample_weight=weights))
    numbers, found = rng.standard_normal((60, k)), rng.standard_normal((60, k))
    assert r2(numbers, found, weights) == pytest.approx(metrics.r2_score(numbers, found, sample_weight=weights))


def test_one_column_is_the_probability_of_the_second_class():
    y, p = np.array([0, 1, 1, 0]), np.array([[0.1], [0.9], [0.4], [0.2]])
    assert accuracy(y, p) == 0.75
    assert log_loss(y[:, None].astype(float), p) == pytest.approx(metrics.log_loss(y, p[:, 0]))


def test_a_constant_column_counts_one_or_nothing():
    assert r2(np.ones(4), np.ones(4)) == 1
    assert r2(np.ones(4), np.zeros(4)) == 0
