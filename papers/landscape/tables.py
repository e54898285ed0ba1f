"""The tables of the page."""

from __future__ import annotations

import json
from functools import cache
from math import isfinite, isnan
from pathlib import Path
from typing import Any

from homotopy.experiments import success_rate
from homotopy.papers.landscape.blocks import among
from homotopy.papers.landscape.facts import Facts
from homotopy.papers.landscape.study import Size
from homotopy.papers.landscape.trap import SIDES
from homotopy.papers.landscape.xor import name
from homotopy.report import markdown

__all__ = [
    "blocks",
    "censuses",
    "classes",
    "convex",
    "families",
    "penalties",
    "published",
    "sampled",
    "spurious",
    "trap",
]


@cache
def published() -> dict[str, Any]:
    """Return the authors' numbers, as texts with their digits."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
    return found


def rate_text(successes: float, runs: float) -> str:
    """Return a share with its interval, in percent.

    Examples
    --------
    >>> rate_text(5, 10)
    '50 [24, 76] %'
    """
    one = success_rate([True] * int(successes) + [False] * int(runs - successes))
    few = 1 if one.rate < 0.1 else 0
    return f"{100 * one.rate:.{few}f} [{100 * one.low:.{few}f}, {100 * one.high:.{few}f}] %"


def spurious(found: Facts, size: Size) -> str:
    """Return the table of the spurious minima, ours beside the authors'."""
    head = ["k", "runs, theirs", "bad, theirs", "families, theirs", "chao1", "least F, theirs", "largest F, theirs"]
    body = []
    for k, _ in size.teachers:
        case, theirs = f"{k}", published()["rows"].get(f"{k}", {})
        runs = found.number("teacher", case, "starts")
        body.append(
            [
                case,
                f"{runs:,.0f}, {published()['runs']:,}",
                f"{rate_text(found.number('teacher', case, 'bad'), runs)}, {theirs.get('bad', 0) / 10:.1f} %",
                f"{found.number('teacher', case, 'families'):.0f}, {theirs.get('families', '-')}",
                f"{found.number('teacher', case, 'chao1'):.1f}",
                f"{found.number('teacher', case, 'least'):.4f}, {theirs.get('least', '-')}",
                f"{found.number('teacher', case, 'largest'):.4f}, {theirs.get('largest', '-')}",
            ]
        )
    return markdown(head, body)


def families(found: Facts, size: Size) -> str:
    """Return the table of the families."""
    head = ["k", "runs", "points", "F", "smallest eigenvalue", "theirs", "anti-aligned", "W V^T", "W W^T", "proven"]
    body = []
    for k, _ in size.teachers:
        theirs = published()["rows"].get(f"{k}", {})
        for number, case in enumerate(found.cases("teacher", f"{k} family")):
            get = _getter(found, "teacher", case)
            told = f"{theirs['F']}, {theirs['eigenvalue']}" if theirs and not number else ""
            body.append(
                [
                    f"{k}",
                    f"{get('hits'):.0f}",
                    f"{get('copies'):.0f}",
                    f"{get('F'):.7f}",
                    f"{get('eigenvalue'):.6f}",
                    told,
                    f"{get('anti-aligned'):.0f}",
                    f"{get('teacher overlaps'):.0f}",
                    f"{get('own overlaps'):.0f}",
                    f"within {get('radius'):.0e}" if found.strict("teacher", case) else "no",
                ]
            )
    return markdown(head, body)


def blocks(found: Facts, size: Size) -> str:
    """Return the table of the minima that six numbers tell: a line a k, a column an m; bold are those that runs met."""
    most = max(k for k, _ in size.teachers)
    body = []
    for k, _ in size.teachers:
        met = [found.number("teacher", case, "F") for case in found.cases("teacher", f"{k} family")]
        cells = []
        for m in range(1, most + 1):
            some = [found.number("blocks", case, "F") for case in found.cases("blocks", f"{k} m={m} ")]
            told = [(f"**{F:.4f}**" if among(F, met) else f"{F:.4f}") for F in some]
            cells.append(", ".join(told) or ("-" if m <= k else ""))
        body.append([f"{k}", *cells])
    return markdown(["k", *(f"m = {m}" for m in range(1, most + 1))], body)


