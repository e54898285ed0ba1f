"""Who runs the blocks: threads, processes, a Dask cluster or MPI, all through the concurrent.futures interface."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from homotopy.arguments import integer, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError, HomotopyError
from homotopy.experiments.plan.plugins import extra
from homotopy.experiments.run.blocks import Block, Outcome, run_block
from homotopy.experiments.run.machine import cores
from homotopy.threads import set_blas_threads

__all__ = ["KINDS", "Workers", "stream"]

KINDS = ("threads", "processes", "dask", "mpi")
RETRIES = 3  # times that a block is given to another worker after its own died
FIRST, LARGEST = 4, 4096  # runs in a cell's first block and in any block
PATIENCE = {"distributed.comm.timeouts.connect": "120s"}  # local workers take their time to start on a busy machine
BLOCK_SECONDS = 0.5  # what a block should take: long against its overhead, short against the whole
SHORT = 0.02  # a block of fewer seconds is mostly overhead: it is not split, and a first one is run again among others


@doors
@dataclass
class Workers:
    """Which workers run a comparison.

    Parameters
    ----------
    kind : str
        ``threads`` (the compiled loops release the GIL), ``processes``, ``dask`` or ``mpi``.
    n_jobs : int or None
        Workers at the same time; None takes the cores that the process may use.
    address : str
        The Dask scheduler, ``tcp://host:port``; empty starts a local cluster.

    Raises
    ------
    ArgumentError
        If the kind is unknown, n_jobs is below 1, or an address is given to another kind than dask.
    """

    kind: str = "threads"
    n_jobs: int | None = None
    address: str = ""
    _open: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ArgumentError(f"executor must be one of {', '.join(KINDS)}, not {shown(self.kind)}")
        if self.n_jobs is not None:
            self.n_jobs = integer("jobs", self.n_jobs)
        if self.address and self.kind != "dask":
            raise ArgumentError(f"an address goes with the executor dask, not with {self.kind}")

    @property
    def count(self) -> int:
        """How many blocks run at the same time."""
        return self.n_jobs or cores()

    def executor(self) -> Executor:
        """Return a new executor; `close` ends it.

        Raises
        ------
        MissingExtraError
            If the package that the kind needs is not installed.
        """
        if self.kind == "threads":
            return ThreadPoolExecutor(self.count, thread_name_prefix="homotopy")
        if self.kind == "processes":
            context = multiprocessing.get_context("forkserver")
            return ProcessPoolExecutor(self.count, mp_context=context, initializer=set_blas_threads)
        if self.kind == "dask":
            return self._dask()
        executor: Executor = extra("mpi4py.futures", "mpi", "the executor mpi").MPIPoolExecutor(self.n_jobs)
        return executor

    def _dask(self) -> Executor:
        distributed = extra("distributed", "dask", "the executor dask")
        if self.address:
            try:
                client = distributed.Client(self.address, timeout=20)
            except (OSError, ValueError) as error:
                raise ArgumentError(f"no Dask scheduler answers at {self.address!r}: {error}") from None
        else:
            self._open.enter_context(extra("dask", "dask", "the executor dask").config.set(PATIENCE))
            # Dask would limit a worker to a core's share of the memory: with many cores, less than Python takes. And
            # without a dashboard its server still wants port 8787 and warns when another cluster on the machine has it.
            cluster = distributed.LocalCluster(
                n_workers=self.count,
                threads_per_worker=1,
                memory_limit=None,
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
            )
            self._open.callback(cluster.close)
            client = distributed.Client(cluster)
        self._open.callback(client.close)
        executor: Executor = client.get_executor(pure=False, retries=RETRIES)
        if self.n_jobs is None:
            self.n_jobs = max(1, sum(client.nthreads().values()))
        return executor

    def close(self, executor: Executor) -> None:
        """End the executor after the blocks in flight, and what was started for it."""
        if self.kind == "dask":
            executor.shutdown(wait=False)
        else:
            executor.shutdown(wait=True, cancel_futures=True)
        self._open.close()


class _Queue:
    """The blocks still to run: each cell's seeds in blocks whose size follows the measured cost of a run."""

    def __init__(self, work: list[Block], n_workers: int) -> None:
        self._cells = deque(work)
        self._left = {block.key: block.seeds for block in work}
        self._whole = {block.key: block.seeds for block in work}
        self._back = dict.fromkeys(self._whole, 0)  # of those left, how many were handed out before
        self._cost: dict[Any, float] = {}
        self._first: dict[Any, set[int]] = {block.key: set() for block in work}  # seeds of those out
        self.again: deque[Block] = deque()  # handed out once more, before all others
        self._n_workers = n_workers

    def next(self) -> Block | None:
        """Return the next block, or None when all that can be has been handed out."""
        if self.again:
            return self.again.popleft()
        while self._cells and not self._left[self._cells[0].key] and not self._first[self._cells[0].key]:
            self._cells.popleft()
        whole = next((cell for cell in self._cells if self._left[cell.key] and not self._waits(cell.key)), None)
        if whole is None:
            return None
        seeds = self._left[whole.key]
        size = 1 if isfinite(whole.budget.seconds) else self._size(whole.key, len(seeds))  # a clock is for one run
        self._left[whole.key] = seeds[size:]
        self._back[whole.key] = 0
        if whole.key not in self._cost:
            self._first[whole.key].add(seeds[0])
        return replace(whole, seeds=seeds[:size])

    def _waits(self, key: Any) -> bool:
        """Return whether first blocks of a cell are out that will soon be handed out again, better with all others."""
        quick = key in self._cost and self._cost[key] * FIRST < SHORT and not isfinite(key[2].seconds)
        return quick and bool(self._first[key])

    def _size(self, key: Any, left: int) -> int:
        """Return how many runs the next block of a cell takes."""
        fair = max(1, -(-left // self._n_workers))  # the last blocks are shared evenly
        if key not in self._cost:
            return min(FIRST, fair)
        wanted, least = (int(seconds / max(self._cost[key], 1e-9)) for seconds in (BLOCK_SECONDS, SHORT))
        return max(1, min(wanted, LARGEST, max(fair, least)))

    def learn(self, outcome: Outcome) -> None:
        """Note what a run of the block's cell costs."""
        if len(outcome.records):
            self._cost[outcome.block.key] = outcome.seconds / len(outcome.records)

    def takes_back(self, outcome: Outcome) -> bool:
        """Return whether a block was a first one that was too short to tell the times of its runs, and is run again.

        Its records would be the same; its times are mostly those of one call, which many runs share.
        """
        block = outcome.block
        first = block.seeds[0] in self._first[block.key]
        self._first[block.key].discard(block.seeds[0])
        alone = isfinite(block.budget.seconds) or len(self._whole[block.key]) == len(block.seeds)
        busy = float(outcome.records["seconds"].sum()) or outcome.seconds
        if not first or alone or outcome.error or busy >= SHORT or outcome.seconds >= 2 * SHORT:  # some only wait
            return False
        left, back = self._left[block.key], self._back[block.key]
        again = sorted((*block.seeds, *left[:back]), key=self._whole[block.key].index)  # in the order asked for
        self._left[block.key], self._back[block.key] = (*again, *left[back:]), len(again)
        return True

    def give_up(self, block: Block) -> None:
        """Hand out no more blocks of a cell."""
        self._left[block.key] = ()


def stream(work: list[Block], workers: Workers, *, run: Callable[[Block], Outcome] = run_block) -> Iterator[Outcome]:
    """Run the seeds of every cell and yield each block's Outcome as it ends, in no certain order.

    The work has one block a cell with all its seeds, which is cut into blocks by measured cost. If a block's workers
    died four times, this is a HomotopyError. A cell's first blocks, which tell what a run costs, are run again among
    others where they were short.

    At most two blocks a worker are in flight, so that memory does not grow with the number of runs. When a process
    dies, its pool is replaced and the blocks that were in flight are run again; Dask does the same by itself. When
    the consumer stops early (an interruption), blocks in flight end and the others are dropped.
    """
    executor = workers.executor()
    queue = _Queue(work, workers.count)
    deaths: dict[Any, int] = {}
    flight: dict[Future[Outcome], Block] = {}
    try:
        while True:
            broken = _fill(executor, run, queue, flight, 2 * workers.count)
            if not flight and not broken:
                return
            finished, _ = wait(flight, return_when=FIRST_COMPLETED)
            for future in finished:
                block = flight.pop(future)
                try:
                    outcome = future.result()
                except Exception as error:
                    broken |= isinstance(error, BrokenProcessPool)
                    _count_death(deaths, block, error)
                    queue.again.append(block)
                    continue
                queue.learn(outcome)
                if queue.takes_back(outcome):
                    continue
                if outcome.error:
                    queue.give_up(block)
                yield outcome
            if broken:
                queue.again.extend(flight.values())
                flight.clear()
                executor.shutdown(wait=False, cancel_futures=True)
                executor = workers.executor()
    finally:
        workers.close(executor)


def _fill(
    executor: Executor, run: Callable[[Block], Outcome], queue: _Queue, flight: dict[Future[Outcome], Block], n: int
) -> bool:
    """Submit blocks until n are in flight or none is left; return whether the pool turned out to be broken."""
    while len(flight) < n and (block := queue.next()) is not None:
        try:
            flight[executor.submit(run, block)] = block
        except BrokenProcessPool:
            queue.again.append(block)
            return True
    return False


def _count_death(deaths: dict[Any, int], block: Block, error: Exception) -> None:
    """Note that a block's worker died; raise when it happened too often."""
    key = (block.key, block.seeds)
    deaths[key] = deaths.get(key, 0) + 1
    if deaths[key] > RETRIES:
        problem, method = block.cell.key
        raise HomotopyError(f"the workers that ran {method} on {problem} died {deaths[key]} times: {error}")
