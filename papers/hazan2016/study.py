"""Which functions are nice, what graduated optimization does on them, and how its error falls with the steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.experiments import expected_cost

from ..frame import Outcome, Paper, Spent, Study, Table, claim, prices, unread
from .figures import minimizers_picture, rate_picture
from .nice import BY_NAME, net_conditions, niceness, other_minima
from .runs import FIRST, METHODS, PROBLEMS, end_of_path, run, stochastic_errors

__all__ = ["PAPER", "minimizers_picture", "rate_picture"]

BOWL, TRAP = "rippled bowl", "trap: narrow global basin"
SCALES = (0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""First scales of the trap's paths."""


def _conditions(study: Study) -> dict[str, dict[str, Any]]:
    """Return `niceness` of every function."""
    parts = [[name, study.pick(1, 4)] for name in BY_NAME]
    return dict(zip(BY_NAME, study.each("niceness", niceness, parts), strict=True))


def _runs(study: Study) -> list[Spent]:
    """Return what the runs of all methods spent, the same starts for each."""
    names, seeds = study.pick((BOWL,), tuple(PROBLEMS)), study.pick(5, 100)
    parts = [[name, method, seed] for name in names for method in METHODS for seed in range(seeds)]
    found = np.array(study.each("runs", run, parts), dtype=float).reshape(len(names), len(METHODS), seeds, 4)
    return [Spent(name, method, *found[i, j].T) for i, name in enumerate(names) for j, method in enumerate(METHODS)]


def _rate(study: Study) -> tuple[list[int], dict[str, list[list[float]]]]:
    """Return numbers of steps, and the errors of the runs at each, with noise and without."""
    stages = study.pick((1, 2, 3), (1, 2, 3, 4, 5, 6))
    runs = study.pick(20, 100)
    steps = [sum(FIRST * 4**m for m in range(one)) for one in stages]
    parts = [[one, runs, noise] for noise in (1.0, 0.0) for one in stages]
    found = study.each("rate", stochastic_errors, parts)
    return steps, {"noisy": found[: len(stages)], "without noise": found[len(stages) :]}


def _exponent(steps: list[int], errors: list[list[float]]) -> tuple[float, float, float]:
    """Return the slope of log steps against log 1 / error from the second point on, and its 95 % bootstrap interval."""
    data, rng = np.array(errors)[1:], np.random.default_rng(0)

    def slope(some: Any) -> float:
        return float(np.polyfit(-np.log(some.mean(axis=1)), np.log(steps[1:]), 1)[0])

    drawn = [slope(data[:, rng.integers(0, data.shape[1], data.shape[1])]) for _ in range(500)]
    return slope(data), float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def _solved(one: Spent) -> float:
    return float(np.mean(~np.isnan(np.asarray(one.to_success, dtype=float))))


def _run(study: Study) -> Outcome:
    found, spent, (steps, errors) = _conditions(study), _runs(study), _rate(study)
    net = study.each("net", net_conditions, [study.pick(2, 12)])[0]
    ends = {first: end_of_path(first) for first in SCALES}
    share = {(one.problem, one.method): _solved(one) for one in spent}
    exponents = {name: _exponent(steps, one) for name, one in errors.items()}
    many = other_minima(BOWL, 2.0)
    numbers: dict[str, float] = {f"nice {name}": one["nice"] for name, one in found.items()}
    numbers |= {f"sigma {name}": one["sigma"] for name, one in found.items()}
    numbers |= {f"{method}, {name}": value for (name, method), value in share.items()}
    numbers |= {f"exponent {name}": one[0] for name, one in exponents.items()}
    numbers |= {"minima of the bowl": float(many), "net moves": max(np.diff(net["distance"]))}
    numbers |= {f"path from {first:g}": end for first, end in ends.items()}
    rows = _rows(found[BOWL], many, share, exponents)
    shown = {name: found[name] for name in (TRAP, "himmelblau", "rosenbrock")}
    pictures = (minimizers_picture(shown), rate_picture(steps, errors))
    tables = (_nice_table(found), _net_table(net))
    costs = (prices(spent, "Functions"),)
    return Outcome(rows, numbers, costs, tables, pictures, _findings(found, spent, share, net, ends))


