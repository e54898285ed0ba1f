"""The convex problem restricted to some activation patterns, by a conic solver."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from homotopy.errors import EvaluationError
from homotopy.extras import extra
from homotopy.landscape.convex.patterns import Signs, unit_rows
from homotopy.landscape.convex.program import Program

__all__ = ["Solved", "solved"]

Array = NDArray[np.float64]
TIGHT = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
"""What is asked of the solver at first; then its own tolerances."""
FOLLOWS = 1e-10
"""Unit normals that others make up but for this distance are no walls."""


@dataclass(frozen=True)
class Solved:
    """A solution of the restricted problem, to the accuracy of the solver: some eight digits.

    Attributes
    ----------
    U : ndarray of shape (m, r)
        Weights of units with a positive outgoing weight, one a pattern, times that weight.
    V : ndarray of shape (m, r)
        Those with a negative one.
    c : float
        The output bias.
    """

    U: Array
    V: Array
    c: float


def solved(program: Program, patterns: Signs, known: dict[bytes, Array]) -> Solved:
    r"""Return the solution over units of these patterns alone.

    Parameters
    ----------
    program : Program
        The convex problem.
    patterns : ndarray of shape (m, n)
        The patterns.
    known : dict
        The walls of the program's cells by their pattern, as bytes; those of new ones are entered.

    Raises
    ------
    EvaluationError
        If the solver gives no finite solution.
    MissingExtraError
        If cvxpy or Clarabel is not installed.

    Notes
    -----
    With :math:`D_k` the gates and :math:`S_k` the signs of pattern k,

    .. math:: \min_{u, v, c} \; L\Big(\sum_k D_k Z (u_k - v_k) + c\Big) + \lambda \sum_k (|u_k| + |v_k|)
        + \frac{\lambda}{2} c^2 \quad \text{where} \quad S_k Z u_k \ge 0, \; S_k Z v_k \ge 0 .

    The solver sees orthonormal columns of inputs, targets of the squared loss of size 1 and a penalty of weight 1, so
    that what it calls small does not depend on units.

    References
    ----------
    M. Pilanci and T. Ergen, "Neural networks are convex regularizers", ICML 2020 (arXiv 2002.10553), theorem 1: there
    the loss is a sum and the penalty's weight beta; here it is a mean over samples.
    """
    cp: Any = extra("cvxpy", "convex", "the convex problem of a relu net")
    extra("clarabel", "convex", "the convex problem of a relu net")
    n, r = program.Z.shape
    Q, R = program.white
    back = np.linalg.inv(R)
    size = float(np.linalg.norm(back, 2))
    unit = float(np.sqrt(np.mean(program.y**2))) if program.loss.quadratic else 1.0
    unit = unit or 1.0
    gates = np.where(patterns > 0, 1.0, program.leak)
    U, V, c = cp.Variable((len(patterns), r)), cp.Variable((len(patterns), r)), cp.Variable()
    z = cp.sum(cp.multiply(gates, (U - V) @ Q.T), axis=0)
    z = z + c if program.bias else z
    y = program.y / unit
    w = program.counts / n
    if program.loss.quadratic:
        loss = 0.5 * cp.sum_squares(cp.multiply(np.sqrt(w), z - y))
    else:
        loss = w @ (cp.logistic(z) - cp.multiply(y, z))
    lengths = [cp.norm(W @ (back.T / size), 2, axis=1) for W in (U, V)]
    group = program.l2 * size / unit
    penalty = group * cp.sum(lengths[0] + lengths[1])
    penalty = penalty + 0.5 * program.l2 * cp.square(c) if program.bias else penalty
    which, walls = _walls(Q, patterns, known)
    inside = [cp.sum(cp.multiply(walls, W[which]), axis=1) >= 0 for W in (U, V)] if len(which) else []
    problem = cp.Problem(cp.Minimize((loss + penalty) / group), inside)
    _solve(cp, problem)
    scale = unit * back.T
    return Solved(U.value @ scale, V.value @ scale, float(c.value) * unit if program.bias else 0.0)


def _walls(Q: Array, patterns: Signs, known: dict[bytes, Array]) -> tuple[NDArray[np.intp], Array]:
    """Return of which cell each wall is, and the walls (q, r) of all cells, without those that follow from others."""
    rows = unit_rows(Q)
    live = rows.any(axis=1)
    each = []
    for pattern in patterns:
        key = pattern.tobytes()
        if key not in known:
            known[key] = _own(pattern[live, None] * rows[live])
        each.append(known[key])
    return np.repeat(np.arange(len(each)), [len(walls) for walls in each]), np.vstack(each)


def _own(normals: Array) -> Array:
    """Return the normals without those that are a sum of others with weights 0 or more."""
    keep = np.ones(len(normals), dtype=bool)
    for i in range(len(normals)):
        keep[i] = False
        keep[i] = not keep.any() or nnls(normals[keep].T, normals[i])[1] > FOLLOWS
    return normals[keep]


def _solve(cp: Any, problem: Any) -> None:
    """Solve with Clarabel; what it says of its accuracy is not relied on, so that its warnings are not passed on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tolerances in (TIGHT, {}):
            try:
                problem.solve(solver=cp.CLARABEL, **tolerances)
            except cp.error.SolverError:
                continue
            if all(part.value is not None and np.isfinite(part.value).all() for part in problem.variables()):
                return
    raise EvaluationError(f"the convex problem was not solved: {problem.status}")
