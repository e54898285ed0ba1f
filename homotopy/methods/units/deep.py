"""Two hidden layers grown unit by unit and made narrow again."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from homotopy.arguments import integer, positive
from homotopy.methods.batch import Batch, BatchMethod, Rows
from homotopy.methods.batch.recipes import PATIENT, Recipe
from homotopy.naming import spelled
from homotopy.objectives.units.widths import Layers, Widths

__all__ = ["DeepGreedy", "copied", "descend_layers"]


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

    Notes
    -----
    1. The first layer is random (`homotopies.dictionary.draw_units`); each further unit of the second layer is the one
       that fits the residual best out of a fresh dictionary on the first layer's outputs.
    2. L-BFGS, then the optimal brain surgeon with compensation in the next layer's rows, one unit at a time from the
       layer that is wider by comparison, 60 evaluations between.

    Evaluations of other widths, removals and looks into the dictionary are charged by their flops. The problem's start
    is not used.
    """

    needs = ("layers",)
    reference = "conditional gradient over units, see greedy; Hassibi and Stork, NIPS 1992"

    def __init__(self, dictionary: int = 256, evaluations: int = 40, first: float = 0.4, second: float = 0.8) -> None:
        self.dictionary = integer("dictionary", dictionary)
        self.evaluations = integer("evaluations", evaluations)
        self.first = positive("first", first, or_zero=True)
        self.second = positive("second", second, or_zero=True)
        self.name = spelled(self, "greedy-deep")

    def run(self, batch: Batch) -> None:
        """Grow, train, narrow, finish."""
        risk, rows = batch.objective, batch.rows
        if not len(rows):
            return
        net = risk.layers()
        h1, h2 = net.true
        wide = (h1 + ceil(self.first * h1), h2 + ceil(self.second * h2))
        layers = [net.begin(wide[0], batch.rng(row)) for row in rows]

        def recipe(most: int, share: float) -> Recipe:
            return replace(PATIENT, max_evaluations=most, target=batch.goal(share))

        for width in range(1, wide[1] + 1):
            going = np.flatnonzero(batch.going[rows])  # a net that is not grown is no start for the rest
            rows, layers = rows[going], [layers[i] for i in going]
            if not len(rows):
                return
            layers = [net.grow(one, self.dictionary, batch.rng(row)) for one, row in zip(layers, rows, strict=True)]
            batch.charge_flops(rows, net.look_flops(self.dictionary, wide[0]))
            if width < wide[1]:
                layers = descend_layers(batch, net, rows, layers, recipe(self.evaluations, 0.2))
        most, share, now = 200, 0.5, list(wide)
        while now != [h1, h2]:
            layers = descend_layers(batch, net, rows, layers, recipe(most, share))
            layer = 0 if now[0] / h1 >= now[1] / h2 and now[0] > h1 else 1
            batch.charge_flops(rows, net.removal_flops(layers[0], layer))
            layers = [net.take_away(one, layer) for one in layers]
            now[layer] -= 1
            most, share = 60, 3.0
        descend_layers(batch, net, rows, layers, recipe(2000, 1.0))


def descend_layers(
    batch: Batch, net: Widths, rows: Rows, points: list[Layers], recipe: Recipe, *, l2: float = 0.0
) -> list[Layers]:
    """Descend all runs, which have the same widths: with a penalty, or on the true problem."""
    risk = net.risk(points[0], l2=l2)
    name = "-".join(str(n) for n in risk.model.sizes) + (" with decay" if l2 else "")
    x = np.array([risk.model.pack([*one]) for one in points])
    stage = batch.descend(risk, x, rows, name=name, recipe=recipe)
    return [copied(risk.model.unpack(x)) for x in stage.x]


def copied(layers: Any) -> Layers:
    """Return layers that own their weights."""
    return [(np.array(W), np.array(b)) for W, b in layers]
