"""Compiled paths against the same formulas in NumPy, and how they descend."""

import numpy as np
import pytest

from homotopy._core import vmath
from homotopy._core.descent import CompiledRosenbrock
from homotopy._core.family import Family
from homotopy._core.many import widest_layer
from homotopy.descent import Ramp, descend
from homotopy.errors import ArgumentError
from homotopy.homotopies import Proximal
from homotopy.homotopies.general.blend import Blend
from homotopy.models import MLP
from homotopy.objectives import EmpiricalRisk
from homotopy.objectives.base import compiled
from homotopy.objectives.family import Homotopy
from homotopy.objectives.functions import Rosenbrock

RNG = np.random.default_rng(4)
XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


def xor(hidden=3):
    return EmpiricalRisk(MLP((2, hidden, 1), "tanh", output="logistic"), "squared", *XOR)


CENTER, FADE = RNG.standard_normal(13), RNG.integers(0, 2, 13).astype(float)
STATE = RNG.bit_generator.state
KINDS = {
    "proximal": {"weights": (0.0, 1.0), "pull": (2.0, 0.0), "center": CENTER},
    "penalty": {"pull": (0.01, 0.0)},
    "fade": {"fade": FADE},
    "rise": {"rise": (np.linspace(-0.5, 0.6, 13), np.linspace(0.3, 1.0, 13)), "rest": CENTER, "pull": (1.0, 0.0)},
    "toll": {"fade": FADE, "toll": np.linspace(0.0, 2.0, 13)},
    "all": {"weights": (0.2, 1.0), "pull": (0.5, 0.1), "center": CENTER, "fade": 0.5 * FADE},
}


@pytest.fixture(autouse=True)
def same_numbers():
    """Every test draws the same numbers, whichever tests ran before it."""
    RNG.bit_generator.state = STATE


def slow(risk, x, t, *, weights=(1.0, 1.0), pull=(0.0, 0.0), center=0.0, fade=0.0, rise=None, rest=0.0, toll=0.0):
    """The formula in NumPy."""
    w, p = weights[0] + t * (weights[1] - weights[0]), pull[0] + t * (pull[1] - pull[0])
    s, d = 1 - t * fade, x - center
    if rise is not None:
        u = np.clip((t - rise[0]) / (rise[1] - rise[0]), 0, 1)
        s = s * u**2 * (3 - 2 * u)
    f, g = risk.value_and_grad(np.ascontiguousarray(rest + s * (x - rest)))
    paid = t * (1 - t) * toll * x
    return w * f + 0.5 * p * float(d @ d) + 0.5 * float(paid @ x), w * s * g + p * d + paid


class Slow(Homotopy):
    """The same as a homotopy in Python."""

    def __init__(self, risk, kind):
        self.objective, self.size, self.kind = risk, risk.size, kind

    def value_and_grad(self, x, t):
        return slow(self.objective, x, t, **self.kind)

    def hessp(self, x, t, v):
        return v

    def dt(self, x, t):
        return 0.0

    def dt_grad(self, x, t):
        return x

    def start(self, rng=None):
        return np.zeros(self.size)


class Fast(Slow):
    """The same through its capsule."""

    def __init__(self, risk, kind):
        super().__init__(risk, kind)
        self.path = Family(risk.capsule(), **kind)

    def capsule(self):
        return self.path.capsule()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_value_and_gradient(kind, t):
    risk = xor()
    x = RNG.standard_normal(13)
    value, gradient = Family(risk.capsule(), **KINDS[kind]).value_and_grad(x, t)
    expected, slope = slow(risk, x, t, **KINDS[kind])
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12, atol=1e-15)


def test_a_blend_of_two_objectives():
    easy, risk, x = CompiledRosenbrock(13), xor(), RNG.standard_normal(13)
    path = Family(risk.capsule(), easy=easy.capsule(), weights=(0.0, 1.0))
    for t in (0.0, 0.25, 1.0):
        value, gradient = path.value_and_grad(x, t)
        (e, eg), (f, fg) = easy.value_and_grad(x), risk.value_and_grad(x)
        assert value == pytest.approx((1 - t) * e + t * f)
        np.testing.assert_allclose(gradient, (1 - t) * eg + t * fg, rtol=1e-12)
    assert (path.size, path.cost) == (13, 2.0)


