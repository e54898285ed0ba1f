"""What was found, in sentences whose figures come from the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from homotopy.experiments import Comparison, Summary, holm, success_rate
from homotopy.report import cost_text, seconds_text

from ..frame import Row
from ..frame.rows import same_rate
from .beside import pair_text, published
from .figures import CONTINUATION, METHODS

__all__ = ["Descents", "findings"]

Pair = tuple[int, int]
Ends = Mapping[Pair, Mapping[str, Any]]
LEVEL = 0.05
ELSEWHERE = (
    "The count of wrong signs is not ours. Huang, Loureiro and Sarao Mannelli (2026) describe the minima of this very "
    "problem as discrete families. A summary of their paper by others (papernotes.org), which could not be held "
    "against the paper itself, says that a family is told by how many student units are anti-aligned with the "
    "teacher, and that the family of one such unit is gone with n = k + 1 units; by our way of counting {single} of "
    "{total:,} bad ends with n = k + 1 have one wrong sign. Arjevani says in an abstract that the loss of one known "
    "family vanishes as k grows; that of one wrong sign falls here, as far as the table goes. Whether the families "
    "agree one by one is open."
)


@dataclass(frozen=True)
class Descents:
    """Gradient descent by the authors' rule.

    Attributes
    ----------
    fast, slow : mapping
        From pairs (k, n) to what `ends` returned, with step 5/k and with step 0.1; `slow` may be empty.
    more : mapping
        The same with step 5/k from many fresh starts, for pairs whose share differs from the authors'.
    runs : int
        Starts of each pair in `fast` and `slow`.
    """

    fast: Ends
    slow: Ends
    more: Ends
    runs: int


def findings(rows: Sequence[Row], descents: Descents, found: Sequence[Comparison]) -> Iterator[str]:
    """Yield what was found, a paragraph each.

    Parameters
    ----------
    rows : sequence of Row
        Ours beside the published ones.
    descents : Descents
        Where gradient descent ends.
    found : sequence of Comparison
        The methods where n = k, and where n = k + 1.
    """
    yield _agreement(rows)
    if descents.slow:
        yield from _again(descents)
        yield _authors()
        yield _steps(descents.fast, descents.slow, descents.runs)
    yield _stopping(descents.fast, descents.runs)
    yield _continuation(found)
    yield from _prices(found[0])
    yield _cheaper(found)
    yield from _signs(descents.fast)


def _agreement(rows: Sequence[Row]) -> str:
    rates = [row for row in rows if row.p == row.p]
    alike = sum(bool(row.holds) for row in rates)
    corrected = holm([row.p for row in rates])
    least = min(range(len(rates)), key=lambda i: rates[i].p)
    off = [row.what.partition(", ")[2] for row in rates if not row.holds]
    differing = sum(p < LEVEL for p in corrected)
    return (
        f"Of {len(rates)} shares {alike} agree with the authors' files at the 95 % level"
        + (f" (not: {'; '.join(off)})" if off else "")
        + f". The smallest p-value is {rates[least].p:.2g}, after Holm's correction {corrected[least]:.2g}, so that "
        f"{differing or 'none'} of them differ{'s' if differing < 2 else ''} at 5 %."
    )


def _again(descents: Descents) -> Iterator[str]:
    """Yield what many fresh starts say where a share differs from the authors'."""
    data = published()
    for pair, one in descents.more.items():
        rate = success_rate(np.arange(one["runs"]) < len(one["bad"]))
        here = (rate.successes, rate.runs)
        told = []
        for name, year in (("first", 2018), ("second", 2021)):
            if pair in data[name]["bad"]:
                theirs = (data[name]["bad"][pair], data[name]["runs"])
                told.append(f"{100 * theirs[0] / theirs[1]:.1f} % of {year} (p = {same_rate(theirs, here):.1g})")
        yield (
            f"Where a share differs, {pair_text(pair)}, {rate.runs:,} fresh starts were run: {100 * rate.rate:.1f} % "
            f"[{100 * rate.low:.1f}, {100 * rate.high:.1f}] of them are bad, beside the authors' {' and '.join(told)}."
            + _step_there(descents, pair)
        )


def _step_there(descents: Descents, pair: Pair) -> str:
    """Return what the step of the first data set changes where a share differs from it; empty if it was not run."""
    if pair not in descents.slow:
        return ""
    first = published()["first"]
    bad = len(descents.slow[pair]["bad"])
    p = same_rate((first["bad"][pair], first["runs"]), (bad, descents.runs))
    return (
        f" Step 0.1, that of the first data set, gives {100 * bad / descents.runs:.1f} % from our {descents.runs:,} "
        f"starts (p = {p:.1g} against 2018)."
    )


def _authors() -> str:
    first, second = (published()[name] for name in ("first", "second"))
    p = {
        pair[0]: same_rate((first["bad"][pair], first["runs"]), (bad, second["runs"]))
        for pair, bad in second["bad"].items()
    }
    apart = {k: value for k, value in p.items() if value < LEVEL}
    corrected = min(holm(list(p.values())))
    where = ", ".join(f"k = {k} (p = {value:.2g})" for k, value in apart.items())
    return (
        f"The authors' own two data sets, with steps 0.1 and 5/k, differ at the 95 % level at {where or 'no k'}; after "
        f"Holm's correction for {len(p)} sizes the smallest p-value is {corrected:.2g}."
    )


