"""Who runs the blocks: threads, processes, a Dask cluster or MPI, all through the concurrent.futures interface."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from math import inf

from homotopy.arguments import integer, positive, shown
from homotopy.doors import doors
from homotopy.errors import ArgumentError
from homotopy.experiments.plan.plugins import extra
from homotopy.experiments.run import sending
from homotopy.experiments.run.blocks import Block, Outcome
from homotopy.experiments.run.machine import cores
from homotopy.experiments.run.workers import cluster
from homotopy.experiments.run.workers.processes import Processes
from homotopy.experiments.run.workers.threads import Threads, beside

__all__ = ["KINDS", "Workers"]

KINDS = ("threads", "processes", "dask", "mpi")
LONGEST = 1e9  # seconds that an alarm can wait for
RETRIES = 3  # times that a block is given to another worker after its own died


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
    run_timeout : float or None
        Seconds that a run may take by the clock on the wall; None: as long as it likes. A run that takes longer is
        recorded as failed, and no more of its cell are begun.

    Raises
    ------
    ArgumentError
        If the kind is unknown, n_jobs is below 1, an address is given to another kind than dask, or the time is not
        positive.

    Notes
    -----
    A run that ends its process (a crash, ``os._exit``, the kernel for want of memory) is recorded as failed by
    ``processes`` and ``dask``; among ``threads`` it ends them all, with this process, and what was finished is kept. A
    run that takes too long is ended with its process by ``processes``; with the others its thread is left alone: it
    ends at its next line of Python, and compiled code goes on in the background until it is through.
    """

    kind: str = "threads"
    n_jobs: int | None = None
    address: str = ""
    run_timeout: float | None = None
    _open: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ArgumentError(f"executor must be one of {', '.join(KINDS)}, not {shown(self.kind)}")
        if self.n_jobs is not None:
            self.n_jobs = integer("jobs", self.n_jobs)
        if self.address and self.kind != "dask":
            raise ArgumentError(f"an address goes with the executor dask, not with {self.kind}")
        if self.run_timeout is not None:
            self.run_timeout = positive("run_timeout", self.run_timeout, most=LONGEST)

    @property
    def count(self) -> int:
        """How many blocks run at the same time."""
        return self.n_jobs or cores()

    @property
    def flight(self) -> int:
        """How many blocks may be out: one waits for each worker, but none for a process, which may take it along."""
        return self.count if self.kind == "processes" else 2 * self.count

    @property
    def seconds(self) -> float:
        """Seconds that a run may take; infinite where nothing was said."""
        return inf if self.run_timeout is None else self.run_timeout

    def executor(self) -> Executor:
        """Return a new executor; `close` ends it.

        Raises
        ------
        MissingExtraError
            If the package that the kind needs is not installed.
        """
        if self.kind == "threads":
            return Threads(self.count, self.seconds)
        if self.kind == "processes":
            return Processes(self.count, self.seconds)
        if self.kind == "dask":
            try:
                client = cluster.client(self.address, self.count, self._open)
            except BaseException:
                self._open.close()
                raise
            if self.n_jobs is None:
                self.n_jobs = max(1, sum(client.nthreads().values()))
            return cluster.Cluster(client, retries=RETRIES)
        executor: Executor = extra("mpi4py.futures", "mpi", "the executor mpi").MPIPoolExecutor(self.n_jobs)
        return executor

    def call(self, run: Callable[[Block], Outcome], block: Block) -> Callable[[], Outcome | None]:
        """Return what a worker is to call for a block; it may give None where a run took too long.

        Raises
        ------
        ArgumentError
            If the problem or the method cannot be sent to another process.
        """
        if self.kind == "threads":
            return partial(run, block)
        sent = partial(sending.received, run, block.plugins, sending.packed(block, self.kind))
        return sent if self.kind == "processes" or self.run_timeout is None else partial(beside, self.seconds, sent)

    def close(self, executor: Executor, *, now: bool = False) -> None:
        """End the executor and what was started for it, after the blocks in flight, or `now`."""
        if now and isinstance(executor, (Threads, Processes)):
            executor.stop()
        elif self.kind == "dask":
            executor.shutdown(wait=False)
        else:
            executor.shutdown(wait=not now, cancel_futures=True)
        self._open.close()
