"""The bound of a net without hidden layer: the value of a point of Fenchel's dual problem."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import entr

from homotopy.models.losses import Loss
from homotopy.models.weights import weighted
from homotopy.objectives.facets import offered
from homotopy.problems.bounds import Bound

__all__ = ["Affine", "affine_net", "dual_bound"]

Array = NDArray[np.float64]
CELLS, WIDE = 2_000_000, 500
"""The largest design, in numbers and in columns, of which all singular values are computed: some seconds."""
FAR = 10.0
"""A bound holds for all parameters up to so many times the size of the solution; beyond, rounding changes a value."""
SAFETY, REST = 16.0, 4.0
"""Times the unit of the last place that values are off, and sums that are zero but for rounding."""
MOST = 500
"""Iterations of Newton's method."""
ROUNDS = 8
"""How often samples that a hyperplane separates are left out of the dual point."""
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Affine:
    """The loss of outputs that are linear in the parameters: the samples that count, with what they count.

    Attributes
    ----------
    A : ndarray of shape (n, q)
        Outputs are A W' with W of shape (k, q).
    y : ndarray of shape (n, k)
        Targets as the loss prepares them.
    weights : ndarray of shape (n,)
        Positive, one on the mean.
    loss : Loss
        The loss with these weights.
    """

    A: Array
    y: Array
    weights: Array
    loss: Loss

    @classmethod
    def of(cls, A: Array, y: Array, loss: Loss) -> Affine:
        """Return the problem of a design, targets and a loss, without the samples of weight zero."""
        given = np.ones(len(y)) if loss.weights is None else np.asarray(loss.weights, dtype=np.float64)
        keep = given > 0
        own = weighted(loss, given[keep])
        assert own.weights is not None
        return cls(A[keep], np.asarray(y, dtype=np.float64)[keep], np.asarray(own.weights), own)

    def unit(self) -> Array:
        """Return the design with each row times the root of its weight and each column of length one (or zero)."""
        B = np.sqrt(self.weights)[:, None] * self.A
        length = np.linalg.norm(B, axis=0)
        return np.asarray(B / np.where(length > 0, length, 1.0))


def affine_net(objective: Any) -> Affine | None:
    """Return the problem of a net whose outputs are affine in its inputs; None of any other, and of a large one.

    Such is a net without hidden layer, where the objective says that it is ``convex``, and one whose units are linear.
    That outputs are affine is looked at at a random point; they have no constant where those of zero inputs are zero.
    """
    if not offered(objective, "outputs"):
        return None
    outputs, inputs = objective.outputs, getattr(objective.outputs, "inputs", None)
    if inputs is None or np.ndim(inputs) != 2 or not (getattr(objective, "convex", False) or _linear_units(outputs)):
        return None
    X, y = np.asarray(inputs, dtype=np.float64), np.asarray(outputs.targets)
    if X.size > CELLS or (X.shape[1] + 1) * y.shape[1] > WIDE:
        return None
    kind = inputs.dtype if inputs.dtype.kind == "f" else np.dtype(np.float64)
    theta = np.random.default_rng(int(objective.size)).standard_normal(int(objective.size))
    Z = np.asarray(outputs.forward(theta.astype(kind)), dtype=np.float64)
    for A in (X, np.column_stack([X, np.ones(len(X))])):
        rest = Z - A @ np.linalg.lstsq(A, Z, rcond=None)[0]
        if np.linalg.norm(rest) <= sqrt(float(np.finfo(kind).eps)) * np.linalg.norm(Z):
            return Affine.of(A, y, outputs.loss)
    return None


def _linear_units(outputs: Any) -> bool:
    """Return whether the hidden units and the outputs of a net are linear."""
    names = [getattr(getattr(outputs, part, None), "name", "") for part in ("hidden", "last")]
    return names == ["identity", "identity"]


