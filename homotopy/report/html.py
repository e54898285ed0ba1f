"""The report of a comparison as one self-contained page: no network, no other file."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import jinja2
import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from homotopy import methods as method_floor
from homotopy.errors import HomotopyError
from homotopy.experiments.comparison import Comparison
from homotopy.experiments.groups import together
from homotopy.experiments.statistics.profiles import clusters
from homotopy.experiments.statistics.statistics import Summary
from homotopy.report import distributions, figures, paths
from homotopy.report.bounds import bound_text, same_runs, same_text
from homotopy.report.losses import Lines, equals, lines, near_text, unknown_verdict
from homotopy.report.style import INK, RC
from homotopy.report.tables import cost_text, loss_text, seconds_text
from homotopy.texts import visible

__all__ = ["page", "svg", "template"]

MOST_CLUSTERS = 8
MOST_TESTS = 60


@dataclass(frozen=True)
class Field:
    """A field of a table: what is shown, and by what the column is sorted."""

    text: str
    key: float | str


def svg(figure: Figure, prefix: str, description: str) -> Markup:
    """Return a figure as SVG to stand inside a page, in the color of the page's text.

    The prefix is put before every id, since a page holds many figures; the description is for readers who cannot see.
    """
    for ax in figure.axes:
        ax.patch.set_alpha(0.0)
        _ink(ax)
    for legend in figure.legends:
        for entry in legend.get_texts():
            entry.set_color(INK)
    figure.patch.set_alpha(0.0)
    buffer = io.StringIO()
    with mpl.rc_context(cast("Any", RC)), np.errstate(all="ignore"):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    drawn = buffer.getvalue()
    text: str = drawn[drawn.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = text.replace("url(#", f"url(#{prefix}-").replace('href="#', f'href="#{prefix}-')
    text = text.replace(INK, "currentColor")
    text = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", text, count=1)
    text = re.sub(r'<svg([^>]*?) width="([\d.]+)pt"', r'<svg\1 style="max-width:\2pt" role="img"', text, count=1)
    head, rest = text.split(">", 1)
    return Markup(f"{head}><title>{Markup.escape(description)}</title>{rest}")


def _ink(ax: Any) -> None:
    """Give text, spines and ticks of an axes the color that stands for the page's."""
    for spine in ax.spines.values():
        spine.set_edgecolor(INK)
    ax.tick_params(which="both", colors=INK)
    for text in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *ax.texts):
        text.set_color(INK)


def template(name: str) -> jinja2.Template:
    """Return a template of `pages`; all extend one base, which holds the look."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "pages")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, finalize=_seen)
    return made.get_template(name)


def _seen(value: Any) -> Any:
    """Return what a template writes, where a text has no character that acts or hides."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(comparison: Comparison) -> str:
    """Return the report as the text of an HTML page; everything is read from the comparison's store."""
    ran = [name for name in comparison.groups if comparison.methods_on(name)]
    sections = [_section(comparison, problem, i) for i, problem in enumerate(ran)]
    overall = []
    if len(comparison.problems) > 1 and distributions.profiled(comparison)[0]:
        known = all(comparison.goal(problem).known for problem in distributions.profiled(comparison)[1])
        overall.append(_drawn("profile", "all", lambda: distributions.profile(comparison), known=known))
    sessions = comparison.store.sessions()
    return template("report.html.jinja").render(
        title=_title(comparison, ran),
        unknown=any(not section["known"] for section in sections),
        scored=any(comparison.score_name(problem) for problem in comparison.problems),
        held=any(math.isfinite(comparison.goal(p).test) for p in comparison.problems if comparison.methods_on(p)),
        sections=sections,
        overall=overall,
        skips=together(comparison.skips, comparison.groups),
        failures=together(comparison.failures, comparison.groups),
        tuned=comparison.tuned,
        settings=_settings(comparison),
        problems=_problems(comparison),
        methods=[(name, *_about(name)) for name in comparison.methods],
        sessions=sessions,
        tuning=len(comparison.tuning),
        machine_name=comparison.machine,
        machine=sessions[-1]["machine"] if sessions else {},
    )


def _problems(comparison: Comparison) -> list[tuple[Any, ...]]:
    """Return what is known of each problem, its lower bound among it: one row a problem and version of the code."""
    asked = "SELECT name, size, optimum, tolerance, source FROM problems ORDER BY rowid"
    return [(*row, comparison.bound(row[0])) for row in comparison.store.query(asked).fetchall()]


