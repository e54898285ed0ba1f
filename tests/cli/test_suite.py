"""``homotopy suite`` in small: a table, a folder, going on after an interruption, and clear refusals."""

import json
import subprocess
import sys

from homotopy.experiments import Store
from homotopy.experiments.store.stores import clean

SMALL = ("suite", "-r", "teacher k=6", "-m", "skip", "-m", "lbfgs", "-j", "1")


def untimed(text):
    """The table without its last column, in seconds, which are other ones each time."""
    return [line.rsplit("   ", 1)[0].rstrip() for line in text.split("\n\n")[0].splitlines()]


def test_a_row_and_two_methods_and_once_more(run, tmp_path):
    folder = tmp_path / "out"
    done = run(*SMALL, "-o", str(folder))
    assert done.code == 0
    assert "teacher k=6" in done.out
    assert "2 cells, 80 runs" in done.err
    assert max(len(line) for line in done.out.splitlines()) <= 120
    assert {path.name for path in folder.iterdir()} == {"runs.sqlite", "suite.csv", "escape.md", "escape.png"}
    page = (folder / "escape.md").read_text()
    assert "## Controls of the skip homotopy" in page
    with Store(folder / "runs.sqlite", create=False) as store:
        kept = {cell[0]: store.done(cell[0]) for cell in store.cells() if cell[2] == "skip"}
        gone = clean(store, methods=["lbfgs"], apply=True)
    assert sum(one.runs for one in gone) == 80
    again = run(*SMALL, "-o", str(folder))
    assert untimed(again.out) == untimed(done.out)
    assert "Seconds are those of one thread, warmed up, on" in done.out
    assert "Rows where a homotopy is ahead in gradients and behind in seconds:" in done.out
    controls = "## Controls of the skip homotopy"
    assert controls in page
    assert (folder / "escape.md").read_text().split(controls)[1].split("## All")[0] == page.split(controls)[1].split(
        "## All"
    )[0]
    with Store(folder / "runs.sqlite", create=False) as store:
        assert {number: store.done(number) for number in kept} == kept
    fewer = run(*SMALL, "-o", str(folder), "--runs", "3")
    assert fewer.code == 0
    assert fewer.out.splitlines()[1].split()[3] == "3"


def test_json_holds_the_cells(run):
    done = run("suite", "-r", "xor tanh", "-m", "omp", "-m", "gd", "-j", "1", "--json", "-q", "--runs", "3")
    assert done.code == 0
    assert done.err == ""
    omp, gd = json.loads(done.out)
    assert (omp["row"], omp["method"], omp["rate"]["successes"]) == ("xor tanh", "omp", 3)
    assert omp["cutoff"] is None
    assert gd["rate"]["runs"] == 3


def test_an_unknown_row_is_one_sentence(run):
    done = run("suite", "-r", "teacher k=7")
    assert done.code == 2
    assert "unknown row 'teacher k=7'" in done.err


def test_numbers_must_be_positive(run):
    for option in ("-j", "--runs"):
        done = run("suite", option, "0")
        assert (done.code, done.out) == (2, "")
        assert "must be an integer, at least 1, not '0'" in done.err


def test_the_paper_is_the_same_command():
    command = [sys.executable, "-m", "homotopy.papers.escape", "-r", "xor tanh", "-m", "omp", "-j", "1", "--runs", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("xor tanh   omp")
    wrong = subprocess.run([*command[:3], "-r", "none"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1
