"""The curves of many runs: the lowest value seen until then, put together and thinned."""

from libc.math cimport INFINITY, floor, isfinite, log1p
from libc.stdint cimport int64_t
from libc.string cimport memset

cimport numpy as cnp

from arrays cimport data, doubles, empty, empty2, new, part, table, vector

cnp.import_array()


def curves(rows, costs, values, int64_t n_runs, int64_t most):
    """Return the points of all curves, shape (m, 2), and where each run's begin and the last one ends, shape (r + 1,).

    Point i belongs to run ``rows[i]`` (int64 in [0, r)), which had spent ``costs[i]`` then; the points of one run stand
    in their order. What is not finite is left out. A curve of more than `most` points is thinned to at most so many,
    with its first and its last one. ValueError where a row is none of the runs.
    """
    cdef int64_t m = len(rows), i, run, at, every, count, kept = 0
    cdef int64_t *run_of = <int64_t *>vector(rows, cnp.NPY_INT64, m, "rows")
    cdef double *cost = doubles(costs, m, "costs")
    cdef double *value = doubles(values, m, "values")
    cdef cnp.ndarray starts = empty(cnp.NPY_INT64, n_runs + 1), sorted_costs = new(m), sorted_values = new(m)
    cdef cnp.ndarray out = empty2(cnp.NPY_DOUBLE, m, 2)
    cdef int64_t *start = <int64_t *>data(starts)
    cdef double *c = data(sorted_costs)
    cdef double *v = data(sorted_values)
    cdef double *to = data(out)
    cdef double lowest
    memset(start, 0, sizeof(int64_t) * (n_runs + 1))
    for i in range(m):
        if not 0 <= run_of[i] < n_runs:
            raise ValueError(f"rows holds {run_of[i]}, which is none of {n_runs} runs")
        if isfinite(value[i]) and run_of[i] + 2 <= n_runs:
            start[run_of[i] + 2] += 1
    for run in range(2, n_runs + 1):
        start[run] += start[run - 1]
    for i in range(m):  # start[run + 1] moves from the run's first point to its end
        if isfinite(value[i]):
            at = start[run_of[i] + 1]
            c[at], v[at] = cost[i], value[i]
            start[run_of[i] + 1] += 1
    i = 0
    for run in range(n_runs):
        count = start[run + 1] - i
        every = 1 if count <= most else (count + most - 2) // (most - 1)
        lowest = INFINITY
        start[run] = kept
        for at in range(count):
            lowest = min(lowest, v[i + at])
            if at == count - 1 or at % every == 0:
                to[2 * kept], to[2 * kept + 1] = c[i + at], lowest
                kept += 1
        i += count
    start[n_runs] = kept
    return out[:kept].copy(), starts


def parts(points, begins):
    """Return an object array of shape (r,): curve i are the rows from ``begins[i]`` to ``begins[i + 1]``, read-only."""
    cdef int64_t r = len(begins) - 1, i
    cdef int64_t *begin = <int64_t *>vector(begins, cnp.NPY_INT64, r + 1, "begins")
    cdef cnp.ndarray of = points, out = cnp.PyArray_SimpleNew(1, &r, cnp.NPY_OBJECT)
    table(points, -1, 2, "points")
    for i in range(r):
        if not 0 <= begin[i] <= begin[i + 1] <= len(of):
            raise ValueError(f"begins must rise from 0 to {len(of)}, the number of points")
        out[i] = part(of, begin[i], begin[i + 1])
    return out


def thinned(points, lengths, double bins):
    """Return how many points of each curve are kept, int64 of shape (r,), and those points, shape (m, 2).

    The curves, of these lengths, stand one after the other in `points`, of shape (n, 2). Of the points of a curve whose
    ``floor(bins log(1 + cost))`` are equal the last one is kept, and the first one of all.
    """
    cdef int64_t r = len(lengths), n = len(points), run, i, at = 0, kept = 0, here, next_bin
    cdef int64_t *length = <int64_t *>vector(lengths, cnp.NPY_INT64, r, "lengths")
    cdef double *p = table(points, n, 2, "points")
    cdef cnp.ndarray counts = empty(cnp.NPY_INT64, r), out = empty2(cnp.NPY_DOUBLE, n, 2)
    cdef int64_t *count = <int64_t *>data(counts)
    cdef double *to = data(out)
    for run in range(r):
        if length[run] < 0 or at + length[run] > n:
            raise ValueError(f"the lengths are more than {n} points together")
        count[run] = kept
        next_bin = 0
        for i in range(length[run]):
            here = next_bin if i else bin_of(bins, p[2 * at])
            if i + 1 < length[run]:
                next_bin = bin_of(bins, p[2 * (at + i + 1)])
            if i == 0 or i + 1 == length[run] or here != next_bin:
                to[2 * kept], to[2 * kept + 1] = p[2 * (at + i)], p[2 * (at + i) + 1]
                kept += 1
        at += length[run]
        count[run] = kept - count[run]
    return counts, out[:kept].copy()


cdef inline int64_t bin_of(double bins, double cost) noexcept nogil:
    return <int64_t>floor(bins * log1p(max(cost, 0.0)))
