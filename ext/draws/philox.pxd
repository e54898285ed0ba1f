"""philox.h for Cython modules: one struct a run, a row of the state of homotopy.streams.Draws."""
from libc.stdint cimport int64_t, uint64_t

cdef extern from "philox.h" nogil:
    ctypedef struct hp_philox:
        uint64_t key[2]
        uint64_t counter[4]
    uint64_t hp_philox_bits(void *)
    double hp_philox_double(void *)
    void hp_philox_normals(hp_philox *, int64_t, double *) noexcept
    void hp_philox_doubles(hp_philox *, int64_t, double *) noexcept
    void hp_philox_integers(hp_philox *, int64_t, int64_t, uint64_t *)
