"""Ctrl-C, SIGTERM and SIGHUP on real processes: said once, twice, ten times, and what they leave behind."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from homotopy.experiments import Comparison, Store

CALL = [sys.executable, "-c", "from homotopy.cli import main; main()"]
PATIENCE = 120  # seconds that a process may take on a busy machine
SOON = 30  # seconds in which one that ends at once has ended, wherever
PLUGIN = '''
"""Methods that take their time in several ways, once they have said that they began."""
import time
from pathlib import Path

from homotopy.methods import method
from homotopy.methods.base import Method
from homotopy.status import Budget


class Waits(Method):
    """Does what its name says; `slow` takes a while, the others for ever."""

    reference = "none"

    def __init__(self, how: str = "slow"):
        self.how, self.name = how, f"waits:how={how}"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        if Budget.of(budget).gradients > 8 and Budget.of(budget).seconds > 1:
            Path(__file__).with_name("began").touch()
            if self.how == "slow":
                time.sleep(0.3)
            while self.how == "sleeps":
                time.sleep(0.01)
            while self.how == "spins":
                pass
            while self.how == "catches":
                try:
                    time.sleep(0.01)
                except Exception:
                    pass
            if self.how == "compiled":
                method("gd:step_size=1e-12,steps=1000000000000").solve(problem, rng=rng, budget=1e13)
            if self.how == "holds":
                __import__("re").match(r"(a+)+$", "a" * 60 + "b")
        return method("lbfgs").solve(problem, rng=rng, budget=budget)


METHODS = {"waits": Waits}
'''


@pytest.fixture(autouse=True)
def _heard():
    """Let processes hear SIGHUP also where the tests themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


class Process:
    """A command that runs, its stderr, and the processes that it started."""

    def __init__(self, folder: Path, how: str, *words: str) -> None:
        folder.mkdir()
        self.folder, self.plugin = folder, folder / "waits.py"
        self.plugin.write_text(PLUGIN)
        command = ["compare", "xor", "-m", f"waits:how={how}", "-m", "lbfgs", "--seeds", "400", "--budget", "100"]
        command += ["-j", "2", "-q", "--plugin", "waits.py", "-o", "out", *words]
        self.err = folder / "err"
        with self.err.open("w") as err:
            self.process = subprocess.Popen(CALL + command, cwd=folder, stdout=subprocess.DEVNULL, stderr=err)

    def began(self) -> Process:
        end = time.monotonic() + PATIENCE
        while not (self.folder / "began").exists():
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        return self

    def told(self, number: signal.Signals, times: int = 1) -> Process:
        """Send a signal, and once it was answered the others: two that come together are one."""
        self.process.send_signal(number)
        end = time.monotonic() + SOON
        while times > 1 and not self.err.read_text() and time.monotonic() < end:
            time.sleep(0.01)
        for _ in range(times - 1):
            self.process.send_signal(number)
            time.sleep(0.05)
        return self

    def ended(self, within: float = PATIENCE) -> tuple[int, str]:
        try:
            self.process.wait(timeout=within)
        finally:
            self.process.kill()
        return self.process.returncode, self.err.read_text()

    def kept(self) -> int:
        with Store(self.folder / "out" / "runs.sqlite", create=False) as store:
            return len(Comparison.load(store).table()) if store.cells() else 0

    def childless(self) -> bool:
        """Whether all that it started is gone within some seconds, the helpers of multiprocessing too."""
        _, alive = psutil.wait_procs(self.children, timeout=SOON)
        return not [process.pid for process in alive]


@pytest.fixture
def start(tmp_path, interruptible):
    started = []

    def call(how, *words):
        started.append(Process(tmp_path / f"p{len(started)}", how, *words))
        return started[-1]

    yield call
    for one in started:
        one.process.kill()
        one.process.wait()


