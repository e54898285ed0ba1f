"""The mean loss of a model on data."""

from __future__ import annotations

from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy._core.mlp import Risk
from homotopy.arguments import number, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, DataError
from homotopy.models.losses import Loss
from homotopy.models.losses import loss as by_name
from homotopy.models.mlp import MLP
from homotopy.models.prepared import overflow, table_of
from homotopy.models.recurrent import RNN
from homotopy.models.samples import Samples
from homotopy.models.weights import sample_weights
from homotopy.objectives.diffused.chain import Chain, layered
from homotopy.objectives.moving import DeformedRisk, deformed_risk
from homotopy.objectives.outputs import RiskOutputs
from homotopy.objectives.recurrent.risk import RecurrentRisk
from homotopy.objectives.units.linearpath import LinearPath, Projected, Trained
from homotopy.objectives.units.onrisk import RiskUnits, net_lacks
from homotopy.objectives.units.widths import Widths

__all__ = ["EmpiricalRisk"]

Array = NDArray[Any]


OF_SEQUENCES = ("steps", "lengths", "state", "family", "deletable")
"""What the risk of a recurrent net takes beside."""


@doors
class EmpiricalRisk(Risk):
    r"""The mean loss of a model on data, plus a penalty on the weights: an Objective.

    Parameters
    ----------
    model : MLP or RNN
        The model; with an RNN the risk is a `RecurrentRisk`, which takes X of shape (n, T, d) and more arguments.
    loss : str or Loss
        "squared", "logistic" or "softmax"; see `homotopy.models.losses`.
    X : array_like of shape (n, d)
        Inputs; copied to the model's dtype once, here.
    y : array_like of shape (n,) or (n, k)
        Targets as the loss takes them; copied likewise.
    l2 : float
        Weight of the penalty, 0 or more, dimensionless.
    weights : array_like of shape (n,) or None
        What each sample counts in the mean: finite numbers, 0 or more, not all 0, in any unit. A sample of weight 0 is
        as good as left out, one of weight 2 as good as there twice. None counts all alike.
    **sequences
        steps, lengths, state, family and deletable of a `RecurrentRisk`.

    Attributes
    ----------
    weights : ndarray of shape (n,) or None
        The weights over their mean, float64 and read-only; None where none were given.
    samples : Samples
        The samples that count, and their weights; `outputs` and all homotopies see these alone.

    Raises
    ------
    ArgumentError
        If shapes do not fit the model, l2 is negative or not finite, weights are not allowed, or an array given to a
        method has not the model's dtype, C order and shape: nothing is converted there.
    DataError
        If there is no sample, a number is not finite, or the loss does not take a target.

    Notes
    -----
    .. math:: f(\theta) = \frac{1}{\sum_i w_i} \sum_i w_i \, \ell(z(x_i; \theta), y_i) + \frac{\lambda}{2} |\theta|^2

    with the loss summed over outputs; without weights all w are 1. What weights leave over is a mean still, so that the
    penalty keeps its strength. Second-order products keep the passes that depend on theta alone in memory,
    about 16 bytes a sample and unit (32 for softplus, gelu, erf and sin).

    Examples
    --------
    >>> X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    >>> risk = EmpiricalRisk(MLP([2, 2, 1]), "squared", X, y)
    >>> risk.value(np.zeros(9))
    0.25
    >>> risk.changed(weights=[1, 1, 0, 0]).value(np.zeros(9))
    0.25
    """

    model: MLP
    loss: Loss
    X: Array
    y: Array
    l2: float
    weights: NDArray[np.float64] | None
    samples: Samples
    _given: NDArray[np.float64] | None

    def __new__(
        cls,
        model: MLP | RNN,
        loss: str | Loss,
        X: ArrayLike,
        y: ArrayLike,
        *,
        l2: float = 0.0,
        weights: ArrayLike | None = None,
        **sequences: Any,
    ) -> Self:
        """Check the data and make the compiled part."""
        if isinstance(model, RNN):
            return RecurrentRisk(model, loss, X, y, l2=l2, weights=weights, **sequences)  # type: ignore[return-value]
        for name in sequences:
            if name not in OF_SEQUENCES:
                raise TypeError(f"EmpiricalRisk() got an unexpected keyword argument {name!r}")
            raise ArgumentError(f"{name} belongs to sequences; it needs an RNN as model")
        chosen = by_name(loss)
        if chosen.weights is not None:
            raise ArgumentError("loss has weights of samples; a risk takes the plain loss, and weights= beside it")
        if not isinstance(model, MLP):
            raise ArgumentError(f"model is {shown(model)}; it must be an MLP or an RNN")
        weight = _weight("l2", l2)
        inputs = _inputs(X, model)
        targets = chosen.targets(y, model.sizes[-1], model.dtype)
        if len(targets) != len(inputs):
            raise ArgumentError(f"X has {len(inputs)} rows and y has {len(targets)}; they must be equally many")
        counts, given, samples = None, None, Samples(inputs, targets)
        if weights is not None:
            counts, given = sample_weights(weights, len(inputs)), np.array(weights, dtype=np.float64)
            samples = Samples.counting(inputs, targets, counts > 0, given)
        self = super().__new__(cls, model, chosen.code, samples.X, samples.y, weight, samples.weights)
        self.model, self.loss, self.X, self.y, self.l2 = model, chosen, inputs, targets, weight
        self.weights, self.samples, self._given = counts, samples, given
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (self.model, self.loss.name, self.X, self.y, self.l2, self._given)

    def __repr__(self) -> str:
        more = "" if self.weights is None else ", weighted"
        return f"EmpiricalRisk({self.model!r}, {self.loss.name!r}, n_samples={len(self.X)}, l2={self.l2:g}{more})"

    @property
    def outputs(self) -> RiskOutputs:
        """The model's outputs on the data, with derivatives, loss and targets (`homotopy.objectives.outputs`)."""
        return RiskOutputs(self)

    @property
    def flops(self) -> float:
        """Floating-point operations of one gradient, without what is done for outputs alone (`MLP.gradient_flops`)."""
        return float(len(self.samples) * self.model.gradient_flops)

    @property
    def convex(self) -> bool:
        """Whether the risk is convex in the weights: no hidden layer and no output activation."""
        return len(self.model.sizes) == 2 and self.model.output == "identity"

    at_least = 0.0

    def lacks(self, facet: str) -> str | None:
        """Return why the risk does not offer a facet, or None (`homotopy.objectives.facets`)."""
        return net_lacks(self, facet)

    def draw(self, rng: np.random.Generator) -> Array:
        """Return random weights, shape (p,): `MLP.init`."""
        return self.model.init(rng)

    def hidden(self) -> tuple[int, ...]:
        """Return the widths of the hidden layers."""
        return self.model.sizes[1:-1]

    def units(self) -> RiskUnits:
        """Return the hidden units of a net with one hidden layer."""
        return RiskUnits(self)

    def growth(self) -> RiskUnits:
        """Return the hidden units of a net that can be put together out of random ones."""
        return RiskUnits(self)

    def layers(self) -> Widths:
        """Return the two hidden layers of a net as layers whose widths can change."""
        return Widths(self)

    def chain(self) -> Chain:
        """Return the layers as a chain of affine maps and activations, whose weights may have noise."""
        return layered(self)

    def linear_path(self) -> LinearPath:
        """Return the linear path beside which hidden units can be turned round."""
        return Projected(self) if self.loss.quadratic else Trained(self)

    def changed(
        self,
        *,
        model: MLP | None = None,
        loss: str | Loss | None = None,
        X: ArrayLike | None = None,
        y: ArrayLike | None = None,
        l2: float | None = None,
        weights: ArrayLike | None = None,
    ) -> EmpiricalRisk:
        """Return the risk with another model, loss, data, penalty or weights; None keeps what there is."""
        return EmpiricalRisk(
            self.model if model is None else model,
            self.loss if loss is None else loss,
            self.X if X is None else X,
            self.y if y is None else y,
            l2=self.l2 if l2 is None else l2,
            weights=self._given if weights is None else weights,
        )

    def matched(self) -> EmpiricalRisk:
        """Return the logistic loss in place of the squared loss of a logistic output."""
        model = self.model
        return self.changed(model=MLP(model.sizes, model.activation, bias=model.bias), loss="logistic")

    def resampled(self, X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> EmpiricalRisk:
        """Return the risk on other data, with weights of their own; None counts all alike."""
        return EmpiricalRisk(self.model, self.loss, X, y, l2=self.l2, weights=weights)

    def deformed(
        self,
        *,
        basis: ArrayLike | None = None,
        targets: ArrayLike | None = None,
        l2: float | None = None,
        mix: bool = False,
        smooth: float = 0.0,
    ) -> DeformedRisk:
        r"""Return this risk with numbers of its own that move with t, all of which are its own at t = 1.

        Parameters
        ----------
        basis : array_like of shape (n, q) or None
            Orthogonal columns Q, at most one long, :math:`H = \frac{1}{2n} (|r|^2 - (1 - t^2) |Q^T r|^2)` of the
            residual r: what it has in the span of orthonormal ones counts :math:`t^2`. Squared loss only. With weights
            :math:`w` over their mean squares and products are :math:`\sum_i w_i a_i b_i`, and so is what orthogonal
            means.
        targets : array_like of shape (n, k) or None
            Targets y0 at t = 0; they move as y0 + t (y - y0). Basis and targets may also have a row for each of
            `samples` alone.
        l2 : float or None
            Weight of the penalty at t = 0; it moves linearly to the risk's own.
        mix : bool
            Whether hidden units start linear: their activation is (1 - t) z + t act(z).
        smooth : float
            Hidden activations are averaged over normal noise of width s = smooth (1 - t) on their arguments; relu,
            leaky relu, gelu, erf and sin units, in closed form.

        Returns
        -------
        DeformedRisk
            ``value(x, t)``, ``grad``, ``value_and_grad``, ``hessp(x, t, v)``, ``ggnp``, ``hessian(x, t)``,
            ``dt(x, t)``, ``dt_grad(x, t)``, ``capsule()``; all derivatives are exact.

        Raises
        ------
        ArgumentError
            If the basis is not orthogonal to 1e-8, the loss is not squared, shapes do not fit, a number is
            negative, or units cannot be smoothed.
        """
        Q = None if basis is None else self.samples.basis(basis)
        easy = None if targets is None else self.loss.targets(targets, self.model.sizes[-1], name="targets")
        easy = None if easy is None else self.samples.rows("targets", easy)
        if not isinstance(mix, (bool, np.bool_)):
            raise ArgumentError(f"mix is {shown(mix)}; it must be True or False")
        weight, width = None if l2 is None else _weight("l2", l2), _weight("smooth", smooth)
        data, counts = (self.model, self.loss.code, self.samples.X, self.samples.y, self.l2), self.samples.weights
        moves = {"basis": Q, "targets": easy, "l2_easy": weight, "mix": bool(mix), "smooth": width, "weights": counts}
        return deformed_risk(data, moves, self.flops + (0.0 if Q is None else 4.0 * Q.size * self.y.shape[1]))


def _inputs(X: ArrayLike, model: MLP) -> Array:
    given = table_of("X", X)
    with np.errstate(over="ignore"):
        inputs = given.astype(model.dtype)
    if inputs.shape[1] != model.sizes[0]:
        raise ArgumentError(f"X has {inputs.shape[1]} columns; the model has {model.sizes[0]} inputs")
    if not len(inputs):
        raise DataError("X has no rows; a mean needs one sample at least")
    if not np.isfinite(inputs).all():
        raise DataError(f"X has values that are not finite{overflow(given, inputs)}")
    inputs.flags.writeable = False
    return inputs


def _weight(name: str, value: float) -> float:
    return number(name, value, "a finite number, 0 or more", least=0, below=inf)


def _remake(model: MLP, name: str, X: Array, y: Array, l2: float, weights: Array | None = None) -> EmpiricalRisk:
    return EmpiricalRisk(model, name, X, y, l2=l2, weights=weights)
