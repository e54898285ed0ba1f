"""The tables on objectives: what was wanted and what came, methods, groups, small budgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from homotopy.papers.real_data.numbers import (
    SEEN,
    TASKS,
    Group,
    Mean,
    Ratio,
    change,
    groups,
    near,
    ratio,
    within_groups,
)
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.study import AGAINST, RESTARTED
from homotopy.report import markdown

__all__ = [
    "BLOCKS",
    "WORDS",
    "best",
    "block",
    "by_net",
    "duels",
    "every",
    "group_text",
    "methods",
    "only",
    "promised",
    "ratio_text",
    "small",
    "verdict",
    "verdicts",
]

SMALL = 1e-3
"""The largest of the small penalties."""
WANTED, WORST, EARLY = 0.92, 1.01, 1.05
NOTHING = 0.99
"""Where neither hops nor a homotopy come so low against restarts of L-BFGS, there is nothing to win."""
WORDS = ("hops", "either", "nothing to win", "-")
"""What `verdict` says where it names no homotopy."""
BLOCKS = {
    "relu, penalty 1e-4 and 1e-3": ("relu", True),
    "relu, penalty 1e-2": ("relu", False),
    "tanh, penalty 1e-4 and 1e-3": ("tanh", True),
    "tanh, penalty 1e-2": ("tanh", False),
}


def block(rows: Iterable[Row], activation: str, small: bool) -> list[Row]:
    """Return the rows with an activation, and small penalties or the others."""
    return [row for row in rows if row.activation == activation and (row.alpha <= SMALL * (1 + 1e-9)) == small]


def ratio_text(one: Ratio) -> str:
    """Return a ratio with its interval."""
    if not one.sets:
        return "-"
    return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" if isfinite(one.low) else f"{one.value:.3f}"


def mean_text(one: Mean, form: str = "+.3f") -> str:
    """Return a mean with its interval."""
    if not one.sets or not isfinite(one.value):
        return "-"
    return f"{one.value:{form}} [{one.low:{form}}, {one.high:{form}}]" if isfinite(one.low) else f"{one.value:{form}}"


def group_text(key: Group) -> str:
    """Return a group in words."""
    net, activation, alpha, task, budget = key
    return f"{net} {activation}, penalty {alpha:g}, {task}, {budget:,.0f} gradients"


def promised(rows: Sequence[Row]) -> str:
    """Return the table of the figures that were wanted before the runs."""
    grid, early = ([row for row in rows if row.study == study] for study in ("grid", "small"))
    relu = block(grid, "relu", True)
    body = []
    for budget in dict.fromkeys(row.budget for row in relu):
        some = [row for row in relu if row.budget == budget]
        unseen = [row for row in some if row.data not in SEEN]
        here, there = ratio(some, "auto"), ratio(unseen, "auto")
        name = f"`auto` / restarts of L-BFGS, relu, penalty up to 1e-3, {budget:,.0f} gradients"
        body.append([name, f"at most {WANTED}", ratio_text(here), ratio_text(there), _held(here.value <= WANTED)])
    body += _worst(grid, "auto", AGAINST, WORST, "the worst group of `auto` / restarts of L-BFGS")
    body += _worst(early, "auto", "lbfgs", EARLY, "the worst group of `auto` / one L-BFGS at 50 to 1,000 gradients")
    return markdown(["figure", "wanted", "all data sets", "data sets not looked at", ""], body)


def _worst(rows: Sequence[Row], method: str, against: str, limit: float, name: str) -> list[list[str]]:
    """Return the line of the group with the largest mean ratio."""
    found = within_groups(rows, method, against)
    if not found:
        return []
    key = max(found, key=lambda group: found[group].value)
    fresh = within_groups([row for row in rows if row.data not in SEEN], method, against)
    beyond = sum(one.value > limit for one in found.values())
    told = f"{ratio_text(found[key])} ({group_text(key)}); {beyond} of {len(found)} groups above"
    other = max(fresh, key=lambda group: fresh[group].value, default=None)
    there = "-" if other is None else f"{ratio_text(fresh[other])} ({group_text(other)})"
    return [[name, f"at most {limit}", told, there, _held(beyond == 0)]]


def _held(yes: bool) -> str:
    return "reached" if yes else "**missed**"


def best(rows: Sequence[Row]) -> tuple[str, Ratio] | None:
    """Return the restarted homotopy with the lowest mean ratio, and the ratio, of those that ran everywhere.

    None where there is none.
    """
    ran: dict[str, set[tuple[object, ...]]] = {}
    for row in rows:
        if row.runs:
            ran.setdefault(row.method, set()).add((row.data, row.net, row.activation, row.alpha, row.budget))
    whole = [name for name in RESTARTED if name in ran and ran[name] >= ran.get(AGAINST, set())]
    found = {name: ratio(rows, name) for name in whole}
    if not found:
        return None
    name = min(found, key=lambda one: found[one].value)
    return name, found[name]


def verdict(rows: Sequence[Row]) -> str:
    """Return what pays: a homotopy's name, or one of `WORDS`, "-" where hops or homotopies were not run."""
    hops, homotopy = ratio(rows, "race-hop"), best(rows)
    if homotopy is None or not hops.sets:
        return "-"
    name, one = homotopy
    if min(hops.value, one.value) > NOTHING:
        return "nothing to win"
    duel = ratio(rows, name, "race-hop")
    if duel.high < 1.0:
        return name.split("=")[1]
    return "hops" if duel.low > 1.0 else "either"


