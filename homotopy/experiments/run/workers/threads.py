"""Threads that nobody waits for: one whose run takes too long is left alone, and another takes its place."""

from __future__ import annotations

import ctypes
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import suppress
from functools import partial
from math import inf
from queue import Empty, SimpleQueue
from typing import Any

from homotopy import interrupts
from homotopy.experiments.run.workers.limits import Clock, clocked_by

__all__ = ["Left", "Threads", "beside"]

PATIENCE = 0.5  # seconds that threads have to end where they are asked to
TICK = 0.05  # seconds between two looks at the clock of a thread
Job = tuple["Future[Any]", Callable[[], Any]]
_numbers = itertools.count()
_local = threading.local()


class Left(SystemExit):
    """Raised in a thread that was left alone, at its next line of Python; a thread ends by it without a word."""


class Threads(Executor):
    """An executor of daemon threads, for which the end of the process does not wait.

    Parameters
    ----------
    n : int
        Threads.
    seconds : float
        What a run may take by the clock on the wall (`limits.begin`); infinite: as long as it likes.

    Notes
    -----
    No thread can be ended from outside. One that is left alone meets `Left` at its next line of Python; one that stays
    in compiled code goes on there until it comes back, and its answer is thrown away.
    """

    def __init__(self, n: int, seconds: float = inf) -> None:
        self._n, self._seconds = n, seconds
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._workers: list[_Worker] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Return the future of a call, which the next free thread makes."""
        future: Future[Any] = Future()
        self._jobs.put((future, partial(function, *arguments, **named)))
        if len(self._workers) < self._n:
            self._workers.append(_Worker(self._jobs))
        return future

    def overdue(self) -> None:
        """End the futures of runs that take too long by a TimeoutError, and put other threads in place of theirs."""
        for place, worker in enumerate(self._workers):
            if worker.clock.lasts > self._seconds and worker.leave(TimeoutError()):
                self._workers[place] = _Worker(self._jobs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the threads after what they do, and after what waits, if that is not to be cancelled."""
        if cancel_futures:
            self._cancel()
        for _ in self._workers:
            self._jobs.put(None)
        if wait:
            for worker in self._workers:
                worker.thread.join()

    def stop(self) -> None:
        """End now: what waits is cancelled, and what runs is asked to end and then left alone."""
        self._cancel()
        interrupts.request()
        try:
            for worker in self._workers:
                self._jobs.put(None)
                worker.leave(CancelledError())
            until = time.monotonic() + PATIENCE
            for worker in self._workers:
                worker.thread.join(max(0.0, until - time.monotonic()))
        finally:
            interrupts.clear()

    def _cancel(self) -> None:
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    job[0].cancel()


class _Worker:
    """A thread, what it does, and since when."""

    def __init__(self, jobs: SimpleQueue[Job | None]) -> None:
        self.clock = Clock()
        self._jobs = jobs
        self._lock = threading.Lock()
        self._future: Future[Any] | None = None  # of what it does
        self._left = False
        self.thread = threading.Thread(target=self._work, name=f"homotopy_{next(_numbers)}", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        clocked_by(self.clock)
        while not self._left and (job := self._jobs.get()) is not None:
            future, call = job
            if not future.set_running_or_notify_cancel():
                continue
            self._future = future
            try:
                found = call()
            except BaseException as error:  # of whatever kind: who waits for the future gets it
                self._answer(future.set_exception, error)
            else:
                self._answer(future.set_result, found)

    def _answer(self, tell: Callable[[Any], None], found: Any) -> None:
        """Answer, unless that was done when the thread was left alone."""
        with self._lock:
            self.clock.end()
            if self._future is not None:
                self._future = None
                tell(found)

    def leave(self, error: BaseException) -> bool:
        """Answer by an error in place of the thread and leave it alone; return False where it does nothing."""
        with self._lock:
            if self._future is None:
                return False
            self._future.set_exception(error)
            self._future, self._left = None, True
            ident = ctypes.c_ulong(self.thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(Left))
            return True


def beside(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call gives that is made in a thread beside the present one, whose runs may take so many seconds.

    None says that a run took longer: an error would have Dask make the call again, and wait as long each time.
    """
    known = getattr(_local, "threads", None)
    if known is None or known[0] != seconds:
        known = _local.threads = seconds, Threads(1, seconds)
    future = known[1].submit(function, *arguments)
    while True:
        wait([future], timeout=TICK)
        if future.done():
            break
        known[1].overdue()
    return None if isinstance(future.exception(), TimeoutError) else future.result()
