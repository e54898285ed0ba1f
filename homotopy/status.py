"""How a computation ended, what it cost, and what it was allowed to cost."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any

from homotopy.arguments import number

__all__ = ["Budget", "BudgetLike", "Counts", "Status"]


class Status(enum.Enum):
    """How a computation ended; the value is the message.

    The first three are good endings (`ok`), the others are not. A numerical outcome is always a Status and
    never an exception.

    Examples
    --------
    >>> Status.MAX_STEPS.ok, Status.MAX_STEPS.value
    (False, 'the largest number of steps was reached')
    """

    REACHED_TARGET = "the target was reached"
    CONVERGED = "the iteration converged"
    TERMINAL_EVENT = "a terminal event stopped the computation"
    MAX_STEPS = "the largest number of steps was reached"
    STEP_TOO_SMALL = "the step became smaller than its minimum"
    NOT_CONVERGED = "the iteration did not converge"
    NON_FINITE = "a value or a gradient was not finite"
    SINGULAR = "a linear system was singular"
    BAD_START = "the starting point does not solve the easy problem"
    BUDGET_SPENT = "the budget was spent"
    STOPPED_BY_CALLBACK = "the callback asked to stop"
    RUNS_TO_INFINITY = "the path runs to infinity"
    FAILS_TEST = "the training target was reached, but not the one on held-out data"
    DIVERGES_ON_TEST = "the training target was reached, but on held-out data the net diverges"

    __hash__ = object.__hash__  # members are single: what Enum does, without a call through Python

    @property
    def ok(self) -> bool:
        """Whether this is a good ending."""
        return self in (Status.REACHED_TARGET, Status.CONVERGED, Status.TERMINAL_EVENT)


@dataclass(frozen=True)
class Counts:
    """Numbers of evaluations, each kind apart.

    Parameters
    ----------
    value : int
        Evaluations of the value alone.
    grad : int
        Evaluations of the gradient, with or without the value.
    hessp : int
        Hessian-vector, Gauss-Newton-vector or Jacobian-vector products.
    accepted, rejected : int
        Steps.
    charged : float
        Work that is none of these (a merge, a projection, a linear solve, the surplus of a wider net), in
        gradient-equivalents.

    Notes
    -----
    The unit of cost is the gradient-equivalent: one gradient of the full true objective. A value alone is half of
    one, a Hessian-vector product is two.

    Examples
    --------
    >>> (Counts(grad=3, hessp=2) + Counts(charged=0.5)).gradient_equivalents
    7.5
    """

    value: int = 0
    grad: int = 0
    hessp: int = 0
    accepted: int = 0
    rejected: int = 0
    charged: float = 0.0

    @property
    def gradient_equivalents(self) -> float:
        """The cost of all of it (float, in gradients of the true objective)."""
        return 0.5 * self.value + self.grad + 2.0 * self.hessp + self.charged

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return asdict(self)


@dataclass(frozen=True)
class Budget:
    """What one run may cost.

    Parameters
    ----------
    gradients : float
        Gradient-equivalents, positive; infinite by default.
    seconds : float
        Wall-clock time in seconds, positive; infinite by default.

    Raises
    ------
    ArgumentError
        If a limit is not positive.

    Examples
    --------
    >>> Budget.of(500)
    Budget(gradients=500.0, seconds=inf)
    """

    gradients: float = inf
    seconds: float = inf

    def __post_init__(self) -> None:
        for name in ("gradients", "seconds"):
            limit = number(f"budget: {name}", getattr(self, name), "a positive number", above=0)
            object.__setattr__(self, name, limit)

    @classmethod
    def of(cls, budget: BudgetLike) -> Budget:
        """Return `budget` as a Budget: a number counts gradient-equivalents, None is no limit."""
        if isinstance(budget, Budget):
            return budget
        return cls() if budget is None else cls(gradients=budget)


BudgetLike = Budget | float | None
"""What stands for a Budget (`Budget.of`)."""
