"""A strong penalty of the weights, relaxed to the true one."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.homotopies.general.moving import Moving, needs_risk
from homotopy.models.activations import activation
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.units.dictionary import draw_units

__all__ = ["WeightDecay", "largest_decay"]


class WeightDecay(Moving):
    r"""A penalty of the weights that falls to the true one.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem, with its own l2.
    l2 : float or None
        The penalty at t = 0, at least the objective's; None is a hundredth of `largest_decay`, or ten times the
        objective's where that is more.

    Raises
    ------
    ArgumentError
        If the objective is no EmpiricalRisk, or l2 is below its own.

    Notes
    -----
    .. math:: H(x, t) = \ell(x) + \tfrac12 (\lambda_0 + t (\lambda - \lambda_0)) |x|^2

    For one hidden layer of relu units the penalty on both layers is the total variation norm of the measure over
    units, so that the wide net's problem is convex in that measure.
    """

    def __init__(self, objective: EmpiricalRisk, l2: float | None = None) -> None:
        self.objective = needs_risk(objective, "WeightDecay")
        self.size = objective.size
        if l2 is None:
            l2 = max(0.01 * largest_decay(objective), 10.0 * objective.l2)
        if not (np.isfinite(l2) and l2 >= objective.l2):
            raise ArgumentError(f"l2 must be a number at least the objective's {objective.l2:g}, not {l2!r}")
        self.l2 = float(l2)
        self._moving: Any = objective.deformed(l2=self.l2)


def largest_decay(risk: EmpiricalRisk) -> float:
    r"""Return a bound from below of the penalty from which on the best constant is the best net.

    Notes
    -----
    :math:`\max_{|u| \le 1} |\sum_i g_i \, \mathrm{act}(u \cdot (x_i, 1))|` over 512 fixed random u, g the gradient
    in the outputs at the constant fit. For relu units and squared loss it is beta_max of the group lasso.
    """
    rng = np.random.default_rng(0)
    W, b = draw_units(risk.X, 512, rng)
    size = np.sqrt((W**2).sum(axis=1) + b**2)
    Z = risk.X @ (W / size[:, None]).T + b / size
    mean = np.tile(np.asarray(risk.y).mean(axis=0), (len(risk.y), 1))
    if risk.loss.name == "squared":
        outputs = mean
    else:
        share = np.clip(mean, 1e-6, 1 - 1e-6)
        outputs = np.log(share) - (np.log(1 - share) if risk.loss.name == "logistic" else 0.0)
    g = np.asarray(risk.loss.grad(outputs, risk.y))
    act = activation(risk.model.activation)(Z)
    return float(np.linalg.norm(act.T @ g, axis=1).max())
