"""Choose the step sizes of the first-order methods on seeds that are not shown: ``python -m ...recurrent.tuning``.

It prints what every step size came to, and writes tuned.json beside this file.
"""

from __future__ import annotations

import json
import sys
from math import inf, isfinite
from pathlib import Path

import numpy as np

import homotopy as hp
from homotopy.experiments import expected_cost
from homotopy.papers.recurrent.tasks import FIRST_ORDER, KEYS, first_order

__all__ = ["GRID", "PROBLEMS", "choose", "main"]

GRID = {"adam": (0.001, 0.003, 0.01, 0.03, 0.1), "gd": (0.01, 0.03, 0.1, 0.3, 1.0)}
"""The step sizes that are tried."""
SETS = 4
PROBLEMS = {
    "adding tanh": (["adding:T=30,act=tanh,data_seed={}"], 7000, 2000.0),
    "adding relu": (["adding:T=30,act=relu,data_seed={}"], 7000, 2000.0),
    "latch": (["latch:T=50,data_seed={}"], 8000, 2000.0),
    "temporal-xor": (["temporal-xor:T=20,data_seed={}"], 8000, 2000.0),
    "order": (["order:T=30,data_seed={}"], 8000, 2000.0),
    "rts": ([f"rts:{KEYS[key]},T=20,teacher_seed={{}}" for key in "ABDE"], 100, 4000.0),
    "identify": ([f"identify:system={one},data_seed={{}}" for one in ("wh", "duff")], 900, 4000.0),
    "generate": ([f"generate:wave={one},data_seed={{}}" for one in ("sine", "two", "square")], 3000, 4000.0),
}
"""By family: problems, their first seed, and the gradients of a run."""


def choose(family: str, rule: str) -> tuple[float, dict[float, tuple[float, float]]]:
    """Return the step size with the least expected cost, or without a success that with the lowest median value.

    Parameters
    ----------
    family : str
        A key of `PROBLEMS`.
    rule : str
        A key of `GRID`.

    Returns
    -------
    tuple of float and dict
        The step size; and for each the expected cost of a success and the median final value, over that of the target.
    """
    names, first, budget = PROBLEMS[family]
    problems = [hp.problem(name.format(seed)) for name in names for seed in range(first, first + SETS)]
    found = {}
    for step in GRID[rule]:
        method, cost, hit, value = hp.method(first_order(rule, step)), [], [], []
        for seed, problem in enumerate(problems):
            (run,) = method.solve_many(problem, [seed], budget=budget)
            cost.append(run.cost)
            hit.append(run.cost_to_success)
            value.append(run.value / problem.target if isfinite(run.value) else inf)
        found[step] = expected_cost(cost, hit, n_resamples=0).value, float(np.median(value))
    return min(found, key=lambda step: found[step]), found


def main() -> None:
    """Choose all of them, print what was seen and write the file."""
    chosen: dict[str, dict[str, float]] = {}
    for family in PROBLEMS:
        for rule in FIRST_ORDER.values():
            step, found = choose(family, rule)
            chosen.setdefault(family, {})[rule] = step
            told = ", ".join(f"{size:g}: {cost:.0f} ({value:.3g})" for size, (cost, value) in found.items())
            print(f"{family} {rule} {step:g}   of {told}", file=sys.stderr, flush=True)
    text = json.dumps(chosen, indent=2) + "\n"
    (Path(__file__).parent / "tuned.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
