"""A function with one strict saddle in any dimension, perturbed gradient descent, and what leaving costs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["LONGEST", "Constants", "StrictSaddle", "constants", "escapes", "perturbed_descent"]

Vector = NDArray[np.float64]
C, DELTA = 0.25, 0.1
"""The theorem's absolute constant c, of which the paper says that it is small enough, and its chance of failure."""
LONGEST = 20_000
"""Steps after which a run counts as never leaving."""


@dataclass(frozen=True)
class StrictSaddle:
    """The function f(x) = -gamma/2 x_1^2 + x_1^4/4 + (x_2^2 + ... + x_d^2)/2 with its only saddle at 0.

    Attributes
    ----------
    d : int
        Variables.
    gamma : float
        The size of the one negative curvature at the saddle; the minima are at x_1 = +-sqrt(gamma), -gamma^2/4 deep.
    """

    d: int
    gamma: float = 0.1

    @property
    def depth(self) -> float:
        """How far the minima lie below the saddle."""
        return self.gamma**2 / 4

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        rest = x[1:]
        return float(0.5 * (rest @ rest) + x[0] ** 2 * (0.25 * x[0] ** 2 - 0.5 * self.gamma))

    def grad(self, x: Vector) -> Vector:
        """Return the gradient, shape (d,)."""
        g = x.copy()
        g[0] = x[0] * (x[0] ** 2 - self.gamma)
        return g


@dataclass(frozen=True)
class Constants:
    """What the theorem sets: step, radius of the ball, two thresholds, and how long is waited.

    Attributes
    ----------
    eta : float
        The step size.
    radius : float
        Of the ball from which a perturbation is drawn.
    small : float
        The gradient norm from which on one is drawn.
    fall : float
        By how much f must have fallen ``wait`` steps after a perturbation; else the run ends.
    wait : float
        Steps.
    """

    eta: float
    radius: float
    small: float
    fall: float
    wait: float


def constants(f: StrictSaddle, *, c: float = C, delta: float = DELTA) -> Constants:
    """Return the theorem's constants for the function, with l = 1, rho = 6 sqrt(gamma) and rho eps = gamma^2.

    Parameters
    ----------
    f : StrictSaddle
        The function; up to the minima its gradient is Lipschitz with 1 if gamma <= 1/2 (3 x_1^2 - gamma is at most
        2 gamma) and its Hessian with 6 sqrt(gamma).
    c, delta : float
        The absolute constant, and the chance with which the theorem may fail.
    """
    rho = 6 * sqrt(f.gamma)
    eps = f.gamma**2 / rho
    chi = 3 * max(log(f.d * f.depth / (c * eps**2 * delta)), 4.0)
    small = sqrt(c) / chi**2 * eps
    return Constants(c, small, small, c / chi**3 * sqrt(eps**3 / rho), chi / (c**2 * f.gamma))


def perturbed_descent(
    f: StrictSaddle, x: Vector, rule: Constants, rng: np.random.Generator | None, target: float
) -> tuple[int, int]:
    """Descend with perturbations until f is at most a target; return the steps, and how many perturbations there were.

    Parameters
    ----------
    f : StrictSaddle
        The function.
    x : ndarray of shape (d,)
        The start.
    rule : Constants
        Of the rule.
    rng : Generator or None
        Draws perturbations; None is plain gradient descent.
    target : float
        The value at which the run ends.

    Returns
    -------
    steps : int
        Gradients until the target is met; -1 where the rule gave up, or after 20,000 steps.
    shaken : int
        Perturbations.
    """
    x, since, shaken, before = x.copy(), np.inf, 0, np.inf
    for step in range(LONGEST):
        if f.value(x) <= target:
            return step, shaken
        g = f.grad(x)
        if rng is not None:
            if since >= rule.wait and float(g @ g) <= rule.small**2:
                if shaken and f.value(x) - before > -rule.fall and since < rule.wait + 1:
                    return -1, shaken
                before, since, shaken = f.value(x), 0.0, shaken + 1
                x += _ball(rng, f.d, rule.radius)
                g = f.grad(x)
            since += 1
        elif float(g @ g) == 0.0:  # on the saddle as far as floating-point numbers can tell
            return -1, 0
        x -= rule.eta * g
    return -1, shaken


def _ball(rng: np.random.Generator, d: int, radius: float) -> Vector:
    """Return a point drawn uniformly from a ball."""
    v = rng.standard_normal(d)
    return np.asarray(radius * rng.random() ** (1 / d) * v / np.linalg.norm(v))


def escapes(part: tuple[int, float, str, int]) -> dict[str, list[float]]:
    """Return what runs from one kind of start need until f has fallen by half the depth of the minima.

    Parameters
    ----------
    part : (int, float, str, int)
        The dimension, gamma, the case and how many runs. Cases: ``perturbed, saddle`` starts at the saddle itself,
        ``perturbed, stable`` at distance 1 in the plane x_1 = 0, from which plain descent converges to the saddle;
        ``gd, saddle`` and ``gd, stable`` are plain descent from the same starts, ``gd, near`` plain descent from a
        random point at distance 1e-3.

    Returns
    -------
    dict
        ``steps`` (-1: never), ``shaken``, perturbations, and ``seconds``, one entry a run; ``wait``, the steps that
        the theorem allows after a perturbation.
    """
    d, gamma, case, runs = part
    f = StrictSaddle(d, gamma)
    rule, (kind, place) = constants(f), case.split(", ")
    found: dict[str, list[float]] = {"steps": [], "shaken": [], "seconds": [], "wait": [rule.wait]}
    for run in range(runs):
        rng = np.random.default_rng([run, d])
        begin = time.thread_time()
        steps, shaken = perturbed_descent(
            f, _start(rng, d, place), rule, rng if kind == "perturbed" else None, -f.depth / 2
        )
        found["seconds"].append(time.thread_time() - begin)
        found["steps"].append(steps)
        found["shaken"].append(shaken)
    return found


def _start(rng: np.random.Generator, d: int, place: str) -> Vector:
    if place == "saddle":
        return np.zeros(d)
    v = rng.standard_normal(d)
    if place == "stable":
        v[0] = 0.0
        return np.asarray(v / np.linalg.norm(v))
    return np.asarray(1e-3 * v / np.linalg.norm(v))
