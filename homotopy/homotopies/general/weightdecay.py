"""A strong penalty of the weights, relaxed to the true one."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from homotopy.arguments import number
from homotopy.doors import door
from homotopy.homotopies.general.moving import Moving
from homotopy.homotopies.units.rising import ALWAYS, Rising
from homotopy.objectives.base import drawn
from homotopy.objectives.facets import offered
from homotopy.objectives.units.dictionary import draw_units

__all__ = ["WeightDecay", "first_decay", "largest_decay"]


@door
class WeightDecay(Moving):
    r"""A penalty of the weights that falls to the true one.

    Parameters
    ----------
    objective : Objective
        The true problem, with its own l2; a net with outputs.
    l2 : float or None
        The penalty at t = 0, at least the objective's; None is a hundredth of `largest_decay` or, where that is more,
        ten times the objective's, but above it at most a tenth of `largest_decay`.

    Raises
    ------
    ArgumentError
        If the objective has no outputs, or l2 is below its own.

    Notes
    -----
    .. math:: H(x, t) = \ell(x) + \tfrac12 (\lambda_0 + t (\lambda - \lambda_0)) |x|^2

    For one hidden layer of relu units the penalty on both layers is the total variation norm of the measure over
    units, so that the wide net's problem is convex in that measure.
    """

    needs = ("outputs",)

    def __init__(self, objective: Any, l2: float | None = None) -> None:
        self.objective = self.accepted(objective)
        own = float(getattr(objective, "l2", 0.0))
        self.l2 = first_decay(objective, l2)
        if offered(objective, "deformed"):
            self._follow(objective.deformed(l2=self.l2))
        else:  # all variables count in full, and the pull to zero falls
            self._follow(Rising(objective, *(np.full(self.objective.size, at) for at in ALWAYS), ridge=self.l2 - own))


def first_decay(objective: Any, l2: float | None = None, *, times: float = 10.0) -> float:
    """Return the penalty to begin with: the one that is given, or the one that the objective calls for.

    That is a hundredth of `largest_decay`, or `times` the objective's own where that is more; but of what is above the
    own one no more than brings it to a tenth of `largest_decay`, for near that all weights vanish, and stay there.

    Raises
    ------
    ArgumentError
        If the one that is given is below the objective's own.
    """
    own = float(getattr(objective, "l2", 0.0))
    if l2 is None:
        most = largest_decay(objective)
        l2 = max(0.01 * most, own, min(times * own, 0.1 * most))
    return number("l2", l2, f"a number at least the objective's {own:g}", least=own, below=inf)


def largest_decay(objective: Any) -> float:
    r"""Return a bound from below of the penalty from which on the best constant is the best net.

    Notes
    -----
    :math:`\max_{|u| \le 1} |\sum_i g_i \, \mathrm{act}(u \cdot (x_i, 1))|` over 512 fixed random u, g the gradient
    in the outputs at the constant fit. For relu units and squared loss it is beta_max of the group lasso. Where
    nothing is known of the units, it is the largest :math:`|J(x)^T g| / |x|` over 16 fixed random points x.
    """
    outputs = objective.outputs
    loss, y = outputs.loss, np.asarray(outputs.targets)
    g = np.asarray(loss.grad(np.tile(loss.constant(y), (len(y), 1)), y))
    hidden = getattr(outputs, "hidden", None)
    if hidden is None:  # no activation that random units could have
        points = [drawn(objective, seed) for seed in range(16)]
        return max(float(np.linalg.norm(outputs.vjp(x, g)) / (np.linalg.norm(x) + 1e-300)) for x in points)
    rng = np.random.default_rng(0)
    W, b = draw_units(outputs.inputs, 512, rng, weights=loss.weights)
    size = np.sqrt((W**2).sum(axis=1) + b**2)
    Z = outputs.inputs @ (W / size[:, None]).T + b / size
    return float(np.linalg.norm(hidden(Z).T @ g, axis=1).max())
