"""What was measured: names with numbers or words, by section and case, and files of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from homotopy.errors import DataError
from homotopy.landscape import Enclosure

__all__ = ["Fact", "Facts", "facts", "proven", "read", "write"]

COLUMNS = ["section", "case", "name", "value"]


@dataclass(frozen=True)
class Fact:
    """One number or word.

    Attributes
    ----------
    section, case, name : str
        What it is of.
    value : float or str
        The number or word.
    """

    section: str
    case: str
    name: str
    value: float | str


def facts(section: str, case: str, values: Mapping[str, object]) -> list[Fact]:
    """Return the facts of one case; truth is 1 or 0."""
    return [Fact(section, case, name, v if isinstance(v, str) else float(v)) for name, v in values.items()]  # type: ignore[arg-type]


def proven(proof: Enclosure) -> dict[str, float]:
    """Return what is kept of a proof, by name; the index of a point of which none is proven is -1."""
    return {
        "proven": proof.verified,
        "proven index": -1 if proof.index is None else proof.index,
        "radius": proof.radius,
        "unique within": proof.unique_within,
        "F low": proof.value[0],
        "F high": proof.value[1],
    }


class Facts:
    """Facts, looked up.

    Parameters
    ----------
    all_of_them : iterable of Fact
        In any order; of two of one place the later one holds.
    """

    def __init__(self, all_of_them: Iterable[Fact]) -> None:
        self._known: dict[str, dict[str, dict[str, float | str]]] = {}
        for one in all_of_them:
            self._known.setdefault(one.section, {}).setdefault(one.case, {})[one.name] = one.value

    def cases(self, section: str, prefix: str = "") -> list[str]:
        """Return the cases of a section that begin so, in order."""
        return [case for case in self._known.get(section, {}) if case.startswith(prefix)]

    def has(self, section: str, case: str) -> bool:
        """Return whether there is such a case."""
        return case in self._known.get(section, {})

    def number(self, section: str, case: str, name: str) -> float:
        """Return a number; NaN where there is none."""
        value = self._known.get(section, {}).get(case, {}).get(name, float("nan"))
        return float("nan") if isinstance(value, str) else value

    def word(self, section: str, case: str, name: str) -> str:
        """Return a word; empty where there is none."""
        value = self._known.get(section, {}).get(case, {}).get(name, "")
        return value if isinstance(value, str) else f"{value:g}"

    def strict(self, section: str, case: str) -> bool:
        """Return whether a point is proven to be a strict minimum."""
        return self.number(section, case, "proven") == 1 and self.number(section, case, "proven index") == 0


def read(path: Path) -> list[Fact]:
    """Return the facts of a file; none where there is no file.

    Raises
    ------
    DataError
        If the file is none of this study.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    if not lines or lines[0] != COLUMNS or any(len(line) != len(COLUMNS) for line in lines):
        raise DataError(f"{path} is no file of this study; its columns must be {', '.join(COLUMNS)}")
    return [Fact(section, case, name, _parsed(value)) for section, case, name, value in lines[1:]]


def write(path: Path, some: Iterable[Fact]) -> None:
    """Write facts to a file, numbers with all their digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for one in some:
            value = one.value
            whole = not isinstance(value, str) and value == value and abs(value) < 1e15 and value == int(value)
            text = value if isinstance(value, str) else str(int(value)) if whole else repr(value)
            out.writerow([one.section, one.case, one.name, text])


def _parsed(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
