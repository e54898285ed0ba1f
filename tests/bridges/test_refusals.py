"""Modules, losses and data that torch's bridge refuses, each in one sentence."""

import numpy as np
import pytest
import torch
from bridges.modules import table
from bridges.nets import data, silu
from torch import nn

import homotopy as hp
from homotopy.errors import ArgumentError, DataError, EvaluationError


class Noisy(nn.Linear):
    def forward(self, X):
        return super().forward(X) + torch.rand(1)


def tiny(*layers):
    return nn.Sequential(nn.Linear(1, 2), *layers, nn.Linear(2, 1))


REFUSED = {
    "no module": (lambda: 3, nn.MSELoss(), {}, "module must be a torch.nn.Module, not 3"),
    "a class": (lambda: nn.Linear, nn.MSELoss(), {}, "module must be a torch.nn.Module"),
    "dropout": (lambda: tiny(nn.Dropout(0.5)), nn.MSELoss(), {}, r"Dropout in training mode \(1\).*eval\(\)"),
    "batch": (lambda: tiny(nn.BatchNorm1d(2)), nn.MSELoss(), {}, r"BatchNorm1d in training mode \(1\).*eval\(\)"),
    "noise": (lambda: Noisy(1, 1), nn.MSELoss(), {}, "differs from call to call"),
    "lazy": (lambda: nn.LazyLinear(1), nn.MSELoss(), {}, "not initialized yet"),
    "frozen": (lambda: nn.Linear(1, 1).requires_grad_(False), nn.MSELoss(), {}, "nothing to train"),
    "meta": (lambda: nn.Linear(1, 1, device="meta"), nn.MSELoss(), {}, "device meta"),
    "loss name": (silu, "mse", {}, "loss must be 'logistic', 'softmax' or 'squared', not 'mse'"),
    "loss class": (silu, nn.MSELoss, {}, r"give an object of it, MSELoss\(\)"),
    "no loss": (silu, [1], {}, "loss must be a torch loss, a function"),
    "reduction": (silu, nn.MSELoss(reduction="none"), {}, "reduction='none'"),
    "many numbers": (silu, lambda Z, y: Z, {}, r"loss returns shape \(12, 1\)"),
    "no tensor": (silu, lambda Z, y: 1.0, {}, "loss returns a float"),
    "detached": (silu, lambda Z, y: Z.detach().mean(), {}, "does not depend on"),
    "targets": (silu, nn.MSELoss(), {"y": np.zeros((12, 3))}, r"y has shape \(12, 3\); MSELoss needs .*\(12, 1\)"),
    "rows": (silu, nn.MSELoss(), {"y": np.zeros(5)}, "X has 12 rows and y has 5"),
    "sparse": (silu, nn.MSELoss(), {"X": torch.eye(12).to_sparse()}, "X must be an array or a tensor of real numbers"),
    "text": (silu, nn.MSELoss(), {"X": [["a"]] * 12}, "X must be an array or a tensor of real numbers"),
    "l2": (silu, nn.MSELoss(), {"l2": -1.0}, "l2 must be a finite number, 0 or more, not -1.0"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refusals_are_one_sentence(name):
    make, loss, other, message = REFUSED[name]
    X, y = data()
    given = {"X": X, "y": y} | other
    with pytest.raises(ArgumentError, match=message) as caught:
        hp.objective_from_torch(make(), loss, given.pop("X"), given.pop("y"), **given)
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused():
    X, y = data()
    with pytest.raises(DataError, match="X has values that are not finite"):
        hp.objective_from_torch(silu(), nn.MSELoss(), np.where(X > 0, np.nan, X), y)
    with pytest.raises(DataError, match="y has no rows"):
        hp.objective_from_torch(silu(), nn.MSELoss(), X, [])


def test_an_error_of_the_module_says_whose_it_is():
    X, y = table()
    with pytest.raises(RuntimeError) as caught:
        hp.objective_from_torch(silu(), nn.MSELoss(), X, y)
    assert "raised by module Sequential on X of shape (20, 3)" in caught.value.__notes__[0]
    assert not isinstance(caught.value, EvaluationError)


def test_eval_mode_is_no_refusal():
    X, y = data()
    net = tiny(nn.BatchNorm1d(2), nn.Dropout(0.5)).eval()
    assert hp.solve(hp.objective_from_torch(net, nn.MSELoss(), X, y), "lbfgs", rng=0, budget=20).value < 10


def test_what_goes_back_is_looked_at():
    for wrong, message in ((np.zeros(3), "the module Sequential needs"), (np.full(7, np.nan), "not finite")):
        with pytest.raises(ArgumentError, match=message):
            hp.to_torch(wrong, silu())
    with pytest.raises(ArgumentError, match=r"torch\.nn\.Module"):
        hp.to_torch(np.zeros(3), None)
