"""A function of JAX as an Objective: compiled value, gradient and second-order products, for one point and for many."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.bridges.draws import BLOCK, like
from homotopy.bridges.fromjax.nets import JaxNet
from homotopy.bridges.fromjax.trees import Tree
from homotopy.bridges.recognition import missing
from homotopy.errors import ArgumentError
from homotopy.models.losses import Loss
from homotopy.objectives.base import FromValueAndGrad, Vector

__all__ = ["JaxObjective", "JaxOutputs", "double"]

Array = NDArray[Any]


def double(jax: Any) -> AbstractContextManager[Any]:
    """Return a ``with`` block in which JAX computes in double precision; the user's setting is as before after it."""
    own = getattr(jax, "enable_x64", None)
    if own is None:  # older releases have it elsewhere
        own = importlib.import_module("jax.experimental").enable_x64
    switched: AbstractContextManager[Any] = own(True)
    return switched


class JaxObjective(FromValueAndGrad):
    """A function of JAX, or a net of JAX with a loss on data, as an Objective of one flat vector.

    Made by `homotopy.objective_from_jax`.

    Attributes
    ----------
    size : int
        The number n of variables.
    start : ndarray of shape (n,) or None
        The variables that were given; None where their number was.
    factor : float
        1: the value is the user's own.
    l2 : float
        Weight of the penalty, (l2/2) |x|^2.
    unrecognized : str
        Why this package's kernels do not compute it.

    Raises
    ------
    ArgumentError
        If the function returns no real number.

    Notes
    -----
    Every function is compiled at its first call. Products are forward over reverse, or twice reverse where a
    ``custom_vjp`` allows nothing else; many points are mapped by
    ``jax.vmap``. JAX's own threads are left as they are.
    """

    factor = 1.0
    unrecognized = "only a net with data can be a perceptron"

    def __init__(
        self, jax: Any, fun: Callable[..., Any], tree: Tree, *, net: JaxNet | None, l2: float, remake: Any
    ) -> None:
        self._jax, self._tree, self.net, self.l2, self._remake = jax, tree, net, l2, remake
        self.size = tree.size
        self.start: Vector | None = tree.start
        self._data = () if net is None else (net.X, net.y)
        self._fun = fun
        if net is not None and net.loss is not None:
            self.outputs = JaxOutputs(jax, net, net.loss)
            self.at_least = 0.0
        self._seen(jax.eval_shape(self._value, tree.start, *self._data))

    def _seen(self, found: Any) -> None:
        """Refuse what the function returns where it is no real number; `found` has its shape and dtype."""
        shape, dtype = getattr(found, "shape", None), getattr(found, "dtype", None)
        if shape == () and self._jax.dtypes.issubdtype(dtype, np.floating):
            return
        what = f"an array of shape {shape}" if shape else f"a number of {dtype}" if shape == () else shown(found)
        name = "fun" if self.net is None else f"loss {self.net.label}"
        raise ArgumentError(f"{name} returns {what}; it must return one real number: a sum or a mean")

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple(self._remake)

    def __repr__(self) -> str:
        name = "function" if self.net is None else f"net, {self.net.label}, n_samples={len(self.net.X)}"
        return f"JaxObjective({name}, n={self.size}, l2={self.l2:g})"

    def lacks(self, facet: str) -> str | None:
        """Return why a facet is not offered, or None (`homotopy.objectives.facets`)."""
        if hasattr(self, facet):
            return None
        if facet != "outputs":
            return missing(f"the {'function' if self.net is None else 'net'} of JAX", self.unrecognized, facet)
        if self.net is None:
            return "a function of JAX has no outputs on samples; a net is given with loss, X and y"
        known = "'squared', 'logistic' and 'softmax'"
        return f"the outputs of the net go into {self.net.label}; losses that are known are {known}"

    def users_value(self, x: Vector) -> float:
        """Return the user's own function at x, penalty included: the value."""
        return self.value(x)

    def draw(self, rng: np.random.Generator) -> Vector:
        """Return random variables, shape (n,): normal, of the size that each array had (`bridges.draws.like`)."""
        return np.concatenate([piece.ravel() for piece in like(self._tree.pieces(self._tree.start), rng)])

    def tree(self, x: Vector) -> Any:
        """Return the variables x in the form in which they were given, in its dtypes."""
        return self._tree.given_back(np.asarray(x, dtype=np.float64))

    def _point(self, x: Vector) -> Vector:
        """Return a point in double precision: JAX computes in that of what it is given.

        Raises
        ------
        ArgumentError
            If it has another shape.
        """
        if np.shape(x) != (self.size,):
            raise ArgumentError(f"x has shape {np.shape(x)}; the objective needs ({self.size},)")
        return np.asarray(x, dtype=np.float64)

    def _value(self, theta: Any, *data: Any) -> Any:
        value = self._fun(theta, *data)
        return value + 0.5 * self.l2 * theta @ theta if self.l2 else value

    @cached_property
    def _compiled(self) -> dict[str, Any]:
        jax, data = self._jax, [None] * len(self._data)
        pair = jax.value_and_grad(self._value)

        def forward(x: Any, v: Any, *data: Any) -> Any:
            return jax.jvp(lambda point: jax.grad(self._value)(point, *data), (x,), (v,))[1]

        def reverse(x: Any, v: Any, *data: Any) -> Any:
            return jax.vjp(lambda point: jax.grad(self._value)(point, *data), x)[1](v)[0]

        product, start = forward, self._tree.start
        try:
            jax.eval_shape(forward, start, start, *self._data)
        except TypeError:  # a function with a custom_vjp has no derivative forward
            product = reverse

        return {
            "value": jax.jit(self._value),
            "pair": jax.jit(pair),
            "pairs": jax.jit(jax.vmap(pair, in_axes=(0, *data))),
            "product": jax.jit(product),
            "products": jax.jit(jax.vmap(product, in_axes=(0, 0, *data))),
        }

    def value(self, x: Vector) -> float:
        """Return f(x)."""
        with double(self._jax):
            return float(self._compiled["value"](self._point(x), *self._data))

    def value_and_grad(self, x: Vector) -> tuple[float, Vector]:
        """Return f(x) and the gradient at x, shape (n,)."""
        with double(self._jax):
            value, grad = self._compiled["pair"](self._point(x), *self._data)
            return float(value), np.array(grad, dtype=np.float64)

    def hessp(self, x: Vector, v: Vector) -> Vector:
        """Return the Hessian at x times v, shape (n,)."""
        with double(self._jax):
            return np.array(self._compiled["product"](self._point(x), self._point(v), *self._data), dtype=np.float64)

    def value_and_grad_many(self, X: Array) -> tuple[Vector, Array]:
        """Return the values at the rows of X, shape (r,), and the gradients there, shape (r, n)."""
        found = [(np.empty(0), np.empty((0, self.size)))]
        with double(self._jax):
            found += [self._compiled["pairs"](part, *self._data) for part in self._blocks(X)]
        values, grads = zip(*found, strict=True)
        return np.concatenate(values), np.concatenate(grads)

    def hessp_many(self, X: Array, V: Array) -> Array:
        """Return the Hessian at each row of X times the same row of V, shape (r, n)."""
        pairs = zip(self._blocks(X), self._blocks(V), strict=True)
        with double(self._jax):
            found = [self._compiled["products"](*pair, *self._data) for pair in pairs]
        return np.concatenate([np.empty((0, self.size)), *found])

    def _blocks(self, X: Array) -> list[Array]:
        """Return rows in blocks that are evaluated at once."""
        block = max(1, BLOCK // (self.size + sum(int(one.size) for one in self._data)))
        X = np.asarray(X, dtype=np.float64)
        return [X[at : at + block] for at in range(0, len(X), block)]


class JaxOutputs:
    """The outputs z(x) of a net on its data, (N, k), with derivatives, loss and targets."""

    def __init__(self, jax: Any, net: JaxNet, loss: Loss) -> None:
        self._jax, self._net, self.loss, self.targets = jax, net, loss, net.y
        if net.X.ndim == 2:
            self.inputs: Array = np.asarray(net.X, dtype=np.float64)

    @cached_property
    def _compiled(self) -> dict[str, Any]:
        jax, net = self._jax, self._net

        def forward(theta: Any, X: Any) -> Any:
            return net.outputs(theta, X).reshape(net.y.shape)

        def pulled(theta: Any, X: Any, G: Any) -> Any:
            return jax.vjp(lambda point: forward(point, X), theta)[1](G)[0]

        return {
            "forward": jax.jit(forward),
            "jvp": jax.jit(lambda theta, X, v: jax.jvp(lambda point: forward(point, X), (theta,), (v,))[1]),
            "vjp": jax.jit(pulled),
            "curvature": jax.jit(lambda theta, X, G, v: jax.jvp(lambda x: pulled(x, X, G), (theta,), (v,))[1]),
        }

    def _call(self, name: str, *given: Any) -> Array:
        with double(self._jax):
            x, *rest = (np.asarray(one, dtype=np.float64) for one in given)
            return np.array(self._compiled[name](x, self._net.X, *rest), dtype=np.float64)

    def forward(self, x: Vector) -> Array:
        """Return the outputs at x, shape (N, k)."""
        return self._call("forward", x)

    def jvp(self, x: Vector, v: Vector) -> Array:
        """Return the derivative of the outputs along v, shape (N, k)."""
        return self._call("jvp", x, v)

    def vjp(self, x: Vector, G: Array) -> Vector:
        """Return the gradient of the sum of G times the outputs, shape (n,)."""
        return self._call("vjp", x, G)

    def curvature(self, x: Vector, G: Array, v: Vector) -> Vector:
        """Return the Hessian of the sum of G times the outputs, times v, shape (n,)."""
        return self._call("curvature", x, G, v)
