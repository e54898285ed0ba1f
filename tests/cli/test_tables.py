"""Files on the command line: the line about them, missing cells, and comparisons that are resumed from elsewhere."""

import json

import pytest

ROWS = [f"{i},{'red' if i % 3 else 'blue'},{(i * 7) % 11},{i * 0.5 + (i * 7) % 11}" for i in range(24)]
TEXT = "a,color,b,y\n" + "\n".join(ROWS) + "\n"


@pytest.fixture
def table(tmp_path):
    (tmp_path / "d.csv").write_text(TEXT)
    (tmp_path / "holes.csv").write_text(TEXT + "NA,red,3,4\n5,,3,4\n")


LINE = "d.csv: 24 rows; inputs: 2 numbers, 1 category as 2 columns, standardized; target 'y': numbers, squared loss"
COMMANDS = {
    "solve": ["solve", "d.csv", "--target", "y", "-m", "lbfgs"],
    "compare": ["compare", "d.csv", "--target", "y", "-m", "lbfgs", "--seeds", "2", "--budget", "50", "-o", "o"],
    "track": ["track", "d.csv", "--target", "y", "--max-steps", "2", "-o", "p"],
}


def told(name, got):
    """What a command says of the table: `solve` on its screen, whose rows are folded, the others on stderr."""
    return " ".join(got.out.split("data", 1)[-1].split()) if name == "solve" else got.err


@pytest.mark.parametrize("name", COMMANDS)
def test_what_was_done_with_a_table_is_said_in_a_line(run, table, name):
    got = run(*COMMANDS[name])
    assert told(name, got).startswith(LINE)
    assert (got.out + got.err).count("d.csv: 24 rows") == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_missing_cells_are_refused_dropped_or_filled(run, table, name):
    words = ["holes.csv" if word == "d.csv" else word for word in COMMANDS[name]]
    got = run(*words)
    assert got.code == 2
    assert got.err == (
        "homotopy: error: holes.csv: 2 cells are missing (a: 1, color: 1; the first in line 26); missing=drop (on the "
        "command line --missing drop) leaves such rows out, missing=mean fills numbers with their mean and makes "
        "missing categories one of their own\n"
    )
    assert "2 rows of 26 left out" in told(name, run(*words, "--missing", "drop"))
    if name != "track":
        (got,) = [run(*[*words[:-1], "filled"] if name == "compare" else words, "--missing", "mean")]
        assert "filled with the mean or a category of their own" in told(name, got)
        assert got.code == 0


def test_missing_goes_with_a_file(run):
    got = run("solve", "xor", "--missing", "drop")
    assert got.code == 2
    assert "--missing goes with a file that ends in .csv" in got.err


def test_a_comparison_of_a_file_is_resumed_from_elsewhere(run, table, tmp_path, monkeypatch):
    words = ["compare", "d.csv", "--target", "y", "-m", "lbfgs", "--seeds", "3", "--budget", "50", "-o", "o", "--json"]
    first = json.loads(run(*words).out)["summaries"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    got = run("resume", "../o", "--json")
    assert got.code == 0, got.err
    assert json.loads(got.out)["summaries"] == first  # the runs of the store, of the same name
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("resume", "o", "--json").out)["summaries"] == first
    # the folder and the file are moved together
    (tmp_path / "moved").mkdir()
    for name in ("o", "d.csv"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    assert json.loads(run("resume", "moved/o", "--json").out)["summaries"] == first
    monkeypatch.chdir(tmp_path / "moved")
    assert json.loads(run("resume", "o", "--json").out)["summaries"] == first


def test_a_request_in_a_file(run, table, tmp_path):
    (tmp_path / "c.toml").write_text(
        'problems = ["holes.csv"]\ntarget = "y"\nmissing = "drop"\nmethods = ["lbfgs"]\nseeds = 2\nbudget = 50\n'
    )
    got = run("compare", "--config", "c.toml", "-o", "o")
    assert got.code == 0, got.err
    assert "csv:path=holes.csv,target=y,missing=drop" in got.out


def test_parameters_after_a_path(run, table):
    got = run("solve", "d.csv:ignore=color+b,l2=0.1,test=0.25,target=y", "-m", "lbfgs")
    assert got.code == 0
    assert told("solve", got).startswith(
        "d.csv: 24 rows, 6 of them held out (R2); inputs: 1 number, standardized; target 'y'"
    )
    assert "csv:path=d.csv,target=y,l2=0.1,test=0.25,ignore=color+b" in got.out
    got = run("solve", "d.csv:ignore=color", "-m", "lbfgs")
    assert got.code == 2
    assert "needs the name of its target column, as in --target y" in got.err
