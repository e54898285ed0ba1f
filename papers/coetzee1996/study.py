"""The census of exclusive or, searches for its stationary points, and the natural homotopy from linear to nonlinear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import homotopy as hp
from homotopy.experiments import Comparison, Grid

from ..frame import Outcome, Paper, Row, Study, claim, expected, unread
from .census import census, named, package_l2
from .figures import counts_picture, picture
from .natural import on_xor, one_layer, penalized
from .search import SEARCHES, STARTS, curves, discovery, roots, searched
from .tables import censuses, searches_table
from .words import CHOICES, CLAIM, found_out

__all__ = ["METHODS", "PAPER", "PENALTIES", "tasks"]

SUMS = (1e-2, 1e-3)
"""Penalties of a sum of squared errors that are asked for; the package's ``l2`` is a quarter of it."""
MEANS = (1e-2, 1e-3)
"""The same numbers as the package's own ``l2``."""
PENALTIES = (1e-4, 2.5e-4, 1e-3, 2.5e-3, 1e-2, 0.03, 0.05, 0.1, 0.2, 0.3)
METHODS = ("gd", "lbfgs", "lm", "diffusion", "era", "width", "omp", "auto")
NOISES = (0.0, 0.3, 1.0)
EXTREME = 10.0
Found = dict[str, Any]


def start(rng: np.random.Generator) -> Any:
    """Return a start: nine weights, uniform in [-1, 1]."""
    return rng.uniform(-1.0, 1.0, 9)


def tasks(least: Mapping[float, float]) -> list[hp.Problem]:
    """Return the problems of finding the global minimum, from the package's ``l2`` and the loss there.

    A run is solved within 1e-6 of the lowest loss of the census.
    """
    return [
        hp.Problem(
            name=f"global minimum of {named(2, l2)}",
            objective=hp.problem(named(2, l2)).objective,
            start=start,
            optimum=value,
            tolerance=1e-6,
            source="the optimum is the lowest stationary point of the census",
        )
        for l2, value in least.items()
    ]


def _censuses(study: Study) -> dict[tuple[int, float], Found]:
    """Return all censuses by hidden units and l2."""
    wide = [(hidden, l2, 20, False) for hidden in (1, 3) for l2 in MEANS]
    swept = [(2, l2, 20 if l2 not in MEANS else 200, l2 in (*MEANS, *map(package_l2, SUMS))) for l2 in PENALTIES]
    cases = [*swept, *wide] if study.full else [(2, 0.01, STARTS, False)]
    found = study.each("census", census, cases)
    return {(case[0], case[1]): one for case, one in zip(cases, found, strict=True)}


def _searches(study: Study, most: int) -> dict[str, Found]:
    """Return what each search found, by name."""
    size, parts = study.pick((100, 1), (2500, 4))
    asked: list[Any] = [(i * size, size) for i in range(parts)]
    out = {"root": discovery(_joined(study.each("roots", roots, asked)), most)}
    for name in SEARCHES if study.full else ("newton",):
        number, parts = study.pick((4, 1), ((25, 6) if name == "newton" else (12, 4)))
        cases = [(name, i * number, number) for i in range(parts)]
        runs = _joined(study.each(name, curves, cases))
        passed = [len(set(run["points"])) for run in runs]
        known = {"runs": len(runs), "reach": sum(n > 0 for n in passed), "several": sum(n > 1 for n in passed)}
        out[name] = discovery(runs, most) | known | {"longest": max(passed)}
    return out


def _joined(parts: list[list[Found]]) -> list[Found]:
    return [run for part in parts for run in part]


def _ratios(found: Mapping[tuple[int, float], Found]) -> tuple[tuple[Row, ...], dict[str, float]]:
    """Return the rows of the ratio of saddles to minima and the counts."""
    rows: list[Row] = [
        unread(
            "stationary points of XOR",
            f"{len(found[2, 0.01]['values'])} up to order and signs of the hidden units, "
            f"{sum(found[2, 0.01]['copies'].values())} with all copies (2-2-1 tanh, l2 = 0.01)",
            "488 is in the paper's title; of which net it is the number could not be read",
        )
    ]
    numbers: dict[str, float] = {}
    for (hidden, l2), one in found.items():
        saddles = sum(n for index, n in one["copies"].items() if index != "0")
        minima = one["copies"]["0"]
        if l2 == 0.01 and hidden > 1:
            rows.append(
                claim(
                    f"an extreme ratio of saddle points to local minima: 2-{hidden}-1",
                    "extreme",
                    f"{saddles:,} saddles to {minima} minima with copies, {saddles / minima:.1f} to one; all have "
                    f"index {max(one['index'])} or less",
                    saddles >= EXTREME * minima,
                    f"{EXTREME:g} saddles to a minimum or more, our reading of extreme",
                )
            )
        label = f"2-{hidden}-1 l2={l2:g}"
        numbers |= {f"{label} index {i}": n for i, n in one["copies"].items()}
        numbers |= {f"{label} points": len(one["values"]), f"{label} sum": one["morse"], f"{label} least": one["least"]}
    return tuple(rows), numbers


def _after(found: Mapping[str, Found]) -> tuple[Row, ...]:
    """Return the rows of the curves that pass one stationary point after another."""
    told = "; ".join(
        f"{name}: {one['reach']} of {one['runs']} curves pass one or more, {one['several']} several, at most "
        f"{one['longest']}"
        for name, one in found.items()
        if name in SEARCHES
    )
    rows = [
        claim(
            "a homotopy gives stationary points one after another",
            "yes",
            told,
            any(one["several"] for name, one in found.items() if name in SEARCHES),
            "a curve passes two or more different ones",
        )
    ]
    if "fixed-point" in found:
        one = found["fixed-point"]
        rows.append(
            claim(
                "a homotopy that converges from every start",
                "globally convergent",
                f"{one['reach']} of {one['runs']} fixed-point curves reach a stationary point",
                one["reach"] == one["runs"],
                "all of them do",
            )
        )
    return tuple(rows)


