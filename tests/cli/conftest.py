"""Runs the command line in this process and gives back what it wrote and its exit code."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure

from homotopy.cli import main


@pytest.fixture
def drawn():
    """Asked for by tests that look at the files: the others get empty figures, which are fast."""
    return True


@pytest.fixture
def run(request, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr("homotopy.report.folder.page", lambda comparison: "<html></html>")
        for name in ("curves", "success"):
            monkeypatch.setattr(f"homotopy.report.figures.{name}", lambda comparison: Figure(figsize=(1, 1)))
        monkeypatch.setattr("homotopy.report.landscape.folder.page", lambda survey: "<html></html>")
        monkeypatch.setattr("homotopy.report.landscape.folder.figures", lambda survey: {})

    def call(*words):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return SimpleNamespace(code=ending.value.code, out=out, err=err)

    return call


@pytest.fixture
def table_file(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"{i},{(i * 7) % 11},{i * 0.5 + (i * 7) % 11}" for i in range(24)]
    path.write_text("a,b,y\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def heard(interruptible):
    """Processes that the tests start hear SIGHUP also where the tests themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
