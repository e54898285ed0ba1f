"""The two figures of every comparison: loss against cost, and how methods end; and what all figures share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.experiments.bounded import settled
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.goal import Goal
from homotopy.report import bars
from homotopy.report.drawable import SMALLEST, mark, numbers, settle, tag, written
from homotopy.report.overlap import reveal
from homotopy.report.style import RC, colors

__all__ = [
    "MARKS",
    "curves",
    "goals",
    "heading",
    "legend",
    "loss_axis",
    "on_grid",
    "optimum_text",
    "panels",
    "shown",
    "styled",
    "success",
    "titled",
    "units",
]

P = ParamSpec("P")
R = TypeVar("R")
FLOATS = NDArray[np.float64]
THRESHOLD, NEAREST, CONSTANT = MARKS = "success", "near the lowest", "best constant"
TITLE, BESIDE_OTHERS = 56, 40  # characters of a line above a panel that is alone, and above one of several
NAMES = 24  # characters of a name up to which the legend stands beside the panels
MOST = 2000  # starts that the medians and quartiles of the curves are taken over


@door
def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function with matplotlib in the package's style while it runs."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(cast("Any", RC)), np.errstate(all="ignore"):  # losses may be as large as numbers are
            return function(*args, **kwargs)

    return inside


def panels(n: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with n panels, at most two a row, each of this size in inches.

    Raises
    ------
    ArgumentError
        If there is nothing to draw.
    """
    if n < 1:
        raise ArgumentError("there is nothing to draw: no method ran on any problem")
    columns = min(n, 2)
    rows = -(-n // columns)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for spare in axes[n:]:
        spare.set_visible(False)
    return figure, list(axes[:n])


def on_grid(curves: list[FLOATS], costs: FLOATS, before: FLOATS | None = None) -> FLOATS:
    """Return the lowest value that each run (a row) had seen by each cost (a column).

    A curve has rows of a cost and the lowest value seen until then; before its first point a run has what `before`
    says, or infinity, and after its last point it keeps that value.
    """
    out = np.full((len(curves), costs.size), np.inf)
    if before is not None:
        out[:] = before[:, np.newaxis]
    for row, curve in zip(out, curves, strict=True):
        if len(curve):
            at = np.searchsorted(curve[:, 0], costs, side="right") - 1
            row[at >= 0] = curve[at[at >= 0], 1]
    return out


def shown(comparison: Comparison, names: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the problems and groups that a figure shows: those asked for, or all, as far as some method ran."""
    return tuple(name for name in (comparison.groups if names is None else names) if comparison.methods_on(name))


def goals(comparison: Comparison, name: str) -> dict[str, Goal]:
    """Return the goal of each problem of a group that some method ran on."""
    return {p: comparison.goal(p) for p in comparison.problems_of(name) if comparison.methods_on(p)}


def heading(comparison: Comparison, name: str) -> str:
    """Return what a panel or a table is of: a problem or a group, and how many starts."""
    starts = f"{len(comparison.seeds)} starts"
    several = len(comparison.problems_of(name))
    return f"{name}, {several} problems, {starts} each" if several > 1 else f"{name}, {starts}"


@styled
def curves(comparison: Comparison, problems: tuple[str, ...] | None = None) -> Figure:
    """Return the figure of the excess loss against gradient-equivalents: median and quartiles over the starts.

    Notes
    -----
    The vertical axis is f - f* where the optimum f* is known, with the threshold of success as a dotted line; else f,
    with what is near the lowest value found (dotted) and the best constant's loss (dashed). Each run counts with the
    lowest value of the true loss that it has seen, its start included; a run that ended keeps its last one. Above 2,000
    starts, every second, third, ... one is taken. A group of problems is one panel; without optima each of its losses
    is in units of that of the best constant.
    """
    problems = shown(comparison, problems)
    figure, axes = panels(len(problems), 6.4 if len(problems) == 1 else 5.4, 4.0)
    for ax, problem in zip(axes, problems, strict=True):
        _curves_panel(ax, comparison, problem, colors(comparison.methods))
    legend(figure, axes, (*comparison.methods, *MARKS))
    return figure


def legend(figure: Figure, axes: Sequence[Axes], order: tuple[str, ...]) -> None:
    """Put a legend beside the panels that has each of their labels once, in this order.

    Lines that lie on each other are drawn so that all are seen (`reveal`), and where they do so in every panel the
    legend says "= the other".
    """
    found = [reveal(ax) for ax in axes]
    pairs = [pair for ax in axes for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    seen = {label: handle for handle, label in reversed(pairs)}
    labels = [label for label in map(tag, order) if label in seen]
    inside = [set(ax.get_legend_handles_labels()[1]) for ax in axes]
    texts = []
    for label in labels:
        other = {same.get(label) for same, names in zip(found, inside, strict=True) if label in names}
        equal = other.pop() if len(other) == 1 else None
        texts.append(written(label) if equal is None else f"{written(label)} = {written(equal)}")
    if texts:
        _placed(figure, [seen[label] for label in labels], texts)


def _placed(figure: Figure, handles: Sequence[Any], texts: Sequence[str]) -> None:
    """Put a legend beside the panels, or where its names are long below them, in a figure that is so much higher."""
    if max(len(line) for text in texts for line in text.split("\n")) <= NAMES:
        figure.legend(handles, texts, loc="outside right upper", handlelength=2.8)
        return
    width, height = figure.get_size_inches()
    columns = max(int(width / 2.9), 1)
    rows = [texts[i : i + columns] for i in range(0, len(texts), columns)]
    lines = sum(max(1 + text.count("\n") for text in row) for row in rows)
    figure.set_size_inches(width, height + 0.15 * lines + 0.2)
    figure.legend(handles, texts, loc="outside lower left", handlelength=2.8, ncols=columns)


def titled(ax: Axes, text: str) -> None:
    """Put a title above a panel, at its left, in lines that are no wider than a panel mostly is."""
    ax.set_title(written(text, TITLE if len(ax.figure.axes) == 1 else BESIDE_OTHERS), loc="left")


def optimum_text(comparison: Comparison, aims: Mapping[str, Goal]) -> str:
    """Return what the optima of problems are called: the global minimum where that is proved of all."""
    bounds = {problem: comparison.bound(problem) for problem in aims}
    proved = all(bound is not None and settled(aims[problem], bound) for problem, bound in bounds.items())
    return "the global minimum" if proved else "the best known minimum"


def units(comparison: Comparison, name: str) -> dict[str, float]:
    """Return what the losses of each problem are divided by: one; in a group without optima the best constant's loss.

    It is one, too, where the loss of some constant is unknown.
    """
    aims = goals(comparison, name)
    constants = {problem: aim.constant for problem, aim in aims.items()}
    if len(aims) > 1 and all(np.isfinite(constant) and constant > 0 for constant in constants.values()):
        return constants
    return dict.fromkeys(aims, 1.0)


def _curves_panel(ax: Axes, comparison: Comparison, name: str, shades: dict[str, str]) -> None:
    aims, by = goals(comparison, name), units(comparison, name)
    known = all(aim.known for aim in aims.values())
    seeds = set(comparison.seeds[:: -(-len(comparison.seeds) // MOST)])
    tolerance = max(aim.tolerance for aim in aims.values())
    least = max(min(1e-16, tolerance / 100) or 1e-16, SMALLEST)
    first = {problem: _start_values(comparison, problem, seeds) for problem in aims}
    for method in comparison.methods_on(name):
        seen = {
            problem: dict(comparison.curves(problem, method, seeds))
            for problem in aims
            if (problem, method) in comparison.cells
        }
        ends = numbers([2.0, *(curve[-1, 0] for part in seen.values() for curve in part.values() if len(curve))])
        costs = np.geomspace(1.0, np.nanmax(ends), 300)
        parts = []
        for problem, part in seen.items():
            before = np.array([first[problem].get(seed, np.inf) for seed in part])
            shift = aims[problem].optimum if known else 0.0
            parts.append((on_grid(list(part.values()), costs, before) - shift) / by[problem])
        height = np.concatenate(parts)
        if not len(height):
            continue
        height = np.maximum(height, least) if known else height
        low, middle, high = numbers(np.percentile(height, [25, 50, 75], axis=0, method="inverted_cdf"))
        ax.plot(costs, middle, color=shades[method], label=tag(method))
        ax.fill_between(costs, low, high, color=shades[method], alpha=0.10, linewidth=0)
        ax.plot(costs[-1], middle[-1], "o", color=shades[method], markersize=3.5)
    ax.set_xscale("log")
    ax.set_xlabel("gradient-equivalents")
    if known:
        ax.set_yscale("log")
        mark(ax, tolerance, THRESHOLD)
        settle(ax, bottom=tolerance / 30)
        ax.set_ylabel(f"loss above {optimum_text(comparison, aims)}")
    else:
        loss_axis(ax, [(aim, by[problem]) for problem, aim in aims.items()])
    titled(ax, heading(comparison, name))


def loss_axis(ax: Axes, aims: list[tuple[Goal, float]]) -> None:
    """Draw the axis of losses where no optimum is known, with what is near the lowest and the best constant.

    In a group each problem has its own lowest loss, and none is drawn.
    """
    least = min(aim.optimum / by for aim, by in aims)
    log = SMALLEST < least < np.inf
    ax.set_yscale("log" if log else "linear")
    if len(aims) == 1:
        mark(ax, aims[0][0].value, NEAREST)
    constants = [aim.constant / by for aim, by in aims]
    if np.isfinite(constants).all():
        mark(ax, float(np.mean(constants)), CONSTANT, dashed=True)
    settle(ax, bottom=least / 1.15 if log else np.nan)
    ax.set_ylabel("loss over that of the best constant" if any(by != 1.0 for _, by in aims) else "loss")


def _start_values(comparison: Comparison, problem: str, seeds: set[int]) -> dict[int, float]:
    """Return the loss of the start of each seed, which all methods share: the first value that any of them saw."""
    out: dict[int, tuple[float, float]] = {}
    for method in comparison.methods_on(problem):
        for seed, curve in comparison.curves(problem, method, seeds):
            if len(curve) and (seed not in out or curve[0, 0] < out[seed][0]):
                out[seed] = (float(curve[0, 0]), float(curve[0, 1]))
    return {seed: value for seed, (_, value) in out.items()}


@styled
def success(comparison: Comparison, problems: tuple[str, ...] | None = None) -> Figure:
    """Return the figure of how methods end, a panel a problem or group.

    Where the optimum is known: success rates with their intervals, and the expected cost and time to the first success.
    Where it is not: the expected loss at the budget with its interval, the share of runs near the lowest loss found,
    and the score on held-out data.
    """
    problems = shown(comparison, problems)
    rows = max((len(comparison.methods_on(p)) for p in problems), default=1)
    names = {m: written(m) for p in problems for m in comparison.methods_on(p)}
    high = max([0.34, *(0.14 + 0.15 * (1 + text.count("\n")) for text in names.values())])
    figure, axes = panels(len(problems), 6.8 if len(problems) == 1 else 6.0, 1.2 + high * rows)
    shades = colors(comparison.methods)
    for ax, problem in zip(axes, problems, strict=True):
        summaries = comparison.summaries(problem)
        if all(summary.known for summary in summaries):
            bars.rates(ax, summaries, shades, optimum=optimum_text(comparison, goals(comparison, problem)))
        else:
            bars.losses(ax, summaries, shades)
        ax.set_yticks(range(len(summaries)), [names[s.method] for s in summaries])
        ax.tick_params(axis="y", length=0)
        ax.grid(False, axis="y")
        ax.set_ylim(len(summaries) - 0.5, -0.5)
        titled(ax, heading(comparison, problem))
    return figure
