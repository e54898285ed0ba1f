"""The signs and the size of all eigenvalues of every symmetric matrix within a matrix of balls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from homotopy.landscape.certify.balls import Balls, flint, high, low, row_sum

__all__ = ["eigenvalue_bounds", "negative", "scaled", "unseen"]

Array = NDArray[np.float64]
SINGULAR = 1e-7
"""An eigenvalue of the scaled Hessian below this part of the largest may be the trace of a zero."""


def negative(H: list[Balls]) -> int | None:
    """Return the number of negative eigenvalues, the same for all symmetric matrices within H; None where unproven.

    A congruence by about the eigenvectors, then L D L^T in ball arithmetic: by Sylvester's law the signs of D count.
    """
    arb_mat = flint().arb_mat
    signs, n = [], len(H)
    middle, powers = scaled(H)
    V = arb_mat(_vectors(middle, powers).tolist())
    A = (V.transpose() * arb_mat(H) * V).tolist()
    for i in range(n):
        pivot = A[i][i]
        if not (pivot > 0 or pivot < 0):
            return None
        signs.append(bool(pivot < 0))
        for j in range(i + 1, n):
            factor = A[j][i] / pivot
            for k in range(i + 1, j + 1):
                A[j][k] -= factor * A[k][i]
    return sum(signs)


def eigenvalue_bounds(H: list[Balls]) -> Array:
    """Return bounds (n, 2), from below and above, of the ordered eigenvalues of all symmetric matrices within H.

    With V about the eigenvectors, V^T H V = D + E: by Weyl its eigenvalues are within |E| of D, and by Ostrowski they
    are those of H times numbers within |V^T V - I| of 1.
    """
    arb, arb_mat = flint().arb, flint().arb_mat
    V = arb_mat(eigh(_middle(H), driver="ev")[1].tolist())
    B, G = (V.transpose() * arb_mat(H) * V).tolist(), (V.transpose() * V).tolist()
    diagonal = sorted(B[i][i].mid() for i in range(len(H)))  # exact numbers
    for i in range(len(H)):
        B[i][i] -= B[i][i].mid()
        G[i][i] -= 1
    rest, skew = (arb(0, row_sum(M)) for M in (B, G))
    bounds = [(a + rest) / (1 + skew) for a in diagonal]
    return np.array([[low(a), high(a)] for a in bounds])


def unseen(H: list[Balls]) -> int:
    """Return how many eigenvalues are so small that the matrix may be singular, whatever the units of its variables."""
    values = np.abs(np.linalg.eigvalsh(scaled(H)[0]))
    return int(np.sum(values <= SINGULAR * values.max(initial=0.0)))


def scaled(H: list[Balls]) -> tuple[Array, Array]:
    """Return S M S and the diagonal of S: M the middle of H, S of powers of two, its rows about of largest entry 1."""
    M = _middle(H)
    exponents = np.zeros(len(H))
    for _ in range(6):  # each round halves how many digits the rows differ by
        top = np.abs(M * 2.0 ** (exponents[:, None] + exponents)).max(axis=1, initial=0.0)
        exponents -= np.round(np.log2(np.where(top > 0, top, 1.0)) / 2)
    return np.asarray(M * 2.0 ** (exponents[:, None] + exponents)), np.asarray(2.0**exponents)


def _vectors(middle: Array, powers: Array) -> Array:
    """Return about S V, V the eigenvectors of S M S."""
    return np.asarray(powers[:, None] * eigh(middle, driver="ev")[1])


def _middle(H: list[Balls]) -> Array:
    """Return the middles as float64, symmetric."""
    M = np.array([[float(a.mid()) for a in row] for row in H])
    return np.asarray((M + M.T) / 2)
