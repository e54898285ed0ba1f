"""The saddles and the minima of a net on XOR with weight decay: starts beside them, and which method gets away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.experiments import Comparison, Grid, Group
from homotopy.landscape import critical_points
from homotopy.linalg import dense_hessian

from ..frame import Study

__all__ = ["METHODS", "NET", "PATIENT", "Place", "beside", "census", "grids", "places"]

NET = "xor:hidden=2,l2=0.01"
DISTANCE = 1e-3
"""How far from a critical point a run starts, in weights."""
PATIENT = "perturbed-gd:wait=2000"
"""The package's rule with ten times the steps after a perturbation."""
METHODS = ("gd", "gd-noise", "perturbed-gd", PATIENT, "saddle-free", "lbfgs", "width", "auto")
GROUPS = ("leave a saddle", "leave a minimum", "reach the global minimum", "leave exactly a saddle")
"""From beside a saddle below it; from beside a minimum that is not global below it; from beside a saddle to the lowest
value; from exactly on a saddle below it."""
BUDGET = 10_000
"""Gradient-equivalents of a run."""


@dataclass(frozen=True)
class Place:
    """A critical point of the net.

    Attributes
    ----------
    x : ndarray of shape (9,)
        The weights.
    value, gradient : float
        The loss there and the norm of its gradient.
    curvatures : ndarray of shape (9,)
        Eigenvalues of the Hessian, ascending.
    """

    x: NDArray[np.float64]
    value: float
    gradient: float
    curvatures: NDArray[np.float64]

    @property
    def index(self) -> int:
        """How many curvatures are negative."""
        return int(np.sum(self.curvatures < 0))

    @property
    def name(self) -> str:
        """How the point is called: what it is, and its value."""
        return f"{'saddle' if self.index else 'minimum'} at {self.value:.5f}"


def places() -> list[Place]:
    """Return one critical point of each value and index of the net, by value, as they lie in points.json."""
    objective: Any = hp.problem(NET).objective
    text = (Path(__file__).parent / "points.json").read_text(encoding="utf-8")
    found = []
    for x in np.array(json.loads(text)):
        value, gradient = objective.value_and_grad(x)
        H = dense_hessian(partial(objective.hessp, x), len(x), symmetric=True)
        found.append(Place(x, float(value), float(np.linalg.norm(gradient)), np.linalg.eigvalsh(H)))
    return sorted(found, key=lambda place: place.value)


def census(starts: int) -> list[list[float]]:
    """Return the weights of one critical point of each value and index, as a census from so many starts finds them."""
    points = list(critical_points(hp.problem(NET), starts, rng=0))
    kept = [
        p
        for i, p in enumerate(points)
        if not i or p.value - points[i - 1].value > 1e-9 or p.index != points[i - 1].index
    ]
    return [[float(w) for w in p.x] for p in kept]


def beside(place: Place, lower: float, tolerance: float, what: str, distance: float = DISTANCE) -> hp.Problem:
    """Return the problem of falling from beside a critical point to within a tolerance of a lower value.

    Parameters
    ----------
    place : Place
        The critical point.
    lower, tolerance : float
        A run succeeds once the loss is at most their sum.
    what : str
        What the problem is called after the name of the point.
    distance : float
        From the point to a start, in a random direction.
    """
    return hp.Problem(
        name=f"{place.name}, {what}",
        objective=hp.problem(NET).objective,
        start=partial(_near, place.x, distance),
        optimum=lower,
        tolerance=tolerance,
        source="a critical point of the exclusive or with two hidden tanh units and l2 = 0.01",
    )


def _near(x: NDArray[np.float64], distance: float, rng: np.random.Generator) -> NDArray[np.float64]:
    v = rng.standard_normal(x.shape)
    return np.asarray(x + distance * v / np.linalg.norm(v))


def _groups() -> dict[str, Group]:
    """Return the problems of each group; a point is left once the loss is halfway down to the next lower minimum."""
    found = places()
    minima = [place.value for place in found if not place.index]
    problems: dict[str, list[hp.Problem]] = {name: [] for name in GROUPS}
    for place in found[1:]:
        lower = max(value for value in minima if value < place.value - 1e-8)
        half = 0.5 * (place.value - lower)
        if not place.index:
            problems["leave a minimum"].append(beside(place, lower, half, "left"))
            continue
        problems["leave a saddle"].append(beside(place, lower, half, "left"))
        problems["reach the global minimum"].append(beside(place, minima[0], 1e-6, "global"))
        problems["leave exactly a saddle"].append(beside(place, lower, half, "left from it", 0.0))
    return {name: Group(name, some) for name, some in problems.items()}


def grids(study: Study) -> dict[str, Comparison]:
    """Return the comparisons of the groups, by name; the small version has two and few runs."""
    groups = _groups()
    if not study.full:
        few = ("gd", "perturbed-gd", "saddle-free", "auto")
        some = Group("leave a saddle", list(groups["leave a saddle"].problems)[::3])
        wanted = [Grid.of(one, few, seeds=4, budget=3000) for one in (some, groups["leave a minimum"])]
        return dict(zip(("leave a saddle", "leave a minimum"), study.compare(*wanted), strict=True))
    runs = {"leave a saddle": 20, "leave a minimum": 20, "reach the global minimum": 10, "leave exactly a saddle": 10}
    wanted = [Grid.of(groups[name], METHODS, seeds=seeds, budget=BUDGET) for name, seeds in runs.items()]
    wanted.append(Grid.of(groups["leave a saddle"], "proximal", seeds=5, budget=BUDGET))
    return dict(zip((*runs, "proximal"), study.compare(*wanted), strict=True))