def test_a_capsule_keeps_its_objectives():
    capsule = Family(Family(xor().capsule(), pull=(1.0, 0.0)).capsule(), fade=FADE).capsule()

    class Nested(Slow):
        def capsule(self):
            return capsule

    risk, x = xor(), RNG.standard_normal(13)
    end = descend(Nested(risk, {}).at(0.5), x, n_steps=0)
    expected, _ = slow(risk, (1 - 0.5 * FADE) * x, 0.5, pull=(1.0, 0.0))
    assert end.value == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["gd", "adam", "lbfgs"])
def test_descents_in_c_and_through_the_interpreter_agree(kind, rule):
    starts = RNG.uniform(-1, 1, (9, 13))
    settings = {"rule": rule, "step_size": 0.05, "n_steps": 8 if rule == "lbfgs" else 80, "schedule": Ramp(share=0.7)}
    slowly = descend(Slow(xor(), KINDS[kind]), starts, **settings)
    many = descend(Fast(xor(), KINDS[kind]), starts, **settings)
    # the line searches of L-BFGS spread rounding: by 1e-12 in 8 steps, by 1e-4 in 15 on some starts and machines
    near = {"rtol": 1e-9, "atol": 1e-12} if rule == "lbfgs" else {"rtol": 1e-11, "atol": 1e-12}
    for i, start in enumerate(starts):
        one = descend(Fast(xor(), KINDS[kind]), start, **settings)
        np.testing.assert_allclose(one.x, slowly.x[i], **near)
        assert many.grad_norm[i] == pytest.approx(one.grad_norm, rel=1e-6)
    np.testing.assert_allclose(many.x, slowly.x, **near)
    np.testing.assert_allclose(many.value, slowly.value, rtol=1e-7)


def test_a_path_around_a_small_net_takes_lanes():
    widest = 0 if vmath.isa() == "plain" else 6
    assert widest_layer(Family(xor().capsule(), **KINDS["proximal"]).capsule()) == widest
    assert widest_layer(Family(xor().capsule(), easy=xor().capsule()).capsule()) == 0
    assert widest_layer(CompiledRosenbrock(3).capsule()) == 0


@pytest.mark.parametrize("kind", ["proximal", "blend"])
def test_homotopies_that_descend_in_c(kind):
    risk = xor()
    easy = EmpiricalRisk(risk.model, "squared", XOR[0], 1 - XOR[1])
    homotopy = Proximal(risk, CENTER, mu=0.5) if kind == "proximal" else Blend(easy, risk)

    class Interpreted(Slow):
        def value_and_grad(self, x, t):
            return homotopy.value_and_grad(x, t)

    starts = RNG.uniform(-1, 1, (3, 13))
    assert compiled(homotopy) is not None
    fast = descend(homotopy, starts, n_steps=50, step_size=0.3)
    slowly = descend(Interpreted(risk, {}), starts, n_steps=50, step_size=0.3)
    np.testing.assert_allclose(fast.x, slowly.x, rtol=1e-11)
    assert compiled(Proximal(Rosenbrock(), np.zeros(2))) is None
    assert compiled(Blend(Rosenbrock(), Rosenbrock())) is None


def test_bad_arguments():
    with pytest.raises(ArgumentError, match="center must hold"):
        Family(xor().capsule(), center=np.zeros(3))
    with pytest.raises(ArgumentError, match="fade must hold"):
        Family(xor().capsule(), fade=np.full(13, np.nan))
    with pytest.raises(ArgumentError, match="as many"):
        Family(xor().capsule(), easy=CompiledRosenbrock(2).capsule())
    with pytest.raises(ArgumentError, match="x must be a C-contiguous float64 array of shape"):
        Family(xor().capsule()).value_and_grad(np.zeros(3), 0.0)
