"""The table of the study, in words and numbers."""

from __future__ import annotations

from math import isfinite
from typing import Any

from homotopy.papers.diffusion.forms import WORDS
from homotopy.papers.diffusion.study import ROWS, expected, share

__all__ = ["page", "verdict"]

HEAD = """# Training by diffusion: does it help?

Four forms of normal noise on the weights that falls to zero (`homotopy.homotopies.diffusion`; derivations in
mathematics.md, section 11) against L-BFGS and gradient descent from the same starts. Mobahi's paper (arXiv 1601.04114)
was read in its abstract and introduction only: these are tests of the forms built here, not of his experiment.

Each form has the best of {searched} schedules on other starts, teachers and data than those shown (gradient descent the
best of five step sizes). A run ends at the problem's training target, on a plateau or at the budget. **Every smoothed
evaluation counts as one gradient** ((d): one for each of its eight samples), which is generous: the last column says
what it costs in flops of the plain gradient. Success with 95 % intervals; E is the evaluations of all runs over their
successes, with a 95 % bootstrap over teachers, data sets or starts. `rts` has {teachers} shown teachers, adding 128
sequences each. *helps* and *hurts*: the interval of E lies below, above that of L-BFGS.

| problem | method | success | E | against L-BFGS | schedule | flops of one |
|---|---|---|---|---|---|---|
"""


def page(found: dict[str, Any]) -> str:
    """Return the page of the results of `study`."""
    smoothed = [result for row in found.values() for form, result in row.items() if form not in ("gd", "lbfgs")]
    counts = {result["searched"] for result in smoothed}
    teachers = len({member for member, _ in ROWS["rts A"].shown})
    lines = [HEAD.format(searched=f"{min(counts)} to {max(counts)}", teachers=teachers).rstrip("\n")]
    for name, row in found.items():
        for form, result in row.items():
            lines.append(_line(name, form, result, row["lbfgs"]))
    return "\n".join(lines) + "\n"


def verdict(runs: list[list[Any]], plain: list[list[Any]]) -> str:
    """Return in a word whether the expected cost is below or above that of plain descents, beyond both intervals."""
    _, low, high = expected(runs)
    _, plain_low, plain_high = expected(plain)
    return "helps" if high < plain_low else "hurts" if low > plain_high else "no difference seen"


def _line(name: str, form: str, result: dict[str, Any], plain: dict[str, Any]) -> str:
    rate, low, high = share(result["runs"])
    cells = [name, WORDS[form], f"{rate:.2f} [{low:.2f}, {high:.2f}]", _cost(expected(result["runs"]))]
    cells.append("" if form == "lbfgs" else verdict(result["runs"], plain["runs"]))
    return "| " + " | ".join([*cells, _schedule(form, result["schedule"]), f"{result['flops']:.3g}"]) + " |"


def _cost(found: tuple[float, float, float]) -> str:
    mean, low, high = (f"{cost:,.0f}" if isfinite(cost) else "∞" for cost in found)
    return f"{mean} [{low}, {high}]"


def _schedule(form: str, own: dict[str, Any]) -> str:
    """Return what was chosen, in short."""
    if form == "lbfgs":
        return ""
    words = [] if form == "gd" else [f"sigma {own['sigma']:g}, {own['stages']} x {own['steps']}"]
    words += [f"step {own['step_size']:g}"] if form.endswith("gd") else []
    words += [f"penalty {own['penalty']:g}"] if form == "b" else []
    words += [own["points"]] if form == "d" else []
    return ", ".join(words)
