"""Two hidden layers grown unit by unit and made narrow again."""

from __future__ import annotations

from math import ceil

import numpy as np

from homotopy.arguments import integer, positive
from homotopy.methods.batch.account import Rows
from homotopy.methods.batch.batch import Batch
from homotopy.methods.batch.method import BatchMethod
from homotopy.methods.batch.recipes import PATIENT
from homotopy.naming import spelled
from homotopy.objectives.units.widths import Layers, Widths

__all__ = ["DeepGreedy", "Layers", "Widths"]


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
        for width in range(1, wide[1] + 1):
            layers = [net.grow(one, self.dictionary, batch.rng(row)) for one, row in zip(layers, rows, strict=True)]
            batch.charge_flops(rows, net.look_flops(self.dictionary, wide[0]))
            if width < wide[1]:
                layers = self._descend(batch, net, rows, layers, most=self.evaluations, share=0.2)
        most, share, now = 200, 0.5, list(wide)
        while now != [h1, h2]:
            layers = self._descend(batch, net, rows, layers, most=most, share=share)
            layer = 0 if now[0] / h1 >= now[1] / h2 and now[0] > h1 else 1
            batch.charge_flops(rows, net.removal_flops(layers[0], layer))
            layers = [net.take_away(one, layer) for one in layers]
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
            max_evaluations=most,
            target=batch.goal(share),
        )
        return [[(np.array(W), np.array(b)) for W, b in risk.model.unpack(x)] for x in stage.x]
