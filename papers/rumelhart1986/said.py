"""What was found, in sentences."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from homotopy.experiments import Comparison
from homotopy.report import cost_text

from .tables import short

if TYPE_CHECKING:
    from .study import Found

__all__ = ["findings"]

CONTINUATIONS = ("width", "era", "auto")
"""auto runs continuations and descents in turn, with restarts."""
FEW = 5
"""Successes below which a cost is hardly known."""


def findings(found: Found) -> tuple[str, ...]:
    """Return what was found, in sentences with the numbers of the run."""
    plain = next(iter(found.sweeps.values()))
    stuck = int(np.sum(np.isnan(plain)))
    return (
        _parity(found),
        _cheapest(found),
        *(_freed(found.stuck, name) for name in found.stuck.problems),
        _adder(found),
        f"Momentum with η = 0.5 on the sum is stuck on XOR 2-2-1 in {stuck} of {len(plain):,} runs.",
    )


def _parity(found: Found) -> str:
    names = [(name, one) for one in found.random for name in one.problems if name.startswith("parity")]
    texts, won = [], []
    for name, one in names:
        rates = {short(s.method): s.rate.rate for s in one.summaries(name)}
        descent, best = max((rate, m) for m, rate in rates.items() if m not in CONTINUATIONS)
        texts.append(f"{name}: {100 * rates['era']:.3g} % against {100 * descent:.3g} % (`{best}`)")
        won += [name] if rates["era"] > descent else []
    more = f"It solves more of them on {', '.join(won)}." if won else "It never solves more of them."
    return (
        "Parity, single runs from random starts: `era`, the continuation that leads the targets from their linear "
        "regression to the true ones, against the best of the methods that are no continuation: "
        f"{'; '.join(texts)}. {more}"
    )


def _cheapest(found: Found) -> str:
    texts = []
    for one in found.random:
        for name in one.problems:
            solved = [s for s in one.summaries(name) if isfinite(s.expected.value)]
            if solved:
                best = min(solved, key=lambda s: s.expected.value)
                n = best.rate.successes
                few = f", from {n} success{'es' if n > 1 else ''} only" if n < FEW else ""
                texts.append(f"{name} `{short(best.method)}` ({cost_text(best.expected.value)} gradients{few})")
    return f"With restarts at the best cutoff a success costs least by: {', '.join(texts)}."


def _freed(found: Comparison, name: str) -> str:
    rates = {short(s.method): s.rate.rate for s in found.summaries(name)}
    told = sorted(((rate, m) for m, rate in rates.items() if rate > 0), reverse=True)
    texts = ", ".join(f"`{m}` {100 * rate:.0f} %" for rate, m in told)
    where = f"From the ends where momentum is stuck on {name.removesuffix(', stuck')}"
    if not told:
        return f"{where}, no method solves one run."
    return f"{where}, runs solved: {texts}{'; the others none' if len(told) < len(rates) else ''}."


def _adder(found: Found) -> str:
    one = found.random[-1]
    rates = {short(s.method): s.rate.rate for s in one.summaries(one.problems[0])}
    best = max(rates, key=lambda m: rates[m])
    most = max((m for m in CONTINUATIONS if m in rates), key=lambda m: rates[m])
    three = "On the adder 4-3-3 no method solves a run."
    name = "momentum as published" if best == "published" else f"`{best}`"
    if rates[best]:
        three = (
            f"On the adder 4-3-3 the best of all is {name} with {100 * rates[best]:.0f} % of the runs, the best "
            f"continuation `{most}` with {100 * rates[most]:.0f} %."
        )
    if found.best == 16:
        return f"{three} A search of {found.searched:,} runs found a 4-2-3 net that adds."
    return (
        f"{three} No method solves 4-2-3: the best of {found.searched:,} runs of a search has {found.best} of 16 sums "
        "right. Whether two hidden units can add at all is not proved here."
    )
