"""Random hidden units that fit the data: their hyperplanes pass through samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_units"]

SATURATING = ("tanh", "logistic", "erf", "sin")


def draw_units(
    X: NDArray[np.float64], count: int, rng: np.random.Generator, *, activation: str = "relu", scale: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return weights and biases of random units whose hyperplanes pass through random samples.

    Parameters
    ----------
    X : ndarray of shape (N, d)
        The samples.
    count : int
        How many units.
    rng : Generator
        Draws them.
    activation : str
        The units' activation.
    scale : float
        A factor of all weights, positive.

    Returns
    -------
    W : ndarray of shape (count, d)
        Weights, uniform in direction. For activations that saturate (tanh, logistic, erf, sin) their norms are
        log-uniform in [0.5, 4] over the root mean square spread of the inputs; for the others they are 1 over it.
    b : ndarray of shape (count,)
        Biases :math:`-w \cdot x_i` with random samples i.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((50, 3))
    >>> W, b = draw_units(X, 4, np.random.default_rng(1))
    >>> bool(np.abs(X @ W.T + b).min(axis=0).max() < 1e-12)
    True
    """
    W = rng.standard_normal((count, X.shape[1]))
    spread = max(float(np.sqrt(X.var(axis=0).mean())), 1e-12)
    W *= scale / (spread * np.maximum(np.linalg.norm(W, axis=1, keepdims=True), 1e-300))
    if activation in SATURATING:
        W *= np.exp(rng.uniform(np.log(0.5), np.log(4.0), (count, 1)))
    b = -np.einsum("ij,ij->i", W, X[rng.integers(0, len(X), count)])
    return W, b
