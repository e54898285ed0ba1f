"""Whole descents of many starts of one small net by L-BFGS in C: lanes across starts, refilled from a queue."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cimport numpy as cnp

from arrays cimport data, empty, empty2
from descent_types cimport HP_LBFGS, fill_arrays, fill_settings, hp_arrays, hp_settings
from halt cimport look, share_halt
from isa cimport isa_choose, isa_of
from objective cimport hp_objective, unwrapped

from homotopy._core.many import kernels, widest_layer

cdef extern from "quasi_pool.h" nogil:
    ctypedef struct hp_lanes_table:
        pass
    ctypedef struct hp_quasi_table:
        pass
    ctypedef struct hp_quasi:
        double **traces
        int64_t *n_traces
        int64_t first, end
    const hp_quasi_table *hp_quasi_choose(int)
    int hp_quasi_open(
        hp_quasi *, const hp_objective *, const hp_settings *, const hp_lanes_table *, const hp_quasi_table *,
        const hp_arrays *, int64_t, int64_t
    )
    void hp_quasi_close(hp_quasi *)
    int hp_quasi_run(hp_quasi *)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()


cdef class QuasiLanes:
    """Descents of starts begin to end - 1 by L-BFGS, with memory for one thread.

    Parameters
    ----------
    capsule : PyCapsule
        The risk of a net for which `homotopy._core.many.widest_layer` is positive.
    settings, starts, ends : Settings, Starts, Ends
        Plain numbers and arrays, see homotopy.descent.settings: the starts become the final points, and results and
        traces are written into the ends. t must not move.
    stop : ndarray of shape (1,), int32
        Whoever writes a one into it asks every loop that shares it to stop.
    isa : str or None
        A name of `homotopy._core.vmath.available` other than "plain"; None for the one in use.
    """

    cdef hp_settings set
    cdef hp_arrays to
    cdef object keep, traces
    cdef const hp_objective *objective
    cdef const hp_lanes_table *block
    cdef const hp_quasi_table *steps

    def __init__(self, capsule, settings, starts, ends, stop, isa=None):
        if not widest_layer(capsule):
            raise ValueError("the capsule is not the risk of a float64 net, or it does not fit a block")
        self.objective = unwrapped(capsule)
        fill_settings(&self.set, settings, stop)
        if self.set.rule != HP_LBFGS or self.set.plain or self.set.settled:
            raise ValueError("these lanes run L-BFGS on a compiled function at one t")
        fill_arrays(&self.to, starts, ends, self.objective.size)
        self.keep = (capsule, settings, starts, ends, stop)
        self.traces = ends.traces
        self.block = <const hp_lanes_table *>PyCapsule_GetPointer(kernels(isa), "homotopy.lanes")
        self.steps = hp_quasi_choose(chosen if isa is None else isa_of(isa))

    def run(self, int64_t begin, int64_t end):
        """Descend from starts begin to end - 1 together.

        KeyboardInterrupt after Ctrl-C, Interrupted as all compiled loops, MemoryError without memory.
        """
        cdef hp_quasi pool
        cdef int done = 0
        if not hp_quasi_open(&pool, self.objective, &self.set, self.block, self.steps, &self.to, begin, end):
            hp_quasi_close(&pool)
            raise MemoryError("no memory for this many starts")
        try:
            while not done:
                with nogil:
                    done = hp_quasi_run(&pool)
                look()
            self.record(&pool)
        finally:
            hp_quasi_close(&pool)

    cdef int record(self, hp_quasi *pool) except -1:
        """Copy what was recorded."""
        cdef int64_t i, at = 0, m = pool.end - pool.first
        cdef cnp.ndarray records, limits
        cdef int64_t *cut
        if pool.traces == NULL:
            return 0
        for i in range(m):
            at += pool.n_traces[i]
        records, limits = empty2(cnp.NPY_DOUBLE, at, 2), empty(cnp.NPY_INT64, m + 1)
        cut = <int64_t *>data(limits)
        cut[0] = 0
        for i in range(m):
            if pool.n_traces[i]:
                memcpy(data(records) + 2 * cut[i], pool.traces[i], 2 * pool.n_traces[i] * sizeof(double))
            cut[i + 1] = cut[i] + pool.n_traces[i]
        self.traces.keep(pool.first, records, limits[:-1], limits[1:])
        return 0
