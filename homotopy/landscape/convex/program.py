"""What the convex problem behind a relu net is made of: inputs, penalties, loss and its conjugate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from homotopy.errors import ArgumentError
from homotopy.landscape.convex.patterns import unit_rows
from homotopy.landscape.convex.slopes import penalty_of
from homotopy.models.losses import Loss
from homotopy.models.weights import weights_of
from homotopy.objectives.facets import require

__all__ = ["CONJUGATES", "EPS", "Program", "program_of"]

Array = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)
TINY = 1e-300
SLIM = 1e-4
"""Cells between hyperplanes at a smaller angle are no room for a unit of their own."""
KINK = 1e-9
"""A sample lies on a unit's kink where their product is below this part of both lengths, without units."""


def _squared(s: Array, y: Array) -> tuple[Array, Array]:
    return s * (y + 0.5 * s), np.abs(s) * (np.abs(y + 0.5 * s) + np.abs(y + s))


def _logistic(s: Array, y: Array) -> tuple[Array, Array]:
    """With p = y + s the conjugate is p log p + q log q, q = 1 - p; one of both is exact where y is 0 or 1."""
    p, q = np.clip(y + s, 0.0, 1.0), np.clip((1.0 - y) - s, 0.0, 1.0)
    parts = p * _log(p, q), q * _log(q, p)
    slope = np.abs(_log(np.maximum(p, TINY), q) - _log(np.maximum(q, TINY), p))
    lost = np.abs(s) + np.where((y == 0.0) | (y == 1.0), 0.0, 1.0)
    return parts[0] + parts[1], np.abs(parts[0]) + np.abs(parts[1]) + lost * slope


def _log(p: Array, q: Array) -> Array:
    """Return log p, 0 for 0, by q = 1 - p where p is near 1."""
    return np.where(q < p, np.log1p(-np.minimum(q, 0.5)), np.log(np.where(p > 0, p, 1.0)))


CONJUGATES: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {"squared": _squared, "logistic": _logistic}
"""The conjugate of each loss in the output, sup over z of s z - loss(z, y), at slopes s that the loss has, and the size
of what rounding errors are a part of."""


