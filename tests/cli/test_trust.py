"""A store runs and opens nothing that it names: plugins, tables, a scheduler; and it may lie where nobody can write."""

from __future__ import annotations

import builtins
import io
import json
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from homotopy.experiments.plan import plugins
from homotopy.experiments.store.store import Store
from homotopy.report.html import _about as about

NOBODY = 65534
PLUGIN = """
from pathlib import Path
from homotopy.methods.baselines.descents import GradientDescent

Path({mark!r}).write_text("ran")


class Mine(GradientDescent):
    \"\"\"A method of mine.\"\"\"

    def __init__(self):
        super().__init__()
        self.name = "mine"


METHODS = {{"mine": Mine}}
"""
FAST = ["-m", "gd", "--seeds", "2", "--budget", "20", "-j", "1", "-q"]


@pytest.fixture
def hostile(run, tmp_path, monkeypatch):
    """Folder t with a store that names a plugin and a table, and what the plugin leaves behind where it runs."""
    mark = tmp_path / "ran"
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "style.py").write_text(PLUGIN.format(mark=str(mark)))
    (tmp_path / "t" / "d.csv").write_text("a,y\n1,2\n2,5\n3,1\n")
    words = ["compare", "t/d.csv", "xor", "--target", "y", "-m", "mine", "--plugin", "t/style.py", *FAST, "-o", "t"]
    assert run(*words).code == 0
    mark.unlink()
    monkeypatch.setattr(plugins, "_loaded", {})
    plugins.TABLES["METHODS"].BY_NAME.pop("mine")
    yield mark
    plugins.TABLES["METHODS"].BY_NAME.pop("mine", None)


READS = [
    ["report", "t", "-q"],
    ["report", "t", "-o", "elsewhere", "--json"],
    ["export", "t", "--csv", "-"],
    ["merge", "t", "-o", "both", "-q"],
    ["clean", "t", "--old"],
    ["clean", "t", "--method", "mine", "--yes", "-q"],
    ["resume", "t"],
]


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_nothing_that_a_store_names_is_run_or_opened(hostile, run, words, monkeypatch):
    opened = []

    def noted(real):
        return lambda file, *rest, **named: opened.append(str(file)) or real(file, *rest, **named)

    for owner in (builtins, io, Path):
        monkeypatch.setattr(owner, "open", noted(owner.open))
    got = run(*words)
    assert got.code == (2 if words[0] == "resume" else 0), got.err
    assert not hostile.exists()
    assert not [file for file in opened if file.endswith(("style.py", "d.csv"))]


def test_resume_names_the_plugins_and_runs_those_that_are_given(hostile, run, tmp_path):
    got = run("resume", "t")
    assert got.err.count("\n") == 1
    assert "made with the plugin 't/style.py'; a store runs no code, say --plugin FILE" in got.err
    other = tmp_path / "other.py"
    other.write_text((tmp_path / "t" / "style.py").read_text().replace(str(hostile), str(tmp_path / "other-ran")))
    assert run("resume", "t", "--plugin", "other.py", "-q").code == 0
    assert (tmp_path / "other-ran").exists()
    assert not hostile.exists()


def test_report_describes_the_methods_of_a_plugin_that_is_given(hostile, run):
    assert run("report", "t", "-q").code == 0
    assert about("mine") == ("", "")
    assert run("report", "t", "--plugin", "t/style.py", "-q").code == 0
    assert about("mine")[0] == "A method of mine."


@pytest.mark.parametrize("moved", [False, True], ids=["from another folder", "a tree that was moved"])
def test_resume_finds_tables_from_the_store(run, tmp_path, monkeypatch, moved):
    tree = tmp_path / "tree"
    (tree / "data").mkdir(parents=True)
    (tree / "data" / "d.csv").write_text("a,y\n1,2\n2,5\n3,1\n")
    monkeypatch.chdir(tree)
    assert run("compare", "data/d.csv", "--target", "y", *FAST, "-o", "out/a").code == 0
    if moved:
        tree = tree.rename(tmp_path / "elsewhere")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    got = run("resume", tree / "out" / "a", "--json")
    assert got.code == 0, got.err
    assert json.loads(got.out)["summaries"][0]["rate"]["runs"] == 2
    assert list(Path().iterdir()) == []


def command_of(path, **changes):
    """Change the last command that a store keeps, as an older version or somebody else may have written it."""
    db = sqlite3.connect(path)
    number, text = db.execute("SELECT id, command FROM sessions ORDER BY id DESC").fetchone()
    command = {key: value for key, value in (json.loads(text) | changes).items() if value is not None}
    db.execute("UPDATE sessions SET command = ? WHERE id = ?", (json.dumps(command), number))
    db.execute("DROP TABLE checksums")
    db.execute("PRAGMA user_version = 2")
    db.commit()
    db.close()


def test_a_store_of_before_places_were_kept_goes_on(run, tmp_path, monkeypatch):
    (tmp_path / "d.csv").write_text("a,y\n1,2\n2,5\n3,1\n")
    assert run("compare", "d.csv", "--target", "y", *FAST, "-o", "out").code == 0
    command_of(tmp_path / "out" / "runs.sqlite", place=None)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert run("resume", "../out", "-q").code == 0
    command_of(tmp_path / "out" / "runs.sqlite", place=None, folder=None)
    monkeypatch.chdir(tmp_path)
    assert run("resume", "out", "-q").code == 0


