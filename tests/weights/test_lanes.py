"""Compiled descents of weighted risks, in every kind of lanes: as their functions go, and as many rows."""

import numpy as np
import pytest
from loops import run
from weights.members import check_close, risks

from homotopy._core import vmath
from homotopy._core.beside import Beside
from homotopy._core.damped import DampedLanes
from homotopy._core.descent import Loop
from homotopy.descent import descend
from homotopy.descent.rules import LM
from homotopy.descent.settings import Aim, Ends, Settings, Starts
from homotopy.homotopies import Proximal, Skip, Targets, WeightDecay
from homotopy.models.activations import activation
from homotopy.status import Budget

ISAS = [name for name in vmath.available() if name != "plain"]
KINDS = [
    ((2, 2, 1), "tanh", "squared", {"output": "logistic", "n": 4}),
    ((2, 3, 1), "relu", "squared", {"n": 6}),
    ((2, 4, 1), "logistic", "logistic", {"n": 4}),
    ((3, 4, 2), "tanh", "squared", {"l2": 0.1}),
    ((3, 6, 4), "relu", "softmax", {"n": 30}),
    ((4, 3, 2, 1), "softplus", "logistic", {}),
    ((5, 7, 3), "identity", "squared", {"output": "tanh", "n": 70}),
    ((2, 1), "identity", "logistic", {"n": 6}),
    ((3, 4), "tanh", "softmax", {"n": 9}),
]


class Plain:
    """An objective without its capsule, so that loops call its functions."""

    def __init__(self, inner):
        self.size, self.value_and_grad = inner.size, inner.value_and_grad


@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), KINDS)
def test_first_order_lanes_go_as_the_functions(sizes, activation, loss, more):
    ours, rows = risks(sizes, activation, loss, **more)
    starts = np.random.default_rng(1).uniform(-1, 1, (11, ours.size))
    many = descend(ours, starts, step_size=0.05, n_steps=5)
    expected = descend(rows, starts, step_size=0.05, n_steps=5)
    for i, start in enumerate(starts):
        one = descend(Plain(ours), start, step_size=0.05, n_steps=5)
        np.testing.assert_allclose(many.x[i], one.x, rtol=1e-11, atol=1e-13)
        assert many.value[i] == pytest.approx(one.value, rel=1e-11)
    np.testing.assert_allclose(many.x, expected.x, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("sizes", "activation", "loss", "more"), KINDS)
def test_moving_lanes_go_as_the_functions(sizes, activation, loss, more):
    ours, _ = risks(sizes, activation, loss, **more)
    starts = np.random.default_rng(1).uniform(-1, 1, (9, ours.size))
    paths = [WeightDecay(ours, 0.5), Targets(ours, "mean"), Proximal(ours, starts[0], mu=0.3)]
    for path in paths:
        many = descend(path, starts, step_size=0.02, n_steps=6)
        for i in (0, 8):
            one = descend(Moving(path), starts[i], step_size=0.02, n_steps=6)
            np.testing.assert_allclose(many.x[i], one.x, rtol=1e-10, atol=1e-12)


class Moving:
    """A homotopy without its capsule."""

    def __init__(self, inner):
        self.size, self.value_and_grad, self.dt_grad = inner.size, inner.value_and_grad, inner.dt_grad


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_the_loop_of_one_tiny_net(loss, n):
    ours, _ = risks((2, 3, 1), "tanh", loss, n=n, seed=n)
    easy = np.random.default_rng(0).random((n, 1))
    moving = [ours, ours.deformed(targets=easy, l2=0.4, mix=True)]
    if loss == "squared":
        moving.append(Skip(risks((2, 3, 1), "relu", n=n, seed=n)[0]))
    for objective in moving:
        x = np.random.default_rng(1).uniform(-1, 1, objective.size)
        expected, ends, tiny = run(objective, x, "plain")
        assert not tiny
        used = 0
        for isa in ISAS:
            got, other, tiny = run(objective, x, isa)
            used += tiny
            np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13, err_msg=isa)
            np.testing.assert_allclose(other.values, ends.values, rtol=1e-11)
        assert used or n > 4


def damped(kind, objective, x, isa=None):
    aim, r = Aim(objective), len(x)
    settings = {"n_steps": 4, "gradient_tolerance": 0.0, "plateau": None, "record_every": 1}
    chosen = Settings(LM(), aim, factor=None, schedule=None, noise=None, pause_every=0, budget=Budget(), **settings)
    limits = np.full(r, 10**9, dtype=np.int64)
    own = Starts(np.array(x), np.zeros(r, np.uint64), np.full(r, 0.02), np.full(r, -np.inf), limits)
    ends = Ends(r)
    kind(aim.capsule, chosen, own, ends, np.zeros(1, np.int32), isa).run(0, r)
    return own.x, ends.values


@pytest.mark.parametrize(
    ("sizes", "activation", "loss", "more"), [kind for kind in KINDS if len(kind[0]) <= 3 and kind[1] != "identity"]
)
def test_damped_lanes_go_as_their_loop_and_as_many_rows(sizes, activation, loss, more):
    ours, rows = risks(sizes, activation, loss, **more)
    x = np.random.default_rng(1).uniform(-1, 1, (11, ours.size))
    expected, values = damped(Loop, ours, x)
    repeated, _ = damped(Loop, rows, x)
    np.testing.assert_allclose(expected, repeated, rtol=1e-7, atol=1e-7)
    for isa in ISAS:
        got, found = damped(DampedLanes, ours, x, isa)
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(found, values, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("rule", ["lbfgs", "adam", "rprop"])
def test_other_rules_go_as_many_rows(rule):
    ours, rows = risks((3, 4, 1), "tanh", "logistic", n=40)
    starts = np.random.default_rng(1).uniform(-1, 1, (40, ours.size))
    settings = {} if rule == "lbfgs" else {"step_size": 0.01}
    a, b = (descend(f, starts, rule=rule, n_steps=8, **settings) for f in (ours, rows))
    np.testing.assert_allclose(a.value, b.value, rtol=1e-8)
    assert a.value == pytest.approx([ours.value(x) for x in a.x], rel=1e-12)


@pytest.mark.parametrize("isa", vmath.available())
def test_a_net_beside_a_path(isa):
    ours, _ = risks((3, 4, 2), "softplus", "logistic", n=13)
    path = ours.linear_path()
    own, columns = ours.samples, path.side.columns
    codes = {"activation": activation("softplus").code, "loss": 1, "leak": 0.0, "l2": ours.l2, "weights": own.weights}
    codes["penalty"] = ours.l2
    fast = Beside(4, own.X, columns, np.asarray(own.y, dtype=float), **codes, isa=isa)
    x = np.random.default_rng(2).standard_normal(fast.size)
    value, grad = fast.value_and_grad(x, 0.3)
    expected, slow = path.deformed.value_and_grad(x, 0.3)
    assert value == pytest.approx(expected, rel=1e-12)
    check_close(grad, slow, 1e-12)
