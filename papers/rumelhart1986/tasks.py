"""The three tasks: exclusive or, parity and the sum of two numbers of two bits, with logistic units throughout."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

import homotopy as hp

__all__ = ["Task", "adder", "parity", "spread", "stuck", "xor"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """Patterns and a net of logistic units with one hidden layer.

    Attributes
    ----------
    name : str
        Of the task and its net.
    sizes : tuple of int
        Inputs, hidden units, outputs.
    X : ndarray of shape (n, d)
        The inputs of the n patterns.
    y : ndarray of shape (n, k)
        The targets, 0 and 1.
    width : float
        Weights and biases start uniformly in [-width, width].
    """

    name: str
    sizes: tuple[int, int, int]
    X: Array
    y: Array
    width: float

    @property
    def implied(self) -> float:
        """The loss at or below which every output must be within 0.5 of its target: 1/2 (1/2)^2 / n."""
        return 0.125 / len(self.X)

    def risk(self) -> hp.EmpiricalRisk:
        """Return the mean over the patterns of half the sum of squares over the outputs."""
        model = hp.MLP(self.sizes, "logistic", output="logistic")
        return hp.EmpiricalRisk(model, "squared", self.X, self.y)

    def problem(self) -> hp.Problem:
        """Return the task with its random starts, solved at the loss that implies right outputs."""
        risk = self.risk()
        return self._as_problem(self.name, risk, partial(_uniform, risk.size, self.width))

    def from_ends(self, ends: Sequence[Sequence[float]]) -> hp.Problem:
        """Return the task with its starts drawn from the given points, where descents were stuck."""
        return self._as_problem(f"{self.name}, stuck", self.risk(), partial(_pick, np.asarray(ends, dtype=float)))

    def starts(self, runs: int, *, seed: int = 0) -> Array:
        """Return random starts, shape (runs, p)."""
        return np.random.default_rng(seed).uniform(-self.width, self.width, (runs, self.risk().size))

    def right(self, ends: Array) -> Array:
        """Return how many patterns have every output within 0.5 of its target, shape (runs,), for ends (runs, p)."""
        model = hp.MLP(self.sizes, "logistic", output="logistic")
        far = [np.abs(model.forward(x, self.X) - self.y).max(axis=1) for x in np.asarray(ends, dtype=float)]
        return np.sum(np.array(far) < 0.5, axis=1)

    def _as_problem(self, name: str, risk: hp.EmpiricalRisk, start: partial[Array]) -> hp.Problem:
        source = "Rumelhart, Hinton and Williams 1986"
        return hp.Problem(name=name, objective=risk, start=start, optimum=0.0, tolerance=self.implied, source=source)


def _uniform(size: int, width: float, rng: np.random.Generator) -> Array:
    return rng.uniform(-width, width, size)


def _pick(ends: Array, rng: np.random.Generator) -> Array:
    return ends[rng.integers(len(ends))].copy()


def _bits(n: int) -> Array:
    return np.array(list(itertools.product((0.0, 1.0), repeat=n)))


def xor(width: float = 0.3) -> Task:
    """Return the exclusive or by a 2-2-1 net, inputs 0 and 1."""
    bits = _bits(2)
    return Task("xor 2-2-1", (2, 2, 1), bits, bits.sum(axis=1, keepdims=True) % 2, width)


def parity(n: int, width: float = 0.5) -> Task:
    """Return the parity of n bits by an n-n-1 net, inputs -1 and 1; the target is 1 for an odd number of ones."""
    bits = _bits(n)
    return Task(f"parity {n}-{n}-1", (n, n, 1), 2 * bits - 1, bits.sum(axis=1, keepdims=True) % 2, width)


def adder(hidden: int) -> Task:
    """Return the sum of two numbers of two bits, three bits, by a 4-hidden-3 net, inputs 0 and 1."""
    bits = _bits(4)
    total = (bits @ np.array([2.0, 1.0, 2.0, 1.0])).astype(int)
    y = np.stack([total >> 2 & 1, total >> 1 & 1, total & 1], axis=1).astype(float)
    return Task(f"adder 4-{hidden}-3", (4, hidden, 3), bits, y, 1.0)


def spread(task: Task, runs: int, *, seed: int = 0) -> Array:
    """Return starts of parity as the rerun drew them, shape (runs, p): hidden biases spread evenly over [-n, n].

    Weights and the output's bias are uniform in [-0.5, 0.5]; the biases fall from n to -n, with noise of at most 0.05.
    """
    n, h, _ = task.sizes
    rng = np.random.default_rng(seed)
    starts = rng.uniform(-0.5, 0.5, (runs, task.risk().size))
    starts[:, n * h : n * h + h] = -np.linspace(-n, n, h) + rng.uniform(-0.05, 0.05, (runs, h))
    return starts


def stuck(task: Task, starts: Array, step_size: float, n_steps: int) -> tuple[Array, Array, Array]:
    """Return where momentum 0.9 ends, which ends are right, and after how many sweeps.

    Parameters
    ----------
    task : Task
        What is learned.
    starts : ndarray of shape (runs, p)
        Where the runs begin.
    step_size : float
        Of the mean loss: eta where each weight moves by eta times the mean of the patterns' gradients.
    n_steps : int
        Sweeps at most.

    Returns
    -------
    ends : ndarray of shape (runs, p)
    right : ndarray of shape (runs,), bool
        Every output within 0.5 of its target, at the end.
    sweeps : ndarray of shape (runs,)
        Until the loss implied that; NaN where it never did.
    """
    found = hp.descend(
        task.risk(), starts, rule="momentum", momentum=0.9, step_size=step_size, n_steps=n_steps, target=task.implied
    )
    return found.x, task.right(found.x) == len(task.X), np.asarray(found.cost_to_target)
