"""Columns as inputs: known answers on random tables, new rows, missing cells, round trips."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homotopy.errors import ArgumentError, DataError
from homotopy.tables import Encoding, decided, frame_of
from homotopy.tables.coding.scaling import moments, restored, scaled

NUMBERS = st.floats(-1e6, 1e6).map(lambda v: round(v, 3))
WORDS = st.sampled_from(["red", "blue", "green é", "a=b"])


@st.composite
def tables(draw):
    n = draw(st.integers(2, 12))
    columns = {"y": draw(st.lists(NUMBERS, min_size=n, max_size=n))}
    for i in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([NUMBERS, WORDS, st.booleans()]))
        columns[f"c{i}"] = draw(st.lists(kind, min_size=n, max_size=n))
    return columns


@settings(max_examples=60, deadline=None)
@given(tables())
def test_every_column_is_coded_as_the_plain_formulas_say(columns):
    code = Encoding.fit(frame_of(columns))
    X, notes = code.transform(frame_of(columns))
    assert notes == ()
    assert X.shape == (len(columns["y"]), len(code.names))
    expected = []
    for cells in columns.values():
        if isinstance(cells[0], str):
            expected += [[float(cell == one) for cell in cells] for one in sorted(set(cells))]
            continue
        values = np.array(cells, dtype=float)
        expected.append((values - values.mean()) / values.std() if np.ptp(values) else 0 * values)
    np.testing.assert_allclose(X.T, expected, atol=1e-7)
    again = Encoding.from_dict(json.loads(json.dumps(code.to_dict())))
    assert again == code == pickle.loads(pickle.dumps(code))
    # the order of named columns and of rows is free, further columns are left out
    turned = pd.DataFrame(columns).iloc[::-1, ::-1].assign(more=1.0)
    Y, told = again.transform(frame_of(turned), others=())
    np.testing.assert_array_equal(Y[::-1], X)
    assert told == ("left out, since the model does not know them: 'more'",)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), st.integers(-900, 900))
def test_scaling_does_not_depend_on_the_unit(values, power):
    values = np.round(values, 6)
    mean, scale = moments(values)
    big = np.ldexp(values, power)
    assert moments(big) == (np.ldexp(mean, power), np.ldexp(scale, power))
    np.testing.assert_array_equal(scaled(big, *moments(big)), scaled(values, mean, scale))
    if scale:
        np.testing.assert_allclose(restored(scaled(values, mean, scale), mean, scale), values, atol=1e-9)


def test_huge_numbers_do_not_overflow():
    values = np.array([-1.7e308, 1.7e308])
    np.testing.assert_allclose(scaled(values, *moments(values)), [-1, 1])


def test_constants_become_zero_for_good():
    code = Encoding.fit(frame_of({"a": [0.1, 0.1, 0.1], "b": [1, 2, 3]}))
    assert code.constant == ("a",)
    assert code.transform(frame_of({"a": [7.0], "b": [2]}))[0].tolist() == [[0, 0]]
    raw = Encoding.fit(frame_of({"a": [0.1, 0.1, 0.1], "b": [1, 2, 3]}), standardize=False)
    assert raw.transform(frame_of({"a": [7.0], "b": [2]}))[0].tolist() == [[7, 2]]


MISSING = {"a": [1.0, None, 4.0, 4.0], "b": [True, False, None, True], "k": ["x", None, "y", "x"]}


def test_missing_cells():
    with pytest.raises(DataError, match=r"3 cells are missing \(a: 1, b: 1, k: 1; the first in row 1\); missing=mean"):
        Encoding.fit(frame_of(MISSING))
    code = Encoding.fit(frame_of(MISSING), missing="mean", standardize=False)
    X = code.transform(frame_of(MISSING))[0]
    assert code.names == ("a", "b", "k=x", "k=y", "k=(missing)")
    np.testing.assert_allclose(X[:, 0], [1, 3, 4, 4])
    np.testing.assert_allclose(X[:, 1], [1, 0, 2 / 3, 1])
    np.testing.assert_array_equal(X[:, 2:], [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])
    whole = Encoding.fit(frame_of(MISSING), missing="mean")
    X = whole.transform(frame_of(MISSING))[0]
    np.testing.assert_allclose(X.mean(axis=0)[:2], 0, atol=1e-15)
    np.testing.assert_allclose(X.std(axis=0)[:2], 1)
    assert X[1, 0] == pytest.approx(0, abs=1e-15)
    none = Encoding.fit(frame_of({"k": ["x", "y"], "a": [1.0, 2.0]}), missing="mean")
    X, notes = none.transform(frame_of({"k": [None], "a": [None]}))
    assert X.tolist() == [[0, 0, 0]]
    assert notes == ("column 'k': 1 row has a category that training had not ('(missing)'), taken as none",)
    plain = Encoding.fit(frame_of({"a": [1.0, 2.0]}))
    with pytest.raises(DataError, match=r"1 cell is missing \(a: 1; in row 0\); nothing was learned to put there"):
        plain.transform(frame_of({"a": [None]}))
    with pytest.raises(DataError, match="column 'a' has no value"):
        Encoding.fit(frame_of({"a": [np.nan, np.nan], "b": [1, 2]}), missing="mean")
    with pytest.raises(ArgumentError, match="missing must be 'drop' or 'mean', not 'median'"):
        Encoding.fit(frame_of({"a": [1.0, 2.0]}), missing="median")


def test_new_rows():
    code = Encoding.fit(frame_of({"a": [1.0, 3.0], "k": ["x", "y"], "b": ["yes", "no"]}))
    X, notes = code.transform(frame_of({"b": [1, 0], "k": ["z", "x"], "a": ["2", 1]}))
    np.testing.assert_array_equal(X, [[0, 0, 0, 1], [-1, 1, 0, -1]])
    assert notes == ("column 'k': 1 row has a category that training had not ('z'), taken as none",)
    with pytest.raises(DataError, match="the columns 'k', 'b' are not there; needed are 'a', 'k', 'b'"):
        code.transform(frame_of({"a": [1.0]}))
    with pytest.raises(DataError, match="row 1, column 'a': 'two' is not a number"):
        code.transform(frame_of({"a": ["1", "two"], "k": ["x", "x"], "b": [0, 0]}))
    with pytest.raises(DataError, match="'maybe' is neither true nor false"):
        code.transform(frame_of({"a": [1.0], "k": ["x"], "b": ["maybe"]}))
    with pytest.raises(DataError, match="inf is not a finite number"):
        code.transform(frame_of({"a": [np.inf], "k": ["x"], "b": [0]}))


def test_a_category_is_one_however_it_is_written():
    code = Encoding.fit(frame_of({"k": pd.Categorical([3, 4]), "a": [1, 2]}))
    for cells in ([3, 4], [3.0, 4.0], ["3", "4 "], pd.Series([3, 4], dtype="Int64")):
        np.testing.assert_array_equal(code.transform(frame_of({"k": cells, "a": [1, 2]}))[0][:, :2], np.eye(2))


def test_columns_without_names_go_by_their_places():
    code = Encoding.fit(frame_of(np.array([[1.0, 2.0], [3.0, 6.0]])))
    assert code.names == ("X1", "X2")
    np.testing.assert_array_equal(code.transform(frame_of([[2.0, 4.0]]))[0], [[0, 0]])
    np.testing.assert_array_equal(code.transform(frame_of({"u": [2.0], "v": [4.0]}))[0], [[0, 0]])
    with pytest.raises(DataError, match="the table has 3 columns; 2 are needed"):
        code.transform(frame_of([[2.0, 4.0, 5.0]]))


def test_identifiers_are_no_categories():
    names = [f"person {i}" for i in range(40)]
    with pytest.raises(DataError, match=r"'who' has 40 different texts in 40 rows .*ignore=who leaves it out"):
        Encoding.fit(frame_of({"who": names}))
    assert len(Encoding.fit(frame_of({"who": names}), categories=["who"]).names) == 40
    assert len(Encoding.fit(frame_of({"who": names * 2})).names) == 40
    with pytest.raises(DataError, match="too many for categories"):
        Encoding.fit(frame_of({"who": [f"n{i}" for i in range(1001)]}), categories=["who"])


@pytest.mark.parametrize(
    "data", [{}, {"version": 2}, {"version": 1}, 3, {"version": 1, "inputs": [{"name": "a"}], "missing": None}]
)
def test_dictionaries_that_are_no_encoding(data):
    with pytest.raises(ArgumentError, match="an encoding"):
        Encoding.from_dict(data)


def test_decided_columns_are_left_as_they_are():
    frame = decided(frame_of({"a": ["1", "2"]}))
    assert decided(frame).column("a").values.tolist() == [1, 2]
