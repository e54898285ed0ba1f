"""What a risk of sequences refuses, in one sentence that says what is allowed."""

import numpy as np
import pytest

import homotopy as hp
from homotopy.errors import ArgumentError, DataError

X, Y = np.ones((4, 6, 2)), np.ones((4, 6, 1))


def risk(model=None, loss="squared", X=X, y=Y, **more):
    return hp.EmpiricalRisk(hp.RNN(2, 3, 1) if model is None else model, loss, X, y, **more)


def holed(table, at, value=np.nan):
    table = table.copy()
    table[at] = value
    return table


GIVEN = hp.RNN(2, 3, 1, state="given")
ARGUMENTS = {
    "a table of inputs": (lambda: risk(X=X[0]), r"X has shape \(6, 2\); a recurrent net needs \(sequences, steps, 2"),
    "other inputs": (lambda: risk(X=np.ones((4, 6, 3))), "X has 3 inputs a step; the model has 2"),
    "ragged inputs": (
        lambda: risk(X=[[[1, 2]], [[1, 2], [3, 4]]]),
        "X has sequences of 1 to 2 steps; fill them up to one length, and",
    ),
    "other targets": (lambda: risk(y=np.ones((4, 5))), r"y has shape \(4, 5\); the model has 1 outputs and needs"),
    "fewer targets": (lambda: risk(y=np.ones(3)), "X has 4 sequences and y has 3; they must be equally many"),
    "classes of one loss": (
        lambda: risk(hp.RNN(2, 3, 2), y=np.ones((4, 6))),
        r"needs \(4, 2\) for the last steps or \(4, 6, 2\) for all",
    ),
    "negative l2": (lambda: risk(l2=-1), "l2 must be a finite number, 0 or more, not -1"),
    "few weights": (lambda: risk(weights=[1, 2]), r"weights has shape \(2,\); one number for each of 4 samples"),
    "negative weights": (lambda: risk(weights=[1, -2, 1, 1]), "weights has -2 for sample 1"),
    "no weights": (lambda: risk(weights=[0, 0, 0, 0]), "weights are all 0"),
    "few steps": (lambda: risk(steps=[1, 2]), r"steps has shape \(2,\); it must be \(6,\), or \(4, 6\)"),
    "negative steps": (lambda: risk(steps=[1, 1, 1, 1, 1, -3]), "steps has -3; 0 or a positive number is needed"),
    "steps without a number": (lambda: risk(steps=[1, 1, 1, 1, 1, np.nan]), "steps has nan; 0 or a positive number"),
    "no steps": (lambda: risk(steps=np.zeros(6)), "steps are all 0; one step at least must count"),
    "no steps within": (
        lambda: risk(steps=[0, 0, 0, 0, 0, 1], lengths=[5, 5, 1, 2]),
        "steps leave no step that counts",
    ),
    "a length of nothing": (lambda: risk(lengths=[6, 0, 6, 6]), "lengths has 0 for sequence 1; a whole number from 1"),
    "a length too long": (
        lambda: risk(lengths=[6, 6, 6, 7]),
        "lengths has 7 for sequence 3; a whole number from 1 to 6",
    ),
    "half a length": (lambda: risk(lengths=[6, 6, 2.5, 6]), "lengths has 2.5 for sequence 2"),
    "few lengths": (lambda: risk(lengths=[6]), r"lengths has shape \(1,\); one number for each of 4 sequences"),
    "no state": (lambda: risk(GIVEN), r"state is missing; the model's is given, of shape \(4, 3\)"),
    "a state too many": (lambda: risk(state=np.ones((4, 3))), "state was given and the model's is 'zero'"),
    "another state": (lambda: risk(GIVEN, state=np.ones((4, 2))), r"state has shape \(4, 2\); \(4, 3\) is needed"),
    "a family of nothing": (lambda: risk(family=3), r"family must be a function, family\(t\), or None"),
    "marks of nothing": (lambda: risk(deletable=np.ones(6)), "deletable has shape .* truth values of shape"),
    "few marks": (lambda: risk(deletable=[True]), r"deletable has shape \(1,\) and dtype bool"),
    "an unknown loss": (lambda: risk(loss="hinge"), "loss 'hinge' is unknown"),
    "sequences for a plain net": (
        lambda: hp.EmpiricalRisk(hp.MLP([2, 3, 1]), "squared", X[0], Y[0], lengths=[1]),
        "lengths belongs to sequences; it needs an RNN as model",
    ),
    "no model": (lambda: hp.EmpiricalRisk("rnn", "squared", X, Y), "it must be an MLP or an RNN"),
    "an unknown part": (lambda: risk().changed(length=[1]), "changed takes model, loss, X, .*, not 'length'"),
    "steps without targets": (
        lambda: risk(steps=[1, 1, 1, 1, 1, 0]).changed(steps=None),
        "steps count of which there are no targets; give y with them",
    ),
    "an unknown choice of units": (lambda: risk().units(by="size"), "by must be 'loss' or 'score', not 'size'"),
}
DATA = {
    "no sequence": (lambda: risk(X=X[:0], y=Y[:0]), r"X has shape \(0, 6, 2\); a mean needs one sequence of one step"),
    "no step": (lambda: risk(X=X[:, :0], y=Y[:, :0]), r"X has shape \(4, 0, 2\)"),
    "an input without a number": (lambda: risk(X=holed(X, (1, 2, 0))), "X has values that are not finite"),
    "a target without a number": (lambda: risk(y=holed(Y, (1, 2, 0))), "y has values that are not finite"),
    "a target that is none": (lambda: risk(loss="logistic", y=3 * Y), "y has 3; the logistic loss takes 0 and 1"),
    "a state without a number": (
        lambda: risk(GIVEN, state=holed(np.ones((4, 3)), (0, 0))),
        "state has values that are not finite",
    ),
    "an input too large": (
        lambda: risk(hp.RNN(2, 3, 1, dtype=np.float32), X=1e200 * X),
        "X has values that are not finite as float32",
    ),
}


@pytest.mark.parametrize("case", sorted(ARGUMENTS))
def test_what_arguments_are_refused(case):
    do, sentence = ARGUMENTS[case]
    with pytest.raises(ArgumentError, match=sentence) as error:
        do()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("case", sorted(DATA))
def test_what_data_are_refused(case):
    do, sentence = DATA[case]
    with pytest.raises(DataError, match=sentence):
        do()


@pytest.mark.parametrize("model", [hp.RNN(2, 3, 1), hp.MLP([2, 3, 1])])
def test_an_argument_that_nobody_knows_is_named(model):
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'length'"):
        hp.EmpiricalRisk(model, "squared", X if isinstance(model, hp.RNN) else X[0], Y, length=3)
