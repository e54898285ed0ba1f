"""Which of this package's nets a function of weights and inputs is: guessed by shapes, proved by its outputs.

A net of another library is a function z(theta, X). The shapes of its weights say which sizes it can have; its
activations are tried one after the other, on random weights of four sizes and random inputs, where a net that is
another one has other outputs. Nothing is taken from names, so that a net that is written out by hand is recognized
like one of ready-made layers, and one that looks the same but does something else is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax

from homotopy.models.activations import BY_NAME
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector
from homotopy.objectives.facets import FACETS

__all__ = ["ANOTHER", "DIFFERS", "LINKS", "NO_CHAIN", "OFF", "agree", "chain", "missing", "recognized"]

Array = NDArray[Any]
SIZES = (0.5, 1.0, 3.0, 30.0)
"""Sizes of the random weights, over the root of a layer's inputs: from nearly linear to saturated units."""
ROWS = 24
TOLERANCE = 1e-9
"""By how much outputs may differ, over the largest of them; torch's softplus is linear from 20 on, 2e-9 from ours."""

LINKS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda Z: Z,
    "logistic": expit,
    "log-softmax": lambda Z: np.asarray(log_softmax(Z, axis=-1)),
}
"""What a loss takes instead of raw outputs, as functions of these."""


OFF = "recognize is False"
NO_CHAIN = "its weights are no chain of dense layers, all of them with biases or none"
ANOTHER = f"its outputs are those of no perceptron with one of the activations {', '.join(BY_NAME)}"
DIFFERS = "on the data it does not agree with this package's kernels"


def missing(kind: str, why: str, facet: str) -> str:
    """Return the sentence for a facet that a net of another library lacks, since it is none of this package's.

    Examples
    --------
    >>> missing("a Net of torch", OFF, "hidden")
    'a Net of torch has no hidden layers: this package does not know its layers, since recognize is False'
    """
    return f"{kind} has no {FACETS[facet]}: this package does not know its layers, since {why}"


def chain(shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], bool] | None:
    """Return sizes and whether there are biases, for shapes W, b, W, b, ... or W, W, ...; None where they are others.

    Examples
    --------
    >>> chain([(4, 2), (4,), (1, 4), (1,)])
    ((2, 4, 1), True)
    >>> chain([(4, 2), (1, 4)])
    ((2, 4, 1), False)
    >>> chain([(4, 2), (4,), (1, 5), (1,)]) is None
    True
    """
    weights = [shape for shape in shapes if len(shape) == 2]
    bias = len(weights) < len(shapes)
    wanted = [shape for one in weights for shape in ((one, one[:1]) if bias else (one,))]
    fits = all(low[0] == high[1] for low, high in itertools.pairwise(weights))
    if not weights or not fits or list(map(tuple, shapes)) != wanted or 0 in {n for one in weights for n in one}:
        return None
    return (int(weights[0][1]), *(int(one[0]) for one in weights)), bias


def recognized(
    outputs: Callable[[Vector, Array], Array | None],
    sizes: tuple[int, ...],
    bias: bool,
    *,
    link: str = "identity",
    hidden: Sequence[str] = (),
) -> MLP | None:
    """Return the net whose outputs, put through `link`, are those of a function, or None.

    Parameters
    ----------
    outputs : callable
        ``outputs(theta, X)`` with weights in this package's layout and X of shape (n, d) returns the outputs, shape
        (n, k) after reshaping; None where it has none.
    sizes, bias : tuple of int, bool
        Those of the net.
    link : str
        A key of `LINKS`.
    hidden : sequence of str
        Activations to try, in this order, before all others: a leaky relu's slope is known by its name alone.
    """
    rng = np.random.default_rng(0)
    rough = MLP(sizes, bias=bias)
    X = rng.standard_normal((ROWS, sizes[0]))
    thetas = [_weights(rough, size, rng) for size in SIZES]
    seen: list[Array] = []
    for theta in thetas:
        Z = outputs(theta, X)
        if Z is None or np.size(Z) != ROWS * sizes[-1] or not np.isfinite(Z).all():
            return None
        seen.append(np.asarray(Z).reshape(ROWS, sizes[-1]))
    names = [*hidden, *(name for name in BY_NAME if name not in hidden)] if len(sizes) > 2 else ["tanh"]
    lasts = ["identity", *(name for name in BY_NAME if name != "identity")] if link == "identity" else ["identity"]
    for name in names:
        raw = MLP(sizes, name, bias=bias)
        before = [np.asarray(raw.forward(theta, X)) for theta in thetas]
        for last in lasts:
            if all(agree(LINKS[link](BY_NAME[last](Z)), there) for Z, there in zip(before, seen, strict=True)):
                return MLP(sizes, name, output=last, bias=bias)
    return None


def agree(ours: Any, theirs: Any) -> bool:
    """Return whether two arrays or numbers agree to `TOLERANCE` of the largest entry."""
    scale = float(np.max(np.abs(theirs), initial=0.0))
    return bool(np.max(np.abs(np.asarray(ours) - theirs), initial=0.0) <= TOLERANCE * scale)


def _weights(net: MLP, size: float, rng: np.random.Generator) -> Vector:
    """Return random weights and biases whose sizes grow with `size`."""
    theta = np.empty(net.size)
    for W, b in net.unpack(theta):
        W[...] = size / np.sqrt(W.shape[1]) * rng.standard_normal(W.shape)
        if b is not None:
            b[...] = size * rng.standard_normal(b.shape)
    return theta
