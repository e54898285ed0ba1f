"""Commands that only read work where nothing can be written, and lose nothing that a killed run left in the log."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from homotopy.errors import DataError
from homotopy.experiments import Comparison, Store, compare
from homotopy.experiments.store import opening
from homotopy.experiments.store.stores import clean, merge

NOBODY = 65534


@pytest.fixture
def archive(bowl, pair):
    """A folder with a finished store and one whose last runs are only in its log, in which nobody may write.

    Root writes wherever it wants: the tests then run as nobody.
    """
    folder = Path(tempfile.mkdtemp(prefix="homotopy test "))  # not below pytest's own, which others cannot enter
    for name in ("whole", "killed"):
        (folder / name).mkdir()
        with Store(folder / name / "runs.sqlite") as store:
            compare(bowl, pair, seeds=4, budget=50, store=store)
    late = Store(folder / "killed" / "runs.sqlite")
    compare(bowl, pair, seeds=7, budget=50, store=late)
    log = folder / "killed" / "runs.sqlite-wal"
    kept = log.read_bytes(), (folder / "killed" / "runs.sqlite").read_bytes()
    late.close()  # which folds the log into the file: as it was before is how a killed process leaves it
    log.write_bytes(kept[0])
    (folder / "killed" / "runs.sqlite").write_bytes(kept[1])
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    yield folder
    if root:
        os.seteuid(0)
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def scratch(archive):
    """A folder in which the reader may write."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def stand(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("name", "seeds"), [("whole", 4), ("killed", 7)])
def test_all_runs_are_read_and_nothing_is_touched(archive, name, seeds):
    path, before = archive / name / "runs.sqlite", stand(archive)
    assert not opening.writable(path)
    with Store(path, readonly=True) as store:
        found = Comparison.load(store)
        assert found.seeds == tuple(range(seeds))
        assert len(found.table()) == 2 * seeds
        assert len(found.payload("bowl", "sure")) == seeds
        assert [removal.runs for removal in clean(store, methods=["half"])] == [seeds]
    assert stand(archive) == before


def test_the_copy_of_a_killed_store_goes_with_it(archive, scratch, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with Store(archive / "killed" / "runs.sqlite", readonly=True):
        assert len(list(scratch.glob("homotopy-*/runs.sqlite*"))) >= 2
    assert list(scratch.iterdir()) == []


def test_a_copy_that_cannot_be_made_is_told_in_a_sentence(archive, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(archive))
    with pytest.raises(DataError, match=r"a copy is read; it cannot be made in .*: Permission denied"):
        Store(archive / "killed" / "runs.sqlite", readonly=True)


def test_sources_of_a_merge_may_lie_there(archive, scratch):
    assert merge([archive / "whole" / "runs.sqlite", archive / "killed" / "runs.sqlite"], scratch / "new") == 14
    with Store(scratch / "new", readonly=True) as store:
        assert Comparison.load(store).seeds == tuple(range(7))
    assert [path.name for path in scratch.iterdir()] == ["new"]


def test_to_write_there_is_refused(archive):
    with pytest.raises(DataError, match="cannot be written: it or its folder is read-only"):
        Store(archive / "whole" / "runs.sqlite")


def test_what_is_read_is_not_written(bowl, pair, tmp_path):
    with Store(tmp_path / "a") as store:
        compare(bowl, pair, seeds=2, budget=50, store=store)
    with Store(tmp_path / "a", readonly=True) as store, pytest.raises(DataError, match="was opened to be read"):
        store.note("p", "m", "skip", "no", "1")
    with pytest.raises(DataError, match="there is no store"):
        Store(tmp_path / "none", readonly=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_merge_that_fails_or_is_interrupted_leaves_nothing(bowl, pair, tmp_path, monkeypatch):
    with Store(tmp_path / "a") as store:
        compare(bowl, pair, seeds=2, budget=50, store=store)
    for error in (KeyboardInterrupt, sqlite3.OperationalError("disk full")):
        with monkeypatch.context() as patch:
            patch.setattr(
                "homotopy.experiments.store.stores._taken", lambda *_, error=error: (_ for _ in ()).throw(error)
            )
            with pytest.raises((KeyboardInterrupt, DataError)):
                merge([tmp_path / "a"], tmp_path / "c")
        assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert merge([tmp_path / "a"], tmp_path / "c") == 4


@pytest.mark.parametrize(("name", "seeds"), [("whole", 4), ("killed", 7)])
def test_a_link_leads_to_the_log_too(archive, scratch, name, seeds):
    (scratch / "link").symlink_to(archive / name / "runs.sqlite")
    with Store(scratch / "link", readonly=True) as store:
        assert Comparison.load(store).seeds == tuple(range(seeds))


@pytest.mark.parametrize("readonly", [False, True])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, readonly):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    for name, told in (
        ("pipe", "is not a store of runs"),
        ("/dev/null", "is not a store of runs"),
        ("loop", "cannot be read: Too many levels"),
        ("folder", "cannot be read: Is a directory"),
        ("a\0b", "is not the name of a file"),
        ("x" * 300, "cannot be read: File name too long"),
    ):
        with pytest.raises(DataError, match=told):
            Store(tmp_path / name, readonly=readonly)
