"""One loop along a Gaussian homotopy beside two loops and gradient descent, with gradients and with values alone."""

from __future__ import annotations

from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid, success_rate
from homotopy.methods import BY_NAME

from ..frame import Outcome, Paper, Study, Table, claim, expected
from ..loops import CHOSEN, Climb, DoubleLoop, SingleLoop, ZerothOrder
from ..smoothed import FAMILIES, Smoothed, problem
from .figures import ETA, steps_picture, trajectories
from .tuning import FACTORS, RADII

__all__ = ["PAPER", "derivative_in_s", "methods", "step_shares"]

GRID = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Steps on Ackley's function."""
VALUES = {"ackley": (0.3, 0.99, 0.1), "himmelblau": (0.01, 0.5, 0.01), "rosenbrock": (5e-3, 0.5, 2e-3)}
"""From values alone, what `tune` finds best: the step of one loop and its factor of s, and the step at a fixed s."""
FIRST = 5_000
"""The first seed of the runs that compare steps."""


def methods(name: str) -> list[Any]:
    """Return the methods with exact gradients, each with the step that suits it best on a function."""
    best = CHOSEN[name]
    return [
        hp.method(f"gd:step_size={best.plain:g}"),
        hp.method("lbfgs"),
        SingleLoop(best.single, shrink=best.factor),
        SingleLoop(best.single, eta=ETA),
        DoubleLoop(best.double, small=best.small),
        BY_NAME["graduated"](along=Smoothed),
        BY_NAME["track"](along=Smoothed),
    ]


def from_values(name: str) -> list[Any]:
    """Return the methods that see values alone: one loop, with the derivative in s, and a fixed small s."""
    step, factor, fixed = VALUES[name]
    return [ZerothOrder(step, shrink=factor), ZerothOrder(step, eta=ETA), ZerothOrder(fixed, shrink=1.0)]


def derivative_in_s(samples: int = 400_000) -> dict[str, float]:
    """Return how the estimates of df_s/ds with 1 / s and with 1 / s^2 compare with the exact derivative.

    Parameters
    ----------
    samples : int
        Values in each estimate.

    Returns
    -------
    dict
        ``one``, ``two``: the largest |estimate - exact| over the standard error of the estimate, at three s on each
        function, with 1 / s and with 1 / s^2; ``ratio``, the mean of the estimate with 1 / s^2 over the exact one at
        s = 0.5 on Himmelblau's function.
    """
    rng, found = np.random.default_rng(0), {"one": 0.0, "two": 0.0, "ratio": 0.0}
    for name, family in FAMILIES.items():
        x, y = family.start
        for s in (0.25, 0.5, 2.0):
            v = rng.standard_normal((2, samples))
            terms = ((v**2).sum(axis=0) - 2) * (family.value(x + s * v[0], y + s * v[1]) - family.value(x, y)) / s
            xx, _, yy = family.second(x, y, s)
            exact, error = s * float(xx + yy), float(terms.std() / np.sqrt(samples))
            found["one"] = max(found["one"], abs(float(terms.mean()) - exact) / error)
            found["two"] = max(found["two"], abs(float(terms.mean()) / s - exact) / (error / s))
            if name == "himmelblau" and s == 0.5:
                found["ratio"] = float(terms.mean()) / s / exact
    return found


def step_shares(part: list[Any]) -> int:
    """Return how many runs on Ackley's function reach its global minimum.

    Parameters
    ----------
    part : (str, float, int, int)
        One of the methods of the picture, its step, how many runs, and the gradients that each may take.
    """
    name, step, runs, budget = part
    kinds: dict[str, Any] = {
        "gradient descent": lambda: SingleLoop(step, shrink=0.0),
        "one loop, 0.95": lambda: SingleLoop(step),
        "one loop, 0.99": lambda: SingleLoop(step, shrink=0.99),
        "one loop, 0.999": lambda: SingleLoop(step, shrink=0.999),
        "two loops": lambda: DoubleLoop(step, small=CHOSEN["ackley"].small),
    }
    method: Climb = kinds[name]()
    place = problem("ackley", RADII["ackley"], (0.0, 0.0))
    return sum(bool(one) for one in method.solve_many(place, range(FIRST, FIRST + runs), budget=budget)["success"])


MOST = 20_000
KINDS = ("gradient descent", "one loop, 0.95", "one loop, 0.99", "one loop, 0.999", "two loops")


def _comparisons(study: Study) -> tuple[dict[str, Comparison], dict[str, Comparison]]:
    """Return the runs with gradients and those with values alone, by function."""
    names = study.pick(("ackley", "himmelblau"), tuple(FAMILIES))
    places = {name: problem(name, RADII[name], (0.0, 0.0)) for name in names}
    seeds, few = study.pick(6, 200), study.pick(3, 100)
    most = study.pick(2000, MOST)
    exact = [Grid.of([places[name]], methods(name), seeds=seeds, budget=most) for name in names]
    values = [Grid.of([places[name]], from_values(name), seeds=few, budget=10 * most) for name in names]
    found = study.compare(*exact, *values)
    return dict(zip(names, found[: len(names)], strict=True)), dict(zip(names, found[len(names) :], strict=True))


