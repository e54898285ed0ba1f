"""Directions to look along: random ones in the proportions of a net's weights, and those that a path goes along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from homotopy.arguments import choice, generator, integer, numbers, shown, vector
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError
from homotopy.objectives.base import Seed, Vector

__all__ = ["PathDirections", "filter_normalized", "independent", "off_plane", "path_directions", "project", "rows_of"]

Matrix = NDArray[np.float64]
BIASES = ("zero", "own")


@door
def filter_normalized(model: Any, x: ArrayLike, rng: Seed = None, *, biases: str = "zero") -> Vector:
    r"""Return a random direction, shape (n,), each unit's part of which is as long as the unit's incoming weights.

    Parameters
    ----------
    model : MLP, TeacherStudent, or an objective of one
        What has units: ``unpack`` and ``pack`` of layers, or ``rows``.
    x : array_like of shape (n,)
        The weights.
    rng : Generator, int or None
        Draws it.
    biases : str
        ``zero``: none move; ``own``: the direction is the biases themselves. Both are ways of the paper's code, the
        first is what it does unless it is told.

    Raises
    ------
    ArgumentError
        If the model has no units to be seen, x has another shape, or biases is another word.

    Notes
    -----
    :math:`d_i \leftarrow d_i |w_i| / |d_i|` for the incoming weights of every unit i, of all layers; a unit without
    weights does not move. So slices of nets of one architecture can be compared: the loss along a direction does not
    change where units are rescaled and what they go to is scaled back.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018,
    section 4.

    Examples
    --------
    >>> import homotopy as hp
    >>> net = hp.MLP([2, 3, 1])
    >>> x = net.init(0)
    >>> d = filter_normalized(net, x, 1)
    >>> np.allclose(np.linalg.norm(d[:6].reshape(3, 2), axis=1), np.linalg.norm(x[:6].reshape(3, 2), axis=1))
    True
    """
    choice("biases", biases, BIASES)
    rng = generator("rng", rng)
    known = hasattr(model, "unpack") or hasattr(model, "rows")
    net: Any = model if known else getattr(model, "model", None)
    size = getattr(net, "size", None)
    if size is None:
        raise ArgumentError(
            f"model is {shown(model)}; it must have layers, as an MLP has, or rows, as a TeacherStudent"
        )
    x = vector("x", x, size, "the model", finite=True)
    if hasattr(net, "rows"):
        rows = np.asarray(net.rows(x))
        return np.ascontiguousarray(_as_long(rng.standard_normal(rows.shape), rows).ravel())
    try:
        layers = [(np.array(W), b) for W, b in net.unpack(x)]
    except (TypeError, ValueError):
        raise ArgumentError(f"model is {shown(model)}; its layers must be pairs of weights and biases") from None
    moved = []
    for W, b in layers:
        beside = b if b is None or biases == "own" else np.zeros_like(b)
        moved.append((_as_long(rng.standard_normal(W.shape), W), beside))
    return np.asarray(net.pack(moved), dtype=np.float64)


def _as_long(random: Matrix, rows: Matrix) -> Matrix:
    """Return random rows with the lengths of these rows."""
    return np.asarray(random * (np.linalg.norm(rows, axis=1) / np.linalg.norm(random, axis=1))[:, None])


@doors
@dataclass(frozen=True)
class PathDirections:
    """The directions in which a path moves most.

    Attributes
    ----------
    directions : ndarray of shape (m, n)
        Orthonormal rows, the first the main one, each with the sign that its first point has a positive coordinate.
    shares : ndarray of shape (m,)
        Which part of the squared distances from the end lies along each.
    center : ndarray of shape (n,)
        The end of the path.
    """

    directions: Matrix
    shares: Vector
    center: Vector


@door
def path_directions(points: ArrayLike, n_directions: int = 2) -> PathDirections:
    """Return the main directions of a path as it is seen from its end.

    Parameters
    ----------
    points : array_like of shape (r, n)
        At least two points in their order, such as those of a descent.
    n_directions : int
        How many.

    Raises
    ------
    ArgumentError
        If the points are no such table, do not move, or there are not as many directions.

    Notes
    -----
    They are the right singular vectors of the differences from the last point, so that the plane through the end holds
    as much as it can of the path; the shares say how much. A random walk in many dimensions, too, has most of its way
    in a few of these directions: a picture shows where a path goes, and is no proof that it stays in a plane.

    References
    ----------
    Li et al., NeurIPS 2018, section 7; J. Antognini and J. Sohl-Dickstein, "PCA of high dimensional random walks with
    comparison to neural network training", NeurIPS 2018.
    """
    rows = rows_of("points", points)
    n_directions = integer("n_directions", n_directions, most=rows.shape[1])
    moves = rows - rows[-1]
    _, sizes, directions = np.linalg.svd(moves, full_matrices=False)
    if not (sizes > 1e-14 * np.abs(rows).max()).sum() >= n_directions:
        raise ArgumentError(f"points move in fewer than {n_directions} directions")
    directions = directions[:n_directions]
    signs = np.where(directions @ moves[0] < 0, -1.0, 1.0)
    shares = sizes[:n_directions] ** 2 / float((sizes**2).sum())
    return PathDirections(np.ascontiguousarray(signs[:, None] * directions), shares, rows[-1])


@door
def project(points: ArrayLike, x: ArrayLike, directions: ArrayLike) -> Matrix:
    """Return the coordinates of points in the plane x + a d1 + b d2, shape (r, m): of the nearest points of it.

    Parameters
    ----------
    points : array_like of shape (r, n)
        The points.
    x : array_like of shape (n,)
        The center.
    directions : array_like of shape (m, n) or (n,)
        Independent directions, in any lengths and angles.

    Raises
    ------
    ArgumentError
        If shapes do not fit, or the directions depend on each other.

    Examples
    --------
    >>> project([[3.0, 2.0, 9.0]], [1.0, 1.0, 1.0], [[1.0, 0, 0], [1.0, 1.0, 0]])
    array([[1., 1.]])
    """
    moves, rows = _moves(points, x, directions)
    return np.asarray(np.linalg.lstsq(rows.T, moves.T)[0].T)


@door
def off_plane(points: ArrayLike, x: ArrayLike, directions: ArrayLike) -> Vector:
    """Return which part of each point's distance from x is off the plane that `project` draws it in, shape (r,)."""
    moves, rows = _moves(points, x, directions)
    left = moves - np.linalg.lstsq(rows.T, moves.T)[0].T @ rows
    lengths = np.linalg.norm(moves, axis=1)
    return np.asarray(np.linalg.norm(left, axis=1) / np.where(lengths > 0, lengths, 1.0))


