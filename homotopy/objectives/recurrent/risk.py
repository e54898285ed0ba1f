"""The mean loss of a recurrent net on sequences."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy._core.rnn import Risk
from homotopy.arguments import number, one_of
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.models.losses import Loss
from homotopy.models.losses import loss as by_name
from homotopy.models.recurrent import RNN
from homotopy.objectives.diffused.chain import Chain
from homotopy.objectives.diffused.unrolled import no_steps, unrolled
from homotopy.objectives.recurrent.opened import OpenedRisk
from homotopy.objectives.recurrent.outputs import SequenceOutputs
from homotopy.objectives.recurrent.sequences import Sequences, prepared
from homotopy.objectives.recurrent.shorter import NO_WAY, shortened, shortenings, shortest
from homotopy.objectives.recurrent.told import ToldSequences
from homotopy.objectives.recurrent.units import RecurrentUnits

if TYPE_CHECKING:
    from homotopy.objectives.recurrent.feedforward import FeedForward

__all__ = ["RecurrentRisk"]

Array = NDArray[Any]
Family = Callable[[int], Any]


@doors
class RecurrentRisk(Risk, ToldSequences):
    r"""The mean loss of a recurrent net on sequences, plus a penalty on the weights: an Objective.

    Parameters
    ----------
    model : RNN
        The model.
    loss : str or Loss
        "squared", "logistic" or "softmax"; see `homotopy.models.losses`.
    X : array_like of shape (n, T, d)
        Inputs; copied to the model's dtype once, here. What stands behind a sequence's length does not matter.
    y : array_like
        Of shape (n, k), or (n,) for one output or for classes: targets of the last step of each sequence. Of shape
        (n, T, k), or (n, T) for one output or for classes (where T is not k): targets of all steps.
    l2 : float
        Weight of the penalty, 0 or more, dimensionless.
    weights : array_like of shape (n,) or None
        What each sequence counts: finite numbers, 0 or more, not all 0, in any unit. None counts all alike.
    steps : array_like of shape (T,) or (n, T), or None
        What each step counts, likewise; targets of steps that do not count do not matter. None counts all alike.
    lengths : array_like of shape (n,) or None
        How many steps each sequence has, 1 to T; None where all have T.
    state : array_like of shape (n, s) or None
        The states before the first step, where the model's are given.
    family : callable or None
        ``family(t)`` returns shorter problems of the same kind, (X, y) of t steps, or (X, y, parts) with a dict of
        weights, steps, lengths and state; the same t gives the same data.
    deletable : array_like of bool of shape (T,) or (n, T), or None
        Which steps may be left out of a sequence without making it another problem.

    Attributes
    ----------
    n_steps : int
        The number T of steps.
    every_step : bool
        Whether there are targets of all steps.
    autonomous : bool
        Whether inputs are zero behind the first step of every sequence.
    sequences : Sequences
        The data as they were prepared.

    Raises
    ------
    ArgumentError
        If shapes do not fit each other or the model, l2, weights, steps or lengths are not allowed, or nothing counts.
    DataError
        If there is no sequence, a number that counts is not finite, or the loss does not take a target.

    Notes
    -----
    .. math:: f(\theta) = \frac{\sum_{is} w_i c_{is} \, \ell(z_{is}(\theta), y_{is})}{\sum_{is} w_i c_{is}}
        + \frac{\lambda}{2} |\theta|^2

    over sequences i and their steps s, the loss summed over outputs; c is 1 at the last step of a sequence alone where
    there are no targets of others. It is a mean over what counts, whatever the lengths. Steps behind the last one that
    counts are not run.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((5, 10, 2))
    >>> risk = RecurrentRisk(RNN(2, 4, 1), "squared", X, np.ones(5))
    >>> risk.value(np.zeros(33))
    0.5
    """

    model: RNN
    loss: Loss
    l2: float
    family: Family | None
    matrix_cost: float
    deletable: NDArray[np.bool_] | None
    _given: NDArray[np.float64] | None

    def __new__(
        cls,
        model: RNN,
        loss: str | Loss,
        X: ArrayLike,
        y: ArrayLike,
        *,
        l2: float = 0.0,
        weights: ArrayLike | None = None,
        steps: ArrayLike | None = None,
        lengths: ArrayLike | None = None,
        state: ArrayLike | None = None,
        family: Family | None = None,
        deletable: ArrayLike | None = None,
    ) -> Self:
        """Check the data and make the compiled part."""
        chosen = by_name(loss)
        if chosen.weights is not None:
            raise ArgumentError("loss has weights of samples; a risk takes the plain loss, and weights= beside it")
        one_of("model", model, RNN, "an RNN")
        l2 = _weight(l2)
        if family is not None and not callable(family):
            raise ArgumentError("family must be a function, family(t), or None")
        own = prepared(model, chosen, X, y, weights=weights, steps=steps, lengths=lengths, state=state)
        given = None if weights is None else np.array(weights, dtype=np.float64)
        return cls._made(model, chosen, l2, own, (family, own.marks("deletable", deletable), given))

    @classmethod
    def _made(cls, model: RNN, loss: Loss, l2: float, own: Sequences, more: tuple[Any, ...]) -> Self:
        """Return the risk on prepared sequences, with family, marks and weights as they were given."""
        self = Risk.__new__(cls, model, loss.code, *own.compiled, l2, own.compiled_state)
        self.model, self.loss, self.l2, self.sequences = model, loss, l2, own
        self.matrix_cost = self.price(self.flops)
        self.family, self.deletable, self._given = more
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, ((self.model, self.loss.name, self.X, self.y), self._parts())

    def __repr__(self) -> str:
        n, T = self.X.shape[:2]
        more = "" if self.weights is None else ", weighted"
        size = f"n_sequences={n}, n_steps={T}, l2={self.l2:g}"
        return f"RecurrentRisk({self.model!r}, {self.loss.name!r}, {size}{more})"

    def _parts(self) -> dict[str, Any]:
        """Return every argument behind X and y."""
        own = {name: getattr(self, name) for name in ("l2", "steps", "lengths", "state", "family", "deletable")}
        return {"weights": self._given, **own}

    @property
    def size(self) -> int:
        """The number of variables."""
        return self.model.size

    @cached_property
    def outputs(self) -> SequenceOutputs:
        """The outputs at the steps that count, with derivatives, loss and targets (`homotopy.objectives.outputs`)."""
        return SequenceOutputs(self)

    @property
    def flops(self) -> float:
        """Floating-point operations of one gradient: steps up to the last one that counts, and outputs that count."""
        last, counted = int(self.sequences.last.sum()), int(np.count_nonzero(self.sequences.counts))
        return self.model.gradient_flops(last, counted)

    @property
    def dt_grad(self) -> Any:
        """What the compiled part has for `opened`; a plain risk has no t, and must not be taken for a family."""
        raise AttributeError("a risk has no dt_grad; risk.opened(L0) is a family")

    dt = dt_grad

    at_least = 0.0

    def lacks(self, facet: str) -> str | None:
        """Return why the risk does not offer a facet, or None (`homotopy.objectives.facets`)."""
        if facet == "chain":
            return no_steps(self)
        if facet == "shorter":
            return None if self.shortenings else NO_WAY
        if facet == "units" and self.model.state == "given":
            return "initial states are given, one number a unit; their number cannot change"
        return None

    def units(self, by: str = "loss") -> RecurrentUnits:
        """Return the hidden units, which are taken away by the "loss" that they leave or by a "score"."""
        return RecurrentUnits(self, by=by)

    def feed_forward(self) -> FeedForward:
        """Return the problem of one step as that of a net with one hidden layer, and the maps of points."""
        from homotopy.objectives.recurrent.feedforward import FeedForward

        return FeedForward(self)

    def chain(self) -> Chain:
        """Return the steps as a chain of affine maps and activations, whose weights may have noise."""
        return unrolled(self)

    def draw(self, rng: np.random.Generator) -> Array:
        """Return random weights, shape (p,): `RNN.init`."""
        return self.model.init(rng)

    def changed(self, **parts: Any) -> RecurrentRisk:
        """Return the risk with other arguments, by their names; what is not named stays as it is.

        Raises
        ------
        ArgumentError
            If there is no such argument, or steps are to count of which there are no targets.
        """
        own = {"model": self.model, "loss": self.loss, "X": self.X, "y": self.y, **self._parts()}
        strange = [name for name in parts if name not in own]
        if strange:
            raise ArgumentError(f"changed takes {', '.join(own)}, not {strange[0]!r}")
        model = parts.get("model", self.model)
        if parts.keys() <= {"model", "l2"} and isinstance(model, RNN) and self._takes(model):
            more = (self.family, self.deletable, self._given)
            return self._made(model, self.loss, _weight(parts.get("l2", self.l2)), self.sequences, more)
        new = RecurrentRisk(**{**own, **parts})
        if self.every_step and "y" not in parts and np.any((new.sequences.counts > 0) & ~self.sequences.targeted):
            raise ArgumentError("steps count of which there are no targets; give y with them")
        return new

    def _takes(self, model: RNN) -> bool:
        """Return whether the sequences as they are prepared are those of another model, too."""
        own, one = ((m.n_in, m.n_out, m.dtype, m.state) for m in (self.model, model))
        return own == one and (model.state != "given" or model.state_size == self.model.state_size)

    def resampled(self, X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, **parts: Any) -> RecurrentRisk:
        """Return the risk on other sequences, with parts of their own by name; None counts all alike."""
        return RecurrentRisk(self.model, self.loss, X, y, l2=self.l2, weights=weights, family=self.family, **parts)

    @property
    def shortenings(self) -> tuple[str, ...]:
        """The ways in which `shorter` can shorten this problem, the usual one first."""
        return shortenings(self)

    def shorter(self, t: int, how: str | None = None) -> RecurrentRisk:
        """Return a problem of t steps, 1 to T: this one in short; see `homotopy.objectives.recurrent.shorter`.

        Raises
        ------
        ArgumentError
            If t is out of range, or the problem cannot be shortened in this way.
        """
        short: RecurrentRisk = shortened(self, t, how)
        return short

    def shortest(self, how: str | None = None) -> int:
        """Return the fewest steps that `shorter` allows; earlier ones may not count, or some may not be left out."""
        return shortest(self, how)

    def opened(self, length: float) -> OpenedRisk:
        """Return the family in t whose steps begin to count one after another; see `OpenedRisk`."""
        return OpenedRisk(self, length)


def _weight(l2: float) -> float:
    return number("l2", l2, "a finite number, 0 or more", least=0, below=inf)


def _remake(data: tuple[Any, ...], parts: dict[str, Any]) -> RecurrentRisk:
    return RecurrentRisk(*data, **parts)
