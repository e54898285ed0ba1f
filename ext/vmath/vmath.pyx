"""The vector mathematics of the kernels, function by function, and the instruction set that they use."""
cimport numpy as cnp
from libc.stdint cimport int64_t

from isa cimport hp_isa_names, isa_choose, isa_names, isa_of

from homotopy.errors import ArgumentError

cdef extern from "vmath_all.h":
    enum:
        HP_N_FUNCTIONS
    const char **hp_functions
    void hp_apply_f64(int, int, int64_t, const double *, double *) noexcept nogil
    void hp_apply_f32(int, int, int64_t, const float *, float *) noexcept nogil

cdef extern from *:
    """
    #ifndef HP_SOURCES
    #define HP_SOURCES unknown
    #endif
    #define HP_TEXT_OF(x) #x
    #define HP_TEXT(x) HP_TEXT_OF(x)
    static const char *const hp_sources = HP_TEXT(HP_SOURCES);
    """
    const char *hp_sources

cdef extern from "glue.h":
    pass

cnp.import_array()

cdef int chosen = isa_choose()


def isa():
    """Return the name of the instruction set that the kernels use: "v4", "v3", "base" or "plain".

    It is the best that the machine has, or what the environment variable HOMOTOPY_ISA named when the kernels were
    imported: x86-64-v4 (AVX-512), x86-64-v3 (AVX2 and FMA), the compiler's baseline vectors, or scalar C.
    """
    return hp_isa_names[chosen].decode()


def available():
    """Return the names of the instruction sets that this machine has, best first (list of str)."""
    return isa_names()


def sources():
    """Return 16 hexadecimal digits that tell the sources of all kernels, as they were compiled, from others."""
    return hp_sources.decode()


def functions():
    """Return the names that `apply` takes (list of str)."""
    return [hp_functions[i].decode() for i in range(HP_N_FUNCTIONS)]


def apply(function, x, isa=None):
    """Return a function of every element of `x`, an array of shape and dtype of x.

    Parameters
    ----------
    function : str
        A name of `functions`; log1p is meant for arguments in [0, 1].
    x : ndarray
        C-contiguous, float64 or float32, any shape.
    isa : str or None
        A name of `available`; None for the one in use.

    Raises
    ------
    ArgumentError
        If the name is unknown, the machine has not the instruction set, or x is of another kind.
    """
    cdef int which = chosen if isa is None else isa_of(isa)
    cdef int64_t n
    cdef object out
    names = functions()
    if function not in names:
        raise ArgumentError(f"function {function!r} is unknown; there are {', '.join(names)}")
    cdef int index = names.index(function)
    if not isinstance(x, cnp.ndarray) or not cnp.PyArray_ISCARRAY_RO(x) or x.dtype.char not in "df":
        raise ArgumentError("x must be a C-contiguous float64 or float32 array")
    out = x.copy()
    n = cnp.PyArray_SIZE(x)
    cdef void *source = cnp.PyArray_DATA(x)
    cdef void *target = cnp.PyArray_DATA(out)
    cdef bint single = x.dtype.char == "f"
    with nogil:
        if single:
            hp_apply_f32(which, index, n, <const float *>source, <float *>target)
        else:
            hp_apply_f64(which, index, n, <const double *>source, <double *>target)
    return out
