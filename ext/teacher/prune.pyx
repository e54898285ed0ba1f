"""Which units of students of a teacher to merge: greedy, over many students at once."""

from libc.math cimport INFINITY, fabs, sqrt

import numpy as np

cimport numpy as cnp

from arrays cimport data, new

from homotopy.errors import ArgumentError

__all__ = ["merge_cheapest", "merge_parallel"]

cdef extern from "teacher.h" nogil:
    double ts_merge_cost(double, double, double) noexcept

cnp.import_array()

# Units and what is known of them: rows W (n, d), costs D of merging two of them in rows of `stride`, squared norms q.
ctypedef struct roster:
    Py_ssize_t n, d, stride
    bint parallel
    double *W
    double *D
    double *q


cdef double _dot(const double *a, const double *b, Py_ssize_t n) noexcept nogil:
    cdef double s = 0.0
    cdef Py_ssize_t i
    for i in range(n):
        s += a[i] * b[i]
    return s


cdef void _costs_of(roster u, Py_ssize_t n, Py_ssize_t i) noexcept nogil:
    """Fill row and column i of the table of costs of the first n units."""
    cdef Py_ssize_t j
    cdef double g, cost
    for j in range(n):
        if j != i:
            g = _dot(u.W + i * u.d, u.W + j * u.d, u.d)
            # parallel: zero for units that are parallel up to sign, or zero
            cost = sqrt(u.q[i] * u.q[j]) - fabs(g) if u.parallel else ts_merge_cost(u.q[i], u.q[j], g)
            u.D[i * u.stride + j] = u.D[j * u.stride + i] = cost
    u.D[i * u.stride + i] = INFINITY


cdef double _merge_one(roster u, Py_ssize_t n, double limit) noexcept nogil:
    """Merge the cheapest pair of the first n units unless it costs more than the limit; return its cost."""
    cdef Py_ssize_t i, j, a, best_i = -1, best_j = -1, d = u.d
    cdef double best = INFINITY, sign = 1.0
    for i in range(n):
        for j in range(i):
            if u.D[i * u.stride + j] < best:
                best, best_i, best_j = u.D[i * u.stride + j], i, j
    if best_i < 0 or best > limit:
        return INFINITY
    if u.parallel and _dot(u.W + best_i * d, u.W + best_j * d, d) < 0.0:
        sign = -1.0
    for a in range(d):
        u.W[best_j * d + a] += sign * u.W[best_i * d + a]
    for a in range(d):
        u.W[best_i * d + a] = u.W[(n - 1) * d + a]
    u.q[best_i] = u.q[n - 1]
    for j in range(n - 1):
        u.D[best_i * u.stride + j] = u.D[j * u.stride + best_i] = u.D[(n - 1) * u.stride + j]
    u.D[best_i * u.stride + best_i] = INFINITY
    u.q[best_j] = _dot(u.W + best_j * d, u.W + best_j * d, d)
    _costs_of(u, n - 1, best_j)
    return best


cdef Py_ssize_t _merge_all(roster u, Py_ssize_t n_merges, double limit, double *paid) noexcept nogil:
    """Merge pairs one after the other while they cost at most the limit; return how many."""
    cdef Py_ssize_t i, m
    for i in range(u.n):
        u.q[i] = _dot(u.W + i * u.d, u.W + i * u.d, u.d)
        _costs_of(u, i + 1, i)
    for m in range(n_merges):
        paid[m] = _merge_one(u, u.n - m, limit)
        if paid[m] == INFINITY:
            return m
    return n_merges


def _merge(units, Py_ssize_t n_merges, double limit, bint parallel):
    cdef roster u
    cdef Py_ssize_t i, r, least
    merged = np.array(units, dtype=np.float64, order="C")
    if merged.ndim not in (2, 3):
        raise ArgumentError(f"units has shape {merged.shape}; it must be (n, d), or (r, n, d) for r students")
    many = merged if merged.ndim == 3 else merged[None]
    r, u.n, u.d = many.shape
    if not 0 <= n_merges < max(u.n, 1):
        raise ArgumentError(f"n_merges must be at least 0 and less than the {u.n} units, not {n_merges}")
    least = n_merges
    paid = np.full((r, n_merges), np.inf)
    u.stride, u.parallel = u.n, parallel
    cdef cnp.ndarray room = new(u.n * (u.n + 1))
    u.D = data(room)
    u.q = u.D + u.n * u.n
    cdef double *rows = data(many)
    cdef double *costs = data(paid)
    with nogil:
        for i in range(r):
            u.W = rows + i * u.n * u.d
            least = min(least, _merge_all(u, n_merges, limit, costs + i * n_merges))
    if merged.ndim == 3:
        return merged[:, : u.n - n_merges].copy(), paid
    return merged[: u.n - least].copy(), paid[0, :least].copy()


def merge_cheapest(units, n_merges, limit=float("inf")):
    """Return rows after greedy merges of the cheapest pairs, and what each merge cost in the function.

    Parameters
    ----------
    units : ndarray of shape (n, d) or (r, n, d)
        The rows of one student, or of r students of one size.
    n_merges : int
        Merges, fewer than the units.
    limit : float
        Pairs that cost more are not merged.

    Returns
    -------
    merged, paid : ndarray
        Of one student as many as were merged: shapes (n - m, d) and (m,). Of r students shapes (r, n - n_merges, d)
        and (r, n_merges): where the merges of one end early its last rows are left out as they are, and their costs
        are infinite.

    Raises
    ------
    ArgumentError
        If the units have another shape, or are too few for so many merges.
    """
    return _merge(units, n_merges, limit, False)


def merge_parallel(units, n_merges, limit=float("inf")):
    """Return rows after greedy merges of the pairs nearest to parallel up to sign, and their defects.

    Parameters, results and errors are those of `merge_cheapest`.
    """
    return _merge(units, n_merges, limit, True)
