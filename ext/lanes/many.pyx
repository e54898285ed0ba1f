"""Whole descents of many starts of one small net in C: lanes across starts."""

from cpython.pycapsule cimport PyCapsule_New
from libc.stdint cimport int64_t
from libc.stdlib cimport free

cimport numpy as cnp

from arrays cimport complaint, data, empty2, new, table
from descent_types cimport fill_arrays, fill_settings, hp_arrays, hp_settings
from halt cimport hp_glance, hp_watch, look, share_halt
from isa cimport isa_choose, isa_of
from objective cimport allocate, hp_objective, unwrapped

cdef extern from "pool.h" nogil:
    ctypedef struct hp_pool:
        pass
    ctypedef struct hp_lanes_table:
        pass
    int hp_widest_layer(const hp_objective *, int)
    const hp_lanes_table *hp_lanes_choose(int)
    ctypedef struct hp_plan:
        pass
    int hp_plan_make(hp_plan *, const hp_objective *)
    int hp_lanes_values(
        const hp_plan *, const hp_lanes_table *, int64_t, const double *, double, double *, double *
    )
    int hp_pool_open(
        hp_pool *, const hp_objective *, const hp_settings *, const hp_lanes_table *, const hp_arrays *, int64_t,
        int64_t
    )
    void hp_pool_close(hp_pool *)
    int hp_pool_run(hp_pool *)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()

# Up to this many weights in its largest layer a net's values are faster with lanes across points.
cdef enum:
    LARGEST = 512


def widest_layer(capsule):
    """Return the number of weights of the largest layer of a net that the block kernels can take, else 0."""
    return hp_widest_layer(unwrapped(capsule), chosen)


def kernels(isa=None):
    """Return the block kernels of an instruction set for other modules (a PyCapsule "homotopy.lanes").

    `isa` is a name of `homotopy._core.vmath.available` other than "plain"; None the one in use.
    """
    cdef const hp_lanes_table *made = hp_lanes_choose(chosen if isa is None else isa_of(isa))
    if made == NULL:
        raise ValueError("there are no block kernels without vectors")
    return PyCapsule_New(<void *>made, "homotopy.lanes", NULL)


def value_and_grad_many(capsule, X, double t=1.0, *, int64_t largest=LARGEST, isa=None):
    """Return the values at the rows of X, shape (r,), and the gradients there, shape (r, n).

    Parameters
    ----------
    capsule : PyCapsule
        The function, or the family at t (ext/objective/objective.h).
    X : ndarray of shape (r, n)
        Points, float64 and C-contiguous; what a row gives does not depend on the others.
    t : float
        The parameter of a family.
    largest : int
        Nets with no layer of more weights go through the block kernels, with lanes across rows; everything else as the
        function itself takes many points, or one row after the other, without the GIL.
    isa : str or None
        A name of `homotopy._core.vmath.available` for the block kernels; None for the one in use.
    """
    cdef const hp_objective *objective = unwrapped(capsule)
    cdef const double *points = table(X, -1, objective.size, "X")
    cdef int64_t r = len(X), i, n = objective.size
    cdef cnp.ndarray values = new(r), grads = empty2(cnp.NPY_DOUBLE, r, n)
    cdef double *f = data(values)
    cdef double *g = data(grads)
    cdef int number = chosen if isa is None else isa_of(isa)
    cdef bint done = 1
    cdef hp_plan plan
    cdef const double *x[64]
    cdef double *to[64]
    cdef double at[64]
    cdef int64_t m, q
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    cdef void *work
    if 0 < hp_widest_layer(objective, number) <= largest:
        hp_plan_make(&plan, objective)
        with nogil:
            done = hp_lanes_values(&plan, hp_lanes_choose(number), r, points, t, f, g)
        look()
        if not done:
            raise MemoryError("no memory for this many points")
        return values, grads
    work = allocate(max(objective.work_bytes, objective.many_bytes))
    with nogil:
        i = 0
        while i < r and not hp_glance(&watch):
            m = min(r - i, 64) if objective.width else 1
            for q in range(m):
                x[q], to[q], at[q] = points + (i + q) * n, g + (i + q) * n, t
            if objective.width:
                objective.value_and_grad_many(objective, m, x, at, f + i, to, work)
            else:
                f[i] = objective.value_and_grad(objective, x[0], t, to[0], work)
            i += m
    free(work)
    look()
    return values, grads


cdef class Lanes:
    """Descents of starts begin to end - 1 by one rule of fixed steps, with memory for one thread.

    Parameters
    ----------
    capsule : PyCapsule
        The risk of a net for which `widest_layer` is positive.
    settings, starts, ends : Settings, Starts, Ends
        Plain numbers and arrays, see homotopy.descent.settings: the starts become the final points, and results are
        written into the ends.
    traces : ndarray of shape (r, m, 2) or None
        Where evaluations and values are recorded.
    stop : ndarray of shape (1,), int32
        Whoever writes a one into it asks every loop that shares it to stop.
    isa : str or None
        A name of `homotopy._core.vmath.available` other than "plain"; None for the one in use.
    """

    cdef hp_settings set
    cdef hp_arrays to
    cdef object keep
    cdef const hp_objective *objective
    cdef const hp_lanes_table *kernels

    def __init__(self, capsule, settings, starts, ends, traces, stop, isa=None):
        self.objective = unwrapped(capsule)
        if not hp_widest_layer(self.objective, chosen):
            raise ValueError("the capsule is not the risk of a float64 net, or it does not fit a block")
        fill_settings(&self.set, settings, stop)
        fill_arrays(&self.to, starts, ends, self.objective.size)
        self.keep = (capsule, settings, starts, ends, traces, stop)
        self.kernels = hp_lanes_choose(chosen if isa is None else isa_of(isa))
        if self.kernels == NULL:
            raise ValueError("there are no block kernels without vectors")
        if traces is not None:
            shape = (len(starts.x), traces.shape[1], 2)
            if traces.shape != shape or traces.dtype != "f8" or not traces.flags.c_contiguous:
                raise complaint("traces", traces, cnp.NPY_DOUBLE, shape)
            self.to.traces = data(traces)
            self.to.records = traces.shape[1]

    def run(self, int64_t begin, int64_t end):
        """Descend from starts begin to end - 1 together.

        KeyboardInterrupt after Ctrl-C, Interrupted as all compiled loops, MemoryError without memory.
        """
        cdef hp_pool pool
        cdef int done = 0
        if not hp_pool_open(&pool, self.objective, &self.set, self.kernels, &self.to, begin, end):
            hp_pool_close(&pool)
            raise MemoryError("no memory for this many starts")
        try:
            while not done:
                with nogil:
                    done = hp_pool_run(&pool)
                look()
        finally:
            hp_pool_close(&pool)