def _steps(fast: Ends, slow: Ends, runs: int) -> str:
    both = [(set(fast[pair]["bad"]), set(one["bad"])) for pair, one in slow.items()]
    only_fast, only_slow = sum(len(a - b) for a, b in both), sum(len(b - a) for a, b in both)
    total = sum(len(b) for _, b in both)
    return (
        f"What the step changes: of {len(slow) * runs:,} starts with n = k, {total:,} end badly with step 0.1, and "
        f"{total - only_slow:,} of these also with step 5/k; {only_fast:,} do so with step 5/k only."
    )


def _stopping(fast: Ends, runs: int) -> str:
    parts = []
    for wider, name in ((0, "n = k"), (1, "n = k + 1")):
        some = [one for pair, one in fast.items() if pair[1] - pair[0] == wider]
        changed, bad = sum(one["changed"] for one in some), sum(len(one["bad"]) for one in some)
        parts.append(f"{changed} of {changed + bad:,} where {name}")
    undecided, halved = (sum(one[name] for one in fast.values()) for name in ("undecided", "halved"))
    return (
        "What the stopping rule changes: of the runs that stand above F = 1e-3 at gradient norm 1e-6 or after 20,000 "
        f"steps, where `gd` gives up, {' and '.join(parts)} go below it if they are continued to the authors' "
        f"gradient norm. The counts here are of continued runs; of all {len(fast) * runs:,}, {undecided} are undecided "
        f"after a million steps more, and {halved} diverged and were run again with half the step."
    )


def _summary(comparison: Comparison, name: str, method: str) -> Summary:
    return next(one for one in comparison.summaries(name) if one.method == method)


def _continuation(found: Sequence[Comparison]) -> str:
    texts = []
    for method in (*CONTINUATION, "gd", "lbfgs"):
        rates = [[_summary(one, name, method).rate for name in one.problems] for one in found]
        total = [sum(rate.runs for rate in some) for some in rates]
        failed = [sum(rate.runs - rate.successes for rate in some) for some in rates]
        texts.append(f"`{method}` in {failed[0]:,} of {total[0]:,} and {failed[1]:,} of {total[1]:,}")
    return (
        f"From the same starts, where n = k and where n = k + 1, these fail: {'; '.join(texts)}. `gd` has step "
        "5/n, which where n = k + 1 is not the 5/k of the counts above. `auto` chooses `skip` here."
    )


def _prices(comparison: Comparison) -> Iterator[str]:
    for name, size in ((comparison.problems[0], "smallest"), (comparison.problems[-1], "largest")):
        told = {method: _summary(comparison, name, method) for method in ("gd", "lbfgs", "width", "skip")}
        skip = told.pop("skip")
        rivals = [
            f"{one.expected.value / skip.expected.value:.3g} and {one.clock.value / skip.clock.value:.3g} times as "
            f"much by `{method}`"
            for method, one in told.items()
        ]
        yield (
            f"At the {size} k = n (`{name}`) a success costs {cost_text(skip.expected.value)} gradients and "
            f"{seconds_text(skip.clock.value)} by `skip`, and {', '.join(rivals)}, each with restarts."
        )


def _cheaper(found: Sequence[Comparison]) -> str:
    """Return where a plain method with restarts costs less than `skip`."""
    texts = []
    for part, unit in (("expected", "gradients"), ("clock", "seconds")):
        at = []
        for comparison in found:
            for name in comparison.problems:
                cost = {method: getattr(_summary(comparison, name, method), part).value for method in METHODS}
                best = min(("gd", "lbfgs"), key=cost.__getitem__)
                if cost[best] < cost["skip"]:
                    at.append(f"`{name}` (`{best}`, {cost[best] / cost['skip']:.2g} of it)")
        texts.append(f"in {unit} {', '.join(at) or 'nowhere'}")
    return f"Where a plain descent with restarts is cheaper than `skip`: {'; '.join(texts)}."


def _signs(fast: Ends) -> Iterator[str]:
    texts = []
    counts = {}
    for wider, name in ((0, "n = k"), (1, "n = k + 1")):
        every = [kind for pair, one in fast.items() if pair[1] - pair[0] == wider for kind in one["kinds"]]
        total = sum(kind["count"] for kind in every)
        none, single = (sum(kind["count"] for kind in every if kind["wrong"] == m) for m in (0, 1))
        counts = {"total": total, "single": single}
        texts.append(f"where {name}, {none} of {total:,} bad ends have no wrong sign and {single:,} have one")
    told: dict[tuple[Pair, int], int] = {}
    for pair, one in fast.items():
        for kind in one["kinds"]:
            told[pair, kind["wrong"]] = told.get((pair, kind["wrong"]), 0) + 1
    single_valued = sum(number == 1 for number in told.values())
    yield (
        f"Wrong signs: {'; '.join(texts)}. Their number nearly tells F: of {len(told)} combinations of a pair and a "
        f"number of wrong signs {single_valued} have one F to seven decimals."
    )
    yield ELSEWHERE.format(**counts)
