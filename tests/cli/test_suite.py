"""``homotopy suite`` in small: a table, a folder, and clear refusals."""

import json


def test_a_row_and_two_methods(run, tmp_path):
    folder = tmp_path / "out"
    done = run("suite", "-r", "teacher k=6", "-m", "skip", "-m", "lbfgs", "-j", "1", "-o", str(folder))
    assert done.code == 0
    assert "teacher k=6" in done.out
    assert {path.name for path in folder.iterdir()} == {"suite.csv", "escape.md", "escape.png"}
    assert "## Controls of the skip homotopy" in (folder / "escape.md").read_text()


def test_json_holds_the_cells(run):
    done = run("suite", "-r", "xor tanh", "-m", "omp", "-j", "1", "--json", "-q")
    assert done.code == 0
    cell = json.loads(done.out)[0]
    assert cell["method"] == "omp"
    assert cell["rate"]["successes"] == 40


def test_an_unknown_row_is_one_sentence(run):
    done = run("suite", "-r", "teacher k=7")
    assert done.code == 2
    assert "unknown row 'teacher k=7'" in done.err
