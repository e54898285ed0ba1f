"""Stability of root systems: unstable directions counted, Hopf points located."""

import numpy as np
import pytest
import scipy.sparse as sp

from homotopy.continuation import Explorer, GradientSystem, Hopf, Path, RootSystem, Spectrum, diagram, track
from homotopy.errors import ArgumentError

MODES = ["arclength", "natural", "auto"]


def lorenz(beta=8 / 3, sigma=10.0):
    return RootSystem(
        lambda u, t: np.array([sigma * (u[1] - u[0]), u[0] * (t - u[2]) - u[1], u[0] * u[1] - beta * u[2]]),
        3,
        jacobian=lambda u, t: np.array([[-sigma, sigma, 0.0], [t - u[2], -1.0, -u[0]], [u[1], u[0], -beta]]),
        dt=lambda u, t: np.array([0.0, u[0], 0.0]),
    )


WING = np.sqrt(8 / 3 * 9)


def hopfs(path):
    return [event for event in path.events if event.name == "Hopf"]


@pytest.mark.parametrize("mode", MODES)
def test_the_hopf_point_of_lorenz(mode, tmp_path):
    """rho = sigma (sigma + beta + 3) / (sigma - beta - 1), frequency^2 = 2 sigma beta (sigma + 1) over the same."""
    path = track(lorenz(), [WING, WING, 9.0], t0=10.0, target=30.0, events=[Hopf()], mode=mode)
    assert path.success
    (found,) = hopfs(path)
    assert found.point.t == pytest.approx(470 / 19, abs=1e-9)
    assert float(found.detail.split()[1]) == pytest.approx(np.sqrt(2 * 10 * 8 / 3 * 11 / (10 - 8 / 3 - 1)), rel=1e-7)
    assert (found.index_before, found.index_after) == (0, 2)
    assert [path.points[0].index, path.points[-1].index] == [0, 2]
    path.save(tmp_path / "p.npz")
    assert [event.detail for event in Path.load(tmp_path / "p.npz").events] == [found.detail]


def test_a_path_may_end_at_a_hopf_point():
    path = track(lorenz(), [WING, WING, 9.0], t0=10.0, target=30.0, events=[Hopf(terminal=True)])
    assert path.t == pytest.approx(470 / 19, abs=1e-9)
    assert path.message.endswith("Hopf")


def test_a_predator_and_its_prey():
    """Rosenzweig and MacArthur's: u' = u (1 - u / t) - 2 u v / (1 + u), v' = v (2 u / (1 + u) - 1); Hopf at t = 3."""
    family = RootSystem(
        lambda z, t: np.array(
            [z[0] * (1 - z[0] / t) - 2 * z[0] * z[1] / (1 + z[0]), z[1] * (2 * z[0] / (1 + z[0]) - 1)]
        ),
        2,
    )
    path = track(family, [1.0, 1 - 1 / 1.5], t0=1.5, target=5.0, events=[Hopf()])
    (found,) = hopfs(path)
    assert found.point.t == pytest.approx(3.0, abs=1e-6)
    assert found.point.x == pytest.approx([1.0, 2 / 3], abs=1e-6)
    assert float(found.detail.split()[1]) == pytest.approx(np.sqrt(1 / 3), rel=1e-6)