def _moves(points: ArrayLike, x: ArrayLike, directions: ArrayLike) -> tuple[Matrix, Matrix]:
    """Return the points seen from x, and the directions as rows."""
    center = vector("x", x, None, "a slice", finite=True)
    rows = rows_of("directions", directions, center.size)
    if not independent(rows):
        raise ArgumentError("directions must be independent")
    return rows_of("points", points, center.size) - center, rows


def independent(rows: Matrix) -> bool:
    """Return whether no row is a sum of others, whatever their lengths."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return bool(lengths.all()) and int(np.linalg.matrix_rank(rows / lengths)) == len(rows)


def rows_of(name: str, value: ArrayLike, size: int | None = None) -> Matrix:
    """Return a finite table of rows, shape (r, n); one row may come alone.

    Raises
    ------
    ArgumentError
        If it is none, or rows have another length than `size`.
    """
    rows = np.atleast_2d(numbers(name, value))
    if rows.ndim != 2 or not rows.size or (size is not None and rows.shape[1] != size):
        wanted = "(r, n)" if size is None else f"(r, {size})"
        raise ArgumentError(f"{name} has shape {np.shape(value)}; {wanted} is needed")
    if not np.isfinite(rows).all():
        raise ArgumentError(f"{name} has entries that are not finite; every entry must be a finite number")
    return rows
