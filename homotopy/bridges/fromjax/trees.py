"""Weights of JAX nets as one flat vector: which leaves of a tree vary, and in which order a net's layers stand."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.arguments import shown
from homotopy.bridges.recognition import chain
from homotopy.errors import ArgumentError
from homotopy.models.mlp import MLP
from homotopy.objectives.base import Vector

__all__ = ["Tree", "orders"]

Array = NDArray[Any]


class Tree:
    """A pytree whose floating-point arrays are one flat vector, in the order of its leaves; all else is constant.

    Parameters
    ----------
    jax : module
        jax.
    tree : pytree
        Arrays, numbers, and anything else.
    collection : str or None
        The key, at the top of the tree, of what varies; None is all of it.

    Attributes
    ----------
    size : int
        The number n of variables.
    start : ndarray of shape (n,)
        They as they were.
    paths : list of tuple
        The keys, names and numbers that lead to the arrays.
    shapes : list of tuple
        Those of the arrays.

    Raises
    ------
    ArgumentError
        If nothing varies, or numbers are complex or not finite.
    """

    def __init__(self, jax: Any, tree: Any, *, collection: str | None = None) -> None:
        self._jax = jax
        numbers = isinstance(tree, (list, tuple)) and all(type(one) in (int, float) for one in tree)
        tree = np.array(tree, dtype=np.float64) if numbers and len(tree) else tree
        found, self._form = jax.tree_util.tree_flatten_with_path(tree)
        self._leaves, paths = [leaf for _, leaf in found], [path for path, _ in found]
        keys = [tuple(_key(step) for step in path) for path in paths]
        within = [collection is None or path[:1] == (collection,) for path in keys]
        self._varies = [inside and _floating(jax, leaf) for inside, leaf in zip(within, self._leaves, strict=True)]
        moving = [np.asarray(leaf, dtype=np.float64) for leaf in self._moving(self._leaves)]
        if not moving or not sum(one.size for one in moving):
            raise ArgumentError(f"x0 must be an array or a tree with floating-point arrays, not {shown(tree)}")
        self.paths = [path[:-1] if path[-1:] == ("value",) else path for path in self._moving(keys)]  # Flax's variables
        self.shapes = [one.shape for one in moving]
        self._ends = np.cumsum([one.size for one in moving])
        self.size = int(self._ends[-1])
        self.start: Vector = np.concatenate([one.ravel() for one in moving])
        if not np.isfinite(self.start).all():
            raise ArgumentError("x0 has entries that are not finite; every entry must be a finite number")
        self.start.flags.writeable = False

    def _moving(self, items: Sequence[Any]) -> list[Any]:
        return [item for item, varies in zip(items, self._varies, strict=True) if varies]

    def pieces(self, x: Any) -> list[Any]:
        """Return the arrays of a vector, NumPy's or JAX's, in their shapes."""
        parts = zip([0, *self._ends[:-1]], self._ends, self.shapes, strict=True)
        return [x[low:high].reshape(shape) for low, high, shape in parts]

    def filled(self, x: Any) -> Any:
        """Return the tree with the entries of x, in x's dtype: what the user's function is given."""
        return self._with(iter(self.pieces(x)))

    def given_back(self, x: Vector) -> Any:
        """Return the tree with the entries of x, in the dtypes that it had."""
        pieces = zip(self.pieces(x), self._moving(self._leaves), strict=True)
        return self._with(iter([_like(self._jax, piece, leaf) for piece, leaf in pieces]))

    def _with(self, moving: Any) -> Any:
        leaves = [next(moving) if varies else leaf for leaf, varies in zip(self._leaves, self._varies, strict=True)]
        return self._jax.tree_util.tree_unflatten(self._form, leaves)


def orders(tree: Tree) -> list[tuple[tuple[int, ...], bool, NDArray[np.intp]]]:
    """Return the nets that a tree's arrays can be: sizes, whether with biases, and where each weight stands.

    Arrays that share all but the last step of their paths are a layer: a matrix, and perhaps a vector. Layers are
    ordered by their paths, numbers in names as numbers. Matrices are of shape (n_out, n_in) or, all of them,
    (n_in, n_out); names settle nothing, since what is wrong has other outputs. With theta in this package's layout the
    tree's vector is ``theta[order]``.
    """
    layers = _layers(tree)
    found = []
    for turned in (False, True):
        shapes: list[tuple[int, ...]] = []
        for parts in layers:
            for index in parts:
                shape = tree.shapes[index]
                shapes.append(shape[::-1] if turned and len(shape) == 2 else shape)
        net = chain(shapes)
        if net is not None:
            sizes, bias = net
            found.append((sizes, bias, _order(tree, layers, MLP(sizes, bias=bias), turned)))
    return found


def _layers(tree: Tree) -> list[list[int]]:
    """Return the indices of each layer's arrays, the matrix first."""
    indices = sorted(range(len(tree.paths)), key=lambda i: [_natural(step) for step in tree.paths[i]])
    groups = [list(group) for _, group in itertools.groupby(indices, key=lambda i: tree.paths[i][:-1])]
    return [sorted(group, key=lambda i: -len(tree.shapes[i])) for group in groups]


def _order(tree: Tree, layers: list[list[int]], net: MLP, turned: bool) -> NDArray[np.intp]:
    """Return where in theta each entry of the tree's vector stands."""
    places: list[Array] = [np.empty(0)] * len(tree.shapes)
    for parts, views in zip(layers, net.unpack(np.arange(net.size, dtype=np.float64)), strict=True):
        for index, view in zip(parts, views, strict=False):
            assert view is not None
            places[index] = (view.T if turned and view.ndim == 2 else view).ravel()
    return np.concatenate(places).astype(np.intp)


def _floating(jax: Any, leaf: Any) -> bool:
    """Return whether a leaf is a floating-point array or number."""
    if isinstance(leaf, (np.ndarray, np.generic, jax.Array)) or type(leaf) is float:
        kind = np.dtype(getattr(leaf, "dtype", np.float64))
        if jax.dtypes.issubdtype(kind, np.complexfloating):
            raise ArgumentError("x0 has complex entries; they must be real")
        return bool(jax.dtypes.issubdtype(kind, np.floating))
    return False


def _like(jax: Any, piece: Array, leaf: Any) -> Any:
    """Return numbers in the kind and dtype of a leaf."""
    if type(leaf) is float:
        return float(piece)
    if isinstance(leaf, jax.Array):
        return jax.device_put(piece.astype(leaf.dtype))
    return np.array(piece, dtype=leaf.dtype)


def _key(step: Any) -> Any:
    """Return the name or number of a step of a path."""
    for name in ("key", "idx", "name"):
        if hasattr(step, name):
            return getattr(step, name)
    return str(step)


def _natural(step: Any) -> list[tuple[int, int, str]]:
    """Return what a step is sorted by: Dense_2 before Dense_10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", str(step))]
