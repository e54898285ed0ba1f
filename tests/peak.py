"""The memory that a program has held."""

import resource
import sys
from pathlib import Path


def peak():
    """The most memory this program has held, in KiB.

    `ru_maxrss` alone is no answer on Linux: a program begins with the peak of the process that started it, so a child
    of a long test run has that run's. `VmHWM` belongs to the program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


def program(text):
    """A command for a process of its own that runs this text, which may use `peak`."""
    return [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n{text}"]
