"""What is told of critical points: the table by index, that of the minima, and sentences."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from typing import Any

from homotopy.problems.bounds import Bound
from homotopy.report.landscape.surveyed import Survey, rank_correlation

__all__ = ["BY_INDEX", "by_index", "count_text", "merges", "minima", "minima_headings", "sentences", "value_text"]

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


def count_text(count: int) -> str:
    """Return a count in full where it has up to nine digits, else with three.

    Examples
    --------
    >>> count_text(46080), count_text(2**100 * 3**300)  # the second is more than a float can be
    ('46,080', '1.74e+173')
    """
    return f"{count:,}" if abs(count) < 10**9 else f"{Decimal(count):.3g}"


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
                count_text(sum(point.multiplicity for point in some)),
                value_text(survey.exact(min(values))),
                value_text(survey.exact(max(values))),
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
    return "–".join(count_text(one) for one in (found if len(found) < 2 else (found[0], found[-1])))


def minima_headings(survey: Survey) -> tuple[str, ...]:
    """Return the columns of `minima`."""
    gap = ("above the bound",) if survey.bound is not None else ()
    escape = ("barrier to a lower one",) if survey.tree is not None else ()
    return ("minimum", "value", *gap, "least eigenvalue", "zero modes", "copies", "searches", *escape)


def minima(survey: Survey, most: int | None = None) -> list[tuple[str, ...]]:
    """Return a row for each of the lowest minima, at most so many."""
    found = survey.points.minima
    return [
        (
            f"M{i + 1}",
            value_text(survey.exact(point.value)),
            *((f"{survey.gap(point.value):.3g}",) if survey.bound is not None else ()),
            f"{_least(point):.3g}",
            str(point.n_zero),
            count_text(point.multiplicity),
            f"{point.hits:,}",
            *((_escape(survey, i),) if survey.tree is not None else ()),
        )
        for i, point in enumerate(found[:most])
    ]


def merges(survey: Survey) -> list[tuple[str, ...]]:
    """Return a row for each merge of the tree: its value, and the name of the lowest minimum of either group."""
    tree = survey.tree
    if tree is None:
        return []
    rows: list[tuple[str, ...]] = []
    for merge in tree.merges:
        groups = (tree.leaves(node) for node in (merge.left, merge.right))
        ends = sorted(min(group, key=lambda i: (tree.minima[i].value, i)) for group in groups)
        rows.append((value_text(survey.exact(merge.level)), *(f"M{i + 1}" for i in ends)))
    return rows


def _least(point: Any) -> float:
    """Return the least eigenvalue that is not zero to rounding; 0 where all are."""
    return float(point.eigenvalues[point.n_zero]) if point.n_zero < len(point.eigenvalues) else 0.0


def _escape(survey: Survey, i: int) -> str:
    """Return the barrier to a lower minimum, as far as saddles are known."""
    if survey.tree is None or i >= len(survey.tree.minima):
        return "–"
    value, least = (survey.exact(v) for v in (survey.tree.minima[i].value, min(p.value for p in survey.tree.minima)))
    if value - least <= 1e-9 * abs(value):
        return "lowest"
    found = survey.tree.escape(i)
    return f"{found:.3g}" if isfinite(found) else "no saddle known"


def sentences(survey: Survey) -> list[str]:
    """Return what is to be said of a census beside its tables: coverage, topology, escapes, flat families, the gap."""
    points = survey.points
    seen = points.coverage if len(points) else "no search ended at a critical point"
    out = [f"coverage: {seen}", *_morse(survey), *_lost(survey)]
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
    if survey.bound is not None and points.minima:
        out.append(f"bound: {_bound(survey, survey.bound)}")
    out += _met(survey)
    out += [f"note: {note}" for note in (*points.notes, *(survey.tree.notes if survey.tree else ()))]
    return out


def _morse(survey: Survey) -> list[str]:
    """Return what the Morse sum says: nothing of minima alone, of zero eigenvalues, or where there are kinks.

    It must be 1 of a function that grows in all directions, as a penalty makes a loss that is never negative.
    """
    points, objective = survey.points, survey.points.objective
    morse = points.morse_sum
    if morse is None or not len(points) or survey.kinked or survey.settings.get("kinds") == "minima":
        return []
    grows = getattr(objective, "l2", 0.0) > 0 and getattr(objective, "at_least", None) is not None
    if morse == 1:
        fits = "is 1, as it must be where all points are known" + ("" if grows else " of a function that grows outward")
    else:
        fits = f"is {morse}, not 1: points are missing" + ("" if grows else ", or the function does not grow outward")
    return [f"Morse sum: the sum of (-1)^index over all copies {fits}"]


def _lost(survey: Survey) -> list[str]:
    """Return how many searches ended at no point, and which points are not looked for."""
    points, out = survey.points, []
    if points.n_escaped:
        many = f"{points.n_escaped:,} searches" if points.n_escaped > 1 else "one search"
        out.append(f"to infinity: {many} went off to infinity and ended at no point")
    if points.n_failed:
        many = f"{points.n_failed:,} searches" if points.n_failed > 1 else "one search"
        out.append(f"no end: {many} ended at no point, and no number here sees what they would have ended at")
    if survey.kinked:
        out.append(
            "kinks: minima at kinks of the units, where there is no gradient, are not looked for; there may be lower "
            "ones, and the coverage does not see them"
        )
    return out


def _met(survey: Survey) -> list[str]:
    """Return which minima are in the tree alone: those that descents from saddles ended at and no search."""
    n = len(survey.points.minima)
    more = () if survey.tree is None else survey.tree.minima[n:]
    if not more:
        return []
    names = f"M{n + 1}" if len(more) == 1 else f"M{n + 1} to M{n + len(more)}"
    lowest = value_text(survey.exact(min(point.value for point in more)))
    which = "a minimum" if len(more) == 1 else f"{len(more):,} minima"
    return [f"tree: descents from saddles end at {which} that no search met ({names}, the lowest {lowest})"]


def _bound(survey: Survey, bound: Bound) -> str:
    """Return what the bound says of the lowest minimum, and that one of the two is wrong where it is below."""
    value = survey.exact(survey.points.minima[0].value)
    if bound.contradicted(value):
        return bound.told(value)
    gap = survey.gap(value)
    where = f"{gap:.3g} above" if gap > 0 else "there, to rounding"
    return f"no value is below {bound.value:.7g} ({bound.certificate}); the lowest is {where}"
