"""The page on what escapes: which method where, where none helps, the controls, and why the traps are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.objectives.facets import lacking
from homotopy.papers.escape.cells import HEADINGS, Cell, expected_text, suite_table
from homotopy.papers.escape.parts import sections
from homotopy.papers.escape.rows import ROWS, left_out
from homotopy.papers.escape.suite import Failure
from homotopy.papers.escape.words import HEAD, PRIOR, READING
from homotopy.problems import problem

__all__ = ["BASELINES", "LIMIT", "RIVALS", "Choice", "choices", "page", "write"]

BASELINES = ("gd", "gd-decay", "gd-noise", "momentum", "adam", "lbfgs", "lbfgsb", "lm")
RIVALS = (*BASELINES, "perturbed-gd", "saddle-free", "basin-hopping", "dual-annealing")
"""Methods without continuation; all others but `auto` follow a homotopy, or move between nets."""
FEW = 20
"""With fewer runs a rate is told as a count."""
LIMIT = 1.5
"""The most that `auto` may cost against the best single method of a row."""


class Choice:
    """What one row comes to.

    Attributes
    ----------
    row : str
        Its name.
    best, rival, auto, once : Cell or None
        The best homotopy, the best method without one, `auto`, and one try of auto's first choice.
    """

    def __init__(self, row: str, found: Sequence[Cell]) -> None:
        self.row = row
        single = [cell for cell in found if not cell.method.startswith("auto")]
        self.best = _least([c for c in single if not _rival(c)])
        self.rival = _least([c for c in single if _rival(c)])
        self.auto = next((c for c in found if c.method == "auto"), None)
        self.once = next((c for c in found if c.method.startswith("auto:")), None)

    @property
    def single(self) -> float:
        """The lowest E* of any single method; infinite without a success."""
        return min((c.expected for c in (self.best, self.rival) if c is not None), default=inf)

    @property
    def lost(self) -> str:
        """Why the best homotopy shows no clear gain over the best method without one; empty where it does."""
        best, rival = self.best, self.rival
        if best is None or not isfinite(best.expected):
            if rival is None or not isfinite(rival.expected):
                return "no method succeeded"
            return f"`{rival.method}` ({expected_text(rival)}) succeeds, no homotopy does"
        if rival is None or not isfinite(rival.expected):
            return ""
        if rival.expected < best.expected:
            close = ", the intervals meet" if best.low <= rival.high else ""
            return f"`{rival.method}` {expected_text(rival)} against `{best.method}` {expected_text(best)}{close}"
        if rival.low <= best.high:
            return f"`{best.method}` {expected_text(best)}, `{rival.method}` {expected_text(rival)}: the intervals meet"
        return ""


def _rival(cell: Cell) -> bool:
    """Return whether a cell is of a method without continuation; `escape` is where no unit can be flipped or added."""
    name = cell.method.split(":")[0]
    first = next((row.problems[0] for row in ROWS if row.name == cell.row), None)
    if name == "escape" and first is not None:
        return lacking(problem(first).objective, ("units",)) is not None
    return name in RIVALS


def _least(cells: Sequence[Cell]) -> Cell | None:
    """Return the cell of the least E*; where none has a success, the one of most runs."""
    return min(cells, key=lambda c: (c.expected, -c.rate.runs, c.bound), default=None)


def choices(found: Sequence[Cell]) -> list[Choice]:
    """Return what each row comes to, in the rows' order."""
    rows = dict.fromkeys(cell.row for cell in found)
    return [Choice(name, [cell for cell in found if cell.row == name]) for name in rows]


