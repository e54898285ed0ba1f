"""The pictures: parity against its size, sweeps on the exclusive or, and who leaves where momentum is stuck."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

from homotopy.experiments import Comparison

from ..frame import Picture, curve, drawn, finish, panels

__all__ = ["freed_picture", "parity_picture", "sweeps_picture"]

SHOWN = ("momentum:step_size=0.5", "lbfgs", "lm", "race-hop", "width", "era", "auto")
NAMES = {"momentum:step_size=0.5": "momentum as published", "momentum:step_size=2": "momentum, as published"}


@drawn
def parity_picture(found: Sequence[Comparison]) -> Picture:
    """Draw the share of parity runs that are solved, and E*, against the number of bits."""
    figure, axes = panels(2, height=2.5)
    rows = [(name, one) for one in found for name in one.problems]
    for method in (m for m in SHOWN if m in found[0].methods):
        picked = [next(s for s in one.summaries(name) if s.method == method) for name, one in rows]
        bits = [int(name.rsplit("-", 2)[1]) for name, _ in rows]
        ends = [(100 * s.rate.low, 100 * s.rate.high) for s in picked]
        label = NAMES.get(method, method)
        curve(axes[0], bits, [100 * s.rate.rate for s in picked], method, label=label, ends=ends)
        costs = [(n, s.expected.value) for n, s in zip(bits, picked, strict=True) if isfinite(s.expected.value)]
        if costs:
            curve(axes[1], *zip(*costs, strict=True), method, label=label)
    for ax in axes:
        ax.set_xlabel("bits = hidden units")
        ax.set_xticks(bits)
    axes[0].set_ylabel("runs solved (%)")
    axes[0].set_ylim(-4, 104)
    axes[1].set(yscale="log", ylabel="E* (gradients)")
    caption = (
        "Parity of n bits by an n-n-1 net of logistic units from random starts. Left: runs solved within the budget, "
        "with 95 % intervals. Right: the expected cost to a success with restarts, where there was one."
    )
    return Picture("parity", finish(figure, axes, columns=4), caption)


@drawn
def sweeps_picture(sweeps: Sequence[tuple[str, ArrayLike]]) -> Picture:
    """Draw which share of the runs on the exclusive or is right after how many sweeps, for each reading."""
    figure, axes = panels(height=3.6)
    for (label, values), style in zip(
        sweeps, ("-", "--", "-.", ":", (0, (5, 1)), (0, (6, 1, 1, 1, 1, 1))), strict=False
    ):
        found = np.sort(np.asarray(values, dtype=float))
        reached = found[np.isfinite(found)]
        share = 100 * np.arange(1, len(reached) + 1) / len(found)
        axes[0].plot(reached, share, linestyle=style, label=label)
    axes[0].axvline(558, color="0.5", linewidth=0.8)
    axes[0].text(575, 3, "558", color="0.35", fontsize=7)
    axes[0].set(xscale="log", xlabel="sweeps through the four patterns", ylabel="runs right (%)", ylim=(0, 101))
    caption = "Exclusive or: runs whose four outputs have been within 0.5 of their targets, by net and way of updating."
    return Picture("sweeps", finish(figure, axes, columns=1), caption)


@drawn
def freed_picture(found: Comparison) -> Picture:
    """Draw the share of runs that solve a task from where momentum was stuck on it."""
    figure, axes = panels(height=3.2)
    methods = found.methods
    for i, method in enumerate(methods):
        rates = [next(s.rate for s in found.summaries(name) if s.method == method) for name in found.problems]
        place = np.arange(len(rates)) + 0.085 * (i - (len(methods) - 1) / 2)
        ends = [(100 * rate.low, 100 * rate.high) for rate in rates]
        label = NAMES.get(method, method)
        curve(axes[0], place, [100 * rate.rate for rate in rates], method, label=label, ends=ends, linestyle="")
    axes[0].set_xticks(range(len(found.problems)))
    axes[0].set_xticklabels([name.removesuffix(", stuck").replace(" ", "\n") for name in found.problems])
    axes[0].set(xlabel="task and net", ylabel="stuck ends freed (%)", ylim=(-4, 104))
    caption = "Runs from ends where momentum, as published, was stuck, that solve the task; 95 % intervals."
    return Picture("freed", finish(figure, axes), caption)
