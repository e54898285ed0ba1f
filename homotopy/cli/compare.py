"""``homotopy compare``: methods on problems, every run in a store, a table and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from homotopy.cli.console import emit_json, say, table
from homotopy.cli.names import plain, problem_texts

__all__ = ["command", "execute", "show"]


@click.command("compare", short_help="Compare methods on problems.")
@click.argument("problems", nargs=-1, metavar="PROBLEM...")
@click.option("-m", "--method", "methods", multiple=True, metavar="METHOD", help="May be repeated.")
@click.option("--seeds", default="100", show_default=True, metavar="N", help="How many starts, or which: 100..199.")
@click.option("--budget", type=float, metavar="B", help="Gradient-equivalents of one run.  [default: 5000]")
@click.option("--seconds", type=float, metavar="S", help="Wall-clock seconds that one run may take.")
@click.option("-j", "--jobs", type=int, metavar="N", help="Workers at the same time.  [default: all cores]")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where files go.")
@click.option("--target", metavar="COLUMN", help="The target column of problems that are .csv files.")
@click.option("--plugin", "plugins", multiple=True, metavar="FILE", help="A Python file with METHODS or PROBLEMS.")
@click.option("--executor", default="threads", show_default=True, metavar="KIND", help="Or processes, dask, mpi.")
@click.option("--address", default="", metavar="URL", help="The Dask scheduler, tcp://host:port.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout instead of the table.")
@click.option("-q", "--quiet", is_flag=True, help="No talk and no progress on stderr.")
def command(problems: tuple[str, ...], target: str | None, **settings: Any) -> int:
    """Run every METHOD on every PROBLEM from the same starts; print a table, write runs.csv and pictures.

    \b
    Examples:
      homotopy compare teacher:k=20
      homotopy compare teacher:k=6..20 -m lbfgs -m skip --seeds 200 -o teachers
      homotopy compare data.csv --target price --json

    Runs are kept in DIR/runs.sqlite as they end. The same command goes on where it stopped, and runs that are there
    already are not done again.
    """  # noqa: D301
    jobs, executor, address = settings.pop("jobs"), settings.pop("executor"), settings.pop("address")
    output, as_json = settings.pop("output"), settings.pop("as_json")
    settings.pop("quiet")
    request = plain({"problems": problem_texts(problems, target), **settings})
    from homotopy.experiments import Workers
    from homotopy.report.folder import default_folder

    if not problems:
        raise click.UsageError("name one problem or more, as in: homotopy compare xor")
    folder = output or default_folder(list(problems))
    return execute(request, folder, Workers(executor, jobs, address), as_json=as_json)


def execute(request: dict[str, Any], folder: Path, workers: Any, *, as_json: bool) -> int:
    """Run a request into a folder, show it, and return the exit code.

    Parameters
    ----------
    request : dict
        problems, methods, seeds, budget, seconds, plugins; what is not there has its default.
    folder : Path
        Where the store and the files go.
    workers : Workers
        Who runs.
    as_json : bool
        Whether stdout gets JSON instead of a table.
    """
    from homotopy.cli.live import Live
    from homotopy.cli.solve import limits
    from homotopy.experiments.comparison import DEFAULT_BUDGET, run_grid
    from homotopy.experiments.grid import plan
    from homotopy.experiments.plugins import load, load_entry_points
    from homotopy.experiments.store import Store
    from homotopy.report.folder import prepare, write

    load_entry_points()
    for plugin in request.get("plugins", ()):
        load(plugin)
    plugins = tuple(str(Path(path).resolve()) for path in request.get("plugins", ()))
    budget = limits(request.get("budget", None if "seconds" in request else DEFAULT_BUDGET), request.get("seconds"))
    grid = plan(request["problems"], request.get("methods"), seeds=request.get("seeds", 100), budget=budget)
    with Store(prepare(folder)) as store:
        try:
            with Live(grid.n_runs) as live:
                comparison = run_grid(grid, store, workers=workers, progress=live, command=request, plugins=plugins)
        except KeyboardInterrupt:
            say(f"interrupted; every finished run is in {store.path}, and the same command goes on from there")
            return 1
        written = write(comparison, folder)  # before the table: the reader of stdout may leave
        show(comparison, as_json=as_json)
        for path in written:
            say(f"wrote {path}")
        say(f"runs are kept in {store.path}")
        return 1 if comparison.failures else 0


def show(comparison: Any, *, as_json: bool) -> None:
    """Write a comparison's summaries to stdout, as a table a problem or as JSON."""
    from homotopy.report.tables import HEADINGS, row

    found = {problem: comparison.summaries(problem) for problem in comparison.problems}
    if as_json:
        skips = [dict(zip(("problem", "method", "reason"), skip, strict=True)) for skip in comparison.skips]
        failures = [dict(zip(("problem", "method", "error"), fail, strict=True)) for fail in comparison.failures]
        rows = [summary.to_dict() for summaries in found.values() for summary in summaries]
        emit_json({"summaries": rows, "skips": skips, "failures": failures})
        return
    for problem, summaries in found.items():
        if summaries:
            costs = [summary.expected.value for summary in summaries]
            bold = costs.index(min(costs)) if min(costs) < float("inf") else None
            table(
                HEADINGS,
                map(row, summaries),
                title=f"{problem}, {len(comparison.seeds)} starts",
                bold=bold,
                numbers=True,
            )
            click.echo()
    for problem, method, reason in comparison.skips:
        say(f"skipped: {method} on {problem}: {reason}")
    for problem, method, error in comparison.failures:
        say(f"failed: {method} on {problem}: {error}")
