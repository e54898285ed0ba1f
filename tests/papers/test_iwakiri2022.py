"""The loops: what they charge, where s goes, and that estimates from values are those of the means."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.papers.iwakiri2022 import derivative_in_s, trajectories, tune
from homotopy.papers.iwakiri2022.tuning import BOUNDS, FACTORS, STEPS
from homotopy.papers.loops import CHOSEN, DoubleLoop, SingleLoop, ZerothOrder, trace
from homotopy.papers.smoothed import FAMILIES, problem


def test_the_derivative_in_s_has_one_s_in_its_denominator():
    found = derivative_in_s(100_000)
    assert found["one"] < 4 < 10 < found["two"]
    assert found["ratio"] == pytest.approx(2, rel=0.05)  # 1 / s at s = 1/2


def test_one_loop_without_s_is_gradient_descent():
    family = FAMILIES["himmelblau"]
    way = trace(SingleLoop(0.01, shrink=0.0), family, (-1.0, 0.5), 50)
    x = np.array(way[1])  # the generator yields the start again
    np.testing.assert_allclose(way[2], x - 0.01 * np.array(family.first(*x)[1:]))


def test_one_loop_charges_a_gradient_a_step_and_the_derivative_four_more():
    family = FAMILIES["himmelblau"]
    for eta, price in ((0.0, 1.0), (1e-4, 5.0)):
        steps = SingleLoop(1e-3, eta=eta).steps(family, (1.0, 1.0), None)
        assert [next(steps)[2] for _ in range(3)] == [price] * 3


def test_values_are_seen_only_where_f_itself_is_evaluated():
    family = FAMILIES["himmelblau"]
    seen = [value for _, value, _ in SingleLoop(0.01, shrink=0.5).steps(family, (1.0, 1.0), None)]
    # s = 2 / 2^k is above 0.01 for k < 8
    assert seen[:8] == [None] * 8
    assert seen[8] is not None
    assert seen[-1] < 1e-12


def test_two_loops_reach_a_minimum():
    result = DoubleLoop(0.01, small=1.0).solve(problem("himmelblau", 1.0), rng=0, budget=5000)
    assert result.success
    assert result.cost_to_success == result.cost


def test_a_run_that_runs_away_begins_again_with_a_quarter_of_the_step():
    result = SingleLoop(0.016, shrink=0.0).solve(problem("rosenbrock", 1.0), rng=0, budget=30_000)
    calm = SingleLoop(0.00025, shrink=0.0).solve(problem("rosenbrock", 1.0), rng=0, budget=30_000)
    assert result.success
    assert calm.cost < result.cost < calm.cost + 30  # 0.016 / 4^3


def test_estimates_from_values_are_gradients_of_the_mean():
    family, rng = FAMILIES["rosenbrock"], np.random.default_rng(3)
    method = ZerothOrder(1e-4, samples=400_000)
    steps = method.steps(family, (0.5, 0.5), rng)
    (first, _, price), (second, _, _) = next(steps), next(steps)
    estimate = (np.array(first) - second) / 1e-4
    assert price == 0.5 * (1 + 400_000)
    np.testing.assert_allclose(estimate, family.first(0.5, 0.5, family.width)[1:], rtol=0.05, atol=20)
    xx, _, yy = family.second(0.5, 0.5, 0.5)
    assert method.slope(family, (0.5, 0.5), 0.5, rng) == pytest.approx(0.5 * float(xx + yy), rel=0.05)


def test_the_choice_can_be_made_again():
    for name, best in CHOSEN.items():
        assert {best.plain, best.single, best.double} <= set(STEPS[name])
        assert best.factor in FACTORS
        assert best.small in BOUNDS[name]
    price, solved, method = tune("gd", "himmelblau", 5)[0]
    assert method == f"gd:step_size={CHOSEN['himmelblau'].plain:g}"
    assert solved == 5
    assert price < 30


def test_the_picture_names_its_axes():
    axes = trajectories().figure.axes
    assert [(ax.get_xlabel(), ax.get_ylabel()) for ax in axes[:2]] == [("x", "y")] * 2
