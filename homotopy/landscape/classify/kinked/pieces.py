"""Which pieces directions of zero slope lead into, and along which of their faces."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import linprog

from homotopy.landscape.classify.kinked.kinks import Kinks

__all__ = ["faces", "patterns"]

Matrix = NDArray[np.float64]
MOST = 6
"""Kinks that are open to a side, up to which all patterns are looked at."""
SAMPLED = 256


def patterns(kinks: Kinks, above: NDArray[np.bool_], below: NDArray[np.bool_]) -> tuple[list[NDArray[np.bool_]], bool]:
    """Return which kinks are on, for each piece that directions of zero slope lead into, and whether these are all.

    Kinks that no such direction leaves count as off.
    """
    free = np.flatnonzero(above | below)
    if not len(free):
        return [np.zeros(len(above), dtype=bool)], True
    closed = kinks.normals[~(above | below)]
    space = null_space(closed) if len(closed) else np.eye(kinks.normals.shape[1])
    sides = kinks.normals[free] @ space
    if len(free) <= MOST:
        options = [[side for side, is_open in ((True, above[k]), (False, below[k])) if is_open] for k in free]
        tried = [np.array(choice) for choice in product(*options) if _has_inside(sides, np.array(choice))]
    else:
        random = np.random.default_rng(len(free)).standard_normal((SAMPLED, space.shape[1]))
        seen = np.unique(random @ sides.T > 0, axis=0)
        tried = [row for row in seen if (np.where(row, above[free], below[free])).all()]
    out = []
    for choice in tried:
        on = np.zeros(len(above), dtype=bool)
        on[free] = choice
        out.append(on)
    return out, len(free) <= MOST


def _has_inside(sides: Matrix, on: NDArray[np.bool_]) -> bool:
    """Return whether some direction has each side's sign, clearly."""
    sizes = np.linalg.norm(sides, axis=1)
    if (sizes < 1e-12).any():
        return False
    signed = sides / sizes[:, None] * np.where(on, 1.0, -1.0)[:, None]
    n = signed.shape[1]
    rows = np.hstack([-signed, np.ones((len(signed), 1))])
    cost = np.append(np.zeros(n), -1.0)
    found = linprog(cost, A_ub=rows, b_ub=np.zeros(len(rows)), bounds=[(-1, 1)] * n + [(None, 1)], method="highs")
    return bool(found.status == 0 and -found.fun > 1e-9)


def faces(kinks: Kinks, on: NDArray[np.bool_], free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which free kinks directions of zero slope within the piece still leave.

    Where the piece's slope is positive inside its cone, only a face of it has slope zero.
    """
    at = np.flatnonzero(free)
    grad = kinks.base + kinks.jumps[on] @ kinks.normals[on]
    closed = kinks.normals[~free]
    size = float(np.linalg.norm(kinks.scale)) or 1.0
    lengths = np.linalg.norm(kinks.normals[at], axis=1)
    signed = kinks.normals[at] / lengths[:, None] * np.where(on[at], 1.0, -1.0)[:, None]
    n, left = grad.size, np.zeros_like(free)
    for k, row in zip(at, signed, strict=True):
        found = linprog(
            -row,
            A_ub=np.vstack([grad / size, -signed]),
            b_ub=np.append(1e-6, np.zeros(len(signed))),
            A_eq=closed if len(closed) else None,
            b_eq=np.zeros(len(closed)) if len(closed) else None,
            bounds=[(-1.0, 1.0)] * n,
            method="highs",
        )
        left[k] = found.status == 0 and -found.fun > 1e-3
    return left
