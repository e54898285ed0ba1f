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
from homotopy.models.samples import rooted
from homotopy.models.weights import weighted, weights_of
from homotopy.objectives.facets import offered
from homotopy.problems.bounds import Bound
from homotopy.problems.lower.facts import activations, float_type

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
ROUNDS = 12
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
        given = weights_of(loss, len(y))
        keep = given > 0
        own = weighted(loss, given[keep])
        assert own.weights is not None
        return cls(A[keep], np.asarray(y, dtype=np.float64)[keep], np.asarray(own.weights), own)

    def unit(self) -> tuple[Array, Array]:
        """Return the design with each row times the root of its weight and each column of length one (or zero).

        And what its columns were divided by: their lengths, 1 of one that is zero.
        """
        B = rooted(self.A, self.weights)
        length = np.linalg.norm(B, axis=0)
        length = np.where(length > 0, length, 1.0)
        return np.asarray(B / length), length


def affine_net(objective: Any) -> Affine | None:
    """Return the problem of a net whose outputs are affine in its inputs; None of any other, and of a large one.

    Such is a net without hidden layer, where the objective says that it is ``convex``, and one whose units are linear.
    That outputs are affine is looked at at a random point. They have a constant unless the model says that it has no
    biases, or there are no more parameters than inputs times outputs.
    """
    if not offered(objective, "outputs"):
        return None
    outputs, inputs = objective.outputs, getattr(objective.outputs, "inputs", None)
    if inputs is None or np.ndim(inputs) != 2 or not (getattr(objective, "convex", False) or _linear_units(outputs)):
        return None
    X, y = np.asarray(inputs, dtype=np.float64), np.asarray(outputs.targets)
    if X.size > CELLS or (X.shape[1] + 1) * y.shape[1] > WIDE:
        return None
    size = int(objective.size)
    bare = size == X.shape[1] * y.shape[1] or not getattr(getattr(objective, "model", None), "bias", True)
    A = X if bare else np.column_stack([X, np.ones(len(X))])
    kind = float_type(inputs)
    theta = np.random.default_rng(size).standard_normal(size).astype(kind)
    Z = np.asarray(outputs.forward(theta), dtype=np.float64)
    rest = Z - A @ np.linalg.lstsq(A, Z, rcond=None)[0]
    near = sqrt(float(np.finfo(kind).eps)) * float(np.linalg.norm(Z - Z.mean(axis=0)))
    return Affine.of(A, y, outputs.loss) if np.linalg.norm(rest) <= near else None


def _linear_units(outputs: Any) -> bool:
    """Return whether the hidden units and the outputs of a net are linear."""
    return [getattr(part, "name", "") for part in activations(outputs)] == ["identity", "identity"]


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
    B, length = net.unit()
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
    value, dual = _squared(net, Q, u) if net.loss.quadratic else _entropies(net, Q, u)
    rest = 2.0 * float(np.linalg.norm(B.T @ dual)) + REST * EPS * float(np.linalg.norm(dual))
    low = value - rest * size / len(dual)
    if not isfinite(low):
        return None
    kind = float_type(objective.outputs.targets)
    words = "the least-squares value" if net.loss.quadratic else "convexity: a point of the dual problem has this value"
    reach = FAR * np.abs(net.A) @ np.abs(right @ phi / length[:, None])  # what the sums of outputs are made of
    return Bound(low, words, rounding=_rounding(net, value, reach, kind))


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
    v = _projected(Q, rooted(u, net.weights))
    return 0.5 * float(np.sum(v * v)) / len(v), v


def _entropies(net: Affine, Q: Array, u: Array) -> tuple[float, Array]:
    """Return the same of losses of classes: the mean entropy of the probabilities y + u, and u times roots of weights.

    Probabilities that leave [0, 1] by the projection are those that a hyperplane separates: they keep their targets.
    """
    root, several = np.sqrt(net.weights)[:, None], net.loss.name == "softmax"
    free, dual = np.ones(u.shape, dtype=bool), np.zeros_like(u)
    for _ in range(ROUNDS):
        v = _projected(Q, root * u) if free.all() else _kept(Q, root * u, free, several=several)
        p = net.y + v / root
        bad = (p < 0) | (p > 1)
        if not bad.any():
            dual = v
            break
        free &= ~bad
    p = np.clip(net.y + dual / root, 0.0, 1.0)
    each = entr(p) if several else entr(p) + entr(1.0 - p)
    return float(np.average(each.sum(axis=1), weights=net.weights)), dual


def _kept(Q: Array, v: Array, free: NDArray[np.bool_], *, several: bool) -> Array:
    """Return what of v is orthogonal to the columns of Q, zero where not free, and of `several` classes sums to zero.

    The projection on what must go is a least-squares problem, for LSMR.
    """
    (n, k), r = v.shape, Q.shape[1]

    def down(part: Array) -> Array:
        whole = np.zeros((n, k))
        whole[free] = part
        return np.concatenate([(Q.T @ whole).ravel(), whole.sum(axis=1) if several else np.empty(0)])

    def up(flat: Array) -> Array:
        whole = Q @ flat[: r * k].reshape(r, k) + (flat[r * k :][:, None] if several else 0.0)
        return np.asarray(whole[free])

    shape = (int(free.sum()), r * k + (n if several else 0))
    away = scipy.sparse.linalg.LinearOperator(shape, matvec=up, rmatvec=down, dtype=np.float64)
    out = np.zeros((n, k))
    out[free] = v[free]
    for _ in range(2):
        found = scipy.sparse.linalg.lsmr(away, out[free], atol=1e-15, btol=1e-15, conlim=0.0, maxiter=MOST)[0]
        out[free] -= up(found)
    return out


def _rounding(net: Affine, value: float, reach: Array, kind: np.dtype[Any]) -> float:
    """Return how far below the minimum a value of the objective may come that is computed in the type `kind`.

    Outputs are sums of terms of the size `reach`, shape (n, k), which may cancel.
    """
    eps = SAFETY * float(np.finfo(kind).eps)
    size = sqrt(float(np.average(np.square(np.abs(net.y) + reach).sum(axis=1), weights=net.weights)))
    if not net.loss.quadratic:
        return eps * (value + size)
    return eps * (value + sqrt(2.0 * max(value, 0.0)) * size) + (eps * size) ** 2
