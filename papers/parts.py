"""Parts of a study, run by processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from typing import TypeVar

from homotopy.experiments import as_worker, end_workers, shielded

__all__ = ["each"]

Part = TypeVar("Part")
Found = TypeVar("Found")


def each(run: Callable[[Part], Found], parts: Sequence[Part], jobs: int) -> Iterator[tuple[Part, Found]]:
    """Yield each part with what `run` returns for it, as it is done.

    Parameters
    ----------
    run : callable
        Of one part; it and the parts can be pickled where there is more than one process.
    parts : sequence
        In the order in which they are begun.
    jobs : int
        Processes; 1 runs in this one, in order.
    """
    if jobs == 1:
        for part in parts:
            yield part, run(part)
        return
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        with shielded():
            pool = stack.enter_context(ProcessPoolExecutor(jobs, mp_context=context, initializer=as_worker))
        stack.push(lambda error, *_: end_workers(pool) if error else None)
        # An interruption, which this thread alone hears, would leave a process that starts without what it waits for.
        aside = stack.enter_context(ThreadPoolExecutor(1))
        running = aside.submit(_begun, pool, run, parts).result()
        for ended in as_completed(running):
            yield running[ended], ended.result()


def _begun(pool: ProcessPoolExecutor, run: Callable[[Part], Found], parts: Sequence[Part]) -> dict[Future[Found], Part]:
    """Hand out all parts and return what comes of each."""
    with shielded():
        return {pool.submit(run, part): part for part in parts}
