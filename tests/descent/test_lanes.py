"""Many starts of one small net against the same starts one by one."""

import mpmath
import numpy as np
import pytest

from homotopy._core import vmath
from homotopy._core.many import Lanes
from homotopy.descent import Exponential, Noise, Ramp, descend
from homotopy.descent.rules import rule as rule_by_name
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.descent.threads import takes_lanes
from homotopy.homotopies import Proximal
from homotopy.models import MLP
from homotopy.models.activations import BY_NAME as ACTIVATIONS
from homotopy.models.losses import BY_NAME as LOSSES
from homotopy.objectives import EmpiricalRisk
from homotopy.status import Budget, Status

RULES = ["gd", "momentum", "nesterov", "adam", "rprop"]
XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


def risk(sizes, activation="tanh", loss="squared", *, output="identity", n=9, bias=True, l2=0.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, sizes[0]))
    y = {
        "squared": lambda: rng.standard_normal((n, sizes[-1])),
        "logistic": lambda: rng.integers(0, 2, (n, sizes[-1])),
        "softmax": lambda: rng.integers(0, sizes[-1], n),
    }[loss]()
    return EmpiricalRisk(MLP(sizes, activation, output=output, bias=bias), loss, X, y, l2=l2)


def xor(hidden):
    return EmpiricalRisk(MLP((2, hidden, 1), "tanh", output="logistic"), "squared", *XOR)


def both(objective, starts, **settings):
    """The starts together and one by one."""
    many = descend(objective, starts, **settings)
    return many, [descend(objective, start, **settings) for start in starts]


def draw(size, r, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (r, size))


CASES = [
    ((2, 2, 1), "tanh", "squared", {"output": "logistic", "n": 4}),
    ((2, 3, 1), "tanh", "squared", {"n": 5}),
    ((2, 3, 1), "relu", "squared", {"n": 4, "bias": False}),
    ((2, 4, 1), "logistic", "logistic", {"n": 4}),
    ((3, 4, 2), "tanh", "squared", {"l2": 0.1}),
    ((1, 5, 1), "sin", "squared", {}),
    ((2, 5, 1), "erf", "squared", {"n": 3}),
    ((2, 3, 1), "gelu", "squared", {"n": 4}),
    ((3, 4, 5, 1), "gelu", "logistic", {"n": 9}),
    ((2, 3, 1), "leaky-relu:slope=0.2", "squared", {"n": 4}),
    ((3, 4, 2), "leaky-relu", "squared", {"output": "leaky-relu:slope=0.5", "n": 7}),
    ((4, 3, 2, 1), "softplus", "logistic", {}),
    ((3, 6, 4), "relu", "softmax", {"n": 30}),
    ((3, 4), "tanh", "softmax", {"n": 1}),
    ((2, 1), "identity", "logistic", {"n": 6, "l2": 0.01}),
    ((5, 7, 6, 3), "identity", "squared", {"output": "tanh", "n": 70}),
    ((2, 16, 16, 1), "tanh", "squared", {"n": 40}),
    *(((2, 3, 2), name, "squared", {"output": name, "n": 5}) for name in ACTIVATIONS),
    *(((2, 3, 2), "tanh", name, {"n": 5}) for name in LOSSES),
]


@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), CASES)
def test_values_and_gradients_of_every_kind_of_net(sizes, activation, loss, more):
    f = risk(sizes, activation, loss, **more)
    starts = draw(f.size, 11)
    many, ones = both(f, starts, step_size=1e-2, n_steps=3)
    for i, one in enumerate(ones):
        np.testing.assert_allclose(many.x[i], one.x, rtol=1e-12, atol=1e-13)
        assert many.value[i] == pytest.approx(one.value, rel=1e-12)
        assert many.grad_norm[i] == pytest.approx(one.grad_norm, rel=1e-11)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("noise", [None, Noise(1e-3, period=7), Noise(1e-3, "gaussian", period=7)])
def test_a_hundred_steps_equal_those_of_one_start(rule, noise):
    f = xor(3)
    starts = draw(f.size, 37)
    # Rprop sees signs only; when its steps have grown to where the net saturates, rounding decides them
    steps = 30 if rule == "rprop" else 100
    settings = {"rule": rule, "step_size": {"gd": 0.3, "rprop": 1e-3}.get(rule, 1e-2), "n_steps": steps}
    if rule != "rprop":
        settings["step_schedule"] = Exponential(1.0, last=0.5)
    many = descend(f, starts, rng=list(range(37)), noise=noise, **settings)
    for i, start in enumerate(starts):
        one = descend(f, start, rng=i, noise=noise, **settings)
        np.testing.assert_allclose(many.x[i], one.x, rtol=1e-12)
        assert (many.status[i], many.n_steps[i], many.n_evaluations[i]) == (one.status, steps, steps + 1)


