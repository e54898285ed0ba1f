"""The parts of the escape page that its studies feed: controls, traps, scaling, noise, the start at zero, spirals."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.statistics.statistics import success_rate

__all__ = ["fit", "scaling_costs", "sections", "traps"]

Floats = NDArray[np.float64]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _share(wins: int, runs: int) -> str:
    rate = success_rate([True] * wins + [False] * (runs - wins))
    return f"{rate.rate:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


def _topic(studies: Mapping[str, Any], topic: str) -> list[tuple[tuple[Any, ...], Any]]:
    """Return the arguments and findings of a topic's studies."""
    out = []
    for key, found in studies.items():
        name, _, arguments = key.partition(" ")
        if name == topic:
            out.append((literal_eval(arguments), found))
    return out


def sections(studies: Mapping[str, Any]) -> list[str]:
    """Return the parts of the page for which there are findings."""
    made = (_controls, _traps, _scaling, _origin, _noise, _spirals)
    return [text for text in (make(studies) for make in made) if text]


def _controls(studies: Mapping[str, Any]) -> str:
    found = _topic(studies, "controls")
    if not found:
        return ""
    (k, _), rows = found[0]
    text = f"## Controls of the skip homotopy, teacher k = {k}\n\n"
    return text + _table(
        ("variant", "success [95 %]", "runs"), [[name, _share(wins, runs), f"{runs:,}"] for name, wins, runs in rows]
    )


def traps(studies: Mapping[str, Any]) -> tuple[NDArray[np.intp], Floats] | None:
    """Return the numbers of anti-aligned units and the losses of stuck minima, if they were measured."""
    found = _topic(studies, "traps")
    if not found:
        return None
    return np.array(found[0][1]["count"], dtype=np.intp), np.array(found[0][1]["loss"])


def _traps(studies: Mapping[str, Any]) -> str:
    pair = traps(studies)
    if pair is None:
        return ""
    count, loss = pair
    rows = []
    for n in np.unique(count):
        here = loss[count == n]
        rows.append([str(n), str(len(here)), f"{np.median(here):.4f}", f"{here.min():.4f} to {here.max():.4f}"])
    few = np.isin(count, (1, 2, 3, 4, 5)) & (loss > 1e-3)
    slope = float(np.polyfit(count[few], loss[few], 1)[0]) if len(np.unique(count[few])) > 1 else np.nan
    text = (
        "## Why the traps are there\n\nThe minima of plain L-BFGS at k = 20, by the number of anti-aligned units: "
        "units whose cosine with some teacher row is\nbelow -0.8. One wrong sign more raises the loss by "
        f"{slope:.4f}; among minima with the same number of wrong signs it is nearly\nthe same. Minima without an "
        "anti-aligned unit and with a large loss are of another kind, which this count does not see.\n\n"
    )
    return text + _table(("anti-aligned units", "minima", "median loss", "range"), rows)


def scaling_costs(studies: Mapping[str, Any]) -> dict[int, Floats]:
    """Return what runs of the skip homotopy cost to success, by k; NaN for failures."""
    out: dict[int, list[float]] = {}
    for (k, _, _), costs in sorted(_topic(studies, "scaling")):
        out.setdefault(k, []).extend(np.nan if c is None else c for c in costs)
    return {k: np.array(costs) for k, costs in sorted(out.items())}


def fit(costs: Mapping[int, Floats]) -> tuple[float, float]:
    """Return a and b of median cost = a k^b, by least squares of the logarithms.

    Examples
    --------
    >>> a, b = fit({4: np.array([6.0]), 16: np.array([12.0])})
    >>> round(a, 6), round(b, 6)
    (3.0, 0.5)
    """
    k = np.array(list(costs), dtype=np.float64)
    b, log_a = np.polyfit(np.log(k), np.log([np.nanmedian(c) for c in costs.values()]), 1)
    return float(np.exp(log_a)), float(b)


def _scaling(studies: Mapping[str, Any]) -> str:
    costs = {k: c for k, c in scaling_costs(studies).items() if np.isfinite(c).any()}
    if len(costs) < 2:
        return ""
    a, b = fit(costs)
    rows = []
    for k, cost in costs.items():
        won = np.isfinite(cost)
        middle, high = np.nanpercentile(cost, [50, 95])
        off = f"{round(100 * (a * k**b / middle - 1)):+d} %"
        rows.append([str(k), f"{len(cost):,}", _share(int(won.sum()), len(cost)), f"{middle:.0f}", f"{high:.0f}", off])
    most = max(costs, key=lambda k: len(costs[k]))
    failures = int(np.isnan(costs[most]).sum())
    text = (
        f"## How the cost of the skip homotopy grows\n\nOn orthonormal teachers, n = k = d: median cost = {a:.1f} "
        f"k^{b:.3f}, fitted to the medians below. At k = {most}\n{failures} of {len(costs[most]):,} runs fail.\n\n"
    )
    return text + _table(("k", "runs", "success [95 %]", "median", "95th percentile", "fit against median"), rows)


