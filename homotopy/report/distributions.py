"""Figures of distributions: cost to given losses, performance profiles, waterfalls of final losses."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from homotopy.experiments.comparison import Comparison
from homotopy.experiments.goal import NEAR
from homotopy.experiments.statistics.profiles import ecdf, performance_profile, waterfall
from homotopy.report.drawable import above, mark, numbers, settle, tag
from homotopy.report.figures import MARKS, goals, legend, loss_axis, optimum_text, panels, styled, units
from homotopy.report.style import colors
from homotopy.report.tables import loss_text

__all__ = ["cost_distribution", "excess", "profile", "profiled", "waterfalls"]

FLOATS = NDArray[np.float64]
MOST = 400  # points of a line in a figure
LEFT, WORST = 1e-3, 1e6  # shares above the lowest loss between which these are drawn
FAR = 1e12  # beyond every cost: where a distribution function is drawn to
FACTORS = (1e3, 30.0, 1.0)  # excess losses of the distribution of costs, in tolerances
COARSE = (100.0, 10.0, 1.0)  # and where the optimum is unknown: 100, 10 and 1 % above the lowest found


@styled
def cost_distribution(comparison: Comparison, name: str, *, stacked: bool = False) -> Figure:
    """Return the figure of the share of runs that came within each of three excess losses, against cost.

    The panels stand side by side, or one above the other where it is to be `stacked` for a narrow page.

    Notes
    -----
    One panel an excess over the optimum, the last one that of success, the same axes. A run that did not come so near
    counts among all runs, so that a line ends at its success rate. In a group each problem has its own tolerance; the
    largest is shown.
    """
    aims = goals(comparison, name)
    factors = FACTORS if all(aim.known for aim in aims.values()) else COARSE
    figure = Figure(figsize=(5.2, 7.8) if stacked else (10.4, 3.5), layout="constrained")
    shape = (len(factors), 1) if stacked else (1, len(factors))
    axes = list(figure.subplots(*shape, sharex=stacked, sharey=True, squeeze=False).ravel())
    shades = colors(comparison.methods)
    last = 2.0
    for method in comparison.methods_on(name):
        ran = [p for p in aims if (p, method) in comparison.cells]
        spent = numbers(np.concatenate([comparison.records(p, method)["cost"] for p in ran]))
        last = max(last, float(np.nanmax(spent, initial=last)))
        reached = [
            comparison.costs_to(p, method, [aims[p].optimum + f * aims[p].tolerance for f in factors]) for p in ran
        ]
        for ax, costs in zip(axes, np.concatenate(reached, axis=1), strict=True):
            _steps(ax, *ecdf(costs), FAR, shades[method], method)
    by, known = units(comparison, name), all(aim.known for aim in aims.values())
    tolerance = max(aim.tolerance / by[p] for p, aim in aims.items())
    for ax, factor in zip(axes, factors, strict=True):
        over = "excess loss" if known else "above the lowest found"
        ax.set_title(f"{over} ≤ {loss_text(factor * tolerance)}", loc="left")
        if not stacked or ax is axes[-1]:
            ax.set_xlabel("gradient-equivalents")
        ax.set_xlim(1.0, last)
    for ax in axes if stacked else axes[:1]:
        _share_axis(ax, "share of starts")
    legend(figure, axes, comparison.methods)
    return figure


@styled
def profile(comparison: Comparison) -> Figure:
    """Return the performance profiles over all problems and seeds together (Dolan and Moré).

    Notes
    -----
    An instance is a problem with a seed, and only problems that every shown method ran on count; a method that was
    skipped on some problem is left out where that keeps more instances. Where some optimum is unknown it is the
    distribution of final losses instead: how far each is above the lowest that any run found on its problem, as a share
    of that loss, or of what the goal's tolerance is a share of (`Goal.lowest`).
    """
    methods, problems = profiled(comparison)
    if not all(comparison.goal(problem).known for problem in problems):
        return _loss_profile(comparison, methods, problems)
    costs = {m: np.concatenate([_by_seed(comparison, problem, m) for problem in problems]) for m in methods}
    figure, (ax,) = panels(1, 6.4, 3.8)
    shades = colors(comparison.methods)
    found = performance_profile(costs)
    end = min(1.2 * max([2.0, *(float(factor[-1]) for factor, _ in found.values() if factor.size)]), FAR)
    for method, (factor, share) in found.items():
        _steps(ax, factor, share, end, shades[method], method)
    ax.set_xlim(1.0, end)
    _share_axis(ax, "share of instances solved")
    ax.set_xlabel("cost over the cheapest method's cost on the same start")
    n = len(next(iter(costs.values()))) if costs else 0
    ax.set_title(f"{n:,} instances of {len(problems)} problem{'s' if len(problems) > 1 else ''}", loc="left")
    legend(figure, [ax], comparison.methods)
    return figure


def _loss_profile(comparison: Comparison, methods: tuple[str, ...], problems: tuple[str, ...]) -> Figure:
    """Return the figure of the share of runs that ended within so much above the lowest loss found."""
    figure, (ax,) = panels(1, 6.4, 3.8)
    shades = colors(comparison.methods)
    end, n = 2 * NEAR, 0
    for method in methods:
        parts = []
        for problem in problems:
            goal = comparison.goal(problem)
            above = comparison.records(problem, method)["value"] - goal.optimum
            parts.append(NEAR * above / goal.tolerance if goal.tolerance > 0 else above)
        found = np.concatenate(parts)
        n = len(found)
        end = max(end, 1.2 * float(np.max(found, initial=0.0, where=np.isfinite(found))))
        _steps(ax, *ecdf(np.maximum(found, LEFT)), FAR, shades[method], method)
    ax.axvline(NEAR, color="#808080", linestyle=":", linewidth=1.2, label=MARKS[1])
    ax.set_xlim(LEFT, min(end, WORST))
    _share_axis(ax, "share of runs")
    ax.set_xlabel("final loss above the lowest found on the problem, as a share of it")
    ax.set_title(f"{n:,} runs of a method on {len(problems)} problem{'s' if len(problems) > 1 else ''}", loc="left")
    legend(figure, [ax], (*comparison.methods, *MARKS))
    return figure


def profiled(comparison: Comparison) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the methods and problems of the profile: the choice that keeps most pairs of method and instance."""
    ran = {method: {p for p in comparison.problems if (p, method) in comparison.cells} for method in comparison.methods}
    best: tuple[int, tuple[str, ...], tuple[str, ...]] = (0, (), ())
    for problems in ran.values():
        methods = tuple(m for m in comparison.methods if problems <= ran[m])
        size = len(methods) * len(problems)
        if size > best[0]:
            best = size, methods, tuple(p for p in comparison.problems if p in problems)
    return best[1], best[2]


