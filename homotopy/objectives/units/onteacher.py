"""The units of a student of a teacher: what can be done to them in function space, in closed form."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.prune import merge_cheapest, merge_parallel
from homotopy.objectives.base import Vector
from homotopy.objectives.units.base import Units
from homotopy.streams import Draws

__all__ = ["TeacherUnits"]


class TeacherUnits(Units):
    r"""relu units with outgoing weights one, whose function-space distances are closed forms.

    Notes
    -----
    Replacing units i and j by one with weights s = w_i + w_j costs

    .. math:: \tfrac12 (|w_i|^2 + |w_j|^2 + |s|^2) + 2 K(w_i, w_j) - 2 K(s, w_i) - 2 K(s, w_j)

    in the mean squared difference of the functions, with the kernel K of `TeacherStudent`; the cheapest pair is
    merged, again and again. Beside a linear path a unit and its opposite are the same, so the pair nearest to
    parallel up to sign is merged.
    """

    exact = True

    def __init__(self, objective: Any) -> None:
        self.objective = objective
        self.k, self.d = (int(n) for n in objective.teacher.shape)
        self.width = int(objective.size) // self.d

    @property
    def surplus(self) -> int:
        """A sixth of the units."""
        return max(1, ceil(self.width / 6))

    @property
    def surplus_beside_path(self) -> int:
        """None where the teacher's rows may be independent, else 0.3 of the units."""
        return 0 if self.k <= self.d else ceil(0.3 * self.width)

    def wider(self, extra: int) -> Any:
        """Return the risk of a student with more units."""
        return self.objective.wider(extra)

    def outgoing(self, extra: int) -> NDArray[np.bool_]:
        """Return the rows of the last units: their outgoing weights are fixed to one."""
        return np.asarray(np.arange((self.width + extra) * self.d) >= self.width * self.d)

    def narrow(self, x: Vector) -> Vector:
        """Return the rows of the true student."""
        return x[..., : self.width * self.d].copy()

    def removal_flops(self, count: int, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of the table of all pairs and of a new row for each merge.

        A pair takes an inner product and three kernels of about 80, an angle with its roots; beside a path a root and
        what moves the rows.
        """
        n = self.width + extra
        pairs = 0.5 * n * (n - 1) + count * n
        return pairs * (2.0 * self.d + (20.0 if beside_path else 240.0)) + count * 0.5 * n * n

    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with rows of `donor` appended."""
        return np.concatenate([x, donor[..., : count * self.d]], axis=-1)

    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x after `count` greedy merges."""
        merge = merge_parallel if beside_path else merge_cheapest
        n = x.shape[-1] // self.d
        merged = merge(x.reshape(*x.shape[:-1], n, self.d), count)[0]
        return np.asarray(merged.reshape(*x.shape[:-1], (n - count) * self.d))

    def add_silent(self, x: Vector, count: int, rng: np.random.Generator | Draws) -> Vector:
        """Return x with rows a thousandth as long as its own: a zero row has no direction to grow in."""
        size = 1e-3 * np.sqrt((x * x).mean(axis=-1, keepdims=True))
        return np.concatenate([x, size * rng.standard_normal((count * self.d,))], axis=-1)
