"""The two hidden layers of a net on data, whose widths change unit by unit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.models.activations import activation
from homotopy.models.mlp import MLP
from homotopy.models.samples import mean_of, rooted
from homotopy.objectives.units.dictionary import best_unit, draw_units

__all__ = ["Layers", "Widths"]

Layers = list[tuple[NDArray[np.float64], Any]]
"""W and b of each layer."""


class Widths:
    """The nets of other widths on the same data."""

    def __init__(self, risk: Any) -> None:
        self.objective, self.samples = risk, risk.samples
        self.true = (risk.model.sizes[1], risk.model.sizes[2])
        self.act = activation(risk.model.activation)
        self._risks = {(risk.model.sizes, 0.0): risk}
        loss, y = risk.outputs.loss, self.samples.y
        self.constant_loss = float(loss.value(np.tile(loss.constant(y), (len(y), 1)), y))

    def risk(self, layers: Layers, *, l2: float = 0.0) -> Any:
        """Return the risk of a net as wide as these layers, with `l2` more penalty than its own."""
        own = self.objective
        sizes = (own.model.sizes[0], *(len(W) for W, _ in layers))
        if (sizes, l2) not in self._risks:
            self._risks[sizes, l2] = own.changed(model=MLP(sizes, own.model.activation), l2=own.l2 + l2)
        return self._risks[sizes, l2]

    def look_flops(self, count: int, width: int) -> float:
        """Return the flops of a look into a dictionary over a first layer of this width."""
        n, k = (int(m) for m in self.samples.y.shape)
        return n * count * (2.0 * (width + 1 + k) + self.act.flops)

    def removal_flops(self, layers: Layers, layer: int) -> float:
        """Return the flops of one list of removals from a hidden layer."""
        widths = [int(self.objective.X.shape[1]), *(len(W) for W, _ in layers)]
        n, m = len(self.samples), widths[layer + 1] + 1
        passes = sum(n * widths[i + 1] * (2.0 * widths[i] + self.act.flops) for i in range(layer + 1))
        return passes + n * m * m + 2.0 * m**3 + 2.0 * m * m * widths[layer + 2]

    def outputs(self, layers: Layers, depth: int) -> NDArray[np.float64]:
        """Return what hidden layer `depth` puts out on the data; 0 is the inputs."""
        H = np.asarray(self.samples.X)
        for W, b in layers[:depth]:
            H = self.act(H @ W.T + b)
        return H

    def begin(self, width: int, rng: np.random.Generator) -> Layers:
        """Return a random first layer, an empty second one, and the constant that fits best."""
        W, b = self.drawn(self.samples.X, width, rng)
        y = self.objective.loss.regression_targets(self.samples.y)
        mean = mean_of(y, self.samples.weights)
        return [(W, b), (np.empty((0, width)), np.empty(0)), (np.empty((y.shape[1], 0)), mean)]

    def drawn(
        self, H: NDArray[np.float64], count: int, rng: np.random.Generator, scale: float = 1.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return W and b of random units (`draw_units`) on what stands before their layer, H of shape (N, m)."""
        return draw_units(H, count, rng, activation=self.act, scale=scale, weights=self.samples.weights)

    def grow(self, layers: Layers, count: int, rng: np.random.Generator) -> Layers:
        """Return the layers with the best of `count` random units in the second one."""
        loss, y, weights = self.objective.loss, self.samples.y, self.samples.weights
        H, (W2, b2), (outgoing, bias) = self.outputs(layers, 1), layers[1], layers[2]
        outputs = self.outputs(layers, 2) @ outgoing.T + bias if len(W2) else np.tile(bias, (len(H), 1))
        descent = -loss.grad(outputs, y) * len(H) / loss.curvature
        U, u = self.drawn(H, count, rng, 0.7)
        C = self.act(H @ U.T + u)
        j, new = best_unit(C, descent, np.zeros(count, dtype=bool), weights=weights)
        second = (np.vstack([W2, U[j]]), np.append(b2, u[j]))
        return [layers[0], second, (np.column_stack([outgoing, new]), bias - new * mean_of(C[:, j], weights))]

    def take_away(self, layers: Layers, layer: int) -> Layers:
        """Return the layers with the cheapest unit of a hidden layer taken away, compensated in the next one."""
        return next(self.removals(layers, layer))

    def take_best(self, layers: Layers, layer: int, count: int) -> Layers:
        """Return the best, by the risk, of the `count` cheapest removals."""
        without = list(islice(self.removals(layers, layer), count))
        risk = self.risk(without[0])
        return min(without, key=lambda one: risk.value(risk.model.pack([*one])))

    def removals(self, layers: Layers, layer: int) -> Iterator[Layers]:
        """Yield the layers with one unit fewer in a hidden layer, the cheapest for the next layer's inputs first."""
        H = self.outputs(layers, layer + 1)
        A = rooted(np.column_stack([H, np.ones(len(H))]), self.samples.weights)
        G = np.linalg.inv(A.T @ A / len(H) + 1e-8 * np.eye(A.shape[1]))
        W, b = layers[layer + 1]
        rows: Any = np.vstack([W.T, b])
        h = W.shape[1]
        for j in np.argsort((rows[:h] ** 2).sum(axis=1) / np.diag(G)[:h], kind="stable"):
            left = rows - np.outer(G[:, j], rows[j] / G[j, j])
            keep = np.arange(h) != j
            new = list(layers)
            new[layer] = (layers[layer][0][keep], layers[layer][1][keep])
            new[layer + 1] = (np.ascontiguousarray(left[:h][keep].T), left[h].copy())
            yield new
