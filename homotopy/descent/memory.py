"""How many pairs L-BFGS keeps for an objective, and what its recursion over them costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from homotopy._core.descent import advised_pairs
from homotopy.descent.rules import LBFGS, Rule
from homotopy.objectives.base import compiled
from homotopy.objectives.family import At
from homotopy.objectives.flops import flops_of, knows_flops

__all__ = ["direction_cost", "direction_flops", "n_samples", "nested", "pairs_of"]

DEPTH = 10
"""So many objectives within each other are looked at."""


def nested(thing: Any) -> Iterator[Any]:
    """Yield an objective, or a homotopy, and those around which it lies, one within the other."""
    for _ in range(DEPTH):
        if thing is None:
            return
        yield thing
        thing = getattr(thing, "objective", None)


def pairs_of(rule: LBFGS, thing: Any) -> int:
    """Return how many pairs L-BFGS keeps for an objective, or a homotopy at one t."""
    inner = _inner(thing)
    capsule = compiled(inner)
    return rule.pairs(int(inner.size), n_samples(thing), 0 if capsule is None else advised_pairs(capsule))


def direction_flops(rule: Rule, thing: Any) -> float:
    """Return the flops of a step's direction beside the evaluations: those of L-BFGS's recursion.

    Each of its pairs takes two products and two sums of vectors, 8 flops a variable. The rules of fixed steps take a
    dozen flops a variable at most, which are not counted; matrices and their factorizations count as evaluations
    (`LM`).

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> direction_flops(LBFGS(memory=5), problem("xor").objective)
    360.0
    """
    return 8.0 * pairs_of(rule, thing) * int(_inner(thing).size) if isinstance(rule, LBFGS) else 0.0


def direction_cost(rule: Rule, thing: Any, true: Any) -> float:
    """Return `direction_flops` in gradients of the true objective; zero where the flops of these are unknown."""
    return direction_flops(rule, thing) / flops_of(true) if knows_flops(true) else 0.0


def _inner(thing: Any) -> Any:
    return thing.homotopy if isinstance(thing, At) else thing


def n_samples(thing: Any) -> int:
    """Return on how many samples an objective, or the one that a homotopy is around, has outputs; 0 without any."""
    targets = (getattr(getattr(one, "outputs", None), "targets", None) for one in nested(_inner(thing)))
    return next((len(known) for known in targets if known is not None), 0)
