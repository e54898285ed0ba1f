"""Tables, verdicts and figures where no optimum is known: the expected loss leads, and no unit counts."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pytest

from homotopy.experiments import Comparison, Group, Store, Workers, compare
from homotopy.experiments.goal import Goal
from homotopy.methods.base import Method, streams
from homotopy.methods.result import Result
from homotopy.models import MLP
from homotopy.objectives.risk import EmpiricalRisk
from homotopy.problems.base import Problem
from homotopy.report import distributions, figures
from homotopy.report.html import page
from homotopy.report.losses import latex, lines, near_text, unknown_verdict
from homotopy.status import Counts, Status

ONE = Workers("threads", 1)
NAMES = ("short", "long", "idle")


class Falls(Method):
    """Ends at a loss that it draws, after so many gradients; the problem's data say in which unit the loss is."""

    reference = "none"

    def __init__(self, name, steps, center):
        self.name, self.steps, self.center = name, steps, center

    def solve(self, problem, *, rng=None, budget=None, callback=None):
        start, own = streams(rng)
        x = problem.start(start)
        first = problem.objective.value(x)
        share = self.center * np.exp(0.5 * own.standard_normal()) if self.center < 1 else 1.0
        costs = np.arange(1.0, self.steps + 1)
        values = first * (1 + (share - 1) * costs / self.steps)
        curve = np.column_stack([costs, values])
        counts = Counts(grad=self.steps)
        return Result(share * x, float(values[-1]), True, Status.CONVERGED, counts, 1e-6, curve=curve)


def data(unit=1.0, name="scaled", score=None, seed=0):
    """A net on data in some unit, whose starts have the loss of the constant, and whose score is said of x."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 2))
    y = X[:, 0] - 0.5 * X[:, 1]
    risk = EmpiricalRisk(MLP((2, 1)), "squared", X, unit * (y - y.mean()))
    return Problem(
        name,
        risk,
        lambda draw: np.zeros(3) + 0 * draw.standard_normal(3),
        score=score,
        score_name="R2" if score else "",
    )


def methods():
    return [Falls("short", 10, 0.05), Falls("long", 100, 0.02), Falls("idle", 100, 1.0)]


def run(problem, seeds=12, budget=100):
    return compare(problem, methods(), seeds=seeds, budget=budget, workers=ONE)


@pytest.fixture(scope="module")
def one():
    return run(data())


def test_the_expected_loss_leads_and_the_lowest_is_best(one):
    told = lines(one.summaries("scaled"))
    assert told.headings[:3] == ("method", "expected loss at the budget [95 %]", "near the lowest [95 %]")
    assert not any("success" in heading for heading in told.headings)
    losses = [summary.at_budget.loss.value for summary in one.summaries("scaled")]
    assert told.best == int(np.argmin(losses))
    assert [row[0] for row in told.rows] == list(NAMES)
    assert [len(keys) for keys in told.keys] == [len(told.headings) - 1] * 3


def test_short_runs_are_restarted_within_the_budget(one):
    short, long, idle = one.summaries("scaled")
    assert (short.at_budget.restarts, long.at_budget.restarts) == (10.0, 1.0)
    values = one.records("scaled", "short")["value"]
    at = short.at_budget.loss
    assert values.min() <= at.low <= at.value <= at.high < values.mean()
    assert long.at_budget.loss.value == pytest.approx(one.records("scaled", "long")["value"].mean())
    assert idle.at_budget.loss.low == pytest.approx(idle.at_budget.loss.high)


def test_a_run_that_does_nothing_is_near_nothing(one):
    assert [summary.rate.successes for summary in one.summaries("scaled")][2] == 0
    assert sum(summary.rate.successes for summary in one.summaries("scaled")) >= 1


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_of_the_target_change_nothing_but_the_scale(one, unit):
    """The loss goes with the square of the target's unit; rates, ranks, bold rows, restarts and tests stay."""
    other = run(data(unit))
    table, scaled = lines(one.summaries("scaled")), lines(other.summaries("scaled"))
    assert (table.headings, table.best) == (scaled.headings, scaled.best)
    for row, mine, a, b in zip(
        table.rows, scaled.rows, one.summaries("scaled"), other.summaries("scaled"), strict=True
    ):
        assert row[2:4] == mine[2:4]
        for name in ("value", "low", "high"):
            got, want = getattr(b.at_budget.loss, name), getattr(a.at_budget.loss, name)
            assert got == pytest.approx(unit**2 * want, rel=1e-9)
    for a, b in zip(one.lower("scaled"), other.lower("scaled"), strict=True):
        assert (a.only_first, a.only_second) == (b.only_first, b.only_second)
        np.testing.assert_allclose(a.p_holm, b.p_holm)
    assert one.goal("scaled").measure == other.goal("scaled").measure
    shape = [re.sub(r"[\d.]+(e[-+]\d+)?", "#", figures_text(c)) for c in (one, other)]
    assert shape[0] == shape[1]


def figures_text(comparison):
    return unknown_verdict(comparison.summaries("scaled"), comparison.goal("scaled").constant) + near_text(
        comparison.goal("scaled")
    )


def test_figures_go_with_the_unit(one):
    other = run(data(1e-6))
    for draw in (figures.curves, lambda c: distributions.waterfalls(c, "scaled")):
        low, high = draw(one).axes[0].get_ylim()
        assert draw(other).axes[0].get_ylim() == pytest.approx((1e-12 * low, 1e-12 * high), rel=1e-6)
    assert [t.get_text() for t in figures.success(one).axes[0].get_yticklabels()] == list(NAMES)
    labels = [text.get_text() for text in figures.curves(one).legends[0].get_texts()]
    assert labels[-2:] == ["near the lowest", "best constant"]


