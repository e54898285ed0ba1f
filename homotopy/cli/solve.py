"""``homotopy solve``: one problem, one method, one seed."""

from __future__ import annotations

from typing import Any

import click

from homotopy.cli import options
from homotopy.cli.console import emit_json, facts
from homotopy.cli.options import load_plugins, problem_texts, tell

__all__ = ["command"]


@click.command("solve")
@click.argument("problem", type=options.PROBLEM)
@click.option(
    "-m",
    "--method",
    "method_text",
    default="auto",
    show_default=True,
    type=options.METHOD,
    metavar="METHOD",
    help="How.",
)
@options.seed
@click.option("--budget", type=float, metavar="B", help="Gradient-equivalents that the run may cost.")
@click.option("--seconds", type=float, metavar="S", help="Wall-clock seconds that the run may take.")
@options.target
@options.missing
@options.plugin
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write the final point (.npy).")
@options.as_json
def command(problem: str, method_text: str, seed: int, **settings: Any) -> None:
    """Solve PROBLEM once and say how it ended.

    \b
    Examples:
      homotopy solve teacher:k=20 -m skip --seed 3
      homotopy solve data.csv --target price -m lbfgs -o weights.npy
    """  # noqa: D301
    from homotopy import methods, problems
    from homotopy.cli.request import limits
    from homotopy.errors import ArgumentError

    load_plugins(settings["plugins"])
    found = problems.problem(problem_texts([problem], settings["target"], settings["missing"])[0])
    tell([found])
    how = methods.method(method_text)
    reason = how.accepts(found)
    if reason is not None:
        raise ArgumentError(f"the method {how.name!r} does not run on {found.name!r}: {reason}")
    result = how.solve(found, rng=seed, budget=limits(settings["budget"], settings["seconds"]))
    data = {
        "problem": found.name,
        "method": how.name,
        "seed": seed,
        "success": None if found.optimum is None else result.success,
        "value": result.value,
        "optimum": found.optimum,
        "cost": result.cost,
        "cost_to_success": result.cost_to_success,
        "status": result.status.name,
        "message": result.message,
        "seconds": result.seconds,
    }
    if settings["output"]:
        data["written"] = _save(settings["output"], result.x)
    if settings["as_json"]:
        emit_json(data | {"x": result.x})
        return
    facts(data)


def _save(path: str, x: Any) -> str:
    """Write the final point and return where it is."""
    import numpy as np

    path = path if path.endswith(".npy") else f"{path}.npy"
    with open(path, "xb") as file:
        np.save(file, x)
    return path
