"""Samples, their scaling and their splits."""

import numpy as np
import pytest
from fits.members import classes, numbers

from homotopy.errors import ArgumentError, DataError
from homotopy.fits import Sample, Scaling
from homotopy.fits.splits import folds, held_back


@pytest.mark.parametrize("seed", range(5))
def test_scaling_gives_mean_zero_and_deviation_one_in_all_units_and_is_undone(seed):
    rng = np.random.default_rng(seed)
    units = 10.0 ** rng.uniform(-200, 200, 6)
    table = (rng.standard_normal((50, 6)) + rng.normal(0, 3, 6)) * units
    scaling = Scaling.of(table)
    scaled = scaling.apply(table)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(scaling.undo(scaled), table, rtol=1e-9, atol=0)


def test_a_difference_too_large_for_a_float_is_scaled():
    table = np.array([[1.7e308], [-1.7e308]])
    np.testing.assert_allclose(Scaling.of(table).apply(table), [[1.0], [-1.0]])


def test_a_constant_column_becomes_zero():
    table = np.full((4, 1), 0.1)
    assert (Scaling.of(table).apply(table) == 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_scaling_with_weights_is_that_of_repeated_rows(seed):
    rng = np.random.default_rng(seed)
    table, counts = rng.standard_normal((20, 3)), rng.integers(1, 5, 20)
    weighted, repeated = Scaling.of(table, counts.astype(float)), Scaling.of(np.repeat(table, counts, axis=0))
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(weighted.scale, repeated.scale, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_merged_samples_are_equal_however_rows_are_ordered_repeated_or_weighted(seed):
    rng = np.random.default_rng(seed)
    base = classes(seed)
    counts = rng.integers(0, 4, len(base))
    weighted = Sample.of(base.X, base.y, "softmax", weights=counts).merged()
    rows = rng.permutation(np.repeat(np.arange(len(base)), counts))
    repeated = base.take(rows).merged()
    assert (weighted.X == repeated.X).all()
    assert (weighted.y == repeated.y).all()
    assert (weighted.mass == repeated.mass).all()
    assert len(weighted) == np.count_nonzero(counts)


def test_merged_rows_that_count_alike_have_no_weights():
    base = numbers(0)
    assert base.take(np.repeat(np.arange(len(base)), 3)).merged().weights is None


@pytest.mark.parametrize(
    ("weights", "error", "words"),
    [
        (np.ones(3), ArgumentError, "one weight a row"),
        (-np.ones(80), DataError, "negative or not finite"),
        (np.full(80, np.nan), DataError, "negative or not finite"),
        (np.zeros(80), DataError, "all zero"),
    ],
)
def test_bad_weights_are_refused(weights, error, words):
    base = numbers(0)
    with pytest.raises(error, match=words):
        Sample.of(base.X, base.y, "squared", weights=weights)


@pytest.mark.parametrize("n_folds", [2, 5, 7])
def test_every_row_is_held_out_once_and_classes_in_their_shares(n_folds):
    sample = classes(1)
    dealt = folds(sample, n_folds, np.random.default_rng(0))
    held = np.concatenate([out for _, out in dealt])
    assert sorted(held) == list(range(len(sample)))
    for train, out in dealt:
        assert sorted(np.concatenate([train, out])) == list(range(len(sample)))
        each = sample.y[out].sum(axis=0)
        assert np.abs(each - sample.y.sum(axis=0) / n_folds).max() <= 1


def test_too_few_rows_for_the_folds_are_refused():
    with pytest.raises(DataError, match="n_samples=3 is too few for 5 folds"):
        folds(numbers(0).take(np.arange(3)), 5, np.random.default_rng(0))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_a_share_of_each_class_is_held_back(share):
    sample = classes(2)
    left, back = held_back(sample, share, np.random.default_rng(0))
    assert len(left) + len(back) == len(sample)
    assert np.abs(back.y.sum(axis=0) - share * sample.y.sum(axis=0)).max() <= 1.5


def test_a_sample_that_cannot_be_split_is_refused():
    with pytest.raises(DataError, match="a side would be empty"):
        held_back(numbers(0).take(np.arange(2)), 0.1, np.random.default_rng(0))
