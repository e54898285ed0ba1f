"""A linear net whose activation bends into the true one."""

from __future__ import annotations

from typing import Any

from homotopy.homotopies.general.moving import Moving

__all__ = ["Activation"]


class Activation(Moving):
    """Hidden activations ``a_t(z) = (1 - t) z + t act(z)``.

    Parameters
    ----------
    objective : Objective
        The true problem: the risk of a net with at least one hidden layer, whose activation can be deformed.

    Notes
    -----
    H(., 0) is a linear net, whose only minima are global (Baldi and Hornik 1989), though it is not convex in its
    weights.

    References
    ----------
    Q. Yang, Y. Chen and W. Hao, "Homotopy relaxation training algorithms", arXiv 2309.15244.
    """

    needs = ("deformed", "hidden")

    def __init__(self, objective: Any) -> None:
        self.objective = self.accepted(objective)
        self._follow(objective.deformed(mix=True))
