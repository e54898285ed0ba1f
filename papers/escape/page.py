"""The page on what escapes: which method where, where none helps, the controls, and why the traps are there."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import jinja2
import numpy as np

from homotopy.experiments import Summary
from homotopy.papers.escape.choice import UNITS, Choice, behind, choices, measured, unit_text
from homotopy.papers.escape.figures import picture
from homotopy.papers.escape.rows import left_out
from homotopy.papers.escape.sections import sections
from homotopy.papers.escape.studies import Findings
from homotopy.papers.escape.suite import Failure, write_csv
from homotopy.report import clock_text, expected_text, markdown, restarts_table, seconds_text
from homotopy.scratch import beside

__all__ = ["LIMIT", "behind_text", "body", "page", "write"]

FEW = 20
"""With fewer runs a rate is told as a count."""
DICTIONARIES = ("omp", "greedy")
"""How the names of methods begin that build a net from a dictionary of units."""
LIMIT = 1.5
"""The most that `auto` may cost against the best single method of a row."""


def page(
    found: Sequence[Summary],
    *,
    command: str = "homotopy suite -o DIR",
    findings: Findings | None = None,
    failed: Sequence[Failure] = (),
    machine: str = "",
) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    found : sequence of Summary
        The lines of the table.
    command : str
        The command line that made it.
    findings : Findings or None
        What was measured beside the table.
    failed : sequence of Failure
        Lines that ended with an error.
    machine : str
        What the machine is called whose seconds these are.
    """
    return _rendered("escape.md.jinja", found, command=command, findings=findings, failed=failed, machine=machine)


def body(
    found: Sequence[Summary], *, findings: Findings | None = None, failed: Sequence[Failure] = (), machine: str = ""
) -> str:
    """Return the page without its title, its picture and how it was made; the arguments are those of `page`."""
    return _rendered("body.md.jinja", found, findings=findings, failed=failed, machine=machine)


def _rendered(
    name: str,
    found: Sequence[Summary],
    *,
    findings: Findings | None,
    failed: Sequence[Failure],
    machine: str,
    command: str = "",
) -> str:
    """Return a template filled with what the lines and the studies say."""
    rows = choices(found)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.get_template(name).render(
        command=command,
        lines=f"{len(found):,}",
        runs=f"{sum(one.rate.runs for one in found):,}",
        minutes=f"{float(np.nansum([one.busy for one in found])) / 60:,.1f}",
        winners="".join(_winners(rows, unit, machine) for unit in UNITS),
        which=_which(rows, machine),
        behind=behind_text(rows),
        machine=machine or "an unknown machine",
        auto=_auto(rows),
        left_out=_left_out(),
        without=_without_dictionaries(found),
        lost=_no_help(rows, found),
        sections=sections(findings or Findings()),
        table=markdown(*restarts_table(found, machine)),
        failures=failed,
    )


def _left_out() -> str:
    """Return what is not in the table."""
    out: dict[str, list[str]] = {}
    for row, name in left_out():
        out.setdefault(name, []).append(row)
    words = "; ".join(f"`{name}` on {', '.join(rows)}" for name, rows in out.items())
    return f" Left out, because a run takes more than a minute: {words}." if words else ""


def _without_dictionaries(found: Sequence[Summary]) -> str:
    """Return on how many rows a homotopy is clearly ahead where methods that build from a dictionary do not count."""
    rows = choices([one for one in found if not one.method.startswith(DICTIONARIES)])
    ahead = {unit: sum(not one.without_gain(unit) for one in rows) for unit in UNITS[: 1 + _timed(rows)]}
    return " and ".join(f"on {count} of {len(rows)} rows in {unit}" for unit, count in ahead.items())


def _timed(rows: Sequence[Choice]) -> bool:
    """Return whether times are known of some row."""
    return any(one.pair("seconds") != (None, None) for one in rows)


def _winners(rows: Sequence[Choice], unit: str, machine: str) -> str:
    """Return a list of the homotopies that have the lowest E* in a unit, with the rows where they do so clearly."""
    won: dict[str, list[str]] = {}
    for one in rows:
        best = one.pair(unit)[0]
        if best is not None and isfinite(measured(best, unit).value) and not one.without_gain(unit):
            won.setdefault(best.method, []).append(one.row)
    lines = [f"- `{name}`: {', '.join(won[name])}" for name in sorted(won, key=lambda n: -len(won[n]))]
    if unit == "seconds":
        if not _timed(rows):
            return ""
        text = f"In seconds, on {machine or 'an unknown machine'}:\n\n"
        return text + ("\n".join(lines) or "- none, on any row") + "\n\n"
    if not lines:
        return ""
    text = "The homotopy with the lowest E\\*, where its interval lies below that of every method without one:\n\n"
    return text + "\n".join(lines) + "\n\n"


def behind_text(rows: Sequence[Choice]) -> str:
    """Return the list of the rows where a homotopy wins in gradients and loses in seconds; "none" where it is empty."""
    if not _timed(rows):
        return "- not known: these runs have no times."
    lines = []
    for one in behind(rows):
        best, rival = one.pair("seconds")
        if best is not None and rival is not None:  # both are known where the gain is
            times = (
                f"{_gain(one, 'gradients')} times ahead in gradients, {1 / one.gain('seconds'):,.1f} behind in seconds"
            )
            texts = f"`{rival.method}` {clock_text(rival.clock)} against `{best.method}` {clock_text(best.clock)}"
            lines.append(f"- **{one.row}**: {times}: {texts}.")
    return "\n".join(lines) or "- none."


