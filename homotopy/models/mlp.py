"""The multilayer perceptron: sizes and layout of its weights, which it does not own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from homotopy._core.mlp import Net
from homotopy.arguments import generator, integer, number, numbers, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.models.activations import Activation
from homotopy.models.activations import activation as by_name

__all__ = ["MLP", "dtype_of"]

Array = NDArray[Any]
Layers = list[tuple[Array, Array | None]]

_MOST_WEIGHTS = 2**40


@doors
class MLP(Net):
    """A multilayer perceptron, immutable; its weights are one flat vector that the caller owns.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden units of each layer, outputs; ``(d, k)`` is a linear model.
    activation : str or Activation
        Of every hidden layer: a key of `homotopy.models.activations.BY_NAME`, or ``leaky-relu:slope=0.2``.
    output : str or Activation
        Of the last layer.
    bias : bool
        Whether layers have biases.
    dtype : float64 or float32
        Of weights, inputs and outputs; no other is taken or converted.

    Raises
    ------
    ArgumentError
        If sizes are not at least two positive integers, an activation is unknown, bias is no truth value, or dtype is
        another.

    Notes
    -----
    Layer l maps a to act(W a + b). theta holds, for each layer, W of shape (n_out, n_in) row by row, then b of
    shape (n_out,). The derivative at 0 of relu is 0, of leaky relu its slope below 0.

    Examples
    --------
    >>> model = MLP([2, 2, 1], "tanh")
    >>> theta = model.init(0)
    >>> theta.shape, model.forward(theta, np.zeros((4, 2))).shape
    ((9,), (4, 1))
    """

    sizes: tuple[int, ...]
    activation: str
    output: str
    bias: bool
    dtype: np.dtype[Any]

    def __new__(
        cls,
        sizes: Sequence[int],
        activation: str | Activation = "tanh",
        *,
        output: str | Activation = "identity",
        bias: bool = True,
        dtype: Any = np.float64,
    ) -> Self:
        """Check the arguments and make the compiled part."""
        checked = _sizes(sizes)
        hidden, last = by_name(activation), by_name(output)
        kind = dtype_of(dtype)
        if not isinstance(bias, (bool, np.bool_)):
            raise ArgumentError(f"bias is {shown(bias)}; it must be True or False")
        single, leaks = kind == np.float32, {"leak": hidden.leak, "output_leak": last.leak}
        self = super().__new__(cls, checked, hidden.code, last.code, bool(bias), single, **leaks)
        values = (checked, hidden.name, last.name, bool(bias), kind)
        for name, value in zip(("sizes", "activation", "output", "bias", "dtype"), values, strict=True):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an MLP is immutable: {name} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (self.sizes, self.activation, self.output, self.bias, self.dtype.name)

    def __repr__(self) -> str:
        bias = "" if self.bias else ", bias=False"
        single = "" if self.dtype == np.float64 else ", dtype=float32"
        output = "" if self.output == "identity" else f", output={self.output!r}"
        return f"MLP({list(self.sizes)}, {self.activation!r}{output}{bias}{single})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MLP) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__()[1])

    def init(self, rng: np.random.Generator | int | None = None, *, scale: float | None = None) -> Array:
        """Return random weights, shape (p,), in the model's dtype.

        Parameters
        ----------
        rng : Generator, int or None
            Draws the weights; float64 and float32 models draw the same numbers.
        scale : float or None
            None: W is normal with variance 1/n_in, b is 0. A number: W and b are normal with this standard deviation.

        Raises
        ------
        ArgumentError
            If scale is not a positive finite number, or rng is something else.
        """
        if scale is not None:
            scale = number("scale", scale, "a positive finite number or None", above=0, below=math.inf)
        rng = generator("rng", rng)
        parts: list[Array] = []
        for n_in, n_out in zip(self.sizes[:-1], self.sizes[1:], strict=True):
            parts.append(rng.standard_normal(n_out * n_in) * (scale if scale is not None else 1 / math.sqrt(n_in)))
            if self.bias:
                parts.append(np.zeros(n_out) if scale is None else scale * rng.standard_normal(n_out))
        return np.concatenate(parts).astype(self.dtype)

    def unpack(self, theta: Array) -> Layers:
        """Return the layers as views into `theta`.

        Parameters
        ----------
        theta : ndarray of shape (p,)
            The weights.

        Returns
        -------
        list of (W, b)
            One pair a layer; W of shape (n_out, n_in), b of shape (n_out,) or None without biases.

        Raises
        ------
        ArgumentError
            If theta is no array, or has another shape.
        """
        if not isinstance(theta, np.ndarray):
            raise ArgumentError(f"theta is {shown(theta)}; it must be an array of shape ({self.size},)")
        if theta.shape != (self.size,):
            raise ArgumentError(f"theta has shape {theta.shape}; the model needs ({self.size},)")
        layers: Layers = []
        at = 0
        for n_in, n_out in zip(self.sizes[:-1], self.sizes[1:], strict=True):
            W = theta[at : at + n_out * n_in].reshape(n_out, n_in)
            at += n_out * n_in
            b = theta[at : at + n_out] if self.bias else None
            at += n_out if self.bias else 0
            layers.append((W, b))
        return layers

    def pack(self, layers: Layers) -> Array:
        """Return the flat vector of the given layers, shape (p,): the inverse of `unpack`.

        Parameters
        ----------
        layers : list of (W, b)
            Shapes as `unpack` returns them.

        Raises
        ------
        ArgumentError
            If the number of layers or a shape is not the model's, or an entry is no real number.
        """
        theta = np.empty(self.size, dtype=self.dtype)
        views = self.unpack(theta)
        if not isinstance(layers, (list, tuple)):
            raise ArgumentError(f"layers is {shown(layers)}; it must be a list of pairs (W, b)")
        if len(layers) != len(views):
            raise ArgumentError(f"layers has {len(layers)} of them; the model has {len(views)}")
        for index, (view, given) in enumerate(zip(views, layers, strict=True)):
            if not isinstance(given, (list, tuple)) or len(given) != 2:
                raise ArgumentError(f"layers[{index}] is {shown(given)}; it must be a pair (W, b)")
            for name, into, value in zip(("W", "b"), view, given, strict=True):
                _copy(f"layers[{index}]: {name}", into, value)
        return theta

    def wider(self, extra: int, *, layer: int = 0) -> MLP:
        """Return the net with `extra` more units in a hidden layer, which 0 is the first of.

        Raises
        ------
        ArgumentError
            If there is no such layer, or that leaves it no unit.
        """
        if len(self.sizes) == 2:
            raise ArgumentError(f"{self!r} has no hidden layer; a wider net needs one")
        at = integer("layer", layer, least=0, most=len(self.sizes) - 3) + 1
        width = self.sizes[at] + integer("extra", extra, least=1 - self.sizes[at])
        sizes = (*self.sizes[:at], width, *self.sizes[at + 1 :])
        return MLP(sizes, self.activation, output=self.output, bias=self.bias, dtype=self.dtype)


def _copy(name: str, into: Array | None, value: Any) -> None:
    """Copy one layer's weights or biases into a view; None stands for no biases on both sides."""
    if into is None and value is None:
        return
    given = None if value is None else numbers(name, value)
    if into is None or given is None or given.shape != into.shape:
        need = "no biases" if into is None else f"shape {into.shape}"
        got = "none" if given is None else f"shape {given.shape}"
        raise ArgumentError(f"{name} has {got}; the model has {need}")
    into[...] = given


