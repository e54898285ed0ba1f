"""Groups of problems, tuning seeds, and several grids at once: planned, run, kept and read back."""

from __future__ import annotations

import numpy as np
import pytest

from homotopy.errors import ArgumentError
from homotopy.experiments import Comparison, Grid, Group, Store, Workers, compare, run_grids
from homotopy.experiments.plan.grid import FIRST_SEED
from homotopy.experiments.statistics.paired import paired_tests
from homotopy.problems.base import Problem

ONE = Workers("threads", 1)


@pytest.fixture
def bowls(bowl):
    """Three bowls, the second of which is harder to be started in."""
    return [Problem(f"bowl{i}", bowl.objective, bowl.start, optimum=0.0, tolerance=10.0**-i) for i in (2, 3, 4)]


def test_a_group_holds_its_problems_and_others_stand_alone():
    grid = Grid.of(["xor", Group("sizes", "teacher:k=6/8")], "gd", seeds=3, tuning=2)
    assert grid.groups == {"xor:hidden=2": ("xor:hidden=2",), "sizes": ("teacher:k=6", "teacher:k=8")}
    assert [entry.name for entry in grid.problems] == ["xor:hidden=2", "teacher:k=6", "teacher:k=8"]
    assert grid.tuning == (FIRST_SEED, FIRST_SEED + 1)
    assert grid.n_runs == 3 * (3 + 2)


@pytest.mark.parametrize(
    ("subjects", "settings", "sentence"),
    [
        ([Group("a", "xor"), Group("a", "yun")], {}, "the group 'a' is there twice"),
        (Group("a", []), {}, "the group 'a' has no problems"),
        (["yun", Group("yun", "xor")], {}, "the group 'yun' is there twice"),
        ([Group("yun", "xor"), Group("b", "yun")], {}, "the group 'yun' has the name of a problem"),
        ("xor", {"tuning": -1}, "tuning must be an integer, at least 0 and at most 10000000, not -1"),
        ("xor", {"tuning": 2, "seeds": [FIRST_SEED + 1]}, "seeds must lie below 1,000,000,000"),
        (7, {}, "problems must be names"),
        ([7], {}, "problems must be names"),
        ([["xor"]], {}, "['xor'] is neither"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(subjects, settings, sentence):
    with pytest.raises(ArgumentError) as caught:
        Grid.of(subjects, "gd", **settings)
    assert sentence in str(caught.value)


def test_a_group_is_summarized_as_a_whole(bowls, pair):
    got = compare(Group("bowls", bowls), pair, seeds=20, budget=50, workers=ONE)
    assert list(got.groups) == ["bowls"]
    assert got.methods_on("bowls") == ("sure", "half")
    rows = got.records("bowls", "half")
    parts = np.concatenate([got.records(bowl.name, "half") for bowl in bowls])
    for field in rows.dtype.names:
        np.testing.assert_array_equal(rows[field], parts[field])
    summary = got.summaries("bowls")[1]
    assert (summary.rate.runs, summary.rate.successes) == (60, rows["success"].sum())
    assert len(got.payload("bowls", "half")) == 60
    assert len(got.table()) == 120
    assert "bowls  sure: 60 of 60" in str(got)
    with pytest.raises(ArgumentError, match="did not run on problem 'bowls'"):
        got.records("bowls", "none")


def test_pairs_of_a_group_have_problem_and_seed_in_common(bowls, pair):
    got = compare(Group("bowls", bowls), pair, seeds=20, budget=50, workers=ONE)
    test = got.paired("bowls")[0]
    assert (test.n, test.only_second) == (60, 0)
    each = [paired_tests(b.name, {m: got.records(b.name, m) for m in got.methods})[0] for b in bowls]
    for field in ("n", "only_first", "n_both"):
        assert getattr(test, field) == sum(getattr(one, field) for one in each)


def test_tuning_runs_choose_the_cutoff_and_are_not_shown(bowl, pair, tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        got = compare(bowl, pair, seeds=20, tuning=12, budget=50, store=store, workers=ONE)
        assert len(got.table()) == 40
        cell = got.cells["bowl", "half"]
        assert store.done(cell) == set(range(20)) | set(range(FIRST_SEED, FIRST_SEED + 12))
        summary = got.summaries("bowl")[1]
        assert (summary.tuning, summary.rate.runs) == (12, 20)
        early = store.records(cell)[20:]
        costs = set(early["cost_to_success"][early["success"]])
        assert summary.expected.cutoff in costs
        plain = compare(bowl, pair, seeds=20, budget=50, store=store, workers=ONE)
        assert plain.summaries("bowl")[1].tuning == 0


def test_a_store_tells_of_groups_and_tuning(bowls, pair, tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        got = compare(["yun", Group("two", bowls[:2])], pair, seeds=4, tuning=3, budget=50, store=store, workers=ONE)
        loaded = Comparison.load(store)
        assert loaded.groups == got.groups
        assert (loaded.seeds, loaded.tuning) == (got.seeds, got.tuning)
        assert [str(s) for s in loaded.summaries("two")] == [str(s) for s in got.summaries("two")]
        compare(Group("two", bowls), pair, seeds=4, tuning=3, budget=50, store=store, workers=ONE)
        assert Comparison.load(store).groups["two"] == tuple(bowl.name for bowl in bowls)


def test_grids_with_their_own_methods_seeds_and_budgets_run_at_once(bowl, walk, tmp_path):
    sure, half = walk("sure"), walk("half", luck=0.5)
    grids = [
        Grid.of(bowl, sure, seeds=6, budget=50),
        Grid.of(bowl, sure, seeds=3, budget=2),
        Grid.of(bowl, [sure, half], seeds=4, tuning=2, budget=50),
    ]
    seen = []
    with Store(tmp_path / "runs.sqlite") as store:
        long, short, both = run_grids(grids, store, workers=ONE, progress=seen.append)
        assert seen[-1].done == seen[-1].total == 8 + 3 + 6  # seeds 0 to 3 of the first and the last are the same runs
        assert long.table().success.all()
        assert not short.table().success.any()
        assert both.methods_on("bowl") == ("sure", "half")
        assert len(both.records("bowl", "sure")) == 4
        sure.calls.clear()
        run_grids(grids, store, workers=ONE)
        assert sure.calls == []


def test_a_failure_is_told_by_the_grid_that_it_is_in(bowl, broken, walk):
    grids = [Grid.of(bowl, broken, seeds=2, budget=5), Grid.of(bowl, walk("a"), seeds=2, budget=5)]
    one, two = run_grids(grids, Store(), workers=ONE)
    assert one.failures == (("bowl", "broken", "ArgumentError: no such thing"),)
    assert two.failures == ()
    assert one.cells == {}


def test_the_old_name_of_the_goal_is_told(bowl, walk):
    got = compare(bowl, walk("a"), seeds=1, budget=5, workers=ONE)
    with pytest.warns(DeprecationWarning, match=r"now called Comparison\.goal"):
        assert got.target("bowl") == got.goal("bowl")