def _title(comparison: Comparison, ran: list[str]) -> str:
    if len(ran) == 1:
        return f"{len(comparison.methods_on(ran[0]))} methods on {ran[0]}"
    several = any(len(comparison.problems_of(name)) > 1 for name in ran)
    return f"{len(comparison.methods)} methods on {len(ran)} {'groups of ' if several else ''}problems"


CAPTIONS = {
    "curves": "Loss against cost: median and quartiles over the starts.",
    "success": "Success rates with their 95 % intervals.",
    "costs": "Share of starts that reached a target, against cost; right the target of success.",
    "waterfall": "Final losses in rising order: plateaus are local minima that many starts share.",
    "paths": "Paths of the homotopy methods from the first seeds: H and the index of its Hessian against t.",
    "profile": "Performance profile: share of instances solved within a factor of the cheapest method's cost.",
}


UNKNOWN = {
    "curves": "Loss against cost: median and quartiles over the starts; the best constant, what is near the lowest.",
    "success": "The expected loss at the budget with its 95 % interval, and scores where data are held out.",
    "costs": "Share of starts that came within some excess over the lowest loss found, against cost.",
    "profile": "Share of all runs that ended so near to the lowest loss found on their problem.",
}
"""Captions that are others where the optimum is unknown."""


def _drawn(
    kind: str, where: str, draw: Callable[[], Figure], *, known: bool = True, narrow: Callable[[], Figure] | None = None
) -> dict[str, Any]:
    """Return a figure as the template takes it, and what stands in for it on a narrow page."""
    caption = CAPTIONS[kind] if known else UNKNOWN.get(kind, CAPTIONS[kind])
    out = {"id": f"{where}-{kind}", "svg": svg(draw(), f"{where}-{kind}", caption), "caption": caption, "narrow": ""}
    return out | ({"narrow": svg(narrow(), f"{where}-{kind}-narrow", caption)} if narrow else {})


def _section(comparison: Comparison, name: str, number: int) -> dict[str, Any]:
    """Return all that the template shows of one problem or one group of them."""
    summaries = comparison.summaries(name)
    where = f"p{number}"
    drawings: list[tuple[str, Callable[[], Figure]]] = [
        ("curves", lambda: figures.curves(comparison, (name,))),
        ("success", lambda: figures.success(comparison, (name,))),
        ("costs", lambda: distributions.cost_distribution(comparison, name)),
        ("waterfall", lambda: distributions.waterfalls(comparison, name)),
    ]
    stacked = partial(distributions.cost_distribution, comparison, name, stacked=True)
    found = paths.traces(comparison, name)
    if found:
        drawings.append(("paths", lambda: paths.draw(found, comparison.methods)))
    aims = figures.goals(comparison, name)
    known = all(aim.known for aim in aims.values())
    tests = _tests(comparison, name, known=known)
    same = same_runs(comparison, name)
    told = lines(summaries, comparison.machine)
    constant = next(iter(aims.values())).constant if len(aims) == 1 else math.nan
    return {
        "known": known,
        "headings": told.headings,
        "id": where,
        "problem": name,
        "members": comparison.problems_of(name),
        "success": near_text(*aims.values()),
        "verdict": verdict(summaries, same) if known else unknown_verdict(summaries, constant, same=same),
        "same": same_text(same),
        "rows": _cells(told),
        "bound": bound_text(comparison, name),
        "figures": [
            _drawn(kind, where, draw, known=known, narrow=stacked if kind == "costs" else None)
            for kind, draw in drawings
        ],
        "pathless": paths.without(comparison, name) if len(comparison.problems_of(name)) == 1 else (),
        "agreed": {method: _agreed(comparison, name, method) for method in comparison.methods_on(name)},
        "tests": tests[:MOST_TESTS],
        "n_tests": len(tests),
        "best": told.best,
    }


def _agreed(comparison: Comparison, name: str, method: str) -> str:
    """Return `agreement` on the final losses of a problem, or of a group above the optima of its problems."""
    rows = comparison.records(name, method)
    if len(comparison.problems_of(name)) > 1:
        rows["value"] = distributions.excess(comparison, name, method)
    aims, units = figures.goals(comparison, name), figures.units(comparison, name)
    tolerance = max(aim.tolerance / units[problem] for problem, aim in aims.items())
    word = "solved" if all(aim.known for aim in aims.values()) else "near the lowest"
    return agreement(rows, absolute=0.01 * tolerance, word=word)


