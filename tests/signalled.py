"""Commands as processes that are sent signals, with a plugin whose method takes its time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from homotopy.experiments import Comparison, Store

CALL = [sys.executable, "-c", "from homotopy.cli import main; main()"]
PATIENCE = 120  # seconds that a process may take on a busy machine
SOON = 30  # seconds in which one that ends at once has ended, wherever
PLUGIN = '''
"""Methods that take their time in several ways, once they have said that they began."""
import time
from pathlib import Path

from homotopy.methods import method
from homotopy.methods.base import Method
from homotopy.status import Budget


class Waits(Method):
    """Does what its name says; `slow` takes a while, the others for ever."""

    reference = "none"

    def __init__(self, how: str = "slow", step_size: float = 1.0):
        self.how, self.name = how, f"waits:how={how}"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        if Budget.of(budget).gradients > 8 and Budget.of(budget).seconds > 1:
            Path(__file__).with_name("began").touch()
            if self.how == "slow":
                time.sleep(0.3)
            while self.how == "sleeps":
                time.sleep(0.01)
            while self.how == "spins":
                pass
            while self.how == "catches":
                try:
                    time.sleep(0.01)
                except Exception:
                    pass
            if self.how == "compiled":
                method("gd:step_size=1e-12,steps=1000000000000").solve(problem, rng=rng, budget=1e13)
            if self.how == "holds":
                __import__("re").match(r"(a+)+$", "a" * 60 + "b")
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"waits": Waits}
'''


class Process:
    """A command that runs in a group of its own, beside the plugin `waits.py`; its stderr, and what it started."""

    def __init__(self, folder: Path, *words: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        (folder / "waits.py").write_text(PLUGIN)
        self.err = folder / "err"
        with self.err.open("w") as err:
            self.process = subprocess.Popen(
                CALL + list(words), cwd=folder, stdout=subprocess.DEVNULL, stderr=err, start_new_session=True
            )

    def began(self, when: Callable[[Process], object] = lambda one: (one.folder / "began").exists()) -> Process:
        """Wait until it has begun, which its plugin says, or what `when` asks of it."""
        end = time.monotonic() + PATIENCE
        while not when(self):
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        return self

    def told(self, number: signal.Signals, times: int = 1) -> Process:
        """Send a signal, and once it was answered the others: two that come together are one."""
        self.process.send_signal(number)
        end = time.monotonic() + SOON
        while times > 1 and not self.err.read_text() and time.monotonic() < end:
            time.sleep(0.01)
        for _ in range(times - 1):
            self.process.send_signal(number)
            time.sleep(0.05)
        return self

    def told_all(self, number: signal.Signals) -> Process:
        """Send a signal to all processes of the command, as a terminal does."""
        os.killpg(self.process.pid, number)
        return self

    def ended(self, within: float = PATIENCE) -> tuple[int, str]:
        try:
            self.process.wait(timeout=within)
        finally:
            self.process.kill()
        return self.process.returncode, self.err.read_text()

    def kept(self) -> int:
        with Store(self.folder / "out" / "runs.sqlite", create=False) as store:
            return len(Comparison.load(store).table()) if store.cells() else 0

    def childless(self) -> bool:
        """Whether all that it started is gone within some seconds, the helpers of multiprocessing too."""
        _, alive = psutil.wait_procs(self.children, timeout=SOON)
        return not [process.pid for process in alive]
