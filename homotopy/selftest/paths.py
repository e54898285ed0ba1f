"""Derivatives against differences, and paths whose folds and crossings are known."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy import homotopies
from homotopy.continuation import Explorer, Path, RootSystem, diagram, track
from homotopy.errors import HomotopyError
from homotopy.models import MLP, RNN
from homotopy.objectives import EmpiricalRisk, Objective, TeacherStudent, check_derivatives
from homotopy.objectives.recurrent import RecurrentRisk
from homotopy.selftest.found import hold, near
from homotopy.status import Status

__all__ = ["crossing", "derivatives", "fold"]

BRATU = 3.513830719  # where the continuous problem folds
LEAST = 20  # homotopies that the objectives here are enough for


def _objectives() -> list[Objective]:
    """Return smooth ones of every kind: differences reach over kinks."""
    rng = np.random.default_rng(21)
    X, y, series = rng.standard_normal((12, 2)), rng.standard_normal((12, 1)), rng.standard_normal((6, 5, 1))
    return [
        EmpiricalRisk(MLP((2, 3, 1), "softplus"), "squared", X, y, l2=0.05),
        EmpiricalRisk(MLP((2, 1), output="logistic"), "squared", X, (y > 0) * 1.0),
        EmpiricalRisk(MLP((2, 3, 1), "gelu"), "logistic", X, (y > 0) * 1.0),
        RecurrentRisk(RNN(1, 2, 1), "squared", series, np.cumsum(series, axis=1), l2=0.05),
        TeacherStudent(3, 3),
    ]


def derivatives() -> str:
    """Hold the gradients, Hessian products and derivatives in t of objectives and homotopies to differences.

    Returns
    -------
    str
        How many were looked at.

    Raises
    ------
    CheckError
        If one is off.
    """
    rng, seen = np.random.default_rng(22), set()
    objectives = _objectives()
    for objective in objectives:
        x = rng.standard_normal(objective.size)
        _exact(type(objective).__name__, objective, x)
        for name in homotopies.BY_NAME:
            try:
                family = homotopies.homotopy(name, objective, x)
            except HomotopyError:  # one that needs another objective
                continue
            seen.add(name)
            point = 0.7 * rng.standard_normal(family.size)
            _exact(name, family.at(0.4), point)
            _in_t(name, family, point)
    hold(len(seen) >= LEAST, f"only {len(seen)} homotopies could be built: {', '.join(sorted(seen))}")
    return f"{len(objectives)} objectives, {len(seen)} homotopies"


def _exact(name: str, objective: Any, x: Any) -> None:
    found = check_derivatives(objective, x, rng=2)
    for what, tolerance in (("gradient", 1e-5), ("hessp", 1e-5)):
        error = found[f"{what}_error"]
        hold(error < tolerance, f"{name}: {what} is off by {error:.1e}, allowed are {tolerance:.0e}")


def _in_t(name: str, family: Any, x: Any, t: float = 0.4, h: float = 1e-3) -> None:
    weights = np.array([1, -8, 8, -1]) / (12 * h)
    ahead = [family.value_and_grad(x, t + s * h) for s in (-2, -1, 1, 2)]
    value = sum(w * f for w, (f, _) in zip(weights, ahead, strict=True))
    grad = sum(w * g for w, (_, g) in zip(weights, ahead, strict=True))
    size = max(abs(ahead[1][0]), 1.0)
    near(f"{name}: derivative in t", family.dt(x, t), value, 1e-6, scale=max(abs(value), size))
    near(f"{name}: derivative of the gradient in t", family.dt_grad(x, t), grad, 1e-5, scale=size + np.abs(grad).max())


def _times(path: Path, name: str) -> list[float]:
    return [event.point.t for event in path.events if event.name == name]


def fold() -> str:
    """Follow the reaction A -> B of AUTO's manual round its two folds, and Bratu's problem in its kernel round its one.

    Returns
    -------
    str
        Where the folds were.

    Raises
    ------
    CheckError
        If a path ends otherwise, or a fold is elsewhere.
    """

    def function(u: Any, t: float) -> Any:
        rate = t * (1 - u[0]) * np.exp(u[1])
        return np.array([-u[0] + rate, -3 * u[1] + 14 * rate])

    path = track(RootSystem(function, 2), np.zeros(2), target=0.2)
    hold(path.success, f"the path of the reaction ended with {path.status.name}")
    u = (1 + np.array([-1, 1]) * np.sqrt(1 / 7)) / 2  # the folds are where u (1 - u) = 3 / 14
    found = _times(path, "LP")
    near("the folds of the reaction", found, u / ((1 - u) * np.exp(14 * u / 3)), 1e-6)
    beyond = track(homotopies.Bratu(200, scale=4.0), bounds=(0.01, 2.0))
    hold(beyond.status is not Status.REACHED_TARGET, "a path reached lambda = 4, where Bratu's problem has no solution")
    at = 4.0 * np.array(_times(beyond, "LP"))
    near("the fold of Bratu's problem", at, [BRATU], 1e-4)  # that of 200 points is as far away
    return f"at {found[0]:.6f}, {found[1]:.7f} and {at[0]:.4f}"


def crossing() -> str:
    """Follow x (x - (t - 1/2)) along either line through its crossing, and find both lines behind it.

    Returns
    -------
    str
        Where the lines cross.

    Raises
    ------
    CheckError
        If a path leaves its line, or the crossing or a line is not found.
    """
    family = RootSystem(lambda x, t: x * (x - (t - 0.5)), 1)
    for start, end in ((0.0, 0.0), (-0.5, 0.5)):
        path = track(family, np.array([start]))
        hold(path.success, f"a path through the crossing ended with {path.status.name}")
        near("the end behind the crossing", path.x, [end], 1e-8, scale=1.0)
        near("the crossing", _times(path, "BP"), [0.5], 1e-6)
        found = diagram(family, np.array([start]), explorer=Explorer(bounds=(0.0, 1.0)))
        ends = sorted({round(float(point.x[0]), 6) for point in found.at(1.0)})
        hold(ends == [0.0, 0.5], f"the lines behind the crossing end at {ends} instead of 0 and 0.5")
    return "both lines, at 0.5"
