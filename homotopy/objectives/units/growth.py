"""Nets put together out of a dictionary of random units, without any descent.

`Pool` and `pursued` make one net, in NumPy; for many at once `RiskUnits` has them compiled, and tests compare the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.models.samples import mean_of, rooted
from homotopy.objectives.base import Vector
from homotopy.objectives.units.dictionary import balance, best_units, draw_units, pursue
from homotopy.objectives.units.onrisk import RiskUnits

__all__ = ["Pool", "constant", "look_flops", "pursued", "pursuit_flops"]

FETCHED = 6.0
"""Flops in the time that an output of a large dictionary takes to go to memory or to come from there."""


def constant(risk: Any) -> NDArray[np.float64]:
    """Return the constant outputs, shape (k,), that a net without units begins with."""
    return mean_of(risk.loss.regression_targets(risk.samples.y), risk.samples.weights)


class Pool:
    """A dictionary of `count` random units that one net is grown from.

    Their weights are multiplied by `scale` where the activation is not homogeneous.
    """

    def __init__(self, units: RiskUnits, count: int, rng: np.random.Generator, scale: float) -> None:
        act = units.activation
        self.units = units
        self.homogeneous = act.homogeneous
        own = units.samples
        factor = 1.0 if self.homogeneous else scale
        self.W, self.b = draw_units(own.X, count, rng, activation=act, scale=factor, weights=own.weights)
        self.H = units.hidden(self.W, self.b)
        self.used = np.zeros(count, dtype=bool)

    def add(self, x: Vector, width: int, count: int) -> Vector:
        """Return x, the point of a net of this width, with the best `count` units of the dictionary appended.

        A net of width zero is its constant outputs.
        """
        if self.used.sum() + count > len(self.used):
            self.used[:] = False
        layers = self.units.layers(x) if width else None
        if layers is None:
            outputs, bias = np.tile(x, (len(self.H), 1)), x
        else:
            outputs, bias = self.units.hidden(layers[0], layers[1]) @ layers[2].T + layers[3], layers[3]
        parts = [] if layers is None else [layers[:3]]
        weights = self.units.samples.weights
        for j in best_units(self.H, self._descent(outputs), self.used, count, weights=weights):
            mean = mean_of(self.H[:, j], weights)
            centered = self.H[:, j] - mean
            counted = centered if weights is None else weights * centered
            new = counted @ self._descent(outputs) / (counted @ centered + 1e-18)
            outputs, bias = outputs + np.outer(centered, new), bias - new * mean
            one: tuple[Any, Any, Any] = (self.W[j : j + 1], self.b[j : j + 1], new[:, None])
            parts.append(balance(*one) if self.homogeneous else one)
            self.used[j] = True
        W, b, outgoing = zip(*parts, strict=True)
        return self.units.pack(np.vstack(W), np.concatenate(b), np.column_stack(outgoing), bias)

    def _descent(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the change of the outputs that is wanted, whatever the samples count."""
        loss, y = self.units.objective.loss, self.units.samples.y
        return np.asarray(-loss.grad(outputs, y) * len(y) / loss.curvature)


def pursued(
    units: RiskUnits, width: int, rng: np.random.Generator, *, dictionary: int, ridge: float
) -> tuple[Any, Any, Any, Any]:
    """Return W, b, outgoing weights and output bias of `width` units that matching pursuit takes, fitted by a ridge.

    They come from a `dictionary` of so many random units, at least `width`. The weight of the ridge is per sample; the
    bias is penalized too.
    """
    own = units.samples
    W, b = draw_units(own.X, dictionary, rng, activation=units.activation, weights=own.weights)
    H, target = units.hidden(W, b), units.objective.loss.regression_targets(own.y)
    taken = pursue(H, target, width, weights=own.weights)
    rest = np.setdiff1d(np.arange(dictionary), taken)[: width - len(taken)]
    taken = np.concatenate([taken, rest])
    A = rooted(np.column_stack([H[:, taken], np.ones(len(H))]), own.weights)
    target = rooted(target, own.weights)
    fit = np.linalg.solve(A.T @ A / len(A) + ridge * np.eye(width + 1), A.T @ target / len(A))
    return W[taken], b[taken], fit[:-1].T, fit[-1]


def look_flops(units: RiskUnits, count: int, width: int) -> float:
    """Return the flops of one look into a dictionary of `count` units for a net of this width.

    The first look, at width zero, draws the dictionary and computes its outputs, a later one those of the net.
    """
    n, k = units.n_samples, units.n_outputs
    look = n * count * (2.0 * k + FETCHED)
    if width:
        return units.hidden_flops(width) + 2.0 * n * k * width + look
    return units.drawn_flops(count) + units.hidden_flops(count) + n * count * (3.0 + FETCHED) + look


def pursuit_flops(units: RiskUnits, count: int, width: int) -> float:
    """Return the flops of `pursued`: `count` units drawn, `width` of them taken and fitted.

    Inner products are those of the taken units with all, or where many are taken half of those of all with all.
    """
    n, k = units.n_samples, units.n_outputs
    inner = count if 3 * width >= count else 2.0 * (width - 1)
    outputs = units.hidden_flops(count) + n * count * (3.0 + 2.0 * (k + 1) + inner)
    return units.drawn_flops(count) + outputs + (width + 1) ** 3 / 3.0
