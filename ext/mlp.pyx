"""A multilayer perceptron and its empirical risk: thin classes over the kernels of mlp_kernels.h."""
import numpy as np

cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.pycapsule cimport PyCapsule_GetContext, PyCapsule_New, PyCapsule_SetContext
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy, memset

from arrays cimport complaint, matrix, vector
from blas cimport blas_fill
from isa cimport isa_choose, isa_of

from homotopy.errors import ArgumentError

cdef extern from "stdlib.h":
    void *aligned_alloc(size_t, size_t) nogil

cdef extern from "objective.h":
    ctypedef struct hp_objective:
        int64_t size
        size_t work_bytes
        double cost
        const void *data
        double (*value_and_grad)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        int (*hessian)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        int kind
        int (*gauss_newton)(const hp_objective *, const double *, double, double *, void *) noexcept nogil

cdef extern from "mlp_kernels.h":
    enum:
        HP_GRAD
        HP_SECOND
        HP_SECOND_DT
        HP_KIND_RISK
        HP_RELU
        HP_ERF
        HP_SIN
        HP_SQUARED
        HP_SOFTMAX
        HP_SMALL_LAYERS
    ctypedef struct hp_net:
        int n_layers, bias, activation, output, single, widest
        const int *sizes
        const int64_t *start
    ctypedef struct hp_risk:
        hp_net net
        int loss
        int64_t n_samples
        const void *X
        const void *Y
        double l2
        int64_t block
        const double *XT
        const double *YT
        const double *Y0T
        const double *share
        int64_t stride
        int deformed, mix
        double smooth
        const double *Y0
        const double *Q
        int64_t n_basis
        double l2_easy
    ctypedef struct hp_direction:
        int gauss, moving, order
        double t
    int hp_isa_now
    void hp_use(int)
    size_t hp_gradient_bytes(const hp_risk *) nogil
    size_t hp_frame_bytes(const hp_risk *, int64_t, int) nogil
    size_t hp_tangent_bytes(const hp_risk *) nogil
    double hp_value_and_grad(const hp_risk *, const void *, double, void *, void *) nogil
    void hp_primal(const hp_risk *, const void *, double, int, void *) nogil
    void hp_product(const hp_risk *, const void *, const void *, hp_direction, void *, void *, void *) nogil
    double hp_rate(const hp_risk *, const void *, double, void *, void *) nogil
    void hp_outputs(const hp_risk *, const void *, const void *, const void *, int64_t, void *, void *) nogil
    void hp_pullback(const hp_risk *, const void *, const void *, const void *, int64_t, void *, void *) nogil
    int hp_has_hessian(const hp_risk *) nogil
    size_t hp_matrix_bytes(const hp_risk *, int) nogil
    void hp_matrix(const hp_risk *, const void *, double, int, void *, void *) nogil
    void hp_jacobian(const hp_risk *, const void *, const void *, int64_t, void *, void *) nogil
    int hp_risk_hessian(const hp_objective *, const double *, double, double *, void *) nogil
    int hp_risk_gauss_newton(const hp_objective *, const double *, double, double *, void *) nogil
    double hp_risk_value_and_grad(const hp_objective *, const double *, double, double *, void *) nogil

cnp.import_array()
blas_fill()
hp_use(isa_choose())


def use_isa(str name):
    """Make the kernels of this module use an instruction set that the machine has: for tests and measurements.

    Raises
    ------
    ArgumentError
        If the machine has not this instruction set; see `homotopy._core.vmath.available`.
    """
    hp_use(isa_of(name))


# Below so many multiplications a call keeps the GIL: to give it up and take it back would cost more.
cdef enum:
    KEEP_GIL = 4000
    # Nets with so few weights, and so few weights times samples, are faster in mlp_small.h (measured: 2-10-1 with
    # 200 samples takes the same time both ways).
    SMALL_WEIGHTS = 48
    SMALL_PRODUCTS = 10000
    # Compiled loops are given the dense Hessian of nets up to this size.
    DENSE_WEIGHTS = 1000
    # Bytes that the blocks of one pass should fill: a part of the second-level cache.
    CACHE = 262144


cdef void *allocate(size_t size) except NULL:
    """Memory on a 64-byte boundary."""
    cdef void *memory = aligned_alloc(64, (size + 127) & ~(<size_t>63))
    if memory == NULL:
        raise MemoryError
    return memory


cdef object empty(int typenum, Py_ssize_t n):
    cdef cnp.npy_intp dims[1]
    dims[0] = n
    return cnp.PyArray_SimpleNew(1, dims, typenum)


cdef object empty2(int typenum, Py_ssize_t n, Py_ssize_t m):
    cdef cnp.npy_intp dims[2]
    dims[0] = n
    dims[1] = m
    return cnp.PyArray_SimpleNew(2, dims, typenum)


