"""Data sets from files: what is read, and one clear sentence for everything that cannot be."""

import numpy as np
import pytest

from homotopy.errors import DataError
from homotopy.problems import problem
from homotopy.problems.data import read_csv, standardize

GOOD = "a,b,y\n1,2,3\n4,5.5,-6e1\n7,8,9\n"


def write(tmp_path, text, name="data.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_numbers_and_target(tmp_path):
    table = read_csv(write(tmp_path, GOOD))
    assert table.features == ("a", "b")
    assert table.target == "y"
    np.testing.assert_array_equal(table.X, [[1, 2], [4, 5.5], [7, 8]])
    np.testing.assert_array_equal(table.y, [3, -60, 9])
    other = read_csv(write(tmp_path, GOOD), "a")
    assert other.features == ("b", "y")
    np.testing.assert_array_equal(other.y, [1, 4, 7])


SPELLINGS = {
    "semicolons": GOOD.replace(",", ";"),
    "tabs": GOOD.replace(",", "\t"),
    "byte order mark": "\ufeff" + GOOD,
    "blank lines": "\n" + GOOD + "\n\n",
    "carriage returns": GOOD.replace("\n", "\r\n"),
    "quotes": GOOD.replace("a,", '"a",'),
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_other_spellings_of_the_same_file(tmp_path, text):
    table = read_csv(write(tmp_path, text))
    assert table.features == ("a", "b")
    np.testing.assert_array_equal(table.X, [[1, 2], [4, 5.5], [7, 8]])


def test_classes_are_any_text(tmp_path):
    table = read_csv(write(tmp_path, "x,kind\n1,red\n2,blue\n3,red\n"), classes=True)
    assert table.classes == ("blue", "red")
    np.testing.assert_array_equal(table.y, [1, 0, 1])
    np.testing.assert_array_equal(table.X, [[1], [2], [3]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a,b,y\n", "0 data rows, and at least 2 are needed"),
        ("a,b,y\n1,2,3\n", "1 data row, and at least 2 are needed"),
        ("y\n1\n2\n", "no feature column"),
        ("a,b,y\n1,2,3\n1,two,4\n", r"line 3, column 2 \(b\): 'two' is not a number"),
        ("a,b,y\n1,2,3\n1,nan,4\n", r"line 3, column 2 \(b\): the cell is empty"),
        ("a,b,y\n1,2,inf\n1,3,4\n", r"line 2, column 3 \(y\): inf is not a finite number"),
        ("a,b,y\n1,2,3\n\n1,,4\n", r"line 4, column 2 \(b\): the cell is empty"),
        ("a,b,y\n1,2,3\n1,2\n", "line 3 has 2 cells; the header names 3 columns"),
        ("a,b,y\n1,2,3\n1,2,3,4\n", "line 3 has 4 cells"),
        ("a,a,y\n1,2,3\n1,2,4\n", "line 1: two columns are named 'a'"),
        ("a,,y\n1,2,3\n1,2,4\n", "line 1: column 2 has no name"),
        ("a,b,y\n1,2,3\n4,5,3\n", "the target 'y' is constant"),
        ('a,b,y\n1,"2,3\n4,5,3\n', "line"),
        (b"a,y\n\xff\xfe,1\n", "not text in UTF-8"),
    ],
)
def test_bad_files(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        read_csv(write(tmp_path, text))


def test_missing_things(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_csv(tmp_path)
    with pytest.raises(DataError, match=r"no column 'B' .*the columns are a, b, y|no column 'B'"):
        read_csv(write(tmp_path, GOOD), "B")
    with pytest.raises(DataError, match="is empty"):
        read_csv(write(tmp_path, "x,kind\n1,red\n2,\n"), classes=True)


def test_a_path_is_a_problem(tmp_path):
    path = write(tmp_path, GOOD)
    chosen = problem(path)
    assert chosen.optimum is None
    assert chosen.size == 8 * 3 + 9
    assert problem(chosen.name).name == chosen.name
    raw = problem(f"csv:path={path},target=a,standardized=no")
    assert raw.objective.y.ravel().tolist() == [1, 4, 7]
    assert problem(raw.name).name == raw.name
    again = problem(f"csv:path={path},target=a,hidden=0,standardized=yes")
    np.testing.assert_allclose(again.objective.X.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(again.objective.X.std(axis=0), 1)
    assert again.objective.y.std() == pytest.approx(1)
    assert problem(again.name).name == again.name
    with pytest.raises(DataError, match="no such file"):
        problem("missing.csv")


def test_classification_from_a_file(tmp_path):
    path = write(tmp_path, "x,z,kind\n1,2,red\n2,1,blue\n3,0,red\n4,4,green\n")
    chosen = problem(f"csv:path={path},loss=softmax,hidden=3")
    assert np.isfinite(chosen.objective.value(chosen.start(np.random.default_rng(0))))
    with pytest.raises(DataError, match="needs two classes; 'kind' has 3"):
        problem(f"csv:path={path},loss=logistic")
    path = write(tmp_path, "x,z,kind\n1,2,red\n2,1,blue\n3,0,red\n", "two.csv")
    two = problem(f"csv:path={path},loss=logistic")
    assert two.objective.value(np.zeros(two.size)) == pytest.approx(np.log(2))


def test_standardize_keeps_constant_columns_finite():
    np.testing.assert_array_equal(standardize(np.array([[1.0, 2.0], [1.0, 4.0]])), [[0, -1], [0, 1]])
