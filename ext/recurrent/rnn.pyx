"""Recurrent nets with one layer of units and their empirical risk: thin classes over the kernels of rnn_kernels.h."""
import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from arrays cimport complaint, empty, vector
from blas cimport blas_fill
from isa cimport isa_choose, isa_of
from objective cimport allocate, hp_objective, wrapped
from rnn_kernels cimport (
    HP_COUNTS, HP_ELMAN, HP_ENDED, HP_N_ACTIVATIONS, HP_N_CELLS, HP_N_LOSSES, HP_RNN_GRAD, HP_RNN_SECOND,
    HP_RNN_VALUE, HP_TANH, hp_cells, hp_rnn, hp_rnn_bytes, hp_rnn_gauss_newton, hp_rnn_lay, hp_rnn_matrix,
    hp_rnn_matrix_bytes, hp_rnn_matrix_flops, hp_rnn_outputs, hp_rnn_product, hp_rnn_pullback, hp_rnn_risk,
    hp_rnn_risk_value_and_grad, hp_rnn_use, hp_rnn_value_and_grad,
)

from homotopy.errors import ArgumentError

cnp.import_array()
blas_fill()
hp_rnn_use(isa_choose())


cdef enum:
    # Compiled loops are given the Gauss-Newton matrix of nets up to this size.
    DENSE_WEIGHTS = 1000


def use_isa(str name):
    """Make the kernels of this module use an instruction set of `homotopy._core.vmath.available`: for tests."""
    hp_rnn_use(isa_of(name))


def cells():
    """Return the names of the cells that are compiled, in the order of their codes (list of str)."""
    return [hp_cells[code].decode() for code in range(HP_N_CELLS)]


cdef int known(str name, int code, int count) except -1:
    """A code that the kernels know."""
    if not 0 <= code < count:
        raise ArgumentError(f"{name} has the code {code}; there are 0 to {count - 1}")
    return code


cdef object cube(object array, int typenum, tuple shape, str name):
    """The array, of three dimensions, where type, order and shape are right; a size below 0 allows any."""
    cdef bint right = cnp.PyArray_Check(array) and cnp.PyArray_TYPE(<cnp.ndarray>array) == typenum
    right = right and array.ndim == len(shape) and cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>array)
    if not right or any(0 <= size != got for size, got in zip(shape, array.shape)):
        raise complaint(name, array, typenum, shape)
    return array


include "rnn_tiles.pxi"
include "rnn_net.pxi"
include "rnn_risk.pxi"
