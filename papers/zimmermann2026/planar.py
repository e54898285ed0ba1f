"""The spurious minimum to full precision, its split copies, and what descents find beside a linear path."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

import homotopy as hp
from homotopy.landscape import classified, enclose
from homotopy.linalg import dense_hessian
from homotopy.methods import streams

from ..even import AbsoluteRisk
from .saddles import is_saddle

__all__ = ["ANGLES", "LEVEL", "MASSES", "OTHER", "beside_a_path", "kept", "planar_teacher", "polished", "teachers"]

Array = NDArray[np.float64]
MASSES = (1.000437388123, 1.390797880326, 0.604352649479)
"""Published: the norms of the student's rows at the spurious minimum."""
ANGLES = (1.777333876184, 1.056213642576, 0.363169886907)
"""Published: their angles over pi."""
LEVEL, OTHER = 0.0042328032, 4.97493e-5
"""Ours: the risk at the spurious minimum, and at another one of four or more units."""
ZERO = 1e-9
"""A descent that ends below is at the optimum; those that end above are looked at."""


def polished(seed: int = 0) -> dict[str, Any]:
    """Return the spurious minimum of three units, found by descents from random starts and polished by Newton's method.

    Returns
    -------
    dict
        ``masses`` and ``angles`` (over pi) in the published order, ``risk``, the norm of the ``gradient``, the
        ``curvatures`` in masses and angles, and ``proven``: whether interval arithmetic proves the minimum.
    """
    problem = hp.problem("trap:n=3,start=random")
    f = problem.objective
    starts = np.array([f.draw(streams(seed + one)[0]) for one in range(40)])
    ends = hp.descend(f, starts, rule="lbfgs", n_steps=500)
    x = ends.x[int(np.argmin(np.abs(ends.value - LEVEL)))]
    for _ in range(6):
        x = x - np.linalg.solve(_hessian(f, x), f.value_and_grad(x)[1])
    W = x.reshape(3, 2)
    angles = np.mod(np.arctan2(W[:, 1], W[:, 0]) / pi, 2.0)
    order = [int(np.argmin(np.abs(angles - one))) for one in ANGLES]
    W = np.ascontiguousarray(W[order])
    x, masses, angles = W.ravel(), np.linalg.norm(W, axis=1), angles[order]
    turn = np.zeros((6, 6))
    for i, (m, a) in enumerate(zip(masses, pi * angles, strict=True)):
        turn[2 * i : 2 * i + 2, [i, 3 + i]] = [[np.cos(a), -m * np.sin(a)], [np.sin(a), m * np.cos(a)]]
    return {
        "masses": masses.tolist(),
        "angles": angles.tolist(),
        "risk": float(f.value(x)),
        "gradient": float(np.linalg.norm(f.value_and_grad(x)[1])),
        "curvatures": np.linalg.eigvalsh(turn.T @ _hessian(f, x) @ turn).tolist(),
        "proven": bool(enclose(problem, x).index == 0),
    }


def _hessian(f: hp.TeacherStudent, x: Array) -> Array:
    return dense_hessian(lambda v: f.hessp(x, v), f.size, symmetric=True)


def kept(part: list[int]) -> dict[str, Any]:
    """Return whether the spurious minimum with its third unit split is a minimum among n units.

    Parameters
    ----------
    part : list of int
        The units n, and how many starts at distance 1e-2 from the point descend, by L-BFGS and by gradient descent.

    Returns
    -------
    dict
        ``n``, ``risk``, ``kind`` (what `homotopy.landscape.classified` says), and the counts of starts ``back``.
    """
    n, runs = part
    problem = hp.problem(f"trap:n={n}")
    f, x = problem.objective, hp.problem(f"trap:n={n},distance=0").start(np.random.default_rng(0))
    starts = np.array([problem.start(streams(seed)[0]) for seed in range(runs)])
    back = {}
    for rule, given in (("lbfgs", {}), ("gd", {"step_size": 0.25})):
        ends = hp.descend(f, starts, rule=rule, n_steps=5000, **given)
        back[rule] = int(np.sum(np.abs(ends.value - LEVEL) < 1e-8))
    return {"n": n, "risk": float(f.value(x)), "kind": classified(problem, x).kind, "runs": runs, "back": back}


def planar_teacher(seed: int) -> Array:
    """Return rows of a random teacher in the plane, (k, 2): k of 3 to 6, masses U(.5, 2), angles uniform."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(3, 7))
    masses, angles = rng.uniform(0.5, 2.0, k), rng.uniform(0, 2 * pi, k)
    return np.asarray(masses[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]))


def beside_a_path(part: list[int]) -> dict[str, Any]:
    """Return how many L-BFGS descents on the trap's teacher end at risk zero, beside a linear path and without one.

    Parameters
    ----------
    part : list of int
        The units n of the student, and the number of random starts.
    """
    n, runs = part
    return {"n": n, "runs": runs} | _ends(hp.problem(f"trap:n={n},start=random").objective, runs)


def teachers(part: list[int]) -> dict[str, Any]:
    """Return the same of a random planar teacher.

    Parameters
    ----------
    part : list of int
        The seed of `planar_teacher`, how many units the student has beyond the teacher's, and the number of starts.
    """
    seed, extra, runs = part
    rows = planar_teacher(seed)
    risk = hp.TeacherStudent(len(rows), len(rows) + extra, 2, teacher=rows)
    return {"seed": seed, "extra": extra, "k": len(rows), "runs": runs} | _ends(risk, runs)


def _ends(risk: hp.TeacherStudent, runs: int) -> dict[str, Any]:
    """Return how many descents end at zero, beside a path (``path``) and without (``plain``), and where others do.

    ``saddles`` counts the descents beside a path that stall above zero at what is judged to be no minimum.
    """
    starts = np.array([risk.draw(streams(seed)[0]) for seed in range(runs)])
    found: dict[str, Any] = {}
    for name, f in (("path", AbsoluteRisk(risk)), ("plain", risk)):
        ends = hp.descend(f, starts, rule="lbfgs", n_steps=5000, target=1e-10)
        found[name] = int(np.sum(ends.value < ZERO))
        found[f"{name} worst"] = float(ends.value.max())
        found[f"{name} trap"] = int(np.sum(np.abs(ends.value - LEVEL) < 1e-6))
        found[f"{name} other"] = int(np.sum(np.abs(ends.value - OTHER) < 1e-8))
        if name == "path":
            above = ends.x[ends.value >= ZERO]
            found["saddles"] = sum(is_saddle(x.reshape(-1, 2), risk.teacher) for x in above)
    return found
