"""What an evaluation costs, by floating-point operations: counted, never told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from homotopy.errors import EvaluationError

__all__ = ["counted_flops", "flops_of", "knows_flops", "relative_cost"]

SHARE = {"value_and_grad": 1.0, "grad": 1.0, "value": 0.5, "hessp": 2.0, "dt": 0.5, "dt_grad": 1.0}
"""What each evaluation costs, in gradients of the same function."""
MANY = {"value_and_grad_many": 1.0, "hessp_many": 2.0}
"""What evaluations of many points cost, for each point."""


def flops_of(thing: Any) -> float:
    """Return the floating-point operations of one ``value_and_grad``: the attribute ``flops``, where there is one.

    What does not say and is made of other functions counts what it evaluates (`counted_flops`); else it is as many as
    it has variables, or, where it has outputs of shape (N, k), 6 N of them, which is what a dense net needs.

    Examples
    --------
    >>> from homotopy.objectives.functions import Ackley
    >>> flops_of(Ackley(7))
    7.0
    """
    known = getattr(thing, "flops", None)
    if known is not None:
        return float(known)
    if any(_evaluated(part) for part in getattr(thing, "__dict__", {}).values()):
        return counted_flops(thing)
    outputs = getattr(thing, "outputs", None)
    samples = 1 if outputs is None else 6 * len(outputs.targets)
    return float(max(int(getattr(thing, "size", 1)), 1) * samples)


def knows_flops(thing: Any) -> bool:
    """Return whether `flops_of` counts what a function does: it says so itself, or has outputs.

    A user's function that was checked (`objectives.function.Checked`) knows what the function itself knows.
    """
    own = getattr(thing, "inner", thing)
    return getattr(own, "flops", None) is not None or getattr(own, "outputs", None) is not None


def relative_cost(thing: Any, true: Any) -> float:
    """Return the cost of one ``value_and_grad`` of `thing` in gradients of the true objective.

    Examples
    --------
    >>> from homotopy.problems import problem
    >>> risk = problem("xor:hidden=2").objective
    >>> relative_cost(risk.units().wider(1), risk)
    1.5
    """
    return 1.0 if thing is true else flops_of(thing) / flops_of(true)


def counted_flops(family: Any) -> float:
    """Return the flops of one ``value_and_grad`` of a family or of a function, by counting what it evaluates.

    Every attribute that has ``value_and_grad`` is replaced by a stand-in that counts, and the family is evaluated once,
    at t = 1/2. Vector operations on x are not counted. A family that evaluates none of its attributes (its own
    arithmetic, an objective in a list) counts as one gradient of its true objective, so one that works much harder than
    that should say its ``flops`` itself.
    """
    own, tally = vars(family), SimpleNamespace(flops=0.0)
    before = {name: value for name, value in own.items() if _evaluated(value)}
    own["_counting"] = True
    own.update({name: _Counting(value, tally) for name, value in before.items()})
    try:
        with np.errstate(all="ignore"):
            point = np.full(family.size, 0.1)
            family.value_and_grad(*((point, 0.5) if hasattr(family, "dt_grad") else (point,)))
    except EvaluationError:
        pass  # cannot be evaluated there; what was evaluated before it failed is counted
    finally:
        own.update(before)
        del own["_counting"]
    return float(tally.flops) or flops_of(own.get("objective", SimpleNamespace(size=family.size)))


def _evaluated(thing: Any) -> bool:
    return hasattr(thing, "value_and_grad") and not isinstance(thing, type)


class _Counting:
    """A stand-in for a function that counts the flops of its evaluations."""

    def __init__(self, inner: Any, tally: SimpleNamespace) -> None:
        self._inner, self._tally = inner, tally

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in SHARE and name not in MANY:
            return found

        def call(*arguments: Any) -> Any:
            times = MANY[name] * len(arguments[0]) if name in MANY else SHARE[name]
            self._tally.flops += times * flops_of(self._inner)
            return found(*arguments)

        return call