HINT = "homotopy: interrupted; every finished run is kept, go on with: homotopy resume out --plugin waits.py\n"


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_the_first_interruption_finishes_the_runs_in_flight_and_keeps_them(start, kind):
    one = start("slow", "--executor", kind).began().told(signal.SIGINT)
    code, err = one.ended()
    assert code == 1
    first, hint = err.split("\n", 1)
    n = int(first.removeprefix("finishing ").split()[0])
    assert first == f"finishing {n} run{'' if n == 1 else 's'}, again to stop"
    assert 0 < n <= 8
    assert hint == HINT
    assert n <= one.kept() <= 400
    assert one.childless()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "times"), [("sleeps", 2), ("spins", 10), ("catches", 3), ("compiled", 2), ("holds", 2)]
)
def test_the_second_one_ends_at_once_whatever_runs_do_and_a_tenth_changes_nothing(start, how, times):
    kind = "processes" if how == "holds" else "threads"
    one = start(how, "--executor", kind).began().told(signal.SIGINT, times)
    code, err = one.ended(SOON)
    assert code == 1
    lines = err.splitlines(keepends=True)
    assert lines[0].startswith("finishing ")
    assert lines[1:] == [HINT]
    assert one.childless()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["threads", pytest.param("processes", marks=pytest.mark.long)])
def test_a_signal_to_end_is_heard_like_an_interruption(start, kind):
    both = [(start("slow", "--executor", kind), signal.SIGTERM), (start("sleeps", "--executor", kind), signal.SIGHUP)]
    for one, _ in both:
        one.began()
    for one, number in both:
        one.told(number)
    for one, _ in both:
        code, err = one.ended()
        assert code == 1
        first, hint = err.split("\n", 1)
        assert first.endswith("for at most 5 s, again to stop")
        assert hint == HINT
        assert one.childless()
    assert both[0][0].kept() > 0


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed_whatever_they_do(start):
    several = [start(how, "--executor", "processes") for how in ("slow", "sleeps", "spins", "holds")]
    for one in several:
        one.began()
    for one in several:
        assert len(one.children) >= 4  # two workers, their server, and the one that clears up
        one.process.kill()
    for one in several:
        assert one.ended() == (-signal.SIGKILL, "")
        assert one.childless()


@pytest.mark.slow
def test_an_ignored_signal_stays_ignored(start, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        one = start("slow", "--run-timeout", "0.1").began()
    finally:
        signal.signal(signal.SIGHUP, before)
    code, err = one.told(signal.SIGHUP).ended()
    assert code == 1
    assert "timed out after 0.1 s" in err
    assert "finishing" not in err


@pytest.mark.slow
def test_what_was_kept_is_gone_on_with(start):
    one = start("slow").began().told(signal.SIGINT)
    one.ended()
    before = one.kept()
    text = (one.folder / "waits.py").read_text().replace("time.sleep(0.3)", "pass")
    (one.folder / "waits.py").write_text(text)
    words = ["resume", "out", "--plugin", "waits.py", "-q"]
    done = subprocess.run(CALL + words, cwd=one.folder, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert 0 < before < one.kept() == 800


@pytest.mark.slow
def test_dask_is_ended_with_the_command(start):
    pytest.importorskip("distributed")
    one, two, three = (start(how, "--executor", "dask") for how in ("slow", "sleeps", "sleeps"))
    for each in (one, two, three):
        each.began()
    one.told(signal.SIGINT)
    two.told(signal.SIGINT, 2)
    three.process.kill()
    for each, code in ((one, 1), (two, 1), (three, -signal.SIGKILL)):
        found, err = each.ended()
        assert found == code
        assert err.endswith(HINT if code == 1 else "")
        assert "Traceback" not in err
        assert each.childless()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "begun"),
    [
        (["solve", "xor", "-m", "gd:step_size=1e-12,steps=1000000000000", "--budget", "1e13"], None),
        (["tune", "xor", "waits:how=sleeps", "-p", "step_size=0.1..1", "--plugin", "waits.py", "-q"], "began"),
    ],
)
def test_other_commands_end_without_a_traceback(tmp_path, interruptible, words, begun):
    (tmp_path / "waits.py").write_text(PLUGIN.replace('how: str = "slow"', 'how: str = "slow", step_size: float = 1.0'))
    process = subprocess.Popen(CALL + words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + PATIENCE
    while begun and not (tmp_path / begun).exists() and time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    if not begun:
        while psutil.Process(process.pid).cpu_times().user < 4:  # imports are over, it descends
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SOON)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("homotopy: interrupted")
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
