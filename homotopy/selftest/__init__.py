"""Whether an installation works: what it computes against answers that are known, each check in a process of its own."""

from homotopy.selftest.found import Fault
from homotopy.selftest.running import Outcome, describe, report, run, told

__all__ = ["Fault", "Outcome", "describe", "report", "run", "told"]
