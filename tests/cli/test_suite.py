"""``homotopy suite`` in small: a table, a folder, going on after an interruption, and clear refusals."""

import json

SMALL = ("suite", "-r", "teacher k=6", "-m", "skip", "-m", "lbfgs", "-j", "1")


def test_a_row_and_two_methods_and_once_more(run, tmp_path):
    folder = tmp_path / "out"
    done = run(*SMALL, "-o", str(folder))
    assert done.code == 0
    assert "teacher k=6" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 120
    assert {path.name for path in folder.iterdir()} == {"suite.jsonl", "suite.csv", "escape.md", "escape.png"}
    page = (folder / "escape.md").read_text()
    assert "## Controls of the skip homotopy" in page
    lines = (folder / "suite.jsonl").read_text().splitlines(keepends=True)
    kept = [line for line in lines if '"method": "lbfgs"' not in line]
    (folder / "suite.jsonl").write_text("".join(kept))
    again = run(*SMALL, "-o", str(folder))
    assert "2 cells, 1 of them done before" in again.err
    assert again.out == done.out
    other = run(*SMALL, "-o", str(folder), "--runs", "3")
    assert other.code == 2
    assert "runs was None, now 3" in other.err


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
