"""A recurrent net is to be found again from what it answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, integer, number
from homotopy.doors import door
from homotopy.models.recurrent import RNN
from homotopy.naming import spell
from homotopy.problems.base import Problem
from homotopy.problems.data import seeded
from homotopy.problems.recurrent.making import Setting, made
from homotopy.problems.recurrent.telling import spectral_radius

__all__ = ["rts"]

Array = NDArray[np.float64]
RADIUS = 0.9
"""The largest spectral radius of a relu teacher, whose states would grow without end above 1."""
GAIN = {"tanh": 3.0}
"""The default gain: tanh teachers saturate; others 1.5."""


@door
def rts(
    h: int = 4,
    act: str = "tanh",
    gain: float | None = None,
    teacher_seed: int = 5000,
    T: int = 20,
    n: int = 128,
    n_in: int = 1,
    start: str = "normal",
) -> Problem:
    """Recover a recurrent net from its answers at all times; everything is trained.

    Parameters
    ----------
    h : int
        Hidden units of teacher and student.
    act : str
        Their activation.
    gain : float or None
        The teacher's recurrent weights are N(0, gain^2 / h); by default 3 for tanh, which saturates, else 1.5.
    teacher_seed : int
        Draws the teacher, then the sequences.
    T, n, n_in : int
        Steps, training sequences, and inputs of a step.
    start : str
        How starts are drawn, as for `adding`.

    Raises
    ------
    ArgumentError
        If a number is below 1 (the seed below 0), the gain is not positive, or a word is not one of those allowed.

    Notes
    -----
    U is N(0, 2.25 / n_in), b N(0, 1/4), C N(0, 1); a relu teacher's W is scaled to a spectral radius of at most .9.
    Inputs are N(0, 1) at each step, states begin at 0, targets are standardized by the training sequences. The optimum
    0 is known, since the teacher is a student. Solved at a training mean square error of 1e-4 of the variance (a loss
    of 5e-5); as many sequences are held out. W, U, b, C and the sequences are drawn in this order, as in
    the prototype study, so that its teacher seeds give its teachers.
    """
    gain = GAIN.get(act, 1.5) if gain is None else number("gain", gain, "a positive number", above=0, below=np.inf)
    for name, value in (("h", h), ("T", T), ("n", n), ("n_in", n_in)):
        integer(name, value)
    choice("act", act, ("tanh", "relu"))
    model = RNN(n_in, h, 1, act)
    rng = seeded("teacher_seed", teacher_seed)
    theta = _teacher(model, gain, rng)
    parts = []
    for _ in range(2):
        X = np.ascontiguousarray(rng.standard_normal((T, n_in, n)).transpose(2, 0, 1))
        parts.append((X, np.asarray(model.forward(theta, X))))
    mean, spread = parts[0][1].mean(), parts[0][1].std()
    train, test = ((X, (y - mean) / spread) for X, y in parts)
    named = {"act": act, "gain": gain, "teacher_seed": teacher_seed, "T": T, "n": n, "n_in": n_in, "start": start}
    name = spell("rts", rts, "h", "act", "gain", "teacher_seed", h=h, **named)
    source = "made for this package; the optimum is 0 because the teacher is a student"
    return made(model, train, test, Setting(name, source, start, mse=1e-4))


def _teacher(model: RNN, gain: float, rng: np.random.Generator) -> Array:
    """Return the weights of a teacher."""
    h = model.n_hidden
    W = gain * rng.standard_normal((h, h)) / np.sqrt(h)
    U = 1.5 * rng.standard_normal((h, model.n_in)) / np.sqrt(model.n_in)
    b, C = 0.5 * rng.standard_normal(h), rng.standard_normal((1, h))
    theta = np.asarray(model.pack({"W": W, "U": U, "b": b, "C": C, "c": np.zeros(1)}))
    if model.activation != "tanh":
        model.unpack(theta)["W"][...] *= RADIUS / max(spectral_radius(model, theta), RADIUS)
    return theta
