"""The one struct that asks compiled loops to end early (halt.h)."""

import os
import threading

from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_New

from halt cimport hp_halt, hp_is_main, hp_halt_share, hp_read, hp_write

from homotopy.errors import Interrupted

__all__ = ["Entered", "check", "clear", "request", "requested"]

cdef extern from "Python.h" nogil:
    unsigned long PyThread_get_thread_ident()

cdef extern from "glue.h":
    pass

cdef hp_halt state
cdef object waiting = None  # what a signal's handler raised while the main thread was in a loop


cdef void signals() noexcept with gil:
    """Run the handlers of signals that have come; what they raise waits until the loop has ended."""
    global waiting
    try:
        PyErr_CheckSignals()
    except BaseException as error:
        waiting = error
        hp_write(&state.raised, 1)


def _is_main():
    """Note that this thread is the main one, as it is after a fork."""
    state.main = PyThread_get_thread_ident()


def shared():
    """Return the struct for other modules (a PyCapsule "homotopy.halt")."""
    return PyCapsule_New(&state, "homotopy.halt", NULL)


def request():
    """Ask everything compiled to end."""
    hp_write(&state.asked, 1)


def clear():
    """Take the request back."""
    hp_write(&state.asked, 0)


def requested():
    """Return whether everything compiled is asked to end (bool)."""
    return hp_read(&state.asked) != 0


def check():
    """Raise what a signal's handler raised in a loop of this thread, or Interrupted where everything should end."""
    global waiting
    if hp_read(&state.raised) and hp_is_main():
        error, waiting = waiting, None
        hp_write(&state.raised, 0)
        raise error
    if hp_read(&state.asked):
        raise Interrupted("ended early, as was requested by homotopy.interrupts.request")


cdef class Entered:
    """A ``with`` block whose entries are counted right, whatever is raised at whichever moment.

    A signal's handler, and an exception that another thread sets, is raised between two instructions of Python, be it
    before the first one of an ``__exit__`` in Python, which then has counted nothing. Between those of C none is.
    """

    cdef readonly dict inside  # entries of each thread that is inside

    def __cinit__(self):
        self.inside = {}

    def __enter__(self):
        me = PyThread_get_thread_ident()
        self.inside[me] = self.inside.get(me, 0) + 1
        try:
            self.entered(me)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        me = PyThread_get_thread_ident()
        if self.inside[me] == 1:
            del self.inside[me]
        else:
            self.inside[me] -= 1
        self.left(me)

    def entered(self, me):
        """Do what an entry does; the thread `me` is among those inside."""

    def left(self, me):
        """Do what it takes to leave; `me` is no longer inside, unless it was inside more than once."""


state.main = threading.main_thread().ident
state.signals = signals
hp_halt_share(&state)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_is_main)
