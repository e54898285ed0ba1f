"""The compiled tracker against the interpreted one."""

import shutil
import subprocess
from pathlib import Path

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


TURNS = """
#include <stdio.h>
#include "arclength.h"
unsigned long PyThread_get_thread_ident(void) { return 0; }
int main(void) {
    double a, b, rise, length;
    while (scanf("%lf %lf %lf %lf", &a, &b, &rise, &length) == 4) {
        const hp_place last = {.t = 0.5, .tangent_t = a}, next = {.t = 0.5 + rise, .tangent_t = b};
        printf("%d ", hp_turns_twice(&next, &last, length));
    }
}
"""


def test_two_folds_between_points_are_suspected_where_the_cubic_turns_between_them(tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc")
    a, b, rise, length = np.random.default_rng(2).standard_normal((4, 400))
    rise, length = 0.3 * rise, np.abs(length)
    rooms = [f"-I{folder}" for folder in (Path(__file__).parents[2] / "ext").iterdir()]
    command = ["gcc", "-w", *rooms, "-x", "c", "-", "-lm", "-o", str(tmp_path / "turns")]
    subprocess.run(command, input=TURNS, text=True, check=True)
    rows = "\n".join(" ".join(map(repr, row)) for row in np.column_stack([a, b, rise, length]).tolist())
    said = subprocess.run([tmp_path / "turns"], input=rows, capture_output=True, text=True, check=True).stdout.split()
    for i in range(400):  # t(s) with its values and slopes at both ends; where it turns twice its middle runs back
        powers = np.array([[0, 0, 0, 1], [0, 0, 1, 0], [1, 1, 1, 1], [3, 2, 1, 0]], float)
        cubic = np.linalg.solve(powers, [0, a[i] * length[i], rise[i], b[i] * length[i]])
        middle = np.polyval(np.polyder(cubic), 0.5)
        assert int(said[i]) == (a[i] * b[i] > 0 and middle * a[i] < 0)
    assert 40 < said.count("1") < 360


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
