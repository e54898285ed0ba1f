"""Run cases in a process of its own, which may crash: ``python -m fuzz.functions.worker SEED CASES LOG``.

Every case is written to the log before it begins and again with what became of it, so that whoever started the process
knows which one it died of. Memory is bounded, and a case that hangs where no signal is heard ends the process.
"""

import faulthandler
import json
import resource
import sys

import matplotlib as mpl
from fuzz.functions.cases import cases, outcome
from hypothesis import HealthCheck, Phase, given, seed, settings

GIBIBYTES = 3  # of memory beside what is there at the beginning
DEADLINE = 120  # seconds by the clock, behind which the process ends and says where it was


def _bounded():
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    limit = now + GIBIBYTES * 2**30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main(number, many, log):
    """Draw so many cases from this seed and write what becomes of them."""
    mpl.use("Agg")
    faulthandler.enable()
    _bounded()
    with open(log, "a") as file:

        def tell(**what):
            file.write(json.dumps(what) + "\n")
            file.flush()

        @seed(number)
        @settings(
            max_examples=many,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(cases())
        def drawn(case):
            tell(begun=case)
            faulthandler.dump_traceback_later(DEADLINE, exit=True)
            what, kind, where = outcome(case)
            faulthandler.cancel_dump_traceback_later()
            tell(case=case, what=what, kind=kind, where=where)

        drawn()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
