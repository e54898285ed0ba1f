"""What columns hold, from files and from Python, and what is refused with which sentence."""

import cProfile
import datetime
import pstats

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import homotopy as hp
from homotopy.errors import DataError
from homotopy.tables import Column, Frame, decided, frame_of
from homotopy.tables.kinds import number_of, numbers_of


def column(*cells, categories=()):
    frame = frame_of({"c": list(cells)})
    return decided(frame, categories).columns[0]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (("1", "2.5", "-3e2"), "number", [1, 2.5, -300]),
        ((".5", "5.", "+1"), "number", [0.5, 5, 1]),
        (("1", "NA", "3"), "number", [1, np.nan, 3]),
        (("yes", "No", "YES"), "boolean", [1, 0, 1]),
        (("True", "False", "?"), "boolean", [1, 0, np.nan]),
        (("t", "f"), "boolean", [1, 0]),
        (("red", "blue", "null"), "category", ["red", "blue", None]),
        (("yes", "true"), "category", ["yes", "true"]),
        (("1_0", "x", "2_0"), "category", ["1_0", "x", "2_0"]),
        ((True, False, None), "boolean", [1, 0, np.nan]),
        ((1, 2.5, None), "number", [1, 2.5, np.nan]),
        ((1, True, 3), "number", [1, 1, 3]),
    ],
)
def test_kinds(cells, kind, values):
    found = column(*cells)
    assert found.kind == kind
    if kind == "category":
        assert found.values.tolist() == values
    else:
        np.testing.assert_array_equal(found.values, values)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("1", "2", "two"), r"row 2, column 'c': 'two' is not a number, as 2 of the other cells of the column are;"),
        (("1", "2", "1e999"), "inf is not a finite number"),
        ((1.0, np.inf), "row 1, column 'c': inf is not a finite number"),
        (("1,5", "2,5"), "'1,5' has a decimal comma; decimal=comma reads such numbers"),
        (
            ("1,234", "12"),
            "row 0, column 'c': '1,234' has a separator of thousands, which must be removed, or a decimal",
        ),
        (("1,234.5", "1,000,000"), "has a separator of thousands"),
        (("$5", "$6.50"), "is a number with a sign of its unit; write the number alone"),
        (("5 %", "6%", "NA"), "is a number with a sign of its unit"),
        (("2020-01-02", "2021-11-30"), r"holds dates or times \('2020-01-02'\).*ignore=c"),
        (("12/31/2020", "1/1/21"), "holds dates or times"),
        ((datetime.date(2020, 1, 2), None), "holds dates or times"),
        (("", "NA"), "has no value in any row; ignore=c leaves it out"),
        ((None, None), "has no value in any row"),
        ((1 + 2j, 3), "cells must be numbers, truth values or texts"),
        (({}, 3), "cells must be numbers, truth values or texts"),
    ],
)
def test_what_is_refused(cells, words):
    with pytest.raises(DataError, match=words):
        column(*cells)


def test_categories_are_what_is_called_so():
    assert column("1", "2", "two", categories=["c"]).values.tolist() == ["1", "2", "two"]
    assert column(1.0, 2.5, None, categories=["c"]).values.tolist() == ["1", "2.5", None]
    with pytest.raises(DataError, match="there is no column 'd'"):
        column(1, 2, categories=["d"])


def test_decimal_point_in_a_table_with_commas_is_pointed_at():
    cells = np.array(["1.5", "2.5"], dtype=object)
    with pytest.raises(DataError, match="has a decimal point; decimal=point"):
        decided(Frame((Column("c", "text", cells),), decimal=","))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_python_writes_them(value):
    assert number_of(repr(value)) == value
    assert number_of(repr(value).replace(".", ","), ",") == value
    assert numbers_of([repr(value), None])[0][0] == value


@given(st.text(max_size=6))
def test_no_text_is_a_number_that_is_not_written_as_one(text):
    value = number_of(text)
    if value is not None:
        assert float(text) == value
        assert "_" not in text
        assert text.isascii()
    values, wrong = numbers_of([text])
    assert (value is None) == bool(wrong[0])
    assert wrong[0] == np.isnan(values[0])


