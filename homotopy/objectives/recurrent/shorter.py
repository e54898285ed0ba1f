"""Problems on sequences in short: the same net on fewer steps."""

from __future__ import annotations

from typing import Any

from homotopy.arguments import choice, integer
from homotopy.errors import ArgumentError

__all__ = ["WAYS", "shortened", "shortenings"]


def _prefix(risk: Any, t: int) -> Any:
    """Return the risk of the first t steps."""
    own = risk.sequences
    parts = {"X": own.X[:, :t], "y": own.y[:, :t]}
    if own.steps is not None:
        parts["steps"] = own.steps[:, :t]
    if own.lengths is not None:
        parts["lengths"] = own.lengths.clip(max=t)
    if risk.deletable is not None:
        parts["deletable"] = risk.deletable[:, :t]
    if not own.counts[:, :t].any():
        raise ArgumentError(f"t is {t}, and none of the first {t} steps counts; a longer prefix is needed")
    return risk.changed(**parts)


def _family(risk: Any, t: int) -> Any:
    """Return the risk on the problem of t steps that the family gives."""
    X, y, *more = risk.family(t)
    short = risk.resampled(X, y, **(more[0] if more else {}))
    if short.n_steps != t:
        raise ArgumentError(f"family({t}) returned sequences of {short.n_steps} steps; they must have {t}")
    return short


WAYS = {"prefix": _prefix, "family": _family}
"""Every way to shorten a problem, the usual one first."""


def shortenings(risk: Any) -> tuple[str, ...]:
    """Return the ways in which a risk can be shortened."""
    offers = {"prefix": risk.every_step, "family": risk.family is not None}
    return tuple(way for way in WAYS if offers[way])


def shortened(risk: Any, t: int, how: str | None) -> Any:
    """Return the risk of a problem of t steps.

    Raises
    ------
    ArgumentError
        If t is no number of steps from 1 to T, or the problem cannot be shortened in this way.
    """
    t = integer("t", t, least=1, most=risk.n_steps)
    can = shortenings(risk)
    if how is None and not can:
        raise ArgumentError(
            "the problem has targets of the last steps alone, no family of shorter ones and no steps that may be "
            "deleted; it cannot be shortened"
        )
    way = can[0] if how is None else choice("how", how, tuple(WAYS))
    if way not in can:
        raise ArgumentError(f"how is {way!r}, which this problem does not offer; it offers {', '.join(can) or 'none'}")
    return risk if t == risk.n_steps else WAYS[way](risk, t)
