"""Hidden units drawn, pursued, grown, taken away and fitted in C, for many runs at once."""

from libc.stdint cimport int64_t
from libc.string cimport memset

import numpy as np

cimport numpy as cnp

from arrays cimport data, empty2, matrix, table, vector
from blas cimport blas_fill
from halt cimport hp_watch, look, share_halt
from isa cimport isa_choose, isa_of
from philox cimport hp_philox

__all__ = ["Moves", "Pool"]

cdef extern from "moves.h" nogil:
    ctypedef struct hp_units:
        int64_t n, d, k, wide
        int activation, loss, bias, homogeneous, saturates
        double leak, spread, curvature, whole
        const double *roots
        const int64_t *upto
        const double *affine
        const double *rooted
        const double *gram
        const double *y
        const double *targets
        const double *looks
        const double *means
        int64_t span[2]
        const double *Q[2]
        const double *left[2]
    ctypedef struct hp_pool:
        int64_t count, wide
        double *W
        double *H
        double *mean
        double *norm
        double *used
    ctypedef struct hp_move:
        int64_t runs, width, count
        double ridge, scale
        int beside
        hp_watch watch
    ctypedef struct hp_moves_table:
        int64_t lanes
        int (*draw)(const hp_units *, hp_move *, hp_philox *, double *, double *) noexcept nogil
        int (*pursue)(const hp_units *, hp_move *, hp_philox *, double *) noexcept nogil
        int (*take_away)(const hp_units *, hp_move *, const double *, double *) noexcept nogil
        int (*refit)(const hp_units *, hp_move *, const double *, double *) noexcept nogil
        int (*fill)(const hp_units *, hp_move *, hp_philox *, const hp_pool *) noexcept nogil
        int (*add)(const hp_units *, hp_move *, const hp_pool *, const double *, double *) noexcept nogil
    hp_moves_table hp_moves_choose(int)
    int64_t hp_point(const hp_units *, int64_t)

cdef extern from "glue.h":
    pass

cnp.import_array()
blas_fill()
share_halt()

cdef int chosen = isa_choose()

cdef enum:
    WORDS = 16


cdef int _ended(int done) except -1:
    """Raise where the runs were ended early, or there was no memory for them."""
    look()
    if not done:
        raise MemoryError("no memory for the moves of this many units")
    return 0


cdef hp_philox *streams(object states) except NULL:
    return <hp_philox *>matrix(states, cnp.NPY_UINT64, -1, WORDS, "states")


