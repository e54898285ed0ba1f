"""The sizes that a path is measured in, on families whose sizes are known in closed form."""

import numpy as np
import pytest

from homotopy.continuation import Metric, Point, RootSystem
from homotopy.continuation.engine import units
from homotopy.continuation.engine.course import Course
from homotopy.continuation.parts.linear import AUTO
from homotopy.errors import EvaluationError

SEEDS = pytest.mark.parametrize("seed", range(6))


def size(x):
    return np.sqrt(np.mean(np.square(x)))


def waves(n):
    found = np.cos(np.arange(1.0, n + 1) ** 2)
    return found / size(found)


def moving(a, way, power=1):
    """A (x - t^power way)."""
    return RootSystem(
        lambda x, t: a @ (x - t**power * way),
        way.size,
        jacobian=lambda x, t: a,
        dt=lambda x, t: -power * t ** (power - 1) * (a @ way),
    )


def cubic(b, c):
    """B x^3 + t C x, which x = 0 solves for every t."""
    return RootSystem(
        lambda x, t: b @ x**3 + t * (c @ x),
        len(b),
        jacobian=lambda x, t: 3 * b * x**2 + t * c,
        dt=lambda x, t: c @ x,
    )


def drawn(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    a, way = rng.standard_normal((n, n)) + 3 * np.eye(n), 10.0 ** rng.uniform(-2, 2) * rng.standard_normal(n)
    return rng, a, way, Metric.weighted(0.3, n), rng.choice([-1, 1]) * rng.uniform(0.3, 4)


def sizes(found, plain):
    """The sizes of x, t and F in a metric."""
    return np.sqrt(plain.x_weight / found.x_weight), np.sqrt(plain.t_weight / found.t_weight), found.residual


def learned(family, plain, course, x, *, scale=None, linear=AUTO):
    return sizes(units.learned(family, plain, course, (x, course.t0), scale=scale, linear=linear), plain)


@SEEDS
def test_x_and_f_have_the_size_of_what_they_move_on_the_course(seed):
    rng, a, way, plain, length = drawn(seed)
    zero = np.zeros(way.size)
    course = Course(0.0, length)
    moved = abs(length) * np.linalg.norm(a @ way)
    wanted = abs(length) * size(way), abs(length), moved
    assert learned(moving(a, way), plain, course, zero) == pytest.approx(wanted)
    # Where F does not move at the start, half of the course tells.
    half = (0.5 * length) ** 2
    wanted = half * size(way), abs(length), half * np.linalg.norm(a @ way)
    assert learned(moving(a, way, 2), plain, course, zero) == pytest.approx(wanted)
    # Without a solver, or with a Jacobian that is singular, x is what moves F as much.
    wanted = moved / np.linalg.norm(a @ waves(way.size)), abs(length), moved
    assert learned(moving(a, way), plain, course, zero, linear=None) == pytest.approx(wanted, rel=2e-3)
    flat = RootSystem(lambda x, t: x**3 - t * way, way.size, jacobian=lambda x, t: np.diag(3 * x**2))
    aim = abs(length) * np.linalg.norm(way)
    wanted = (aim / np.linalg.norm(waves(way.size) ** 3)) ** (1 / 3), abs(length), aim
    assert learned(flat, plain, course, zero) == pytest.approx(wanted, rel=2e-3)
    # A size that is given is the size.
    scale = rng.uniform(0.1, 10)
    wanted = scale, abs(length), moved
    assert learned(moving(a, way), plain, course, zero, scale=scale) == pytest.approx(wanted)


@SEEDS
@pytest.mark.parametrize("rate", [1e-5, 0.1, 0.9, 1.9, 2.1, 50.0])
def test_the_size_of_x_lasts_between_a_thousandth_of_the_start_and_twice_the_start(seed, rate):
    """The start lies at t0 way, so that the rate is the length of the course over t0."""
    _, a, way, plain, t0 = drawn(seed)
    length, still = abs(rate * t0), abs(t0) * size(way)
    moves = length * size(way)
    # Away from zero, so that milestones of the course do not matter.
    course = Course(t0, t0 + length)
    found = learned(moving(a, way), plain, course, t0 * way)
    assert found[0] == pytest.approx(min(max(moves, 1e-3 * still), 2 * still))
    free = Course(t0, None, (t0 - 0.4 * length, t0 + 0.6 * length))  # only the rate itself is sure
    assert learned(moving(a, way), plain, free, t0 * way)[:2] == pytest.approx((max(moves, 1e-3 * still), length))
    assert learned(moving(a, way), plain, course, t0 * way, linear=None)[0] == pytest.approx(still)


@SEEDS
def test_a_start_that_does_not_move_has_the_size_at_which_the_family_bends(seed):
    """3 B x^2 in the Jacobian is as much as half of the course times C."""
    rng, b, way, plain, length = drawn(seed)
    n = way.size
    c, zero, r = rng.standard_normal((n, n)), np.zeros(n), waves(way.size)
    for t0 in (0.0, rng.uniform(0.5, 2)):
        wanted = np.sqrt(0.5 * abs(length) * np.linalg.norm(c @ r) / np.linalg.norm(3 * b @ r**3))
        stiff = t0 * wanted * np.linalg.norm(c @ r) if t0 else wanted**3 * np.linalg.norm(b @ r**3)
        found = learned(cubic(b, c), plain, Course(t0, t0 + length), zero)
        assert found == pytest.approx((wanted, abs(length), stiff), rel=4e-3)
    still = learned(moving(b, 0 * way), plain, Course(0.0, length), zero)  # nothing tells any size
    assert still == pytest.approx((1.0, abs(length), np.linalg.norm(b @ r)))
    aside = learned(moving(b, 0 * way), plain, Course(0.0, length), way)
    assert aside[0] == pytest.approx(size(way))


@SEEDS
def test_a_family_without_a_derivative_has_the_size_of_its_start(seed):
    _, a, way, plain, length = drawn(seed)

    def refused(x, t):
        raise EvaluationError("no")

    family = RootSystem(lambda x, t: a @ x, way.size, jacobian=lambda x, t: a, dt=refused)
    assert learned(family, plain, Course(0.0, length), way) == pytest.approx((size(way), abs(length), 1.0))
    assert learned(family, plain, Course(0.0, length), 0 * way) == pytest.approx((1.0, abs(length), 1.0))
    assert learned(family, plain, Course(0.0, length), way, scale=3.0) == pytest.approx((3.0, abs(length), 1.0))


@SEEDS
def test_sizes_grow_where_a_path_has_come_twice_as_far(seed):
    rng, _, way, plain, _ = drawn(seed)
    n, own = way.size, rng.uniform(0.1, 5)
    metric, begin = plain.scaled(own, 2.0, 7.0), rng.standard_normal(n)
    first = Point(begin, 0.0, 0.0, 0.0)
    for share, outgrown in ((1.9, False), (2.1, True), (30.0, True)):
        last = Point(begin + share * own / size(way) * way, 1.0, 0.0, 0.0)
        found = units.grown(metric, plain, first, last)
        assert (found is not metric) == outgrown
        wanted = (2 * share if outgrown else 1) * own, 2.0, 7.0
        assert sizes(found, plain) == pytest.approx(wanted)
        assert units.size_of(found, plain) == pytest.approx(wanted[0])
    each = rng.uniform(0.5, 2, n)
    own_each = plain.scaled(each, 2.0, 7.0)
    assert units.size_of(own_each, plain) == pytest.approx(size(each))
    assert units.grown(own_each, plain, first, last) is own_each  # those that were given stay
