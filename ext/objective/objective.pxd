"""objective.h for Cython modules: the struct, the capsule around it, and memory as its functions want it."""
from cpython.pycapsule cimport PyCapsule_GetContext, PyCapsule_GetPointer, PyCapsule_New, PyCapsule_SetContext
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t

cdef extern from "objective.h" nogil:
    const char *HOMOTOPY_OBJECTIVE
    ctypedef struct hp_objective:
        int64_t size
        size_t work_bytes
        double cost
        const void *data
        double (*value_and_grad)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        int (*hessian)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        int kind
        int (*gauss_newton)(const hp_objective *, const double *, double, double *, void *) noexcept nogil
        double hessian_cost, gauss_newton_cost
        void (*value_and_grad_many)(
            const hp_objective *, int64_t, const double *const *, const double *, double *, double *const *, void *
        ) noexcept nogil
        int width
        size_t many_bytes
        int pairs

cdef extern from "<stdlib.h>" nogil:
    void *aligned_alloc(size_t, size_t)


cdef inline void *allocate(size_t size) except NULL:
    """Memory on a 64-byte boundary, and a little more than asked for; release it by free."""
    cdef void *memory = aligned_alloc(64, (size + 127) & ~(<size_t>63))
    if memory == NULL:
        raise MemoryError(f"no memory for {size} bytes")
    return memory


cdef inline void release(object capsule) noexcept:
    Py_DECREF(<object>PyCapsule_GetContext(capsule))


cdef inline object wrapped(hp_objective *objective, object owner):
    """The capsule of an objective; it keeps the owner of the struct alive."""
    capsule = PyCapsule_New(objective, HOMOTOPY_OBJECTIVE, release)
    PyCapsule_SetContext(capsule, <void *>owner)
    Py_INCREF(owner)
    return capsule


cdef inline const hp_objective *unwrapped(object capsule) except NULL:
    """The objective in a capsule, which the caller keeps."""
    return <const hp_objective *>PyCapsule_GetPointer(capsule, HOMOTOPY_OBJECTIVE)
