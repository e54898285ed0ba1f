"""Steps from a strict saddle against the dimension, saddles and minima of a net, and which method leaves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison

from ..frame import Outcome, Paper, Row, Spent, Study, Table, claim, expected, prices
from .figures import picture
from .nets import GROUPS, NET, PATIENT, census, grids, places
from .strict import DELTA, LONGEST, escapes

__all__ = ["PAPER", "cases", "growth", "saddle_costs", "shares"]

DIMENSIONS = (2, 10, 30, 100, 300, 1000, 3000, 10_000)
CURVATURES = (0.02, 0.05, 0.1, 0.2, 0.5)
CASES = ("perturbed, saddle", "perturbed, stable", "gd, near", "gd, saddle", "gd, stable")
GAMMA, MIDDLE = 0.1, 100
"""The negative curvature where the dimension changes, and the dimension where the curvature does."""
Runs = dict[tuple[int, float, str], dict[str, list[float]]]


def cases(study: Study) -> Runs:
    """Return the runs on the strict saddle, by dimension, curvature and case (`strict.escapes`)."""
    dimensions, curvatures = study.pick((2, 10, 100, 1000), DIMENSIONS), study.pick((0.05, 0.1, 0.2), CURVATURES)
    runs = study.pick(10, 100)
    parts: list[tuple[int, float, str, int]] = []
    for case in CASES:
        many = runs if case in ("perturbed, saddle", "gd, near") else study.pick(2, 20)
        parts += [(d, GAMMA, case, many) for d in dimensions]
    parts += [(MIDDLE, gamma, CASES[0], study.pick(5, 50)) for gamma in curvatures if gamma != GAMMA]
    found = study.each("strict", escapes, parts)
    return {part[:3]: one for part, one in zip(parts, found, strict=True)}


def growth(x: Sequence[float], steps: Sequence[float]) -> dict[str, float]:
    """Return how numbers of steps grow: as a line in log x and as a power of x.

    Returns
    -------
    dict
        ``slope`` and ``offset`` of steps = offset + slope log x, ``fit``, the share of the variance that the line
        explains, and ``power``, the least-squares exponent of steps ~ x^power.
    """
    log_x, y = np.log(x), np.asarray(steps, dtype=float)
    slope, offset = np.polyfit(log_x, y, 1)
    left = y - (offset + slope * log_x)
    return {
        "slope": float(slope),
        "offset": float(offset),
        "fit": float(1 - left @ left / np.sum((y - y.mean()) ** 2)),
        "power": float(np.polyfit(log_x, np.log(y), 1)[0]),
    }


def shares(found: Mapping[str, Comparison]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return how many of how many runs succeeded, by group and method."""
    counts = {}
    for name in GROUPS:
        for method in found[name].methods if name in found else ():
            success = found[name].records(name, method).success
            counts[name, method] = int(success.sum()), len(success)
    return counts


def saddle_costs(runs: Runs) -> Table:
    """Return E* of getting off the strict saddle, in gradients and seconds, where runs do."""
    spent = []
    for (d, gamma, case), one in runs.items():
        if gamma != GAMMA or case not in (CASES[0], "gd, near"):
            continue
        steps, seconds = np.array(one["steps"], dtype=float), np.array(one["seconds"])
        left = steps >= 0
        method = "perturbed gd, on it" if case == CASES[0] else "gd, 1e-3 from it"
        cost = np.where(left, steps, LONGEST)
        spent.append(Spent(f"d = {d:,}", method, cost, _only(left, cost), seconds, _only(left, seconds)))
    return prices(spent, "From the strict saddle, constants of the theorem")


def _only(left: Any, values: Any) -> Any:
    return np.where(left, values, np.nan)


def _medians(runs: Runs, case: str, axis: int) -> tuple[list[float], list[float]]:
    """Return dimensions (axis 0) or curvatures (axis 1), ascending, and the median steps of a case at each."""
    fixed = (1, GAMMA) if axis == 0 else (0, MIDDLE)
    keys = sorted(key for key in runs if key[2] == case and key[fixed[0]] == fixed[1])
    return [key[axis] for key in keys], [float(np.median(runs[key]["steps"])) for key in keys]


