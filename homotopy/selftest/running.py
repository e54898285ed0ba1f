"""Runs the checks, each in a process of its own, and makes a report of what they found."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homotopy._version import __version__
from homotopy.selftest.process import ANSWER, CHECKS, MACHINE, command

__all__ = ["Outcome", "describe", "report", "run", "told"]

LIMIT = 120.0  # seconds after which a check hangs: the longest takes a few
UNTOLD = ("machine",)  # facts that are no one else's business: the name of the machine
FOLDERS = re.compile(r"""(?:[A-Za-z]:)?(?:[\\/][^\\/\s'"():,]+)+(?=[\\/])""")


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Attributes
    ----------
    name : str
        Of the check.
    passed : bool
        Whether all was as it should be.
    seconds : float
        Wall-clock time, with the start of the process.
    note : str
        What was measured, or what is wrong, in a line.
    """

    name: str
    passed: bool
    seconds: float
    note: str


def describe() -> tuple[Outcome, dict[str, Any], list[str]]:
    """Return whether the package can be imported, the facts of the machine, and the instruction sets that it has.

    The facts are those of `homotopy.experiments.run.machine.describe` without the machine's name.
    """
    outcome, found = _checked("import", MACHINE)
    if not outcome.passed:
        return outcome, {"homotopy": __version__, "python": sys.version.split()[0]}, []
    facts = {name: value for name, value in found["facts"].items() if name not in UNTOLD}
    return outcome, facts, found["available"]


def run(available: Iterable[str]) -> Iterator[Outcome]:
    """Run every check in a process of its own, the kernels once with each instruction set, and yield what was found.

    Parameters
    ----------
    available : iterable of str
        The instruction sets.
    """
    for name in CHECKS:
        if name != "kernels":
            yield _checked(name, name)[0]
            continue
        for isa in available:
            yield _checked(f"kernels {isa}", name, isa, HOMOTOPY_ISA=isa)[0]


def _checked(shown: str, *words: str, **environment: str) -> tuple[Outcome, Any]:
    """Return what a process found, under the name that is shown, and what it answered."""
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            command(*words),
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT,
            check=False,
        )
        found = _answer(done)
    except subprocess.TimeoutExpired:
        found = {"failed": f"it hung and was stopped after {LIMIT:.0f} s"}
    except OSError as error:
        found = {"failed": f"no process could be started: {error.strerror}"}
    seconds = time.perf_counter() - begun
    note = found.get("failed", found.get("note"))
    return Outcome(shown, "failed" not in found, seconds, told(note) if isinstance(note, str) else ""), note


def _answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what a process answered, or how it ended where it did not."""
    _, mark, text = done.stdout.rpartition(ANSWER)
    if mark:
        found: dict[str, Any] = json.loads(text.partition("\n")[0])  # a library may have its last words behind it
        return found
    last = (done.stderr.strip().splitlines() or ["no word"])[-1]
    if done.returncode < 0:
        return {"failed": f"the process died by {signal.Signals(-done.returncode).name}"}
    return {"failed": f"the process ended with code {done.returncode}: {last}"}


def told(text: str) -> str:
    """Return a text without the folders of this machine: of a path its last part is left."""
    known = {Path.home(), Path.cwd(), Path(sys.prefix), Path(tempfile.gettempdir()), Path(__file__).parents[2]}
    for folder in sorted((str(path) for path in known), key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(folder, "...")
    return FOLDERS.sub("...", text)


def report(outcomes: Iterable[Outcome], facts: dict[str, Any]) -> dict[str, Any]:
    """Return everything as plain data: ``passed``, ``checks`` and ``facts``."""
    rows = [vars(outcome) for outcome in outcomes]
    return {"passed": all(row["passed"] for row in rows), "checks": rows, "facts": facts}
