"""Small searches that are slow in Python: signs, and which units to merge."""

from libc.math cimport INFINITY, fabs, sqrt

import numpy as np

cimport numpy as cnp

from arrays cimport data, doubles, new, table

__all__ = ["flip_descent", "merge_cheapest", "merge_parallel"]

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


def _merge(units, Py_ssize_t n_merges, double limit, bint parallel):
    cdef roster u
    cdef Py_ssize_t i, m, done = 0
    cdef double cost
    merged = np.array(units, dtype=np.float64, order="C")
    if not 0 <= n_merges < max(len(merged), 1):
        raise ValueError(f"n_merges must be at least 0 and less than the {len(merged)} units, not {n_merges}")
    between, norms = np.full((len(merged), len(merged)), np.inf), np.einsum("ij,ij->i", merged, merged)
    cdef cnp.ndarray paid = new(n_merges)
    u.n, u.d = merged.shape
    u.stride, u.parallel = u.n, parallel
    u.W, u.D, u.q = data(merged), data(between), data(norms)
    cdef double *costs = data(paid)
    with nogil:
        for i in range(u.n):
            _costs_of(u, i + 1, i)
        for m in range(n_merges):
            cost = _merge_one(u, u.n - m, limit)
            if cost == INFINITY:
                break
            costs[m] = cost
            done += 1
    return merged[: u.n - done].copy(), paid[:done].copy()


def merge_cheapest(units, n_merges, limit=float("inf")):
    """Return the rows after greedy merges of the cheapest pairs, and what each merge cost in the function."""
    return _merge(units, n_merges, limit, False)


def merge_parallel(units, n_merges, limit=float("inf")):
    """Return the rows after greedy merges of the pairs nearest to parallel up to sign, and their defects."""
    return _merge(units, n_merges, limit, True)


def flip_descent(gram, target, signs):
    """Flip one or two signs at a time, in place, while c.G c - 2 v.c falls; return how many moves were made."""
    cdef Py_ssize_t n = len(signs), i, j, best_i, best_j, moves = 0
    cdef double best, change, floor = 0.0
    cdef double *G = table(gram, n, n, "gram")
    cdef double *c = doubles(signs, n, "signs")
    doubles(target, n, "target")
    slopes = gram @ signs - target
    cdef double *g = doubles(slopes, n, "slopes")
    cdef cnp.ndarray room = new(n)
    cdef double *single = data(room)
    for i in range(n):
        floor += G[i * n + i]
    floor *= -1e-12
    with nogil:
        while moves < 1000 * n:
            best, best_i, best_j = floor, -1, -1
            for i in range(n):
                single[i] = 4.0 * (G[i * n + i] - c[i] * g[i])
                if single[i] < best:
                    best, best_i, best_j = single[i], i, -1
            for i in range(n):
                for j in range(i):
                    change = single[i] + single[j] + 8.0 * c[i] * c[j] * G[i * n + j]
                    if change < best:
                        best, best_i, best_j = change, i, j
            if best_i < 0:
                break
            _flip(G, g, c, n, best_i)
            if best_j >= 0:
                _flip(G, g, c, n, best_j)
            moves += 1
    return moves


cdef void _flip(const double *G, double *g, double *c, Py_ssize_t n, Py_ssize_t i) noexcept nogil:
    cdef Py_ssize_t a
    cdef double twice = 2.0 * c[i]
    for a in range(n):
        g[a] -= twice * G[i * n + a]
    c[i] = -c[i]
