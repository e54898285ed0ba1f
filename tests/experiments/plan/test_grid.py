"""Seeds, and the plan of a comparison."""

from __future__ import annotations

import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments.plan.grid import Grid
from homotopy.experiments.plan.ranges import expand_seeds


@pytest.mark.parametrize(
    ("given", "seeds"),
    [(3, (0, 1, 2)), ("3", (0, 1, 2)), ("5..7", (5, 6, 7)), ("9/4", (9, 4)), ([8, 2], (8, 2)), (range(2), (0, 1))],
)
def test_seeds(given, seeds):
    assert expand_seeds(given) == seeds


@pytest.mark.parametrize(
    "given", [0, -1, 10**12, "10000001", "0", "-3", "a", "1/1", [], [1, 1], [-1], 2.5, None, "5..", ["x"]]
)
def test_wrong_seeds_are_refused(given):
    with pytest.raises(ArgumentError, match="seeds"):
        expand_seeds(given)


def test_a_plan_has_cells_and_skips_with_reasons(bowl, walk):
    grid = Grid.of(bowl, [walk("a"), walk("b", refuses="it is Tuesday")], seeds=4, budget=7)
    assert [cell.key for cell in grid.cells] == [("bowl", "a")]
    assert grid.skips == (("bowl", "b", "it is Tuesday"),)
    assert grid.n_runs == 4
    assert grid.budget.gradients == 7
    assert grid.built == (bowl,)


def test_two_objects_of_one_name_are_refused(bowl, walk):
    with pytest.raises(ArgumentError, match="two methods have the name 'a'"):
        Grid.of(bowl, [walk("a"), walk("a")])


@pytest.mark.parametrize("budget", [-1, 0, float("nan")])
def test_a_wrong_budget_is_refused(bowl, walk, budget):
    with pytest.raises(ArgumentError, match="budget"):
        Grid.of(bowl, walk("a"), budget=budget)


def test_nothing_to_compare_is_refused(bowl):
    with pytest.raises(ArgumentError, match="at least one problem and one method"):
        Grid.of(bowl, [])