cdef class Moves:
    """The moves of units of a net with one hidden layer on data.

    Parameters
    ----------
    X, y, targets : ndarray of shape (N, d), (N, k), (N, k)
        Inputs, targets of the loss, and what outputs are fitted to by least squares; C-contiguous float64.
    activation, loss : Activation, Loss
        Their codes and facts are read.
    bias : bool
        Whether the layers have biases.
    weights : ndarray of shape (N,) or None
        What each sample counts, positive, 1 on the mean; None for 1 each.
    shares : ndarray of shape (N,), int64, or None
        How often it is drawn: the shares of all that belong to it and those before it; None for equally often.
    isa : str or None
        A name of `homotopy._core.vmath.available`; None for the one in use.
    """

    cdef hp_units u
    cdef hp_moves_table kernels
    cdef object keep

    def __init__(self, X, y, targets, *, activation, loss, bint bias, weights=None, shares=None, isa=None):
        cdef int64_t n = len(X), d = X.shape[1], k = y.shape[1], wide = (d + 8) // 8 * 8
        table(X, n, d, "X")
        self.u.y, self.u.targets = table(y, n, k, "y"), table(targets, n, k, "targets")
        affine = np.zeros((n, wide))
        affine[:, :d], affine[:, d] = X, 1.0
        means, inputs = np.average(targets, axis=0, weights=weights), np.average(X, axis=0, weights=weights)
        spread, centered = X.var(axis=0).mean(), targets - means
        roots, rooted, ones, wanted = None, affine, np.full(n, 1.0 / n), targets
        if weights is not None:
            roots = np.ascontiguousarray(np.sqrt(weights), dtype=np.float64)
            rooted, wanted, centered = (roots[:, None] * table for table in (affine, targets, centered))
            ones, spread = roots / n, np.average((X - inputs) ** 2, axis=0, weights=weights).mean()
            self.u.roots = data(roots)
        if shares is not None:
            self.u.upto = <const int64_t *>vector(shares, cnp.NPY_INT64, n, "shares")
        true = rooted[:, : d + 1]
        gram, looks = true.T @ true / n, np.column_stack([ones, centered])
        bases = [np.ascontiguousarray(np.linalg.qr(true[:, first:])[0]) for first in (d, 0)]
        left = [np.ascontiguousarray(wanted - Q @ (Q.T @ wanted)) for Q in bases]
        self.keep = (y, targets, roots, shares, affine, rooted, gram, means, looks, bases, left)
        self.u.n, self.u.d, self.u.k, self.u.wide = n, d, k, wide
        self.u.affine, self.u.gram, self.u.means, self.u.looks = data(affine), data(gram), data(means), data(looks)
        self.u.rooted = data(rooted)
        for i in range(2):
            self.u.span[i], self.u.Q[i], self.u.left[i] = bases[i].shape[1], data(bases[i]), data(left[i])
        self.u.activation, self.u.leak, self.u.bias = activation.code, activation.leak, bias
        self.u.homogeneous, self.u.saturates = activation.homogeneous, activation.saturates
        self.u.loss, self.u.curvature = loss.code, loss.curvature
        self.u.whole = float((centered**2).sum())
        self.u.spread = max(float(np.sqrt(spread)), 1e-12)
        self.kernels = hp_moves_choose(chosen if isa is None else isa_of(isa))

    cdef cnp.ndarray points(self, int64_t runs, int64_t width):
        return empty2(cnp.NPY_DOUBLE, runs, hp_point(&self.u, width))

    cdef hp_move move(self, int64_t runs, int64_t width, int64_t count) except *:
        cdef hp_move m
        memset(&m, 0, sizeof(m))
        m.runs, m.width, m.count, m.scale = runs, width, count, 1.0
        if width < 0 or count < 1:
            raise ValueError(f"width is {width} and count {count}; they must be at least 0 and 1")
        return m

    def draw(self, states, int64_t count, double scale=1.0):
        """Return weights (r, count, d) and biases (r, count) of random units, from r streams (`Draws.state`)."""
        cdef hp_philox *s = streams(states)
        cdef int64_t runs = len(states)
        cdef hp_move m = self.move(runs, 0, count)
        cdef cnp.ndarray W = empty2(cnp.NPY_DOUBLE, runs, count * self.u.d), b = empty2(cnp.NPY_DOUBLE, runs, count)
        cdef double *to = data(W)
        cdef double *biases = data(b)
        cdef int done
        m.scale = scale
        with nogil:
            done = self.kernels.draw(&self.u, &m, s, to, biases)
        _ended(done)
        return W.reshape(runs, count, self.u.d), b

    def pursued(self, states, int64_t width, *, int64_t dictionary, double ridge):
        """Return points (r, p) of `width` units that matching pursuit takes out of a dictionary for each stream."""
        cdef hp_philox *s = streams(states)
        cdef int64_t runs = len(states)
        cdef hp_move m = self.move(runs, width, dictionary)
        cdef cnp.ndarray x = self.points(runs, width)
        cdef double *to = data(x)
        cdef int done
        if not 1 <= width <= dictionary or not self.u.bias:
            raise ValueError(f"a net with biases is needed, and {width} of {dictionary} units cannot be taken")
        m.ridge = ridge
        with nogil:
            done = self.kernels.pursue(&self.u, &m, s, to)
        _ended(done)
        return x

    def take_away(self, x, int64_t width, int64_t count, *, bint beside_path=False):
        """Return points of `count` units fewer than the points x (r, p) of `width` units have."""
        cdef int64_t runs = len(x)
        cdef hp_move m = self.move(runs, width, count)
        cdef double *source = table(x, runs, hp_point(&self.u, width), "x")
        cdef cnp.ndarray to = self.points(runs, width - count)
        cdef double *target = data(to)
        cdef int done
        if count >= width:
            raise ValueError(f"{count} of {width} units cannot be taken away")
        m.beside = beside_path
        with nogil:
            done = self.kernels.take_away(&self.u, &m, source, target)
        _ended(done)
        return to

    def refit(self, x, int64_t width, *, bint beside_path=False):
        """Return points x (r, p) of `width` units with outgoing weights that fit the targets."""
        cdef int64_t runs = len(x)
        cdef hp_move m = self.move(runs, width, 1)
        cdef double *source = table(x, runs, hp_point(&self.u, width), "x")
        cdef cnp.ndarray to = self.points(runs, width)
        cdef double *target = data(to)
        cdef int done
        m.beside = beside_path
        with nogil:
            done = self.kernels.refit(&self.u, &m, source, target)
        _ended(done)
        return to


cdef class Pool:
    """A dictionary of random units with their outputs for each of r runs, which nets are grown from.

    Parameters
    ----------
    moves : Moves
        The data and the kind of net, which has biases.
    states : ndarray of shape (r, 16), uint64
        One stream a run (`Draws.state`).
    count : int
        Units of each dictionary.
    scale : float
        Factor of their weights.
    """

    cdef Moves moves
    cdef hp_pool pool
    cdef int64_t runs
    cdef object keep

    def __init__(self, Moves moves, states, int64_t count, double scale):
        cdef hp_philox *s = streams(states)
        cdef int64_t runs = len(states), lanes = moves.kernels.lanes
        cdef int64_t wide = (count + lanes - 1) // lanes * lanes
        cdef hp_move m = moves.move(runs, 0, count)
        cdef int done
        if not moves.u.bias:
            raise ValueError("a net with biases is needed")
        shapes = ((moves.u.d + 1) * wide, moves.u.n * wide, wide, wide, wide)
        self.keep = W, H, mean, norm, used = [np.empty((runs, size)) for size in shapes]
        self.runs, self.pool.count, self.pool.wide = runs, count, wide
        self.pool.W, self.pool.H, self.pool.mean, self.pool.norm = data(W), data(H), data(mean), data(norm)
        self.pool.used = data(used)
        self.moves = moves
        m.scale = scale
        with nogil:
            done = moves.kernels.fill(&moves.u, &m, s, &self.pool)
        _ended(done)

    def add(self, x, int64_t width, int64_t count):
        """Return points x (r, p) of `width` units, or constants (r, k), with the best `count` units appended."""
        cdef int64_t runs = self.runs
        cdef hp_move m = self.moves.move(runs, width, count)
        cdef double *source = table(x, runs, hp_point(&self.moves.u, width), "x")
        cdef cnp.ndarray to = self.moves.points(runs, width + count)
        cdef double *target = data(to)
        cdef int done
        if count > self.pool.count:
            raise ValueError(f"{count} of {self.pool.count} units cannot be added")
        with nogil:
            done = self.moves.kernels.add(&self.moves.u, &m, &self.pool, source, target)
        _ended(done)
        return to