def _rows(
    runs: Runs, fits: dict[str, dict[str, float]], counts: Mapping[tuple[str, str], tuple[int, int]]
) -> list[Row]:
    """Return the paper's statements beside what was found."""
    d, steps = _medians(runs, CASES[0], 0)
    shaken = [(s, one["wait"][0]) for key, one in runs.items() if key[2] == CASES[0] for s in one["steps"]]
    within = sum(0 <= s <= wait for s, wait in shaken)
    used = max(s / wait for s, wait in shaken)
    line, curve = fits["dimension"], fits["curvature"]
    left, total = counts["leave a saddle", "perturbed-gd"]
    return [
        claim(
            "steps depend on the dimension only poly-logarithmically",
            "yes (abstract)",
            f"{steps[0]:.0f} at d = {d[0]:,}, {steps[-1]:.0f} at d = {d[-1]:,}; ~ d^{line['power']:.3f}; a line in "
            f"log d explains {100 * line['fit']:.1f} %",
            line["power"] <= 0.1 and line["fit"] >= 0.95,
            "power at most 0.1, and the line at least 95 % of the variance of the medians",
        ),
        claim(
            "after a perturbation the saddle is left within t_thres steps",
            f"with probability at least {1 - DELTA:g}",
            f"{within} of {len(shaken)}, the slowest in {100 * used:.0f} % of t_thres",
            within >= (1 - DELTA) * len(shaken),
            f"at least {100 * (1 - DELTA):.0f} % of the runs",
        ),
        claim(
            "steps grow as the inverse of the curvature l / sqrt(rho eps), up to logarithms",
            "yes (t_thres)",
            f"~ (1/gamma)^{-curve['power']:.2f}",
            abs(curve["power"] + 1) <= 0.25,
            "exponent between 0.75 and 1.25",
        ),
        claim(
            "perturbed gradient descent leaves the saddles of a net, too (package's constants)",
            "yes (abstract: many applications, deep learning among them)",
            f"{left} of {total} runs",
            left >= (1 - DELTA) * total,
            f"at least {100 * (1 - DELTA):.0f} % of the runs",
        ),
    ]


def _places_table() -> Table:
    """Return the critical points of the net, their index and their lowest curvature."""
    rows = tuple((one.name, str(one.index), f"{one.curvatures[0]:.4f}", f"{one.gradient:.0e}") for one in places())
    note = f"{NET}, one point of each value and index; loss per sample, curvature of the loss over weights squared."
    return Table("Critical points of the net", ("point", "index", "lowest curvature", "gradient norm"), rows, note)


def _shares_table(counts: Mapping[tuple[str, str], tuple[int, int]]) -> Table:
    """Return which share of runs succeeded in each group, by method."""
    methods = list(dict.fromkeys(method for _, method in counts))
    names = [name for name in GROUPS if any((name, method) in counts for method in methods)]
    rows = []
    for method in methods:
        cells = [counts.get((name, method)) for name in names]
        rows.append((method, *(f"{100 * c[0] / c[1]:.0f} % of {c[1]}" if c else "" for c in cells)))
    note = (
        "Starts at distance 1e-3 but in the last column; left is a point once the loss is halfway to the next minimum."
    )
    return Table("Runs beside critical points of the net", ("method", *names), tuple(rows), note)


def _findings(runs: Runs, counts: Mapping[tuple[str, str], tuple[int, int]], fits: Any) -> tuple[str, ...]:
    """Return what was found, in sentences."""

    def part(name: str, method: str) -> str:
        good, total = counts[name, method]
        return f"{good} of {total}"

    on = [s for key, one in runs.items() if key[2] == "gd, saddle" for s in one["steps"]]
    stable = [s for key, one in runs.items() if key[2] == "gd, stable" for s in one["steps"]]
    near = fits["near"]
    told = [
        f"Started on the saddle, plain gradient descent left in {sum(s >= 0 for s in on)} of {len(on)} runs, and from "
        f"the plane that leads to the saddle in {sum(s >= 0 for s in stable)} of {len(stable)}; perturbed, all leave, "
        f"d times ten costing {fits['dimension']['slope'] * np.log(10):.0f} steps more.",
        f"From a random point 1e-3 away plain descent leaves as well, d times ten costing "
        f"{near['slope'] * np.log(10):.0f} steps more: chance starts are perturbation enough here.",
        f"Beside the net's saddles gradient descent leaves in {part('leave a saddle', 'gd')} runs, `perturbed-gd` in "
        f"{part('leave a saddle', 'perturbed-gd')}, `auto` in {part('leave a saddle', 'auto')}.",
        f"It leaves saddles, not minima: beside the net's minima that are not global, gradient descent leaves in "
        f"{part('leave a minimum', 'gd')} runs, `perturbed-gd` in {part('leave a minimum', 'perturbed-gd')}, `auto` in "
        f"{part('leave a minimum', 'auto')}.",
    ]
    if ("leave a minimum", "gd-noise") in counts:
        told.append(
            f"What leaves those minima is steady noise in `gd-noise`, {part('leave a minimum', 'gd-noise')}, and "
            f"continuation, `width` {part('leave a minimum', 'width')}."
        )
    if ("reach the global minimum", "gd") in counts:
        reach = [
            f"`{m}` {part('reach the global minimum', m)}" for m in ("gd", PATIENT, "saddle-free", "width", "auto")
        ]
        told.append(f"From beside the saddles the global minimum is reached by {', '.join(reach)} runs.")
        told.append(
            f"With the package's 200 steps after a perturbation the rule gives up on flat saddles; with 2,000 it "
            f"leaves in {part('leave a saddle', PATIENT)} runs."
        )
        still = [f"`{m}` {part('leave exactly a saddle', m)}" for m in ("gd", "gd-noise", "lbfgs", "saddle-free")]
        told.append(
            f"Exactly on a saddle of the net, methods that stop where the gradient is small stay: {', '.join(still)} "
            f"leave; `perturbed-gd` {part('leave exactly a saddle', 'perturbed-gd')}, `width` "
            f"{part('leave exactly a saddle', 'width')}, `auto` {part('leave exactly a saddle', 'auto')}."
        )
    return tuple(told)


