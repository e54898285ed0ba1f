"""A homotopy whose evaluations are counted, and refused once a budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from homotopy.objectives.family import Homotopy
from homotopy.objectives.flops import flops_of
from homotopy.status import Budget

__all__ = ["Guard", "SpentError"]

PRICES = {"value_and_grad": 1.0, "dt_grad": 1.0, "hessp": 2.0}
"""Of an evaluation, in gradients of the homotopy; a matrix is as many products as there are variables."""
MATRICES = ("hessian", "factorize")


class SpentError(Exception):
    """The budget does not pay for the next evaluation."""


class Guard:
    """Counts the evaluations of a homotopy and raises `SpentError` before one that is not paid, within a ``with``.

    An evaluation is also refused where the time is over, or would be if it took as long as the last one of its kind.

    Parameters
    ----------
    homotopy : Homotopy
        What is evaluated.
    most : float
        What may be spent, in gradients of the homotopy; what its `start` reports in `spent` counts, too.
    seconds : callable
        ``seconds()`` returns the seconds that are left.

    Attributes
    ----------
    saved : float
        What evaluations at t where the homotopy is cheaper (`Homotopy.flops_at`) cost less than counted.
    """

    def __init__(self, homotopy: Homotopy, most: float, seconds: Callable[[], float]) -> None:
        self.homotopy, self.most, self.seconds = homotopy, most, seconds
        self.counts = dict.fromkeys((*PRICES, *MATRICES), 0)
        self.before, self._inside, self.saved = homotopy.spent, False, 0.0
        self._took: dict[str, float] = {}
        varies = type(homotopy).flops_at is not Homotopy.flops_at
        self._whole = flops_of(homotopy) if varies else None  # counted here, where nothing is guarded yet

    @property
    def hessp(self) -> int:
        """The products, those of matrices included."""
        return self.counts["hessp"] + self.homotopy.size * sum(self.counts[name] for name in MATRICES)

    @property
    def grad(self) -> int:
        """The gradients, those in t included."""
        return self.counts["value_and_grad"] + self.counts["dt_grad"]

    @property
    def spent(self) -> float:
        """What was spent, in gradients of the homotopy."""
        return self.grad + 2.0 * self.hessp + self.homotopy.spent - self.before - self.saved

    def __enter__(self) -> Guard:
        own = vars(self.homotopy)
        names = [name for name in self.counts if hasattr(self.homotopy, name)]
        self._own = {name: own[name] for name in (*names, "start_budget") if name in own}
        limits = Budget(max(self.most, 1e-9), max(self.seconds(), 1e-9))
        own |= {name: self._guarded(name) for name in names} | {"start_budget": limits}
        self._names = [*names, "start_budget"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in self._names:
            del vars(self.homotopy)[name]
        vars(self.homotopy).update(self._own)

    def _guarded(self, name: str) -> Callable[..., Any]:
        inner, price = getattr(self.homotopy, name), PRICES.get(name, 2.0 * self.homotopy.size)

        def call(*arguments: Any) -> Any:
            if self._inside:  # what the homotopy asks of itself belongs to the evaluation
                return inner(*arguments)
            if self.spent + price > self.most or self.seconds() <= self._took.get(name, 0.0):
                raise SpentError
            self.counts[name] += 1
            if self._whole is not None:
                self.saved += price * (1.0 - self.homotopy.flops_at(arguments[1]) / self._whole)
            self._inside, begin = True, time.perf_counter()
            try:
                return inner(*arguments)
            finally:
                self._inside, self._took[name] = False, time.perf_counter() - begin

        return call