def _which(rows: Sequence[Choice], machine: str) -> str:
    """Return the table of the best homotopy, the best rival and auto, in both units where times are known."""
    timed = _timed(rows)
    headings = ["problem", "best homotopy: E* (a run)", "best without: E* (a run)", "without / best"]
    if timed:
        where = f"in seconds, {machine or 'an unknown machine'}"
        headings += [f"best homotopy {where}", "best without", "without / best"]
    headings += ["`auto`: E* (in the budget)", "its first try", "`auto` / best single"]
    body = []
    for one in rows:
        cells = [one.row, _told(one.best), _told(one.rival), _gain(one, "gradients")]
        if timed:
            cells += [*map(_time, one.pair("seconds")), _gain(one, "seconds")]
        once = f"{one.once.rate.rate:.3f}" if one.once is not None else "-"
        body.append([*cells, _told(one.auto, name=False), once, _ratio(one)])
    return markdown(headings, body)


def _time(one: Summary | None) -> str:
    """Return the method and its E* in seconds."""
    if one is None:
        return "-"
    return f"{one.method}: {seconds_text(one.clock.value) if isfinite(one.clock.value) else unit_text(one, 'seconds')}"


def _told(one: Summary | None, *, name: bool = True) -> str:
    """Return the method, its E* and its success in a run."""
    if one is None:
        return "-"
    words = f"{one.expected.value:,.0f}" if isfinite(one.expected.value) else expected_text(one)
    few = one.rate.runs < FEW
    share = f"{one.rate.successes} of {one.rate.runs}" if few else f"{one.rate.rate:.3f}"
    return (f"{one.method}: " if name else "") + f"{words} ({share})"


def _gain(one: Choice, unit: str) -> str:
    """Return what the best rival costs against the best homotopy."""
    best, rival = one.pair(unit)
    if best is None or rival is None or not isfinite(measured(best, unit).value):
        return "-"
    if not isfinite(measured(rival, unit).value):
        return f"> {measured(rival, unit).bound / measured(best, unit).value:,.1f}"
    return f"{one.gain(unit):,.1f}" if one.gain(unit) >= 0.05 else f"{one.gain(unit):.2g}"


def _ratio(one: Choice) -> str:
    """Return what `auto` costs against the best single method, in bold where that is too much."""
    if one.auto is None or not isfinite(one.single):
        return "-"
    if not isfinite(one.auto.expected.value):
        return f"**> {one.auto.expected.bound / one.single:,.1f}**"
    ratio = one.auto.expected.value / one.single
    return f"**{ratio:.2f}**" if ratio > LIMIT else f"{ratio:.2f}"


def _auto(rows: Sequence[Choice]) -> str:
    """Return a sentence on where `auto` costs more than it may."""
    held = [one for one in rows if one.auto is not None and isfinite(one.single)]
    if not held:
        return ""
    worse = [f"{one.row} ({_ratio(one).strip('*')})" for one in held if _ratio(one).startswith("**")]
    text = f"`auto` costs at most {LIMIT} times the best single method on {len(held) - len(worse)} of {len(held)} rows"
    return text + (f"; more on {', '.join(worse)}.\n" if worse else ".\n")


def _no_help(rows: Sequence[Choice], found: Sequence[Summary]) -> str:
    """Return the rows without a clear gain, and those that hardly any method solves."""
    lost = [f"- **{one.row}**: {one.lost}." for one in rows if one.lost]
    text = (
        "Rows where the best method without continuation wins, or its interval of E\\* meets that of the homotopy:\n\n"
    )
    text += ("\n".join(lost) or "- none.") + "\n"
    hard = []
    for one in rows:
        best = max((s for s in found if s.problem == one.row), key=lambda s: s.rate.rate)
        if best.rate.rate < 0.5:
            share = f"{best.rate.rate:.3f} [{best.rate.low:.3f}, {best.rate.high:.3f}]"
            low = min(s.best for s in found if s.problem == one.row)
            hard.append(f"- **{one.row}**: `{best.method}` {share}; the lowest loss of all runs is {low:.2g}.")
    if hard:
        text += (
            "\nRows that no method, with restarts or without, solves in half of its runs:\n\n" + "\n".join(hard) + "\n"
        )
    return text


def write(
    folder: Path,
    found: Sequence[Summary],
    findings: Findings,
    *,
    command: str,
    failed: Sequence[Failure] = (),
    machine: str = "",
) -> None:
    """Write the table as suite.csv, the page and its picture to a folder, each whole or not at all."""
    with beside(folder / "suite.csv") as scratch, scratch.open("w", newline="", encoding="utf-8") as stream:
        write_csv(found, stream, machine)
    text = page(found, command=command, findings=findings, failed=failed, machine=machine)
    with beside(folder / "escape.md") as scratch:
        scratch.write_text(text, encoding="utf-8")
    with beside(folder / "escape.png") as scratch:
        picture(choices(found), findings, machine).savefig(scratch, dpi=200, format="png")