def agreement(records: NDArray[Any], *, absolute: float = 1e-8, word: str = "solved") -> str:
    """Return in words how many runs were solved and on which other final losses runs agree, to `absolute` and 1 %."""
    solved = int(records["success"].sum())
    found = clusters(records["value"][~records["success"]], absolute=absolute)
    shown = sorted(sorted(found, key=lambda c: -c.count)[:MOST_CLUSTERS], key=lambda c: c.value)
    parts = [f"{word} × {solved}"] if solved else []
    parts += [f"{loss_text(c.value)} × {c.count}" for c in shown]
    other = len(records) - solved - sum(c.count for c in shown)
    return ", ".join(parts) + (f" and {other} others" if other else "")


def verdict(summaries: Sequence[Summary], same: Mapping[str, str] | None = None) -> str:
    """Return the outcome in one sentence: who is cheapest to a first success, by how much, and who is fastest.

    `same` names the methods that made the same runs as an earlier one (`same_runs`), which are not told apart.
    """
    rest = [s for s in summaries if s.rate.successes and s.method not in (same or {})]
    solved = sorted(rest, key=lambda s: s.expected.value)
    if not solved:
        return "No method reached the target."
    best = solved[0]
    text = f"{best.method} reaches the target at the lowest expected cost, {cost_text(best.expected.value)}"
    text += f" gradient-equivalents ({best.rate.successes} of {best.rate.runs} starts){equals(best.method, same)}"
    if len(solved) > 1:
        second = solved[1]
        text += f"; next is {second.method} with {cost_text(second.expected.value)}"
        overlap = second.expected.low <= best.expected.high
        text += ", and the intervals overlap" if overlap else ""
    timed = [s for s in solved if math.isfinite(s.clock.value)]
    if timed:
        quick = min(timed, key=lambda s: s.clock.value)
        who = "so it does" if quick is best else f"{quick.method} does so"
        text += f"; {who} in the least expected time, {seconds_text(quick.clock.value)}"
        if quick is not best and math.isfinite(best.clock.value):
            text += f" against {seconds_text(best.clock.value)}"
    return text + "."


def _cells(told: Lines) -> list[list[Field]]:
    """Return the fields of a table, row by row."""
    return [
        [Field(texts[0], texts[0]), *(Field(text, key) for text, key in zip(texts[1:], keys, strict=True))]
        for texts, keys in zip(told.rows, told.keys, strict=True)
    ]


def _tests(comparison: Comparison, name: str, *, known: bool) -> list[Any]:
    """Return the paired tests on a problem, the clearest first: of successes, without an optimum of final losses."""
    if known:
        return sorted(comparison.paired(name), key=lambda test: test.p_success_holm)
    return sorted(comparison.lower(name), key=lambda test: test.p_holm if math.isfinite(test.p_holm) else 2.0)


def _about(name: str) -> tuple[str, str]:
    """Return a method's first line of documentation and its reference."""
    try:
        method = method_floor.method(name)
    except HomotopyError:
        return "", ""
    text = (type(method).__doc__ or "").partition("\n\n")[0]
    return " ".join(text.split()), method.reference


def _settings(comparison: Comparison) -> list[tuple[str, str]]:
    """Return what was asked for, in words."""
    budget, seeds = comparison.budget, comparison.seeds
    first, last = min(seeds), max(seeds)
    text = f"{first} to {last}" if len(seeds) == last - first + 1 else ", ".join(map(str, seeds[:50]))
    limits = [f"{cost_text(budget.gradients)} gradient-equivalents"] if math.isfinite(budget.gradients) else []
    limits += [seconds_text(budget.seconds)] if math.isfinite(budget.seconds) else []
    rows = [
        ("seeds", f"{text} ({len(seeds):,})"),
        ("budget of a run", " and ".join(limits) or "none"),
        *([("seeds that choose cutoffs", f"{len(comparison.tuning):,}")] if comparison.tuning else []),
        ("store", str(comparison.store.path or "in memory")),
    ]
    versions = sorted({cell[4] for cell in comparison.store.cells() if cell[0] in comparison.cells.values()})
    return [*rows, ("version of the code", ", ".join(versions))]
