"""The path model: a net from the level t to a point x(t), trained at four levels at once, in NumPy."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ..loops import Climb, Point, Steps
from ..smoothed import Family

__all__ = ["SETTINGS", "PathLearning", "PathModel", "level"]

SETTINGS = {"ackley": (225, 100), "himmelblau": (450, 200), "rosenbrock": (4500, 2000)}
"""Steps at four levels and steps at t = 1 alone, as in the authors' code."""
LEVELS = 4
Array = np.ndarray[Any, Any]


def level(family: Family, t: Array) -> Array:
    """Return s at the levels t; Ackley's never falls below 1e-4."""
    return family.width * (1 - t) + family.least


class PathModel:
    """A 1-256-256-d net of relu units in float32 with Adam, as PyTorch initializes and updates it.

    Parameters
    ----------
    rng : Generator
        Draws the weights, evenly within 1 / sqrt(inputs).
    width, d : int
        Units of each hidden layer, and outputs.
    """

    def __init__(self, rng: np.random.Generator, width: int = 256, d: int = 2) -> None:
        sizes = (1, width, width, d)
        self.weights: list[Array] = []
        for n, m in itertools.pairwise(sizes):
            bound = 1 / np.sqrt(n)
            self.weights += [rng.uniform(-bound, bound, shape).astype(np.float32) for shape in ((m, n), (m,))]
        self.restart()

    def restart(self) -> None:
        """Forget Adam's means."""
        self.count = 0
        self.first = [np.zeros_like(w) for w in self.weights]
        self.second = [np.zeros_like(w) for w in self.weights]

    def __call__(self, t: Array) -> Array:
        """Return x at levels t of shape (m,), shape (m, d)."""
        W1, b1, W2, b2, W3, b3 = self.weights
        self.inputs = np.asarray(t, dtype=np.float32)[:, None]
        self.one = np.maximum(self.inputs @ W1.T + b1, 0)
        self.two = np.maximum(self.one @ W2.T + b2, 0)
        return self.two @ W3.T + b3

    def vjp(self, g: Array) -> list[Array]:
        """Return the gradient of sum(g * x) in the weights, at the levels of the last call."""
        _, _, W2, _, W3, _ = self.weights
        g = np.asarray(g, dtype=np.float32)
        back2 = (g @ W3) * (self.two > 0)
        back1 = (back2 @ W2) * (self.one > 0)
        pairs = ((back1, self.inputs), (back2, self.one), (g, self.two))
        return [part for back, into in pairs for part in (back.T @ into, back.sum(axis=0))]

    def adam(self, g: Array, rate: float) -> None:
        """Make a step of Adam along the gradient of sum(g * x), with PyTorch's constants."""
        self.count += 1
        scale = np.float32(rate * np.sqrt(1 - 0.999**self.count) / (1 - 0.9**self.count))
        small = np.float32(1e-8 * np.sqrt(1 - 0.999**self.count))
        for w, m, v, part in zip(self.weights, self.first, self.second, self.vjp(g), strict=True):
            m += np.float32(0.1) * (part - m)
            v += np.float32(0.001) * (part * part - v)
            w -= scale * m / (np.sqrt(v) + small)


class PathLearning(Climb):
    """Continuation path learning with the authors' settings.

    Parameters
    ----------
    share : float
        Of the authors' steps for the function; 1 is all of them.
    fit : int
        Steps that lead the model to the start, which need no function.
    """

    reference = "Lin, Yang, Zhang and Zhang, ICML 2023"

    def __init__(self, share: float = 1.0, fit: int = 1000) -> None:
        self.share, self.fit = share, fit
        self.name = "path-learning" if share == 1 else f"path-learning:share={share:g}"
        self.model: PathModel | None = None

    def steps(self, family: Family, x: Point, rng: np.random.Generator, part: float = 1.0) -> Steps:
        """Yield x(1) with f there, which its own gradient comes with; a step costs four gradients, then one."""
        del part
        model = self.model = PathModel(rng)
        for _ in range(self.fit):
            model.adam(np.sign(model(np.ones(1)) - np.array(x)), 1e-4)
        model.restart()
        many, single = (round(self.share * steps) for steps in SETTINGS[family.name])
        for k in range(many + single):
            t = rng.random(LEVELS) if k < many else np.ones(1)
            t[0] = 1.0
            points = model(t).astype(float)
            yield (float(points[0, 0]), float(points[0, 1])), float(family.value(*points[0])), float(len(t))
            model.adam(gradients(family, points, t, rng), 5e-3)
        last = model(np.ones(1)).astype(float)[0]
        yield (float(last[0]), float(last[1])), float(family.value(*last)), 0.5
        return False


def gradients(family: Family, points: Array, t: Array, rng: np.random.Generator) -> Array:
    """Return gradients of the means at points of levels t: exact, or for Ackley's function from one sample each."""
    s = level(family, t)
    if family.name != "ackley":
        return np.array([family.first(*x, one)[1:] for x, one in zip(points.tolist(), s.tolist(), strict=True)])
    u = rng.standard_normal(points.shape)
    moved = points + s[:, None] * u
    rise = family.value(moved[:, 0], moved[:, 1]) - family.value(points[:, 0], points[:, 1])
    return (rise / s)[:, None] * u