FRAME = {
    "f": [1.5, np.nan, 3],
    "i": [1, 2, 3],
    "s": ["a", None, "b"],
    "b": [True, False, True],
    "c": pd.Categorical([3, 4, 3]),
    "n": pd.array([1, None, 2], dtype="Int64"),
    "nb": pd.array([True, None, False], dtype="boolean"),
    "st": pd.array(["yes", None, "no"], dtype="string"),
    "o": pd.Series([1, None, 2.5], dtype=object),
}


def test_a_data_frame():
    frame = frame_of(pd.DataFrame(FRAME))
    kinds = ["number", "number", "text", "boolean", "category", "number", "boolean", "text", "number"]
    assert [c.kind for c in frame.columns] == kinds
    assert frame.names == tuple(FRAME)
    assert [c.missing.tolist() for c in frame.columns if c.missing.any()] == [[False, True, False]] * 6
    assert frame.column("c").values.tolist() == [3, 4, 3]
    assert decided(frame).column("st").values.tolist()[::2] == [1, 0]
    dates = pd.DataFrame({"d": pd.to_datetime(["2020-01-01", None])})
    with pytest.raises(DataError, match="'d' holds dates"):
        decided(frame_of(dates))
    with pytest.raises(DataError, match="two columns named 'a'"):
        frame_of(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match="complex"):
        frame_of(pd.DataFrame({"z": [1j, 2.0]}))


@pytest.mark.parametrize(
    ("X", "words"),
    [
        ([[1, 2], [3]], "X has rows of unequal lengths"),
        (np.zeros((2, 2, 2)), r"X has shape \(2, 2, 2\)"),
        (np.zeros((0, 2)), r"X has shape \(0, 2\)"),
        (3.0, r"X has shape \(\)"),
        ({"a": [1, 2], "b": [1]}, "unequal lengths, 1 to 2"),
    ],
)
def test_what_is_no_table(X, words):
    with pytest.raises(DataError, match=words):
        frame_of(X)


def test_sparse_is_refused():
    with pytest.raises(DataError, match=r"X is sparse; give a dense array, as in X.toarray\(\)"):
        frame_of(sparse.eye(3).tocsr())


def test_masked_cells_are_missing():
    found = frame_of(np.ma.MaskedArray([[1.0, 2.0]], mask=[[True, False]]))
    assert [bool(c.missing[0]) for c in found.columns] == [True, False]


def test_all_columns_that_cannot_be_used_are_named():
    cells = {"name": [f"p{i}" for i in range(30)], "day": ["2020-01-02"] * 30, "a": list(range(30)), "e": [None] * 30}
    with pytest.raises(
        DataError,
        match=r"'name' has 30 different texts in 30 rows .*ignore=name .*; nor can 'day', 'e' be used as they are",
    ):
        decided(frame_of(cells))


@pytest.mark.parametrize("cells", [1, "abc", b"abc", 2.5, object()])
def test_a_column_that_is_no_list_is_told(cells):
    with pytest.raises(DataError, match=r"^column 'c' must be a list of cells, not "):
        frame_of({"c": cells})


def test_a_long_cell_is_not_told_in_full():
    with pytest.raises(DataError, match=r"row 40, column 'c': 'x+\.\.\.' is not a number") as caught:
        column(*["1", "2"] * 20, "x" * 1_000_000)
    assert len(str(caught.value)) < 500


def test_the_work_grows_with_the_columns_and_not_with_their_square():
    def calls(n):
        table = {f"c{i}": [1.0, 2.0 + i, 4.0] for i in range(n)} | {"y": [1.0, 2.0, 4.0]}
        with cProfile.Profile() as profile:
            hp.from_table(table, "y")
        return pstats.Stats(profile).total_calls

    calls(5)  # what is imported at the first time
    assert calls(1600) < 2.3 * calls(800)