def dual_bound(objective: Any) -> Bound | None:
    r"""Return the bound of a net without hidden layer and of squared, logistic or softmax loss; None of any other.

    Notes
    -----
    Let the loss be :math:`\frac{1}{n} \sum_i w_i \ell(W a_i, y_i)` and :math:`\ell^*` its conjugate. Every u with
    :math:`\sum_i w_i u_i a_i^T = 0` gives :math:`\min f \geq -\frac{1}{n} \sum_i w_i \ell^*(u_i)` (Fenchel's duality;
    R. T. Rockafellar, Convex Analysis, 1970, section 31), whatever u is. Here u are the slopes of the loss at the
    minimum, projected; where a hyperplane separates some samples, their u is zero. What rounding leaves of the sum is
    taken off, for parameters up to ten times the size of the solution. Of the squared loss the bound is the
    least-squares value. A penalty only makes f larger.
    """
    net = affine_net(objective)
    if net is None or not (net.loss.quadratic or net.loss.name in ("logistic", "softmax")):
        return None
    B = net.unit()
    Q, right = _range(B)
    if net.loss.quadratic:
        root = np.sqrt(net.weights)[:, None]
        phi = Q.T @ (root * net.y)
        u = Q @ phi / root - net.y
    else:
        phi = _minimum(net, Q)
        u = _outputs(net, Q, phi)
        u = net.loss.grad(u, net.y) * (len(u) / net.weights[:, None])
    size = FAR * float(np.linalg.norm(right @ phi))  # of the parameters, in the units of the columns of B
    found = _squared(net, Q, u) if net.loss.quadratic else _entropies(net, Q, u)
    if found is None:
        return None
    value, dual = found
    rest = 2.0 * float(np.linalg.norm(B.T @ dual)) + REST * EPS * float(np.linalg.norm(dual))
    low = value - rest * size / len(dual)
    if not isfinite(low):
        return None
    kind = np.asarray(objective.outputs.targets).dtype
    words = "the least-squares value" if net.loss.quadratic else "convexity: a point of the dual problem has this value"
    return Bound(low, words, rounding=_rounding(net, value, kind))


def _range(B: Array) -> tuple[Array, Array]:
    """Return an orthonormal basis Q of the columns of B, and the R with B R = Q."""
    U, s, Vt = np.linalg.svd(B, full_matrices=False)
    r = int(np.count_nonzero(s > max(B.shape) * EPS * s.max(initial=0.0)))
    return U[:, :r], Vt[:r].T / s[:r]


def _outputs(net: Affine, Q: Array, phi: Array) -> Array:
    """Return the outputs at coordinates phi (r, k) of the basis Q of the weighted design."""
    return np.asarray((Q @ phi) / np.sqrt(net.weights)[:, None])


def _minimum(net: Affine, Q: Array) -> Array:
    """Return the coordinates, shape (r, k), to which Newton's method comes in a trust region, whether it ends or not.

    The coordinates are those of Q times sqrt(n), in which the scale of inputs does not count.
    """
    n, k = net.y.shape
    P = Q / np.sqrt(net.weights)[:, None] * sqrt(n)

    def both(flat: Array) -> tuple[float, Array]:
        Z = P @ flat.reshape(-1, k)
        return net.loss.value(Z, net.y), np.ravel(P.T @ net.loss.grad(Z, net.y))

    def product(flat: Array, v: Array) -> Array:
        return np.ravel(P.T @ net.loss.hessp(P @ flat.reshape(-1, k), net.y, P @ v.reshape(-1, k)))

    start = np.zeros(Q.shape[1] * k)
    options = {"maxiter": MOST, "gtol": 1e-11}
    end = scipy.optimize.minimize(both, start, jac=True, hessp=product, method="trust-ncg", options=options)
    return np.asarray(end.x.reshape(-1, k) * sqrt(n))


def _projected(Q: Array, v: Array) -> Array:
    """Return what of v, shape (n, k), is orthogonal to the columns of Q; twice is enough."""
    for _ in range(2):
        v = v - Q @ (Q.T @ v)
    return v


def _squared(net: Affine, Q: Array, u: Array) -> tuple[float, Array]:
    """Return the value of the dual point u of the squared loss, projected, and the point times the roots of weights."""
    v = _projected(Q, np.sqrt(net.weights)[:, None] * u)
    return 0.5 * float(np.sum(v * v)) / len(v), v


def _entropies(net: Affine, Q: Array, u: Array) -> tuple[float, Array] | None:
    """Return the same of losses of classes: the mean entropy of the probabilities y + u; None where u cannot be one.

    Samples whose probabilities leave [0, 1] by the projection are those that a hyperplane separates: they keep y.
    """
    root = np.sqrt(net.weights)[:, None]
    inside = np.ones(len(u), dtype=bool)
    for _ in range(ROUNDS):
        basis = Q if inside.all() else _range(Q[inside])[0]
        v = np.zeros_like(u)
        v[inside] = _projected(basis, (root * u)[inside])
        p = net.y + v / root
        bad = ((p < 0) | (p > 1)).any(axis=1)
        if not bad.any():
            each = entr(p) if net.loss.name == "softmax" else entr(p) + entr(1.0 - p)
            return float(np.average(each.sum(axis=1), weights=net.weights)), v
        inside &= ~bad
    return None


def _rounding(net: Affine, value: float, kind: np.dtype[Any]) -> float:
    """Return how far below the minimum a value of the objective may come that is computed in the type `kind`."""
    eps = SAFETY * float(np.finfo(kind if kind.kind == "f" else np.float64).eps)
    if not net.loss.quadratic:
        return eps * (1.0 + value)
    size = float(np.average(np.square(net.y).sum(axis=1), weights=net.weights))
    return eps * (value + sqrt(2.0 * max(value, 0.0) * size)) + eps**2 * size
