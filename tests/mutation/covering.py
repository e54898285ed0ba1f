"""A plugin of pytest: which test runs which line, and how long each test takes.

``coverage run -m pytest -p mutation.covering`` names the context of each line after the test (``coverage run`` must
measure; the data are coverage.py's own), and adds a line to the file ``$COVERING`` for each test: its name, the seconds
of processor time that it took, and how it ended.
"""

import json
import os
import time

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """Name the context after the test for as long as the test runs."""
    from coverage import Coverage

    measured = Coverage.current()
    if measured is not None:
        measured.switch_context(item.nodeid)
    before = time.process_time()
    try:
        return (yield)
    finally:
        item.stash[SECONDS] = time.process_time() - before
        if measured is not None:
            measured.switch_context("")
        path = os.environ.get("COVERING")
        if path:
            with open(path, "a") as file:
                file.write(json.dumps([item.nodeid, item.stash[SECONDS], item.stash.get(FAILED, False)]) + "\n")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep whether any part of the test failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


SECONDS = pytest.StashKey[float]()
FAILED = pytest.StashKey[bool]()
