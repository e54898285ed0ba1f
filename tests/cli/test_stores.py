"""The subcommands that work on stores: resume, report, export, merge, clean, tune; and studies from files."""

from __future__ import annotations

import csv
import errno
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from homotopy.cli import main
from homotopy.errors import ArgumentError
from homotopy.experiments import Comparison, Store

FAST = ["xor", "-m", "gd", "-m", "lbfgs", "--budget", "200", "-q"]


@pytest.fixture
def stored(run, tmp_path):
    for name, seeds in (("a", "0..4"), ("b", "3..7")):
        assert run("compare", *FAST, "--seeds", seeds, "-o", name).code == 0
    return tmp_path


def test_resume_says_the_same_and_runs_nothing_again(stored, run):
    first = (stored / "a" / "runs.csv").read_text()
    got = run("resume", "a")
    assert got.code == 0
    assert "5 starts" in got.out
    assert (stored / "a" / "runs.csv").read_text() == first


def test_report_writes_beside_the_store_or_elsewhere(stored, run):
    (stored / "a" / "report.html").unlink()
    assert run("report", "a", "-q").code == 0
    assert (stored / "a" / "report.html").exists()
    got = run("report", "a/runs.sqlite", "-o", "there", "--json")
    assert {row["method"] for row in json.loads(got.out)["summaries"]} == {"gd", "lbfgs"}
    assert {path.name for path in (stored / "there").iterdir()} == {
        "report.html",
        "table.tex",
        "runs.csv",
        *(f"{name}.{kind}" for name in ("curves", "success") for kind in ("png", "svg", "pdf")),
    }


def test_merge_then_report(stored, run):
    assert "16 runs" in run("merge", "a", "b/runs.sqlite", "-o", "week").err
    assert "8 starts" in run("report", "week").out
    again = run("merge", "a", "-o", "week")
    assert again.code == 2
    assert "is there already" in again.err


def test_a_merge_that_fails_leaves_no_folder(stored, run):
    got = run("merge", "a", "nowhere", "-o", "new/week")
    assert got.code == 2
    assert "there is no store nowhere" in got.err
    assert not (stored / "new").exists()


def test_a_report_that_cannot_stand_beside_its_store_says_where_else(stored, run, monkeypatch):
    def refused(folder, *, hint=""):
        raise ArgumentError(f"the output folder {str(folder)!r} cannot be written: Read-only file system{hint}")

    monkeypatch.setattr("homotopy.report.folder.writable", refused)
    assert run("report", "a").err.strip().endswith("Read-only file system; name another one with -o")
    assert run("report", "a", "-o", "there").err.strip().endswith("Read-only file system")


def test_export_to_stdout_and_file(stored, run):
    rows = list(csv.DictReader(io.StringIO(run("export", "a", "--csv", "-").out)))
    assert len(rows) == 10
    assert "wrote a.csv" in run("export", "a", "--csv", "a.csv").err
    with (stored / "a.csv").open() as file:
        assert list(csv.DictReader(file)) == rows
    assert run("export", "a", "--csv", "a.csv").code == 2
    assert run("export", "a").code == 2


def test_clean_asks_first(stored, run):
    got = run("clean", "a", "--method", "gd")
    assert "would remove 5 runs" in got.err
    assert run("clean", "a", "--method", "gd", "--yes").code == 0
    assert "gd" not in run("export", "a", "--csv", "-").out
    assert run("clean", "a").code == 2
    assert "would remove 0 runs" in run("clean", "a", "--old").err


@pytest.mark.parametrize("command", ["resume", "report", "export", "clean"])
def test_a_store_that_is_not_there_is_told(command, run):
    extra = {"export": ["--csv", "-"], "clean": ["--old"]}.get(command, [])
    got = run(command, "nowhere", *extra)
    assert (got.code, got.out) == (2, "")
    assert "nowhere" in got.err
    assert got.err.count("\n") == 1


