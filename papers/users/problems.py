"""The nets, data and starts of practitioners who asked why their net does not learn, each as a problem by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.extras import extra

__all__ = ["PRINTED", "PROBLEMS", "Start", "problem"]

Array = NDArray[np.float64]

BITS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0.0, 1.0, 1.0, 0.0])
PRINTED = (
    *(-0.12692590266986858, -0.844955757436316, -0.9357427469178123, 0.8173651578783794),
    *(0.39650732687505963, -0.49808473788143637),
    *(-0.5832662974097391, 0.5308947844782579),
    0.2908941132572971,
)
"""Weights and biases of the start that was printed with the question of `xor_slow`, in the order of an MLP's."""


@dataclass(frozen=True)
class Start:
    """Draws the weights of a net as a library does by default.

    Parameters
    ----------
    kind : str
        ``unit``: all from U(0, 1); ``signed``: all from U(-1, 1); ``normal``: all from N(0, 1); ``glorot``: weights of
        a layer from U(-b, b) with b^2 = 6 / (inputs + outputs), biases 0; ``glorot-biases``: biases like the weights;
        ``glorot-logistic``: the same with b^2 = 2 / (inputs + outputs).
    sizes : tuple of int
        Of the net's layers.
    """

    kind: str
    sizes: tuple[int, ...]

    def __call__(self, rng: np.random.Generator) -> Array:
        """Return one start, layer by layer: weights row by row, then biases."""
        parts = []
        for n_in, n_out in pairwise(self.sizes):
            count = n_in * n_out
            if self.kind == "normal":
                parts.append(rng.standard_normal(count + n_out))
                continue
            top = 2 if self.kind == "glorot-logistic" else 6
            bound = np.sqrt(top / (n_in + n_out)) if self.kind.startswith("glorot") else 1.0
            low = 0.0 if self.kind == "unit" else -bound
            parts.append(rng.uniform(low, bound, count))
            parts.append(np.zeros(n_out) if self.kind == "glorot" else rng.uniform(low, bound, n_out))
        return np.concatenate(parts)


@dataclass(frozen=True)
class Net:
    """A net's layers, its activations, its loss, and how its weights begin."""

    sizes: tuple[int, ...]
    activation: str
    loss: str
    start: str
    output: str = "identity"

    def on(self, X: Array, y: Any, name: str, tolerance: float, source: str, *, optimum: float = 0.0) -> hp.Problem:
        """Return the problem of this net on data."""
        risk = hp.EmpiricalRisk(hp.MLP(self.sizes, self.activation, output=self.output), self.loss, X, y)
        start = Start(self.start, self.sizes)
        return hp.Problem(name, risk, start, optimum=optimum, tolerance=tolerance, source=source)


def _right(net: Net, n: int) -> float:
    """Return the loss below which each of n samples must be on its right side of the output's middle."""
    return log(2) / n if net.loss != "squared" else 0.5 * 0.25 / n


def _fits(y: Array, part: float = 0.01) -> float:
    """Return the loss of a fit that leaves so much of the targets' variance."""
    return 0.5 * part * float(np.var(y))


def _standard(columns: Array) -> Array:
    """Return the columns with mean 0 and standard deviation 1."""
    return np.asarray((columns - columns.mean(axis=0)) / columns.std(axis=0))


def xor_backprop() -> hp.Problem:
    """Return XOR for a 2-2-1 net of logistic units, all weights from U(0, 1), mean squared error."""
    net = Net((2, 2, 1), "logistic", "squared", "unit", output="logistic")
    return net.on(BITS, XOR, "xor_backprop", _right(net, 4), "stats.stackexchange.com/questions/213666")


def xor_tanh() -> hp.Problem:
    """Return XOR for two tanh units and a logistic output, cross entropy, Glorot's start."""
    net = Net((2, 2, 1), "tanh", "logistic", "glorot")
    return net.on(BITS, XOR, "xor_tanh", _right(net, 4), "a question on Stack Overflow, Keras 2.0.2")


def xor_relu(hidden: int = 2) -> hp.Problem:
    """Return XOR for `hidden` relu units and a logistic output, cross entropy, Glorot's start."""
    net = Net((2, hidden, 1), "relu", "logistic", "glorot")
    name = "xor_relu" if hidden == 2 else f"xor_relu_{hidden}"
    return net.on(BITS, XOR, name, _right(net, 4), "stats.stackexchange.com/questions/320672")


def xor_sgd() -> hp.Problem:
    """Return XOR for a 2-2-1 net of logistic units, Glorot's start, mean squared error."""
    net = Net((2, 2, 1), "logistic", "squared", "glorot", output="logistic")
    return net.on(BITS, XOR, "xor_sgd", _right(net, 4), "stackoverflow.com/questions/56914417")


def xor_slow() -> hp.Problem:
    """Return XOR for a 2-2-1 net of logistic units, all weights from U(-1, 1), mean squared error."""
    net = Net((2, 2, 1), "logistic", "squared", "signed", output="logistic")
    return net.on(BITS, XOR, "xor_slow", _right(net, 4), "CodingTrain/Toy-Neural-Network-JS, issue 155")


