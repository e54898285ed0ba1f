"""The command line in this process, within bounds of time and memory; what it wrote and how it ended."""

from __future__ import annotations

import resource
import time
import traceback
import warnings
from types import SimpleNamespace

from matplotlib.figure import Figure

from homotopy.cli import main

MEMORY = 12 << 30  # bytes of addresses
SECONDS = 20.0  # of processor time of a case
PATIENCE = 300.0  # of its time by the clock on the wall, on a machine that others use


def runner(folder, monkeypatch, capsys):
    """Return a function that runs words in a folder, with empty pictures, which are fast."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("homotopy.report.folder.page", lambda comparison: "<html></html>")
    for name in ("curves", "success"):
        monkeypatch.setattr(f"homotopy.report.figures.{name}", lambda comparison: Figure(figsize=(1, 1)))
    monkeypatch.setattr("homotopy.report.landscape.folder.page", lambda survey: "<html></html>")
    monkeypatch.setattr("homotopy.report.landscape.folder.figures", lambda survey: {})
    monkeypatch.setattr("homotopy.cli.track.plot_path", lambda *a, **k: None, raising=False)

    def run(words):
        capsys.readouterr()
        begin, busy, code, error = time.perf_counter(), time.process_time(), None, None
        _, hard = before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # as the command does in a process of its own
                main(words)
        except SystemExit as ending:
            code = ending.code
        except BaseException as raised:
            error = raised
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
        out, err = capsys.readouterr()
        seconds = time.process_time() - busy
        return SimpleNamespace(
            code=code, error=error, out=out, err=err, seconds=seconds, wall=time.perf_counter() - begin
        )

    return run


def refused_or_run(run, words):
    """Run words and return "result", "failed" or "refused"; a traceback, a silence or a long time is a finding."""
    found = run(words)
    if found.error is not None:
        raise AssertionError(f"{words}\n" + "".join(traceback.format_exception(found.error, limit=-8)))
    told = f"{words} ended with {found.code!r}: {found.err[-600:]}"
    assert found.code in (0, 1, 2), told
    assert found.seconds < SECONDS, f"{words} took {found.seconds:.0f} s"
    assert found.wall < PATIENCE, f"{words} took {found.wall:.0f} s"
    assert "Traceback" not in found.err, told
    if found.code:
        lines = found.err.strip().splitlines()
        assert lines or found.code == 1, told
    if found.code == 2:
        errors = [line for line in lines if line.startswith("homotopy: error: ")]
        assert len(errors) == 1, told
        assert errors[0] == lines[-1], told
        assert len(errors[0]) < 3000, told
    return ("result", "failed", "refused")[found.code]