@pytest.mark.parametrize(
    ("values", "constant", "start", "tolerance", "measure"),
    [
        ([0.02, 0.4], 0.5, np.nan, 2e-4, "lowest"),
        ([0.495, 0.5], 0.5, np.nan, 5e-5, "gain"),
        ([1e-13, 1e-9], 7.7e-7, np.nan, 7.7e-12, "scale"),
        ([1000.0, 1001.0], np.nan, 1010.0, 0.1, "gain"),
        ([-3.0, 2.0], np.nan, 5.0, 0.03, "lowest"),
        ([0.0, 2.0], np.nan, 5.0, 5e-5, "scale"),
        ([0.6, 0.7], 0.5, np.nan, 5e-6, "scale"),
        ([np.nan], np.nan, np.nan, 0.0, "lowest"),
    ],
)
def test_what_is_near_the_lowest_is_a_share_of_what_can_be_won(values, constant, start, tolerance, measure):
    for unit in (1.0, 1e-6, 1e6):
        goal = Goal.lowest(unit * np.array(values), constant=unit * constant, start=unit * start)
        assert goal.tolerance == pytest.approx(unit * tolerance)
        assert goal.measure == measure
    assert not goal.known


def test_sentences_name_the_lowest_and_the_constant():
    def text(values, **more):
        return near_text(Goal.lowest(np.array(values), **more))

    assert text([0.02], constant=0.5) == (
        "optimum unknown; near the lowest: loss at most 0.0202, 1 % above the lowest that any run found (0.02); "
        "the best constant has 0.5"
    )
    assert text([0.495], constant=0.5).endswith("found (0.495), reckoned from the best constant (0.5)")
    assert "1e-05 of the best constant's loss (0.5) above the lowest" in text([1e-9], constant=0.5)
    assert text([0.0], start=5.0).endswith(
        "1e-05 of the way down from the starts above the lowest that any run found (0)"
    )
    assert near_text(Goal(0.25, 1e-3, known=True)) == "success: loss at most 0.251"


def test_scores_stand_beside_the_objective(tmp_path, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    with Store(tmp_path / "runs.sqlite") as store:
        compare(data(score=lambda x: float(x[0]) + 0.5), methods(), seeds=5, budget=100, store=store, workers=ONE)
        again = Comparison.load(store)
        told = lines(again.summaries("scaled"))
        assert told.headings[2:4] == ("test R2 of the lowest [95 %]", "test R2 of a run [95 %]")
        assert told.rows[0][2] == told.rows[0][3] == "0.5 [0.5, 0.5]"
        assert again.table().dtype.names[-1] == "score"
        np.testing.assert_array_equal(again.scores("scaled", "long"), 0.5)
        assert "on held-out data" in str(again)
        text = page(again)
    assert "test R2 of the lowest" in text
    assert "scores highest, R2 0.5" in text
    assert "which no run saw" in text


def test_the_score_of_the_lowest_is_that_of_the_run_with_the_lowest_loss():
    """Short runs whose score falls with their loss: the best of restarts scores worse than a run on average."""
    scored = data(score=lambda x: 0.0)
    object.__setattr__(scored, "start", lambda draw: np.ones(3))
    object.__setattr__(scored, "score", lambda x: float(x[0]))
    found = run(scored).summaries("scaled")[0].at_budget
    assert found.score.value < found.run_score.low
    assert found.run_score.low < found.run_score.value < found.run_score.high


def test_problems_of_a_group_count_alike_whatever_their_units():
    pair = [data(1.0, "a"), data(1e-5, "b", seed=3)]
    alone = [run(problem).summaries(problem.name) for problem in pair]
    group = run(Group("both", pair)).summaries("both")
    for i, summary in enumerate(group):
        shares = []
        for problem, found in zip(pair, alone, strict=True):
            y = problem.objective.y
            shares.append(found[i].at_budget.loss.value / (0.5 * float(np.var(y))))
        assert summary.at_budget.relative
        assert summary.at_budget.loss.value == pytest.approx(np.mean(shares))
    assert "of the constant's" in lines(group).headings[1]
    assert "of the best constant's" in unknown_verdict(group)
    assert near_text(*(run(problem).goal(problem.name) for problem in pair)).startswith(
        "optima unknown; near the lowest"
    )


def test_two_kinds_of_problems_make_two_tables(one):
    known = compare("xor", ["gd"], seeds=3, budget=20, workers=ONE).summaries("xor:hidden=2")
    text = latex([*one.summaries("scaled"), *known])
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2
    assert r"expected loss at the budget [95 \%]" in text
    assert r"success [95 \%]" in text


def test_the_page_says_what_is_near_and_tests_losses(one, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    text = page(one)
    assert "Optimum unknown; near the lowest" in text
    assert "first ended lower" in text
    assert "McNemar" not in text
    assert "Where the optimum is unknown nothing is called solved" in text
    assert "comes lowest for the budget" in text


def test_runs_that_end_nowhere_are_told_as_such():
    class Lost(Falls):
        def solve(self, problem, *, rng=None, budget=None, callback=None):
            found = super().solve(problem, rng=rng)
            return Result(found.x, np.inf, False, Status.NON_FINITE, found.counts, 1e-6, curve=found.curve)

    got = compare(data(), [Lost("lost", 100, 0.5), Falls("long", 100, 0.1)], seeds=4, budget=100, workers=ONE)
    told = lines(got.summaries("scaled"))
    assert told.rows[0][1].startswith("∞")
    assert told.best == 1
    assert unknown_verdict(got.summaries("scaled")[:1]) == "No method ended at a finite loss."
    for draw in (figures.curves, figures.success, lambda c: distributions.waterfalls(c, "scaled")):
        draw(got).savefig(BytesIO(), format="svg")
