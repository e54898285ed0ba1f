"""The BLAS of SciPy as plain C headers see it: `blas_fill()` once at import, then the products of blas.h."""
from scipy.linalg.cython_blas cimport dgemm, dsyrk, sgemm


cdef extern from "blas.h":
    ctypedef struct hp_blas_table:
        void *dgemm
        void *sgemm
        void *dsyrk
    hp_blas_table hp_blas


cdef inline void blas_fill() noexcept:
    """Fill the table of this extension module."""
    hp_blas.dgemm = <void *>dgemm
    hp_blas.sgemm = <void *>sgemm
    hp_blas.dsyrk = <void *>dsyrk
