"""What a net is compared with: the best constant, and a linear model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import generator
from homotopy.doors import door
from homotopy.fits.penalties import penalty_path
from homotopy.fits.sample import Sample
from homotopy.fits.scores import predicted
from homotopy.fits.training import Fit, Training, train
from homotopy.objectives.base import Seed

__all__ = ["constant", "linear"]


@door
def constant(sample: Sample) -> NDArray[np.float64]:
    """Return the best constant prediction, shape (k,): the mean, or the shares of the classes.

    Examples
    --------
    >>> constant(Sample.of([[0.0], [1.0], [2.0]], [0, 1, 1], "softmax")).round(3)
    array([0.333, 0.667])
    """
    mean = np.average(sample.y, axis=0, weights=sample.weights)
    return np.asarray(predicted(sample.loss.link(mean)[None], sample.loss)[0])


@door
def linear(sample: Sample, how: Training, *, alpha: float | None = None, rng: Seed = None) -> Fit:
    """Return ridge, logistic or softmax regression: a net without hidden layer, whose objective is convex.

    Parameters
    ----------
    sample : Sample
        The data.
    how : Training
        Budget and tolerance; the hidden layers and the method do not count.
    alpha : float or None
        The weight of the penalty, biases included; None chooses it by five-fold cross-validation (`penalty_path`).
    rng : Generator, int or None
        Deals the rows.

    Raises
    ------
    DataError
        If there are fewer than five rows to choose the penalty by.
    """
    how = replace(how, hidden=(), method="lbfgs", n_starts=1)
    drawn = generator("rng", rng)
    if alpha is None:
        alpha = penalty_path(sample, how, rng=drawn).best
    return train(sample, how, alpha=alpha, rng=drawn)
