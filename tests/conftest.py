"""What every test shares: a headless plotting backend, and a Ctrl-C that is heard."""

import signal

import matplotlib as mpl
import pytest

mpl.use("Agg")


@pytest.fixture
def interruptible():
    """An interruption reaches this process and its children, also where the tests are a job in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
