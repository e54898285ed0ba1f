"""Two hidden layers made wide under weight decay and narrow again."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from homotopy.arguments import integer, positive
from homotopy.methods.batch import Batch, BatchMethod, Rows
from homotopy.methods.batch.recipes import PATIENT, ROUGH
from homotopy.methods.units.deep import copied, descend_layers
from homotopy.models.mlp import MLP
from homotopy.naming import spelled
from homotopy.objectives.flops import flops_of
from homotopy.objectives.units.widths import Layers, Widths

__all__ = ["DeepWidth"]

CANDIDATES = 8
"""Units that are tried at each removal, by the value without them."""


class DeepWidth(BatchMethod):
    """Widen both hidden layers, descend with weight decay, take the surplus away while the decay fades, finish.

    Parameters
    ----------
    extra : float
        Surplus of both layers, as a part of their widths.
    decay : float
        The penalty of the wide net, as a part of the loss of the best constant; it falls to a tenth while units go.
    evaluations : int
        L-BFGS evaluations after each removal.
    cycles : int
        How often a run is widened before it gives up.

    Notes
    -----
    1. L-BFGS with the penalty on the wide net.
    2. From the layer that is wider by comparison the unit goes without which the value is lowest, out of the eight
       that the optimal brain surgeon with compensation in the next layer finds cheapest; `evaluations` between.
    3. L-BFGS at the true widths without the penalty.
    4. A run that is stuck is widened by random units that leave its function as it is, and goes through the same.

    The weight decay is what matters: on 500 samples of a teacher with two hidden layers of eight relu units wide nets
    without it fit the sample by other means than the teacher's. Evaluations and removals are charged by their flops.
    """

    needs = ("layers",)
    reference = (
        "Hassibi and Stork, NIPS 1992 (pruning); Pilanci and Ergen, ICML 2020 (why a decayed wide net is sparse)"
    )

    def __init__(self, extra: float = 0.5, decay: float = 2e-3, evaluations: int = 60, cycles: int = 8) -> None:
        self.extra, self.decay = positive("extra", extra, most=100), positive("decay", decay, or_zero=True)
        self.evaluations, self.cycles = integer("evaluations", evaluations), integer("cycles", cycles)
        self.name = spelled(self, "width-deep")

    def run(self, batch: Batch) -> None:
        """Widen, narrow, finish, and again where that fails."""
        rows, net = batch.rows, batch.objective.layers()
        if not len(rows):
            return
        risk = net.objective
        wide = [h + ceil(self.extra * h) for h in net.true]
        model = MLP((risk.model.sizes[0], *wide, risk.model.sizes[-1]), risk.model.activation)
        points = [copied(model.unpack(np.asarray(model.init(batch.rng(row))))) for row in rows]
        for number in range(self.cycles):
            if number:
                going = np.flatnonzero(batch.going[rows])
                rows, points = rows[going], [points[i] for i in going]
                if not len(rows):
                    return
                points = [_widened(net, one, wide, batch.rng(row)) for one, row in zip(points, rows, strict=True)]
            points = self._narrow(batch, net, rows, points)
            points = descend_layers(batch, net, rows, points, replace(PATIENT, max_evaluations=3000))

    def _narrow(self, batch: Batch, net: Widths, rows: Rows, points: list[Layers]) -> list[Layers]:
        """Descend with the penalty and take units away until both layers have their widths."""
        total = sum(len(points[0][i][0]) - net.true[i] for i in (0, 1))
        most = 1000
        for gone in range(total + 1):
            if gone:
                now = [len(points[0][i][0]) for i in (0, 1)]
                first = now[0] > net.true[0] and now[0] * net.true[1] >= now[1] * net.true[0]
                layer = 0 if first or now[1] == net.true[1] else 1
                flops = net.removal_flops(points[0], layer)
                points = [net.take_best(one, layer, CANDIDATES) for one in points]
                batch.charge_flops(rows, flops + CANDIDATES * 0.5 * flops_of(net.risk(points[0])))
                most = self.evaluations
            l2 = self.decay * net.constant_loss * 0.1 ** (gone / max(total, 1))
            recipe = replace(ROUGH if l2 else PATIENT, max_evaluations=most)
            points = descend_layers(batch, net, rows, points, recipe, l2=l2)
        return points


def _widened(net: Widths, layers: Layers, wide: list[int], rng: np.random.Generator) -> Layers:
    """Return the layers with random units whose outgoing weights are zero, rows as long as those that are there."""
    new = list(layers)
    for i in (0, 1):
        W, b = new[i]
        inputs = net.outputs(new, i)
        U, u = net.drawn(inputs, wide[i] - len(W), rng)
        scale = np.sqrt((W**2).sum(axis=1).mean()) / np.maximum(np.linalg.norm(U, axis=1), 1e-300)
        new[i] = (np.vstack([W, U * scale[:, None]]), np.concatenate([b, u * scale]))
        after, c = new[i + 1]
        new[i + 1] = (np.column_stack([after, np.zeros((len(after), len(U)))]), c)
    return new
