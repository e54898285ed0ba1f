"""The page: where homotopies pay on real data, where hops do as well, where only the penalty matters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jinja2
import numpy as np

from homotopy.papers.real_data.figure import picture
from homotopy.papers.real_data.numbers import SEEN, TASKS
from homotopy.papers.real_data.predicting import practice, ranks, single
from homotopy.papers.real_data.rows import Row
from homotopy.papers.real_data.sets import SETS
from homotopy.papers.real_data.short import short
from homotopy.papers.real_data.study import RESTARTED
from homotopy.papers.real_data.tables import duels, every, methods, promised, small, verdicts
from homotopy.report import markdown

__all__ = ["page", "write"]


def page(rows: Sequence[Row]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    rows : sequence of Row
        All rows of a study; sections whose rows are not there say so.
    """
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    grid = [row for row in rows if row.study == "grid"]
    names = list(dict.fromkeys(row.data for row in grid))
    return environment.get_template("real-data.md.jinja").render(
        runs=f"{sum(row.runs for row in rows if row.study in ('grid', 'small')):,}",
        sets=len(names),
        regression=sum(TASKS[name] == "regression" for name in names),
        seen=sum(name in SEEN for name in names),
        nets=_listed(list(dict.fromkeys(row.net for row in grid))),
        alphas=_listed([f"{alpha:g}" for alpha in sorted({row.alpha for row in grid})]),
        homotopies=_listed([f"`{name.split('=')[1]}`" for name in RESTARTED]),
        splits=len({row.split for row in rows if row.study == "practice"}),
        short=short(rows),
        auto=_auto(grid),
        cut=_cut(grid),
        lacking=_lacking(grid),
        counts=_counts(grid),
        minutes=f"{np.nansum([row.seconds for row in rows]) / 60:,.0f}",
        promised=promised(rows),
        verdicts=verdicts(grid),
        duels=duels(grid),
        methods=methods(grid),
        every=every(grid),
        small=small([row for row in rows if row.study == "small"]),
        ranks=ranks([row for row in rows if row.study == "rank"]),
        practice=practice([row for row in rows if row.study == "practice"]),
        single=single([row for row in rows if row.study == "practice"]),
        beside=_beside([row for row in rows if row.study == "sklearn"]),
        failed=_failed(grid),
        data=_data(names),
    )


def write(folder: Path, rows: Sequence[Row]) -> None:
    """Write the page and its picture to a folder."""
    (folder / "real-data.md").write_text(page(rows), encoding="utf-8")
    picture(rows).savefig(folder / "real-data.png", dpi=160)


def _listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _lacking(grid: Sequence[Row]) -> str:
    """Return which nets were not run on all of the data sets; empty where all were."""
    names = {row.data for row in grid}
    some = []
    for net, activation in dict.fromkeys((row.net, row.activation) for row in grid):
        mine = {row.data for row in grid if (row.net, row.activation) == (net, activation)}
        if mine != names:
            some.append(f"{net} {activation} on {len(mine)} of {len(names)}")
    return f"This run was cut short: {_listed(some)} data sets." if some else ""


def _cut(grid: Sequence[Row]) -> str:
    """Return on how many nets, penalties and data sets the budget is too small for one L-BFGS."""
    parts = []
    for activation in dict.fromkeys(row.activation for row in grid):
        for budget in sorted({row.budget for row in grid}):
            some = [r for r in grid if (r.method, r.activation, r.budget) == ("lbfgs", activation, budget) and r.runs]
            if some:
                share = np.mean([row.cost >= 0.99 * budget for row in some])
                parts.append(f"{share:.0%} with {activation} at {budget:,.0f} gradients")
    return (
        f"One L-BFGS spends all of the budget, in the mean of its runs, in {_listed(parts)} of the cells."
        if parts
        else ""
    )


def _auto(grid: Sequence[Row]) -> str:
    """Return where `auto` did what `race-hop` does, and where another thing."""
    pairs: dict[tuple[str, str, float], dict[tuple[str, float], dict[str, float]]] = {}
    for row in grid:
        if row.method in ("auto", "race-hop") and row.runs:
            cells = pairs.setdefault((row.net, row.activation, row.budget), {})
            cells.setdefault((row.data, row.alpha), {})[row.method] = row.value
    other = [
        f"{net} {activation} at {budget:,.0f} gradients"
        for (net, activation, budget), cells in pairs.items()
        if any(len(set(both.values())) > 1 for both in cells.values())
    ]
    if not other:
        return "`auto` is `race-hop` in all of these runs."
    return f"`auto` is `race-hop` in these runs, but for {_listed(other)}, where it takes another method first."


def _counts(grid: Sequence[Row]) -> str:
    """Return how many runs of a cell each method had, at each budget."""
    found: dict[float, dict[int, list[str]]] = {}
    for budget, runs, name in dict.fromkeys((row.budget, row.runs, row.method) for row in grid if row.runs):
        found.setdefault(budget, {}).setdefault(runs, []).append(f"`{name}`")
    parts = []
    for budget, by_runs in sorted(found.items()):
        several = sorted(by_runs.items(), reverse=True)
        most = f"{several[0][0]} of each method" if len(several) == 1 else f"{several[0][0]} of most methods"
        rest = "".join(f", {runs} of {', '.join(names)}" for runs, names in several[1:])
        parts.append(f"{most}{rest} at {budget:,.0f} gradients")
    return "; ".join(parts)


def _failed(grid: Sequence[Row]) -> str:
    """Return which methods ended with an error, and how often; empty where none did."""
    failed = [row for row in grid if not row.runs]
    many = {name: sum(row.method == name for row in failed) for name in dict.fromkeys(row.method for row in failed)}
    return ", ".join(f"`{name}` in {count} cells" for name, count in many.items())


def _data(names: Sequence[str]) -> str:
    """Return the table of the data sets."""
    body = [
        [one.name, one.task, one.source, "yes" if one.seen else "no"] for one in SETS if not names or one.name in names
    ]
    return markdown(["data set", "task", "source", "looked at when constants were chosen"], body)


def _beside(rows: Sequence[Row]) -> str:
    """Return the tables beside scikit-learn's nets; empty without runs."""
    if not rows:
        return ""
    from homotopy.papers.real_data.sklearn_table import table

    parts = []
    for name in dict.fromkeys(row.data for row in rows):
        mine = [row for row in rows if row.data == name]
        ways = dict.fromkeys(row.method for row in mine)
        found = {way: np.array([(row.score, row.seconds) for row in mine if row.method == way]) for way in ways}
        parts.append(table(name, found))
    return "\n\n".join(parts) + "\n"
