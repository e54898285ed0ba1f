"""The folder of a comparison: its store, the report, the runs as CSV, the figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from homotopy.arguments import choice
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.experiments.comparison import Comparison
from homotopy.report import figures
from homotopy.report.bounds import bound_text
from homotopy.report.html import page
from homotopy.report.losses import latex
from homotopy.report.style import RC
from homotopy.scratch import beside
from homotopy.texts import file_name

__all__ = [
    "FORMATS",
    "STORE",
    "default_folder",
    "free",
    "pictures",
    "prepare",
    "replaced",
    "store_path",
    "writable",
    "write",
]

STORE = "runs.sqlite"
FORMATS = ("png", "svg", "pdf")
TEXTS, PICTURES = ("report.html", "table.tex", "runs.csv"), ("curves", "success")
DPI = 200  # of pictures made of points


def default_folder(names: list[str], kind: str = "homotopy") -> Path:
    """Return the folder that a comparison of these problems uses when none is given; `kind` begins its name.

    Examples
    --------
    >>> str(default_folder(["teacher:k=20"])), str(default_folder(["xor", "yun", "sine"]))
    ('homotopy-teacher-k=20', 'homotopy-xor-and-2-more')
    """
    stem = file_name(Path(names[0]).name if names[0].endswith(".csv") else names[0])
    more = f"-and-{len(names) - 1}-more" if len(names) > 1 else ""
    return Path(f"{kind}-{stem}{more}")


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
    except (OSError, ValueError) as error:  # the second where the name has a character that no file name can have
        why = error.strerror if isinstance(error, OSError) else error
        raise ArgumentError(f"the output folder {str(folder)!r} cannot be written: {why}{hint}") from None


def prepare(folder: Path) -> Path:
    """Make the folder if it is not there, see that it can be written, and return the path of its store.

    Raises
    ------
    ArgumentError
        If it cannot be made or written, or has files of a report that no store beside them made.
    """
    writable(folder)
    free(folder, STORE, (*TEXTS, *(f"{name}.{kind}" for name in PICTURES for kind in FORMATS)))
    return folder / STORE


def free(folder: Path, source: str, names: Iterable[str]) -> None:
    """See that no file of a folder is written over that is not made from `source`, a file beside it.

    Raises
    ------
    ArgumentError
        If one of these names is there and the source is not.
    """
    if not (folder / source).exists():
        for name in names:
            if os.path.lexists(folder / name):
                raise ArgumentError(
                    f"{folder / name} is there without {source} beside it; choose another folder with -o"
                )


def store_path(source: Path) -> Path:
    """Return the store of a comparison's folder, or the file itself where it is one."""
    return source / STORE if source.is_dir() else source


@door
def write(comparison: Comparison, folder: Path, formats: Sequence[str] = FORMATS, *, hint: str = "") -> list[Path]:
    """Write report.html, table.tex, runs.csv and the pictures curves and success into the folder; return their paths.

    Files of the same names are replaced, each in one step: everything is made anew from the store, so that replacing a
    file loses nothing.

    Parameters
    ----------
    comparison : Comparison
        What is told.
    folder : Path
        Where the files go.
    formats : sequence of str
        Of the pictures, from `FORMATS`: png for the screen, the others for a paper.
    hint : str
        What ends the sentence where the folder cannot be written.
    """
    writable(folder, hint=hint)
    summaries = [summary for name in comparison.groups for summary in comparison.summaries(name)]
    told = {name: bound_text(comparison, name) for name in comparison.groups}
    files: dict[str, Callable[[Path], object]] = {
        "report.html": lambda path: path.write_text(page(comparison), encoding="utf-8"),
        "table.tex": lambda path: path.write_text(latex(summaries, comparison.machine, told), encoding="utf-8"),
        "runs.csv": comparison.to_csv,
    }
    if comparison.cells:
        files |= pictures({"curves": figures.curves(comparison), "success": figures.success(comparison)}, formats)
    return [replaced(folder / name, make) for name, make in files.items()]


def pictures(drawn: Mapping[str, Figure], formats: Sequence[str]) -> dict[str, Callable[[Path], object]]:
    """Return how each figure is written in each format, by the name of the file.

    Raises
    ------
    ArgumentError
        If a format is none of `FORMATS`.
    """
    for kind in formats:
        choice("formats", kind, FORMATS)
    return {
        f"{name}.{kind}": partial(_picture, figure, kind)
        for name, figure in drawn.items()
        for kind in dict.fromkeys(formats)
    }


def _picture(figure: Figure, kind: str, path: Path) -> None:
    """Write a figure, the same bytes each time; letters of a PDF are those of a font, which journals ask for."""
    dates: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with mpl.rc_context(cast("Any", RC | {"pdf.fonttype": 42})), np.errstate(all="ignore"):
        figure.savefig(path, format=kind, dpi=DPI, metadata=dates.get(kind, {}))


def replaced(path: Path, make: Callable[[Path], object]) -> Path:
    """Write a file beside its place and move it there, so that no half of it is ever seen."""
    with beside(path) as scratch:
        make(scratch)
    return path
