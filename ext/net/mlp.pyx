"""A multilayer perceptron and its empirical risk: thin classes over the kernels of mlp_kernels.h."""
import numpy as np

cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy, memset

from arrays cimport complaint, empty, empty2, matrix, vector
from blas cimport blas_fill
from halt cimport check, hp_glance, hp_halted, hp_watch, look, share_halt
from isa cimport isa_choose, isa_of
from mlp_kernels cimport (
    HP_GRAD, HP_KIND_RISK, HP_N_ACTIVATIONS, HP_N_LOSSES, HP_ROWS, HP_SECOND, HP_SECOND_DT, HP_SQUARED,
    hp_activation_flops, hp_activations, hp_direction, hp_frame_bytes, hp_gauss_newton_cost, hp_gradient_bytes,
    hp_gradient_flops, hp_has_hessian, hp_hessian_cost, hp_is_narrow, hp_isa_now, hp_jacobian, hp_layout_of, hp_losses,
    hp_matrix, hp_matrix_bytes, hp_memory_bytes, hp_outputs, hp_primal, hp_product, hp_pullback, hp_rate, hp_risk,
    hp_risk_gauss_newton, hp_risk_hessian, hp_risk_value_and_grad, hp_smooths, hp_stride_of, hp_tangent_bytes, hp_use,
    hp_value_and_grad,
)
from objective cimport allocate, hp_objective, wrapped

from homotopy._core.many import value_and_grad_many as many_values
from homotopy.errors import ArgumentError

cnp.import_array()
share_halt()
blas_fill()
hp_use(isa_choose())


def use_isa(str name):
    """Make the kernels of this module use an instruction set of `homotopy._core.vmath.available`: for tests."""
    hp_use(isa_of(name))


def activations():
    """Return the names of the activations that are compiled, in the order of their codes (list of str)."""
    return [hp_activations[code].decode().replace("_", "-") for code in range(HP_N_ACTIVATIONS)]


def activation_flops(int code):
    """Return the operations of an activation's value with its slope, and of the product with it (float)."""
    return hp_activation_flops[known("activation", code, HP_N_ACTIVATIONS)]


def losses():
    """Return the names of the losses that are compiled, in the order of their codes (list of str)."""
    return [hp_losses[code].decode() for code in range(HP_N_LOSSES)]


cdef int known(str name, int code, int count) except -1:
    """A code that the kernels know."""
    if not 0 <= code < count:
        raise ArgumentError(f"{name} has the code {code}; there are 0 to {count - 1}")
    return code


# Below so many multiplications a call keeps the GIL: to give it up and take it back would cost more.
cdef enum:
    KEEP_GIL = 4000
    # Compiled loops are given the dense Hessian of nets up to this size.
    DENSE_WEIGHTS = 1000
    # Bytes that the blocks of one pass should fill: a part of the second-level cache.
    CACHE = 262144


include "mlp_net.pxi"
include "mlp_core.pxi"


cdef class Risk(Core):
    """The compiled part of an empirical risk; see `homotopy.objectives.EmpiricalRisk`.

    Parameters
    ----------
    net : Net
        The model.
    loss : int
        Code of ext/passes/loss.h.
    X, Y : ndarray
        Inputs (n, d) and targets (n, k) in the net's dtype.
    l2 : float
        Weight of the penalty.
    weights : ndarray of shape (n,) or None
        What each sample counts, 1 on the mean; None for 1 each.

    Notes
    -----
    Points x and vectors v have shape (p,), and what is returned is a new array. All methods raise an ArgumentError
    where an array has not the model's dtype, C order and shape.
    """

    def __cinit__(self, Net net, int loss, X, Y, double l2, weights=None):
        self.prepare(net, loss, X, Y, l2, weights)
        self.finish()

    def value(self, x):
        """Return f(x), the mean loss plus the penalty (float)."""
        return self.evaluate(vector(x, self.typenum, self.n, "x"), 1.0, NULL)

    def grad(self, x):
        """Return the gradient at x, shape (p,)."""
        return self.value_and_grad(x)[1]

    def value_and_grad(self, x):
        """Return f(x) and the gradient at x, shape (p,)."""
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef object out = empty(self.typenum, self.n)
        return self.evaluate(point, 1.0, cnp.PyArray_DATA(out)), out

    def evaluate_into(self, x, grad):
        """Return f(x) and write the gradient into the writeable array `grad`: the same without a new array."""
        cdef void *point = vector(x, self.typenum, self.n, "x")
        cdef void *out = vector(grad, self.typenum, self.n, "grad")
        if not cnp.PyArray_ISWRITEABLE(grad):
            raise ArgumentError("grad is read-only; the gradient is written into it")
        return self.evaluate(point, 1.0, out)

    def hessp(self, x, v):
        """Return the Hessian at x times v, exact (R-operator); passes that depend on x alone are kept between calls."""
        return self.product(x, v, 1.0, False)

    def ggnp(self, x, v):
        """Return J' L J v / n + l2 v: J is the Jacobian of the outputs, L the Hessian of the loss in them."""
        return self.product(x, v, 1.0, True)

    def hessian(self, x):
        """Return the Hessian at x, shape (p, p), symmetric.

        For at most one hidden layer and identity output it is J'J and small residual blocks; else p products.
        """
        return self.dense(x, 1.0, True)

    def ggn(self, x):
        """Return the Gauss-Newton matrix at x, shape (p, p), positive semidefinite."""
        return self.dense(x, 1.0, False)

    def value_and_grad_many(self, X):
        """Return the values at the rows of X, shape (r,), and the gradients there, shape (r, p).

        Small nets go through block kernels with lanes across rows; what a row gives depends on no other row.
        """
        return self.values_and_grads(X, 1.0)

    def hessp_many(self, X, V):
        """Return the Hessian at each row of X times the same row of V, shape (r, p); one x, shape (p,), meets all V."""
        return self.products_at(X, V, 1.0, False)


include "mlp_moving.pxi"
