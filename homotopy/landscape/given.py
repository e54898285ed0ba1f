"""What a user may give as an objective: the objective itself, or a problem that has it."""

from __future__ import annotations

from typing import Any

from homotopy.problems.base import Problem

__all__ = ["objective_of"]


def objective_of(thing: Any) -> Any:
    """Return a problem's objective, and anything else as it is.

    Whether a thing is a Problem is asked, and not whether it has an objective: so has what stands before another one.
    """
    return thing.objective if isinstance(thing, Problem) else thing
