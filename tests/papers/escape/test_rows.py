"""The rows build, the list of methods is a list, and the runs are shared evenly."""

from __future__ import annotations

import pytest

from homotopy.experiments import Group, share_out
from homotopy.experiments.plan.grid import FIRST_SEED
from homotopy.methods import BY_NAME, method
from homotopy.papers.escape.rows import AUTO_ONCE, METHODS, QUICK, ROWS, Line, Row, grids, left_out, schedule
from homotopy.problems import problem


def names(lines):
    return {line.method for line in lines}


def test_every_row_builds_and_has_a_target():
    assert len({row.name for row in ROWS}) == len(ROWS) == 44
    for row in ROWS:
        assert problem(row.problems[0]).target is not None
        assert len(set(row.problems)) == len(row.problems) == max(row.teachers, 1)
        assert problem(row.problems[-1]).name


def test_full_form_has_every_method_of_the_list_and_quick_a_part():
    full, quick = schedule(full=True), schedule()
    also = {name for row in ROWS for name in row.also}
    assert names(full) == set(METHODS) | also
    assert names(quick) == set(QUICK)
    assert {name.split(":")[0] for name in METHODS} <= set(BY_NAME) - {"multistart"}
    assert not names(schedule(full=True, methods=["gd"])) & also
    assert {(one.row.name, one.method) for one in quick} < {(one.row.name, one.method) for one in full}
    assert all(method(one.method).accepts(problem(one.row.problems[0])) is None for one in quick)


def test_a_new_method_takes_part_only_when_it_is_named(monkeypatch):
    monkeypatch.setitem(BY_NAME, "brand-new", BY_NAME["gd"])
    before = schedule(full=True, rows=["xor tanh"])
    assert "brand-new" not in names(before)
    asked = schedule(full=True, rows=["xor tanh"], methods=["brand-new"])
    assert names(asked) == {"brand-new"}
    monkeypatch.setattr("homotopy.papers.escape.rows.METHODS", (*METHODS, "brand-new"))
    assert names(schedule(full=True, rows=["xor tanh"])) == names(before) | {"brand-new"}


def test_fewer_runs_are_those_of_known_methods():
    for row in ROWS:
        for name, runs in row.fewer.items():
            assert name in BY_NAME
            assert row.runs(name, full=True) == runs < row.full
    row = Row("a", "xor", fewer={"gd": 7, "adam": 0})
    assert row.runs("gd:step_size=1", full=True) == 7
    assert row.runs("gd", full=False) == 40
    assert row.runs(AUTO_ONCE, full=True) == 200
    assert ("teacher k=100", "saddle-free") in left_out()


@pytest.mark.parametrize("full", [False, True])
def test_runs_are_shared_evenly_among_the_problems_of_a_row(full):
    for line in schedule(full=full):
        several = len(line.row.problems)
        assert line.runs < several or line.runs % several == 0
        assert line.runs >= 3


@pytest.mark.parametrize(
    ("n", "runs", "seeds", "tuning"),
    [
        (1, 1, 1, 1),
        (1, 7, 7, 1),
        (1, 20, 20, 20),
        (1, 100, 100, 40),
        (1, 1000, 1000, 250),
        (7, 3, 1, 1),
        (7, 70, 10, 5),
    ],
)
def test_a_quarter_of_the_runs_choose_cutoffs(n, runs, seeds, tuning):
    texts = [f"teacher:k=6,teacher_seed={i}" for i in range(n)]
    grid = share_out(Group("a", texts), "skip", runs=runs, budget=5000)
    assert grid.seeds == tuple(range(seeds))
    assert grid.tuning == tuple(range(FIRST_SEED, FIRST_SEED + tuning))
    assert len(grid.problems) == min(n, runs)
    assert [entry.name for entry in grid.problems] == texts[: len(grid.problems)]


def test_lines_of_a_row_with_the_same_runs_are_one_grid():
    row = next(row for row in ROWS if row.name == "teacher k=6")
    lines = [Line(row, "gd", 5), Line(row, "skip", 5), Line(row, "lm", 3)]
    one, two = grids(lines)
    assert [entry.name for entry in one.methods] == ["gd", "skip"]
    assert one.groups == two.groups == {"teacher k=6": ("teacher:k=6",)}
    assert one.budget.gradients == row.budget
