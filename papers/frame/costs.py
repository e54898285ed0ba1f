"""What a success costs with restarts, E*, in gradients and in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from numpy.typing import ArrayLike

from homotopy.experiments import Comparison, ExpectedCost, expected_cost, machine_name, success_rate
from homotopy.report import clock_text, cost_text, headed, restarts_table

from .outcome import Table

__all__ = ["Spent", "expected", "prices"]

NOTE = (
    "E* is the expected cost to the first success when a method starts again at its best cutoff, chosen on other runs; "
    "[ ] are 95 % intervals, and > says what E* exceeds where nothing succeeded. A gradient-equivalent is what one "
    "gradient of the true problem costs; seconds are those of one thread of the machine named."
)


def expected(comparison: Comparison, title: str) -> Table:
    """Return the table of E* of a comparison's methods on its problems."""
    summaries = [one for name in comparison.groups for one in comparison.summaries(name)]
    headings, rows = restarts_table(summaries, comparison.machine)
    return Table(title, tuple(headings), tuple(tuple(row) for row in rows), NOTE)


@dataclass(frozen=True)
class Spent:
    """What the runs of a method spent that are no comparison's, each array of shape (r,).

    Attributes
    ----------
    problem, method : str
        The names.
    cost, to_success : array_like
        Gradient-equivalents of each run, in all and until it succeeded; NaN where it did not.
    seconds, seconds_to_success : array_like
        The same in seconds of one thread.
    """

    problem: str
    method: str
    cost: ArrayLike
    to_success: ArrayLike
    seconds: ArrayLike
    seconds_to_success: ArrayLike


def prices(spent: Sequence[Spent], title: str) -> Table:
    """Return the table of E* of runs that are no comparison's."""
    headings = ("problem", "method", "runs", "success a run [95 %]", "E* [95 %]", "E* in seconds [95 %]")
    rows = []
    for one in spent:
        reached = [value == value for value in one.to_success]  # type: ignore[union-attr]
        rate = success_rate(reached)
        rows.append(
            (
                one.problem,
                one.method,
                f"{rate.runs:,}",
                f"{rate.rate:.3f} [{rate.low:.3f}, {rate.high:.3f}]",
                _text(expected_cost(one.cost, one.to_success)),
                clock_text(expected_cost(one.seconds, one.seconds_to_success)),
            )
        )
    return Table(title, headed(headings, machine_name()), tuple(rows), NOTE)


def _text(cost: ExpectedCost) -> str:
    if not isfinite(cost.value):
        return f"> {cost_text(cost.bound)}"
    return f"{cost_text(cost.value)} [{cost_text(cost.low)}, {cost_text(cost.high)}]"
