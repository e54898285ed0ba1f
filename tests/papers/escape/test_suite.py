"""The runs of the table: the same whoever makes them, kept in a store, and told when they fail."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from homotopy.experiments import Store
from homotopy.methods import method
from homotopy.papers.escape.controls import anti_aligned, skip_controls
from homotopy.papers.escape.rows import Line, Row, schedule
from homotopy.papers.escape.studies import plan
from homotopy.papers.escape.suite import Failure, plain, run, write_csv
from homotopy.problems import problem


def lines(runs=20):
    return [Line(one.row, one.method, runs) for one in schedule(methods=["skip", "lbfgs"], rows=["teacher k=8"])]


def told(found):
    timed = ("seconds", "clock")
    return [{key: value for key, value in plain(one).items() if not key.startswith(timed)} for one in found]


def test_results_are_the_same_with_one_process_and_two():
    studies = [study for study in plan(full=False) if study.key == 6]
    one, failed, runs = run(lines(), studies, n_jobs=1)
    two, _, again = run(lines(), studies, n_jobs=2)
    assert told(one) == told(two)
    assert failed == []
    for a, b in zip(runs, again, strict=True):
        np.testing.assert_array_equal(a.table()["cost_to_success"], b.table()["cost_to_success"])
    skip = next(line for line in one if line.method == "skip")
    assert skip.rate.rate == 1.0
    assert skip.expected.low <= skip.expected.value <= skip.expected.high
    assert skip.tuning == 20
    assert skip.busy > 0
    records = method("skip").solve_many(problem("teacher:k=8"), range(20), budget=5000)
    assert skip.cost[1] == np.median(records.cost_to_success)


def test_a_store_gives_the_same_again_and_runs_only_what_is_missing(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        part = run(lines()[:1], store=store, n_jobs=1)[0]
        seen = []
        whole = run(lines(), store=store, n_jobs=1, progress=seen.append)[0]
        assert told(whole)[:1] == told(part)
        assert {progress.cell[1] for progress in seen} == {"lbfgs"}
        assert seen[-1].total == 80
        fewer = run(lines(5), store=store, n_jobs=1)[0]
        assert [one.rate.runs for one in fewer] == [5, 5]


def test_an_error_of_one_line_does_not_end_the_suite(monkeypatch):
    row = Row("a", "xor", quick=5)
    monkeypatch.setattr(type(method("gd")), "run", lambda self, batch: 1 / 0)
    found, failed, _ = run([Line(row, "gd", 5), Line(row, "lbfgs", 5)], n_jobs=1)
    assert failed == [Failure("a", "gd", "ZeroDivisionError: division by zero")]
    assert [(one.method, one.rate.runs) for one in found] == [("lbfgs", 5)]


def test_a_method_is_called_as_it_was_asked_for():
    row = Row("a", "xor", quick=3)
    found = run([Line(row, "greedy:refine=yes", 3), Line(row, "auto:restarts=1", 3)], n_jobs=1)[0]
    assert [one.method for one in found] == ["greedy:refine=yes", "auto:restarts=1"]


def test_with_fewer_runs_than_teachers_only_the_first_are_run():
    row = Row("a", "teacher:k=6", teachers=4)
    found, _, _ = run([Line(row, "skip", 8), Line(row, "lbfgs", 3)], n_jobs=1)
    assert [one.rate.runs for one in found] == [8, 3]
    costs = [
        method("lbfgs").solve_many(problem(name), [0], budget=5000).cost_to_success[0] for name in row.problems[:3]
    ]
    assert found[1].cost[1] == np.nanmedian(costs)


def test_text_of_commas_holds_the_lines():
    found = run(lines(6), n_jobs=1)[0]
    stream = io.StringIO()
    write_csv(found, stream)
    rows = list(csv.DictReader(stream.getvalue().splitlines()))
    assert [(row["row"], row["method"]) for row in rows] == [("teacher k=8", "skip"), ("teacher k=8", "lbfgs")]
    assert [float(row["expected"]) for row in rows] == [one.expected.value for one in found]
    assert [int(row["successes"]) for row in rows] == [one.rate.successes for one in found]
    assert json.loads(json.dumps(plain(found[0])))["rate"]["runs"] == 6


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
def test_studies_are_of_different_runs(full):
    studies = plan(full=full)
    assert len({(study.topic, study.key) for study in studies}) == len(studies)
    sizes = {study.key: len(study.grid.seeds) for study in studies if study.topic == "scaling"}
    if full:
        assert sizes[20] == 10_000
        assert sizes[500] == sizes[200] == 10
    assert min(sizes) == 6
