"""On a terminal there is a bar and color; NO_COLOR, --quiet and pipes are honored."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys

import pytest

from homotopy.cli import console
from homotopy.cli.live import Live
from homotopy.experiments import Progress

CALL = [sys.executable, "-c", "import sys; from homotopy.cli import main; main(sys.argv[1:])"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")

    def install():
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return install  # to be called in the test: its phase has streams of its own


def progress(done):
    return Progress(done=done, total=40, cell=("xor", "gd"), leader="lbfgs")


def test_a_terminal_gets_a_bar_with_rate_and_leader(terminal):
    stream = terminal()
    with Live(40) as live:
        live(progress(10))
        live(progress(40))
    shown = stream.getvalue()
    assert "40/40" in shown
    assert "runs/s" in shown
    assert "xor: lbfgs leads" in shown
    assert "\x1b[" in shown


def test_no_color_means_none(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = terminal()
    console.table(("a", "b"), [("1", "2")], bold=0)
    assert "\x1b[3" not in stream.getvalue()
    assert "1" in stream.getvalue()


def test_elsewhere_there_is_a_line_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr("homotopy.cli.live.LINE_EVERY", 0.0)
    with Live(40) as live:
        live(progress(10))
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "10 of 40 runs" in err
    assert "\x1b" not in err


def test_names_with_brackets_are_shown_as_they_are(capsys):
    console.table(("name",), [("[bold]x[/bold]",)])
    console.say("[red]no color")
    out, err = capsys.readouterr()
    assert "[bold]x[/bold]" in out
    assert "[red]no color" in err


def test_a_real_terminal(tmp_path):
    leader, follower = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")} | {"TERM": "xterm-256color"}
    words = ["list", "homotopies"]
    with subprocess.Popen(CALL + words, stdout=follower, stderr=follower, cwd=tmp_path, env=env) as process:
        os.close(follower)
        shown = b""
        while select.select([leader], [], [], 300)[0]:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        assert process.wait(timeout=300) == 0
    os.close(leader)
    assert b"linearized" in shown
    assert b"\x1b[" in shown


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)])
def test_streams_that_the_caller_closed_lead_nowhere(closed, tmp_path):
    without = ["sh", "-c", f'exec "$@" {" ".join(f"{number}>&-" for number in closed)}', "sh"]
    words = ["export", "there", "--csv", "-"]  # which is told on stderr, if that is there
    got = subprocess.run([*without, *CALL, *words], cwd=tmp_path, stderr=subprocess.PIPE, check=False)
    assert got.returncode == 2
    assert got.stderr == (b"homotopy: error: there is no store there\n" if closed == (1,) else b"")
    assert list(tmp_path.iterdir()) == []
