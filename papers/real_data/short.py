"""The answers in short, each with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homotopy.papers.real_data.numbers import TASKS, change, ratio
from homotopy.papers.real_data.practice import WAYS
from homotopy.papers.real_data.predicting import ONE, errors
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.tables import BLOCKS, WORDS, best, block, by_net, mean_text, ratio_text, verdict

__all__ = ["short"]


def short(rows: Sequence[Row]) -> str:
    """Return the answers as a list in Markdown."""
    grid = [row for row in rows if row.study == "grid"]
    practised = [row for row in rows if row.study == "practice"]
    lines = [_counted(grid), *(_block(grid, name) for name in BLOCKS)]
    lines += _deep(grid)
    if practised:
        lines.append(_penalty(practised))
        lines.append(_search(practised))
    return "\n".join(f"- {line}" for line in lines if line) + "\n"


def _counted(grid: Sequence[Row]) -> str:
    """Return in how many of the rows of `verdicts` what pays."""
    parts = []
    for budget in sorted({row.budget for row in grid}):
        found: dict[str, list[str]] = {}
        for (net, activation, alpha), some in by_net(grid).items():
            word = verdict([row for row in some if row.budget == budget])
            found.setdefault(word if word in WORDS else "a homotopy", []).append(f"{net} {activation} {alpha:g}")
        told = [_which(word, found[word]) for word in ("a homotopy", *WORDS[:3]) if word in found]
        if told:
            parts.append(f"at {budget:,.0f} gradients {', '.join(told)}")
    if not parts:
        return ""
    return f"**What pays**, of {len(by_net(grid))} combinations of net, activation and penalty: {'; '.join(parts)}."


def _which(word: str, where: Sequence[str]) -> str:
    """Return how often something pays, and where unless that is the rule."""
    named = f" ({', '.join(where)})" if word in ("a homotopy", "hops") else ""
    return f"{word} in {len(where)}{named}"


def _block(grid: Sequence[Row], name: str) -> str:
    """Return the sentence on an activation and small or large penalties, at each budget."""
    parts = []
    some = block(grid, *BLOCKS[name])
    for budget in sorted({row.budget for row in some}):
        here = [row for row in some if row.budget == budget and "+" not in row.net]
        found = best(here)
        told = "" if found is None else f", the best homotopy (`{found[0].split('=')[1]}`) {ratio_text(found[1])}"
        hops, auto = ratio_text(ratio(here, "race-hop")), ratio_text(ratio(here, "auto"))
        parts.append(f"at {budget:,.0f} gradients `auto` {auto}, `race-hop` {hops}{told}")
    return f"**One hidden layer, {name}**: {'; '.join(parts)}." if parts else ""


def _deep(grid: Sequence[Row]) -> list[str]:
    """Return the sentences on two hidden layers."""
    lines = []
    for activation in ("relu", "tanh"):
        deep = [row for row in grid if "+" in row.net and row.activation == activation]
        parts = []
        for budget in sorted({row.budget for row in deep}):
            here = [row for row in deep if row.budget == budget]
            width = "multistart:of=width-deep"
            if ratio(here, width).sets:
                duel = ratio_text(ratio(here, width, "race-hop"))
                parts.append(
                    f"at {budget:,.0f} gradients `width-deep` {ratio_text(ratio(here, width))} and `race-hop` "
                    f"{ratio_text(ratio(here, 'race-hop'))}, the first over the second {duel}"
                )
        if parts:
            lines.append(f"**Two hidden layers, {activation}**, all penalties: {'; '.join(parts)}.")
    return lines


def _penalty(rows: Sequence[Row]) -> str:
    """Return the sentence on what the penalty does to predictions."""
    relu = [row for row in rows if row.activation == "relu"]
    small, chosen = errors(relu, WAYS[0]), errors(relu, ONE)
    better = sum(chosen[name] < small[name] for name in chosen)
    ratios = [chosen[name] / small[name] for name in chosen if small[name] > 0]
    most = max(chosen, key=lambda name: small[name] - chosen[name])
    return (
        f"**The penalty**: picked by cross-validation instead of 1e-4, it lowers the held-out error of one relu fit on "
        f"{better} of {len(chosen)} data sets, the median ratio is {np.median(ratios):.2f} (most on {most}: "
        f"{small[most]:.3f} to {chosen[most]:.3f})."
    )


def _search(rows: Sequence[Row]) -> str:
    """Return the sentence on what a search gains in predictions at the penalty that was picked."""
    parts = []
    for task, score in (("regression", "R2"), ("classes", "the share of right classes")):
        some = [row for row in rows if TASKS[row.data] == task]
        told = [f"{way} {mean_text(change(some, way, ONE))}" for way in WAYS[2:5]]
        parts.append(f"{score} changes by {', '.join(told)}")
    return (
        "**A lower objective at that penalty**: against one L-BFGS, relu and tanh together, " + "; ".join(parts) + "."
    )
