"""What a comparison's table says, as texts: for a terminal, a page, a paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite, isnan

from homotopy.doors import door
from homotopy.experiments.goal import Goal
from homotopy.experiments.statistics.restarts import ExpectedCost
from homotopy.experiments.statistics.statistics import Summary

__all__ = [
    "HEADINGS",
    "RESTARTS",
    "cheapest",
    "clock_text",
    "cost_text",
    "expected_text",
    "headed",
    "loss_text",
    "markdown",
    "rate_text",
    "restarts_row",
    "restarts_table",
    "row",
    "seconds_text",
    "success_text",
]

RESTARTS = (
    "problem",
    "method",
    "runs",
    "success a run [95 %]",
    "median",
    "E* [95 %]",
    "cutoff",
    "E* in seconds [95 %]",
)
"""The columns of `restarts_row`."""
HEADINGS = (
    "method",
    "success [95 %]",
    "median cost",
    "expected cost to first success [95 %]",
    "in seconds [95 %]",
    "median final loss",
    "time",
)
SECONDS = " seconds"  # what tells the columns whose numbers depend on the machine


@door
def cost_text(cost: float) -> str:
    """Return gradient-equivalents in words of at most a few characters.

    Examples
    --------
    >>> cost_text(38.7), cost_text(41434.2), cost_text(float("inf")), cost_text(float("nan"))
    ('38.7', '41,434', '∞', '–')
    """
    if isnan(cost):
        return "–"
    if not isfinite(cost):
        return "∞"
    return f"{cost:,.0f}" if cost >= 100 else f"{cost:.3g}"


def loss_text(value: float) -> str:
    """Return a loss with three digits; "–" for NaN.

    Examples
    --------
    >>> loss_text(0.01131), loss_text(3.2e-9), loss_text(0.0)
    ('0.0113', '3.2e-09', '0')
    """
    return "–" if isnan(value) else f"{value:.3g}".replace("inf", "∞")


@door
def seconds_text(seconds: float) -> str:
    """Return a time with its unit.

    Examples
    --------
    >>> seconds_text(0.0000042), seconds_text(0.0123), seconds_text(4.2), seconds_text(130)
    ('4.2 µs', '12.3 ms', '4.2 s', '2.17 min')
    """
    if isnan(seconds):
        return "–"
    factor, unit = _unit(seconds)
    return f"{seconds * factor:.3g} {unit}"


def _unit(seconds: float) -> tuple[float, str]:
    """Return the factor and the unit in which a time is best read."""
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (60.0, 1.0, "s")):
        if seconds < limit:
            return factor, unit
    return 1 / 60, "min"


@door
def clock_text(expected: ExpectedCost) -> str:
    """Return expected seconds with their interval in one unit, or what they exceed where no run succeeded.

    Examples
    --------
    >>> clock_text(ExpectedCost(0.0123, 0.0119, 0.2, 0.1)), clock_text(ExpectedCost(float("inf"), 0, 0, 0, 3e-6))
    ('12.3 [11.9, 200] ms', '> 3 µs')
    """
    if not isfinite(expected.value):
        return "–" if isnan(expected.bound) else f"> {seconds_text(expected.bound)}"
    factor, unit = _unit(expected.value)
    value, low, high = (cost_text(number * factor) for number in (expected.value, expected.low, expected.high))
    return f"{value} [{low}, {high}] {unit}"


@door
def headed(headings: Sequence[str], machine: str) -> tuple[str, ...]:
    """Return the headings of a table whose columns in seconds say on which machine.

    Examples
    --------
    >>> headed(("method", "E* in seconds [95 %]"), "AMD EPYC 7B12")
    ('method', 'E* in seconds [95 %], AMD EPYC 7B12')
    """
    return tuple(f"{name}, {machine}" if SECONDS in name and machine else name for name in headings)


@door
def rate_text(summary: Summary) -> str:
    """Return the success rate and its interval."""
    rate = summary.rate
    return f"{rate.rate:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


def success_text(*goals: Goal) -> str:
    """Return what counts as a success on a problem, or on the problems of a group, whose optima are known, in words.

    Examples
    --------
    >>> success_text(Goal(0.25, 1e-3, known=True)), success_text(Goal(0.0, 0.002, known=True, test=0.005))
    ('success: loss at most 0.251', 'success: loss at most 0.002, and at most 0.005 on held-out data')
    """
    found = list(dict.fromkeys(goals))
    above, held = {goal.tolerance for goal in found}, {goal.test for goal in found if isfinite(goal.test)}
    if len(found) == 1:
        text = f"success: loss at most {found[0].value:.4g}"
    elif len(above) == 1:
        text = f"success: loss at most {above.pop():.4g} above the optimum of the problem"
    else:
        text = "success: a loss within the tolerance of each problem above its optimum"
    if not held:
        return text
    each = f"at most {held.pop():.4g}" if len(held) == 1 else "within the test target of each problem"
    return f"{text}, and {each} on held-out data"


@door
def row(summary: Summary) -> tuple[str, ...]:
    """Return the cells of a method's row, in the order of `HEADINGS`."""
    expected = summary.expected
    interval = f" [{cost_text(expected.low)}, {cost_text(expected.high)}]" if isfinite(expected.value) else ""
    return (
        summary.method,
        rate_text(summary),
        cost_text(summary.cost[1]),
        cost_text(expected.value) + interval,
        clock_text(summary.clock),
        loss_text(summary.value[1]),
        seconds_text(summary.seconds),
    )


def cheapest(summaries: Sequence[Summary]) -> int | None:
    """Return the number of the row with the lowest expected cost; None where nothing succeeded."""
    costs = [summary.expected.value for summary in summaries]
    return costs.index(min(costs)) if costs and isfinite(min(costs)) else None


@door
def restarts_row(summary: Summary) -> tuple[str, ...]:
    """Return what a method comes to with restarts, in the order of `RESTARTS`; without a success, what E* exceeds."""
    return (
        summary.problem,
        summary.method,
        f"{summary.rate.runs:,}",
        rate_text(summary),
        _whole(summary.cost[1]),
        expected_text(summary),
        _whole(summary.expected.cutoff),
        clock_text(summary.clock),
    )


@door
def restarts_table(summaries: Sequence[Summary], machine: str = "") -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the headings and the rows of `restarts_row`, without the column in seconds where no times are known."""
    rows = [restarts_row(summary) for summary in summaries]
    if any(not isnan(summary.clock.value) for summary in summaries):
        return headed(RESTARTS, machine), rows
    return RESTARTS[:-1], [row[:-1] for row in rows]


@door
def expected_text(summary: Summary) -> str:
    """Return the expected cost with its interval, or what it exceeds where no run succeeded, in whole gradients."""
    expected = summary.expected
    if not isfinite(expected.value):
        return f"> {_whole(expected.bound)}"
    return f"{_whole(expected.value)} [{_whole(expected.low)}, {_whole(expected.high)}]"


def _whole(value: float) -> str:
    if isfinite(value):
        return f"{value:,.0f}"
    return "-" if isnan(value) else "inf"


@door
def markdown(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown.

    Examples
    --------
    >>> print(markdown(("k", "cost"), [("6", "21")]))
    | k | cost |
    |---|---|
    | 6 | 21 |
    <BLANKLINE>
    """
    heads = list(headings)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"
