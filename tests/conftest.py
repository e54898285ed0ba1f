"""What every test shares: a headless plotting backend, a Ctrl-C that is heard, and the package's own names alone."""

import os
import signal

import matplotlib as mpl
import pytest

from homotopy import homotopies, methods, problems

mpl.use("Agg")


def pytest_addoption(parser):
    """How much `python -m pytest -m fuzz` does; the environment's HOMOTOPY_FUZZ_CASES and the like say it too."""
    group = parser.getgroup("fuzz")
    for name, default, says in (
        ("cases", 300, "cases in all; every test has its share of them"),
        ("seed", 0, "the seed of what is drawn"),
    ):
        given = int(os.environ.get(f"HOMOTOPY_FUZZ_{name.upper()}", default))
        group.addoption(f"--fuzz-{name}", type=int, default=given, help=f"{says} (default {default})")
    log = os.environ.get("HOMOTOPY_FUZZ_LOG")
    group.addoption("--fuzz-log", default=log, help="a file to which every case adds a line of JSON")


@pytest.fixture
def interruptible():
    """An interruption reaches this process and its children, also where the tests are a job in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def own_names():
    """Names that a test's plugins add are gone behind it, whichever test comes next."""
    tables = [floor.BY_NAME for floor in (problems, methods, homotopies)]
    before = [dict(table) for table in tables]
    yield
    for table, names in zip(tables, before, strict=True):
        for name in table.keys() - names.keys():
            del table[name]
