"""The problems on which others try their continuation codes, each with its known answer."""

import numpy as np
import pytest
from scipy.optimize import brentq

import homotopy as hp
from homotopy.continuation import Explorer, GradientSystem, RootSystem, diagram
from homotopy.status import Status


def times(path, name="LP"):
    return [event.point.t for event in path.events if event.name == name]


def values(found, t, component=0):
    """Return the distinct values of a component at t over all branches, in order."""
    return np.unique([round(float(p.x[component]), 6) for p in found.at(t)])


# ---------------------------------------------------------------- folds


@pytest.mark.parametrize("b", [0.5, 1.0, 4.0])
def test_the_folds_of_the_cusp_surface(b):
    """x^3 - b x = t folds at x = -+sqrt(b / 3), t = +-2 (b / 3)^(3/2), and for b <= 0 not at all."""
    for sign in (1.0, -1.0):
        family = RootSystem(
            lambda x, t, sign=sign: x**3 - sign * b * x - t,
            1,
            jacobian=lambda x, t, sign=sign: np.diag(3 * x**2 - sign * b),
            dt=lambda x, t: -np.ones(1),
        )
        start = brentq(lambda x, sign=sign: x**3 - sign * b * x + 10.0, -5.0, 0.0)
        path = hp.track(family, np.array([start]), t0=-10.0, target=10.0)
        assert path.success, path.message
        assert path.x[0] == pytest.approx(-start, rel=1e-9)
        fold = 2 * (b / 3) ** 1.5
        assert times(path) == pytest.approx([fold, -fold] if sign > 0 else [], rel=1e-9)


def test_the_reaction_a_to_b():
    """AUTO's first example, with p2 = 14, p3 = 2: the steady states are t = u1 / ((1 - u1) exp(u2)), u2 = 14 u1 / 3.

    They fold where u1 (1 - u1) = 3 / 14; AUTO's manual prints 0.105739 and 0.0889318.
    """

    def function(u, t):
        rate = t * (1 - u[0]) * np.exp(u[1])
        return np.array([-u[0] + rate, -3 * u[1] + 14 * rate])

    def jacobian(u, t):
        e = t * np.exp(u[1])
        return np.array([[-1 - e, (1 - u[0]) * e], [-14 * e, -3 + 14 * (1 - u[0]) * e]])

    family = RootSystem(
        function, 2, jacobian=jacobian, dt=lambda u, t: np.array([1.0, 14.0]) * (1 - u[0]) * np.exp(u[1])
    )
    path = hp.track(family, np.zeros(2), target=0.2)
    assert path.success, path.message
    u = (1 + np.array([-1, 1]) * np.sqrt(1 / 7)) / 2
    folds = u / ((1 - u) * np.exp(14 * u / 3))
    assert folds == pytest.approx([0.105739, 0.0889318], abs=5e-7)
    assert times(path) == pytest.approx(folds, rel=1e-9)
    u1, u2 = path.x
    assert u1 / ((1 - u1) * np.exp(u2)) == pytest.approx(0.2, rel=1e-9)
    assert u2 == pytest.approx(14 * u1 / 3, rel=1e-9)
    assert u1 > u[1]


def test_two_hundred_folds_in_a_row():
    """x + sin(40 pi x) / 4 = 5 t folds where cos(40 pi x) = -1 / (10 pi), some 190 times from x = 0 to t = 1."""
    k = 40 * np.pi
    family = RootSystem(
        lambda x, t: x + np.sin(k * x) / 4 - 5 * t,
        1,
        jacobian=lambda x, t: np.diag(1 + k / 4 * np.cos(k * x)),
        dt=lambda x, t: np.array([-5.0]),
    )
    path = hp.track(family, np.zeros(1), max_steps=20_000, bounds=(-1.0, 2.0))
    assert path.success, path.message
    # In each period the curve folds twice; the end is the first of the solutions of x + sin(k x) / 4 = 5.
    turn = np.arccos(-4 / k)
    at = np.sort(np.concatenate([turn + 2 * np.pi * np.arange(100), 2 * np.pi * np.arange(1, 101) - turn])) / k
    expected = (at + np.sin(k * at) / 4) / 5
    reach = np.argmax(expected >= 1.0)
    assert path.n_folds == reach
    assert reach > 180
    assert times(path) == pytest.approx(expected[:reach], abs=1e-9)


