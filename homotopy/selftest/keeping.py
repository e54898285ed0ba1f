"""Comparisons that are killed and gone on with, stores that are damaged, and threads that change nothing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from homotopy.descent import descend
from homotopy.errors import DataError
from homotopy.experiments import Comparison, Progress, Store, Workers, compare
from homotopy.problems import problem
from homotopy.selftest.found import CheckError, hold
from homotopy.selftest.process import command
from homotopy.threads import blas_threads, one_blas_thread

__all__ = ["begin", "store", "threads"]

WAIT = 60  # seconds that the process that is killed may take


def _compared(path: Path | None, *, progress: Callable[[Progress], None] | None = None, n_jobs: int = 1) -> Comparison:
    workers = Workers(n_jobs=n_jobs)
    methods = ["gd", "lbfgs", "skip"]
    return compare("teacher:k=6", methods, seeds=24, budget=400, store=path, workers=workers, progress=progress)


def _contents(comparison: Comparison) -> Any:
    """Return everything that must be equal, bit for bit: seeds, final points and curves."""
    return [
        (method, seed, x.tobytes(), curve.tobytes())
        for method in comparison.methods
        for seed, x, curve in comparison.payload(comparison.problems[0], method)
    ]


def begin(path: str) -> None:
    """Begin the comparison in a store, say so on stdout when it has a block, and wait to be killed."""

    def wait(state: Progress) -> None:
        print(state.done, flush=True)
        sys.stdin.read()

    _compared(Path(path), progress=wait)


def store() -> str:
    """Kill a process that writes a store, go on with it, and damage it.

    Returns
    -------
    str
        What was there.

    Raises
    ------
    CheckError
        If a finished run is lost, the whole differs from a comparison that was never killed, or a flipped bit is not
        seen.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.sqlite"
        _killed(path)
        with Store(path, create=False) as kept:
            n = sum(cell[-1] for cell in kept.cells())
        whole = _compared(None)
        hold(0 < n < 3 * len(whole.seeds), f"the killed process left {n} runs")
        resumed = _compared(path)
        hold(_contents(resumed) == _contents(whole), "the runs differ from those of a comparison that was not killed")
        resumed.store.close()
        with Store(path, readonly=True) as kept:
            hold(_contents(Comparison.load(kept)) == _contents(whole), "the store holds other runs than were written")
            block = bytes(kept.query("SELECT x FROM blocks").fetchone()[0])
        _flipped(path, block[:48])
        try:
            Store(path).close()
        except DataError:
            return f"{n} runs kept when killed, {3 * len(whole.seeds)} in the end, a flipped bit seen"
    raise CheckError("a store in which one bit was flipped is written on as if nothing were")


def _flipped(path: Path, piece: bytes) -> None:
    """Flip a bit in the middle of a piece of a file."""
    data = bytearray(path.read_bytes())
    at = data.find(piece)
    hold(at > 0, "the store has no final points in it")
    data[at + len(piece) // 2] ^= 16
    path.write_bytes(data)


def _killed(path: Path) -> None:
    words = command("begin", str(path))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
        finally:
            process.kill()
            process.communicate(timeout=WAIT)
    hold(line.strip().isdigit(), "the process that was to be killed ended by itself")


def threads() -> str:
    """Hold BLAS at one thread, and run the same comparison and the same descents with one thread and with two.

    Returns
    -------
    str
        What was compared.

    Raises
    ------
    CheckError
        If BLAS keeps more threads, or a bit differs.
    """
    openblas = "openblas" in np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    with one_blas_thread:
        counts = blas_threads()
    hold(counts or not openblas, "threadpoolctl does not know the OpenBLAS that is loaded, which keeps all its threads")
    hold(set(counts.values()) <= {1}, f"BLAS cannot be held at one thread: {counts}")
    one, two = (_compared(None, n_jobs=n_jobs) for n_jobs in (1, 2))
    hold(_contents(one) == _contents(two), "the runs of a comparison differ between one thread and two")
    objective = problem("xor").objective
    starts = np.random.default_rng(23).standard_normal((200, objective.size))
    for rule in ("gd", "lbfgs"):
        alone, shared = (descend(objective, starts, rule=rule, n_steps=200, n_jobs=n_jobs).x for n_jobs in (1, 2))
        hold(np.array_equal(alone, shared), f"descents by {rule} differ between one thread and two")
    return f"{3 * len(one.seeds)} runs and {2 * len(starts)} descents, bit for bit"
