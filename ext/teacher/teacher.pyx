"""Teacher-student population risk in compiled form (ext/teacher/teacher.h)."""

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memset

import numpy as np

from arrays cimport complaint, data, doubles, empty2, new, table
from isa cimport isa_choose, isa_of
from objective cimport allocate, hp_objective, wrapped

from homotopy.errors import ArgumentError

__all__ = ["Risk", "RiskPath", "merge_costs", "use_isa"]

cnp.import_array()

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


cdef _padded(array, tuple shape):
    """Return a read-only copy, filled up with zeros."""
    copy = np.zeros(shape)
    copy[tuple(slice(0, m) for m in array.shape)] = array
    copy.setflags(write=False)
    return copy


cdef class _Base:
    """The data of a risk, one workspace, and the capsule."""

    cdef ts_data problem
    cdef hp_objective objective
    cdef const ts_table *functions
    cdef list rows
    cdef void *work
    cdef bint busy
    cdef readonly int64_t size

    def __dealloc__(self):
        free(self.work)

    cdef _setup(self, object teacher, int64_t n, int path, double smoothing):
        cdef double constant = 0.0
        rows = np.array(teacher, dtype=np.float64, order="C")
        k, d = rows.shape
        self.problem.n, self.problem.k, self.problem.d = n, k, d
        self.problem.np, self.problem.kp, self.problem.dp = ts_round(n), ts_round(k), ts_round(d)
        norms = np.linalg.norm(rows, axis=1)
        inverse = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms >= 1e-150)
        self.rows = [
            _padded(rows, (k, self.problem.dp)),
            _padded(rows.T, (d, self.problem.kp)),
            _padded(norms, (self.problem.kp,)),
            _padded(inverse, (self.problem.kp,)),
            _padded(rows.sum(axis=0), (self.problem.dp,)),
        ]
        self.problem.teacher, self.problem.turned = data(self.rows[0]), data(self.rows[1])
        self.problem.norms, self.problem.inv = data(self.rows[2]), data(self.rows[3])
        self.problem.sum = data(self.rows[4])
        self.problem.total = float(norms.sum())
        self.problem.smoothing, self.problem.path = smoothing, path
        self.problem.unit = bool(k <= d and np.array_equal(rows, np.eye(k, d)))
        gram = rows @ rows.T
        for i in range(k):
            for j in range(k):
                constant += 0.5 * ts_kernel(gram[i, i], gram[j, j], gram[i, j])
        self.problem.constant = constant
        self.size = n * d
        self._fill()

    cdef _fill(self):
        self.functions = ts_choose(chosen)
        self.objective.size = self.size
        self.objective.work_bytes = (ts_work_bytes(&self.problem) + 63) & ~<size_t>63
        self.objective.cost = 1.0
        self.objective.data = &self.problem
        self.objective.value_and_grad = self.functions.value_and_grad
        self.objective.hessian = self.functions.hessian
        self.objective.hessian_cost = 2.0 * self.size
        self.objective.kind = 0
        self.objective.pairs = PAIRS
        self.problem.fewest = ts_fewest(&self.problem, self.functions.width)
        self.objective.width = 0
        if self.functions.width and self.problem.path != TS_SMOOTHED and self.size <= LARGEST:
            self.objective.value_and_grad_many = self.functions.value_and_grad_many
            self.objective.width = self.functions.width
            self.objective.many_bytes = (ts_many_bytes(&self.problem) + 63) & ~<size_t>63
        free(self.work)
        self.work = NULL
        self.work = allocate(self.objective.work_bytes)
        memset(self.work, 0xFF, self.objective.work_bytes)  # NaN: what reads memory that it never wrote is seen

    cdef void * _claim(self) except NULL:
        """Return scratch memory: the object's own unless another thread is using it."""
        if not self.busy:
            self.busy = True
            return self.work
        return allocate(self.objective.work_bytes)

    cdef void _give_back(self, void * memory) noexcept:
        if memory == self.work:
            self.busy = False
        else:
            free(memory)

    def capsule(self):
        """Return the function as compiled loops see it (ext/objective/objective.h); it keeps this object alive."""
        return wrapped(&self.objective, self)

    cdef double _run(self, int what, object x, double t, object v, cnp.ndarray out) except? -1.0:
        """Evaluate `what` at (x, t) into out, which may be None; the value, where it is one."""
        cdef const double *point = doubles(x, self.size, "x")
        cdef const double *direction = NULL if v is None else doubles(v, self.size, "v")
        cdef double *to = NULL if out is None else data(out)
        cdef void *memory = self._claim()
        cdef double f = 0.0
        with nogil:
            if what == VALUE:
                f = self.functions.value_and_grad(&self.objective, point, t, to, memory)
            elif what == HESSP:
                self.functions.hessp(&self.objective, point, t, direction, to, memory)
            elif what == HESSIAN:
                self.functions.hessian(&self.objective, point, t, to, memory)
            elif what == DT:
                f = self.functions.dt(&self.objective, point, t, memory)
            else:
                self.functions.dt_grad(&self.objective, point, t, to, memory)
        self._give_back(memory)
        return f

    cdef tuple _value_and_grad(self, object x, double t):
        cdef cnp.ndarray grad = new(self.size)
        return self._run(VALUE, x, t, None, grad), grad

    cdef cnp.ndarray _hessp(self, object x, double t, object v):
        cdef cnp.ndarray product = new(self.size)
        if v is None:
            raise complaint("v", v, cnp.NPY_DOUBLE, (self.size,))
        self._run(HESSP, x, t, v, product)
        return product

    cdef cnp.ndarray _hessian(self, object x, double t):
        cdef cnp.ndarray matrix = empty2(cnp.NPY_DOUBLE, self.size, self.size)
        self._run(HESSIAN, x, t, None, matrix)
        return matrix

    cdef tuple _value_and_grad_many(self, object X, double t):
        """Values (r,) and gradients (r, size) at the rows of X, many at once where that is faster."""
        cdef Py_ssize_t r, i
        cdef const double *points = table(X, -1, self.size, "X")
        r = len(X)
        cdef cnp.ndarray values = new(r)
        cdef cnp.ndarray grads = empty2(cnp.NPY_DOUBLE, r, self.size)
        cdef double *f = data(values)
        cdef double *g = data(grads)
        cdef const double *x[64]
        cdef double *to[64]
        cdef double at[64]
        cdef int m, a
        cdef void *memory = allocate(max(self.objective.many_bytes, self.objective.work_bytes))
        with nogil:
            i = 0
            while i < r:
                m = min(64, r - i) if self.objective.width else 1
                for a in range(m):
                    x[a], to[a], at[a] = points + (i + a) * self.size, g + (i + a) * self.size, t
                if self.objective.width:
                    self.objective.value_and_grad_many(&self.objective, m, x, at, f + i, to, memory)
                else:
                    f[i] = self.objective.value_and_grad(&self.objective, x[0], t, to[0], memory)
                i += m
        free(memory)
        return values, grads

    cdef cnp.ndarray _hessp_many(self, object X, double t, object V):
        """Products (r, size) of the Hessians at the rows of X with the rows of V."""
        cdef const double *points = table(X, -1, self.size, "X")
        cdef Py_ssize_t r = len(X), i
        cdef const double *directions = table(V, r, self.size, "V")
        cdef cnp.ndarray products = empty2(cnp.NPY_DOUBLE, r, self.size)
        cdef double *to = data(products)
        cdef void *memory = self._claim()
        with nogil:
            for i in range(r):
                self.functions.hessp(
                    &self.objective, points + i * self.size, t, directions + i * self.size, to + i * self.size, memory
                )
        self._give_back(memory)
        return products


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
