"""A net as a chain of affine maps and activations: layers of a perceptron, or steps in time of an Elman net."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.doors import door, doors
from homotopy.models.losses import Loss
from homotopy.objectives.diffused.dual import joined

__all__ = ["Chain", "Link", "layered"]

Array = NDArray[np.float64]


@doors
@dataclass(frozen=True)
class Link:
    """A state act(A h + B x + b) behind the state h before it.

    Attributes
    ----------
    state, input, bias : str or None
        The names of A, B and b among the weights; links may share them.
    x : ndarray of shape (N, d) or None
        The inputs.
    rows : ndarray of int, shape (m,)
        The samples whose output behind this link counts.
    counts : ndarray of shape (N, 1)
        What a sample's state counts; 0 where nothing that counts follows.
    """

    state: str | None
    input: str | None
    bias: str | None
    x: Array | None
    rows: NDArray[np.intp]
    counts: Array


@doors
@dataclass(frozen=True)
class Chain:
    """A net with its data: links, one readout C h + c for all of them, and the loss of the outputs that count.

    Attributes
    ----------
    layout : tuple of (name, shape)
        Weights and biases, in the order in which theta holds them.
    links : tuple of Link
        In their order.
    readout : (str, str or None)
        The names of C and c.
    activation : str
        Of every link.
    loss, targets : Loss, ndarray of shape (R, k)
        Of the outputs that count, link by link.
    initial : str, ndarray of shape (N, h) or None
        The state before the first link: a name among the weights, numbers, or none.
    l2 : float
        Weight of the penalty (l2/2) |theta|^2.
    """

    layout: tuple[tuple[str, tuple[int, ...]], ...]
    links: tuple[Link, ...]
    readout: tuple[str, str | None]
    activation: str
    loss: Loss
    targets: Array
    initial: str | Array | None = None
    l2: float = 0.0

    @cached_property
    def size(self) -> int:
        """The number p of weights."""
        return sum(int(np.prod(shape)) for _, shape in self.layout)

    @cached_property
    def n_samples(self) -> int:
        """The number N of samples."""
        return len(self.links[0].counts)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """The number of units behind each link."""
        shapes = dict(self.layout)
        names = [link.state or link.input for link in self.links]
        return tuple(shapes[name][0] for name in names if name is not None)

    @cached_property
    def counts(self) -> Array:
        """What each output that counts counts, of mean one, shape (R, 1)."""
        return self.loss.counted(np.ones((len(self.targets), 1)))

    def unpack(self, theta: Any) -> dict[str, Any]:
        """Return weights by name, views where theta is an array."""
        out, at = {}, 0
        for name, shape in self.layout:
            n = int(np.prod(shape))
            out[name] = theta[at : at + n].reshape(shape)
            at += n
        return out

    def pack(self, parts: dict[str, Any]) -> Any:
        """Return the flat vector of parts by name, zeros for those that are missing."""
        return joined([parts.get(name, np.zeros(shape)).reshape(-1) for name, shape in self.layout])

    def states(self, tail: Any) -> list[Any]:
        """Return a flat vector of all states as one table (N, width) for each link."""
        out, at = [], 0
        for width in self.widths:
            n = self.n_samples * width
            out.append(tail[at : at + n].reshape((self.n_samples, width)))
            at += n
        return out


@door
def layered(risk: Any) -> Chain:
    """Return the chain of an `EmpiricalRisk` of a perceptron with hidden layers and identity outputs."""
    model, samples, outputs = risk.model, risk.samples, risk.outputs
    n, last = len(samples), len(model.sizes) - 2
    counts = np.ones((n, 1)) if samples.weights is None else samples.weights[:, None]
    bias = [f"b{i}" if model.bias else None for i in range(last + 1)]
    shapes: list[tuple[str, tuple[int, ...]]] = []
    for i, (n_in, n_out) in enumerate(zip(model.sizes[:-1], model.sizes[1:], strict=True)):
        shapes += [(f"W{i}", (n_out, n_in)), *([(f"b{i}", (n_out,))] if model.bias else [])]
    every, none = np.arange(n), np.arange(0)
    links = tuple(
        Link(
            state=f"W{i}" if i else None,
            input=None if i else "W0",
            bias=bias[i],
            x=None if i else samples.X,
            rows=every if i == last - 1 else none,
            counts=counts,
        )
        for i in range(last)
    )
    readout = (f"W{last}", bias[last])
    return Chain(tuple(shapes), links, readout, model.activation, outputs.loss, outputs.targets, None, risk.l2)