def _run(study: Study) -> Outcome:
    runs, found = cases(study), grids(study)
    fits = {
        "dimension": growth(*_medians(runs, CASES[0], 0)),
        "near": growth(*_medians(runs, "gd, near", 0)),
        "curvature": growth(*_medians(runs, CASES[0], 1)),
    }
    counts = shares(found)
    numbers = {
        f"{name} {key}": fit[key]
        for name, fit in fits.items()
        for key in ("slope", "power")
        if name != "curvature" or key == "power"
    }
    for case in (CASES[0], "gd, near"):
        numbers |= {f"steps {case} d={d}": s for d, s in zip(*_medians(runs, case, 0), strict=True)}
    numbers |= {f"{name}: {method}": good / total for (name, method), (good, total) in counts.items()}
    numbers |= {f"value {one.name}": one.value for one in places()}
    if study.full:
        points = study.each("census", census, [50])[0]
        objective: Any = hp.problem(NET).objective
        values = sorted(objective.value(np.array(x)) for x in points)
        numbers["census: largest difference"] = max(abs(a - b.value) for a, b in zip(values, places(), strict=True))
    costs = [saddle_costs(runs)] + [expected(one, f"The net: {name}") for name, one in found.items()]
    return Outcome(
        tuple(_rows(runs, fits, counts)),
        numbers,
        costs=tuple(costs),
        tables=(_shares_table(counts), _places_table()),
        pictures=(picture(runs, fits, counts),),
        findings=_findings(runs, counts, fits),
    )


PAPER = Paper(
    key="jin2017",
    title="How to escape saddle points efficiently",
    citation="C. Jin, R. Ge, P. Netrapalli, S. M. Kakade and M. I. Jordan, ICML 2017 (arXiv 1703.00887).",
    link="https://doi.org/10.48550/arXiv.1703.00887",
    claim="Gradient descent that is perturbed where its gradient is small finds a second-order stationary point in a "
    "number of steps that depends only poly-logarithmically on the dimension, up to logarithms as fast as gradient "
    "descent finds a first-order one: where all saddles are strict it escapes them almost for free. Read: the "
    "abstract, and the constants on the authors' slides.",
    choices=(
        "The rule as commonly stated: where the gradient is at most g_thres and the last perturbation is more than "
        "t_thres steps ago, add a point drawn uniformly from the ball of radius r; stop if f has not fallen by f_thres "
        "t_thres steps later. The paper's own listing was not read.",
        "The paper has no experiments that we could read. The function, -gamma/2 x_1^2 + x_1^4/4 + (x_2^2 + ...)/2 "
        "with one negative curvature in any dimension, is ours; so are c = 1/4, delta = 0.1, eps with "
        "sqrt(rho eps) = gamma, l = 1 and rho = 6 sqrt(gamma).",
        "The saddle is left when f has fallen by half the depth of the minima.",
        "On the net the package's `perturbed-gd` has its own constants (radius 0.1, gradient 1e-3, fall 1e-4), as l, "
        "rho and c of a net are not known; `wait=2000` was chosen since t_thres is long in the theorem, too. No method "
        "was tuned.",
        "That it leaves minima is not claimed by the paper; it is asked here because users hope for it.",
    ),
    run=_run,
)
