"""``homotopy suite``: every method on the escape suite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homotopy.cli.completion import MethodName
from homotopy.cli.console import emit_json, say, table

if TYPE_CHECKING:
    from homotopy.experiments.suite import Cell

__all__ = ["command"]

HEADINGS = ("problem", "method", "runs", "success a run [95 %]", "median cost", "E* [95 %]", "cutoff")


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
    other seeds than those shown. With -o the folder holds suite.csv and the page escape.md.

    \b
    Examples:
      homotopy suite
      homotopy suite --full -o results
      homotopy suite -m skip -m lbfgs -r "teacher k=20"
    """  # noqa: D301
    del quiet
    from dataclasses import asdict

    from homotopy.errors import ArgumentError
    from homotopy.experiments.suite import ROWS, cells, run_suite, suite_table, write_csv

    known = [row.name for row in ROWS]
    for name in rows:
        if name not in known:
            raise ArgumentError(f"unknown row {name!r}; known are {', '.join(known)}")
    if jobs is not None and jobs < 1:
        raise ArgumentError(f"jobs must be 1 or more, not {jobs}")
    if runs is not None and runs < 1:
        raise ArgumentError(f"runs must be 1 or more, not {runs}")
    what = cells(full=not quick, methods=methods, rows=rows)
    what = [(row, name, runs or n) for row, name, n in what]
    say(f"{len(what)} cells")

    def tell(cell: Cell) -> None:
        say(f"{cell.row}, {cell.method}: {cell.rate.rate:.3f}")

    found = run_suite(what, n_jobs=jobs, callback=tell)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        write_csv(found, output / "suite.csv")
        words = ["homotopy suite", "--quick" if quick else "--full"]
        words += [f"--runs {runs}"] * (runs is not None) + [f"-m {name}" for name in methods]
        words += [f'-r "{name}"' for name in rows]
        _write_page(output, found, quick=quick, command=" ".join(words))
        say(f"wrote suite.csv, escape.md and escape.png to {output}")
    if as_json:
        emit_json([asdict(cell) for cell in found])
    else:
        table(HEADINGS, suite_table(found))


def _write_page(output: Path, found: Sequence[Cell], *, quick: bool, command: str) -> None:
    """Write the page and its figure."""
    import matplotlib
    from matplotlib.figure import Figure

    from homotopy.experiments.controls import anti_aligned, skip_controls
    from homotopy.report.escape import page, plot_anti_aligned

    matplotlib.use("Agg")
    controls, traps = skip_controls(runs=100 if quick else 300), anti_aligned(runs=100 if quick else 300)
    text = page(found, command=command, controls=controls, traps=traps)
    (output / "escape.md").write_text(text, encoding="utf-8")
    figure = Figure(figsize=(6, 4), layout="constrained")
    plot_anti_aligned(*traps, figure.add_subplot())
    figure.savefig(output / "escape.png", dpi=150)
