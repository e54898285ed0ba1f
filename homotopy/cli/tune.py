"""``homotopy tune``: a method's step size, on seeds that no comparison shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from homotopy.cli import options
from homotopy.cli.console import echo, emit_json, say, table
from homotopy.cli.options import load_plugins
from homotopy.cli.signals import on_interruption

if TYPE_CHECKING:
    from homotopy.experiments.tuning import Tuned

__all__ = ["command"]


@click.command("tune")
@click.argument("problem", type=options.PROBLEM)
@click.argument("method", type=options.METHOD)
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="P=A..B", help="What to search; at most two.")
@click.option(
    "--tuning-budget", type=options.LIMIT, default=1e6, show_default=True, metavar="T", help="For the whole search."
)
@click.option("--budget", type=options.POSITIVE, default=5000.0, show_default=True, metavar="B", help="For one run.")
@options.jobs
@options.run_timeout
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Note it there.")
@options.plugin
@options.as_json
@options.quiet
def command(
    problem: str,
    method: str,
    parameters: tuple[str, ...],
    tuning_budget: float,
    budget: float,
    jobs: int | None,
    run_timeout: float | None,
    output: Path | None,
    plugins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Search the step size of METHOD on PROBLEM (or what -p says) and print the best setting as a name.

    Budgets are in gradient-equivalents. The seeds of the search begin at 1,000,000,000: a comparison, which counts from
    0, never shows runs that a setting was chosen on. With -o the report in DIR says how the setting was found.

    \b
    Examples:
      homotopy tune xor gd
      homotopy tune teacher:k=6 momentum -p step_size=0.1..1 -p momentum=0.8/0.9
      homotopy compare xor -m $(homotopy tune xor gd -q)
    """  # noqa: D301
    from homotopy.experiments import Workers
    from homotopy.experiments.run.machine import code_version
    from homotopy.experiments.store.store import Store
    from homotopy.experiments.tuning import choices, tune
    from homotopy.report.folder import prepare

    on_interruption("interrupted; a search keeps nothing before its end")
    load_plugins(plugins)
    asked = dict(choices(text) for text in parameters or ("step_size=0.001..10",))
    path = prepare(output) if output else None
    found = tune(
        problem,
        method,
        asked,
        tuning_budget=tuning_budget,
        budget=budget,
        workers=Workers(n_jobs=jobs, run_timeout=run_timeout),
        progress=lambda turn, n: say(f"round {turn}: {n} setting{'s' if n > 1 else ''}"),
    )
    if path:
        with Store(path) as store:
            store.note(found.problem, found.method, "tuned", found.words, code_version())
    _show(found, as_json=as_json)


def _show(found: Tuned, *, as_json: bool) -> None:
    """Write what the search found: the best setting to stdout, all of them to stderr, or everything as JSON."""
    from homotopy.report.losses import lines

    if as_json:
        trials = [trial.summary.to_dict() | {"runs": trial.runs} for trial in found.trials]
        emit_json({"problem": found.problem, "method": found.method, "spent": found.spent, "trials": trials})
        return
    echo(found.method)
    say(f"{found.method} is {found.words}")
    told = lines([trial.summary for trial in found.trials])
    rows = [(*row, str(trial.runs)) for row, trial in zip(told.rows, found.trials, strict=True)]
    table((*told.headings, "starts"), rows, numbers=True, talk=True)
