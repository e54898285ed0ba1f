"""Numbers as the page tells them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan

from homotopy.experiments import ExpectedCost, Rate
from homotopy.papers.recurrent.numbers import Ratio

__all__ = ["cost_text", "listed", "number_text", "rate_text", "ratio_text", "seconds_text"]


def rate_text(one: Rate) -> str:
    """Return successes of runs, their share and its interval."""
    return f"{one.successes}/{one.runs}, {one.rate:.2f} [{one.low:.2f}, {one.high:.2f}]"


def cost_text(one: ExpectedCost) -> str:
    """Return an expected cost with its interval, or its bound without a success.

    Examples
    --------
    >>> cost_text(ExpectedCost(123.4, 100.0, float("inf"), 50.0))
    '123 [100, inf]'
    """
    if not isfinite(one.value):
        return f"above {number_text(one.bound)}"
    return f"{number_text(one.value)} [{number_text(one.low)}, {number_text(one.high)}]"


def ratio_text(one: Ratio) -> str:
    """Return a ratio with its interval, or its bound."""
    if isnan(one.value):
        return "-"
    if one.bounded:
        return f"above {one.value:.2g}" if one.value < 10 else f"above {one.value:.0f}"
    ends = "" if isnan(one.low) else f" [{_short(one.low)}, {_short(one.high)}]"
    return _short(one.value) + ends


def number_text(value: float) -> str:
    """Return a number of gradients: one digit below ten, none above."""
    if isnan(value):
        return "-"
    return f"{value:,.1f}" if value < 9.95 else f"{value:,.0f}" if isfinite(value) else "inf"


def seconds_text(value: float) -> str:
    """Return seconds with two digits, and milliseconds below a tenth of one."""
    if not isfinite(value):
        return "-"
    return f"{1e3 * value:.2g} ms" if value < 0.0995 else f"{value:.2g} s" if value < 99.5 else f"{value:,.0f} s"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 99.5 else f"{value:.0f}" if isfinite(value) else "inf"