def _rows(bowl: Any, many: int, share: Any, exponents: Any) -> tuple[Any, ...]:
    whole = bowl["nice"] == bowl["scales"][0]
    reached, caught = share[BOWL, "graduated"], share[BOWL, "gd"]
    texts = {name: f"{one[0]:.2f} [{one[1]:.2f}, {one[2]:.2f}]" for name, one in exponents.items()}
    return (
        claim(
            "a nice function can have many local minima",
            "a family of non-convex functions (abstract)",
            f"rippled bowl: {many} other minima on its axis, nice with σ = {bowl['sigma']:.2f}",
            whole and many > 0,
            "both conditions at all scales from 1 to 1/256, and other minima",
        ),
        claim(
            "there graduated optimization finds the global minimum",
            "provably (abstract)",
            f"{100 * reached:.0f} % of the runs; gradient descent {100 * caught:.0f} %",
            reached == 1 and caught < 1,
            "every run, and gradient descent not in every run",
        ),
        claim(
            "steps to an error ε grow no faster than 1/ε²",
            "O(1/ε²) (abstract)",
            f"as ε to the power −{texts['without noise']}",
            exponents["without noise"][2] <= 2,
            "95 % interval of the exponent at most 2",
        ),
        claim(
            "the same with noisy gradients",
            "the same rate (abstract)",
            f"as ε to the power −{texts['noisy']}",
            exponents["noisy"][2] <= 2,
            "95 % interval of the exponent at most 2",
        ),
        unread("the paper's experiment", "not run", "its settings and numbers could not be read"),
    )


def _nice_table(found: dict[str, Any]) -> Table:
    rows = []
    for name, one in found.items():
        moved, convex = np.array(one["moved"]), np.array(one["convex"])
        scales = np.array(one["scales"])
        rows.append(
            (
                name.replace("|", "/"),
                f"{scales[0]:g}",
                "all" if (moved <= 1).all() else f"{100 * np.mean(moved <= 1):.0f} %",
                f"{moved.max():.2g}",
                "all" if (convex > 0).all() else f"{100 * np.mean(convex > 0):.0f} %",
                f"{one['nice']:.3g}" if one["nice"] else "none",
                f"{one['sigma']:.3g}" if one["nice"] else "-",
            )
        )
    headings = ("function", "first δ", "(i) holds", "longest move", "(ii) holds", "nice from δ =", "σ")
    note = (
        "Scales from the first to 1/256 of it. (i): the minimizer of the mean moves by at most δ/2 when δ is halved; "
        "the longest move is in units of δ/2. (ii): the mean is strongly convex within 3δ of its minimizer. The last "
        "columns: from which δ on both hold at all smaller scales, and the least curvature there."
    )
    return Table("Which functions are nice", headings, tuple(rows), note)


def _net_table(net: dict[str, Any]) -> Table:
    rows = tuple(
        (f"{s:.3f}", f"{distance:.2f}", f"{curvature:.1e}")
        for s, distance, curvature in zip(net["deviations"], net["distance"], net["curvature"], strict=True)
    )
    headings = ("deviation of the noise", "distance of the lowest point from 0", "least curvature there")
    note = "XOR, 2-2-1, tanh units, normal noise on all nine weights, in closed form; lowest of seven descents at each."
    return Table("A net", headings, rows, note)


