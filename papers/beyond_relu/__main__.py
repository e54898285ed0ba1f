"""Run one table of beyond-relu.md and print it: odd, classes, deep, inputs, tanh or noise."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from homotopy.experiments import Progress, Store, Workers, run_grids
from homotopy.papers.beyond_relu.missing import by_missing, minima
from homotopy.papers.beyond_relu.tables import TABLES, grids, near_best
from homotopy.report import restarts_table

__all__ = ["main"]

TANH = ("missing", "minima", "median loss", "5 % to 95 %", "at 5e-4", "doubled", "stray", "saturated", "weak")
METHODS = ("lbfgs", "width", "skip")


def _print(headings: Iterable[str], body: Iterable[Iterable[str]]) -> None:
    heads = list(headings)
    for line in (heads, ["---"] * len(heads), *body):
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
            _print(("teacher", *METHODS), near_best(noise, METHODS, runs=max(1, round(20 * share)), intervals=True))
        return

    def told(progress: Progress) -> None:
        print(f"{progress.done} of {progress.total} runs: {', '.join(progress.cell)}", file=sys.stderr)

    workers = Workers("threads" if jobs == 1 else "processes", jobs)
    found = run_grids(grids(table, share), Store(), workers=workers, progress=told)
    for comparison in found:
        for problem, method, reason in comparison.failures:
            print(f"{problem}: {method}: {reason}", file=sys.stderr)
    summaries = [one for comparison in found for one in comparison.summaries(*comparison.groups)]
    _print(*restarts_table(summaries, found[0].machine))


if __name__ == "__main__":
    main()
