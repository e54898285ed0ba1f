"""Our numbers beside the published ones: agrees, differs, or nothing was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from scipy.stats import binomtest, chi2_contingency, fisher_exact

from homotopy.experiments import holm

__all__ = ["Row", "claim", "number", "same_rate", "share", "unread", "verdict"]

LEVEL = 0.05
WORDS = {True: "agrees", False: "differs", None: "no published number"}
Count = tuple[int, int]


@dataclass(frozen=True)
class Row:
    """One number or statement of a paper, and ours.

    Attributes
    ----------
    what : str
        What is told.
    published, ours : str
        Both as texts, with their units.
    holds : bool or None
        Whether ours agrees; None where nothing was published, or nobody could read it.
    basis : str
        By what that is decided: the test with its p-value, the tolerance, the condition.
    p : float
        The p-value of two equal rates; NaN where no rates are compared.
    """

    what: str
    published: str
    ours: str
    holds: bool | None
    basis: str = ""
    p: float = nan

    @property
    def verdict(self) -> str:
        """``agrees``, ``differs`` or ``no published number``."""
        return WORDS[self.holds]


def share(what: str, published: Count, ours: Count) -> Row:
    """Return the row of two shares, each as (count, runs): they agree if no test at 5 % tells them apart."""
    p = same_rate(published, ours)
    texts = [f"{100 * count / runs:.1f} % of {runs:,}" for count, runs in (published, ours)]
    interval = binomtest(*ours).proportion_ci(method="wilson")
    mine = f"{texts[1]} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
    return Row(what, texts[0], mine, p >= LEVEL, f"equal rates, p = {p:.2g}", p)


def same_rate(first: Count, second: Count) -> float:
    """Return the two-sided p-value of two shares having one rate.

    The score test of two proportions where every count that is expected is 5 or more, else Fisher's exact test.
    """
    table = np.array([[count, runs - count] for count, runs in (first, second)])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    if expected.min() >= 5:
        return float(chi2_contingency(table, correction=False).pvalue)
    return float(fisher_exact(table).pvalue)


def number(what: str, published: float, ours: float, tolerance: float, *, form: str = ".4g", unit: str = "") -> Row:
    """Return the row of two numbers that agree within an absolute tolerance."""
    unit = f" {unit}" if unit else ""
    texts = [f"{value:{form}}{unit}" for value in (published, ours)]
    return Row(what, *texts, bool(abs(published - ours) <= tolerance), f"within {tolerance:.2g}{unit}")


def claim(what: str, said: str, found: str, holds: bool, basis: str) -> Row:
    """Return the row of a statement: what was said, what was found, and the condition by which that is judged."""
    return Row(what, said, found, bool(holds), basis)


def unread(what: str, ours: str, why: str = "") -> Row:
    """Return the row of a number of ours beside which none was published, or none could be read."""
    return Row(what, "–", ours, None, why)


def verdict(rows: Sequence[Row]) -> tuple[str, str]:
    """Return whether a paper is reproduced, yes, partly or no, and why in a sentence.

    Yes: every statement and number holds, and after Holm's correction no rate differs. No: fewer than half of what was
    published holds. Nothing published: partly.
    """
    rates = [row for row in rows if row.p == row.p]
    others = [row for row in rows if row.holds is not None and row.p != row.p]
    differing = sum(p < LEVEL for p in holm([row.p for row in rates]))
    alike, true = sum(bool(row.holds) for row in rates), sum(bool(row.holds) for row in others)
    parts = []
    if rates:
        after = "none differs" if not differing else f"{differing} differ" if differing > 1 else "one differs"
        parts.append(f"{alike} of {len(rates)} rates agree at the 95 % level, and after Holm's correction {after}")
    if others:
        parts.append(f"{true} of {len(others)} {'other ' if rates else ''}numbers and statements hold")
    silent = sum(row.holds is None for row in rows)
    if silent:
        parts.append(f"{silent} of ours stand{'' if silent > 1 else 's'} alone")
    text = "; ".join(parts) + "."
    if not rates and not others:
        return "partly", text
    if not differing and true == len(others):
        return "yes", text
    return ("partly" if 2 * (len(rates) - differing + true) >= len(rates) + len(others) else "no"), text
