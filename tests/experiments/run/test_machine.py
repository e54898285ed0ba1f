"""What a result depends on besides its settings."""

from __future__ import annotations

import json
import re

from homotopy.experiments import Store, Workers, compare
from homotopy.experiments.run import machine
from homotopy.experiments.run.machine import code_version, describe, kernels, names
from homotopy.threads import blas_threads, set_blas_threads


def test_the_description_is_plain_and_complete():
    data = describe()
    assert json.loads(json.dumps(data)) == data
    for name in ("homotopy", "commit", "python", "numpy", "scipy", "cpu", "cores", "instruction_set", "blas"):
        assert name in data
    assert data["cores"] >= 1


def test_the_version_names_the_code():
    assert re.fullmatch(r"\d+\.\d+\.\d+\w*\+[0-9a-f]{8}", code_version())
    assert code_version() == code_version()


def test_a_comparison_runs_on_one_thread_of_blas_says_so_and_gives_the_others_back(bowl, walk):
    set_blas_threads(2)
    store = Store()
    compare(bowl, walk("a"), seeds=2, budget=10, store=store, workers=Workers(n_jobs=1))
    assert set(store.sessions()[-1]["machine"]["blas_threads"].values()) == {1}
    assert set(blas_threads().values()) == {2}
    set_blas_threads(1)


def test_a_change_in_any_room_changes_the_version(tmp_path, monkeypatch):
    assert all((machine.PACKAGE / folder).is_dir() for folder in machine.NUMERICS)
    package = tmp_path / "homotopy"
    room = package / "methods" / "batch"
    room.mkdir(parents=True)
    monkeypatch.setattr(machine, "PACKAGE", package)
    (room / "a.py").write_text("x = 1\n")
    versions = [code_version.__wrapped__()]
    (room / "a.py").write_text("x = 2\n")
    versions.append(code_version.__wrapped__())
    monkeypatch.setattr(machine.vmath, "sources", lambda: "0123456789abcdef")
    versions.append(code_version.__wrapped__())
    (room / "a.py").write_text("x = 2\r\n")  # which tells systems apart, not code
    versions.append(code_version.__wrapped__())
    assert versions[-1] == versions[-2]
    (package / "report").mkdir()
    (package / "report" / "c.py").write_text("z = 3\n")
    assert code_version.__wrapped__() == versions[-1]
    assert len(set(versions)) == 3


def test_kernels_that_are_older_than_their_sources_say_so(tmp_path, monkeypatch):
    if (machine.PACKAGE.parent / "ext").is_dir():
        assert kernels() == machine.vmath.sources() == describe()["kernels"]  # what setup.py counted is counted here
    monkeypatch.setattr(machine, "PACKAGE", tmp_path / "homotopy")
    assert kernels() == machine.vmath.sources()
    (tmp_path / "ext" / "net").mkdir(parents=True)
    (tmp_path / "ext" / "net" / "b.h").write_text("int y;\n")
    assert kernels() == machine.vmath.sources() + machine.STALE


def test_machines_are_called_by_their_processors():
    told = [
        "AMD EPYC 9B14",
        "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz",
        "AMD Ryzen 9 7950X 16-Core Processor",
        "Apple M2",
        "",
        "AMD EPYC 9B14",
    ]
    want = "AMD EPYC 9B14 and Intel Core i7-8650U and AMD Ryzen 9 7950X and Apple M2 and an unknown machine"
    assert names({"cpu": cpu} for cpu in told) == want
    assert names([{"cpu": None}]) == names([]) == "an unknown machine"
    assert names([describe()])
