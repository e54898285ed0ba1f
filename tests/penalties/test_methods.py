"""Every method on nets whose weights cost something: values are the penalized ones, and no homotopy forgets them."""

from functools import cache

import numpy as np
import pytest
import reference

from homotopy.errors import ArgumentError
from homotopy.homotopies.general.weightdecay import first_decay, largest_decay
from homotopy.landscape import largest_slope
from homotopy.methods import BY_NAME, method
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.problems import Problem
from homotopy.problems.data import fan_in, layer_starts, normal

BUDGET = 2000
SEEDS = range(3)
OUTPUTS = {"squared": 2, "logistic": 1, "softmax": 3}
MEMBERS = [
    ("squared", "relu", 1e-3), ("squared", "tanh", 1e-2), ("squared", "relu", 0.1),
    ("logistic", "tanh", 1e-3), ("logistic", "relu", 1e-2), ("logistic", "tanh", 0.1),
    ("softmax", "relu", 1e-3), ("softmax", "relu", 1e-2), ("softmax", "tanh", 0.1),
]  # fmt: skip
OTHERS = [(loss, {"relu": "tanh", "tanh": "relu"}[act], l2) for loss, act, l2 in MEMBERS]
FROM_SCIPY = ("basin-hopping", "dual-annealing", "lbfgsb")
DESCENTS = ("adam", "gd", "gd-decay", "gd-noise", "lm", "momentum", "perturbed-gd", "saddle-free", "hope", *FROM_SCIPY)
MOVES = [f"escape:move={move}" for move in ("skip", "widen", "eigenvector", "deflate")]
ALONG = [f"graduated:along={name}" for name in ("width", "tv-width", "greedy", "ridge-omp", "gated-convex", "skip")]
HOMOTOPIES = sorted([*(set(BY_NAME) - {*DESCENTS, "lbfgs", "length"}), *MOVES, "track:along=tv-width"])


@cache
def net(loss, act, l2, hidden=(5,), seed=0, outputs=0):
    """Samples of random relu units: with noise, or the classes that they make."""
    rng = np.random.default_rng([seed, len(loss), len(act)])
    X, k = rng.standard_normal((40, 4)), outputs or OUTPUTS[loss]
    Z = np.maximum(X @ rng.standard_normal((4, 5)), 0) @ rng.standard_normal((5, k))
    Z = (Z - Z.mean(axis=0)) / Z.std(axis=0)
    noisy = Z + 0.3 * rng.standard_normal(Z.shape)
    y = {"squared": noisy, "logistic": (Z > 0).astype(float), "softmax": Z.argmax(axis=1)}[loss]
    sizes = (4, *hidden, k)
    risk = EmpiricalRisk(MLP(sizes, act), loss, X, y, l2=l2)
    starts = layer_starts(sizes, [fan_in()] * (len(sizes) - 1), [normal(0.1)] * (len(sizes) - 1))
    return Problem(f"{loss} {act} {l2:g}", risk, starts)


def seeds(name):
    """Descents under noise end in other minima than plain ones: of three starts one bad one would decide."""
    return range(16) if name.endswith("diffusion") else SEEDS


@cache
def plain(target, starts=SEEDS):
    return method("lbfgs").solve_many(target, starts, budget=BUDGET).value.mean()


def truth(risk, x):
    return reference.risk(
        risk.model.sizes, risk.loss.name, x, risk.X, risk.y, 0 * x, l2=risk.l2, activation=risk.model.activation
    )[0]


def check(name, target, most=1.0):
    """Return the mean of the values over `most` times that of L-BFGS, once they are known to be what they say."""
    solver, risk = method(name), target.objective
    runs = solver.solve_many(target, seeds(name), budget=BUDGET)
    assert np.isfinite(runs.value).all()
    for row in runs:
        assert row.value == pytest.approx(truth(risk, row.x), rel=1e-10)
    return runs.value.mean() / (most * plain(target, seeds(name)))


def accepted(name, members, seed):
    """The problems of these members that the method runs on: with one output for frozen gates, with two layers."""
    if "gated" in name:
        members = [member for member in members if member[:2] == ("squared", "relu")]
        return [net(*member, outputs=1, seed=seed) for member in members]
    if name in ("diffusion", "lifted-diffusion"):  # the squared loss alone has moments in closed form
        members = [member for member in members if member[0] == "squared"]
    hidden = (4, 3) if "deep" in name else (5,)
    every = [net(*member, hidden=hidden, seed=seed) for member in members]
    every = [target for target in every if method(name).accepts(target) is None]
    assert len(every) > len(members) // 3
    return every


