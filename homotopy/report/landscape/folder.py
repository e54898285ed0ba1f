"""The folder of a landscape: the page, the points as CSV, the figures."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from homotopy.doors import door
from homotopy.report.folder import replaced, writable
from homotopy.report.landscape.page import figures, page
from homotopy.report.landscape.surveyed import Survey

__all__ = ["COLUMNS", "write"]

COLUMNS = (
    "value",
    "index",
    "kind",
    "grad_norm",
    "n_zero",
    "n_symmetric",
    "multiplicity",
    "hits",
    "found_by",
    "verdict",
)
"""What is told of a point beside its eigenvalues and its variables."""


@door
def write(survey: Survey, folder: Path) -> list[Path]:
    """Write landscape.html, points.csv and a picture a figure into a folder and return their paths.

    Files of the same names are replaced, each in one step.
    """
    writable(folder)
    files: dict[str, Callable[[Path], object]] = {
        "landscape.html": lambda path: path.write_text(page(survey), encoding="utf-8"),
        "points.csv": lambda path: _csv(survey, path),
    }
    for name, draw in figures(survey).items():
        files[f"{name}.png"] = lambda path, draw=draw: draw().savefig(path, format="png")  # type: ignore[misc]
    return [replaced(folder / name, make) for name, make in files.items()]


def _csv(survey: Survey, path: Path) -> None:
    """Write a row a critical point: what is known of it, its eigenvalues and its variables, in full precision."""
    n = survey.problem.size
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow((*COLUMNS, *(f"eigenvalue_{i + 1}" for i in range(n)), *(f"x_{i + 1}" for i in range(n))))
        for point in survey.points:
            numbers = (repr(float(v)) for part in (point.eigenvalues, point.x) for v in part)
            out.writerow((*(getattr(point, name) for name in COLUMNS), *numbers))