@dataclass(frozen=True)
class Program:
    r"""The convex problem of measures over units, of a loss on n samples.

    .. math:: \min_{\mu, c} \; L\Big(\int \sigma(Z u) \, d\mu(u) + c\Big) + \lambda |\mu| + \frac{\lambda}{2} c^2

    Attributes
    ----------
    Z : ndarray of shape (n, r)
        The inputs, the column of ones included, in coordinates of the space that they span.
    basis : ndarray of shape (d, r)
        Orthonormal: `basis` times a direction is the weights (and bias) of a unit.
    y : ndarray of shape (n,)
        The targets.
    loss : Loss
        The loss, with the weights of samples.
    leak : float
        The slope of a unit below 0.
    l2 : float
        The penalty's weight.
    bias : bool
        Whether there is a c.
    """

    Z: Array
    basis: Array
    y: Array
    loss: Loss
    leak: float
    l2: float
    bias: bool

    @property
    def counts(self) -> Array:
        """What each sample counts, of mean one, shape (n,)."""
        return weights_of(self.loss, len(self.y))

    @cached_property
    def white(self) -> tuple[Array, Array]:
        """Inputs Q (n, r) with orthonormal columns, and R (r, r): Z = Q R, so that R u are weights without units."""
        if not self.Z.any():
            return self.Z, np.eye(self.Z.shape[1])
        Q, R = np.linalg.qr(self.Z)
        live = np.asarray(self.Z.any(axis=1), dtype=np.float64)
        return live[:, None] * Q, R

    def sides(self, U: Array, least: float = KINK) -> Array:
        """Return for each unit of weights U (m, r) and each sample the sign of their product, (m, n), 0 for small ones.

        Small are those below `least` times the lengths of both in coordinates without units.
        """
        Q, R = self.white
        V = U @ R.T
        small = least * np.linalg.norm(V, axis=1)[:, None] * np.linalg.norm(Q, axis=1)
        along = V @ Q.T
        return np.where(np.abs(along) <= small, 0.0, np.sign(along))

    def thin(self, patterns: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Return which cells, of patterns (m, n), lie between two samples that are almost one, shape (m,)."""
        rows = unit_rows(self.white[0])
        close = np.argwhere(np.triu(np.abs(rows @ rows.T) > 1.0 - SLIM**2, 1))
        close = close[[np.linalg.norm(rows[i] - np.sign(rows[i] @ rows[j]) * rows[j]) < SLIM for i, j in close]]
        sides = np.sign((rows[close[:, 0]] * rows[close[:, 1]]).sum(axis=1))
        return np.asarray((patterns[:, close[:, 0]] * patterns[:, close[:, 1]] * sides < 0).any(axis=1))

    def units(self, U: Array) -> Array:
        """Return the outputs (n, m) of units of weights U (m, r)."""
        S = self.Z @ U.T
        return np.where(S > 0, S, self.leak * S)

    def grad(self, z: Array) -> Array:
        """Return the gradient of the mean loss in the outputs, shape (n,)."""
        return np.asarray(self.loss.grad(z[:, None], self.y[:, None]))[:, 0]

    def bend(self, z: Array) -> Array:
        """Return the second derivatives of the mean loss in each output, shape (n,)."""
        return np.asarray(self.loss.hessp(z[:, None], self.y[:, None], np.ones((len(z), 1))))[:, 0]

    def mean_loss(self, z: Array) -> float:
        """Return the mean loss of outputs."""
        return self.loss.value(z[:, None], self.y[:, None])

    def size(self, g: Array) -> float:
        """Return what no unit's slope is above for slopes g of the loss: the sum of the sizes of its terms."""
        return float(np.abs(g) @ np.linalg.norm(self.Z, axis=1))

    def rounding(self, g: Array) -> float:
        """Return what rounding may do to the slope of a unit."""
        return 4.0 * (len(g) + 8) * EPS * self.size(g)

    def constant(self) -> tuple[Array, float]:
        """Return the outputs of the best net without units, and their constant, by Newton."""
        c = 0.0
        for _ in range(100 if self.bias else 0):
            z = np.full(len(self.y), c)
            step = (self.grad(z).sum() + self.l2 * c) / (self.bend(z).sum() + self.l2)
            c -= float(np.clip(step, -4.0, 4.0)) if not self.loss.quadratic else float(step)
            if abs(step) <= 1e-15 * (1.0 + abs(c)):
                break
        return np.full(len(self.y), c), c

    def dual(self, g: Array, slope: float) -> float:
        r"""Return a bound of the minimum from below, the best that a multiple of g gives, less what rounding may do.

        Parameters
        ----------
        g : ndarray of shape (n,)
            Slopes of the mean loss in the outputs, or near them.
        slope : float
            No less than :math:`\max_{|u| = 1} |\sum_i g_i \sigma(u \cdot z_i)|`.

        Notes
        -----
        For every :math:`\tau \ge 0` with :math:`\tau` times the slope at most :math:`\lambda` the minimum is no less
        than

        .. math:: - L^*(\tau g) - \frac{(\tau \sum_i g_i)^2}{2 \lambda}, \quad
            L^*(g) = \frac{1}{n} \sum_i w_i \ell^*(n g_i / w_i, y_i) .

        It is concave in :math:`\tau`, and is maximized; any :math:`\tau` gives a bound. Slopes that the loss has
        nowhere, as rounding leaves them, are brought back to those that it has; what that may add to the largest slope
        is added.
        """
        g, moved = self._feasible(g)
        slope = slope + self.size(moved)
        most = self.l2 / slope if slope > 0 else inf
        top = min(most, 2.0 if self.loss.quadratic else 1.0)  # slopes of the logistic loss are bounded
        found = minimize_scalar(lambda tau: -self._dual(tau * g)[0], bounds=(0.0, top), method="bounded")
        tries = [self._dual(tau * g) for tau in (min(1.0, top), top, float(found.x), 0.0)]
        return max(value - 8.0 * (len(g) + 8) * EPS * size for value, size in tries)

    def _feasible(self, g: Array) -> tuple[Array, Array]:
        """Return the slopes nearest to g that the mean loss has, and how far they are from it, both (n,)."""
        if self.loss.quadratic:
            return g, np.zeros_like(g)
        share = self.counts / len(g)
        inside = np.clip(g, -share * self.y, share * (1.0 - self.y))
        return inside, np.abs(inside - g)

    def _dual(self, g: Array) -> tuple[float, float]:
        """Return the dual value of g and the size of its terms."""
        w, n = self.counts, len(g)
        terms, sizes = CONJUGATES[self.loss.name](n * g / w, self.y)
        constant, most = (float(a.sum()) ** 2 / (2.0 * self.l2) if self.bias else 0.0 for a in (g, np.abs(g)))
        return -float(w @ terms) / n - constant, float(w @ sizes) / n + sqrt(constant * most) + constant


def program_of(objective: Any, l2: float | None) -> Program:
    """Return the convex problem of a net with one hidden layer of relu or leaky relu units and one output.

    Raises
    ------
    ArgumentError
        If the net or its loss is another, or l2 is not positive.
    """
    require(objective, ("outputs", "units"))
    outputs, units = objective.outputs, objective.units()
    last = getattr(outputs, "last", None)
    if not units.activation.homogeneous or last is None or last.name != "identity" or outputs.targets.shape[1] != 1:
        raise ArgumentError(
            "risk must have one hidden layer of relu or leaky relu units and one output, an identity output"
        )
    if outputs.loss.name not in CONJUGATES:
        raise ArgumentError(f"the loss is {outputs.loss.name}; the convex problem takes {' and '.join(CONJUGATES)}")
    weight = penalty_of(objective, l2)
    X = np.asarray(outputs.inputs, dtype=np.float64)
    bias = units.layers(np.zeros(objective.size))[1] is not None
    X1 = np.column_stack([X, np.ones(len(X))]) if bias else X
    y = np.asarray(outputs.targets, dtype=np.float64)[:, 0]
    basis = _row_space(X1)
    return Program(X1 @ basis, basis, y, outputs.loss, units.activation.leak, weight, bias)


def _row_space(X: Array) -> Array:
    """Return an orthonormal basis (d, r) of the space that the rows span; the identity where that is everything."""
    columns = np.linalg.norm(X, axis=0)
    scale = np.where(columns > 0, columns, 1.0)
    _, size, right = np.linalg.svd(X / scale, full_matrices=False)
    rank = int((size > size.max(initial=0.0) * max(X.shape) * EPS).sum())
    if rank in (0, X.shape[1]):
        return np.eye(X.shape[1])[:, : max(rank, 1)]
    return np.asarray(np.linalg.qr((right[:rank] * scale).T)[0])
