"""The outcome of benchmarks as a table and as JSON."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import asdict
from importlib import metadata
from typing import Any

from rich.table import Table

from homotopy._version import __version__
from homotopy.bench.workloads import WORKLOADS, Outcome

__all__ = ["as_dict", "floors_table", "table"]

SCHEMA = 1


def table(outcome: Outcome) -> Table:
    """Return a rich Table of one workload: the best time, the median, and the ratio to the package's first entry.

    Where the task is to succeed, also how often each does with as many iterations, and Fisher's p against the package.
    """
    made = Table(title=f"{outcome.name}: {WORKLOADS[outcome.name].title}", title_justify="left")
    made.add_column("contestant")
    for name in ("best", "median", "best / ours"):
        made.add_column(name, justify="right")
    rates = {rate.name: rate for rate in outcome.rates}
    for name in ("successes", "p", "note") if rates else ():
        made.add_column(name, justify="right")
    ours = outcome.heats[0].seconds
    for heat in outcome.heats:
        name = heat.name + (" (answer differs)" if heat.name in outcome.disagreements else "")
        row = [name, _time(heat.seconds), _time(heat.median), f"{heat.seconds / ours:.3g}"]
        if rate := rates.get(heat.name):
            row += [f"{rate.successes}/{rate.trials}", f"{rate.p:.2g}", heat.note]
        made.add_row(*row)
    return made


def floors_table(outcomes: Iterable[Outcome]) -> Table:
    """Return a rich Table of all floors: what must be reached, what is aimed at, what was reached."""
    made = Table(title="floors", title_justify="left")
    for name in ("workload", "ours", "against"):
        made.add_column(name)
    for name in ("floor", "aim", "reached", ""):
        made.add_column(name, justify="right")
    for outcome in outcomes:
        for floor, ratio, reached in outcome.verdicts:
            words = "yes" if reached else "[red]no[/red]"
            made.add_row(
                outcome.name, floor.ours, floor.peer, f"{floor.least:.3g}", f"{floor.aim:g}", f"{ratio:.3g}", words
            )
    return made


def as_dict(outcomes: Iterable[Outcome], isa: str) -> dict[str, Any]:
    """Return outcomes with the machine and the versions, ready for JSON."""
    packages = ("numpy", "scipy", "jax", "optax", "numba", "scikit-learn", "torch")
    return {
        "schema": SCHEMA,
        "homotopy": __version__,
        "isa": isa,
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages},
        "workloads": [
            {
                "name": o.name,
                "title": WORKLOADS[o.name].title,
                "heats": [asdict(heat) for heat in o.heats],
                "floors": [asdict(floor) | {"ratio": ratio, "reached": ok} for floor, ratio, ok in o.verdicts],
                "disagreements": list(o.disagreements),
                "rates": [asdict(rate) for rate in o.rates],
            }
            for o in outcomes
        ],
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _time(seconds: float) -> str:
    """Return a time in nanoseconds, microseconds or milliseconds."""
    for unit, factor in (("ns", 1e9), ("us", 1e6)):
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e3:.3g} ms"
