"""Nets grown one unit at a time out of a dictionary of random units."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import integer, positive, positive_or_none
from homotopy.methods.baselines.levenberg import MOST_WEIGHTS
from homotopy.methods.batch import Batch, BatchMethod, Rows, polish
from homotopy.methods.batch.recipes import FINE, Recipe, gauss_newton
from homotopy.naming import spelled
from homotopy.objectives.units.growth import constant, look_flops, pursuit_flops
from homotopy.objectives.units.onrisk import RiskUnits

__all__ = ["Greedy", "RidgeOMP"]

MOST = 100_000
"""The most units of a dictionary, and evaluations between."""
TRIALS = 12
"""Steps of Levenberg-Marquardt at each width on the way down: what more of them gain is lost with the next unit."""
LONG = 2500.0
"""Gradient-equivalents of a long descent between two removals."""
FEW = 10
"""Below this number of samples a dictionary is small and its units are fitted closely."""
ROOM = 2**24
"""Outputs of dictionaries that are kept at once: 128 MB."""
SMALL = 40
"""Up to this number of variables squared losses are descended by Levenberg-Marquardt."""


class _FromDictionary(BatchMethod):
    """A method that builds its own first net out of random units; the problem's start is not used."""

    needs = ("growth",)
    extra: float
    refine: bool = False

    def _back(self, batch: Batch, units: RiskUnits, rows: Rows, x: NDArray[np.float64], extra: int) -> None:
        """Descend, take the extra units away one by one, and finish at the true width; refined, by long descents."""
        long = self.refine and units.wider(extra).size <= MOST_WEIGHTS
        while extra:
            short, name = _recipe(batch, units, extra, 200), f"{extra} more units"
            recipe = gauss_newton(LONG, 1e-3, target=batch.goal(0.3)) if long else short
            wide = batch.descend(units.wider(extra), x, rows, name=name, recipe=recipe)
            x = units.take_away(wide.x, 1)
            batch.charge_flops(rows, units.removal_flops(1, extra))
            extra -= 1
            if extra and not long:
                recipe, name = _recipe(batch, units, extra, 60), f"{extra} more units"
                x = batch.descend(units.wider(extra), x, rows, name=name, recipe=recipe).x
        last = gauss_newton(2 * LONG, 1e-3) if long else _recipe(batch, units, 0, 2000, share=1.0)
        polish(batch, x, rows, "finish", last)


