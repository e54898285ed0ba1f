"""Directions in which a point can move without its function changing, as continuous symmetries move it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from scipy.linalg import null_space, svd

from homotopy.arguments import shown
from homotopy.doors import door
from homotopy.errors import ArgumentError
from homotopy.landscape.given import objective_of
from homotopy.landscape.symmetry.group.asked import net_of, point, require_layout
from homotopy.landscape.symmetry.group.layout import Array, Layout
from homotopy.threads import one_blas_thread

__all__ = ["symmetric_directions"]


@door
@one_blas_thread
def symmetric_directions(model: Any, x: Any) -> Array:
    r"""Return an orthonormal basis of the directions in which continuous symmetries move a point, shape (m, n).

    Parameters
    ----------
    model : MLP, RNN, TeacherStudent or objective
        As in `canonical`. For an objective with a penalty the directions are those in which the norm is unchanged, too.
    x : array_like of shape (n,)
        The weights.

    Returns
    -------
    ndarray of shape (m, n)
        Orthonormal rows; m is 0 where there are no continuous symmetries.

    Raises
    ------
    ArgumentError
        As in `canonical`, or for a recurrent net of linear units.

    Notes
    -----
    - relu and leaky relu: the incoming weights of a unit grow as its outgoing ones shrink, (w, -v);
    - linear layers: :math:`(A W_l, A b_l, -W_{l+1} A)` for every matrix A, and biases moved on,
      :math:`(b_l + a, b_{l+1} - W_{l+1} a)`; with a penalty rotations alone, A = -A';
    - outputs of the softmax loss: the same numbers added to the weights of all outputs;
    - a student and teacher on Gaussian inputs: rotations of what is orthogonal to all of the teacher's rows.

    At a stationary point the Hessian is 0 in these directions. Directions that units which are equal, or add nothing,
    have at special points only are not among them.

    Examples
    --------
    >>> import homotopy as hp
    >>> net = hp.MLP([1, 1, 1], "relu", bias=False)
    >>> np.abs(symmetric_directions(net, [3.0, 4.0]))
    array([[0.6, 0.8]])
    """
    model = objective_of(model)
    layout = require_layout(model)
    at = point("x", x, layout)
    rows: list[Array] = []
    if layout.scales:
        rows = _scalings(layout, at)
    elif layout.linear:
        rows = _mixings(layout, at, rotations=bool(getattr(model, "l2", 0.0)))
    elif hasattr(net_of(model), "teacher"):
        rows = _rotations(net_of(model), at)
    elif layout.turns and hasattr(net_of(model), "cell") and net_of(model).activation == "identity":
        raise ArgumentError(f"model is {shown(model)}; directions of linear recurrent nets are not offered")
    return _orthonormal(rows + _unseen(layout, at), layout.size)


def _orthonormal(rows: list[Array], size: int) -> Array:
    """Return an orthonormal basis of what the rows span."""
    lengths = [float(np.abs(row).max()) for row in rows]
    kept = [row / length for row, length in zip(rows, lengths, strict=True) if length > 0.0]
    if not kept:
        return np.zeros((0, size))
    unit = np.array([row / np.linalg.norm(row) for row in kept])
    _, s, Vt = svd(unit, full_matrices=False)
    return np.ascontiguousarray(Vt[s > 1e-10 * s[0]])


def _scalings(layout: Layout, x: Array) -> list[Array]:
    """Return for each unit how its weights change with its scale."""
    rows = []
    for group, h in enumerate(layout.widths):
        for unit in range(h):
            row = np.zeros_like(x)
            for axis, places in layout.rows[group]:
                row[places[unit]] += axis.power * x[places[unit]]
            rows.append(row)
    return rows


def _mixings(layout: Layout, x: Array, *, rotations: bool) -> list[Array]:
    """Return how weights change where one unit of a linear layer is added to another, or a bias moves on."""
    rows = []
    for k, h in enumerate(layout.widths):
        (come, bias), (go, after) = layout.layers[k], layout.layers[k + 1]

        def added(a: int, b: int, come: Any = come, bias: Any = bias, go: Any = go) -> Array:
            row = np.zeros_like(x)
            row[come[a]] = x[come[b]]
            row[go[:, b]] = -x[go[:, a]]
            if bias is not None:
                row[bias[a]] = x[bias[b]]
            return row

        if rotations:
            rows += [added(a, b) - added(b, a) for a, b in combinations(range(h), 2)]
            continue
        rows += [added(a, b) for a in range(h) for b in range(h)]
        if bias is not None and after is not None:
            for a in range(h):
                row = np.zeros_like(x)
                row[bias[a]], row[after] = 1.0, -x[go[:, a]]
                rows.append(row)
    return rows


def _unseen(layout: Layout, x: Array) -> list[Array]:
    """Return directions in which only such outputs change as the objective does not see."""
    if layout.gauge is None:
        return []
    weights, bias = layout.layers[-1]
    rows = []
    for u in null_space(layout.gauge(np.eye(len(weights))).T).T:
        for places in (*weights.T, bias):
            if places is not None:
                row = np.zeros_like(x)
                row[places] = u
                rows.append(row)
    return rows


def _rotations(risk: Any, x: Array) -> list[Array]:
    """Return how a student's rows turn in the space that no row of the teacher reaches."""
    away = null_space(np.asarray(risk.teacher))
    parts = risk.rows(x) @ away
    return [
        (np.outer(parts[:, a], away[:, b]) - np.outer(parts[:, b], away[:, a])).ravel()
        for a, b in combinations(range(away.shape[1]), 2)
    ]
