"""Reading text files: every spelling of one table, both readers alike, one sentence for what cannot be read."""

import csv
import io
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homotopy.errors import ArgumentError, DataError
from homotopy.problems.data import read_csv
from homotopy.tables import decided, read_table

TABLE = "size,city,big\n1.5,Rome,yes\n-20,Oslo,no\n3e1,NA,yes\n"


@pytest.fixture(params=["pandas", "csv"])
def reader(request, monkeypatch):
    """Each of the two readers; the absence of pandas is that of its module."""
    if request.param == "csv":
        monkeypatch.setitem(sys.modules, "pandas", None)
    return request.param


@pytest.fixture
def write(tmp_path):
    def call(text, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return call


SPELLINGS = {
    "as it is": (TABLE, {}),
    "semicolons": (TABLE.replace(",", ";"), {}),
    "tabs": (TABLE.replace(",", "\t"), {}),
    "pipes": (TABLE.replace(",", "|"), {}),
    "spaces, named": (TABLE.replace(",", " "), {"delimiter": "space"}),
    "semicolons, named": (TABLE.replace(",", ";"), {"delimiter": "semicolon"}),
    "decimal comma": (TABLE.replace(",", ";").replace("1.5", "1,5"), {"decimal": "comma"}),
    "decimal comma, tabs": (TABLE.replace(",", "\t").replace("1.5", "1,5"), {"decimal": ","}),
    "byte order mark": ("\ufeff" + TABLE, {}),
    "line feeds with returns": (TABLE.replace("\n", "\r\n"), {}),
    "returns alone": (TABLE.replace("\n", "\r"), {}),
    "blank lines": ("\n\n" + TABLE.replace("\n", "\n \n"), {}),
    "no end of line": (TABLE.rstrip("\n"), {}),
    "blanks around cells": (TABLE.replace(",", " , "), {}),
    "quotes": (TABLE.replace("Rome", '"Rome"').replace("size", '"size"'), {}),
    "other words for missing": (TABLE.replace("NA", "?"), {}),
    "empty": (TABLE.replace("NA", ""), {}),
    "null": (TABLE.replace("NA", "NULL"), {}),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_of_a_table_is_that_table(reader, write, name):
    text, options = SPELLINGS[name]
    frame = decided(read_table(write(text), **options))
    assert frame.names == ("size", "city", "big")
    assert [column.kind for column in frame.columns] == ["number", "category", "boolean"]
    assert frame.columns[0].values.tolist() == [1.5, -20, 30]
    assert frame.columns[1].values.tolist() == ["Rome", "Oslo", None]
    assert frame.columns[2].values.tolist() == [1, 0, 1]


CELLS = st.text(st.sampled_from(list('ab1_.,;"\u0085\u2028 ?-é|\n')), max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_cells_come_back_from_both_readers(write, data):
    width, height = data.draw(st.integers(2, 4)), data.draw(st.integers(1, 5))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    delimiter = data.draw(st.sampled_from([",", ";", "|"]))
    header = [f"c{i}" for i in range(width)]
    rows = [[data.draw(CELLS) for _ in range(width)] for _ in range(height)]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows([header, *rows])
    path = write(stream.getvalue())
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    expected = [[None if cell.strip() in ("", "?", ".") else cell.strip() for cell in row] for row in kept]
    with pytest.MonkeyPatch.context() as patch:
        one = read_table(path, delimiter=delimiter)
        patch.setitem(sys.modules, "pandas", None)
        two = read_table(path, delimiter=delimiter)
    for frame in (one, two):
        assert [list(row) for row in zip(*(c.values for c in frame.columns), strict=True)] == expected
    np.testing.assert_array_equal(one.rows, two.rows)


def test_pandas_reads_where_it_is_there(write, monkeypatch):
    import pandas

    called = []
    real = pandas.read_csv
    monkeypatch.setattr(pandas, "read_csv", lambda *a, **k: called.append(1) or real(*a, **k))
    read_table(write(TABLE))
    assert called


FAULTS = {
    "empty": ("", "the file is empty; its first row must name the columns"),
    "short row": ("a,b\n1,2\n\n3\n", "line 4 has 1 cell; the header names 2 columns"),
    "long row": ("a,b\n1,2\n3,4,5\n", "line 3 has 3 cells; the header names 2 columns"),
    "short and long": ("a,b,c\n1,2\n1,2,3,4\n", "line 2 has 2 cells"),
    "twice": ("a,a\n1,2\n", "line 1: two columns are named 'a'"),
    "no name": ("a,,c\n1,2,3\n", "line 1: column 2 has no name"),
    "row numbers of pandas": (",a\n0,2\n1,3\n", r"column 1 has no name in the header row; to_csv\(index=False\)"),
    "no header": ("0.1,0.2\n1,2\n", r"line 1 looks like data \('0.1', '0.2'\).* must name the columns"),
    "open quote": ('a,b\n1,"2\n3,4\n', "line 3: a quote that was opened here or before is never closed"),
    "cell after a quote": ('a,b\n"1"x,2\n', "line 2"),
    "other encoding": ("a,b\né,2\n".encode("latin-1"), "not text in UTF-8"),
    "binary": (b"a,b\n\0,2\n", "NUL"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_read_gives_one_sentence(reader, write, name):
    text, words = FAULTS[name]
    with pytest.raises(DataError, match=words) as caught:
        read_table(write(text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delimiter": "commas"}, "delimiter must be one character, comma, semicolon, tab, space, pipe, not 'commas'"),
        ({"delimiter": ""}, "delimiter must be one character"),
        ({"delimiter": 3}, "delimiter must be one character"),
        ({"decimal": ";"}, "decimal must be '.' or ','"),
        ({"delimiter": ",", "decimal": ","}, "delimiter and decimal are both ','; they must differ"),
    ],
)
def test_marks_that_are_none(write, options, words):
    with pytest.raises(ArgumentError, match=words):
        read_table(write(TABLE), **options)


def test_a_header_of_whole_numbers_is_read_and_spoken_of(write):
    assert read_table(write("2001,2002\n1,2\n3,4\n")).notes == (
        "the names of the columns ('2001', '2002') look like data: the first row must name them",
    )
    assert read_table(write(TABLE)).notes == ()


def test_delimiters_are_found_outside_of_quotes(reader, write):
    assert read_table(write('"a;b;c",y\n1,1\n2,2\n')).names == ("a;b;c", "y")
    assert read_table(write("size (m,ft);y\n1;1\n2;2\n")).names == ("size (m,ft)", "y")
    assert read_table(write("a\n1\n2\n")).names == ("a",)


def test_lines_are_those_of_the_file(reader, write):
    frame = read_table(write('a,b\n1,"x\ny"\n\n2,z\n'))
    assert frame.rows.tolist() == [3, 5]  # the line on which a row ends
    assert frame.columns[1].values.tolist() == ["x\ny", "z"]


def test_the_numbers_of_a_file_by_the_short_way(write):
    table = read_csv(write("a,kind\n1,setosa\n2,virginica\n3,setosa\n"))
    assert table.classes == ("setosa", "virginica")
    np.testing.assert_array_equal(table.y, [0, 1, 0])
    with pytest.raises(DataError, match="'setosa' is not a number, which the squared loss needs; loss=softmax takes"):
        read_csv(write("a,kind\n1,setosa\n2,virginica\n3,setosa\n"), classes=False)
    with pytest.raises(DataError, match="'1_0' is not a number, as 2 of the other cells"):
        read_csv(write("a,y\n1_0,1\n2,2\n3,4\n"))
    assert read_csv(write("na\u0085me,y\n1,1\n2,2\n3,4\n")).features == ("na\u0085me",)
