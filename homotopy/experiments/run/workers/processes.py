"""Processes, which end with the one that started them, however that ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from math import inf, isfinite
from multiprocessing import resource_tracker
from typing import Any

from homotopy.doors import door
from homotopy.experiments.run.workers.limits import Alarm, clocked_by
from homotopy.threads import set_blas_threads

__all__ = ["Processes", "as_worker", "end_workers", "shielded"]

# What the server of new processes has imported already: 0.1 s a process, and not some seconds.
PRELOADED = ["__main__", "homotopy.experiments.run.streaming"]
# What a terminal sends to all processes at once, and the parent alone answers.
ANSWERED = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}


class Processes(Executor):
    """Processes of which each is a pool of its own: one that dies takes with it the call it made and no other.

    Parameters
    ----------
    n : int
        Processes: at most so many calls may be without an answer.
    seconds : float
        What a run may take by the clock on the wall (`limits.begin`), after which its process ends.
    """

    def __init__(self, n: int, seconds: float = inf) -> None:
        self._n, self._seconds = n, seconds
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._idle: list[ProcessPoolExecutor] = []
        self._busy: dict[Future[Any], ProcessPoolExecutor] = {}

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Return the future of a call that an idle process makes; a BrokenExecutor says that it died."""
        self._reclaim()
        while True:
            try:
                with shielded():
                    pool = self._idle.pop() if self._idle else self._pool()
                    future = pool.submit(function, *arguments, **named)
            except BrokenExecutor:  # it died while it did nothing
                pool.shutdown(wait=False)
                continue
            self._busy[future] = pool
            return future

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=self._context, initializer=as_worker, initargs=(self._seconds,))

    def _reclaim(self) -> None:
        """Take back the processes that have answered."""
        for future in [future for future in self._busy if future.done()]:
            pool = self._busy.pop(future)
            if not future.cancelled() and isinstance(future.exception(), BrokenExecutor):
                pool.shutdown(wait=False)
            else:
                self._idle.append(pool)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes after what they do."""
        for pool in (*self._idle, *self._busy.values()):
            pool.shutdown(wait=wait, cancel_futures=cancel_futures)

    def stop(self) -> None:
        """End the processes now, whatever they do."""
        for pool in (*self._idle, *self._busy.values()):
            end_workers(pool)


@contextmanager
def shielded(*, terminable: bool = False) -> Iterator[None]:
    """Let processes and threads that start in a ``with`` block hear no signal, also while they still import.

    A terminal sends Ctrl-C and its end to all of them, and others SIGTERM; only this process is to answer, which hears
    what comes meanwhile by its other threads, or behind the block. They inherit the mask of this thread, which
    `as_worker` takes off. Pools are to be made inside, too.

    Parameters
    ----------
    terminable : bool
        Whether SIGTERM is heard, by which some pools end their processes.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    numbers = ANSWERED if terminable else {*ANSWERED, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        _start_tracker()
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # once more: its start takes the mask off
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_tracker() -> None:
    """Start the process that clears up behind this one, with no warning of its own where this one is killed."""
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
    try:
        resource_tracker.ensure_running()
    finally:
        del os.environ["PYTHONWARNINGS"]
        if before is not None:
            os.environ["PYTHONWARNINGS"] = before


@door
def end_workers(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool now, whatever they do."""
    kill: Callable[[], None] | None = getattr(pool, "kill_workers", None)  # of Python 3.14
    if kill is not None:
        kill()
        return
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


def as_worker(seconds: float = inf) -> None:
    """Make this process a worker of the one that started it.

    BLAS has one thread; an interruption by hand is for the parent to hear, which may let this one finish; and it ends
    when the parent does, of whatever it dies.

    Parameters
    ----------
    seconds : float
        What a run may take by the clock on the wall before the process ends; infinite: as long as it likes.
    """
    set_blas_threads()
    for number in ANSWERED:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*ANSWERED, signal.SIGTERM})
    parent = multiprocessing.parent_process()
    if parent is not None:
        with suppress(ImportError, AttributeError, OSError):
            _signalled(parent.sentinel)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if isfinite(seconds):
        clocked_by(Alarm(seconds))


def _signalled(sentinel: int) -> None:
    """Let the kernel end this process when the pipe to its parent breaks: also where no line of Python can run."""
    import fcntl

    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _end_with(parent: Any) -> None:
    """Wait for the parent's end, on every system, and end."""
    parent.join()
    os._exit(1)
