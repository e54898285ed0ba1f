"""Held-out rows: shares, folds, classes; and what rows count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homotopy.errors import ArgumentError, DataError
from homotopy.tables import frame_of, held_out
from homotopy.tables.weights import class_factors, row_weights


@settings(max_examples=60, deadline=None)
@given(st.integers(4, 60), st.integers(2, 4), st.integers(0, 9))
def test_every_row_is_in_one_fold(n, folds, seed):
    classes = np.random.default_rng(seed).integers(0, 3, n)
    for strata in (None, classes.tolist()):
        masks = [held_out(n, folds=folds, fold=i, strata=strata, seed=seed) for i in range(folds)]
        np.testing.assert_array_equal(np.sum(masks, axis=0), 1)
        sizes = [mask.sum() for mask in masks]
        assert max(sizes) - min(sizes) <= 1
    for c in range(3):
        each = [int((mask & (classes == c)).sum()) for mask in masks]
        assert max(each) - min(each) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(8, 80), st.floats(0.1, 0.7), st.integers(0, 9))
def test_a_share_is_held_out_class_by_class(n, share, seed):
    assert held_out(n, share=share, seed=seed).sum() == max(round(share * n), 1)
    classes = np.arange(n) % 3
    mask = held_out(n, share=share, strata=classes.tolist(), seed=seed)
    for c in range(3):
        rows = classes == c
        assert abs(mask[rows].sum() - share * rows.sum()) <= 1
        assert not mask[rows].all()
    np.testing.assert_array_equal(mask, held_out(n, share=share, strata=classes.tolist(), seed=seed))


def test_seeds_differ_and_none_is_none():
    assert not held_out(50).any()
    assert (held_out(50, share=0.5, seed=0) != held_out(50, share=0.5, seed=1)).any()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"share": 1.0}, ArgumentError, "test must be a number, at least 0 and below 1, not 1.0"),
        ({"share": -0.1}, ArgumentError, "test must be"),
        ({"share": "x"}, ArgumentError, "test must be"),
        ({"folds": 5}, ArgumentError, "folds=5 needs fold=0 to 4, the one that is held out"),
        ({"fold": 1}, ArgumentError, "fold=1 needs folds="),
        ({"folds": 1, "fold": 0}, ArgumentError, "folds must be an integer, at least 2"),
        ({"folds": 5, "fold": 5}, ArgumentError, "fold must be an integer, at least 0 and at most 4, not 5"),
        ({"folds": 2, "fold": 0, "share": 0.5}, ArgumentError, "both say what is held out"),
        ({"folds": 11, "fold": 0}, DataError, "10 rows cannot be dealt out to 11 folds"),
        ({"share": 0.9}, DataError, "of 10 rows 9 would be held out; both parts need rows"),
        ({"share": 0.5, "seed": -1}, ArgumentError, "seed must be"),
    ],
)
def test_what_cannot_be_held_out(options, error, words):
    with pytest.raises(error, match=words):
        held_out(10, **options)


def test_weights_of_rows():
    frame = frame_of({"w": ["1", "0", "2.5"], "a": [1, 2, 3], "k": ["x", "y", "z"], "m": [1.0, None, 2.0]})
    np.testing.assert_array_equal(row_weights("w", frame), [1, 0, 2.5])
    np.testing.assert_array_equal(row_weights([3, 1, 2], frame), [3, 1, 2])
    assert row_weights(None, frame) is None
    for weights, error, words in [
        ("v", DataError, "there is no column 'v'"),
        ("k", DataError, "'x' is not a number"),
        ("m", DataError, "1 cell is missing .*every row needs its weight"),
        ([1.0, 2.0], ArgumentError, r"weights has shape \(2,\); there must be one for each of the 3 rows"),
        ([1.0, -2.0, 0], DataError, "row 1: the weight -2 is not a finite number, 0 or more"),
        ([1.0, np.nan, 0], DataError, "row 1: the weight nan"),
        ([0, 0, 0], DataError, "all weights are zero"),
    ]:
        with pytest.raises(error, match=words):
            row_weights(weights, frame)


def test_weights_of_classes():
    codes = np.array([0, 1, 1, 1])
    np.testing.assert_allclose(class_factors("balanced", codes, ("a", "b")), [2, 2 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(class_factors({"b": 5}, codes, ("a", "b")), [1, 5, 5, 5])
    np.testing.assert_allclose(class_factors({1: 5.0}, codes, (1, 2)), [5, 1, 1, 1])
    for how, words in [
        ("even", "class_weight must be 'balanced', numbers by classes or None, not 'even'"),
        ({"c": 1}, "class_weight names 'c'; the classes are 'a', 'b'"),
        ({"a": -1}, "class_weight of 'a' must be 0 or a positive number"),
    ]:
        with pytest.raises(ArgumentError, match=words):
            class_factors(how, codes, ("a", "b"))
