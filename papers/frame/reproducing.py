"""A paper run from its key: its outcome, its verdict, and its files."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from PIL import Image

import homotopy as hp
from homotopy.errors import ArgumentError, MissingExtraError
from homotopy.experiments import Progress, code_version, machine_name
from homotopy.scratch import beside

from .catalogue import paper
from .holding import PAPERS, expected_numbers, unexpected
from .outcome import Outcome, Paper, Picture
from .page import readme
from .rows import verdict
from .study import Study

__all__ = ["RESULTS", "Reproduction", "committed", "reproduce", "write"]

RESULTS = "results.json"


@dataclass(frozen=True)
class Reproduction:
    """A paper that was run.

    Attributes
    ----------
    paper : Paper
        Which.
    full : bool
        Whether it was the full version.
    outcome : Outcome
        What it came to.
    verdict, why : str
        Whether it reproduces, yes, partly or no, and a sentence.
    unexpected : list of str
        A sentence for each number that is not what expected.json says.
    minutes : float
        What it took, with the runs that were there already.
    jobs : int
        Processes.
    """

    paper: Paper
    full: bool
    outcome: Outcome
    verdict: str
    why: str
    unexpected: list[str]
    minutes: float
    jobs: int

    @property
    def version(self) -> str:
        """``full`` or ``small``."""
        return "full" if self.full else "small"

    def to_dict(self) -> dict[str, Any]:
        """Return what results.json holds: all but the pictures, with the date and the machine."""
        rows = [
            {"what": row.what, "published": row.published, "ours": row.ours, "verdict": row.verdict, "basis": row.basis}
            for row in self.outcome.rows
        ]
        return {
            "key": self.paper.key,
            "title": self.paper.title,
            "version": self.version,
            "verdict": self.verdict,
            "why": self.why,
            "figures": [picture.name for picture in self.outcome.pictures],
            "minutes": round(self.minutes, 3),
            "jobs": self.jobs,
            "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
            "homotopy": hp.__version__,
            "code": code_version(),
            "machine": machine_name(),
            "numbers": self.outcome.numbers,
            "rows": rows,
            "costs": [{"title": t.title, "headings": t.headings, "rows": t.rows} for t in self.outcome.costs],
        }


def reproduce(
    key: str,
    *,
    full: bool = False,
    jobs: int = 1,
    folder: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Reproduction:
    """Run a paper and return what it came to.

    Parameters
    ----------
    key : str
        The paper's folder.
    full : bool
        The full version; else the small one.
    jobs : int
        Processes at the same time.
    folder : Path or None
        Where runs are kept as they are done; the same command goes on from there. None keeps nothing.
    progress, say : callable or None
        As for `Study`.

    Raises
    ------
    ArgumentError
        If there is no such paper, or the folder holds another one, or files of something else, or the full version and
        the small one is asked for.
    MissingExtraError
        If the paper needs an extra of the package that is not installed.
    """
    found = paper(key)
    if folder is not None:
        _refuse(folder, key, full)
    with Study(key, full=full, jobs=jobs, folder=folder, progress=progress, say=say) as study:
        try:
            outcome = found.run(study)
        except ImportError as error:
            if not found.extras or isinstance(error, MissingExtraError):
                raise
            extras = ",".join(found.extras)
            raise MissingExtraError(f"{key} needs more packages: pip install 'homotopy-opt[{extras}]'") from error
        minutes = study.seconds / 60
    _look_at(found, outcome, full)
    answer, why = verdict(outcome.rows)
    wrong = unexpected(outcome.numbers, expected_numbers(key, "full" if full else "small"))
    return Reproduction(found, full, outcome, answer, why, wrong, minutes, jobs)


def _refuse(folder: Path, key: str, full: bool) -> None:
    """Raise where a folder holds what the files of a paper's version must not replace."""
    held = _held(folder)
    if held is None and any((folder / name).exists() for name in ("README.md", RESULTS)):
        raise ArgumentError(f"{folder} holds a README.md or {RESULTS} of something else; name another folder")
    if held is not None and held["key"] != key:
        raise ArgumentError(f"{folder} holds {held['key']}, which {key} would replace; name another folder")
    if held is not None and held["version"] == "full" and not full:
        raise ArgumentError(f"{folder} holds the full version, which a small one would replace; name another folder")


def _held(folder: Path) -> dict[str, Any] | None:
    """Return the results that a folder holds; None where it holds none of a paper."""
    try:
        found = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"key", "version"} <= set(found) else None


def _look_at(found: Paper, outcome: Outcome, full: bool) -> None:
    """Raise where a paper's own code returned what no outcome can be."""
    bad = [name for name, value in outcome.numbers.items() if not isfinite(value)]
    if bad:
        raise AssertionError(f"{found.key}: {', '.join(bad)} must be finite")
    if full and not (outcome.costs and outcome.pictures):
        raise AssertionError(f"{found.key}: the full version must tell E* and have a picture")


def write(found: Reproduction, folder: Path) -> list[str]:
    """Write README.md, results.json and the pictures into a folder, each whole or not at all; return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in found.outcome.pictures:
        _save(picture, folder)
    data = found.to_dict()
    page = readme(found.paper, found.outcome, data)
    results = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    for name, text in {RESULTS: results, "README.md": page, **found.outcome.files}.items():
        with beside(folder / name) as scratch:
            scratch.write_text(text, encoding="utf-8", newline="")
    return ["README.md", RESULTS, *(f"{one.name}.png" for one in found.outcome.pictures), *found.outcome.files]


def _save(picture: Picture, folder: Path) -> None:
    """Write a picture in 128 colors, which look the same and take a third of the room."""
    stream = io.BytesIO()
    picture.figure.savefig(stream, dpi=200, format="png")
    with beside(folder / f"{picture.name}.png") as scratch:
        Image.open(stream).convert("RGB").quantize(128).save(scratch, format="png", optimize=True)


def committed(key: str) -> dict[str, Any] | None:
    """Return results.json of the full run that came with the package; None where there is none."""
    path = PAPERS / key / RESULTS
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
