"""Run the study and write table.md, rows.json and spurious.png into a folder."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click
import matplotlib

from homotopy.papers.safran2018.study import DEFAULT_SIZES, figure, run, table

__all__ = ["main"]


@click.command(help=__doc__)
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder.")
@click.option("--runs", type=click.IntRange(1), default=200, show_default=True, help="Starts at each size.")
@click.option("-k", "--size", "sizes", type=click.IntRange(2), multiple=True, help="Sizes; by default 6 8 10 15 20.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Threads.")
def main(output: Path, runs: int, sizes: tuple[int, ...], jobs: int) -> None:
    """Run the study and write its files."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = []
    for k in sizes or DEFAULT_SIZES:
        begin = time.perf_counter()
        rows += run([k], runs, n_jobs=jobs)
        print(f"k = {k}: {time.perf_counter() - begin:.1f} s", file=sys.stderr)
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "table.md").write_text(table(rows), encoding="utf-8")
        (output / "rows.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
        plot, ax = pyplot.subplots(figsize=(6, 4), layout="constrained")
        figure(rows, ax)
        plot.savefig(output / "spurious.png", dpi=150)
    except OSError as error:
        raise click.ClickException(f"{output}: cannot write there ({error.strerror})") from None
    print(table(rows))


if __name__ == "__main__":
    main()
