"""Homotopies of risks of sequences, for the contract test of all homotopies."""

import numpy as np

from homotopy.homotopies import (
    Blend,
    Data,
    Gaussian,
    Length,
    Linearized,
    LinearModel,
    Newton,
    OneNeuron,
    Proximal,
    Targets,
    TVWidth,
    WeightDecay,
    Width,
)
from homotopy.models import RNN
from homotopy.objectives import EmpiricalRisk

__all__ = ["IN_PYTHON", "SEQUENCES"]


def sequences(cell="elman", loss="squared", seed=0, **more):
    """A risk of sequences with lengths, weights and steps that do not count."""
    rng = np.random.default_rng(seed)
    y = rng.random((7, 4, 1)) if loss == "logistic" else rng.standard_normal((7, 4, 1))
    model = RNN(2, 2, 1, cell=cell, state=more.pop("state", "zero"))
    parts = {"lengths": [4, 4, 2, 1, 3, 4, 4], "weights": rng.exponential(size=7), "steps": [1, 0, 2, 1]}
    return EmpiricalRisk(model, loss, rng.standard_normal((7, 4, 2)), y, l2=0.05, **parts)


def last(cell="elman"):
    """A risk of the last steps."""
    rng = np.random.default_rng(5)
    return EmpiricalRisk(RNN(1, 2, 1, cell=cell), "squared", rng.standard_normal((8, 3, 1)), rng.standard_normal(8))


def learned():
    """A risk of a net with a learned state."""
    return sequences(state="learned")


def point(risk):
    """A point of the risk."""
    return np.random.default_rng(1).standard_normal(risk.size)


SEQUENCES = {
    "sequences-proximal": lambda: Proximal(sequences(), point(sequences()), mu=0.7),
    "sequences-newton": lambda: Newton(learned(), point(learned())),
    "sequences-blend": lambda: Blend(sequences(seed=1), sequences()),
    "sequences-data": lambda: Data.easiest(sequences()),
    "sequences-gaussian": lambda: Gaussian(last(), 0.3, samples=4),
    "sequences-length": lambda: Length(sequences(), 1.5),
    "sequences-length-learned": lambda: Length(learned(), 2.4),
    "sequences-linearized": lambda: Linearized(last("gru"), point(last("gru"))),
    "sequences-linear-model": lambda: LinearModel(sequences(), 0.1),
    "sequences-one-neuron": lambda: OneNeuron(sequences(loss="logistic"), 0.5),
    "sequences-targets": lambda: Targets(sequences()),
    "sequences-targets-mean": lambda: Targets(last(), "mean"),
    "sequences-weight-decay": lambda: WeightDecay(learned()),
    "sequences-weight-decay-lstm": lambda: WeightDecay(sequences("lstm", "logistic"), 0.3),
    "sequences-width": lambda: Width(last(), 1),
    "sequences-width-learned": lambda: Width(learned(), 1),
    "sequences-tv-width": lambda: TVWidth(last(), 1, l2=0.1),
}
IN_PYTHON = {
    f"sequences-{name}"
    for name in (
        "data",
        "gaussian",
        "linear-model",
        "linearized",
        "newton",
        "one-neuron",
        "targets",
        "targets-mean",
    )
}
"""Those that compiled loops do not descend."""