@pytest.mark.parametrize("target", [0.5, 0.9, 0.9999, 0.99999, 0.999999, 1.0])
def test_targets_up_to_and_on_a_fold(target):
    """sin(x) = t from x = 0: x = asin(t), also just before the fold at t = 1 and on it."""
    path = hp.track(RootSystem(lambda x, t: np.sin(x) - t, 1), np.zeros(1), target=target)
    assert path.success, path.message
    # A double root is known to half the digits.
    assert path.x[0] == pytest.approx(np.arcsin(target), abs=1e-7 if target < 1 else 1e-4)


def test_a_double_root_at_the_end():
    path = hp.track(RootSystem(lambda x, t: x**2 - (1 - t), 1), np.ones(1))
    assert path.status is Status.REACHED_TARGET
    assert abs(path.x[0]) < 1e-4


def test_the_fold_of_bogdanov_and_takens():
    """x' = y, y' = -t + x^2 + x y mixed by a matrix: at the fold t = 0 zero is a double eigenvalue with one vector."""
    mix = np.array([[2.0, 1.0], [-1.0, 3.0]])
    family = RootSystem(
        lambda z, t: mix @ np.array([z[1], -t + z[0] ** 2 + z[0] * z[1]]),
        2,
        jacobian=lambda z, t: mix @ np.array([[0.0, 1.0], [2 * z[0] + z[1], z[0]]]),
        dt=lambda z, t: mix @ np.array([0.0, -1.0]),
    )
    path = hp.track(family, np.array([1.0, 0.0]), t0=1.0, target=-1.0)
    assert not path.success
    assert times(path) == pytest.approx([0.0], abs=1e-12)
    (event,) = (event for event in path.events if event.name == "LP")
    assert np.abs(event.point.x).max() < 1e-6
    assert np.abs(event.null_vector) == pytest.approx([1.0, 0.0], abs=1e-5)
    assert times(path, "BP") == []
    assert path.x == pytest.approx([-np.sqrt(path.t), 0.0], abs=1e-8)


# ---------------------------------------------------------------- branches


def test_two_populations():
    """AUTO's predator and prey: u' = 3 u (1 - u) - u v - t (1 - exp(-5 u)), v' = -v + 3 u v.

    The states without predators, t = 3 u (1 - u) / (1 - exp(-5 u)), fold once, cross u = 0 at t = 0.6, and at u = 1/3
    the states with predators, where v = 2 - 3 t (1 - exp(-5/3)).
    """

    def function(z, t):
        u, v = z
        return np.array([3 * u * (1 - u) - u * v - t * (1 - np.exp(-5 * u)), -v + 3 * u * v])

    def jacobian(z, t):
        u, v = z
        return np.array([[3 - 6 * u - v - 5 * t * np.exp(-5 * u), -u], [3 * v, -1 + 3 * u]])

    family = RootSystem(function, 2, jacobian=jacobian, dt=lambda z, t: np.array([-(1 - np.exp(-5 * z[0])), 0.0]))
    curve = lambda u: 3 * u * (1 - u) / (1 - np.exp(-5 * u))  # noqa: E731
    u = brentq(lambda u: curve(u) - 0.5, 0.7, 1.0)
    # For u < 0 the states without predators run to infinity as t falls to 0, which no diagram reaches.
    found = diagram(family, np.array([u, 0.0]), 0.5, explorer=Explorer(bounds=(1e-3, 1.0)))
    share = 1 - np.exp(-5 / 3)
    assert found.complete
    assert sorted(e.point.t for e in found.branch_points) == pytest.approx([0.6, 2 / 3 / share], abs=1e-7)
    slope = lambda u: (1 - 2 * u) * (1 - np.exp(-5 * u)) - 5 * u * (1 - u) * np.exp(-5 * u)  # noqa: E731
    fold = curve(brentq(slope, 0.1, 0.9, xtol=1e-15))
    assert fold in [pytest.approx(t, rel=1e-9) for path in found.branches for t in times(path)]
    expected = [brentq(lambda u: curve(u) - 0.7, 1e-3, 0.3), 1 / 3, brentq(lambda u: curve(u) - 0.7, 0.5, 1.0)]
    assert values(found, 0.7) == pytest.approx([0.0, *expected], abs=1e-3)
    assert max(values(found, 0.7, 1)) == pytest.approx(2 - 2.1 * share, abs=1e-3)