class Greedy(_FromDictionary):
    """Add the units that fit the residual best, train all weights a little, and again: conditional gradient.

    Parameters
    ----------
    dictionary : int
        Random units to choose from; 0 chooses: 24 for fewer than 10 samples, else 512.
    evaluations : int
        L-BFGS evaluations of all weights after each look into the dictionary; 0 chooses: 5 for fewer than 10 samples,
        else 22, and 40 for relu.
    scale : float
        Factor of the random units' weights where their activation saturates.
    extra : float
        Part of the width that is grown beyond it and taken away again.
    together : int
        Units that one look adds, not alike; 0 chooses: three for many samples and an activation that saturates, else
        one.
    refine : bool
        Whether the surplus is taken away with long descents by Levenberg-Marquardt between (up to 2,500 gradients
        each), for nets that are as narrow as the problem allows; `extra` is 0.8 then where it is 0.

    Notes
    -----
    The convex problem is that of a measure over units; a unit at a time is conditional gradient in it, and training
    all weights makes it fully corrective. Evaluations and looks are charged by their flops.

    Three units a look and 22 evaluations solve `spirals:hidden=30` at a median of 288 gradients (498 of 500 runs), one
    unit and 12 evaluations at 501 (499). Where the width is tight one unit at a time succeeds more often. Of no use
    there: training the picked unit alone first, an exact step for its outgoing weight, half or twice that step, more
    evaluations for narrow or for wide nets, ten units at once.
    """

    reference = "Bach, JMLR 18 (2017): convex neural networks by conditional gradient; Bengio et al., NIPS 2005"

    def __init__(
        self,
        dictionary: int = 0,
        evaluations: int = 0,
        scale: float = 3.0,
        extra: float = 0.0,
        together: int = 0,
        refine: bool = False,
    ) -> None:
        self.dictionary = integer("dictionary", dictionary, least=0, most=MOST)
        self.evaluations = integer("evaluations", evaluations, least=0, most=MOST)
        self.scale = positive("scale", scale)
        self.extra = positive("extra", extra, most=MOST, or_zero=True)
        self.together = integer("together", together, least=0, most=MOST)
        self.refine = refine
        self.name = spelled(self, "greedy")

    def run(self, batch: Batch) -> None:
        """Grow every run to its width and finish."""
        units, rows = batch.objective.growth(), batch.rows
        few = units.n_samples < FEW
        count = self.dictionary or (24 if few else 512)
        most = self.evaluations or (5 if few else 40 if units.activation.homogeneous else 22)
        together = self.together or (1 if few or not units.activation.saturates else 3)
        extra = ceil((self.extra or 0.8 * self.refine) * units.width)
        size = max(1, ROOM // (units.n_samples * count))
        for first in range(0, len(rows), size):
            some = rows[first : first + size]
            x = self._grown(batch, units, some, extra, (count, most, min(together, count)))
            going = batch.going[some]  # a net that is not grown is no start for the rest
            if going.any():
                self._back(batch, units, some[going], x[going], extra)

    def _grown(
        self, batch: Batch, units: RiskUnits, rows: Rows, extra: int, how: tuple[int, int, int]
    ) -> NDArray[np.float64]:
        """Return nets of `extra` units more, grown as `how` says.

        It holds the units to choose from, the evaluations between two looks, and the units that one look adds.
        """
        count, most, together = how
        pool = units.pool(batch.draws(rows), count, self.scale)
        x = np.tile(constant(units.objective), (len(rows), 1))
        width = 0
        while width < units.width + extra and batch.going[rows].any():
            if not batch.begins(rows, look_flops(units, count, width)):
                break
            more = min(together, units.width + extra - width)
            x = pool.add(x, width, more)
            batch.charge_flops(rows[batch.going[rows]], look_flops(units, count, width))
            width += more
            if width < units.width + extra:
                beyond = width - units.width
                recipe = _recipe(batch, units, beyond, most)
                x = batch.descend(units.wider(beyond), x, rows, name=f"{width} units", recipe=recipe).x
        return x


class RidgeOMP(_FromDictionary):
    """Pick units by orthogonal matching pursuit, fit their outgoing weights by ridge, train, take the surplus away.

    Parameters
    ----------
    dictionary : int
        Random units to choose from, as many as are taken at least; 0 chooses: 16 for fewer than 10 samples, else 64.
    ridge : float or None
        Weight of the ridge, per sample, the problem's l2 at least; None chooses: 1e-5 for fewer than 10 samples, else
        0.1.
    extra : float
        Part of the width that is taken beyond it and taken away again; for fewer than 10 samples none.

    Notes
    -----
    Draws are most of the cost on a handful of samples: with 16 units instead of 24 a success on `xor:act=relu` costs
    three quarters, 98.5 % of 30,000 runs reach it instead of 99.8 %; with tanh, and on `jellyfish`, as many do. Nets
    of up to 40 weights with the squared loss are trained by Levenberg-Marquardt: 0.6 of L-BFGS's gradients on XOR.
    """

    reference = "Pati, Rezaiifar and Krishnaprasad, Asilomar 1993: orthogonal matching pursuit"

    def __init__(self, dictionary: int = 0, ridge: float | None = None, extra: float = 0.5) -> None:
        self.dictionary = integer("dictionary", dictionary, least=0)
        self.ridge = positive_or_none("ridge", ridge)
        self.extra = positive("extra", extra, or_zero=True)
        self.name = spelled(self, "omp")

    def run(self, batch: Batch) -> None:
        """Pursue, fit, train, narrow."""
        units, rows = batch.objective.growth(), batch.rows
        few = units.n_samples < FEW
        extra = 0 if few else ceil(self.extra * units.width)
        width = units.width + extra
        count = max(self.dictionary or (16 if few else 64), width)
        ridge = max(self.ridge if self.ridge is not None else 1e-5 if few else 0.1, float(batch.objective.l2))
        if not len(rows):
            return
        if not batch.begins(rows, pursuit_flops(units, count, width)):
            return
        x = units.pursued(batch.draws(rows), width, dictionary=count, ridge=ridge)
        batch.charge_flops(rows, pursuit_flops(units, count, width))
        self._back(batch, units, rows, x, extra)


def _recipe(batch: Batch, units: RiskUnits, extra: int, most: int, *, share: float = 0.2) -> Recipe:
    """Return how a net of `extra` units more or fewer descends: by Levenberg-Marquardt where that is cheap."""
    risk = units.objective
    if risk.loss.quadratic and risk.size <= SMALL:
        recipe = gauss_newton(3.0 * most, target=batch.goal(share) if extra else None)
        return replace(recipe, n_steps=TRIALS) if extra > 0 else recipe
    return replace(FINE, max_evaluations=most, target=batch.goal(share))
