"""Bad data and numbers given to objectives: one sentence that names the argument, its value and what is allowed."""

import numpy as np
import pytest

from homotopy.errors import ArgumentError, DataError
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk, TeacherStudent
from homotopy.objectives.functions import Ackley, Polynomial, Quadratic

MODEL = MLP([2, 3, 1])
X, Y = np.eye(2), np.zeros(2)
REAL = "{} must be an array of real numbers, not {}"
WEIGHT = "{} must be a finite number, 0 or more, not {}"


def risk(model=MODEL, loss="squared", X=X, y=Y, **more):
    return EmpiricalRisk(model, loss, X, y, **more)


ARGUMENTS = {
    "X is ragged": (lambda: risk(X=[[1, 2], [3]]), REAL.format("X", "[[1, 2], [3]]")),
    "X is text": (lambda: risk(X=[["1", "2"]] * 2), REAL.format("X", "[['1', '2'], ['1', '2']]")),
    "no X": (lambda: risk(X=None), REAL.format("X", "None")),
    "X is complex": (lambda: risk(X=np.eye(2) * 1j), "X must be an array of real numbers"),
    "X holds objects": (lambda: risk(X=np.array([[1, None], [1, 2]])), "X must be an array of real numbers"),
    "X is masked": (lambda: risk(X=np.ma.masked_array(X, X > 0)), "X must be an array of real numbers"),
    "X is a vector": (lambda: risk(X=[1.0, 2.0]), "X has shape (2,); it must be a table of shape (n, columns)"),
    "X has three axes": (lambda: risk(X=np.ones((2, 2, 2))), "X has shape (2, 2, 2); it must be a table"),
    "X without columns": (lambda: risk(X=np.empty((2, 0))), "X has 0 columns; the model has 2 inputs"),
    "y is short": (lambda: risk(y=[1.0]), "X has 2 rows and y has 1; they must be equally many"),
    "y is empty": (lambda: risk(y=[]), "X has 2 rows and y has 0; they must be equally many"),
    "no model": (lambda: risk(model="mlp"), "model is 'mlp'; it must be an MLP"),
    "l2 is text": (lambda: risk(l2="a"), WEIGHT.format("l2", "'a'")),
    "l2 is negative": (lambda: risk(l2=-1), WEIGHT.format("l2", "-1")),
    "l2 is NaN": (lambda: risk(l2=np.nan), WEIGHT.format("l2", "nan")),
    "l2 is missing": (lambda: risk(l2=None), WEIGHT.format("l2", "None")),
    "l2 is an array": (lambda: risk(l2=np.ones(2)), WEIGHT.format("l2", "array([1., 1.])")),
    "l2 is beyond floats": (lambda: risk(l2=10**400), "l2 must be a finite number, 0 or more, not 1000"),
    "a ragged basis": (lambda: risk().deformed(basis=[[1], [1, 2]]), REAL.format("basis", "[[1], [1, 2]]")),
    "a long basis": (lambda: risk().deformed(basis=np.ones((3, 1))), "basis has shape (3, 1); it must be a table of"),
    "NaN in a basis": (lambda: risk().deformed(basis=[[np.nan], [0]]), "basis has columns that are not orthogonal"),
    "l2 at the start": (lambda: risk().deformed(l2="a"), WEIGHT.format("l2", "'a'")),
    "smooth": (lambda: risk().deformed(smooth=[1]), WEIGHT.format("smooth", "[1]")),
    "mix": (lambda: risk().deformed(mix="yes"), "mix is 'yes'; it must be True or False"),
    "few targets": (lambda: risk().deformed(targets=[1]), "targets has 1 rows; the risk has 2 samples"),
    "targets as text": (lambda: risk().deformed(targets="ab"), REAL.format("targets", "'ab'")),
    "k as text": (lambda: TeacherStudent("a", 3), "k must be an integer, at least 1, not 'a'"),
    "no k": (lambda: TeacherStudent(None, 3), "k must be an integer, at least 1, not None"),
    "n negative": (lambda: TeacherStudent(2, -3), "n must be an integer, at least 1, not -3"),
    "d as text": (lambda: TeacherStudent(2, 2, d="2"), "d must be an integer, at least 1, not '2'"),
    "a ragged teacher": (lambda: TeacherStudent(2, 2, teacher=[[1, 2], [3]]), REAL.format("teacher", "[[1, 2], [3]]")),
    "a complex teacher": (lambda: TeacherStudent(2, 2, teacher=np.eye(2) * 1j), "teacher must be an array of real"),
    "width as text": (lambda: TeacherStudent(2, 2).smoothed("a"), "width must be a positive number, not 'a'"),
    "coefficients": (lambda: Polynomial([[1], [2, 3]]), REAL.format("coefficients", "[[1], [2, 3]]")),
    "a matrix as text": (lambda: Quadratic("a", [1.0]), REAL.format("matrix", "'a'")),
    "n as text": (lambda: Ackley("3"), "n must be an integer, at least 1, not '3'"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_an_objective_says_what_it_refuses(case):
    call, message = ARGUMENTS[case]
    with pytest.raises(ArgumentError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


DATA = {
    "no rows": (lambda: risk(X=np.empty((0, 2)), y=[]), "X has no rows; a mean needs one sample at least"),
    "NaN": (lambda: risk(X=[[1, np.nan], [1, 2]]), "X has values that are not finite"),
    "infinity": (lambda: risk(y=[np.inf, 1]), "y has values that are not finite"),
    "an integer too large": (lambda: risk(X=[[10**400, 1], [1, 1]]), "X has values that are not finite"),
    "too large for float32": (
        lambda: risk(model=MLP([2, 1], dtype=np.float32), X=1e300 * X),
        "X has values that are not finite as float32",
    ),
    "a label outside": (lambda: risk(loss="logistic", y=[0, 2]), "y has 2; the logistic loss takes 0 and 1, -1 and 1"),
}


@pytest.mark.parametrize("case", DATA)
def test_an_objective_says_which_data_it_refuses(case):
    call, message = DATA[case]
    with pytest.raises(DataError) as caught:
        call()
    assert str(caught.value).startswith(message)


def views(table):
    """The same numbers in other memory layouts and types."""
    frozen = table.copy()
    frozen.flags.writeable = False
    wide = np.repeat(table, 2, axis=0)[::2]
    return {
        "columns first": np.asfortranarray(table),
        "strided": wide,
        "reversed twice": table[::-1].copy()[::-1],
        "read-only": frozen,
        "big-endian": table.astype(">f8"),
        "a list": table.tolist(),
        "objects": table.astype(object),
        "float32": table.astype(np.float32),
        "integers": table.astype(np.int16),
    }


@pytest.mark.parametrize("layout", views(X))
def test_data_in_any_layout_give_the_same_risk(layout):
    rng = np.random.default_rng(0)
    inputs, targets = rng.integers(-3, 4, (7, 2)).astype(float), rng.integers(0, 2, 7).astype(float)
    theta = rng.standard_normal(MODEL.size)
    expected = risk(X=inputs, y=targets).grad(theta)
    assert np.array_equal(risk(X=views(inputs)[layout], y=views(targets)[layout]).grad(theta), expected)
