"""The hidden units of a net on data: added, taken away with compensation on the samples, refitted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.models.activations import activation
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector
from homotopy.objectives.units.base import Units
from homotopy.objectives.units.dictionary import balance, draw_units
from homotopy.streams import Draws

__all__ = ["RiskUnits", "net_lacks", "turning_slope"]

FEW = 10
"""Below this number of samples a wider net fits by too many ways."""


def _by_row(move: Callable[..., Vector]) -> Callable[..., Vector]:
    """Return a move of one point as one of many, one after the other."""

    @wraps(move)
    def many(self: RiskUnits, x: Vector, *given: Any, **named: Any) -> Vector:
        if x.ndim == 1:
            return move(self, x, *given, **named)
        generators = [arg.generators() if isinstance(arg, Draws) else None for arg in given]
        rows = [
            move(self, point, *(_of(arg, many, i) for arg, many in zip(given, generators, strict=True)), **named)
            for i, point in enumerate(x)
        ]
        return np.array(rows)

    return many


def _of(argument: Any, generators: Any, i: int) -> Any:
    if generators is not None:
        return generators[i]
    return argument[i] if isinstance(argument, np.ndarray) else argument


class RiskUnits(Units):
    r"""The units of a net with one hidden layer on data.

    Notes
    -----
    Units are taken away by the optimal brain surgeon with least-squares compensation: with A the matrix of the units'
    outputs and of what else may compensate (the constant; the inputs too beside a linear path), and
    :math:`G = (A^T A / N + \epsilon I)^{-1}`, unit j with the smallest :math:`|a_j|^2 / G_{jj}` goes and the other
    outgoing weights change by :math:`-G_{\cdot j} a_j / G_{jj}`.

    References
    ----------
    B. Hassibi and D. G. Stork, "Second order derivatives for network pruning: optimal brain surgeon", NIPS 1992.
    """

    exact = False

    def __init__(self, objective: Any) -> None:
        self.objective = objective
        self.model = objective.model
        self.n_inputs, self.width, self.n_outputs = (int(n) for n in objective.model.sizes)
        self.activation = activation(objective.model.activation)
        self._affine = np.column_stack([objective.X, np.ones(len(objective.X))])
        self._risks: dict[int, Any] = {0: objective}

    @property
    def n_samples(self) -> int:
        """The number N of samples."""
        return len(self._affine)

    @property
    def surplus(self) -> int:
        """1.75 times the root of the units, at least 4."""
        return max(4, ceil(1.75 * sqrt(self.width)))

    @property
    def surplus_beside_path(self) -> int:
        """As without a path; for fewer than ten samples one with the squared loss, else none."""
        if self.n_samples < FEW:
            return 1 if self.objective.loss.quadratic else 0
        return self.surplus

    def _risk(self, width: int) -> Any:
        return self.wider(width - self.width)

    def wider(self, extra: int) -> Any:
        """Return the risk of a net with more hidden units on the same data."""
        if extra not in self._risks:
            model = self.model
            sizes = (model.sizes[0], self.width + extra, model.sizes[2])
            wide = MLP(sizes, model.activation, output=model.output, bias=model.bias)
            self._risks[extra] = self.objective.changed(model=wide)
        return self._risks[extra]

    def outgoing(self, extra: int) -> NDArray[np.bool_]:
        """Return the outgoing weights of the last units."""
        wide = self.wider(extra)
        mark = np.zeros(wide.size)
        (_, _), (outgoing, _) = wide.model.unpack(mark)
        outgoing[:, -extra:] = 1.0
        return mark > 0

    @_by_row
    def narrow(self, x: Vector) -> Vector:
        """Return the point of the true net."""
        W, b, outgoing, bias = self.layers(x)
        keep = self.width
        return self.pack(W[:keep], None if b is None else b[:keep], outgoing[:, :keep], bias)

    def _count(self, x: Vector) -> int:
        """Return the number of hidden units of a point."""
        d, k, bias = self.model.sizes[0], self.model.sizes[2], int(self.model.bias)
        return int((x.size - bias * k) // (d + bias + k))

    def layers(self, x: Vector) -> tuple[NDArray[np.float64], Any, NDArray[np.float64], Any]:
        """Return W, b, outgoing weights and output bias of a point of any width; biases may be None."""
        (W, b), (outgoing, bias) = self._risk(self._count(x)).model.unpack(x)
        return W, b, outgoing, bias

    def pack(self, W: NDArray[np.float64], b: Any, outgoing: NDArray[np.float64], bias: Any) -> Vector:
        """Return the point with these layers."""
        return np.asarray(self._risk(len(W)).model.pack([(W, b), (outgoing, bias)]))

    @_by_row
    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with units of `donor` appended and all outgoing weights scaled to keep the output's variance."""
        W, b, outgoing, bias = self.layers(x)
        W2, b2, outgoing2, _ = self.layers(donor)
        outgoing = np.column_stack([outgoing, outgoing2[:, :count]]) * np.sqrt(len(W) / (len(W) + count))
        both = None if b is None else np.concatenate([b, b2[:count]])
        return self.pack(np.vstack([W, W2[:count]]), both, outgoing, bias)

    @_by_row
    def add_silent(self, x: Vector, count: int, rng: Any) -> Vector:
        """Return x with units of `draw_units` whose outgoing weights are zero: the function is the same."""
        W, b, outgoing, bias = self.layers(x)
        W2, b2 = draw_units(self.objective.X, count, rng, activation=self.activation)
        outgoing = np.column_stack([outgoing, np.zeros((len(outgoing), count))])
        return self.pack(np.vstack([W, W2]), None if b is None else np.concatenate([b, b2]), outgoing, bias)

    def hidden(self, W: NDArray[np.float64], b: Any) -> NDArray[np.float64]:
        """Return the outputs of hidden units on the data, shape (N, len(W))."""
        layer = MLP((W.shape[1], len(W)), "identity", output=self.model.activation, bias=b is not None)
        return np.asarray(layer.forward(layer.pack([(W, b)]), self.objective.X))

    @_by_row
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
        targets = risk.loss.regression_targets(risk.y)
        full = self.hidden(W, b)
        H, Y = full - Q @ (Q.T @ full), targets - Q @ (Q.T @ targets)
        gram = H.T @ H / n
        gram[np.diag_indices(len(W))] += max(1e-3 * float(np.trace(gram)) / len(W), 1e-12)
        outgoing = np.linalg.solve(gram, H.T @ Y / n).T
        if bias is not None:
            bias = (targets - full @ outgoing.T).mean(axis=0)
        if self.activation.homogeneous:
            W, b, outgoing = balance(W, b, outgoing)
        return self.pack(W, b, outgoing, bias)

    @_by_row
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

    def hidden_flops(self, width: int) -> float:
        """Return the flops of the outputs of so many units on the data."""
        return self.n_samples * width * (2.0 * self.n_inputs + 6.0)

    def removal_flops(self, count: int, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of the units' outputs, the inverse Gram matrix, and its change at each removal."""
        m = self.width + extra + 1 + self.n_inputs * beside_path
        gram = self.n_samples * m * m + 2.0 * m**3
        return self.hidden_flops(self.width + extra) + gram + count * m * (2.0 * m + 4.0 * self.n_outputs)

    def refit_flops(self, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of the units' outputs, the projection, the Gram matrix and its solution."""
        n, w, k = self.n_samples, self.width + extra, self.n_outputs
        q = 1 + self.n_inputs * beside_path
        fit = 2.0 * n * q * q + 4.0 * n * q * (w + k) + n * w * w + 2.0 * n * w * k + w**3 / 3.0
        return self.hidden_flops(w) + fit


def net_lacks(risk: Any, facet: str) -> str | None:
    """Return why the risk of a net on data does not offer a facet, or None."""
    model = risk.model
    n_hidden = len(model.sizes) - 2
    wanted = {"units": 1, "growth": 1, "linear_path": 1, "layers": 2}.get(facet)
    if wanted is not None and n_hidden != wanted:
        return f"the net has {n_hidden} hidden layers; {'one is' if wanted == 1 else 'two are'} needed"
    if facet == "hidden" and n_hidden == 0:
        return "the net has no hidden layers; one is needed"
    if facet == "matched" and not (risk.loss.quadratic and model.output == "logistic"):
        here = f"the loss is {risk.loss.name} and the output {model.output}"
        return f"{here}; the squared loss of a logistic output is needed"
    if facet == "smoothed":
        return "a smoothing of the weights of a net on data has no closed form"
    if facet == "linear_path" and turning_slope(model.activation) is None:
        return f"a flip of {model.activation} units does not differ from them by a linear function"
    if facet in ("growth", "layers", "linear_path") and (model.output != "identity" or not model.bias):
        return "the net needs an identity output and biases"
    return None


def turning_slope(name: Any) -> float | None:
    """Return c where act(z) - act(-z) = c z for all z, else None: a unit and its flip then differ by c times a line.

    None too where act is linear itself, so that nothing is left of a unit beside a linear path.

    Examples
    --------
    >>> turning_slope("leaky-relu:slope=0.2"), turning_slope("tanh"), turning_slope("identity")
    (1.2, None, None)
    """
    slope = activation(name).odd_slope
    return None if slope == 2.0 else slope