def test_an_isola_is_a_closed_curve_and_is_not_reached_from_elsewhere():
    """(x - t) ((x - 3)^2 + (t - 1/2)^2 - 0.04): a line, and a circle beside it."""
    ring = lambda x, t: (x[0] - 3) ** 2 + (t - 0.5) ** 2 - 0.04  # noqa: E731
    family = RootSystem(
        lambda x, t: np.array([(x[0] - t) * ring(x, t)]),
        1,
        jacobian=lambda x, t: np.array([[ring(x, t) + 2 * (x[0] - t) * (x[0] - 3)]]),
        dt=lambda x, t: np.array([-ring(x, t) + 2 * (x[0] - t) * (t - 0.5)]),
    )
    path = hp.track(family, np.zeros(1))
    assert path.success, path.message
    assert path.events == ()
    assert path.x[0] == pytest.approx(1.0, abs=1e-9)
    found = diagram(family, np.array([3.2]), 0.5, explorer=Explorer(bounds=(0.0, 1.0)))
    (circle,) = found.branches
    assert found.complete
    assert circle.status is Status.TERMINAL_EVENT
    assert sorted(times(circle)) == pytest.approx([0.3, 0.7], abs=1e-9)
    alone = diagram(family, np.zeros(1), explorer=Explorer(bounds=(0.0, 1.0)))
    assert alone.complete
    assert len(alone.branches) == 1
    assert len(alone.at(0.5)) == 1


@pytest.mark.parametrize("on_slope", [False, True])
def test_the_transcritical_point(on_slope):
    """x (x - (t - 1/2)), followed on either line: both are found, the tangent at the crossing is that of the line."""
    family = RootSystem(lambda x, t: x * (x - (t - 0.5)), 1)
    start = np.array([-0.5 if on_slope else 0.0])
    path = hp.track(family, start)
    assert path.success, path.message
    assert path.x[0] == pytest.approx(0.5 if on_slope else 0.0, abs=1e-9)
    assert times(path, "BP") == pytest.approx([0.5], abs=1e-7)
    (event,) = (event for event in path.events if event.name == "BP")
    x, t = event.point.tangent
    assert x[0] / t == pytest.approx(1.0 if on_slope else 0.0, abs=1e-4)
    found = diagram(family, start, explorer=Explorer(bounds=(0.0, 1.0)))
    assert found.complete
    assert values(found, 1.0) == pytest.approx([0.0, 0.5], abs=1e-6)


@pytest.mark.parametrize("speed", [0.0, 1.0, -3.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_pitchfork_off_a_branch_that_moves(sign, speed):
    """v^3 - sign (t - 0.4) v with v = x - speed t: three branches on one side."""
    family = GradientSystem(
        lambda x, t: (x - speed * t) ** 3 - sign * (t - 0.4) * (x - speed * t),
        1,
        jacobian=lambda x, t: np.diag(3 * (x - speed * t) ** 2 - sign * (t - 0.4)),
    )
    found = diagram(family, np.zeros(1), explorer=Explorer(bounds=(0.0, 1.0)))
    assert found.complete
    arms = np.sqrt(0.6 if sign > 0 else 0.4) * np.array([-1.0, 0.0, 1.0])
    t, single = (1.0, 0.0) if sign > 0 else (0.0, 1.0)
    assert values(found, t) == pytest.approx(speed * t + arms, abs=1e-5)
    assert values(found, single) == pytest.approx([speed * single], abs=1e-5)
    path = hp.track(family, np.zeros(1))
    assert path.success, path.message
    assert path.x[0] == pytest.approx(speed, abs=1e-8)


def test_a_kernel_of_dimension_two():
    """x (t - x^2 - 2 y^2), y (t - y^2 - 2 x^2): nine solutions for t > 0, or the diagram is not complete."""
    family = RootSystem(lambda z, t: z * (t - z**2 - 2 * z[::-1] ** 2), 2)
    found = diagram(family, np.zeros(2), -1.0, explorer=Explorer(bounds=(-1.0, 1.0)))
    count = len({tuple(np.round(p.x, 3) + 0.0) for p in found.at(0.5)})
    assert count == 9 or not found.complete


def test_two_pitchforks_at_once():
    """Two pitchforks at the same t in coordinates that do not see each other: nine solutions after it."""
    family = GradientSystem(lambda z, t: z**3 - (t - 0.5) * np.array([1.0, 2.0]) * z, 2)
    found = diagram(family, np.zeros(2), explorer=Explorer(bounds=(0.0, 1.0)))
    count = len({tuple(np.round(p.x, 3) + 0.0) for p in found.at(1.0)})
    assert count == 9 or not found.complete
    path = hp.track(family, np.zeros(2))
    assert path.success, path.message
    assert np.abs(path.x).max() < 1e-8
    assert times(path, "BP") == pytest.approx([0.5], abs=1e-6)
