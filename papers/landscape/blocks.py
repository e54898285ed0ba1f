"""Spurious minima that six numbers tell: m units with the wrong sign, all alike, and k - m others, all alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import homotopy as hp
from homotopy.landscape import enclose
from homotopy.papers.landscape.facts import Fact, facts
from homotopy.papers.landscape.teachers import BAD, anti_aligned

__all__ = ["GUESSES", "among", "blocks", "students"]

GUESSES = ((-0.7, 0.25, 0.0, 0.02, 1.05, 0.0), (-0.6, 0.3, 0.2, 0.3, 1.0, -0.05))
"""From where the six numbers are sought: a block by itself, and one whose units reach outside."""
SAME = 1e-7
"""Risks of one minimum differ by less."""

Array = NDArray[np.float64]


def students(k: int, m: int) -> Array:
    """Return the six masks of students of k units of which the first m are alike, shape (6, k k).

    A student is a combination of them: the overlap of a unit of the first m with its own teacher unit, with those of
    the others of the m, and with the rest; that of one of the rest with those of the m, with its own and with the
    others. All such students together are kept by the gradient, since reordering either part keeps both.
    """
    first = np.arange(k) < m
    own = np.eye(k, dtype=bool)
    inside, outside = np.outer(first, first), np.outer(~first, ~first)
    masks = [inside & own, inside & ~own, np.outer(first, ~first), np.outer(~first, first)]
    return np.array([*masks, outside & own, outside & ~own], dtype=float).reshape(6, -1)


def blocks(k: int) -> list[Fact]:
    """Return the proven spurious minima of this form where teacher and student have k units."""
    risk: Any = hp.problem(f"teacher:k={k}").objective
    out: list[Fact] = []
    for m in range(1, k + 1):
        masks = students(k, m)
        known: list[float] = []
        for guess in GUESSES:
            x = _settled(risk, masks, np.array(guess))
            value = float(risk.value(x))
            if value < BAD or anti_aligned(x.reshape(k, k), np.eye(k)) != m or among(value, known):
                continue
            proof = enclose(risk, x)
            if proof.verified and proof.index == 0:
                known.append(value)
                numbers = dict(zip("abcdef", _numbers(x, masks), strict=True))
                values = {"k": k, "m": m, "F": value, "eigenvalue": proof.eigenvalues[0, 0], **numbers}
                out += facts("blocks", f"{k} m={m} {len(known)}", values)
    return out


def among(value: float, others: Iterable[float]) -> bool:
    """Return whether a risk is one of others, to their digits."""
    return any(abs(value - other) < SAME for other in others)


def _settled(risk: Any, masks: Array, guess: Array) -> Array:
    """Return the student of this form, near a guess, where the risk is least among them."""

    def function(p: Array) -> tuple[float, Array]:
        return risk.value(p @ masks), masks @ risk.grad(p @ masks)

    return np.asarray(minimize(function, guess, jac=True, method="BFGS", options={"gtol": 1e-11}).x @ masks)


def _numbers(x: Array, masks: Array) -> list[float]:
    """Return the six numbers of a student; 0 for those that it has no overlap for."""
    counts = masks.sum(axis=1)
    return [float(total / count) if count else 0.0 for total, count in zip(masks @ x, counts, strict=True)]
