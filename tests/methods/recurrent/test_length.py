"""The method length: short sequences first, gates, honest accounts, and every way in which a run ends."""

from itertools import pairwise

import numpy as np
import pytest
from methods.recurrent.members import data, recall, risk, taught, wave

import homotopy as hp
from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.methods.recurrent.plans import PLANS, Plan, chosen
from homotopy.objectives.flops import relative_cost
from homotopy.problems import problem
from homotopy.status import Budget, Status

KNOWN = {"taught": taught, "relu": lambda: taught(3, act="relu"), "recall": recall, "wave": wave}


@pytest.fixture(params=sorted(KNOWN))
def target(request):
    return KNOWN[request.param]()


def test_it_solves_what_is_known(target):
    runs = method("length").solve_many(target, range(6), budget=3000)
    assert runs.success.all()
    assert max(target.objective.value(x) for x in runs.x) <= target.target
    assert np.median(runs.cost_to_success) < 1000


@pytest.mark.parametrize("T", [40, 80])
def test_it_recalls_where_descent_finds_nothing(T):
    long = recall(T)
    runs = method("length").solve_many(long, range(5), budget=1000)
    plain = method("lbfgs").solve_many(long, range(5), budget=1000)
    assert runs.success.all()
    assert np.mean(runs.cost_to_success) < 100
    assert plain.success.mean() <= 0.4


def test_the_stages_tell_each_length_its_value_and_its_gate():
    target = recall(24)
    result = hp.solve(target, "length", rng=1)
    assert result.stages[0]["recipe"] == "memory"
    lengths = [stage for stage in result.stages if stage["stage"].startswith("length")]
    gates = [stage for stage in result.stages if stage["stage"] == "gate"]
    assert [stage["stage"] for stage in lengths][-3:] == ["length 3", "length 6", "length 12"]
    assert [gate["length"] for gate in gates][-3:] == [3, 6, 12]
    for stage, gate in zip(lengths, gates, strict=True):
        assert gate["value"] == stage["value"]
        assert gate["passed"] == (stage["value"] <= gate["gate"])
        assert gate["gate"] == pytest.approx(2 * target.tolerance)


def test_every_evaluation_is_charged_by_its_length():
    target = recall(24)
    result = hp.solve(target, "length:tries=1,corrector=lbfgs", rng=1)
    before, counted = 0.0, 0
    for stage in result.stages:
        if stage["stage"].startswith("length") or stage["stage"] == "finish":
            short = target.objective
            if stage["stage"] != "finish":
                short = short.shorter(int(stage["stage"].removeprefix("length ")))
            unit = relative_cost(short, target.objective) + 8 * 20 * target.size / target.objective.flops
            evaluations = (stage["cost"] - before) / unit
            assert evaluations == pytest.approx(round(evaluations), abs=1e-6)
            before, counted = stage["cost"], counted + round(evaluations)
    assert (before, counted) == (pytest.approx(result.cost), result.counts.grad)


def test_a_start_that_fails_a_gate_is_given_up_but_for_the_last():
    target = taught(0)
    result = hp.solve(target, "length:recipe=memory,gate=1e-9,tries=3,first=2", rng=0)
    gates = [stage["passed"] for stage in result.stages if stage["stage"] == "gate"]
    assert gates[:2] == [False, False]
    assert result.stages[-1]["stage"] == "finish"
    whole = hp.solve(target, "length:recipe=memory,gate=0,tries=1", rng=0)
    assert not [stage for stage in whole.stages if stage["stage"] == "gate"]


def test_new_starts_are_those_of_the_problem_and_runs_have_their_own():
    seen = []

    def start(rng):
        seen.append(rng.standard_normal(target.size))
        return seen[-1]

    known = taught(0)
    target = hp.Problem("far", known.objective, start, None, -1.0, 1e-3)  # no start can succeed
    runs = method("length:tries=4").solve_many(target, range(3))
    assert len(seen) == 12
    assert len({tuple(x) for x in seen}) == 12
    assert not runs.success.any()


