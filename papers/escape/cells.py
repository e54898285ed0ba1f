"""One cell of the escape suite: what many runs of a method on a row of problems come to."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite, isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.experiments.statistics.statistics import Rate, expected_cost, success_rate

__all__ = [
    "HEADINGS",
    "Cell",
    "Part",
    "cost_at",
    "expected_text",
    "read_cell",
    "suite_table",
    "summarize_cell",
    "write_csv",
]

Floats = NDArray[np.float64]
FEWEST = 5
"""A cutoff is taken from tuning runs with at least so many successes; else runs are not cut."""
HEADINGS = ("problem", "method", "runs", "success a run [95 %]", "median", "E* [95 %]", "cutoff")


@dataclass(frozen=True)
class Part:
    """Some runs of a method on one problem.

    Attributes
    ----------
    end : ndarray of shape (r,)
        The cost to success of a run that succeeded, else what it spent.
    won : ndarray of shape (r,), bool
        Which succeeded.
    value : ndarray of shape (r,)
        The lowest value of each.
    seconds : float
        Processor time of all of them.
    """

    end: Floats
    won: NDArray[np.bool_]
    value: Floats
    seconds: float

    @staticmethod
    def join(parts: Sequence[Part]) -> Part:
        """Return the runs of all the parts, in order."""
        end, won, value = (np.concatenate([getattr(p, name) for p in parts]) for name in ("end", "won", "value"))
        return Part(end, won, value, sum(p.seconds for p in parts))


@dataclass(frozen=True)
class Cell:
    """One method on one row.

    Attributes
    ----------
    row, method : str
        Which.
    rate : Rate
        Success in a run of the row's budget, with its Wilson interval, which takes the runs as independent.
    median : float
        Median gradient-equivalents to success; NaN without one.
    expected : float
        E*: the expected cost to the first success with restarts at `cutoff`, infinite without a success.
    low, high : float
        Its bootstrap interval; problems of a row are drawn as a whole.
    cutoff : float
        The best cutoff on the tuning seeds; NaN where fewer than five of those runs succeeded: then runs are not cut.
    bound : float
        Without a success: the lower end of E* at a confidence of 95 %, a third of what all runs spent (the rule of
        three); else NaN.
    tuning : int
        Runs on tuning seeds.
    best, middle : float
        The lowest and the median of the final values.
    seconds : float
        Processor time of all runs, those on tuning seeds among them.
    """

    row: str
    method: str
    rate: Rate
    median: float
    expected: float
    low: float
    high: float
    cutoff: float
    bound: float = nan
    tuning: int = 0
    best: float = nan
    middle: float = nan
    seconds: float = nan


def cost_at(end: Floats, won: NDArray[np.bool_], cutoff: float) -> float:
    """Return the expected cost to the first success with restarts at a cutoff; infinite without a success.

    Parameters
    ----------
    end : ndarray of shape (r,)
        The cost to success of a run that succeeded, else what it spent.
    won : ndarray of shape (r,), bool
        Which succeeded.
    cutoff : float
        Where runs are given up; NaN never.

    Examples
    --------
    >>> cost_at(np.array([10.0, 50.0, 90.0]), np.array([True, True, False]), 20.0)
    50.0
    """
    limit = inf if isnan(cutoff) else cutoff
    n = int((won & (end <= limit)).sum())
    return float(np.minimum(end, limit).sum() / n) if n else inf


def summarize_cell(row: str, method: str, tuning: Sequence[Part], fresh: Sequence[Part]) -> Cell:
    """Return what the runs come to.

    Parameters
    ----------
    row, method : str
        Which.
    tuning, fresh : sequence of Part
        Runs on tuning seeds, which choose the cutoff, and on the seeds that are shown; one Part a problem.

    Notes
    -----
    Fewer than five successes on tuning seeds say little on where to cut, and a cutoff below all costs on fresh seeds
    would be a failure of the choice, not of the method. In both cases runs are not cut.
    """
    early, late = Part.join(tuning), Part.join(fresh)
    cutoff = nan
    if early.won.sum() >= FEWEST:
        cutoff = expected_cost(early.end, np.where(early.won, early.end, nan), n_resamples=0).cutoff
        if late.won.any() and not isfinite(cost_at(late.end, late.won, cutoff)):
            cutoff = nan
    low, high = _interval(fresh, cutoff)
    lost = not late.won.any()
    return Cell(
        row,
        method,
        success_rate(late.won),
        float(np.median(late.end[late.won])) if not lost else nan,
        cost_at(late.end, late.won, cutoff),
        low,
        high,
        cutoff,
        bound=float(late.end.sum() / 3) if lost else nan,
        tuning=len(early.end),
        best=float(np.min(late.value)),
        middle=float(np.median(late.value)),
        seconds=early.seconds + late.seconds,
    )


def _interval(parts: Sequence[Part], cutoff: float) -> tuple[float, float]:
    """Return the bootstrap interval of E*; of several problems each is drawn as a whole, of one its runs are."""
    rng = np.random.default_rng(0)
    limit = inf if isnan(cutoff) else cutoff
    if len(parts) > 1:
        spent = np.array([np.minimum(p.end, limit).sum() for p in parts])
        hits = np.array([(p.won & (p.end <= limit)).sum() for p in parts])
    else:
        spent, hits = np.minimum(parts[0].end, limit), parts[0].won & (parts[0].end <= limit)
    drawn = rng.integers(0, len(spent), (1000, len(spent)))
    n = hits[drawn].sum(axis=1)
    draws = np.where(n > 0, spent[drawn].sum(axis=1) / np.maximum(n, 1), inf)
    low, high = np.percentile(draws, [2.5, 97.5], method="inverted_cdf")
    return float(low), float(high)


def read_cell(fields: dict[str, Any]) -> Cell:
    """Return the Cell whose ``dataclasses.asdict`` this is."""
    return Cell(**{**fields, "rate": Rate(**fields["rate"])})


def suite_table(found: Sequence[Cell]) -> list[list[str]]:
    """Return the cells as rows of words: row, method, runs, success and interval, median, E* and interval, cutoff."""
    return [
        [
            cell.row,
            cell.method,
            f"{cell.rate.runs:,}",
            f"{cell.rate.rate:.3f} [{cell.rate.low:.3f}, {cell.rate.high:.3f}]",
            _number(cell.median),
            expected_text(cell),
            _number(cell.cutoff),
        ]
        for cell in found
    ]


def expected_text(cell: Cell) -> str:
    """Return E* with its interval, or what it exceeds where no run succeeded."""
    if not isfinite(cell.expected):
        return f"> {_number(cell.bound)}"
    return f"{_number(cell.expected)} [{_number(cell.low)}, {_number(cell.high)}]"


def _number(value: float) -> str:
    if isfinite(value):
        return f"{value:,.0f}"
    return "-" if isnan(value) else "inf"


def write_csv(found: Sequence[Cell], path: Path) -> None:
    """Write the cells to a file of comma-separated values; the file appears whole or not at all."""
    partial = path.with_suffix(".part")
    with partial.open("w", newline="", encoding="utf-8") as stream:
        writer: Any = None
        for cell in found:
            rate = asdict(cell.rate)
            flat = {k: v for k, v in asdict(cell).items() if k != "rate"}
            flat |= {"successes": rate["successes"], "runs": rate["runs"]}
            flat |= {"rate_low": rate["low"], "rate_high": rate["high"]}
            if writer is None:
                writer = csv.DictWriter(stream, list(flat))
                writer.writeheader()
            writer.writerow(flat)
    partial.replace(path)