@pytest.mark.parametrize("rule", RULES)
def test_results_depend_on_nothing_but_the_start(rule):
    f = xor(3)
    starts = draw(f.size, 75)
    settings = {
        "rule": rule,
        "n_steps": 700,
        "step_size": 0.01 if rule in ("adam", "rprop") else 1.0,
        "target": 0.02,
        "noise": Noise(0.01, period=50),
        "gradient_tolerance": 1e-3,
    }
    keys = list(range(75))
    whole = descend(f, starts, rng=keys, **settings)
    assert len(set(whole.status)) > 1
    for r, n_jobs in ((1, 1), (8, 1), (33, 1), (75, 2), (75, 3)):
        part = descend(f, starts[:r], rng=keys[:r], n_jobs=n_jobs, **settings)
        for name in ("x", "value", "grad_norm", "n_steps", "n_evaluations", "status", "cost_to_target"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[:r], err_msg=name)
    order = np.random.default_rng(0).permutation(75)
    mixed = descend(f, starts[order], rng=[keys[i] for i in order], **settings)
    np.testing.assert_array_equal(mixed.x, whole.x[order])


def test_every_ending_in_one_block():
    f = risk((2, 2, 1), "tanh", "squared", output="identity", n=4)
    starts = draw(f.size, 40)
    starts[3] = np.nan
    sizes = np.full(40, 0.3)
    sizes[5:8] = 1e200
    targets = np.full(40, -np.inf)
    targets[10:20] = 0.3
    limits = np.full(40, 1e9)
    limits[20:23] = (1, 5, 100)
    many, ones = descend(f, starts, step_size=sizes, target=targets, budget=limits, n_steps=300), []
    for i, start in enumerate(starts):
        ones.append(descend(f, start, step_size=sizes[i], target=targets[i], budget=limits[i], n_steps=300))
    assert list(many.status) == [one.status for one in ones]
    assert list(many.n_evaluations) == [one.n_evaluations for one in ones]
    np.testing.assert_array_equal(many.cost_to_target, [one.cost_to_target for one in ones])
    assert set(many.status) == {Status.NON_FINITE, Status.REACHED_TARGET, Status.BUDGET_SPENT, Status.MAX_STEPS}


def test_a_gradient_too_large_for_a_number_ends_a_lane_whose_value_is_finite():
    f = risk((2, 3, 1), "relu", "squared", n=4)
    starts = draw(f.size, 9)
    starts[[2, 7]] *= 3e75
    many, ones = both(f, starts, n_steps=5)
    assert np.isfinite(many.value).all()
    assert [one.status is Status.NON_FINITE for one in ones] == [i in (2, 7) for i in range(9)]
    assert list(many.status) == [one.status for one in ones]
    assert list(many.n_steps) == [one.n_steps for one in ones]


def test_plateau_and_gradient_end_as_for_one_start():
    f = xor(3)
    starts = draw(f.size, 30)
    many, ones = both(f, starts, step_size=1.0, n_steps=5000, plateau=(1e-3, 20))
    assert list(many.status) == [one.status for one in ones]
    np.testing.assert_array_equal(many.n_steps, [one.n_steps for one in ones])
    many, ones = both(f, starts, step_size=1.0, n_steps=3000, gradient_tolerance=2e-2)
    np.testing.assert_array_equal(many.n_steps, [one.n_steps for one in ones])
    assert (many.grad_norm[many.status == Status.CONVERGED] < 2e-2).all()


def test_traces_are_those_of_one_start():
    f = xor(3)
    many, ones = both(f, draw(f.size, 20), step_size=1.0, n_steps=500, target=0.02, record_every=7)
    assert len({len(trace) for trace in many.trace}) > 1
    for trace, one in zip(many.trace, ones, strict=True):
        np.testing.assert_array_equal(trace[:, 0], one.trace[:, 0])
        np.testing.assert_allclose(trace[:, 1], one.trace[:, 1], rtol=1e-9)


