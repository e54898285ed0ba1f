"""``homotopy merge``: several stores into one."""

from __future__ import annotations

from pathlib import Path

import click

from homotopy.cli.console import say

__all__ = ["command"]


@click.command("merge", short_help="Put several stores into a new one.")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="STORE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A new folder.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
def command(sources: tuple[Path, ...], output: Path, quiet: bool) -> None:
    """Put the runs of every STORE (a folder of a comparison or its runs.sqlite) into a new store in DIR.

    The sources are only read. Where two have the same run, the first one's is taken.

    \b
    Examples:
      homotopy merge monday tuesday -o week
      homotopy report week
    """  # noqa: D301
    del quiet
    from homotopy.experiments.store.stores import merge
    from homotopy.report.folder import prepare, store_path

    n = merge([store_path(source) for source in sources], prepare(output))
    say(f"{n:,} runs are kept in {store_path(output)}")
