"""A recurrent net on one step, which is a net with one hidden layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from homotopy.errors import ArgumentError
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Seed, Vector
from homotopy.objectives.risk import EmpiricalRisk

__all__ = ["FeedForward"]


class FeedForward:
    r"""The one-step problem of an Elman net as the risk of a net with one hidden layer, and points there and back.

    Parameters
    ----------
    risk : RecurrentRisk
        A problem of which one step counts, with a state that is zero or learned: ``risk.shorter(1)``.

    Attributes
    ----------
    risk : EmpiricalRisk
        The same loss of :math:`C \phi(U x + b) + c`; its penalty is of these weights alone.

    Raises
    ------
    ArgumentError
        If more steps are run, the cell is gated, or the initial states are given.

    Examples
    --------
    >>> from homotopy.models import RNN
    >>> from homotopy.objectives.recurrent import RecurrentRisk
    >>> X = np.random.default_rng(0).standard_normal((6, 9, 2))
    >>> risk = RecurrentRisk(RNN(2, 3, 1), "squared", X, X[:, :, 0])
    >>> one = risk.shorter(1).feed_forward()
    >>> x = one.back(one.risk.draw(np.random.default_rng(1)), 2)
    >>> bool(np.isclose(risk.shorter(1).value(x), one.risk.value(one.there(x))))
    True
    """

    def __init__(self, risk: Any) -> None:
        model, own = risk.model, risk.sequences
        if model.cell != "elman":
            raise ArgumentError(f"the cell is {model.cell}; an elman net on one step has one plain hidden layer")
        if own.used > 1:
            raise ArgumentError(f"{own.used} steps are run; on one alone, shorter(1), a net is a plain one")
        if model.state == "given":
            raise ArgumentError("the initial states are given; they must be zero or learned")
        self.model = model
        X, Y, counts = own.compiled
        net = MLP([model.n_in, model.n_hidden, model.n_out], model.activation, dtype=model.dtype)
        self.risk = EmpiricalRisk(net, risk.loss, X[:, 0], Y[:, 0], l2=risk.l2, weights=counts[:, 0])

    def there(self, x: Vector) -> Vector:
        """Return the plain net's point of a recurrent net's."""
        parts = self.model.unpack(np.asarray(x))
        b = parts["b"] + parts["W"] @ parts["h0"] if "h0" in parts else parts["b"]
        return np.asarray(self.risk.model.pack([(parts["U"], b), (parts["C"], parts["c"])]))

    def back(self, theta: Vector, rng: Seed = None, *, kind: str = "normal") -> Vector:
        """Return a recurrent net's point of a plain net's, with W drawn as `RNN.init` draws it and a zero state."""
        (U, b), (C, c) = self.risk.model.unpack(np.asarray(theta))
        parts = self.model.unpack(self.model.init(rng, kind=kind))
        parts["U"][...], parts["b"][...], parts["C"][...], parts["c"][...] = U, b, C, c
        return np.asarray(self.model.pack(parts))
