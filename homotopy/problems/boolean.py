"""Logical functions and other small classification tasks."""

from __future__ import annotations

from math import log

import numpy as np

from homotopy.arguments import choice, integer, positive
from homotopy.models.mlp import MLP
from homotopy.naming import spell
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem
from homotopy.problems.data import fan_in, layer_starts, normal, uniform

__all__ = ["jellyfish", "spirals", "xor"]


def xor(
    hidden: int = 2,
    activation: str = "tanh",
    loss: str = "squared",
    encoding: str = "signed",
    output: str = "identity",
    l2: float = 0.0,
) -> Problem:
    """Exclusive or of two inputs by one hidden layer.

    Parameters
    ----------
    hidden : int
        Hidden units.
    activation : str
        Of the hidden layer.
    loss : str
        ``squared`` or ``logistic``.
    encoding : str
        ``signed``: inputs and targets are -1 and 1; ``binary``: they are 0 and 1.
    output : str
        The output unit's activation, with the squared loss.
    l2 : float
        The weight of a penalty (l2/2) |theta|^2; with one no optimum is known.

    Raises
    ------
    ArgumentError
        If `encoding`, `loss`, `hidden`, an activation or `l2` is not one of those allowed.

    Notes
    -----
    Solved when the squared loss is at most 5e-7 (that is 1e-6 without the half), at most 5e-3 where the output is not
    linear (the infimum is then at infinity), or the logistic loss at most 1e-2. All weights and biases start
    uniformly in [-1, 1]. With the squared loss a linear net (no hidden unit or identity) has the variance of the
    target, halved, as its optimum, which is proved by duality. One hidden unit has no known optimum; of a monotone one
    the lower bound is 1/3 (1/12 in binary encoding), the infimum where the unit can become a step. Two sigmoid units
    have no local minimum of positive value at finite weights (Hamey; Sprinkhuizen-Kuyper and Boers), so that a failure
    there is a budget spent on a plateau.
    """
    choice("encoding", encoding, ("signed", "binary"))
    choice("loss", loss, ("squared", "logistic"))
    bits = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    truth = np.array([0.0, 1.0, 1.0, 0.0])
    signed = encoding == "signed"
    X = 2 * bits - 1 if signed else bits
    y = 2 * truth - 1 if signed and loss == "squared" else truth
    sizes = _sizes(2, hidden)
    risk = EmpiricalRisk(MLP(sizes, activation, output=output), loss, X, y, l2=positive("l2", l2, or_zero=True))
    layers = len(sizes) - 1
    linear = float(y.var() / 2) if loss == "squared" else log(2)
    optimum = None if l2 else _xor_optimum(hidden, activation, output, linear)
    easy = output == "identity"
    return Problem(
        name=spell(
            "xor",
            xor,
            "hidden",
            hidden=hidden,
            activation=activation,
            loss=loss,
            encoding=encoding,
            output=output,
            l2=l2,
        ),
        objective=risk,
        start=layer_starts(sizes, [uniform(1.0)] * layers, [uniform(1.0)] * layers),
        optimum=optimum,
        tolerance=(5e-7 if easy else 5e-3) if loss == "squared" else 1e-2,
        source="the exclusive or; optimum 0 from two hidden units on, without a penalty",
    )


def _xor_optimum(hidden: int, activation: str, output: str, linear: float) -> float | None:
    """Return the least loss of a net on the exclusive or, where it is known; `linear` is that of a constant."""
    if hidden == 0 or activation == "identity":
        return linear if output == "identity" else None
    return 0.0 if hidden >= 2 else None


def jellyfish(hidden: int = 4, activation: str = "relu", loss: str = "logistic", l2: float = 0.0) -> Problem:
    """Classify the Jellyfish data of Swirszcz, Czarnecki and Pascanu: four points that trap small relu nets.

    Parameters
    ----------
    hidden : int
        Hidden units.
    activation : str
        Of the hidden layer.
    loss : str
        ``logistic`` or ``squared`` (targets 0 and 1).
    l2 : float
        The weight of a penalty (l2/2) |theta|^2; with one no optimum is known.

    Raises
    ------
    ArgumentError
        If `loss`, `hidden`, the activation or `l2` is not one of those allowed.

    Notes
    -----
    The logistic problem is solved at log(2)/4: a mean loss below it puts all four points on their right sides. The
    squared one is solved at 5e-3. Weights start from N(0, 1/n_inputs), biases at N(0, 0.01); the paper's own
    initialization could not be read.
    """
    choice("loss", loss, ("squared", "logistic"))
    X = np.array([[1.0, 0.0], [0.2, 0.6], [0.0, 1.0], [0.6, 0.2]])
    y = np.array([1.0, 1.0, 0.0, 0.0])
    sizes = _sizes(2, hidden)
    layers = len(sizes) - 1
    return Problem(
        name=spell("jellyfish", jellyfish, "hidden", hidden=hidden, activation=activation, loss=loss, l2=l2),
        objective=EmpiricalRisk(MLP(sizes, activation), loss, X, y, l2=positive("l2", l2, or_zero=True)),
        start=layer_starts(sizes, [fan_in()] * layers, [normal(0.1)] * layers),
        optimum=0.0 if hidden >= 2 and not l2 else None,
        tolerance=log(2) / 4 if loss == "logistic" else 5e-3,
        source="G. Swirszcz, W. M. Czarnecki, R. Pascanu, Local minima in training of deep networks, arXiv 1611.06310",
    )


def spirals(hidden: int = 20, layers: int = 1, activation: str = "tanh") -> Problem:
    """Classify the two interlocked spirals of the CMU benchmark, 194 points, logistic loss.

    Parameters
    ----------
    hidden : int
        Units in each hidden layer.
    layers : int
        Hidden layers.
    activation : str
        Of the hidden layers.

    Raises
    ------
    ArgumentError
        If `layers` is below 1, or `hidden` or the activation is not allowed.

    Notes
    -----
    Inputs are scaled to [-2, 2]. Solved at log(2)/194: a mean loss below it puts every point on its right side.
    Weights start from N(0, 2.25/n_inputs), hidden biases uniformly in [-1, 1], the output's bias too.
    """
    integer("layers", layers)
    turn = np.arange(97) * np.pi / 16
    radius = 6.5 * (104 - np.arange(97)) / 104
    arm = np.column_stack([radius * np.sin(turn), radius * np.cos(turn)])
    X = np.stack([arm, -arm], axis=1).reshape(-1, 2) * (2 / 6.5)
    y = np.tile([1.0, 0.0], 97)
    sizes = (2, *[_sizes(2, hidden)[1]] * layers, 1)
    return Problem(
        name=spell("spirals", spirals, "hidden", hidden=hidden, layers=layers, activation=activation),
        objective=EmpiricalRisk(MLP(sizes, activation), "logistic", X, y),
        start=layer_starts(sizes, [fan_in(1.5)] * (layers + 1), [uniform(1.0)] * (layers + 1)),
        optimum=0.0,
        tolerance=log(2) / 194,
        source="CMU neural network benchmark collection, two-spirals (A. Wieland's mkspiral.c)",
    )


def _sizes(n_inputs: int, hidden: int) -> tuple[int, ...]:
    """Return the layer sizes of a net with one output; no hidden layer for 0 units."""
    integer("hidden", hidden, least=0)
    return (n_inputs, hidden, 1) if hidden else (n_inputs, 1)
