"""L-BFGS of many starts of one small net in lanes: against slow truth, the loop of one start, and itself."""

import importlib

import numpy as np
import pytest
from plain_lbfgs import plain_lbfgs
from scipy.stats import fisher_exact

import homotopy as hp
from homotopy._core import vmath
from homotopy._core.quasi import QuasiLanes
from homotopy.descent import LBFGS, Ramp, descend
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.descent.threads import takes_lanes
from homotopy.homotopies import Proximal
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.family import At
from homotopy.status import Budget, Status

FIELDS = ("x", "value", "grad_norm", "n_steps", "n_evaluations", "status", "cost_to_target")
ISAS = [name for name in vmath.available() if name != "plain"]


def risk(sizes, activation="tanh", loss="squared", *, n=9, seed=0, **more):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, sizes[0]))
    y = {
        "squared": lambda: rng.standard_normal((n, sizes[-1])),
        "logistic": lambda: rng.integers(0, 2, (n, sizes[-1])),
        "softmax": lambda: rng.integers(0, sizes[-1], n),
    }[loss]()
    l2 = more.pop("l2", 0.0)
    return EmpiricalRisk(MLP(sizes, activation, **more), loss, X, y, l2=l2)


def draw(size, r, seed=1, scale=1.0):
    return np.random.default_rng(seed).uniform(-scale, scale, (r, size))


@pytest.fixture
def one_by_one(monkeypatch):
    """Descents of starts of shape (r, p) by the loop of one start."""

    def run(*arguments, **settings):
        with monkeypatch.context() as patch:
            module = importlib.import_module("homotopy.descent.descend")
            patch.setattr(module, "takes_lanes", lambda *_, **__: False)
            return descend(*arguments, rule="lbfgs", **settings)

    return run


NETS = [
    ((2, 2, 1), "tanh", "squared", {"output": "logistic", "n": 4}),
    ((2, 3, 1), "relu", "squared", {"n": 4, "bias": False}),
    ((2, 4, 1), "logistic", "logistic", {"n": 4}),
    ((3, 4, 2), "tanh", "squared", {"l2": 0.1}),
    ((1, 5, 1), "sin", "squared", {}),
    ((1, 4, 1), "erf", "squared", {"n": 30}),
    ((2, 3, 1), "gelu", "squared", {"n": 4}),
    ((2, 3, 2, 1), "softplus", "logistic", {}),
    ((3, 4, 3), "relu", "softmax", {"n": 30}),
    ((3, 2), "tanh", "softmax", {"n": 1}),
    ((2, 1), "identity", "logistic", {"n": 6, "l2": 0.01}),
    ((2, 9, 1), "leaky-relu:slope=0.2", "squared", {"n": 5}),
]


@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), NETS)
def test_each_start_descends_as_in_the_slow_truth(sizes, activation, loss, more):
    f = risk(sizes, activation, loss, **more)
    starts = draw(f.size, 21, scale=2.0)
    for memory, steps in ((1, 9), (3, 12), (20, 6)):
        many = descend(f, starts, rule="lbfgs", memory=memory, n_steps=steps)
        for i, start in enumerate(starts):
            one = plain_lbfgs(f.value_and_grad, start, memory=memory, n_steps=steps)
            if one.value < 1e-15 or np.linalg.norm(one.g) < 1e-9:  # where rounding decides how it goes on
                continue
            assert (many.status[i], many.n_steps[i], many.n_evaluations[i]) == (
                one.status, one.n_steps, one.n_evaluations,
            )  # fmt: skip
            np.testing.assert_allclose(many.x[i], one.x, rtol=1e-6, atol=1e-7)
            assert many.value[i] == pytest.approx(one.value, rel=1e-7, abs=1e-14)


SIZES = [(2, 2, 1), (1, 2, 1), (2, 3, 1), (2, 4, 1), (3, 3, 2), (1, 7, 1), (2, 9, 1)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("activation", "memory"), [("tanh", None), ("relu", 1), ("tanh", 13)])
def test_results_depend_on_nothing_but_the_start(sizes, activation, memory):
    f = risk(sizes, activation, n=6)
    starts = draw(f.size, 1000)
    starts[5] = np.nan
    limits = np.random.default_rng(2).integers(1, 60, 1000).astype(float)
    settings = {"rule": "lbfgs", "memory": memory, "n_steps": 40, "target": 0.05, "plateau": (1e-4, 5)}
    whole = descend(f, starts, budget=limits, **settings)
    assert len(set(whole.status)) > 2
    for r, n_jobs in ((1, 1), (2, 1), (7, 1), (33, 1), (500, 2)):
        part = descend(f, starts[:r], budget=limits[:r], n_jobs=n_jobs, **settings)
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[:r], err_msg=name)
    order = np.random.default_rng(0).permutation(1000)
    mixed = descend(f, starts[order], budget=limits[order], **settings)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(mixed, name), getattr(whole, name)[order], err_msg=name)


