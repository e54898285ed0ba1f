"""Plugins whose code fails while it runs: one sentence with the line, exit code 1, and no traceback."""

from __future__ import annotations

import pytest

PLUGIN = """import homotopy as hp
from homotopy.methods import BatchMethod, Method


class Bowl:
    size = 2

    def value_and_grad(self, x):
        {objective}
        return float(x @ x), 2 * x


class Mine(BatchMethod):
    name = "mine"

    def accepts(self, problem):
        {accepts}

    def run(self, batch):
        {run}
        batch.descend(batch.problem.objective, batch.x[batch.rows], batch.rows, name="descent", rule="lbfgs")


PROBLEMS = {{"bowl": lambda: hp.Problem("bowl", Bowl(), {start}, optimum=0.0)}}
METHODS = {{"mine": Mine}}
"""
SOUND = {"objective": "pass", "accepts": "return None", "run": "pass", "start": "lambda rng: rng.standard_normal(2)"}
FAULTS = (
    "1 / 0; x = None",
    "raise KeyError('x')",
    "import sys; sys.exit(0)",
    "raise SystemExit('x')",
    "raise GeneratorExit",
)
OTHERS = (
    "raise RuntimeError",
    "assert False",
    "raise StopIteration",
    "raise EOFError",
    "raise BrokenPipeError",
    "open('/no/such/file')",
    "raise OSError(28, 'No space left on device')",
    "raise UnicodeDecodeError('utf-8', b'', 0, 1, 'x')",
)


def write(tmp_path, **faults):
    (tmp_path / "plug.py").write_text(PLUGIN.format(**SOUND | faults))


def check_told(got):
    assert got.code == 1
    assert got.out == ""
    assert got.err.splitlines()[-1].startswith("homotopy: error: the plugin plug.py, line ")
    assert got.err.count("homotopy: error: ") == 1
    assert "Traceback" not in got.err


def test_a_sound_plugin_runs(run, tmp_path):
    write(tmp_path)
    assert run("solve", "bowl", "-m", "mine", "--plugin", "plug.py").code == 0


@pytest.mark.parametrize("fault", FAULTS[1:] + OTHERS)
@pytest.mark.parametrize("where", ["objective", "run", "accepts"])
def test_solve_names_the_line(fault, where, run, tmp_path):
    write(tmp_path, **{where: fault})
    check_told(run("solve", "bowl", "-m", "mine", "--plugin", "plug.py", "--budget", "30"))


def test_a_start_that_fails(run, tmp_path):
    write(tmp_path, start="lambda rng: {}['x']")
    for words in (("solve", "bowl"), ("compare", "bowl", "-m", "mine", "--seeds", "2"), ("track", "bowl")):
        check_told(run(*words, "--plugin", "plug.py"))


def test_an_error_of_arithmetic_says_where_it_cannot_be_evaluated(run, tmp_path):
    write(tmp_path, objective=FAULTS[0])
    got = run("solve", "bowl", "-m", "mine", "--plugin", "plug.py", "--budget", "30")
    assert got.code == 2
    assert "raised ZeroDivisionError: division by zero" in got.err
    assert "Traceback" not in got.err


def test_a_long_word_is_not_told_in_full(run):
    for words in (("solve", "x" * 100_000), ("list", "y" * 100_000), ("track", "xor", f"--{'z' * 100_000}")):
        got = run(*words)
        assert got.code == 2
        assert len(got.err) < 1500
        assert got.err.count("\n") == 1


@pytest.mark.parametrize("told", ["5", "[]", "{}", "object()", "True", "b'no'"])
def test_what_accepts_returns_is_a_sentence(told, run, tmp_path):
    write(tmp_path, accepts=f"return {told}")
    got = run("compare", "bowl", "-m", "mine", "--seeds", "2", "--plugin", "plug.py")
    assert (got.code, got.out) == (2, "")
    assert "what accepts of mine returns must be a sentence or None, not " in got.err


