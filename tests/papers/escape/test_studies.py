"""The studies beside the table, in small forms."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.experiments import Grid, Store, Workers, run_grids
from homotopy.papers.escape import studies
from homotopy.papers.escape.studies import Study, found, pruned_width
from homotopy.problems import problem


@pytest.fixture
def quick(monkeypatch):
    """Leave out what is computed beside the runs."""
    monkeypatch.setattr(studies, "skip_controls", lambda k, runs: ())
    monkeypatch.setattr(studies, "anti_aligned", lambda k, runs: None)


def findings(*asked):
    runs = run_grids([study.grid for study in asked], Store(), workers=Workers("threads", 1))
    return found(asked, runs, full=False)


def study(topic, key, problems, methods, *, seeds, budget=5000):
    return Study(topic, key, Grid.of(problems, methods, seeds=seeds, budget=budget), methods)


def test_scaling_is_told_by_k(quick):
    got = findings(
        study("scaling", 8, "teacher:k=8", ["skip"], seeds=2), study("scaling", 6, "teacher:k=6", ["skip"], seeds=5)
    )
    assert list(got.scaling) == [6, 8]
    assert len(got.scaling[6]) == 5
    assert np.all(np.isfinite(got.scaling[6]))


def test_the_convex_start_of_the_hard_problem_does_not_help(quick):
    names, convex = ("auer:d=6,hard=yes", "auer:d=6"), ["graduated:along=convex-loss,stages=1"]
    got = findings(*(study("origin", name, name, convex, seeds=30) for name in names))
    hard, easy = (got.origin[name] for name in names)
    assert hard.convex == hard.near_zero == 0
    assert 0 < hard.start < 30
    assert easy.convex == easy.near_zero == easy.runs == 30


def test_noise_is_shared_by_all_methods(quick):
    problems = [f"ts:act=relu,teacher_seed={seed},noise=0.3" for seed in (600, 601)]
    methods = ("skip", "width", "lbfgs")
    got = findings(study("noise", 0.3, problems, methods, seeds=2, budget=500)).noise[0.3]
    assert len(got) == 2
    assert [list(teacher) for teacher in got] == [list(methods)] * 2
    assert all(len(values) == 2 and values.min() > 1e-3 for teacher in got for values in teacher.values())


def test_spirals_are_counted_point_by_point(quick):
    methods = ["greedy:refine=yes", "greedy"]
    got = findings(study("wrong", 20, "spirals:hidden=20", methods, seeds=1, budget=2000)).wrong
    assert list(got) == methods
    assert all(0 <= count <= 194 for counts in got.values() for count in counts)


def test_a_solution_is_pruned_as_far_as_it_still_separates():
    target = problem("spirals:hidden=30")
    grid = Grid.of("spirals:hidden=30", ["greedy"], seeds=1, budget=5000)
    (runs,) = run_grids([grid], Store(), workers=Workers("threads", 1))
    (_, x, _), (record,) = runs.payload(target.name, "greedy")[0], runs.records(target.name, "greedy")
    assert record["success"]
    assert pruned_width(target.name, x) == pruned_width(target.name, x.copy()) in range(15, 28)
