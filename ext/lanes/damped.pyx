"""Levenberg-Marquardt from many starts of one small net in C: lanes across starts."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t

import numpy as np

cimport numpy as cnp

from arrays cimport data, empty2
from descent_types cimport HP_LM, fill_arrays, fill_settings, hp_arrays, hp_settings
from halt cimport look, share_halt
from isa cimport isa_choose, isa_of
from objective cimport hp_objective, unwrapped

from homotopy._core.many import kernels

cdef extern from "damped_pool.h" nogil:
    ctypedef struct hp_lanes_table:
        pass
    ctypedef struct hp_damped_table:
        pass
    ctypedef struct hp_noted:
        int64_t n
        int failed
    ctypedef struct hp_damped_pool:
        hp_noted records
    const hp_damped_table *hp_damped_lanes(int)
    int64_t hp_damped_weights(const hp_objective *, int)
    int hp_damped_pool_open(
        hp_damped_pool *, const hp_objective *, const hp_settings *, const hp_lanes_table *, const hp_damped_table *,
        const hp_arrays *, int64_t, int64_t
    )
    void hp_damped_pool_close(hp_damped_pool *)
    int hp_damped_pool_run(hp_damped_pool *)
    void hp_noted_sort(const hp_noted *, int64_t, int64_t, int64_t *, double *)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()


def damped_weights(capsule):
    """Return the number of weights of a net with at most one hidden layer that these kernels can take, else 0."""
    return hp_damped_weights(unwrapped(capsule), chosen)


cdef class DampedLanes:
    """Runs of Levenberg-Marquardt from starts begin to end - 1, with memory for one thread.

    Parameters
    ----------
    capsule : PyCapsule
        The risk of a net for which `damped_weights` is positive, or a family around it.
    settings, starts, ends : Settings, Starts, Ends
        Plain numbers and arrays, see homotopy.descent.settings; t does not move. The starts become the final points,
        and results are written into the ends, with their traces.
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
    cdef const hp_damped_table *steps

    def __init__(self, capsule, settings, starts, ends, stop, isa=None):
        cdef int which = chosen if isa is None else isa_of(isa)
        self.objective = unwrapped(capsule)
        self.block = <const hp_lanes_table *>PyCapsule_GetPointer(kernels(isa), "homotopy.lanes")
        self.steps = hp_damped_lanes(which)
        if not hp_damped_weights(self.objective, which):
            raise ValueError("the capsule is not the risk of a float64 net with at most one hidden layer")
        fill_settings(&self.set, settings, stop)
        fill_arrays(&self.to, starts, ends, self.objective.size)
        if self.set.rule != HP_LM or self.set.plain or self.set.pause_every or self.set.t.last:
            raise ValueError("these lanes run lm on a net's risk at one t, without a callback")
        self.keep = (capsule, settings, starts, ends, stop)
        self.traces = ends.traces

    def run(self, int64_t begin, int64_t end):
        """Descend from starts begin to end - 1 together.

        KeyboardInterrupt after Ctrl-C, Interrupted as all compiled loops, MemoryError without memory.
        """
        cdef hp_damped_pool pool
        cdef int done = 0
        if not hp_damped_pool_open(&pool, self.objective, &self.set, self.block, self.steps, &self.to, begin, end):
            hp_damped_pool_close(&pool)
            raise MemoryError("no memory for this many starts")
        try:
            while not done:
                with nogil:
                    done = hp_damped_pool_run(&pool)
                look()
            if pool.records.failed:
                raise MemoryError("no memory for this many records")
            if self.set.record_every:
                self.share_out(&pool.records, begin, end)
        finally:
            hp_damped_pool_close(&pool)

    cdef object share_out(self, const hp_noted *noted, int64_t begin, int64_t end):
        """Give every start its own records, which were noted in the order of time."""
        cdef cnp.ndarray limits = np.zeros(end - begin + 1, dtype=np.int64)
        cdef cnp.ndarray records = empty2(cnp.NPY_DOUBLE, noted.n, 2)
        hp_noted_sort(noted, begin, end, <int64_t *>data(limits), data(records))
        self.traces.keep(begin, records, limits[:-1], limits[1:])
