"""Hidden units added to a net and taken away again: the moves of every homotopy in the width."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.prune import merge_cheapest, merge_parallel
from homotopy.errors import ArgumentError
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.teacher import TeacherStudent
from homotopy.objectives.units.dictionary import balance, draw_units

__all__ = ["RiskUnits", "TeacherUnits", "Units", "units_of", "units_reason"]


class Units(ABC):
    """The hidden units of an objective's net, h of them.

    Attributes
    ----------
    width : int
        The number h of hidden units of the true problem.
    batch_price, single_price, refit_price : float
        Gradient-equivalents charged for taking away any number of units at once, and one, and for `refit`.
    """

    width: int
    batch_price: float
    single_price: float
    refit_price: float

    @abstractmethod
    def wider(self, extra: int) -> Any:
        """Return the objective of a net with `extra` more units."""

    @abstractmethod
    def cost(self, extra: int) -> float:
        """Return the cost of a gradient of that objective in gradients of the true one."""

    @abstractmethod
    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with the first `count` units of `donor` appended; the function changes."""

    @abstractmethod
    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x with `count` units fewer, the function changed as little as the moves allow.

        With `beside_path`, functions that differ by an affine function of the inputs count as equal.
        """

    @abstractmethod
    def add_silent(self, x: Vector, count: int, rng: np.random.Generator) -> Vector:
        """Return x with `count` random units that do not change the function, or hardly."""

    def refit(self, x: Vector, *, beside_path: bool = False) -> Vector:
        """Return x with outgoing weights that fit the targets; x itself where these are fixed."""
        del beside_path
        return x

    def grow(self, x: Vector, extra: int, draw: Any) -> Vector:
        """Return x with `extra` units taken from points that ``draw()`` returns, as many as it takes."""
        while extra > 0:
            count = min(extra, self.width)
            x = self.join(x, draw(), count)
            extra -= count
        return x


class TeacherUnits(Units):
    r"""relu units with outgoing weights one, whose function-space distances are closed forms.

    Notes
    -----
    Replacing units i and j by one with weights s = w_i + w_j costs

    .. math:: \tfrac12 (|w_i|^2 + |w_j|^2 + |s|^2) + 2 K(w_i, w_j) - 2 K(s, w_i) - 2 K(s, w_j)

    in the mean squared difference of the functions, with the kernel K of `TeacherStudent`; the cheapest pair is
    merged, again and again. Beside a linear path a unit and its opposite are the same, so the pair nearest to
    parallel up to sign is merged. A batch of merges was measured at 3 to 4 gradients and is charged 5.
    """

    batch_price = 5.0
    refit_price = 0.0
    single_price = 1.5

    def __init__(self, objective: TeacherStudent) -> None:
        self.objective = objective
        self.k, self.d = objective.teacher.shape
        self.width = objective.size // self.d

    def wider(self, extra: int) -> TeacherStudent:
        """Return the risk of a student with more units."""
        return (
            TeacherStudent(self.k, self.width + extra, self.d, teacher=self.objective.teacher)
            if extra
            else self.objective
        )

    def cost(self, extra: int) -> float:
        """Return (n^2 + n k) / (h^2 + h k), n = h + extra."""
        n, h = self.width + extra, self.width
        return float((n * n + n * self.k) / (h * h + h * self.k))

    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with rows of `donor` appended."""
        return np.concatenate([x, donor[: count * self.d]])

    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x after `count` greedy merges."""
        rows = np.ascontiguousarray(x.reshape(-1, self.d))
        merge = merge_parallel if beside_path else merge_cheapest
        return np.asarray(merge(rows, count)[0].ravel())

    def add_silent(self, x: Vector, count: int, rng: np.random.Generator) -> Vector:
        """Return x with rows a thousandth as long as its own: a zero row has no direction to grow in."""
        size = 1e-3 * np.sqrt(float(x @ x) / x.size)
        return np.concatenate([x, size * rng.standard_normal(count * self.d)])


class RiskUnits(Units):
    r"""The units of a net with one hidden layer on data.

    Notes
    -----
    Units are taken away by the optimal brain surgeon with least-squares compensation: with A the matrix of the units'
    outputs and of what else may compensate (the constant; the inputs too beside a linear path), and
    :math:`G = (A^T A / N + \epsilon I)^{-1}`, unit j with the smallest :math:`|a_j|^2 / G_{jj}` goes and the other
    outgoing weights change by :math:`-G_{\cdot j} a_j / G_{jj}`. One removal is charged one gradient.

    References
    ----------
    B. Hassibi and D. G. Stork, "Second order derivatives for network pruning: optimal brain surgeon", NIPS 1992.
    """

    single_price = 1.0
    refit_price = 1.0

    def __init__(self, objective: EmpiricalRisk) -> None:
        self.objective = objective
        self.model = objective.model
        self.width = objective.model.sizes[1]
        self.batch_price = 1.0
        self._affine = np.column_stack([objective.X, np.ones(len(objective.X))])
        self._risks: dict[int, EmpiricalRisk] = {0: objective}

    def _risk(self, width: int) -> EmpiricalRisk:
        return self.wider(width - self.width)

    def wider(self, extra: int) -> EmpiricalRisk:
        """Return the risk of a net with more hidden units on the same data."""
        if extra not in self._risks:
            risk, model = self.objective, self.model
            sizes = (model.sizes[0], self.width + extra, model.sizes[2])
            wide = MLP(sizes, model.activation, output=model.output, bias=model.bias)
            self._risks[extra] = EmpiricalRisk(wide, risk.loss, risk.X, risk.y, l2=risk.l2)
        return self._risks[extra]

    def cost(self, extra: int) -> float:
        """Return (h + extra) / h."""
        return (self.width + extra) / self.width

    def _count(self, x: Vector) -> int:
        """Return the number of hidden units of a point."""
        d, k, bias = self.model.sizes[0], self.model.sizes[2], int(self.model.bias)
        return (x.size - bias * k) // (d + bias + k)

    def layers(self, x: Vector) -> tuple[NDArray[np.float64], Any, NDArray[np.float64], Any]:
        """Return W, b, outgoing weights and output bias of a point of any width; biases may be None."""
        (W, b), (outgoing, bias) = self._risk(self._count(x)).model.unpack(x)
        return W, b, outgoing, bias

    def pack(self, W: NDArray[np.float64], b: Any, outgoing: NDArray[np.float64], bias: Any) -> Vector:
        """Return the point with these layers."""
        return np.asarray(self._risk(len(W)).model.pack([(W, b), (outgoing, bias)]))

    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with units of `donor` appended and all outgoing weights scaled to keep the output's variance."""
        W, b, outgoing, bias = self.layers(x)
        W2, b2, outgoing2, _ = self.layers(donor)
        outgoing = np.column_stack([outgoing, outgoing2[:, :count]]) * np.sqrt(len(W) / (len(W) + count))
        both = None if b is None else np.concatenate([b, b2[:count]])
        return self.pack(np.vstack([W, W2[:count]]), both, outgoing, bias)

    def add_silent(self, x: Vector, count: int, rng: np.random.Generator) -> Vector:
        """Return x with units of `draw_units` whose outgoing weights are zero: the function is the same."""
        W, b, outgoing, bias = self.layers(x)
        W2, b2 = draw_units(self.objective.X, count, rng, activation=self.model.activation)
        outgoing = np.column_stack([outgoing, np.zeros((len(outgoing), count))])
        return self.pack(np.vstack([W, W2]), None if b is None else np.concatenate([b, b2]), outgoing, bias)

    def hidden(self, W: NDArray[np.float64], b: Any) -> NDArray[np.float64]:
        """Return the outputs of hidden units on the data, shape (N, len(W))."""
        layer = MLP((W.shape[1], len(W)), "identity", output=self.model.activation, bias=b is not None)
        return np.asarray(layer.forward(layer.pack([(W, b)]), self.objective.X))

    def refit(self, x: Vector, *, beside_path: bool = False) -> Vector:
        r"""Return x with the outgoing weights of a ridge regression of the targets on the units.

        Notes
        -----
        The ridge is a thousandth of the units' mean square, after what compensates is projected away. Targets of
        probabilities p are 4 (2 p - 1). Units of relu and leaky relu nets are rescaled so that
        :math:`|(w_j, b_j)| = |a_j|`.
        """
        W, b, outgoing, bias = self.layers(x)
        risk, n = self.objective, len(self._affine)
        others = self._affine if beside_path else self._affine[:, -1:]
        Q = np.linalg.qr(others)[0]
        targets = np.asarray(risk.y if risk.loss.name == "squared" else 4.0 * (2.0 * risk.y - 1.0))
        full = self.hidden(W, b)
        H, Y = full - Q @ (Q.T @ full), targets - Q @ (Q.T @ targets)
        gram = H.T @ H / n
        gram[np.diag_indices(len(W))] += max(1e-3 * float(np.trace(gram)) / len(W), 1e-12)
        outgoing = np.linalg.solve(gram, H.T @ Y / n).T
        if bias is not None:
            bias = (targets - full @ outgoing.T).mean(axis=0)
        if self.model.activation.startswith(("relu", "leaky-relu")):
            W, b, outgoing = balance(W, b, outgoing)
        return self.pack(W, b, outgoing, bias)

    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x after `count` removals of one factorization."""
        W, b, outgoing, bias = self.layers(x)
        h, n = len(W), len(self._affine)
        others = self._affine if beside_path else self._affine[:, -1:]
        A = np.hstack([self.hidden(W, b), others])
        G = np.linalg.inv(A.T @ A / n + 1e-8 * np.eye(A.shape[1]))
        weights = np.zeros((A.shape[1], len(outgoing)))
        weights[:h] = outgoing.T
        keep = np.arange(A.shape[1])
        for _ in range(count):
            units = np.flatnonzero(keep < h)
            j = units[np.argmin((weights[units] ** 2).sum(axis=1) / np.diag(G)[units])]
            weights = weights - np.outer(G[:, j], weights[j] / G[j, j])
            G = G - np.outer(G[:, j], G[j]) / G[j, j]
            stay = np.arange(len(keep)) != j
            keep, weights, G = keep[stay], weights[stay], G[np.ix_(stay, stay)]
        left = keep[keep < h]
        if bias is not None and not beside_path:
            bias = bias + weights[-1]
        return self.pack(W[left], None if b is None else b[left], weights[: len(left)].T, bias)


def units_reason(objective: Any) -> str | None:
    """Return None if the objective's hidden units can be added and taken away, else why not, in one sentence."""
    if isinstance(objective, TeacherStudent):
        return None
    if not isinstance(objective, EmpiricalRisk):
        return f"a {type(objective).__name__} has no hidden units"
    if len(objective.model.sizes) != 3:
        return f"the net has {len(objective.model.sizes) - 2} hidden layers; one is needed"
    return None


def units_of(objective: Any) -> Units:
    """Return the hidden units of an objective.

    Raises
    ------
    ArgumentError
        If it has none that can be added and taken away.
    """
    reason = units_reason(objective)
    if reason is not None:
        raise ArgumentError(f"objective: {reason}")
    return TeacherUnits(objective) if isinstance(objective, TeacherStudent) else RiskUnits(objective)
