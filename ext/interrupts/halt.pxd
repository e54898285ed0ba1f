"""halt.h for Cython modules: how a module comes to share the struct, and how an early end is raised."""
from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t

cdef extern from "halt.h" nogil:
    ctypedef struct hp_halt:
        int asked, raised
        unsigned long main
        void (*signals)() noexcept nogil
    ctypedef struct hp_watch:
        double look, since
        int64_t every, left
    void hp_halt_share(hp_halt *)
    int hp_read(const int *)
    void hp_write(int *, int)
    bint hp_is_main()
    bint hp_halted()
    bint hp_glance(hp_watch *)


cdef inline int share_halt() except -1:
    """Let this module's loops see what the process is asked; to be called at import."""
    from homotopy._core.interrupts import shared

    hp_halt_share(<hp_halt *>PyCapsule_GetPointer(shared(), "homotopy.halt"))
    return 0


cdef inline int check() except -1:
    """Raise where a loop of this thread was ended: what a signal's handler raised, or Interrupted."""
    if hp_halted():
        from homotopy._core.interrupts import check as raising

        raising()
    return 0


cdef inline int look() except -1:
    """Let signals be handled, and raise where this thread should end what it does."""
    PyErr_CheckSignals()
    return check()
