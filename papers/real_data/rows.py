"""One line of real-data.csv: what a method came to on one data set, and files of such lines."""

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
    """What a method came to on one data set, with one net and one penalty.

    Attributes
    ----------
    study : str
        ``grid``, ``small`` (budgets), ``rank`` (objective against test error), ``practice`` or ``sklearn``.
    data, net, activation : str
        The data set, the units of the hidden layers (``8+8``) and their activation.
    alpha : float
        The weight of the penalty.
    budget : float
        Gradient-equivalents that a run may cost.
    method : str
        The method.
    split : int
        Draws the rows that are held out.
    runs : int
        How many runs; 0 where the method ended with an error.
    value : float
        The mean objective of the runs; of ``rank`` Spearman's correlation.
    lowest : float
        The lowest objective among them.
    within : int
        Runs within 1 % of the lowest objective that any run had on this data set, net and penalty.
    score : float
        The mean score on held-out rows: R2 or the share of right classes.
    cost : float
        The mean gradient-equivalents spent.
    seconds : float
        Processor seconds of all runs.
    """

    study: str
    data: str
    net: str
    activation: str
    alpha: float
    budget: float
    method: str
    split: int = 0
    runs: int = 1
    value: float = nan
    lowest: float = nan
    within: int = 0
    score: float = nan
    cost: float = nan
    seconds: float = nan

    def told(self) -> dict[str, str]:
        """Return the fields as short texts."""
        return {key: f"{one:.6g}" if isinstance(one, float) else str(one) for key, one in vars(self).items()}


NAMES = [one.name for one in fields(Row)]
WHOLE = ("split", "runs", "within")
TEXTS = ("study", "data", "net", "activation", "method")


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


def _value(key: str, text: str) -> str | int | float:
    return text if key in TEXTS else int(text) if key in WHOLE else float(text)
