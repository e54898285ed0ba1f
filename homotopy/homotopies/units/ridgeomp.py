"""Units picked by matching pursuit and frozen, then set free."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import generator, integer, number
from homotopy.doors import door
from homotopy.homotopies.easy import solve_easy
from homotopy.homotopies.units.rising import ALWAYS, Rising
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.units.growth import pursued

__all__ = ["RidgeOMP"]


@door
class RidgeOMP(Rising):
    r"""Ridge regression on units of a dictionary at t = 0; their own weights come in and the ridge goes.

    Parameters
    ----------
    objective : Objective
        The true problem: one hidden layer, an identity output, biases.
    dictionary : int
        Random units to choose from; fewer than the hidden units count as these.
    ridge : float
        Weight of the ridge at t = 0, per sample, positive; it adds to an l2 of the objective.
    rng : Generator, int or None
        Draws the dictionary.

    Raises
    ------
    ArgumentError
        If the objective is another, or a number is out of its range.

    Notes
    -----
    With hidden layer w, the picked one :math:`w_0`, and outgoing weights a,

    .. math:: H(w, a, t) = f(w_0 + s(t) (w - w_0), a) + (1 - t) \frac{\rho}{2} (|a|^2 + |w - w_0|^2),
              \quad s = t^2 (3 - 2 t).

    At t = 0 this is strictly convex for every convex loss; an l2 in f is paid for a and for the weights that count,
    the picked ones. The method `omp` goes from the solution at t = 0 straight to t = 1.

    References
    ----------
    Y. C. Pati, R. Rezaiifar and P. S. Krishnaprasad, Asilomar 1993: orthogonal matching pursuit.
    """

    needs = ("growth",)

    def __init__(self, objective: Any, *, dictionary: int = 64, ridge: float = 0.1, rng: Seed = 0) -> None:
        self.accepted(objective)
        ridge = number("ridge", ridge, "positive", above=0, below=inf)
        units = objective.growth()
        count = max(integer("dictionary", dictionary), units.width)
        pay = ridge + objective.l2
        W, b, outgoing, bias = pursued(units, units.width, generator("rng", rng), dictionary=count, ridge=pay)
        begin = units.pack(np.zeros_like(W), np.zeros_like(b), np.full_like(outgoing, ALWAYS[0]), 0 * bias + ALWAYS[0])
        end = units.pack(np.ones_like(W), np.ones_like(b), np.full_like(outgoing, ALWAYS[1]), 0 * bias + ALWAYS[1])
        super().__init__(objective, begin, end, rest=units.pack(W, b, 0 * outgoing, 0 * bias), ridge=ridge)
        self._fit = units.pack(W, b, outgoing, bias)

    def start(self, rng: Seed = None) -> Vector:
        """Return the solution of the ridge problem; `rng` is not used."""
        return solve_easy(self, self._fit)
