"""Scores on held-out data: made after the runs, kept, merged and exported; all folds of a problem are one group."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments import Comparison, Group, Store, Workers, compare
from homotopy.experiments.plan.folds import folds_of
from homotopy.experiments.plan.grid import Grid
from homotopy.experiments.store.stores import clean, export, merge
from homotopy.models import MLP
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems import BY_NAME
from homotopy.problems.base import Problem
from homotopy.problems.constant import constant_loss
from homotopy.problems.table import from_table

ONE = Workers("threads", 1)


def shares(folds: int = 4, fold: int | None = None, named: bool = True) -> Problem:
    """A line through noisy points, one fold of which is held out."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    y = X[:, 0] + 0.3 * rng.standard_normal(40)
    out = np.arange(40) % folds == (fold or 0)
    net = MLP((2, 2, 1))
    test = EmpiricalRisk(net, "squared", X[out], y[out])
    spelled = f"shares:folds={folds}" + (f",fold={fold}" if named or fold else "")
    return Problem(
        name=spelled,
        objective=EmpiricalRisk(net, "squared", X[~out], y[~out], l2=1e-3),
        start=net.init,
        test=test,
        score=lambda x: 1 - 2 * test.value(x) / np.var(y[out]),
        score_name="R2",
    )


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(BY_NAME, "shares", shares)


def test_scores_are_those_of_the_final_points(tmp_path):
    problem = shares(4, 1)
    with Store(tmp_path / "a") as store:
        got = compare("shares:fold=1", ["gd", "lbfgs"], seeds=3, budget=50, store=store, workers=ONE)
        compare("shares:fold=1", ["gd", "lbfgs"], seeds=5, budget=50, store=store, workers=ONE)
        for method in got.methods:
            points = [x for _, x, _ in got.payload(problem.name, method)]
            np.testing.assert_array_equal(got.scores(problem.name, method), [problem.score(x) for x in points])
        assert got.score_name(problem.name) == "R2"
        assert len(Comparison.load(store).scores(problem.name, "gd")) == 5


def test_scores_are_exported_merged_and_cleaned(tmp_path):
    for name, seeds in (("a", "0..3"), ("b", "2..5")):
        with Store(tmp_path / name) as store:
            compare("shares:fold=1", ["gd", "lbfgs"], seeds=seeds, budget=50, store=store, workers=ONE)
    merge([tmp_path / "a", tmp_path / "b"], tmp_path / "c")
    whole = compare("shares:fold=1", ["gd", "lbfgs"], seeds=6, budget=50, workers=ONE)
    with Store(tmp_path / "c") as store:
        merged = Comparison.load(store)
        for method in whole.methods:
            np.testing.assert_array_equal(
                merged.scores(merged.problems[0], method), whole.scores(whole.problems[0], method)
            )
        with export(merged, tmp_path / "c.csv").open() as file:
            rows = list(csv.DictReader(file))
        assert [float(row["score"]) for row in rows] == merged.table().score.tolist()
        clean(store, methods=["gd"], apply=True)
        assert store.query("SELECT count(*) FROM scores").fetchone()[0] == 2
        np.testing.assert_array_equal(
            Comparison.load(store).scores(merged.problems[0], "lbfgs"), whole.scores(whole.problems[0], "lbfgs")
        )


def test_stores_without_held_out_data_have_no_scores(bowl, pair, tmp_path):
    with Store(tmp_path / "a") as store:
        got = compare(bowl, pair, seeds=3, budget=50, store=store)
        assert not store.has("scores")
        assert np.isnan(got.scores("bowl", "sure")).all()
        assert got.score_name("bowl") == ""
        assert all(summary.known and summary.at_budget is None for summary in got.summaries("bowl"))


def test_scores_stand_beside_successes_where_the_optimum_is_known(bowl, pair):
    from homotopy.report.losses import lines

    object.__setattr__(bowl, "score", lambda x: float(-x @ x))
    object.__setattr__(bowl, "score_name", "R2")
    told = lines(compare(bowl, pair, seeds=9, budget=50).summaries("bowl"))
    assert told.headings[1] == "success [95 %]"
    assert told.headings[-2:] == ("test R2 of the lowest [95 %]", "test R2 of a run [95 %]")


def test_a_score_that_raises_is_a_failure_told(bowl, pair):
    def score(x):
        raise RuntimeError("no rows")

    object.__setattr__(bowl, "score", score)
    got = compare(bowl, pair[:1], seeds=3, budget=50)
    assert got.failures == (("bowl", "sure", "RuntimeError: no rows"),)


