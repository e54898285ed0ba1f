"""The path model from the paper's starts beside descents and a tracked path, and from ever larger discs of starts."""

from __future__ import annotations

from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid
from homotopy.methods import BY_NAME

from ..frame import Outcome, Paper, Study, Table, claim, expected, unread
from ..loops import CHOSEN, DoubleLoop, SingleLoop
from ..smoothed import FAMILIES, Smoothed, problem
from .checks import closed_forms, ridge_path, rosenbrock_path, tracked_minimum
from .figures import label, radii_picture, trajectories
from .model import PathLearning, level

__all__ = ["PAPER", "from_the_start", "levels", "neighborhoods"]

LEVELS = np.linspace(0, 1, 11)


def rivals(name: str) -> list[Any]:
    """Return the methods beside the path model, with the steps that suit them best on a function."""
    best = CHOSEN[name]
    return [
        hp.method("gd"),
        hp.method(f"gd:step_size={best.plain:g}"),
        hp.method("lbfgs"),
        BY_NAME["graduated"](along=Smoothed),
        SingleLoop(best.single, shrink=best.factor),
        DoubleLoop(best.double, small=best.small),
        BY_NAME["track"](along=Smoothed),
    ]


def from_the_start(study: Study) -> dict[str, Comparison]:
    """Return all methods' runs from the paper's starts, by function; only the path model's differ from run to run."""
    seeds, most = study.pick((2, 2_001), (20, 20_001))
    names = study.pick(("ackley",), tuple(FAMILIES))
    grids = [
        Grid.of([problem(name)], [*rivals(name), PathLearning(study.pick(0.3, 1.0))], seeds=seeds, budget=most)
        for name in names
    ]
    return dict(zip(names, study.compare(*grids), strict=True))


def neighborhoods(study: Study) -> tuple[list[float], list[Comparison]]:
    """Return the radii, and the runs from discs of these radii around Ackley's start, 1,000 gradients each."""
    radii = study.pick([1.0, 8.0], [1.0, 2.0, 4.0, 8.0])
    problems = [problem("ackley", radius) for radius in radii]
    grids = [Grid.of(problems, rivals("ackley"), seeds=study.pick(6, 100), budget=1001)]
    if study.full:
        grids.append(Grid.of(problems, [PathLearning()], seeds=20, budget=1001))
    return radii, study.compare(*grids)


def levels(part: list[Any]) -> dict[str, Any]:
    """Return how well the path model solves every level after its training.

    Parameters
    ----------
    part : (str, int, float)
        The function, the seed, and the share of the authors' steps.

    Returns
    -------
    dict
        ``value``, f at x(1); ``left``, at eleven levels, the part of the way down from the start that is left:
        H(x(t), t) - H(best, t) over H(start, t) - H(best, t), where the best point is the tracked one.
    """
    name, seed, share = part
    family, method = FAMILIES[name], PathLearning(share)
    value = np.nan
    for _, value, _ in method.steps(family, family.start, np.random.default_rng(seed)):  # noqa: B007
        pass
    points = method.model(LEVELS).astype(float)  # type: ignore[misc]
    left = []
    for t, x, best in zip(LEVELS, points, tracked_minimum(family, LEVELS), strict=True):
        s = float(level(family, t))
        low = float(family.value(*best, s))
        left.append((float(family.value(*x, s)) - low) / (float(family.value(*family.start, s)) - low))
    return {"value": float(value), "left": left}


def _price(comparison: Comparison, start: str) -> dict[str, float]:
    """Return E* in gradients by the short names of the methods."""
    found = {label(s.method): s.expected.value for s in comparison.summaries(start)}
    return {name: float(value) for name, value in found.items()}


