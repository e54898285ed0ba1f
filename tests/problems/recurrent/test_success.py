"""Success by the error on held-out data: what a run is that reached the training target, and what it counts for."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from click.testing import CliRunner

import homotopy as hp
from homotopy.cli import cli
from homotopy.errors import ArgumentError
from homotopy.experiments import Store
from homotopy.experiments.run.executors import Workers
from homotopy.problems import BY_NAME
from homotopy.report.html import page
from homotopy.report.losses import lines
from homotopy.status import Status

OVERFIT = "adding:T=4,h=8,n=12"
"""A dozen sequences for 97 weights."""


@dataclass(eq=False)
class Held:
    """A loss on held-out data by the sign of the first variable: the left minimum is right, the right one is not."""

    bad: float
    size = 2

    def value(self, x):
        return self.bad if x[0] > 0 else 1e-3


class Wells:
    """Two minima of value 0, at (-1, 0) and (1, 0)."""

    size = 2

    def value(self, x):
        return self.value_and_grad(x)[0]

    def grad(self, x):
        return self.value_and_grad(x)[1]

    def value_and_grad(self, x):
        return float((x[0] ** 2 - 1) ** 2 + x[1] ** 2), np.array([4 * x[0] * (x[0] ** 2 - 1), 2 * x[1]])


def wells(bad: float = 0.5) -> hp.Problem:
    """Two wells, one of which is right."""
    return hp.Problem(
        f"wells:bad={bad}", Wells(), lambda rng: rng.standard_normal(2), test=Held(bad), optimum=0.0, test_target=0.01
    )


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(BY_NAME, "wells", wells)


@pytest.mark.parametrize("method", ["lbfgs", "gd:steps=500,step_size=0.05", "multistart", "auto"])
@pytest.mark.parametrize(
    ("bad", "status"), [(0.5, "FAILS_TEST"), (1e9, "DIVERGES_ON_TEST"), (np.nan, "DIVERGES_ON_TEST")]
)
def test_only_what_holds_on_held_out_data_is_a_success(method, bad, status):
    problem, chosen = wells(bad), hp.method(method)
    rows = chosen.solve_many(problem, range(12), budget=300)
    right = rows.x[:, 0] < 0
    assert 0 < right.sum() < 12
    np.testing.assert_array_equal(rows.success, right)
    np.testing.assert_array_equal(np.isfinite(rows.cost_to_success), right)
    assert set(rows.status[right]) == {"REACHED_TARGET"}
    assert set(rows.status[~right]) == {status}
    assert np.all(rows.value <= problem.target)
    for seed in (int(np.flatnonzero(right)[0]), int(np.flatnonzero(~right)[0])):
        one = hp.solve(problem, chosen, rng=seed, budget=300)
        assert (one.success, one.status.name) == (rows.success[seed], rows.status[seed])
        assert ("held-out data" in one.message) != one.success
        assert problem.solves(one.x) == one.success


def test_runs_without_a_test_target_are_as_before():
    plain = hp.Problem("plain", Wells(), wells().start, optimum=0.0)
    rows, same = (hp.method("lbfgs").solve_many(one, range(8), budget=300) for one in (plain, wells()))
    assert rows.success.all()
    assert np.isnan(same.cost_to_success).any()
    np.testing.assert_array_equal(rows.cost, same.cost)
    np.testing.assert_array_equal(rows.x, same.x)


def test_comparisons_count_them_as_failures_with_their_full_cost(tmp_path):
    with Store(tmp_path / "a") as store:
        name, one = wells().name, Workers("threads", 1)
        got = hp.compare(name, ["lbfgs", "gd:step_size=0.02"], seeds=30, budget=200, store=store, workers=one)
        assert not got.failures
        rows, (summary, _) = got.records(name, "lbfgs"), got.summaries(name)
        missed = rows["status"] == "FAILS_TEST"
        assert 5 < missed.sum() < 25
        assert (summary.missed, summary.diverged) == (missed.sum(), 0)
        assert summary.rate.successes == 30 - missed.sum()
        assert summary.expected.value > 1.3 * np.nanmean(rows["cost_to_success"])
        assert got.goal(name).test == 0.01
        table = lines(got.summaries(name))
        place = table.headings.index("test target missed")
        assert table.rows[0][place] == str(missed.sum())
        assert "reach the training target and fail on held-out data" in str(got)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "told"), [("wells", True), ("xor", False)])
def test_the_page_says_what_held_out_data_decide_where_they_do(tmp_path, name, told):
    with Store(tmp_path / "c") as store:
        got = hp.compare(name, "lbfgs", seeds=6, budget=100, store=store, workers=Workers("threads", 1))
        assert ("One that misses it is a failure with all that it spent" in page(got)) == told


def test_divergence_is_told_apart(tmp_path):
    with Store(tmp_path / "b") as store:
        got = hp.compare("wells:bad=1e9", "lbfgs", seeds=20, budget=200, store=store, workers=Workers("threads", 1))
        (summary,) = got.summaries(got.problems[0])
        assert summary.diverged == summary.missed > 0
        assert "of them diverge" in str(got)
        assert "of them diverge on test data" in lines([summary]).headings


def test_a_test_target_needs_what_it_is_of():
    for more in ({"test": None}, {"optimum": None}, {"test_target": 0.0}, {"test_target": "low"}):
        given = {"test": Held(1.0), "optimum": 0.0, "test_target": 0.1} | more
        with pytest.raises(ArgumentError, match="test_target"):
            hp.Problem("p", Wells(), lambda rng: np.ones(2), **given)


def test_a_net_that_learns_its_sequences_by_heart_is_no_success():
    problem = hp.problem(OVERFIT)
    rows = hp.method("lbfgs").solve_many(problem, range(4), budget=800)
    missed = np.isin(rows.status, ["FAILS_TEST", "DIVERGES_ON_TEST"])
    assert missed.sum() >= 2
    assert not rows.success[missed].any()
    assert np.isnan(rows.cost_to_success[missed]).all()
    for x in rows.x[missed]:
        assert problem.objective.value(x) <= problem.target
        assert problem.test.value(x) > problem.test_target
    seed = int(np.flatnonzero(missed)[0])
    told = hp.solve(problem, "lbfgs", rng=seed, budget=800).message
    assert "at most 0.005 is a success; the spectral radius of the recurrent weights is" in told


@pytest.mark.parametrize("name", ["adding:T=5,n=64", "latch:T=5,n=64,start=normal", "rts:h=1,gain=1,T=4"])
def test_runs_end_where_the_training_target_is_reached(name):
    problem = hp.problem(name)
    rows = hp.method("lbfgs").solve_many(problem, range(4), budget=900)
    ended = rows.value <= problem.target
    assert ended.any()
    assert (rows.cost[ended] < 500).all()
    assert (rows.value[ended] > problem.target / 1000).all()


def test_relu_states_that_grow_without_end_diverge_on_held_out_sequences():
    problem = hp.problem("adding:T=60,h=2,act=relu,n=8")
    model = problem.objective.model
    W = 10.0 * np.eye(2)
    x = model.pack({"W": W, "U": np.ones((2, 2)), "b": np.zeros(2), "C": np.ones((1, 2)), "c": [0.0]})
    loss, status = problem.judged(x)
    assert status is Status.DIVERGES_ON_TEST
    assert loss > 1e50
    assert "the spectral radius of the recurrent weights is 10" in problem.told(x, loss, status)
    assert problem.score(x) < -1e50
    x[:] = 1e200
    assert problem.judged(x)[1] is Status.DIVERGES_ON_TEST
    assert problem.score(x) == -np.inf


def test_the_command_says_why():
    run = CliRunner()
    rows = hp.method("lbfgs").solve_many(hp.problem(OVERFIT), range(4), budget=800)
    seed = str(np.flatnonzero(~rows.success)[0])
    shown = run.invoke(cli, ["solve", OVERFIT, "-m", "lbfgs", "--seed", seed, "--budget", "800"])
    text = " ".join(shown.stdout.split())
    assert "but not on held-out data" in text
    assert "spectral radius" in text
    assert "12 sequences of 4 steps, 1,024 held out" in text
    told = run.invoke(cli, ["solve", OVERFIT, "-m", "lbfgs", "--seed", seed, "--budget", "800", "--json"])
    found = json.loads(told.stdout)
    assert found["status"] in ("FAILS_TEST", "DIVERGES_ON_TEST")
    assert not found["success"]
    assert found["cost_to_success"] is None
