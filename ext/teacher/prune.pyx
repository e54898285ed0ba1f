"""Small searches that are slow in Python: signs, and which units to merge."""

from libc.math cimport INFINITY, M_PI, acos, fabs, sqrt

import numpy as np

__all__ = ["flip_descent", "merge_cheapest", "merge_parallel"]

cdef double HALF_PI_INVERSE = 0.15915494309189535  # 1 / (2 pi)


cdef double _kernel(double g, double a, double b) noexcept nogil:
    """E relu(w.x) relu(v.x) for standard normal x, from g = w.v and the norms a, b."""
    cdef double nn = a * b
    cdef double c
    if nn < 1e-300:
        return 0.0
    c = g / nn
    c = 1.0 if c > 1.0 else (-1.0 if c < -1.0 else c)
    return HALF_PI_INVERSE * (nn * sqrt(1.0 - c * c) + (M_PI - acos(c)) * g)


cdef double _merge_cost(double qi, double qj, double g) noexcept nogil:
    """E (relu(w_i.x) + relu(w_j.x) - relu((w_i + w_j).x))^2 from the squared norms and the inner product."""
    cdef double qs = qi + qj + 2.0 * g
    cdef double ni = sqrt(qi)
    cdef double nj = sqrt(qj)
    cdef double ns
    if qs < 0.0:
        qs = 0.0
    ns = sqrt(qs)
    return (0.5 * (qi + qj + qs) + 2.0 * _kernel(g, ni, nj)
            - 2.0 * _kernel(qi + g, ns, ni) - 2.0 * _kernel(qj + g, ns, nj))


cdef double _parallel_cost(double qi, double qj, double g) noexcept nogil:
    """sqrt(q_i q_j) (1 - |cosine|): zero for units that are parallel up to sign, or zero."""
    return sqrt(qi * qj) - fabs(g)


cdef double _dot(const double* a, const double* b, Py_ssize_t n) noexcept nogil:
    cdef double s = 0.0
    cdef Py_ssize_t i
    for i in range(n):
        s += a[i] * b[i]
    return s


cdef void _costs_of(const double[:, ::1] W, double[:, ::1] D, const double[::1] q, Py_ssize_t n, Py_ssize_t i,
                    bint parallel) noexcept nogil:
    """Fill row and column i of the table of costs of the first n units."""
    cdef Py_ssize_t j
    cdef double g, cost
    for j in range(n):
        if j != i:
            g = _dot(&W[i, 0], &W[j, 0], W.shape[1])
            cost = _parallel_cost(q[i], q[j], g) if parallel else _merge_cost(q[i], q[j], g)
            D[i, j] = cost
            D[j, i] = cost
    D[i, i] = INFINITY


cdef double _merge_one(double[:, ::1] W, double[:, ::1] D, double[::1] q, Py_ssize_t n, double limit,
                       bint parallel) noexcept nogil:
    """Merge the cheapest pair of the first n units unless it costs more than the limit; return its cost."""
    cdef Py_ssize_t i, j, a, best_i = -1, best_j = -1, d = W.shape[1]
    cdef double best = INFINITY, sign = 1.0
    for i in range(n):
        for j in range(i):
            if D[i, j] < best:
                best, best_i, best_j = D[i, j], i, j
    if best_i < 0 or best > limit:
        return INFINITY
    if parallel and _dot(&W[best_i, 0], &W[best_j, 0], d) < 0.0:
        sign = -1.0
    for a in range(d):
        W[best_j, a] += sign * W[best_i, a]
    for a in range(d):
        W[best_i, a] = W[n - 1, a]
    q[best_i] = q[n - 1]
    for j in range(n - 1):
        D[best_i, j] = D[n - 1, j]
        D[j, best_i] = D[n - 1, j]
    D[best_i, best_i] = INFINITY
    q[best_j] = _dot(&W[best_j, 0], &W[best_j, 0], d)
    _costs_of(W, D, q, n - 1, best_j, parallel)
    return best


def _merge(const double[:, ::1] units, Py_ssize_t n_merges, double limit, bint parallel):
    cdef Py_ssize_t n = units.shape[0], i, m, done = 0
    cdef double cost
    if not 0 <= n_merges < max(n, 1):
        raise ValueError(f"n_merges must be at least 0 and less than the {n} units, not {n_merges}")
    merged = np.array(units, dtype=np.float64)
    paid = np.empty(n_merges)
    cdef double[:, ::1] W = merged
    cdef double[:, ::1] D = np.full((n, n), np.inf)
    cdef double[::1] q = np.einsum("ij,ij->i", merged, merged)
    cdef double[::1] costs = paid
    with nogil:
        for i in range(n):
            _costs_of(W, D, q, i + 1, i, parallel)
        for m in range(n_merges):
            cost = _merge_one(W, D, q, n - m, limit, parallel)
            if cost == INFINITY:
                break
            costs[m] = cost
            done += 1
    return merged[: n - done].copy(), paid[:done].copy()


def merge_cheapest(units, n_merges, limit=float("inf")):
    """Return the rows after greedy merges of the cheapest pairs, and what each merge cost in the function."""
    return _merge(units, n_merges, limit, False)


def merge_parallel(units, n_merges, limit=float("inf")):
    """Return the rows after greedy merges of the pairs nearest to parallel up to sign, and their defects."""
    return _merge(units, n_merges, limit, True)


def flip_descent(const double[:, ::1] gram, const double[::1] target, double[::1] signs):
    """Flip one or two signs at a time, in place, while c.G c - 2 v.c falls; return how many moves were made."""
    cdef Py_ssize_t n = signs.shape[0], i, j, best_i, best_j, moves = 0
    cdef double best, change, floor = 0.0
    cdef double[::1] g
    cdef double[::1] single
    if gram.shape[0] != n or gram.shape[1] != n or target.shape[0] != n:
        raise ValueError("gram, target and signs must have shapes (n, n), (n,) and (n,)")
    g = np.asarray(gram) @ np.asarray(signs) - np.asarray(target)
    single = np.empty(n)
    for i in range(n):
        floor += gram[i, i]
    floor *= -1e-12
    with nogil:
        while moves < 1000 * n:
            best, best_i, best_j = floor, -1, -1
            for i in range(n):
                single[i] = 4.0 * (gram[i, i] - signs[i] * g[i])
                if single[i] < best:
                    best, best_i, best_j = single[i], i, -1
            for i in range(n):
                for j in range(i):
                    change = single[i] + single[j] + 8.0 * signs[i] * signs[j] * gram[i, j]
                    if change < best:
                        best, best_i, best_j = change, i, j
            if best_i < 0:
                break
            _flip(gram, g, signs, best_i)
            if best_j >= 0:
                _flip(gram, g, signs, best_j)
            moves += 1
    return moves


cdef void _flip(const double[:, ::1] gram, double[::1] g, double[::1] signs, Py_ssize_t i) noexcept nogil:
    cdef Py_ssize_t a
    cdef double twice = 2.0 * signs[i]
    for a in range(signs.shape[0]):
        g[a] -= twice * gram[i, a]
    signs[i] = -signs[i]
