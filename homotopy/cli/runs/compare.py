"""``homotopy compare``: methods on problems, every run in a store, a table, pictures and a report."""

from __future__ import annotations

from typing import Any

import click

from homotopy.cli.completion import MethodName, ProblemName
from homotopy.cli.names import plugin_option
from homotopy.cli.request import execute, prepared

__all__ = ["command"]


@click.command("compare", short_help="Compare methods on problems.")
@click.argument("problems", nargs=-1, type=ProblemName, metavar="PROBLEM...")
@click.option(
    "-m",
    "--method",
    "methods",
    multiple=True,
    type=MethodName,
    metavar="METHOD",
    help="May be repeated; see homotopy list methods.",
)
@click.option("--seeds", metavar="N", help="How many starts, or which: 100..199.  [default: 1000; 100 with data]")
@click.option("--tuning", type=int, metavar="N", help="Starts more that choose restart cutoffs and are not shown.")
@click.option("--budget", type=float, metavar="B", help="Gradient-equivalents of one run.  [default: 5000]")
@click.option("--seconds", type=float, metavar="S", help="Wall-clock seconds of one run, instead or as well.")
@click.option("-j", "--jobs", type=int, metavar="N", help="Workers at the same time.  [default: all cores]")
@click.option("-o", "--output", type=click.Path(file_okay=False), metavar="DIR", help="Where files go.")
@click.option("--target", metavar="COLUMN", help="The target column of problems that are .csv files.")
@click.option("--config", type=click.Path(), metavar="FILE", help="Read all this from a .toml or .yaml file.")
@plugin_option
@click.option("--executor", metavar="KIND", help="threads, processes, dask or mpi.  [default: threads]")
@click.option("--address", metavar="URL", help="The Dask scheduler, tcp://host:port.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout instead of the table.")
@click.option("-q", "--quiet", is_flag=True, help="No talk and no progress on stderr.")
def command(problems: tuple[str, ...], as_json: bool, quiet: bool, **options: Any) -> int:
    """Run every METHOD on every PROBLEM from the same starts; print a table, write a report, runs.csv and pictures.

    \b
    Examples:
      homotopy compare teacher:k=20
      homotopy compare teacher:k=6..20 -m lbfgs -m skip --seeds 200 -o teachers
      homotopy compare data.csv --target price --json
      homotopy compare --config study.toml -j 8
      homotopy compare xor --executor dask --address tcp://head:8786

    Runs are kept in DIR/runs.sqlite as they end. The same command goes on where it stopped, and runs that are there
    already are not done again.
    """  # noqa: D301
    del quiet  # read from the context by those who talk
    return execute(prepared(problems, options), as_json=as_json)
