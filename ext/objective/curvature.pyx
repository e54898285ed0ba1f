"""The largest curvature of a compiled objective at many points."""

from libc.math cimport sqrt
from libc.stdlib cimport free
from libc.stdint cimport int64_t

cimport numpy as cnp

from arrays cimport data, doubles, new, table
from halt cimport hp_glance, hp_watch, look, share_halt
from objective cimport allocate, hp_objective, unwrapped

__all__ = ["largest_curvatures"]

cnp.import_array()
share_halt()


cdef double _norm(const double *v, int64_t n) noexcept nogil:
    cdef double s = 0.0
    cdef int64_t i
    for i in range(n):
        s += v[i] * v[i]
    return sqrt(s)


cdef double _power(const hp_objective *f, const double *x, const double *first, int steps, double *room,
                   void *work, hp_watch *watch) noexcept nogil:
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
        if not size > 0.0 or hp_glance(watch):
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


def largest_curvatures(capsule, points, first, int steps):
    """Return, for each point, an estimate from below of the largest absolute eigenvalue of the Hessian."""
    cdef const hp_objective *f = unwrapped(capsule)
    cdef const double *x = table(points, -1, f.size, "points")
    cdef const double *direction = doubles(first, f.size, "first")
    cdef int64_t r, n_points = len(points)
    cdef cnp.ndarray found = new(n_points), vectors = new(4 * f.size)
    cdef double *out = data(found)
    cdef double *room = data(vectors)
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    cdef void *work
    work = allocate(f.work_bytes)
    with nogil:
        for r in range(n_points):
            out[r] = _power(f, x + r * f.size, direction, steps, room, work, &watch)
    free(work)
    look()
    return found
