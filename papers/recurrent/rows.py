"""One line of recurrent.csv: a run and what it came to, and files of such lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from math import nan
from pathlib import Path

from homotopy.errors import DataError

__all__ = ["Row", "add", "read", "write"]


@dataclass(frozen=True)
class Row:
    """A run.

    Attributes
    ----------
    study : str
        ``tasks``, ``controls`` (paths from stuck points) or ``lengths`` (plain runs on short sequences).
    task : str
        Which problem, a key of the study.
    side : str
        What ran: a method with its start; of ``controls`` what was done, of ``lengths`` the length.
    group : int
        The seed of the teacher or of the data: runs of one group are alike.
    seed : int
        Draws the start and the method's own numbers.
    value : float
        The mean square error on the training sequences, twice the objective.
    test : float
        The mean square error on the test sequences; of ``lengths`` on sequences that are twice as long.
    radius : float
        The spectral radius of the recurrent weights.
    cost : float
        Gradient-equivalents spent in all.
    hit : float
        Those spent when the run succeeded; NaN where it did not.
    seconds : float
        Processor seconds, one thread, those of a data set shared among its runs by their cost; NaN where not measured.
    """

    study: str
    task: str
    side: str
    group: int
    seed: int
    value: float = nan
    test: float = nan
    radius: float = nan
    cost: float = nan
    hit: float = nan
    seconds: float = nan

    def told(self) -> dict[str, str]:
        """Return the fields as short texts; what is unknown is empty."""
        return {key: _text(one) for key, one in vars(self).items()}


NAMES = [one.name for one in fields(Row)]
TEXTS, WHOLE = ("study", "task", "side"), ("group", "seed")


def read(path: Path) -> list[Row]:
    """Return the rows of a file; none where it is not there.

    Raises
    ------
    DataError
        If it is no such file.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.DictReader(stream)
        if lines.fieldnames != NAMES:
            raise DataError(f"{path} is no table of this study; its columns must be {', '.join(NAMES)}")
        return [Row(**{key: _value(key, text) for key, text in line.items()}) for line in lines]  # type: ignore[arg-type]


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write rows to a file; it appears whole or not at all."""
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    add(partial, list(rows))
    partial.replace(path)


def add(path: Path, rows: Sequence[Row]) -> None:
    """Add rows to a file."""
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as stream:
        lines = csv.DictWriter(stream, NAMES, lineterminator="\n")
        if new:
            lines.writeheader()
        lines.writerows(row.told() for row in rows)


def _text(one: str | int | float) -> str:
    if not isinstance(one, float):
        return str(one)
    return "" if one != one else f"{one:.5g}"


def _value(key: str, text: str) -> str | int | float:
    return text if key in TEXTS else int(text) if key in WHOLE else float(text or "nan")
