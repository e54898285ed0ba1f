"""The hidden units of a net on data: added, taken away with compensation on the samples, refitted."""

from __future__ import annotations

from functools import cached_property
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy._core.moves import Moves, Pool
from homotopy.models.activations import activation
from homotopy.models.mlp import MLP
from homotopy.models.samples import upto
from homotopy.objectives.base import Vector
from homotopy.objectives.units.base import Units
from homotopy.objectives.units.dictionary import draw_units
from homotopy.objectives.units.onelayer import count_of, layers_of, packed
from homotopy.streams import Draws

__all__ = ["RiskUnits", "net_lacks", "turning_slope"]

FEW = 10
"""Below this number of samples a wider net fits by too many ways."""


class RiskUnits(Units):
    r"""The units of a net with one hidden layer on data.

    Notes
    -----
    Units are taken away by the optimal brain surgeon with least-squares compensation: with A the matrix of the units'
    outputs and of what else may compensate (the constant; the inputs too beside a linear path), and
    :math:`G = (A^T A / N + \epsilon I)^{-1}`, unit j with the smallest :math:`|a_j|^2 / G_{jj}` goes and the other
    outgoing weights change by :math:`-G_{\cdot j} a_j / G_{jj}`. Where samples have weights, these multiply the rows in
    every product, here and in fits.

    Removals and fits are compiled loops over many points (ext/moves/); one point is a list of one. In NumPy they stand
    in `homotopy.objectives.units.readable`.

    References
    ----------
    B. Hassibi and D. G. Stork, "Second order derivatives for network pruning: optimal brain surgeon", NIPS 1992.
    """

    exact = False

    def __init__(self, objective: Any) -> None:
        self.objective = objective
        self.model, self.samples = objective.model, objective.samples
        self.n_inputs, self.width, self.n_outputs = (int(n) for n in objective.model.sizes)
        self.activation = activation(objective.model.activation)
        self._risks: dict[int, Any] = {0: objective}

    @property
    def n_samples(self) -> int:
        """The number N of samples that count."""
        return len(self.samples)

    @property
    def surplus(self) -> int:
        """1.75 times the root of the units, at least 4."""
        return max(4, ceil(1.75 * sqrt(self.width)))

    @property
    def surplus_beside_path(self) -> int:
        """As without a path; for fewer than ten samples one with the squared loss, else none."""
        if self.n_samples < FEW:
            return 1 if self.objective.loss.quadratic else 0
        return self.surplus

    def wider(self, extra: int) -> Any:
        """Return the risk of a net with more hidden units on the same data."""
        if extra not in self._risks:
            model = self.model
            sizes = (model.sizes[0], self.width + extra, model.sizes[2])
            wide = MLP(sizes, model.activation, output=model.output, bias=model.bias)
            self._risks[extra] = self.objective.changed(model=wide)
        return self._risks[extra]

    def outgoing(self, extra: int) -> NDArray[np.bool_]:
        """Return the outgoing weights of the last units."""
        wide = self.wider(extra)
        mark = np.zeros(wide.size)
        (_, _), (outgoing, _) = wide.model.unpack(mark)
        outgoing[:, -extra:] = 1.0
        return mark > 0

    def belonging(self, extra: int) -> NDArray[np.bool_]:
        """Return the weights and biases of the last units, and their outgoing weights."""
        mark = np.array(self.outgoing(extra), dtype=np.float64)
        W, b, _, _ = self.layers(mark)
        W[-extra:] = 1.0
        if b is not None:
            b[-extra:] = 1.0
        return mark > 0

    def narrow(self, x: Vector) -> Vector:
        """Return the point of the true net."""
        W, b, outgoing, bias = self.layers(x)
        keep = self.width
        return self.pack(W[..., :keep, :], None if b is None else b[..., :keep], outgoing[..., :keep], bias)

    def _count(self, x: Vector) -> int:
        """Return the number of hidden units of points."""
        return count_of(x, self.n_inputs, self.n_outputs, bias=self.model.bias)

    def layers(self, x: Vector) -> tuple[NDArray[np.float64], Any, NDArray[np.float64], Any]:
        """Return W, b, outgoing weights and output bias of points (n,) or (r, n) of any width; biases may be None.

        These are views into x; of many points the first axis of each is that of the points.
        """
        return layers_of(x, self.n_inputs, self.n_outputs, bias=self.model.bias)

    def pack(self, W: NDArray[np.float64], b: Any, outgoing: NDArray[np.float64], bias: Any) -> Vector:
        """Return the points with these layers, the other way round."""
        return packed(W, b, outgoing, bias)

    @cached_property
    def moves(self) -> Moves:
        """The moves of units in compiled loops over many points."""
        own, loss = self.samples, self.objective.loss
        X, y, targets = (
            np.ascontiguousarray(a, dtype=np.float64) for a in (own.X, own.y, loss.regression_targets(own.y))
        )
        shares = None if own.weights is None else upto(own.weights)
        facts: Any = {"activation": self.activation, "loss": loss, "bias": self.model.bias}
        return Moves(X, y, targets, **facts, weights=own.weights, shares=shares)

    def join(self, x: Vector, donor: Vector, count: int) -> Vector:
        """Return x with units of `donor` appended and all outgoing weights scaled to keep the output's variance."""
        W, b, outgoing, bias = self.layers(x)
        W2, b2, outgoing2, _ = self.layers(donor)
        h = W.shape[-2]
        outgoing = np.concatenate([outgoing, outgoing2[..., :count]], axis=-1) * np.sqrt(h / (h + count))
        both = None if b is None else np.concatenate([b, b2[..., :count]], axis=-1)
        return self.pack(np.concatenate([W, W2[..., :count, :]], axis=-2), both, outgoing, bias)

    def add_silent(self, x: Vector, count: int, rng: np.random.Generator | Draws) -> Vector:
        """Return x with units of `draw_units` whose outgoing weights are zero: the function is the same."""
        W, b, outgoing, bias = self.layers(x)
        if isinstance(rng, Draws):
            W2, b2 = self.moves.draw(rng.state, count)
        else:
            W2, b2 = draw_units(self.samples.X, count, rng, activation=self.activation, weights=self.samples.weights)
        outgoing = np.concatenate([outgoing, np.zeros((*outgoing.shape[:-1], count))], axis=-1)
        both = None if b is None else np.concatenate([b, b2], axis=-1)
        return self.pack(np.concatenate([W, W2], axis=-2), both, outgoing, bias)

    def hidden(self, W: NDArray[np.float64], b: Any) -> NDArray[np.float64]:
        """Return the outputs of hidden units on the samples that count, shape (N, len(W))."""
        layer = MLP((W.shape[1], len(W)), "identity", output=self.model.activation, bias=b is not None)
        return np.asarray(layer.forward(layer.pack([(W, b)]), self.samples.X))

    def refit(self, x: Vector, *, beside_path: bool = False) -> Vector:
        r"""Return x with the outgoing weights of a ridge regression of the targets on the units.

        Notes
        -----
        The ridge is a thousandth of the units' mean square, after what compensates is projected away. Targets of
        probabilities p are 4 (2 p - 1). Units of relu and leaky relu nets are rescaled so that
        :math:`|w_j| = |a_j|`.
        """
        found = self.moves.refit(_rows(x), self._count(x), beside_path=beside_path)
        return found if x.ndim == 2 else found[0]

    def take_away(self, x: Vector, count: int, *, beside_path: bool = False) -> Vector:
        """Return x after `count` removals of one factorization."""
        if not count:
            return x
        found = self.moves.take_away(_rows(x), self._count(x), count, beside_path=beside_path)
        return found if x.ndim == 2 else found[0]

    def pursued(self, draws: Draws, width: int, *, dictionary: int, ridge: float) -> NDArray[np.float64]:
        """Return a net of `width` units for each stream: `growth.pursued` for many, balanced where that is free."""
        return self.moves.pursued(draws.state, width, dictionary=dictionary, ridge=ridge)

    def pool(self, draws: Draws, count: int, scale: float) -> Pool:
        """Return a dictionary of `count` units for each stream, which nets grow from: `growth.Pool` for many."""
        return Pool(self.moves, draws.state, count, 1.0 if self.activation.homogeneous else scale)

    def hidden_flops(self, width: int) -> float:
        """Return the flops of the outputs of so many units on the data."""
        return self.n_samples * width * (2.0 * self.n_inputs + 4.0 + self.activation.flops)

    def drawn_flops(self, count: int) -> float:
        """Return the flops of drawing so many units: in the time of a normal number there are some 40."""
        return count * (40.0 * self.n_inputs + 30.0)

    def removal_flops(self, count: int, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of the units' outputs, the inverse Gram matrix, and its change at each removal."""
        w, others = self.width + extra, 1 + self.n_inputs * beside_path
        m, k = w + others, self.n_outputs
        gram = self.n_samples * w * (1.25 * w + 2.0 * others) + 2.0 * m**3
        return self.hidden_flops(w) + gram + count * m * (2.0 * m + 4.0 * k)

    def refit_flops(self, extra: int, *, beside_path: bool = False) -> float:
        """Return the flops of the units' outputs, the projection, the Gram matrix and its solution."""
        n, w, k = self.n_samples, self.width + extra, self.n_outputs
        fit = n * w * (4.0 * (1 + self.n_inputs * beside_path) + 1.25 * w + 2.0 * k) + w**3 / 3.0
        return self.hidden_flops(w) + fit


def _rows(x: Vector) -> NDArray[np.float64]:
    """Return points (n,) or (r, n) as a list of points."""
    return np.ascontiguousarray(np.atleast_2d(x), dtype=np.float64)


def net_lacks(risk: Any, facet: str) -> str | None:
    """Return why the risk of a net on data does not offer a facet, or None."""
    model = risk.model
    n_hidden = len(model.sizes) - 2
    wanted = {"units": 1, "growth": 1, "linear_path": 1, "layers": 2}.get(facet)
    if wanted is not None and n_hidden != wanted:
        return f"the net has {n_hidden} hidden layers; {'one is' if wanted == 1 else 'two are'} needed"
    if facet == "hidden" and n_hidden == 0:
        return "the net has no hidden layers; one is needed"
    if facet == "matched" and not (risk.loss.quadratic and model.output == "logistic"):
        here = f"the loss is {risk.loss.name} and the output {model.output}"
        return f"{here}; the squared loss of a logistic output is needed"
    if facet == "smoothed":
        return "the noise of a net's weights has no family in t here; Diffusion has it, in closed form"
    if facet == "chain":
        return _no_chain(risk)
    if facet == "linear_path" and turning_slope(model.activation) is None:
        return f"a flip of {model.activation} units does not differ from them by a linear function"
    if facet in ("growth", "layers", "linear_path") and (model.output != "identity" or not model.bias):
        return "the net needs an identity output and biases"
    return None


def _no_chain(risk: Any) -> str | None:
    """Return why a net is no chain of affine maps and activations with float64 outputs, or None."""
    model = risk.model
    if len(model.sizes) < 3:
        return "the net has no hidden layers; one is needed"
    if model.output != "identity":
        return f"the output is {model.output}; an identity output is needed"
    return None if model.dtype == np.float64 else f"the net's numbers are {model.dtype}; float64 is needed"


def turning_slope(name: Any) -> float | None:
    """Return c where act(z) - act(-z) = c z for all z, else None: a unit and its flip then differ by c times a line.

    None too where act is linear itself, so that nothing is left of a unit beside a linear path.

    Examples
    --------
    >>> turning_slope("leaky-relu:slope=0.2"), turning_slope("tanh"), turning_slope("identity")
    (1.2, None, None)
    """
    slope = activation(name).odd_slope
    return None if slope == 2.0 else slope
