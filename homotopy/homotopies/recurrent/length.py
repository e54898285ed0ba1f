"""Sequences that grow: the steps of a recurrent net's loss open one after the other."""

from __future__ import annotations

from typing import Any, ClassVar

from homotopy.arguments import number
from homotopy.doors import door
from homotopy.homotopies.general.moving import Moving
from homotopy.objectives.facets import offered
from homotopy.objectives.flops import flops_of

__all__ = ["Length", "first_length"]

SHORT, LONG = 4, 8
"""The first length where nobody says: as many steps as there are hidden units, within these bounds."""


@door
class Length(Moving):
    r"""A net that is trained on longer and longer beginnings of its sequences.

    Parameters
    ----------
    objective : Objective
        The true problem: a recurrent net whose loss is at all steps.
    start : float or None
        The length at t = 0, from 1 to the last step that counts; None is `first_length`, or the first step that counts
        where that is later.

    Attributes
    ----------
    first : float
        That length.

    Raises
    ------
    ArgumentError
        If the objective has no sequences that could be shorter, or a loss at the last step alone, or `start` is
        outside its range.

    Notes
    -----
    With T steps up to the last one that counts, :math:`L(t) = L_0 (T / L_0)^t` and
    :math:`\phi_s(t) = r(L(t) - s + 1)`, where r rises from 0 at 0 to 1 at 1 as :math:`u^2 (3 - 2 u)`, the
    loss :math:`\ell_s` of step s counts

    .. math:: H(x, t) = \frac{\sum_s \phi_s(t) \, \ell_s(x)}{\sum_s \phi_s(t)} + \tfrac12 \lambda |x|^2.

    Only the first :math:`\lceil L(t) \rceil` steps are run, and charged: at t = 0 that is the problem of length
    :math:`L_0`. The method `length` doubles the length instead, and gives up starts that fail on short sequences.
    """

    needs: ClassVar[tuple[str, ...]] = ("shorter",)

    def __init__(self, objective: Any, start: float | None = None) -> None:
        self.objective = self.accepted(objective)
        self.n_steps = int(objective.n_run)
        if start is None:
            self.first = float(max(min(first_length(objective), self.n_steps), objective.first_counted))
        else:
            allowed = f"a number from 1 to the {self.n_steps} steps of the sequences"
            self.first = number("start", start, allowed, least=1, most=self.n_steps)
        self._follow(objective.opened(self.first))

    @classmethod
    def reason(cls, objective: Any) -> str | None:
        """Return None if the homotopy can be built on an objective, else why not, in one sentence."""
        reason = super().reason(objective)
        if reason is None and not objective.every_step:
            return "the loss is at the last step of each sequence alone, and no step could open before it"
        return reason

    def length(self, t: float) -> float:
        """Return L(t), the steps that count at t, the last of them in part."""
        return float(self._moving.length(t))

    @property
    def flops(self) -> float:
        """Flops of one `value_and_grad` where all steps are run."""
        return flops_of(self.objective)

    def flops_at(self, t: float) -> float:
        """Return the flops of one `value_and_grad` at t: those of the steps that are run."""
        return float(self._moving.flops_at(t))


def first_length(objective: Any) -> int:
    """Return how many steps to begin with: about as many as the net has hidden units, all where there are fewer.

    Shorter problems leave the net open, longer ones cost more and are no easier.
    """
    width = objective.units().width if offered(objective, "units") else SHORT
    return min(max(SHORT, min(width, LONG)), int(objective.n_steps))
