"""The objective smoothed by a Gaussian whose width goes to zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.arguments import choice, integer, number, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.diffusion.displacements import POINTS, displacements
from homotopy.homotopies.easy import beginning, solve_easy
from homotopy.objectives.base import Objective, Seed, Vector, grads_at, products_at
from homotopy.objectives.facets import offered
from homotopy.objectives.family import Homotopy, around

__all__ = ["Gaussian"]


@door
class Gaussian(Homotopy):
    r"""The mean of the objective over Gaussian displacements of standard deviation width (1 - t).

    Parameters
    ----------
    objective : Objective
        The true problem f. Where it offers ``smoothed``, as a `TeacherStudent` does, that closed form is taken (there
        of smoothed pre-activations) instead of a mean.
    width : float
        Standard deviation at t = 0, positive.
    samples : int
        Displacements of the Monte-Carlo form, an even number.
    points : str
        How they are drawn: ``antithetic``, each with its opposite, so that linear functions have their means;
        ``random``; or ``quasi``, normal quantiles of a scrambled Sobol sequence, whose number is a power of 2.
    rng : Generator, int or None
        Draws the displacements once, so that H is a smooth function.
    x0 : ndarray of shape (n,) or None
        Where `start` begins to minimize the smoothed function; None draws it.

    Raises
    ------
    ArgumentError
        If width is not positive, samples or points is not allowed, or x0 has not the objective's size.

    Notes
    -----
    .. math:: H(x, t) = \frac1m \sum_{i=1}^m f(x + \sigma (1 - t) \epsilon_i)

    One evaluation of the Monte-Carlo form costs m gradients, of the closed form one.

    References
    ----------
    H. Mobahi and J. W. Fisher III, "On the link between Gaussian homotopy continuation and convex envelopes",
    EMMCVPR 2015.
    """

    def __init__(
        self,
        objective: Objective,
        width: float = 1.0,
        *,
        samples: int = 16,
        points: str = "antithetic",
        rng: Seed = 0,
        x0: Vector | None = None,
    ) -> None:
        width = number("width", width, "a positive number", above=0, below=np.inf)
        if integer("samples", samples) < 2 or samples % 2:
            raise ArgumentError(f"samples must be a positive even number, not {shown(samples)}")
        choice("points", points, POINTS)
        self.objective, self.size, self.width = objective, objective.size, float(width)
        self.x0: Vector | None = None if x0 is None else around(objective, x0)
        true: Any = objective
        self._closed: Any = true.smoothed(width) if offered(true, "smoothed") else None
        self.displacements = displacements(integer("samples", samples), self.size, points, rng)
        if self._closed is not None:
            self.capsule = self._closed.capsule

    def _points(self, x: Vector, t: float) -> Any:
        return x + self.width * (1.0 - t) * self.displacements

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        if self._closed is not None:
            value, grad = self._closed.value_and_grad(x, t)
            return float(value), np.asarray(grad)
        values, grads = grads_at(self.objective, self._points(x, t))
        return float(np.mean(values)), np.mean(grads, axis=0)

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        if self._closed is not None:
            return np.asarray(self._closed.hessp(x, t, v))
        points = self._points(x, t)
        return np.asarray(np.mean(products_at(self.objective, points, np.broadcast_to(v, points.shape)), axis=0))

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative of H in t."""
        if self._closed is not None:
            return float(self._closed.dt(x, t))
        _, grads = grads_at(self.objective, self._points(x, t))
        return float(-self.width * np.mean([g @ e for g, e in zip(grads, self.displacements, strict=True)]))

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        if self._closed is not None:
            return np.asarray(self._closed.dt_grad(x, t))
        products = products_at(self.objective, self._points(x, t), self.displacements)
        return np.asarray(-self.width * np.mean(products, axis=0))

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of H(., 0), reached by L-BFGS from x0 or from a random point that `rng` draws."""
        return solve_easy(self, beginning(self, rng))
