"""What is told of critical points: the table by index, that of the minima, and sentences."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from homotopy.report.landscape.surveyed import Survey, rank_correlation

__all__ = ["BY_INDEX", "by_index", "merges", "minima", "minima_headings", "sentences", "value_text"]

BY_INDEX = (
    "index",
    "points",
    "with copies",
    "lowest value",
    "highest value",
    "copies of one",
    "zero modes",
    "searches",
)
"""The columns of `by_index`."""


def value_text(value: float) -> str:
    """Return a value with seven digits, as many as tell minima apart; a dash for NaN.

    Examples
    --------
    >>> value_text(0.0604364506), value_text(float("nan"))
    ('0.06043645', '–')
    """
    return f"{value:.7g}" if value == value else "–"


def _value(survey: Survey, value: float) -> str:
    """Return a value, 0 where it is rounding beside the largest one."""
    largest = max(abs(point.value) for point in survey.points)
    return value_text(0.0 if abs(value) <= 1e-14 * largest else value)


def by_index(survey: Survey) -> list[tuple[str, ...]]:
    """Return a row for each index: its points up to symmetry, their copies, values, and the searches that met them."""
    rows: list[tuple[str, ...]] = []
    kinds = {(point.index, _flat_saddle(point)) for point in survey.points}
    for index, is_saddle in sorted(kinds):
        some = [point for point in survey.points if (point.index, _flat_saddle(point)) == (index, is_saddle)]
        values = [point.value for point in some]
        rows.append(
            (
                f"{index}, but a saddle" if is_saddle else str(index),
                f"{len(some):,}",
                f"{sum(point.multiplicity for point in some):,}",
                _value(survey, min(values)),
                _value(survey, max(values)),
                _span(point.multiplicity for point in some),
                _span(point.n_zero for point in some),
                f"{sum(point.hits for point in some):,}",
            )
        )
    return rows


def _flat_saddle(point: Any) -> bool:
    """Return whether a point is a saddle although its Hessian has no negative eigenvalue."""
    return bool(point.index == 0 and point.kind == "saddle")


def _span(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,}–{found[-1]:,}"


def minima_headings(survey: Survey) -> tuple[str, ...]:
    """Return the columns of `minima`."""
    gap = ("above the bound",) if isfinite(survey.lower) else ()
    escape = ("barrier to a lower one",) if survey.tree is not None else ()
    return ("minimum", "value", *gap, "least eigenvalue", "zero modes", "copies", "searches", *escape)


def minima(survey: Survey, most: int | None = None) -> list[tuple[str, ...]]:
    """Return a row for each of the lowest minima, at most so many."""
    found = survey.points.minima
    return [
        (
            f"M{i + 1}",
            _value(survey, point.value),
            *((f"{survey.gap(point.value):.3g}",) if isfinite(survey.lower) else ()),
            f"{_least(point):.3g}",
            str(point.n_zero),
            f"{point.multiplicity:,}",
            f"{point.hits:,}",
            *((_escape(survey, i),) if survey.tree is not None else ()),
        )
        for i, point in enumerate(found[:most])
    ]


def merges(survey: Survey) -> list[tuple[str, ...]]:
    """Return a row for each merge of the tree: its value, and the lowest minimum of either group."""
    tree = survey.tree
    if tree is None:
        return []
    ends = [sorted(map(tree.lowest, (merge.left, merge.right))) for merge in tree.merges]
    rows = [(merge.level, *pair) for merge, pair in zip(tree.merges, ends, strict=True)]
    return [tuple(map(value_text, row)) for row in rows]


def _least(point: Any) -> float:
    """Return the least eigenvalue that is not zero to rounding; 0 where all are."""
    return float(point.eigenvalues[point.n_zero]) if point.n_zero < len(point.eigenvalues) else 0.0


def _escape(survey: Survey, i: int) -> str:
    """Return the barrier to a lower minimum, as far as saddles are known."""
    if survey.tree is None or i >= len(survey.tree.minima):
        return "–"
    value = survey.points.minima[i].value
    if value - survey.points.minima[0].value <= 1e-9 * abs(value):
        return "lowest"
    found = survey.tree.escape(i)
    return f"{found:.3g}" if isfinite(found) else "no saddle known"


def sentences(survey: Survey) -> list[str]:
    """Return what is to be said of a census beside its tables: coverage, topology, escapes, flat families, the gap."""
    points = survey.points
    out = [f"coverage: {points.coverage}"]
    morse = points.morse_sum
    if morse is not None and len(points) and survey.settings.get("kinds") != "minima":
        fits = (
            "is 1, as it must be where all points are known" if morse == 1 else f"is {morse}, not 1: points are missing"
        )
        out.append(f"Morse sum: the sum of (-1)^index over all copies {fits}")
    if points.n_escaped:
        many = f"{points.n_escaped:,} searches" if points.n_escaped > 1 else "one search"
        out.append(f"to infinity: {many} went off to infinity and ended at no point")
    flat = [point for point in points if point.n_zero > point.n_symmetric]
    if flat:
        many = f"{len(flat):,} points stand" if len(flat) > 1 else "one point stands"
        out.append(
            f"flat: {many} for all points of one index and value with zero eigenvalues that no symmetry explains, "
            "which lie on curves or surfaces"
        )
    ranks = rank_correlation(points)
    if ranks is not None:
        out.append(
            f"index and value: Spearman's correlation is {ranks.rho:.2f} [{ranks.low:.2f}, {ranks.high:.2f}] "
            f"over {ranks.n} points, if these are a fair sample"
        )
    bound = getattr(survey.problem, "lower", None)
    if bound is not None and points.minima:
        gap = survey.gap(points.minima[0].value)
        out.append(f"bound: no value is below {bound.value:.7g} ({bound.certificate}); the lowest is {gap:.3g} above")
    out += [f"note: {note}" for note in (*points.notes, *(survey.tree.notes if survey.tree else ()))]
    return out
