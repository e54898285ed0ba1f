"""What a risk tells of its sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.objectives.recurrent.sequences import Sequences

__all__ = ["ToldSequences"]

Array = NDArray[Any]


class ToldSequences:
    """The parts of prepared sequences as attributes of a risk of them."""

    sequences: Sequences

    @property
    def X(self) -> Array:  # noqa: N802
        """The inputs, shape (n, T, d)."""
        return self.sequences.X

    @property
    def y(self) -> Array:
        """The targets, of shape (n, k) or (n, T, k)."""
        return self.sequences.y

    @property
    def weights(self) -> NDArray[np.float64] | None:
        """What each sequence counts, one on the mean; None where all count alike."""
        return self.sequences.weights

    @property
    def steps(self) -> NDArray[np.float64] | None:
        """What each step counts over the most that one does, shape (n, T); None where all count alike."""
        return self.sequences.steps

    @property
    def lengths(self) -> NDArray[np.int64] | None:
        """How many steps each sequence has; None where all have T."""
        return self.sequences.lengths

    @property
    def state(self) -> Array | None:
        """The states before the first step, where they are given."""
        return self.sequences.state

    @property
    def n_steps(self) -> int:
        """The number T of steps."""
        return int(self.X.shape[1])

    @property
    def n_run(self) -> int:
        """How many of them are run of the longest sequence: up to the last one that counts."""
        return self.sequences.used

    @property
    def first_counted(self) -> int:
        """The number of the first step that counts, from 1 on."""
        return int(np.argmax(self.sequences.counts.any(axis=0))) + 1

    @property
    def every_step(self) -> bool:
        """Whether there are targets of all steps."""
        return self.sequences.every_step

    @property
    def autonomous(self) -> bool:
        """Whether inputs are zero behind the first step of every sequence."""
        return not self.X[:, 1:].any()