def test_every_ending_as_for_one_start(one_by_one):
    f = risk((2, 2, 1), "relu", n=4)
    starts = draw(f.size, 90)
    starts[3], starts[4, 2] = np.nan, np.inf
    starts[6:9, :6] = -100.0 * np.abs(starts[6:9, :6])  # units that are dead at some or all samples
    sizes = np.full(90, 0.3)
    targets = np.full(90, -np.inf)
    targets[10:20] = (0.3, 1e9) * 5
    limits = np.full(90, 25.0)
    limits[20:30] = np.arange(1, 11)
    settings = {"step_size": sizes, "target": targets, "budget": limits, "n_steps": 12, "gradient_tolerance": 1e-3}
    many, ones = descend(f, starts, rule="lbfgs", **settings), one_by_one(f, starts, **settings)
    for name in ("status", "n_steps", "n_evaluations", "cost_to_target"):
        np.testing.assert_array_equal(getattr(many, name), getattr(ones, name), err_msg=name)
    np.testing.assert_allclose(many.value, ones.value, rtol=1e-8)
    np.testing.assert_allclose(many.grad_norm, ones.grad_norm, rtol=1e-6, atol=1e-12)
    assert set(many.status) == {
        Status.NON_FINITE, Status.REACHED_TARGET, Status.BUDGET_SPENT, Status.MAX_STEPS, Status.CONVERGED,
    }  # fmt: skip
    kink = EmpiricalRisk(MLP((1, 1), "relu", output="relu", bias=False), "squared", [[1.0], [-1.0]], [0.0, 1.0])
    small = descend(kink, np.linspace(0.1, 2.0, 9)[:, None], rule="lbfgs")
    assert set(small.status) <= {Status.STEP_TOO_SMALL, Status.CONVERGED}


def test_plateau_and_traces_as_for_one_start(one_by_one):
    f = risk((2, 3, 1), "tanh", n=8)
    settings = {"plateau": (5e-2, 4), "record_every": 3, "n_steps": 30}
    starts = draw(f.size, 60)
    many, ones = descend(f, starts, rule="lbfgs", **settings), one_by_one(f, starts, **settings)
    np.testing.assert_array_equal(many.n_steps, ones.n_steps)
    assert len({len(trace) for trace in many.trace}) > 2
    for trace, one in zip(many.trace, ones.trace, strict=True):
        np.testing.assert_array_equal(trace[:, 0], one[:, 0])
        np.testing.assert_allclose(trace[:, 1], one[:, 1], rtol=1e-6)
    starts[0] = np.nan
    assert len(descend(f, starts[:2], rule="lbfgs", **settings).trace[0]) == 0


def test_time_that_is_over_ends_all_after_one_evaluation():
    f = risk((2, 2, 1))
    end = descend(f, draw(f.size, 40), rule="lbfgs", budget=Budget(seconds=1e-9))
    assert set(end.status) == {Status.BUDGET_SPENT}
    assert set(end.n_evaluations) == {1}


@pytest.mark.parametrize("scale", [1e150, 1e-150, 1e80, 1e-80])
def test_gradients_whose_squares_overflow_or_vanish(scale, one_by_one):
    X = np.random.default_rng(0).standard_normal((6, 2))
    f = EmpiricalRisk(MLP((2, 1)), "squared", X, scale * np.arange(6.0))
    starts = draw(f.size, 20, scale=scale)
    many, ones = descend(f, starts, rule="lbfgs", n_steps=8), one_by_one(f, starts, n_steps=8)
    np.testing.assert_array_equal(many.status, ones.status)
    np.testing.assert_array_equal(many.n_evaluations, ones.n_evaluations)
    np.testing.assert_allclose(many.x, ones.x, rtol=1e-6)
    np.testing.assert_allclose(many.grad_norm, ones.grad_norm, rtol=1e-3, atol=1e-12 * ones.grad_norm.max())


