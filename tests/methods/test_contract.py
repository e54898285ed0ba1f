"""Every method keeps the contract: honest accounts, equal records alone and in company, no success without a proof."""

import inspect

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import BY_NAME, method
from homotopy.problems import BY_NAME as PROBLEMS
from homotopy.problems import problem
from homotopy.status import Budget, Status

ON = ("xor:hidden=3", "xor:activation=relu", "teacher:k=4", "spirals:hidden=3,layers=2")
SHORTER = (
    "rts:h=2,act=tanh,gain=1.5,T=12,n=32",
    "latch:T=20,h=3,n=256",
    "generate:wave=sine,T=24,n=8",
    "identify:T=16,n=24,h=3",
)
FROM_SCIPY = ("basin-hopping", "dual-annealing", "lbfgsb")
SEEDS = range(3)
BUDGET = 250


def runnable():
    for name in sorted(BY_NAME):
        for text in ON:
            slow = name in FROM_SCIPY and text != ON[0]
            other = "layers" in text and name not in ("greedy-deep", "width-deep")
            if method(name).accepts(problem(text)) is None and not slow and not other:
                yield pytest.param(name, text, id=f"{name}-{text}")
    for text in SHORTER:
        yield pytest.param("length", text, id=f"length-{text}")


@pytest.fixture(params=sorted(BY_NAME))
def name(request):
    return request.param


@pytest.mark.parametrize(("name", "text"), list(runnable()))
def test_records_alone_and_in_company_are_equal(name, text):
    target, solver = problem(text), method(name)
    many = solver.solve_many(target, SEEDS, budget=BUDGET)
    for seed, row in zip(SEEDS, many, strict=True):
        alone = solver.solve(target, rng=seed, budget=BUDGET)
        assert (alone.success, alone.value, alone.cost, alone.status.name) == (
            row.success,
            row.value,
            row.cost,
            row.status,
        )
        np.testing.assert_array_equal(alone.x, row.x)
        np.testing.assert_array_equal(alone.curve, row.curve)
        np.testing.assert_equal(alone.cost_to_success, row.cost_to_success)
    again = solver.solve_many(target, reversed(SEEDS), budget=BUDGET, n_jobs=2)[::-1]
    np.testing.assert_array_equal(again.x, many.x)
    np.testing.assert_array_equal(again.cost, many.cost)


@pytest.mark.parametrize(("name", "text"), list(runnable()))
def test_accounts_are_honest(name, text):
    target = problem(text)
    for row in method(name).solve_many(target, SEEDS, budget=BUDGET):
        assert row.value == pytest.approx(target.objective.value(row.x), rel=1e-10, abs=1e-13)
        assert row.success == target.solved(row.value)
        assert row.success == np.isfinite(row.cost_to_success)
        assert (row.status == "REACHED_TARGET") == row.success
        if row.success:
            assert row.cost_to_success <= row.cost
        costs, values = row.curve.T
        assert (np.diff(costs) >= 0).all()
        assert (np.diff(values) <= 0).all()
        assert values[-1] <= row.value * (1 + 1e-12)  # a fixed step may end above the lowest value that it saw
        assert row.cost >= costs[-1]


@pytest.mark.parametrize(("name", "text"), list(runnable()))
def test_budget_is_kept(name, text):
    for budget in (1, 30):
        spent = method(name).solve_many(problem(text), SEEDS, budget=budget).cost
        assert (spent <= budget + 250).all()  # a curvature estimate or one step of a tracker is not cut


def test_name_builds_the_same_method(name):
    made = method(name)
    assert made.name.split(":")[0] == name
    assert method(made.name).name == made.name
    assert made.reference


def test_refusals_are_one_sentence(name):
    for text in sorted(set(PROBLEMS) - {"csv", "sequences"}):
        target = problem(text)
        reason = method(name).accepts(target)
        if reason is not None:
            with pytest.raises(ArgumentError, match="cannot run on problem") as caught:
                method(name).solve(target, rng=0)
            assert reason in str(caught.value)


def test_no_seeds_no_records(name):
    for text in ON:
        target = problem(text)
        if method(name).accepts(target) is None:
            assert len(method(name).solve_many(target, [], budget=BUDGET)) == 0


def test_seconds_limit_a_run(name):
    target = problem("teacher:k=4")
    if method(name).accepts(target) is None:
        result = method(name).solve(target, rng=0, budget=Budget(seconds=1e-9))
        assert result.status is Status.BUDGET_SPENT
        assert not result.success


@pytest.mark.parametrize("name", ["gd", "momentum", "adam"])
def test_seconds_stop_a_long_descent(name):
    endless = method(f"{name}:steps=1000000000")  # hours
    runs = endless.solve_many(problem("spirals"), range(2), budget=Budget(seconds=0.1))
    assert (runs.seconds < 60).all()
    assert (runs.status == "BUDGET_SPENT").all()


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "0", "1e300"])
def test_odd_numbers_are_refused_or_harmless(name, value):
    target, refusals = problem("xor:activation=relu"), {}
    for parameter in inspect.signature(BY_NAME[name]).parameters:
        try:
            made = method(f"{name}:{parameter}={value}")
            if made.accepts(target) is None:
                assert made.solve(target, rng=0, budget=5).cost <= 300
        except ArgumentError as error:
            refusals[parameter] = str(error)
    assert all(parameter in text or name in text for parameter, text in refusals.items())


def test_unknown_names_and_values_are_named():
    with pytest.raises(ArgumentError, match="unknown method 'skp' \\(did you mean 'skip'"):
        method("skp")
    with pytest.raises(ArgumentError, match="has no parameter 'stepsize'"):
        method("gd:stepsize=1")
    with pytest.raises(ArgumentError, match="step_size must be a positive number, not -1"):
        method("gd:step_size=-1")
    with pytest.raises(ArgumentError, match="momentum must be a number above 0 and below 1"):
        method("momentum:momentum=1.5")
    with pytest.raises(ArgumentError, match="budget: gradients must be a positive number"):
        method("gd").solve(problem("teacher:k=4"), budget=-1)
