"""Flat families: circles of minima, each one point; ends on the way to infinity."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.landscape import CriticalPoints, disconnectivity
from homotopy.landscape.barriers.beyond import beyond_the_hessian
from homotopy.landscape.barriers.families import one_of_each_family
from homotopy.landscape.barriers.matching import described
from homotopy.objectives.functions import Polynomial

# (x^2 + y^2 - 1)^2: a circle of minima around a maximum
HAT = Polynomial([[1, 0, -2, 0, 1], [0] * 5, [-2, 0, 2, 0, 0], [0] * 5, [1, 0, 0, 0, 0]])


def circle(m):
    angles = np.linspace(0, 2 * np.pi, m, endpoint=False)
    return [np.array([np.cos(a), np.sin(a)]) for a in angles]


@pytest.mark.parametrize("unit", [1.0, 1e-7, 1e6])
def test_a_circle_of_minima_is_one_point(unit):
    f = Polynomial(unit * HAT.coefficients)
    points = CriticalPoints(f, [described(f, x) for x in (*circle(9), np.zeros(2))], n_starts=10)
    assert len(points) == 10
    kept = one_of_each_family(points)
    assert [(point.index, round(point.value / unit, 9)) for point in kept] == [(0, 0.0), (2, 1.0)]
    assert kept.n_starts == 10
    judged = beyond_the_hessian(kept)
    assert judged[0].kind == "degenerate"
    assert "the same on a set of dimension 1" in judged[0].verdict
    assert judged[1].verdict == ""
    assert disconnectivity(kept).n_parts == 1


def test_hits_are_those_of_the_whole_family_and_other_points_stay():
    from dataclasses import replace

    f = Polynomial([[0, 0, 1], [0, 0, 0], [-1, 0, 0], [0, 0, 0], [1, 0, 0]])  # two wells, none flat
    some = [described(f, np.array([x, 0.0])) for x in (-np.sqrt(0.5), 0.0, np.sqrt(0.5))]
    assert list(one_of_each_family(CriticalPoints(f, some))) == sorted(some, key=lambda p: (p.value, p.index))
    many = [replace(described(HAT, x), hits=k) for k, x in enumerate(circle(5))]
    (one,) = one_of_each_family(CriticalPoints(HAT, many))
    assert one.hits == 10
    assert one.x == pytest.approx(circle(5)[4])


def test_a_flat_point_that_is_a_saddle_is_no_minimum():
    f = Polynomial([[0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 0]])  # x^3 + y^2
    points = CriticalPoints(f, [described(f, np.zeros(2))])
    assert len(points.minima) == 1
    judged = beyond_the_hessian(points)
    assert judged.minima == []
    assert judged[0].kind == "saddle"
    assert "order 3" in judged[0].verdict


class Tail:
    """f(x, y) = exp(-x) + y^2, whose infimum is at infinity."""

    size = 2

    def value_and_grad(self, x):
        return float(np.exp(-x[0]) + x[1] ** 2), np.array([-np.exp(-x[0]), 2 * x[1]])

    def value(self, x):
        return self.value_and_grad(x)[0]

    def grad(self, x):
        return self.value_and_grad(x)[1]

    def hessp(self, x, v):
        return np.array([np.exp(-x[0]) * v[0], 2 * v[1]])


def test_an_end_on_its_way_to_infinity_is_left_out_and_told():
    f = Tail()
    points = CriticalPoints(f, [described(f, np.array([32.0, 0.0]))], n_starts=1)
    judged = beyond_the_hessian(points)
    assert len(judged) == 0
    assert judged.n_starts == 1
    assert "on their way to infinity" in judged.notes[0]
