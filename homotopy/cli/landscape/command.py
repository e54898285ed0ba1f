"""``homotopy landscape``: a table of critical points, their picture and tree, in a folder that goes on."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from homotopy.cli import options
from homotopy.cli.console import echo, emit_json, say, table
from homotopy.cli.options import load_plugins, problem_texts, tell
from homotopy.cli.signals import on_interruption

if TYPE_CHECKING:
    from homotopy.landscape.critical.points import CriticalPoints
    from homotopy.problems import Problem
    from homotopy.report.landscape.surveyed import Survey

__all__ = ["command"]

LARGEST = {"all": 200, "minima": 2000}  # variables
SHOWN = 8  # minima in the table
LINE_EVERY = 10.0  # seconds between two lines on stderr


@click.command("landscape")
@click.argument("problem", type=options.PROBLEM)
@click.option(
    "--starts", type=options.whole(1), default=200, show_default=True, metavar="N", help="Random starts in all."
)
@options.seed
@click.option(
    "--kinds",
    type=click.Choice(["all", "minima"]),
    default="all",
    show_default=True,
    help="Which critical points are looked for.",
)
@click.option("--seconds", type=options.LIMIT, metavar="S", help="Begin no part after so many seconds.")
@click.option(
    "--bands",
    type=options.whole(0),
    default=20,
    show_default=True,
    metavar="N",
    help="Pairs of minima, connected by no known saddle, between which a path is sought.",
)
@options.target
@options.missing
@options.plugin
@click.option("-o", "--output", type=click.Path(file_okay=False), metavar="DIR", help="Where files go.")
@options.formats
@options.as_json
@options.quiet
def command(problem: str, **settings: Any) -> None:
    """Find the critical points of PROBLEM: a table by index, what is probably missing, the barriers between minima.

    Writes landscape.html, points.csv and pictures into DIR. The points are kept there, in parts as they are found: the
    same command goes on where a killed one stopped, and with more --starts it adds to them.

    \b
    Examples:
      homotopy landscape xor:l2=0.01
      homotopy landscape xor:hidden=3,l2=0.01 --starts 1000 -o xor3
      homotopy landscape teacher:k=6 --kinds minima --seconds 60
      homotopy landscape data.csv:hidden=2,l2=0.01 --target price --json
    """  # noqa: D301
    from homotopy import problems
    from homotopy.cli.landscape.gathering import Gathered, gather
    from homotopy.cli.request import limits
    from homotopy.landscape.barriers.beyond import beyond_the_hessian
    from homotopy.report.folder import FORMATS, default_folder, writable
    from homotopy.report.landscape import Survey, write

    load_plugins(settings["plugins"])
    text = problem_texts([problem], settings["target"], settings["missing"])[0]
    found = problems.problem(text)
    tell([found])
    kinds, starts = settings["kinds"], settings["starts"]
    _fits(found, kinds)
    seconds = limits(None, settings["seconds"]).seconds
    folder = writable(Path(settings["output"] or default_folder([problem], "landscape")))
    on_interruption(f"interrupted; the points of every finished part are kept in {folder}, the same command goes on")
    place = Gathered(folder, found, settings["seed"], kinds)
    points = beyond_the_hessian(gather(place, starts, seconds=seconds, told=_Line(starts)))
    tree = _tree(points, settings["bands"])
    asked = {"problem": found.name, "starts": f"{points.n_starts:,}", "seed": str(settings["seed"]), "kinds": kinds}
    survey = Survey(found, points, tree, asked)
    written = write(survey, folder, settings["formats"] or FORMATS)
    if settings["as_json"]:
        emit_json(_data(survey) | {"seed": settings["seed"], "kinds": kinds})
    else:
        _show(survey)
    for path in written:
        say(f"wrote {path}")
    left = starts - points.n_starts
    say(f"points are kept in {folder}" + (f"; {left:,} starts are left, the same command goes on" if left > 0 else ""))


def _fits(problem: Problem, kinds: str) -> None:
    """Refuse a problem that is too large."""
    from homotopy.errors import ArgumentError

    most = LARGEST[kinds]
    if problem.size > most:
        other = f"; --kinds minima takes {LARGEST['minima']:,}" if most < problem.size <= LARGEST["minima"] else ""
        raise ArgumentError(
            f"{problem.name} has {problem.size:,} variables, and --kinds {kinds} takes at most {most:,}, "
            f"since it needs all eigenvalues of the Hessian{other}"
        )


def _tree(points: CriticalPoints, bands: int) -> Any:
    """Return the tree of the minima; None where there is none or the problem is large."""
    from homotopy.landscape.barriers.tree import disconnectivity

    if not points.minima or points.objective.size > LARGEST["all"]:
        return None
    return disconnectivity(points, attempts=bands)


class _Line:
    """A line on stderr after a part, at most one in ten seconds."""

    def __init__(self, starts: int) -> None:
        self.starts, self.last = starts, time.perf_counter()

    def __call__(self, points: CriticalPoints) -> None:
        now = time.perf_counter()
        if now - self.last >= LINE_EVERY:
            self.last = now
            say(f"{points.n_starts:,} of {self.starts:,} starts: {len(points):,} points, {len(points.minima):,} minima")


def _show(survey: Survey) -> None:
    """Write the tables and sentences to stdout."""
    from homotopy.report.landscape import texts

    points, problem = survey.points, survey.problem
    many = "one critical point" if len(points) == 1 else f"{len(points):,} critical points"
    title = f"{problem.name}: {problem.size} variables, {many} from {points.n_starts:,} starts"
    table(texts.BY_INDEX, texts.by_index(survey), title=title, numbers=True)
    echo()
    for line in texts.sentences(survey):
        echo(line)
    minima = texts.minima(survey, SHOWN)
    if minima:
        echo()
        table(texts.minima_headings(survey), minima, numbers=True)
        if len(points.minima) > SHOWN:
            echo(f"and {len(points.minima) - SHOWN:,} minima above them")


def _data(survey: Survey) -> dict[str, Any]:
    """Return a survey as plain data."""
    from homotopy.report.landscape.folder import COLUMNS
    from homotopy.report.landscape.surveyed import rank_correlation

    points, tree, ranks = survey.points, survey.tree, rank_correlation(survey.points)
    return {
        "problem": survey.problem.name,
        "size": survey.problem.size,
        "starts": points.n_starts,
        "escaped": points.n_escaped,
        "failed": points.n_failed,
        "coverage": asdict(points.coverage),
        "morse_sum": points.morse_sum,
        "bound": None if survey.bound is None else asdict(survey.bound),
        "gap": survey.gap(points.minima[0].value) if points.minima else None,
        "spearman": None if ranks is None else asdict(ranks),
        "points": [
            {name: getattr(p, name) for name in COLUMNS} | {"eigenvalues": p.eigenvalues, "x": p.x} for p in points
        ],
        "tree": None
        if tree is None
        else {
            "minima": [point.value for point in tree.minima],
            "merges": [(merge.level, merge.left, merge.right) for merge in tree.merges],
        },
        "notes": [*points.notes, *(tree.notes if tree is not None else ())],
    }
