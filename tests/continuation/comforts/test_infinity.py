"""Paths that run to infinity end there; paths that only grow do not."""

import numpy as np
import pytest

from homotopy.continuation import GradientSystem, RootSystem, track
from homotopy.status import Status


def limit(path):
    assert path.status is Status.RUNS_TO_INFINITY, path
    assert path.message.startswith("the path runs to infinity at t = ")
    assert not path.success
    return float(path.message.split(" = ")[1].split()[0])


def pole(order, at=1.0, *, n=1, size=1.0, length=1.0, residual=1.0, seed=0):
    """x = size c (at - t)^-order in all components, mixed."""
    rng = np.random.default_rng(seed)
    mix, c = rng.standard_normal((n, n)) + 3 * np.eye(n), rng.uniform(0.5, 2.0, n)

    def gap(t):
        return at - t / length

    family = RootSystem(
        lambda x, t: residual * (mix @ (gap(t) ** order * x / size - c)),
        n,
        jacobian=lambda x, t: residual * mix * gap(t) ** order / size,
        dt=lambda x, t: residual * (mix @ (-order / length * gap(t) ** (order - 1) * x / size)),
    )
    return family, size * c / at**order


@pytest.mark.parametrize("mode", ["arclength", "natural", "auto"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_pole_at_the_target(order, mode):
    path = track(*pole(order), mode=mode)
    assert limit(path) == 1.0
    assert all(event.name != "jump" for event in path.events)


@pytest.mark.parametrize("seed", range(6))
def test_random_poles_before_the_target(seed):
    rng = np.random.default_rng(seed)
    at, order = rng.uniform(0.3, 3.0), rng.choice([1, 2, 3])
    path = track(*pole(order, at, n=int(rng.integers(1, 5)), seed=seed), target=at + rng.uniform(0.1, 2.0))
    assert limit(path) == pytest.approx(at, rel=1e-6)
    assert len(path.points) < 450
    # It is looked at whenever the units of the path have grown: to those in which it has come half of one.
    moved = np.sqrt(np.mean((path.x - path.points[0].x) ** 2))
    assert path.metric.x_weight == pytest.approx(0.5 / path.x.size / (2 * moved) ** 2)


@pytest.mark.parametrize("units", [(1e6, 1.0, 1.0), (1e-7, 1e5, 1.0), (1e3, 1e-6, 1e8), (1.0, 1.0, 1e-8)], ids=str)
def test_the_end_does_not_depend_on_units(units):
    size, length, residual = units
    path = track(*pole(1, 0.7, n=2, size=size, length=length, residual=residual), target=length)
    assert limit(path) == pytest.approx(0.7 * length, rel=1e-6)
    plain = track(*pole(1, 0.7, n=2), target=1.0)
    assert len(path.points) == pytest.approx(len(plain.points), rel=0.1)


def test_tangent_roots_and_hyperbolas():
    tangent = RootSystem(lambda x, t: np.arctan(x) - t, 1, jacobian=lambda x, t: np.diag(1 / (1 + x**2)))
    assert limit(track(tangent, [0.0], target=2.0)) == pytest.approx(np.pi / 2, abs=1e-8)
    root = RootSystem(lambda x, t: x * x * (1 - t) - 1, 1)
    assert limit(track(root, [1.0], target=2.0)) == pytest.approx(1.0, abs=1e-8)
    hyperbola = RootSystem(lambda x, t: t * x - 1, 1)
    assert limit(track(hyperbola, [1.0], t0=1.0, target=0.0)) == 0.0


GROWING = {
    "line": (lambda t: 1.0 + 1e6 * t, 1.0),
    "exp": (lambda t: np.exp(10 * t), 1.0),
    "steep": (lambda t: np.exp(25 * t), 1.0),
    "power": (lambda t: (1 + 1e3 * t) ** 3, 1.0),
    "a pole close behind the target": (lambda t: 1 / (1 + 1e-5 - t), 1.0),
    "a peak": (lambda t: 1 / ((t - 0.5) ** 2 + 1e-6), 1.0),
}


@pytest.mark.parametrize("name", GROWING)
def test_paths_that_grow_reach_their_target(name):
    curve, target = GROWING[name]
    slope = lambda t: (curve(t + 1e-7) - curve(t - 1e-7)) / 2e-7  # noqa: E731
    family = RootSystem(
        lambda x, t: x / curve(t) - 1,
        1,
        jacobian=lambda x, t: np.array([[1 / curve(t)]]),
        dt=lambda x, t: -x * slope(t) / curve(t) ** 2,
    )
    path = track(family, [curve(0.0)], target=target, max_steps=5000)
    assert path.success, path
    assert path.x[0] == pytest.approx(curve(target), rel=1e-6)


def test_the_upper_branch_of_bratu_only_grows():
    m = 12
    q = (m + 1) ** 2
    laplace = q * (2 * np.eye(m) - np.eye(m, k=1) - np.eye(m, k=-1))
    family = GradientSystem(
        lambda u, t: laplace @ u - t * np.exp(u),
        m,
        jacobian=lambda u, t: laplace - t * np.diag(np.exp(u)),
        dt=lambda u, t: -np.exp(u),
    )
    path = track(family, np.zeros(m), target=None, bounds=(0.0, 5.0), max_steps=150)
    assert path.n_folds == 1
    assert path.status is not Status.RUNS_TO_INFINITY
