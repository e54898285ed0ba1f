"""All runs of a comparison as one table: in memory, or written line by line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from homotopy.experiments.run.blocks import RESULT

if TYPE_CHECKING:
    from homotopy.experiments.comparison import Comparison

__all__ = ["COLUMNS", "table", "write_csv"]

COLUMNS = ("problem", "method", *(RESULT.names or ()))
LINES = 10_000  # of a file that are made at once


def table(comparison: Comparison) -> np.recarray[Any, Any]:
    """Return all runs as one record array with the fields `COLUMNS`."""
    widths = [max([1, *map(len, names)]) for names in (comparison.problems, comparison.methods)]
    dtype = [("problem", f"U{widths[0]}"), ("method", f"U{widths[1]}"), *RESULT.descr]
    parts = [np.empty(0, dtype=dtype)]
    for problem in comparison.problems:
        for method in comparison.methods_on(problem):
            rows = comparison.records(problem, method)
            parts.append(np.empty(len(rows), dtype=dtype))
            parts[-1]["problem"], parts[-1]["method"] = problem, method
            parts[-1][list(RESULT.names or ())] = rows
    return np.concatenate(parts).view(np.recarray)


def write_csv(comparison: Comparison, file: str | Path | TextIO) -> None:
    """Write all runs as CSV to a path or an open text file, a method on a problem at a time."""
    if isinstance(file, (str, Path)):
        with Path(file).open("w", newline="", encoding="utf-8") as opened:
            write_csv(comparison, opened)
        return
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for problem in comparison.problems:
        for method in comparison.methods_on(problem):
            rows = comparison.records(problem, method)
            for begin in range(0, len(rows), LINES):
                writer.writerows((problem, method, *row) for row in rows[begin : begin + LINES].tolist())
