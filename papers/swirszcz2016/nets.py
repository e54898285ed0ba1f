"""Table 1: its figures, and its nets on the XOR and the Jellyfish data."""

from __future__ import annotations

from functools import cache, partial
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp

__all__ = ["ACTIVATIONS", "DATA", "PUBLISHED", "RIGHT", "RULES", "WIDTHS", "cell", "errors", "risk", "start"]

WIDTHS = (2, 3, 4, 5, 6, 7)
DATA = ("xor", "jellyfish")
ACTIVATIONS = {"relu": "relu", "sigmoid": "logistic"}
"""From the paper's name of a unit to the package's."""
RULES = {"GD": "gd:step_size=0.1", "Adam": "adam"}
"""From the paper's name of a rule to the package's method, at the step that is the default of `homotopy.descend`."""
PUBLISHED = {
    ("xor", "relu", "Adam"): (28, 52, 68, 81, 91, 97),
    ("xor", "sigmoid", "Adam"): (79, 98, 100, 100, 100, 100),
    ("jellyfish", "relu", "Adam"): (7, 34, 50, 51, 61, 69),
    ("jellyfish", "sigmoid", "Adam"): (0, 0, 2, 27, 17, 58),
    ("xor", "relu", "GD"): (23, 47, 70, 80, 89, 89),
    ("xor", "sigmoid", "GD"): (90, 100, 100, 100, 100, 100),
    ("jellyfish", "relu", "GD"): (16, 33, 66, 68, 69, 86),
    ("jellyfish", "sigmoid", "GD"): (62, 100, 100, 100, 100, 100),
}
"""Table 1 of the paper: per cent of runs that converge, for the widths in order."""
RIGHT = log(2) / 4
"""A mean logistic loss of four points at or below this leaves none on the wrong side."""


def risk(data: str, unit: str, h: int, *, loss: str = "logistic", signed: bool = False) -> hp.EmpiricalRisk:
    """Return the mean loss of a 2-h-1 net on four points.

    Parameters
    ----------
    data : str
        ``xor`` or ``jellyfish``.
    unit : str
        ``relu`` or ``sigmoid``.
    h : int
        Hidden units.
    loss : str
        ``logistic``, or ``squared`` with the targets 0 and 1.
    signed : bool
        Whether the inputs of XOR are -1 and 1, not 0 and 1.
    """
    act = ACTIVATIONS[unit]
    points = hp.problem(f"jellyfish:hidden={h},activation={act},loss={loss}").objective
    if data == "jellyfish":
        return points  # type: ignore[return-value]
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([0.0, 1.0, 1.0, 0.0])
    return hp.EmpiricalRisk(hp.MLP((2, h, 1), act), loss, 2 * X - 1 if signed else X, y)


@cache
def _starts(h: int) -> Any:
    return hp.problem(f"jellyfish:hidden={h}").start


def start(h: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the start of a 2-h-1 net: weights N(0, 1/inputs of the layer), biases N(0, 0.01)."""
    return np.asarray(_starts(h)(rng))


def cell(data: str, unit: str, h: int) -> hp.Problem:
    """Return a cell of Table 1 as a problem, solved where no point can be on the wrong side."""
    return hp.Problem(
        name=f"{data} {unit} h={h}",
        objective=risk(data, unit, h),
        start=partial(start, h),
        optimum=0.0,
        tolerance=RIGHT,
        source="G. Swirszcz, W. M. Czarnecki, R. Pascanu, arXiv 1611.06310, Table 1",
    )


def errors(f: hp.EmpiricalRisk, ends: NDArray[np.float64], middle: float = 0.0) -> NDArray[np.int64]:
    """Return how many points each net has on the wrong side, shape (r,).

    Parameters
    ----------
    f : EmpiricalRisk
        Knows the points and their classes, 0 and 1.
    ends : ndarray of shape (r, n)
        The weights of r nets.
    middle : float
        The output between the classes; one that is exactly there is wrong.
    """
    out = np.array([f.model.forward(x, f.X)[:, 0] for x in ends])
    side = np.where(np.ravel(f.y) > 0.5, 1.0, -1.0)
    return np.asarray(np.sum(~((out - middle) * side > 0), axis=1))
