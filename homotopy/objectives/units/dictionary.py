"""Random hidden units that fit the data: their hyperplanes pass through samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.models.activations import Activation
from homotopy.models.activations import activation as by_name
from homotopy.models.samples import mean_of, rooted, upto

__all__ = ["balance", "best_unit", "best_units", "draw_units", "pursue"]

SHORTLIST = 24
"""Units with the best scores that are looked at more closely."""
NEARLY, NOTHING = 1e-10, 1e-20
"""Scores that differ by rounding alone, relative to the best one and to the squares of what is to be explained."""


def draw_units(
    X: NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
    *,
    activation: str | Activation = "relu",
    scale: float = 1.0,
    weights: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return weights (count, d) and biases (count,) of random units whose hyperplanes pass through random samples X.

    Weights are uniform in direction. For activations that saturate (tanh, logistic, erf, sin) their norms are
    log-uniform in [0.5, 4] over the root mean square spread of the inputs; for the others they are 1 over it; all times
    `scale`. Biases are :math:`-w \cdot x_i` with random samples i. Samples count by their `weights`, in the spread
    and in how often they are drawn.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((50, 3))
    >>> W, b = draw_units(X, 4, np.random.default_rng(1))
    >>> bool(np.abs(X @ W.T + b).min(axis=0).max() < 1e-12)
    True
    """
    W = rng.standard_normal((count, X.shape[1]))
    variance = X.var(axis=0) if weights is None else mean_of((X - mean_of(X, weights)) ** 2, weights)
    spread = max(float(np.sqrt(variance.mean())), 1e-12)
    W *= scale / (spread * np.maximum(np.linalg.norm(W, axis=1, keepdims=True), 1e-300))
    if by_name(activation).saturates:
        W *= np.exp(rng.uniform(np.log(0.5), np.log(4.0), (count, 1)))
    if weights is None:
        through = rng.integers(0, len(X), count)
    else:
        shares = upto(weights)
        through = np.searchsorted(shares, rng.integers(0, shares[-1], count), side="right")
    b = -np.einsum("ij,ij->i", W, X[through])
    return W, b


def _first_best(score: NDArray[np.float64], whole: float) -> int:
    """Return the first unit whose score is the largest but for rounding, -1 where none is at least 0.

    Units that are alike, or all where nothing of a `whole` is left to explain, are told apart by nothing else, so that
    every machine takes the same.
    """
    top = float(np.max(score, where=score >= 0, initial=-1.0))
    if top < 0:
        return -1
    return int(np.argmax((score >= 0) & (score >= top * (1 - NEARLY) - NOTHING * whole)))


def _centered(table: NDArray[np.float64], weights: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return a table less its mean over the samples, rows times the roots of their weights."""
    return rooted(table - mean_of(table, weights), weights)


def _scores(
    H: NDArray[np.float64], descent: NDArray[np.float64], used: NDArray[np.bool_], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return centered outputs, their norms, and the squared scores of units that are not used, -1 for the others."""
    centered = _centered(H, weights)
    norms = np.sqrt((centered**2).sum(axis=0)) + 1e-9
    match = centered.T @ _centered(descent, weights) / norms[:, None]
    return centered, norms, np.where(used, -1.0, (match**2).sum(axis=1))


def best_unit(
    H: NDArray[np.float64],
    descent: NDArray[np.float64],
    used: NDArray[np.bool_],
    *,
    weights: NDArray[np.float64] | None = None,
) -> tuple[int, NDArray[np.float64]]:
    """Return the unit of a dictionary that lowers a loss fastest, and its outgoing weights :math:`h_j^T r / |h_j|^2`.

    Of those that are not `used` it has the largest :math:`|h_j^T r| / |h_j|`, the linear oracle of a conditional
    gradient over units, with its centered outputs :math:`h_j`, a column of H of shape (N, M), and r of shape (N, k) the
    change of the outputs that is wanted: the residual, for the squared loss. All means and products are over samples
    that count by their `weights`.
    """
    centered, norms, _ = _scores(H, descent, used, weights)
    index = int(best_units(H, descent, used, 1, weights=weights)[0])
    return index, centered[:, index] @ rooted(descent, weights) / norms[index] ** 2


def best_units(
    H: NDArray[np.float64],
    descent: NDArray[np.float64],
    used: NDArray[np.bool_],
    count: int,
    *,
    apart: float = 0.5,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.intp]:
    """Return `count` units that each lower a loss fast and are not alike, in the order of their scores (`best_unit`).

    The outputs of two of them correlate at most `apart`, in absolute value; where too few of the best two dozen keep to
    it, the best of the others follow.
    """
    centered, norms, score = _scores(H, descent, used, weights)
    whole = float((_centered(descent, weights) ** 2).sum())
    taken: list[int] = []
    others: list[int] = []
    for _ in range(max(SHORTLIST, count)):
        j = _first_best(score, whole)
        if j < 0 or len(taken) == count:
            break
        score[j] = -1.0
        alike = np.abs(centered[:, taken].T @ centered[:, j] / (norms[taken] * norms[j]))
        (taken if (alike < apart).all() else others).append(j)
    rest = [j for j in range(len(score)) if j not in taken and j not in others]
    return np.array([*taken, *others, *rest][:count], dtype=np.intp)


def pursue(
    H: NDArray[np.float64], target: NDArray[np.float64], count: int, *, weights: NDArray[np.float64] | None = None
) -> NDArray[np.intp]:
    """Return the units that orthogonal matching pursuit takes, in their order, to fit a target beside a constant.

    H of shape (N, M) holds the units' outputs on the samples, which count by their `weights`, the target has shape
    (N, k); fewer than `count` are returned where no other is independent.
    """
    centered = _centered(H, weights)
    norms = np.sqrt((centered**2).sum(axis=0))
    free = norms > 1e-6 * max(float(norms.max(initial=0.0)), 1e-300)
    Q = centered / np.maximum(norms, 1e-300)
    residual = _centered(target, weights)
    match = Q.T @ residual  # inner products with the residual, kept up to date
    left = np.ones(H.shape[1])  # squared norms of what the taken units do not span
    basis = np.empty((0, len(H)))
    taken: list[int] = []
    for _ in range(count):
        score = np.where(free & (left > 1e-4), (match**2).sum(axis=1) / np.maximum(left, 1e-12), -1.0)
        j = _first_best(score, float((residual**2).sum()))
        if j < 0:
            break
        taken.append(j)
        free[j] = False
        q = Q[:, j] - basis.T @ (basis @ Q[:, j])
        q /= np.linalg.norm(q)
        along = Q.T @ q
        match = match - np.outer(along, match[j] / along[j])
        left = left - along**2
        basis = np.vstack([basis, q])
    return np.array(taken, dtype=np.intp)


def balance(W: NDArray[np.float64], b: Any, outgoing: NDArray[np.float64]) -> tuple[Any, Any, Any]:
    """Return relu units rescaled, the function unchanged, so that |w_j| is the norm of their outgoing weights."""
    size = np.linalg.norm(W, axis=1) + 1e-12
    factor = np.sqrt(np.linalg.norm(outgoing, axis=0) / size) + 1e-12
    return W * factor[:, None], None if b is None else b * factor, outgoing / factor
