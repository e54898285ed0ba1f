"""``homotopy report``: the report of a store, without running anything."""

from __future__ import annotations

from pathlib import Path

import click

from homotopy.cli.console import say
from homotopy.cli.names import load_plugins
from homotopy.cli.request import show

__all__ = ["command"]


@click.command("report", short_help="Write the report of a store again.")
@click.argument("source", type=click.Path(path_type=Path), metavar="STORE")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where files go.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout instead of the table.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
def command(source: Path, output: Path | None, as_json: bool, quiet: bool) -> int:
    """Print the table of everything in STORE (a folder of a comparison or its runs.sqlite) and write its report.

    The files are report.html, table.tex, runs.csv, curves.png and success.png, beside the store or in DIR. Shown are
    the runs with the budget of the newest ones, each method in its newest version.

    \b
    Examples:
      homotopy report teachers
      homotopy report week/runs.sqlite -o to-send
    """  # noqa: D301
    del quiet
    from homotopy.errors import ArgumentError
    from homotopy.experiments import Comparison
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import store_path, writable, write

    path = store_path(source)
    with Store(path, create=False) as store:
        load_plugins(())
        for plugin in dict.fromkeys(p for s in store.sessions() for p in s["command"].get("plugins", ())):
            try:
                load_plugins([plugin])
            except ArgumentError as error:
                say(f"its methods are not described: {error}")
        comparison = Comparison.load(store)
        written = write(comparison, writable(output or path.parent))
        show(comparison, as_json=as_json)
        for file in written:
            say(f"wrote {file}")
    return 0
