"""``homotopy compare`` and ``resume``: methods on problems, every run in a store, a table, pictures and a report."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from typing import Any

import click

from homotopy.cli import options
from homotopy.cli.console import say
from homotopy.cli.request import asked_again, damage_told, execute, prepared

__all__ = ["compare", "resume"]


@click.command("compare")
@click.argument("problems", nargs=-1, type=options.PROBLEM, metavar="PROBLEM...")
@click.option(
    "-m", "--method", "methods", multiple=True, type=options.METHOD, help="May be repeated; see homotopy list methods."
)
@click.option("--seeds", metavar="N", help="How many starts, or which: 100..199.  [default: 1000; 100 with data]")
@click.option(
    "--tuning", type=options.whole(0), metavar="N", help="Starts more that choose restart cutoffs and are not shown."
)
@click.option("--budget", type=options.LIMIT, metavar="B", help="Gradient-equivalents of one run.  [default: 5000]")
@click.option("--seconds", type=options.LIMIT, metavar="S", help="Wall-clock seconds of one run, instead or as well.")
@options.jobs
@click.option("-o", "--output", type=click.Path(file_okay=False), metavar="DIR", help="Where files go.")
@options.target
@options.missing
@click.option("--config", type=click.Path(), metavar="FILE", help="Read all this from a .toml or .yaml file.")
@options.plugin
@options.executor
@options.address
@options.run_timeout
@options.formats
@options.as_json
@options.quiet
def compare(problems: tuple[str, ...], as_json: bool, **settings: Any) -> int:
    """Run every METHOD on every PROBLEM from the same starts; print a table, write a report, runs.csv and pictures.

    \b
    Examples:
      homotopy compare teacher:k=20
      homotopy compare teacher:k=6..20 -m lbfgs -m skip --seeds 200 -o teachers
      homotopy compare data.csv --target price --json
      homotopy compare csv:path=data.csv,target=price,folds=5 -m lbfgs -m auto
      homotopy compare --config study.toml -j 8
      homotopy compare xor --executor dask --address tcp://head:8786

    Where the optimum is unknown the table leads with the expected loss at the budget, the lowest one of restarts, and
    says how many runs came near the lowest loss that any method found; with held-out rows it has their score beside it.
    A file's problem with folds=5 in its name is all five folds, told together.

    Runs are kept in DIR/runs.sqlite as they end. The same command goes on where it stopped, and runs that are there
    already are not done again. Of a method that fails on a problem, by an error or by --run-timeout, finished runs are
    kept and no more are begun. A crash takes all of --executor threads with it, of processes only the run that did it.
    """  # noqa: D301
    return execute(prepared(problems, settings), as_json=as_json)


@click.command("resume")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@options.jobs
@options.executor
@options.address
@options.run_timeout
@options.plugin
@options.as_json
@options.quiet
def resume(folder: Path, as_json: bool, **settings: Any) -> int:
    """Run what the last command into DIR asked for and has not yet; finished runs are kept as they are.

    DIR names the plugins and the scheduler that it was made with, and its store may be anybody's: they are loaded and
    connected to only where --plugin and --address give them. Tables are read where they lie from DIR, from where the
    command was given, or from here.

    \b
    Examples:
      homotopy resume homotopy-xor
      homotopy resume teachers -j 8 --quiet
    """  # noqa: D301
    from homotopy.errors import DataError
    from homotopy.experiments.run.machine import code_version
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import STORE

    with damage_told(), Store(folder / STORE, readonly=True) as store:
        commands = [session["command"] for session in store.sessions()]
        versions = {version for *_, version, _ in store.cells()}
    asked = [command for command in commands if command.get("problems") or command.get("groups")]
    if not asked:
        raise DataError(f"{folder / STORE} does not say what was asked for; give the command again")
    if versions - {code_version()}:
        say("the code has changed since: runs of the older version are kept apart and done again")
    request, place = asked_again(folder / STORE, asked[-1], settings)
    with chdir(place):
        return execute(request, as_json=as_json)
