"""The suite as a paper: its gradient descents beside the authors' counts, its numbers, its page."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import isfinite, nan
from pathlib import Path

from homotopy.experiments import ExpectedCost, Rate, Summary
from homotopy.papers.escape.choice import choices
from homotopy.papers.escape.figures import picture
from homotopy.papers.escape.page import body
from homotopy.papers.escape.rows import Line, schedule
from homotopy.papers.escape.studies import Findings, plan
from homotopy.papers.escape.studies import found as findings_of
from homotopy.papers.escape.suite import machines, run, write_csv
from homotopy.report import restarts_table

from ..frame import Outcome, Paper, Picture, Row, Study, Table, claim, share, unread

__all__ = ["PAPER", "kept", "outcome"]

AUTHORS = {"teacher k=6": 3, "teacher k=8": 126, "teacher k=10": 346, "teacher k=20": 949}
"""Of 1,000 runs of gradient descent, those that ended in a spurious minimum: recomputed from the authors' files."""
SMALL_ROWS = ("teacher k=6", "teacher k=10", "xor relu", "jellyfish relu 4")
SMALL_METHODS = ("gd", "lbfgs", "lm", "skip", "omp")
CAPTION = (
    "The loss of spurious minima against the number of anti-aligned units; the cost of the skip homotopy against k; "
    "E* of the best homotopy, the best other method and auto, in gradients and in seconds; success of single runs."
)


def kept(path: Path) -> list[Summary]:
    """Return the lines of the table that a file of `write_csv` holds."""
    out = []
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            n = {key: float(value) for key, value in row.items() if key not in ("row", "method", "machine")}
            rate = Rate(int(n["successes"]), int(n["runs"]), n["rate_low"], n["rate_high"])
            cost = ExpectedCost(*(n[key] for key in ("expected", "low", "high", "cutoff", "bound")))
            medians, values = (nan, n["median"], nan), (nan, n["middle"], nan)
            clock = ExpectedCost(*(n[f"clock{key}"] for key in ("", "_low", "_high", "_cutoff", "_bound")))
            one = Summary(row["row"], row["method"], rate, medians, cost, values, nan, nan)
            more = {"best": n["best"], "tuning": int(n["tuning"]), "busy": n["seconds"], "clock": clock}
            out.append(Summary(**{**vars(one), **more, "problems": int(n["problems"])}))
    return out


def outcome(found: Sequence[Summary], findings: Findings, machine: str, *, full: bool) -> Outcome:
    """Return what the lines of the table come to.

    Parameters
    ----------
    found : sequence of Summary
        The lines.
    findings : Findings
        What the studies beside the table found.
    machine : str
        What the machine is called whose seconds these are.
    full : bool
        Whether it is the full version, with its page, its picture and its file.
    """
    cells = {(one.problem, one.method): one for one in found}
    rows = [
        share(f"{name}: gradient descent ends in a spurious minimum", (bad, 1000), _failed(cells[name, "gd"].rate))
        for name, bad in AUTHORS.items()
        if (name, "gd") in cells
    ]
    compared = choices(found)
    rows += _gained(compared) if full else []
    numbers = {}
    for (name, method), one in cells.items():
        if not full or method in SMALL_METHODS:
            numbers[f"{name}, {method}: success"] = one.rate.rate
        if isfinite(one.expected.value) and method == "skip":
            numbers[f"{name}, {method}: E*"] = one.expected.value
    headings, lines = restarts_table(found, machine)
    costs = (Table("All results", tuple(headings), tuple(tuple(line) for line in lines)),)
    if not full:
        return Outcome(tuple(rows), numbers, costs=costs)
    text = io.StringIO()
    write_csv(found, text, machine)
    return Outcome(
        tuple(rows),
        numbers,
        costs=costs,
        pictures=(Picture("escape", picture(compared, findings, machine), CAPTION),),
        body=body(found, findings=findings, machine=machine),
        files={"escape.csv": text.getvalue()},
    )


def _failed(rate: Rate) -> tuple[int, int]:
    """Return how many runs failed, of how many."""
    return rate.runs - rate.successes, rate.runs


def _gained(compared: Sequence) -> list[Row]:
    """Return the rows on where continuation pays: the package's own statements, and where they fail."""
    clear = [one for one in compared if not one.without_gain("gradients")]
    timed = [one for one in compared if not one.without_gain("seconds")]
    lost = ", ".join(one.row for one in compared if one.without_gain("gradients"))
    half = len(compared) / 2
    return [
        claim(
            "on most rows some homotopy has the lowest E*, in gradients and in seconds",
            "the package's own statement",
            f"clearly on {len(clear)} of {len(compared)} rows in gradients, on {len(timed)} in seconds",
            min(len(clear), len(timed)) > half,
            "its interval lies below that of every method without one on more than half of the rows",
        ),
        unread("where none does", lost or "nowhere"),
    ]


def _run(study: Study) -> Outcome:
    lines = schedule(full=True) if study.full else schedule(methods=SMALL_METHODS, rows=SMALL_ROWS)
    lines = lines if study.full else [Line(line.row, line.method, 20) for line in lines]
    studies = plan(full=True) if study.full else []
    found, failed, others = run(lines, studies, store=study.store, n_jobs=study.jobs, progress=study.told)
    if failed:
        raise AssertionError("; ".join(f"{one.row}, {one.method}: {one.reason}" for one in failed))
    findings = findings_of(studies, others, full=True) if study.full else Findings()
    return outcome(found, findings, machines(study.store), full=study.full)


PAPER = Paper(
    key="escape",
    title="Which methods escape",
    citation="A study of this package: every method on rows of problems, restart cutoffs chosen on other seeds.",
    link="",
    claim="Gradient descent on nets with a hidden layer ends in spurious minima (I. Safran and O. Shamir, ICML 2018, "
    "for the teacher rows). The table says what every method of the package costs until it escapes them, in gradients "
    "and in seconds: also where no homotopy helps.",
    choices=(
        "Rows, budgets and numbers of runs are ours, in `rows.json`; teachers and starts were used for no tuning.",
        "`homotopy suite` runs the same table, and parts of it.",
        "The minutes are half of the processor time: the full run was made beside other work.",
    ),
    run=_run,
)
