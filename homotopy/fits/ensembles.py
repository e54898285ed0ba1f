"""Several nets from different starts, whose predictions are averaged."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator, integer
from homotopy.doors import door, doors
from homotopy.fits.sample import Sample
from homotopy.fits.scores import mean
from homotopy.fits.training import Fit, Training, train
from homotopy.models.losses import Loss
from homotopy.objectives.base import Seed

__all__ = ["Ensemble", "ensemble"]

Array = NDArray[np.float64]


@doors
@dataclass(frozen=True, eq=False)
class Ensemble:
    """Nets of one shape, `fits`, and the loss by which they were trained."""

    fits: tuple[Fit, ...]
    loss: Loss

    @property
    def best(self) -> Fit:
        """The net of the lowest objective."""
        return min(self.fits, key=lambda fit: fit.value)

    def predict(self, X: Array) -> Array:
        """Return the mean over the nets of their probabilities, or of their numbers, shape (n, k)."""
        return mean([fit.outputs(X) for fit in self.fits], self.loss)


@door
def ensemble(
    sample: Sample,
    how: Training,
    members: int,
    *,
    alpha: float,
    rng: Seed = None,
    one: Callable[..., Fit] = train,
) -> Ensemble:
    """Return so many nets, each trained from starts of its own.

    Parameters
    ----------
    sample : Sample
        The data, all of them for every net.
    how : Training
        Net and method; the gradients of the budget are those of one net, the seconds those of all together.
    members : int
        Nets.
    alpha : float
        The weight of the penalty.
    rng : Generator, int or None
        Draws the starts.
    one : callable
        What trains one net, called as `train` is; StopIteration from it ends with the nets that there are.

    Raises
    ------
    ArgumentError
        If there is not one net at least, or as `train` does.
    """
    members = integer("ensemble", members)
    begun = time.perf_counter()
    fits: list[Fit] = []
    for left, child in zip(range(members, 0, -1), children(rng, members), strict=True):
        seconds = (how.budget.seconds - (time.perf_counter() - begun)) / left
        if fits and seconds <= 0.0:
            break
        try:
            fits.append(one(sample, how.within(seconds), alpha=alpha, rng=child))
        except StopIteration:
            break
    return Ensemble(tuple(fits), sample.loss)


def children(rng: Any, count: int) -> Sequence[np.random.Generator]:
    """Return generators of their own; the first ones do not depend on how many there are."""
    return generator("rng", rng).spawn(count)
