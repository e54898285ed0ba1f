"""The options and arguments that several subcommands share, each written once."""

from __future__ import annotations

import importlib
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from homotopy.cli.console import QUIET

__all__ = [
    "MethodName",
    "ProblemName",
    "address_option",
    "executor_option",
    "jobs_option",
    "json_option",
    "plugin_option",
    "quiet_option",
    "seed_option",
    "store_argument",
    "target_option",
]


class _Name(click.types.StringParamType):
    """A name that a table of the package knows; anything else passes too and is judged where it is built."""

    def __init__(self, table: str) -> None:
        self.name = self.table = table

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so."""
        del ctx, param
        known = importlib.import_module(f"homotopy.{self.table}").BY_NAME
        return [CompletionItem(name) for name in sorted(known) if name.startswith(incomplete)]


def _note_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Write down for those who talk whether they are to be quiet."""
    del param
    ctx.meta[QUIET] = value


ProblemName = _Name("problems")
MethodName = _Name("methods")
store_argument = click.argument("source", type=click.Path(path_type=Path), metavar="STORE")
plugin_option = click.option(
    "--plugin", "plugins", multiple=True, metavar="FILE", help="A Python file with METHODS, PROBLEMS or HOMOTOPIES."
)
target_option = click.option("--target", metavar="COLUMN", help="The target column of problems that are .csv files.")
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws the start and all else."
)
jobs_option = click.option(
    "-j", "--jobs", type=int, metavar="N", help="Workers at the same time; all cores unless set."
)
executor_option = click.option(
    "--executor", metavar="KIND", help="threads, processes, dask or mpi; threads unless set."
)
address_option = click.option("--address", metavar="URL", help="The Dask scheduler, tcp://host:port.")
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
quiet_option = click.option(
    "-q", "--quiet", is_flag=True, expose_value=False, callback=_note_quiet, help="No talk and no progress on stderr."
)