def _bold(word: str) -> str:
    return word if word in WORDS else f"**{word}**"


def verdicts(grid: Sequence[Row]) -> str:
    """Return the table of what pays: a line for each net, activation and penalty, both tasks together."""
    budgets = sorted({row.budget for row in grid})
    heads = ["net", "penalty"]
    for budget in budgets:
        heads += [f"race and hop, {budget:,.0f}", "best homotopy", "what pays"]
    body = []
    for (net, activation, alpha), some in by_net(grid).items():
        cells = [f"{net} {activation}", f"{alpha:g}"]
        for budget in budgets:
            here = [row for row in some if row.budget == budget]
            found = best(here)
            told = "-" if found is None else f"{found[0].split('=')[1]} {ratio_text(found[1])}"
            cells += [ratio_text(ratio(here, "race-hop")), told, _bold(verdict(here))]
        body.append(cells)
    return markdown(heads, body)


def duels(grid: Sequence[Row]) -> str:
    """Return the table of each homotopy against race and hop, at equal budgets, by nets and activations."""
    names = [name for name in RESTARTED if any(row.method == name for row in grid)]
    budgets = sorted({row.budget for row in grid})
    body = []
    for name in names:
        for net, activation in dict.fromkeys((row.net, row.activation) for row in grid if row.method == name):
            some = [row for row in grid if (row.net, row.activation) == (net, activation)]
            cells = [name.split("=")[1], f"{net} {activation}"]
            for budget in budgets:
                one = ratio([row for row in some if row.budget == budget], name, "race-hop")
                cells += [ratio_text(one), f"{one.lower} of {one.sets}"]
            body.append(cells)
    heads = ["homotopy, restarted", "net"]
    for budget in budgets:
        heads += [f"over race and hop, {budget:,.0f}", "lower on"]
    return markdown(heads, body)


def by_net(grid: Sequence[Row]) -> dict[tuple[str, str, float], list[Row]]:
    """Return the rows by net, activation and penalty."""
    found: dict[tuple[str, str, float], list[Row]] = {}
    for key, some in groups(grid).items():
        found.setdefault(key[:3], []).extend(some)
    return found


def methods(grid: Sequence[Row]) -> str:
    """Return a table of all methods for each of the `BLOCKS`."""
    budgets = sorted({row.budget for row in grid})
    heads = ["method"]
    for budget in budgets:
        heads += [f"{budget:,.0f} gradients: objective", "lower on", "runs within 1 %"]
    heads += ["R2", "accuracy"]
    parts = []
    for name, which in BLOCKS.items():
        some = block(grid, *which)
        body = [_line(some, method, budgets) for method in dict.fromkeys(row.method for row in some)]
        parts.append(f"### {name}\n\n{markdown(heads, body)}")
    return "\n".join(parts)


def only(rows: Sequence[Row], method: str) -> str:
    """Return in brackets on which nets a method ran where that is not on all."""
    nets = list(dict.fromkeys(row.net for row in rows))
    mine = [net for net in nets if any(row.net == net and row.method == method for row in rows)]
    return "" if len(mine) == len(nets) else f" ({', '.join(mine)})"


def _line(rows: Sequence[Row], method: str, budgets: Sequence[float]) -> list[str]:
    cells = [f"`{method}`{only(rows, method)}"]
    for budget in budgets:
        here = [row for row in rows if row.budget == budget]
        one, share = ratio(here, method), near(here, method)
        cells += [ratio_text(one), f"{one.lower} of {one.sets}" if one.sets else "-"]
        cells.append(f"{share.rate:.2f} [{share.low:.2f}, {share.high:.2f}]" if share.runs else "-")
    last = [row for row in rows if row.budget == budgets[-1]]
    for task in ("regression", "classes"):
        cells.append(mean_text(change([row for row in last if TASKS[row.data] == task], method)))
    return cells


def every(grid: Sequence[Row]) -> str:
    """Return the table of all groups: `auto`, race and hop, and the best homotopy against restarts of L-BFGS."""
    body = []
    for key, some in groups(grid).items():
        found = best(some)
        told = "-" if found is None else f"{found[0].split('=')[1]} {ratio_text(found[1])}"
        auto = ratio(some, "auto")
        cells = [f"{key[0]} {key[1]}", f"{key[2]:g}", key[3], f"{key[4]:,.0f}", str(auto.sets), ratio_text(auto)]
        body.append([*cells, ratio_text(ratio(some, "race-hop")), told, ratio_text(ratio(some, "lbfgs"))])
    heads = [
        "net",
        "penalty",
        "task",
        "budget",
        "sets",
        "`auto`",
        "`race-hop`",
        "best homotopy, restarted",
        "one L-BFGS",
    ]
    return markdown(heads, body)


def small(rows: Sequence[Row]) -> str:
    """Return the table of small budgets: `auto` over one L-BFGS of the same budget."""
    budgets = sorted({row.budget for row in rows})
    nets = dict.fromkeys((row.net, row.activation) for row in rows)
    body = []
    for net, activation in nets:
        some = [row for row in rows if (row.net, row.activation) == (net, activation)]
        cells = [f"{net} {activation}"]
        for budget in budgets:
            here = [row for row in some if row.budget == budget]
            worst = max((one.value for one in within_groups(here, "auto", "lbfgs").values()), default=float("nan"))
            cells.append(f"{ratio(here, 'auto', 'lbfgs').value:.3f} ({worst:.3f})")
        body.append(cells)
    return markdown(["net", *(f"{budget:,.0f} gradients" for budget in budgets)], body)
