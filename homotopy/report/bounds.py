"""What is said under a table: the lower bounds of its problems, and which methods made the same runs."""

from __future__ import annotations

from collections.abc import Mapping

from homotopy.experiments.bounded import settled
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.goal import Goal
from homotopy.problems.bounds import Bound
from homotopy.report.tables import loss_text

__all__ = ["bound_text", "same_runs", "same_text"]

SAME = ("seed", "success", "value", "cost", "cost_to_success", "status")  # what does not depend on a clock


def bound_text(comparison: Comparison, name: str) -> str:
    """Return the lower bound of a problem, or those of a group's problems, and on what they rest; or nothing.

    It says how far the lowest loss found is above, where the optimum is unknown, and whether a known optimum is proved.
    Runs below their bound are told.
    """
    members = [p for p in comparison.problems_of(name) if comparison.methods_on(p)]
    known = {p: bound for p in members if (bound := comparison.bound(p)) is not None}
    if not known:
        return ""
    if len(members) == 1:
        bound = known[members[0]]
        text = f"lower bound {bound.value:.6g}: {bound.certificate}{_found(bound, comparison.goal(members[0]))}"
    else:
        text = f"lower bounds: {_several(list(known.values()))}"
        if len(known) < len(members):
            text += f"; none is known of {len(members) - len(known)} of {len(members)} problems"
    below = sum(summary.below for summary in comparison.summaries(name))
    if below:
        text += f"; CONTRADICTION: {below:,} run{'s' * (below > 1)} ended below it: the bound or the objective is wrong"
    return text


def same_runs(comparison: Comparison, name: str) -> dict[str, str]:
    """Return, from a method whose runs on a problem or a group are those of an earlier one, to that one.

    Such are a method that chooses another and the one that it chose: equal are seeds, losses, costs and endings.
    """
    first: dict[tuple[bytes, ...], str] = {}
    found: dict[str, str] = {}
    for method in comparison.methods_on(name):
        ran = [p.encode(errors="replace") for p in comparison.problems_of(name) if (p, method) in comparison.cells]
        rows = comparison.records(name, method)
        if len(rows):
            earlier = first.setdefault((*ran, *(rows[field].tobytes() for field in SAME)), method)
            found |= {method: earlier} if earlier != method else {}
    return found


def same_text(same: Mapping[str, str]) -> str:
    """Return which methods made the same runs, in words.

    Examples
    --------
    >>> same_text({"auto": "skip"})
    'auto made the same runs as skip'
    """
    return "; ".join(f"{method} made the same runs as {earlier}" for method, earlier in same.items())


def _found(bound: Bound, goal: Goal) -> str:
    """Return what the bound says of the known optimum, or of the lowest value found; nothing where they agree."""
    if goal.known:
        proved = settled(goal, bound)
        return "" if proved else f"; the optimum {goal.optimum:.6g} is the best known, and not proved"
    gap = bound.gap(goal.optimum)
    if bound.proves(goal.optimum):
        return "; the lowest found is the global minimum" + (f", to {loss_text(gap)}" if gap else "")
    return f"; the lowest found is {loss_text(gap)} above it"


def _several(bounds: list[Bound]) -> str:
    """Return the bounds of several problems, those with the same certificate together."""
    by: dict[str, list[float]] = {}
    for bound in bounds:
        by.setdefault(bound.certificate, []).append(bound.value)
    parts = []
    for words, values in by.items():
        low, high = f"{min(values):.6g}", f"{max(values):.6g}"
        count = f"{len(values)} problem{'s' * (len(values) > 1)}"
        parts.append(f"{low if low == high else f'{low} to {high}'} ({words}; {count})")
    return ", ".join(parts)
