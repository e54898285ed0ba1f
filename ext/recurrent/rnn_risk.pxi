# The compiled part of an empirical risk; a part of rnn.pyx.


cdef class Risk:
    """The compiled part of the empirical risk of a recurrent net.

    Parameters
    ----------
    net : Net
        The model.
    loss : int
        Code of ext/passes/loss.h.
    X, Y : ndarray
        Inputs (n, T, d) and targets (n, T, k) in the net's dtype.
    steps : ndarray of shape (n, T)
        float64, not negative: what each step of each sample counts. What lies behind the last step of a sample that
        counts may be anything, and so may targets where nothing counts.
    l2 : float
        Weight of the penalty.
    state : ndarray of shape (n, s) or None
        Initial states, as in `Net`.
    opening : float or None
        Steps that are open at t = 0, at least 1; None for a risk that does not move with t.

    Raises
    ------
    ArgumentError
        If an array has not the dtype, order and shape, `steps` is negative or not finite or counts nothing (with
        `opening` nothing that is open at t = 0), or `opening` is not in [1, T].

    Notes
    -----
    With l_is the loss of sample i at step s it is

        f(theta) = sum_is steps_is l_is / sum_is steps_is + l2/2 |theta|^2,

    and with `opening` L0 step s has the factor phi_s(t) = r(L(t) - (s - 1)) in both sums, where L(t) = L0 (T/L0)^t and
    r(u) is 0 below 0, 1 above 1 and u^2 (3 - 2 u) between. Steps that are not open are not run, nor are those of a
    sample behind its last step that counts. Points and vectors have shape (p,), and what is returned is a new array;
    methods raise an ArgumentError where they have not the net's dtype, C order and shape. t is ignored without
    `opening`.
    """

    cdef _Batch batch
    cdef hp_objective objective
    cdef int typenum
    cdef void *work
    cdef void *second  # work memory of products
    cdef bint busy

    def __cinit__(self, Net net, int loss, X, Y, steps, double l2, state=None, *, opening=None):
        known("loss", loss, HP_N_LOSSES)
        self.typenum = net.typenum
        cube(X, self.typenum, (-1, -1, net.net.d), "X")
        n, T = X.shape[:2]
        cube(Y, self.typenum, (n, T, net.net.k), "y")
        cube(steps, cnp.NPY_DOUBLE, (n, T), "steps")
        if not (np.isfinite(steps).all() and (steps >= 0).all()):
            raise ArgumentError("steps has a number that is negative or not finite; each must count 0 or more")
        if not (steps > 0).any():
            raise ArgumentError("steps counts nothing; some step of some sample must count more than 0")
        self.batch = _Batch(net, X, net.initial(state, n), steps, Y)
        self.batch.risk.loss = loss
        self.batch.risk.l2 = l2
        if opening is not None:
            self.open(opening)
        self.work = allocate(hp_rnn_bytes(&self.batch.risk, HP_RNN_GRAD))
        self.objective.size = net.net.size
        self.objective.work_bytes = hp_rnn_bytes(&self.batch.risk, HP_RNN_GRAD)
        if net.net.size <= DENSE_WEIGHTS and not net.net.single:
            self.objective.gauss_newton = hp_rnn_gauss_newton
            self.objective.gauss_newton_cost = net.net.size  # until the gradient's flops are known, see `price`
            self.objective.work_bytes = max(self.objective.work_bytes, hp_rnn_matrix_bytes(&self.batch.risk))
        self.objective.cost = 1.0
        self.objective.data = &self.batch.risk
        self.objective.value_and_grad = hp_rnn_risk_value_and_grad

    cdef int open(self, object opening) except -1:
        cdef int64_t T = self.batch.risk.T
        if not 1 <= opening <= T:
            raise ArgumentError(f"opening is {opening}; it must be from 1 to the {T} steps of the sequences")
        if not self.batch.kept["totals"][: int(np.ceil(opening))].any():
            raise ArgumentError(f"opening is {opening}; no step that counts is open then, and one must be")
        self.batch.risk.opening = opening
        return 0

    def __dealloc__(self):
        free(self.work)
        free(self.second)

    cdef double evaluate(self, void *x, double t, bint rate, void *grad) except? -1.5:
        """The value or its rate, and the gradient unless grad is NULL. Callers in several threads get own memory."""
        cdef double value
        cdef void *work = self.work
        cdef bint mine = not self.busy
        if mine:
            self.busy = True
        else:
            work = allocate(self.objective.work_bytes)
        with nogil:
            value = hp_rnn_value_and_grad(&self.batch.risk, x, t, rate, grad, work)
        if mine:
            self.busy = False
        else:
            free(work)
        check()
        return value

    cdef object gradient(self, object x, double t, bint rate):
        cdef void *point = vector(x, self.typenum, self.objective.size, "x")
        cdef cnp.ndarray out = empty(self.typenum, self.objective.size)
        value = self.evaluate(point, t, rate, pointer(out))
        return value, out

    cdef object product(self, object x, object v, double t, bint gauss):
        cdef void *point = vector(x, self.typenum, self.objective.size, "x")
        cdef void *direction = vector(v, self.typenum, self.objective.size, "v")
        cdef cnp.ndarray out = empty(self.typenum, self.objective.size)
        cdef void *result = pointer(out)
        cdef bint mine = not self.busy
        cdef void *work = self.second
        self.busy = True
        if not mine or work == NULL:
            work = allocate(hp_rnn_bytes(&self.batch.risk, HP_RNN_SECOND))
        if mine:
            self.second = work
        with nogil:
            hp_rnn_product(&self.batch.risk, point, direction, t, gauss, result, work)
        if mine:
            self.busy = False
        else:
            free(work)
        check()
        return out

    def value(self, x, double t=1.0):
        """Return the value at x, or at (x, t) (float)."""
        return self.evaluate(vector(x, self.typenum, self.objective.size, "x"), t, False, NULL)

    def grad(self, x, double t=1.0):
        """Return the gradient in x, shape (p,)."""
        return self.gradient(x, t, False)[1]

    def value_and_grad(self, x, double t=1.0):
        """Return the value and the gradient in x, shape (p,)."""
        return self.gradient(x, t, False)

    def evaluate_into(self, x, grad, double t=1.0):
        """Return the value and write the gradient into the writeable array `grad`: the same without a new array."""
        cdef void *point = vector(x, self.typenum, self.objective.size, "x")
        cdef void *out = vector(grad, self.typenum, self.objective.size, "grad")
        if not cnp.PyArray_ISWRITEABLE(grad):
            raise ArgumentError("grad is read-only; the gradient is written into it")
        return self.evaluate(point, t, False, out)

    def hessp(self, x, v, double t=1.0):
        """Return the Hessian in x times v, shape (p,), exact (R-operator)."""
        return self.product(x, v, t, False)

    def ggnp(self, x, v, double t=1.0):
        """Return the Gauss-Newton matrix times v, shape (p,): J' L J v and l2 v, L the Hessian of the scaled losses."""
        return self.product(x, v, t, True)

    def ggn(self, x, double t=1.0):
        """Return the Gauss-Newton matrix at x, shape (p, p), positive semidefinite, by the rows of the Jacobian.

        Raises
        ------
        ArgumentError
            If numbers are float32, whose matrix would be of no use.
        """
        cdef void *point = vector(x, self.typenum, self.objective.size, "x")
        if self.batch.risk.net.single:
            raise ArgumentError("dtype is float32; the Gauss-Newton matrix needs a float64 model")
        cdef cnp.ndarray out = np.empty((self.objective.size, self.objective.size))
        cdef double *matrix = <double *>pointer(out)
        cdef void *work = allocate(hp_rnn_matrix_bytes(&self.batch.risk))
        with nogil:
            hp_rnn_matrix(&self.batch.risk, <double *>point, t, matrix, work)
        free(work)
        check()
        return out

    def price(self, double gradient_flops):
        """Say what the Gauss-Newton matrix and its factorization cost in gradients, of so many flops each (float)."""
        self.objective.gauss_newton_cost = hp_rnn_matrix_flops(&self.batch.risk) / gradient_flops
        return self.objective.gauss_newton_cost

    def dt(self, x, double t):
        """Return the partial derivative in t (float); 0 without `opening`."""
        if self.batch.risk.opening == 0:
            vector(x, self.typenum, self.objective.size, "x")
            return 0.0
        return self.evaluate(vector(x, self.typenum, self.objective.size, "x"), t, True, NULL)

    def dt_grad(self, x, double t):
        """Return the partial derivative in t of the gradient in x, shape (p,); zeros without `opening`."""
        if self.batch.risk.opening == 0:
            vector(x, self.typenum, self.objective.size, "x")
            return np.zeros(self.objective.size, np.float32 if self.batch.risk.net.single else np.float64)
        return self.gradient(x, t, True)[1]

    @property
    def n(self):
        """The number of variables p (int)."""
        return self.objective.size

    @property
    def size(self):
        """The number of variables p (int)."""
        return self.objective.size

    @property
    def n_samples(self):
        """The number of samples (int)."""
        return self.batch.risk.n

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", ext/objective/objective.h).

        Raises
        ------
        ArgumentError
            If numbers are float32: compiled loops work on float64.
        """
        if self.batch.risk.net.single:
            raise ArgumentError("dtype is float32; compiled loops need a float64 model")
        return wrapped(&self.objective, self)
