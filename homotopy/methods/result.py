"""What a run of a method returns, and many of them as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, one_of, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.methods.runs import record_type
from homotopy.objectives.base import Vector
from homotopy.objectives.curvature import Curvature
from homotopy.problems.base import Problem
from homotopy.problems.bounds import Bound, rounding_at
from homotopy.status import Counts, Status

__all__ = ["Result", "records"]


@doors
@dataclass(frozen=True, repr=False)
class Result:
    """What one run of a method returns.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The best point found, a parameter vector of the true problem; read-only.
    value : float
        The true objective at x.
    success : bool
        Whether the problem says that x solves it. Where the optimum is unknown: whether the run converged to a
        minimum, which need not be the lowest one; its ending is good, and x is not known to be a saddle or a maximum.
    status : Status
        How the run ended.
    counts : Counts
        Evaluations by kind.
    seconds : float
        Wall-clock time.
    cost_to_success : float
        Gradient-equivalents spent when the target was first reached; NaN where it was not.
    curve : ndarray of shape (m, 2)
        Gradient-equivalents spent, and the lowest true value seen until then.
    stages : tuple of dict
        What the method did, stage by stage.
    path : object or None
        The tracked Path, if there is one.
    curvature : Curvature or None
        What x is; None where that was not looked at: where the optimum is known, its value is the proof of a minimum,
        and a run that did not succeed has no end.
    note : str
        What else there is to say of the ending.
    problem : Problem or None
        What was solved: it is asked for its lower bound when `bound` is. A pickle has the bound in its place.
    """

    x: Vector
    value: float
    success: bool
    status: Status
    counts: Counts
    seconds: float
    cost_to_success: float = float("nan")
    curve: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    stages: tuple[dict[str, Any], ...] = ()
    path: Any = None
    curvature: Curvature | None = None
    note: str = ""
    problem: Problem | None = field(default=None, compare=False)

    @cached_property
    def bound(self) -> Bound | None:
        """The best lower bound that is known of the problem (`Problem.lower`); None where there is none.

        Where the value lies below it, its `rounding` is what values scatter at x if that is more.
        """
        bound = None if self.problem is None else self.problem.lower
        if bound is None or self.problem is None or not bound.contradicted(self.value):
            return bound
        off = rounding_at(self.problem.objective, self.x)
        return replace(bound, rounding=off) if bound.rounding < off < inf else bound

    @property
    def gap(self) -> float:
        """How far `value` is above `bound`: at most so much lower is the global minimum. NaN where nothing is known.

        It is 0 where the value is below the bound by rounding alone. A negative gap is a contradiction, of which
        `gap_text` tells.
        """
        return nan if self.bound is None else self.bound.gap(self.value)

    @property
    def gap_text(self) -> str:
        """The gap in words, and the certificate that it rests on; empty where no bound is known."""
        return "" if self.bound is None else self.bound.told(self.value)

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields, with the bound in place of the problem."""
        return self.__dict__ | {"problem": None, "bound": self.bound}

    @property
    def end(self) -> str:
        """What x is, in words: "a minimum", "a saddle of index 2", "the known optimum"; empty without success."""
        if self.curvature is not None:
            return str(self.curvature)
        return "the known optimum" if self.success and self.status is Status.REACHED_TARGET else ""

    @property
    def message(self) -> str:
        """The status in words, and what is known of the end."""
        parts = [self.status.value]
        if self.curvature is not None:
            unknown = self.curvature.kind == "unknown"
            parts.append(f"{'what the end is, is' if unknown else 'the end is'} {self.curvature}")
        return "; ".join([*parts, self.note] if self.note else parts)

    @property
    def _outcome(self) -> str:
        """Whether it is a success, and of which kind."""
        if not self.success:
            return "no success"
        reached = self.status is Status.REACHED_TARGET
        return "success: the known optimum" if reached else "success: converged to a minimum"

    @property
    def cost(self) -> float:
        """Gradient-equivalents spent in all."""
        return self.counts.gradient_equivalents

    def __repr__(self) -> str:
        """Return the outcome in a line."""
        return (
            f"Result(value={self.value:.6g}, success={self.success}, status={self.status.name}, cost={self.cost:.6g}, "
            f"seconds={self.seconds:.3g}, stages={len(self.stages)})"
        )

    def __str__(self) -> str:
        """Return the outcome and the stages, one a line."""
        lines = [
            f"value    {self.value:.6g} ({self._outcome})",
            f"ended    {'; '.join(filter(None, (self.message, self.gap_text)))}",
            f"cost     {self.cost:.6g} gradient-equivalents, {self.seconds:.3g} s",
        ]
        for stage in self.stages:
            rest = (f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in stage.items() if k != "stage")
            lines.append(f"stage    {stage.get('stage', '')}: {', '.join(rest)}")
        return "\n".join(lines)


@door
def records(seeds: Iterable[int], results: Iterable[Result], size: int) -> np.recarray[Any, Any]:
    """Return results as a record array with one row a seed.

    Fields: seed, success, value, cost, cost_to_success (NaN where the target was not reached), status (its name),
    seconds, x of shape (size,), curve (object: the array of shape (m, 2) of `Result`).

    Raises
    ------
    ArgumentError
        If one of them is no Result, its point is not one of `size` real numbers, or they are not as many as the seeds.
    """
    found, numbers = list(results), list(seeds)
    if len(found) != len(numbers):
        raise ArgumentError(f"there are {len(numbers)} seeds and {len(found)} results; they must be as many")
    for result in found:
        one_of("what a method's solve returns", result, Result, "a Result")
        vector("the x of a Result", result.x, size, "the problem")
    rows = [
        (seed, r.success, r.value, r.cost, r.cost_to_success, r.status.name, r.seconds, r.x, r.curve)
        for seed, r in zip(numbers, found, strict=True)
    ]
    return np.array(rows, dtype=record_type(integer("size", size))).view(np.recarray)
