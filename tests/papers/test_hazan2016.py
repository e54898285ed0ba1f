"""Means over intervals and discs against quadrature, the two conditions on cases that are known, the rate's picture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad, quad

from homotopy.papers.hazan2016 import DISCS, LINES, niceness, other_minima, rate_picture
from homotopy.papers.hazan2016.functions import Disc
from homotopy.papers.hazan2016.runs import Counted, ball, stochastic_errors


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name.partition(":")[0])
def test_means_over_intervals_are_those_of_a_quadrature(line):
    x, d, h = 0.4, 0.7, 1e-4

    def mean(x):
        return quad(line.value, x - d, x + d, epsabs=1e-13, limit=200)[0] / (2 * d)

    assert line.gradient(x, d) == pytest.approx((mean(x + h) - mean(x - h)) / (2 * h), abs=1e-6)
    assert line.curvature(x, d) == pytest.approx(
        (line.gradient(x + h, d) - line.gradient(x - h, d)) / (2 * h), abs=1e-5
    )
    slope = (line.value(x + h) - line.value(x - h)) / (2 * h)
    assert line.slope(x) == pytest.approx(slope, abs=1e-6)


def test_means_over_discs_are_those_of_a_quadrature():
    disc = next(one for one in DISCS if one.name == "himmelblau")
    x, y, d = 0.3, -0.8, 1.5

    def mean(part):
        def inside(r, a):
            return disc.first(x + d * r * np.cos(a), y + d * r * np.sin(a))[part] * r

        return dblquad(inside, 0, 2 * np.pi, 0, 1)[0] / np.pi

    g, _ = disc.derivatives([x], [y], d)
    np.testing.assert_allclose(g[:, 0], [mean(1), mean(2)], rtol=1e-8)


@pytest.mark.parametrize("disc", DISCS, ids=lambda disc: disc.name)
def test_curvatures_of_discs_are_differences_of_gradients(disc):
    x, y, d, h = 1.1, 0.6, 0.5, 1e-5
    (up, _), (down, _) = disc.derivatives([x + h], [y], d), disc.derivatives([x - h], [y], d)
    _, curvature = disc.derivatives([x], [y], d)
    np.testing.assert_allclose(curvature[:2, 0], ((up - down) / (2 * h))[:, 0], rtol=1e-4, atol=1e-4)


def test_a_quadratic_is_nice_at_every_scale():
    bowl = Disc("bowl", lambda x, y: (x * x + y * y, 2 * x, 2 * y), (1.0, 1.0), 2.0)
    np.testing.assert_allclose(bowl.minimizer(2.0, (1.0, 1.0)), 0, atol=1e-12)
    assert bowl.convexity(np.zeros(2), 2.0) == pytest.approx(2)


def test_conditions_of_known_cases():
    found = niceness(["trap: narrow global basin", 1])
    assert max(found["moved"]) > 1  # the least minimum changes from the wide basin to the narrow one
    assert found["nice"] < 0.1
    well = niceness(["well: 1 - exp(-x²/2)", 1])
    # f' = x exp(-x²/2) falls beyond 1, and (ii) at x = δ asks f'(2δ) > 0, at x = 3δ f'(4δ) > f'(2δ)
    assert well["nice"] == 0.25
    assert other_minima("well: 1 - exp(-x²/2)", 2 * well["nice"]) == 0
    assert other_minima("trap: narrow global basin", 4.0) == 1
    assert other_minima("rippled bowl", 2.0) > 100


def test_random_points_fill_the_ball():
    rng = np.random.default_rng(0)
    r = np.array([np.linalg.norm(ball(rng, 2)) for _ in range(2000)])
    assert r.max() <= 1
    assert np.mean(r**2) == pytest.approx(0.5, abs=0.03)


def test_evaluations_are_counted_and_success_is_noted():
    count = Counted("rippled bowl")
    count(np.array([2.0, 0.0]))
    assert not count.done
    count(np.zeros(2), look=False)
    count(np.zeros(2))
    assert count.done
    assert count.solved[0] == count.spent == 3


def test_more_steps_leave_less_error():
    few, many = (np.mean(stochastic_errors([stages, 20, 1.0])) for stages in (1, 3))
    assert many < few / 5


def test_the_picture_names_its_axes():
    picture = rate_picture(
        [20, 100], {"noisy": [[0.2, 0.3], [0.02, 0.01]], "without noise": [[0.2, 0.1], [0.01, 0.01]]}
    )
    ax = picture.figure.axes[0]
    assert ax.get_xlabel() == "gradient steps"
    assert ax.get_ylabel().startswith("f − min f")
