"""The processes of the checks: what they run, and how they answer."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from typing import Any

from homotopy.selftest.found import CheckError

__all__ = ["ANSWER", "CHECKS", "MACHINE", "answer", "command"]

ANSWER = "homotopy-selftest:"  # what the line of an answer begins with
MACHINE = "machine"  # the check that tells of the machine
CHECKS = {
    "kernels": "kernels:kernels",
    "derivatives": "paths:derivatives",
    "fold": "paths:fold",
    "crossing": "paths:crossing",
    "escape": "training:escape",
    "recurrent": "training:memory",
    "store": "keeping:store",
    "threads": "keeping:threads",
}
"""Every check, and the function that is it; the kernels are checked with each instruction set."""
OTHERS = {"begin": "keeping:begin", MACHINE: "process:machine"}
CODE = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from homotopy.selftest.process import answer; answer()"


def command(name: str, *words: str) -> list[str]:
    """Return the words that start a process of a check, which finds the modules that this process finds."""
    return [sys.executable, "-c", CODE, json.dumps(sys.path), name, *words]


def machine() -> dict[str, Any]:
    """Return the facts of the machine and the instruction sets that it has (`facts` and `available`)."""
    from homotopy._core import vmath
    from homotopy.experiments.run.machine import describe
    from homotopy.threads import set_blas_threads

    set_blas_threads(1)  # as every worker of a comparison does
    return {"facts": describe(), "available": vmath.available()}


def answer() -> None:
    """Run what the process was started for, and write a line of JSON: what was found, or what is wrong."""
    name, *words = sys.argv[2:]
    try:
        module, _, function = (CHECKS | OTHERS)[name].partition(":")
        found = {"note": getattr(importlib.import_module(f"homotopy.selftest.{module}"), function)(*words)}
    except Exception as error:  # whatever it is, it is what the check found
        found = {"failed": _sentence(error)}
    print(f"\n{ANSWER}{json.dumps(found)}", flush=True)


def _sentence(error: Exception) -> str:
    """Return an error in a line; of one that no check expects its kind and where it was raised too."""
    if isinstance(error, CheckError):
        return str(error)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    where = frames[-1].f_globals.get("__name__", "unknown"), frames[-1].f_lineno
    return " ".join(f"{type(error).__name__} in {where[0]}, line {where[1]}: {error}".split())
