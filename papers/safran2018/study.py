"""The runs, the table and the figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binomtest, fisher_exact

import homotopy as hp

__all__ = ["DEFAULT_SIZES", "Row", "figure", "published", "run", "table"]

DEFAULT_SIZES = (6, 8, 10, 15, 20)
"""Numbers k = n = d of teacher and student units."""


@dataclass(frozen=True)
class Row:
    """The runs at one size.

    Attributes
    ----------
    k : int
        Units of teacher and student, and dimension.
    runs : int
        Starts, the same for both methods.
    gd_spurious, skip_spurious : int
        Runs of gradient descent, and of the skip homotopy, that did not reach F < 1e-3.
    gd_value : float
        The mean of F over the runs of gradient descent that did not reach it; NaN where all did.
    gd_cost, skip_cost : float
        Median gradient-equivalents until F < 1e-3, over the runs that reached it.
    """

    k: int
    runs: int
    gd_spurious: int
    skip_spurious: int
    gd_value: float
    gd_cost: float
    skip_cost: float


def published() -> dict[str, Any]:
    """Return the authors' two data sets, each with its source: runs and spurious endings by k."""
    text = (Path(__file__).parent / "published.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def run(sizes: Sequence[int] = DEFAULT_SIZES, runs: int = 200, *, n_jobs: int = 1) -> list[Row]:
    """Run gradient descent and the skip homotopy from the same starts.

    Parameters
    ----------
    sizes : sequence of int
        The k to run.
    runs : int
        Starts at each k, seeds 0, 1, ...
    n_jobs : int
        Threads.

    Returns
    -------
    list of Row
        One for each size. Whether a run is spurious is decided from the weights it returned, evaluated again.

    Notes
    -----
    As in the paper: entries of a start N(0, 1/k), spurious when F >= 1e-3 at the end. Unlike the paper, the step is
    5/k instead of 0.1 (that of the authors' second study, four to seven times fewer steps), a run stops at
    gradient norm 1e-6 instead of 1e-9 / 2 pi, or after 20,000 steps, or as soon as F < 1e-3.
    """
    rows = []
    for k in sizes:
        problem = hp.problem(f"teacher:k={k}")
        ends = {}
        for name in (f"gd:step_size={5 / k!r}", "skip"):
            records = hp.method(name).solve_many(problem, range(runs), n_jobs=n_jobs)
            values = np.array([problem.objective.value(np.array(x)) for x in records.x])
            ends[name.partition(":")[0]] = values >= 1e-3, values, records.cost_to_success
        bad, values, cost = ends["gd"]
        rows.append(
            Row(
                k=k,
                runs=runs,
                gd_spurious=int(bad.sum()),
                skip_spurious=int(ends["skip"][0].sum()),
                gd_value=float(values[bad].mean()) if bad.any() else float("nan"),
                gd_cost=_median(cost),
                skip_cost=_median(ends["skip"][2]),
            )
        )
    return rows


def table(rows: Sequence[Row]) -> str:
    """Return a table in Markdown: the authors' rates, ours, and how well the two agree.

    The last column is the p-value of Fisher's exact test between the first study's count and ours.
    """
    first, second = published().values()
    head = [
        "k",
        "authors 2018, % spurious (step 0.1)",
        "authors 2021, % spurious (step 5/k)",
        "gradient descent here, % spurious [95 %]",
        "skip here, % spurious [95 %]",
        "mean F of spurious ends",
        "gradients to F < 1e-3, gradient descent",
        "gradients to F < 1e-3, skip",
        "p",
    ]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        theirs = first["spurious"].get(str(row.k))
        cells = [
            str(row.k),
            _percent(theirs, first["runs"]),
            _percent(second["spurious"].get(str(row.k)), second["runs"]),
            _interval(row.gd_spurious, row.runs),
            _interval(row.skip_spurious, row.runs),
            _number(row.gd_value, ".4f"),
            _number(row.gd_cost, ".0f"),
            _number(row.skip_cost, ".0f"),
            "-" if theirs is None else f"{_agreement(theirs, first['runs'], row.gd_spurious, row.runs):.2f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    sources = [f"authors {year}: {study['source']}" for year, study in ((2018, first), (2021, second))]
    notes = "\n".join(["", *sources, f"here: {rows[0].runs if rows else 0} starts each, the same for both methods."])
    return "\n".join(lines) + "\n" + notes + "\n"


def figure(rows: Sequence[Row], ax: Axes) -> Axes:
    """Draw the share of runs that end in a spurious minimum against k, and return the Axes."""
    for study, marker, label in zip(
        published().values(), ("o", "s"), ("authors 2018, step 0.1", "authors 2021, step 5/k"), strict=True
    ):
        k = [int(key) for key in study["spurious"]]
        theirs = [100 * count / study["runs"] for count in study["spurious"].values()]
        ax.plot(k, theirs, marker, color="0.6", fillstyle="none", label=label)
    for name, label, color in (("gd", "gradient descent", "C3"), ("skip", "skip homotopy", "C0")):
        counts = [getattr(row, f"{name}_spurious") for row in rows]
        share = np.array([100 * c / row.runs for c, row in zip(counts, rows, strict=True)])
        ends = np.array([_wilson(c, row.runs) for c, row in zip(counts, rows, strict=True)]).reshape(-1, 2).T * 100
        ax.errorbar([row.k for row in rows], share, np.abs(ends - share), fmt=".-", capsize=3, color=color, label=label)
    ax.set_xlabel("units k of teacher and student")
    ax.set_ylabel("runs that end in a spurious minimum (%)")
    ax.legend(frameon=False)
    return ax


def _median(costs: Any) -> float:
    """Return the median of the costs that are not NaN."""
    found = costs[~np.isnan(costs)]
    return float(np.median(found)) if len(found) else float("nan")


def _wilson(count: int, runs: int) -> tuple[float, float]:
    """Return the Wilson 95 % interval of a share."""
    interval = binomtest(count, runs).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def _agreement(theirs: int, their_runs: int, ours: int, our_runs: int) -> float:
    """Return the p-value of Fisher's exact test that both counts have one rate."""
    return float(fisher_exact([[theirs, their_runs - theirs], [ours, our_runs - ours]]).pvalue)


def _percent(count: int | None, runs: int) -> str:
    return "-" if count is None else f"{100 * count / runs:.1f}"


def _interval(count: int, runs: int) -> str:
    low, high = _wilson(count, runs)
    return f"{100 * count / runs:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _number(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)
