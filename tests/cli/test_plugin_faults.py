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
