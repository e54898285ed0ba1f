"""Graduated optimization by stochastic gradients, gradient descent, and the tracked path of minimizers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.continuation import GradientSystem

from .functions import Disc, Line
from .nice import BY_NAME

__all__ = ["FIRST", "METHODS", "PROBLEMS", "end_of_path", "run", "stochastic_errors"]

Array = np.ndarray[Any, Any]
PROBLEMS = {
    "rippled bowl": {"radius": 4.0, "stiff": 1900.0, "slope": 8.0, "goal": 0.02},
    "ackley": {"radius": 4.0, "stiff": 60.0, "slope": 12.0, "goal": 0.1},
    "trap: narrow global basin": {"radius": 4.0, "stiff": 130.0, "slope": 8.0, "goal": -1.1},
}
"""Radius of the starts around 0, the largest curvature and slope of f there, and a value that counts as solved."""
METHODS = ("gd", "gd, ten times the step", "lbfgs", "graduated", "track")
MOST, STAGE, LAST, SEARCH = 5000, 100, 0.01, 401
"""Gradients of a run, steps at a scale, the last scale over the first, points of the search for the
first minimizer in one variable."""


class Counted:
    """A function whose evaluations are counted, and when the lowest value was first good enough."""

    def __init__(self, name: str) -> None:
        self.f, self.goal, self.spent = BY_NAME[name], PROBLEMS[name]["goal"], 0.0
        self.begin, self.solved = time.thread_time(), (np.nan, np.nan)

    def __call__(self, x: Array, *, look: bool = True) -> tuple[float, Array]:
        """Return f and its gradient at x of shape (n,); it costs a gradient, and is looked at if asked."""
        self.spent += 1
        if isinstance(self.f, Line):
            value, g = float(self.f.value(x[0])), np.array([float(self.f.slope(x[0]))])
        else:
            value, *slopes = (float(one) for one in self.f.first(float(x[0]), float(x[1])))
            g = np.array(slopes)
        if look and value <= self.goal and np.isnan(self.solved[0]):
            self.solved = (self.spent, time.thread_time() - self.begin)
        return value, g

    @property
    def done(self) -> bool:
        """Whether the run is solved or has spent all."""
        return not np.isnan(self.solved[0]) or self.spent >= MOST


def descent(count: Counted, x: Array, step: float) -> None:
    """Descend with a fixed step until solved, at rest, or out of gradients."""
    while not count.done:
        _, g = count(x)
        if not np.linalg.norm(g) > 1e-9:
            return
        x = x - step * g


def graduated(count: Counted, x: Array, rng: np.random.Generator, name: str) -> Array:
    """Return where the scales from the function's first to LAST of it lead, each 100 steps along gradients nearby."""
    d, slope = count.f.largest, PROBLEMS[name]["slope"]
    while d > LAST * count.f.largest:
        for k in range(STAGE):
            _, g = count(x + d * ball(rng, len(x)), look=False)
            x = x - d / (slope * (1 + k / 10)) * g
        d /= 2
    return x


def ball(rng: np.random.Generator, n: int) -> Array:
    """Return a point drawn evenly from the unit ball, shape (n,)."""
    u = rng.standard_normal(n)
    return np.asarray(u * rng.random() ** (1 / n) / np.linalg.norm(u))


def end_of_path(largest: float) -> float:
    """Return where the path of minimizers of the trap ends that begins at the least mean at a scale."""
    count = Counted("trap: narrow global basin")
    count.f = replace(count.f, largest=largest)
    return float(tracked(count, np.zeros(1))[0])