def xnor_deep() -> hp.Problem:
    """Return XNOR for a 2-5-10-5-1 relu net with a linear output, mean squared error, Glorot's start."""
    net = Net((2, 5, 10, 5, 1), "relu", "squared", "glorot")
    return net.on(BITS, 1 - XOR, "xnor_deep", _right(net, 4), "FluxML/Flux.jl, issue 1352")


def line_relu(output: str = "relu") -> hp.Problem:
    """Return y = 2x - 1 at x = -1..5 for a 1-4-2-1 relu net, by the user's choice with a relu at the output, too.

    No output that is never negative comes nearer to the targets -3 and -1 than 0: the least mean square is 10/7.
    """
    x = np.arange(-1.0, 6.0)
    y = 2 * x - 1
    net = Net((1, 4, 2, 1), "relu", "squared", "glorot", output=output)
    least = 0.5 * float(np.mean(np.minimum(y, 0.0) ** 2)) if output == "relu" else 0.0
    name = "line_relu" if output == "relu" else f"line_{output}"
    source = "community.deeplearning.ai, topic 324182"
    return net.on(x[:, None], y, name, _fits(y), source, optimum=least)


def trend(scaled: bool = False) -> hp.Problem:
    """Return the next value of x + sin(x^2), x = 1..29, from the four before it, for a 4-10-1 tanh net."""
    x = np.arange(1.0, 30.0)
    series = x + np.sin(x**2)
    windows = np.lib.stride_tricks.sliding_window_view(series, 5)
    X, y = np.array(windows[:, :4]), np.array(windows[:, 4])
    design = np.column_stack([X, np.ones(len(X))])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    unit = float(np.var(y)) if scaled else 1.0
    X, y = (_standard(X), _standard(y)) if scaled else (X, y)
    net = Net((4, 10, 1), "tanh", "squared", "normal")
    tolerance = 0.5 * 0.1 * float(np.var(left)) / unit
    return net.on(X, y, f"trend{'_scaled' * scaled}", tolerance, "stackoverflow.com/questions/16631065")


def xor_thousand(scaled: bool = False) -> hp.Problem:
    """Return XOR with one input and one target of 1,000 for two logistic units and a linear output."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1000.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1000.0, 1.0, 0.0])
    X, y = (_standard(X), _standard(y)) if scaled else (X, y)
    net = Net((2, 2, 1), "logistic", "squared", "signed")
    return net.on(X, y, f"xor_thousand{'_scaled' * scaled}", _fits(y), "stackoverflow.com/questions/9056484")


def sine_thousand(scaled: bool = False) -> hp.Problem:
    """Return two periods of a sine at 100 inputs from 0 to 990 for a 1-10-1 tanh net, Glorot's start."""
    x: Array = np.arange(0.0, 1000.0, 10.0)
    y = np.sin(2 * np.pi * x / 500)
    x = _standard(x) if scaled else x
    net = Net((1, 10, 1), "tanh", "squared", "glorot")
    return net.on(x[:, None], y, f"sine_thousand{'_scaled' * scaled}", _fits(y), "stackoverflow.com/questions/46995209")


@cache
def _digits() -> tuple[Array, Array]:
    """Return 50 digits, 0 or 1, each of 64 inputs scaled to [0, 1] over the first 200, and their labels."""
    X, y = extra("sklearn.datasets", "sklearn", "the digits' problem").load_digits(n_class=2, return_X_y=True)
    X = X[:200]
    low, high = X.min(axis=0), X.max(axis=0)
    X = (X - low) / np.where(high > low, high - low, 1.0)
    return X[:50], y[:50].astype(float)


def digits(activation: str = "relu") -> hp.Problem:
    """Return 50 digits, 0 or 1, for a 64-5-1 net with cross entropy and scikit-learn's start."""
    X, y = _digits()
    net = Net((64, 5, 1), activation, "logistic", "glorot-biases" if activation == "relu" else "glorot-logistic")
    name = "digits" if activation == "relu" else f"digits_{activation}"
    return net.on(X, y, name, _right(net, 50), "scikit-learn/scikit-learn, pull request 12892")


def pattern(held_out: bool = False) -> hp.Problem:
    """Return 140 samples of 5 noisy numbers in 7 classes for a 5-20-7 tanh net, or the 60 that are held out.

    The data are ours: 7 centers from N(0, I), noise of standard deviation .5 around them.
    """
    rng = np.random.default_rng(0)
    labels = rng.integers(7, size=200)
    X = _standard(rng.standard_normal((7, 5))[labels] + 0.5 * rng.standard_normal((200, 5)))
    some = slice(140, None) if held_out else slice(140)
    net = Net((5, 20, 7), "tanh", "softmax", "glorot")
    return net.on(X[some], labels[some], "pattern", _right(net, 140), "MathWorks answers 41101; the data are ours")


PROBLEMS: dict[str, Callable[..., hp.Problem]] = {
    function.__name__: function
    for function in (
        xor_backprop, xor_tanh, xor_relu, xor_sgd, xor_slow, xnor_deep, line_relu, trend, xor_thousand, sine_thousand,
        digits, pattern,
    )
}  # fmt: skip
"""The problems by the names of their functions."""


def problem(name: str, **given: Any) -> hp.Problem:
    """Return a problem by the name of its function in `PROBLEMS`, with its arguments."""
    return PROBLEMS[name](**given)
