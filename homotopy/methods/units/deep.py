"""Two hidden layers grown unit by unit and made narrow again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, positive
from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.method import BatchMethod
from homotopy.methods.batch.recipes import PATIENT
from homotopy.methods.units.greedy import CURVATURE, cannot_grow
from homotopy.models.activations import activation
from homotopy.models.mlp import MLP
from homotopy.naming import spelled
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.objectives.units.dictionary import best_unit, draw_units
from homotopy.problems.base import Problem

__all__ = ["DeepGreedy", "Layers", "Widths"]

Layers = list[tuple[NDArray[np.float64], Any]]
"""W and b of each layer."""


class DeepGreedy(BatchMethod):
    """Grow the second hidden layer unit by unit over a random first one, train, take the surplus of both away.

    Parameters
    ----------
    dictionary : int
        Random second-layer units to choose from at each step.
    evaluations : int
        L-BFGS evaluations of all weights after each unit.
    first, second : float
        Surplus of the two layers, as a part of their widths.

    Raises
    ------
    ArgumentError
        If the dictionary or the evaluations are below 1, or a decay is negative.

    Notes
    -----
    1. The first layer is random (`homotopies.dictionary.draw_units`); each further unit of the second layer is the one
       that fits the residual best out of a fresh dictionary on the first layer's outputs.
    2. L-BFGS, then the optimal brain surgeon with compensation in the next layer's rows, one unit at a time from the
       layer that is wider by comparison, 60 evaluations between.

    Evaluations of other widths are charged by their numbers of weights, a removal one, a look into the dictionary by
    its flops. The problem's start is not used.
    """

    reference = "conditional gradient over units, see greedy; Hassibi and Stork, NIPS 1992"

    def __init__(self, dictionary: int = 256, evaluations: int = 40, first: float = 0.4, second: float = 0.8) -> None:
        self.dictionary = integer("dictionary", dictionary)
        self.evaluations = integer("evaluations", evaluations)
        self.first = positive("first", first, or_zero=True)
        self.second = positive("second", second, or_zero=True)
        self.name = spelled(self, "greedy-deep")

    def accepts(self, problem: Problem) -> str | None:
        """Return why the net cannot be grown, or None."""
        return cannot_grow(problem, 2)

    def run(self, batch: Batch) -> None:
        """Grow, train, narrow, finish."""
        risk, rows = batch.problem.objective, batch.rows
        if not len(rows):
            return
        net = Widths(risk)  # type: ignore[arg-type]
        h1, h2 = net.true
        wide = (h1 + ceil(self.first * h1), h2 + ceil(self.second * h2))
        layers = [net.begin(wide[0], batch.rng(row)) for row in rows]
        for width in range(1, wide[1] + 1):
            layers = [net.grow(one, self.dictionary, batch.rng(row)) for one, row in zip(layers, rows, strict=True)]
            batch.charge(rows, charged=net.look(self.dictionary, wide[0]))
            if width < wide[1]:
                layers = self._descend(batch, net, rows, layers, most=self.evaluations, share=0.2)
        most, share, now = 200, 0.5, list(wide)
        while now != [h1, h2]:
            layers = self._descend(batch, net, rows, layers, most=most, share=share)
            layer = 0 if now[0] / h1 >= now[1] / h2 and now[0] > h1 else 1
            layers = [net.take_away(one, layer) for one in layers]
            batch.charge(rows, charged=1.0)
            now[layer] -= 1
            most, share = 60, 3.0
        self._descend(batch, net, rows, layers, most=2000, share=1.0)

    def _descend(
        self, batch: Batch, net: Widths, rows: Rows, layers: list[Layers], *, most: int, share: float
    ) -> list[Layers]:
        """Descend all runs, which have the same widths."""
        risk = net.risk(layers[0])
        stage = batch.descend(
            risk,
            np.array([risk.model.pack([*one]) for one in layers]),
            rows,
            name="-".join(str(n) for n in risk.model.sizes),
            recipe=PATIENT,
            cost=net.cost(risk),
            max_evaluations=most,
            target=batch.goal(share),
        )
        return [[(np.array(W), np.array(b)) for W, b in risk.model.unpack(x)] for x in stage.x]


class Widths:
    """The nets of other widths on the same data."""

    def __init__(self, risk: EmpiricalRisk) -> None:
        self.objective = risk
        self.true = (risk.model.sizes[1], risk.model.sizes[2])
        self.act = activation(risk.model.activation)
        self._risks = {(risk.model.sizes, 0.0): risk}
        self.constant_loss = _constant_loss(risk)

    def risk(self, layers: Layers, *, l2: float = 0.0) -> EmpiricalRisk:
        """Return the risk of a net as wide as these layers, with `l2` more penalty than its own."""
        own = self.objective
        sizes = (own.model.sizes[0], *(len(W) for W, _ in layers))
        if (sizes, l2) not in self._risks:
            model = MLP(sizes, own.model.activation)
            self._risks[sizes, l2] = EmpiricalRisk(model, own.loss, own.X, own.y, l2=own.l2 + l2)
        return self._risks[sizes, l2]

    def cost(self, risk: EmpiricalRisk) -> float:
        """Return the cost of a gradient of a net by its number of weights."""
        return _weights(risk.model.sizes) / _weights(self.objective.model.sizes)

    def look(self, count: int, width: int) -> float:
        """Return the cost of a look into a dictionary over a first layer of this width."""
        return count * (width + 2) / (3.0 * _weights(self.objective.model.sizes))

    def outputs(self, layers: Layers, depth: int) -> NDArray[np.float64]:
        """Return what hidden layer `depth` puts out on the data; 0 is the inputs."""
        H = np.asarray(self.objective.X)
        for W, b in layers[:depth]:
            H = self.act(H @ W.T + b)
        return H

    def begin(self, width: int, rng: np.random.Generator) -> Layers:
        """Return a random first layer, an empty second one, and the constant that fits best."""
        risk = self.objective
        W, b = draw_units(risk.X, width, rng, activation=risk.model.activation)
        y = np.asarray(risk.y if risk.loss.name == "squared" else 4.0 * (2.0 * risk.y - 1.0))
        return [(W, b), (np.empty((0, width)), np.empty(0)), (np.empty((y.shape[1], 0)), y.mean(axis=0))]

    def grow(self, layers: Layers, count: int, rng: np.random.Generator) -> Layers:
        """Return the layers with the best of `count` random units in the second one."""
        risk = self.objective
        H, (W2, b2), (outgoing, bias) = self.outputs(layers, 1), layers[1], layers[2]
        outputs = self.outputs(layers, 2) @ outgoing.T + bias if len(W2) else np.tile(bias, (len(H), 1))
        descent = -risk.loss.grad(outputs, risk.y) * len(H) * CURVATURE[risk.loss.name]
        U, u = draw_units(H, count, rng, activation=risk.model.activation, scale=0.7)
        C = self.act(H @ U.T + u)
        j, new = best_unit(C, descent, np.zeros(count, dtype=bool))
        second = (np.vstack([W2, U[j]]), np.append(b2, u[j]))
        return [layers[0], second, (np.column_stack([outgoing, new]), bias - new * C[:, j].mean())]

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
        A = np.column_stack([H, np.ones(len(H))])
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


def _constant_loss(risk: EmpiricalRisk) -> float:
    """Return the loss of the best constant outputs; for squared targets and probabilities that is their mean."""
    mean = np.tile(risk.y.mean(axis=0), (len(risk.y), 1))
    if risk.loss.name == "squared":
        return float(risk.loss.value(mean, risk.y))
    mean = np.clip(mean, 1e-12, 1 - 1e-12)
    logits = np.log(mean) if risk.loss.name == "softmax" else np.log(mean / (1 - mean))
    return float(risk.loss.value(logits, risk.y))


def _weights(sizes: tuple[int, ...]) -> float:
    return float(sum(a * b for a, b in pairwise(sizes)))
