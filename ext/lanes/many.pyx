"""Whole descents of many starts of one small net in C: lanes across starts."""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint64_t

from descent_types cimport fill_settings, hp_settings
from isa cimport isa_choose, isa_of
from objective cimport hp_objective, unwrapped

cdef extern from "mlp.h" nogil:
    ctypedef struct hp_net:
        int n_layers
        const int *sizes
    ctypedef struct hp_risk:
        hp_net net
        int64_t n_samples

cdef extern from "pool.h" nogil:
    ctypedef struct hp_plan:
        const hp_risk *risk
    ctypedef struct hp_arrays:
        double *x
        const uint64_t *keys
        const double *step_sizes
        const double *targets
        const int64_t *limits
        int64_t *codes
        int64_t *n_steps
        int64_t *n_evaluations
        int64_t *hits
        double *values
        double *grad_norms
        double *traces
        int64_t records
    ctypedef struct hp_pool:
        pass
    ctypedef struct hp_lanes_table:
        pass
    int hp_plan_make(hp_plan *, const hp_objective *)
    int hp_pool_open(
        hp_pool *, const hp_objective *, const hp_settings *, const hp_lanes_table *, const hp_arrays *, int64_t,
        int64_t
    )
    void hp_pool_close(hp_pool *)
    int hp_pool_run(hp_pool *)

cdef extern from "many_isa.h" nogil:
    const hp_lanes_table *hp_lanes_choose(int)


cdef int chosen = isa_choose()


def widest_layer(capsule):
    """Return the number of weights of the largest layer of a net that the block kernels can take, else 0.

    Parameters
    ----------
    capsule : PyCapsule
        Any objective; see ext/objective/objective.h.
    """
    cdef hp_plan plan
    cdef int i, widest = 0
    if hp_lanes_choose(chosen) == NULL or not hp_plan_make(&plan, unwrapped(capsule)):
        return 0
    for i in range(plan.risk.net.n_layers):
        widest = max(widest, plan.risk.net.sizes[i] * plan.risk.net.sizes[i + 1])
    return widest


cdef class Lanes:
    """Descents of starts begin to end - 1 by one rule of fixed steps, with memory for one thread.

    Parameters
    ----------
    capsule : PyCapsule
        The risk of a net for which `widest_layer` is positive.
    settings : Settings
        Plain numbers and tables; see homotopy.descent.settings.
    starts : Starts
        The starts, which become the final points, and what is each one's own.
    ends : Ends
        Where results are written.
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

    def __init__(self, capsule, settings, starts, ends, traces, int[::1] stop, isa=None):
        cdef double[:, ::1] x = starts.x
        cdef const uint64_t[::1] keys = starts.keys
        cdef const double[::1] step_sizes = starts.step_sizes, targets = starts.targets
        cdef const int64_t[::1] limits = starts.limits
        cdef int64_t[::1] codes = ends.codes, n_steps = ends.n_steps, n_evaluations = ends.n_evaluations
        cdef int64_t[::1] hits = ends.hits
        cdef double[::1] values = ends.values, grad_norms = ends.grad_norms
        cdef double[:, :, ::1] records
        cdef hp_plan plan
        self.objective = unwrapped(capsule)
        if not hp_plan_make(&plan, self.objective):
            raise ValueError("the capsule is not the risk of a float64 net, or it does not fit a block")
        fill_settings(&self.set, settings, stop)
        self.keep = (capsule, settings, starts, ends, traces, stop)
        self.kernels = hp_lanes_choose(chosen if isa is None else isa_of(isa))
        if self.kernels == NULL:
            raise ValueError("there are no block kernels without vectors")
        self.to.x = &x[0, 0]
        self.to.keys = &keys[0]
        self.to.step_sizes = &step_sizes[0]
        self.to.targets = &targets[0]
        self.to.limits = &limits[0]
        self.to.codes = &codes[0]
        self.to.n_steps = &n_steps[0]
        self.to.n_evaluations = &n_evaluations[0]
        self.to.hits = &hits[0]
        self.to.values = &values[0]
        self.to.grad_norms = &grad_norms[0]
        if traces is not None:
            records = traces
            self.to.traces = &records[0, 0, 0]
            self.to.records = records.shape[1]

    def run(self, int64_t begin, int64_t end):
        """Descend from starts begin to end - 1 together.

        Parameters
        ----------
        begin, end : int
            Indices of starts.

        Raises
        ------
        KeyboardInterrupt
            If Ctrl-C was pressed.
        MemoryError
            If there is no memory for the pool.
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
                PyErr_CheckSignals()
        finally:
            hp_pool_close(&pool)
