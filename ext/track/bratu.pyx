"""Bratu's problem and a moving quadratic, compiled homotopies with a compiled tracker (ext/track/arclength.h)."""

cimport numpy as cnp
from libc.math cimport cos, sin
from libc.stdint cimport int64_t
from libc.string cimport memcpy

import numpy as np

from arrays cimport data, doubles, new
from halt cimport look, share_halt
from isa cimport isa_choose
from objective cimport hp_objective, wrapped

__all__ = ["Bratu", "Moving"]

cdef extern from "bratu.h" nogil:
    ctypedef struct hp_curve:
        int64_t n
        const void *data
        void (*gradient)(const hp_curve *, const double *, double, double *, double *) noexcept nogil
        double (*value)(const hp_curve *, const double *, double, double *) noexcept nogil
        int64_t (*solve)(const hp_curve *, const double *, double, double *, double *, double *) noexcept nogil
        void (*again)(const hp_curve *, double *, double *) noexcept nogil
    ctypedef struct hp_settings:
        double x_weight, t_weight, tolerance, final_tolerance, residual, initial, minimum, maximum, iterations
        double angle, grow, shrink, jump_ratio, low, high, target, limit, sense
        int64_t max_iter, max_steps, fixed, located
    ctypedef struct hp_rows:
        double *x
        double *t
        double *s
        double *tangent_x
        double *tangent_t
        double *value
        double *norm
        double *step
        int64_t *n_iter
        int64_t *index
    ctypedef struct hp_totals:
        int64_t n_points, n_folds, attempts, rejected, n_grad, n_solve
        double next_step
    ctypedef struct hp_example:
        int64_t n
        double scale, q
        int isa
        const double *a
        const double *b
        const double *d
    void bratu_gradient(const hp_curve *, const double *, double, double *, double *) noexcept
    double bratu_value(const hp_curve *, const double *, double, double *) noexcept
    int64_t bratu_solve(const hp_curve *, const double *, double, double *, double *, double *) noexcept
    void moving_gradient(const hp_curve *, const double *, double, double *, double *) noexcept
    double moving_value(const hp_curve *, const double *, double, double *) noexcept
    int64_t moving_solve(const hp_curve *, const double *, double, double *, double *, double *) noexcept
    void bratu_again(const hp_curve *, double *, double *) noexcept
    void moving_again(const hp_curve *, double *, double *) noexcept
    double bratu_value_and_grad(const hp_objective *, const double *, double, double *, void *) noexcept
    double moving_value_and_grad(const hp_objective *, const double *, double, double *, void *) noexcept
    int hp_trace(const hp_curve *, const hp_settings *, const hp_rows *, const hp_rows *, hp_totals *, double *,
                 double *) noexcept

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()


cdef class _Rows:
    """The arrays of accepted points, or of folds, and the struct that points into them."""

    cdef hp_rows rows
    cdef dict arrays
    cdef int64_t room

    def __init__(self, int64_t room, int64_t n):
        self.room = room
        arrays = {name: np.empty((room, n)) for name in ("x", "tangent_x")}
        for name in ("t", "s", "tangent_t", "value", "grad_norm", "step"):
            arrays[name] = np.empty(room)
        for name in ("n_iter", "index"):
            arrays[name] = np.empty(room, dtype=np.int64)
        self.arrays = arrays
        self.rows.x, self.rows.tangent_x = data(arrays["x"]), data(arrays["tangent_x"])
        self.rows.t, self.rows.s = data(arrays["t"]), data(arrays["s"])
        self.rows.tangent_t = data(arrays["tangent_t"])
        self.rows.value, self.rows.norm = data(arrays["value"]), data(arrays["grad_norm"])
        self.rows.step = data(arrays["step"])
        self.rows.n_iter = <int64_t *>cnp.PyArray_DATA(<cnp.ndarray>arrays["n_iter"])
        self.rows.index = <int64_t *>cnp.PyArray_DATA(<cnp.ndarray>arrays["index"])

    cdef dict first(self, int64_t count):
        return {name: array[:count].copy() for name, array in self.arrays.items()}


