"""Recurrent nets with one layer of units and their empirical risk: thin classes over the kernels of rnn_kernels.h."""
import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from arrays cimport complaint, empty, vector
from blas cimport blas_fill
from halt cimport check, share_halt
from isa cimport isa_choose, isa_of
from objective cimport allocate, hp_objective, wrapped
from rnn_kernels cimport (
    HP_COUNTS, HP_ELMAN, HP_ENDED, HP_N_ACTIVATIONS, HP_N_CELLS, HP_N_LOSSES, HP_RNN_GRAD, HP_RNN_SECOND,
    HP_RNN_VALUE, HP_TANH, hp_cells, hp_rnn, hp_rnn_bytes, hp_rnn_gauss_newton, hp_rnn_lay, hp_rnn_matrix,
    hp_rnn_matrix_bytes, hp_rnn_matrix_flops, hp_rnn_outputs, hp_rnn_product, hp_rnn_pullback, hp_rnn_risk,
    hp_rnn_risk_value_and_grad, hp_rnn_use, hp_rnn_value_and_grad,
)

from homotopy.errors import ArgumentError

cdef extern from "glue.h":
    pass

cnp.import_array()
blas_fill()
share_halt()
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


cdef class Net:
    """The compiled part of a recurrent net with one layer of units; see ext/recurrent/rnn.h for its formulas.

    Parameters
    ----------
    n_inputs, n_hidden, n_outputs : int
        Sizes d, h and k, at least 1.
    activation : int
        Code of ext/passes/act.h, for elman cells; that of tanh for others.
    cell : int
        Place in `cells`.
    learned : bool
        Whether theta ends with the initial state, of h numbers or, for lstm, of 2 h.
    single : bool
        Whether numbers are float32.
    leak : float
        Slope below 0 of leaky units, in [0, 1].

    Raises
    ------
    ArgumentError
        If a size is below 1, a code unknown, or a gated cell has another activation than tanh.

    Notes
    -----
    All methods raise an ArgumentError where an array has not the net's dtype, C order and shape. Initial states are
    those of theta where they are learned, else `state` of shape (n, s), s = h or, for lstm, 2 h, or zeros for None.
    """

    cdef hp_rnn net
    cdef int typenum

    def __cinit__(
        self, int n_inputs, int n_hidden, int n_outputs, int activation, int cell, bint learned, bint single, *,
        double leak=0
    ):
        for name, size in (("n_inputs", n_inputs), ("n_hidden", n_hidden), ("n_outputs", n_outputs)):
            if size < 1:
                raise ArgumentError(f"{name} is {size}; it must be at least 1")
        self.net.d, self.net.h, self.net.k = n_inputs, n_hidden, n_outputs
        self.net.activation = known("activation", activation, HP_N_ACTIVATIONS)
        self.net.cell = known("cell", cell, HP_N_CELLS)
        if cell != HP_ELMAN and activation != HP_TANH:
            raise ArgumentError(f"activation has the code {activation}; units of {cells()[cell]} are tanh ({HP_TANH})")
        self.net.learned = learned
        self.net.single = single
        self.net.leak = leak
        self.typenum = cnp.NPY_FLOAT if single else cnp.NPY_DOUBLE
        hp_rnn_lay(&self.net)

    @property
    def size(self):
        """The number of weights p (int)."""
        return self.net.size

    cdef object batch(self, object X, object state):
        """Sequences that count at every step."""
        cube(X, self.typenum, (-1, -1, self.net.d), "X")
        return _Batch(self, X, self.initial(state, X.shape[0]), np.ones(X.shape[:2]))

    cdef object initial(self, object state, int64_t n):
        """Given initial states, checked."""
        if state is None:
            return None
        if self.net.learned:
            raise ArgumentError("state is given; this net's initial state is learned, a part of theta")
        return cube(state, self.typenum, (n, self.net.states), "state")

    cdef object run(self, object theta, object X, object v, object state, bint hidden):
        """Outputs (n, T, k), their tangents along v, or states (n, T, h)."""
        cdef void *point = vector(theta, self.typenum, self.net.size, "theta")
        cdef void *direction = NULL if v is None else vector(v, self.typenum, self.net.size, "v")
        cdef _Batch batch = self.batch(X, state)
        cdef int64_t T = batch.risk.T, cells = batch.tiles.padded * T
        cdef cnp.ndarray out = empty(self.typenum, cells * self.net.k)
        cdef cnp.ndarray states = empty(self.typenum, cells * self.net.h if hidden else 0)
        cdef void *outputs = pointer(out)
        cdef void *units = pointer(states) if hidden else NULL
        cdef void *work = allocate(hp_rnn_bytes(&batch.risk, HP_RNN_VALUE if v is None else HP_RNN_SECOND))
        with nogil:
            hp_rnn_outputs(&batch.risk, point, direction, outputs, units, work)
        free(work)
        check()
        return batch.tiles.unpack(states if hidden else out, (T, self.net.h if hidden else self.net.k))

    def forward(self, theta, X, state=None):
        """Return the outputs at every step, shape (n, T, k), of sequences X (n, T, d); n and T may be 0."""
        return self.run(theta, X, None, state, False)

    def states(self, theta, X, state=None):
        """Return the units h after every step, shape (n, T, h)."""
        return self.run(theta, X, None, state, True)

    def jvp(self, theta, X, v, state=None):
        """Return the derivative of the outputs along v (p,), shape (n, T, k)."""
        if v is None:
            raise complaint("v", v, self.typenum, (self.net.size,))
        return self.run(theta, X, v, state, False)

    def vjp(self, theta, X, G, state=None):
        """Return the gradient of ``sum(G * forward(theta, X))`` for G (n, T, k), shape (p,)."""
        cdef void *point = vector(theta, self.typenum, self.net.size, "theta")
        cdef _Batch batch = self.batch(X, state)
        cdef object cotangents = cube(G, self.typenum, (X.shape[0], X.shape[1], self.net.k), "G")
        cdef object tiled = batch.tiles.pack(cotangents)
        cdef void *given = pointer(tiled)
        cdef cnp.ndarray out = empty(self.typenum, self.net.size)
        cdef void *result = pointer(out)
        cdef void *work = allocate(hp_rnn_bytes(&batch.risk, HP_RNN_GRAD))
        with nogil:
            hp_rnn_pullback(&batch.risk, point, given, result, work)
        free(work)
        check()
        return out


include "rnn_risk.pxi"
