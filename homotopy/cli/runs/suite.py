"""``homotopy suite``: every method on the escape suite."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from homotopy.cli.completion import MethodName
from homotopy.cli.console import emit_json, say, table

if TYPE_CHECKING:
    from homotopy.papers.escape.cells import Cell
    from homotopy.papers.escape.journal import Journal
    from homotopy.papers.escape.suite import Failure

__all__ = ["command"]


@click.command("suite", short_help="Run all methods on the escape suite.")
@click.option("--quick/--full", default=True, show_default=True, help="Under 3 minutes, or all of it in under 90.")
@click.option("-m", "--method", "methods", type=MethodName, multiple=True, metavar="METHOD", help="Only these.")
@click.option("-r", "--row", "rows", multiple=True, metavar="ROW", help="Only these rows of the table.")
@click.option("--runs", type=int, metavar="N", help="Runs of each method on each row, whatever the form says.")
@click.option("-j", "--jobs", type=int, metavar="N", help="Processes at the same time.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write files.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr.")
def command(
    quick: bool,
    methods: tuple[str, ...],
    rows: tuple[str, ...],
    runs: int | None,
    jobs: int | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run methods on the escape suite: success in one run, median cost, and E*.

    E* is the expected cost to the first success when every method starts again at its best cutoff, which is chosen on
    other seeds than those shown. With -o the folder holds suite.jsonl, to which each result is added as it is done;
    the same command goes on from there after an interruption. At the end it also holds suite.csv, the page escape.md
    and its picture.

    \b
    Examples:
      homotopy suite
      homotopy suite --full -o results
      homotopy suite -m skip -m lbfgs -r "teacher k=20"
    """  # noqa: D301
    del quiet
    from homotopy.papers.escape.cells import HEADINGS, Cell, suite_table, write_csv
    from homotopy.papers.escape.rows import cells
    from homotopy.papers.escape.studies import plan

    _check(rows, jobs, runs)
    what = [(row, name, runs or n) for row, name, n in cells(full=not quick, methods=methods, rows=rows)]
    asked = plan(full=not quick) if output is not None else []
    journal = None
    if output is not None:
        journal = _journal(output, quick=quick, methods=methods, rows=rows, runs=runs)
    every, studies, seconds = _run(what, asked, journal, jobs)
    found = [cell for cell in every if isinstance(cell, Cell)]
    failed = [cell for cell in every if not isinstance(cell, Cell)]
    if output is not None:
        from homotopy.papers.escape.page import write

        write_csv(found, output / "suite.csv")
        words = ["homotopy suite", "--quick" if quick else "--full"]
        words += [f"--runs {runs}"] * (runs is not None) + [f"-m {name}" for name in methods]
        words += [f'-r "{name}"' for name in rows]
        write(output, found, studies, command=" ".join(words), failed=failed)
        say(f"wrote suite.csv, escape.md and escape.png to {output} after {seconds / 60:.1f} minutes")
    if as_json:
        from dataclasses import asdict

        emit_json([asdict(cell) for cell in found])
    else:
        table(HEADINGS, suite_table(found))
    if failed:
        raise SystemExit(1)


def _check(rows: Sequence[str], jobs: int | None, runs: int | None) -> None:
    """Raise where an option cannot be meant."""
    from homotopy.errors import ArgumentError
    from homotopy.papers.escape.rows import ROWS

    known = [row.name for row in ROWS]
    for name in rows:
        if name not in known:
            raise ArgumentError(f"unknown row {name!r}; known are {', '.join(known)}")
    if jobs is not None and jobs < 1:
        raise ArgumentError(f"jobs must be 1 or more, not {jobs}")
    if runs is not None and runs < 1:
        raise ArgumentError(f"runs must be 1 or more, not {runs}")


def _journal(output: Path, *, quick: bool, methods: Sequence[str], rows: Sequence[str], runs: int | None) -> Journal:
    """Return the folder's journal."""
    from homotopy.experiments.run.machine import code_version
    from homotopy.papers.escape.journal import Journal

    settings = {
        "form": "quick" if quick else "full",
        "methods": list(methods),
        "rows": list(rows),
        "runs": runs,
        "code": code_version(),
    }
    return Journal(output / "suite.jsonl", settings)


def _run(
    what: Sequence[Any], asked: Sequence[Any], journal: Journal | None, jobs: int | None
) -> tuple[list[Cell | Failure], dict[str, Any], float]:
    """Run what the journal does not hold; return all cells, what all studies found by key, and the seconds."""
    from homotopy.papers.escape.studies import Study
    from homotopy.papers.escape.suite import Failure, run_suite

    old: dict[tuple[str, str], Any] = dict(journal.cells) if journal is not None else {}
    studies = dict(journal.studies) if journal is not None else {}
    left = [one for one in what if (one[0].name, one[1]) not in old]
    open_ = [study for study in asked if study.key not in studies]
    begin, total, done = time.perf_counter(), len(left) + len(open_), 0
    say(f"{len(what)} cells" + (f", {len(what) - len(left)} of them done before" if len(left) < len(what) else ""))

    def tell(thing: Any, result: Any) -> None:
        nonlocal done
        done += 1
        if isinstance(thing, Study):
            words = f"study: {thing.topic}"
            if journal is not None:
                journal.add_study(thing.key, result)
        elif isinstance(thing, Failure):
            words = f"{thing.row}, {thing.method}: failed, {thing.reason}"
        else:
            words = f"{thing.row}, {thing.method}: {thing.rate.rate:.3f} of {thing.rate.runs}"
            if journal is not None:
                journal.add_cell(thing)
        say(f"{done}/{total}  {(time.perf_counter() - begin) / 60:.1f} min  {words}")

    fresh, results = run_suite(left, open_, n_jobs=jobs, callback=tell)
    old |= {(cell.row, name): cell for cell, (_, name, _) in zip(fresh, left, strict=True)}
    studies |= {study.key: result for study, result in zip(open_, results, strict=True)}
    return [old[row.name, name] for row, name, _ in what], studies, time.perf_counter() - begin