@pytest.mark.parametrize("kind", ["basis", "targets", "l2", "mix", "smooth"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky-relu:slope=0.2", "gelu", "sin", "erf", "logistic"])
def test_deformations_move_inside_the_block(kind, activation):
    f = risk((2, 3, 1), activation, "squared", n=9)
    rng = np.random.default_rng(3)
    change = {
        "basis": np.linalg.qr(rng.standard_normal((9, 3)))[0],
        "targets": rng.standard_normal((9, 1)),
        "l2": 0.3,
        "mix": True,
        "smooth": 1.5,
    }[kind]
    if kind == "smooth" and activation in ("tanh", "logistic"):
        activation = "relu"
        f = risk((3, 2, 3, 1), activation, "squared", n=9)
    moving = f.deformed(**{kind: change})
    starts = draw(f.size, 9)
    many, ones = both(moving, starts, step_size=0.02, n_steps=60, schedule=Ramp(share=0.7))
    for i, one in enumerate(ones):
        np.testing.assert_allclose(many.x[i], one.x, rtol=1e-11)
    plain = descend(f, starts, step_size=0.02, n_steps=60)
    assert np.abs(plain.x - many.x).max() > 1e-6


def starts_at(x, size=1.0):
    r = len(x)
    limits = np.full(r, 10**9, dtype=np.int64)
    return Starts(x.copy(), np.zeros(r, np.uint64), np.full(r, size), np.full(r, -np.inf), limits)


def settings_of(objective, rule="gd"):
    aim = Aim(objective)
    return aim, Settings(
        rule_by_name(rule),
        aim,
        n_steps=10,
        factor=None,
        schedule=None,
        noise=None,
        gradient_tolerance=0.0,
        plateau=None,
        record_every=0,
        pause_every=0,
        budget=Budget(),
    )


@pytest.mark.parametrize("isa", [name for name in vmath.available() if name != "plain"])
@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), CASES)
def test_every_instruction_set_gives_the_same(isa, sizes, activation, loss, more):
    f = risk(sizes, activation, loss, **more)
    x = draw(f.size, 19)
    expected = descend(f, x, n_steps=10, step_size=0.01)
    aim, settings = settings_of(f)
    starts = starts_at(x, 0.01)
    ends = Ends(19)
    Lanes(aim.capsule, settings, starts, ends, None, np.zeros(1, np.int32), isa).run(0, 19)
    np.testing.assert_allclose(starts.x, expected.x, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ends.values, expected.value, rtol=1e-12)


@pytest.mark.parametrize("isa", [name for name in vmath.available() if name != "plain"])
@pytest.mark.parametrize(("output", "edge"), [("tanh", 22.0), ("logistic", 600.0)])
def test_sigmoids_of_a_block_are_exact_to_a_few_units(isa, output, edge):
    f = EmpiricalRisk(MLP((1, 1), output=output), "squared", [[1.0]], [0.0])
    rng = np.random.default_rng(0)
    z = np.r_[rng.uniform(-1, 1, 400), rng.uniform(-edge, edge, 200), rng.uniform(-5, 5, 200), 1e-300, 0.0]
    starts = starts_at(np.c_[z, np.zeros(len(z))], 1e-300)
    aim, settings = settings_of(f)
    ends = Ends(len(z))
    Lanes(aim.capsule, settings, starts, ends, None, np.zeros(1, np.int32), isa).run(0, len(z))
    with mpmath.workprec(200):
        for x, value in zip(z, ends.values, strict=True):
            a = mpmath.tanh(mpmath.mpf(x)) if output == "tanh" else 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
            error = abs(value - a**2 / 2) / max(a**2 / 2, mpmath.mpf(2) ** -1022)
            assert error < 10 * 2.0**-53  # 2.5 units are at most 5 of these, and the square doubles errors


@pytest.mark.parametrize(("sizes", "lanes"), [((2, 2, 1), True), ((10, 20, 1), True), ((784, 128, 10), False)])
def test_small_nets_take_lanes_and_large_ones_do_not(sizes, lanes):
    f = risk(sizes)
    aim, settings = settings_of(f)
    r = 4
    starts = Starts(np.zeros((r, f.size)), np.zeros(r, np.uint64), np.ones(r), np.ones(r), np.ones(r, dtype=np.int64))
    assert takes_lanes(aim, settings, starts) is (lanes and vmath.isa() != "plain")
    assert len(Ends(r).codes) == r


@pytest.mark.parametrize(("samples", "lanes"), [(50, True), (400, False)])
def test_nets_whose_samples_fill_vectors_do_not_take_lanes(samples, lanes):
    rng = np.random.default_rng(0)
    f = EmpiricalRisk(MLP((8, 8, 1)), "squared", rng.standard_normal((samples, 8)), rng.standard_normal(samples))
    aim, settings = settings_of(f)
    starts = starts_at(draw(f.size, 4), 0.01)
    assert takes_lanes(aim, settings, starts) is (lanes and vmath.isa() != "plain")
    fixed, settings = settings_of(Proximal(f, np.zeros(f.size)).at(0.5))
    assert takes_lanes(fixed, settings, starts) is (lanes and vmath.isa() != "plain")


def test_the_loss_falls_from_every_start():
    f = xor(2)
    starts = draw(f.size, 3)
    end = descend(f, starts, n_steps=2000, step_size=0.3)
    assert (end.value < [f.value(start) for start in starts]).all()
