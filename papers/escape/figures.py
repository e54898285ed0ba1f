"""The picture of the escape page: why the traps are there, how the cost grows, and what every row comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from homotopy.experiments import ExpectedCost, Summary
from homotopy.papers.escape.choice import UNITS, Choice, measured
from homotopy.papers.escape.sections import fit
from homotopy.papers.escape.studies import Findings
from homotopy.report import INK, colors, styled

__all__ = ["picture", "plot_anti_aligned", "plot_costs", "plot_scaling", "plot_success"]

KINDS = ("best homotopy", "best method without", "auto")
LOOKS = {"best homotopy": "o", "best method without": "s", "auto": "D"}


@styled
def picture(rows: Sequence[Choice], findings: Findings, machine: str = "") -> Figure:
    """Return the whole picture; a panel in seconds is there where times are known.

    Parameters
    ----------
    rows : sequence of Choice
        What each row comes to.
    findings : Findings
        What was measured beside the table; a panel without it is left out.
    machine : str
        What the machine is called whose seconds these are.
    """
    pair, costs = findings.traps, findings.scaling
    costs = {k: c for k, c in costs.items() if np.isfinite(c).any()}
    top = int(pair is not None) + int(len(costs) > 1)
    tall = 0.6 + 0.2 * len(rows)
    units = UNITS if any(one.pair("seconds") != (None, None) for one in rows) else UNITS[:1]
    across = len(units) + 1
    figure = Figure(figsize=(2.0 + 3.5 * across, tall + 1.4 + (3.3 if top else 0.0)), layout="constrained")
    grid = figure.add_gridspec(2 if top else 1, 2 * across, height_ratios=[3.3, tall + 1.0] if top else None)
    if pair is not None:
        plot_anti_aligned(pair[0], pair[1], figure.add_subplot(grid[0, :across]))
    if len(costs) > 1:
        plot_scaling(costs, figure.add_subplot(grid[0, across * (top - 1) : across * top]))
    below = figure.add_subplot(grid[-1, :2])
    plot_costs(rows, below)
    for i, unit in enumerate(units[1:], 1):
        panel = figure.add_subplot(grid[-1, 2 * i : 2 * i + 2], sharey=below)
        plot_costs(rows, panel, unit=unit, machine=machine)
    plot_success(rows, figure.add_subplot(grid[-1, -2:], sharey=below))
    figure.legend(*below.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def plot_anti_aligned(count: NDArray[np.intp], loss: NDArray[np.float64], ax: Axes) -> Axes:
    """Draw the loss of stuck minima against the number of anti-aligned units and return the axes."""
    jitter = np.random.default_rng(0).uniform(-0.22, 0.22, len(count))
    ax.plot(count + jitter, loss, "o", markersize=3, alpha=0.35, markeredgewidth=0, color=colors(KINDS)[KINDS[0]])
    ax.set_xlabel("anti-aligned units (cosine with a teacher row below -0.8)")
    ax.set_ylabel("population risk at the minimum")
    ax.set_title("Spurious minima are sign errors (teacher, k = 20)", loc="left")
    ax.set_xticks(range(0, int(count.max()) + 1, 2))
    ax.set_ylim(bottom=-0.03 * max(float(loss.max()), 1e-12))
    return ax


def plot_scaling(costs: Mapping[int, NDArray[np.float64]], ax: Axes) -> Axes:
    """Draw the cost of the skip homotopy against k, medians with their 5th to 95th percentile, and the fitted law."""
    k = np.array(list(costs), dtype=np.float64)
    low, middle, high = np.array([np.nanpercentile(c, [5, 50, 95]) for c in costs.values()]).T
    color = colors(KINDS)[KINDS[0]]
    ax.errorbar(
        k, middle, yerr=(middle - low, high - middle), fmt="o", color=color, markersize=4, elinewidth=1, label="median"
    )
    a, b = fit(costs)
    line = np.geomspace(k.min(), k.max(), 50)
    ax.plot(line, a * line**b, color=INK, linewidth=1, label=f"{a:.1f} k$^{{{b:.2f}}}$")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = [n for n in (6, 10, 20, 50, 100, 200, 500) if k.min() <= n <= k.max()]
    ax.set_xticks(ticks, [str(n) for n in ticks])
    bounds = [n for n in (10, 20, 50, 100, 200, 500) if low.min() / 1.5 <= n <= high.max() * 1.5]
    ax.set_yticks(bounds, [str(n) for n in bounds])
    ax.minorticks_off()
    ax.set_xlabel("units k of teacher and student")
    ax.set_ylabel("cost to success (gradients)")
    ax.set_title("Skip homotopy: cost against size", loc="left")
    ax.legend(loc="upper left")
    return ax


def plot_costs(rows: Sequence[Choice], ax: Axes, *, unit: str = "gradients", machine: str = "") -> Axes:
    """Draw E* of the best homotopy, the best method without one, and auto; a lower bound is an open arrow."""
    for kind, shift in zip(KINDS, (-0.22, 0.0, 0.22), strict=True):
        found = [_expected(one, kind, unit) for one in rows]
        at = [i for i, one in enumerate(found) if one is not None and isfinite(one.value)]
        bound = [i for i, one in enumerate(found) if one is not None and isfinite(one.bound)]
        value, low, high = _numbers([one for one in found if one is not None and isfinite(one.value)])
        look: dict[str, Any] = {"color": colors(KINDS)[kind], "markersize": 4}
        ax.errorbar(
            value,
            np.array(at) + shift,
            xerr=(np.maximum(value - low, 0), np.maximum(high - value, 0)),
            fmt=LOOKS[kind],
            elinewidth=1,
            label=kind,
            **look,
        )
        least = [one.bound for one in found if one is not None and isfinite(one.bound)]
        label = "no success: at least" if kind == KINDS[1] and bound else None
        ax.plot(least, np.array(bound) + shift, marker=">", linestyle="", fillstyle="none", label=label, **look)
    ax.set_xscale("log")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    if unit == "gradients":
        ax.set_yticks(range(len(rows)), [one.row for one in rows])
        ax.set_xlabel("E*: expected cost to the first success (gradients)")
        ax.set_title("Cost with restarts", loc="left")
    else:
        ax.tick_params(labelleft=False)
        ax.set_xlabel("E*: expected time to the first success (seconds)")
        ax.set_title(f"Time with restarts, {machine}" if machine else "Time with restarts", loc="left")
    return ax


def _numbers(found: Sequence[ExpectedCost]) -> tuple[Any, Any, Any]:
    """Return E* and the ends of its interval; an infinite end is drawn at ten times E*."""
    value = np.array([one.value for one in found])
    low, high = np.array([one.low for one in found]), np.array([one.high for one in found])
    return value, low, np.where(np.isfinite(high), high, 10 * value)


def plot_success(rows: Sequence[Choice], ax: Axes) -> Axes:
    """Draw the success of single runs with intervals; of auto, one try of its first choice."""
    for kind, shift in zip(KINDS, (-0.22, 0.0, 0.22), strict=True):
        pairs = [(i, one.once if kind == "auto" else _of(one, kind)) for i, one in enumerate(rows)]
        kept = [(i, summary.rate) for i, summary in pairs if summary is not None]
        rate = np.array([r.rate for _, r in kept])
        error = (rate - [r.low for _, r in kept], np.array([r.high for _, r in kept]) - rate)
        ax.errorbar(
            rate,
            np.array([i for i, _ in kept]) + shift,
            xerr=np.maximum(error, 0),
            fmt=LOOKS[kind],
            color=colors(KINDS)[kind],
            markersize=4,
            elinewidth=1,
        )
    ax.tick_params(labelleft=False)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel("success in a single run (auto: one try)")
    ax.set_title("Success without restarts", loc="left")
    return ax


def _of(one: Choice, kind: str, unit: str = "gradients") -> Summary | None:
    found: dict[str, Summary | None] = dict(zip(KINDS, (*one.pair(unit), one.auto), strict=True))
    return found[kind]


def _expected(one: Choice, kind: str, unit: str) -> ExpectedCost | None:
    found = _of(one, kind, unit)
    return None if found is None else measured(found, unit)
