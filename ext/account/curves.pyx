"""The curves of many runs: the lowest value seen until then, put together and thinned."""

from libc.math cimport INFINITY, isfinite
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp

from arrays cimport data, doubles, empty, empty2, part, table, vector
from objective cimport allocate

cdef extern from *:
    void prefetch "__builtin_prefetch"(const void *) nogil

cdef extern from "thin.h" nogil:
    ctypedef struct hp_bins:
        pass
    void hp_bins_make(hp_bins *, double per_e)
    int64_t hp_thin(const hp_bins *, const double *points, int64_t n, float *costs, float *values)

cnp.import_array()

cdef enum:
    FETCHED = 128  # records that are fetched ahead


cdef struct hp_piece:
    const int64_t *rows
    const double *costs  # of each row, or what it had spent before its record
    const double *values  # of each row, or NULL
    const double *after  # what it had spent after its record
    double unit  # what an evaluation of a record costs
    const double *records
    const int64_t *begins
    const int64_t *ends
    int64_t n_records


cdef int64_t _length(const hp_piece *p, int64_t i) noexcept nogil:
    return 1 if p.values != NULL else p.ends[i] - p.begins[i]


cdef int64_t _finite(const hp_piece *p, int64_t i) noexcept nogil:
    """Return how many of a row's values are finite."""
    cdef int64_t k, n = 0
    if p.values != NULL:
        return isfinite(p.values[i])
    for k in range(p.begins[i], p.ends[i]):
        n += isfinite(p.records[2 * k + 1]) != 0
    return n


cdef struct hp_curve:
    int64_t left, skip, every  # finite points that are left, how many until one is kept, and every which one is
    double lowest


cdef int64_t _point(hp_curve *c, double cost, double value, double *to) noexcept nogil:
    """Go on by one point; return how many, 0 or 1, were written down."""
    if not isfinite(value):
        return 0
    c.lowest = min(c.lowest, value)
    c.left -= 1
    c.skip -= 1
    if c.skip > 0 and c.left > 0:
        return 0
    c.skip = c.every
    to[0], to[1] = cost, c.lowest
    return 1


cdef int64_t _run(
    const hp_piece *pieces, const int64_t *which, const int64_t *place, int64_t n, int64_t most, double *to
) noexcept nogil:
    """Write one run's curve, whose n parts are rows ``place[j]`` of pieces ``which[j]``; return its length."""
    cdef hp_curve c
    cdef int64_t j, k, kept = 0
    cdef double cost
    cdef const hp_piece *p
    c.left, c.skip, c.every, c.lowest = 0, 0, 1, INFINITY
    for j in range(n):
        c.left += _length(pieces + which[j], place[j])
    if c.left > most:  # else every finite point is kept, and none need be counted
        c.left = 0
        for j in range(n):
            c.left += _finite(pieces + which[j], place[j])
        c.every = 1 if c.left <= most else (c.left + most - 2) // (most - 1)
    for j in range(n):
        p = pieces + which[j]
        if p.values != NULL:
            kept += _point(&c, p.costs[place[j]], p.values[place[j]], to + 2 * kept)
            continue
        for k in range(p.begins[place[j]], p.ends[place[j]]):
            cost = p.records[2 * k] * p.unit + p.costs[place[j]]
            # what was charged is the sum of other parts, which rounding must not pass
            kept += _point(&c, min(cost, p.after[place[j]]), p.records[2 * k + 1], to + 2 * kept)
    return kept


cdef void _fetch(const hp_piece *pieces, const int64_t *which, const int64_t *place, int64_t n) noexcept nogil:
    """Have a run's records on their way: they lie far from those of its neighbors."""
    cdef int64_t j, k, end
    cdef const hp_piece *p
    for j in range(n):
        p = pieces + which[j]
        if p.values == NULL:
            end = min(p.ends[place[j]], p.begins[place[j]] + FETCHED)
            for k in range(p.begins[place[j]], end, 4):
                prefetch(p.records + 2 * k)


cdef int _read(hp_piece *p, tuple given) except -1:
    """Point at the arrays of a piece, and see that they fit together."""
    cdef int64_t m = len(given[0]), i
    p.rows = <const int64_t *>vector(given[0], cnp.NPY_INT64, m, "rows")
    p.costs = doubles(given[1], m, "costs")
    p.values = NULL
    if len(given) == 3:
        p.values = doubles(given[2], m, "values")
        return 0
    p.after = doubles(given[2], m, "after")
    p.unit = given[3]
    p.records = table(given[4], -1, 2, "records")
    p.begins = <const int64_t *>vector(given[5], cnp.NPY_INT64, m, "begins")
    p.ends = <const int64_t *>vector(given[6], cnp.NPY_INT64, m, "ends")
    p.n_records = len(given[4])
    for i in range(m):
        if not 0 <= p.begins[i] <= p.ends[i] <= p.n_records:
            raise ValueError(f"a row's records end at {p.ends[i]}, but there are {p.n_records}")
    return 0