@pytest.mark.parametrize("t", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("kind", ["basis", "mix", "smooth", "l2", "proximal"])
def test_members_of_families_at_one_t(kind, t, one_by_one):
    f = risk((2, 3, 1), "relu" if kind == "smooth" else "tanh", n=9)
    rng = np.random.default_rng(3)
    change = {"basis": np.linalg.qr(rng.standard_normal((9, 3)))[0], "mix": True, "smooth": 1.5, "l2": 0.3}
    moving = Proximal(f, draw(f.size, 1)[0]) if kind == "proximal" else f.deformed(**{kind: change[kind]})
    starts = draw(f.size, 20)
    many = descend(At(moving, t), starts, rule="lbfgs", n_steps=8)
    ones = one_by_one(At(moving, t), starts, n_steps=8)
    np.testing.assert_allclose(many.x, ones.x, rtol=1e-6, atol=1e-8)
    assert takes_lanes(*asked(At(moving, t)))
    assert not takes_lanes(*asked(moving, schedule=Ramp()))


def asked(objective, *, r=4, schedule=None, n_steps=10, memory=None, pause_every=0):
    """What threads.py is asked for starts of an objective."""
    aim = Aim(objective)
    settings = Settings(
        LBFGS(memory), aim, n_steps=n_steps, factor=None, schedule=schedule, noise=None, gradient_tolerance=0.0,
        plateau=None, record_every=0, pause_every=pause_every, budget=Budget(),
    )  # fmt: skip
    x, limits = draw(aim.size, r), np.full(r, 10**9, dtype=np.int64)
    return aim, settings, Starts(x, np.zeros(r, np.uint64), np.zeros(r), np.full(r, -np.inf), limits)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), NETS)
def test_every_instruction_set_gives_the_same(isa, sizes, activation, loss, more):
    f = risk(sizes, activation, loss, **more)
    aim, settings, starts = asked(f, r=37, n_steps=6, memory=4)
    expected = descend(f, starts.x, rule="lbfgs", memory=4, n_steps=6)
    ends = Ends(37)
    QuasiLanes(aim.capsule, settings, starts, ends, np.zeros(1, np.int32), isa).run(0, 37)
    clear = expected.value > 1e-15
    np.testing.assert_allclose(starts.x[clear], expected.x[clear], rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(ends.n_evaluations[clear], expected.n_evaluations[clear])


@pytest.mark.parametrize("name", ["xor", "xor:activation=relu", "xor:hidden=4", "jellyfish", "swirszcz-d1"])
def test_lanes_succeed_as_often_as_the_loop(name, one_by_one):
    problem = hp.problem(name)
    rng = np.random.default_rng(77)
    starts = np.array([problem.start(rng) for _ in range(1000)])
    settings = {"target": problem.optimum + problem.tolerance, "plateau": (1e-4, 50), "gradient_tolerance": 1e-8}
    many = descend(problem.objective, starts, rule="lbfgs", **settings)
    ones = one_by_one(problem.objective, starts, **settings)
    found = [int(np.isfinite(end.cost_to_target).sum()) for end in (many, ones)]
    assert fisher_exact([[each, 1000 - each] for each in found])[1] > 0.01
    assert np.mean(many.n_evaluations) == pytest.approx(np.mean(ones.n_evaluations), rel=0.2)


def test_which_descents_take_lanes_and_how_many_pairs_they_keep(one_by_one):
    vectors = vmath.isa() != "plain"
    assert takes_lanes(*asked(risk((2, 2, 1)))) is vectors
    assert takes_lanes(*asked(risk((2, 2, 1)), r=1)) is vectors
    assert not takes_lanes(*asked(risk((8, 8, 1))))
    assert not takes_lanes(*asked(hp.problem("teacher:k=2").objective))
    assert not takes_lanes(*asked(risk((2, 2, 1)), pause_every=1))
    small, wide, long = risk((2, 2, 1), n=4), risk((9, 9, 1), n=4), risk((2, 2, 1), n=100)
    assert [asked(f)[1].memory for f in (small, wide, long)] == [5, 20, 20]
    start = draw(9, 1)
    default, few = one_by_one(small, start, n_steps=30), one_by_one(small, start, n_steps=30, memory=5)
    np.testing.assert_array_equal(default.x, few.x)


def test_the_door_refuses_what_the_lanes_do_not_know():
    f = risk((2, 2, 1))
    _, settings, starts = asked(f)
    teacher = Aim(hp.problem("teacher:k=2").objective)
    with pytest.raises(ValueError, match="does not fit a block"):
        QuasiLanes(teacher.capsule, settings, starts, Ends(4), np.zeros(1, np.int32))
    moving = f.deformed(mix=True)
    _, ramp, _ = asked(moving, schedule=Ramp())
    with pytest.raises(ValueError, match="at one t"):
        QuasiLanes(Aim(moving).capsule, ramp, starts, Ends(4), np.zeros(1, np.int32))
