"""A net is to go on with a wave by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, integer
from homotopy.doors import door
from homotopy.models.recurrent import RNN
from homotopy.naming import spell
from homotopy.problems.base import Problem
from homotopy.problems.data import seeded
from homotopy.problems.recurrent.making import Setting, made

__all__ = ["WAVES", "generate"]

Array = NDArray[np.float64]

WAVES: dict[str, tuple[Callable[[Array], Array], int]] = {
    "sine": (np.sin, 3),
    "two": (lambda t: np.sin(t) + 0.6 * np.sin(2 * t + 0.7), 6),
    "square": (lambda t: np.tanh(4 * np.sin(t)), 6),
}
"""Waves of the phase, and how many hidden units there are by default."""
STEP = 0.5
"""Radians from one step to the next."""


@door
def generate(
    wave: str = "sine",
    T: int = 100,
    h: int | None = None,
    act: str = "tanh",
    n: int = 32,
    data_seed: int = 0,
    start: str = "orthogonal",
    cell: str = "elman",
) -> Problem:
    """Generate a wave from its phase at the first step, without any further input.

    Parameters
    ----------
    wave : str
        ``sine``; ``two``: sin t + .6 sin(2 t + .7); or ``square``: tanh(4 sin t).
    T : int
        Steps, half a radian each.
    h : int or None
        Hidden units; by default 3 for the sine, else 6.
    act : str
        Their activation; gated cells have tanh.
    n : int
        Phases, uniform on the circle, to learn from; as many others are held out.
    data_seed : int
        Draws the phases.
    start, cell : str
        As for `adding`.

    Raises
    ------
    ArgumentError
        If a number is below 1 (the seed below 0), or a word is not one of those allowed.

    Notes
    -----
    The inputs of the first step are the cosine and the sine of the phase, all later ones are 0; the targets are the
    wave at all steps, from that phase on, over the standard deviation of the training targets. Solved at a training
    mean square error of .01 (a loss of .005). Phases to learn from are drawn before those held out, as in the prototype
    study, which divides held-out waves by their own deviation.
    """
    shape, units = WAVES[choice("wave", wave, WAVES)]
    T, n = integer("T", T), integer("n", n)
    units = units if h is None else integer("h", h)
    model = RNN(2, units, 1, act, cell=cell)
    rng = seeded("data_seed", data_seed)
    parts = [_waves(shape, rng.uniform(0, 2 * np.pi, n), T) for _ in range(2)]
    unit = float(parts[0][1].std())
    train, test = ((X, y / unit) for X, y in parts)
    given: dict[str, Any] = {"T": T, "act": act, "n": n, "data_seed": data_seed, "start": start, "cell": cell}
    name = spell("generate", generate, "wave", wave=wave, h=None if h is None else units, **given)
    return made(model, train, test, Setting(name, "made for this package", start, mse=0.01))


def _waves(shape: Callable[[Array], Array], phases: Array, T: int) -> tuple[Array, Array]:
    """Return inputs (n, T, 2) and waves (n, T, 1) that begin at these phases."""
    X = np.zeros((len(phases), T, 2))
    X[:, 0] = np.stack([np.cos(phases), np.sin(phases)], axis=1)
    return X, np.asarray(shape(STEP * np.arange(T) + phases[:, None]))[:, :, None]