def _findings(found: Any, spent: Any, share: Any, net: Any, ends: Any) -> tuple[str, ...]:
    cost = {(one.problem, one.method): expected_cost(one.cost, one.to_success).value for one in spent}
    jump = int(np.argmax(np.diff(net["distance"])))
    before, after = net["deviations"][jump : jump + 2]
    good = [first for first, end in ends.items() if abs(end - 1.5) < 0.1]
    told_good = ", ".join(f"{one:g}" for one in good) or "none"
    lines = []
    for problem in dict.fromkeys(one.problem for one in spent):
        told = [
            f"{method} {cost[problem, method]:,.0f}"
            if np.isfinite(cost[problem, method])
            else f"{method} never succeeds"
            for method in METHODS
        ]
        lines.append(f"Gradients a success, {problem.partition(':')[0]}: {', '.join(told)}.")
    tests = ", ".join(
        f"{name} " + (f"only below δ = {found[name]['nice']:.2g}" if found[name]["nice"] else "at no scale")
        for name in ("ackley", "himmelblau", "rosenbrock")
    )
    even, wide = "", ""
    if ("ackley", "graduated") in share:
        even = (
            " Graduated optimization finds Ackley's minimum all the same, in "
            f"{100 * share['ackley', 'graduated']:.0f} % of the runs, since the function is even: the conditions are "
            "sufficient, not necessary."
        )
        wide = f" Graduated optimization finds it in {100 * share[TRAP, 'graduated']:.0f} % of the runs."
    allowed = float(before * np.sqrt(11) / 2)
    verdict = "not nice" if net["distance"][jump + 1] > allowed else "not shown to violate (i)"
    return (
        f"The usual test functions are not nice where it would help: {tests}.{even}",
        "In one variable a nice function has no other stationary point within 2δ of its minimizer m, δ the first "
        "scale: by (i) m + δ is within 2δ of the minimizer at δ, and there (ii) says f'(m + 2δ) ≥ f'(m) + 2σδ, at "
        "every smaller δ too. In two variables ripples can average out faster than they must be smoothed; so the bowl "
        "can have other minima and be nice.",
        f"The net is {verdict}. Between deviations {before:.2f} and {after:.2f} its lowest point leaves 0, where all "
        f"copies of a net under its symmetries meet, by {net['distance'][jump + 1]:.1f}, while (i) would allow "
        f"{allowed:.1f}; its least curvature is {min(net['curvature'][jump + 1 :]):.0e} to "
        f"{max(net['curvature'][jump + 1 :]):.0e} from there on. From a minimizer that is its own copy to one of many "
        "copies there is only a jump, which (i) forbids, or a bifurcation, where (ii) fails.",
        f"The trap's global minimum is narrow.{wide} The path tracked from the least mean ends there from first scales "
        f"{told_good}, of {', '.join(f'{one:g}' for one in ends)}: what it meets is a matter of where it begins.",
        *lines,
    )


PAPER = Paper(
    key="hazan2016",
    title="On graduated optimization for stochastic non-convex problems",
    citation="E. Hazan, K. Y. Levy and S. Shalev-Shwartz, ICML 2016, PMLR 48:1833-1841 (arXiv 1503.03712).",
    link="https://proceedings.mlr.press/v48/hazanb16.html",
    claim="f is smoothed over balls of radius δ, which is halved. f is σ-nice if (i) the minimizer of the mean moves "
    "by at most δ/2 at each halving and (ii) the mean is σ-strongly convex within 3δ of its minimizer. For nice "
    "functions graduated optimization reaches an error ε in O(1/ε²) gradient steps, also with noisy gradients.",
    choices=(
        "The abstract could be read, and the definition as others restate it; the algorithm's constants and the "
        "experiment could not. Functions, steps and stages are ours.",
        "The conditions are checked at scales from a first one to 1/256 of it, four to each halving, and (ii) on a "
        "grid of 300 to 2,000 points of each ball: a numerical check, no proof. Means over intervals are exact; those "
        "over discs are integrals over circles, by the divergence theorem.",
        "The rippled bowl is |x|²/2 + (3/k) cos(k x₁) r⁴/(1 + r⁴), k = 600: ripples whose slope is up to 3, so that "
        "they make minima, and whose mean over a disc falls like (kδ)^(-3/2).",
        "For the rate each halving of δ has four times the steps, 1/(σ(k + 20)) long, averaged over the second half.",
        "In the comparison graduated optimization makes 100 stochastic steps of length δ/(L(1 + k/10)) at each of "
        "seven scales, L the largest slope, then descends f itself; gradient descent has 1/(largest curvature), and "
        "ten times that. A run may take 5,000 gradients. The tracker's means are integrals whose every point counts as "
        "a value, which makes its gradients dear in two variables; with the search for the first minimizer it may "
        "exceed 5,000.",
        "The net's noise is normal, since its mean is then a closed form; a ball of radius δ has as long displacements "
        "as the deviation δ/sqrt(n + 2).",
    ),
    run=_run,
)
