"""The runs of the table and of the studies, made or read from a store, and what they come to."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TextIO

import homotopy as hp
from homotopy.experiments import Comparison, Progress, Store, Summary, Workers, run_grids
from homotopy.papers.escape.rows import Line, grids
from homotopy.papers.escape.studies import Study

__all__ = ["Failure", "machines", "plain", "run", "write_csv"]


@dataclass(frozen=True)
class Failure:
    """A line that came to nothing because a run of it raised an error.

    Attributes
    ----------
    row, method, reason : str
        Which, and the error in words.
    """

    row: str
    method: str
    reason: str


def run(
    lines: Sequence[Line],
    studies: Sequence[Study] = (),
    *,
    store: Store | None = None,
    n_jobs: int | None = None,
    run_timeout: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[list[Summary], list[Failure], list[Comparison]]:
    """Return what the lines come to in their order, which of them failed, and the runs of the studies.

    Parameters
    ----------
    lines : sequence of Line
        As `rows.schedule` returns them.
    studies : sequence of Study
        As `studies.plan` returns them.
    store : Store or None
        Where runs are kept; what it has is not run again. None keeps them in memory.
    n_jobs : int or None
        Processes at the same time, each with one BLAS thread; None: as many as cores.
    run_timeout : float or None
        Wall-clock seconds after which a run has failed; None: no limit.
    progress : callable or None
        Called with a Progress after each block of runs.
    """
    asked = grids(lines)
    workers = Workers("threads" if n_jobs == 1 else "processes", n_jobs, run_timeout=run_timeout)
    kept = Store() if store is None else store
    every = [*asked, *(study.grid for study in studies)]
    runs = run_grids(every, kept, workers=workers, progress=progress)
    names = {line.method: hp.method(line.method).name for line in lines}
    summaries: dict[tuple[str, str], Summary] = {}
    failures: dict[tuple[str, str], str] = {}
    for comparison in runs[: len(asked)]:
        (row,) = comparison.groups
        failures |= {(row, method): reason for _, method, reason in comparison.failures}
        summaries |= {(row, one.method): one for one in comparison.summaries(row)}
    done, failed = [], []
    for line in lines:
        key = line.row.name, names[line.method]
        if key in failures:
            failed.append(Failure(line.row.name, line.method, failures[key]))
        else:
            done.append(replace(summaries[key], method=line.method))
    return done, failed, runs[len(asked) :]


def machines(store: Store) -> str:
    """Return what the machines are called that ran what a store holds."""
    return Comparison.load(store).machine if store.cells() else ""


def plain(one: Summary, machine: str = "") -> dict[str, Any]:
    """Return a line of the table as plain texts and numbers; those that begin with clock are seconds of the machine."""
    cost, clock = one.expected, one.clock
    return {
        "row": one.problem,
        "method": one.method,
        "rate": asdict(one.rate),
        "median": one.cost[1],
        "expected": cost.value,
        "low": cost.low,
        "high": cost.high,
        "cutoff": cost.cutoff,
        "bound": cost.bound,
        "tuning": one.tuning,
        "best": one.best,
        "middle": one.value[1],
        "seconds": one.busy,
        "clock": clock.value,
        "clock_low": clock.low,
        "clock_high": clock.high,
        "clock_cutoff": clock.cutoff,
        "clock_bound": clock.bound,
        "problems": one.problems,
        "machine": machine,
    }


def write_csv(found: Sequence[Summary], stream: TextIO, machine: str = "") -> None:
    """Write the lines to an open text file as comma-separated values."""
    writer: Any = None
    for one in found:
        flat = plain(one, machine)
        rate = flat.pop("rate")
        flat |= {"successes": rate["successes"], "runs": rate["runs"]}
        flat |= {"rate_low": rate["low"], "rate_high": rate["high"]}
        if writer is None:
            writer = csv.DictWriter(stream, list(flat))
            writer.writeheader()
        writer.writerow(flat)