cdef class _Family:
    """The data, the curve and the objective of one family."""

    cdef hp_example family
    cdef hp_curve curve
    cdef hp_objective objective
    cdef cnp.ndarray work
    cdef _Rows spare  # kept from one trace to the next: fresh memory costs more than the points
    cdef list held
    cdef readonly int64_t size

    cdef _setup(self, int64_t n):
        self.size = self.family.n = self.curve.n = self.objective.size = n
        self.family.isa = isa_choose()
        self.curve.data = self.objective.data = &self.family
        self.objective.work_bytes = 2 * <size_t>n * sizeof(double)
        self.objective.cost = 1.0
        self.objective.hessian = NULL
        self.objective.kind = 0
        self.work = new(3 * n)

    def value_and_grad(self, x, double t):
        """Return H(x, t) and its gradient."""
        cdef double *point = doubles(x, self.size, "x")
        cdef cnp.ndarray g = new(self.size)
        self.curve.gradient(&self.curve, point, t, data(g), data(self.work))
        return self.curve.value(&self.curve, point, t, data(self.work)), g

    def solve(self, x, double t, right):
        """Return A^-1 r, A^-1 dg/dt and the number of negative eigenvalues of A, the Hessian at (x, t).

        The index is -1 where A is singular.
        """
        cdef double *point = doubles(x, self.size, "x")
        cdef cnp.ndarray g = new(self.size), z = new(self.size), r = new(self.size)
        memcpy(data(r), doubles(right, self.size, "right"), self.size * sizeof(double))
        self.curve.gradient(&self.curve, point, t, data(g), data(self.work))
        index = self.curve.solve(&self.curve, point, t, data(r), data(z), data(self.work))
        return r, z, index

    def capsule(self):
        """Return the family as compiled descents see it."""
        return wrapped(&self.objective, self)

    def trace(self, x, double t, dict settings, int64_t located=64):
        """Follow the curve from (x, t) in compiled code.

        Parameters
        ----------
        x : ndarray of shape (n,)
            A point of the curve.
        t : float
            Its t.
        settings : dict
            The fields of hp_settings.
        located : int
            Room for this many folds.

        Returns
        -------
        tuple
            Why it ended (the codes of hp_trace), the points and the folds as dictionaries of arrays, and the totals.
        """
        cdef hp_settings chosen
        cdef hp_totals totals
        cdef int code
        cdef double *start = doubles(x, self.size, "x")
        settings = {**settings, "located": located}
        chosen = settings
        cdef _Rows points = self.spare, folds = _Rows(located, self.size)
        self.spare = None  # another thread makes its own
        if points is None or points.room <= chosen.max_steps:
            points = _Rows(chosen.max_steps + 1, self.size)
        cdef cnp.ndarray vectors = new(7 * self.size), work = new(3 * self.size)
        memcpy(points.rows.x, start, self.size * sizeof(double))
        points.rows.t[0] = t
        cdef double *scratch = data(vectors)
        cdef double *room = data(work)
        with nogil:
            code = hp_trace(&self.curve, &chosen, &points.rows, &folds.rows, &totals, scratch, room)
        self.spare = points
        look()
        return code, points.first(totals.n_points), folds.first(totals.n_folds), totals


cdef class Bratu(_Family):
    """-u'' - scale t e^u = 0 on n interior points of (0, 1), zero at both ends.

    Parameters
    ----------
    n : int
        Interior points.
    scale : float
        lambda = scale * t.
    """

    def __init__(self, int64_t n, double scale):
        self._setup(n)
        self.family.scale, self.family.q = scale, (n + 1.0) * (n + 1.0)
        self.curve.gradient, self.curve.value, self.curve.solve = bratu_gradient, bratu_value, bratu_solve
        self.curve.again = bratu_again
        self.objective.value_and_grad = bratu_value_and_grad


cdef class Moving(_Family):
    """The quadratic with curvatures d whose minimum moves along a t^2 + b sin t.

    Parameters
    ----------
    a, b, d : array_like of shape (n,)
        The path and the curvatures.
    """

    def __init__(self, a, b, d):
        self.held = [np.ascontiguousarray(v, dtype=np.float64) for v in (a, b, d)]
        n = self.held[0].size
        self._setup(n)
        self.family.a, self.family.b = doubles(self.held[0], n, "a"), doubles(self.held[1], n, "b")
        self.family.d = doubles(self.held[2], n, "d")
        self.curve.gradient, self.curve.value, self.curve.solve = moving_gradient, moving_value, moving_solve
        self.curve.again = moving_again
        self.objective.value_and_grad = moving_value_and_grad

    def center(self, double t):
        """Return the minimum at t."""
        return self.held[0] * t * t + self.held[1] * sin(t)

    def speed(self, double t):
        """Return the derivative of the minimum in t."""
        return 2.0 * t * self.held[0] + self.held[1] * cos(t)