def censuses(found: Facts, size: Size) -> str:
    """Return the table of the censuses of exclusive or."""
    head = ["net", "l2", "critical points", "minima + saddles of index 1 + 2 + ...", "with copies", "sum of (-1)^index"]
    head += ["same again", "proven", "saddles above the minimum", "Spearman"]
    body = []
    for hidden, l2 in size.nets:
        case = name(hidden, l2)
        get = _getter(found, "xor", case)
        again = _getter(found, "repeats", case)
        body.append(
            [
                f"2-{hidden}-1",
                f"{l2:g}",
                f"{get('found'):.0f}",
                _by_index(found, "xor", case, "index"),
                _by_index(found, "xor", case, "copies"),
                _whole(get("morse")),
                f"{again('same'):.0f} of {again('runs'):.0f}",
                f"{get('proven'):.0f} of {get('found'):.0f}",
                f"{get('above, saddles'):.0f} of {get('above'):.0f}",
                f"{get('spearman'):.2f}",
            ]
        )
    return markdown(head, body)


def classes(found: Facts, hidden: int, l2: float) -> str:
    """Return the table of the points of one net, those of one value and index together."""
    head = ["loss", "index", "points", "with copies", "searches", "smallest eigenvalue in size"]
    body = []
    for case in found.cases("xor", f"{name(hidden, l2)} class"):
        get = _getter(found, "xor", case)
        counts = [f"{get(key):.0f}" for key in ("index", "points", "copies", "hits")]
        body.append([f"{get('value'):.9f}", *counts, f"{get('softest'):.2g}"])
    return markdown(head, body)


def penalties(found: Facts, size: Size) -> str:
    """Return the table of the minima at different penalties."""
    head, body = ["net", "l2", "minima", "of different loss", "least", "highest"], []
    head += ["all points by index", "sum of (-1)^index"]
    for hidden in sorted({hidden for hidden, _ in size.nets}):
        for l2 in size.penalties:
            case = name(hidden, l2)
            get = _getter(found, "sweep", case)
            row = [f"2-{hidden}-1", f"{l2:g}", f"{get('index 0'):.0f}", f"{get('different'):.0f}"]
            row += [f"{get('least'):.5f}", f"{get('highest'):.5f}"]
            body.append([*row, _by_index(found, "sweep", case, "index"), _whole(get("morse"))])
    return markdown(head, body)


def trap(found: Facts, size: Size) -> str:
    """Return the table of what frees from the trap: a line a side, a column a width."""
    head = ["from, by", *(f"n = {n}" for n in size.widths)]
    body = []
    for side in SIDES:
        cells = []
        for n in size.widths:
            get = _getter(found, "trap", f"n={n} {side}")
            cost = get("cost")
            if isfinite(cost):
                told = f"{cost:,.0f} [{get('cost low'):,.0f}, {get('cost high'):,.0f}], {1e3 * get('seconds'):.2g} ms"
            else:
                told = f"above {get('cost bound'):,.0f}"
            ends = f"**{get('success'):.0f}**, {get('in the trap'):.0f}, {get('in the other'):.0f}"
            cells.append(f"{ends}: {told}")
        body.append([side, *cells])
    return markdown(head, body)


def convex(found: Facts, size: Size) -> str:
    """Return the table of the proven minima of relu nets beside the best of the descents."""
    head = ["data", "l2", "proven minimum", "upper - lower", "patterns", "units", "best run", "polished", "runs below"]
    body = []
    for data in size.data:
        for l2 in size.decays:
            get = _getter(found, "convex", f"{data} l2={l2:g}")
            if isnan(get("upper")):
                continue
            row = [data, f"{l2:g}", f"{get('upper'):.10f}", f"{get('upper') - get('lower'):.0e}"]
            row += [f"{get('patterns'):.0f}", f"{get('width'):.0f}"]
            row += [f"{get(key) - get('upper'):+.0e}" for key in ("best run", "best polished")]
            body.append([*row, f"{get('below'):.0f}"])
    return markdown(head, body)


def sampled(found: Facts) -> str:
    """Return the table of sampled gates beside the proven minimum; empty where none were run."""
    head = ["data", "l2", "proven minimum", "seconds", "gates", "`pyscnn` above it", "units", "seconds"]
    body = []
    for case in found.cases("sampled"):
        get = _getter(found, "sampled", case)
        row = [f"random {get('seed'):.0f}", f"{get('l2'):g}", f"{get('upper'):.10f}", f"{get('seconds'):.2g}"]
        row += [f"{get('gates'):.0f}", f"{get('sampled') - get('upper'):+.0e}", f"{get('units'):.0f}"]
        body.append([*row, f"{get('sampled seconds'):.2g}"])
    return markdown(head, body) if body else ""


def _getter(found: Facts, section: str, case: str) -> Any:
    return lambda key: found.number(section, case, key)


def _by_index(found: Facts, section: str, case: str, kind: str) -> str:
    counts = []
    for index in range(100):
        count = found.number(section, case, f"{kind} {index}")
        if isnan(count):
            break
        counts.append(f"{count:.0f}")
    return " + ".join(counts)


def _whole(value: float) -> str:
    return "-" if isnan(value) else f"{value:.0f}"
