"""Families made of compiled objectives, themselves compiled: blends, quadratic pulls, variables that fade."""

from libc.stdint cimport int64_t
from libc.stdlib cimport free

import numpy as np

cimport numpy as cnp

from arrays cimport data, doubles, new
from descent_types cimport hp_family
from halt cimport check, share_halt
from objective cimport allocate, hp_objective, unwrapped, wrapped

from homotopy.errors import ArgumentError

cdef extern from "family.h" nogil:
    void hp_family_objective(hp_objective *, const hp_family *)

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()


cdef object numbers(str name, object array, Py_ssize_t n):
    """Return a float64 copy of shape (n,)."""
    array = np.array(array, dtype=np.float64)
    if array.shape != (n,) or not np.isfinite(array).all():
        raise ArgumentError(f"{name} must hold {n} finite numbers, not an array of shape {array.shape}")
    return array


cdef class Family:
    r"""A family of compiled objectives.

    Parameters
    ----------
    capsule : PyCapsule
        The true problem f, or a homotopy of n variables.
    easy : PyCapsule or None
        Another objective of the same variables.
    weights, easy_weights : (float, float)
        What f and `easy` are multiplied by at t = 0 and at t = 1.
    pull : (float, float)
        The weight of the quadratic term at t = 0 and at t = 1.
    center : ndarray of shape (n,) or None
        The minimum of the quadratic term; None is the origin.
    fade : ndarray of shape (n,) or None
        Variable i of f is multiplied by 1 - t fade[i].
    rise : (ndarray of shape (n,), ndarray of shape (n,)) or None
        Where in t each variable begins to count and where it counts in full; between, its share is u^2 (3 - 2 u).
    rest : ndarray of shape (n,) or None
        What a variable is while it does not count; None is zero.
    toll : ndarray of shape (n,) or None
        What half of each variable's square costs beside f, times t (1 - t); None is zero.

    Raises
    ------
    ArgumentError
        If an array has another shape or holds a number that is not finite, or the objectives differ in size.

    Notes
    -----
    .. math:: H(x, t) = w(t) f(s(t) \circ x, t) + e(t) \mathrm{easy}(x, t) + \tfrac{p(t)}{2} |x - c|^2 +
              \tfrac{t (1 - t)}{2} \sum_i \tau_i x_i^2

    All weights are linear in t; a term of weight zero is not evaluated. The proximal path is ``weights=(0, 1),
    pull=(mu, 0), center=x0``; a weight penalty that is relaxed ``pull=(l2, 0)``; outgoing weights on their way to zero
    ``fade`` one there and zero elsewhere. With `rise` f is taken at :math:`\mathrm{rest} + s(t) \circ
    (x - \mathrm{rest})`; a variable that always counts begins and ends below zero.
    """

    cdef hp_objective objective
    cdef hp_family family
    cdef object keep
    cdef void *work

    def __init__(
        self, capsule, *, easy=None, weights=(1.0, 1.0), easy_weights=(1.0, 0.0), pull=(0.0, 0.0), center=None,
        fade=None, rise=None, rest=None, toll=None
    ):
        cdef int64_t n
        begin = end = None
        self.family.inner = unwrapped(capsule)
        if easy is not None:
            self.family.easy = unwrapped(easy)
            if self.family.easy.size != self.family.inner.size:
                raise ArgumentError(
                    f"easy has {self.family.easy.size} variables and the objective {self.family.inner.size}; "
                    "they must be as many"
                )
        self.family.inner0, self.family.inner1 = weights
        self.family.easy0, self.family.easy1 = easy_weights
        self.family.pull0, self.family.pull1 = pull
        n = self.family.inner.size
        if center is not None:
            center = numbers("center", center, n)
            self.family.center = data(center)
        if fade is not None:
            fade = numbers("fade", fade, n)
            self.family.fade = data(fade)
        if rise is not None:
            begin, end = (numbers("rise", part, n) for part in rise)
            if not (begin < end).all():
                raise ArgumentError("rise: every variable must begin to count before it counts in full")
            self.family.begin, self.family.end = data(begin), data(end)
        if rest is not None:
            rest = numbers("rest", rest, n)
            self.family.rest = data(rest)
        if toll is not None:
            toll = numbers("toll", toll, n)
            self.family.toll = data(toll)
        self.keep = (capsule, easy, center, fade, begin, end, rest, toll)
        hp_family_objective(&self.objective, &self.family)
        self.work = allocate(self.objective.work_bytes)

    def __dealloc__(self):
        free(self.work)

    @property
    def size(self):
        return self.objective.size

    @property
    def cost(self):
        return self.objective.cost

    def value_and_grad(self, x, double t):
        """Return H(x, t) and its gradient in x, shape (n,); ArgumentError if x has another dtype, order or shape."""
        cdef const double *point = doubles(x, self.objective.size, "x")
        cdef cnp.ndarray grad = new(self.objective.size)
        value = self.objective.value_and_grad(&self.objective, point, t, data(grad), self.work)
        check()
        return value, grad

    def capsule(self):
        """Return the family as compiled loops see it (a PyCapsule "homotopy.objective", ext/objective/objective.h)."""
        return wrapped(&self.objective, self)
