"""Deflation: the step against dense linear algebra, equations against closed forms, systems whose roots are known."""

import numpy as np
import pytest
from scipy.optimize import brentq

from homotopy.papers.farrell2015 import (
    EQUATIONS,
    PUBLISHED,
    Chebyshev,
    check_step,
    deflated,
    found_all,
    picture,
    search,
    shooting,
)


def test_the_step_is_that_of_the_dense_jacobian():
    assert check_step(trials=4) < 1e-10


def test_bratus_solutions_are_the_closed_forms():
    """u(1/2) = 2 log cosh(theta/4) with theta = 2 cosh(theta/4), which has two roots."""
    roots = [brentq(lambda s: s - 2 * np.cosh(s / 4), *ends) for ends in ((1.0, 4.0), (4.0, 12.0))]
    exact = sorted(2 * np.log(np.cosh(s / 4)) for s in roots)
    found = sorted(u.max() for u in deflated("Bratu", 99, 1.0, 0.0, capped=True))
    assert found == pytest.approx(exact, rel=2e-3)


def test_shooting_finds_bratus_slopes():
    """u'(0) = theta tanh(theta/4)."""
    roots = [brentq(lambda s: s - 2 * np.cosh(s / 4), *ends) for ends in ((1.0, 4.0), (4.0, 12.0))]
    exact = sorted(s * np.tanh(s / 4) for s in roots)
    assert shooting("Bratu", 801, 400) == pytest.approx(exact, abs=0.1)


@pytest.mark.parametrize("name", list(EQUATIONS))
def test_slopes_are_the_derivatives(name):
    one, x, u, h = EQUATIONS[name], np.array([0.2, 0.7]), np.array([0.3, -1.2]), 1e-6
    assert one.slope(x, u) == pytest.approx((one.second(x, u + h) - one.second(x, u - h)) / (2 * h), rel=1e-7)


def test_the_system_is_exact_for_a_parabola():
    """Second differences of x^2 are 2: with u = x^2 on (0, 1) and right end 0 only the last equation is off."""
    one, n = EQUATIONS["Herceg"], 9
    x = one.grid(n)
    F = one.system(n).grad(x**2, 1.0) + one.second(x, x**2)
    assert F[:-1] == pytest.approx(2 * np.ones(n - 1))


def test_chebyshev_systems_vanish_at_their_roots():
    one = Chebyshev(3, 2)
    assert len(one.roots) == 9
    assert max(np.abs(one.value(x, 1.0)).max() for x in one.roots) < 1e-13
    x, h = np.array([0.3, -0.4]), 1e-6
    columns = [(one.value(x + h * e, 1.0) - one.value(x - h * e, 1.0)) / (2 * h) for e in np.eye(2)]
    assert one.jacobian(x, 1.0) == pytest.approx(np.transpose(columns), abs=1e-8)


def test_a_search_finds_all_roots_and_no_others():
    found = search(("3^2", "deflated, tuned length", 5, 20_000))
    assert (found["found"][-1], found["wanted"], found["wrong"]) == (9, 9, 0)
    assert found["cost"] == sorted(found["cost"])


def test_costs_are_read_at_the_goal():
    log = {"cost": [3, 5, 9], "found": [1, 2, 2], "seconds": [0.1, 0.2, 0.3]}
    assert found_all([log], 2)["to"] == [5]
    assert found_all([log], 2)["cost"] == [9]
    assert np.isnan(found_all([log], 3)["to"][0])


def test_published_numbers_say_where_they_were_read():
    assert {key[0]: value[0] for key, value in PUBLISHED.items()} == {"Painlevé": 2, "Bratu": 2, "Herceg": 3}
    assert all("test" in whose for _, whose in PUBLISHED.values())


def test_axes_are_named():
    solutions = {("Herceg", 1.0, 0.0, True): [np.zeros(9)]}
    logs = {("net", "newton from many starts"): [{"cost": [1.0, 2.0], "found": [1, 1]}]}
    axes = picture(solutions, logs, 9).figure.axes
    assert [ax.get_xlabel() for ax in axes] == ["x", "gradient-equivalents"]
    assert [ax.get_ylabel() for ax in axes] == ["u(x)", "points found (of 37)"]
