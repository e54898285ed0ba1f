"""The compiled tracker against the interpreted one."""

import numpy as np
import pytest

from homotopy.bench import traces
from homotopy.bench.traces import compiled
from homotopy.continuation import Adaptive, ArclengthNewton, Fixed, track
from homotopy.homotopies import Bratu, MovingQuadratic

NEWTON = ArclengthNewton(tolerance=1e-8, final_tolerance=1e-8)


@pytest.mark.parametrize(
    ("control", "steps"), [(Fixed(0.07), 60), (Adaptive(initial=0.3, maximum=1.0), 30), (Adaptive(angle=None), 60)]
)
@pytest.mark.parametrize("n", [1, 60, 61, 81])  # up to 64 variables each end of Newton's method is looked at
def test_the_compiled_tracker_takes_the_same_steps(n, control, steps):
    family = Bratu(n)
    fast = compiled(family, NEWTON, control, max_steps=steps)
    slow = track(family, corrector=NEWTON, step_control=control, target=None, max_steps=steps, scale=1.0)
    assert fast.ended == "max steps"
    assert len(fast.points["t"]) == len(slow.points)
    assert fast.rejected == slow.counts.rejected
    for name in ("t", "s"):
        np.testing.assert_allclose(fast.points[name], slow.column(name), atol=1e-8)
    for name in ("step", "value"):
        np.testing.assert_allclose(fast.points[name], slow.column(name), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(fast.points["n_iter"], slow.column("n_iter"))
    np.testing.assert_allclose(fast.points["x"], [p.x for p in slow.points], atol=1e-8)
    np.testing.assert_allclose(fast.points["tangent_x"], [p.tangent.x for p in slow.points], atol=1e-7)
    np.testing.assert_allclose(fast.folds["t"], [e.point.t for e in slow.events], atol=1e-9)
    np.testing.assert_array_equal(fast.folds["n_iter"], [e.step for e in slow.events])
    assert fast.agrees(slow)


def test_a_curve_that_is_another_does_not_agree():
    family = Bratu(60)
    fast = compiled(family, NEWTON, Fixed(0.07), max_steps=40)
    asked = {"corrector": NEWTON, "target": None, "scale": 1.0}
    assert fast.agrees(track(family, step_control=Fixed(0.07), max_steps=40, **asked))
    assert not fast.agrees(track(family, step_control=Fixed(0.07), max_steps=30, **asked))
    assert not fast.agrees(track(family, step_control=Fixed(0.06), max_steps=40, **asked))


def test_the_compiled_tracker_says_why_it_ended():
    family = Bratu(60, scale=3.0)
    crossed = compiled(family, NEWTON, Adaptive(), max_steps=100, target=1.0)
    assert crossed.ended == "crossed"
    assert crossed.points["t"][-2] < 1.0 <= crossed.points["t"][-1]
    out = compiled(family, NEWTON, Adaptive(), max_steps=100, bounds=(-1.0, 0.8))
    assert out.ended == "crossed"
    assert out.points["t"][-2] <= 0.8 < out.points["t"][-1]
    small = compiled(family, ArclengthNewton(max_iter=1, tolerance=1e-12), Adaptive(minimum=0.02), max_steps=100)
    assert small.ended == "too small"
    assert small.rejected == 1
    stuck = compiled(family, ArclengthNewton(max_iter=1, tolerance=1e-12), Fixed(0.5), max_steps=100)
    assert stuck.ended == "not converged"


def test_the_moving_quadratic_is_followed_in_compiled_code_too():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 5))
    curve = compiled(MovingQuadratic(a, b, rng.uniform(1, 3, 5)), NEWTON, Adaptive(), max_steps=30)
    t = curve.points["t"][:, None]
    np.testing.assert_allclose(curve.points["x"], a * t**2 + b * np.sin(t), atol=1e-7)


def test_every_contestant_of_the_workload_ends_at_the_same_place():
    answers = {c.name: c.answer() for c in traces.ours()}
    assert list(answers) == ["homotopy", "homotopy callbacks", "homotopy track"]
    np.testing.assert_allclose(list(answers.values()), traces.by_hand()[0], rtol=1e-9)
