"""The tables beyond relu run, name real problems and methods, and say what is true in the small."""

import numpy as np
import pytest

from homotopy.experiments import ExpectedCost, Summary, success_rate
from homotopy.papers import beyond_relu
from homotopy.papers.beyond_relu import Minimum, study


@pytest.mark.parametrize("table", sorted(beyond_relu.TABLES))
def test_every_row_can_be_run(table):
    what = beyond_relu.grids(table, 0.01)
    assert len({name for grid in what for name in grid.groups}) == len(what) >= 3
    assert sum(len(grid.methods) for grid in what) >= 9
    for grid in what:
        assert len(grid.seeds) >= 1
        assert grid.skips == ()
        assert all(target.target is not None for target in grid.built)


def test_a_loss_is_high_where_a_teacher_unit_is_missing():
    found = beyond_relu.minima(range(700, 703), 6)
    assert len(found) == 18
    assert {one.missing for one in found} >= {0, 1}
    assert np.median([one.loss for one in found if not one.missing]) <= 1e-6
    assert min(one.loss for one in found if one.missing) > 5e-4
    assert all(one.stray + one.doubled == one.missing for one in found)
    assert all(one.saturated + one.weak <= 2 * one.stray for one in found)
    table = beyond_relu.by_missing(found)
    assert [row[0] for row in table] == sorted({str(one.missing) for one in found})
    assert sum(int(row[1]) for row in table) == 18


def test_shares_near_the_best_are_shares():
    table = beyond_relu.near_best(0.3, ("lbfgs", "skip"), teachers=2, runs=3, budget=300)
    assert [row[0] for row in table] == ["700", "701", "mean"]
    values = np.array([[float(cell) for cell in row[1:]] for row in table])
    assert values[:2].sum() > 0
    np.testing.assert_allclose(values[2], values[:2].mean(axis=0), atol=0.011)
    told = beyond_relu.near_best(0.3, ("lbfgs", "skip"), teachers=2, runs=3, budget=300, intervals=True)
    assert told[:2] == table[:2]
    for mean, cell in zip(table[2][1:], told[2][1:], strict=True):
        value, low, high = (float(part) for part in cell.replace("[", "").replace("]", "").replace(",", "").split())
        assert f"{value:.2f}" == mean
        assert 0 <= low <= value <= high <= 1


def test_the_page_has_every_table_and_the_statements_can_fail():
    rate = success_rate([True] * 10)
    found = [
        Summary(name, method, rate, (1.0,) * 3, e := ExpectedCost(*[cost] * 4), (0.0,) * 3, 0.1, 1.0, clock=e)
        for name in ("gelu 8-8", "relu 8-8, hard labels")
        for method, cost in (("lbfgs", 10.0), ("width", 5.0), ("skip", 20.0))
    ]
    ends = [Minimum(1e-3, 0, 0, 0, 0, 0)]
    assert [row.holds for row in study._statements(found, ends)] == [False, True, False]
    near = [[["700", "0.1", "0.2", "0.3"], ["701", "0.1", "0.3", "0.2"], ["mean", "", "", ""]]] * 2
    tables = {name: f"<{name}>" for name in ("odd", "classes", "deep", "tanh", "inputs", "noise")}
    text = study._body(tables | study._counts(ends, near))
    assert all(f"<{name}>" in text for name in tables)
    assert "Of the 1 minima above the target none miss a teacher unit" in text
    assert "Skip is better than width on 1 of the six teachers" in text
    one = beyond_relu.picture(found)
    assert [ax.get_xlabel() for ax in one.figure.axes] == ["E* (gradients)", "E* (seconds)"]