def test_a_problem_in_folds_is_a_group_of_all_of_them():
    names = tuple(f"shares:folds=4,fold={fold}" for fold in range(4))
    grid = Grid.of(["shares:folds=4", "shares:folds=2,fold=1"], "gd", seeds=2, budget=9)
    assert grid.groups == {"shares:folds=4": names, "shares:folds=2,fold=1": ("shares:folds=2,fold=1",)}
    inside = Grid.of(Group("mine", "shares:folds=2/3"), "gd", seeds=2, budget=9)
    assert [len(members) for members in inside.groups.values()] == [5]
    assert len(Grid.of("shares:folds=2/3", "gd", seeds=2, budget=9).groups) == 2


def test_a_fold_that_is_named_like_all_of_them_makes_no_clash(monkeypatch):
    monkeypatch.setitem(BY_NAME, "shares", lambda folds=4, fold=0: shares(int(folds), int(fold), named=False))

    def factory(folds: int = 4, fold: int = 0) -> Problem:
        return shares(folds, fold, named=False)

    monkeypatch.setitem(BY_NAME, "shares", factory)
    assert list(Grid.of("shares:folds=3", "gd", seeds=2, budget=9).groups) == ["shares:folds=3 (all folds)"]


@pytest.mark.parametrize("bad", ["1", "x", "-3", "2000"])
def test_wrong_numbers_of_folds_are_told(bad):
    with pytest.raises(ArgumentError, match="folds must be a whole number from 2 to 1,000"):
        folds_of(f"shares:folds={bad}")


def test_intervals_over_folds_are_those_of_their_means():
    got = compare("shares:folds=4", ["lbfgs"], seeds=3, budget=60, workers=ONE)
    (summary,) = got.summaries("shares:folds=4")
    each = [got.summaries(name)[0].at_budget for name in got.problems]
    scores = [one.score.value for one in each]
    assert summary.problems == 4
    assert summary.at_budget.score.value == pytest.approx(np.mean(scores))
    assert summary.at_budget.score.high - np.mean(scores) == pytest.approx(
        3.182446305284263 * np.std(scores, ddof=1) / 2
    )
    assert summary.at_budget.relative


@pytest.mark.parametrize(
    ("loss", "y", "want"),
    [
        ("squared", [1.0, 2.0, 6.0], 0.5 * np.var([1.0, 2.0, 6.0])),
        ("logistic", [0, 0, 0, 1], -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))),
        ("softmax", [0, 1, 1, 2], 1.5 * np.log(2)),
    ],
)
def test_the_constants_loss_is_variance_or_entropy(loss, y, want):
    net = MLP((1, 3, 3 if loss == "softmax" else 1))
    risk = EmpiricalRisk(net, loss, np.arange(len(y))[:, None], y, l2=0.1)
    assert constant_loss(risk) == pytest.approx(want)


def test_weighted_samples_count_in_the_constant():
    class Weighted:
        def __init__(self, risk, weights):
            self.outputs, self.weights, self.size = risk.outputs, np.array(weights), risk.size

    y = [0.0, 1.0, 4.0]
    risk = EmpiricalRisk(MLP((1, 2, 1)), "squared", [[0.0], [1.0], [2.0]], y)
    twice = np.repeat(y, [2, 1, 3])
    assert constant_loss(Weighted(risk, [2.0, 1.0, 3.0])) == pytest.approx(0.5 * np.var(twice))


@pytest.mark.parametrize("loss", ["squared", "logistic", "softmax"])
def test_the_constant_of_a_weighted_risk_is_that_of_repeated_rows(loss):
    """Rows of weight zero are no rows of the risk's outputs."""
    y, counts = (
        np.array([0, 1, 1, 2, 0, 1, 2, 2]) % (3 if loss != "logistic" else 2),
        np.array([3, 1, 0, 2, 1, 0, 4, 1]),
    )
    net, X = MLP((1, 2, 3 if loss == "softmax" else 1)), np.arange(8.0)[:, None]
    repeated = np.repeat(np.arange(8), counts)
    want = constant_loss(EmpiricalRisk(net, loss, X[repeated], y[repeated]))
    assert constant_loss(EmpiricalRisk(net, loss, X, y, weights=counts)) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("given", [{"weights": "w"}, {"class_weight": "balanced", "test": 0.3}])
def test_weighted_tables_are_compared(given):
    rng = np.random.default_rng(3)
    rows = [[*rng.normal(size=2), float(i % 4), "yes" if i % 3 else "no"] for i in range(30)]
    table = {name: [row[j] for row in rows] for j, name in enumerate(["a", "b", "w", "y"])}
    problem = from_table(table, "y", l2=1e-2, **given)
    comparison = compare(problem, ["lbfgs", "auto"], seeds=3, budget=60)
    assert len(comparison.table()) == 6
    assert np.isfinite(comparison.table().value).all()


def test_a_function_without_outputs_has_no_constant(bowl):
    assert np.isnan(constant_loss(bowl.objective))
