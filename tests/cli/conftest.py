"""Runs the command line in this process and gives back what it wrote and its exit code."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from homotopy.cli import main


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

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