def _natural(study: Study) -> tuple[tuple[Row, ...], Found, dict[str, float]]:
    """Return the rows of the natural homotopy, what was found, and numbers."""
    runs = study.each("natural", on_xor, list(range(study.pick(1, 20))))
    stays = penalized(0.01)
    data = study.pick(5, 50)
    layers = {noise: study.each(f"layer {noise:g}", one_layer, [(s, noise) for s in range(data)]) for noise in NOISES}
    good = {
        n: sum(r["status"] == "REACHED_TARGET" and r["value"] < r["best"] + 1e-8 for r in some)
        for n, some in layers.items()
    }
    ends = {n: sum(r["status"] == "REACHED_TARGET" for r in some) for n, some in layers.items()}
    away = {n: sum(r["status"] == "RUNS_TO_INFINITY" for r in some) for n, some in layers.items()}
    numbers = {f"layer {n:g} good": good[n] / data for n in NOISES}
    numbers |= {f"layer {n:g} ends": ends[n] / data for n in NOISES} | {"start zero": min(r["zero"] for r in runs)}
    numbers["start singular"] = sum(r["plain"] == "SINGULAR" for r in runs)
    numbers |= {"penalized value": stays["value"], "penalized moved": stays["moved"]}
    found: Found = {"runs": runs, "stays": stays, "good": good, "ends": ends, "away": away, "data": data}
    return _natural_rows(found), found, numbers


def _natural_rows(found: Found) -> tuple[Row, ...]:
    """Return the rows of the natural homotopy."""
    runs, good, ends, away, data = (found[key] for key in ("runs", "good", "ends", "away", "data"))
    zero, singular = min(r["zero"] for r in runs), sum(r["plain"] == "SINGULAR" for r in runs)
    told = sum(r["told"] for r in runs)
    return (
        claim(
            "with a hidden layer the linear solution is a bifurcation point",
            "a bifurcation point",
            f"{zero} of 9 curvatures vanish there; the tracker ends with SINGULAR in {singular} of {len(runs)} starts, "
            f"and says so where it perturbs the start ({told} of {len(runs)})",
            zero > 0 and singular == told == len(runs),
            "vanishing curvatures, and every path reports them",
        ),
        claim(
            "one layer: the natural homotopy converges from least squares",
            "globally convergent, valid",
            f"the path comes to t = 1 on {ends[0.0]} of {data} data sets without noise and on {ends[0.3]} of {data} "
            "with noise 0.3",
            ends[0.0] == ends[0.3] == data,
            "t = 1 reached on all of these; the paper's conditions could not be read",
        ),
        unread(
            "one layer: the end of that path is the best that is known",
            f"loss within 1e-8 of the lowest of 20 minimizations, or lower, on {good[0.0]} and {good[0.3]} of {data}",
            "whether the paper claims it could not be read",
        ),
        claim(
            "one layer: there are data with local minima or infinite weights",
            "conditions for both",
            f"with noise 1 the path runs to infinity on {away[1.0]} of {data} data sets, and ends at the lowest on "
            f"{good[1.0]}",
            away[1.0] > 0 or good[1.0] < data,
            "some path runs to infinity, or is not the lowest",
        ),
    )


def _compare(study: Study, least: Mapping[float, float]) -> Comparison:
    """Return the runs of methods that look for the global minimum."""
    methods = study.pick(("gd", "lbfgs", "omp", "auto"), METHODS)
    seeds, budget = study.pick((20, 3000.0), (200, 20_000.0))
    return study.compare(Grid.of(tasks(least), methods, seeds=seeds, budget=budget))[0]


def _run(study: Study) -> Outcome:
    found = _censuses(study)
    searches = _searches(study, len(found[2, 0.01]["values"]))
    ours = searched(1) if study.full else {}
    first, numbers = _ratios(found)
    third, natural, more = _natural(study)
    least = {l2: found[2, l2]["least"] for l2 in MEANS if (2, l2) in found}
    comparison = _compare(study, least)
    numbers |= more | {f"{name} found": one["found"] for name, one in searches.items()}
    numbers |= {f"{name} outside": one["outside"] for name, one in searches.items()}
    for problem in comparison.problems:
        numbers |= {f"{s.method} {problem}": s.rate.rate for s in comparison.summaries(problem)}
    swept = [l2 for l2 in PENALTIES if (2, l2) in found]
    pictures = [picture(found[2, 0.01], searches, ours)]
    if study.full:
        pictures.append(counts_picture(swept, [found[2, l2] for l2 in swept]))
    return Outcome(
        (*first, *_after(searches), *third),
        numbers,
        (expected(comparison, "The global minimum of XOR with a penalty"),),
        (censuses(found), searches_table(searches, ours)),
        tuple(pictures),
        found_out(found, searches, ours, natural, comparison),
    )


PAPER = Paper(
    key="coetzee1996",
    title="488 Solutions to the XOR Problem",
    citation="F. M. Coetzee and V. L. Stonick, Advances in Neural Information Processing Systems 9 (1996); with their "
    "Topology and geometry of single hidden layer network, least squares weight solutions, Neural Computation 7 "
    "(1995) 672-705, and On a natural homotopy between linear and nonlinear single-layer networks, IEEE Transactions "
    "on Neural Networks, whose address is",
    link="https://doi.org/10.1109/72.485634",
    claim=CLAIM,
    choices=CHOICES,
    run=_run,
)
