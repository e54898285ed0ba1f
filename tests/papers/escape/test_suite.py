"""The escape suite: rows that build, tasks that cover all runs, results that do not depend on how they are shared."""

import numpy as np
import pytest

from homotopy.experiments.tuning import FIRST_SEED
from homotopy.methods import BY_NAME, method
from homotopy.papers.escape.controls import anti_aligned, skip_controls
from homotopy.papers.escape.fewer import FEWER
from homotopy.papers.escape.rows import AUTO_ONCE, ROWS, Row, cells, left_out
from homotopy.papers.escape.studies import Study
from homotopy.papers.escape.suite import Failure, pieces, run_suite
from homotopy.problems import problem


def test_every_row_builds_and_has_a_target():
    for row in ROWS:
        assert problem(row.problems[0]).target is not None
        assert len(set(row.problems)) == len(row.problems)
        assert problem(row.problems[-1]).name


def test_full_form_has_every_method_and_quick_a_part():
    full, quick = cells(full=True), cells()
    also = {name for row in ROWS for name in row.also}
    assert {name for _, name, _ in full} == set(BY_NAME) - {"multistart"} | {AUTO_ONCE} | also
    assert not {name for _, name, _ in cells(full=True, methods=["gd"])} & also
    assert {(row.name, name) for row, name, _ in quick} < {(row.name, name) for row, name, _ in full}
    assert all(method(name).accepts(problem(row.problems[0])) is None for row, name, _ in quick)


def test_fewer_runs_are_those_of_known_rows_and_methods(monkeypatch):
    rows = {row.name: row for row in ROWS}
    for name, text in FEWER.items():
        for word in text.split():
            which, runs = word.split("=")
            assert which in BY_NAME
            assert rows[name].runs(which, full=True) == int(runs) < rows[name].full
    monkeypatch.setitem(FEWER, "a", "gd=7 adam=0")
    row = Row("a", ("xor",))
    assert row.runs("gd:step_size=1", full=True) == 7
    assert row.runs("gd", full=False) == 40
    assert row.runs(AUTO_ONCE, full=True) == 200
    assert ("a", "adam") in left_out()


@pytest.mark.parametrize("runs", [1, 7, 20, 1000])
@pytest.mark.parametrize("n", [1, 7])
def test_tasks_cover_every_seed_once(n, runs):
    row = Row("a", tuple(f"teacher:k=6,teacher_seed={i}" for i in range(n)))
    flat = [piece for task in pieces(row, runs) for piece in task]
    for name in row.problems[:runs]:
        fresh = [p.first + i for p in flat if p.problem == name and not p.tuning for i in range(p.n)]
        assert fresh == list(range(runs // min(n, runs)))
        tuning = [p.first - FIRST_SEED + i for p in flat if p.problem == name and p.tuning for i in range(p.n)]
        assert tuning == list(range(len(tuning)))
        assert tuning
    sizes = [sum(p.n for p in task) for task in pieces(row, runs)]
    assert max(sizes) <= max(1, -(-runs // 10))
    assert {p.problem for p in flat} == set(row.problems[:runs])


def test_results_are_the_same_with_one_process_and_two():
    what = [(row, name, 20) for row, name, _ in cells(methods=["skip", "lbfgs"], rows=["teacher k=8"])]
    study = Study("scaling", (6, 0, 3))
    seen, told = [], []

    def note(thing, result):
        (told if isinstance(thing, Study) else seen).append((thing, result))

    one, found = run_suite(what, [study], n_jobs=1, callback=note)
    two, again = run_suite(what, [study], n_jobs=2)
    assert [(c.rate, c.expected, c.cutoff, c.best) for c in one] == [
        (c.rate, c.expected, c.cutoff, c.best) for c in two
    ]
    assert sorted(i for _, i in seen) == [0, 1]
    assert {c.method for c, _ in seen} == {c.method for c in one}
    assert told == [(study, found[0])]
    assert found == again
    skip = next(cell for cell in one if cell.method == "skip")
    assert skip.rate.rate == 1.0
    assert skip.low <= skip.expected <= skip.high
    assert skip.seconds > 0
    records = method("skip").solve_many(problem("teacher:k=8"), range(20), budget=5000)
    assert skip.median == np.median(records.cost_to_success)


def test_an_error_of_one_cell_does_not_end_the_suite(monkeypatch):
    row = Row("a", ("xor",), quick=5)
    monkeypatch.setattr(type(method("gd")), "run", lambda self, batch: 1 / 0)
    told = []
    found, _ = run_suite([(row, "gd", 5), (row, "lbfgs", 5)], n_jobs=1, callback=lambda cell, i: told.append(cell))
    assert found[0] == Failure("a", "gd", "ZeroDivisionError: division by zero")
    assert found[1].rate.runs == 5
    assert set(map(id, told)) == set(map(id, found))


def test_controls_show_that_both_parts_are_needed():
    rates = {control.name: control.rate.rate for control in skip_controls(k=12, runs=30)}
    assert rates["skip, then the chosen flips"] == 1.0
    whole = [name for name in rates if name.startswith("multi-start of the descent, for ten times")]
    assert len(whole) == 1
    assert all(rate < 0.8 for name, rate in rates.items() if name not in ("skip, then the chosen flips", *whole))


def test_traps_of_the_teacher_are_sign_errors():
    count, loss = anti_aligned(k=12, runs=40)
    one = loss[count == 1]
    assert len(one) > 3
    assert np.ptp(one) < 1e-3
    assert np.median(loss[count == 2]) > np.median(one) > 1e-3 > loss[count == 0].min()


@pytest.mark.parametrize("full", [False, True])
def test_runs_are_shared_evenly_among_the_problems_of_a_row(full):
    for row, _, runs in cells(full=full):
        assert runs < len(row.problems) or runs % len(row.problems) == 0
        assert runs >= 3