def test_a_study_from_a_file_with_options_above_it(run, tmp_path):
    (tmp_path / "study.toml").write_text('problems = ["xor:hidden=2/3"]\nmethods = ["gd"]\nseeds = 4\nbudget = 50\n')
    got = run("compare", "--config", "study.toml", "--seeds", "2", "-m", "lbfgs", "-o", "out", "--json")
    summaries = json.loads(got.out)["summaries"]
    assert [(row["problem"], row["method"]) for row in summaries] == [
        ("xor:hidden=2", "lbfgs"),
        ("xor:hidden=3", "lbfgs"),
    ]
    assert summaries[0]["rate"]["runs"] == 2
    bad = run("compare", "--config", "none.toml")
    assert bad.code == 2
    assert "cannot be read" in bad.err


def test_tune_prints_a_name_that_compare_takes(run, tmp_path):
    words = ["tune", "xor", "gd", "-p", "step_size=0.1/0.5", "--tuning-budget", "9000", "--budget", "150"]
    got = run(*words, "-o", "out", "-q")
    name = got.out.strip()
    assert name.startswith("gd:step_size=0.")
    assert got.err == ""
    assert run("compare", "xor", "-m", name, "--seeds", "3", "--budget", "150", "-o", "out", "-q").code == 0
    with Store(tmp_path / "out" / "runs.sqlite", create=False) as store:
        assert Comparison.load(store).tuned[0][:2] == ("xor:hidden=2", name)
        assert "the best of 2 settings on seeds 1000000000" in Comparison.load(store).tuned[0][2]


def test_unknown_optimum_counts_from_the_lowest_loss_found(run, table_file):
    got = run(
        "compare", table_file, "--target", "y", "-m", "lbfgs", "-m", "gd", "--seeds", "4", "--budget", "100", "-o", "o"
    )
    assert "above the lowest that any run found" in got.out
    assert "success" not in got.out
    data = json.loads(run("report", "o", "--json").out)["summaries"]
    assert max(row["rate"]["successes"] for row in data) >= 1
    assert not any(row["known"] for row in data)
    assert all(row["at_budget"]["loss"]["low"] <= row["at_budget"]["loss"]["value"] for row in data)


def test_tune_ranks_by_the_expected_loss_where_no_optimum_is_known(run, table_file):
    words = ["-p", "step_size=0.00001/0.01", "--tuning-budget", "9000", "--budget", "150", "--json"]
    got = json.loads(run("tune", f"csv:path={table_file},target=y", "gd", *words).out)
    losses = [trial["at_budget"]["loss"]["value"] for trial in got["trials"]]
    assert got["method"] == "gd:step_size=0.01"
    assert losses[0] == min(losses)


def test_failures_are_told_and_give_exit_code_1(run, tmp_path):
    (tmp_path / "broken.py").write_text(
        "from homotopy.methods.base import Method\n\n\n"
        "class Broken(Method):\n"
        "    name, reference = 'broken-here', 'none'\n\n"
        "    def solve(self, problem, *, rng=None, budget=None, callback=None):\n"
        "        raise RuntimeError('no luck')\n\n\n"
        "METHODS = {'broken-here': Broken}\n"
    )
    got = run("compare", *FAST, "-m", "broken-here", "--plugin", "broken.py", "--seeds", "2", "-o", "o")
    assert got.code == 1
    with Store(tmp_path / "o" / "runs.sqlite", create=False) as store:
        assert Comparison.load(store).failures == (("xor:hidden=2", "broken-here", "RuntimeError: no luck"),)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell, run):
    got = run("completion", shell)
    assert got.code == 0
    assert "_HOMOTOPY_COMPLETE" in got.out


