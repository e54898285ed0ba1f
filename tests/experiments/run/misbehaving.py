"""A plugin: methods that do at seed 3 what their names say, and are L-BFGS at all others."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from homotopy.methods import method
from homotopy.methods.base import Method
from homotopy.status import Budget, Counts


def deeper():
    return deeper() + 1


def nothing(problem):
    """Return a run that is one of nothing."""
    return method("lbfgs").solve(problem, rng=3, budget=9)


RAISE = {
    "value": ValueError("no value"),
    "exit": SystemExit(3),
    "interrupt": KeyboardInterrupt(),
    "stop": StopIteration(5),
    "generator": GeneratorExit(),
    "base": BaseException("of a kind of its own"),
    "late": TimeoutError("says the method itself"),
    "cancelled": __import__("asyncio").CancelledError(),
    "quiet": RuntimeError(),
    "lines": OSError("one line\nand another"),
}
RETURN = {
    "none": lambda found: None,
    "number": lambda found: float("nan"),
    "pair": lambda found: (found.x, found.value),
    "point": lambda found: found.x,
    "shape": lambda found: replace(found, x=found.x[:-1]),
    "matrix": lambda found: replace(found, x=found.x[None]),
    "text": lambda found: replace(found, x="abc"),
    "complex": lambda found: replace(found, x=found.x + 1j),
    "word": lambda found: replace(found, value="low"),
    "status": lambda found: replace(found, status="CONVERGED"),
    "counts": lambda found: replace(found, counts=Counts(grad=float("nan"))),
    "debt": lambda found: replace(found, counts=Counts(grad=-5)),
    "curve": lambda found: replace(found, curve=np.zeros(3)),
    "proud": lambda found: replace(found, success=True, value=float("nan")),
    "boundless": lambda found: replace(found, success=True, value=float("-inf")),
}
DIE = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "left": lambda: os._exit(0),
    "aborted": os.abort,
}


def asleep():
    while True:
        time.sleep(0.01)


def awake():
    while True:
        pass


def held():
    """Hold the lock of Python for longer than anybody waits."""
    __import__("re").match(r"(a+)+$", "a" * 60 + "b")


HANG = {"asleep": asleep, "awake": awake, "stubborn": lambda: stubborn(), "held": held}


def stubborn():
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            continue


class Misbehaves(Method):
    """See above."""

    reference = "none"

    def __init__(self, what: str = "value"):
        self.what, self.name = what, f"misbehaves:what={what}"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        real = Budget.of(budget).gradients > 8 and Budget.of(budget).seconds > 1
        found = method("lbfgs").solve(problem, rng=rng, budget=budget)
        if rng != 3 or not real:
            return found
        with Path(__file__).with_name(f"at_{self.what}").open("a") as tries:
            tries.write("x")
        if self.what in RAISE:
            raise RAISE[self.what]
        if self.what in RETURN:
            return RETURN[self.what](found)
        if self.what == "recursion":
            deeper()
        if self.what == "memory":
            np.ones(10**14)
        if self.what in DIE:
            DIE[self.what]()
        if self.what in HANG:
            HANG[self.what]()
        if self.what == "nan":
            return replace(found, value=float("nan"), success=False, x=np.full_like(found.x, np.nan))
        raise AssertionError("unknown")


METHODS = {"misbehaves": Misbehaves}
