"""Descents along a Gaussian homotopy in one loop or in two, with exact gradients of the means or from values alone."""

from __future__ import annotations

from collections.abc import Generator
from math import hypot, isfinite
from typing import Any, NamedTuple

import numpy as np

import homotopy as hp
from homotopy.methods import Batch, BatchMethod

from .smoothed import Family

__all__ = ["CHOSEN", "Chosen", "Climb", "DoubleLoop", "SingleLoop", "ZerothOrder", "trace"]

Point = tuple[float, float]
Steps = Generator[tuple[Point, float | None, float], None, bool]


class Chosen(NamedTuple):
    """Settings of a function: steps of x of gradient descent, one loop and two, the factor of s, and the bound.

    Steps are in units of x squared over those of f. One loop multiplies s by `factor` at each step; an inner loop of
    two ends where the gradient's norm is below `small`, in units of f over those of x.
    """

    plain: float
    single: float
    factor: float
    double: float
    small: float


CHOSEN = {
    "ackley": Chosen(0.1, 0.1, 0.8, 0.3, 0.1),
    "himmelblau": Chosen(0.01, 0.01, 0.5, 0.02, 30.0),
    "rosenbrock": Chosen(2e-3, 5e-3, 0.8, 3e-4, 300.0),
}
"""What `iwakiri2022.tune` finds best on runs that are not shown."""
FAR = 1e6
"""A coordinate beyond this tells that a run runs away."""


class Climb(BatchMethod):
    """Descents whose points and costs a generator tells, one run after the other."""

    keeps_finish = False

    def steps(self, family: Family, x: Point, rng: np.random.Generator, part: float = 1.0) -> Steps:
        """Yield points, f there if the method has evaluated it itself, and what was spent since the last, endlessly.

        Steps have a part of their length; returns whether the run has run away.
        """
        raise NotImplementedError

    def tries(self, family: Family, x: Point, rng: np.random.Generator) -> Steps:
        """Yield the same, begun again with a quarter of the step where a run runs away, as the package's gd does."""
        part = 1.0
        while (yield from self.steps(family, x, rng, part)):
            part /= 4
        return False

    def run(self, batch: Batch) -> None:
        """Follow each run until it is solved, has spent its budget, or its generator ends."""
        for row in batch.rows:
            rows = np.array([row])
            most = float(batch.purse(rows, home=True)[0])
            family, target = batch.objective.family, batch.problem.target
            spent, best, where, status = 0.0, np.inf, batch.x[row], hp.Status.CONVERGED
            for point, value, cost in self.tries(family, (float(where[0]), float(where[1])), batch.rng(int(row))):
                if spent + cost > most:
                    status = hp.Status.MAX_STEPS  # at BUDGET_SPENT the package would descend again from the start
                    break
                spent += cost
                if value is not None and value < best:
                    best, kept = value, np.array(point)
                    if value <= target:
                        break
            batch.status[row] = status
            batch.charge(rows, charged=spent)
            if isfinite(best):
                batch.observe(rows, kept, best)


def trace(method: Climb, family: Family, x: Point, most: int, rng: int = 0) -> np.ndarray[Any, Any]:
    """Return the points of a run from x until it succeeds, at most so many, shape (m, 2)."""
    found = [x]
    for point, _, _ in method.steps(family, x, np.random.default_rng(rng)):
        found.append(point)
        if len(found) > most or family.value(*point) <= family.tolerance:
            break
    return np.array(found)


class SingleLoop(Climb):
    """One gradient step for each s, which falls with every step: Iwakiri et al.'s SLGH with exact gradients.

    Parameters
    ----------
    step : float
        Of x, in units of x squared over those of f.
    shrink : float
        s is multiplied by it at each step: the constant rate. With 0 f itself is descended from the beginning.
    eta : float
        With a positive eta s becomes max(min(s - eta df_s/ds, shrink s), least): the derivative version.
    least : float
        Where s ends; f itself is descended from there on.
    """

    reference = "Iwakiri, Wang, Ito and Takeda, NeurIPS 2022 (arXiv 2203.05717)"

    def __init__(self, step: float, shrink: float = 0.95, eta: float = 0.0, least: float = 0.01) -> None:
        self.step, self.shrink, self.eta, self.least = step, shrink, eta, least
        self.name = f"single-loop:step={step:g},shrink={shrink:g}" + (f",eta={eta:g}" if eta else "")

    def steps(self, family: Family, x: Point, rng: Any, part: float = 1.0) -> Steps:
        """Yield the points; a gradient costs 1, the derivative in s, a Laplacian of two products, 4 more."""
        del rng
        (a, b), s = x, (family.width if self.shrink else 0.0)
        while True:
            f, ga, gb = family.first(a, b, s)
            slope = 0.0
            if s > 0 and self.eta:
                xx, _, yy = family.second(a, b, s)
                slope = s * float(xx + yy)
            yield (a, b), (None if s > 0 else float(f)), 5.0 if s > 0 and self.eta else 1.0
            size = hypot(ga, gb)
            if not size < FAR * FAR or abs(a) + abs(b) > FAR:
                return True
            if s == 0 and size < 1e-9:
                return False
            a, b = a - part * self.step * float(ga), b - part * self.step * float(gb)
            if s > 0:
                s = max(min(s - self.eta * slope, self.shrink * s), self.least)
                s = 0.0 if s <= self.least else s


