"""How far a wide relu net with weight decay is from the global minimum: a bound of the largest slope of a new unit."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, integer, number, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.landscape.given import objective_of
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.facets import require
from homotopy.threads import one_blas_thread

__all__ = ["LargestSlope", "ascend", "begun", "directions_of", "largest_slope", "penalty_of", "slope_of"]

Array = NDArray[np.float64]
STEPS = 120
FAR = 1e8
"""The longest step, after which only its direction counts."""
SAMPLES = 512
"""The most samples whose directions are tried."""
BEST = 160
"""Directions that are ascended from: those of the largest slopes."""


@doors
@dataclass(frozen=True)
class LargestSlope:
    """What `largest_slope` found.

    Attributes
    ----------
    rho : float
        The largest slope found over the penalty, a bound from below: above 1 some new unit lowers the penalized loss,
        so the point is no global minimum; 1 at the global minimum of the convex problem.
    unit : ndarray of shape (d + 1,)
        The weights and the bias, of norm one, of the unit with that slope.
    """

    rho: float
    unit: Vector


@door
@one_blas_thread
def largest_slope(risk: Any, x: Vector, l2: float | None = None, *, starts: int = 64, rng: Seed = 0) -> LargestSlope:
    r"""Return a bound from below of rho at a point of a net with one hidden relu layer.

    Parameters
    ----------
    risk : Objective or Problem
        The net's loss on data: one hidden layer of relu or leaky relu units with biases, an identity output.
    x : ndarray of shape (n,)
        The point.
    l2 : float or None
        The penalty's weight in all, positive: (l2/2) |x|^2, whatever the risk's own; None is that of the risk.
    starts : int
        Random directions, beside the samples, their opposites and the net's own units; the best 160 are ascended from.
    rng : Generator, int or None
        Draws them.

    Raises
    ------
    ArgumentError
        If the net is another, or x, l2, starts or rng is not allowed.

    Notes
    -----
    With g the gradient of the mean loss in the outputs,

    .. math:: \rho = \frac{1}{\lambda} \max_{|u| = 1} \Big| \sum_i g_i \, \mathrm{relu}(u \cdot (x_i, 1)) \Big| .

    Weight decay on both layers of a wide relu net is the total variation norm of the measure over its units, so that
    the problem is convex in the measure, and rho <= 1 is its optimality condition. Ascent along the gradient on the
    sphere finds local maxima of the slope: the true rho may be larger, never smaller.

    References
    ----------
    F. Bach, JMLR 18 (2017), section 2; M. Pilanci and T. Ergen, ICML 2020 (arXiv 2002.10553), theorem 1.
    """
    risk, starts = objective_of(risk), integer("starts", starts, least=0)
    require(risk, ("growth", "outputs"))
    units, outputs = risk.growth(), risk.outputs
    if not units.activation.homogeneous:
        raise ArgumentError("risk must have one hidden layer of relu or leaky relu units with biases, identity output")
    x = vector("x", x, risk.size, "the risk", finite=True)
    l2 = penalty_of(risk, l2)
    W, b, _, _ = units.layers(x)
    X1 = np.column_stack([outputs.inputs, np.ones(len(outputs.inputs))])
    g = np.asarray(outputs.loss.grad(outputs.forward(x), outputs.targets))
    random = generator("rng", rng).standard_normal((starts, X1.shape[1]))
    U = begun(np.column_stack([W, np.asarray(b)]), X1, random, most=SAMPLES)
    leak = units.activation.leak
    U = U[np.argsort(-slope_of(U, X1, g, leak)[0], kind="stable")[:BEST]]
    slopes, U = ascend(U, X1, g, leak)
    best = int(np.argmax(slopes))
    return LargestSlope(float(slopes[best]) / l2, U[best])


def penalty_of(risk: Any, l2: float | None) -> float:
    """Return the penalty's weight, a positive one: the risk's own where `l2` is None.

    Raises
    ------
    ArgumentError
        If there is none, or it is not positive.
    """
    own = float(getattr(risk, "l2", 0.0))
    if l2 is None and not own:
        raise ArgumentError("l2 is None and the risk has no penalty of its own; a positive l2 is needed")
    return number("l2", own if l2 is None else l2, "positive", above=0, below=inf)


def begun(own: Array, samples: Array, random: Array, *, most: int) -> Array:
    """Return directions to look from: own ones, those of at most so many samples and their opposites, random ones."""
    some = samples[:: -(-len(samples) // most)]
    return directions_of(np.vstack([own, some, -some, random]))


def directions_of(U: Array) -> Array:
    """Return the rows over their lengths, without those that are 0."""
    norms = np.linalg.norm(U, axis=1)
    return np.asarray(U[norms > 0] / norms[norms > 0, None])


def ascend(U: Array, X1: Array, g: Array, leak: float) -> tuple[Array, Array]:
    """Return the slopes and the directions that gradient ascent on the sphere reaches from directions U (m, d + 1)."""
    slope, grad = slope_of(U, X1, g, leak)
    size = 0.1 / np.maximum(np.linalg.norm(grad, axis=1), 1e-300)
    for _ in range(STEPS):
        size = np.minimum(size, FAR / np.maximum(np.linalg.norm(grad, axis=1), 1e-300))
        new = U + size[:, None] * grad
        new /= np.linalg.norm(new, axis=1, keepdims=True)
        new_slope, new_grad = slope_of(new, X1, g, leak)
        up = new_slope > slope
        U, slope, grad = (
            np.where(up[:, None], new, U),
            np.where(up, new_slope, slope),
            np.where(up[:, None], new_grad, grad),
        )
        size = size * np.where(up, 1.5, 0.5)
    return slope, U


def slope_of(U: Array, X1: Array, g: Array, leak: float) -> tuple[Array, Array]:
    """Return the slopes of units of directions U, and their gradients."""
    Z = X1 @ U.T
    gates = np.where(Z > 0, 1.0, leak)
    sums = (gates * Z).T @ g
    slope = np.linalg.norm(sums, axis=1)
    outgoing = sums / np.maximum(slope, 1e-300)[:, None]
    return slope, (gates * (g @ outgoing.T)).T @ X1
