"""The panels of how methods end: success rates with intervals, or expected losses where no optimum is known."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from homotopy.experiments.statistics.budgeted import Estimate
from homotopy.experiments.statistics.statistics import Summary
from homotopy.report.drawable import LARGEST, NOTHING, SMALLEST, numbers, ticked
from homotopy.report.style import INK
from homotopy.report.tables import cost_text, seconds_text

__all__ = ["losses", "rates"]

WIDE = 5.0  # from this ratio of losses on their axis is logarithmic
SOFT = "#606060"  # of numbers beside a panel


def rates(ax: Axes, summaries: list[Summary], shades: dict[str, str], *, optimum: str) -> None:
    """Draw success rates, and beside each the expected cost and time to the first success.

    `optimum` is what the success is called: the global minimum, or the best known one.
    """
    for y, summary in enumerate(summaries):
        rate = summary.rate
        ax.barh(y, numbers(rate.rate), color=shades[summary.method], height=0.62, alpha=0.85)
        ax.plot([rate.low, rate.high], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
        _beside(ax, y, f"{rate.rate:.1%}  ·  {cost_text(summary.expected.value)}  ·  {_time(summary.clock.value)}")
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.set_xlabel(f"starts that reach {optimum}, with 95 % interval;\nbeside it, expected gradients and time to it")


def losses(ax: Axes, summaries: list[Summary], shades: dict[str, str]) -> None:
    """Draw expected losses at the budget, and beside each how many runs came near the lowest, and the test score."""
    found = [(y, one, one.at_budget) for y, one in enumerate(summaries) if one.at_budget is not None]
    ends: list[float] = []
    for y, summary, at in found:
        loss, score = at.loss, at.score
        if abs(loss.value) <= LARGEST:
            ax.plot(loss.value, y, "o", color=shades[summary.method], markersize=7)
            ends += _whisker(ax, y, loss)
        text = f"{loss.value:.4g}  ·  {summary.rate.rate:.0%}"
        _beside(ax, y, text + (f"  ·  {score.value:.3g}" if score is not None else ""))
    if not ends:
        ax.set_xlim(0.0, 1.0)
        ax.set_xticks([])
        ax.text(0.5, 0.5, NOTHING, transform=ax.transAxes, ha="center", va="center")
    if ends and min(ends) > SMALLEST and max(ends) > WIDE * min(ends):
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ticked(ax.xaxis, min(ends), max(ends))
    names = [at.score_name for _, _, at in found if at.score is not None]
    unit = " over that of the best constant" if any(at.relative for _, _, at in found) else ""
    beside = "share of runs near the lowest found" + (f" and test {names[0]}" if names else "")
    ax.set_xlabel(f"expected loss at the budget{unit},\nwith 95 % interval; beside it,\n{beside}")


def _whisker(ax: Axes, y: int, loss: Estimate) -> list[float]:
    """Draw an interval as far as it is finite, and return where the mark begins and ends."""
    if not max(abs(loss.low), abs(loss.high)) <= LARGEST:
        return [loss.value]
    ax.plot([loss.low, loss.high], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
    return [loss.low, loss.high]


def _beside(ax: Axes, y: int, text: str) -> None:
    """Write numbers at the right of a row."""
    ax.text(1.03, y, text, va="center", fontsize=8.5, color=SOFT, transform=ax.get_yaxis_transform())


def _time(seconds: float) -> str:
    return seconds_text(seconds) if np.isfinite(seconds) else cost_text(seconds)
