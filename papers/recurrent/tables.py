"""The tables of the page: tasks, ratios, controls, short sequences."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np

from homotopy.papers.recurrent.evidence import ARMS
from homotopy.papers.recurrent.numbers import Found, numbers, rate
from homotopy.papers.recurrent.study import Size
from homotopy.papers.recurrent.words import cost_text, listed, rate_text, ratio_text, seconds_text
from homotopy.report import markdown

__all__ = ["controls", "lengths", "ratios", "tasks", "verdicts"]

HEADS = [
    "task",
    "method",
    "success [95 %]",
    "E\\* [95 %], gradients",
    "E\\*, seconds",
    "test",
    "missed",
    "diverged",
    "radius",
]


def tasks(found: Found, size: Size, family: str) -> str:
    """Return the table of all methods on the tasks whose keys begin so; empty without rows."""
    body = []
    for task in (task for task in size.tasks if task.key.startswith(family)):
        for side in task.sides:
            some = found.of(task.key, side.name)
            if not some:
                continue
            one = numbers(some, task.target)
            radius = f"{one.radius:.2f}" + ("" if isnan(one.wild) else f" ({one.wild:.2f})")
            cells = [f"`{task.key}`", side.name, rate_text(one.rate), cost_text(one.expected)]
            cells += [seconds_text(one.seconds), f"{one.test:.2g}", str(one.missed), str(one.diverged), radius]
            body.append(cells)
    return markdown(HEADS, body) if body else ""


def ratios(found: Found, size: Size) -> str:
    """Return the table of expected costs over that of `length`: of the best rival, then of each."""
    others = ("LM", "race and hop", "decay alone", "Adam, clipped", "GD, clipped", "length, L-BFGS", "length alone")
    body = []
    for task in size.tasks:
        best, plain = found.best(task.key), found.best(task.key, "L-BFGS")
        if found.ratio(task.key) is None:
            continue
        cells = [f"`{task.key}`", best]
        times = found.seconds(task.key)
        for side in (best, plain, *others):
            one = found.ratio(task.key, side) if side else None
            cells.append("-" if one is None else ratio_text(one))
        cells.insert(3, "-" if isnan(times) else f"{times:.1f}")
        body.append(cells)
    heads = ["task", "best rival", "that over `length`", "in seconds", "L-BFGS, best start", *others]
    return markdown(heads, body) if body else ""


def controls(found: Found) -> str:
    """Return how many of the same stuck points each path frees, and how many fresh starts it solves."""
    body = []
    for task in found.tasks("controls"):
        plainly = rate(found.of(task, "plain", "controls"))
        for arm in ARMS:
            stuck, fresh = (found.of(task, f"{kind}, {arm}", "controls") for kind in ("stuck", "fresh"))
            told = rate_text(rate(fresh)) if fresh else rate_text(plainly)
            costs = np.median([row.cost for row in stuck]) if stuck else np.nan
            body.append([f"`{task}`", arm, rate_text(rate(stuck)) if stuck else "-", f"{costs:,.0f}", told])
    heads = ["task", "from the stuck points", "freed [95 %]", "median gradients", "the same from fresh starts [95 %]"]
    return markdown(heads, body) if body else ""


def verdicts(found: Found) -> str:
    """Return in a sentence a task which paths free more stuck points than going on does, beyond both intervals."""
    lines = []
    for task in found.tasks("controls"):
        rates = {arm: rate(found.of(task, f"stuck, {arm}", "controls")) for arm in ARMS}
        if not rates[ARMS[0]].runs:
            continue
        freeing = [arm for arm in ARMS[1:] if rates[arm].low > rates[ARMS[0]].high]
        told = [f"{arm} {rates[arm].successes}" for arm in ARMS]
        way = f"{listed(freeing)} {'escape' if len(freeing) > 1 else 'escapes'}" if freeing else "nothing escapes"
        if "length only" not in freeing:
            way += "; short lengths alone do not, what they change is the price"
        lines.append(f"- `{task}`: of {rates[ARMS[0]].runs} stuck points {', '.join(told)} are freed: {way}.")
    return "\n".join(lines) + "\n" if lines else ""


def lengths(found: Found) -> str:
    """Return the share of plain runs that solve the problem at each length, and their loss at twice the length."""
    names = found.tasks("lengths")
    every = sorted({int(side) for task in names for side in found.sides(task, "lengths")})
    body = []
    for task in names:
        cells = [f"`{task}`"]
        for t in every:
            mine = found.of(task, str(t), "lengths")
            won = [row.test for row in mine if isfinite(row.hit)]
            told = f"{rate(mine).rate:.2f}" if mine else "-"
            cells.append(told + (f" ({np.median(won):.2g})" if won else ""))
        body.append(cells)
    return markdown(["task", *(f"T = {t}" for t in every)], body) if body else ""
