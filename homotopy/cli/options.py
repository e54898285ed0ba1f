"""What several subcommands share: options and arguments, and what the names in them stand for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from homotopy.cli.console import QUIET, say
from homotopy.errors import ArgumentError
from homotopy.naming import join
from homotopy.numerals import LIMIT, POSITIVE, SECONDS, SHARE, Number, whole

__all__ = [
    "LIMIT",
    "METHOD",
    "POSITIVE",
    "PROBLEM",
    "SHARE",
    "Number",
    "address",
    "as_json",
    "decimal",
    "delimiter",
    "executor",
    "force",
    "formats",
    "jobs",
    "missing",
    "missing_cells",
    "plugin",
    "quiet",
    "run_timeout",
    "seed",
    "store",
    "target",
]
__all__ += ["load_plugins", "plain", "problem_texts", "tell", "whole"]


class _Name(click.types.StringParamType):
    """A name that a table of the package knows; anything else passes too and is judged where it is built."""

    def __init__(self, table: str) -> None:
        self.name, self.table = table.removesuffix("s"), table  # the first is shown, as METHOD

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so."""
        del ctx, param
        known = importlib.import_module(f"homotopy.{self.table}").BY_NAME
        return [CompletionItem(name) for name in sorted(known) if name.startswith(incomplete)]


def _note_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Write down for those who talk whether they are to be quiet."""
    del param
    ctx.meta[QUIET] = value


PROBLEM = _Name("problems")
METHOD = _Name("methods")
store = click.argument("source", type=click.Path(path_type=Path), metavar="STORE")
plugin = click.option(
    "--plugin", "plugins", multiple=True, metavar="FILE", help="A Python file with METHODS, PROBLEMS or HOMOTOPIES."
)
target = click.option("--target", metavar="COLUMN", help="The target of problems that are .csv files; y1+y2 for two.")
missing = click.option(
    "--missing",
    type=click.Choice(["drop", "mean"]),
    help="Missing cells of .csv files: rows dropped, or means filled in.",
)
missing_cells = click.option(
    "--missing", type=click.Choice(["drop", "mean"]), help="Missing cells: rows dropped, or means filled in."
)
delimiter = click.option("--delimiter", metavar="CHAR", help="What separates columns: ; or tab; found unless set.")
decimal = click.option("--decimal", metavar="CHAR", help="The decimal mark, point or comma.")
force = click.option("--force", is_flag=True, help="Replace a file that is there.")
seed = click.option(
    "--seed", type=whole(0, 2**63 - 1), default=0, show_default=True, help="Draws the start and all else."
)
jobs = click.option("-j", "--jobs", type=whole(1), metavar="N", help="Workers at the same time; all cores unless set.")
executor = click.option("--executor", metavar="KIND", help="threads, processes, dask or mpi; threads unless set.")
address = click.option("--address", metavar="URL", help="The Dask scheduler, tcp://host:port.")
run_timeout = click.option(
    "--run-timeout",
    type=SECONDS,
    metavar="S",
    help="Wall-clock seconds after which a run has failed.",
)
formats = click.option(
    "--format",
    "formats",
    type=click.Choice(["png", "svg", "pdf"]),
    multiple=True,
    help="Of the pictures; may be repeated.  [default: all three]",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
quiet = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_note_quiet,
    help="No talk on stderr, only errors.",
)


def load_plugins(paths: Iterable[str]) -> None:
    """Enter what installed packages offer, then what these files do.

    Raises
    ------
    ArgumentError
        If one of them cannot be loaded or uses a name that is taken.
    """
    from homotopy.experiments.plan.plugins import load, load_entry_points

    load_entry_points()
    for path in paths:
        load(path)


def problem_texts(words: Iterable[str], target: str | None, missing: str | None = None) -> list[str]:
    """Return the problems' names; ``data.csv`` and ``data.csv:par=value`` are the problem ``csv`` with what is told.

    Raises
    ------
    ArgumentError
        If a file is given without a target or one of the other two without a file, or a path has a comma.
    """
    from homotopy.problems.files import file_parts

    words = list(words)
    files = {word: parts for word in words if (parts := file_parts(word)) is not None}
    told = {"target": target, "missing": missing}
    for option, value in told.items():
        if value is not None and not files:
            raise ArgumentError(f"--{option} goes with a file that ends in .csv, and none was given")
    out = []
    for word in words:
        if word not in files:
            out.append(word)
            continue
        path, own = files[word]
        if target is None and "target" not in own:
            raise ArgumentError(f"{word!r} needs the name of its target column, as in --target y")
        common = {key: value for key, value in told.items() if value is not None}
        out.append(join("csv", {"path": path} | common | own))
    return out


def tell(problems: Iterable[Any]) -> None:
    """Say on stderr, in a line each, what was done with the tables of problems."""
    tables = (problem.data for problem in problems if hasattr(problem.data, "describe"))
    for line in dict.fromkeys(table.describe() for table in tables):
        say(line)


def plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that are set, so that a stored command is short; an empty text is a UsageError."""
    empty = [key for key, value in settings.items() if isinstance(value, str) and not value.strip()]
    if empty:
        raise click.UsageError(f"{empty[0]} must not be empty; give it a value or leave it out")
    return {key: value for key, value in settings.items() if value is not None and value != ()}