def page(
    found: Sequence[Cell],
    *,
    command: str = "homotopy suite -o DIR",
    studies: Mapping[str, Any] | None = None,
    failed: Sequence[Failure] = (),
) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    found : sequence of Cell
        The suite.
    command : str
        The command line that made it.
    studies : mapping or None
        What the studies found, by key (`experiments.studies.Study`).
    failed : sequence of Failure
        Cells that raised an error.
    """
    minutes = float(np.nansum([cell.seconds for cell in found])) / 60
    head = HEAD.format(command=command, cells=len(found), runs=sum(cell.rate.runs for cell in found), minutes=minutes)
    rows = choices(found)
    parts = [head, "## Which method where\n", _winners(rows), _which(rows), _auto(rows), _reading()]
    parts += ["## Where continuation does not help\n", _no_help(rows, found)]
    parts += sections(studies or {})
    parts += [PRIOR, "## All results\n", markdown(HEADINGS, suite_table(found))]
    if failed:
        parts += ["Cells that ended with an error:\n", *(f"- {f.row}, `{f.method}`: {f.reason}" for f in failed), ""]
    return "\n".join(parts)


def _reading() -> str:
    """Return how to read the table, and what is not in it."""
    out: dict[str, list[str]] = {}
    for row, name in left_out():
        out.setdefault(name, []).append(row)
    words = "; ".join(f"`{name}` on {', '.join(rows)}" for name, rows in out.items())
    return READING.format(left_out=f" Left out, because a run takes more than a minute: {words}." if words else "")


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _winners(rows: Sequence[Choice]) -> str:
    """Return a list of the homotopies that have the lowest E*, with the rows where they do so clearly."""
    won: dict[str, list[str]] = {}
    for one in rows:
        if one.best is not None and isfinite(one.best.expected) and not one.lost:
            won.setdefault(one.best.method, []).append(one.row)
    lines = [f"- `{name}`: {', '.join(won[name])}" for name in sorted(won, key=lambda n: -len(won[n]))]
    if not lines:
        return ""
    text = "The homotopy with the lowest E\\*, where its interval lies below that of every method without one:\n\n"
    return text + "\n".join(lines) + "\n"


def _which(rows: Sequence[Choice]) -> str:
    """Return the table of the best homotopy, the best rival and auto."""
    table = [
        [
            one.row,
            _cell(one.best),
            _cell(one.rival),
            _gain(one),
            _cell(one.auto, name=False),
            f"{one.once.rate.rate:.3f}" if one.once is not None else "-",
            _ratio(one),
        ]
        for one in rows
    ]
    headings = (
        "problem",
        "best homotopy: E* (a run)",
        "best without: E* (a run)",
        "without / best",
        "`auto`: E* (in the budget)",
        "its first try",
        "`auto` / best single",
    )
    return markdown(headings, table)


def _cell(cell: Cell | None, *, name: bool = True) -> str:
    if cell is None:
        return "-"
    words = f"{cell.expected:,.0f}" if isfinite(cell.expected) else expected_text(cell)
    few = cell.rate.runs < FEW
    share = f"{cell.rate.successes} of {cell.rate.runs}" if few else f"{cell.rate.rate:.3f}"
    return (f"{cell.method}: " if name else "") + f"{words} ({share})"


def _gain(one: Choice) -> str:
    """Return what the best rival costs against the best homotopy."""
    best, rival = one.best, one.rival
    if best is None or rival is None or not isfinite(best.expected):
        return "-"
    if not isfinite(rival.expected):
        return f"> {rival.bound / best.expected:,.1f}"
    return f"{rival.expected / best.expected:,.1f}"


def _ratio(one: Choice) -> str:
    if one.auto is None or not isfinite(one.single):
        return "-"
    if not isfinite(one.auto.expected):
        return f"**> {one.auto.bound / one.single:,.1f}**"
    ratio = one.auto.expected / one.single
    return f"**{ratio:.2f}**" if ratio > LIMIT else f"{ratio:.2f}"


def _auto(rows: Sequence[Choice]) -> str:
    """Return a sentence on where `auto` costs more than it may."""
    held = [one for one in rows if one.auto is not None and isfinite(one.single)]
    if not held:
        return ""
    worse = [f"{one.row} ({_ratio(one).strip('*')})" for one in held if _ratio(one).startswith("**")]
    text = f"`auto` costs at most {LIMIT} times the best single method on {len(held) - len(worse)} of {len(held)} rows"
    return text + (f"; more on {', '.join(worse)}.\n" if worse else ".\n")


def _no_help(rows: Sequence[Choice], found: Sequence[Cell]) -> str:
    """Return the rows without a clear gain, and those that hardly any method solves."""
    lost = [f"- **{one.row}**: {one.lost}." for one in rows if one.lost]
    text = (
        "Rows where the best method without continuation wins, or its interval of E\\* meets that of the homotopy:\n\n"
    )
    text += ("\n".join(lost) or "- none.") + "\n"
    hard = []
    for one in rows:
        best = max((c for c in found if c.row == one.row), key=lambda c: c.rate.rate)
        if best.rate.rate < 0.5:
            share = f"{best.rate.rate:.3f} [{best.rate.low:.3f}, {best.rate.high:.3f}]"
            low = min(c.best for c in found if c.row == one.row)
            hard.append(f"- **{one.row}**: `{best.method}` {share}; the lowest loss of all runs is {low:.2g}.")
    if hard:
        text += (
            "\nRows that no method, with restarts or without, solves in half of its runs:\n\n" + "\n".join(hard) + "\n"
        )
    return text


def write(
    folder: Path,
    found: Sequence[Cell],
    studies: Mapping[str, Any],
    *,
    command: str,
    failed: Sequence[Failure] = (),
) -> None:
    """Write the page and its picture to a folder."""
    from homotopy.papers.escape.figures import picture

    (folder / "escape.md").write_text(page(found, command=command, studies=studies, failed=failed), encoding="utf-8")
    picture(choices(found), studies).savefig(folder / "escape.png", dpi=200)
