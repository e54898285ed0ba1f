"""A linear net whose activation bends into the true one."""

from __future__ import annotations

from typing import Any

from homotopy.errors import ArgumentError
from homotopy.homotopies.general.moving import Moving, needs_risk
from homotopy.objectives.risk import EmpiricalRisk

__all__ = ["Activation"]


class Activation(Moving):
    """Hidden activations ``a_t(z) = (1 - t) z + t act(z)``.

    Parameters
    ----------
    objective : EmpiricalRisk
        The true problem, with at least one hidden layer.

    Raises
    ------
    ArgumentError
        If the objective is no EmpiricalRisk or has no hidden layer.

    Notes
    -----
    H(., 0) is a linear net, whose only minima are global (Baldi and Hornik 1989), though it is not convex in its
    weights.

    References
    ----------
    Q. Yang, Y. Chen and W. Hao, "Homotopy relaxation training algorithms", arXiv 2309.15244.
    """

    def __init__(self, objective: EmpiricalRisk) -> None:
        risk = needs_risk(objective, "Activation")
        if len(risk.model.sizes) < 3:
            raise ArgumentError("objective has a net without hidden layers; Activation needs one")
        self.objective, self.size = risk, risk.size
        self._moving: Any = risk.deformed(mix=True)
