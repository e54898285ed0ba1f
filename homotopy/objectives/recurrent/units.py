"""The hidden units of a recurrent net on sequences: added, taken away with compensation, refitted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice
from homotopy.models.activations import activation
from homotopy.models.samples import rooted
from homotopy.objectives.base import Vector
from homotopy.objectives.recurrent.blocks import Layout
from homotopy.objectives.recurrent.removal import compensation, first_least, without
from homotopy.objectives.units.base import Units
from homotopy.streams import Draws

__all__ = ["RecurrentUnits"]

BIAS = 0.3
"""The spread of the biases of units that are added silently."""
RIDGE = 1e-3
MOST_STATES = 2**15
"""Removals look at so many states of each unit at least, if there are as many, and not at many more."""


class RecurrentUnits(Units):
    r"""The units of a recurrent net on sequences.

    Parameters
    ----------
    objective : RecurrentRisk
        The true problem.
    by : str
        Which unit goes first: the one without which the "loss" is least, of all that are tried, each with
        compensation; or the one of the smallest "score", which spares a third of a gradient for each of them.

    Notes
    -----
    What others receive of a unit is its column of W and of C. A unit is taken away by the optimal brain surgeon: with
    A the states of the units, each over its root mean square, and the constant, at all steps up to the last one that
    counts, and :math:`G = (A^T A / N + 10^{-6} I)^{-1}`, unit j is replaced by
    :math:`- \sum_i G_{ij} A_i / G_{jj}`, so that its columns are spread over the others' and the constant part goes to
    the biases. Of more than 32,768 pairs of sequence and step a part of the sequences, evenly spread, is enough for A.
    The score is the unit's share of all :math:`|w_j|^2 s_j^2 / G_{jj}`, w its column of W without its own row and s
    its root mean square, and that share with its column of C, which may have another unit. Weights of sequences count
    in the products, those of steps do not: states are to be the same wherever they are passed on.

    References
    ----------
    B. Hassibi and D. G. Stork, "Second order derivatives for network pruning: optimal brain surgeon", NIPS 1992; here
    for states that feed back into themselves, which is ours.
    """

    exact = False

    def __init__(self, objective: Any, *, by: str = "loss") -> None:
        self.by = choice("by", by, ("loss", "score"))
        self.objective, model = objective, objective.model
        self.width, self.n_inputs, self.n_outputs = model.n_hidden, model.n_in, model.n_out
        self.layout = Layout(model.n_in, model.n_out, model.cell, model.state == "learned")
        self._risks: dict[int, Any] = {0: objective}

    @property
    def surplus(self) -> int:
        """Two; four where units are not bounded, whose removal is worse compensated."""
        return 2 if activation(self.objective.model.activation).saturates else 4

    @property
    def surplus_beside_path(self) -> int:
        """As without a path: there is none for recurrent nets."""
        return self.surplus

    def wider(self, extra: int) -> Any:
        """Return the risk of a net with more hidden units on the same sequences."""
        if extra not in self._risks:
            self._risks[extra] = self.objective.changed(model=self.objective.model.wider(extra))
        return self._risks[extra]

    def outgoing(self, extra: int) -> NDArray[np.bool_]:
        """Return the weights with which other units and the outputs receive the last units."""
        mark, h = self.layout.split(np.zeros(self.layout.size(self.width + extra))), self.width
        mark["W"][:, :h, h:] = 1.0
        mark["C"][:, h:] = 1.0
        return self.layout.joined(mark) > 0

    def belonging(self, extra: int) -> NDArray[np.bool_]:
        """Return all weights to and from the last units, their biases and their learned states."""
        mark = self.layout.split(np.ones(self.layout.size(self.width + extra)))
        old = self.layout.split(np.zeros(self.objective.size))
        own = {name: np.ones_like(part) for name, part in old.items()}
        inside = self.layout.grown(own, extra)
        return self.layout.joined({name: mark[name] - inside[name] for name in mark}) > 0

    def narrow(self, x: Vector) -> Vector:
        """Return the point of the true net."""
        return self.layout.joined(self.layout.kept(self.layout.split(x), slice(self.width)))

    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with units of `donor` appended, and all outputs' weights scaled to keep the output's variance.

        The new units receive each other as in `donor`; they and the old ones do not receive one another, so that the
        outputs are those of two nets side by side.
        """
        own, other = self.layout.split(x), self.layout.kept(self.layout.split(donor), slice(count))
        h = own["C"].shape[-1]
        parts = self.layout.grown(own, count)
        parts["W"][..., h:, h:] = other["W"]
        parts["U"][..., h:, :] = other["U"]
        for name in parts.keys() & {"b", "e", "C", "h0"}:
            parts[name][..., h:] = other[name]
        parts["C"] *= np.sqrt(h / (h + count))
        return self.layout.joined(parts)

    def add_silent(self, x: Vector, count: int, rng: np.random.Generator | Draws) -> Vector:
        """Return x with random units that receive all, and that nobody receives: the function is the same."""
        own = self.layout.split(x)
        parts = self.layout.grown(own, count)
        g, w, d, h = *parts["W"].shape[-3:-1], self.n_inputs, own["C"].shape[-1]
        new = rng.standard_normal((g, count, w + d + 1))
        if x.ndim == 2 and not isinstance(rng, Draws):
            new = np.broadcast_to(new, (len(x), *new.shape))
        parts["W"][..., h:, :] = new[..., :w] / np.sqrt(w)
        parts["U"][..., h:, :] = new[..., w:-1] / np.sqrt(d)
        parts["b"][..., h:] = BIAS * new[..., -1]
        return self.layout.joined(parts)

    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x after `count` removals, one after the other; nothing is beside a path."""
        del beside_path
        if not count:
            return x
        if x.ndim == 2:
            return np.array([self.take_away(one, count) for one in x])
        for _ in range(count):
            x = self._removed(np.ascontiguousarray(x, dtype=np.float64))
        return x

    def _removed(self, x: Vector) -> Vector:
        """Return one point with one unit fewer."""
        h = self.layout.count(x)
        S, weights = self._states(x, h)
        with np.errstate(all="ignore"):
            shares, freedom = compensation(S, weights)
        parts = self.layout.split(x)
        if self.by == "score":
            W, C = parts["W"], parts["C"]
            own = np.diagonal(W, axis1=-2, axis2=-1)
            fed = (W**2).sum(axis=(0, 1)) - (own**2).sum(axis=0), (C**2).sum(axis=0)
            score = sum(part / (part.sum() or 1.0) for part in (freedom * squares for squares in fed))
            return self.layout.joined(without(self.layout, parts, first_least(np.asarray(score)), shares))
        narrower = self.wider(h - 1 - self.width)
        points = [self.layout.joined(without(self.layout, parts, j, shares)) for j in range(h)]
        values = np.array([narrower.value(one.astype(narrower.model.dtype)) for one in points], dtype=np.float64)
        return points[first_least(values)]

    def _states(self, x: Vector, h: int) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return the states at all steps, shape (N, h), and what each counts, shape (N,); None where all alike."""
        own, model = self.objective.sequences, self.wider(h - self.width).model
        X, _, _ = own.compiled
        few = max(-(-MOST_STATES // X.shape[1]), 1)
        rows = slice(None) if len(X) <= few else np.linspace(0, len(X) - 1, few).astype(np.int64)
        X, last = np.ascontiguousarray(X[rows]), own.last[own.keep][rows]
        S = np.asarray(model.states(x.astype(model.dtype), X), dtype=np.float64).reshape(-1, h)
        matters = np.arange(X.shape[1]) < last[:, None]
        if own.weights is None and matters.all():
            return S, None
        weights = 1.0 if own.weights is None else own.weights[own.keep][rows][:, None]
        return S, (matters * weights).ravel()

    def refit(self, x: Vector, *, beside_path: bool = False) -> Vector:
        r"""Return x with the outputs' weights of a ridge regression of the targets on the units' states.

        Notes
        -----
        The ridge is a thousandth of the states' mean square about their mean. Targets of probabilities p are
        4 (2 p - 1). States where an output counts count as the output does.
        """
        del beside_path
        if x.ndim == 2:
            return np.array([self.refit(one) for one in x])
        h, own = self.layout.count(x), self.objective.sequences
        model, (X, _, counts) = self.wider(h - self.width).model, own.compiled
        S = np.asarray(model.states(x.astype(model.dtype), X), dtype=np.float64)[counts > 0]
        of = self.objective.outputs
        share = counts[counts > 0] / counts.sum()
        Y = np.asarray(of.loss.regression_targets(of.targets), dtype=np.float64)
        mean, level = share @ S, share @ Y
        A, B = rooted(S - mean, share), rooted(Y - level, share)
        gram = A.T @ A
        ridge = RIDGE * float(np.trace(gram)) / h
        gram[np.diag_indices(h)] += ridge if ridge > 0.0 else 1.0  # of whatever size the states are
        parts = {name: part.copy() for name, part in self.layout.split(np.asarray(x, dtype=np.float64)).items()}
        parts["C"][...] = np.linalg.solve(gram, A.T @ B).T
        parts["c"][...] = level - parts["C"] @ mean
        return self.layout.joined(parts)

    def _flops(self, extra: int) -> float:
        """Return the flops of a gradient of a net of other width."""
        own = self.objective.sequences
        model = self.objective.model.wider(extra) if extra else self.objective.model
        return float(model.gradient_flops(int(own.last.sum()), int(np.count_nonzero(own.counts))))

    def removal_flops(self, count: int, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of `count` removals: of states and products a gradient's, of a candidate a third of that."""
        del beside_path
        widths = range(self.width + extra, self.width + extra - count, -1)
        tried = self.by == "loss"
        return sum(self._flops(w - self.width) * (1.0 + tried * w / 3.0) for w in widths)

    def refit_flops(self, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of the states, the Gram matrix and its solution."""
        del beside_path
        w, n = self.width + extra, float(np.count_nonzero(self.objective.sequences.counts))
        fit = n * w * (1.25 * w + 2.0 * self.n_outputs + 4.0) + w**3 / 3.0
        return float(self._flops(extra) / 3.0 + fit)
