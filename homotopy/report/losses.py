"""What a table says where the optimum is unknown or data are held out: the expected loss at the budget, and scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, isnan, log10

from homotopy.experiments.goal import LEAST, NEAR, Goal
from homotopy.experiments.statistics.budgeted import AtBudget, Estimate
from homotopy.experiments.statistics.statistics import Summary
from homotopy.report.tables import (
    HEADINGS,
    cheapest,
    cost_text,
    headed,
    loss_text,
    rate_text,
    row,
    seconds_text,
    success_text,
)
from homotopy.texts import tex

__all__ = ["Lines", "equals", "estimate_text", "latex", "lines", "near_text", "unknown_verdict"]

Cell = tuple[str, float]  # what is shown, and by what the column is sorted
ONE = 1.05  # restarts up to which a run is all that the budget pays for


@dataclass(frozen=True)
class Lines:
    """A table of methods.

    Attributes
    ----------
    headings : tuple of str
        Of the columns; the first one is the method's.
    rows : list of tuple of str
        A row a method.
    keys : list of tuple of float
        By what the other columns are sorted, from the second one on; what failed has 1e300.
    best : int or None
        The row of the method that does best, by the column that leads.
    """

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    keys: list[tuple[float, ...]]
    best: int | None


def lines(summaries: Sequence[Summary], machine: str = "") -> Lines:
    """Return the table of methods on one problem or group; its columns follow from what is known of the optimum."""
    known = all(summary.known for summary in summaries)
    columns = [dict(_known(summary) if known else _unknown(summary)) for summary in summaries]
    headings = list(dict.fromkeys(name for cells in columns for name in cells))
    rows, keys = [], []
    for summary, cells in zip(summaries, columns, strict=True):
        found = [cells.get(name, ("–", inf)) for name in headings]
        rows.append((summary.method, *(text for text, _ in found)))
        keys.append(tuple(key if isfinite(key) else 1e300 for _, key in found))
    best = cheapest(summaries) if known else _lowest(summaries)
    return Lines(headed(("method", *headings) if summaries else HEADINGS, machine), rows, keys, best)


def _lowest(summaries: Sequence[Summary]) -> int | None:
    """Return the number of the row with the lowest expected loss; None where none is finite."""
    losses = [one.at_budget.loss.value if one.at_budget else inf for one in summaries]
    losses = [inf if isnan(loss) else loss for loss in losses]
    return losses.index(min(losses)) if losses and isfinite(min(losses)) else None


def _known(summary: Summary) -> list[tuple[str, Cell]]:
    """Return the columns where the optimum is known: those of `HEADINGS`, and scores where data are held out."""
    numbers = (summary.rate.rate, summary.cost[1], summary.expected.value)
    rest = (summary.clock.value, summary.value[1], summary.seconds)
    texts = zip(row(summary)[1:], (*numbers, *rest), strict=True)
    return [*zip(HEADINGS[1:], texts, strict=True), *_gap(summary), *_scores(summary.at_budget), *_missed(summary)]


def _gap(summary: Summary) -> list[tuple[str, Cell]]:
    """Return the column of gaps to the lower bound; none where they say no more than the losses."""
    if not summary.gap_tells or isnan(summary.gap):
        return []
    relative = summary.at_budget is not None and summary.at_budget.relative
    name = "median gap to bound" + (", of the constant's" if relative else "")
    return [(name, (loss_text(summary.gap), summary.gap))]


def _missed(summary: Summary) -> list[tuple[str, Cell]]:
    """Return the columns of runs that reached the training target and failed on held-out data; none without any."""
    counts = ("test target missed", summary.missed), ("of them diverge on test data", summary.diverged)
    return [(name, (f"{count:,}", float(count))) for name, count in counts if count]


def _unknown(summary: Summary) -> list[tuple[str, Cell]]:
    """Return the columns where the optimum is unknown: the expected loss at the budget leads."""
    found = summary.at_budget
    if found is None:
        return []
    unit = ", of the constant's" if found.relative else ""
    cost = summary.spent / summary.rate.runs if summary.rate.runs else inf
    out = [
        (f"expected loss at the budget{unit} [95 %]", (estimate_text(found.loss), found.loss.value)),
        *_scores(found),
        ("near the lowest [95 %]", (rate_text(summary), summary.rate.rate)),
        ("restarts", (cost_text(found.restarts), found.restarts)),
    ]
    if summary.problems == 1:
        out.append(("median loss of a run", (loss_text(summary.value[1]), summary.value[1])))
    out += _gap(summary)
    out.append(("cost of a run", (cost_text(cost), cost)))
    return [*out, ("time of a run", (seconds_text(summary.seconds), summary.seconds))]


def _scores(found: AtBudget | None) -> list[tuple[str, Cell]]:
    """Return the columns of scores on held-out data; none where no data are held out."""
    if found is None or found.score is None or found.run_score is None:
        return []
    return [
        (f"test {found.score_name} of the lowest [95 %]", (estimate_text(found.score, 3), found.score.value)),
        (f"test {found.score_name} of a run [95 %]", (estimate_text(found.run_score, 3), found.run_score.value)),
    ]


MOST = 7
"""Digits of an estimate; an interval that shows in none of these is the same number twice."""


def estimate_text(found: Estimate, digits: int = 4) -> str:
    """Return a mean and its interval, with as many digits as show the interval's width; one of rounding has none.

    Examples
    --------
    >>> estimate_text(Estimate(0.0123456, 0.012, float("inf"))), estimate_text(Estimate(*[float("nan")] * 3))
    ('0.01235 [0.012, ∞]', '–')
    >>> estimate_text(Estimate(0.014191822, 0.014191821, 0.014191823))
    '0.01419 [0.01419, 0.01419]'
    >>> estimate_text(Estimate(9995.213, 9995.104, 9995.4))
    '9995.21 [9995.1, 9995.4]'
    """
    if isnan(found.value):
        return "–"
    width, size = found.high - found.low, max(abs(found.low), abs(found.high))
    if isfinite(width) and 0 < width < size:
        needed = ceil(log10(size / width)) + 1
        digits = needed if digits < needed <= MOST else digits
    value, low, high = (_digits(number, digits) for number in (found.value, found.low, found.high))
    return value if isnan(found.low) else f"{value} [{low}, {high}]"


def _digits(number: float, digits: int) -> str:
    return f"{number:.{digits}g}" if isfinite(number) else ("∞" if number > 0 else "-∞")


def near_text(*goals: Goal) -> str:
    """Return what a table's last word on runs means: what a success is, or what is near the lowest value found.

    Examples
    --------
    >>> near_text(Goal(0.25, 1e-3, known=True)), near_text(Goal(0.02, 2e-4, known=False, measure="lowest"))[:40]
    ('success: loss at most 0.251', 'optimum unknown; near the lowest: loss a')
    """
    found = list(dict.fromkeys(goals))
    if all(goal.known for goal in found):
        return success_text(*found)
    if len(found) > 1:
        words = "optima unknown" if not any(goal.known for goal in found) else "some optima unknown"
        return (
            f"{words}; near the lowest: within {100 * NEAR:.0f} % of the lowest that any run found on the same problem"
        )
    goal = found[0]
    base = f"optimum unknown; near the lowest: loss at most {goal.value:.4g}"
    lowest = f"above the lowest that any run found ({goal.optimum:.4g})"
    constant = f"the best constant has {goal.constant:.4g}" if isfinite(goal.constant) else ""
    if goal.measure == "lowest":
        return "; ".join([f"{base}, {100 * NEAR:.0f} % {lowest}", *filter(None, [constant])])
    if goal.measure == "gain":
        origin = f"the best constant ({goal.constant:.4g})" if constant else "the starts"
        return f"{base}, {100 * NEAR:.0f} % {lowest}, reckoned from {origin}"
    whole = f"the best constant's loss ({goal.constant:.4g})" if constant else "the way down from the starts"
    return f"{base}, {NEAR * LEAST:.0e} of {whole} {lowest}"


def equals(method: str, same: Mapping[str, str] | None) -> str:
    """Return which methods made the same runs as this one, as part of a sentence; nothing where none did.

    Examples
    --------
    >>> equals("skip", {"auto": "skip"}), equals("gd", {"auto": "skip"})
    (', and so does auto by the same runs', '')
    """
    names = [other for other, first in (same or {}).items() if first == method]
    return f", and so do{'es' * (len(names) == 1)} {', '.join(names)} by the same runs" if names else ""


def unknown_verdict(
    summaries: Sequence[Summary], constant: float = float("nan"), *, same: Mapping[str, str] | None = None
) -> str:
    """Return the outcome where no optimum is known in one sentence: who comes lowest, by how much, who scores highest.

    `constant` is the loss of the best constant prediction, NaN where there is none; `same` names the methods that made
    the same runs as an earlier one, which are not told apart.
    """
    apart = [one for one in summaries if one.method not in (same or {})]
    found = [(one, one.at_budget) for one in apart if one.at_budget and isfinite(one.at_budget.loss.value)]
    if not found:
        return "No method ended at a finite loss."
    (best, at), *others = sorted(found, key=lambda pair: pair[1].loss.value)
    text = f"{best.method} comes lowest for the budget, with an expected loss of {estimate_text(at.loss)}"
    if at.relative:
        text += " of the best constant's"
    elif isfinite(constant):
        text += f", where the best constant has {constant:.4g}"
    if at.restarts > ONE:
        text += f" (the best of {cost_text(at.restarts)} restarts on average)"
    text += equals(best.method, same)
    if others:
        second, other = others[0]
        text += f"; next is {second.method} with {estimate_text(other.loss)}"
        text += ", and the intervals overlap" if other.loss.low <= at.loss.high else ""
    return f"{text}{_on_test([(best, at), *others])}."


def _on_test(found: list[tuple[Summary, AtBudget]]) -> str:
    """Return who scores highest on held-out data; nothing where none are held out."""
    scored = [(one, at.score, at.score_name) for one, at in found if at.score and isfinite(at.score.value)]
    if not scored:
        return ""
    ranked = sorted(scored, key=lambda triple: -triple[1].value)
    top, score, name = ranked[0]
    text = f"; on held-out data {top.method} scores highest, {name} {estimate_text(score, 3)}"
    if len(ranked) > 1:
        text += f" against {estimate_text(ranked[1][1], 3)} of {ranked[1][0].method}"
        text += ", and the intervals overlap" if ranked[1][1].high >= score.low else ""
    return text


def latex(summaries: Iterable[Summary], machine: str = "", remarks: Mapping[str, str] | None = None) -> str:
    """Return LaTeX tables with one row a Summary; a new problem starts a new group, and other columns a new table.

    `remarks` has a line to stand under the rows of a problem, such as what its lower bound rests on.
    """
    problems: dict[str, list[Summary]] = {}
    for summary in summaries:
        problems.setdefault(summary.problem, []).append(summary)
    tables: dict[tuple[str, ...], list[str]] = {}
    for problem, found in problems.items():
        told = lines(found, machine)
        tables.setdefault(told.headings, []).extend(_group(problem, told, (remarks or {}).get(problem, "")))
    return "\n".join("\n".join(_table(headings, body)) for headings, body in tables.items())


def _group(problem: str, told: Lines, remark: str) -> list[str]:
    """Return the lines of one problem."""
    wide = len(told.headings)
    out = [r"\midrule", rf"\multicolumn{{{wide}}}{{l}}{{\emph{{{tex(problem)}}}}} \\"]
    for texts in told.rows:
        out.append(" & ".join(map(tex, texts)) + r" \\")
    if remark:
        out.append(rf"\multicolumn{{{wide}}}{{p{{0.9\linewidth}}}}{{\footnotesize {tex(remark)}}} \\")
    return out


def _table(headings: tuple[str, ...], body: list[str]) -> list[str]:
    """Return the lines of one table."""
    head = " & ".join(map(tex, headings)) + r" \\"
    top = [rf"\begin{{tabular}}{{l{'r' * (len(headings) - 1)}}}", r"\toprule", head]
    return [*top, *body, r"\bottomrule", r"\end{tabular}", ""]