def curves(list pieces, int64_t n_runs, int64_t most):
    """Return the points of all curves, shape (m, 2), and where each run's begin and the last one ends, shape (r + 1,).

    Parameters
    ----------
    pieces : list of tuple
        What was seen, in the order in which it was: either rows, costs and values, all of shape (k,), points of the
        runs ``rows[i]`` (int64 in [0, r)); or rows, costs, after, unit, records, begins and ends, where a run had spent
        ``costs[i]`` before and ``after[i]`` after the evaluations, of `unit` each, whose numbers and values are the
        rows ``begins[i]`` to ``ends[i] - 1`` of the records.
    n_runs : int
        r, how many runs.
    most : int
        The most points of a curve, at least 2: a longer one is thinned, and keeps its first and its last one.

    Notes
    -----
    What is not finite is left out. A point holds the lowest value seen until then.
    """
    cdef int64_t n = len(pieces), i, j, run, total = 0, room = 0, kept = 0
    cdef cnp.ndarray starts = empty(cnp.NPY_INT64, n_runs + 1), counts = empty(cnp.NPY_INT64, n_runs + 1)
    cdef cnp.ndarray lengths = empty(cnp.NPY_INT64, n_runs), which, places, out
    cdef int64_t *start = <int64_t *>data(starts)
    cdef int64_t *count = <int64_t *>data(counts)
    cdef int64_t *length = <int64_t *>data(lengths)
    cdef int64_t *piece_of
    cdef int64_t *place
    cdef double *to
    cdef hp_piece *all_of = <hp_piece *>allocate(max(n, 1) * sizeof(hp_piece))
    try:
        for j in range(n):
            _read(all_of + j, pieces[j])
        memset(count, 0, sizeof(int64_t) * (n_runs + 1))
        memset(length, 0, sizeof(int64_t) * n_runs)
        for j in range(n):
            for i in range(len(pieces[j][0])):
                run = all_of[j].rows[i]
                if not 0 <= run < n_runs:
                    raise ValueError(f"rows holds {run}, which is none of {n_runs} runs")
                count[run + 1] += 1
                length[run] += _length(all_of + j, i)
                total += 1
        for run in range(n_runs):
            count[run + 1] += count[run]
            room += min(length[run], most)
        which, places = empty(cnp.NPY_INT64, total), empty(cnp.NPY_INT64, total)
        piece_of, place = <int64_t *>data(which), <int64_t *>data(places)
        for j in range(n):  # count[run] moves from the run's first part to its end
            for i in range(len(pieces[j][0])):
                run = all_of[j].rows[i]
                piece_of[count[run]], place[count[run]] = j, i
                count[run] += 1
        out = empty2(cnp.NPY_DOUBLE, room, 2)
        to = data(out)
        with nogil:
            i = 0
            for run in range(n_runs):
                start[run] = kept
                if run + 1 < n_runs:
                    _fetch(all_of, piece_of + count[run], place + count[run], count[run + 1] - count[run])
                kept += _run(all_of, piece_of + i, place + i, count[run] - i, most, to + 2 * kept)
                i = count[run]
            start[n_runs] = kept
    finally:
        free(all_of)
    return (out if kept == room else out[:kept].copy()), starts


def parts(points, begins):
    """Return an object array of shape (r,): curve i are the rows from ``begins[i]`` to ``begins[i + 1]``, read-only."""
    cdef int64_t r = len(begins) - 1, i
    cdef int64_t *begin = <int64_t *>vector(begins, cnp.NPY_INT64, r + 1, "begins")
    cdef cnp.ndarray of = points, out = cnp.PyArray_SimpleNew(1, &r, cnp.NPY_OBJECT)
    table(points, -1, 2, "points")
    _risen(begin, r, len(of))
    for i in range(r):
        out[i] = part(of, begin[i], begin[i + 1])
    return out


cdef int _risen(const int64_t *begins, int64_t r, int64_t n) except -1:
    cdef int64_t i
    for i in range(r):
        if not 0 <= begins[i] <= begins[i + 1] <= n:
            raise ValueError(f"begins must rise from 0 to {n}, the number of points")
    return 0


def thinned(points, begins, double per_e):
    """Return how many points of each curve are kept, int32 of shape (r,), and their costs and values as float32.

    Curve i are the rows ``begins[i]`` to ``begins[i + 1] - 1`` of `points`, of shape (n, 2). Of the points of a curve
    whose ``floor(per_e log(1 + cost))`` are equal the last one is kept, and the first one of all.
    """
    cdef int64_t r = len(begins) - 1, n = len(points), run, kept = 0
    cdef int64_t *begin = <int64_t *>vector(begins, cnp.NPY_INT64, r + 1, "begins")
    cdef double *p = table(points, n, 2, "points")
    cdef cnp.ndarray counts = empty(cnp.NPY_INT32, r), costs = empty(cnp.NPY_FLOAT, n)
    cdef cnp.ndarray values = empty(cnp.NPY_FLOAT, n)
    cdef int32_t *count = <int32_t *>data(counts)
    cdef float *cost = <float *>data(costs)
    cdef float *value = <float *>data(values)
    cdef hp_bins bins
    hp_bins_make(&bins, per_e)
    _risen(begin, r, n)
    with nogil:
        for run in range(r):
            n = hp_thin(&bins, p + 2 * begin[run], begin[run + 1] - begin[run], cost + kept, value + kept)
            count[run] = <int32_t>n
            kept += n
    return counts, costs[:kept], values[:kept]
