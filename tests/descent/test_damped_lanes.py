"""Levenberg-Marquardt in lanes against the loop that runs one start after the other."""

import numpy as np
import pytest

import homotopy as hp
from homotopy._core import vmath
from homotopy._core.damped import DampedLanes, damped_weights
from homotopy._core.descent import CompiledRosenbrock, Loop
from homotopy._core.family import Family
from homotopy.descent import descend
from homotopy.descent.rules import LM
from homotopy.descent.settings import STATUSES, Aim, Ends, Settings, Starts
from homotopy.descent.threads import MOST_DAMPED, takes_lanes
from homotopy.models import MLP
from homotopy.models.activations import BY_NAME as ACTIVATIONS
from homotopy.models.losses import BY_NAME as LOSSES
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.family import At
from homotopy.status import Budget, Status

ISAS = [name for name in vmath.available() if name != "plain"]


def risk(sizes, activation="tanh", loss="squared", *, output="identity", n=9, bias=True, l2=0.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, sizes[0]))
    y = {
        "squared": lambda: rng.standard_normal((n, sizes[-1])),
        "logistic": lambda: rng.integers(0, 2, (n, sizes[-1])),
        "softmax": lambda: rng.integers(0, sizes[-1], n),
    }[loss]()
    return EmpiricalRisk(MLP(sizes, activation, output=output, bias=bias), loss, X, y, l2=l2)


def draw(size, r, seed=1, scale=1.0):
    return np.random.default_rng(seed).uniform(-scale, scale, (r, size))


def run(kind, objective, x, *, target=-np.inf, limit=10**9, damping=0.0, budget=None, isa=None, **settings):
    """The starts by Loop or by DampedLanes: final points and ends."""
    aim, r = Aim(objective), len(x)
    common = {"n_steps": 1000, "gradient_tolerance": 0.0, "plateau": None, "record_every": 1} | settings
    chosen = Settings(
        LM(), aim, factor=None, schedule=None, noise=None, pause_every=0, budget=budget or Budget(), **common
    )
    own = Starts(
        np.array(x),
        np.zeros(r, np.uint64),
        np.full(r, damping),
        np.array(np.broadcast_to(target, r), dtype=float),
        np.array(np.broadcast_to(limit, r), dtype=np.int64),
    )
    ends = Ends(r)
    kind(aim.capsule, chosen, own, ends, np.zeros(1, np.int32), isa).run(0, r)
    return own.x, ends


def compare(objective, x, *, rtol=1e-7, isa=None, **settings):
    """Run both and hold the lanes to the loop; return the ends of both."""
    expected, loop = run(Loop, objective, x, **settings)
    got, lanes = run(DampedLanes, objective, x, isa=isa, **settings)
    assert [STATUSES[code] for code in lanes.codes] == [STATUSES[code] for code in loop.codes]
    np.testing.assert_array_equal(lanes.n_steps, loop.n_steps)
    np.testing.assert_array_equal(lanes.n_evaluations, loop.n_evaluations)
    np.testing.assert_array_equal(lanes.hits, loop.hits)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(lanes.values, loop.values, rtol=rtol, atol=1e-13)
    np.testing.assert_allclose(lanes.grad_norms, loop.grad_norms, rtol=1e-5, atol=1e-9)
    for trace, other in zip(lanes.traces, loop.traces, strict=True):
        np.testing.assert_array_equal(trace[:, 0], other[:, 0])
        np.testing.assert_allclose(trace[:, 1], other[:, 1], rtol=rtol, atol=1e-13)
    return lanes, loop


CASES = [
    ((2, 2, 1), "tanh", "squared", {"output": "logistic", "n": 4}),
    ((2, 3, 1), "tanh", "squared", {"n": 5}),
    ((2, 3, 1), "relu", "squared", {"n": 4, "bias": False}),
    ((1, 4, 1), "tanh", "squared", {"n": 60}),
    ((1, 1, 1), "logistic", "squared", {"n": 1}),
    ((2, 4, 1), "logistic", "logistic", {"n": 4}),
    ((3, 4, 2), "tanh", "squared", {"l2": 0.1}),
    ((3, 5, 3), "relu", "softmax", {"n": 30, "l2": 0.01}),
    ((4, 9, 2), "gelu", "logistic", {"n": 300, "bias": False}),
    ((1, 21, 1), "sin", "squared", {"n": 40}),
    ((3, 4), "tanh", "softmax", {"n": 20}),
    ((2, 1), "identity", "logistic", {"n": 6, "l2": 0.01}),
    ((5, 3), "identity", "squared", {"output": "tanh", "n": 700}),
    ((6, 20, 2), "tanh", "squared", {"n": 300, "l2": 0.01}),
    ((5, 26, 1), "relu", "squared", {"n": 150, "l2": 0.01}),
    *(((2, size, 1), "tanh", "squared", {"n": 7, "bias": False}) for size in (1, 2, 3, 4, 5)),
    *(((2, 3, 2), name, "squared", {"output": name, "n": 5}) for name in ACTIVATIONS),
    *(((2, 3, 2), "tanh", name, {"n": 5}) for name in LOSSES),
]


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), CASES)
def test_steps_of_every_kind_of_net_on_every_instruction_set(isa, sizes, activation, loss, more):
    f = risk(sizes, activation, loss, **more)
    assert damped_weights(f.capsule()) == f.size
    compare(f, draw(f.size, 11), n_steps=4, damping=0.02, isa=isa)


