"""Whether an installation works: what it computes is held to what is known, each check in a process of its own."""

from homotopy.selftest.found import CheckError
from homotopy.selftest.running import Outcome, describe, report, run, told

__all__ = ["CheckError", "Outcome", "describe", "report", "run", "told"]
