"""A plugin of pytest that tries mutants: the tests are collected once, and each mutant has a fork of this process.

``$TRIED`` names a file of JSON: ``mutants``, each with ``job``, ``path``, ``source`` and ``tests`` in their order;
``seconds`` by test; ``out``, a file to which a line of JSON is added for each mutant.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutation.planted import exchange

LEAST = 5.0  # seconds of processor time that every test may take
FACTOR = 10.0  # and this many times what it took with the original
WALL = 20.0  # a test that waits may wait so many times longer
AFTER = {"failed": None}


def pytest_runtest_logreport(report):
    """Keep the first part of a test that failed."""
    if report.failed and AFTER["failed"] is None:
        AFTER["failed"] = report.nodeid


def pytest_runtestloop(session):
    """Try the mutants, in place of running the tests."""
    given = json.loads(Path(os.environ["TRIED"]).read_text())
    items = {item.nodeid: item for item in session.items}
    for mutant in given["mutants"]:
        tests = [name for name in mutant["tests"] if name in items]
        began = time.monotonic()
        ending = _tried(mutant, [items[name] for name in tests], given["seconds"])
        ending.update(job=mutant["job"], tests=len(tests), took=time.monotonic() - began)
        with open(given["out"], "a") as file:
            file.write(json.dumps(ending) + "\n")
    return True


def _tried(mutant, items, seconds):
    if not items:
        return {"killed": False, "by": "no test runs it"}
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder, "said")
        child = os.fork()
        if child == 0:
            try:
                _child(mutant, items, seconds, said)
            finally:
                os._exit(3)
        _, status = os.waitpid(child, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        told = said.read_text().splitlines() if said.exists() else []
        code = os.waitstatus_to_exitcode(status)
        if code == 2:
            return _imported(mutant, items, seconds, folder)
        if code in (0, 3):
            return {"killed": False, "by": "all pass" if code == 0 else "could not be planted"}
        if code == 1:
            return {"killed": True, "by": told[-1]}
        how = {-signal.SIGPROF: "time", -signal.SIGALRM: "time (wall)"}.get(code, f"ended with {code}")
        return {"killed": True, "by": f"{how}: {told[-1] if told else 'before any test'}"}


def _child(mutant, items, seconds, said):
    os.setpgid(0, 0)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
    if not exchange(mutant["path"], mutant["source"]):
        os._exit(2)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    AFTER["failed"] = None
    for item, following in zip(items, [*items[1:], None], strict=True):
        with open(said, "a") as file:
            file.write(item.nodeid + "\n")
        allowed = max(LEAST, FACTOR * seconds[item.nodeid])
        signal.setitimer(signal.ITIMER_PROF, allowed)
        signal.setitimer(signal.ITIMER_REAL, WALL * allowed)
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if AFTER["failed"] is not None:
            os._exit(1)
    os._exit(0)


def _imported(mutant, items, seconds, folder):
    """Try a mutant of what a module does at import, in a new process."""
    planted = Path(folder, "planted")
    planted.write_text(json.dumps({"path": str(Path(mutant["path"]).resolve()), "source": mutant["source"]}))
    allowed = 60 + FACTOR * sum(seconds[item.nodeid] for item in items)
    names = Path(folder, "names")
    names.write_text("\n".join(item.nodeid for item in items))
    run = [sys.executable, "-m", "pytest", "-qx", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "", "--tb=no"]
    run += ["-p", "mutation.planted", "-r", "fE", f"@{names}"]
    environment = {name: value for name, value in os.environ.items() if name != "TRIED"} | {"PLANTED": str(planted)}
    try:
        done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=WALL * allowed)
    except subprocess.TimeoutExpired:
        return {"killed": True, "by": "time, planted at import", "fresh": True}
    lines = [*done.stderr.splitlines(), *done.stdout.splitlines()]
    told = [line for line in lines if line.startswith(("FAILED", "ERROR"))] or lines[-1:] or ["nothing was said"]
    killed = done.returncode not in (0, 5)  # 5: no test was found
    return {"killed": killed, "by": told[0] if killed else "all pass", "fresh": True}
