"""Teacher-student population risk in compiled form (ext/teacher/teacher.h)."""

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memset

import numpy as np

from arrays cimport complaint, data, doubles, empty2, new, table
from halt cimport check, hp_glance, hp_watch, look, share_halt
from isa cimport isa_choose, isa_of
from objective cimport allocate, hp_objective, wrapped

from homotopy.errors import ArgumentError

__all__ = ["Risk", "RiskPath", "merge_costs", "use_isa"]

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()

cdef extern from "teacher_isa.h" nogil:
    enum:
        TS_PLAIN
        TS_HERMITE
        TS_SMOOTHED
    ctypedef struct ts_data:
        int64_t n, k, d, np, kp, dp
        const double *teacher
        const double *turned
        const double *norms
        const double *inv
        const double *sum
        double total, constant, smoothing
        int path, unit
        int64_t fewest
    ctypedef struct ts_table:
        double (*value_and_grad)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        int (*hessian)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        void (*hessp)(const hp_objective *, const double *, double, const double *, double *, void *) noexcept nogil
        double (*dt)(const hp_objective *, const double *, double, void *) noexcept nogil
        void (*dt_grad)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        void (*value_and_grad_many)(
            const hp_objective *, int64_t, const double *const *, const double *, double *, double *const *, void *
        ) noexcept nogil
        int width
    int64_t ts_round(int64_t) noexcept
    size_t ts_work_bytes(const ts_data *) noexcept
    size_t ts_many_bytes(const ts_data *) noexcept
    int64_t ts_fewest(const ts_data *, int) noexcept
    const ts_table *ts_choose(int) noexcept
    double ts_kernel(double, double, double) noexcept
    double ts_merge_cost(double, double, double) noexcept

cdef extern from "glue.h":
    pass


# Pairs that L-BFGS keeps: the recursion over 20 costs more than a gradient. Over six teachers of 6 to 24 units, true or
# beside a path, to 1e-4 and 1e-9 of the value at zero, 4 pairs take 0.62 of the time a success that 20 take and 1.07 of
# the evaluations, at equal success rates; 3 pairs 0.59 of the time, but up to 1.6 of the evaluations where the student
# is wider than the teacher; 5 pairs 0.64.
cdef int PAIRS = 4
# Up to this many variables many students at once are faster than one after the other: 3 times at 64, twice at 400, 1.4
# times at 2,500, 1.1 at 4,096, slower at 10,000 (AVX-512; 2.4, 1.6, 1.4, 1.3 times with AVX2).
cdef int LARGEST = 4096


cdef enum:
    VALUE
    HESSP
    HESSIAN
    DT
    DT_GRAD


include "teacher_core.pxi"


cdef class Risk(_Base):
    """The population risk of a student of `n` rows against the rows of `teacher`, shape (k, d)."""

    def __init__(self, teacher, n):
        self._setup(teacher, n, TS_PLAIN, 0.0)

    def value(self, x):
        """Return F(x)."""
        return self._run(VALUE, x, 1.0, None, None)

    def grad(self, x):
        """Return the gradient at x, shape (n d,)."""
        return self._value_and_grad(x, 1.0)[1]

    def value_and_grad(self, x):
        """Return F(x) and the gradient at x."""
        return self._value_and_grad(x, 1.0)

    def value_and_grad_many(self, X):
        """Return the values at the rows of X, shape (r,), and the gradients, shape (r, n d)."""
        return self._value_and_grad_many(X, 1.0)

    def hessp(self, x, v):
        """Return the Hessian at x times v."""
        return self._hessp(x, 1.0, v)

    def hessp_many(self, X, V):
        """Return the Hessians at the rows of X times the rows of V, shape (r, n d)."""
        return self._hessp_many(X, 1.0, V)

    def hessian(self, x):
        """Return the Hessian at x, shape (n d, n d)."""
        return self._hessian(x, 1.0)


cdef class RiskPath(_Base):
    """A deformation of `Risk`: "hermite" weights the parts of degree 0 and 1 by t^2, "smoothed" smooths the relu."""

    def __init__(self, teacher, n, kind, smoothing=0.0):
        kinds = {"hermite": TS_HERMITE, "smoothed": TS_SMOOTHED}
        if kind not in kinds:
            raise ArgumentError(f"kind must be 'hermite' or 'smoothed', not {kind!r}")
        self._setup(teacher, n, kinds[kind], smoothing)

    def value(self, x, t):
        """Return H(x, t)."""
        return self._run(VALUE, x, t, None, None)

    def grad(self, x, t):
        """Return the gradient of H(., t) at x, shape (n d,)."""
        return self._value_and_grad(x, t)[1]

    def value_and_grad(self, x, t):
        """Return H(x, t) and its gradient in x."""
        return self._value_and_grad(x, t)

    def value_and_grad_many(self, X, t):
        """Return H(., t) at the rows of X, shape (r,), and its gradients, shape (r, n d)."""
        return self._value_and_grad_many(X, t)

    def hessp(self, x, t, v):
        """Return the Hessian of H(., t) at x times v."""
        return self._hessp(x, t, v)

    def hessp_many(self, X, t, V):
        """Return the Hessians of H(., t) at the rows of X times the rows of V, shape (r, n d)."""
        return self._hessp_many(X, t, V)

    def hessian(self, x, t):
        """Return the Hessian of H(., t) at x, shape (n d, n d)."""
        return self._hessian(x, t)

    def dt(self, x, t):
        """Return the partial derivative of H in t."""
        return self._run(DT, x, t, None, None)

    def dt_grad(self, x, t):
        """Return the partial derivative in t of the gradient in x, shape (n d,)."""
        cdef cnp.ndarray slope = new(self.size)
        self._run(DT_GRAD, x, t, None, slope)
        return slope


def use_isa(name):
    """Let risks made from now on use this instruction set of the machine: "v4", "v3", "base" or "plain"."""
    global chosen
    chosen = isa_of(name)


def merge_costs(rows):
    """Return the (n, n) costs of replacing two rows by their sum; the diagonal is infinite."""
    rows = np.ascontiguousarray(rows, dtype=np.float64)
    cdef cnp.ndarray gram = np.ascontiguousarray(rows @ rows.T)
    cdef int64_t n = gram.shape[0], i, j
    cdef cnp.ndarray costs = np.full((n, n), np.inf)
    cdef double * g = data(gram)
    cdef double * out = data(costs)
    with nogil:
        for i in range(n):
            for j in range(i):
                out[i * n + j] = out[j * n + i] = ts_merge_cost(g[i * n + i], g[j * n + j], g[i * n + j])
    return costs
