"""Problems on sequences in short: the same net on fewer steps."""

from __future__ import annotations

from typing import Any

from homotopy.arguments import choice, integer, shown
from homotopy.errors import ArgumentError
from homotopy.objectives.recurrent.cuts import coarse, coarsest, deleted, fewest_left, windows

__all__ = ["WAYS", "shortened", "shortenings", "shortest"]


PARTS = {"weights", "steps", "lengths", "state", "deletable"}
"""What a problem of a family may have beside X and y."""


def prefix(risk: Any, t: int) -> Any:
    """Return the risk of the first t steps.

    Raises
    ------
    ArgumentError
        If none of them counts.
    """
    own = risk.sequences
    if not own.counts[:, :t].any():
        raise ArgumentError(f"t is {t}, and none of the first {t} steps counts; a longer prefix is needed")
    parts: dict[str, Any] = {"X": own.X[:, :t], "y": own.y[:, :t]}
    if own.steps is not None:
        parts["steps"] = own.steps[:, :t]
    if own.lengths is not None:
        parts["lengths"] = own.lengths.clip(max=t)
    if risk.deletable is not None:
        parts["deletable"] = risk.deletable[:, :t]
    return risk.changed(**parts)


def family(risk: Any, t: int) -> Any:
    """Return the risk on the problem of t steps that the family gives.

    Raises
    ------
    ArgumentError
        If it gives something else.
    """
    given = risk.family(t)
    more = given[2] if isinstance(given, tuple) and len(given) == 3 else {}
    if not isinstance(given, tuple) or len(given) not in (2, 3) or not isinstance(more, dict) or set(more) - PARTS:
        raise ArgumentError(
            f"family({t}) must return (X, y), or (X, y, parts) with a dict of {', '.join(sorted(PARTS))}"
        )
    short = risk.resampled(*given[:2], **more)
    if short.n_steps != t:
        raise ArgumentError(f"family({t}) returned sequences of {short.n_steps} steps; they must have {t}")
    return short


WAYS = {"prefix": prefix, "family": family, "deleted": deleted, "windows": windows, "coarse": coarse}
"""Every way to shorten a problem, the usual one first."""


LEAST = {"prefix": lambda risk: risk.first_counted, "deleted": fewest_left, "coarse": coarsest}
"""How many steps at least are left in these ways; 1 in the others."""


def shortest(risk: Any, how: str | None) -> int:
    """Return the fewest steps of a problem to which a risk can be shortened."""
    can = shortenings(risk)
    way = can[0] if how is None and can else how
    return LEAST[way](risk) if way in LEAST else 1


def shortenings(risk: Any) -> tuple[str, ...]:
    """Return the ways in which a risk can be shortened."""
    every = risk.every_step
    offers = {
        "prefix": every,
        "family": risk.family is not None,
        "deleted": risk.deletable is not None,
        "windows": every and risk.model.state == "learned",
        "coarse": every,
    }
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
        raise ArgumentError(f"objective: {NO_WAY}")
    way = can[0] if how is None else choice("how", how, tuple(WAYS))
    if way not in can:
        raise ArgumentError(
            f"how is {shown(way)}, which this problem does not offer; it offers {', '.join(can) or 'none'}"
        )
    return risk if t == risk.n_steps else WAYS[way](risk, t)


NO_WAY = (
    "sequences cannot be shortened: there are targets of the last steps alone, no family of shorter problems and no "
    "steps that may be deleted"
)
"""What is missing where a problem cannot be shortened."""
