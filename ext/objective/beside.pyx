"""A net with one hidden layer beside a linear path, compiled (beside.h)."""

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.string cimport memset

import numpy as np

cimport numpy as cnp

from arrays cimport data, doubles, new
from halt cimport check, share_halt
from isa cimport isa_choose, isa_of
from objective cimport allocate, hp_objective, wrapped

__all__ = ["Beside"]

cdef extern from "beside.h" nogil:
    ctypedef struct hp_beside:
        int64_t np, d, h, k, q
        int activation, loss
        double leak, l2, penalty
        const double *X
        const double *columns
        const double *y
        const double *share
    ctypedef double (*hp_beside_function)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
    hp_beside_function hp_beside_choose(int)
    size_t hp_beside_bytes(const hp_beside *)
    int64_t hp_beside_net(const hp_beside *)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()


cdef class Beside:
    """The mean loss of the outputs of a net and (1 - t) times those of a linear path.

    Parameters
    ----------
    width : int
        Hidden units.
    X, columns, y : ndarray of shape (N, d), (N, q), (N, k)
        Inputs, the path's columns, and targets.
    activation, loss : int
        Codes of the hidden units' activation and of the loss.
    leak, l2, penalty : float
        Slope of a leaky relu below 0; penalty of the net's variables; of the path's, times 1 - t.
    weights : ndarray of shape (N,) or None
        What each sample counts, 1 on the mean; None for 1 each.
    isa : str or None
        A name of `homotopy._core.vmath.available`; None for the one in use.
    """

    cdef hp_objective objective
    cdef hp_beside net
    cdef object keep

    def __init__(
        self, int64_t width, X, columns, y, *,
        int activation, int loss, double leak, double l2, double penalty=0.0, weights=None, isa=None,
    ):
        n = len(X)
        count = -(-n // 8) * 8
        tables = []
        for table in (X, columns, y):
            padded = np.zeros((table.shape[1], count))
            padded[:, :n] = table.T
            tables.append(padded)
        share = np.zeros(count)
        share[:n] = 1.0 / n if weights is None else weights / n
        self.keep = (*tables, share)
        self.net.np, self.net.h = count, width
        self.net.d, self.net.q, self.net.k = (table.shape[0] for table in tables)
        self.net.X, self.net.columns, self.net.y = data(tables[0]), data(tables[1]), data(tables[2])
        self.net.share, self.net.activation, self.net.loss = data(share), activation, loss
        self.net.leak, self.net.l2, self.net.penalty = leak, l2, penalty
        memset(&self.objective, 0, sizeof(hp_objective))
        self.objective.size = hp_beside_net(&self.net) + self.net.k * self.net.q
        self.objective.work_bytes = hp_beside_bytes(&self.net)
        self.objective.cost = 1.0
        self.objective.data = &self.net
        self.objective.value_and_grad = hp_beside_choose(chosen if isa is None else isa_of(isa))

    @property
    def size(self):
        """The number of variables: the net's, then the path's."""
        return self.objective.size

    def capsule(self):
        """Return the function of (x, t) as compiled loops see it."""
        return wrapped(&self.objective, self)

    def value_and_grad(self, x, double t):
        """Return the value and the gradient in x, shape (n,)."""
        cdef const double *point = doubles(x, self.objective.size, "x")
        cdef cnp.ndarray grad = new(self.objective.size)
        cdef double *out = data(grad)
        cdef double value
        cdef void *work = allocate(self.objective.work_bytes)
        with nogil:
            value = self.objective.value_and_grad(&self.objective, point, t, out, work)
        free(work)
        check()
        return value, grad
