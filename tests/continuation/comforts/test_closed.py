"""Closed curves are recognized, and nothing else is."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from homotopy.continuation import Path, RootSystem, track
from homotopy.status import Status


def isola(n, seed):
    """A random closed curve: an ellipse in two of n + 1 turned coordinates, the others functions of these two."""
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-6, 6)
    turn = ortho_group.rvs(n + 1, random_state=rng)
    a, b = rng.uniform(0.3, 3, 2)
    mix, bend = rng.standard_normal((n, n)) + 3 * np.eye(n), rng.uniform(-0.4, 0.4, n - 1)

    def others(y):
        return bend * y[0] * y[1] + 0.3 * np.sin(y[0] + np.arange(n - 1))

    def function(x, t):
        y = turn @ np.append(x / size, t)
        return mix @ np.array([(y[0] / a) ** 2 + (y[1] / b) ** 2 - 1, *(y[2:] - others(y))])

    phi = rng.uniform(0, 2 * np.pi)
    y = np.array([a * np.cos(phi), b * np.sin(phi)])
    z = turn.T @ np.append(y, others(y))
    angle = lambda p: (lambda y: np.arctan2(y[1] / b, y[0] / a))(turn @ np.append(p.x / size, p.t))  # noqa: E731
    return RootSystem(function, n), size * z[:-1], float(z[-1]), size, angle


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_random_isolas_are_closed_after_one_turn(n, seed):
    family, x, t, size, angle = isola(n, seed)
    path = track(family, x, t0=t, target=None, bounds=(-20, 20))
    assert (path.status, path.message, path.closed) == (Status.TERMINAL_EVENT, "the curve is closed", True)
    assert not path.success
    assert path.x / size == pytest.approx(x / size, abs=1e-6)
    turned = np.unwrap([angle(p) for p in path.points])
    assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi, abs=1e-5)
    assert path.n_folds % 2 == 0
    assert path.n_folds > 0


def circle():
    return RootSystem(lambda x, t: x**2 + t**2 - 1.0, 1)


def test_without_bounds_and_toward_a_target_it_does_not_meet(tmp_path):
    free = track(circle(), [1.0], target=None)
    aimed = track(circle(), [1.0], target=5.0, bounds=(-9.0, 9.0), checkpoint=tmp_path / "circle.npz")
    assert free.closed
    assert aimed.closed
    assert not aimed.success
    assert Path.load(tmp_path / "circle.npz").closed


def test_a_run_that_goes_on_knows_where_it_began(tmp_path):
    file = tmp_path / "part.npz"
    seen = []

    def killed(point):
        seen.append(point)
        if len(seen) == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        track(circle(), [1.0], target=None, checkpoint=file, every=1, callback=killed)
    again = track(circle(), [1.0], target=None, checkpoint=file, every=1)
    assert again.closed
    assert len(again.points) == len(track(circle(), [1.0], target=None).points)


@pytest.mark.parametrize("x", [1.4, 1.0, 0.3, 0.05])
def test_a_figure_eight_is_closed_after_both_loops(x):
    """The lemniscate (x^2 + t^2)^2 = 2 (x^2 - t^2), which crosses itself at 0."""
    t = np.sqrt(-(x**2) - 1 + np.sqrt(4 * x**2 + 1))
    family = RootSystem(lambda x, t: (x**2 + t**2) ** 2 - 2 * (x**2 - t**2), 1)
    path = track(family, [x], t0=float(t), target=None, bounds=(-3, 3))
    assert path.closed
    assert path.n_folds == 4
    assert min(p.x[0] for p in path.points) < -1


@pytest.mark.parametrize("gap", [1e-1, 1e-2])
def test_a_curve_that_passes_close_to_its_start_has_not_closed(gap):
    """r = 1 + gap cos(phi / 2) meets itself only after two turns: it passes its start at a distance of the gap."""

    def function(x, t):
        r = np.hypot(x[0], t)
        return np.array([(1 + t / r) - 2 * ((r - 1) / gap) ** 2])

    start = [1.0 + gap * np.cos(np.pi / 4)]
    path = track(RootSystem(function, 1), start, t0=0.0, target=None, bounds=(-3, 3), max_steps=3000)
    assert path.closed
    turned = np.unwrap([np.arctan2(p.t, p.x[0]) for p in path.points])
    assert abs(turned[-1] - turned[0]) == pytest.approx(4 * np.pi, abs=1e-4)


@pytest.mark.parametrize("gap", [1e-1, 1e-4, 1e-6])
def test_a_spiral_never_closes(gap):
    """x_1 = r cos(u), t = r sin(u), r = 1 + gap u; the hidden u tells the turns apart by 2 pi times the gap."""

    def function(x, t):
        u = x[1] / gap
        r = 1 + gap * u
        return np.array([x[0] - r * np.cos(u), t - r * np.sin(u)])

    family = RootSystem(function, 2)
    path = track(family, [1.0, 0.0], target=None, bounds=(-5, 5), max_steps=250)
    assert not path.closed
    assert abs(path.x[1]) / gap > 2.2 * np.pi
