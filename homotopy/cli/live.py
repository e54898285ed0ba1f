"""The progress of a comparison on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from homotopy.cli.console import err, quiet, say, seen

if TYPE_CHECKING:
    from homotopy.experiments import Progress

__all__ = ["Live"]

LINE_EVERY = 10.0  # seconds between two lines where stderr is no terminal


class Live:
    """Shows done of total, runs a second, time left and the method that leads; a context manager, and a callback.

    Parameters
    ----------
    total : int
        Runs in all.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._begin = self._last = time.perf_counter()
        self._first: int | None = None
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Live:
        if not quiet() and sys.stderr.isatty():
            columns = (BarColumn(28), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
            where = TextColumn("{task.description}", markup=False)
            self._bar = Bar(*columns, where, console=err(), transient=True)
            self._task = self._bar.add_task("starting", total=self._total, rate="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show how far it is."""
        now = time.perf_counter()
        if self._first is None:
            self._first = progress.done
        rate = (progress.done - self._first) / max(now - self._begin, 1e-9)
        where = f"{progress.cell[0]}: {progress.leader} leads" if progress.leader else progress.cell[0]
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task, completed=progress.done, description=seen(where, sys.stderr), rate=f"{rate:,.0f} runs/s"
            )
        elif now - self._last >= LINE_EVERY:
            self._last = now
            left = (progress.total - progress.done) / rate if rate else float("inf")
            say(f"{progress.done:,} of {progress.total:,} runs, {rate:,.0f} a second, {left:,.0f} s left; {where}")