def _told(comparison: Comparison) -> dict[str, Any]:
    """Return the summaries by the kind of method."""
    kinds = {}
    for one in comparison.summaries(comparison.problems[0]):
        kind, _, rest = one.method.partition(":")
        kinds[kind + (" derivative" if "eta" in rest else "")] = one
    return kinds


def _run(study: Study) -> Outcome:
    slope = derivative_in_s(study.pick(50_000, 400_000))
    exact, values = _comparisons(study)
    runs, steps, most = study.pick((4, GRID[1:4:2], 2000), (50, GRID, 10_000))
    kinds = study.pick((KINDS[0], KINDS[1], KINDS[4]), KINDS)
    parts = [[kind, step, runs, most] for kind in kinds for step in steps]
    counts = study.each("steps", step_shares, parts)
    shares = {kind: [c for part, c in zip(parts, counts, strict=True) if part[0] == kind] for kind in kinds}
    told = {name: _told(found) for name, found in exact.items()}
    alone = {name: _told(found) for name, found in values.items()}
    numbers = {f"slope {key}": value for key, value in slope.items()}
    numbers |= {f"{kind} {name}": one.rate.rate for name, found in told.items() for kind, one in found.items()}
    numbers |= {f"{kind} {name}": one.rate.rate for name, found in alone.items() for kind, one in found.items()}
    numbers |= {f"{kind} {step:g}": c / runs for (kind, step, *_), c in zip(parts, counts, strict=True)}
    costs = [expected(found, f"With gradients: {name}") for name, found in exact.items()]
    costs += [expected(found, f"From values alone: {name}") for name, found in values.items()]
    rows = _rows(slope, told, alone, {kind: dict(zip(steps, shares[kind], strict=True)) for kind in kinds}, runs)
    pictures = (steps_picture(steps, shares, (runs, most)), trajectories())
    table = _steps_table(steps, shares, (runs, most))
    return Outcome(
        rows,
        numbers,
        tuple(costs),
        (table,),
        pictures,
        _findings(told, alone, shares, steps, (runs, study.pick(2000, MOST))),
    )


def _rows(slope: Any, told: Any, alone: Any, counts: Any, runs: int) -> tuple[Any, ...]:
    cheaper = [f for f in told if told[f]["single-loop"].expected.value < told[f]["double-loop"].expected.value]
    sides = {f: (told[f]["single-loop"].rate, told[f]["gd"].rate) for f in told}
    slow, plain = (counts[kind][0.01] for kind in (max(k for k in counts if "0.9" in k), "gradient descent"))
    values = {f: (alone[f]["values-single-loop"].rate, alone[f]["values-descent"].rate) for f in alone}
    return (
        claim(
            "df_s/ds is the mean of (|v|² - d)(f(x + s v) - f(x)) / s",
            "with 1/s² in one implementation, with 1/s in another",
            f"1/s: at most {slope['one']:.1f} standard errors off; 1/s²: {slope['two']:.0f}",
            slope["one"] < 4 and slope["two"] > 10,
            "below 4 standard errors with 1/s, beyond 10 with 1/s²",
        ),
        claim(
            "one loop converges faster than two",
            "faster (abstract)",
            ", ".join(
                f"{f}: {told[f]['single-loop'].expected.value:,.0f} and {told[f]['double-loop'].expected.value:,.0f}"
                for f in told
            ),
            len(cheaper) == len(told),
            "E* in gradients lower on every function",
        ),
        claim(
            "one loop finds better solutions than gradient descent, each with its best step",
            "better (abstract)",
            ", ".join(f"{f}: {100 * a.rate:.0f} and {100 * b.rate:.0f} % solved" for f, (a, b) in sides.items()),
            any(a.low > b.high for a, b in sides.values()) and not any(a.high < b.low for a, b in sides.values()),
            "95 % intervals apart on a function, on none the other way",
        ),
        claim(
            "the same, where the step of both is 0.01 and s falls slowly",
            "better (abstract)",
            f"ackley: {100 * slow / runs:.0f} and {100 * plain / runs:.0f} % solved",
            success_rate([1] * slow + [0] * (runs - slow)).low > success_rate([1] * plain + [0] * (runs - plain)).high,
            "95 % intervals apart",
        ),
        claim(
            "the same from values alone",
            "better (abstract)",
            ", ".join(f"{f}: {100 * a.rate:.0f} and {100 * b.rate:.0f} % solved" for f, (a, b) in values.items()),
            any(a.low > b.high for a, b in values.values()) and not any(a.high < b.low for a, b in values.values()),
            "95 % intervals apart on a function, on none the other way",
        ),
    )


def _steps_table(steps: Any, shares: Any, size: tuple[int, int]) -> Table:
    runs, most = size
    rows = tuple((kind, *(f"{100 * one / runs:.0f}" for one in found)) for kind, found in shares.items())
    return Table(
        "Ackley's function: runs that succeed (%), by step",
        ("method", *(f"step {step:g}" for step in steps)),
        rows,
        f"{runs} runs from the disc of radius 8 around 0, {most:,} gradients each; a number is the factor of s.",
    )