cdef class Net:
    """The compiled part of a multilayer perceptron; see `homotopy.models.MLP`.

    Parameters
    ----------
    sizes : tuple of int
        Inputs, hidden units, outputs.
    activation, output : int
        Codes of ext/mlp.h.
    bias, single : bool
        Whether layers have biases; whether numbers are float32.
    """

    cdef hp_risk risk  # without data
    cdef int typenum
    cdef double work_per_sample

    def __cinit__(self, tuple sizes, int activation, int output, bint bias, bint single):
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


cdef class Core:
    """What a risk and its deformations share: data, memory, and the primal pass kept for products at one point."""

    cdef hp_risk risk
    cdef hp_objective objective
    cdef object owners  # keeps net and arrays alive
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

    def __cinit__(self, *args, **kwargs):
        self.kept_order = -1

    cdef int prepare(self, Net net, int loss, object X, object Y, double l2) except -1:
        self.risk = net.risk
        self.typenum = net.typenum
        self.n = net.size
        self.risk.X = matrix(X, self.typenum, -1, net.risk.net.sizes[0], "X")
        self.risk.n_samples = cnp.PyArray_DIM(X, 0)
        self.risk.Y = matrix(Y, self.typenum, self.risk.n_samples, net.risk.net.sizes[net.risk.net.n_layers], "y")
        self.risk.loss = loss
        self.risk.l2 = l2
        self.owners = (net, X, Y)
        self.brief = net.work_per_sample * self.risk.n_samples < KEEP_GIL
        return 0

    cdef bint is_small(self) noexcept:
        """Whether mlp_small.h is faster than the products of layers: measured bounds."""
        cdef hp_net *net = &self.risk.net
        return (
            not net.single
            and self.risk.loss != HP_SOFTMAX
            and self.risk.Q == NULL
            and net.n_layers <= HP_SMALL_LAYERS
            and net.start[net.n_layers] <= SMALL_WEIGHTS
            and net.start[net.n_layers] * self.risk.n_samples <= SMALL_PRODUCTS
        )

    cdef int transpose(self) except -1:
        """Lay the data out with the samples contiguous, as mlp_small.h takes them."""
        cdef int64_t N = self.risk.n_samples, d = self.risk.net.sizes[0], i, j
        cdef int64_t k = self.risk.net.sizes[self.risk.net.n_layers]
        cdef int64_t stride = 4 if N <= 4 else (N + 7) // 8 * 8
        cdef double *table = <double *>allocate((d + 2 * k + 1) * stride * sizeof(double))
        self.transposed = table
        memset(table, 0, (d + 2 * k + 1) * stride * sizeof(double))
        for i in range(N):
            for j in range(d):
                table[j * stride + i] = (<double *>self.risk.X)[i * d + j]
            for j in range(k):
                table[(d + j) * stride + i] = (<double *>self.risk.Y)[i * k + j]
                if self.risk.Y0 != NULL:
                    table[(d + k + j) * stride + i] = self.risk.Y0[i * k + j]
            table[(d + 2 * k) * stride + i] = 1.0 / <double>N
        self.risk.stride = stride
        self.risk.XT = table
        self.risk.YT = table + d * stride
        self.risk.Y0T = table + (d + k) * stride if self.risk.Y0 != NULL else NULL
        self.risk.share = table + (d + 2 * k) * stride
        return 0

    cdef int finish(self) except -1:
        """Call when every field of the risk is set."""
        cdef size_t size
        if self.is_small():
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
            return hp_value_and_grad(&self.risk, x, t, grad, work)
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
        return value

    cdef double second(self, void *x, void *v, hp_direction how, void *out) except? -1.5:
        """A product into out, or with out NULL the derivative in t. The primal pass is kept between calls."""
        cdef bint mine = not self.busy, known
        cdef double value = 0
        cdef size_t frame = hp_frame_bytes(&self.risk, self.risk.n_samples, how.order)
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
        if mine:
            how.order = self.kept_order
            frame = hp_frame_bytes(&self.risk, self.risk.n_samples, how.order)
        with nogil:
            known = mine and self.kept_t == how.t and self.kept_isa == hp_isa_now
            known = known and memcmp(x, self.kept_x, self.n * item) == 0
            if not known:
                hp_primal(&self.risk, x, how.t, how.order, memory)
                if mine:
                    memcpy(self.kept_x, x, self.n * item)
                    self.kept_t = how.t
                    self.kept_isa = hp_isa_now
            if out != NULL:
                hp_product(&self.risk, x, v, how, memory, out, memory + frame)
            else:
                value = hp_rate(&self.risk, x, how.t, memory, memory + frame)
        if mine:
            self.busy = False
        else:
            free(memory)
        return value

    cdef object product(self, object x, object v, double t, bint gauss):
        cdef hp_direction how
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef void *direction = vector(v, self.typenum, self.n, "v")
        cdef object out = empty(self.typenum, self.n)
        how.gauss = gauss
        how.moving = 0
        how.order = HP_SECOND
        how.t = t
        self.second(point, direction, how, cnp.PyArray_DATA(out))
        return out

    cdef object products(self, object x, object V, double t, bint gauss):
        """A product for each row of V, shape (r, p)."""
        cdef hp_direction how
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef char *rows = <char *>matrix(V, self.typenum, -1, self.n, "V")
        cdef int64_t r = cnp.PyArray_DIM(V, 0), i, width = self.n * (4 if self.risk.net.single else 8)
        cdef object out = empty2(self.typenum, r, self.n)
        cdef char *result = <char *>cnp.PyArray_DATA(out)
        how.gauss = gauss
        how.moving = 0
        how.order = HP_SECOND
        how.t = t
        for i in range(r):
            self.second(point, rows + i * width, how, result + i * width)
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
        return out

    cdef object rate(self, object x, double t, bint gradient):
        cdef hp_direction how
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out
        how.gauss = 0
        how.moving = 1
        how.order = HP_SECOND_DT
        how.t = t
        if not gradient:
            return self.second(point, NULL, how, NULL)
        out = empty(self.typenum, self.n)
        self.second(point, NULL, how, cnp.PyArray_DATA(out))
        return out

    @property
    def size(self):
        """The number of variables n (int)."""
        return self.n

    @property
    def n_samples(self):
        """The number of samples (int)."""
        return self.risk.n_samples

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", ext/objective.h).

        Raises
        ------
        ArgumentError
            If numbers are float32: compiled loops work on float64.
        """
        if self.risk.net.single:
            raise ArgumentError("dtype is float32; compiled loops need a float64 model")
        capsule = PyCapsule_New(&self.objective, "homotopy.objective", release)
        PyCapsule_SetContext(capsule, <void *>self)
        Py_INCREF(self)
        return capsule


cdef void release(object capsule) noexcept:
    Py_DECREF(<object>PyCapsule_GetContext(capsule))


cdef class Risk(Core):
    """The compiled part of an empirical risk; see `homotopy.objectives.EmpiricalRisk`.

    Parameters
    ----------
    net : Net
        The model.
    loss : int
        Code of ext/mlp.h.
    X, Y : ndarray
        Inputs (n, d) and targets (n, k) in the net's dtype.
    l2 : float
        Weight of the penalty.
    """

    def __cinit__(self, Net net, int loss, X, Y, double l2):
        self.prepare(net, loss, X, Y, l2)
        self.finish()

    def value(self, x):
        """Return f(x).

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights.

        Returns
        -------
        float
            The mean loss plus the penalty.

        Raises
        ------
        ArgumentError
            If x has not the model's dtype, C order and shape.
        """
        return self.evaluate(vector(x, self.typenum, self.n, "x"), 1.0, NULL)

    def grad(self, x):
        """Return the gradient at x.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights.

        Returns
        -------
        ndarray of shape (p,)
            A new array.

        Raises
        ------
        ArgumentError
            If x has not the model's dtype, C order and shape.
        """
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out = empty(self.typenum, self.n)
        self.evaluate(point, 1.0, cnp.PyArray_DATA(out))
        return out

    def value_and_grad(self, x):
        """Return f(x) and the gradient at x.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights.

        Returns
        -------
        tuple of float and ndarray of shape (p,)
            The value and a new array.

        Raises
        ------
        ArgumentError
            If x has not the model's dtype, C order and shape.
        """
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out = empty(self.typenum, self.n)
        return self.evaluate(point, 1.0, cnp.PyArray_DATA(out)), out

    def evaluate_into(self, x, grad):
        """Return f(x) and write the gradient into `grad`: the same without a new array.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights.
        grad : ndarray of shape (p,)
            Receives the gradient; writeable.

        Returns
        -------
        float
            The value.

        Raises
        ------
        ArgumentError
            If an array has not the model's dtype, C order and shape, or grad is read-only.
        """
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef void *out = vector(grad, self.typenum, self.n, "grad")
        if not cnp.PyArray_ISWRITEABLE(grad):
            raise ArgumentError("grad is read-only; the gradient is written into it")
        return self.evaluate(point, 1.0, out)

    def hessp(self, x, v):
        """Return the Hessian at x times v, exact (R-operator).

        Parameters
        ----------
        x, v : ndarray of shape (p,)
            The point and the vector. The passes that depend on x alone are kept from one call to the next.

        Returns
        -------
        ndarray of shape (p,)
            A new array.

        Raises
        ------
        ArgumentError
            If an array has not the model's dtype, C order and shape.
        """
        return self.product(x, v, 1.0, False)

    def ggnp(self, x, v):
        """Return the Gauss-Newton matrix at x times v.

        Parameters
        ----------
        x, v : ndarray of shape (p,)
            The point and the vector.

        Returns
        -------
        ndarray of shape (p,)
            J' L J v / n + l2 v, with J the Jacobian of the outputs and L the Hessian of the loss in them.

        Raises
        ------
        ArgumentError
            If an array has not the model's dtype, C order and shape.
        """
        return self.product(x, v, 1.0, True)

    def hessian(self, x):
        """Return the Hessian at x.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights.

        Returns
        -------
        ndarray of shape (p, p)
            Symmetric. For at most one hidden layer and identity output, J'J and small residual blocks; else p
            Hessian-vector products.

        Raises
        ------
        ArgumentError
            If x has not the model's dtype, C order and shape.
        """
        return self.dense(x, 1.0, True)

    def ggn(self, x):
        """Return the Gauss-Newton matrix at x, shape (p, p), positive semidefinite; arguments as in `hessian`."""
        return self.dense(x, 1.0, False)

    def hessp_many(self, x, V):
        """Return the Hessian at x times each row of V.

        Parameters
        ----------
        x : ndarray of shape (p,)
            The weights.
        V : ndarray of shape (r, p)
            Vectors, one a row.

        Returns
        -------
        ndarray of shape (r, p)
            Products, one a row.

        Raises
        ------
        ArgumentError
            If an array has not the model's dtype, C order and shape.
        """
        return self.products(x, V, 1.0, False)


cdef class MovingRisk(Core):
    """A risk whose own numbers move with t; made by `homotopy.objectives.EmpiricalRisk.deformed`.

    Parameters
    ----------
    net : Net
        The model.
    loss : int
        Code of ext/mlp.h.
    X, Y : ndarray
        Inputs (n, d) and targets (n, k) in the net's dtype.
    l2 : float
        Weight of the penalty at t = 1.
    basis : ndarray of shape (n, q) or None
        Orthonormal columns, float64.
    targets : ndarray of shape (n, k) or None
        Targets at t = 0, float64.
    l2_easy : float or None
        Weight of the penalty at t = 0.
    mix : bool
        Whether the hidden activations start as the identity.
    smooth : float
        Width at t = 0 of the normal noise that hidden activations are averaged over; 0 for none.
    """

    def __cinit__(
        self, Net net, int loss, X, Y, double l2, *,
        basis=None, targets=None, l2_easy=None, bint mix=False, double smooth=0,
    ):
        self.prepare(net, loss, X, Y, l2)
        self.owners = (self.owners, basis, targets)
        self.risk.deformed = 1
        self.risk.mix = mix
        self.risk.smooth = smooth
        if smooth > 0 and (mix or net.risk.net.activation not in (HP_RELU, HP_ERF, HP_SIN)):
            raise ArgumentError("smooth needs relu, erf or sin units, which have closed forms, and no mix")
        if basis is not None:
            if loss != HP_SQUARED:
                raise ArgumentError("basis needs the squared loss")
            self.risk.n_basis = basis.shape[1]
            self.risk.Q = <const double *>matrix(
                basis, cnp.NPY_DOUBLE, self.risk.n_samples, self.risk.n_basis, "basis"
            )
        if targets is not None:
            self.risk.Y0 = <const double *>matrix(
                targets, cnp.NPY_DOUBLE, self.risk.n_samples, self.risk.net.sizes[self.risk.net.n_layers], "targets"
            )
        if l2_easy is not None:
            self.risk.l2_easy = l2_easy
        self.finish()

    def value(self, x, double t):
        """Return H(x, t) (float)."""
        return self.evaluate(vector(x, self.typenum, self.n, "x"), t, NULL)

    def grad(self, x, double t):
        """Return the gradient of H(., t) at x, shape (p,)."""
        return self.value_and_grad(x, t)[1]

    def value_and_grad(self, x, double t):
        """Return H(x, t) and its gradient in x, shape (p,)."""
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out = empty(self.typenum, self.n)
        return self.evaluate(point, t, cnp.PyArray_DATA(out)), out

    def hessp(self, x, double t, v):
        """Return the Hessian of H(., t) at x times v, shape (p,)."""
        return self.product(x, v, t, False)

    def ggnp(self, x, double t, v):
        """Return the Gauss-Newton matrix of H(., t) at x times v, shape (p,)."""
        return self.product(x, v, t, True)

    def hessian(self, x, double t):
        """Return the Hessian of H(., t) at x, shape (p, p)."""
        return self.dense(x, t, True)

    def dt(self, x, double t):
        """Return the partial derivative of H in t (float)."""
        return self.rate(x, t, False)

    def dt_grad(self, x, double t):
        """Return the partial derivative in t of the gradient in x, shape (p,)."""
        return self.rate(x, t, True)
