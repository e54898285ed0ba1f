"""``homotopy reproduce``: a published experiment run again, its numbers beside the published ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from homotopy.cli import options
from homotopy.cli.console import emit_json, out, say, table
from homotopy.cli.signals import on_interruption

if TYPE_CHECKING:
    from homotopy.papers.frame.reproducing import Reproduction

__all__ = ["command"]


def _keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the papers that begin so."""
    del ctx, param
    from homotopy.papers.frame import KEYS

    return [CompletionItem(key) for key in KEYS if key.startswith(incomplete)]


@click.command("reproduce")
@click.argument("key", required=False, shell_complete=_keys)
@click.option("--small/--full", default=True, show_default=True, help="Seconds, or what the paper's page shows.")
@click.option("--list", "as_list", is_flag=True, help="List the papers: figures, minutes, verdict.")
@click.option("-j", "--jobs", type=options.whole(1), default=1, show_default=True, help="Processes at the same time.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write files.")
@options.as_json
@options.quiet
def command(key: str | None, small: bool, as_list: bool, jobs: int, output: Path | None, as_json: bool) -> int:
    """Run a published experiment again and say whether its numbers are ours.

    \b
    Examples:
      homotopy reproduce --list
      homotopy reproduce safran2018
      homotopy reproduce safran2018 --full -j 2 -o safran2018

    With -o the folder holds every run as it is done, and the same command goes on from there; at the end it also holds
    README.md, results.json and the pictures. Exit code 1: a number is not what expected.json says.
    """  # noqa: D301
    from homotopy.errors import ArgumentError
    from homotopy.experiments.filling import KEPT
    from homotopy.papers.frame import reproduce

    if as_list:
        return _listed(as_json)
    if key is None:
        raise ArgumentError("name a paper, as in homotopy reproduce safran2018; homotopy reproduce --list shows all")
    on_interruption("interrupted" if output is None else f"interrupted; {KEPT} in {output}, the same command goes on")
    with _Talk() as talk:
        found = reproduce(key, full=not small, jobs=jobs, folder=output, progress=talk, say=say)
    if output is not None:
        from homotopy.papers.frame.reproducing import write

        say(f"wrote {', '.join(write(found, output))} to {output}")
    if as_json:
        emit_json(found.to_dict() | {"unexpected": found.unexpected})
    else:
        _show(found)
    return 1 if found.unexpected else 0


class _Talk:
    """Shows the progress of each of a paper's comparisons on a bar of its own."""

    def __init__(self) -> None:
        self._live: Any = None
        self._total = -1

    def __enter__(self) -> _Talk:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.__exit__()

    def __call__(self, progress: Any) -> None:
        """Show how far it is."""
        from homotopy.cli.live import Live

        if progress.total != self._total:
            self.__exit__()
            self._total, self._live = progress.total, Live(progress.total)
            self._live.__enter__()
        self._live(progress)


def _listed(as_json: bool) -> int:
    from homotopy.papers.frame.index import HEADINGS, listing

    rows = listing()
    if as_json:
        emit_json([dict(zip(HEADINGS, row, strict=True)) for row in rows])
    else:
        table(HEADINGS, rows)
    return 0


def _show(found: Reproduction) -> None:
    """Write the tables, the verdict, and whether the numbers are those expected."""
    outcome = found.outcome
    rows = [(row.what, row.published, row.ours, row.verdict, row.basis) for row in outcome.rows]
    table(("what", "published", "ours", "verdict", "judged by"), rows, title=found.paper.title)
    for one in (*outcome.tables, *outcome.costs):
        out().print()
        table(one.headings, one.rows, title=one.title)
    out().print()
    lines = [f"Reproduces: {found.verdict}. {found.why}"]
    if found.unexpected:
        lines += ["Not as expected:", *(f"  {sentence}" for sentence in found.unexpected)]
    else:
        lines.append(f"All {len(outcome.numbers)} numbers of the {found.version} version are as expected.")
    for line in lines:
        out().print(line, markup=False, soft_wrap=True)
