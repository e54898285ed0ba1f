"""The command: ``python -m homotopy.papers.escape``, or ``homotopy suite``."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from homotopy.numerals import SECONDS, whole

if TYPE_CHECKING:
    from homotopy.experiments import Progress

__all__ = ["command"]

LINE_EVERY = 10.0
"""Seconds between two lines of talk."""


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    del ctx, param
    from homotopy.methods import BY_NAME

    return [name for name in sorted(BY_NAME) if name.startswith(incomplete)]


@click.command("suite", short_help="Run all methods on the escape suite.")
@click.option("--quick/--full", default=True, show_default=True, help="Under 3 minutes, or all of it in under 90.")
@click.option("-m", "--method", "methods", shell_complete=_names, multiple=True, metavar="METHOD", help="Only these.")
@click.option("-r", "--row", "rows", multiple=True, metavar="ROW", help="Only these rows of the table.")
@click.option("--runs", type=whole(1), metavar="N", help="Runs of each method on each row, whatever the form says.")
@click.option("-j", "--jobs", type=whole(1), metavar="N", help="Processes at the same time.")
@click.option("--run-timeout", type=SECONDS, metavar="S", help="Wall-clock seconds after which a run has failed.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write files.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr, only errors.")
def command(
    quick: bool,
    methods: tuple[str, ...],
    rows: tuple[str, ...],
    runs: int | None,
    jobs: int | None,
    run_timeout: float | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run methods on the escape suite: success in one run, median cost, and E*.

    E* is the expected cost to the first success when every method starts again at its best cutoff, which is chosen on
    other seeds than those shown. With -o the folder holds runs.sqlite, where each run is kept as it is done; the same
    command goes on from there after an interruption. At the end it also holds suite.csv, the page escape.md and its
    picture.

    \b
    Examples:
      homotopy suite
      homotopy suite --full -o results
      homotopy suite -m skip -m lbfgs -r "teacher k=20"
    """  # noqa: D301
    from homotopy.cli import on_interruption
    from homotopy.experiments import Store
    from homotopy.papers.escape.rows import Line, schedule
    from homotopy.papers.escape.studies import plan
    from homotopy.papers.escape.suite import machines, plain, run

    _check(rows)
    where = "" if output is None else f"; every finished run is kept in {output}, the same command goes on"
    on_interruption(f"interrupted{where}")
    lines = schedule(full=not quick, methods=methods, rows=rows)
    lines = [Line(line.row, line.method, runs or line.runs) for line in lines]
    studies = plan(full=not quick) if output is not None else []
    talk = _Talk(quiet)
    talk.say(f"{len(lines)} cells, {sum(line.runs for line in lines):,} runs")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    with Store(None if output is None else output / "runs.sqlite") as store:
        found, failed, others = run(lines, studies, store=store, n_jobs=jobs, run_timeout=run_timeout, progress=talk)
        machine = machines(store)
        if output is not None:
            from homotopy.papers.escape.page import write
            from homotopy.papers.escape.studies import found as findings

            words = _words(quick, runs, methods, rows)
            studied = findings(studies, others, full=not quick)
            write(output, found, studied, command=words, failed=failed, machine=machine)
            talk.say(f"wrote suite.csv, escape.md and escape.png to {output} after {talk.minutes:.1f} minutes")
    for one in failed:
        click.echo(f"{one.row}, {one.method}: failed, {one.reason}", err=True)
    if as_json:
        print(json.dumps(_finite([plain(one, machine) for one in found]), indent=2))
    else:
        print(_table(found, machine))
    if failed:
        raise SystemExit(1)


def _check(rows: Sequence[str]) -> None:
    """Raise where a row is none of the table."""
    from homotopy.errors import ArgumentError
    from homotopy.papers.escape.rows import ROWS

    known = [row.name for row in ROWS]
    for name in rows:
        if name not in known:
            raise ArgumentError(f"unknown row {name!r}; known are {', '.join(known)}")


def _words(quick: bool, runs: int | None, methods: Sequence[str], rows: Sequence[str]) -> str:
    """Return the command line as the page tells it."""
    words = ["homotopy suite", "--quick" if quick else "--full"]
    words += [f"--runs {runs}"] * (runs is not None) + [f"-m {name}" for name in methods]
    return " ".join([*words, *(f'-r "{name}"' for name in rows)])


class _Talk:
    """Says on stderr how far the runs are, every ten seconds."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._begin = self._last = time.perf_counter()

    @property
    def minutes(self) -> float:
        """Minutes since the beginning."""
        return (time.perf_counter() - self._begin) / 60

    def say(self, text: str) -> None:
        """Write a line."""
        if not self._quiet:
            print(text, file=sys.stderr, flush=True)

    def __call__(self, progress: Progress) -> None:
        """Say how far it is, if that was not said just now."""
        now = time.perf_counter()
        if now - self._last >= LINE_EVERY:
            self._last = now
            done = f"{progress.done:,} of {progress.total:,} runs"
            self.say(f"{done}  {self.minutes:.1f} min  {', '.join(progress.cell)}")


def _table(found: Sequence[Any], machine: str) -> str:
    """Return the lines as a table of texts, and below it the rows that a homotopy wins in gradients only."""
    from homotopy.papers.escape.choice import choices
    from homotopy.papers.escape.page import behind_text
    from homotopy.report import restarts_table
    from homotopy.texts import visible

    heads, body = restarts_table(found)
    rows = [heads, *([*map(visible, row[:2]), *(cell.replace("inf", "∞") for cell in row[2:])] for row in body)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = ["   ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    lines += ["", f"Seconds are those of one thread, warmed up, on {machine}."]
    lines += ["Rows where a homotopy is ahead in gradients and behind in seconds:"]
    for line in behind_text(choices(found)).replace(", inf]", ", ∞]").splitlines():
        lines += textwrap.wrap(line, 118, subsequent_indent="  ")
    return "\n".join(lines)


def _finite(data: Any) -> Any:
    """Return data with None where a number is not finite, which JSON has not."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not isfinite(data) else data
