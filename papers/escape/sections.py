"""The parts of the page that its studies feed: controls, traps, scaling, noise, the start at zero, spirals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments import Rate, success_rate
from homotopy.papers.escape.studies import Findings
from homotopy.report import markdown

__all__ = ["fit", "sections"]

Floats = NDArray[np.float64]


def _share(wins: int, runs: int) -> str:
    return _told(success_rate([True] * wins + [False] * (runs - wins)))


def _told(rate: Rate) -> str:
    return f"{rate.rate:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


def _over_teachers(found: Sequence[tuple[bool, int]]) -> Rate:
    """Return the rate of hits that come with the numbers of their teachers."""
    return success_rate([hit for hit, _ in found], problem=[teacher for _, teacher in found])


def sections(findings: Findings) -> list[str]:
    """Return the parts of the page for which there are findings."""
    made = (_controls, _traps, _scaling, _origin, _noise, _spirals)
    return [text for text in (make(findings) for make in made) if text]


def _controls(findings: Findings) -> str:
    if not findings.controls:
        return ""
    rows = [(one.name, _share(one.rate.successes, one.rate.runs), f"{one.rate.runs:,}") for one in findings.controls]
    text = f"## Controls of the skip homotopy, teacher k = {findings.k}\n\n"
    return text + markdown(("variant", "success [95 %]", "runs"), rows)


def _traps(findings: Findings) -> str:
    if findings.traps is None:
        return ""
    count, loss = findings.traps
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
    return text + markdown(("anti-aligned units", "minima", "median loss", "range"), rows)


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


def _scaling(findings: Findings) -> str:
    costs = {k: c for k, c in findings.scaling.items() if np.isfinite(c).any()}
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
    return text + markdown(("k", "runs", "success [95 %]", "median", "95th percentile", "fit against median"), rows)


def _origin(findings: Findings) -> str:
    if not findings.origin:
        return ""
    rows, helps = [], []
    for name, found in findings.origin.items():
        rows.append([f"`{name}`", *(_share(wins, found.runs) for wins in (found.convex, found.near_zero, found.start))])
        if found.convex > found.near_zero:
            helps.append(name)
    text = (
        "## Controls of the convex start: the start at zero\n\nOne logistic unit with squared loss: how many runs "
        "reach the global minimum by L-BFGS from the minimum of the matching\nconvex loss, from near w = 0, and from "
        "the problem's own starts.\n\n"
    )
    text += markdown(("problem", "from the convex loss", "from near zero", "from its starts"), rows)
    if helps:
        return text + f"\nThe convex start reaches it where the start at zero does not on: {', '.join(helps)}.\n"
    return text + (
        "\nThe convex start reaches the global minimum on no problem where the start at zero does not: it supplies a "
        "start near the\norigin, and does not help otherwise.\n"
    )


def _noise(findings: Findings) -> str:
    """Return the share of runs within 5 % of the best known loss, with noise on the targets."""
    if not findings.noise:
        return ""
    within: dict[tuple[float, str], list[tuple[bool, int]]] = {}
    ahead: dict[float, list[float]] = {}
    for deviation, teachers in sorted(findings.noise.items()):
        for teacher, losses in enumerate(teachers):
            best = min(values.min() for values in losses.values())
            near = {name: values <= 1.05 * best for name, values in losses.items()}
            for name, hits in near.items():
                within.setdefault((deviation, name), []).extend((bool(hit), teacher) for hit in hits)
            ahead.setdefault(deviation, []).append(float(near["skip"].mean()) - float(near["width"].mean()))
    names = list(dict.fromkeys(name for _, name in within))
    deviations = sorted(ahead)
    rows = []
    for name in names:
        shares = [within[deviation, name] for deviation in deviations]
        rows.append([name, *(_told(_over_teachers(share)) for share in shares)])
    text = (
        f"## Noisy labels\n\n`ts:act=relu` 8-8 with noise on the standardized targets, {len(ahead[deviations[0]])} "
        "teachers: share of runs whose final loss is within 5 % of\nthe best that any run of any method here reached "
        "on that teacher (the global minimum is unknown), with intervals over teachers.\n\n"
    )
    text += markdown(("method", *(f"deviation {deviation}" for deviation in deviations)), rows)
    for deviation in deviations:
        more, less = (int(np.sum(np.sign(ahead[deviation]) == sign)) for sign in (1, -1))
        text += (
            f"\nDeviation {deviation}: `skip` has the larger share on {more} teachers, `width` on {less}, equal on "
            f"{len(ahead[deviation]) - more - less}.\n"
        )
    return text


def _spirals(findings: Findings) -> str:
    """Return what stops nets of 20 units on the spirals, and how small a pruned net can be."""
    if not findings.wrong and not findings.widths:
        return ""
    text = "## Two spirals with 20 units\n\n"
    if findings.wrong:
        rows = [
            [name, str(len(n)), str(int(np.sum(np.array(n) == 0))), f"{min(n):.0f}", f"{np.median(n):.0f}"]
            for name, n in sorted(findings.wrong.items())
        ]
        text += "Points of 194 on the wrong side at the end of runs with a budget of 20,000 gradients:\n\n"
        text += markdown(("method", "runs", "without an error", "fewest wrong", "median wrong"), rows)
    if findings.widths:
        small = np.array(findings.widths)
        text += (
            f"\nWhat stops the others is not capacity: nets pruned one unit at a time from {len(small)} solutions with "
            "30 units, with up to 3,000\nevaluations between, still separate all points at "
            f"{small.min()} units at the smallest and {np.median(small):.0f} in the median;\n"
            f"{int((small <= 20).sum())} of {len(small)} come down to 20 or fewer.\n"
        )
    return text