def test_a_schedule_by_extension_doubles_only_where_the_solution_carries_over():
    target = recall(30)
    result = hp.solve(target, "length:schedule=extension,tries=1,gate=0", rng=2)
    lengths = [int(s["stage"].split()[1]) for s in result.stages if s["stage"].startswith("length")]
    assert lengths[0] == 3
    for last, this in pairwise(lengths):
        assert this in (2 * last, int(np.ceil(1.4 * last)))
    runs = method("length:schedule=extension").solve_many(target, range(5), budget=1000)
    alone = [hp.solve(target, "length:schedule=extension", rng=seed, budget=1000) for seed in range(5)]
    assert runs.success.all()
    np.testing.assert_array_equal(runs.cost, [one.cost for one in alone])
    np.testing.assert_array_equal(runs.x, [one.x for one in alone])


@pytest.mark.parametrize("make", [taught, recall, wave, data])
def test_records_alone_and_in_company_are_equal(make):
    target, solver = make(), method("length")
    many = solver.solve_many(target, range(4), budget=200)
    for seed, row in enumerate(many):
        alone = solver.solve(target, rng=seed, budget=200)
        np.testing.assert_array_equal(alone.x, row.x)
        np.testing.assert_array_equal(alone.curve, row.curve)
        if target.optimum is not None:  # else the end of a run alone is looked at
            assert (alone.cost, alone.status.name) == (row.cost, row.status)


@pytest.mark.parametrize("make", [taught, recall, wave, data])
@pytest.mark.parametrize("budget", [1, 10, 40, 150, 600])
def test_budgets_are_kept_and_the_best_true_point_is_returned(make, budget):
    target = make()
    start = target.objective.value(target.starts(_draws(0))[0])
    for name in ("length", "auto"):
        result = hp.solve(target, name, rng=0, budget=budget)
        assert result.cost <= budget + 1
        assert result.value == pytest.approx(target.objective.value(result.x), rel=1e-12)
        assert result.value <= start
        if budget >= 40:
            assert result.value < 0.9 * start


def _draws(seed):
    from homotopy.streams import Draws, keys_of

    return Draws(keys_of([seed]))


@pytest.mark.parametrize("budget", [30, 100, 300])
def test_a_run_that_is_cut_is_no_worse_than_a_plain_descent_on_a_third(budget):
    target = data()
    for seed in range(4):
        plain = hp.solve(target, "lbfgs", rng=seed, budget=budget / 3)
        found = hp.solve(target, "length", rng=seed, budget=budget)
        if found.status is Status.BUDGET_SPENT:
            cut = any("plain descent" in stage["stage"] for stage in found.stages)
            assert found.value <= (1.05 if cut else 1.5) * plain.value


def test_every_ending_has_its_status():
    target = taught(0)
    assert hp.solve(target, "length", rng=0).status is Status.REACHED_TARGET
    never = hp.Problem("never", target.objective, target.start, None, -1.0, 1e-3)
    assert hp.solve(never, "length", rng=0, budget=3).status is Status.BUDGET_SPENT
    assert hp.solve(never, "length", rng=0, budget=Budget(seconds=1e-9)).status is Status.BUDGET_SPENT
    timed = hp.solve(never, "length", rng=0, budget=Budget(seconds=0.05))
    assert not timed.success
    assert timed.seconds < 0.3
    ended = hp.solve(never, "length:tries=2", rng=0)
    assert (ended.success, ended.status) in {(False, Status.CONVERGED), (False, Status.MAX_STEPS)}
    unknown = hp.solve(data(h=2, n=6, T=10), "length", rng=0, budget=20_000)
    assert unknown.status in {Status.CONVERGED, Status.NOT_CONVERGED, Status.MAX_STEPS}
    stopped = hp.solve(target, "length", rng=0, callback=_after(3))
    assert stopped.status is Status.STOPPED_BY_CALLBACK


def _after(calls):
    left = iter(range(calls))

    def callback(point):
        if next(left, None) is None:
            raise StopIteration

    return callback


def test_each_problem_has_its_recipe():
    assert [chosen(make())[0] for make in (taught, recall, wave, data)] == ["gate", "memory", "generate", "identify"]
    assert chosen(taught(0, h=8))[0] == "width"
    assert [chosen(taught(0, h=h, act="relu"))[0] for h in (2, 8)] == ["width", "width"]
    for scale in (1e-3, 1e3):  # in any units
        assert chosen(taught(0, scale=scale))[0] == "gate"
    loose = taught(0)
    assert chosen(hp.Problem("loose", loose.objective, loose.start, None, 0.0, 5e-3))[0] == "identify"


