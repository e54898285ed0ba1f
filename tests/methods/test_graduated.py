"""Graduated descents follow their ladder and charge it."""

import numpy as np
import pytest

from homotopy import homotopies
from homotopy.descent import LBFGS
from homotopy.descent.ladders import Geometric, Linear, Power
from homotopy.descent.memory import direction_flops
from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.problems import problem


def recursion(target):
    """Return the price of L-BFGS's 20 pairs, in gradients."""
    return direction_flops(LBFGS(memory=20), target.objective) / target.objective.flops


def test_stages_are_the_ladder_and_the_finish():
    target = problem("ts:act=tanh,h=5")
    result = method("graduated:along=targets,stages=3,evaluations=5").solve(target, rng=0)
    assert [stage["stage"] for stage in result.stages] == [
        "targets at t = 0", "targets at t = 0.333", "targets at t = 0.667", "finish",
    ]  # fmt: skip
    assert result.stages[2]["cost"] <= 15 * (1 + recursion(target)) + 1e-9


def test_blends_are_charged_for_both_functions():
    target = problem("ts:act=tanh,h=5")
    result = method("graduated:along=data,stages=2,evaluations=5").solve(target, rng=0)
    more = recursion(target)
    n_evaluations = result.stages[1]["cost"] / (1.5 + more)  # all samples once, half of them once more
    assert n_evaluations == pytest.approx(round(n_evaluations))
    assert result.counts.charged == pytest.approx(n_evaluations / 2 + more * result.counts.grad)


@pytest.mark.parametrize("along", ["activation", "data", "gaussian", "skip", "targets", "weight-decay"])
@pytest.mark.parametrize("schedule", ["linear", "power", "geometric", "plateau"])
def test_every_ladder_runs(along, schedule):
    target = problem("xor:hidden=4,activation=softplus")
    made = method(f"graduated:along={along},schedule={schedule},stages=3,evaluations=5")
    runs = made.solve_many(target, range(10))
    assert np.isfinite(runs.value).all()
    assert runs.success.any()


# Where each homotopy that can be made from a name alone is accepted.
ON = {
    "convex-loss": "auer:d=3",
    "gated-convex": "xor:activation=relu",
    "skip": "xor:activation=relu",
    "length": "rts:h=2,act=tanh,gain=1.5,T=8,n=16",
    "one-neuron": "jellyfish:activation=tanh",
}
BY_HAND = {"blend", "compose", "scaled"}


@pytest.mark.parametrize("along", sorted(set(homotopies.BY_NAME) - BY_HAND))
@pytest.mark.parametrize("kind", ["graduated", "track"])
def test_every_homotopy_is_descended_and_tracked(kind, along):
    target = problem(ON.get(along, "xor:hidden=3"))
    made = method(f"{kind}:along={along}")
    assert made.accepts(target) is None
    assert method(made.name).name == made.name
    result = made.solve(target, rng=1, budget=200)
    assert target.objective.value(result.x) == pytest.approx(result.value, rel=1e-11)  # lanes round otherwise
    assert result.stages
    if kind == "graduated":
        runs = made.solve_many(target, range(2), budget=200)
        assert (result.value, result.cost) == (runs.value[1], runs.cost[1])


@pytest.mark.parametrize("along", sorted(BY_HAND))
def test_what_needs_more_than_a_name_is_refused_in_one_sentence(along):
    assert "it can be made in Python only" in method(f"graduated:along={along}").accepts(problem("xor"))


def test_parameters_of_the_homotopy_follow_with_a_plus():
    made = method("graduated:along=gaussian+width=0.25+samples=2,stages=2")
    assert made.name == "graduated:along=gaussian+width=0.25+samples=2,stages=2"
    assert made.along(problem("xor").objective).width == 0.25


def test_a_plateau_decides_how_long_a_stage_is():
    target = problem("ts:act=tanh,h=5")
    free, cut = (
        method(f"graduated:stages=3,schedule={schedule},evaluations=10").solve(target, rng=0)
        for schedule in ("plateau", "linear")
    )
    assert free.stages[0]["cost"] > 20
    assert cut.stages[0]["cost"] <= 10 * (1 + recursion(target))


def test_ladders_rise_from_zero_and_stay_below_one():
    for ladder in (Linear(5), Power(5), Geometric(5), Linear(1), Geometric(1)):
        t = ladder.ladder()
        assert t[0] == 0.0
        assert (np.diff(t) > 0).all()
        assert t[-1] < 1.0


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="along must be 'activation', "):
        method("graduated:along=nothing")
    with pytest.raises(ArgumentError, match="schedule must be 'linear', 'power',"):
        method("graduated:schedule=cubic")
    with pytest.raises(ArgumentError, match="stages must be an integer, at least 1"):
        method("era:stages=0")
    with pytest.raises(ArgumentError, match="has no outputs on samples"):
        method("era").solve(problem("teacher:k=4"))
    with pytest.raises(ArgumentError, match="last must be between 0 and 1"):
        Geometric(3, last=2.0)
    with pytest.raises(ArgumentError, match="power must be positive"):
        Power(3, -1.0)
