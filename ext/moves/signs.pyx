"""Which signs make linear paths vanish: the search over many systems at once (signs.h)."""

from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

cimport numpy as cnp

from arrays cimport complaint, data, doubles, new, table
from halt cimport hp_glance, hp_watch, look, share_halt
from isa cimport isa_choose, isa_of

from homotopy.errors import ArgumentError

__all__ = ["flip_descent", "search"]

cdef extern from "signs.h" nogil:
    ctypedef struct hp_philox:
        pass
    ctypedef struct hp_search:
        int64_t m, n, best, most, step
        double tolerance
        const double *units
        const double *b
        hp_philox *streams
        double *signs
        double *residual
        double *made
        double *scans
        hp_watch *watch
    ctypedef struct hp_signs:
        int64_t n, np
        double total, trace
        double *gram
        double *target
        double *c
    ctypedef struct hp_signs_table:
        void (*search)(const hp_search *, int64_t, double *) noexcept nogil
        int64_t (*descend)(hp_signs *) noexcept nogil
    const hp_signs_table *hp_signs_tables
    int64_t hp_signs_doubles(const hp_search *)
    hp_signs hp_signs_layout(const hp_search *, double *)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()


cdef hp_philox *_streams(object state, Py_ssize_t r) except? NULL:
    """The runs' random streams (`homotopy.streams.Draws.state`), which the search moves on."""
    if (
        not cnp.PyArray_Check(state)
        or cnp.PyArray_TYPE(<cnp.ndarray>state) != cnp.NPY_UINT64
        or cnp.PyArray_NDIM(<cnp.ndarray>state) != 2
        or cnp.PyArray_DIM(<cnp.ndarray>state, 0) != r
        or cnp.PyArray_DIM(<cnp.ndarray>state, 1) * 8 != sizeof(hp_philox)
        or not cnp.PyArray_ISCARRAY(<cnp.ndarray>state)
    ):
        raise complaint("state", state, cnp.NPY_UINT64, (r, sizeof(hp_philox) // 8))
    return <hp_philox *>cnp.PyArray_DATA(<cnp.ndarray>state)


def search(units, b, *, int64_t n, int64_t best, int64_t restarts, double tolerance, state=None, isa=None):
    """Return the best signs of each system, their residuals, the restarts made and the looks at all flips.

    Parameters
    ----------
    units : ndarray of shape (r, n m)
        The columns of each A, one after the other.
    b : ndarray of shape (r, m) or (m,)
        What the signed columns should add up to; one for all, where it has one dimension.
    n, best, restarts : int
        Signs; sign vectors that are kept, at least 2; random restarts at most.
    tolerance : float
        A search ends once the residual is at most this.
    state : ndarray of shape (r, 16), uint64, or None
        `homotopy.streams.Draws.state`; without it there are no restarts.
    isa : str or None
        A name of `homotopy._core.vmath.available`; None for the one in use.

    Returns
    -------
    signs, residual, made, scans : ndarrays of shapes (r, best, n), (r, best), (r,) and (r,)
        The residual is infinite where there is no further sign vector, or a number was not finite.
    """
    cdef hp_search S
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    cdef const hp_signs_table *kernels = hp_signs_tables + (chosen if isa is None else isa_of(isa))
    cdef Py_ssize_t r = len(units), i
    if n < 1 or best < 2 or restarts < 0:
        raise ArgumentError(f"n is {n}, best {best}, restarts {restarts}; they must be at least 1, 2 and 0")
    cdef bint own = cnp.PyArray_Check(b) and cnp.PyArray_NDIM(<cnp.ndarray>b) == 2
    S.b = table(b, r, cnp.PyArray_DIM(<cnp.ndarray>b, 1), "b") if own else doubles(b, -1, "b")
    S.m = cnp.PyArray_DIM(<cnp.ndarray>b, own)
    S.step = S.m if own else 0
    S.n, S.best, S.most, S.tolerance = n, best, restarts, tolerance
    S.units = table(units, -1, n * S.m, "units")
    S.streams = NULL if state is None else _streams(state, r)
    cdef cnp.ndarray signs = new(r * best * n), residual = new(r * best), made = new(r), scans = new(r)
    cdef cnp.ndarray room = new(hp_signs_doubles(&S))
    cdef double *work = data(room)
    S.signs, S.residual, S.made, S.scans = data(signs), data(residual), data(made), data(scans)
    S.watch = &watch
    with nogil:
        for i in range(r):
            kernels.search(&S, i, work)
            if hp_glance(&watch):
                break
    look()
    return signs.reshape(r, best, n), residual.reshape(r, best), made, scans


def flip_descent(gram, target, signs, isa=None):
    """Flip one or two signs at a time, in place, while c.G c - 2 v.c falls; return how many moves were made."""
    cdef const hp_signs_table *kernels = hp_signs_tables + (chosen if isa is None else isa_of(isa))
    cdef Py_ssize_t n = len(signs), i
    cdef const double *G = table(gram, n, n, "gram")
    cdef double *c = doubles(signs, n, "signs")
    cdef const double *v = doubles(target, n, "target")
    cdef hp_search S
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    memset(&S, 0, sizeof(S))
    S.n, S.watch = n, &watch
    cdef int64_t size = hp_signs_doubles(&S)
    cdef cnp.ndarray room = new(size)
    memset(data(room), 0, size * sizeof(double))
    cdef hp_signs w = hp_signs_layout(&S, data(room))
    for i in range(n):
        memcpy(w.gram + i * w.np, G + i * n, n * sizeof(double))
        w.trace += G[i * n + i]
    memcpy(w.target, v, n * sizeof(double))
    memcpy(w.c, c, n * sizeof(double))
    cdef int64_t moves
    with nogil:
        moves = kernels.descend(&w)
    look()
    memcpy(c, w.c, n * sizeof(double))
    return moves
