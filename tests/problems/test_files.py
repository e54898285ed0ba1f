"""The problem of a file: every parameter is read, spelled back, and does what it says."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.naming import expand
from homotopy.problems import problem

ROWS = [f"{i};{(7 * i) % 11},5;{'red' if i % 3 else 'blue'};{1 + i % 2};{i % 4},25" for i in range(24)]
TEXT = "a;b;color;w;y\n" + "\n".join(ROWS) + "\n"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text(TEXT)
    return str(file)


PARAMETERS = {
    "hidden=8+4": lambda p: p.objective.model.sizes == (5, 8, 4, 1),
    "hidden=0": lambda p: p.objective.model.sizes == (5, 1),
    "l2=0.01": lambda p: p.objective.l2 == 0.01,
    "activation=relu": lambda p: p.objective.model.activation == "relu",
    "standardized=no": lambda p: p.objective.y.max() == 3.25,
    "standardized=yes": lambda p: abs(p.objective.y.mean()) < 1e-12,
    "test=0.25": lambda p: len(p.test.X) == 6 and p.score_name == "R2",
    "test=0.25,seed=1": lambda p: len(p.test.X) == 6,
    "folds=5,fold=1": lambda p: len(p.test.X) == 5,
    "missing=drop": lambda p: len(p.objective.X) == 24,
    "missing=mean": lambda p: len(p.objective.X) == 24,
    "delimiter=semicolon": lambda p: len(p.objective.X) == 24,
    "delimiter=;": lambda p: len(p.objective.X) == 24,
    "ignore=a+w": lambda p: p.objective.model.sizes[0] == 3,
    "categories=w": lambda p: "w=2" in p.data.encoding.names,
    "loss=squared": lambda p: p.data.target.loss == "squared",
    "loss=softmax": lambda p: p.data.target.classes == ((0.25, 1.25, 2.25, 3.25),),
}


@pytest.mark.parametrize("words", PARAMETERS)
def test_parameters_are_read_and_spelled_back(path, words):
    made = problem(f"csv:path={path},target=y,decimal=comma,{words}")
    assert PARAMETERS[words](made)
    again = problem(made.name)
    assert again.name == made.name
    assert expand(made.name) == [made.name]
    np.testing.assert_array_equal(again.objective.X, made.objective.X)
    np.testing.assert_array_equal(again.start(np.random.default_rng(0)), made.start(np.random.default_rng(0)))


def test_names_are_short_where_nothing_is_unusual(path):
    assert problem(f"csv:path={path},target=y,decimal=comma").name == f"csv:path={path},target=y,decimal=comma"
    assert problem(f"csv:path={path},target=color,loss=logistic,standardized=yes,hidden=8,decimal=comma").name == (
        f"csv:path={path},target=color,loss=logistic,decimal=comma"
    )


def test_targets_of_a_file(path):
    two = problem(f"csv:path={path},target=a+y,decimal=comma")
    assert two.objective.y.shape == (24, 2)
    color = problem(f"csv:path={path},target=color,decimal=comma")
    assert color.data.target.classes == (("blue", "red"),)
    assert problem(f"csv:path={path},decimal=comma").data.target.names == ("y",)


def test_a_list_in_a_name_makes_several(path):
    names = expand(f"csv:path={path},target=y,decimal=comma,hidden=8/8+8,l2=0.001/0.01")
    assert [problem(name).objective.l2 for name in names] == [0.001, 0.01, 0.001, 0.01]


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        ("target=z", DataError, "there is no column 'z'"),
        ("target=y", DataError, "line 2, column 2 .b.: '0,5' has a decimal comma; decimal=comma reads such numbers"),
        ("decimal=comma,hidden=8+", ArgumentError, "hidden must be 0 or a positive integer"),
        ("decimal=dot", ArgumentError, "decimal must be"),
        ("decimal=comma,missing=median", ArgumentError, "missing must be 'drop' or 'mean'"),
        ("decimal=comma,class_weight=even,target=color", ArgumentError, "class_weight must be 'balanced'"),
        ("decimal=comma,weights=color", DataError, "'blue' is not a number"),
        ("decimal=comma,fold=1", ArgumentError, "fold=1 needs folds="),
        ("decimal=comma,standardised=no", ArgumentError, "did you mean 'standardized'"),
    ],
)
def test_one_sentence(path, words, error, sentence):
    with pytest.raises(error, match=sentence):
        problem(f"csv:path={path},{words}")


def test_no_file():
    with pytest.raises(DataError, match="none: there is no such file"):
        problem("csv:path=none")


def test_parameters_after_a_path(path):
    made = problem(f"{path}:decimal=comma,hidden=3,target=y")
    assert made.name == f"csv:path={path},target=y,hidden=3,decimal=comma"
    assert problem(f"{path}:decimal=comma,hidden=3", target="y").name == made.name
    with pytest.raises(ArgumentError, match="names a target, and target='a' another one"):
        problem(f"{path}:decimal=comma,target=y", target="a")
    with pytest.raises(ArgumentError, match="did you mean 'hidden'"):
        problem(f"{path}:hiden=3")
