"""Random numbers of many runs at once, each run's from its own Philox stream."""

from libc.stdint cimport int64_t, uint64_t

cimport numpy as cnp

from arrays cimport data, empty2, matrix
from halt cimport hp_glance, hp_watch, look, share_halt
from philox cimport hp_philox, hp_philox_bits, hp_philox_doubles, hp_philox_integers, hp_philox_normals

cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef enum:
    WORDS = 16


cdef hp_philox *streams(object state) except NULL:
    """The streams of a state of shape (m, 16)."""
    return <hp_philox *>matrix(state, cnp.NPY_UINT64, -1, WORDS, "state")


ctypedef void (*hp_filling)(hp_philox *, int64_t, double *) noexcept nogil


cdef cnp.ndarray filled(object state, int64_t n, hp_filling fill):
    """Numbers of shape (m, n), each row from its own stream."""
    cdef hp_philox *s = streams(state)
    cdef int64_t m = len(state), i
    cdef cnp.ndarray out = empty2(cnp.NPY_DOUBLE, m, n)
    cdef double *to = data(out)
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    with nogil:
        for i in range(m):
            fill(s + i, n, to + i * n)
            if hp_glance(&watch):
                break
    look()
    return out


def normals(state, int64_t n):
    """Return standard normal numbers, shape (m, n): row by row what `Generator.standard_normal` gives."""
    return filled(state, n, hp_philox_normals)


def doubles(state, int64_t n):
    """Return numbers uniform on [0, 1), shape (m, n): row by row what `Generator.random` gives."""
    return filled(state, n, hp_philox_doubles)


def integers(state, int64_t below, int64_t n):
    """Return int64 from 0 to ``below - 1``, shape (m, n): row by row what `Generator.integers` gives; below >= 1."""
    cdef hp_philox *s = streams(state)
    cdef int64_t m = len(state), i
    cdef cnp.ndarray out = empty2(cnp.NPY_INT64, m, n)
    cdef uint64_t *to = <uint64_t *>data(out)
    if below < 1:
        raise ValueError(f"below must be at least 1, not {below}")
    cdef hp_watch watch = [0.0, 0.0, 0, 0]
    with nogil:
        for i in range(m):
            hp_philox_integers(s + i, below, n, to + i * n)
            if hp_glance(&watch):
                break
    look()
    return out


def words(state):
    """Return the next 64 bits of every stream, uint64 of shape (m,)."""
    cdef hp_philox *s = streams(state)
    cdef int64_t m = len(state), i
    cdef cnp.ndarray out = empty2(cnp.NPY_UINT64, m, 1)
    cdef uint64_t *to = <uint64_t *>data(out)
    with nogil:
        for i in range(m):
            to[i] = hp_philox_bits(s + i)
    return out.reshape(m)
