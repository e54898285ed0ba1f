"""Targets: the loss that they ask for, labels with their types, numbers in their units, scores."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homotopy.errors import ArgumentError, DataError
from homotopy.tables import TargetCoding, frame_of

HUNDRED = 100
CASES = {
    "texts, two": (["b", "a", "b"], "logistic", ("a", "b"), str),
    "texts, three": (["b", "a", "c"], "softmax", ("a", "b", "c"), str),
    "words of truth stay as they are": (["Yes", "no", "Yes"], "logistic", ("Yes", "no"), str),
    "truth values": ([True, False, True], "logistic", (False, True), bool),
    "0 and 1": ([0, 1, 1], "logistic", (0, 1), int),
    "-1 and 1 as floats": ([-1.0, 1.0, 1.0], "logistic", (-1, 1), int),
    "texts of whole numbers": (["2", "10", "2"], "logistic", (2, 10), int),
    "few whole numbers, often": ([3, 1, 2] * 10, "softmax", (1, 2, 3), int),
    "few whole numbers, seldom": ([3, 1, 2] * 9, "squared", (), float),
    "eleven whole numbers": (list(range(11)) * 50, "squared", (), float),
    "two numbers that are not whole": ([0.5, 1.5, 0.5], "squared", (), float),
    "numbers": ([0.5, 1.5, 3.0], "squared", (), float),
    "categories of pandas": (pd.Series(pd.Categorical(["u", "v", "u"])), "logistic", ("u", "v"), str),
    "numbers with one missing type": (pd.Series([1, 2, 5], dtype="Int64"), "squared", (), float),
}


@pytest.mark.parametrize("name", CASES)
def test_the_loss_goes_by_the_target(name):
    y, loss, classes, kind = CASES[name]
    code = TargetCoding.fit(frame_of(y, "y"))
    assert code.loss == loss
    assert code.classes == ((classes,) if classes else ())
    assert all(type(label) is kind for label in classes)
    encoded = code.encode(frame_of(y, "y"))
    perfect = np.eye(len(classes))[encoded] if loss == "softmax" else 2 * encoded - 1 if loss == "logistic" else encoded
    decoded = code.decode(np.asarray(perfect, dtype=float))
    if loss == "squared":
        np.testing.assert_allclose(decoded, np.array(y, dtype=float))
        assert encoded.mean() == pytest.approx(0, abs=1e-12)
        assert encoded.std() == pytest.approx(1)
    else:
        assert [type(one.item()) for one in decoded] == [kind] * len(decoded)
        assert [str(one) for one in decoded] == [str(one) for one in y] or kind is int
    assert code.score(np.asarray(perfect, dtype=float), encoded) == 1.0
    assert TargetCoding.from_dict(json.loads(json.dumps(code.to_dict()))) == code


def test_whole_numbers_are_spoken_of():
    assert "3 whole numbers taken as numbers (loss=softmax" in TargetCoding.fit(frame_of([3, 1, 2])).reason
    assert "3 whole numbers taken as classes (loss=squared" in TargetCoding.fit(frame_of([3, 1, 2] * 10)).reason
    assert "whole numbers taken as classes" in TargetCoding.fit(frame_of([0, 1, 1])).reason
    assert TargetCoding.fit(frame_of([0.5, 1.0, 2.0])).reason == ""
    assert TargetCoding.fit(frame_of([3, 1, 2] * 10), loss="squared").loss == "squared"
    assert TargetCoding.fit(frame_of([3, 1, 2]), loss="softmax").classes == ((1, 2, 3),)


def test_several_targets():
    numbers = TargetCoding.fit(frame_of({"a": [1.0, 2.0, 4.0], "b": [10.0, 30.0, 20.5]}))
    assert (numbers.loss, numbers.n_outputs) == ("squared", 2)
    y = numbers.encode(frame_of({"b": [10.0, 30.0], "a": [1.0, 2.0], "more": [0, 0]}))
    np.testing.assert_allclose(numbers.decode(y), [[1, 10], [2, 30]])
    two = TargetCoding.fit(frame_of({"a": ["u", "v", "u"], "b": [True, False, True]}))
    assert (two.loss, two.n_outputs, two.classes) == ("logistic", 2, (("u", "v"), (False, True)))
    assert two.probabilities(np.zeros((3, 2))).tolist() == [[0.5, 0.5]] * 3
    assert two.score(np.array([[1.0, -1.0]]), np.array([[1.0, 1.0]])) == 0.5
    with pytest.raises(DataError, match="the targets 'a', 'b' must all be numbers or all have two classes"):
        TargetCoding.fit(frame_of({"a": ["u", "v", "w"], "b": [1.0, 2.0, 3.5]}))
    with pytest.raises(DataError, match="the softmax loss takes one target, not 2"):
        TargetCoding.fit(frame_of({"a": [1, 2], "b": [1, 2]}), loss="softmax")


@pytest.mark.parametrize(
    ("y", "loss", "words"),
    [
        ([1.0, 1.0], None, r"the target 'y' is constant \(1\) in all rows"),
        (["a", "a"], "softmax", r"the target 'y' is constant \(a\) in all rows"),
        (["a", "b", "c"], "logistic", "the logistic loss needs two classes; 'y' has 3"),
        (
            ["a", "b", "c"],
            "squared",
            "row 0, column 'y': 'a' is not a number, which the squared loss needs; loss=softmax",
        ),
        ([1.0, np.nan], None, r"1 cell is missing \(y: 1; in row 1\); every row needs its target"),
        ([1.0, np.inf, 2.0], None, "inf is not a finite number"),
        (["1", "2", "two"], None, "'two' is not a number, as 2 of the other cells"),
        (["2020-01-01", "2020-01-02"], None, "holds dates"),
        (
            [f"p{i}" for i in range(30)],
            None,
            "the target 'y' has 30 different values in 30 rows .*too many for classes",
        ),
        (list(range(2000)), "softmax", "too many for classes"),
    ],
)
def test_what_is_no_target(y, loss, words):
    with pytest.raises(DataError, match=words):
        TargetCoding.fit(frame_of(y, "y"), loss=loss)


def test_a_loss_that_is_none():
    with pytest.raises(ArgumentError, match="loss must be 'squared', 'logistic' or 'softmax', not 'hinge'"):
        TargetCoding.fit(frame_of([1.0, 2.0]), loss="hinge")
    with pytest.raises(ArgumentError, match="probabilities are those of classes"):
        TargetCoding.fit(frame_of([1.0, 2.5])).probabilities(np.zeros((1, 1)))
    for data in ({}, {"version": 1}, 3, {"version": 1, "names": ["y"], "loss": "hinge", "classes": [], "means": []}):
        with pytest.raises(ArgumentError, match="a coding of targets"):
            TargetCoding.from_dict(data)


def test_classes_that_training_had_not():
    code = TargetCoding.fit(frame_of(["a", "b"], "y"))
    with pytest.raises(DataError, match="row 1, column 'y': the class 'c' was not there in training"):
        code.encode(frame_of(["a", "c"], "y"))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.floats(0.1, 5)), min_size=3, max_size=9),
    st.sampled_from([1e-9, 1.0, 1e9]),
)
def test_r2_is_that_of_the_formula_in_any_unit(rows, unit):
    v, p, w = np.array(rows).T
    v = np.round(v, 3) + np.arange(len(v))
    code = TargetCoding.fit(frame_of(v * unit, "y"), loss="squared")
    y = code.encode(frame_of(v * unit, "y"))
    outputs = ((p * unit - code.means[0]) / code.scales[0])[:, None]
    np.testing.assert_allclose(code.decode(outputs), p * unit, atol=1e-9 * unit)
    mean = np.sum(w * v) / w.sum()
    if np.sum(w * (v - mean) ** 2) > 1e-3:
        expected = 1 - np.sum(w * (v - p) ** 2) / np.sum(w * (v - mean) ** 2)
        assert code.score(outputs, y, w) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_accuracy_with_weights_and_probabilities():
    code = TargetCoding.fit(frame_of(["a", "b", "c"], "y"))
    Z = np.array([[3.0, 0, 0], [0, 0, 1.0], [0, 0, 2.0]])
    assert code.score(Z, np.array([0, 1, 2])) == pytest.approx(2 / 3)
    assert code.score(Z, np.array([0, 1, 2]), np.array([1.0, 3.0, 0.0])) == pytest.approx(0.25)
    np.testing.assert_allclose(code.probabilities(Z).sum(axis=1), 1)
    assert code.score_name == "accuracy"
    two = TargetCoding.fit(frame_of(["a", "b"], "y"))
    np.testing.assert_allclose(two.probabilities(np.array([[0.0], [800.0]])), [[0.5, 0.5], [0, 1]])
    numbers = TargetCoding.fit(frame_of([1.0, 2.5]))
    for equal in (1.0, 0.1, -1.67, 1 / 3):  # a mean of these may differ from them by rounding
        for n in (2, 3, 6, 30):
            assert np.isnan(numbers.score(np.zeros((n, 1)), np.full((n, 1), equal)))
            assert np.isnan(numbers.score(np.zeros((n, 1)), np.full((n, 1), equal), np.linspace(0.1, 2.0, n)))
    y = np.array([[1.0], [1.0], [5.0]])
    assert np.isnan(numbers.score(np.zeros((3, 1)), y, np.array([1.0, 2.0, 0.0])))
    assert numbers.score(y, y, np.array([1.0, 0.0, 1.0])) == 1.0


def test_r2_of_equal_targets_is_none_whatever_their_weighted_mean_is_rounded_to():
    code = TargetCoding(("y",), "squared", (), (0.0,), (1.0,))
    rng = np.random.default_rng(0)
    for _ in range(200):
        n = int(rng.integers(2, 20))
        y = np.full((n, 1), rng.standard_normal())
        assert np.isnan(code.score(rng.standard_normal((n, 1)), y, rng.uniform(0.1, 3.0, n)))
