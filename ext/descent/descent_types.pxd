"""The C structs of descents (family.h, descent.h) for Cython modules, and how settings get into them."""
cimport numpy as cnp
from libc.math cimport isfinite
from libc.stdint cimport int64_t, uint64_t

from arrays cimport doubles, table, vector
from objective cimport hp_objective

cdef extern from "clock.h" nogil:
    double hp_now()

cdef extern from "family.h" nogil:
    ctypedef struct hp_family:
        const hp_objective *inner
        const hp_objective *easy
        double inner0, inner1, easy0, easy1, pull0, pull1
        const double *center
        const double *fade
        const double *rest
        const double *begin
        const double *end
        const double *toll

cdef extern from "descent.h" nogil:
    enum:
        HP_LBFGS
        HP_LM
        HP_RUNNING
        HP_STOPPED
    ctypedef struct hp_table:
        const double *values
        int64_t last
        int shift
    ctypedef struct hp_settings:
        int rule, memory, noise_gaussian, plain, relative
        double beta1, beta2, epsilon, smallest, largest, clip
        int64_t n_steps, settled, noise_period, plateau_window, record_every, pause_every
        hp_table step, t, noise
        double gradient_tolerance, plateau_drop, deadline
        int *stop
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


cdef inline int fill_arrays(hp_arrays *to, object starts, object ends, int64_t size) except -1:
    """Point at the arrays of starts of `size` variables and of their ends, which the caller keeps."""
    cdef Py_ssize_t r = len(starts.x)
    to.x = table(starts.x, r, size, "x")
    to.keys = <const uint64_t *>vector(starts.keys, cnp.NPY_UINT64, r, "keys")
    to.step_sizes = doubles(starts.step_sizes, r, "step_sizes")
    to.targets = doubles(starts.targets, r, "targets")
    to.limits = <const int64_t *>vector(starts.limits, cnp.NPY_INT64, r, "limits")
    to.codes = <int64_t *>vector(ends.codes, cnp.NPY_INT64, r, "codes")
    to.n_steps = <int64_t *>vector(ends.n_steps, cnp.NPY_INT64, r, "n_steps")
    to.n_evaluations = <int64_t *>vector(ends.n_evaluations, cnp.NPY_INT64, r, "n_evaluations")
    to.hits = <int64_t *>vector(ends.hits, cnp.NPY_INT64, r, "hits")
    to.values = doubles(ends.values, r, "values")
    to.grad_norms = doubles(ends.grad_norms, r, "grad_norms")
    return 0


cdef inline int fill_table(hp_table *to, object values, int shift) except -1:
    """Point a table at an array that the caller keeps."""
    to.values = doubles(values, -1, "table")
    to.last = len(values) - 1
    to.shift = shift
    return 0


cdef inline int fill_settings(hp_settings *set, object settings, object stop) except -1:
    """Copy the numbers and point at the tables, which the caller keeps."""
    set.rule = settings.rule
    set.memory = settings.memory
    set.beta1 = settings.beta1
    set.beta2 = settings.beta2
    set.epsilon = settings.epsilon
    set.smallest = settings.smallest
    set.largest = settings.largest
    set.clip = settings.clip
    set.n_steps = settings.n_steps
    set.settled = settings.settled
    set.plain = settings.plain
    set.relative = settings.relative
    fill_table(&set.step, settings.step_table, settings.shift)
    fill_table(&set.t, settings.t_table, settings.shift)
    fill_table(&set.noise, settings.noise_table, settings.shift)
    set.noise_gaussian = settings.noise_gaussian
    set.noise_period = settings.noise_period
    set.gradient_tolerance = settings.gradient_tolerance
    set.plateau_drop = settings.plateau_drop
    set.plateau_window = settings.plateau_window
    set.record_every = settings.record_every
    set.pause_every = settings.pause_every
    set.deadline = settings.deadline
    if isfinite(set.deadline):  # of Python's clock, which need not be that of the loops
        from time import monotonic
        set.deadline += hp_now() - monotonic()
    set.stop = <int *>vector(stop, cnp.NPY_INT, 1, "stop")
    return 0