def _by_seed(comparison: Comparison, problem: str, method: str) -> FLOATS:
    """Return the costs to success at every seed of the comparison, NaN where there is none."""
    rows = comparison.records(problem, method)
    seeds = np.sort(np.array(comparison.seeds))
    out = np.full(seeds.size, np.nan)
    out[np.searchsorted(seeds, rows["seed"])] = rows["cost_to_success"]
    return out


@styled
def waterfalls(comparison: Comparison, name: str) -> Figure:
    """Return the waterfall of a problem or a group: each method's final losses in rising order.

    They are shown above the optimum where that is known.
    """
    figure, (ax,) = panels(1, 6.4, 3.8)
    aims, by = goals(comparison, name), units(comparison, name)
    shades = colors(comparison.methods)
    tolerance, known = max(aim.tolerance for aim in aims.values()), all(aim.known for aim in aims.values())
    for method in comparison.methods_on(name):
        values = waterfall(excess(comparison, name, method, above=known))
        if not values.size:
            continue
        rank = np.unique(np.linspace(0, values.size - 1, min(values.size, MOST)).astype(int))
        share = (rank + 1) / values.size
        height = np.maximum(values[rank], tolerance / 30) if known else values[rank]
        ax.plot(share, above(height) if known else numbers(height), color=shades[method], label=tag(method))
    if known:
        ax.set_yscale("log")
        mark(ax, tolerance)
        settle(ax)
        ax.set_ylabel(f"final loss above {optimum_text(comparison, aims)}")
    else:
        loss_axis(ax, [(aim, by[problem]) for problem, aim in aims.items()])
        ax.set_ylabel(f"final {ax.get_ylabel()}")
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("starts, best first")
    legend(figure, [ax], (*comparison.methods, *MARKS))
    return figure


def excess(comparison: Comparison, name: str, method: str, *, above: bool = True) -> FLOATS:
    """Return the final losses of a method in the order of its records, in the units of a figure (`units`).

    Where they are `above`, they are less the optimum of their problem, or the lowest value found.
    """
    ran, by = [p for p in comparison.problems_of(name) if (p, method) in comparison.cells], units(comparison, name)
    shift = {p: comparison.goal(p).optimum if above else 0.0 for p in ran}
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate([(comparison.records(p, method)["value"] - shift[p]) / by[p] for p in ran])


def _steps(ax: Axes, where: FLOATS, share: FLOATS, end: float, color: str, label: str) -> None:
    """Draw a distribution function from the left edge to `end`, thinned to what can be seen."""
    if where.size > MOST:
        keep = np.unique(np.linspace(0, where.size - 1, MOST).astype(int))
        where, share = where[keep], share[keep]
    x = np.concatenate([[1e-3], where, [end]])
    y = np.concatenate([[0.0], share, [share[-1] if share.size else 0.0]])
    ax.step(numbers(x), y, where="post", color=color, label=tag(label))
    ax.set_xscale("log")


def _share_axis(ax: Axes, label: str) -> None:
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_ylabel(label)