@pytest.mark.parametrize("seed", range(6))
def test_steps_of_random_nets(seed):
    rng = np.random.default_rng([seed, 5])
    d, h, k = rng.integers(1, 5, 3).tolist()
    loss = rng.choice(list(LOSSES))
    more = {"n": int(rng.integers(1, 200)), "l2": float(rng.choice([0.0, 0.02])), "bias": bool(rng.integers(2))}
    f = risk((d, h, k), str(rng.choice(list(ACTIVATIONS))), str(loss), seed=seed, **more)
    compare(f, draw(f.size, 33, seed), n_steps=3, damping=0.1)


def endings():
    f = risk((2, 2, 1), n=6)
    x = draw(f.size, 60)
    x[3] = np.nan
    targets, limits = np.full(60, -np.inf), np.full(60, 10**9)
    targets[10:30] = 0.1
    limits[30:40] = [1, 2, 3, 4, 5, 7, 9, 13, 20, 40]
    return f, x, {"target": targets, "limit": limits}


def test_every_ending_in_one_block():
    f, x, own = endings()
    lanes, _ = compare(f, x, n_steps=7, gradient_tolerance=1e-2, **own)
    assert {STATUSES[code] for code in lanes.codes} == {
        Status.NON_FINITE, Status.REACHED_TARGET, Status.BUDGET_SPENT, Status.MAX_STEPS, Status.CONVERGED,
    }  # fmt: skip
    assert lanes.traces[3].shape == (0, 2)


@pytest.mark.parametrize("plateau", [(0.1, 1), (0.05, 4), (0.5, 7)])
def test_plateau_and_records(plateau):
    f = risk((2, 3, 1), n=20)
    lanes, _ = compare(f, draw(f.size, 70), plateau=plateau, record_every=3)
    assert set(lanes.codes.tolist()) == {STATUSES.index(Status.CONVERGED)}
    assert len(set(lanes.n_steps.tolist())) > 2


def test_no_step_is_left_where_the_value_is_all_rounding():
    rng = np.random.default_rng(8)
    X = np.repeat(rng.standard_normal((5, 2)), 2, axis=0)
    f = EmpiricalRisk(MLP((2, 2, 1)), "squared", X, np.tile([1e9, -1e9], 5) + rng.standard_normal(10))
    x = draw(f.size, 30)
    for kind in (Loop, DampedLanes):
        _, ends = run(kind, f, x, n_steps=10**6)
        assert STATUSES.index(Status.STEP_TOO_SMALL) in ends.codes
        assert {STATUSES[code] for code in ends.codes} <= {Status.STEP_TOO_SMALL, Status.CONVERGED}
        np.testing.assert_allclose(ends.values, 5e17, rtol=1e-6)


def test_units_that_are_off_stay_off():
    f = risk((2, 2, 1), "relu", n=5)
    start = np.r_[np.zeros(4), -9 * np.ones(2), np.ones(2), 0.3]
    lanes, _ = compare(f, np.tile(start, (9, 1)), n_steps=500, gradient_tolerance=1e-12)
    np.testing.assert_allclose(lanes.values, np.var(f.y) / 2)


@pytest.mark.parametrize("seed", range(4))
def test_matrices_that_are_not_positive_definite_only_raise_the_damping(seed):
    f = risk((2, 4, 1), "relu", n=3, seed=seed)
    x = draw(f.size, 40, seed)
    _, ends = run(DampedLanes, f, x, n_steps=80, damping=1e-300, gradient_tolerance=1e-9)
    assert (ends.values <= [f.value(start) * (1 + 1e-12) for start in x]).all()
    _, loop = run(Loop, f, x, n_steps=80, damping=1e-300, gradient_tolerance=1e-9)
    assert ends.values.mean() == pytest.approx(loop.values.mean(), rel=0.3, abs=1e-3)


@pytest.mark.parametrize(("x", "y"), [(1e10, 1e145), (1e-100, 1e-80), (1e60, 1e100)])
def test_norms_whose_squares_leave_the_range(x, y):
    f = EmpiricalRisk(MLP((1, 1), bias=False), "squared", [[x]], [y])
    for n_steps in (0, 3):
        lanes, _ = compare(f, np.linspace(-2, 2, 9)[:, None] * y / x, n_steps=n_steps, damping=1e-3, rtol=1e-6)
        assert np.isfinite(lanes.grad_norms).all()


@pytest.mark.parametrize("kind", ["targets", "l2", "mix", "smooth"])
def test_deformed_risks_at_one_t(kind):
    f = risk((3, 3, 1), "gelu" if kind == "smooth" else "tanh", n=12)
    change = {"targets": np.random.default_rng(3).standard_normal((12, 1)), "l2": 0.3, "mix": True, "smooth": 1.5}
    moving = f.deformed(**{kind: change[kind]})
    compare(At(moving, 0.4), draw(f.size, 9), n_steps=4)


