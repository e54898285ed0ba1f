"""A net of another library that is one of ours: its compiled risk, with the net's own weights and scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector
from homotopy.objectives.risk import EmpiricalRisk

__all__ = ["Origin", "RecognizedRisk"]

Array = NDArray[Any]


class Origin(NamedTuple):
    """Where a recognized net comes from.

    Attributes
    ----------
    start : ndarray of shape (p,)
        Its weights when it was recognized, in this package's layout.
    factor : float
        How many times this package's value the user's own is.
    loss : str
        What the user's loss is called.
    tree : callable or None
        ``tree(x)`` is the weights in the form in which a JAX net has them.
    """

    start: Vector
    factor: float
    loss: str
    tree: Callable[[Vector], Any] | None = None


class RecognizedRisk(EmpiricalRisk):
    r"""The risk of a net of torch or JAX on this package's kernels: an `EmpiricalRisk`, with all homotopies.

    Attributes
    ----------
    start : ndarray of shape (p,)
        The weights that the net had, read-only.
    factor : float
        The user's loss, penalty included, is ``factor`` times this objective: 2 for ``MSELoss`` on one output, since
        the squared loss of this package is 1/2 (z - y)^2, summed over outputs; 1 for cross entropies.

    Notes
    -----
    With c = ``factor``

    .. math:: f_{user}(\theta) = c\,(\frac1n \sum_i \ell_i(\theta) + \frac{\lambda / c}{2} |\theta|^2)

    so that `l2` is the user's over c. Minima, paths and the order of any two points are the same.
    """

    start: Vector
    factor: float
    origin: Origin

    @classmethod
    def of(cls, model: MLP, loss: str, data: tuple[Any, Any], *, l2: float, origin: Origin) -> Self:
        """Return the risk of a recognized net; `l2` is the weight of this package's penalty.

        Raises
        ------
        ArgumentError, DataError
            As `EmpiricalRisk`.
        """
        self = cls(model, loss, *data, l2=l2)
        start = np.array(origin.start, dtype=np.float64)
        start.flags.writeable = False
        self.start, self.factor, self.origin = start, origin.factor, origin._replace(start=start)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        made = (self.model, self.loss.name, (self.X, self.y), self.l2, self.origin._replace(tree=None))
        return _remade, made

    def __repr__(self) -> str:
        scale = f", {self.remark}" if self.remark else ""
        return f"RecognizedRisk({self.model!r}, {self.loss.name!r}, n_samples={len(self.X)}, l2={self.l2:g}{scale})"

    @property
    def remark(self) -> str:
        """What a result on this objective says of its value; empty where it is the user's own."""
        return "" if self.factor == 1 else f"{self.origin.loss} is {self.factor:g} times the value"

    def users_value(self, x: Vector) -> float:
        """Return the user's own loss at x, penalty included: ``factor`` times the value."""
        return self.factor * float(self.value(x))

    def tree(self, x: Vector) -> Any:
        """Return the weights x in the form in which the JAX net has them; torch's come from `to_torch`.

        Raises
        ------
        TypeError
            If the net came from torch.
        """
        if self.origin.tree is None:
            raise TypeError("tree is for nets of JAX; to_torch(x, module) gives a module's state")
        return self.origin.tree(np.asarray(x, dtype=np.float64))


def _remade(model: MLP, loss: str, data: tuple[Any, Any], l2: float, origin: Origin) -> RecognizedRisk:
    return RecognizedRisk.of(model, loss, data, l2=l2, origin=origin)
