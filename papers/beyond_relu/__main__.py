"""Run one table of beyond-relu.md and print it: odd, classes, deep, inputs, tanh or noise."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from homotopy.papers.beyond_relu.missing import by_missing, minima
from homotopy.papers.beyond_relu.tables import TABLES, near_best, rows
from homotopy.papers.escape.cells import Cell, suite_table
from homotopy.papers.escape.suite import run_suite

__all__ = ["main"]

TANH = ("missing", "minima", "median loss", "5 % to 95 %", "at 5e-4", "doubled", "stray", "saturated", "weak")
METHODS = ("lbfgs", "width", "skip")


def _print(headings: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    for line in (headings, ["---"] * len(headings), *body):
        print("| " + " | ".join(line) + " |")


@click.command(help=__doc__)
@click.argument("table", type=click.Choice([*TABLES, "tanh", "noise"]))
@click.option("--share", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="Part of the runs to make.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
def main(table: str, share: float, jobs: int) -> None:
    """Run a table and print it."""
    if table == "tanh":
        _print(TANH, by_missing(minima(range(700, 720), max(1, round(20 * share)))))
        return
    if table == "noise":
        for noise in (0.1, 0.3):
            print(f"noise {noise}\n")
            _print(("teacher", *METHODS), near_best(noise, METHODS, runs=max(1, round(20 * share))))
        return

    def told(cell: Any, _: Any) -> None:
        print(f"{cell.row}: {cell.method}", file=sys.stderr)

    found, _ = run_suite(rows(table, share), n_jobs=jobs, callback=told)
    cells = [one for one in found if isinstance(one, Cell)]
    for one in found:
        if not isinstance(one, Cell):
            print(f"{one.row}: {one.method}: {one.reason}", file=sys.stderr)
    _print(("problem", "method", "runs", "success a run [95 %]", "median", "E* [95 %]", "cutoff"), suite_table(cells))


if __name__ == "__main__":
    main()
