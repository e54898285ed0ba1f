"""``homotopy clean``: take runs out of a store."""

from __future__ import annotations

from pathlib import Path

import click

from homotopy.cli.console import say, table

__all__ = ["command"]


@click.command("clean", short_help="Remove runs from a store.")
@click.argument("source", type=click.Path(path_type=Path), metavar="STORE")
@click.option("--problem", "problems", multiple=True, metavar="PROBLEM", help="Runs of this problem, by its full name.")
@click.option("--method", "methods", multiple=True, metavar="METHOD", help="Runs of this method, by its full name.")
@click.option("--old", is_flag=True, help="Runs of other versions of the code than this one.")
@click.option("--yes", is_flag=True, help="Do it; without this only what would go is shown.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
def command(
    source: Path, problems: tuple[str, ...], methods: tuple[str, ...], old: bool, yes: bool, quiet: bool
) -> None:
    """Show what would be removed from STORE, and remove it with --yes; the file shrinks.

    \b
    Examples:
      homotopy clean teachers --old
      homotopy clean teachers --method lbfgs --yes
    """  # noqa: D301
    del quiet
    from homotopy.experiments.run.machine import code_version
    from homotopy.experiments.store.store import Store
    from homotopy.experiments.store.stores import clean
    from homotopy.report.folder import store_path

    if not (problems or methods or old):
        raise click.UsageError("say what goes: --problem, --method or --old")
    path = store_path(source)
    with Store(path, create=False) as store:
        keep = code_version() if old else None
        gone = clean(store, problems=problems, methods=methods, keep_version=keep, apply=yes)
    table(("problem", "method", "version", "runs"), [(r.problem, r.method, r.version, f"{r.runs:,}") for r in gone])
    runs = sum(removal.runs for removal in gone)
    say(f"{'removed' if yes else 'would remove'} {runs:,} runs from {path}{'' if yes else '; say --yes to do it'}")