def crossing(seed):
    """A pair crosses the axis at a known t with a known frequency, perhaps a real eigenvalue too; all mixed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    mix = rng.standard_normal((n, n)) + 2 * np.eye(n)
    back, way = np.linalg.inv(mix), rng.standard_normal(n)
    at, frequency = rng.uniform(0.1, 0.9), 10 ** rng.uniform(-1, 1)
    speed, rest = rng.choice([-1, 1]) * rng.uniform(0.5, 3), -rng.uniform(0.3, 3, max(n - 2, 0))
    real = rng.uniform(0.1, 0.9) if n > 2 and rng.uniform() < 0.5 else None

    def linear(t):
        d = np.diag([0.0, 0.0, *rest])
        d[:2, :2] = [[speed * (t - at), -frequency], [frequency, speed * (t - at)]]
        if real is not None:
            d[2, 2] = real - t
        return mix @ d @ back

    def function(x, t):
        y = x - way * (t + t * t)
        return linear(t) @ y - mix @ (back @ y) ** 3

    return RootSystem(function, n), n, at, frequency, speed, real


@pytest.mark.parametrize("seed", range(16))
def test_random_pairs_that_cross(seed):
    family, n, at, frequency, speed, real = crossing(seed)
    path = track(family, np.zeros(n), events=[Hopf()])
    assert path.success, path
    (found,) = hopfs(path)
    assert found.point.t == pytest.approx(at, abs=1e-6)
    assert float(found.detail.split()[1]) == pytest.approx(frequency, rel=1e-5)
    for point in (path.points[0], path.points[-1]):
        pair = 2 * (speed * (point.t - at) > 0)
        assert point.index == pair + (real is not None and point.t < real)
    opposite = track(family, np.zeros(n), spectrum=Spectrum(flow="-F"), max_steps=3)
    assert opposite.points[0].index == n - path.points[0].index


def test_real_eigenvalues_that_cross_or_meet_are_no_hopf_points():
    """Two that cross at once; and a pair, unstable all the time, that becomes real."""
    two = RootSystem(lambda x, t: np.array([(t - 0.5) * x[0], (t - 0.5) * x[1]]) - x**3, 2)
    assert hopfs(track(two, np.zeros(2), events=[Hopf()], mode="natural")) == []

    def met(x, t):
        return np.array([[1.0, 1.0], [t - 0.5, 1.0]]) @ (x - t)

    path = track(RootSystem(met, 2), np.zeros(2), events=[Hopf()])
    assert path.success
    assert set(path.column("index")) == {2.0}
    assert hopfs(path) == []


def test_gradient_systems_have_none():
    family = GradientSystem(lambda x, t: x - t, 1)
    with pytest.raises(ArgumentError, match="Hopf needs a root system"):
        track(family, [0.0], events=[Hopf()])
    with pytest.raises(ArgumentError, match="flow must be"):
        Spectrum(flow="backwards")


def test_the_greatest_real_parts_are_kept_and_diagrams_ask_for_a_flow():
    path = track(lorenz(), np.zeros(3), t0=0.5, target=0.9, spectrum=Spectrum(n_lowest=2))
    wanted = np.sort(np.linalg.eigvals(lorenz().hessian(np.zeros(3), 0.9)).real)[::-1]
    assert path.points[-1].eigenvalues == pytest.approx(wanted[:2])
    assert path.points[-1].index == 0
    plain = diagram(lorenz(), np.zeros(3), 0.5, explorer=Explorer(bounds=(0.0, 5.0)))
    asked = diagram(lorenz(), np.zeros(3), 0.5, explorer=Explorer(bounds=(0.0, 5.0), spectrum=Spectrum(flow="F")))
    assert {p.index for path in plain.branches for p in path.points} == {-1}
    assert {p.index for p in asked.branches[0].points} == {0, 1}


def brusselator(m):
    """On (0, 1), states held at the ends: u = 2, v = t / 2, with Hopf points at t = 5 + mu_k (d + e), mu_k of -u''."""
    d, e, h = 0.008, 0.004, 1.0 / (m + 1)
    laplace = sp.diags_array([np.ones(m - 1), -2 * np.ones(m), np.ones(m - 1)], offsets=[-1, 0, 1]) / h**2
    ends = np.zeros(m)
    ends[[0, -1]] = 1 / h**2

    def function(x, t):
        u, v = x[:m], x[m:]
        w = u * u * v
        return np.r_[d * (laplace @ u + 2 * ends) + 2 - (t + 1) * u + w, e * (laplace @ v + t / 2 * ends) + t * u - w]

    def jacobian(x, t):
        u, v = x[:m], x[m:]
        a, b = sp.diags_array(2 * u * v - t), sp.diags_array(u * u)
        return sp.block_array([[d * laplace + a - sp.eye_array(m), b], [-a, e * laplace - b]], format="csc")

    def dt(x, t):
        return np.r_[-x[:m], e * ends / 2 + x[:m]]

    first = 2 / h**2 * (1 - np.cos(np.pi * h))
    family = RootSystem(function, 2 * m, jacobian=jacobian, dt=dt)
    return family, np.r_[2 * np.ones(m), 2 * np.ones(m)], 5 + first * (d + e)


@pytest.mark.parametrize("limit", [400, 20], ids=["dense", "sparse"])
def test_the_brusselator_is_counted_dense_and_sparse(limit):
    family, x, at = brusselator(40)
    path = track(family, x, t0=4.0, target=5.3, spectrum=Spectrum(dense_limit=limit), events=[Hopf()])
    assert path.success
    (found,) = hopfs(path)
    assert found.point.t == pytest.approx(at, abs=1e-8)
    assert (path.points[0].index, path.points[-1].index) == (0, 2)


def test_a_count_that_is_not_certain_is_none():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((60, 60))  # eigenvalues all over a disk
    family = RootSystem(lambda x, t: a @ (x - t), 60, jacobian=lambda x, t: a, dt=lambda x, t: -a.sum(axis=1))
    spectrum = Spectrum(dense_limit=20, max_negative=2)
    assert spectrum.index(family, np.zeros(60), 0.0) == (-1, ())
    free = RootSystem(lambda x, t: a @ (x - t), 60, jvp=lambda x, t, v: a @ v)
    assert spectrum.index(free, np.zeros(60), 0.0) == (-1, ())
    stable = RootSystem(lambda x, t: -9 * x, 60, jacobian=lambda x, t: -9 * sp.eye_array(60))
    assert spectrum.index(stable, np.zeros(60), 0.0)[0] == 0