@pytest.mark.parametrize("result", ["None", "5", "'done'", "problem.start(rng)", "object()"])
def test_a_method_that_returns_no_result(result, run, tmp_path):
    text = f"""
from homotopy.methods import Method


class Alone(Method):
    name = "alone"

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        import numpy as np
        rng = np.random.default_rng(0)
        return {result}


METHODS = {{"alone": Alone}}
"""
    (tmp_path / "plug.py").write_text(text)
    got = run("solve", "xor", "-m", "alone", "--plugin", "plug.py")
    assert (got.code, got.out) == (2, "")
    assert "what alone returns must be a Result, not " in got.err
    failed = run("compare", "xor", "-m", "alone", "--seeds", "2", "--plugin", "plug.py", "-j", "1")
    assert failed.code == 1
    assert "failed: alone on xor" in failed.err


MUTE = """
class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


"""


@pytest.mark.parametrize("where", ["objective", "run", "accepts"])
def test_an_error_whose_text_fails_is_told_by_its_kind(where, run, tmp_path):
    (tmp_path / "plug.py").write_text(MUTE + PLUGIN.format(**SOUND | {where: "raise Mute"}))
    got = run("solve", "bowl", "-m", "mine", "--plugin", "plug.py", "--budget", "30")
    check_told(got)
    assert got.err.endswith("raises Mute\n")
    if where == "run":
        got = run("compare", "bowl", "-m", "mine", "--plugin", "plug.py", "--seeds", "2", "-j", "1", "-q")
        assert (got.code, got.err.splitlines()[-1]) == (1, "failed: mine on bowl: Mute")


def test_a_file_whose_error_has_no_text(run, tmp_path):
    (tmp_path / "plug.py").write_text(f"{MUTE}raise Mute")
    (tmp_path / "loop.py").symlink_to("loop.py")
    for name, told in (("plug.py", "cannot be run: Mute"), ("loop.py", "there is no plugin file 'loop.py'")):
        got = run("list", "--plugin", name)
        assert (got.code, got.err.count("\n")) == (2, 1)
        assert told in got.err


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("def run(self, batch)", "def run(self)", "Mine.run()"),
        ("def accepts(self, problem)", "def accepts(self)", "Mine.accepts()"),
        ("def value_and_grad(self, x)", "def value_and_grad(self)", "Bowl.value_and_grad()"),
        ("lambda rng: rng", "lambda: rng", "<lambda>.<locals>.<lambda>()"),
    ],
)
def test_functions_that_take_other_arguments_are_told(old, new, name, run, tmp_path):
    mine = PLUGIN.format(**SOUND)
    assert old in mine
    (tmp_path / "plug.py").write_text(mine.replace(old, new))
    for words in (("solve",), ("compare", "-j", "1", "-q", "--seeds", "2")):
        got = run(*words, "bowl", "-m", "mine", "--plugin", "plug.py")
        told = got.err.splitlines()[-1]
        assert got.code == 1
        assert told.startswith(("homotopy: error: the plugin plug.py", "failed: mine on bowl: TypeError: "))
        assert name in told


@pytest.mark.parametrize("name", ["''", "None", "5", "b'mine'"])
def test_names_that_are_none_are_refused(name, run, tmp_path):
    (tmp_path / "plug.py").write_text(PLUGIN.format(**SOUND).replace('name = "mine"', f"name = {name}"))
    got = run("solve", "bowl", "-m", "mine", "--plugin", "plug.py")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "method 'mine' has no name" in got.err


def test_names_with_half_a_character_are_refused(run, tmp_path):
    (tmp_path / "plug.py").write_text(PLUGIN.format(**SOUND).replace('name = "mine"', r'name = "\ud800"'))
    got = run("compare", "bowl", "-m", "mine", "--plugin", "plug.py", "-j", "1", "-q", "--seeds", "2")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "surrogates not allowed" in got.err
