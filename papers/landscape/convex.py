"""Two-layer relu nets with weight decay: the proven minimum beside the best of many descents."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import homotopy as hp
from homotopy.landscape import convex_minimum
from homotopy.papers.landscape.facts import Fact, facts

__all__ = ["BEST", "EXTRA", "KICKED", "KICKS", "ROUNDS", "STEPS", "compared", "polished", "risk"]

EXTRA = 4
"""Hidden units of the nets that descend more than the minimum needs."""
STEPS = 600
"""The most steps of a descent."""
BEST = 60
"""Ends of descents that are polished."""
KICKED, ROUNDS, KICKS = 20, 6, 8
"""Where none of them is within 1e-6 of the minimum, so many are kicked, in so many rounds, so many times in each."""
SIZE = 1e-3
"""Of a kick, in parts of the largest weight."""

NEAR = 1e-6
"""A net whose loss is above the minimum by less has reached it."""

Array = NDArray[np.float64]


def risk(data: str, l2: float) -> Any:
    """Return a relu net's loss on one data set: a problem's name, or ``random SEED``, ten samples of two inputs."""
    if not data.startswith("random"):
        inner: Any = hp.problem(data).objective
        return inner.changed(l2=l2)
    rng = np.random.default_rng(int(data.split()[1]))
    X, y = rng.standard_normal((10, 2)), rng.standard_normal(10)
    return hp.EmpiricalRisk(hp.MLP((2, 3, 1), "relu"), "squared", X, y, l2=l2)


def compared(data: str, l2: float, runs: int, seed: int = 1) -> list[Fact]:
    """Return the proven minimum, and the best of so many descents of a net with four units more than it needs."""
    inner = risk(data, l2)
    known = convex_minimum(inner)
    wide = inner.changed(model=hp.MLP((inner.model.sizes[0], known.width + EXTRA, 1), "relu"))
    starts = np.random.default_rng(seed).standard_normal((runs, wide.size))
    ends = _descended(wide, starts)
    x, values = np.array(ends.x), np.array(ends.value)
    nets = [polished(wide, x[i]) for i in np.argsort(values)[:BEST]]
    sharp = [float(wide.value(net)) for net in nets]
    rng = np.random.default_rng(seed)
    for net in nets[:KICKED]:
        if min(sharp) - known.upper < NEAR:
            break
        sharp += _kicked(wide, net, rng)
    found = {
        "runs": runs,
        "lower": known.lower,
        "upper": known.upper,
        "exact": known.exact,
        "patterns": known.n_patterns,
        "width": known.width,
        "least width": known.least,
        "best run": values.min(),
        "median run": float(np.median(values)),
        "best polished": min(sharp),
        "polishes": len(sharp),
        "polished there": sum(value - known.upper < NEAR for value in sharp),
        "below": int((np.append(values, sharp) < known.lower).sum()),
    }
    return facts("convex", f"{data} l2={l2:g}", found)


def _descended(objective: Any, starts: Array) -> Any:
    """Return where descents end."""
    return hp.descend(objective, starts, rule="lbfgs", n_steps=STEPS, plateau=(1e-8, 50))


def _kicked(objective: Any, x: Array, rng: np.random.Generator) -> list[float]:
    """Return the losses of nets that descend and are polished from kicks of x, each round from the best."""
    losses: list[float] = []
    for _ in range(ROUNDS):
        starts = x + SIZE * np.abs(x).max() * rng.standard_normal((KICKS, x.size))
        nets = [x, *(polished(objective, end) for end in np.array(_descended(objective, starts).x))]
        x = min(nets, key=objective.value)
        losses += [float(objective.value(net)) for net in nets[1:]]
    return losses


def polished(objective: Any, x: Array) -> Array:
    """Return where SciPy's SLSQP ends from x if all units keep the sides of the samples on which they are.

    Descents of relu nets come to rest at kinks, where a unit's boundary lies on a sample; with sides that are kept
    the problem is smooth, and that a boundary may touch a sample but not pass it is a linear constraint.
    """
    X = np.column_stack([objective.X, np.ones(len(objective.X))])
    (W, b), (a, c) = objective.model.unpack(x)
    V = np.column_stack([W, b])
    h, d = V.shape
    on = X @ V.T > 0
    J = np.zeros((on.size, h * d + h + 1))
    for k in range(h):
        J[k * len(X) : (k + 1) * len(X), k * d : (k + 1) * d] = np.where(on[:, k], 1.0, -1.0)[:, None] * X
    first = np.concatenate([V.ravel(), np.ravel(a), np.ravel(c)])
    sides = {"type": "ineq", "fun": lambda p: J @ p, "jac": lambda p: J}
    function = _smooth(objective, X, on)
    found = minimize(
        function, first, jac=True, method="SLSQP", constraints=[sides], options={"maxiter": 500, "ftol": 1e-14}
    ).x
    V = found[: h * d].reshape(h, d)
    y = objective.model.pack([(V[:, :-1], V[:, -1]), (found[None, h * d : -1], found[-1:])])
    return y if objective.value(y) < objective.value(x) else x


def _smooth(objective: Any, X: Array, on: NDArray[np.bool_]) -> Any:
    """Return the penalized squared loss and its gradient where each unit is on at these samples."""
    y, n, l2 = objective.y[:, 0], len(X), objective.l2
    h, d = on.shape[1], X.shape[1]

    def function(p: Array) -> tuple[float, Array]:
        V, a = p[: h * d].reshape(h, d), p[h * d : -1]
        H = on * (X @ V.T)
        r = H @ a + p[-1] - y
        slopes = [((on * np.outer(r, a)).T @ X).ravel(), H.T @ r, [r.sum()]]
        return 0.5 * r @ r / n + 0.5 * l2 * p @ p, np.concatenate(slopes) / n + l2 * p

    return function
