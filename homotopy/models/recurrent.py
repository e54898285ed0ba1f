"""The recurrent net: its cells, sizes and layout of weights, which it does not own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from homotopy._core.rnn import Net
from homotopy.arguments import choice, generator, integer, number, numbers, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.models.activations import Activation
from homotopy.models.activations import activation as by_name
from homotopy.models.cells import BLOCKS, CARRIED, STARTS, recurrent_weights, shapes_of, step_flops
from homotopy.models.mlp import dtype_of

__all__ = ["RNN", "STATES"]

Array = NDArray[Any]

STATES = ("zero", "learned", "given")
"""What the state before the first step may be."""
MOST_WEIGHTS = 2**40


@doors
class RNN(Net):
    r"""A recurrent net, immutable; its weights are one flat vector that the caller owns.

    Parameters
    ----------
    n_in, n_hidden, n_out : int
        Inputs, hidden units and outputs of a step.
    activation : str or Activation
        Of an Elman net: a key of `homotopy.models.activations.BY_NAME`, or ``leaky-relu:slope=0.2``. Gated cells have
        tanh.
    cell : str
        "elman", "gru" or "lstm".
    state : str
        What the state before the first step is: "zero"; "learned", a part of the weights; or "given" with the data,
        one for each sequence.
    dtype : float64 or float32
        Of weights, inputs and outputs; no other is taken or converted.

    Attributes
    ----------
    size : int
        The number p of weights.
    state_size : int
        The number of entries of a state: h, or 2 h of an LSTM, whose cell stands behind its hidden state.

    Raises
    ------
    ArgumentError
        If a size is no positive integer, a name is unknown, a gated cell has another activation than tanh, or dtype is
        another.

    Notes
    -----
    With h hidden units, d inputs and k outputs theta holds W (g h, h), U (g h, d) and b (g h,), row by row, then for a
    GRU e (h,), then C (k, h) and c (k,), and at its end a learned state (`state_size`,). The outputs are
    :math:`z_t = C h_t + c`, and

    - Elman, g = 1: :math:`h_t = \phi(W h_{t-1} + U x_t + b)`;
    - GRU, g = 3, blocks r, u, n: :math:`r = \sigma(W_r h + U_r x + b_r)`, :math:`u = \sigma(W_u h + U_u x + b_u)`,
      :math:`n = \tanh(U_n x + b_n + r (W_n h + e))`, :math:`h' = (1 - u) n + u h`, as in torch;
    - LSTM, g = 4, blocks i, f, g, o: :math:`c' = \sigma(f) c + \sigma(i) \tanh(g)`,
      :math:`h' = \sigma(o) \tanh(c')`.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990); K. Cho et al., "Learning phrase
    representations using RNN encoder-decoder", EMNLP 2014 (the GRU; here with the reset gate behind the product, as in
    torch); S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997).

    Examples
    --------
    >>> model = RNN(2, 4, 1)
    >>> theta = model.init(0)
    >>> theta.shape, model.forward(theta, np.zeros((5, 10, 2))).shape
    ((33,), (5, 10, 1))
    """

    n_in: int
    n_hidden: int
    n_out: int
    activation: str
    cell: str
    state: str
    dtype: np.dtype[Any]

    def __new__(
        cls,
        n_in: int,
        n_hidden: int,
        n_out: int,
        activation: str | Activation = "tanh",
        *,
        cell: str = "elman",
        state: str = "zero",
        dtype: Any = np.float64,
    ) -> Self:
        """Check the arguments and make the compiled part."""
        sizes = tuple(
            integer(name, value, most=2**31 - 1)
            for name, value in (("n_in", n_in), ("n_hidden", n_hidden), ("n_out", n_out))
        )
        act, kind = by_name(activation), dtype_of(dtype)
        choice("cell", cell, tuple(BLOCKS))
        choice("state", state, STATES)
        if cell != "elman" and act.name != "tanh":
            raise ArgumentError(f"activation is {act.name!r}; the units of a {cell} cell are 'tanh' ones")
        count = sum(math.prod(shape) for shape in shapes_of(sizes, cell, learned=state == "learned").values())
        if count >= MOST_WEIGHTS:
            raise ArgumentError(f"sizes {sizes} make {count} weights; there must be fewer than {MOST_WEIGHTS}")
        single, code = kind == np.float32, list(BLOCKS).index(cell)
        d, h, k = sizes
        self = super().__new__(cls, d, h, k, act.code, code, state == "learned", single, leak=act.leak)
        values = (*sizes, act.name, cell, state, kind)
        names = ("n_in", "n_hidden", "n_out", "activation", "cell", "state", "dtype")
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an RNN is immutable: {name} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        sizes = (self.n_in, self.n_hidden, self.n_out)
        return _remake, (sizes, self.activation, self.cell, self.state, self.dtype.name)

    def __repr__(self) -> str:
        more = "" if self.cell == "elman" else f", cell={self.cell!r}"
        more += "" if self.state == "zero" else f", state={self.state!r}"
        more += "" if self.dtype == np.float64 else ", dtype=float32"
        return f"RNN({self.n_in}, {self.n_hidden}, {self.n_out}, {self.activation!r}{more})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RNN) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__()[1])

    @property
    def state_size(self) -> int:
        """The number of entries of a state."""
        return self.n_hidden * CARRIED[self.cell]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the parts of theta by their names, in their order."""
        return shapes_of((self.n_in, self.n_hidden, self.n_out), self.cell, learned=self.state == "learned")

    def init(self, rng: np.random.Generator | int | None = None, *, kind: str = "normal", scale: float = 1.0) -> Array:
        """Return random weights, shape (p,), in the model's dtype.

        Parameters
        ----------
        rng : Generator, int or None
            Draws the weights; float64 and float32 models draw the same numbers.
        kind : str
            How W is drawn, in each block of h rows: "normal" with variance 1/h, "orthogonal" (uniformly), "identity",
            or "zero". U and C are normal with variances 1/d and 1/h, all else is 0.
        scale : float
            Multiplies all of it.

        Raises
        ------
        ArgumentError
            If kind is unknown, scale is not a positive finite number, or rng is something else.
        """
        choice("kind", kind, STARTS)
        scale = number("scale", scale, "a positive finite number", above=0, below=math.inf)
        rng = generator("rng", rng)
        h, parts = self.n_hidden, {name: np.zeros(shape) for name, shape in self.shapes.items()}
        for block in parts["W"].reshape(-1, h, h):
            block[...] = recurrent_weights(kind, h, rng)
        parts["U"][...] = rng.standard_normal(parts["U"].shape) / math.sqrt(self.n_in)
        parts["C"][...] = rng.standard_normal(parts["C"].shape) / math.sqrt(h)
        return (scale * np.concatenate([part.ravel() for part in parts.values()])).astype(self.dtype)

    def unpack(self, theta: Array) -> dict[str, Array]:
        """Return the parts of `theta` by their names as views: W, U, b, e of a GRU, C, c, and h0 of a learned state.

        Parameters
        ----------
        theta : ndarray of shape (p,)
            The weights.

        Raises
        ------
        ArgumentError
            If theta is no array, or has another shape.
        """
        if not isinstance(theta, np.ndarray):
            raise ArgumentError(f"theta is {shown(theta)}; it must be an array of shape ({self.size},)")
        if theta.shape != (self.size,):
            raise ArgumentError(f"theta has shape {theta.shape}; the model needs ({self.size},)")
        parts, at = {}, 0
        for name, shape in self.shapes.items():
            n = math.prod(shape)
            parts[name] = theta[at : at + n].reshape(shape)
            at += n
        return parts

    def pack(self, parts: Mapping[str, Any]) -> Array:
        """Return the flat vector of the given parts, shape (p,): the inverse of `unpack`.

        Parameters
        ----------
        parts : dict
            Names and shapes as `unpack` returns them.

        Raises
        ------
        ArgumentError
            If a name or a shape is not the model's, or an entry is no real number.
        """
        theta = np.empty(self.size, dtype=self.dtype)
        views = self.unpack(theta)
        if not isinstance(parts, Mapping) or set(parts) != set(views):
            names = sorted(map(str, parts)) if isinstance(parts, Mapping) else shown(parts)
            raise ArgumentError(f"parts is {names}; it must be a dict of {', '.join(views)}")
        for name, view in views.items():
            given = numbers(name, parts[name])
            if given.shape != view.shape:
                raise ArgumentError(f"{name} has shape {given.shape}; the model has {view.shape}")
            view[...] = given
        return theta

    def gradient_flops(self, n_steps: float, n_outputs: float | None = None) -> float:
        """Return the floating-point operations of a value and its gradient on one sequence.

        Parameters
        ----------
        n_steps : float
            How many steps are run.
        n_outputs : float or None
            At how many of them the outputs are formed; None for all.

        Notes
        -----
        Every product with a matrix counts 2 operations a weight, forward once and backward twice, of U once; an
        activation counts as in `MLP`.
        """
        n_steps = number("n_steps", n_steps)
        n_outputs = None if n_outputs is None else number("n_outputs", n_outputs)
        sizes = (self.n_in, self.n_hidden, self.n_out)
        outputs = 6.0 * self.n_hidden * self.n_out
        steps = n_steps * step_flops(sizes, self.cell, self.activation)
        return steps + (n_steps if n_outputs is None else n_outputs) * outputs

    def wider(self, extra: int) -> RNN:
        """Return the net with `extra` more hidden units.

        Raises
        ------
        ArgumentError
            If that leaves no unit.
        """
        h = integer("extra", extra, least=1 - self.n_hidden) + self.n_hidden
        return self.changed(n_hidden=h)

    def changed(self, **parts: Any) -> RNN:
        """Return the net with other sizes, activation, cell, state or dtype, by their names."""
        names = ("n_in", "n_hidden", "n_out", "activation", "cell", "state", "dtype")
        return RNN(**{**{name: getattr(self, name) for name in names}, **parts})


def _remake(sizes: tuple[int, int, int], activation: str, cell: str, state: str, dtype: str) -> RNN:
    d, h, k = sizes
    return RNN(d, h, k, activation, cell=cell, state=state, dtype=dtype)