@pytest.mark.parametrize(("words", "found"), [("homotopy comp", "compare"), ("homotopy compare te", "teacher")])
def test_names_are_completed(words, found, run, monkeypatch):
    monkeypatch.setenv("_HOMOTOPY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert f"plain,{found}" in run().out.splitlines()


def test_a_file_that_was_edited_is_not_taken_for_the_old_one(run, tmp_path):
    words = ["compare", "d.csv", "--target", "y", "-m", "lbfgs", "--seeds", "2", "-o", "o", "-q"]
    (tmp_path / "d.csv").write_text("a,y\n1,2\n2,5\n3,1\n")
    assert run(*words).code == 0
    assert run(*words).code == 0
    (tmp_path / "d.csv").write_text("a,y\n1,2\n2,-5\n3,1\n")
    got = run(*words)
    assert got.code == 2
    assert "the data or the starts of 'csv:path=d.csv,target=y' are not those of the runs in" in got.err
    assert run("clean", "o", "--problem", "csv:path=d.csv,target=y", "--yes").code == 0
    assert run(*words).code == 0


GROUPS = """
methods = ["gd", "lbfgs"]
seeds = 4
tuning = 6
budget = 200
[groups]
"two nets" = "xor:hidden=2..3"
"""


def test_groups_and_tuning_seeds_come_from_a_file_and_are_gone_on_with(run, tmp_path):
    (tmp_path / "study.toml").write_text(GROUPS)
    got = run("compare", "--config", "study.toml", "-o", "g", "-j", "1")
    assert got.code == 0
    assert "two nets, 2 problems, 4 starts each; success" in got.out
    assert "xor:hidden=3" not in got.out
    assert len((tmp_path / "g" / "runs.csv").read_text().splitlines()) == 1 + 16
    again = run("resume", "g", "--json", "-q")
    found = json.loads(again.out)["summaries"]
    assert [(row["problem"], row["method"], row["rate"]["runs"], row["tuning"]) for row in found] == [
        ("two nets", "gd", 8, 12),
        ("two nets", "lbfgs", 8, 12),
    ]
    assert json.loads(run("report", "g", "--json", "-q").out)["summaries"] == found
    more = run("compare", "yun", "-m", "gd", "--seeds", "2", "--tuning", "3", "--budget", "50", "-o", "t", "--json")
    assert json.loads(more.out)["summaries"][0]["tuning"] == 3


OWN = {
    "compare": (("compare", "xor", "-m", "gd", "--seeds", "1", "-j", "1"), ("report.html", "table.tex", "success.svg")),
    "track": (("track", "xor", "--max-steps", "3"), ("path.csv", "path.png", "path.pdf")),
    "landscape": (("landscape", "xor:l2=0.01", "--starts", "1"), ("points.csv", "settings.json", "tree.svg")),
}


@pytest.mark.parametrize("name", OWN)
def test_files_of_somebody_else_are_not_written_over(name, run, tmp_path):
    words, files = OWN[name]
    for file in files:
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / file).write_text("mine")
        got = run(*words, "-o", "out")
        assert (got.code, got.out) == (2, "")
        assert f"out/{file} is there without " in got.err
        assert got.err.endswith(" beside it; choose another folder with -o\n")
        assert [(path.name, path.read_text()) for path in (tmp_path / "out").iterdir()] == [(file, "mine")]
        (tmp_path / "out" / file).unlink()


def test_a_disk_that_is_full_is_no_wrong_request(run, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sys.stdout", SimpleNamespace(write=full, flush=full, isatty=lambda: False, encoding="utf-8"))
    with pytest.raises(SystemExit) as ending:
        main(["list", "homotopies", "--json"])
    assert ending.value.code == 1


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_of_an_export_that_fails_nothing_is_left(ending, stored, run, monkeypatch):
    def half(self, file):
        file.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Comparison, "to_csv", half)
    monkeypatch.setattr("pyarrow.parquet.write_table", lambda table, file: half(None, Path(file)))
    got = run("export", "a", f"--{ending}", f"new.{ending}")
    assert (got.code, got.err) == (1, "homotopy: error: No space left on device\n")
    assert sorted(path.name for path in stored.iterdir()) == ["a", "b"]
