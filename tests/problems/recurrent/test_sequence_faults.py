"""What is wrong with a user's sequences is said in one sentence."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.problems import problem
from homotopy.problems.sequences import from_sequences

RNG = np.random.default_rng(23)


def bad(**changes):
    """Return arguments of five good sequences, with changes."""
    X = [RNG.standard_normal((T, 2)) for T in RNG.integers(3, 9, 5)]
    return {"X": X, "y": [np.cumsum(x[:, 0]) for x in X]} | changes


WRONG = {
    "there is one sequence only, of 40 steps; windows=4 cuts": lambda: bad(X=[np.ones((40, 1))], y=[np.arange(40.0)]),
    r"X has shape \(4, 3\); it must be": lambda: bad(X=np.ones((4, 3))),
    "sequence 1 of X has shape": lambda: bad(X=[np.ones((3, 1)), np.ones((3, 1, 1))]),
    "sequence 1 of X must be an array of real numbers": lambda: bad(X=[[1.0, 2.0], ["a", "b"]]),
    "sequence 0 has 1 inputs a step and sequence 1 has 2": lambda: bad(X=[np.ones((3, 1)), np.ones((3, 2))], y=[1, 2]),
    "X has a missing value in sequence 1, step 2, input 0": lambda: bad(X=[[1.0, 2.0], [1.0, 2.0, np.nan]], y=[1, 2]),
    "lengths= says how many steps": lambda: bad(X=np.full((2, 3, 1), np.nan), y=[1.0, 2.0]),
    "X has an infinite value in sequence 0, step 1": lambda: bad(X=[[1.0, np.inf], [1.0]], y=[1, 2]),
    "X has 5 sequences and y has 4": lambda: bad(y=[1, 2, 3, 4]),
    "y has shape .* for sequence": lambda: bad(y=[[1.0] * 20, *([[1.0] * 21] * 4)]),
    "y is None": lambda: bad(y=None),
    "the target 'y' is constant": lambda: bad(y=[1.0] * 5),
    "lengths go with sequences that are padded": lambda: bad(lengths=[1] * 5),
    "lengths has 9 for sequence 0": lambda: bad(X=np.ones((2, 3, 1)), y=[1.0, 2.0], lengths=[9, 1]),
    "windows=30 leaves no piece: the longest sequence has": lambda: bad(windows=30),
    "the target at step 2 of sequence 0 is missing; missing=skip": lambda: bad(
        X=[np.ones((4, 1)), np.ones((3, 1))], y=[[1.0, 2.0, np.nan, 3.0], [1.0, 2.0, 3.0]]
    ),
    "the target of sequence 1 is missing": lambda: bad(y=[1.0, np.nan, 2.0, 3.0, 4.0], missing="skip"),
    "sequence 1 has no target at any step": lambda: bad(
        X=[np.ones((2, 1)), np.ones((3, 1))], y=[[1.0, 2.0], [np.nan] * 3], missing="skip"
    ),
    "washout=20 leaves no target in sequence 0": lambda: bad(washout=20),
    "windows= cuts sequences into pieces, which needs a target at each step": lambda: bad(y=[1, 2, 3, 4, 5], windows=3),
    "predict=steps needs a target at each step": lambda: bad(y=[1.5, 2, 3, 4, 5], predict="steps"),
    "predict must be 'last' or 'steps'": lambda: bad(predict="first"),
    "id is the name of a column, and X is no table": lambda: bad(id="who"),
    "cell must be": lambda: bad(cell="rnn"),
    "start must be": lambda: bad(start="far"),
    "state must be": lambda: bad(state="given"),
    "hidden must be": lambda: bad(hidden=0),
    "loss must be": lambda: bad(loss="hinge"),
    "test must be a number": lambda: bad(test=1.0),
    "of 5 rows 4 would be held out": lambda: bad(test=0.8),
    "there is no such file": lambda: {"X": "nowhere.npz"},
    "no.csv: there is no such file": lambda: {"X": "no.csv"},
}  # fmt: skip


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(sentence):
    with pytest.raises((ArgumentError, DataError), match=sentence) as told:
        from_sequences(**WRONG[sentence]())
    assert len(str(told.value).splitlines()) == 1


TABLES = {
    "there is no column 'who'": ("id,time,u,y\n1,1,2,3\n", {"id": "who"}),
    "no input column beside the target": ("id,time,y\n1,1,2\n1,2,3\n", {}),
    "the time 1 stands twice in sequence '7'": ("id,time,u,y\n7,1,2,3\n7,1,4,5\n8,1,2,3\n", {}),
    "every row needs its time": ("id,time,u,y\n7,,2,3\n7,1,4,5\n", {}),
    "every row needs the id": ("id,time,u,y\n,1,2,3\n7,1,4,5\n", {}),
    "every step needs its inputs": ("id,time,u,y\n7,1,,3\n7,2,4,5\n", {}),
    "there is one sequence only, of 3 steps": ("time,u,y\n1,2,3\n2,4,5\n3,1,1\n", {}),
    "there is no column 'nothing'": ("id,u,y\n7,2,3\n7,4,5\n8,1,2\n", {"ignore": "nothing"}),
    "sequence '8' has no target at any step": ("id,u,y\n7,2,3\n7,4,\n8,1,\n8,2,\n", {"missing": "skip"}),
    "'big' is not a number": ("id,u,y\n7,2,3\n7,big,2\n8,1,4\n8,2,1\n8,3,9\n", {}),
}


@pytest.mark.parametrize("sentence", TABLES)
def test_what_is_wrong_with_a_table_is_said_in_one_sentence(tmp_path, sentence):
    text, given = TABLES[sentence]
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises((ArgumentError, DataError), match=sentence) as told:
        from_sequences(tmp_path / "t.csv", **given)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    "arrays", [{"y": np.ones(3)}, {"X": np.ones((3, 2, 1))}, {"X": np.array([{}], dtype=object), "y": np.ones(1)}]
)
def test_wrong_npz_files(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError) as told:
        from_sequences(tmp_path / "a.npz")
    assert "a.npz" in str(told.value)
    assert len(str(told.value).splitlines()) == 1
    (tmp_path / "b.npz").write_text("no archive")
    with pytest.raises(DataError, match=r"no \.npz of plain arrays"):
        from_sequences(tmp_path / "b.npz")


def test_a_file_of_arrays_alone_is_told_its_name():
    with pytest.raises(ArgumentError, match="the problem 'sequences:path=a.npz,hidden=3'"):
        problem("a.npz:hidden=3")
