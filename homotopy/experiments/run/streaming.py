"""The blocks of a comparison handed out to workers, and what they give back, whatever happens to them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from homotopy import interrupts
from homotopy.errors import HomotopyError, Interrupted
from homotopy.experiments.run import sending, stopping
from homotopy.experiments.run.blocks import Block, Outcome, failed, run_block
from homotopy.experiments.run.executors import RETRIES, Workers
from homotopy.experiments.run.queue import Queue
from homotopy.experiments.run.workers.cluster import same_code
from homotopy.experiments.run.workers.threads import Threads

__all__ = ["stream"]

TELLING = ("threads", "processes")  # whose futures say which blocks are being run
TICK = 0.1  # seconds between two looks at what was asked and at the clock
Run = Callable[[Block], Outcome]
Answer = Future[Outcome | None]  # None where a run took too long


def stream(work: list[Block], workers: Workers, *, run: Run = run_block) -> Generator[Outcome, None, None]:
    """Run the seeds of every cell and yield each block's Outcome as it ends, in no certain order.

    Parameters
    ----------
    work : list of Block
        One a cell, with all its seeds: they are cut into blocks by measured cost. A cell's first blocks, which tell
        what a run costs, are run again among others where they were short.
    workers : Workers
        Who runs.
    run : callable
        What a worker does with a block.

    Raises
    ------
    ArgumentError
        If a problem or a method cannot be sent to another process.
    HomotopyError
        If a worker has another version of the code, or the Dask scheduler is gone.
    KeyboardInterrupt
        If the comparison was asked to end (`stopping.ask`), once the blocks in flight were yielded; asked twice, at
        once.

    Notes
    -----
    At most two blocks a worker are in flight, so that memory does not grow with the number of runs.

    A block that fails is run again in parts, until it is one run: what raised an error, took too long, or ended its
    process four times. The Outcome of this run has the error, and no more of its cell are begun; all others that were
    finished are yielded. When the consumer stops early, blocks in flight are ended and dropped.
    """
    if workers.kind != "threads":
        sending.sendable(work, workers.kind)
    flight = _Flight(run, workers, Queue(work, workers.count, workers.seconds), workers.executor())
    through = False
    try:
        with stopping.heard(lambda: flight.runs) as stop:
            while not stop.asked:
                flight.fill()
                if not flight.out:
                    break
                yield from flight.ended()
            flight.cancel()
            while flight.out and stop.asked == 1:
                yield from flight.ended(fill=False)
            if stop.asked:
                yield from flight.ended(fill=False)  # what has ended by now
                raise KeyboardInterrupt
            through = True
    finally:
        workers.close(flight.executor, now=not through)


@dataclass
class _Flight:
    """The blocks in flight."""

    run: Run
    workers: Workers
    queue: Queue
    executor: Executor
    out: dict[Answer, tuple[Block, float]] = field(default_factory=dict)  # and since when, monotonic seconds
    deaths: Counter[Any] = field(default_factory=Counter)

    @property
    def runs(self) -> int:
        """How many runs are in the blocks that are being run; Dask does not tell which of its are."""
        known = self.workers.kind in TELLING
        out = list(self.out.items())  # while blocks are handed out
        return sum(len(block.seeds) for future, (block, _) in out if future.running() or not known)

    def fill(self) -> None:
        """Hand out blocks until enough are out or none is left."""
        while len(self.out) < self.workers.flight and (block := self.queue.next()) is not None:
            self.out[self.executor.submit(self.workers.call(self.run, block))] = block, time.monotonic()

    def cancel(self) -> None:
        """Take back what no worker has begun; Dask would take back what one has, too."""
        if self.workers.kind in TELLING:
            for future in [future for future in self.out if future.cancel()]:
                del self.out[future]

    def ended(self, *, fill: bool = True) -> list[Outcome]:
        """Wait a little and return the Outcomes of what ended; `fill` hands out others in its place first."""
        finished, _ = wait(self.out, timeout=TICK, return_when=FIRST_COMPLETED)
        if isinstance(self.executor, Threads):
            self.executor.overdue()
        outcomes = [found for future in finished if (found := self._outcome(future)) is not None]
        if fill:
            self.fill()
        return outcomes

    def _outcome(self, future: Answer) -> Outcome | None:
        """Return what came of a block: None where it is run once more."""
        block, since = self.out.pop(future)
        try:
            found = future.result()
        except Interrupted:
            if interrupts.requested():
                raise
            self.queue.again(block)
            return None
        except TimeoutError:
            found = None
        except HomotopyError as error:  # it could not be unpacked
            self.queue.give_up(block)
            return failed(block, str(error))
        except (Exception, asyncio.CancelledError) as error:
            gone = getattr(self.executor, "gone", "")
            if gone:
                raise HomotopyError(gone) from None
            late = isinstance(error, BrokenExecutor) and time.monotonic() - since >= self.workers.seconds
            return self._late(block) if late else self._died(block, error)
        if found is None:
            return self._late(block)
        outcome = replace(found, block=block)
        if self.workers.kind != "threads" and outcome.version:
            same_code({outcome.worker: outcome.version})
        self.queue.learn(outcome)
        if outcome.error:
            return self._failed(outcome)
        return None if self.queue.takes_back(outcome) else outcome

    def _failed(self, outcome: Outcome) -> Outcome | None:
        """Return a failure of one run; None where it is looked for in a block, or one of its cell is known."""
        if self.queue.gave_up(outcome.block) or self.queue.cut(outcome.block):
            return None
        self.queue.give_up(outcome.block)
        return outcome

    def _late(self, block: Block) -> Outcome | None:
        return self._failed(failed(block, f"timed out after {self.workers.seconds:g} s", self.workers.seconds))

    def _died(self, block: Block, error: BaseException) -> Outcome | None:
        """Note that a block's worker died: it is run again, until one run has ended its workers too often."""
        key = block.key, block.seeds
        self.deaths[key] += 1
        retries = RETRIES if self.workers.kind == "processes" else 0  # the others try again by themselves
        if len(block.seeds) == 1 and self.deaths[key] <= retries and not self.queue.gave_up(block):
            self.queue.again(block)
            return None
        often = f" {self.deaths[key]} times" if self.deaths[key] > 1 else ""
        return self._failed(failed(block, f"its worker died{often}: {' '.join(str(error).split())}"))
