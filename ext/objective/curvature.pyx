"""The largest curvature of a compiled objective at many points."""

from libc.math cimport sqrt
from libc.stdlib cimport free
from libc.stdint cimport int64_t

import numpy as np

from objective cimport allocate, hp_objective, unwrapped

__all__ = ["largest_curvatures"]


cdef double _norm(const double *v, int64_t n) noexcept nogil:
    cdef double s = 0.0
    cdef int64_t i
    for i in range(n):
        s += v[i] * v[i]
    return sqrt(s)


cdef double _power(const hp_objective *f, const double *x, const double *first, int steps, double *room,
                   void *work) noexcept nogil:
    """Power iterations with central differences of the gradient; room holds four vectors."""
    cdef int64_t n = f.size, i
    cdef double *v = room
    cdef double *y = room + n
    cdef double *a = room + 2 * n
    cdef double *b = room + 3 * n
    cdef double size = _norm(first, n), h = 1e-6 * (1.0 + _norm(x, n))
    cdef int _step
    for i in range(n):
        v[i] = first[i]
    for _step in range(steps):
        if not size > 0.0:
            break
        for i in range(n):
            v[i] = v[i] / size
            y[i] = x[i] + h * v[i]
        f.value_and_grad(f, y, 1.0, a, work)
        for i in range(n):
            y[i] = x[i] - h * v[i]
        f.value_and_grad(f, y, 1.0, b, work)
        for i in range(n):
            v[i] = (a[i] - b[i]) / (2.0 * h)
        size = _norm(v, n)
    return size


def largest_curvatures(capsule, const double[:, ::1] points, const double[::1] first, int steps):
    """Return, for each point, an estimate from below of the largest absolute eigenvalue of the Hessian."""
    cdef const hp_objective *f = unwrapped(capsule)
    cdef Py_ssize_t r
    cdef void *work
    if points.shape[1] != f.size or first.shape[0] != f.size:
        raise ValueError(f"points and first must have {f.size} variables")
    found = np.empty(points.shape[0])
    cdef double[::1] out = found
    cdef double[::1] room = np.empty(4 * max(f.size, 1))
    work = allocate(f.work_bytes)
    with nogil:
        for r in range(points.shape[0]):
            out[r] = _power(f, &points[r, 0], &first[0], steps, &room[0], work)
    free(work)
    return found
