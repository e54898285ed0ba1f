"""A part of the data watched while a net is trained: the best point on it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer
from homotopy.doors import door
from homotopy.fits.bounds import gap
from homotopy.fits.sample import Sample
from homotopy.fits.training import Callback, Fit, Training, train
from homotopy.objectives.base import Seed

__all__ = ["Watch", "train_watched"]


class Watch:
    """A callback that looks at each point of a run by the mean loss on data held back, without the penalty.

    Points of a net of another width, as some methods pass through, are not looked at. After `patience` points in a row
    that are no better than the start's best the run is ended; each start has as many of its own.

    Attributes
    ----------
    x : ndarray of shape (p,) or None
        The best point met so far, and its `loss`.
    losses : list of float
        The loss at each point looked at.
    """

    def __init__(self, risk: Any, patience: int, callback: Callback = None) -> None:
        self.risk, self.callback = risk, callback
        self.patience = integer("n_iter_no_change", patience)
        self.x: NDArray[np.float64] | None = None
        self.loss = np.inf
        self.losses: list[float] = []
        self.begin()

    def begin(self) -> None:
        """Begin to count anew, for another start."""
        self._since, self._best = 0, np.inf

    def __call__(self, point: Any) -> None:
        """Look at a point."""
        if self.callback is not None:
            self.callback(point)
        if np.shape(point.x) != (self.risk.size,):
            return
        loss = float(self.risk.value(np.ascontiguousarray(point.x)))
        self.losses.append(loss)
        self._since += 1
        if loss < self.loss:
            self.x, self.loss = np.array(point.x), loss
        if loss < self._best:
            self._best, self._since = loss, 0
        elif self._since >= self.patience:
            raise StopIteration


@door
def train_watched(
    sample: Sample,
    held: Sample,
    how: Training,
    *,
    alpha: float,
    rng: Seed = None,
    start: Any = None,
    patience: int = 100,
    callback: Callback = None,
) -> tuple[Fit, list[float]]:
    """Return the net of the lowest mean loss on data held back among all points of a training, and these losses.

    Each look costs a value on the data held back, which the Fit's cost counts. See `train` for the other parameters.

    Raises
    ------
    ArgumentError
        As `train` does.
    """
    net = sample.net(how.hidden, how.activation)
    watch = Watch(held.risk(net), patience, callback)
    fit = train(sample, how, alpha=alpha, rng=rng, start=start, callback=watch)
    looks = 0.5 * len(watch.losses) * len(held) / len(sample)
    ended = watch.risk.value(fit.theta)
    theta = fit.theta if watch.x is None or ended <= watch.loss else watch.x
    risk = sample.risk(net, alpha)
    better = replace(
        fit, theta=theta, value=float(risk.value(theta)), cost=fit.cost + looks, gap=gap(sample, risk, theta)
    )
    return better, watch.losses