def tracked(count: Counted, x: Array) -> Array:
    """Return the end of the path of minimizers of the means, followed from a minimizer at the first scale."""
    f = count.f
    price = 1.0 if isinstance(f, Line) else 0.5 * f.rays

    def scale(t: float) -> float:
        return float(f.largest * (1 - (1 - LAST) * t))

    def grad(x: Array, t: float) -> Array:
        count.spent += price
        if isinstance(f, Line):
            return np.array([float(f.gradient(x[0], scale(t)))])
        return f.derivatives([x[0]], [x[1]], scale(t))[0][:, 0]

    def jacobian(x: Array, t: float) -> Array:
        count.spent += 2 * price
        if isinstance(f, Line):
            return np.array([[float(f.curvature(x[0], scale(t)))]])
        xx, xy, yy = f.derivatives([x[0]], [x[1]], scale(t))[1][:, 0]
        return np.array([[xx, xy], [xy, yy]])

    def counted(x: Array, y: Array) -> tuple[Any, Any, Any]:
        count.spent += x.size
        return f.first(x, y)

    if isinstance(f, Line):
        count.spent += SEARCH + 60  # a grid, then a bisection
        begin = f.minimizer(f.largest, SEARCH)
    else:
        begin = replace(f, first=counted).minimizer(f.largest, x)
    begin = np.where(np.abs(begin) < 1e-12, 0.0, begin)
    return np.array(hp.track(GradientSystem(grad, len(x), jacobian=jacobian), begin).x)


def run(part: list[Any]) -> list[float]:
    """Return cost, cost to success, seconds, seconds to success, and f at the end, of a run.

    Parameters
    ----------
    part : (str, str, int)
        The function, the method and the seed, which draws the start and all noise.
    """
    name, method, seed = part
    rng, place = np.random.default_rng([seed, 17]), PROBLEMS[name]
    n = 1 if isinstance(BY_NAME[name], Line) else 2
    x = place["radius"] * ball(rng, n)
    count = Counted(name)
    step = 1 / place["stiff"]
    ways: dict[str, Callable[[], None]] = {
        "gd": lambda: descent(count, x, step),
        "gd, ten times the step": lambda: descent(count, x, 10 * step),
        "lbfgs": lambda: polish(count, x),
        "graduated": lambda: descent(count, graduated(count, x, rng, name), step),
        "track": lambda: polish(count, tracked(count, x)),
    }
    ways[method]()
    seconds = time.thread_time() - count.begin
    return [count.spent, count.solved[0], seconds, count.solved[1]]


def polish(count: Counted, x: Array) -> None:
    """Descend f itself by L-BFGS."""

    class Wrapped:
        size = len(x)

        def value(self, x: Array) -> float:
            return count(x)[0]

        def grad(self, x: Array) -> Array:
            return count(x)[1]

        def value_and_grad(self, x: Array) -> tuple[float, Array]:
            return count(x)

        def hessp(self, x: Array, v: Array) -> Array:
            raise NotImplementedError

    hp.descend(
        Wrapped(), np.array(x, dtype=float), rule="lbfgs", target=count.goal, budget=max(MOST - count.spent, 200.0)
    )


def stochastic_errors(part: list[Any]) -> list[float]:
    """Return the errors f(x) - min f of runs of graduated optimization on the rippled bowl with noisy gradients.

    The gradient of f at a point of the disc, with normal noise on each slope, and steps 1 / (sigma
    (k + 20)), sigma = 0.5, clipped to the disc of three scales around the stage's first point. The number of steps of
    a stage grows fourfold as the scale is halved.

    Parameters
    ----------
    part : (int, int, float)
        How many stages, how many runs, and the noise's deviation.
    """
    stages, runs, noise = part
    rng, f = np.random.default_rng(stages), BY_NAME["rippled bowl"]
    assert isinstance(f, Disc)
    angle = 2 * np.pi * rng.random(runs)
    x = 2.0 * np.array([np.cos(angle), np.sin(angle)])
    for m in range(stages):
        d, center, mean = 2.0**-m, x, np.zeros_like(x)
        steps = FIRST * 4**m
        for k in range(steps):
            u = rng.standard_normal((2, runs))
            u *= d * np.sqrt(rng.random(runs)) / np.linalg.norm(u, axis=0)
            _, gx, gy = f.first(*(x + u))
            x = x - (np.array([gx, gy]) + noise * rng.standard_normal((2, runs))) / (0.5 * (k + 20))
            away = x - center
            x = center + away * np.minimum(1, 3 * d / np.maximum(np.linalg.norm(away, axis=0), 1e-300))
            if 2 * k >= steps:
                mean += x / (steps - (steps + 1) // 2)
        x = mean
    return [float(one) for one in f.first(*x)[0]]


FIRST = 20
"""Steps of the first stage."""
