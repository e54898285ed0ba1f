"""Which units of students of a teacher to merge: greedy, over many students at once (merges.h)."""

from libc.stdint cimport int64_t

import numpy as np

cimport numpy as cnp

from arrays cimport data, new
from halt cimport hp_watch, look, share_halt
from isa cimport isa_choose, isa_of

from homotopy.errors import ArgumentError

__all__ = ["merge_cheapest", "merge_parallel"]

cdef extern from "merges.h" nogil:
    ctypedef int64_t (*hp_merge)(
        int64_t, int64_t, int, double *, int64_t, double, double *, double *, hp_watch *
    ) noexcept nogil
    hp_merge hp_merge_choose(int)
    int64_t hp_units_doubles(int64_t, int64_t)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()


def _merge(units, int64_t count, double limit, bint parallel, isa):
    cdef hp_merge merge = hp_merge_choose(chosen if isa is None else isa_of(isa))
    cdef int64_t r, n, d, i, least = count
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    merged = np.array(units, dtype=np.float64, order="C")
    if merged.ndim not in (2, 3):
        raise ArgumentError(f"units has shape {merged.shape}; it must be (n, d), or (r, n, d) for r students")
    many = merged if merged.ndim == 3 else merged[None]
    r, n, d = many.shape
    if not 0 <= count < max(n, 1):
        raise ArgumentError(f"n_merges must be at least 0 and less than the {n} units, not {count}")
    paid = np.full((r, count), np.inf)
    cdef cnp.ndarray room = new(hp_units_doubles(n, d))
    cdef double *rows = data(many)
    cdef double *costs = data(paid)
    cdef double *work = data(room)
    with nogil:
        for i in range(r):
            least = min(least, merge(n, d, parallel, rows + i * n * d, count, limit, costs + i * count, work, &watch))
    look()
    if merged.ndim == 3:
        return merged[:, : n - count].copy(), paid
    return merged[: n - least].copy(), paid[0, :least].copy()


def merge_cheapest(units, n_merges, limit=float("inf"), isa=None):
    """Return rows after greedy merges of the cheapest pairs, and what each merge cost in the function.

    Parameters
    ----------
    units : ndarray of shape (n, d) or (r, n, d)
        The rows of one student, or of r students of one size.
    n_merges : int
        Merges, fewer than the units.
    limit : float
        Pairs that cost more are not merged.
    isa : str or None
        A name of `homotopy._core.vmath.available`; None for the one in use.

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
    return _merge(units, n_merges, limit, False, isa)


def merge_parallel(units, n_merges, limit=float("inf"), isa=None):
    """Return rows after greedy merges of the pairs nearest to parallel up to sign, and their defects.

    Parameters, results and errors are those of `merge_cheapest`.
    """
    return _merge(units, n_merges, limit, True, isa)
