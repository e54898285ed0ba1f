"""The page: what training on short sequences first is worth, and why."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import jinja2
import numpy as np

from homotopy.papers.recurrent.evidence import ARMS, DECAYS, LENGTHS
from homotopy.papers.recurrent.figure import picture
from homotopy.papers.recurrent.numbers import DIVERGED, Found, Ratio, rate
from homotopy.papers.recurrent.rows import Row
from homotopy.papers.recurrent.study import FIRST, Size
from homotopy.papers.recurrent.tables import controls, lengths, ratios, tasks, verdicts
from homotopy.papers.recurrent.tasks import FULL, KEYS, tuned
from homotopy.papers.recurrent.wanted import wanted
from homotopy.papers.recurrent.words import listed, rate_text, ratio_text
from homotopy.report import markdown

__all__ = ["FAMILIES", "page", "write"]

FAMILIES = {
    "adding": "Adding",
    "latch": "Latch",
    "temporal-xor": "Temporal exclusive or",
    "order": "Temporal order",
    "rts": "Recurrent teachers",
    "identify": "Identification of systems",
    "generate": "Generation of waves",
}
"""What the keys of tasks begin with, and what these tasks are called."""


def page(rows: Sequence[Row], size: Size = FULL) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    rows : sequence of Row
        All rows of a study; sections whose rows are not there are left out.
    size : Size
        What the study is.
    """
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    found = Found(rows)
    tables = {title: tasks(found, size, family) for family, title in FAMILIES.items()}
    return environment.get_template("recurrent.md.jinja").render(
        runs=f"{sum(row.study == 'tasks' for row in rows):,}",
        minutes=f"{np.nansum([row.seconds for row in rows]) / 60:,.0f}",
        first=f"{FIRST:,}",
        diverged=f"{DIVERGED:,.0f}",
        short=short(found, size),
        wanted=wanted(found),
        ratios=ratios(found, size),
        tables={title: text for title, text in tables.items() if text},
        keys=_keys(),
        steps=_steps(),
        unsolved=_unsolved(found),
        controls=controls(found),
        verdicts=verdicts(found),
        lengths=lengths(found),
        path=listed([str(t) for t in LENGTHS]),
        decays=listed([f"{l2:g}" for l2 in DECAYS]),
    )


def write(folder: Path, rows: Sequence[Row], size: Size = FULL) -> None:
    """Write the page and its picture to a folder."""
    (folder / "recurrent.md").write_text(page(rows, size), encoding="utf-8")
    picture(Found(rows)).savefig(folder / "recurrent.png", dpi=160)


def short(found: Found, size: Size) -> str:
    """Return the answers as a list in Markdown, a line a family, with its least and largest ratio to the best rival."""
    lines = []
    for family, title in FAMILIES.items():
        known, bounds = {}, []
        for task in (task.key for task in size.tasks if task.key.startswith(family)):
            one = found.ratio(task)
            if one is not None and one.bounded:
                bounds.append(f"`{task}` {ratio_text(one)}")
            elif one is not None and isfinite(one.value):
                known[task] = one
        if known or bounds:
            lost = [task for task, one in known.items() if not one.low > 1.0]
            lines.append(f"**{title}**: {_spread(known)}{_bounds(bounds, bool(known))}{_lost(lost)}.")
    return "\n".join(f"- {line}" for line in [*lines, *_seconds(found), *_corrector(found), *_escape(found)]) + "\n"


def _spread(found: dict[str, Ratio]) -> str:
    if not found:
        return ""
    ordered = sorted(found, key=lambda key: found[key].value)
    told = [f"{ratio_text(found[key])} (`{key}`)" for key in dict.fromkeys((ordered[0], ordered[-1]))]
    return f"the best rival takes {' to '.join(told)} times the gradients of `length`"


def _bounds(bounds: Sequence[str], more: bool) -> str:
    if not bounds:
        return ""
    return f"{'; ' if more else ''}no rival solved a run on {listed(bounds)} times"


def _lost(lost: Sequence[str]) -> str:
    return f"; the interval meets 1 or the ratio is below it on {listed([f'`{key}`' for key in lost])}" if lost else ""


def _seconds(found: Found) -> list[str]:
    """Return the sentence on the best rivals in seconds."""
    times = {task: found.seconds(task) for task in found.tasks()}
    times = {task: one for task, one in times.items() if isfinite(one)}
    if not times:
        return []
    low, high = min(times, key=lambda task: times[task]), max(times, key=lambda task: times[task])
    dear = [f"`{task}`" for task, one in times.items() if one < 1.0]
    told = f"the best rivals take {times[low]:.1f} (`{low}`) to {times[high]:.1f} (`{high}`) times those of `length`"
    return ["**In processor seconds** " + told + (f"; they are quicker on {listed(dear)}." if dear else ".")]


def _corrector(found: Found) -> list[str]:
    """Return the sentence on what the lengths are worth with the same corrector, L-BFGS, on both sides."""
    ratios: dict[str, Ratio] = {}
    for task in found.tasks():
        plain = found.best(task, "L-BFGS")
        one = found.ratio(task, plain, "length, L-BFGS") if plain else None
        if one is not None and isfinite(one.value):
            ratios[task] = one
    if not ratios:
        return []
    order = sorted(ratios, key=lambda task: ratios[task].value)
    told = [f"{ratio_text(ratios[task])} (`{task}`)" for task in dict.fromkeys((order[0], order[-1]))]
    met = [f"`{task}`" for task, one in ratios.items() if not one.bounded and not one.low > 1.0]
    text = f"**With one corrector**, L-BFGS on both sides, that from its best start takes {' to '.join(told)} times"
    return [text + (f"; the interval meets 1 or the ratio is below it on {listed(met)}." if met else ".")]


def _escape(found: Found) -> list[str]:
    """Return the sentence on what frees stuck points."""
    parts = []
    for task in found.tasks("controls"):
        arms = {arm: found.of(task, f"stuck, {arm}", "controls") for arm in ARMS}
        told = [f"{arm} {rate(some).successes}" for arm, some in arms.items() if some]
        parts += [f"of {len(arms[ARMS[0]])} on `{task}` {', '.join(told)}"] if told else []
    return [f"**Stuck points of L-BFGS that a path frees**: {'; '.join(parts)}."] if parts else []


def _keys() -> str:
    """Return the table of the teachers."""
    return markdown(["key", "`rts:`"], [[key, f"`{text}`"] for key, text in KEYS.items()])


def _unsolved(found: Found) -> str:
    """Return what became of key G, which earlier forms of the method did not solve; empty without its runs."""
    ours, control = (found.of("rts G 20", side) for side in ("length", "length, L-BFGS"))
    if not ours:
        return ""
    told = (
        "Key G resisted earlier forms of `length`: L-BFGS on short lengths, extra units taken away at the true "
        f"length, decay. Here `length` solves {rate_text(rate(ours))} of its runs"
    )
    return told + (f", with L-BFGS at every length {rate_text(rate(control))}.\n" if control else ".\n")


def _steps() -> str:
    """Return the table of the step sizes of first-order methods."""
    body = [[family, *(f"{one[rule]:g}" for rule in ("adam", "gd"))] for family, one in tuned().items()]
    return markdown(["family", "Adam", "GD"], body)
