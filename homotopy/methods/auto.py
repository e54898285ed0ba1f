"""The default: choose a method by what the problem is."""

from __future__ import annotations

from homotopy.methods.baselines import LBFGS
from homotopy.methods.batch import Batch, BatchMethod
from homotopy.methods.multistart import Multistart
from homotopy.methods.skipflip import SkipFlip

__all__ = ["Auto"]


class Auto(BatchMethod):
    """`SkipFlip` where the problem can have a linear path, else L-BFGS; new starts until the target is reached.

    Parameters
    ----------
    restarts : int
        The most starts.
    """

    reference = "the choice is by the rows of the suite; see the methods it names"

    def __init__(self, restarts: int = 1000) -> None:
        self.restarts = restarts
        self.name = "auto" if restarts == 1000 else f"auto:restarts={restarts}"

    def run(self, batch: Batch) -> None:
        """Choose, write down why, and run."""
        skip = SkipFlip()
        reason = skip.accepts(batch.problem)
        chosen: BatchMethod = skip if reason is None else LBFGS()
        why = "the units can be flipped beside a linear path" if reason is None else f"no linear path: {reason}"
        batch.note(range(len(batch)), stage="choice", method=chosen.name, why=why)
        Multistart(chosen, restarts=self.restarts).run(batch)
