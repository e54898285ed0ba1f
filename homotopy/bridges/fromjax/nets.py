"""Nets of JAX on data: Equinox modules, Flax modules, and functions of weights and inputs, as outputs and a loss."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import choice, numbers, shown
from homotopy.bridges.fromjax.trees import Tree, orders
from homotopy.bridges.recognition import ANOTHER, DIFFERS, NO_CHAIN, agree, recognized
from homotopy.bridges.recognized import Origin, RecognizedRisk
from homotopy.errors import ArgumentError, DataError
from homotopy.models.losses import BY_NAME, Loss
from homotopy.objectives.base import Vector

__all__ = ["JaxNet", "known", "net_of"]

Array = NDArray[Any]


class JaxNet(NamedTuple):
    """A net on data.

    Attributes
    ----------
    tree : Tree
        Its weights.
    outputs : callable
        ``outputs(theta, X)``, traced by JAX.
    X, y : ndarray
        The data; y as the loss takes it.
    loss : Loss or None
        The loss of this package, or None where it is the user's own.
    label : str
        What the loss is called.
    value : callable
        ``value(Z, y)``, the loss of outputs, traced by JAX.
    """

    tree: Tree
    outputs: Callable[[Any, Any], Any]
    X: Array
    y: Array
    loss: Loss | None
    label: str
    value: Callable[[Any, Any], Any]


def net_of(jax: Any, net: Any, x0: Any, loss: Any, data: tuple[Any, Any]) -> JaxNet:
    """Return a net of JAX with a loss on data.

    Raises
    ------
    ArgumentError
        If `net` is none, or an argument does not fit it.
    DataError
        If there are no samples, or numbers are not finite.
    """
    if isinstance(loss, type) or not (callable(loss) or isinstance(loss, str)):
        raise ArgumentError(f"loss must be a function (outputs, y) or one of {', '.join(BY_NAME)}, not {shown(loss)}")
    if isinstance(loss, str):
        choice("loss", loss, sorted(BY_NAME))
    X, y = _data(data)
    tree, outputs = _parts(jax, net, x0)
    shape = jax.eval_shape(outputs, tree.start, X).shape
    if not shape or shape[0] != len(X):
        raise ArgumentError(f"fun returns shape {shape} for {len(X)} samples; it must return one row a sample")
    if not isinstance(loss, str):
        return JaxNet(tree, outputs, X, y, None, getattr(loss, "__name__", type(loss).__name__), loss)
    ours = BY_NAME[loss]
    table = ours.targets(y if y.ndim == 1 else y.reshape(len(y), -1), int(np.prod(shape[1:])))
    return JaxNet(tree, outputs, X, table, ours, loss, _value(jax, loss))


def known(jax: Any, net: JaxNet, l2: float) -> RecognizedRisk | str:
    """Return the risk of a net on this package's kernels, or why it is none of its nets."""
    if net.loss is None:
        return f"its loss, {net.label}, is none of this package's"
    why = NO_CHAIN
    forward = jax.jit(net.outputs)  # compiled as a whole in less time than operation by operation
    for sizes, bias, order in orders(net.tree):
        if net.X.size != len(net.X) * sizes[0]:
            continue

        def outputs(theta: Vector, X: Array, order: Any = order) -> Array | None:
            try:
                return np.asarray(forward(theta[order], X.reshape(len(X), *net.X.shape[1:])))
            except Exception:  # a net that takes no other batch is none of ours
                return None

        model = recognized(outputs, sizes, bias)
        if model is None:
            why = ANOTHER
            continue
        start = np.empty(net.tree.size)
        start[order] = net.tree.start

        def back(x: Vector, order: Any = order) -> Any:
            return net.tree.given_back(x[order])

        origin = Origin(start, 1.0, net.label, back)
        risk = RecognizedRisk.of(model, net.loss.name, (net.X.reshape(len(net.X), -1), net.y), l2=l2, origin=origin)
        theirs = np.asarray(forward(net.tree.start, net.X)).reshape(net.y.shape)
        if agree(risk.outputs.forward(start), theirs):
            return risk
        why = DIFFERS
    return why


def _data(data: tuple[Any, Any]) -> tuple[Array, Array]:
    tables = []
    for name, values in zip(("X", "y"), data, strict=True):
        table = numbers(name, values)
        if not table.ndim or not len(table):
            raise DataError(f"{name} has no rows; a mean needs one sample at least")
        if not np.isfinite(table).all():
            raise DataError(f"{name} has values that are not finite")
        whole = np.asarray(values).dtype.kind in "iu"
        tables.append(table.astype(np.int64) if whole else table)
    X, y = tables
    if len(X) != len(y):
        raise ArgumentError(f"X has {len(X)} rows and y has {len(y)}; they must be equally many")
    return X, y


def _parts(jax: Any, net: Any, x0: Any) -> tuple[Tree, Callable[[Any, Any], Any]]:
    """Return a net's weights and the function that gives its outputs."""
    nnx = sys.modules.get("flax.nnx")
    if nnx is not None and isinstance(net, nnx.Module):
        definition, weights, rest = nnx.split(net, nnx.Param, ...)
        tree = Tree(jax, _no_second("a Flax module", weights, x0))
        return tree, lambda theta, X: nnx.merge(definition, tree.filled(theta), rest)(X)
    linen = sys.modules.get("flax.linen")
    if linen is not None and isinstance(net, linen.Module):
        if x0 is None:
            raise ArgumentError("x0 must be the variables of the Flax module: what its init(key, inputs) returned")
        varies = "params" if isinstance(x0, Mapping) and "params" in x0 else None
        tree = Tree(jax, x0, collection=varies)
        return tree, lambda theta, X: net.apply(tree.filled(theta), X)
    if any(isinstance(leaf, (np.ndarray, jax.Array)) for leaf in jax.tree_util.tree_leaves(net)):
        tree = Tree(jax, _no_second(f"a {type(net).__name__}", net, x0))
        return tree, lambda theta, X: jax.vmap(tree.filled(theta))(X)
    if x0 is None:
        raise ArgumentError("x0 must be the weights: with data, fun is called as fun(x0, X) and returns outputs")
    tree = Tree(jax, x0)
    return tree, lambda theta, X: net(tree.filled(theta), X)


def _no_second(kind: str, weights: Any, x0: Any) -> Any:
    """Return a module's own weights, where no others are given."""
    if x0 is not None:
        raise ArgumentError(f"x0 must be left out: {kind} has its weights in itself")
    return weights


def _value(jax: Any, name: str) -> Callable[[Any, Any], Any]:
    """Return a loss of this package as JAX traces it."""
    jnp = jax.numpy

    def value(Z: Any, y: Any) -> Any:
        Z = Z.reshape(y.shape)
        if name == "squared":
            return 0.5 * jnp.sum((Z - y) ** 2) / len(y)
        if name == "logistic":
            return jnp.sum(jnp.logaddexp(0.0, Z) - y * Z) / len(y)
        return jnp.sum(jax.scipy.special.logsumexp(Z, axis=1) - jnp.sum(y * Z, axis=1)) / len(y)

    return value