def _sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes as a tuple; a bound on the weights keeps their number and their bytes within 64 bits."""
    try:
        given = () if isinstance(sizes, (str, set, frozenset, Mapping)) else tuple(sizes)
        checked = tuple(int(n) if isinstance(n, (int, float, np.integer, np.floating)) else 0 for n in given)
        good = len(checked) >= 2 and all(n == m and 0 < n < 2**31 for n, m in zip(checked, given, strict=True))
        good = good and not any(isinstance(n, (bool, np.bool_)) for n in given)
    except (TypeError, ValueError, OverflowError):
        good = False
    if not good:
        raise ArgumentError(f"sizes is {shown(sizes)}; it must be at least two positive integers: inputs, ..., outputs")
    count = sum(m * (n + 1) for n, m in itertools.pairwise(checked))
    if count >= _MOST_WEIGHTS:
        raise ArgumentError(f"sizes is {shown(sizes)}: {count} weights; there must be fewer than {_MOST_WEIGHTS}")
    return checked


def dtype_of(dtype: Any) -> np.dtype[Any]:
    """Return float64 or float32 as a NumPy dtype.

    Raises
    ------
    ArgumentError
        If it is another.
    """
    try:
        kind: np.dtype[Any] = np.dtype(dtype)
    except Exception:
        raise ArgumentError(f"dtype is {shown(dtype)}; it must be float64 or float32") from None
    if kind not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise ArgumentError(f"dtype is {kind}; it must be float64 or float32")
    return kind


def _remake(sizes: tuple[int, ...], hidden: str, output: str, bias: bool, dtype: str) -> MLP:
    return MLP(sizes, hidden, output=output, bias=bias, dtype=dtype)
