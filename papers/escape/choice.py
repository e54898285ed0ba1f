"""What one row comes to: the best homotopy, the best method without one, and auto."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

import homotopy as hp
from homotopy.experiments import Summary
from homotopy.papers.escape.rows import ROWS
from homotopy.report import expected_text

__all__ = ["RIVALS", "Choice", "choices"]

BASELINES = ("gd", "gd-decay", "gd-noise", "momentum", "adam", "lbfgs", "lbfgsb", "lm")
RIVALS = (*BASELINES, "perturbed-gd", "saddle-free", "basin-hopping", "dual-annealing")
"""Methods without continuation; all others but `auto` follow a homotopy, or move between nets."""


class Choice:
    """What one row comes to.

    Attributes
    ----------
    row : str
        Its name.
    best, rival, auto, once : Summary or None
        The best homotopy, the best method without one, `auto`, and one try of auto's first choice.
    """

    def __init__(self, row: str, found: Sequence[Summary]) -> None:
        self.row = row
        single = [one for one in found if not one.method.startswith("auto")]
        self.best = _least([one for one in single if not _rival(one)])
        self.rival = _least([one for one in single if _rival(one)])
        self.auto = next((one for one in found if one.method == "auto"), None)
        self.once = next((one for one in found if one.method.startswith("auto:")), None)

    @property
    def single(self) -> float:
        """The lowest E* of any single method; infinite without a success."""
        return min((one.expected.value for one in (self.best, self.rival) if one is not None), default=inf)

    @property
    def lost(self) -> str:
        """Why the best homotopy shows no clear gain over the best method without one; empty where it does."""
        best, rival = self.best, self.rival
        if best is None or not isfinite(best.expected.value):
            if rival is None or not isfinite(rival.expected.value):
                return "no method succeeded"
            return f"`{rival.method}` ({expected_text(rival)}) succeeds, no homotopy does"
        if rival is None or not isfinite(rival.expected.value):
            return ""
        if rival.expected.value < best.expected.value:
            close = ", the intervals meet" if best.expected.low <= rival.expected.high else ""
            return f"`{rival.method}` {expected_text(rival)} against `{best.method}` {expected_text(best)}{close}"
        if rival.expected.low <= best.expected.high:
            return f"`{best.method}` {expected_text(best)}, `{rival.method}` {expected_text(rival)}: the intervals meet"
        return ""


def _rival(one: Summary) -> bool:
    """Return whether a method is without continuation; `escape` is where no unit can be flipped or added."""
    name = one.method.split(":")[0]
    first = next((row.problems[0] for row in ROWS if row.name == one.problem), None)
    if name == "escape" and first is not None:
        return hp.method("width").accepts(hp.problem(first)) is not None
    return name in RIVALS


def _least(found: Sequence[Summary]) -> Summary | None:
    """Return the line of the least E*; where none has a success, the one of most runs."""
    return min(found, key=lambda one: (one.expected.value, -one.rate.runs, one.expected.bound), default=None)


def choices(found: Sequence[Summary]) -> list[Choice]:
    """Return what each row comes to, in the rows' order."""
    rows = dict.fromkeys(one.problem for one in found)
    return [Choice(name, [one for one in found if one.problem == name]) for name in rows]
