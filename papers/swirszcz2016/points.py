"""The data sets D1 and D2: their local minima, and who leaves them."""

from __future__ import annotations

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid
from homotopy.landscape import classified

from ..frame import Study

__all__ = ["GLOBAL", "METHODS", "at_the_points", "escapes"]

METHODS = ("gd:step_size=0.1", "gd", "adam", "perturbed-gd", "lbfgs", "width", "omp", "skip", "diffusion", "auto")
GLOBAL = np.array([-5.0, 1.0, 1.0, -8.0, 1.0, -1.0, -1.0])
"""The global minimum of D2: hidden weights -5 and 1, hidden biases 1 and -8, outgoing weights 1 and -1, bias -1."""


def at_the_points() -> dict[str, float]:
    """Return what is found at the local minima of D1 and D2, sums of squares as in the paper.

    Returns
    -------
    dict
        For each set ``value`` there; ``fall``, its largest fall in 20,000 random directions of length 1e-3;
        ``minimum``, whether `homotopy.landscape.classified`, which looks at every direction of the kink, calls it one;
        ``least``, the proven least value any net has; for D2 ``global``, the value at the other published point, and
        ``printed``, the largest fall about the point with the second hidden weight -1, as it is printed.
    """
    found = {}
    for name in ("D1", "D2"):
        problem = hp.problem(f"swirszcz-{name.lower()}:distance=0")
        f = problem.objective
        x, scale = problem.start(np.random.default_rng(0)), 2 * len(f.y)
        found[f"{name} value"] = scale * float(f.value(x))
        found[f"{name} fall"] = scale * _fall(f, x)
        found[f"{name} minimum"] = float(classified(problem, x).kind == "minimum")
        bound = problem.lower
        found[f"{name} least"] = scale * bound.value if bound is not None else -np.inf
        if name == "D2":
            found["D2 global"] = scale * float(f.value(GLOBAL))
            printed = x.copy()
            printed[1] = -1.0
            found["D2 printed"] = scale * _fall(f, printed)
    return found


def _fall(f: hp.EmpiricalRisk, x: np.ndarray) -> float:
    """Return the largest fall of the loss about a point."""
    v = np.random.default_rng(0).standard_normal((20_000, f.size))
    v *= 1e-3 / np.linalg.norm(v, axis=1, keepdims=True)
    around, _ = f.value_and_grad_many(np.ascontiguousarray(x + v))
    return max(0.0, float(f.value(x) - around.min()))


def escapes(study: Study) -> Comparison:
    """Return the runs of all methods on D1 and D2, from beside the local minimum and from random starts."""
    names = [f"swirszcz-{one}{start}" for one in ("d1", "d2") for start in ("", ":start=random")]
    methods = study.pick(("gd:step_size=0.1", "lbfgs", "width", "omp", "skip", "auto"), METHODS)
    return study.compare(Grid.of(names, methods, seeds=study.pick(30, 200), budget=5000))[0]