def _run(study: Study) -> Outcome:
    names = study.pick(("ackley",), tuple(FAMILIES))
    forms = {name: closed_forms(name, study.pick(5, 20)) for name in FAMILIES}
    exact, ridge = rosenbrock_path(), ridge_path()
    starts = from_the_start(study)
    radii, near = neighborhoods(study)
    seeds, share = study.pick(([0], 0.3), (list(range(5)), 1.0))
    parts = [[name, seed, share] for name in names for seed in seeds]
    trained = study.each("levels", levels, parts)
    learned = {name: [t for part, t in zip(parts, trained, strict=True) if part[0] == name] for name in names}
    rate = {(s.problem, label(s.method)): s.rate for c in starts.values() for p in c.problems for s in c.summaries(p)}
    rate |= {(s.problem, label(s.method)): s.rate for c in near for p in c.problems for s in c.summaries(p)}
    left = {name: np.median([one["left"] for one in found], axis=0) for name, found in learned.items()}
    numbers = {f"{name} {key}": value for name, found in forms.items() for key, value in found.items()}
    numbers |= {"rosenbrock path": exact["error"], "rosenbrock half": exact["half"], "ridge path": ridge["error"]}
    numbers |= {f"{method} {name}": one.rate for (name, method), one in rate.items()}
    numbers |= {f"left {name}": float(found.max()) for name, found in left.items()}
    rows = _rows(forms, exact, ridge, {"starts": starts, "rate": rate, "left": left, "learned": learned})
    costs = [expected(found, f"From the paper's start: {name}") for name, found in starts.items()]
    costs += [expected(found, "Ackley's function, from discs around (5, 5), 1,000 gradients a run") for found in near]
    tables = (_levels_table(left),)
    pictures = (radii_picture(near, radii), trajectories(study.pick(0.0, 1.0)))
    return Outcome(rows, numbers, tuple(costs), tables, pictures, _findings(starts, rate, exact, radii, left))


def _rows(forms: Any, exact: Any, ridge: Any, ran: dict[str, Any]) -> tuple[Any, ...]:
    starts, rate, left, learned = ran["starts"], ran["rate"], ran["left"], ran["learned"]
    polynomial = [forms[name] for name in ("himmelblau", "rosenbrock")]
    wrong = max(form["mean"] for form in polynomial)
    slope = max(max(form["gradient"], form["heat"]) for form in polynomial)
    price = {name: _price(found, found.problems[0]) for name, found in starts.items()}
    reached = {name: rate[found.problems[0], "path learning"] for name, found in starts.items()}
    better = [name for name in price if price[name]["path learning"] < price[name]["double loop"]]
    means = {name: float(np.mean([one["value"] for one in found])) for name, found in learned.items()}
    return (
        claim(
            "the closed forms are the means under normal noise",
            "exact (authors' code)",
            f"off by {wrong:.0e}, derivatives in x and s by {slope:.0e}",
            wrong < 1e-12 and slope < 1e-6,
            "1e-12 against Gauss-Hermite, 1e-6 against differences",
        ),
        claim(
            "Rosenbrock's path: the tracker's points",
            "the path is (1/(1 + 400 s²), x² + s²)",
            f"{exact['points']:.0f} points, at most {exact['error']:.0e} off",
            exact["error"] < 1e-4,
            "distance below 1e-4; the formula follows from the closed form",
        ),
        claim(
            "the regression's path: the tracker's points",
            "ridge regression at every t",
            f"{ridge['points']:.0f} points, at most {ridge['error']:.0e} off",
            ridge["error"] < 1e-4,
            "distance from the normal equations below 1e-4",
        ),
        claim(
            "the path model finds the global minimum",
            "stated for the whole method, no rate could be read",
            ", ".join(f"{name} {one.rate * one.runs:.0f} of {one.runs}" for name, one in reached.items()),
            all(one.rate == 1 for one in reached.values()),
            "every run from the paper's start",
        ),
        claim(
            "it improves homotopy optimization",
            "significantly (abstract)",
            ", ".join(
                f"{name}: {one['path learning']:,.0f} gradients, two loops {one['double loop']:,.0f}"
                for name, one in price.items()
            ),
            len(better) == len(price),
            "E* below that of two loops on each function",
        ),
        claim(
            "the model gives the solution of every level",
            "any intermediate solution (abstract)",
            ", ".join(f"{name}: at most {_percent(one.max())} % of the way left" for name, one in left.items()),
            all(one.max() < 0.01 for one in left.values()),
            "median over runs below 1 % at eleven levels",
        ),
        unread(
            "mean of f at the end",
            ", ".join(f"{name} {value:.2g}" for name, value in means.items()),
            "the paper's table could not be read",
        ),
    )


def _percent(part: float) -> str:
    """Return a part in percent, to two digits, to the whole number from 10 on."""
    return f"{100 * part:.0f}" if part >= 0.1 else f"{100 * part:.2g}"


