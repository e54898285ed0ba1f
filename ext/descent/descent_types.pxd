"""The C structs of descents (family.h, descent.h) for Cython modules, and how settings get into them."""
from libc.stdint cimport int64_t

from objective cimport hp_objective

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
        int rule, memory, noise_gaussian
        double beta1, beta2, epsilon, smallest, largest
        int64_t n_steps, settled, noise_period, plateau_window, record_every, pause_every
        hp_table step, t, noise
        double gradient_tolerance, plateau_drop, deadline
        int *stop


cdef inline hp_table table(object values, int shift):
    """Point a table at a float64 array that the caller keeps."""
    cdef const double[::1] view = values
    cdef hp_table result
    result.values = &view[0]
    result.last = view.shape[0] - 1
    result.shift = shift
    return result


cdef inline void fill_settings(hp_settings *set, object settings, int[::1] stop):
    """Copy the numbers and point at the tables, which the caller keeps."""
    set.rule = settings.rule
    set.memory = settings.memory
    set.beta1 = settings.beta1
    set.beta2 = settings.beta2
    set.epsilon = settings.epsilon
    set.smallest = settings.smallest
    set.largest = settings.largest
    set.n_steps = settings.n_steps
    set.settled = settings.settled
    set.step = table(settings.step_table, settings.shift)
    set.t = table(settings.t_table, settings.shift)
    set.noise = table(settings.noise_table, settings.shift)
    set.noise_gaussian = settings.noise_gaussian
    set.noise_period = settings.noise_period
    set.gradient_tolerance = settings.gradient_tolerance
    set.plateau_drop = settings.plateau_drop
    set.plateau_window = settings.plateau_window
    set.record_every = settings.record_every
    set.pause_every = settings.pause_every
    set.deadline = settings.deadline
    set.stop = &stop[0]
