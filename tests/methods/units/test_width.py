"""The width homotopy: it escapes where descent is stuck, at an honest price."""

import sys

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.methods import method
from homotopy.problems import problem


def test_spurious_minimum_of_yun_is_left_by_width_and_not_by_descent():
    target = problem("yun")
    stuck = method("gd").solve_many(target, range(5), budget=5000)
    np.testing.assert_allclose(stuck.value, 1 / 9, atol=1e-3)  # half the sum over three points is 1/3
    free = method("width").solve_many(target, range(5))
    assert free.success.all()
    assert max(target.objective.value(x) for x in free.x) <= 1e-6


@pytest.mark.parametrize(("k", "median"), [(6, 50), (10, 90)])
def test_teachers_are_solved(k, median):
    target = problem(f"teacher:k={k}")
    runs = method("width").solve_many(target, range(100))
    assert runs.success.all()
    assert np.median(runs.cost_to_success) <= median
    assert max(target.objective.value(x) for x in runs.x) <= target.target


@pytest.mark.slow
def test_teacher_of_twenty_is_solved_at_the_published_cost():
    runs = method("width").solve_many(problem("teacher:k=20"), range(5000, 5200))
    assert runs.success.mean() >= 0.99
    assert np.median(runs.cost_to_success) <= 215  # 195 published as gradients alone, without the recursion


def test_every_part_is_charged():
    target = problem("teacher:k=8")
    result = method("width:extra=4,cycles=1").solve(target, rng=0)
    wide, end = result.stages[0], result.stages[-1]
    pair = 8 * 8 / target.objective.flops  # of a unit, and one of four
    unit, last = (12**2 + 12 * 8) / 128 + 4 * 12 * pair, 1 + 4 * 8 * pair
    assert wide["stage"] == "4 more units"
    assert end["cost"] == pytest.approx(result.cost)
    n_wide = round(wide["cost"] / unit)
    merges = target.objective.units().removal_flops(4, 4) / target.objective.flops
    assert 1.0 < merges < 5.0
    assert result.cost == pytest.approx(n_wide * unit + merges + last * (result.counts.grad - n_wide))


def test_no_extra_unit_is_plain_descent():
    target = problem("xor")
    plain = method("width:extra=0").solve(target, rng=0)
    assert [stage["stage"] for stage in plain.stages] == ["finish"]


def test_what_is_not_allowed_is_named():
    with pytest.raises(ArgumentError, match="extra must be an integer, at least -1"):
        method("width:extra=-2")
    with pytest.raises(ArgumentError, match="cycles must be an integer, at least 1"):
        method("width:cycles=0")
    with pytest.raises(ArgumentError, match="2 hidden layers"):
        method("width").solve(problem("spirals:hidden=10,layers=2"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("teacher:k=8", "skip"), ("teacher:k=6", "width"), ("xor", "tv-width"), ("yun", "width:cycles=1")],
)
def test_no_interpreted_work_grows_with_the_runs(name, kind):
    rooms = ("homotopies", "objectives", "methods/units")

    def calls(n_runs):
        count = 0

        def look(frame, event, argument):
            nonlocal count
            count += event == "call" and any(f"homotopy/{room}/" in frame.f_code.co_filename for room in rooms)

        sys.setprofile(look)
        try:
            method(kind).solve_many(target, range(n_runs))
        finally:
            sys.setprofile(None)
        return count

    target = problem(name)
    method(kind).solve_many(target, range(2))
    assert 10 < calls(3) == calls(60)
