"""Adding, multiplication and temporal order with the authors' sequences and their criterion of a right answer."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.objectives import RecurrentRisk

__all__ = ["CELLS", "RIGHT", "TASKS", "Wrong", "problem", "sequences"]

Array = NDArray[np.float64]
Drawn = tuple[Array, Array, NDArray[np.int64]]
"""Inputs of shape (n, T + T // 10, d), targets of shape (n, k), and the steps of each sequence."""

TASKS = ("adding", "multiplication", "order")
CELLS = {"elman": 8, "lstm": 4}
"""Hidden units of each cell; four memory cells are the authors' two blocks of two."""
RIGHT = {"adding": 0.04, "multiplication": 0.04, "order": 0.3}
"""The absolute error of every output below which a sequence was processed right."""
TRAINED = {"adding": 1e-4, "multiplication": 1e-4, "order": 1e-2}
"""The mean square error, summed over outputs, of the training sequences at which a run is done."""
HELD_OUT, ALLOWED = 2000, 0.01
"""Held-out sequences, and the share of them that may be wrong in a success."""
SHORT = 20
"""In sequences of fewer steps a mark on the first step counts as any other."""


def sequences(task: str, T: int, n: int, rng: np.random.Generator) -> Drawn:
    """Return n sequences of T to T + T / 10 steps, inputs padded with zeros, targets of the last step.

    Parameters
    ----------
    task : str
        ``adding``: values U(-1, 1), target .5 + (X1 + X2) / 4; ``multiplication``: U(0, 1) and X1 X2; ``order``:
        symbols E, B, a, b, c, d, X, Y as one of eight inputs, and which two of X and Y came, as one of four targets.
    T : int
        The shortest length, at least 3.
    n : int
        How many.
    rng : Generator
        Draws lengths, places, values.
    """
    lengths = rng.integers(T, T + T // 10 + 1, n)
    return (_order if task == "order" else partial(_marked, task))(T, lengths, rng)


def _marked(task: str, T: int, lengths: NDArray[np.int64], rng: np.random.Generator) -> Drawn:
    n, steps, rows = len(lengths), T + T // 10, np.arange(len(lengths))
    values = rng.uniform(-1.0 if task == "adding" else 0.0, 1.0, (n, steps))
    one = rng.integers(0, min(10, T - 1), n)
    other = rng.integers(0, max(2, T // 2 - 1) - (one < max(2, T // 2 - 1)), n)
    other += other >= one  # one of the first T / 2 - 1 steps that have no mark yet
    marks = np.zeros((n, steps))
    marks[rows, one] = marks[rows, other] = 1.0
    if T >= SHORT:  # the first step is marked by -1 in any case, and what was to be added there is 0
        marks[:, 0], values[(one == 0) | (other == 0), 0] = -1.0, 0.0
    marks[rows, lengths - 1] = -1.0
    first, second = values[rows, one], values[rows, other]
    y = 0.5 + (first + second) / 4.0 if task == "adding" else first * second
    X = np.stack([values, marks], axis=2) * (np.arange(steps) < lengths[:, None])[:, :, None]
    return X, y[:, None], lengths


def _order(T: int, lengths: NDArray[np.int64], rng: np.random.Generator) -> Drawn:
    n, steps, rows = len(lengths), T + T // 10, np.arange(len(lengths))
    symbols = rng.integers(2, 6, (n, steps))
    one = rng.integers(max(1, T // 10), max(2, T // 5 + 1), n) if T > 3 else np.zeros(n, dtype=np.int64)
    other = rng.integers(max(2, T // 2), max(3, 3 * T // 5 + 1), n) if T > 3 else np.ones(n, dtype=np.int64)
    which = rng.integers(0, 2, (2, n))
    symbols[:, 0] = 0
    symbols[rows, one], symbols[rows, other] = 6 + which[0], 6 + which[1]
    symbols[rows, lengths - 1] = 1
    X = np.eye(8)[symbols] * (np.arange(steps) < lengths[:, None])[:, :, None]
    return X, np.eye(4)[2 * which[0] + which[1]], lengths


def shorter(task: str, n: int, seed: int, t: int) -> tuple[Array, Array, dict[str, Any]]:
    """Return fresh sequences of at most t steps of the same kind, always the same for one seed and length."""
    rng = np.random.default_rng([seed, 1, t])
    X, y, lengths = sequences(task, t if t < 10 else max(3, round(t / 1.1)), n, rng)
    longer = max(t - X.shape[1], 0)
    return np.pad(X, ((0, 0), (0, longer), (0, 0)))[:, :t], y, {"lengths": np.minimum(lengths, t)}


def _drawn(task: str, T: int, seed: int, n: int) -> tuple[Drawn, Drawn]:
    """Return the n training sequences of a data set, and its held-out ones."""
    rng = np.random.default_rng([seed, 0])
    return sequences(task, T, n, rng), sequences(task, T, HELD_OUT, rng)


class Wrong:
    """The share of held-out sequences of which an output errs by the limit or more.

    Parameters
    ----------
    model : RNN
        The net.
    task, T, seed, n
        As for `problem`. The sequences are drawn when they are asked for: many data sets would fill the memory.
    """

    def __init__(self, model: hp.RNN, task: str, T: int, seed: int, n: int) -> None:
        self.model, self.drawn, self.limit, self.size = model, (task, T, seed, n), RIGHT[task], model.size

    def value(self, x: Array) -> float:
        """Return the share at one vector of weights, in [0, 1]."""
        X, y, lengths = _drawn(*self.drawn)[1]
        with np.errstate(all="ignore"):
            found = RecurrentRisk(self.model, "squared", X, y, lengths=lengths).outputs.forward(x)
            right = np.all(np.abs(found.reshape(y.shape) - y) < self.limit, axis=1)
        return float(np.mean(~right))


def problem(task: str, T: int = 100, cell: str = "elman", seed: int = 0, n: int = 512) -> hp.Problem:
    """Return a task as a Problem.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    T : int
        The shortest length.
    cell : str
        ``elman`` (tanh units, recurrent weights of starts orthogonal for ``order`` and else 0) or ``lstm``.
    seed : int
        Draws the sequences.
    n : int
        Training sequences.
    """
    X, y, lengths = _drawn(task, T, seed, n)[0]
    model = hp.RNN(X.shape[2], CELLS[cell], y.shape[1], cell=cell)
    risk = RecurrentRisk(model, "squared", X, y, lengths=lengths, family=partial(shorter, task, n, seed))
    start = partial(model.init, kind="orthogonal" if task == "order" else "zero")
    return hp.Problem(
        name=f"{task} T={T} {cell} #{seed}",
        objective=risk,
        start=start,
        test=Wrong(model, task, T, seed, n),  # type: ignore[arg-type]
        optimum=0.0,
        tolerance=TRAINED[task] / 2,
        test_target=ALLOWED,
        source="S. Hochreiter and J. Schmidhuber, Neural Computation 9 (1997), experiments 4 to 6; starts are ours",
    )
