# What a risk and its deformations share; a part of mlp.pyx.


cdef class Core:
    """What a risk and its deformations share: data, memory, and the primal pass kept for products at one point."""

    cdef hp_risk risk
    cdef hp_objective objective
    cdef object owners  # keeps net and arrays alive
    cdef object weighted  # the samples' weights, or None
    cdef int typenum
    cdef Py_ssize_t n
    cdef bint brief  # so little work that the GIL is kept
    cdef void *work  # for gradients
    cdef double *transposed
    cdef bint busy
    cdef char *memory  # primal pass at (kept_x, kept_t), then scratch of products
    cdef void *kept_x
    cdef double kept_t
    cdef int kept_order
    cdef int kept_isa
    cdef bint kept_narrow  # as narrow_tangent.h has it

    def __cinit__(self, *args, **kwargs):
        self.kept_order = -1

    cdef int prepare(self, Net net, int loss, object X, object Y, double l2, object weights) except -1:
        self.risk = net.risk
        self.typenum = net.typenum
        self.n = net.size
        self.risk.X = matrix(X, self.typenum, -1, net.risk.net.sizes[0], "X")
        self.risk.n_samples = cnp.PyArray_DIM(X, 0)
        self.risk.Y = matrix(Y, self.typenum, self.risk.n_samples, net.risk.net.sizes[net.risk.net.n_layers], "y")
        self.risk.loss = known("loss", loss, HP_N_LOSSES)
        self.risk.l2 = l2
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=X.dtype)
            self.risk.sample_weights = vector(weights, self.typenum, self.risk.n_samples, "weights")
        self.weighted = weights
        self.owners = (net, X, Y)
        self.brief = net.work_per_sample * self.risk.n_samples < KEEP_GIL
        return 0

    cdef int transpose(self) except -1:
        """Lay the data out with the samples contiguous, in tiles, as mlp_small.h and narrow_risk.h take them."""
        cdef int64_t N = self.risk.n_samples, d = self.risk.net.sizes[0], q = self.risk.n_basis, i
        cdef int64_t k = self.risk.net.sizes[self.risk.net.n_layers]
        cdef int64_t padded = max(self.risk.stride, (N + 7) // 8 * 8)
        cdef double *table = <double *>allocate((d + 2 * k + 2 * q + 2) * padded * sizeof(double))
        memset(table, 0, (d + 2 * k + 2 * q + 2) * padded * sizeof(double))
        self.transposed = table
        self.risk.XT = self.tiles(<double *>self.risk.X, d, table)
        self.risk.YT = self.tiles(<double *>self.risk.Y, k, table + d * padded)
        self.risk.Y0T = self.tiles(self.risk.Y0, k, table + (d + k) * padded)
        self.risk.QT = self.tiles(self.risk.Q, q, table + (d + 2 * k) * padded)
        self.risk.WQT = self.tiles(self.risk.WQ, q, table + (d + 2 * k + q) * padded)
        table += (d + 2 * k + 2 * q) * padded
        self.risk.weightsT = self.tiles(<double *>self.risk.sample_weights, 1, table)
        self.risk.share = table + padded
        for i in range(N):
            table[padded + i] = 1.0 / <double>N if self.risk.weightsT == NULL else table[i] / <double>N
        return 0

    cdef const double *tiles(self, const double *rows, int64_t count, double *table) noexcept:
        """Write an array of shape (n_samples, count) to `table`; return it, or NULL where there is no array."""
        cdef int64_t N = self.risk.n_samples, stride = self.risk.stride, at, width, i, j
        if rows == NULL:
            return NULL
        for i in range(N):
            at = i // stride * stride
            width = min(stride, (N - at + 7) // 8 * 8)
            for j in range(count):
                table[count * at + j * width + i - at] = rows[i * count + j]
        return table

    cdef int finish(self) except -1:
        """Call when every field of the risk is set."""
        cdef size_t size
        self.risk.layout = hp_layout_of(&self.risk)
        if self.risk.layout != HP_ROWS:
            self.risk.stride = hp_stride_of(&self.risk)
            self.transpose()
        size = hp_gradient_bytes(&self.risk)
        self.work = allocate(size)
        self.kept_x = allocate(self.n * 8)
        self.objective.size = self.n
        self.objective.work_bytes = size
        self.objective.cost = 1.0
        self.objective.data = &self.risk
        self.objective.value_and_grad = hp_risk_value_and_grad
        self.objective.hessian = NULL
        if hp_has_hessian(&self.risk) and self.n <= DENSE_WEIGHTS:
            self.objective.hessian = hp_risk_hessian
            self.objective.work_bytes = max(size, hp_matrix_bytes(&self.risk, 1))
        self.objective.gauss_newton = NULL
        if self.risk.Q == NULL and self.n <= DENSE_WEIGHTS:
            self.objective.gauss_newton = hp_risk_gauss_newton
            self.objective.work_bytes = max(self.objective.work_bytes, hp_matrix_bytes(&self.risk, 0))
        self.objective.hessian_cost = hp_hessian_cost(&self.risk)
        self.objective.gauss_newton_cost = hp_gauss_newton_cost(&self.risk)
        self.objective.kind = HP_KIND_RISK
        return 0

    def __dealloc__(self):
        free(self.work)
        free(self.transposed)
        free(self.memory)
        free(self.kept_x)

    cdef double evaluate(self, void *x, double t, void *grad) except? -1.5:
        """The value, and the gradient unless grad is NULL. Callers in several threads get memory of their own."""
        cdef double value
        cdef void *work = self.work
        cdef bint mine = not self.busy
        if self.brief:
            value = hp_value_and_grad(&self.risk, x, t, grad, work)
            check()
            return value
        if mine:
            self.busy = True
        else:
            work = allocate(self.objective.work_bytes)
        with nogil:
            value = hp_value_and_grad(&self.risk, x, t, grad, work)
        if mine:
            self.busy = False
        else:
            free(work)
        check()
        return value

    cdef double second(self, void *x, void *v, hp_direction how, void *out) except? -1.5:
        """A product into out, or with out NULL the derivative in t. The primal pass is kept between calls."""
        cdef bint mine = not self.busy, known, narrow
        cdef double value = 0
        cdef size_t frame = hp_memory_bytes(&self.risk, how.order)
        cdef size_t item = 4 if self.risk.net.single else 8
        cdef char *memory = self.memory
        self.busy = True
        if not mine or memory == NULL or how.order > self.kept_order:
            memory = <char *>allocate(frame + hp_tangent_bytes(&self.risk))
            if mine:
                free(self.memory)
                self.memory = memory
                self.kept_order = how.order
                self.kept_t = -1
        narrow = hp_is_narrow(&self.risk, how) and out != NULL
        if mine:
            frame = hp_memory_bytes(&self.risk, self.kept_order)
            if not narrow:
                how.order = self.kept_order
        with nogil:
            known = mine and self.kept_t == how.t and self.kept_isa == hp_isa_now and self.kept_narrow == narrow
            known = known and memcmp(x, self.kept_x, self.n * item) == 0
            if not known:
                hp_primal(&self.risk, x, how, memory)
                if mine:
                    memcpy(self.kept_x, x, self.n * item)
                    self.kept_t = how.t
                    self.kept_isa = hp_isa_now
                    self.kept_narrow = narrow
            if out != NULL:
                hp_product(&self.risk, x, v, how, memory, out, memory + frame)
            else:
                value = hp_rate(&self.risk, x, how.t, memory, memory + frame)
        if hp_halted():
            self.kept_t = -1  # the passes may not have come to their end
        if mine:
            self.busy = False
        else:
            free(memory)
        check()
        return value

    cdef object product(self, object x, object v, double t, bint gauss):
        cdef hp_direction how = hp_direction(gauss, 0, HP_SECOND, t)
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef void *direction = vector(v, self.typenum, self.n, "v")
        cdef object out = empty(self.typenum, self.n)
        self.second(point, direction, how, cnp.PyArray_DATA(out))
        return out

    cdef object products(self, object x, object V, double t, bint gauss):
        """A product for each row of V, shape (r, p)."""
        cdef hp_direction how = hp_direction(gauss, 0, HP_SECOND, t)
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef char *rows = <char *>matrix(V, self.typenum, -1, self.n, "V")
        cdef int64_t r = cnp.PyArray_DIM(V, 0), i, width = self.n * (4 if self.risk.net.single else 8)
        cdef object out = empty2(self.typenum, r, self.n)
        cdef char *result = <char *>cnp.PyArray_DATA(out)
        for i in range(r):
            self.second(point, rows + i * width, how, result + i * width)
        return out

    cdef tuple values_and_grads(self, object X, double t):
        """Values (r,) and gradients (r, p) at the rows of X: in lanes where the net is small, else in one loop."""
        if not self.risk.net.single:
            return many_values(self.capsule(), X, t)
        cdef char *rows = <char *>matrix(X, self.typenum, -1, self.n, "X")
        cdef int64_t r = cnp.PyArray_DIM(X, 0), i, width = self.n * (4 if self.risk.net.single else 8)
        cdef object values = empty(cnp.NPY_DOUBLE, r), grads = empty2(self.typenum, r, self.n)
        cdef double *f = <double *>cnp.PyArray_DATA(values)
        cdef char *g = <char *>cnp.PyArray_DATA(grads)
        cdef hp_watch watch = [0.0, 0.0, 0, 0]
        cdef void *work = allocate(self.objective.work_bytes)
        with nogil:
            for i in range(r):
                f[i] = hp_value_and_grad(&self.risk, rows + i * width, t, g + i * width, work)
                if hp_glance(&watch):
                    break
        free(work)
        look()
        return values, grads

    cdef object products_at(self, object X, object V, double t, bint gauss):
        """A product of the matrix at each row of X with the same row of V, shape (r, p); of one point with all of V."""
        cdef hp_direction how = hp_direction(gauss, 0, HP_SECOND, t)
        cdef size_t frame = hp_memory_bytes(&self.risk, HP_SECOND)
        cdef char *points
        cdef char *directions
        cdef char *results
        cdef char *memory
        cdef hp_watch watch = [0.0, 0.0, 0, 0]
        cdef int64_t r, i, width = self.n * (4 if self.risk.net.single else 8)
        if cnp.PyArray_Check(X) and cnp.PyArray_NDIM(X) == 1:
            return self.products(X, V, t, gauss)
        points = <char *>matrix(X, self.typenum, -1, self.n, "X")
        r = cnp.PyArray_DIM(X, 0)
        directions = <char *>matrix(V, self.typenum, r, self.n, "V")
        out = empty2(self.typenum, r, self.n)
        results = <char *>cnp.PyArray_DATA(out)
        memory = <char *>allocate(frame + hp_tangent_bytes(&self.risk))
        with nogil:
            for i in range(r):
                hp_primal(&self.risk, points + i * width, how, memory)
                hp_product(
                    &self.risk, points + i * width, directions + i * width, how, memory, results + i * width,
                    memory + frame
                )
                if hp_glance(&watch):
                    break
        free(memory)
        look()
        return out

    cdef object dense(self, object x, double t, bint exact):
        """The Hessian, or the Gauss-Newton matrix, shape (p, p)."""
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef void *work
        cdef void *result
        cdef object out
        if self.risk.Q != NULL or (exact and not hp_has_hessian(&self.risk)):
            identity = np.eye(self.n, dtype=np.float32 if self.risk.net.single else np.float64)
            columns = self.products(x, identity, t, not exact)
            return (columns + columns.T) / 2
        out = empty2(self.typenum, self.n, self.n)
        result = cnp.PyArray_DATA(out)
        work = allocate(hp_matrix_bytes(&self.risk, exact))
        with nogil:
            hp_matrix(&self.risk, point, t, exact, result, work)
        free(work)
        check()
        return out

    cdef object rate(self, object x, double t, bint gradient):
        cdef hp_direction how = hp_direction(0, 1, HP_SECOND_DT, t)
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out = empty(self.typenum, self.n) if gradient else None
        value = self.second(point, NULL, how, cnp.PyArray_DATA(out) if gradient else NULL)
        return out if gradient else value

    @property
    def size(self):
        """The number of variables n (int)."""
        return self.n

    @property
    def n_samples(self):
        """The number of samples (int)."""
        return self.risk.n_samples

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", ext/objective/objective.h).

        Raises
        ------
        ArgumentError
            If numbers are float32: compiled loops work on float64.
        """
        if self.risk.net.single:
            raise ArgumentError("dtype is float32; compiled loops need a float64 model")
        return wrapped(&self.objective, self)
