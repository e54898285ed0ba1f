"""What a comparison's table says, as texts: for a terminal, a page, a paper."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, isnan

from homotopy.experiments.comparison import Target
from homotopy.experiments.statistics.statistics import Summary

__all__ = ["HEADINGS", "cost_text", "latex", "loss_text", "rate_text", "row", "seconds_text", "success_text"]

HEADINGS = (
    "method",
    "success [95 %]",
    "median cost",
    "expected cost to first success [95 %]",
    "median final loss",
    "time",
)
LATEX = str.maketrans({c: "\\" + c for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"})


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
    return "–" if isnan(value) else f"{value:.3g}"


def seconds_text(seconds: float) -> str:
    """Return a time with its unit.

    Examples
    --------
    >>> seconds_text(0.0000042), seconds_text(0.0123), seconds_text(4.2), seconds_text(130)
    ('4.2 µs', '12.3 ms', '4.2 s', '2.17 min')
    """
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (60.0, 1.0, "s")):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return "–" if isnan(seconds) else f"{seconds / 60:.3g} min"


def rate_text(summary: Summary) -> str:
    """Return the success rate, the Wilson interval and the counts."""
    rate = summary.rate
    return f"{rate.rate:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


def success_text(target: Target) -> str:
    """Return what counts as a success, in words.

    Examples
    --------
    >>> success_text(Target(0.25, 1e-3, known=True))
    'success: loss at most 0.251'
    """
    line = f"success: loss at most {target.optimum + target.tolerance:.4g}"
    return line if target.known else f"{line}, 1 % above the lowest that any run found"


def row(summary: Summary) -> tuple[str, ...]:
    """Return the cells of a method's row, in the order of `HEADINGS`."""
    expected = summary.expected
    interval = f" [{cost_text(expected.low)}, {cost_text(expected.high)}]" if isfinite(expected.value) else ""
    return (
        summary.method,
        rate_text(summary),
        cost_text(summary.cost[1]),
        cost_text(expected.value) + interval,
        loss_text(summary.value[1]),
        seconds_text(summary.seconds),
    )


def latex(summaries: Iterable[Summary]) -> str:
    """Return a LaTeX table (booktabs) with one row a method.

    Parameters
    ----------
    summaries : iterable of Summary
        The rows; a new problem starts a new group.
    """
    lines = [r"\begin{tabular}{lrrrrr}", r"\toprule"]
    lines.append(" & ".join(heading.translate(LATEX) for heading in HEADINGS) + r" \\")
    problem = None
    for summary in summaries:
        if summary.problem != problem:
            problem = summary.problem
            lines += [r"\midrule", rf"\multicolumn{{6}}{{l}}{{\emph{{{problem.translate(LATEX)}}}}} \\"]
        cells = (cell.translate(LATEX).replace("∞", r"$\infty$").replace("–", "--") for cell in row(summary))
        lines.append(" & ".join(cells).replace("µ", r"\textmu{}") + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])
