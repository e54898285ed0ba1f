"""A Dask cluster: one that is there, or a local one that is started."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from typing import Any

from homotopy.errors import ArgumentError, HomotopyError
from homotopy.experiments.plan.plugins import extra
from homotopy.experiments.run.machine import code_version
from homotopy.experiments.run.workers.processes import shielded

__all__ = ["Cluster", "client", "same_code"]

ANSWER = 20.0  # seconds that a scheduler has to answer
LOGS = ("distributed", "distributed.client", "tornado.application")  # with tracebacks; we have a sentence
PATIENCE = {"distributed.comm.timeouts.connect": "120s"}  # local workers take their time to start on a busy machine


def client(address: str, n: int, stack: ExitStack) -> Any:
    """Return the client of the scheduler at an address, or of a new local cluster of n workers.

    Whatever is opened is closed by the stack.

    Raises
    ------
    ArgumentError
        If no scheduler answers there, or a worker has not the code of this process.
    MissingExtraError
        If Dask is not installed.
    """
    distributed = extra("distributed", "dask", "the executor dask")
    for name in LOGS:
        log = logging.getLogger(name)
        stack.callback(log.setLevel, log.level)
        log.setLevel(logging.CRITICAL)
    if not address:
        return _local(distributed, n, stack)
    try:
        found = distributed.Client(address, timeout=ANSWER)
    except (OSError, ValueError) as error:
        raise ArgumentError(f"no Dask scheduler answers at {address!r}: {error}") from None
    stack.callback(found.close)
    same_code(found.run(code_version, on_error="return"))
    return found


def _local(distributed: Any, n: int, stack: ExitStack) -> Any:
    stack.enter_context(extra("dask", "dask", "the executor dask").config.set(PATIENCE))
    # Dask would limit a worker to a core's share of the memory: with many cores, less than Python takes. And
    # without a dashboard its server still wants port 8787 and warns when another cluster on the machine has it.
    # What its workers log is of no use to whom the Outcomes tell what failed, least of all when they are ended.
    cluster = distributed.LocalCluster.__new__(distributed.LocalCluster)
    try:
        with shielded(terminable=True):
            cluster.__init__(
                n_workers=n,
                threads_per_worker=1,
                memory_limit=None,
                silence_logs=logging.CRITICAL,
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
            )
    except BaseException:
        cluster.shutdown_on_close = False  # Dask would close it at exit, and cannot; its workers end with this process
        raise
    stack.callback(cluster.close)
    found = distributed.Client(cluster)
    stack.callback(found.close)
    return found


def same_code(answers: Mapping[str, Any]) -> None:
    """See that workers have the code of this process.

    Parameters
    ----------
    answers : mapping
        From each worker's address to its `code_version`, or to the exception that it met in place of it.

    Raises
    ------
    HomotopyError
        If one has another version or none.
    """
    mine = code_version()
    for worker, version in answers.items():
        if isinstance(version, BaseException):
            raise HomotopyError(f"the worker {worker} cannot run homotopy {mine}: {type(version).__name__}: {version}")
        if version != mine:
            raise HomotopyError(
                f"the worker {worker} has homotopy {version} and this process {mine}: runs of two versions are not "
                "mixed; install the same on all workers"
            )


class Cluster(Executor):
    """The executor of a client, which gives a call to another worker so often after its own died."""

    def __init__(self, client: Any, *, retries: int) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False, retries=retries)
        self._address = client.scheduler.address

    @property
    def gone(self) -> str:
        """What there is to say where the scheduler does not answer any more; empty where it does."""
        if self._client.status == "running":
            return ""
        return f"the Dask scheduler at {self._address} does not answer any more"

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Return the future of a call."""
        future: Future[Any] = self._executor.submit(function, *arguments, **named)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Drop the calls that are not through."""
        del wait, cancel_futures
        if not self.gone:
            self._executor.shutdown(wait=False)
