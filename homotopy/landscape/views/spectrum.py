"""The density of the eigenvalues of a large Hessian, from products with vectors alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import affordable, generator, integer, numbers, positive_or_none, vector
from homotopy.doors import door, doors
from homotopy.errors import DataError
from homotopy.linalg.lanczos import Lanczos
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.curvature.probe import Probe
from homotopy.threads import one_blas_thread

__all__ = ["SpectralDensity", "spectral_density"]

Matrix = NDArray[np.float64]


@doors
@dataclass(frozen=True)
class SpectralDensity:
    """Estimates of the density of the eigenvalues of a symmetric matrix of n rows.

    Attributes
    ----------
    nodes, weights : ndarrays of shape (n_vectors, k)
        Of each random vector the Ritz values, and what they count, of sum 1; padded with weight 0.
    size : int
        The number n of eigenvalues.
    n_products : int
        Products with the matrix, in all.
    lowest, highest : float
        The outermost Ritz values: the outermost eigenvalues lie farther out, or there to the accuracy of Lanczos's
        method.
    """

    nodes: Matrix
    weights: Matrix
    size: int
    n_products: int
    lowest: float
    highest: float

    def mean(self, function: Any) -> tuple[float, float]:
        """Return the mean of a function over the eigenvalues, and its standard error over the random vectors.

        The standard error is NaN of a single vector.
        """
        each = (self.weights * function(self.nodes)).sum(axis=1)
        return float(each.mean()), _error(each)

    def moment(self, power: int) -> tuple[float, float]:
        """Return the mean of a power of the eigenvalues, trace(H^power) / n, and its standard error."""
        return self.mean(lambda values: values ** integer("power", power, least=0))

    def share_below(self, level: float = 0.0) -> tuple[float, float]:
        """Return which part of the eigenvalues is below a level, and the standard error of it over the vectors.

        Ritz values near the level may be on the wrong side of it, which the error does not show.
        """
        return self.mean(lambda values: np.asarray(values < level, dtype=np.float64))

    def density(self, grid: ArrayLike, *, width: float | None = None) -> tuple[Vector, Vector]:
        """Return the density at points, smoothed by a Gaussian, and its standard error.

        Parameters
        ----------
        grid : array_like of shape (m,)
            Where, in units of the eigenvalues.
        width : float or None
            The Gaussian's standard deviation; None is a hundredth of the range of the nodes.

        Returns
        -------
        density, error : ndarrays of shape (m,)
            In units of one over the eigenvalues', of integral 1; the error is NaN of a single vector.
        """
        at = numbers("grid", grid).ravel()
        span = (self.highest - self.lowest) or abs(self.highest) or 1.0
        width = positive_or_none("width", width) or 0.01 * span
        each = np.empty((len(self.nodes), at.size))
        for row, (nodes, weights) in enumerate(zip(self.nodes, self.weights, strict=True)):
            bells = np.exp(-0.5 * ((at[:, None] - nodes) / width) ** 2) / (width * np.sqrt(2.0 * np.pi))
            each[row] = bells @ weights
        return each.mean(axis=0), np.array([_error(column) for column in each.T])


@door
@one_blas_thread
def spectral_density(
    objective: Any, x: ArrayLike, *, n_vectors: int = 10, n_steps: int = 80, rng: Seed = None
) -> SpectralDensity:
    r"""Return the density of the Hessian's eigenvalues at a point by stochastic Lanczos quadrature.

    Parameters
    ----------
    objective : Objective
        With ``hessp``, or else differences of its gradient serve.
    x : array_like of shape (n,)
        The point.
    n_vectors : int
        Random vectors; the standard errors fall with their root.
    n_steps : int
        Products with each, which see so many nodes of the spectrum; at most n count. Memory is n times this.
    rng : Generator, int or None
        Draws them.

    Raises
    ------
    ArgumentError
        If x does not fit or a number is not allowed.
    DataError
        If a product is not finite.

    Notes
    -----
    With :math:`v` of independent signs over :math:`\sqrt n`, :math:`E[v^T g(H) v] = \frac1n \mathrm{tr}\, g(H)`, and k
    steps of Lanczos's method from v give the Gauss quadrature :math:`\sum_i \tau_i^2 g(\theta_i)` of it, exact for
    polynomials g of degree up to 2k - 1. The basis is made orthogonal at every step, so that no eigenvalue comes twice.

    References
    ----------
    L. Lin, Y. Saad, C. Yang, "Approximating spectral densities of large matrices", SIAM Review 58 (2016), 34;
    S. Ubaru, J. Chen, Y. Saad, SIAM J. Matrix Anal. Appl. 38 (2017), 1075; B. Ghorbani, S. Krishnan, Y. Xiao, "An
    investigation into neural net optimization via Hessian eigenvalue density", ICML 2019.

    Examples
    --------
    >>> from homotopy.objectives.functions import Quadratic
    >>> found = spectral_density(Quadratic(np.diag([1.0, 2.0, 6.0]), np.zeros(3)), np.zeros(3), rng=0)
    >>> found.moment(1)[0].__round__(9), found.size
    (3.0, 3)
    """
    x = vector("x", x, int(objective.size), "the objective", finite=True)
    n_vectors, n_steps = integer("n_vectors", n_vectors), integer("n_steps", n_steps)
    affordable("n_vectors and n_steps", n_vectors, min(n_steps, x.size))
    rng = generator("rng", rng)
    probe, k = Probe(objective, x, None), min(n_steps, x.size)
    nodes, weights, made = np.zeros((n_vectors, k)), np.zeros((n_vectors, k)), 0

    def product(v: Vector) -> Vector:
        out = probe.product(v)
        if not np.isfinite(out).all():
            raise DataError("a product with the Hessian is not finite at x")
        return out

    for row in range(n_vectors):
        lanczos = Lanczos(product, rng.choice((-1.0, 1.0), x.size)).extend(k)
        made += lanczos.n_products
        nodes[row, : lanczos.n_products], weights[row, : lanczos.n_products] = lanczos.values, lanczos.shares
        nodes[row, lanczos.n_products :] = lanczos.values[-1]
    return SpectralDensity(nodes, weights, x.size, made, float(nodes.min()), float(nodes.max()))


def _error(each: Vector) -> float:
    """Return the standard error of a mean."""
    return float(each.std(ddof=1) / np.sqrt(each.size)) if each.size > 1 else float("nan")