def _findings(told: Any, alone: Any, shares: Any, steps: Any, size: tuple[int, int]) -> tuple[str, ...]:
    runs, most = size

    def rate(kind: str, step: float) -> str:
        return f"{100 * shares[kind][list(steps).index(step)] / runs:.0f} %"

    prices = [
        f"{name}: one loop {found['single-loop'].expected.value:,.0f} gradients a success, with the derivative in s "
        f"{found['single-loop derivative'].expected.value:,.0f}, two loops "
        f"{found['double-loop'].expected.value:,.0f}, gradient descent {found['gd'].expected.value:,.0f}, the tracked "
        f"path {found['track'].expected.value:,.0f}, L-BFGS "
        + (
            f"{found['lbfgs'].expected.value:,.0f}."
            if np.isfinite(found["lbfgs"].expected.value)
            else "never succeeds."
        )
        for name, found in told.items()
    ]
    values = "; ".join(
        f"{name}: one loop {100 * found['values-single-loop'].rate.rate:.0f} %, with the derivative in s "
        f"{100 * found['values-single-loop derivative'].rate.rate:.0f} %, a fixed s = 0.01 "
        f"{100 * found['values-descent'].rate.rate:.0f} %"
        for name, found in alone.items()
    )
    slow = max(kind for kind in shares if "0.9" in kind)
    soon = [name for name in told if CHOSEN[name].factor == FACTORS[0]]
    at_once = f" The best factor of s is the smallest that was tried on: {', '.join(soon)}." if soon else ""
    return (
        *prices,
        f"On Ackley's function what decides is how far x can go before s is small. With a step of 0.01 gradient "
        f"descent succeeds in {rate('gradient descent', 0.01)} of the runs, {slow} in {rate(slow, 0.01)}, one loop, "
        f"0.95 in {rate('one loop, 0.95', 0.01)}, two loops in {rate('two loops', 0.01)}; with a step of 0.1 in "
        f"{rate('gradient descent', 0.1)}, {rate(slow, 0.1)}, {rate('one loop, 0.95', 0.1)} and "
        f"{rate('two loops', 0.1)}. A step of 0.1 is unstable in every ripple, so that plain gradient descent leaves "
        "them all; there it needs no homotopy. Two loops fail there because the gradient never falls below "
        f"the bound of {CHOSEN['ackley'].small:g}, at which an inner loop ends.",
        f"From values alone, with values worth {10 * most:,} gradients: {values}.",
        "Himmelblau's four minima are all global and Rosenbrock's function has one, so there one loop can only be "
        "quicker. Smoothing a polynomial of degree four adds curvature, 1200 s² to Rosenbrock's in x, which asks "
        f"for shorter steps than the function itself.{at_once}",
    )


def _factors() -> str:
    return ", ".join(f"{name} {best.factor:g} ({VALUES[name][1]:g} from values)" for name, best in CHOSEN.items())


PAPER = Paper(
    key="iwakiri2022",
    title="Single loop Gaussian homotopy method for non-convex optimization",
    citation="H. Iwakiri, Y. Wang, S. Ito and A. Takeda, NeurIPS 2022, 35:7065-7076 (arXiv 2203.05717).",
    link="https://doi.org/10.48550/arXiv.2203.05717",
    claim="Where f is smoothed by normal displacements of standard deviation s, s may fall with every step of x, "
    "instead of after a minimization at each s. In experiments this single loop converges faster than a double loop "
    "and finds better solutions than methods based on gradient descent.",
    choices=(
        "Only the abstract could be read, and two implementations by others; the paper's experiments could not be. The "
        "functions, starts and budgets are ours, its statements are those of the abstract.",
        "s ends at 0.01, and 1,000 samples make an estimate, as in one of these implementations. With exact gradients "
        "f itself is descended once s is 0.01. A value counts as half a gradient.",
        "Chosen by `tune` on 20 runs from seeds that are not shown, of those that solve most runs (where none does, of "
        "all) what takes the fewest gradients a success: for gradient descent the best of five steps; for one loop the "
        f"best of the same steps with each of {len(FACTORS)} factors of s, {FACTORS[0]:g} to {FACTORS[-1]:g}; for two "
        "loops, which halve s, of the same steps with each of six bounds on the gradient, where an inner loop ends. "
        f"From values alone it is chosen anew. The factors of one loop: {_factors()}.",
        "The derivative version has the step of one loop, the factor 0.95 of that implementation, and a step of 0.01 "
        "along the derivative in s, not tuned; with exact gradients the derivative, two Hessian-vector products, "
        "counts as four gradients.",
        "A run that runs away begins again with a quarter of its step, in all methods of fixed step.",
        "A run succeeds at a value of 0.01, for Ackley's function 0.1; starts are drawn from discs around 0.",
    ),
    run=_run,
)
