"""How far a comparison is, and who leads."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import doors
from homotopy.experiments.run.blocks import Outcome

__all__ = ["Progress", "Watch"]


@doors
@dataclass(frozen=True)
class Progress:
    """How far a comparison is.

    Attributes
    ----------
    done, total : int
        Runs.
    cell : tuple of str
        Problem and method of the block that just ended.
    leader : str
        The method with the highest success rate on that problem so far, the cheaper one among equals; where the optimum
        is unknown, the one whose runs ended lowest on average.
    """

    done: int
    total: int
    cell: tuple[str, str]
    leader: str


class Watch:
    """Counts what is done and who leads, and says so; `unknown` holds the problems without a known optimum."""

    def __init__(
        self, done: int, total: int, progress: Callable[[Progress], None] | None, *, unknown: Set[str] = frozenset()
    ) -> None:
        self._done, self._total, self._progress, self._unknown = done, total, progress, unknown
        self._score: dict[tuple[str, str], NDArray[np.float64]] = {}  # runs, successes, cost, final losses

    def see(self, outcome: Outcome) -> None:
        """Note a block that ended."""
        if self._progress is None:
            return
        key = outcome.block.cell.key
        records = outcome.records
        self._done += len(records)
        score = self._score.setdefault(key, np.zeros(4))
        losses = np.nan_to_num(records["value"], nan=np.inf)
        score += len(records), records["success"].sum(), records["cost"].sum(), losses.sum()
        self._progress(Progress(self._done, self._total, key, self._leader(key[0])))

    def _leader(self, problem: str) -> str:
        scores = {m: s / s[0] for (p, m), s in self._score.items() if p == problem and s[0]}
        if problem in self._unknown:
            return min(scores, key=lambda m: float(scores[m][3]), default="")
        return max(scores, key=lambda m: (scores[m][1], -scores[m][2]), default="")
