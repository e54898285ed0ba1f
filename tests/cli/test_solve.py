"""``homotopy solve``: one screen that a person reads, and JSON for programs."""

from __future__ import annotations

import json

import numpy as np
import pytest

import homotopy as hp
from homotopy.problems import BY_NAME


def noisy() -> hp.Problem:
    """A sine with noise, ten rows of which are held out."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (40, 2))
    y = np.sin(3 * X[:, 0]) + 0.1 * rng.standard_normal(40)
    net = hp.MLP((2, 3, 1), "tanh")
    test = hp.EmpiricalRisk(net, "squared", X[:10], y[:10])
    risk = hp.EmpiricalRisk(net, "squared", X[10:], y[10:], l2=1e-2)
    return hp.Problem("noisy", risk, net.init, test=test, score=lambda x: 1 - test.value(x), score_name="R2")


class Two:
    """Two minima with a saddle between them."""

    size = 2

    def value(self, x):
        return float(x[0] ** 2 - x[1] ** 2 + x[1] ** 4)

    def grad(self, x):
        return np.array([2 * x[0], -2 * x[1] + 4 * x[1] ** 3])

    def value_and_grad(self, x):
        return self.value(x), self.grad(x)


def saddle() -> hp.Problem:
    """A start from which a descent ends at the saddle."""
    return hp.Problem("saddle", Two(), lambda rng: np.array([1.0, 0.0]))


@pytest.fixture(autouse=True)
def known(monkeypatch):
    for factory in (noisy, saddle):
        monkeypatch.setitem(BY_NAME, factory.__name__, factory)


def read(out):
    """Return the entries of a screen that fits a terminal."""
    lines = out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    found, name = {}, ""
    for line in lines:
        name = line[:10].strip() or name
        found[name] = f"{found.get(name, '')} {line[10:].strip()}".strip()
    return found


def test_a_known_minimum_that_is_reached(run):
    found = read(run("solve", "xor").out)
    assert list(found) == ["problem", "data", "method", "value", "bound", "success", "end", "cost", "next"]
    assert found["problem"] == "xor:hidden=2"
    assert found["data"] == "4 samples, 9 variables"
    assert found["method"].startswith("auto; chose omp")
    assert "above the known minimum 0" in found["value"]
    assert found["success"] == "yes: within 5e-07 of the known minimum"
    assert "gradient-equivalents" in found["cost"]


def test_a_run_that_fails_says_what_to_do(run):
    found = read(run("solve", "xor", "-m", "gd", "--budget", "20").out)
    assert found["success"] == "no: not within 5e-07 of the known minimum"
    assert found["end"] == "the budget was spent"
    assert found["cost"].startswith("20 of 20 gradient-equivalents")
    assert "--budget" in found["next"]
    caught = read(run("solve", "yun", "-m", "lbfgs", "--seed", "3").out)
    assert "--seed 1" in caught["next"]
    assert "homotopy compare 'yun' -m lbfgs" in caught["next"]


def test_an_unknown_minimum_is_unknown(run, tmp_path):
    got = run("solve", "noisy", "-m", "lbfgs", "-o", "point")
    found = read(got.out)
    assert found["success"] == "yes: it converged to a minimum; whether it is the global one is unknown"
    assert "the end is a minimum" in found["end"]
    assert "the best constant prediction has" in found["value"]
    assert "without penalty" in found["value"]
    assert found["bound"].startswith("gap 0.")
    assert found["bound"].endswith(" above 0: the loss is never negative")
    assert found["test"].startswith("R2 0.9")
    assert found["test"].endswith("on 10 held-out rows")
    assert found["written"] == "point.npy"
    assert (tmp_path / "point.npy").exists()
    assert "other starts may end lower" in found["next"]
    short = read(run("solve", "noisy", "-m", "gd", "--budget", "9").out)
    assert short["success"] == "no: it did not converge to a minimum"


def test_json_says_of_success_what_python_does(run):
    data = json.loads(run("solve", "saddle", "-m", "lbfgs", "--json").out)
    keys = "problem method seed success value optimum bound certificate gap cost cost_to_success status message"
    keys += " seconds x"
    assert list(data) == keys.split()
    assert data["success"] is True
    assert data["optimum"] is data["bound"] is data["gap"] is None
    assert data["certificate"] == ""
    assert data["value"] == pytest.approx(-0.25)  # the saddle at the start's end was left
    result = hp.solve(saddle(), "lbfgs", rng=0)
    assert (result.success, result.value) == (True, data["value"])
    assert "(success: converged to a minimum)" in str(result)
    assert "(success: the known optimum)" in str(hp.solve("xor", rng=0))
    scored = json.loads(run("solve", "noisy", "-m", "lbfgs", "--json").out)
    assert scored["score_name"] == "R2"
    assert (scored["bound"], scored["certificate"]) == (0.0, "the loss is never negative")
    assert scored["gap"] == scored["value"]
    assert 0.9 < scored["score"] <= 1


@pytest.mark.parametrize("words", [["teacher:k=6"], ["sine:hidden=2", "--budget", "300"], ["ts:act=relu,d=4,h=4"]])
def test_every_screen_fits_a_terminal(words, run):
    assert read(run("solve", *words).out)["cost"]


def test_a_convex_problem_is_proved(run, tmp_path):
    rows = "\n".join(f"{i % 7},{(3 * i) % 5},{i % 2 + 0.1 * i}" for i in range(30))
    (tmp_path / "some.csv").write_text(f"a,b,y\n{rows}\n")
    found = read(run("solve", "some.csv:hidden=0,l2=0.01", "--target", "y").out)
    assert "strong convexity" in found["bound"]
    assert found["success"].startswith("yes: it converged, and no value is lower")
    assert found["next"] == "-o FILE writes the point"
    data = json.loads(run("solve", "some.csv:hidden=0", "--target", "y", "--json").out)
    assert data["certificate"] == "the least-squares value"
    assert 0 <= data["gap"] < 1e-10


def test_a_value_below_the_bound_is_told(run, monkeypatch):
    monkeypatch.setitem(BY_NAME, "wrong", lambda: saddle().bounded(1.0, "a wrong proof"))
    found = read(run("solve", "wrong", "-m", "lbfgs").out)
    assert found["bound"].startswith("contradiction: the value -0.25 is 1.25 below 1")


def test_a_full_screen_is_no_higher_than_a_terminal():
    from dataclasses import replace
    from types import SimpleNamespace

    from homotopy.cli.solve import screen
    from homotopy.methods import method as method_by_name
    from homotopy.status import Budget

    long = "words " * 80
    table = SimpleNamespace(describe=lambda: long)
    problem = replace(noisy(), name=long, data=table).bounded(0.001, long)
    result = replace(hp.solve(noisy(), "lbfgs", rng=0), note=long, problem=problem)
    method = method_by_name("lbfgs")
    method.name = long
    lines = screen(problem, method, result, budget=Budget(), written=long)
    assert len(lines) == 24
    assert [line[:10].strip() for line in lines if line[:10].strip()] == (
        ["problem", "data", "method", "value", "bound", "success", "end", "cost", "test", "written", "next"]
    )


def test_a_file_that_is_there_is_seen_before_anything_runs_and_replaced_by_force(run, tmp_path, monkeypatch):
    (tmp_path / "x.npy").write_text("older")
    with monkeypatch.context() as patch:
        patch.setattr("homotopy.methods.solve", lambda *_, **__: pytest.fail("it ran"))
        got = run("solve", "xor", "-m", "lbfgs", "-o", "x")
    assert (got.code, got.out) == (2, "")
    assert "x.npy is there already" in got.err
    assert (tmp_path / "x.npy").read_text() == "older"
    assert run("solve", "xor", "-m", "lbfgs", "-o", "x", "--force").code == 0
    assert np.load(tmp_path / "x.npy").ndim == 1
