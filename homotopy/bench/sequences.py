"""Recurrent nets: the sequences, the points, the floors, and the package's own contestants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.bench.contest import Contestant

__all__ = ["OURS", "ROWS", "Row", "Sequences", "sequences", "unpacked"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Row:
    """An Elman net n_in-hidden-1 with tanh, how many sequences of how many steps, and what must be reached.

    The loss is at the last step. `least` and `aim` are the ratios to JAX, of the gradient and of the product alike;
    `eager` is that to eager torch, of the gradient.
    """

    n_in: int
    hidden: int
    steps: int
    batch: int
    least: float
    aim: float
    eager: float = 3.0

    @property
    def title(self) -> str:
        """What one evaluation is."""
        net = f"the recurrent net {self.n_in}-{self.hidden}-1"
        return f"loss and gradient, and hessp, of {net}, {self.batch} sequences of {self.steps} steps"


ROWS = {
    "W8 2-32-1": Row(2, 32, 50, 64, 1.5, 2.2),
    "W8 2-8-1": Row(2, 8, 100, 512, 3.0, 5.0),
    "W8 2-4-1": Row(2, 4, 20, 128, 6.0, 12.0),
    "W8 1-128-1": Row(1, 128, 100, 64, 1.1, 1.3, eager=1.9),
}
"""Rows of recurrent nets by workload; of 128 units torch's time is little more than twice that of the bare products."""


@dataclass(frozen=True)
class Sequences:
    """Inputs of shape (n, T, d), targets (n, 1), a point (p,) and a direction (p,)."""

    X: Array
    y: Array
    theta: Array
    direction: Array


@cache
def sequences(workload: str) -> Sequences:
    """Return the data and the point of a row: weights N(0, 1/h), N(0, 1/n_in) and N(0, 1/h), biases N(0, 0.01)."""
    row, rng = ROWS[workload], np.random.default_rng(17)
    d, h = row.n_in, row.hidden
    parts = [
        rng.standard_normal(h * h) / np.sqrt(h),
        rng.standard_normal(h * d) / np.sqrt(d),
        0.1 * rng.standard_normal(h),
        rng.standard_normal(h) / np.sqrt(h),
        0.1 * rng.standard_normal(1),
    ]
    X, y = rng.standard_normal((row.batch, row.steps, d)), rng.standard_normal((row.batch, 1))
    theta = np.concatenate(parts)
    return Sequences(X, y, theta, rng.standard_normal(theta.size))


def unpacked(workload: str, theta: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Return W (h, h), U (h, d), b (h,), C (1, h) and c (1,) of a point, as views of it."""
    h, d = ROWS[workload].hidden, ROWS[workload].n_in
    W, theta = theta[: h * h].reshape(h, h), theta[h * h :]
    U, theta = theta[: h * d].reshape(h, d), theta[h * d :]
    return W, U, theta[:h], theta[h : 2 * h].reshape(1, h), theta[2 * h :]


def _ours(workload: str) -> list[Contestant]:
    row, data = ROWS[workload], sequences(workload)
    f = hp.EmpiricalRisk(hp.RNN(row.n_in, row.hidden, 1), "squared", data.X, data.y)
    theta, v = data.theta, data.direction
    points = [theta, theta + 1e-3]

    def fresh() -> None:
        """Take a product at one point and at another: nothing of an earlier one is of use."""
        f.hessp(points[0], v)
        f.hessp(points[1], v)

    return [
        Contestant("homotopy", partial(f.value_and_grad, theta), answer=lambda: float(np.linalg.norm(f.grad(theta)))),
        Contestant("homotopy hessp", fresh, 2, answer=lambda: float(np.linalg.norm(f.hessp(theta, v)))),
        Contestant("homotopy hessp, same point", partial(f.hessp, theta, v)),
    ]


OURS: dict[str, Callable[[], list[Contestant]]] = {workload: partial(_ours, workload) for workload in ROWS}
"""The package's contestants by workload."""