def _levels_table(left: dict[str, Any]) -> Table:
    rows = tuple((name, *map(_percent, found)) for name, found in left.items())
    return Table(
        "What the path model leaves at each level",
        ("function", *(f"t = {t:.1f}" for t in LEVELS)),
        rows,
        "Percent of the fall from the start to the tracked minimum of H(., t) that the model's point lacks; medians.",
    )


def _findings(starts: Any, rate: Any, exact: Any, radii: Any, left: Any) -> tuple[str, ...]:
    near, far = (f"ackley:radius={radius:g}" for radius in (radii[0], radii[-1]))
    found = [
        f"Gradients a success from the paper's start, {name}: "
        + ", ".join(
            f"{method} {value:,.0f}" if np.isfinite(value) else f"{method} never succeeds"
            for method, value in sorted(_price(one, one.problems[0]).items(), key=lambda item: item[1])
        )
        + "."
        for name, one in starts.items()
    ]
    worst = max(left, key=lambda name: left[name].max())
    where = float(LEVELS[int(np.argmax(left[worst]))])
    text = [f"{method} {100 * rate[far, method].rate:.0f} %" for name, method in rate if name == far]
    return (
        "Of the three functions only Ackley's has minima that are not global: all four of Himmelblau's are, and "
        "Rosenbrock's has one. On those two no homotopy can find a better minimum, only find it sooner or later.",
        *found,
        f"The path model follows the path worst for {worst}: at t = {where:.1f} the median of "
        f"{_percent(left[worst].max())} % of the fall from the start to the tracked minimum is left, at t = 1 "
        f"{_percent(left[worst][-1])} %.",
        f"Ackley's function is even, so the exact path of the homotopy is the single point 0, whatever the start: what "
        f"is tracked is a minimum of the mean at s = 1 that every start reaches. Out of the disc of radius "
        f"{radii[-1]:g}, with 1,000 gradients: {', '.join(text)}; L-BFGS from radius {radii[0]:g}: "
        f"{100 * rate[near, 'lbfgs'].rate:.0f} %. Gradient descent with a step of {CHOSEN['ackley'].plain:g}, longer "
        "than the ripples allow, needs no homotopy to leave them: "
        f"{100 * rate[near, 'gd, best step'].rate:.0f} % from radius {radii[0]:g}.",
        f"Rosenbrock's path makes half of its way in x while s falls from {exact['half']:.3f} to 0, the last "
        f"{100 * exact['half'] / FAMILIES['rosenbrock'].width:.1f} % of it: the smoothed problems say where the valley "
        "is, not where the minimum in it is.",
    )


PAPER = Paper(
    key="lin2023",
    title="Continuation path learning for homotopy optimization",
    citation="X. Lin, Z. Yang, X. Zhang and Q. Zhang, ICML 2023, PMLR 202:21288-21311 (arXiv 2307.12551).",
    link="https://proceedings.mlr.press/v202/lin23n.html",
    claim="A net that maps the level t of a homotopy to a point x(t) is trained at several levels at once. It "
    "optimizes the true problem and all smoothed ones together, improves homotopy optimization and gives the solution "
    "of every level. The test functions are Ackley's, Himmelblau's and Rosenbrock's under normal noise of standard "
    "deviation s, which falls from 1, 2 and 1.5 to 0.",
    choices=(
        "Starts, steps, levels, rates, net and closed forms are those of the authors' published code; abstract read, "
        "the tables of the paper could not be, so no number of theirs stands here.",
        "The path model is written anew in NumPy, in float32 like theirs. Leading it to the start takes 1,000 steps "
        "that use no gradient of f; they cost nothing in gradients, but seconds.",
        "The authors have no closed form for Ackley's function and take one sample a level, as ours does; all other "
        "methods use one that we derived: a cosine series times one, and an integral by a trapezoidal rule, both exact "
        "to rounding.",
        "A run succeeds at a value of 0.01, for Ackley's function 0.1: its minimum is a kink, and its next minimum is "
        "2.58.",
        "gd without a step takes the package's safe one; that with a step, one loop and two have the steps, the factor "
        "of s and the bound on the gradient that are best on 20 runs that are not shown, from discs around 0 (see "
        "`iwakiri2022`). The path model has the authors' settings.",
        "One sample of Ackley's function takes two values, counted as one gradient; a smoothed gradient in closed form "
        "counts as one gradient.",
    ),
    run=_run,
)
