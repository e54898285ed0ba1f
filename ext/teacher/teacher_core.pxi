# What the risk of a student and its path share: data, workspace, calls without the interpreter; a part of teacher.pyx.


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
        check()
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
        cdef hp_watch watch = [0.0, 0.0, 0, 0]
        cdef void *memory = allocate(max(self.objective.many_bytes, self.objective.work_bytes))
        with nogil:
            i = 0
            while i < r and not hp_glance(&watch):
                m = min(64, r - i) if self.objective.width else 1
                for a in range(m):
                    x[a], to[a], at[a] = points + (i + a) * self.size, g + (i + a) * self.size, t
                if self.objective.width:
                    self.objective.value_and_grad_many(&self.objective, m, x, at, f + i, to, memory)
                else:
                    f[i] = self.objective.value_and_grad(&self.objective, x[0], t, to[0], memory)
                i += m
        free(memory)
        look()
        return values, grads

    cdef cnp.ndarray _hessp_many(self, object X, double t, object V):
        """Products (r, size) of the Hessians at the rows of X with the rows of V."""
        cdef const double *points = table(X, -1, self.size, "X")
        cdef Py_ssize_t r = len(X), i
        cdef const double *directions = table(V, r, self.size, "V")
        cdef cnp.ndarray products = empty2(cnp.NPY_DOUBLE, r, self.size)
        cdef double *to = data(products)
        cdef hp_watch watch = [0.0, 0.0, 0, 0]
        cdef void *memory = self._claim()
        with nogil:
            for i in range(r):
                self.functions.hessp(
                    &self.objective, points + i * self.size, t, directions + i * self.size, to + i * self.size, memory
                )
                if hp_glance(&watch):
                    break
        self._give_back(memory)
        look()
        return products
