"""The tables on predictions: whether a lower objective predicts better, and what the penalty does."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from homotopy.papers.real_data.numbers import TASKS, change, mean, ratio
from homotopy.papers.real_data.practice import WAYS
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.tables import mean_text, ratio_text
from homotopy.report import markdown

__all__ = ["errors", "practice", "ranks", "single"]

ONE = WAYS[1]
FIRST = WAYS[0]


def ranks(rows: Sequence[Row]) -> str:
    """Return Spearman's correlation of objective and test error, by activation, penalty and task."""
    body = []
    for activation, alpha in dict.fromkeys((row.activation, row.alpha) for row in rows):
        cells = [activation, f"{alpha:g}"]
        for task in ("regression", "classes"):
            some = [r for r in rows if (r.activation, r.alpha) == (activation, alpha) and TASKS[r.data] == task]
            by_set: dict[str, list[float]] = {}
            for row in some:
                if isfinite(row.value):
                    by_set.setdefault(row.data, []).append(row.value)
            found = mean([float(np.mean(one)) for one in by_set.values()])
            cells += [mean_text(found, "+.2f"), f"{found.sets} of {len({row.data for row in some})}"]
        body.append(cells)
    return markdown(["activation", "penalty", "regression", "sets", "classes", "sets"], body)


def practice(rows: Sequence[Row]) -> str:
    """Return what each way to fit comes to: its objective and its held-out score over one L-BFGS."""
    body = []
    for activation in dict.fromkeys(row.activation for row in rows):
        for way in WAYS:
            cells = [activation, way]
            some = [row for row in rows if row.activation == activation]
            comparable = way not in (FIRST, ONE, "linear", "mean of ten")
            cells.append(ratio_text(ratio(some, way, ONE)) if comparable else "-")
            for task in ("regression", "classes"):
                mine = [row for row in some if TASKS[row.data] == task]
                cells.append("0" if way == ONE else mean_text(change(mine, way, ONE)))
            costs = [row.cost for row in some if row.method == way]
            body.append([*cells, f"{np.mean(costs):,.0f}" if costs else "-"])
    heads = ["activation", "way", "objective / one", "R2 over one", "accuracy over one", "gradients"]
    return markdown(heads, body)


def errors(rows: Sequence[Row], way: str) -> dict[str, float]:
    """Return the mean held-out error, 1 - R2 or the share of wrong classes, of a way to fit on each data set."""
    names = dict.fromkeys(row.data for row in rows)
    return {name: float(np.mean([1 - r.score for r in rows if r.data == name and r.method == way])) for name in names}


def single(rows: Sequence[Row]) -> str:
    """Return the held-out errors on each data set, and the penalties that were picked."""
    body = []
    activations = list(dict.fromkeys(row.activation for row in rows))
    for name in dict.fromkeys(row.data for row in rows):
        picked, cells = [], []
        for activation in activations:
            some = [row for row in rows if row.data == name and row.activation == activation]
            picked.append("/".join(f"{row.alpha:g}" for row in some if row.method == ONE))
        for way in WAYS:
            each = [[r for r in rows if r.data == name and r.activation == activation] for activation in activations]
            cells.append(" / ".join(f"{errors(some, way)[name]:.3f}" for some in each if some))
        body.append([name, TASKS[name], "; ".join(picked), *cells])
    return markdown(["data set", "task", f"penalties ({'; '.join(activations)})", *WAYS], body)
