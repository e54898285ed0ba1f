"""All runs of a comparison as one table: in memory, or written line by line; and its methods in a line each."""

from __future__ import annotations

import csv
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.experiments.budgeted import SCORE, noted
from homotopy.experiments.run.blocks import RESULT
from homotopy.experiments.statistics.statistics import Summary
from homotopy.texts import cell, visible

if TYPE_CHECKING:
    from homotopy.experiments.comparison import Comparison

__all__ = ["COLUMNS", "columns", "line", "table", "write_csv"]

COLUMNS = ("problem", "method", *(RESULT.names or ()))
"""Of every table of runs; where data are held out, ``score`` is one more."""
LINES = 10_000  # of a file that are made at once


def columns(comparison: Comparison) -> tuple[str, ...]:
    """Return the columns of a comparison's table: those of all, and the score where some problem has one."""
    scored = set(noted(comparison.store, SCORE)) & set(comparison.problems)
    return (*COLUMNS, "score") if scored else COLUMNS


def line(name: str, one: Summary) -> str:
    """Return what is told of a method on a problem or a group: what a success costs, or how low it comes."""
    rate, cost, name, method = one.rate, one.expected, visible(name), visible(one.method)
    interval = f"[{rate.low:.3f}, {rate.high:.3f}]"
    if one.known or one.at_budget is None:
        diverged = f", {one.diverged} of them diverge" if one.diverged else ""
        missed = f", {one.missed} reach the training target and fail on held-out data{diverged}" if one.missed else ""
        return (
            f"{name}  {method}: {rate.successes} of {rate.runs} succeed {interval}{missed}, expected cost "
            f"{cost.value:.6g} [{cost.low:.6g}, {cost.high:.6g}], expected seconds {one.clock.value:.3g} "
            f"[{one.clock.low:.3g}, {one.clock.high:.3g}], median loss {one.value[1]:.3g}{_gap(one)}"
        )
    loss, score = one.at_budget.loss, one.at_budget.score
    text = (
        f"{name}  {method}: expected loss at the budget {loss.value:.4g} [{loss.low:.4g}, {loss.high:.4g}]"
        f"{' of the constant' if one.at_budget.relative else ''}, {rate.successes} of {rate.runs} near the lowest "
        f"found {interval}, median loss {one.value[1]:.3g}{_gap(one)}"
    )
    if score is None:
        return text
    return f"{text}, {one.at_budget.score_name} on held-out data {score.value:.3g} [{score.low:.3g}, {score.high:.3g}]"


def _gap(one: Summary) -> str:
    """Return how far the median run ended above the lower bound, where that says something; and what is below it."""
    text = f", median gap {one.gap:.3g} above the lower bound" if one.gap_tells and isfinite(one.gap) else ""
    return text + (f", {one.below} CONTRADICT the lower bound" if one.below else "")


def table(comparison: Comparison) -> np.recarray[Any, Any]:
    """Return all runs as one record array with the fields of `columns`."""
    names = columns(comparison)
    widths = [max([1, *map(len, given)]) for given in (comparison.problems, comparison.methods)]
    dtype = [("problem", f"U{widths[0]}"), ("method", f"U{widths[1]}"), *RESULT.descr]
    dtype += [("score", "f8")] * ("score" in names)
    parts = [np.empty(0, dtype=dtype)]
    for problem in comparison.problems:
        for method in comparison.methods_on(problem):
            rows = comparison.records(problem, method)
            parts.append(np.empty(len(rows), dtype=dtype))
            parts[-1]["problem"], parts[-1]["method"] = problem, method
            parts[-1][list(RESULT.names or ())] = rows
            if "score" in names:
                parts[-1]["score"] = comparison.scores(problem, method)
    return np.concatenate(parts).view(np.recarray)


def write_csv(comparison: Comparison, file: str | Path | TextIO) -> None:
    """Write all runs as CSV to a path or an open text file, a method on a problem at a time.

    A name that a spreadsheet would take for a formula has an apostrophe before it.

    Raises
    ------
    ArgumentError
        If the path has a character that no file name can have.
    """
    if isinstance(file, (str, Path)):
        if "\0" in str(file):
            raise ArgumentError(f"file {str(file)!r} is not the name of a file")
        with Path(file).open("w", newline="", encoding="utf-8", errors="backslashreplace") as opened:
            write_csv(comparison, opened)
        return
    names = columns(comparison)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    for problem in comparison.problems:
        for method in comparison.methods_on(problem):
            rows = comparison.records(problem, method)
            scores = comparison.scores(problem, method) if "score" in names else None
            begun = cell(problem), cell(method)
            for begin in range(0, len(rows), LINES):
                some = rows[begin : begin + LINES].tolist()
                more = [()] * len(some) if scores is None else [(s,) for s in scores[begin : begin + LINES].tolist()]
                writer.writerows((*begun, *row, *end) for row, end in zip(some, more, strict=True))
