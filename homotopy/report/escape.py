"""The page on what escapes: a table of the suite, the controls, and why the traps are there."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from homotopy.experiments.controls import Control
from homotopy.experiments.suite import Cell, suite_table

__all__ = ["page", "plot_anti_aligned"]

BASELINES = ("gd", "gd-decay", "gd-noise", "momentum", "adam", "lbfgs", "lbfgsb", "lm")

HEAD = """# Which methods escape

Written by `{command}` from its own runs. Every method is charged in gradient-equivalents: wider nets
by their flops, merges, projections, sign searches, matrices. *Success a run* is the share of single runs that reach
the problem's target within the row's budget, with its Wilson 95 % interval. *E\\** is the expected cost to the first
success when the method starts again at its best cutoff, so it is multi-start of the method; the cutoff was chosen on
other seeds than those shown; its interval is a bootstrap, drawn over teachers where a row has several. An interval of
E\\* at 100 % success is narrow by construction: read the success beside it.
"""

PRIOR = """## What is known

Near relatives, read as abstracts only: Ge, Lee and Ma 2017 (learning one-hidden-layer nets with landscape design)
change the objective's Hermite parts so that no spurious minimum is left, with proof; Liang, Sun, Lee and Srikant 2018
(arXiv 1805.08671) add one neuron with a skip connection that removes bad minima in classification; Freeman and Bruna
2016 and arXiv 2006.05939 study skip connections and the connectedness of level sets; Safran, Yehudai and Shamir 2021
and Arjevani and Field 2022 (arXiv 2210.06088) show that a few extra neurons turn these minima into saddles; Hassibi
and Stork 1992 is the pruning rule; Gorse, Shepherd and Taylor 1997 moved the targets' range. No earlier source for a
free linear path followed by sign flips was found in a short search, which proves nothing: no novelty is claimed.
"""


def page(
    found: Sequence[Cell],
    *,
    command: str = "homotopy suite -o DIR",
    controls: Sequence[Control] = (),
    traps: tuple[NDArray[np.intp], NDArray[np.float64]] | None = None,
) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    found : sequence of Cell
        The suite.
    command : str
        The command line that made it.
    controls : sequence of Control
        The controls of the skip homotopy.
    traps : tuple of ndarray or None
        Anti-aligned units and losses of stuck minima (`experiments.controls.anti_aligned`).
    """
    parts = [HEAD.format(command=command), "## Which method where\n", _best(found), PRIOR]
    if controls:
        parts += ["## Controls of the skip homotopy, teacher k = 20\n", _controls(controls)]
    if traps is not None:
        parts += ["## Why the traps are there\n", _traps(*traps)]
    parts += ["## All results\n", _markdown(HEADINGS, suite_table(found))]
    return "\n".join(parts)


HEADINGS = ("problem", "method", "runs", "success a run [95 %]", "median cost", "E* [95 %]", "cutoff")


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _best(found: Sequence[Cell]) -> str:
    """Return a table of the best homotopy, the best baseline and auto, row by row, and what it says."""
    rows, worse, lost = [], [], []
    for name in dict.fromkeys(cell.row for cell in found):
        here = [cell for cell in found if cell.row == name]
        base = min((c for c in here if c.method in BASELINES), key=lambda c: c.expected, default=None)
        others = [c for c in here if c.method not in (*BASELINES, "auto")]
        best = min(others, key=lambda c: c.expected, default=None)
        auto = next((c for c in here if c.method == "auto"), None)
        rows.append([name, _cell(best), _cell(base), _cell(auto), _ratio(base, best)])
        if best is None or (base is not None and base.low <= best.high):
            lost.append(name)
        single = min((c.expected for c in here if c is not auto), default=np.inf)
        if auto is not None and isfinite(single) and auto.expected > 1.5 * single:
            worse.append(f"{name} ({auto.expected / single:.1f}x)")
    text = _markdown(("problem", "best other: E*", "best baseline: E*", "auto: E*", "baseline / best"), rows)
    text += (
        "\nNo clear gain over the best baseline (the intervals meet, or it wins): "
        + (", ".join(lost) or "none")
        + ".\n"
    )
    return text + "\n`auto` above 1.5 times the best single method: " + (", ".join(worse) or "none") + ".\n"


def _cell(cell: Cell | None) -> str:
    if cell is None or not isfinite(cell.expected):
        return "-"
    return f"{cell.method}: {cell.expected:,.0f} ({cell.rate.rate:.3f} a run)"


def _ratio(base: Cell | None, best: Cell | None) -> str:
    if base is None or best is None or not (isfinite(best.expected) and isfinite(base.expected)):
        return "-"
    return f"{base.expected / best.expected:.1f}"


def _controls(controls: Sequence[Control]) -> str:
    rows = [[c.name, f"{c.rate.rate:.3f} [{c.rate.low:.3f}, {c.rate.high:.3f}]", str(c.rate.runs)] for c in controls]
    return _markdown(("variant", "success [95 %]", "runs"), rows)


def _traps(count: NDArray[np.intp], loss: NDArray[np.float64]) -> str:
    rows = []
    for n in np.unique(count):
        here = loss[count == n]
        low, high = here.min(), here.max()
        rows.append([str(n), str(len(here)), f"{np.median(here):.4f}", f"{low:.4f} to {high:.4f}"])
    text = (
        "The minima of plain L-BFGS at k = 20, by the number of units whose cosine with a teacher row is below -0.8: "
    )
    text += "the loss is a matter of how many signs are wrong.\n\n"
    return text + _markdown(("anti-aligned units", "minima", "median loss", "range"), rows)


def plot_anti_aligned(count: NDArray[np.intp], loss: NDArray[np.float64], ax: Axes) -> Axes:
    """Draw the loss of stuck minima against the number of anti-aligned units and return the axes."""
    jitter = np.random.default_rng(0).uniform(-0.15, 0.15, len(count))
    ax.plot(count + jitter, np.maximum(loss, 1e-8), "o", markersize=3, alpha=0.5)
    ax.set_xlabel("anti-aligned units")
    ax.set_ylabel("loss at the minimum")
    ax.set_title("teacher k = 20: the traps are sign errors")
    return ax