def test_lengths_of_a_plan():
    assert Plan(3).lengths(100) == [3, 6, 12, 24, 48]
    assert Plan(4, count=2).lengths(20) == [4, 8]
    assert Plan(4, count=2).lengths(9) == [4]
    assert Plan(4).lengths(4) == []
    assert Plan(1, factor=1.1).lengths(6) == [1, 2, 3, 4, 5]
    for plan in PLANS.values():
        for T in range(1, 200, 7):
            lengths = plan.lengths(T)
            assert all(0 < a < b for a, b in pairwise(lengths))
            assert not lengths or lengths[-1] < 0.85 * T


def test_one_step_alone_is_descended_plainly():
    single = hp.Problem("one step", risk(1), lambda rng: rng.standard_normal(risk(1).size))
    result = hp.solve(single, "length", rng=0, budget=200)
    assert [stage["stage"] for stage in result.stages][1] == "finish"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("length:recipe=memry", "recipe must be .* not 'memry' .did you mean 'memory'"),
        ("length:first=0", "first must be"),
        ("length:factor=1", "factor must be a number above 1, not 1"),
        ("length:gate=-1", "gate must be 0 or a positive number, not -1"),
        ("length:extra=-1", "extra must be"),
        ("length:decay=-0.1", "decay must be 0 or a positive number"),
        ("length:schedule=slow", "schedule must be 'doubling' or 'extension', not 'slow'"),
        ("length:how=middle", "how must be 'auto', .* or 'coarse', not 'middle'"),
        ("length:tries=0", "tries must be"),
    ],
)
def test_what_is_not_allowed_is_named(text, message):
    with pytest.raises(ArgumentError, match=message):
        method(text)


def test_problems_that_it_does_not_fit_are_refused_in_a_sentence():
    with pytest.raises(
        ArgumentError, match="cannot run on problem 'xor:hidden=2': an EmpiricalRisk has no sequences to shorten"
    ):
        hp.solve(problem("xor"), "length")
    with pytest.raises(ArgumentError, match="how is 'family'; its sequences are made shorter by prefix"):
        hp.solve(taught(), "length:how=family")
    X = np.zeros((3, 9, 1))
    last = hp.EmpiricalRisk(hp.RNN(1, 2, 1), "squared", X, np.ones(3))
    reason = method("length").accepts(hp.Problem("last", last, lambda rng: np.zeros(last.size)))
    assert "last" in reason


def test_auto_solves_short_sequences_first():
    result = hp.solve(recall(60), "auto", rng=0, budget=500)
    assert result.success
    assert "length" in [stage.get("methods") for stage in result.stages]
    few = hp.solve(recall(8), "auto", rng=0, budget=500)
    assert "length" not in [stage.get("methods") for stage in few.stages]
    unknown = hp.solve(data(), "auto", rng=0, budget=600)
    names = [stage["stage"] for stage in unknown.stages]
    assert any(name.startswith("length 6") for name in names)
    assert "hop" in names


@pytest.mark.parametrize("late", [4, 9, 11])
@pytest.mark.parametrize("recipe", ["auto", "width", "identify"])
def test_it_begins_no_shorter_than_the_first_step_that_counts(late, recipe):
    own = taught().objective.changed(steps=np.arange(12) >= late)
    late_one = hp.Problem("washed out", own, own.draw, optimum=0.0, tolerance=1e-9)
    found = hp.solve(late_one, f"length:recipe={recipe}", rng=0, budget=40)
    first = [stage.get("length") for stage in found.stages if stage["stage"] == "gate"]
    assert all(length > late for length in first)
    assert np.isfinite(found.value)
    kept = recall(12).objective.changed(family=None, deletable=np.arange(12) >= 8)
    solved = hp.solve(hp.Problem("kept", kept, kept.draw, optimum=0.0, tolerance=1e-9), "length", rng=0, budget=40)
    assert np.isfinite(solved.value)


@pytest.mark.parametrize("recipe", ["width", "wider", "late"])
def test_recipes_that_add_units_refuse_states_given_one_number_a_unit(recipe):
    rng = np.random.default_rng(0)
    given = hp.EmpiricalRisk(hp.RNN(1, 3, 1, state="given"), "squared", rng.standard_normal((5, 9, 1)),
                             rng.standard_normal((5, 9)), state=np.zeros((5, 3)))  # fmt: skip
    target = hp.Problem("given", given, given.draw, optimum=0.0, tolerance=1e-3)
    assert "initial states are given" in method(f"length:recipe={recipe}").accepts(target)
    assert method(f"length:recipe={recipe},extra=0").accepts(target) is None
