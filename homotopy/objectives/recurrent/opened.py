"""A risk of sequences whose steps begin to count one after another."""

from __future__ import annotations

from math import ceil
from typing import Any, Self

import numpy as np

from homotopy._core.rnn import Risk
from homotopy.arguments import number
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Vector

__all__ = ["OpenedRisk"]


class OpenedRisk(Risk):
    r"""A family H(x, t) of risks, from the first steps of sequences at t = 0 to the whole of them at t = 1.

    Parameters
    ----------
    risk : RecurrentRisk
        The true problem; some of its first `length` steps must count.
    length : float
        How many steps count at t = 0, from 1 to T.

    Raises
    ------
    ArgumentError
        If it is out of range, or no step counts at t = 0.

    Notes
    -----
    Step s = 1 ... T, where T is the last one that counts, counts :math:`r(L(t) - (s - 1))` times what it does in the
    risk, with :math:`L(t) = L_0 (T / L_0)^t`; r(u) rises from 0 at u = 0 to 1 at u = 1 as :math:`u^2 (3 - 2 u)`. H is
    the mean by these numbers, plus the penalty, and once continuously differentiable in t. Steps that do not count
    are not run.
    """

    flops: float
    _made: tuple[Any, float]
    _run: tuple[Any, Any]

    def __new__(cls, risk: Any, length: float) -> Self:
        """Check the length and make the compiled part."""
        own = risk.sequences
        T = own.used
        least = number("length", length, f"a number from 1 to {T}", least=1.0, most=T)
        if not own.counts[:, : int(np.ceil(least))].any():
            raise ArgumentError(f"length is {least:g}, and the first step that counts is number {risk.first_counted}")
        X, Y, counts = own.compiled
        code, state = risk.loss.code, own.compiled_state
        self = super().__new__(cls, risk.model, code, X, Y, counts, risk.l2, state, opening=least)
        self.flops, self._made = risk.flops, (risk, least)
        going = (own.last[:, None] > np.arange(T)).sum(axis=0)
        self._run = np.cumsum(going), np.cumsum(np.count_nonzero(own.counts[:, :T], axis=0))
        self.price(self.flops)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return OpenedRisk, self._made

    @property
    def size(self) -> int:
        """The number of variables."""
        return self.n

    def length(self, t: float) -> float:
        """Return L(t), the steps that count at t, the last of them in part."""
        first, T = self._made[1], len(self._run[0])
        return float(first * (T / first) ** t)

    def flops_at(self, t: float) -> float:
        """Return the flops of one `value_and_grad` at t: of the steps that are run, whatever the sequences' lengths."""
        last = min(max(ceil(self.length(t)), 1), len(self._run[0])) - 1
        return float(self._made[0].model.gradient_flops(int(self._run[0][last]), int(self._run[1][last])))

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:  # type: ignore[override]
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return super().hessp(x, v, t)

    def ggnp(self, x: Vector, t: float, v: Vector) -> Vector:  # type: ignore[override]
        """Return the Gauss-Newton matrix of H(., t) at x times v, shape (n,)."""
        return super().ggnp(x, v, t)
