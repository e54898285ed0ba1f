# The compiled part of a model; a part of mlp.pyx.


cdef class Net:
    """The compiled part of a multilayer perceptron; see `homotopy.models.MLP`.

    Parameters
    ----------
    sizes : tuple of int
        Inputs, hidden units, outputs.
    activation, output : int
        Codes of ext/net/mlp.h.
    bias, single : bool
        Whether layers have biases; whether numbers are float32.
    leak, output_leak : float
        Slopes below 0 of leaky units, hidden and last, in [0, 1].
    """

    cdef hp_risk risk  # without data
    cdef int typenum
    cdef double work_per_sample

    def __cinit__(
        self, tuple sizes, int activation, int output, bint bias, bint single, *, double leak=0, double output_leak=0
    ):
        cdef int n_layers = len(sizes) - 1, layer, total = 0
        cdef int *ints = <int *>PyMem_Malloc((n_layers + 1) * sizeof(int))
        cdef int64_t *starts = <int64_t *>PyMem_Malloc((n_layers + 1) * sizeof(int64_t))
        memset(&self.risk, 0, sizeof(hp_risk))
        self.risk.net.sizes = ints
        self.risk.net.start = starts
        if ints == NULL or starts == NULL:
            raise MemoryError
        for layer in range(n_layers + 1):
            ints[layer] = sizes[layer]
        starts[0] = 0
        for layer in range(1, n_layers + 1):
            starts[layer] = starts[layer - 1] + <int64_t>ints[layer] * (ints[layer - 1] + bias)
            self.risk.net.widest = max(self.risk.net.widest, ints[layer])
            total += ints[layer]
        self.risk.net.n_layers = n_layers
        self.risk.net.bias = bias
        self.risk.net.activation = activation
        self.risk.net.output = output
        self.risk.net.leak = leak
        self.risk.net.output_leak = output_leak
        self.risk.net.single = single
        self.risk.l2_easy = -1
        self.risk.block = max(32, min(1024, CACHE // ((4 if single else 8) * (2 * total + ints[0]))))
        self.typenum = cnp.NPY_FLOAT if single else cnp.NPY_DOUBLE
        self.work_per_sample = 3.0 * starts[n_layers] + 20.0 * total

    def __dealloc__(self):
        PyMem_Free(<void *>self.risk.net.sizes)
        PyMem_Free(<void *>self.risk.net.start)

    @property
    def size(self):
        """The number of weights p (int)."""
        return self.risk.net.start[self.risk.net.n_layers]

    cdef object outputs(self, object theta, object v, object X):
        cdef int d = self.risk.net.sizes[0], k = self.risk.net.sizes[self.risk.net.n_layers]
        cdef void *point = vector(theta, self.typenum, self.size, "theta")
        cdef void *direction = NULL if v is None else vector(v, self.typenum, self.size, "v")
        cdef void *inputs = matrix(X, self.typenum, -1, d, "X")
        cdef int64_t n = cnp.PyArray_DIM(X, 0)
        cdef object out = empty2(self.typenum, n, k)
        cdef void *result = cnp.PyArray_DATA(out)
        cdef void *work = allocate(
            hp_frame_bytes(&self.risk, self.risk.block, HP_GRAD) + hp_tangent_bytes_of(&self.risk)
        )
        with nogil:
            hp_outputs(&self.risk, point, direction, inputs, n, result, work)
        free(work)
        return out

    def forward(self, theta, X):
        """Return the raw outputs.

        Parameters
        ----------
        theta : ndarray of shape (p,)
            The weights.
        X : ndarray of shape (n, d)
            Inputs, one sample a row; n may be 0.

        Returns
        -------
        ndarray of shape (n, k)
            The outputs.

        Raises
        ------
        ArgumentError
            If an array has not the net's dtype, C order and shape.
        """
        return self.outputs(theta, None, X)

    def jvp(self, theta, X, v):
        """Return the derivative of the outputs along `v`.

        Parameters
        ----------
        theta : ndarray of shape (p,)
            The weights.
        X : ndarray of shape (n, d)
            Inputs.
        v : ndarray of shape (p,)
            A direction in the space of weights.

        Returns
        -------
        ndarray of shape (n, k)
            J v.

        Raises
        ------
        ArgumentError
            If an array has not the net's dtype, C order and shape.
        """
        if v is None:
            raise complaint("v", v, self.typenum, (self.size,))
        return self.outputs(theta, v, X)

    def vjp(self, theta, X, u):
        """Return the gradient of ``sum(u * forward(theta, X))`` in the weights.

        Parameters
        ----------
        theta : ndarray of shape (p,)
            The weights.
        X : ndarray of shape (n, d)
            Inputs.
        u : ndarray of shape (n, k)
            Weights of the outputs.

        Returns
        -------
        ndarray of shape (p,)
            J' u.

        Raises
        ------
        ArgumentError
            If an array has not the net's dtype, C order and shape.
        """
        cdef int d = self.risk.net.sizes[0], k = self.risk.net.sizes[self.risk.net.n_layers]
        cdef void *point = vector(theta, self.typenum, self.size, "theta")
        cdef void *inputs = matrix(X, self.typenum, -1, d, "X")
        cdef int64_t n = cnp.PyArray_DIM(X, 0)
        cdef void *cotangent = matrix(u, self.typenum, n, k, "u")
        cdef object out = empty(self.typenum, self.size)
        cdef void *result = cnp.PyArray_DATA(out)
        cdef void *work = allocate(hp_frame_bytes(&self.risk, self.risk.block, HP_GRAD))
        with nogil:
            hp_pullback(&self.risk, point, cotangent, inputs, n, result, work)
        free(work)
        return out

    def jacobian(self, theta, X):
        """Return the derivatives of the outputs in the weights.

        Parameters
        ----------
        theta : ndarray of shape (p,)
            The weights.
        X : ndarray of shape (n, d)
            Inputs.

        Returns
        -------
        ndarray of shape (n, k, p)
            J.

        Raises
        ------
        ArgumentError
            If an array has not the net's dtype, C order and shape.
        """
        cdef int d = self.risk.net.sizes[0], k = self.risk.net.sizes[self.risk.net.n_layers]
        cdef void *point = vector(theta, self.typenum, self.size, "theta")
        cdef void *inputs = matrix(X, self.typenum, -1, d, "X")
        cdef int64_t n = cnp.PyArray_DIM(X, 0)
        cdef object out = empty2(self.typenum, n * k, self.size)
        cdef void *result = cnp.PyArray_DATA(out)
        cdef void *work = allocate(hp_frame_bytes(&self.risk, self.risk.block, HP_GRAD))
        with nogil:
            hp_jacobian(&self.risk, point, inputs, n, result, work)
        free(work)
        return out.reshape(n, k, self.size)


cdef size_t hp_tangent_bytes_of(const hp_risk *bare) noexcept:
    """Bytes for the tangents of one block of a net without data."""
    cdef hp_risk sized = bare[0]
    sized.n_samples = sized.block
    return hp_tangent_bytes(&sized)
