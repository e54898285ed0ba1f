"""The folder of a comparison: its store, the report, the runs as CSV, the figures."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from homotopy.errors import ArgumentError
from homotopy.experiments.comparison import Comparison
from homotopy.report import figures
from homotopy.report.bounds import bound_text
from homotopy.report.html import page
from homotopy.report.losses import latex
from homotopy.scratch import beside

__all__ = ["STORE", "default_folder", "prepare", "replaced", "store_path", "writable", "write"]

STORE = "runs.sqlite"


def default_folder(names: list[str], kind: str = "homotopy") -> Path:
    """Return the folder that a comparison of these problems uses when none is given; `kind` begins its name.

    Examples
    --------
    >>> str(default_folder(["teacher:k=20"])), str(default_folder(["xor", "yun", "sine"]))
    ('homotopy-teacher-k=20', 'homotopy-xor-and-2-more')
    """
    stem = re.sub(r"[^\w.=+-]+", "-", Path(names[0]).name if names[0].endswith(".csv") else names[0]).strip("-")
    more = f"-and-{len(names) - 1}-more" if len(names) > 1 else ""
    return Path(f"{kind}-{stem[:80]}{more}")


def writable(folder: Path, *, hint: str = "") -> Path:
    """Return the folder, made if it is not there; `hint` ends the sentence of a refusal.

    Raises
    ------
    ArgumentError
        If it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise ArgumentError(f"the output folder {str(folder)!r} cannot be written: {error.strerror}{hint}") from None


def prepare(folder: Path) -> Path:
    """Make the folder if it is not there, see that it can be written, and return the path of its store.

    Raises
    ------
    ArgumentError
        If it cannot be made or written, or it holds runs that no store of ours made.
    """
    writable(folder)
    if (folder / "runs.csv").exists() and not (folder / STORE).exists():
        raise ArgumentError(f"{folder / 'runs.csv'} is there without a store beside it; choose another folder with -o")
    return folder / STORE


def store_path(source: Path) -> Path:
    """Return the store of a comparison's folder, or the file itself where it is one."""
    return source / STORE if source.is_dir() else source


def write(comparison: Comparison, folder: Path) -> list[Path]:
    """Write report.html, table.tex, runs.csv, curves.png and success.png into the folder and return their paths.

    Files of the same names are replaced, each in one step: everything is made anew from the store, so that replacing a
    file loses nothing.
    """
    summaries = [summary for name in comparison.groups for summary in comparison.summaries(name)]
    told = {name: bound_text(comparison, name) for name in comparison.groups}
    files: dict[str, Callable[[Path], object]] = {
        "report.html": lambda path: path.write_text(page(comparison), encoding="utf-8"),
        "table.tex": lambda path: path.write_text(latex(summaries, comparison.machine, told), encoding="utf-8"),
        "runs.csv": comparison.to_csv,
    }
    if comparison.cells:
        files["curves.png"] = lambda path: figures.curves(comparison).savefig(path, format="png")
        files["success.png"] = lambda path: figures.success(comparison).savefig(path, format="png")
    return [replaced(folder / name, make) for name, make in files.items()]


def replaced(path: Path, make: Callable[[Path], object]) -> Path:
    """Write a file beside its place and move it there, so that no half of it is ever seen."""
    with beside(path) as scratch:
        make(scratch)
    return path
