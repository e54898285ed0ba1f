"""A net grown out of a dictionary, one unit after the other, as t rises."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import generator, integer, number
from homotopy.doors import door
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.units.rising import ALWAYS, Rising
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.units.growth import Pool, constant

__all__ = ["Greedy"]


@door
class Greedy(Rising):
    r"""The best constant at t = 0; the outgoing weights of unit j of h come in while t goes from j/h to (j + 1)/h.

    Parameters
    ----------
    objective : Objective
        The true problem: one hidden layer, an identity output, biases.
    dictionary : int
        Random units that `start` chooses from, at least 1.
    scale : float
        Factor of their weights where the activation saturates.

    Raises
    ------
    ArgumentError
        If the objective is another, or a number is out of its range.

    Notes
    -----
    At t = j/h the problem is that of a net of j units, all of whose weights are trained: the fully corrective steps
    of conditional gradient in the convex problem of a measure over units. Units that have not begun have no gradient:
    where the objective has an l2, all weights of a unit come in together, so that it pays for what there is of it.
    `start` chooses them all beforehand, each as the best for what the ones before leave over. The method `greedy`
    takes the steps at t = 1/h, 2/h, ... and chooses each unit for what the *trained* ones leave over; that, and not
    the continuous path, is what solves the spirals.

    References
    ----------
    F. Bach, "Breaking the curse of dimensionality with convex neural networks", JMLR 18 (2017), section 2.
    """

    needs = ("growth",)
    x0: Vector | None = None

    def __init__(self, objective: Any, *, dictionary: int = 256, scale: float = 3.0) -> None:
        self.accepted(objective)
        dictionary, scale = integer("dictionary", dictionary), number("scale", scale, "positive", above=0, below=inf)
        units = objective.growth()
        begin = np.full(objective.size, ALWAYS[0])
        end = np.full(objective.size, ALWAYS[1])
        for bounds, first in ((begin, 0), (end, 1)):
            window = (np.arange(units.width) + first) / units.width
            W, b, outgoing, _ = units.layers(bounds)
            outgoing[:] = window
            if objective.l2:
                W[:], b[:] = window[:, None], window
        super().__init__(objective, begin, end)
        self.dictionary, self.scale = dictionary, scale

    def start(self, rng: Seed = None) -> Vector:
        """Return the best constant output beside the units of x0, or beside units that a dictionary of `rng` offers."""
        if self.x0 is not None:
            return solve_easy(self, self.x0)
        true: Any = self.objective
        units = true.growth()
        h = units.width
        pool = Pool(units, max(self.dictionary, h), generator("rng", rng), self.scale)
        x = constant(true)
        for width in range(h):
            x = pool.add(x, width, 1)
        return solve_easy(self, x)
