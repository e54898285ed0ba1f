"""The tables: the censuses of all nets, and what the searches cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..frame import Table

__all__ = ["censuses", "searches_table"]

Found = Mapping[str, Any]


def censuses(found: Mapping[tuple[int, float], Found]) -> Table:
    """Return the table of the censuses, by hidden units and l2."""
    rows = []
    for (hidden, l2), one in sorted(found.items()):
        points = " + ".join(f"{n}" for n in one["points"].values())
        copies = " + ".join(f"{n}" for n in one["copies"].values())
        proven = f"{one['proven']} of {len(one['values'])}" if one["proven"] else ""
        cells = (f"2-{hidden}-1", f"{l2:g}", f"{4 * l2:g}", f"{len(one['values'])}", points, copies)
        rows.append((*cells, f"{sum(one['copies'].values()):,}", f"{one['morse']}", f"{one['least']:.7f}", proven))
    headings = (
        "net",
        "l2",
        "l2 of the sum",
        "points",
        "minima + saddles of index 1 + 2 + ...",
        "with copies",
        "all",
        "sum of (-1)^index",
        "least loss",
        "proven",
    )
    note = (
        "Points up to order and signs of the hidden units, then all copies. The sum of (-1)^index over all copies is "
        "1 for a function that grows in all directions and none of whose points is degenerate (Morse), if none is "
        "missing; 1 is no proof. Proven: interval arithmetic finds exactly one stationary point in a box, with this "
        "index all over it."
    )
    return Table("The censuses", headings, tuple(rows), note)


def searches_table(searches: Mapping[str, Found], ours: Found) -> Table:
    """Return the table of the searches; `ours` is what `searched` returned, or nothing."""
    lines = []
    for name, one in searches.items():
        runs = f"{one['runs']}" if "runs" in one else ""
        reach = [f"{one[key]:,.0f}" if one[key] < np.inf else "not reached" for key in ("half", "nine")]
        lines.append((name, runs, f"{one['found']}", f"{one['cost']:,.0f}", f"{one['seconds']:.2f}", *reach))
    if ours:
        mine = (f"{ours['points']}", f"{ours['cost']:,.0f}", f"{ours['seconds']:.2f}")
        lines.append(("critical_points", "1", *mine, "", ""))
    what = ("search", "curves", "different points", "gradients", "seconds", "gradients to half", "to nine tenths")
    below = (
        "2-2-1, l2 = 0.01. root is SciPy's (Powell's hybrid method with exact Hessians) from random starts; newton "
        "and fixed-point are curves of homotopies that pass stationary points at t = 1; critical_points is the "
        "package's search, from one random start, which also uses the symmetries of the data. A Hessian counts as 18 "
        "gradients, and critical_points was run once more with every evaluation counted; looking up whether a point "
        "is new is not counted. Costs to half and to nine tenths of the census are means over 200 orders of the runs."
    )
    return Table("What the searches cost", what, tuple(lines), below)
