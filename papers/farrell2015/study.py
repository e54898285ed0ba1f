"""The deflated step, published numbers of solutions, and deflation against Newton's method from many starts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.landscape import critical_points

from ..frame import Outcome, Paper, Row, Spent, Study, Table, claim, number, prices
from .counting import NET, POINTS, STRATEGIES, search
from .equations import EQUATIONS, check_step, deflated, shooting
from .figures import picture

__all__ = ["PAPER", "PUBLISHED", "found_all", "searches", "settings"]

PUBLISHED = {
    ("Painlevé", 2.0, 1.0): (2, "defcon's test"),
    ("Painlevé", 3.0, 0.1): (2, "Chebfun's test"),
    ("Bratu", 1.0, 0.0): (2, "Chebfun's test"),
    ("Herceg", 1.0, 0.0): (3, "Chebfun's test"),
}
"""Equation, power and shift to how many solutions the test asserts, and whose test it is."""
POWERS, SHIFTS = (1.0, 2.0, 3.0), (0.0, 0.01, 0.1, 1.0)
SYSTEMS = ("3^2", "4^2", "3^3")
HALF = (POINTS + 1) // 2
Logs = dict[tuple[str, str], list[dict[str, Any]]]


def settings(part: tuple[str, float, float, bool, int]) -> list[list[float]]:
    """Return the solutions that one setting finds from the one guess: equation, power, shift, capped, points."""
    name, power, shift, capped, n = part
    return [[float(v) for v in u] for u in deflated(name, n, power, shift, capped=capped)]


def searches(study: Study) -> Logs:
    """Return the searches of every strategy, by system and strategy, each for seeds 0, 1, ..."""
    systems, seeds = study.pick(SYSTEMS[:1], SYSTEMS), study.pick(4, 20)
    parts = [(name, strategy, seed, 20_000) for name in systems for strategy in STRATEGIES for seed in range(seeds)]
    wide = study.pick(("newton from many starts", "deflated, tuned length"), tuple(STRATEGIES))
    parts += [("net", strategy, seed, study.pick(2_500, 40_000)) for strategy in wide for seed in range(seeds // 2)]
    logs: Logs = {}
    for (name, strategy, *_), found in zip(parts, study.each("searches", search, parts), strict=True):
        logs.setdefault((name, strategy), []).append(found)
    return logs


def found_all(logs: Sequence[Mapping[str, Any]], goal: int) -> dict[str, list[float]]:
    """Return what searches cost in all and until they had found so many points, NaN where they had not.

    Returns
    -------
    dict
        ``cost``, ``to``, ``seconds`` and ``seconds_to``, one entry a search.
    """
    out: dict[str, list[float]] = {"cost": [], "to": [], "seconds": [], "seconds_to": []}
    for one in logs:
        at = next((i for i, found in enumerate(one["found"]) if found >= goal), None)
        for name, key in (("cost", "cost"), ("seconds", "seconds")):
            out[name].append(one[key][-1])
        out["to"].append(float("nan") if at is None else one["cost"][at])
        out["seconds_to"].append(float("nan") if at is None else one["seconds"][at])
    return out


def _spent(logs: Logs) -> list[Spent]:
    """Return what it costs to find all roots, and half of the points of the net."""
    spent = []
    for (name, strategy), some in logs.items():
        goal = HALF if name == "net" else some[0]["wanted"]
        called = f"{goal} of {POINTS} points of the net" if name == "net" else f"all {goal} roots of T_m, m^d = {name}"
        one = found_all(some, goal)
        spent.append(Spent(called, strategy, one["cost"], one["to"], one["seconds"], one["seconds_to"]))
    return spent


def _rows(step: float, counts: Mapping[tuple[str, float, float, bool], int]) -> list[Row]:
    """Return the published numbers beside ours."""
    rows = [
        claim(
            "a deflated Newton step is the plain one over 1 - y, so that no dense matrix is needed",
            "yes (defcon's source)",
            f"largest relative difference {step:.0e} in 20 systems",
            step < 1e-10,
            "1e-10 against the dense Jacobian",
        )
    ]
    for (name, power, shift), (count, whose) in PUBLISHED.items():
        what = f"solutions of {name}'s equation from one guess, power {power:g}, shift {shift:g} ({whose})"
        rows.append(number(what, count, counts[name, power, shift, True], 0.0, form=".0f"))
    best = {name: max(many for key, many in counts.items() if key[0] == name) for name in EQUATIONS}
    rows.append(
        claim(
            "Newton's method converges to several different solutions from one and the same guess",
            "yes (abstract)",
            ", ".join(f"{name} {many}" for name, many in best.items()),
            min(best.values()) >= 2,
            "two or more of each equation, with some setting",
        )
    )
    return rows


def _settings_table(counts: Mapping[tuple[str, float, float, bool], int], shot: Mapping[str, int]) -> Table:
    """Return how many solutions each power and shift finds, with steps cut and uncut."""
    pairs = sorted({key[1:3] for key in counts})
    rows = []
    for power, shift in pairs:
        cells = []
        for name in EQUATIONS:
            both = [counts.get((name, power, shift, capped)) for capped in (True, False)]
            cells.append(" / ".join("" if c is None else str(c) for c in both).strip(" /"))
        rows.append((f"{power:g}", f"{shift:g}", *cells))
    rows.append(("shooting", "", *(str(shot[name]) for name in EQUATIONS)))
    note = "Solutions from the one guess: Newton steps cut to a root mean square of 1 / uncut. Shooting counts all."
    return Table("Power and shift", ("power", "shift", *EQUATIONS), tuple(rows), note)


def _findings(study: Study, counts: Any, shot: Mapping[str, int], logs: Logs, wrong: int) -> tuple[str, ...]:
    """Return what was found, in sentences."""
    all_found = {name: sum(c == shot[name] for key, c in counts.items() if key[0] == name) for name in EQUATIONS}
    tried = {name: sum(key[0] == name for key in counts) for name in EQUATIONS}
    told = [
        "Shooting, which uses no deflation, counts "
        + ", ".join(f"{shot[name]} solutions of {name}'s equation" for name in EQUATIONS)
        + "; deflation from one guess finds all of them with "
        + ", ".join(f"{all_found[name]} of {tried[name]}" for name in EQUATIONS)
        + " settings. Which power, shift and length of step succeed differs from equation to equation."
    ]
    plain, tuned = "newton from many starts", "deflated, tuned length"
    for name in [key[0] for key in logs if key[1] == plain and key[0] != "net"]:
        goal = logs[name, plain][0]["wanted"]
        both = [found_all(logs[name, s], goal) for s in (plain, tuned)]
        costs, times = ([float(np.mean(one[key])) for one in both] for key in ("to", "seconds_to"))
        told.append(
            f"All {goal} roots of the system {name} cost {costs[0]:,.0f} evaluations by Newton's method from many "
            f"starts and {costs[1]:,.0f} by deflation from the same starts: a factor of {costs[0] / costs[1]:.1f}, in "
            f"seconds one of {times[0] / times[1]:.1f}, since the operator has its own cost."
        )
    means = {s: float(np.mean([one["found"][-1] for one in logs["net", s]])) for name, s in logs if name == "net"}
    budget = study.pick(2_500, 40_000)
    told.append(
        f"On the net deflation does not help: within {budget:,} gradient-equivalents "
        + ", ".join(f"{mean:.1f} ({s})" for s, mean in means.items())
        + f" of the {POINTS} stationary points are met."
        if means[tuned] <= means[plain]
        else f"On the net, too, deflation meets more points: {means[tuned]:.1f} against {means[plain]:.1f} of {POINTS} "
        f"within {budget:,} gradient-equivalents."
    )
    told.append(f"Of all the roots that were found, {wrong} are none or were found before.")
    if study.full:
        begin = time.thread_time()
        points = critical_points(hp.problem(NET), 12, rng=0)
        most = max(found for key, some in logs.items() if key[0] == "net" for one in some for found in one["found"])
        told.append(
            f"The census of `homotopy.landscape`, which follows eigenvectors and knows the symmetries of the data, "
            f"finds {len(points)} points in {time.thread_time() - begin:.1f} s; the best search here {most}."
        )
    return tuple(told)


def _run(study: Study) -> Outcome:
    n = study.pick(100, 200)
    keys = [(name, power, shift, True) for name, power, shift in PUBLISHED]
    if study.full:
        keys = [(*k, c) for k in itertools.product(EQUATIONS, POWERS, SHIFTS) for c in (True, False)]
    solutions = dict(zip(keys, study.each("settings", settings, [[*key, n] for key in keys]), strict=True))
    counts = {key: len(some) for key, some in solutions.items()}
    shots = {name: shooting(name, *study.pick((1001, 500), (4001, 4000))) for name in EQUATIONS}
    shot = {name: len(some) for name, some in shots.items()}
    logs, step = searches(study), check_step()
    wrong = sum(one["wrong"] for some in logs.values() for one in some)
    numbers = {f"{key[0]} {key[1]:g} {key[2]:g}{'' if key[3] else ' uncut'}": float(c) for key, c in counts.items()}
    numbers |= {f"shooting {name}": float(c) for name, c in shot.items()}
    numbers |= {"step": step, "wrong roots": float(wrong)}
    for (name, strategy), some in logs.items():
        numbers[f"found {name}: {strategy}"] = float(np.mean([one["found"][-1] for one in some]))
        numbers[f"cost {name}: {strategy}"] = float(np.mean([one["cost"][-1] for one in some]))
    return Outcome(
        tuple(_rows(step, counts)),
        numbers,
        costs=(prices(_spent(logs), "Finding points, the same starts for all"),),
        tables=(_settings_table(counts, shot),),
        pictures=(picture(solutions, logs, n),),
        findings=_findings(study, counts, shot, logs, wrong),
    )


PAPER = Paper(
    key="farrell2015",
    title="Deflation techniques for finding distinct solutions of nonlinear partial differential equations",
    citation="P. E. Farrell, A. Birkisson and S. W. Funke, SIAM J. Sci. Comput. 37 (2015) A2026-A2045 "
    "(arXiv 1410.5620).",
    link="https://doi.org/10.1137/140984798",
    claim="Known solutions r are divided out of the residual, M(u) F(u) = 0 with M the product of |u - r|^-p + shift, "
    "so that Newton's method converges to several different solutions from one and the same guess; this is offered in "
    "place of many guesses (abstract). The deflated step is the plain one over 1 - y.",
    choices=(
        "The paper's own tables were not read. The equations, settings and numbers of solutions are those of the "
        "tests of defcon and Chebfun, which the authors wrote; both assert that so many solutions are found.",
        "Painlevé's equation is u'' = u^2 - x on (0, 10) with u(0) = 0 and u(10) = sqrt(10), which is that of defcon's "
        "test in other units; Bratu's u'' + 2 e^u = 0; Herceg's u''/16 = (u^2 + u - 3/4)(u^2 + u - 15/4), both on "
        "(0, 1) and zero at the ends.",
        "Central differences replace finite elements and Chebyshev series; guesses are the line between the ends; "
        "Newton steps are cut to a root mean square of 1, where defcon takes a tenth of each step.",
        "The Yamabe problem on an annulus in the plane (seven solutions in defcon's test), Navier-Stokes and phase "
        "separation were not attempted: they need finite elements in two dimensions.",
        "Polynomial systems, the net and the costs are ours. Lengths of the operator (0.3 and 0.1), the longest step "
        "and the spread of the starts were chosen on seeds from 1,000,000,000 on, the last two for all alike.",
    ),
    run=_run,
)
