"""Lower bounds in a store: kept, merged, the best of the newest version; and a store of before there were any."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from homotopy.errors import DataError
from homotopy.experiments import Comparison, Store, Workers, compare
from homotopy.experiments.bounded import keep_bound, kept_bound
from homotopy.experiments.store.store import APPLICATION
from homotopy.experiments.store.stores import merge
from homotopy.problems import Bound, Problem, problem
from homotopy.report.bounds import bound_text
from homotopy.report.html import page

ONE = Workers("threads", 1)
ASKED = (["xor:hidden=1", "linear:d=2,n=9"], ["gd", "lbfgs"])


@pytest.fixture
def second(tmp_path):
    """A store of version 2 from before bounds were kept: gd and lbfgs on two problems, three seeds each."""
    path = tmp_path / "second.sqlite"
    db = sqlite3.connect(path)
    db.executescript(Path(__file__).with_name("version2.sql").read_text(encoding="utf-8"))
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute("PRAGMA user_version = 2")
    db.close()
    return path


def test_a_store_without_bounds_is_read_and_reported(second, monkeypatch):
    monkeypatch.setattr("homotopy.report.html.svg", lambda *_: "")
    before = second.read_bytes()
    with Store(second, readonly=True) as store:
        got = Comparison.load(store)
        assert [got.bound(name) for name in got.problems] == [None, None]
        summary = got.summaries("xor:hidden=1")[1]
        assert np.isnan(summary.gap)
        assert (summary.gap_tells, summary.below) == (False, 0)
        assert bound_text(got, "xor:hidden=1") == ""
        assert "Lower bound" not in page(got)
        assert got.records("linear:d=2,n=9", "lbfgs")["success"].all()
    assert second.read_bytes() == before


def test_it_is_gone_on_with_and_merged(second, tmp_path):
    with Store(second) as store:
        compare(*ASKED, seeds=4, budget=60, store=store, workers=ONE)
        loaded = Comparison.load(store)
        assert loaded.seeds == (0, 1, 2, 3)
        assert loaded.bound("xor:hidden=1").value == pytest.approx(1 / 3)
        assert loaded.summaries("xor:hidden=1")[1].gap < 1e-3
    assert merge([second], tmp_path / "new.sqlite") == 12 + 16
    with Store(tmp_path / "new.sqlite", readonly=True) as store:
        assert Comparison.load(store).bound("linear:d=2,n=9") == problem("linear:d=2,n=9").lower


def test_the_best_bound_of_the_newest_version_counts():
    store, mine = Store(), problem("sine:hidden=2")
    assert kept_bound(store, mine.name) is None
    keep_bound(store, mine.bounded(0.7, "of a version with a mistake"), "1")
    keep_bound(store, mine.bounded(0.25, "a proof", rounding=1e-9), "2")
    keep_bound(store, mine, "2")
    assert kept_bound(store, mine.name) == Bound(0.25, "a proof", 1e-9)
    assert kept_bound(store, "another") is None


def test_runs_below_a_wrong_bound_are_counted_and_told():
    right = problem("linear:d=2,n=9")
    wrong = Problem("wrong", right.objective, right.start, bound=Bound(0.5, "a mistake"))
    got = compare(wrong, ["lbfgs"], seeds=3, budget=100, workers=ONE)
    (summary,) = got.summaries("wrong")
    assert summary.below == 3
    assert summary.gap == pytest.approx(summary.value[1] - 0.5)
    assert "CONTRADICTION: 3 runs ended below it" in bound_text(got, "wrong")
    assert "3 CONTRADICT the lower bound" in str(got)


def test_other_data_of_the_same_name_are_refused_still():
    store = Store()
    compare("linear:d=2,n=9", ["lbfgs"], seeds=2, budget=50, store=store, workers=ONE)
    other = problem("linear:d=2,n=9,data_seed=1")
    renamed = Problem("linear:d=2,n=9", other.objective, other.start)
    with pytest.raises(DataError, match="are not those of the runs"):
        compare(renamed, ["lbfgs"], seeds=2, budget=50, store=store, workers=ONE)
    assert kept_bound(store, "linear:d=2,n=9") == problem("linear:d=2,n=9").lower
