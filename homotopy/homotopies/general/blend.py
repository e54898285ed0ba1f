"""Two objectives of the same variables, one blended into the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from homotopy._core.family import Family
from homotopy.arguments import number
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.homotopies.easy import solve_easy
from homotopy.models.samples import nearest, rooted
from homotopy.objectives.base import Objective, Seed, Vector, compiled, drawn
from homotopy.objectives.facets import offered, require
from homotopy.objectives.family import Homotopy
from homotopy.objectives.outputs import Subset, inputs_of

__all__ = ["Blend", "ConvexLoss", "Data"]


@door
class Blend(Homotopy):
    """H = (1 - t) easy + t objective.

    Parameters
    ----------
    easy, objective : Objective
        Two functions of as many variables.
    x0 : ndarray of shape (n,) or None
        Where `start` begins to solve the easy problem; None draws it.

    Raises
    ------
    ArgumentError
        If the sizes differ.
    """

    def __init__(self, easy: Objective, objective: Objective, *, x0: Vector | None = None) -> None:
        if easy.size != objective.size:
            raise ArgumentError(f"easy has {easy.size} variables and objective {objective.size}; they must be as many")
        self.easy, self.objective, self.size = easy, objective, objective.size
        self.x0 = None if x0 is None else np.array(x0, dtype=np.float64)

    def value_and_grad(self, x: Vector, t: float) -> tuple[float, Vector]:
        """Return H(x, t) and its gradient in x, shape (n,)."""
        (e, eg), (f, fg) = self.easy.value_and_grad(x), self.objective.value_and_grad(x)
        return (1.0 - t) * e + t * f, (1.0 - t) * eg + t * fg

    def hessp(self, x: Vector, t: float, v: Vector) -> Vector:
        """Return the Hessian of H(., t) at x times v, shape (n,)."""
        return (1.0 - t) * self.easy.hessp(x, v) + t * self.objective.hessp(x, v)

    def dt(self, x: Vector, t: float) -> float:
        """Return the partial derivative in t: the difference of the two."""
        return self.objective.value(x) - self.easy.value(x)

    def dt_grad(self, x: Vector, t: float) -> Vector:
        """Return the partial derivative in t of the gradient, shape (n,)."""
        return self.objective.grad(x) - self.easy.grad(x)

    def capsule(self) -> Any | None:
        """Return the path as compiled loops see it, or None where one of the two is not compiled."""
        easy, inner = compiled(self.easy), compiled(self.objective)
        if easy is None or inner is None:
            return None
        return Family(inner, easy=easy, weights=(0.0, 1.0)).capsule()

    def start(self, rng: Seed = None) -> Vector:
        """Return a stationary point of the easy problem, from x0 or from random variables that `rng` draws."""
        return solve_easy(self, drawn(self.objective, rng) if self.x0 is None else self.x0)


@door
class ConvexLoss(Blend):
    """The loss that matches the output activation, blended into the squared loss.

    Parameters
    ----------
    objective : Objective
        The squared loss of a net with a logistic output, targets in [0, 1].

    Raises
    ------
    ArgumentError
        If the objective is another.

    Notes
    -----
    The logistic loss matches the logistic output: without a hidden layer the easy problem is convex, while the
    squared loss of one such unit may have exponentially many minima.

    References
    ----------
    P. Auer, M. Herbster and M. K. Warmuth, "Exponentially many local minima for single neurons", NIPS 1995.
    """

    needs = ("matched",)

    def __init__(self, objective: Any) -> None:
        super().__init__(self.accepted(objective).matched(), objective)


@door
class Data(Blend):
    """A simpler data set blended into the true one.

    Parameters
    ----------
    objective : Objective
        The true problem; one that offers ``resampled``.
    X : array_like of shape (m, d)
        Inputs of the simpler data.
    y : array_like of shape (m,) or (m, k)
        Their targets.
    weights : array_like of shape (m,) or None
        What each of them counts; None counts all alike.

    Raises
    ------
    ArgumentError
        If the objective is another.

    Notes
    -----
    With a part of the samples it is a curriculum by sample weights; with smoothed targets, smoothed data.
    """

    needs = ("resampled",)

    def __init__(self, objective: Any, X: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None) -> None:
        more = () if weights is None else (weights,)
        super().__init__(self.accepted(objective).resampled(X, y, *more), objective)

    @staticmethod
    def easiest(objective: Any, share: float = 0.5) -> Blend:
        """Return the curriculum that begins with the samples nearest to their linear regression.

        Parameters
        ----------
        objective : Objective
            The true problem, with outputs.
        share : float
            The part of the samples to begin with, above 0 and at most 1; where they have weights, of these.

        Raises
        ------
        ArgumentError
            If the objective has no outputs, or the share is outside (0, 1].
        """
        require(objective, ("outputs",))
        share = number("share", share, "above 0 and at most 1", above=0, most=1)
        outputs = objective.outputs
        inputs, y = inputs_of(outputs), np.asarray(outputs.targets)
        A = np.column_stack([inputs, np.ones(len(inputs))])
        weights = outputs.loss.weights
        line = np.linalg.lstsq(rooted(A, weights), rooted(y, weights), rcond=None)[0]
        keep, counts = nearest(np.linalg.norm(y - A @ line, axis=1), share, weights)
        if offered(objective, "resampled") and inputs.shape[1]:
            return Data(objective, inputs[keep], y[keep], weights=counts)
        return Blend(Subset(objective, keep, counts), objective)
