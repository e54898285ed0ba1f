"""``homotopy resume``: go on with a comparison that was stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from homotopy.cli.console import say
from homotopy.cli.names import plain
from homotopy.cli.request import execute

__all__ = ["command"]


@click.command("resume", short_help="Go on with a comparison that was stopped.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("-j", "--jobs", type=int, metavar="N", help="Workers at the same time.")
@click.option("--executor", metavar="KIND", help="threads, processes, dask or mpi.")
@click.option("--address", metavar="URL", help="The Dask scheduler, tcp://host:port.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout instead of the table.")
@click.option("-q", "--quiet", is_flag=True, help="No talk and no progress on stderr.")
def command(folder: Path, as_json: bool, quiet: bool, **options: Any) -> int:
    """Run what the last command into DIR asked for and has not yet; finished runs are kept as they are.

    \b
    Examples:
      homotopy resume homotopy-xor
      homotopy resume teachers -j 8 --quiet
    """  # noqa: D301
    del quiet
    from homotopy.errors import DataError
    from homotopy.experiments.run.machine import code_version
    from homotopy.experiments.store.store import Store
    from homotopy.report.folder import STORE

    with Store(folder / STORE, create=False) as store:
        commands = [session["command"] for session in store.sessions()]
        versions = {version for *_, version, _ in store.cells()}
    asked = [command for command in commands if command.get("problems") or command.get("groups")]
    if not asked:
        raise DataError(f"{folder / STORE} does not say what was asked for; give the command again")
    if versions - {code_version()}:
        say("the code has changed since: runs of the older version are kept apart and done again")
    return execute(asked[-1] | {"output": str(folder)} | plain(options), as_json=as_json)
