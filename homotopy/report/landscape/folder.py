"""The folder of a landscape: the page, the points as CSV, the figures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from homotopy.doors import door
from homotopy.report.folder import FORMATS, pictures, replaced, writable
from homotopy.report.landscape.page import CAPTIONS, figures, page
from homotopy.report.landscape.surveyed import Survey
from homotopy.texts import cell

__all__ = ["COLUMNS", "PICTURES", "TEXTS", "write"]

TEXTS, PICTURES = ("landscape.html", "points.csv"), tuple(CAPTIONS)

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
def write(survey: Survey, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write landscape.html, points.csv and pictures of each figure in these formats into a folder; return the paths.

    Files of the same names are replaced, each in one step.
    """
    writable(folder)
    files: dict[str, Callable[[Path], object]] = {
        "landscape.html": lambda path: path.write_text(page(survey), encoding="utf-8"),
        "points.csv": lambda path: _csv(survey, path),
    }
    files |= pictures({name: draw() for name, draw in figures(survey).items()}, formats)
    return [replaced(folder / name, make) for name, make in files.items()]


def _csv(survey: Survey, path: Path) -> None:
    """Write a row a critical point: what is known of it, its eigenvalues and its variables, in full precision."""
    n = survey.problem.size
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow((*COLUMNS, *(f"eigenvalue_{i + 1}" for i in range(n)), *(f"x_{i + 1}" for i in range(n))))
        for point in survey.points:
            numbers = (repr(float(v)) for part in (point.eigenvalues, point.x) for v in part)
            told = (getattr(point, name) for name in COLUMNS)
            out.writerow((*(cell(v) if isinstance(v, str) else v for v in told), *numbers))
