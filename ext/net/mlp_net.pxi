# The compiled part of a model; a part of mlp.pyx.


cdef class Net:
    """The compiled part of a multilayer perceptron; see `homotopy.models.MLP`.

    Parameters
    ----------
    sizes : tuple of int
        Inputs, hidden units, outputs.
    activation, output : int
        Codes of ext/passes/act.h.
    bias, single : bool
        Whether layers have biases; whether numbers are float32.
    leak, output_leak : float
        Slopes below 0 of leaky units, hidden and last, in [0, 1].

    Notes
    -----
    All methods raise an ArgumentError where an array has not the net's dtype, C order and shape.
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
        self.risk.net.activation = known("activation", activation, HP_N_ACTIVATIONS)
        self.risk.net.output = known("output", output, HP_N_ACTIVATIONS)
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
    def gradient_flops(self):
        """Floating-point operations of the value and the gradient on one sample (float).

        Two for each weight in the forward pass, in the gradient of the weights and, behind the first layer, in that of
        the layer's inputs; for a hidden unit two for the bias and those of its activation (`activation_flops`). What is
        done for outputs alone (their bias, their loss) is left out: it is the same for every width.
        """
        return hp_gradient_flops(&self.risk.net)

    @property
    def size(self):
        """The number of weights p (int)."""
        return self.risk.net.start[self.risk.net.n_layers]

    cdef object outputs(self, object theta, object v, object X):
        cdef void *point = vector(theta, self.typenum, self.size, "theta")
        cdef void *direction = NULL if v is None else vector(v, self.typenum, self.size, "v")
        cdef void *inputs = matrix(X, self.typenum, -1, self.risk.net.sizes[0], "X")
        cdef int64_t n = cnp.PyArray_DIM(X, 0)
        cdef cnp.ndarray out = empty2(self.typenum, n, self.risk.net.sizes[self.risk.net.n_layers])
        cdef void *result = cnp.PyArray_DATA(out)
        cdef hp_risk sized = self.risk  # as for one block of samples
        sized.n_samples = sized.block
        cdef void *work = allocate(hp_frame_bytes(&sized, sized.block, HP_GRAD) + hp_tangent_bytes(&sized))
        with nogil:
            hp_outputs(&self.risk, point, direction, inputs, n, result, work)
        free(work)
        check()
        return out

    cdef object backward(self, object theta, object u, object X, bint whole):
        """J' u, or with `whole` J itself."""
        cdef int k = self.risk.net.sizes[self.risk.net.n_layers]
        cdef void *point = vector(theta, self.typenum, self.size, "theta")
        cdef void *inputs = matrix(X, self.typenum, -1, self.risk.net.sizes[0], "X")
        cdef int64_t n = cnp.PyArray_DIM(X, 0)
        cdef void *cotangent = NULL if whole else matrix(u, self.typenum, n, k, "u")
        cdef cnp.ndarray out = empty2(self.typenum, n * k, self.size) if whole else empty(self.typenum, self.size)
        cdef void *result = cnp.PyArray_DATA(out)
        cdef void *work = allocate(hp_frame_bytes(&self.risk, self.risk.block, HP_GRAD))
        with nogil:
            if whole:
                hp_jacobian(&self.risk, point, inputs, n, result, work)
            else:
                hp_pullback(&self.risk, point, cotangent, inputs, n, result, work)
        free(work)
        check()
        return out.reshape(n, k, self.size) if whole else out

    def forward(self, theta, X):
        """Return the raw outputs, shape (n, k), of inputs X (n, d), one sample a row; n may be 0."""
        return self.outputs(theta, None, X)

    def jvp(self, theta, X, v):
        """Return J v, shape (n, k), the derivative of the outputs along v (p,)."""
        if v is None:
            raise complaint("v", v, self.typenum, (self.size,))
        return self.outputs(theta, v, X)

    def vjp(self, theta, X, u):
        """Return J' u, shape (p,), the gradient of ``sum(u * forward(theta, X))`` for u (n, k)."""
        return self.backward(theta, u, X, False)

    def jacobian(self, theta, X):
        """Return J, shape (n, k, p), the derivatives of the outputs in the weights."""
        return self.backward(theta, None, X, True)
