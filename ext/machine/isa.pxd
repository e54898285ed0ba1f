"""The instruction set of the kernels of this extension module, chosen once at import."""
from libc.stdlib cimport getenv


cdef extern from "isa.h":
    enum:
        HP_N_ISAS
    const char **hp_isa_names
    int hp_isa_usable(int) noexcept nogil
    int hp_isa_named(const char *) noexcept nogil


cdef inline list isa_names():
    """Names of the instruction sets of this machine, best first."""
    names = []
    cdef int isa
    for isa in range(HP_N_ISAS):
        if hp_isa_usable(isa):
            names.append(hp_isa_names[isa].decode())
    return names


cdef inline int isa_of(str name) except -1:
    """The index of an instruction set that this machine has."""
    cdef bytes spelled = name.encode()
    cdef int isa = hp_isa_named(spelled)
    if isa < 0:
        from homotopy.errors import ArgumentError  # here: names of this file are looked up in the module that uses it
        raise ArgumentError(f"instruction set {name!r} is not one of this machine's: {', '.join(isa_names())}")
    return isa


cdef inline int isa_choose() except -1:
    """The index of the best instruction set, or of the one that HOMOTOPY_ISA names."""
    cdef const char *wish = getenv("HOMOTOPY_ISA")
    return isa_of("" if wish == NULL else wish.decode())
