"""A multilayer perceptron and its empirical risk: thin classes over the kernels of mlp_kernels.h."""
import numpy as np

cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy, memset

from arrays cimport complaint, matrix, vector
from blas cimport blas_fill
from isa cimport isa_choose, isa_of
from mlp_kernels cimport (
    hp_net, hp_risk, hp_direction, HP_GRAD, HP_SECOND, HP_SECOND_DT, HP_KIND_RISK, HP_RELU, HP_ERF,
    HP_SIN, HP_GELU, HP_LEAKY, HP_SQUARED, HP_SOFTMAX, HP_SMALL_LAYERS, hp_use, hp_gradient_bytes, hp_frame_bytes,
    hp_tangent_bytes, hp_value_and_grad, hp_primal, hp_product, hp_rate, hp_outputs, hp_pullback, hp_has_hessian,
    hp_matrix_bytes, hp_matrix, hp_jacobian, hp_risk_hessian, hp_risk_gauss_newton, hp_risk_value_and_grad,
    hp_isa_now,
)
from objective cimport allocate, hp_objective, wrapped

from homotopy.errors import ArgumentError

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


cdef object empty(int typenum, Py_ssize_t n):
    cdef cnp.npy_intp dims[1]
    dims[0] = n
    return cnp.PyArray_SimpleNew(1, dims, typenum)


cdef object empty2(int typenum, Py_ssize_t n, Py_ssize_t m):
    cdef cnp.npy_intp dims[2]
    dims[0] = n
    dims[1] = m
    return cnp.PyArray_SimpleNew(2, dims, typenum)


include "mlp_net.pxi"
include "mlp_core.pxi"


cdef class Risk(Core):
    """The compiled part of an empirical risk; see `homotopy.objectives.EmpiricalRisk`.

    Parameters
    ----------
    net : Net
        The model.
    loss : int
        Code of ext/net/mlp.h.
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


include "mlp_moving.pxi"
