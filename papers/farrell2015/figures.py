"""The picture: solutions that deflation finds from one guess, and points of a net found against the cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..frame import Picture, drawn, finish, panels
from .equations import EQUATIONS

__all__ = ["picture"]

LOOKS = {
    "newton from many starts": ("#0072B2", "-"),
    "deflated, tuned length": ("#B33939", "--"),
    "deflated, package's lengths": ("#555555", ":"),
}
LINES = ("-", "--", "-.", ":")


@drawn
def picture(solutions: Mapping[tuple[str, float, float, bool], Any], logs: Mapping[Any, Any], n: int) -> Picture:
    """Draw Herceg's solutions in the order in which they are found, and points of the net found against the cost."""
    figure, axes = panels(2, height=2.8)
    key = max((key for key in solutions if key[0] == "Herceg"), key=lambda k: len(solutions[k]))
    one = EQUATIONS["Herceg"]
    x = np.concatenate([[0.0], one.grid(n), [one.length]])
    for number, u in enumerate(solutions[key]):
        shade = str(0.2 * number)
        axes[0].plot(
            x, np.concatenate([[0.0], u, [0.0]]), LINES[number % 4], color=shade, label=f"solution {number + 1}"
        )
    axes[0].set(xlabel="x", ylabel="u(x)")
    axes[0].set_title(f"Herceg's equation, power {key[1]:g}, shift {key[2]:g}")
    for (name, strategy), some in logs.items():
        if name == "net":
            _found(axes[1], some, strategy)
    axes[1].set(xlabel="gradient-equivalents", ylabel="points found (of 37)", xlim=(0, None), ylim=(0, None))
    axes[1].set_title("stationary points of a net on exclusive or")
    caption = (
        "Left: solutions that deflation finds one after the other from the guess u = 0. Right: different stationary "
        "points of a net found by Newton's method from random starts, plain and deflated, means over the same starts."
    )
    return Picture("solutions", finish(figure, axes, columns=4), caption)


def _found(ax: Any, some: Any, strategy: str) -> None:
    """Draw the mean number of points found against the cost."""
    last = min(one["cost"][-1] for one in some)
    grid = np.linspace(0, last, 300)
    steps = [np.array([0, *one["found"]])[np.searchsorted(one["cost"], grid, side="right")] for one in some]
    color, line = LOOKS[strategy]
    ax.plot(grid, np.mean(steps, axis=0), line, color=color, label=strategy)