class DoubleLoop(Climb):
    """Gradient steps at each s until the gradient is small, then the next s: what a single loop shall save.

    Parameters
    ----------
    step : float
        As for the single loop.
    shrink : float
        s is multiplied by it at the end of each inner loop.
    small : float
        An inner loop ends where the gradient's norm is below this, in units of f over those of x.
    least : float
        Below this s is 0.
    """

    reference = "Hazan, Levy and Shalev-Shwartz, ICML 2016, as restated; Blake and Zisserman 1987"

    def __init__(self, step: float, shrink: float = 0.5, small: float = 0.1, least: float = 0.01) -> None:
        self.step, self.shrink, self.small, self.least = step, shrink, small, least
        self.name = f"double-loop:step={step:g},small={small:g}"

    def steps(self, family: Family, x: Point, rng: Any, part: float = 1.0) -> Steps:
        """Yield the points; each costs a gradient."""
        del rng
        (a, b), s = x, family.width
        while True:
            f, ga, gb = family.first(a, b, s)
            yield (a, b), (None if s > 0 else float(f)), 1.0
            size = hypot(ga, gb)
            if not size < FAR * FAR or abs(a) + abs(b) > FAR:
                return True
            if s == 0 and size < 1e-9:
                return False
            if s > 0 and size < self.small:
                s = 0.0 if s * self.shrink < self.least else s * self.shrink
            else:
                a, b = a - part * self.step * float(ga), b - part * self.step * float(gb)


class ZerothOrder(Climb):
    """SLGH from values alone: gradients are means of (f(x + s u) - f(x)) u / s over normal u.

    Parameters
    ----------
    step, shrink, eta, least
        As for `SingleLoop`; s stays at `least`. A shrink of 1 keeps s there from the beginning: descent without
        a homotopy.
    samples : int
        Values for each gradient, and as many again for the derivative in s.
    """

    reference = "Iwakiri, Wang, Ito and Takeda, NeurIPS 2022 (arXiv 2203.05717), zeroth-order version"

    def __init__(
        self, step: float, shrink: float = 0.95, eta: float = 0.0, least: float = 0.01, samples: int = 1000
    ) -> None:
        self.step, self.shrink, self.eta, self.least, self.samples = step, shrink, eta, least, samples
        kind = "descent" if shrink == 1 else "single-loop"
        self.name = f"values-{kind}:step={step:g},shrink={shrink:g}" + (f",eta={eta:g}" if eta else "")

    def steps(self, family: Family, x: Point, rng: Any, part: float = 1.0) -> Steps:
        """Yield the points with their values; a value costs half a gradient."""
        (a, b), s = x, (self.least if self.shrink == 1 else family.width)
        while True:
            f = float(family.value(a, b))
            both = bool(self.eta) and s > self.least
            yield (a, b), f, 0.5 * (1 + self.samples * (2 if both else 1))
            if not isfinite(f) or abs(a) + abs(b) > FAR:
                return True
            u = rng.standard_normal((2, self.samples))
            g = u @ (family.value(a + s * u[0], b + s * u[1]) - f) / (self.samples * s)
            slope = self.slope(family, (a, b), s, rng) if both else 0.0
            a, b = a - part * self.step * float(g[0]), b - part * self.step * float(g[1])
            s = max(min(s - self.eta * slope, self.shrink * s), self.least)

    def slope(self, family: Family, x: Point, s: float, rng: np.random.Generator) -> float:
        """Return the estimate of df_s/ds: the mean of (|v|^2 - 2) (f(x + s v) - f(x)) / s."""
        v = rng.standard_normal((2, self.samples))
        values = family.value(x[0] + s * v[0], x[1] + s * v[1]) - family.value(*x)
        return float(((v**2).sum(axis=0) - 2) @ values / (self.samples * s))
