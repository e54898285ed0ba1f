"""Every wrong request gives one sentence on stderr, nothing on stdout, exit code 2 and no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

WRONG = {
    "problem": (["compare", "nosuch"], "unknown problem 'nosuch'"),
    "method": (["compare", "xor", "-m", "skp"], "unknown method 'skp' (did you mean 'skip'?)"),
    "parameter": (["compare", "xor:hiden=3"], "no parameter 'hiden' (did you mean 'hidden'?)"),
    "value": (["compare", "xor:hidden=2.5"], "hidden must be int"),
    "teacher seed": (["compare", "teacher:teacher_seed=-1"], "teacher_seed must be an integer, at least 0, not -1"),
    "too large": (["compare", "teacher:k=99999999"], "TeacherStudent needs more memory than there is"),
    "range": (["compare", "teacher:k=20..10"], "the range '20..10' is empty"),
    "budget": (["compare", "xor", "--budget", "-3"], "'--budget': must be a positive number, not '-3'"),
    "zero": (["compare", "xor", "--budget", "0"], "must be a positive number"),
    "word": (["compare", "xor", "--budget", "x"], "must be a positive number, not 'x'"),
    "nan": (["compare", "xor", "--budget", "nan"], "must be a positive number"),
    "seconds": (["compare", "xor", "--seconds", "-1"], "'--seconds': must be a positive number"),
    "seeds": (["compare", "xor", "--seeds", "0"], "seeds must be a positive count"),
    "jobs": (["compare", "xor", "-j", "0"], "'--jobs': must be an integer, at least 1"),
    "executor": (["compare", "xor", "--executor", "foo"], "executor must be one of threads"),
    "address": (["compare", "xor", "--address", "tcp://x:1"], "an address goes with the executor dask"),
    "nothing": (["compare"], "name one problem or more"),
    "command": (["frob"], "No such command 'frob'"),
    "option": (["compare", "xor", "--frob"], "--frob"),
    "plugin": (["compare", "xor", "--plugin", "none.py"], "there is no plugin file 'none.py'"),
    "file": (["compare", "none.csv", "--target", "y"], "no such file"),
    "no target": (["compare", "data.csv"], "needs the name of its target column"),
    "column": (["compare", "data.csv", "--target", "z"], "no column 'z'"),
    "lonely target": (["compare", "xor", "--target", "y"], "--target goes with a file"),
    "folder": (["compare", "xor", "-o", "data.csv/out"], "cannot be written"),
    "seed": (["solve", "xor", "--seed", "-1"], "must be an integer, at least 0, not '-1'"),
    "solve": (["solve", "xor", "-m", "nosuch"], "unknown method 'nosuch'"),
    "refused": (["solve", "teacher:k=6", "-m", "linearized"], "does not run on"),
    "kind": (["list", "pictures"], "'pictures' is not one of"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_one_sentence_and_exit_code_2(name, run, table_file):
    words, sentence = WRONG[name]
    got = run(*words)
    assert got.code == 2
    assert got.out == ""
    assert sentence in got.err
    assert got.err.startswith("homotopy: error: ")
    assert got.err.count("\n") == 1
    assert "Traceback" not in got.err


@pytest.mark.parametrize(
    ("cell", "sentence"), [("nan", "line 3"), ("abc", "line 3"), ("inf", "line 3"), ("", "line 3")]
)
def test_a_bad_cell_is_named_by_line(cell, sentence, run, tmp_path):
    (tmp_path / "bad.csv").write_text(f"a,y\n1,2\n{cell},3\n4,5\n6,7\n")
    got = run("compare", "bad.csv", "--target", "y")
    assert got.code == 2
    assert sentence in got.err
    assert got.err.count("\n") == 1


def test_a_folder_with_foreign_runs_is_not_overwritten(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "runs.csv").write_text("precious")
    got = run("compare", "xor", "-o", "mine", "--seeds", "2")
    assert got.code == 2
    assert "choose another folder" in got.err
    assert (tmp_path / "mine" / "runs.csv").read_text() == "precious"


def test_a_foreign_store_is_left_untouched(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "runs.sqlite").write_text("precious")
    got = run("compare", "xor", "-o", "mine", "--seeds", "2")
    assert got.code == 2
    assert "left untouched" in got.err
    assert (tmp_path / "mine" / "runs.sqlite").read_text() == "precious"


def test_the_process_itself_ends_so(tmp_path):
    call = [sys.executable, "-c", "from homotopy.cli import main; main(['compare', 'nosuch'])"]
    done = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("homotopy: error: unknown problem 'nosuch'")


def test_a_folder_that_no_name_can_be_is_told(run, tmp_path):
    (tmp_path / "study.toml").write_text('problems = "xor"\nmethods = "gd"\nseeds = 1\noutput = "a\\u0000b"\n')
    got = run("compare", "--config", "study.toml", "-q")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert r"the output folder 'a\x00b' cannot be written: embedded null byte" in got.err
