"""Ctrl-C, SIGTERM and SIGHUP on real processes: said once, twice, ten times, and what they leave behind."""

from __future__ import annotations

import signal
import subprocess

import pytest
from signalled import CALL, PATIENCE, SOON, Process


@pytest.fixture
def start(tmp_path, heard):
    started = []

    def call(how, *words):
        command = ["compare", "xor", "-m", f"waits:how={how}", "-m", "lbfgs", "--seeds", "400", "--budget", "100"]
        command += ["-j", "2", "-q", "--plugin", "waits.py", "-o", "out", *words]
        started.append(Process(tmp_path / f"p{len(started)}", *command))
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