@pytest.mark.parametrize("name", HOMOTOPIES)
def test_no_homotopy_ends_far_above_a_plain_descent(name):
    ratios = [check(name, target) for target in accepted(name, MEMBERS, seed=0)]
    assert max(ratios) <= 1.3
    assert np.exp(np.mean(np.log(ratios))) <= 1.1


@pytest.mark.parametrize("name", ALONG)
def test_no_ladder_ends_far_above_a_plain_descent_on_the_mean(name):
    ratios = [check(name, target) for target in accepted(name, MEMBERS, seed=0)]
    assert np.exp(np.mean(np.log(ratios))) <= 1.25  # thirty evaluations a stage, most of them of another problem


@pytest.mark.parametrize("name", sorted(set(DESCENTS) - set(FROM_SCIPY)))
def test_descents_end_below_the_best_constant(name):
    for member in MEMBERS[::2]:
        target = net(*member)
        risk = target.objective
        constant = risk.loss.value(np.tile(risk.loss.constant(risk.y), (len(risk.y), 1)), risk.y)
        assert check(name, target, constant / plain(target)) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", HOMOTOPIES)
def test_no_homotopy_ends_far_above_a_plain_descent_on_others(name):
    ratios = [check(name, target) for target in accepted(name, [*MEMBERS, *OTHERS], seed=2)]
    assert max(ratios) <= 1.6
    assert np.exp(np.mean(np.log(ratios))) <= 1.1


def test_a_strong_penalty_does_not_bring_decay_to_zero_weights():
    for loss in OUTPUTS:
        for act in ("relu", "tanh"):
            risk = net(loss, act, 1e-2).objective
            most = largest_decay(risk)
            for own in (0.03 * most, 0.09 * most, 0.5 * most):
                here = risk.changed(l2=own)
                assert own <= first_decay(here) <= max(own, 0.1 * most) * (1 + 1e-12)
            assert first_decay(risk.changed(l2=0.005 * most)) == pytest.approx(0.05 * most)
            assert first_decay(risk.changed(l2=0.0)) == pytest.approx(0.01 * most)


@pytest.mark.parametrize("name", ["tv-width", "decay", "graduated:along=tv-width++l2=0.001"])
def test_a_penalty_below_the_problems_is_refused_in_a_sentence(name):
    text = name if "++" in name else f"{name}:l2=0.001"
    solver = method(text.replace("++", "+"))
    assert solver.accepts(net("squared", "relu", 1e-3)) is None
    reason = solver.accepts(net("squared", "relu", 1e-2))
    assert "at least" in reason
    assert "0.01" in reason
    with pytest.raises(ArgumentError, match="at least"):
        solver.solve(net("squared", "relu", 1e-2), rng=0)


def test_the_certificate_takes_the_penalty_of_the_risk():
    risk = net("squared", "relu", 1e-2, hidden=(40,)).objective
    x = method("lbfgs").solve(Problem("wide", risk, lambda rng: risk.model.init(rng)), rng=0, budget=20_000).x
    assert largest_slope(risk, x).rho == largest_slope(risk, x, 0.01).rho
    assert 0.99 < largest_slope(risk, x).rho < 1.2
    with pytest.raises(ArgumentError, match="a positive l2 is needed"):
        largest_slope(risk.changed(l2=0.0), x)


@pytest.mark.parametrize("act", ["relu", "tanh"])
@pytest.mark.parametrize("name", ["tv-width", "decay", "width"])
def test_inputs_that_say_nothing_leave_no_penalty_to_begin_with(name, act):
    y = np.random.default_rng(0).standard_normal(20)
    risk = EmpiricalRisk(MLP((2, 3, 1), act), "squared", np.zeros((20, 2)), y)
    target = Problem("constants", risk, risk.model.init)
    found = method(name).solve(target, rng=0, budget=400)
    assert found.value == pytest.approx(0.5 * np.var(y), rel=1e-6)


@pytest.mark.parametrize("l2", [1e-3, 0.02, 0.2])
def test_auto_runs_on_a_logistic_unit_that_pays(l2):
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((20, 3)), rng.random(20)
    risk = EmpiricalRisk(MLP((3, 1), output="logistic"), "squared", X, y, l2=l2)
    target = Problem("unit", risk, lambda rng: risk.model.init(rng), optimum=0.0)
    row = method("auto").solve_many(target, [0], budget=500)[0]
    assert row.value <= method("lbfgs").solve_many(target, [0], budget=500)[0].value * (1 + 1e-6)
