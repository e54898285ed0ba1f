"""A suite's results as they come in: a file that an interrupted run goes on from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from homotopy.errors import ArgumentError
from homotopy.papers.escape.cells import Cell, read_cell

__all__ = ["Journal"]


class Journal:
    """Cells and studies of one suite, one line of JSON each, behind a first line with the suite's settings.

    Parameters
    ----------
    path : Path
        The file; it is made where there is none.
    settings : dict
        What the results depend on, as plain texts and numbers.

    Attributes
    ----------
    cells : dict
        The cells found in the file, by row and method.
    studies : dict
        What studies found, by their keys.

    Raises
    ------
    ArgumentError
        If the file holds results of other settings.

    Notes
    -----
    A line that is cut short by the end of a process is left out. Numbers are written so that they are read back
    exactly, NaN and infinity among them.
    """

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        self.path = path
        self.cells: dict[tuple[str, str], Cell] = {}
        self.studies: dict[str, Any] = {}
        lines = _lines(path)
        if not lines:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"settings": settings}) + "\n", encoding="utf-8")
            return
        other = _difference(lines[0].get("settings", {}), json.loads(json.dumps(settings)))
        if other:
            raise ArgumentError(
                f"{path} holds results of another suite ({other}); take another folder, or remove the file"
            )
        for line in lines[1:]:
            if "cell" in line:
                cell = read_cell(line["cell"])
                self.cells[cell.row, cell.method] = cell
            else:
                self.studies[line["study"]] = line["found"]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    def add_cell(self, cell: Cell) -> None:
        """Write down a cell."""
        self.cells[cell.row, cell.method] = cell
        self._append({"cell": asdict(cell)})

    def add_study(self, key: str, found: Any) -> None:
        """Write down what a study found."""
        self.studies[key] = found
        self._append({"study": key, "found": found})

    def _append(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of the file; none without a file."""
    if not path.exists():
        return []
    out = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines()):
        try:
            out.append(json.loads(text))
        except ValueError:
            if number == 0:
                raise ArgumentError(f"{path} is not a suite's file; take another folder, or remove it") from None
    return out


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Return the first setting that differs, in words; empty where none does."""
    for key in new:
        if old.get(key) != new[key]:
            return f"{key} was {old.get(key)!r}, now {new[key]!r}"
    return ""
