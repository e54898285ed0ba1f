"""The pictures: where each method ends, and what width changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homotopy.experiments import success_rate

from ..frame import Picture, curve, drawn, finish, panels
from .ends import KINDS

__all__ = ["bars", "widths"]

Counts = Mapping[str, Mapping[str, Sequence[tuple[int, int]]]]
LOOKS = {
    "solved": ("#2a7f8e", ""),
    "worse minimum": ("#d9822b", "//"),
    "runs to infinity": ("#f0c987", ".."),
    "saddle": ("#8c6bb1", "xx"),
    "plateau or slow": ("#dddddd", ""),
}
LINES = {
    "XOR, tanh": ("#2a7f8e", "o"),
    "XOR, relu": ("#d9822b", "s"),
    "teacher, k = 8": ("#8c6bb1", "^"),
}


@drawn
def bars(kinds: Mapping[str, Mapping[str, Sequence[str]]]) -> Picture:
    """Draw the share of each kind of end, a panel a problem, a bar a method.

    Parameters
    ----------
    kinds : dict
        From the title of a problem to a dict from methods to the kinds of their runs' ends.
    """
    columns = min(2, len(kinds))
    figure, axes = panels(columns, -(-len(kinds) // columns), height=1.8)
    for ax in axes[len(kinds) :]:
        ax.set_visible(False)
    for ax, (title, by_method) in zip(axes, kinds.items(), strict=False):
        left = [0.0] * len(by_method)
        for kind in KINDS:
            share = [100 * sum(one == kind for one in ends) / len(ends) for ends in by_method.values()]
            color, hatch = LOOKS[kind]
            ax.barh(
                range(len(share)),
                share,
                left=left,
                height=0.78,
                color=color,
                hatch=hatch,
                edgecolor="#333333",
                linewidth=0.4,
                label=kind,
            )
            left = [a + b for a, b in zip(left, share, strict=True)]
        ax.set_yticks(range(len(by_method)), list(by_method), fontsize=6.5)
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.set(title=title, xlim=(0, 100), xticks=(0, 50, 100))
        ax.grid(False)
    for ax in axes[max(0, len(kinds) - columns) : len(kinds)]:
        ax.set_xlabel("runs (%)")
    caption = (
        "Where runs from the same random starts end. Gradient descent (gd), the advice (a tenth of the step, a falling "
        "step, uniform noise), L-BFGS, and continuation methods below."
    )
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, handlelength=1.6, columnspacing=1.0)
    return Picture("ends", figure, caption)


@drawn
def widths(counts: Counts, hidden: Mapping[str, Sequence[int]]) -> Picture:
    """Draw against the width how many descents succeed, pass a saddle, and are stuck without one.

    Parameters
    ----------
    counts : dict
        From ``solved``, ``passed`` and ``stuck`` to a dict from series to (count, runs) for each width.
    hidden : dict
        From series to all its widths; the first, the middle and the last one where there are three counts.
    """
    titles = {"solved": "reach the goal", "passed": "pass by a saddle", "stuck": "are stuck, no way down near"}
    figure, axes = panels(3, height=2.5)
    for ax, (key, title) in zip(axes, titles.items(), strict=True):
        for series, found in counts[key].items():
            color, mark = LINES[series]
            rates = [success_rate([True] * good + [False] * (runs - good)) for good, runs in found]
            ends = [(100 * rate.low, 100 * rate.high) for rate in rates]
            every = hidden[series]
            x = every if len(found) == len(every) else (every[0], every[len(every) // 2], every[-1])
            y = [100 * rate.rate for rate in rates]
            curve(ax, x, y, "gd", label=series, ends=ends, color=color, marker=mark)
        ax.set(xlabel="hidden units", title=title, ylim=(-3, 103), xticks=(2, 4, 6, 8, 10, 12, 14, 16))
    axes[0].set_ylabel("descents (%)")
    caption = (
        "Plain gradient descent against the number of hidden units, with 95 % intervals: reaches its goal in 3,000 "
        "steps; passes by a saddle on its way; is stuck where no direction leads down."
    )
    return Picture("width", finish(figure, axes, columns=3), caption)