def _origin(studies: Mapping[str, Any]) -> str:
    found = _topic(studies, "origin")
    if not found:
        return ""
    rows, helps = [], []
    for (name, runs), n in found:
        rows.append([f"`{name}`", *(_share(n[key], runs) for key in ("convex", "near zero", "start"))])
        if n["convex"] > n["near zero"]:
            helps.append(name)
    text = (
        "## Controls of the convex start: the start at zero\n\nOne logistic unit with squared loss: how many runs "
        "reach the global minimum by L-BFGS from the minimum of the matching\nconvex loss, from near w = 0, and from "
        "the problem's own starts.\n\n"
    )
    text += _table(("problem", "from the convex loss", "from near zero", "from its starts"), rows)
    if helps:
        return text + f"\nThe convex start reaches it where the start at zero does not on: {', '.join(helps)}.\n"
    return text + (
        "\nThe convex start reaches the global minimum on no problem where the start at zero does not: it supplies a "
        "start near the\norigin, and does not help otherwise.\n"
    )


def _noise(studies: Mapping[str, Any]) -> str:
    """Return the share of runs within 5 % of the best known loss, with noise on the targets."""
    found = _topic(studies, "noisy")
    if not found:
        return ""
    within: dict[tuple[float, str], list[bool]] = {}
    ahead: dict[float, list[float]] = {}
    for (deviation, _, _), losses in sorted(found):
        best = min(min(values) for values in losses.values())
        for name, values in losses.items():
            within.setdefault((deviation, name), []).extend(np.array(values) <= 1.05 * best)
        gap = [float(np.mean(np.array(losses[name]) <= 1.05 * best)) for name in ("skip", "width")]
        ahead.setdefault(deviation, []).append(gap[0] - gap[1])
    names = list(dict.fromkeys(name for _, name in within))
    deviations = sorted(ahead)
    rows = []
    for name in names:
        shares = [within[deviation, name] for deviation in deviations]
        rows.append([name, *(_share(sum(share), len(share)) for share in shares)])
    text = (
        f"## Noisy labels\n\n`ts:act=relu` 8-8 with noise on the standardized targets, {len(ahead[deviations[0]])} "
        "teachers: share of runs whose final loss is within 5 % of\nthe best that any run of any method here reached "
        "on that teacher (the global minimum is unknown).\n\n"
    )
    text += _table(("method", *(f"deviation {deviation}" for deviation in deviations)), rows)
    for deviation in deviations:
        more, less = (int(np.sum(np.sign(ahead[deviation]) == sign)) for sign in (1, -1))
        text += (
            f"\nDeviation {deviation}: `skip` has the larger share on {more} teachers, `width` on {less}, equal on "
            f"{len(ahead[deviation]) - more - less}.\n"
        )
    return text


def _spirals(studies: Mapping[str, Any]) -> str:
    """Return what stops nets of 20 units on the spirals, and how small a pruned net can be."""
    ends, widths = _topic(studies, "separation"), _topic(studies, "capacity")
    if not ends and not widths:
        return ""
    text = "## Two spirals with 20 units\n\n"
    if ends:
        wrong: dict[str, list[float]] = {}
        for (name, _, _), found in sorted(ends):
            wrong.setdefault(name, []).extend(found["wrong"])
        rows = [
            [name, str(len(n)), str(int(np.sum(np.array(n) == 0))), f"{min(n):.0f}", f"{np.median(n):.0f}"]
            for name, n in wrong.items()
        ]
        text += "Points of 194 on the wrong side at the end of runs with a budget of 20,000 gradients:\n\n"
        text += _table(("method", "runs", "without an error", "fewest wrong", "median wrong"), rows)
    if widths:
        small = np.array([w for _, found in widths for w in found])
        text += (
            f"\nWhat stops the others is not capacity: nets pruned one unit at a time from {len(small)} solutions with "
            "30 units, with up to 3,000\nevaluations between, still separate all points at "
            f"{small.min()} units at the smallest and {np.median(small):.0f} in the median;\n"
            f"{int((small <= 20).sum())} of {len(small)} come down to 20 or fewer.\n"
        )
    return text