@pytest.mark.parametrize("weights", [(0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("t", [0.0, 0.6, 1.0])
def test_families_at_one_t(weights, t):
    f = risk((2, 3, 1), n=15, l2=0.02)
    rng = np.random.default_rng(4)
    path = Family(
        f.capsule(),
        weights=weights,
        pull=(2.0, 0.5),
        center=rng.standard_normal(f.size),
        fade=rng.uniform(0, 1, f.size),
    )

    class Moving:
        size = f.size
        dt_grad = None
        value_and_grad = path.value_and_grad
        capsule = path.capsule

    compare(At(Moving(), t), draw(f.size, 20), n_steps=5)


FIELDS = ("x", "value", "grad_norm", "n_steps", "n_evaluations", "status", "cost_to_target")


@pytest.mark.parametrize("sizes", [(2, 2, 1), (1, 4, 1), (2, 3, 3)])
def test_a_run_depends_on_nothing_but_its_start(sizes):
    f = risk(sizes, n=25)
    x = draw(f.size, 1000, scale=2.0)
    settings = {
        "rule": "lm", "step_size": 1e-2, "n_steps": 60, "target": 0.15, "plateau": (1e-2, 10), "record_every": 1,
    }  # fmt: skip
    whole = descend(f, x, **settings)
    assert len(set(whole.status)) > 1
    for r, n_jobs in ((1, 1), (2, 1), (7, 1), (33, 1), (1000, 2), (1000, 3)):
        part = descend(f, x[:r], n_jobs=n_jobs, **settings)
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[:r], err_msg=name)
        for trace, other in zip(part.trace, whole.trace, strict=False):
            np.testing.assert_array_equal(trace, other)
    order = np.random.default_rng(0).permutation(1000)
    mixed = descend(f, x[order], **settings)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(mixed, name), getattr(whole, name)[order], err_msg=name)
    one = descend(f, x[17], **settings)
    np.testing.assert_array_equal(one.x, whole.x[17])
    np.testing.assert_array_equal(one.trace, whole.trace[17])


@pytest.mark.parametrize(("name", "r"), [("xor", 3000), ("xor:act=relu", 3000), ("xor:hidden=4", 2000), ("auer", 1000)])
def test_as_many_runs_succeed(name, r):
    problem = hp.problem(name)
    x = np.array([problem.start(np.random.default_rng([9, seed])) for seed in range(r)])
    settings = {
        "target": problem.optimum + problem.tolerance, "damping": 1e-2, "limit": 2000, "n_steps": 2000,
        "plateau": (1e-2, 10), "gradient_tolerance": 1e-9, "record_every": 0,
    }  # fmt: skip
    _, lanes = run(DampedLanes, problem.objective, x, **settings)
    _, loop = run(Loop, problem.objective, x, **settings)
    only_here, only_there = np.sum((lanes.hits > 0) & (loop.hits == 0)), np.sum((lanes.hits == 0) & (loop.hits > 0))
    assert abs(only_here - only_there) <= 3 * np.sqrt(only_here + only_there + 1)
    assert only_here + only_there < 0.02 * r
    assert lanes.n_evaluations.mean() == pytest.approx(loop.n_evaluations.mean(), rel=0.02)


def test_seconds_end_every_run_after_one_evaluation():
    f = risk((2, 3, 1), n=9)
    end = descend(f, draw(f.size, 50), rule="lm", budget=Budget(seconds=1e-9), n_steps=10**9)
    assert set(end.status) == {Status.BUDGET_SPENT}
    assert (end.n_steps < 200).all()


def test_which_starts_take_lanes():
    def taken(objective, **settings):
        aim = Aim(objective)
        common = {
            "n_steps": 9, "factor": None, "schedule": None, "noise": None, "gradient_tolerance": 0.0, "plateau": None,
            "record_every": 0, "pause_every": 0, "budget": Budget(),
        }  # fmt: skip
        own = Starts(np.zeros((3, aim.size)), np.zeros(3, np.uint64), *np.zeros((2, 3)), np.ones(3, dtype=np.int64))
        return takes_lanes(aim, Settings(LM(), aim, **(common | settings)), own)

    assert taken(risk((2, 2, 1)))
    assert taken(At(risk((2, 2, 1)).deformed(l2=0.1), 0.5))
    assert not taken(risk((2, 2, 1)), pause_every=1)
    assert not taken(risk((2, 2, 2, 1)))
    assert not taken(risk((8, MOST_DAMPED // 8, 1)))
    moving = risk((2, 2, 1)).deformed(l2=0.1)
    assert not taken(moving, schedule=hp.descent.Ramp())
    basis = risk((2, 2, 1)).deformed(basis=np.linalg.qr(np.ones((9, 1)))[0])
    assert damped_weights(basis.capsule()) == 0
    assert damped_weights(CompiledRosenbrock(2).capsule()) == 0
