"""What every test shares: a headless plotting backend, a Ctrl-C that is heard, and the package's own names alone."""

import signal

import matplotlib as mpl
import pytest

from homotopy import homotopies, methods, problems

mpl.use("Agg")


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
