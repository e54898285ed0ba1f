"""BLAS on one thread inside everything of ours, whoever calls; parallelism is over starts."""

from __future__ import annotations

import sys
import threading
from contextlib import ContextDecorator
from pathlib import Path
from typing import Any

from homotopy._core.interrupts import Entered

__all__ = ["blas_threads", "hold", "one_blas_thread", "set_blas_threads"]


class OneBlasThread(Entered, ContextDecorator):
    """Holds every loaded BLAS library at one thread, in a ``with`` block or around a function.

    Notes
    -----
    The number of threads belongs to the process, so entries are counted over all Python threads: the first one in
    keeps the caller's number, every one in sets one thread, the last one out gives the number back, after an
    exception too, be it out of a signal's handler. A BLAS on OpenMP has a number for each Python thread, which is kept
    and given back for that thread.

    Libraries are looked for where modules were imported since the last look (some milliseconds); else an entry costs
    a few microseconds. On small matrices more threads cost time: on a busy machine of two cores ridge regressions of
    a few hundred rows took fifteen times as long with two as with one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._modules = 0
        self._libraries: list[tuple[Any, bool]] = []  # and whether each Python thread has its own number
        self._before: dict[tuple[str, int | None], tuple[Any, int]] = {}

    def entered(self, me: int) -> None:
        """Set one thread, and keep what was set before; `me` is the Python thread."""
        with self._lock:
            for library, each_has_its_own in self._loaded():
                key = library.filepath, me if each_has_its_own else None
                n = library.num_threads
                self._before.setdefault(key, (library, n))
                if n != 1:  # setting takes ten times as long as reading
                    _set(library, 1)

    def left(self, me: int) -> None:
        """Give back what was set before, once nobody is inside for whom it holds."""
        with self._lock:
            for key in [key for key in self._before if key[1] in (me, None)]:
                if me not in self.inside if key[1] else not self.inside:
                    library, n = self._before[key]
                    if library.num_threads != n:
                        _set(library, n)
                    del self._before[key]

    @property
    def libraries(self) -> list[Any]:
        """The libraries that are loaded by now, as threadpoolctl controls them."""
        with self._lock:
            return [library for library, _ in self._loaded()]

    def _loaded(self) -> list[tuple[Any, bool]]:
        if len(sys.modules) != self._modules:
            from threadpoolctl import ThreadpoolController  # here: its import takes longer than the look

            found = ThreadpoolController().select(user_api="blas").lib_controllers
            self._libraries = [
                (library, library.internal_api == "openblas" and library.threading_layer == "openmp")
                for library in found
                if getattr(library, "threading_layer", "") != "disabled"  # built for one thread, such as that of SCS
            ]
            self._modules = len(sys.modules)
        return self._libraries


def _set(library: Any, n: int) -> None:
    """Set a library's number of threads, from whichever Python thread: entries are counted here."""
    free = getattr(library, "clear_controlling_thread", None)  # newer threadpoolctl lets the first thread set it only
    if free is not None:
        free(force=True)
    library.set_num_threads(n)
    if free is not None:
        free(force=True)


one_blas_thread = OneBlasThread()
"""The one for the process: ``with one_blas_thread:`` or ``@one_blas_thread``."""


def blas_threads() -> dict[str, int]:
    """Return the number of threads of each loaded BLAS library, by the library's file name."""
    return {Path(library.filepath).name: int(library.num_threads) for library in one_blas_thread.libraries}


def set_blas_threads(n: int = 1) -> None:
    """Fix the number of threads of every BLAS loaded in this process: runs are spread over workers, which use one."""
    for library in one_blas_thread.libraries:
        _set(library, int(n))


def hold(kind: type, *names: str) -> None:
    """Put the methods of these names that a class itself defines inside `one_blas_thread`."""
    for name in names:
        own = vars(kind).get(name)
        if callable(own):
            setattr(kind, name, one_blas_thread(own))
