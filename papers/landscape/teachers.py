"""The spurious minima of Safran and Shamir's risk: families, what distinguishes them, proofs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

import homotopy as hp
from homotopy.landscape import CriticalPoint, CriticalPoints, critical_points, enclose, family_key
from homotopy.papers.landscape.facts import Fact, facts, proven

__all__ = ["BAD", "Family", "anti_aligned", "distinct", "families", "teacher"]

BAD = 1e-3
"""From this risk on a run has failed, as the authors count."""
SAME = 1e-6
"""Keys of one family differ by less."""


@dataclass(frozen=True)
class Family:
    """Points that differ by an order of the student's units and of the teacher's coordinates.

    Attributes
    ----------
    point : CriticalPoint
        One of them, with the hits of all.
    copies : int
        How many of them were found that differ by more than an order of the student's units.
    """

    point: CriticalPoint
    copies: int


def families(points: CriticalPoints) -> list[Family]:
    """Return the families of points whose risk says that the run has failed, the commonest first."""
    keys: list[NDArray[np.float64]] = []
    found: list[Family] = []
    for point in points:
        if point.value < BAD:
            continue
        key = family_key(points.objective, point.x)
        place = next((i for i, other in enumerate(keys) if np.abs(key - other).max() < SAME), None)
        if place is None:
            keys.append(key)
            found.append(Family(point, 1))
        else:
            old = found[place]
            found[place] = Family(replace(old.point, hits=old.point.hits + point.hits), old.copies + 1)
    return sorted(found, key=lambda one: -one.point.hits)


def anti_aligned(W: NDArray[np.float64], teacher: NDArray[np.float64]) -> int:
    """Return how many units point away from the teacher's unit that they stand for.

    Parameters
    ----------
    W : ndarray of shape (n, d)
        The student's rows.
    teacher : ndarray of shape (k, d)
        The teacher's.

    Notes
    -----
    Units stand for the teacher's units one to one, so that the sum of the sizes of their overlaps is largest
    (`scipy.optimize.linear_sum_assignment`); a unit whose overlap is negative counts.

    Examples
    --------
    >>> anti_aligned(np.array([[0.1, 0.9], [-0.6, 0.2]]), np.eye(2))
    1
    """
    overlaps = W @ teacher.T
    rows, columns = linear_sum_assignment(np.abs(overlaps), maximize=True)
    return int((overlaps[rows, columns] < 0).sum())


def distinct(values: NDArray[np.float64]) -> int:
    """Return how many different numbers there are, to a millionth of the largest.

    Examples
    --------
    >>> distinct(np.array([1.0, 2.0, 1.0 + 1e-9]))
    2
    """
    flat = np.sort(np.ravel(values))
    return 1 + int((np.diff(flat) > 1e-6 * np.abs(flat).max()).sum())


def teacher(k: int, starts: int, seed: int = 0) -> list[Fact]:
    """Return what descents from random starts find where teacher and student have k units."""
    points = critical_points(hp.problem(f"teacher:k={k}"), starts, rng=seed, kinds="minima")
    found = families(points)
    risk: Any = points.objective
    told = CriticalPoints(risk, [one.point for one in found])
    case = f"{k}"
    out = facts(
        "teacher",
        case,
        {
            "starts": starts,
            "bad": sum(one.point.hits for one in found),
            "ended nowhere": points.n_failed + points.n_escaped,
            "families": len(found),
            "once": told.coverage.singletons,
            "good-turing": told.coverage.good_turing,
            "chao1": told.coverage.chao1,
            "least": min((one.point.value for one in found), default=float("nan")),
            "largest": max((one.point.value for one in found), default=float("nan")),
        },
    )
    for number, one in enumerate(found, 1):
        out += _family(risk, one, f"{k} family {number}")
    return out


def _family(risk: Any, family: Family, case: str) -> list[Fact]:
    """Return what is known of a family, with the proof of one of its points."""
    W = risk.rows(family.point.x)
    V = np.asarray(risk.teacher)
    out = facts(
        "teacher",
        case,
        {
            "hits": family.point.hits,
            "copies": family.copies,
            "F": family.point.value,
            "eigenvalue": float(family.point.eigenvalues[0]),
            "anti-aligned": anti_aligned(W, V),
            "teacher overlaps": distinct(W @ V.T),
            "own overlaps": distinct(W @ W.T),
        },
    )
    return out + _proof(risk, family.point, case)


def _proof(risk: Any, point: CriticalPoint, case: str) -> list[Fact]:
    proof = enclose(risk, point.x)
    bounds = {"eigenvalue low": proof.eigenvalues[0, 0], "eigenvalue high": proof.eigenvalues[0, 1]}
    return facts("teacher", case, proven(proof) | (bounds if proof.verified else {}))
