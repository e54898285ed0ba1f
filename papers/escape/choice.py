"""What one row comes to, in gradients and in seconds: the best homotopy, the best method without one, and auto."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, isnan

import homotopy as hp
from homotopy.experiments import ExpectedCost, Summary
from homotopy.papers.escape.rows import ROWS
from homotopy.report import clock_text, expected_text

__all__ = ["RIVALS", "UNITS", "Choice", "behind", "choices", "measured", "unit_text"]

BASELINES = ("gd", "gd-decay", "gd-noise", "momentum", "adam", "lbfgs", "lbfgsb", "lm")
RIVALS = (*BASELINES, "perturbed-gd", "saddle-free", "basin-hopping", "dual-annealing")
"""Methods without continuation; all others but `auto` follow a homotopy, or move between nets."""
UNITS = ("gradients", "seconds")


def measured(one: Summary, unit: str) -> ExpectedCost:
    """Return E* of a line in one of the `UNITS`."""
    return one.clock if unit == "seconds" else one.expected


def unit_text(one: Summary, unit: str) -> str:
    """Return E* of a line with its interval in one of the `UNITS`."""
    return clock_text(one.clock) if unit == "seconds" else expected_text(one)


class Choice:
    """What one row comes to.

    Attributes
    ----------
    row : str
        Its name.
    best, rival, auto, once : Summary or None
        The best homotopy, the best method without one, `auto`, and one try of auto's first choice; in gradients.
    """

    def __init__(self, row: str, found: Sequence[Summary]) -> None:
        self.row = row
        single = [one for one in found if not one.method.startswith("auto")]
        self._homotopies = [one for one in single if not _rival(one)]
        self._rivals = [one for one in single if _rival(one)]
        self.best, self.rival = self.pair("gradients")
        self.auto = next((one for one in found if one.method == "auto"), None)
        self.once = next((one for one in found if one.method.startswith("auto:")), None)

    def pair(self, unit: str) -> tuple[Summary | None, Summary | None]:
        """Return the best homotopy and the best method without one, in one of the `UNITS`; None where none is known."""
        return _least(self._homotopies, unit), _least(self._rivals, unit)

    @property
    def single(self) -> float:
        """The lowest E* of any single method, in gradients; infinite without a success."""
        return min((one.expected.value for one in (self.best, self.rival) if one is not None), default=inf)

    @property
    def lost(self) -> str:
        """Why the best homotopy shows no clear gain in gradients; empty where it does."""
        return self.without_gain("gradients")

    def without_gain(self, unit: str) -> str:
        """Return why the best homotopy shows no clear gain over the best method without one; empty where it does."""
        best, rival = self.pair(unit)
        mine, other = (None if one is None else measured(one, unit) for one in (best, rival))
        if best is None or mine is None or not isfinite(mine.value):
            if rival is None or other is None or not isfinite(other.value):
                return "no method succeeded"
            return f"`{rival.method}` ({unit_text(rival, unit)}) succeeds, no homotopy does"
        if rival is None or other is None or not isfinite(other.value):
            return ""
        texts = unit_text(rival, unit), unit_text(best, unit)
        if other.value < mine.value:
            close = ", the intervals meet" if mine.low <= other.high else ""
            return f"`{rival.method}` {texts[0]} against `{best.method}` {texts[1]}{close}"
        if other.low <= mine.high:
            return f"`{best.method}` {texts[1]}, `{rival.method}` {texts[0]}: the intervals meet"
        return ""

    def gain(self, unit: str) -> float:
        """Return E* of the best method without a homotopy over that of the best one; NaN where it is not known.

        Where no method without a homotopy succeeded it is infinite, where no homotopy did it is zero.
        """
        best, rival = self.pair(unit)
        if best is None or rival is None:
            return float("nan")
        mine, other = measured(best, unit).value, measured(rival, unit).value
        if not isfinite(mine):
            return 0.0 if isfinite(other) else float("nan")
        return other / mine


def behind(rows: Sequence[Choice]) -> list[Choice]:
    """Return the rows where a homotopy has the lowest E* in gradients and a method without one that in seconds."""
    return [one for one in rows if 0 < one.gain("seconds") < 1 < one.gain("gradients")]


def _rival(one: Summary) -> bool:
    """Return whether a method is without continuation; `escape` is where no unit can be flipped or added."""
    name = one.method.split(":")[0]
    first = next((row.problems[0] for row in ROWS if row.name == one.problem), None)
    if name == "escape" and first is not None:
        return hp.method("width").accepts(hp.problem(first)) is not None
    return name in RIVALS


def _least(found: Sequence[Summary], unit: str) -> Summary | None:
    """Return the line of the least E* among those where it is known; where none has a success, that of most runs."""
    known = [(measured(one, unit), one) for one in found]
    known = [(cost, one) for cost, one in known if not isnan(cost.value)]
    return min(known, key=lambda pair: (pair[0].value, -pair[1].rate.runs, pair[0].bound), default=(None, None))[1]


def choices(found: Sequence[Summary]) -> list[Choice]:
    """Return what each row comes to, in the rows' order."""
    rows = dict.fromkeys(one.problem for one in found)
    return [Choice(name, [one for one in found if one.problem == name]) for name in rows]