def test_a_scheduler_that_a_store_names_is_not_connected_to(run, tmp_path):
    assert run("compare", "xor", *FAST, "-o", "o").code == 0
    command_of(tmp_path / "o" / "runs.sqlite", executor="dask", address="tcp://127.0.0.1:1")
    got = run("resume", "o")
    assert got.code == 2
    assert "made by the Dask scheduler 'tcp://127.0.0.1:1'; say --address URL" in got.err
    assert run("resume", "o", "--executor", "threads", "-q").code == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"problems": 5},
        {"problems": [1]},
        {"methods": {}},
        {"seeds": 1.5},
        {"groups": []},
        {"jobs": "x"},
        {"budget": "y"},
    ],
    ids=str,
)
def test_a_command_of_wrong_types_is_told_in_a_sentence(run, tmp_path, changes):
    assert run("compare", "xor", *FAST, "-o", "o").code == 0
    command_of(tmp_path / "o" / "runs.sqlite", **changes)
    got = run("resume", "o")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert next(iter(changes)) in got.err


@pytest.mark.parametrize(
    "seeds", ["1_0", "", " ", "1..1_0", "1/2_0", str(2**63), f"1/{2**63}", f"0..{2**70}", "１２", "+3"]
)
def test_seeds_that_are_none_are_refused(run, tmp_path, seeds):
    got = run("compare", "xor", "-m", "gd", "--seeds", seeds, "-o", "o")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "seed" in got.err
    assert not (tmp_path / "o").exists()


def test_damage_is_told_on_stderr_also_where_it_is_quiet(run, tmp_path):
    assert run("compare", "xor", "-m", "lbfgs", *FAST, "-o", "o").code == 0
    db = sqlite3.connect(tmp_path / "o" / "runs.sqlite")
    db.execute("UPDATE blocks SET x = zeroblob(length(x)) WHERE id = 1")
    db.commit()
    db.close()
    for words in (["report", "o", "-q"], ["export", "o", "--csv", "-"], ["merge", "o", "-o", "new", "-q"]):
        got = run(*words)
        assert got.code == 0
        assert "homotopy: warning: the store o/runs.sqlite is damaged: lost are block 1, " in got.err
    got = run("resume", "o", "-q")
    assert got.code == 2
    assert "o/runs.sqlite -o DIR makes a new one of what can be read" in got.err
    assert run("resume", "new", "-q").code == 0
    with Store(tmp_path / "new" / "runs.sqlite", readonly=True) as store:
        assert sorted(cell[-1] for cell in store.cells()) == [2, 2]


@pytest.fixture
def archive(run):
    """A folder, in which nobody may write, with a comparison; root, who writes wherever he wants, then is nobody."""
    folder = Path(tempfile.mkdtemp(prefix="homotopy test "))
    assert run("compare", "xor", *FAST, "-o", folder / "a").code == 0
    run("report", folder / "a", "-o", folder / "warm", "-q")  # all modules are imported while they can be read
    shutil.rmtree(folder / "warm")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    yield folder / "a"
    if root:
        os.seteuid(0)
    for path in [folder, folder / "a"]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_every_command_that_reads_does_so_where_nothing_can_be_written(archive, run, monkeypatch):
    with pytest.raises(OSError):
        (archive / "new").touch()  # or the test would say nothing
    before = {path: path.read_bytes() for path in archive.iterdir()}
    with tempfile.TemporaryDirectory() as free:
        monkeypatch.chdir(free)
        got = run("report", archive)
        assert (got.code, got.err.count("\n")) == (2, 1), got.err
        assert got.err.strip().endswith("Permission denied; name another one with -o")
        assert run("report", archive, "-o", "r", "-q").code == 0
        assert Path("r/report.html").exists()
        assert run("export", archive, "--csv", "runs.csv", "-q").code == 0
        assert run("merge", archive, "-o", "m", "-q").code == 0
        assert run("clean", archive, "--method", "gd:", "--old").code == 2
        assert "would remove" in run("clean", archive, "--old").err
        assert "cannot be written: it or its folder" in run("clean", archive, "--old", "--yes").err
        refused = run("resume", archive)
        assert (refused.code, refused.err.count("\n")) == (2, 1), refused.err
        assert "cannot be written" in refused.err
    assert {path: path.read_bytes() for path in archive.iterdir()} == before


def test_a_scheduler_that_none_answers_is_not_kept(run, tmp_path):
    """Where nobody could be had who runs it, what was asked for before can still be gone on with."""
    assert run("compare", "xor", *FAST, "-o", "o").code == 0
    got = run("resume", "o", "--address", "nowhere")
    assert (got.code, got.out) == (2, "")
    assert "no Dask scheduler answers at 'nowhere'" in got.err
    assert run("resume", "o", "-q").code == 0
    with Store(tmp_path / "o" / "runs.sqlite", readonly=True) as store:
        assert [session["command"].get("address") for session in store.sessions()] == [None, None]
